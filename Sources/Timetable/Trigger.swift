/// What makes a schedule fire.
public enum Trigger: Hashable, Sendable, CustomStringConvertible {
    /// At the times of a cron expression on the zone's wall clock.
    case cron(CronExpression)
    /// At fixed distances in elapsed time.
    case every(Interval)

    /// The trigger as text.
    public var description: String {
        switch self {
        case .cron(let expression): expression.description
        case .every(let interval): interval.description
        }
    }

    /// The first occurrence strictly after an instant; `nil` where there is none until the end
    /// of year 9999.
    public func next(after instant: Instant, in zone: Zone) -> Occurrence? {
        switch self {
        case .cron(let expression): expression.next(after: instant, in: zone)
        case .every(let interval):
            interval.next(after: instant).map { Occurrence(at: $0, in: zone) }
        }
    }

    /// The last occurrence at or before an instant; `nil` where there is none.
    ///
    /// - Complexity: a constant for intervals; for cron, some eighty calls of `next`.
    public func previous(atOrBefore instant: Instant, in zone: Zone) -> Occurrence? {
        switch self {
        case .cron(let expression):
            expression.previous(atOrBefore: instant, in: zone)
        case .every(let interval):
            interval.previous(atOrBefore: instant).map { Occurrence(at: $0, in: zone) }
        }
    }

    /// Counts the occurrences after `after`, up to and including `notAfter`.
    ///
    /// Intervals are counted by arithmetic, exactly. Cron counts one by one as far as `cap`; first
    /// and last are exact all the same.
    public func latest(
        notAfter: Instant, after: Instant, in zone: Zone, cap: Int = 1_000_000
    ) -> OccurrenceSpan {
        guard let first = next(after: after, in: zone), first.instant <= notAfter else {
            return .none
        }
        let last = previous(atOrBefore: notAfter, in: zone) ?? first
        if case .every(let interval) = self {
            let count = interval.count(upTo: notAfter) - interval.count(upTo: after)
            return OccurrenceSpan(
                count: Int(clamping: count), isCountCapped: false, first: first, last: last)
        }
        var count = 1
        var current = first
        while count < max(cap, 1), current.instant < last.instant,
            let next = next(after: current.instant, in: zone)
        {
            current = next
            count += 1
        }
        return OccurrenceSpan(
            count: count, isCountCapped: current.instant < last.instant, first: first, last: last)
    }
}
