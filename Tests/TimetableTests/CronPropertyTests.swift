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
        let seed = SeededGenerator.seed()
        var random = SeededGenerator(seed: seed)
        let start = 0
        let end = 4_102_444_800  // 2100-01-01
        var nevers = 0
        for number in 0..<SeededGenerator.cases(2000) {
            let zone = try Zones.named(Self.zones[number % Self.zones.count])
            let cron = RandomCron(using: &random)
            var after = Int.random(in: start..<end, using: &random)
            // Half of the walks begin shortly before a clock change.
            if Bool.random(using: &random),
                let change = zone.nextTransition(after: Instant(seconds: Int64(after))),
                change.instant.seconds < end
            {
                after = Int(change.instant.seconds) - Int.random(in: 0..<172_800, using: &random)
            }
            let context = "seed \(seed), case \(number): \(cron) in \(zone) after \(after)"
            let expression: CronExpression
            do {
                expression = try CronExpression(parsing: cron.description)
            } catch {
                #expect(error.code == .neverOccurs, "\(context): \(error)")
                nevers += 1
                if nevers <= 5 {
                    #expect(!(0..<146_097).contains(where: cron.matches(day:)), "\(context)")
                }
                continue
            }
            var oracle = CronOracle(cron)
            let minute = Int((Double(after) / 60).rounded(.down))
            let last = minute + 4 * 1440
            let expected = oracle.run(after: minute, through: last, in: zone, limit: 150)
            check(expected, expression, zone, after: after, last: last, context)
        }
    }

    private func check(
        _ expected: [Int], _ expression: CronExpression, _ zone: Zone, after: Int, last: Int,
        _ context: String
    ) {
        var current = Instant(seconds: Int64(after))
        for minute in expected {
            let next = expression.next(after: current, in: zone)
            #expect(next?.instant.seconds == Int64(minute * 60), "\(context)")
            // One difference is enough; what follows from it would drown it.
            guard let next, next.instant.seconds == Int64(minute * 60) else { return }
            #expect(next.local == zone.local(at: next.instant), "\(context)")
            let before = expression.previous(
                atOrBefore: Instant(microseconds: next.instant.microseconds - 1), in: zone)
            if current.seconds > after { #expect(before?.instant == current, "\(context)") }
            current = next.instant
        }
        if expected.count < 150, let next = expression.next(after: current, in: zone) {
            #expect(next.instant.seconds > Int64(last * 60), "\(context)")
        }
    }

    @Test("Chains of instants always rise, from any start, until they end")
    func rising() throws {
        let seed = SeededGenerator.seed()
        var random = SeededGenerator(seed: seed)
        for number in 0..<300 {
            let zone = try Zones.named(Self.zones[number % Self.zones.count])
            let cron = RandomCron(using: &random)
            guard let expression = try? CronExpression(parsing: cron.description) else { continue }
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
