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
    @Test("What once went wrong comes out", arguments: [UInt64(23), 3795, 7158])
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
        let context = "seed \(seed): \(rule) from \(Instant(seconds: Int64(start))) in \(name)"
        let local = ISO8601.utc(Instant(seconds: Int64(start))).dropLast()
        let recurrence = try Recurrence.parse(rule: rule.description, start: String(local))
        let oracle = RecurrenceOracle(rule: rule, zone: zone, start: start)
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
        if rule.isElapsed {
            let begin = oracle.second(start)
            let last = begin + 20_000
            let expected = oracle.run(from: 0, through: last, after: begin - 1, limit: 30)
            compare(expected, 30, last, begin - 1, recurrence, zone, context)
            return
        }
        // Days at the edges are not compared: a zone may move an instant over one.
        let low = first == startDay ? start - 200_000 : (first + 366) * 86_400 + 200_000
        let last = (first + length - 366) * 86_400 - 200_000
        let expected = oracle.run(from: first, through: first + length, after: low, limit: 30)
        compare(expected, 30, last, low, recurrence, zone, context)
    }

    private func compare(
        _ expected: [Int], _ limit: Int, _ last: Int, _ after: Int, _ recurrence: Recurrence,
        _ zone: Zone, _ context: String
    ) {
        var current = Instant(seconds: Int64(after))
        for second in expected.prefix(limit) {
            guard second <= last else { return }
            let next = recurrence.next(after: current, in: zone)
            #expect(next?.instant.seconds == Int64(second), "\(context)")
            // One difference is enough; what follows from it would drown it.
            guard let next, next.instant.seconds == Int64(second) else { return }
            #expect(next.local == zone.local(at: next.instant), "\(context)")
            current = next.instant
        }
        if let second = expected.prefix(limit).last, second <= last {
            let before = recurrence.previous(
                atOrBefore: Instant(seconds: Int64(second)), in: zone)
            #expect(before?.instant.seconds == Int64(second), "\(context)")
        }
        if expected.count < limit, let next = recurrence.next(after: current, in: zone) {
            #expect(next.instant.seconds > Int64(last), "\(context)")
        }
    }
}
