extension TriggerSet {
    /// Whether the next occurrence depends on when a run ended.
    public var followsCompletion: Bool {
        triggers.contains { if case .afterCompletion = $0 { true } else { false } }
    }

    /// Whether occurrences depend on a calendar: when it changes, they move.
    public var followsCalendar: Bool {
        roll != nil
            || triggers.contains { if case .businessDay = $0 { true } else { false } }
    }

    /// Whether the next occurrence may become another before it comes.
    public var isMovable: Bool { followsCompletion || followsCalendar }

    /// Whether an occurrence is where a delay after completion falls: it has no time of its own
    /// that could be missed.
    public func isAfterCompletion(_ occurrence: Occurrence, completedAt: Instant?) -> Bool {
        triggers.contains {
            guard case .afterCompletion(let delay) = $0 else { return false }
            return delay.moment(completedAt: completedAt) == occurrence.instant
        }
    }

    /// The one trigger of a set that has nothing else that could change its occurrences.
    private var single: Trigger? {
        guard triggers.count == 1, exclusions.isEmpty, roll == nil, startsAt == nil, endsAt == nil
        else { return nil }
        return triggers[0]
    }

    /// Counts the occurrences after `after`, up to and including `notAfter`.
    ///
    /// Exact up to `cap`; first and last are exact all the same. A single interval is counted by
    /// arithmetic, all else one by one. How many runs there were does not matter here.
    public func latest(
        notAfter: Instant, after: Instant, in zone: Zone, completedAt: Instant? = nil,
        cap: Int = 1_000_000
    ) -> OccurrenceSpan {
        if let single, !followsCompletion {
            return single.latest(notAfter: notAfter, after: after, in: zone, cap: cap)
        }
        guard let first = next(after: after, in: zone, completedAt: completedAt),
            first.instant <= notAfter
        else { return .none }
        let last = previous(atOrBefore: notAfter, in: zone, completedAt: completedAt) ?? first
        var count = 1
        var current = first
        while count < max(cap, 1), current.instant < last.instant,
            let later = next(after: current.instant, in: zone, completedAt: completedAt)
        {
            current = later
            count += 1
        }
        return OccurrenceSpan(
            count: count, isCountCapped: current.instant < last.instant, first: first, last: last)
    }
}
