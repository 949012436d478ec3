/// A recurrence in one zone: its rules bounded by instants, its dates as sorted seconds of UTC.
final class ResolvedRecurrence: Sendable {
    let table: ZoneTable
    /// The earliest second at which there may be an occurrence.
    let start: Int64
    private let rules: [Rule]
    private let excluded: [Int64]
    private let excludedDays: Set<Int>
    private let additional: [Int64]
    private let clockChanges: ClockChangeRules

    /// One rule, and the last second that it may name.
    private struct Rule: Sendable {
        var kind: Kind
        var end: Int64
    }

    private enum Kind: Sendable {
        case civil(Shared<CivilRecurrence>)
        case elapsed(Shared<ElapsedRecurrence>)
    }

    init(_ recurrence: Recurrence, zone: Zone) {
        table = zone.table
        let clockChanges = recurrence.clockChanges
        self.clockChanges = clockChanges
        let local = ResolvedRecurrence.local(recurrence.start, in: zone)
        let startSecond = ResolvedRecurrence.second(recurrence.start, at: local.time, in: zone)
        var isAllDay = false
        if case .date = recurrence.start { isAllDay = true }
        let includesStart = recurrence.includesStart || recurrence.rules.isEmpty
        rules = recurrence.rules.map { rule in
            ResolvedRecurrence.resolve(
                rule, local: local, startSecond: startSecond, isAllDay: isAllDay,
                zone: zone)
        }
        func seconds(_ time: RecurrenceTime) -> [Int64] {
            switch time {
            case .date(let date):
                clockChanges.seconds(CivilDateTime(date: date, time: local.time), in: zone)
            case .local(let local): clockChanges.seconds(local, in: zone)
            case .instant(let instant): [instant.seconds]
            }
        }
        var additional = recurrence.additional.flatMap(seconds)
        if includesStart { additional += seconds(recurrence.start) }
        self.additional = additional.sorted()
        var excluded: [Int64] = []
        var excludedDays: Set<Int> = []
        for time in recurrence.excluded {
            if case .date(let date) = time {
                excludedDays.insert(date.daysSinceEpoch)
            } else {
                excluded += seconds(time)
            }
        }
        self.excluded = excluded.sorted()
        self.excludedDays = excludedDays
        // By some rule or other, later local times than the start's may run so early.
        let earliest =
            switch zone.resolve(local) {
            case .unique(let instant), .overlap(let instant, _), .gap(_, _, let instant):
                instant.seconds
            }
        start = min(startSecond, earliest, self.additional.first ?? startSecond)
    }

    /// What the zone's wall clock shows, whether or not clocks ever did.
    private static func local(_ time: RecurrenceTime, in zone: Zone) -> CivilDateTime {
        switch time {
        case .date(let date): CivilDateTime(date: date, time: .midnight)
        case .local(let local): local
        case .instant(let instant): zone.local(at: instant)
        }
    }

    /// The second of UTC that a time means (RFC 5545, 3.3.5).
    private static func second(
        _ time: RecurrenceTime, at timeOfDay: CivilTime, in zone: Zone
    ) -> Int64 {
        switch time {
        case .date(let date): second(CivilDateTime(date: date, time: timeOfDay), in: zone)
        case .local(let local): second(local, in: zone)
        case .instant(let instant): instant.seconds
        }
    }

    static func second(_ local: CivilDateTime, in zone: Zone) -> Int64 {
        switch zone.resolve(local) {
        case .unique(let instant), .overlap(let instant, _): instant.seconds
        case .gap(let before, _, _): local.localSeconds - Int64(before)
        }
    }

    private static func resolve(
        _ rule: RecurrenceRule, local: CivilDateTime, startSecond: Int64, isAllDay: Bool,
        zone: Zone
    ) -> Rule {
        var end = ElapsedRecurrence.secondMax
        switch rule.until {
        case .instant(let instant)?: end = instant.seconds
        case .local(let local)?: end = second(local, in: zone)
        case .date(let date)?:
            end = second(CivilDateTime(date: date, time: .midnight), in: zone)
        case nil: break
        }
        guard let period = rule.frequency.elapsedSeconds else {
            let civil = CivilRecurrence(
                rule: rule, start: local, isAllDay: isAllDay)
            // The wall clock's UNTIL is kept there; here it would lose a second pass of an hour.
            if case .instant? = rule.until {} else { end = ElapsedRecurrence.secondMax }
            return Rule(kind: .civil(Shared(civil)), end: end)
        }
        let elapsed = ElapsedRecurrence(
            rule: rule, period: period, startSecond: startSecond, table: zone.table)
        // COUNT and UNTIL do not stand together.
        if let count = rule.count, let last = elapsed.instance(number: count) { end = last }
        return Rule(kind: .elapsed(Shared(elapsed)), end: end)
    }

    /// The first occurrence at or after a second.
    func first(from second: Int64) -> FoundSecond? {
        var low = second
        while true {
            guard let found = unfiltered(from: low) else { return nil }
            if excluded.isEmpty && excludedDays.isEmpty { return found }
            if !isExcluded(found.second) { return found }
            low = found.second + 1
        }
    }

    private func isExcluded(_ second: Int64) -> Bool {
        let index = ResolvedRecurrence.firstIndex(in: excluded, from: second)
        if index < excluded.count, excluded[index] == second { return true }
        if excludedDays.isEmpty { return false }
        let offset = table.segment(table.index(at: second))?.offset ?? 0
        return excludedDays.contains(Int(floorDivide(second + offset, 86_400)))
    }

    private func unfiltered(from second: Int64) -> FoundSecond? {
        var best: FoundSecond?
        for rule in rules {
            let found: FoundSecond?
            switch rule.kind {
            case .civil(let civil):
                var walk = ClockWalk(RecurrenceTimes(civil), clockChanges, in: table)
                found = walk.next(atOrAfter: second)
            case .elapsed(let elapsed):
                found = elapsed.value.first(from: second).map {
                    FoundSecond(second: $0, isGapEnd: false)
                }
            }
            if let found, found.second <= rule.end, found.second < best?.second ?? .max {
                best = found
            }
        }
        if additional.isEmpty { return best }
        let index = ResolvedRecurrence.firstIndex(in: additional, from: second)
        if index < additional.count, additional[index] < best?.second ?? .max {
            best = FoundSecond(second: additional[index], isGapEnd: false)
        }
        return best
    }

    /// The index of the first element that is not less.
    private static func firstIndex(in sorted: [Int64], from value: Int64) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A value in one place, so that searches copy a reference and not all that it holds.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}

/// Remembers the last answer, which stands for every question between it and its own.
struct RecurrenceTimes: LocalTimes {
    private let rule: Shared<CivilRecurrence>
    private var asked = Int64.max
    private var found = Int64.min

    init(_ rule: Shared<CivilRecurrence>) {
        self.rule = rule
    }

    var repetition: (start: Int64, cycleCount: Int64) { rule.value.repetition }

    mutating func first(atOrAfter local: Int64) -> Int64? {
        if local >= asked, local <= found { return found }
        guard let next = rule.value.first(from: local) else { return nil }
        asked = local
        found = next
        return next
    }
}
