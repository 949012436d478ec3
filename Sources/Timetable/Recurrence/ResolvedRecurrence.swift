/// A recurrence in one zone: its rules bounded by instants, its dates as sorted seconds of UTC.
final class ResolvedRecurrence: Sendable {
    let table: ZoneTable
    /// The earliest second at which there may be an occurrence.
    let start: Int64
    private let rules: [Rule]
    private let excluded: [Int64]
    private let excludedDays: Set<Int>
    private let additional: [Int64]

    /// One rule, and the last second that it may name.
    private struct Rule: Sendable {
        var kind: Kind
        var end: Int64
    }

    private enum Kind: Sendable {
        case civil(CivilRecurrence)
        case elapsed(ElapsedRecurrence)
    }

    init(_ recurrence: Recurrence, zone: Zone) {
        table = zone.table
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
        var additional = recurrence.additional.map {
            ResolvedRecurrence.second($0, at: local.time, in: zone)
        }
        if includesStart { additional.append(startSecond) }
        self.additional = additional.sorted()
        var excluded: [Int64] = []
        var excludedDays: Set<Int> = []
        for time in recurrence.excluded {
            if case .date(let date) = time {
                excludedDays.insert(date.daysSinceEpoch)
            } else {
                excluded.append(ResolvedRecurrence.second(time, at: local.time, in: zone))
            }
        }
        self.excluded = excluded.sorted()
        self.excludedDays = excludedDays
        start = min(startSecond, self.additional.first ?? startSecond)
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
            return Rule(kind: .civil(civil), end: end)
        }
        let elapsed = ElapsedRecurrence(
            rule: rule, period: period, startSecond: startSecond, table: zone.table)
        if let count = rule.count {
            var last = startSecond - 1
            var left = count
            while left > 0, let next = elapsed.first(from: last + 1) {
                last = next
                left -= 1
            }
            end = last
        }
        return Rule(kind: .elapsed(elapsed), end: end)
    }

    /// The first occurrence at or after a second.
    func first(from second: Int64) -> Int64? {
        var low = second
        while true {
            guard let found = unfiltered(from: low) else { return nil }
            if excluded.isEmpty && excludedDays.isEmpty { return found }
            if !isExcluded(found) { return found }
            low = found + 1
        }
    }

    private func isExcluded(_ second: Int64) -> Bool {
        let index = ResolvedRecurrence.firstIndex(in: excluded, from: second)
        if index < excluded.count, excluded[index] == second { return true }
        if excludedDays.isEmpty { return false }
        let offset = table.segment(table.index(at: second))?.offset ?? 0
        return excludedDays.contains(Int(floorDivide(second + offset, 86_400)))
    }

    private func unfiltered(from second: Int64) -> Int64? {
        var best: Int64?
        for rule in rules {
            let found: Int64? =
                switch rule.kind {
                case .civil(let civil): civil.first(from: second, in: table)
                case .elapsed(let elapsed): elapsed.first(from: second)
                }
            if let found, found <= rule.end, found < best ?? .max { best = found }
        }
        if additional.isEmpty { return best }
        let index = ResolvedRecurrence.firstIndex(in: additional, from: second)
        if index < additional.count, additional[index] < best ?? .max { best = additional[index] }
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

/// From the wall clock to UTC, by RFC 5545, section 3.3.5.
extension CivilRecurrence {
    /// The first instance at or after a second of UTC.
    ///
    /// Goes over stretches of constant offset, each at most once. A local time that a change left
    /// out takes the offset before it, and so falls into the stretch after it; one that is shown
    /// twice is its first pass.
    func first(from start: Int64, in table: ZoneTable) -> Int64? {
        var index = table.index(at: max(start, ZoneTable.distantPast))
        // What a gap left out may lie as far after it as the gap is long, at most a day or so.
        while index > 0, let segment = table.segment(index), segment.start > start - 90_000 {
            index -= 1
        }
        var cursor = Cursor(rule: self)
        var best: Int64?
        while let segment = table.segment(index) {
            if let best, best < segment.start { return best }
            if segment.reached < segment.localStart, index > 0 {
                // The offset before the gap; what it left out begins where the clock had been.
                let before = table.segment(index - 1)?.offset ?? segment.offset
                let low = max(segment.reached, start + before)
                if low < segment.localStart, let match = cursor.first(from: low),
                    match < segment.localStart
                {
                    best = min(best ?? .max, match - before)
                }
            }
            let low = max(max(start, segment.start) + segment.offset, segment.reached)
            index += 1
            // Over before the start, or nothing but a second pass.
            if low >= segment.localEnd { continue }
            guard let match = cursor.first(from: low) else { return best }
            if match < segment.localEnd { return min(best ?? .max, match - segment.offset) }
        }
        return best
    }

    /// Remembers the last answer, which stands for every question between it and its own.
    private struct Cursor {
        let rule: CivilRecurrence
        private var asked = Int64.max
        private var found = Int64.min

        init(rule: CivilRecurrence) {
            self.rule = rule
        }

        mutating func first(from low: Int64) -> Int64? {
            if low >= asked, low <= found { return found }
            guard let next = rule.first(from: low) else { return nil }
            asked = low
            found = next
            return next
        }
    }
}
