/// The coming occurrences of a trigger, as `daybook next` shows them.
public struct NextReport: Hashable, Sendable {
    /// The zone in which local times are shown.
    public let zone: String
    /// The occurrences, in order; fewer than asked for where there are no more.
    public let instants: [Entry]

    /// One occurrence, as text and as value.
    public struct Entry: Hashable, Sendable {
        /// The instant in UTC, such as `2026-03-29T01:00:00Z`.
        public let utc: String
        /// The local time with its offset, such as `2026-03-29T03:00:00+02:00`.
        public let local: String
        /// The occurrence itself.
        public let occurrence: Occurrence
        /// When the run starts: later than the occurrence where there is jitter.
        public let start: Instant
        /// The changes of the zone's offset after the entry before (or after the start of the
        /// report) and up to this one.
        public let clockChanges: [Zone.Transition]
    }

    /// The most entries that a report holds.
    public static let countMax = 100_000
    /// The most clock changes listed with one entry; an entry after centuries keeps the last.
    static let clockChangeCountMax = 8

    /// Lists the next occurrences strictly after an instant, at most `count` and `countMax`, and
    /// when their runs start.
    ///
    /// - Parameter runCount: how many runs there were before, for the set's bound.
    public init(set: TriggerSet, zone: Zone, after: Instant, count: Int, runCount: Int = 0) {
        var entries: [Entry] = []
        var current = after
        while entries.count < min(count, NextReport.countMax),
            let next = set.next(after: current, in: zone, runCount: runCount + entries.count)
        {
            entries.append(
                Entry(
                    utc: next.utcText, local: next.localText, occurrence: next,
                    start: set.startInstant(of: next),
                    clockChanges: NextReport.changes(
                        after: current, upTo: next.instant, in: zone)))
            current = next.instant
        }
        self.zone = zone.name
        instants = entries
    }

    private static func changes(
        after start: Instant, upTo end: Instant, in zone: Zone
    ) -> [Zone.Transition] {
        var changes: [Zone.Transition] = []
        var limit = end
        // Backwards, so that a stretch of centuries costs no more than the most that is kept.
        while changes.count < clockChangeCountMax,
            let change = zone.previousTransition(atOrBefore: limit), change.instant > start
        {
            changes.append(change)
            limit = Instant(microseconds: change.instant.microseconds - 1)
        }
        return changes.reversed()
    }
}
