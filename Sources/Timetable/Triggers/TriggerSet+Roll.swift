extension TriggerSet {
    /// Where occurrences go whose local date is no business day: to another day, at the same time
    /// of day.
    ///
    /// Where the calendar cannot say, an occurrence stays where it is: whoever decides it finds
    /// out that the calendar has run out. What is rolled onto an instant that another occurrence
    /// has is the same occurrence.
    public struct Roll: Hashable, Sendable {
        /// Which way.
        public let convention: RollConvention
        /// Which days are business days.
        public let calendar: BusinessCalendar

        /// Makes a roll.
        public init(_ convention: RollConvention, _ calendar: BusinessCalendar) {
            self.convention = convention
            self.calendar = calendar
        }

        /// Where a date goes; it never decreases as the date grows.
        func date(of date: CivilDate) -> CivilDate {
            calendar.rolled(date, by: convention) ?? date
        }

        /// An occurrence on the date that it goes to.
        func moved(_ origin: Occurrence, in zone: Zone) -> Occurrence {
            let date = date(of: origin.local.date)
            if date == origin.local.date { return origin }
            let local = CivilDateTime(date: date, time: origin.local.time)
            switch zone.resolve(local) {
            case .unique(let instant): return Occurrence(at: instant, in: zone)
            case .overlap(let first, let second):
                return Occurrence(at: origin.fold == 1 ? second : first, in: zone)
            case .gap(_, _, let end): return Occurrence(at: end, in: zone)
            }
        }
    }

    /// The local times that were rolled onto an occurrence, in order, itself left out.
    ///
    /// At most a hundred; empty where the triggers place it where it is.
    public func origins(of occurrence: Occurrence, in zone: Zone) -> [Occurrence] {
        guard let roll else { return [] }
        var found: [Occurrence] = []
        var current = start(of: occurrence.local.date, in: zone, roll)
        for _ in 0..<TriggerSet.excludedCountMax {
            guard let origin = unrolledNext(after: current, in: zone, completedAt: nil),
                roll.date(of: origin.local.date) <= occurrence.local.date, found.count < 100
            else { break }
            current = origin.instant
            if origin.local == occurrence.local { continue }
            if roll.moved(origin, in: zone).instant == occurrence.instant { found.append(origin) }
        }
        return found
    }

    /// The occurrences of a date come from days after the business day before it; they are looked
    /// at in order until another date's begin.
    ///
    /// - Complexity: O(n) in the occurrences of some days.
    func rolledNext(
        after instant: Instant, in zone: Zone, completedAt: Instant?, _ roll: Roll
    ) -> Occurrence? {
        var current = start(of: zone.local(at: instant).date, in: zone, roll)
        var best: Occurrence?
        while let origin = unrolledNext(after: current, in: zone, completedAt: completedAt) {
            current = origin.instant
            if let best, roll.date(of: origin.local.date) > best.local.date { break }
            let moved = roll.moved(origin, in: zone)
            guard moved.instant > instant else { continue }
            if best.map({ moved.instant < $0.instant }) ?? true { best = moved }
        }
        return best
    }

    /// The same backwards, from the business day after.
    func rolledPrevious(
        atOrBefore instant: Instant, in zone: Zone, completedAt: Instant?, _ roll: Roll
    ) -> Occurrence? {
        let today = zone.local(at: instant).date
        let next = roll.calendar.rolled(today.adding(days: 1), by: .following)
        var current = TriggerSet.lastMoment(of: next ?? today.adding(days: 1), in: zone)
        var best: Occurrence?
        while let origin = unrolledPrevious(atOrBefore: current, in: zone, completedAt: completedAt)
        {
            let (before, overflow) = origin.instant.microseconds.subtractingReportingOverflow(1)
            if overflow { break }
            current = Instant(microseconds: before)
            if let best, roll.date(of: origin.local.date) < best.local.date { break }
            let moved = roll.moved(origin, in: zone)
            guard moved.instant <= instant else { continue }
            if best.map({ moved.instant > $0.instant }) ?? true { best = moved }
        }
        return best
    }

    /// A moment before everything that is rolled onto a date or a later one.
    private func start(of date: CivilDate, in zone: Zone, _ roll: Roll) -> Instant {
        let before = date.adding(days: -1)
        let businessDay = roll.calendar.rolled(before, by: .preceding) ?? before
        return TriggerSet.lastMoment(of: businessDay.adding(days: -1), in: zone)
    }
}
