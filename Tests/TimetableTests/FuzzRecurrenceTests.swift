import Foundation
import Testing
import Timetable

/// Rules and calendar files, changed at random.
///
/// By itself a fixed number of cases, the same each time. `DAYBOOK_FUZZ_SECONDS` makes each fuzzer
/// go on for so long; `DAYBOOK_FUZZ_SEED` begins elsewhere.
@Suite struct FuzzRecurrenceTests {
    /// One to four changes, which follow from the seed.
    private func changed(
        _ good: [UInt8], _ traps: [String], _ random: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = good
        for _ in 0...Int.random(in: 0...3, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...20, using: &random))
            switch Int.random(in: 0..<7, using: &random) {
            case 0 where place < bytes.count:
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 3 where place < bytes.count && (0x30...0x39).contains(bytes[place]):
                bytes[place] = UInt8.random(in: 0x30...0x39, using: &random)
            case 4:
                let other = Int.random(in: 0...bytes.count, using: &random)
                let moved = Array(bytes[place..<end])
                bytes.insert(contentsOf: moved, at: other)
            default:
                let trap = traps.randomElement(using: &random) ?? ""
                bytes.insert(contentsOf: Array(trap.utf8), at: place)
            }
        }
        return bytes
    }

    private static let rules = [
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=5",
        "FREQ=YEARLY;BYWEEKNO=20,-1;WKST=SU",
        "FREQ=SECONDLY;INTERVAL=86401;BYHOUR=0;BYMINUTE=0;BYSECOND=0",
        "FREQ=DAILY;UNTIL=20301231T000000Z",
        "FREQ=YEARLY;INTERVAL=3;BYDAY=-53MO,2TU;BYMONTH=2",
        "FREQ=HOURLY;BYMINUTE=0,30;BYMONTHDAY=-31",
        "RRULE:FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;BYMONTH=1",
        "FREQ=YEARLY;BYYEARDAY=-366,366;BYSETPOS=2",
    ]
    private static let ruleTraps = [
        ";", "=", ",", "-", "+", "0", "53", "366", "-1", "MO", "BYDAY=", "BYSETPOS=",
        "COUNT=1000000",
        "INTERVAL=1000000000", "99999999999999999999999", "ä", ";BYMONTH=2;BYMONTHDAY=30", "Z", " ",
        ";FREQ=SECONDLY", "BYEASTER=0",
    ]

    @Test("The parser of rules withstands what is forged, and searches of what it reads rise")
    func rules() throws {
        let zone = try Zones.named("Europe/Berlin")
        try fuzz("rules", cases: 20_000) { seed in
            var random = SeededGenerator(seed: seed)
            let good = Self.rules.randomElement(using: &random) ?? ""
            let bytes = changed(Array(good.utf8), Self.ruleTraps, &random)
            let text = String(decoding: bytes, as: UTF8.self)
            var rule: RecurrenceRule?
            let error = failure { () throws(TimetableError) in
                rule = try RecurrenceRule(parsing: text)
            }
            if let error {
                #expect(error.field != nil, "seed \(seed): \(text)")
                let limit = text.unicodeScalars.count + 1
                #expect((1...limit).contains(error.column ?? 0), "seed \(seed): \(text)")
                return false
            }
            // Counting through a great count is for its own test.
            guard let rule, rule.count ?? 0 < 1000 else { return true }
            let recurrence = Recurrence(
                start: try RecurrenceTime.parse("19970902T023000"), rules: [rule])
            var current = Instant(microseconds: .min)
            for _ in 0..<5 {
                guard let next = recurrence.next(after: current, in: zone) else { break }
                #expect(next.instant > current, "seed \(seed): \(text)")
                current = next.instant
            }
            for extreme in [Int64.min, .min + 1, .max - 1, .max] {
                _ = recurrence.next(after: Instant(microseconds: extreme), in: zone)
            }
            return true
        }
    }

    private static let fileTraps = [
        "\r\n", "\n", "\n ", "BEGIN:VEVENT\n", "END:VEVENT\n", "\nRRULE:FREQ=DAILY", "\u{0}", ":",
        ";",
        "\nRECURRENCE-ID;RANGE=THISANDFUTURE:20250106", "\nSTATUS:CANCELLED", "\nDURATION:-P1D",
        "\nRDATE;VALUE=PERIOD:20250101T000000Z/PT1H", "TZID=x", "\\", "\"", "99999999", "\u{FEFF}",
        "\nDTSTART;TZID=\"Europe/Berlin\":20250101T000000", "\nX-LIC-ERROR:x", "\nEXDATE:20250106",
    ]

    @Test("The reader of calendar files withstands what is forged, and names field and column")
    func files() throws {
        let zones = try Zones.catalog.get()
        let good = try ICSFixture.file("edge-cases.ics")
        let from = try CivilDate(parsing: "2025-01-01")
        let through = try CivilDate(parsing: "2025-12-31")
        try fuzz("calendar files", cases: 3000) { seed in
            var random = SeededGenerator(seed: seed)
            let bytes = changed(good, Self.fileTraps, &random)
            var days: [CivilDate: String]?
            let error = failure { () throws(TimetableError) in
                let calendar = try ICSCalendar.parse(bytes, zones: zones)
                days = try calendar.holidays(from: from, through: through)
            }
            if let error {
                #expect(error.field != nil && error.column != nil, "seed \(seed): \(error)")
                return false
            }
            #expect(days?.keys.allSatisfy { $0 >= from && $0 <= through } == true, "seed \(seed)")
            return true
        }
    }
}
