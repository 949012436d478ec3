/// The search for instants of a cron expression in a zone.
extension CronExpression {
    /// The first occurrence strictly after an instant; `nil` where there is none until the end of
    /// year 9999.
    ///
    /// - Complexity: O(log n) in the zone's offset changes, and a few steps for each month
    ///   between; well under a millisecond for any expression.
    public func next(after instant: Instant, in zone: Zone) -> Occurrence? {
        var walk = CronWalk(self, in: zone)
        return walk.next(after: instant)
    }

    /// How many months and stretches of constant offset a search for the next occurrence looks at:
    /// what bounds its time.
    package func searchStepCount(after instant: Instant, in zone: Zone) -> Int {
        var walk = CronWalk(self, in: zone)
        _ = walk.next(after: instant)
        return walk.stepCount
    }

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
        var walk = CronWalk(self, in: zone)
        // From here on, starts are seconds `s`, for which the first instant >= s is asked.
        func first(_ start: Int64) -> Int64? {
            guard let found = walk.next(atOrAfter: start), found.second <= end else { return nil }
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
        return walk.next(after: Instant(seconds: low - 1))
    }
}
