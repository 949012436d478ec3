import Testing
import Timetable

@Suite struct CronPropertyTests {
    static let zones = [
        "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca",
        "Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu", "UTC", "Antarctica/Casey",
        "Africa/Cairo",
    ]

    @Test("A walk over every minute finds the same instants")
    func oracle() throws {
        let seed =
            RecurrencePropertyTests.number("DAYBOOK_PROPERTY_SEED") ?? SeededGenerator.seed()
        let count = RecurrencePropertyTests.number("DAYBOOK_PROPERTY_CASES") ?? 10_000
        print("cron expressions: DAYBOOK_PROPERTY_SEED=\(seed), \(count) cases")
        var steps = 0
        var nevers = 0
        for number in 0..<count {
            // Each case has a seed of its own, so that one can be run alone.
            steps = max(steps, try check(seed: seed &+ number, nevers: &nevers))
        }
        print("cron expressions: at most \(steps) steps of a search, \(nevers) never occur")
    }

    /// Checks one case, and gives the steps of its longest search.
    private func check(seed: UInt64, nevers: inout Int) throws -> Int {
        var random = SeededGenerator(seed: seed)
        let end = 4_102_444_800  // 2100-01-01
        let name = Self.zones[Int.random(in: 0..<Self.zones.count, using: &random)]
        let zone = try Zones.named(name)
        let cron = RandomCron(using: &random)
        var after = Int.random(in: 0..<end, using: &random)
        // Half of the walks begin shortly before a clock change.
        if Bool.random(using: &random),
            let change = zone.nextTransition(after: Instant(seconds: Int64(after))),
            change.instant.seconds < end
        {
            after = Int(change.instant.seconds) - Int.random(in: 0..<172_800, using: &random)
        }
        let context = "seed \(seed): \(cron) in \(zone) after \(after)"
        let expression: CronExpression
        do {
            expression = try cron.parsed()
        } catch {
            #expect(error.code == .neverOccurs, "\(context): \(error)")
            nevers += 1
            if nevers <= 5 {
                #expect(!(0..<146_097).contains(where: cron.matches(day:)), "\(context)")
            }
            return 0
        }
        var oracle = CronOracle(cron)
        let last = after / 60 + 4 * 1440
        let expected = oracle.run(after: after, before: last, in: zone, limit: 150)
        compare(expected, expression, zone, after: after, last: last * 60, context)
        let steps = expression.searchStepCount(after: Instant(seconds: Int64(after)), in: zone)
        // Some ten nanoseconds each: far below a millisecond.
        #expect(steps <= 20_000, "\(context)")
        return steps
    }

    private func compare(
        _ expected: [Int], _ expression: CronExpression, _ zone: Zone, after: Int, last: Int,
        _ context: String
    ) {
        var walk = Trigger.cron(expression).occurrences(
            after: Instant(seconds: Int64(after)), in: zone)
        var current = Instant(seconds: Int64(after))
        for (index, second) in expected.enumerated() {
            let next = walk.next()
            // One difference is enough; what follows from it would drown it.
            guard let next, next.instant.seconds == Int64(second) else {
                #expect(next?.instant.seconds == Int64(second), "\(context)")
                return
            }
            if index < 20 {
                #expect(expression.next(after: current, in: zone) == next, "\(context)")
                #expect(next.local == zone.local(at: next.instant), "\(context)")
                let before = expression.previous(
                    atOrBefore: Instant(microseconds: next.instant.microseconds - 1), in: zone)
                if index > 0 { #expect(before?.instant == current, "\(context)") }
            }
            current = next.instant
        }
        if expected.count < 150, let next = walk.next() {
            #expect(next.instant.seconds >= Int64(last), "\(context)")
        }
    }

    @Test(
        "What a clock change always leaves out never occurs, and the search says so soon",
        arguments: ["*/5 2 * 3 SUN#2", "* 2 * 3 7#2", "*/7 2 * 3 sun#2"])
    func never(text: String) throws {
        let zone = try Zones.named("America/New_York")
        let expression = try CronExpression(parsing: text)
        let start = try Instant(parsing: "2027-01-01T00:00:00Z")
        #expect(expression.next(after: start, in: zone) == nil)
        #expect(expression.searchStepCount(after: start, in: zone) < 10_000)
        let kept = try CronExpression(parsing: text, onGap: .sameOffset)
        #expect(kept.next(after: start, in: zone)?.utcText == "2027-03-14T07:00:00Z")
    }

    @Test("Chains of instants always rise, from any start, until they end")
    func rising() throws {
        let seed = SeededGenerator.seed()
        var random = SeededGenerator(seed: seed)
        for number in 0..<300 {
            let zone = try Zones.named(Self.zones[number % Self.zones.count])
            let cron = RandomCron(using: &random)
            guard let expression = try? cron.parsed() else { continue }
            var current = Instant(microseconds: Int64.random(in: .min ... .max, using: &random))
            for _ in 0..<20 {
                guard let next = expression.next(after: current, in: zone) else { break }
                #expect(next.instant > current, "seed \(seed): \(cron) in \(zone)")
                current = next.instant
            }
            for extreme in [Int64.min, .min + 1, .max - 1, .max] {
                let instant = Instant(microseconds: extreme)
                _ = expression.next(after: instant, in: zone)
                _ = expression.previous(atOrBefore: instant, in: zone)
            }
        }
    }

    @Test("Random text is read or refused, and refused with field and column")
    func randomText() {
        let seed = SeededGenerator.seed()
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("0123456789*/-,#L@ \t ?WMONdailyä\u{0}".unicodeScalars)
        for _ in 0..<20_000 {
            let isWild = Bool.random(using: &random)
            let count = Int.random(in: 0...40, using: &random)
            let text: String
            if isWild {
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
                text = String(decoding: bytes, as: UTF8.self)
            } else {
                var scalars = String.UnicodeScalarView()
                for _ in 0..<count { scalars.append(alphabet.randomElement(using: &random) ?? "*") }
                text = String(scalars)
            }
            let error = failure { () throws(TimetableError) in
                _ = try CronExpression(parsing: text)
            }
            guard let error else { continue }
            let limit = text.unicodeScalars.count + 1
            #expect(error.field != nil, "seed \(seed): \(text)")
            #expect((1...limit).contains(error.column ?? 0), "seed \(seed): \(text)")
        }
    }
}
