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

extension CronExpression {
    /// How far back a search for the previous occurrence goes: 29 February on a given weekday
    /// comes after 40 years at most, and nothing is rarer; a year more allows for a date that a
    /// zone skipped.
    private static let lookBackSeconds: Int64 = 90 * 366 * 86_400

    /// The last occurrence at or before an instant; `nil` where there is none in 90 years.
    ///
    /// `next` never decreases as its argument grows, so that bisection over the argument works,
    /// and the rules for clock changes stand in one place only.
    public func previous(atOrBefore instant: Instant, in zone: Zone) -> Occurrence? {
        let end = instant.seconds
        // From here on, starts are seconds `s`, for which the first instant >= s is asked.
        func first(_ start: Int64) -> Int64? {
            guard let found = firstInstant(atOrAfter: start, in: zone.table),
                found.second <= end
            else { return nil }
            return found.second
        }
        var step: Int64 = 60
        var best = first(end)
        while best == nil, step < CronExpression.lookBackSeconds {
            best = first(end - step)
            step *= 4
        }
        best = best ?? first(end - CronExpression.lookBackSeconds)
        guard var low = best else { return nil }
        var high = end + 1  // No instant in [high, end] is known to exist.
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if let later = first(middle) { low = later } else { high = middle }
        }
        return next(after: Instant(seconds: low - 1), in: zone)
    }
}
