import Testing
import Timetable

@Suite struct TemplateArithmeticTests {
    private func values(calendar: Bool = true) throws -> Template.Values {
        let zone = try Zones.named("America/New_York")
        // A Friday; Monday the 6th is a holiday of this calendar.
        let occurrence = Occurrence(at: try Instant(parsing: "2026-07-03T13:05:09Z"), in: zone)
        let holidays: Set = [try CivilDate(parsing: "2026-07-06")]
        return Template.Values(
            scheduled: occurrence, environment: "test",
            calendar: calendar
                ? BusinessCalendar(
                    name: "US", holidays: holidays,
                    validThrough: try CivilDate(parsing: "2026-12-31"))
                : nil)
    }

    @Test(
        "Dates are reckoned and formatted",
        arguments: [
            ("${scheduledDate + 1 business day}", "2026-07-07"),
            ("${scheduledDate - 2 business days}", "2026-07-01"),
            ("${scheduledDate+1day}", ""), ("${scheduledDate+1 day}", "2026-07-04"),
            ("${scheduledDate + 1 day + 0 business days}", "2026-07-07"),
            ("${scheduledDate + 1 day - 0 business days}", "2026-07-03"),
            ("${scheduledDate - 2 weeks}", "2026-06-19"),
            ("${month end + 2 months}", "2026-09-30"), ("${year start - 1 year}", "2025-01-01"),
            ("${next tuesday}", "2026-07-07"), ("${next Fri}", "2026-07-10"),
            ("${previous friday}", "2026-06-26"), ("${previous thursday}", "2026-07-02"),
            ("${month end}", "2026-07-31"), ("${month start}", "2026-07-01"),
            ("${next month start}", "2026-08-01"), ("${previous month end}", "2026-06-30"),
            ("${quarter end}", "2026-09-30"), ("${previous quarter start}", "2026-04-01"),
            ("${year end}", "2026-12-31"), ("${week start}", "2026-06-29"),
            ("${week end}", "2026-07-05"), ("${next business day}", "2026-07-07"),
            ("${previous business day}", "2026-07-02"),
            ("a${scheduledDate:yyyyMMdd}b", "a20260703b"),
            ("${month end - 1 day :d.M.yy}", "30.7.26"),
            ("${scheduledDate:EEE, dd MMM yyyy}", "Fri, 03 Jul 2026"),
            ("${scheduledDate:EEEE d MMMM, 'day' DDD 'o''clock'}", ""),
            ("${scheduledDateTime:yyyy-MM-dd'T'HH:mm:ssXXX}", "2026-07-03T09:05:09-04:00"),
            ("${scheduledDate} ${environment} $${x} $5", "2026-07-03 test ${x} $5"),
        ])
    func reckoned(text: String, expected: String) throws {
        if expected.isEmpty { return try refused(text) }
        let template = try Template.parse(text, allowsArithmetic: true)
        #expect(try template.rendered(try values()) == expected, "\(text)")
    }

    private func refused(_ text: String) throws {
        if text.contains("clock") {
            let template = try Template.parse(text, allowsArithmetic: true)
            #expect(
                try template.rendered(try values()) == "Friday 3 July, day 184 o'clock")
            return
        }
        let error = failure { () throws(TimetableError) in
            _ = try Template.parse(text, allowsArithmetic: true)
        }
        #expect(error?.code == .invalidTemplate, "\(text)")
    }

    @Test(
        "What is not understood is refused with its column when it is read",
        arguments: [
            ("${scheduleDate}", 3), ("x ${next foo}", 10), ("${scheduledDate * 2}", 17),
            ("${scheduledDate + 1}", 20), ("${scheduledDate + x days}", 19),
            ("${scheduledDate + 1 hour}", 21), ("${scheduledDate + 99999 days}", 19),
            ("${month}", 8), ("${month middle}", 9), ("${next business week}", 17),
            ("${scheduledDate:}", 17), ("${scheduledDate:yyyyQ}", 21),
            ("${scheduledDate:HH}", 17), ("${scheduledDate:'x}", 17), ("${}", 3), ("${", 1),
            ("${scheduledDateTime + 1 day}", 21), ("${next}", 7), ("${environment:x}", 3),
        ])
    func faults(text: String, column: Int) {
        let error = failure { () throws(TimetableError) in
            _ = try Template.parse(text, allowsArithmetic: true)
        }
        #expect(
            error?.code == .invalidTemplate && error?.column == column,
            "\(text): \(String(describing: error))")
    }

    @Test("Arithmetic is refused without its switch, and needs a calendar that knows the day")
    func limits() throws {
        let error = failure { () throws(TimetableError) in
            _ = try Template.parse("${month end}")
        }
        #expect(error?.code == .invalidTemplate && error?.column == 1)
        let template = try Template.parse("${next business day}", allowsArithmetic: true)
        #expect(template.needsCalendar && template.hasArithmetic)
        let plain = try Template.parse("${scheduledDate}", allowsArithmetic: true)
        #expect(!plain.needsCalendar && !plain.hasArithmetic)
        let without = try values(calendar: false)
        let missing = failure { () throws(TimetableError) in
            _ = try template.rendered(without)
        }
        #expect(missing?.code == .invalidTemplate)
        let beyond = try Template.parse(
            "${scheduledDate + 200 business days}", allowsArithmetic: true)
        let known = try values()
        let late = failure { () throws(TimetableError) in _ = try beyond.rendered(known) }
        #expect(late?.code == .invalidTemplate)
    }
}
