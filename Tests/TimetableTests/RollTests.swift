import Testing
import Timetable

@Suite struct RollTests {
    private static let seed: UInt64 = 20_261_128

    private func calendar(_ random: inout some RandomNumberGenerator) throws -> BusinessCalendar {
        let first = try CivilDate(parsing: "2026-01-01")
        var holidays: Set<CivilDate> = []
        for _ in 0..<30 {
            holidays.insert(first.adding(days: Int.random(in: 0..<400, using: &random)))
        }
        return BusinessCalendar(name: "C", holidays: holidays, validThrough: nil)
    }

    /// Every occurrence that begins in a stretch, rolled one by one, each instant once.
    private func expected(
        _ set: TriggerSet, _ roll: TriggerSet.Roll, _ zone: Zone, _ from: Instant,
        _ through: Instant
    ) -> [Instant] {
        let margin: Int64 = 40 * 86_400_000_000
        var current = Instant(microseconds: from.microseconds - margin)
        var found: Set<Instant> = []
        while let next = set.next(after: current, in: zone),
            next.instant.microseconds < through.microseconds + margin
        {
            current = next.instant
            let date = roll.calendar.rolled(next.local.date, by: roll.convention)
            let local = CivilDateTime(date: date ?? next.local.date, time: next.local.time)
            let moved: Instant
            switch zone.resolve(local) {
            case .unique(let instant), .gap(_, _, let instant): moved = instant
            case .overlap(let first, let second): moved = next.fold == 1 ? second : first
            }
            if moved > from && moved <= through { found.insert(moved) }
        }
        return found.sorted()
    }

    @Test("Rolled occurrences come in order, each once, forwards and backwards")
    func order() throws {
        var random = SeededGenerator(seed: Self.seed)
        let texts = ["0 18 * * 6", "0 9 * * 1", "30 2 1,15,31 * *", "0 */7 * * *", "0 12 L * *"]
        for turn in 0..<200 {
            let name = ["America/New_York", "Europe/Berlin", "UTC"].randomElement(using: &random)
            let zone = try Zones.named(name ?? "UTC")
            let roll = TriggerSet.Roll(
                RollConvention.allCases.randomElement(using: &random) ?? .following,
                try calendar(&random))
            let count = Int.random(in: 1...3, using: &random)
            let chosen = texts.shuffled(using: &random).prefix(count)
            let plain = TriggerSet(
                try chosen.map { .cron(try CronExpression(parsing: $0)) })
            var rolled = plain
            rolled.roll = roll
            let from = try Instant(parsing: "2026-02-10T05:00:00Z")
            let through = Instant(microseconds: from.microseconds + 120 * 86_400_000_000)
            let wanted = expected(plain, roll, zone, from, through)
            var got: [Instant] = []
            var current = from
            while let next = rolled.next(after: current, in: zone), next.instant <= through {
                #expect(rolled.previous(atOrBefore: next.instant, in: zone) == next)
                got.append(next.instant)
                current = next.instant
            }
            #expect(got == wanted, "seed \(Self.seed), turn \(turn): \(chosen) \(roll.convention)")
            let span = rolled.latest(notAfter: through, after: from, in: zone)
            #expect(span.count == wanted.count && span.first?.instant == wanted.first)
            #expect(span.last?.instant == wanted.last)
        }
    }

    @Test("An occurrence says which local times were rolled onto it")
    func origins() throws {
        let none: Set<CivilDate> = []
        let calendar = BusinessCalendar(name: "C", holidays: none, validThrough: nil)
        var set = TriggerSet([.cron(try CronExpression(parsing: "0 9 * * *"))])
        #expect(set.next(after: .unixEpoch, in: .utc).map { set.origins(of: $0, in: .utc) } == [])
        set.roll = TriggerSet.Roll(.following, calendar)
        let friday = try Instant(parsing: "2026-11-27T12:00:00Z")
        let monday = try #require(set.next(after: friday, in: .utc))
        #expect(monday.localText == "2026-11-30T09:00:00+00:00")
        #expect(
            set.origins(of: monday, in: .utc).map(\.localText) == [
                "2026-11-28T09:00:00+00:00", "2026-11-29T09:00:00+00:00",
            ])
    }

    @Test("Where the calendar has run out an occurrence stays where it is")
    func runOut() throws {
        let calendar = BusinessCalendar(
            name: "C", holidays: [] as Set<CivilDate>,
            validThrough: try CivilDate(parsing: "2026-11-28"))
        var set = TriggerSet([.cron(try CronExpression(parsing: "0 9 * * *"))])
        set.roll = TriggerSet.Roll(.following, calendar)
        var current = try Instant(parsing: "2026-11-27T12:00:00Z")
        var texts: [String] = []
        for _ in 0..<3 {
            guard let next = set.next(after: current, in: .utc) else { break }
            texts.append("\(next.local.date)")
            current = next.instant
        }
        #expect(texts == ["2026-11-28", "2026-11-29", "2026-11-30"])
    }
}
