/// The search for the next instant of a cron expression in a zone.
extension CronExpression {
    /// A jump of the clock of this length or more drops the times that it skips (cron(8)).
    static let longGapSeconds: Int64 = 3 * 3600

    /// An instant found, in seconds since 1970.
    struct Found {
        var second: Int64
        /// Index of the segment of the zone's table that holds it.
        var segmentIndex: Int
        /// Whether it is the end of a gap and stands for times that were skipped.
        var isGapEnd: Bool
    }

    /// The first instant strictly after the second before `start`; `nil` after year 9999.
    ///
    /// The search walks segments of constant offset in UTC order, each at most once, and returns
    /// nothing before `start`; that is why no clock change can loop it or take it back.
    func firstInstant(atOrAfter start: Int64, in table: ZoneTable) -> Found? {
        var index = table.index(at: start)
        guard var segment = table.segment(index) else { return nil }
        let follows = fields.followsClock
        var cursor = Cursor(fields: fields)
        while true {
            var low = max(start, segment.start) + segment.offset
            if !follows {
                // What the wall clock has reached before is not run again (the first of two
                // equal times); what it jumped over is run once, now, unless it was long.
                let isGap =
                    segment.reached < segment.localStart && segment.start >= start
                    && segment.localStart - segment.reached < CronExpression.longGapSeconds
                if isGap {
                    guard let match = cursor.firstMatch(atOrAfter: segment.reached) else {
                        return nil
                    }
                    if match < segment.localStart {
                        return Found(
                            second: segment.start, segmentIndex: index, isGapEnd: true)
                    }
                }
                low = max(low, segment.reached)
            }
            guard let match = cursor.firstMatch(atOrAfter: low) else { return nil }
            if match < segment.localEnd {
                return Found(
                    second: match - segment.offset, segmentIndex: index, isGapEnd: false)
            }
            index += 1
            guard let next = table.segment(index) else { return nil }
            segment = next
        }
    }

    /// Remembers the last match, which answers for every start between its own start and it.
    private struct Cursor {
        let fields: CronFields
        private var start = Int64.max
        private var match = Int64.min

        init(fields: CronFields) {
            self.fields = fields
        }

        @inline(__always)
        mutating func firstMatch(atOrAfter low: Int64) -> Int64? {
            if low >= start, low <= match { return match }
            guard let found = fields.firstMatch(atOrAfter: low) else { return nil }
            start = low
            match = found
            return found
        }
    }

    /// The first occurrence strictly after an instant; `nil` after year 9999.
    ///
    /// - Complexity: O(log n) in the zone's offset changes, and a few steps for each month
    ///   between; well under a millisecond for any expression.
    public func next(after instant: Instant, in zone: Zone) -> Occurrence? {
        // The first whole second strictly after: cron has no finer times.
        let start = instant.seconds + 1
        guard let found = firstInstant(atOrAfter: start, in: zone.table),
            let segment = zone.table.segment(found.segmentIndex)
        else { return nil }
        return Occurrence(
            instant: Instant(seconds: found.second), segment: segment,
            isGapEnd: found.isGapEnd)
    }
}
