import Foundation
import Testing
import Timetable

@Suite struct RecurrencePropertyTests {
    static let zones = [
        "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca",
        "Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu", "UTC", "Africa/Cairo",
        "America/St_Johns",
    ]

    /// A number from the environment.
    static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap(UInt64.init)
    }

    @Test("A test of every day, or of every second, finds the same instants")
    func oracle() throws {
        let seed = Self.number("DAYBOOK_PROPERTY_SEED") ?? SeededGenerator.seed()
        let count = Self.number("DAYBOOK_PROPERTY_CASES") ?? 10_000
        print("recurrence rules: DAYBOOK_PROPERTY_SEED=\(seed), \(count) cases")
        for number in 0..<count {
            // Each case has a seed of its own, so that one can be run alone.
            try check(seed: seed &+ number)
        }
    }

    /// Seeds that once found a fault.
    @Test(
        "What once went wrong comes out",
        arguments: [
            UInt64(23), 3795, 7158, 1_005_742, 10_022_000, 10_074_704, 10_160_402, 10_201_765,
            10_865_639,
        ])
    func found(seed: UInt64) throws {
        try check(seed: seed)
    }

    private func check(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let name = Self.zones[Int.random(in: 0..<Self.zones.count, using: &random)]
        let zone = try Zones.named(name)
        var rule = RandomRule(using: &random)
        var start = Int.random(in: 0..<4_102_444_800, using: &random)
        // A third of the starts stand on a whole hour, and a third beside a clock change.
        switch Int.random(in: 0..<3, using: &random) {
        case 0: start -= start % 3600
        case 1:
            if let change = zone.nextTransition(after: Instant(seconds: Int64(start))) {
                start = Int(change.instant.seconds) + change.offsetBefore
                start += Int.random(in: -7200...7200, using: &random) / 60 * 60
            }
        default: break
        }
        if start < 0 { start = 0 }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: rule.count = Int.random(in: 1...30, using: &random)
        case 1: rule.until = start + Int.random(in: 0...200_000_000, using: &random)
        default: break
        }
        let startDay = start / 86_400
        var first = startDay
        // A rule without a count can be entered anywhere.
        if rule.count == nil, Bool.random(using: &random) {
            first += Int.random(in: 0...20_000, using: &random)
        }
        let length: Int =
            switch rule.frequency {
            case "YEARLY": 2600
            case "MONTHLY": 1000
            default: 400
            }
        if Bool.random(using: &random) {
            rule.onGap = GapRule.allCases.randomElement(using: &random)
            rule.onOverlap = OverlapRule.allCases.randomElement(using: &random)
        }
        let oracle = RecurrenceOracle(rule: rule, zone: zone, start: start)
        var low = oracle.begin - 1
        var last = low + 20_000
        var expected: [Int]
        if rule.isElapsed {
            expected = oracle.run(from: 0, through: last, after: low, limit: 30)
        } else {
            // Days at the edges are not compared: a zone may move an instant over one.
            low = first == startDay ? start - 200_000 : (first + 366) * 86_400 + 200_000
            last = (first + length - 366) * 86_400 - 200_000
            expected = oracle.run(from: first, through: first + length, after: low, limit: 30)
        }
        if expected.count >= 30 { last = min(last, expected[29]) }
        let dates = RandomDates(expected, after: low, through: last, zone, using: &random)
        expected = dates.applied(to: expected, oracle, after: low, through: last)
        let local = RandomDates.text(start)
        let recurrence = try Recurrence.parse(
            rule: rule.description, start: local, excluded: dates.excluded.map(\.text),
            additional: dates.additional.map(\.text), onGap: rule.onGap, onOverlap: rule.onOverlap)
        compare(
            expected, last, low, recurrence, zone,
            "seed \(seed): \(rule) from \(local) in \(name), \(dates), gap "
                + "\(rule.onGap?.rawValue ?? "-"), overlap \(rule.onOverlap?.rawValue ?? "-")")
    }

    private func compare(
        _ expected: [Int], _ last: Int, _ after: Int, _ recurrence: Recurrence, _ zone: Zone,
        _ context: String
    ) {
        var current = Instant(seconds: Int64(after))
        for (index, second) in expected.enumerated() {
            let next = recurrence.next(after: current, in: zone)
            #expect(next?.instant.seconds == Int64(second), "\(context)")
            // One difference is enough; what follows from it would drown it.
            guard let next, next.instant.seconds == Int64(second) else { return }
            #expect(next.local == zone.local(at: next.instant), "\(context)")
            if index < 8 {
                let before = recurrence.previous(
                    atOrBefore: Instant(microseconds: next.instant.microseconds - 1), in: zone)
                if index > 0 {
                    #expect(before?.instant == current, "\(context)")
                } else {
                    #expect(before.map { $0.instant <= current } ?? true, "\(context)")
                }
            }
            current = next.instant
        }
        if let next = recurrence.next(after: current, in: zone) {
            #expect(next.instant.seconds > Int64(last), "\(context)")
        }
    }
}
