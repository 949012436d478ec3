import Foundation
import Testing
import Timetable

/// Calendar files of a few lines.
enum ICSFixture {
    static func file(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: Fixture.folder.appending(path: "ics/\(name)")))
    }

    static func parse(_ bytes: [UInt8]) throws -> ICSCalendar {
        try ICSCalendar.parse(bytes, zones: try Zones.catalog.get())
    }

    /// A calendar of the given lines, each event in its frame.
    static func text(_ events: [String], zones: String = "", end: String = "\r\n") -> [UInt8] {
        var lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
        lines += zones.split(separator: "\n").map(String.init)
        for event in events {
            lines.append("BEGIN:VEVENT")
            lines += event.split(separator: "\n").map(String.init)
            lines.append("END:VEVENT")
        }
        lines.append("END:VCALENDAR")
        return Array(lines.map { $0 + end }.joined().utf8)
    }

    static func holidays(
        _ events: [String], from: String = "2025-01-01", through: String = "2026-12-31"
    ) throws -> [String] {
        let days = try parse(text(events)).holidays(
            from: try CivilDate(parsing: from), through: try CivilDate(parsing: through))
        return days.keys.sorted().map(\.description)
    }
}

@Suite struct ICSTests {
    struct Expected: Decodable {
        struct Event: Decodable {
            var uid: String
            var start: String
            var end: String
            var all_day: Bool
            var summary: String
        }

        var from: String
        var through: String
        var all_day_dates: [String]
        var events: [Event]
    }

    @Test("The edge cases come out, day by day and event by event")
    func edgeCases() throws {
        let data = try ICSFixture.file("edge-cases.expected.json")
        let expected = try JSONDecoder().decode(Expected.self, from: Data(data))
        let calendar = try ICSFixture.parse(try ICSFixture.file("edge-cases.ics"))
        let from = try CivilDate(parsing: expected.from)
        let through = try CivilDate(parsing: expected.through)
        let days = try calendar.holidays(from: from, through: through)
        #expect(days.keys.sorted().map(\.description) == expected.all_day_dates)
        let events = try calendar.events(from: from, through: through)
        let zone = try Zones.named("Europe/Berlin")
        #expect(calendar.zone == zone)
        let found = events.map { event in
            event.isAllDay
                ? "\(event.uid) \(event.startDate) \(event.endDate) \(event.summary)"
                : "\(event.uid) \(zone.string(event.start)) \(zone.string(event.end)) "
                    + event.summary
        }
        let wanted = expected.events.map { "\($0.uid) \($0.start) \($0.end) \($0.summary)" }
        #expect(found.sorted() == wanted.sorted())
    }

    struct Federal: Decodable {
        struct Day: Decodable {
            var date: String
            var name: String
        }

        struct Month: Decodable {
            var month: String
            var business_days: Int
            var first: String
            var third: String
            var last: String
            var second_to_last: String
        }

        struct Roll: Decodable {
            var holiday: String
            var following: String
            var preceding: String
            var modified_following: String
            var modified_preceding: String
        }

        var from: String
        var through: String
        var count: Int
        var dates: [Day]
        var months: [Month]
        var roll: [Roll]
    }

    @Test("The holidays of a country, their names, business days of every month, and every roll")
    func federal() throws {
        let data = try ICSFixture.file("us-federal-holidays.expected.json")
        let expected = try JSONDecoder().decode(Federal.self, from: Data(data))
        let calendar = try ICSFixture.parse(try ICSFixture.file("us-federal-holidays.ics"))
        let from = try CivilDate(parsing: expected.from)
        let through = try CivilDate(parsing: expected.through)
        let business = try calendar.businessCalendar()
        #expect(business.validThrough == through && business.holidays.keys.min() ?? from >= from)
        #expect(business.name == "US federal holidays (observed)")
        #expect(business.holidays.count == expected.count)
        for day in expected.dates {
            #expect(business.holidays[try CivilDate(parsing: day.date)] == day.name)
        }
        #expect(expected.months.count == 84)
        for month in expected.months {
            let first = try CivilDate(parsing: month.month + "-01")
            let last = first.adding(days: first.lastDayOfMonth - 1)
            #expect(
                business.businessDayCount(from: first, through: last) == month.business_days)
            func day(_ number: Int) -> String? {
                business.businessDay(number, ofMonth: first.month, year: first.year)?.description
            }
            #expect(day(1) == month.first && day(3) == month.third, "\(month.month)")
            #expect(day(-1) == month.last && day(-2) == month.second_to_last, "\(month.month)")
            #expect(day(month.business_days) == month.last && day(month.business_days + 1) == nil)
        }
        #expect(expected.roll.count == expected.count)
        for roll in expected.roll {
            let date = try CivilDate(parsing: roll.holiday)
            let found = RollConvention.allCases.map {
                business.rolled(date, by: $0)?.description
            }
            #expect(
                found == [
                    roll.following, roll.preceding, roll.modified_following,
                    roll.modified_preceding,
                ], "\(roll.holiday)")
        }
    }

    @Test("Ends of lines, folds and a byte order mark make no difference")
    func forms() throws {
        let event = "UID:a\nDTSTART;VALUE=DATE:20250501\nSUMMARY:Tag der Arbeit"
        let from = try CivilDate(parsing: "2025-01-01")
        let through = try CivilDate(parsing: "2025-12-31")
        let folded = "UID:a\nDTSTART;VAL\n UE=DATE:2025\n\t0501\nSUMMARY:Tag der Ar\n beit"
        let forms: [[UInt8]] = [
            ICSFixture.text([event]), ICSFixture.text([event], end: "\n"),
            ICSFixture.text([event], end: "\r"), ICSFixture.text([folded]),
            [0xEF, 0xBB, 0xBF] + ICSFixture.text([event]), ICSFixture.text([event]) + [0x0D, 0x0A],
            ICSFixture.text([event]) + ICSFixture.text(["UID:b\nDTSTART:20250101T000000Z"]),
        ]
        for bytes in forms {
            let days = try ICSFixture.parse(bytes).holidays(from: from, through: through)
            #expect(days == [try CivilDate(parsing: "2025-05-01"): "Tag der Arbeit"])
        }
    }

    @Test(
        "Durations, ends, cancellations, and times that are no holidays",
        arguments: [
            ("DTSTART;VALUE=DATE:20250501\nDURATION:P2D", "2025-05-01 2025-05-02"),
            ("DTSTART;VALUE=DATE:20250501\nDURATION:PT36H", "2025-05-01 2025-05-02"),
            ("DTSTART;VALUE=DATE:20251230\nDURATION:P1W", "2025-12-30 2025-12-31"),
            ("DTSTART;VALUE=DATE:20250501\nDTEND;VALUE=DATE:20250501", "2025-05-01"),
            ("DTSTART;VALUE=DATE:20241230\nDTEND;VALUE=DATE:20250102", "2025-01-01"),
            ("DTSTART;VALUE=DATE:20250501\nSTATUS:CANCELLED", ""),
            ("DTSTART;VALUE=DATE:20250501\nTRANSP:TRANSPARENT", "2025-05-01"),
            ("DTSTART:20250501T000000\nDTEND:20250502T000000", ""),
            (
                "DTSTART;TZID=Europe/Berlin:20250501T000000\n"
                    + "DTEND;TZID=Europe/Berlin:20250503T000000\n"
                    + "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
                "2025-05-01 2025-05-02"
            ),
            (
                "DTSTART;VALUE=DATE:20250601\nRDATE;VALUE=DATE:20250603,20250605",
                "2025-06-01 2025-06-03 2025-06-05"
            ),
            (
                "DTSTART;VALUE=DATE:20250106\nRRULE:FREQ=WEEKLY;COUNT=3\n"
                    + "EXDATE;VALUE=DATE:20250113",
                "2025-01-06 2025-01-20"
            ),
            (
                "DTSTART;VALUE=DATE:20250107\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3",
                "2025-01-07 2025-01-13 2025-01-20 2025-01-27"
            ),
            (
                "DTSTART;VALUE=DATE:20250101\nRRULE:FREQ=DAILY;UNTIL=20250103",
                "2025-01-01 2025-01-02 2025-01-03"
            ),
            (
                "DTSTART;VALUE=DATE:20250101\nRRULE:FREQ=DAILY;UNTIL=20250103T000000Z",
                "2025-01-01 2025-01-02 2025-01-03"
            ),
            ("DTSTART;VALUE=DATE:20000229\nRRULE:FREQ=YEARLY", ""),
            ("DTSTART;VALUE=DATE:19000101\nRRULE:FREQ=DAILY;INTERVAL=70000\nDURATION:P1D", ""),
        ])
    func events(event: String, days: String) throws {
        let found = try ICSFixture.holidays(
            ["UID:a\n" + event], from: "2025-01-01", through: "2025-12-31")
        #expect(found.joined(separator: " ") == days)
    }

    private static let weekly =
        "UID:w\nDTSTART;VALUE=DATE:20250106\nRRULE:FREQ=WEEKLY;COUNT=5\nSUMMARY:old"

    @Test(
        "Instances are moved, taken away, and changed from one on",
        arguments: [
            (
                "RECURRENCE-ID;VALUE=DATE:20250113\nDTSTART;VALUE=DATE:20250114",
                "2025-01-06 2025-01-14 2025-01-20 2025-01-27 2025-02-03"
            ),
            (
                "RECURRENCE-ID;VALUE=DATE:20250113\nDTSTART;VALUE=DATE:20250113\nSTATUS:CANCELLED",
                "2025-01-06 2025-01-20 2025-01-27 2025-02-03"
            ),
            (
                "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20250120\n"
                    + "DTSTART;VALUE=DATE:20250122\nDURATION:P2D",
                "2025-01-06 2025-01-13 2025-01-22 2025-01-23 2025-01-29 2025-01-30 2025-02-05 "
                    + "2025-02-06"
            ),
            (
                "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20250120\n"
                    + "DTSTART;VALUE=DATE:20250120\nSTATUS:CANCELLED",
                "2025-01-06 2025-01-13"
            ),
            // One that is in no rule is an event of its own.
            (
                "RECURRENCE-ID;VALUE=DATE:20250303\nDTSTART;VALUE=DATE:20250304",
                "2025-01-06 2025-01-13 2025-01-20 2025-01-27 2025-02-03 2025-03-04"
            ),
        ])
    func overrides(override: String, days: String) throws {
        let found = try ICSFixture.holidays([Self.weekly, "UID:w\n" + override])
        #expect(found.joined(separator: " ") == days)
        // The order of events in a file means nothing.
        let turned = try ICSFixture.holidays(["UID:w\n" + override, Self.weekly])
        #expect(turned == found)
    }

    @Test("The newest of several versions counts, and a cancelled series is gone whole")
    func versions() throws {
        let new = "UID:w\nSEQUENCE:2\nDTSTART;VALUE=DATE:20250107"
        #expect(try ICSFixture.holidays([new, Self.weekly]) == ["2025-01-07"])
        let gone = "UID:w\nSEQUENCE:2\nDTSTART;VALUE=DATE:20250106\nSTATUS:CANCELLED"
        #expect(try ICSFixture.holidays([Self.weekly, gone]).isEmpty)
        let moved = "UID:w\nRECURRENCE-ID;VALUE=DATE:20250113\nDTSTART;VALUE=DATE:2025011"
        let found = try ICSFixture.holidays([
            Self.weekly, moved + "5\nSEQUENCE:3", moved + "6\nSEQUENCE:2",
        ])
        #expect(found.contains("2025-01-15") && !found.contains("2025-01-16"))
        // Some programs give all events one identifier.
        let two = ["UID:\nDTSTART;VALUE=DATE:20250101", "UID:\nDTSTART;VALUE=DATE:20250102"]
        #expect(try ICSFixture.holidays(two) == ["2025-01-01", "2025-01-02"])
    }

    @Test("Times in zones: our own, named by the file, and described by it")
    func zones() throws {
        let day = try CivilDate(parsing: "2025-07-01")
        func starts(_ tzid: String, _ definition: String) throws -> [String] {
            let event =
                "UID:a\nDTSTART;TZID=\(tzid):20250701T090000\nDTEND;TZID=\(tzid):20250701T100000"
            let bytes = ICSFixture.text([event], zones: definition)
            return try ICSFixture.parse(bytes).events(from: day, through: day)
                .map { "\(ISO8601.utc($0.start)) \(ISO8601.utc($0.end))" }
        }
        let berlin = ["2025-07-01T07:00:00Z 2025-07-01T08:00:00Z"]
        #expect(try starts("Europe/Berlin", "") == berlin)
        #expect(try starts("/vendor.example/2025/Europe/Berlin", "") == berlin)
        let located = """
            BEGIN:VTIMEZONE
            TZID:Our office
            X-LIC-LOCATION:Europe/Berlin
            BEGIN:STANDARD
            DTSTART:19700101T000000
            TZOFFSETFROM:+0000
            TZOFFSETTO:+0000
            END:STANDARD
            END:VTIMEZONE
            """
        #expect(try starts("Our office", located) == berlin)
        let described = """
            BEGIN:VTIMEZONE
            TZID:W. Europe Standard Time
            BEGIN:STANDARD
            DTSTART:16010101T030000
            TZOFFSETFROM:+0200
            TZOFFSETTO:+0100
            RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
            END:STANDARD
            BEGIN:DAYLIGHT
            DTSTART:16010101T020000
            TZOFFSETFROM:+0100
            TZOFFSETTO:+0200
            RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
            END:DAYLIGHT
            END:VTIMEZONE
            """
        #expect(try starts("W. Europe Standard Time", described) == berlin)
        #expect(try starts("\"W. Europe Standard Time\"", described) == berlin)
        #expect(throws: TimetableError(.unknownZone, "")) { try starts("Nowhere", "") }
        // What the whole file is in matters to times alone.
        let odd = "X-WR-TIMEZONE:(GMT+01:00) Somewhere"
        let allDay = ICSFixture.text(["UID:a\nDTSTART;VALUE=DATE:20250701"], zones: odd)
        #expect(try ICSFixture.parse(allDay).holidays(from: day, through: day).count == 1)
        #expect(throws: TimetableError(.unknownZone, "")) {
            try ICSFixture.parse(
                ICSFixture.text(["UID:a\nDTSTART:20250701T090000"], zones: odd))
        }
    }

    @Test("Timed series keep their wall clock, periods their length, and moves their instance")
    func timed() throws {
        let bytes = ICSFixture.text([
            "UID:a\nDTSTART;TZID=Europe/Berlin:20250328T233000\nDURATION:PT1H\n"
                + "RRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20250329\n"
                + "RDATE;VALUE=PERIOD:20250401T060000Z/PT3H,20250402T060000Z/20250402T100000Z",
            "UID:a\nRECURRENCE-ID:20250330T213000Z\n"
                + "DTSTART;TZID=America/New_York:20250330T120000",
        ])
        let events = try ICSFixture.parse(bytes).events(
            from: try CivilDate(parsing: "2025-03-01"),
            through: try CivilDate(parsing: "2025-04-30"))
        #expect(
            events.map { "\(ISO8601.utc($0.start)) \(ISO8601.utc($0.end))" } == [
                "2025-03-28T22:30:00Z 2025-03-28T23:30:00Z",
                "2025-03-30T16:00:00Z 2025-03-30T16:00:00Z",
                "2025-04-01T06:00:00Z 2025-04-01T09:00:00Z",
                "2025-04-02T06:00:00Z 2025-04-02T10:00:00Z",
            ])
    }

    @Test(
        "What cannot be read is refused, with its property",
        arguments: [
            ("UID:a", "DTSTART"), ("UID:a\nDTSTART;VALUE=DATE:2025ab01", "DTSTART"),
            ("UID:a\nDTSTART;VALUE=DATE:20250230", "DTSTART"),
            ("UID:a\nDTSTART;VALUE=DATE:20250102\nDTEND;VALUE=DATE:20250101", "DTEND"),
            ("UID:a\nDTSTART;VALUE=DATE:20250102\nDURATION:-P1D", "DURATION"),
            ("UID:a\nDTSTART;VALUE=DATE:20250102\nDURATION:two", "DURATION"),
            ("UID:a\nDTSTART;VALUE=DATE:20250102\nRRULE:FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
            ("UID:a\nDTSTART;VALUE=DATE:20250102\nEXDATE;VALUE=DATE:2025013", "EXDATE"),
            ("UID:a\nDTSTART;TZID=Nowhere:20250102T000000", "TZID"),
            ("UID:a\nDTSTART;VALUE=DATE:20250102\nEXRULE:FREQ=DAILY", "EXRULE"),
            ("UID:a\nDTSTART;VALUE=DATE:20250102\na line that is none", "VEVENT"),
        ])
    func refused(event: String, field: String) throws {
        let zones = try Zones.catalog.get()
        let error = failure { () throws(TimetableError) in
            _ = try ICSCalendar.parse(ICSFixture.text([event]), zones: zones)
        }
        #expect(error?.field == field, "\(String(describing: error))")
        #expect(error?.column != nil && error?.message.contains("event 1") == true)
    }

    @Test("A file that is cut off, empty, binary or nested deep is refused")
    func frames() throws {
        let zones = try Zones.catalog.get()
        let whole = ICSFixture.text(["UID:a\nDTSTART;VALUE=DATE:20250501"])
        var deep = Array("BEGIN:VCALENDAR\n".utf8)
        for _ in 0..<10_000 { deep += Array("BEGIN:VEVENT\n".utf8) }
        let bad: [[UInt8]] = [
            [], Array("hello".utf8), Array(whole.dropLast(20)), [0xFF, 0xFE] + whole,
            Array(whole.prefix(20)) + [0] + whole, deep, deep + whole,
        ]
        for bytes in bad {
            let error = failure { () throws(TimetableError) in
                _ = try ICSCalendar.parse(bytes, zones: zones)
            }
            #expect(error?.code == .invalidCalendar)
            #expect(error?.field == "VCALENDAR")
        }
        // A series of every second is refused when it is asked for.
        let busy = try ICSFixture.parse(
            ICSFixture.text(["UID:a\nDTSTART:20250101T000000Z\nRRULE:FREQ=SECONDLY"]))
        #expect(throws: TimetableError(.invalidCalendar, "")) {
            try busy.events(
                from: try CivilDate(parsing: "2025-01-01"),
                through: try CivilDate(parsing: "2026-12-31"))
        }
    }
}
