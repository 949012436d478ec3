/// What happens to a local time that a clock change leaves out.
public enum GapRule: String, CaseIterable, Hashable, Sendable {
    /// All that were left out run once, at the first moment after the gap.
    case gapEnd
    /// Each runs by the offset before the gap: 02:30 becomes 03:30 (RFC 5545, section 3.3.5).
    case sameOffset
    /// None runs.
    case skip
}

/// What happens to a local time that the clock shows twice.
public enum OverlapRule: String, CaseIterable, Hashable, Sendable {
    /// The first of the two runs.
    case first
    /// The second of the two runs.
    case second
    /// Both run.
    case both
}

/// The rules that hold for one expression, once its own kind is known.
struct ClockChangeRules: Hashable, Sendable {
    var gap: GapRule
    var overlap: OverlapRule
    /// A gap of this length or more drops what it leaves out, where the rule is `gapEnd`.
    var gapSecondsMax: Int64

    /// Debian's rule (cron(8)), where nothing else is asked for.
    ///
    /// Wildcard jobs follow the real clock, the others run once, and a jump of three hours or more
    /// drops what it leaves out. A rule that was asked for holds for every job and for gaps of any
    /// length.
    init(followsClock: Bool, onGap: GapRule?, onOverlap: OverlapRule?) {
        gap = onGap ?? (followsClock ? .skip : .gapEnd)
        overlap = onOverlap ?? (followsClock ? .both : .first)
        gapSecondsMax = onGap == nil ? 3 * 3600 : .max
    }
}
