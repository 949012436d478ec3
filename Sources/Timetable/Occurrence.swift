/// One moment at which a trigger fires.
///
/// Local date-time, zone and fold identify it, so that a change of zone data which moves the
/// instant does not make a second one.
public struct Occurrence: Hashable, Sendable {
    /// The instant.
    public let instant: Instant
    /// What calendar and wall clock show then in the zone of the search.
    public let local: CivilDateTime
    /// Seconds that local time is ahead of UTC then.
    public let offsetSeconds: Int
    /// 1 where the wall clock shows `local` for the second time, else 0 (as in PEP 495).
    public let fold: Int
    /// Whether this is the end of a gap, at which a job runs once for the times left out.
    public let isGapEnd: Bool

    /// The occurrence at an instant, as a zone's clock shows it.
    public init(at instant: Instant, in zone: Zone) {
        let index = zone.table.index(at: instant.seconds)
        self.init(instant: instant, segment: zone.table.segment(index), isGapEnd: false)
    }

    @inline(__always)
    init(instant: Instant, segment: ZoneTable.Segment?, isGapEnd: Bool) {
        let offset = segment?.offset ?? 0
        let localSeconds = instant.seconds + offset
        self.instant = instant
        local = CivilDateTime(
            localSeconds: localSeconds, microsecond: instant.microsecondOfSecond)
        offsetSeconds = Int(offset)
        fold = localSeconds < (segment?.reached ?? .min) ? 1 : 0
        self.isGapEnd = isGapEnd
    }

    /// The local time with its offset, such as `2026-03-29T03:00:00+02:00`.
    public var localText: String { ISO8601.string(local, offsetSeconds: offsetSeconds) }

    /// The instant in UTC, such as `2026-03-29T01:00:00Z`.
    public var utcText: String { ISO8601.utc(instant) }
}

/// How many occurrences fall in a stretch of time, with the first and the last.
public struct OccurrenceSpan: Hashable, Sendable {
    /// How many there are; where `isCountCapped` is set, at least so many.
    public let count: Int
    /// Whether counting stopped at the cap.
    public let isCountCapped: Bool
    /// The first; `nil` where there is none.
    public let first: Occurrence?
    /// The last, exact even where the count is capped; `nil` where there is none.
    public let last: Occurrence?

    /// Nothing at all.
    public static let none = OccurrenceSpan(
        count: 0, isCountCapped: false, first: nil, last: nil)
}
