import Testing
import Timetable

@Suite struct CivilTests {
    @Test("Every date from 1900 to 2200 follows the one before, and comes back from its number")
    func everyDate() throws {
        var date = try #require(CivilDate(year: 1900, month: 1, day: 1))
        #expect(date.daysSinceEpoch == -25_567 && date.weekday == .monday)
        var weekday = date.weekday.rawValue
        while date.year <= 2200 {
            #expect(CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date)
            #expect(date.weekday.rawValue == weekday)
            #expect(CivilDate(year: date.year, month: date.month, day: date.day) == date)
            let next = date.adding(days: 1)
            let isLast = date.day == date.lastDayOfMonth
            #expect(isLast ? next.day == 1 : next.day == date.day + 1)
            #expect(isLast ? next.month == date.month % 12 + 1 : next.month == date.month)
            #expect(date < next)
            weekday = (weekday + 1) % 7
            date = next
        }
        #expect(date.description == "2201-01-01")
    }

    @Test("Every date from 1900 to 2200 reads as it prints")
    func roundTrip() throws {
        for day in stride(from: -25_567, through: 84_370, by: 1) {
            let date = CivilDate(daysSinceEpoch: day)
            #expect(try CivilDate(parsing: date.description) == date)
        }
    }

    @Test("Dates that do not exist are not made")
    func missing() {
        #expect(CivilDate(year: 2100, month: 2, day: 29) == nil)
        #expect(CivilDate(year: 2000, month: 2, day: 29) != nil)
        #expect(CivilDate(year: 2026, month: 13, day: 1) == nil)
        #expect(CivilDate(year: 2026, month: 0, day: 1) == nil)
        #expect(CivilDate(year: 2026, month: 4, day: 31) == nil)
        #expect(CivilDate(year: .max, month: 4, day: 1) == nil)
        #expect(CivilTime(hour: 24, minute: 0) == nil)
        #expect(CivilTime(hour: 23, minute: 59, second: 60) == nil)
    }

    @Test("Any number of days is safe")
    func extremes() {
        for day in [Int.min, .max, -1_000_000_000_000, 0, -719_468] {
            let date = CivilDate(daysSinceEpoch: day)
            #expect((1...12).contains(date.month) && (1...31).contains(date.day))
            _ = date.description
            _ = date.adding(days: .max).adding(days: .min)
        }
        #expect(CivilDate(daysSinceEpoch: -719_528).description == "0000-01-01")
    }

    @Test("Instants read with Z and with offsets, and print in UTC")
    func instants() throws {
        #expect(try Instant(parsing: "1970-01-01T00:00:00Z") == .unixEpoch)
        let instant = try Instant(parsing: "2026-03-29T03:00:00+02:00")
        #expect(instant.description == "2026-03-29T01:00:00Z")
        #expect(instant.microseconds == 1_774_746_000_000_000)
        #expect(try Instant(parsing: "2026-03-29T01:00Z") == instant)
        #expect(try Instant(parsing: "2026-03-28T20:30:00-04:30") == instant)
        #expect(try Instant(parsing: "1969-12-31T23:59:59.5Z").microseconds == -500_000)
        #expect(
            try Instant(parsing: "1969-12-31T23:59:59.5Z").description
                == "1969-12-31T23:59:59.500000Z")
        #expect(try Zones.named("Europe/Berlin").string(instant) == "2026-03-29T03:00:00+02:00")
        #expect(Zone.utc.string(instant) == "2026-03-29T01:00:00+00:00")
        let monrovia = try Zones.named("Africa/Monrovia")
        #expect(monrovia.string(.unixEpoch) == "1969-12-31T23:15:30-00:44:30")
        #expect(try Instant(parsing: monrovia.string(.unixEpoch)) == .unixEpoch)
    }

    @Test("Any instant of 1900 to 2200 reads as it prints, in any zone")
    func instantRoundTrip() throws {
        let seed = SeededGenerator.seed()
        var random = SeededGenerator(seed: seed)
        for number in 0..<5000 {
            let range: ClosedRange<Int64> = -2_208_988_800_000_000...7_258_118_400_000_000
            let instant = Instant(microseconds: Int64.random(in: range, using: &random))
            let zone = try Zones.named(CronPropertyTests.zones[number % 10])
            let context = "seed \(seed): \(instant.microseconds) in \(zone)"
            #expect(try Instant(parsing: zone.string(instant)) == instant, "\(context)")
            #expect(try Instant(parsing: instant.description) == instant, "\(context)")
        }
    }

    @Test(
        "Text that is no date is refused with a column",
        arguments: [
            ("", 1), ("2026", 5), ("2026-2-29", 7), ("2026-02-29", 9), ("2026-03-29 03:00", 11),
            ("2026-03-29T", 12), ("2026-03-29T24:00:00Z", 12), ("2026-03-29T03:00:00+2", 22),
            ("2026-03-29T03:00:60Z", 12), ("2026-03-29T03:00:00ZZ", 21),
            ("2026-03-29T03:00:00.1234567Z", 27), ("٢٠٢٦-03-29", 1),
        ])
    func refused(text: String, column: Int) {
        let error = failure { () throws(TimetableError) in _ = try ISO8601.parse(text) }
        #expect(error?.code == .invalidDate)
        #expect(error?.column == column, "\(text): \(String(describing: error))")
    }

    @Test("A date is no instant, and an instant no date")
    func kinds() {
        #expect(
            failure { () throws(TimetableError) in _ = try Instant(parsing: "2026-03-29") }?.code
                == .invalidDate)
        #expect(
            failure { () throws(TimetableError) in
                _ = try CivilDate(parsing: "2026-03-29T00:00:00Z")
            }?.code == .invalidDate)
    }
}
