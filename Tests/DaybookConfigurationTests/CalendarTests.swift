import DaybookConfiguration
import Events
import Testing

/// Calendars from files of several kinds, and calendars made of others.
@Suite struct CalendarTests {
    private func file(_ events: String...) -> String {
        let body = events.map { "BEGIN:VEVENT\r\nUID:\($0)\r\n\($0)\r\nEND:VEVENT\r\n" }
        return "BEGIN:VCALENDAR\r\n" + body.joined() + "END:VCALENDAR\r\n"
    }

    private let labour = "SUMMARY:Labour Day\r\nDTSTART;VALUE=DATE:20270501"
    private let christmas =
        "SUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20251225\r\nRRULE:FREQ=YEARLY"

    @Test("An iCalendar file is a calendar, known through the year of its last single event")
    func ics() throws {
        let folder = try TemporaryFolder()
        try folder.write("schedules/calendars/de.ics", file(labour, christmas))
        let result = try folder.load()
        #expect(result.problems == [])
        #expect(
            result.set?.calendars.map(JSONText.of) == [
                #"{"name":"de","weekend":["SAT","SUN"],"holidays":["2025-12-25","2026-12-25","#
                    + #""2027-05-01","2027-12-25"],"validThrough":"2027-12-31","names":["#
                    + #"{"name":"2025-12-25","value":"Christmas"},"#
                    + #"{"name":"2026-12-25","value":"Christmas"},"#
                    + #"{"name":"2027-05-01","value":"Labour Day"},"#
                    + #"{"name":"2027-12-25","value":"Christmas"}]}"#
            ])
    }

    @Test("A series that ends says how far the file reaches, and what is cancelled does not")
    func reach() throws {
        let folder = try TemporaryFolder()
        let series = "DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;COUNT=4"
        let long = "DTSTART;VALUE=DATE:20291231\r\nDTEND;VALUE=DATE:20300103"
        let gone = "DTSTART;VALUE=DATE:20350101\r\nSTATUS:CANCELLED"
        let timed = "DTSTART:20360101T090000Z"
        try folder.write("schedules/calendars/a.ics", file(series, gone, timed))
        try folder.write("schedules/calendars/b.ics", file(long))
        let set = try #require(try folder.load().set)
        #expect(set.calendars.map(\.validThrough) == ["2029-12-31", "2030-12-31"])
        #expect(set.calendars[1].holidays == ["2029-12-31", "2030-01-01", "2030-01-02"])
    }

    @Test("A file whose events all recur without end needs a calendar beside it that says so")
    func endless() throws {
        let folder = try TemporaryFolder()
        try folder.write("schedules/calendars/de.ics", file(christmas))
        let alone = try folder.load()
        #expect(alone.places == ["schedules/calendars/de.ics:0: error: "])
        #expect(alone.problems[0].remedy.contains("JSON calendar"))
        try folder.write(
            "schedules/calendars/germany.json",
            #"{"ics":"de.ics","weekend":["SUN"],"validThrough":"2026-12-31","afterEnd":"open","#
                + #""holidays":[{"date":"2026-12-25","name":"Weihnachten"},"2026-12-26"]}"#)
        let both = try folder.load()
        #expect(both.problems == [])
        #expect(
            both.set?.calendars.map(JSONText.of) == [
                #"{"name":"germany","weekend":["SUN"],"holidays":["2025-12-25","2026-12-25","#
                    + #""2026-12-26"],"validThrough":"2026-12-31","names":["#
                    + #"{"name":"2025-12-25","value":"Christmas"},"#
                    + #"{"name":"2026-12-25","value":"Weihnachten"}],"afterEnd":"open"}"#
            ])
    }

    @Test("A calendar's iCalendar file stands beside it, and nowhere else")
    func outside() throws {
        let folder = try TemporaryFolder()
        try folder.write("schedules/calendars/a.ics", file(labour))
        try folder.write("outside.ics", file(labour))
        for name in ["../../outside.ics", "/etc/passwd", "b.ics", "a.json", ".ics", ""] {
            try folder.write(
                "schedules/calendars/a.json", "{\n \"name\":\"x\",\"ics\":\"\(name)\"}")
            let result = try folder.load()
            let errors = result.places.filter { $0.contains("error") }
            #expect(errors == ["schedules/calendars/a.json:2: error: ics"], "\(name)")
        }
        try folder.write("schedules/calendars/a.json", #"{"name":"x","ics":"A.ics"}"#)
        let first = try folder.load().problems.first { $0.severity == .error }
        #expect(first?.remedy == "did you mean a.ics?")
    }

    @Test("A fault in an iCalendar file names the event's property and its column")
    func broken() throws {
        let folder = try TemporaryFolder()
        try folder.write("schedules/calendars/a.ics", file("DTSTART;VALUE=DATE:20270231"))
        let result = try folder.load()
        #expect(result.places == ["schedules/calendars/a.ics:0: error: "])
        #expect(result.problems[0].message.contains("DTSTART at character"))
    }

    /// A folder with the calendars `us` and `uk`, and one more.
    private func made(_ text: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            "schedules/calendars/us.json",
            #"{"holidays":[{"date":"2027-07-05","name":"Independence Day"},"2027-12-27"],"#
                + #""validThrough":"2027-12-31"}"#)
        try folder.write(
            "schedules/calendars/uk.json",
            #"{"holidays":["2027-12-27","2027-12-28"],"validThrough":"2028-12-31","#
                + #""weekend":["SUN"]}"#)
        try folder.write("schedules/calendars/made.json", text)
        return folder
    }

    @Test(
        "A calendar is made of others: closed where any is, where all are, or without some",
        arguments: [
            (
                #"{"union":["us","uk"]}"#,
                #"{"name":"made","weekend":["SAT","SUN"],"holidays":["2027-07-05","2027-12-27","#
                    + #""2027-12-28"],"validThrough":"2027-12-31","#
                    + #""names":[{"name":"2027-07-05","value":"Independence Day"}]}"#
            ),
            (
                #"{"intersection":["us","uk"]}"#,
                #"{"name":"made","weekend":["SUN"],"holidays":["2027-12-27"],"#
                    + #""validThrough":"2027-12-31"}"#
            ),
            (
                #"{"holidays":["2027-12-27","2027-01-01"],"without":["uk"],"#
                    + #""validThrough":"2029-12-31"}"#,
                #"{"name":"made","weekend":["SAT","SUN"],"holidays":["2027-01-01"],"#
                    + #""validThrough":"2028-12-31"}"#
            ),
            (
                #"{"union":["us","uk"],"without":["uk"],"holidays":["2027-05-03"],"#
                    + #""weekend":["FRI"]}"#,
                #"{"name":"made","weekend":["FRI"],"holidays":["2027-05-03","2027-07-05"],"#
                    + #""validThrough":"2027-12-31","#
                    + #""names":[{"name":"2027-07-05","value":"Independence Day"}]}"#
            ),
        ])
    func combined(text: String, expected: String) throws {
        let result = try made(text).load()
        #expect(result.problems == [])
        #expect(result.set?.calendars.first.map(JSONText.of) == expected)
    }

    @Test("Cycles, unknown names and lists that are none are errors with line and remedy")
    func mistakes() throws {
        let cycle = try made("{\n\"union\":[\"us\",\n\"more\"]}")
        try cycle.write("schedules/calendars/more.yaml", "without: [made]\nholidays: []\n")
        let problems = try cycle.load().problems
        #expect(problems.count == 1)
        #expect(
            problems[0].message == "calendars are made of each other: made -> more -> made"
                && problems[0].file == "schedules/calendars/more.yaml" && problems[0].line == 1)
        let unknown = try made("{\"union\":[\"us\",\n\"ku\"]}").load().problems
        #expect(
            unknown.map(\.description) == [
                "schedules/calendars/made.json:2:1: error: union[1]: there is no calendar 'ku'; "
                    + "did you mean uk?"
            ])
        let itself = try made(#"{"without":["made"]}"#).load().errors
        #expect(itself == ["calendars are made of each other: made -> made"])
        #expect(try made(#"{"union":[]}"#).load().places.count == 1)
        #expect(
            try made(#"{"union":["us"],"intersection":["uk"]}"#).load().errors
                == ["union and intersection stand together"])
        #expect(
            try made(#"{"afterEnd":"opne","validThrough":"2027-12-31"}"#).load().problems.first?
                .remedy == "did you mean open?")
        let late = try made(#"{"union":["us"],"validThrough":"2029-12-31"}"#).load()
        #expect(late.places == ["schedules/calendars/made.json:1: warning: validThrough"])
        #expect(late.set?.calendars.first?.validThrough == "2027-12-31")
    }

    @Test("One calendar is read by itself, with those beside it that it is made of")
    func alone() throws {
        let folder = try made(#"{"union":["us","uk"]}"#)
        let path = folder.path + "/schedules/calendars"
        let (calendar, problems) = loadCalendar(
            file: path + "/made.json", zones: try zones.get())
        #expect(calendar?.holidays.count == 3 && problems == [])
        let none = loadCalendar(file: path + "/none.json", zones: try zones.get())
        #expect(none.calendar == nil && none.problems.count == 1)
    }
}
