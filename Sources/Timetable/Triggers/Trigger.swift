/// What makes a schedule fire.
public enum Trigger: Hashable, Sendable, CustomStringConvertible {
    /// At the times of a cron expression on the zone's wall clock.
    case cron(CronExpression)
    /// At fixed distances in elapsed time.
    case every(Interval)
    /// A fixed time after each completion.
    case afterCompletion(FixedDelay)
    /// Once.
    case at(Instant)
    /// On a working day counted from a month's start or end.
    case businessDay(BusinessDayOfMonth)
    /// By recurrence rules (RFC 5545).
    case recurrence(Recurrence)

    /// The trigger as text.
    public var description: String {
        switch self {
        case .cron(let expression): expression.description
        case .every(let interval): interval.description
        case .afterCompletion(let delay): delay.description
        case .at(let instant): "at \(instant)"
        case .businessDay(let rule): rule.description
        case .recurrence(let recurrence): recurrence.description
        }
    }

    /// The first occurrence strictly after an instant; `nil` where there is none until the end
    /// of year 9999.
    ///
    /// - Parameter completedAt: when the last run ended; only `afterCompletion` looks at it.
    public func next(
        after instant: Instant, in zone: Zone, completedAt: Instant? = nil
    ) -> Occurrence? {
        switch self {
        case .cron(let expression): expression.next(after: instant, in: zone)
        case .every(let interval):
            interval.next(after: instant).map { Occurrence(at: $0, in: zone) }
        case .afterCompletion(let delay):
            delay.next(after: instant, completedAt: completedAt).map {
                Occurrence(at: $0, in: zone)
            }
        case .at(let moment): moment > instant ? Occurrence(at: moment, in: zone) : nil
        case .businessDay(let rule): rule.next(after: instant, in: zone)
        case .recurrence(let recurrence): recurrence.next(after: instant, in: zone)
        }
    }

    /// The last occurrence at or before an instant; `nil` where there is none.
    ///
    /// - Complexity: a constant for intervals; for cron and recurrences, some eighty calls of
    ///   `next`.
    public func previous(
        atOrBefore instant: Instant, in zone: Zone, completedAt: Instant? = nil
    ) -> Occurrence? {
        switch self {
        case .cron(let expression):
            expression.previous(atOrBefore: instant, in: zone)
        case .every(let interval):
            interval.previous(atOrBefore: instant).map { Occurrence(at: $0, in: zone) }
        case .afterCompletion(let delay):
            delay.previous(atOrBefore: instant, completedAt: completedAt).map {
                Occurrence(at: $0, in: zone)
            }
        case .at(let moment): moment <= instant ? Occurrence(at: moment, in: zone) : nil
        case .businessDay(let rule): rule.previous(atOrBefore: instant, in: zone)
        case .recurrence(let recurrence): recurrence.previous(atOrBefore: instant, in: zone)
        }
    }

    /// The occurrences strictly after an instant, one after the other.
    ///
    /// Quicker than asking for each by itself: a cron expression keeps its place.
    public func occurrences(after instant: Instant, in zone: Zone) -> Occurrences {
        Occurrences(trigger: self, zone: zone, after: instant)
    }

    /// The occurrences of a trigger from a moment on, in order, each strictly after the last.
    public struct Occurrences: Sequence, IteratorProtocol, Sendable {
        private let trigger: Trigger
        private let zone: Zone
        private var current: Instant
        private var walk: CronWalk?

        init(trigger: Trigger, zone: Zone, after: Instant) {
            self.trigger = trigger
            self.zone = zone
            current = after
            if case .cron(let expression) = trigger { walk = CronWalk(expression, in: zone) }
        }

        /// The next one; `nil` where there is none until the end of year 9999.
        public mutating func next() -> Occurrence? {
            let found =
                walk == nil
                ? trigger.next(after: current, in: zone) : walk?.next(after: current)
            if let found { current = found.instant }
            return found
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
        var later = occurrences(after: first.instant, in: zone)
        while count < max(cap, 1), current.instant < last.instant, let next = later.next() {
            current = next
            count += 1
        }
        return OccurrenceSpan(
            count: count, isCountCapped: current.instant < last.instant, first: first, last: last)
    }
}
