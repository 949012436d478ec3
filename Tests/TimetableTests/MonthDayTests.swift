import Testing
import Timetable

/// A day of each month, or its last where it has no such day.
@Suite struct MonthDayTests {
    private func days(_ day: String, after text: String, count: Int) throws -> [String] {
        var source = TriggerSource(.monthDay, day)
        source.time = "09:00"
        let zone = try ZoneCatalog().zone("Europe/Berlin")
        let trigger = try source.trigger(in: zone, calendar: nil)
        var found: [String] = []
        var after = try Instant(parsing: text)
        while found.count < count, let next = trigger.next(after: after, in: zone) {
            found.append(String(next.localText.prefix(16)))
            after = next.instant
        }
        return found
    }

    @Test("the 31st, 30th and 29th are the last day of shorter months, the 28th itself")
    func clamped() throws {
        #expect(
            try days("31", after: "2027-12-31T00:00:00Z", count: 5) == [
                "2027-12-31T09:00", "2028-01-31T09:00", "2028-02-29T09:00", "2028-03-31T09:00",
                "2028-04-30T09:00",
            ])
        #expect(
            try days("30", after: "2026-01-31T00:00:00Z", count: 2) == [
                "2026-02-28T09:00", "2026-03-30T09:00",
            ])
        #expect(
            try days("-1", after: "2026-02-01T00:00:00Z", count: 2)
                == days("31", after: "2026-02-01T00:00:00Z", count: 2))
    }

    @Test("for every day of the month, the clamped day is the day or the month's last")
    func everyDay() throws {
        for day in 1...31 {
            for text in try days("\(day)", after: "2026-01-01T00:00:00Z", count: 60) {
                let date = try CivilDate(parsing: String(text.prefix(10)))
                let isLast = date.adding(days: 1).month != date.month
                #expect(date.day == day || (isLast && date.day < day), "\(day): \(text)")
            }
        }
    }

    @Test("what is no day or no time is refused with its field", arguments: ["0", "32", "-2", "x"])
    func refused(_ day: String) throws {
        let zone = try ZoneCatalog().zone("UTC")
        var source = TriggerSource(.monthDay, day)
        source.time = "09:00"
        #expect(throws: TimetableError.self) { try source.trigger(in: zone, calendar: nil) }
        source = TriggerSource(.monthDay, "3")
        #expect(throws: TimetableError.self) { try source.trigger(in: zone, calendar: nil) }
    }
}
