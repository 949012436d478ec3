import Testing
import Timetable

@Suite struct TemplateTests {
    private func values() throws -> Template.Values {
        let zone = try Zones.named("America/New_York")
        let occurrence = Occurrence(at: try Instant(parsing: "2026-03-08T07:00:00Z"), in: zone)
        return Template.Values(scheduled: occurrence, environment: "production")
    }

    @Test(
        "Tokens are replaced, and everything else stays",
        arguments: [
            ("", ""), ("plain", "plain"), ("${scheduledDate}", "2026-03-08"),
            ("a ${scheduledDateTime} b", "a 2026-03-08T03:00:00-04:00 b"),
            ("${environment}/${scheduledDate}.txt", "production/2026-03-08.txt"),
            ("$${scheduledDate}", "${scheduledDate}"), ("5$ {x} $", "5$ {x} $"),
            ("$$${environment}", "$${environment}"), ("ä${environment}ö", "äproductionö"),
        ])
    func render(text: String, expected: String) throws {
        #expect(try Template.parse(text).rendered(try values()) == expected)
    }

    @Test("The business date may differ from the local date, and values are not parsed again")
    func rolled() throws {
        var values = try values()
        values.scheduledDate = try CivilDate(parsing: "2026-03-06")
        values.environment = "${scheduledDate}"
        let template = try Template.parse("${scheduledDate} ${environment}")
        #expect(try template.rendered(values) == "2026-03-06 ${scheduledDate}")
        #expect(template.tokens == [.scheduledDate, .environment])
    }

    @Test(
        "Unknown and unclosed tokens are refused with token and column",
        arguments: [
            ("x ${unknown}", "${unknown}", 3), ("${scheduledDate", "${scheduledDate", 1),
            ("${}", "${}", 1), ("${ScheduledDate}", "${ScheduledDate}", 1),
            ("ä ${scheduledDate + 1}", "${scheduledDate + 1}", 3), ("${a${b}", "${a${b}", 1),
        ])
    func refused(text: String, token: String, column: Int) {
        let error = failure { () throws(TimetableError) in _ = try Template.parse(text) }
        #expect(error?.code == .invalidTemplate)
        #expect(error?.column == column)
        #expect(error?.message.contains(token) == true, "\(String(describing: error))")
    }
}

@Suite struct BusinessCalendarTests {
    @Test("Weekends, holidays and the calendar's end are told apart")
    func answers() throws {
        let christmas = try CivilDate(parsing: "2026-12-25")
        let end = try CivilDate(parsing: "2026-12-31")
        let calendar = BusinessCalendar(
            name: "us", holidays: [christmas: "Christmas"], validThrough: end)
        func answer(_ text: String) throws -> BusinessDayAnswer {
            calendar.isBusinessDay(try CivilDate(parsing: text))
        }
        #expect(try answer("2026-12-24") == .yes)
        #expect(try answer("2026-12-25") == .no(reason: "holiday (Christmas)"))
        #expect(try answer("2026-12-26") == .no(reason: "weekend (Saturday)"))
        #expect(try answer("2026-12-31") == .yes)
        #expect(try answer("2027-01-01") == .unknown(validThrough: end))
        #expect(try answer("2027-01-02") == .unknown(validThrough: end))
    }

    @Test("Weekends differ from calendar to calendar, and a calendar may have no end")
    func otherWeekend() throws {
        let calendar = BusinessCalendar(
            name: "ae", weekend: [.friday], holidays: [try CivilDate(parsing: "2026-12-02")],
            validThrough: nil)
        #expect(
            calendar.isBusinessDay(try CivilDate(parsing: "2026-11-27"))
                == .no(reason: "weekend (Friday)"))
        #expect(calendar.isBusinessDay(try CivilDate(parsing: "2026-11-28")) == .yes)
        #expect(
            calendar.isBusinessDay(try CivilDate(parsing: "2026-12-02")) == .no(reason: "holiday"))
        #expect(calendar.isBusinessDay(try CivilDate(parsing: "9999-12-29")) == .yes)
    }
}
