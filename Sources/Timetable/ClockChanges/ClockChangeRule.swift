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

    /// The rule of RFC 5545, section 3.3.5, where nothing else is asked for: the offset before the
    /// gap, and the first of two.
    init(recurrenceOnGap onGap: GapRule?, onOverlap: OverlapRule?) {
        gap = onGap ?? .sameOffset
        overlap = onOverlap ?? .first
        gapSecondsMax = .max
    }

    /// The seconds of UTC at which a single local time runs, in order: none, one or two.
    func seconds(_ local: CivilDateTime, in zone: Zone) -> [Int64] {
        switch zone.resolve(local) {
        case .unique(let instant): [instant.seconds]
        case .gap(let before, _, let end):
            switch gap {
            case .gapEnd: [end.seconds]
            case .sameOffset: [local.localSeconds - Int64(before)]
            case .skip: []
            }
        case .overlap(let one, let two):
            switch overlap {
            case .first: [one.seconds]
            case .second: [two.seconds]
            case .both: [one.seconds, two.seconds]
            }
        }
    }
}

extension ClockChangeRules {
    /// The rules as an English sentence.
    var explained: String {
        let gapWords =
            switch gap {
            case .gapEnd: "times that a clock change leaves out run once, at its end"
            case .sameOffset: "times that a clock change leaves out run by the offset before it"
            case .skip: "times that a clock change leaves out do not run"
            }
        let isLongSkipped = gap == .gapEnd && gapSecondsMax != .max
        let overlapWords =
            switch overlap {
            case .first: "of two equal times the first runs"
            case .second: "of two equal times the second runs"
            case .both: "of two equal times both run"
            }
        let long = isLongSkipped ? " (of three hours or more: not at all)" : ""
        return "At a clock change: \(gapWords)\(long); \(overlapWords)."
    }
}
