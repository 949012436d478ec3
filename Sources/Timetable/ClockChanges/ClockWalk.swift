/// Times of the wall clock, as an expression or a rule names them; no zone is known here.
protocol LocalTimes: Sendable {
    /// The first at or after a second, both in seconds since 1970 on the wall clock; `nil` where
    /// there is none until the year 9999.
    mutating func first(atOrAfter local: Int64) -> Int64?

    /// From which second on the times are the same again after so many times 400 years.
    var repetition: (start: Int64, cycleCount: Int64) { get }
}

/// A second of UTC that a search found.
struct FoundSecond: Sendable {
    /// In seconds since 1970.
    var second: Int64
    /// Whether it is the end of a gap and stands for times that were left out.
    var isGapEnd: Bool
}

/// A search through the instants of local times in one zone, which keeps its place: asked for one
/// instant after the other, it looks nothing up twice.
///
/// It goes over stretches of constant offset in UTC order, and returns nothing before what it is
/// asked for; that is why no clock change can loop it or take it back. Any question may be asked
/// in any order.
struct ClockWalk<Times: LocalTimes>: Sendable {
    private let rules: ClockChangeRules
    private let table: ZoneTable
    private(set) var times: Times
    private var index = -1
    private var segment = ZoneTable.Segment(start: 0, end: 0, offset: 0, reached: 0)
    /// The local times of the segment that run as they are, in this pass of them.
    private var low: Int64 = 0
    private var high: Int64 = 0
    /// Segments looked at so far.
    private(set) var segmentCount = 0

    /// No local time is further from its place than this; a gap or an overlap is no longer.
    private static var reachSeconds: Int64 { 90_000 }
    /// From such a distance to the next local time on, the segments between are not looked at.
    private static var farSeconds: Int64 { 500 * 86_400 }

    init(_ times: Times, _ rules: ClockChangeRules, in table: ZoneTable) {
        self.times = times
        self.rules = rules
        self.table = table
    }

    /// The first occurrence strictly after an instant.
    @inline(__always)
    mutating func next(after instant: Instant) -> Occurrence? {
        // The first whole second strictly after: the wall clock's times are no finer.
        guard let found = next(atOrAfter: instant.seconds + 1) else { return nil }
        let isHere = found.second >= segment.start && found.second < segment.end
        return Occurrence(
            instant: Instant(seconds: found.second),
            segment: isHere ? segment : table.segment(table.index(at: found.second)),
            isGapEnd: found.isGapEnd)
    }

    /// The first instant at or after a second; `nil` where there is none until year 9999.
    @inline(__always)
    mutating func next(atOrAfter start: Int64) -> FoundSecond? {
        if index >= 0, start >= segment.start, start < segment.end, rules.gap != .sameOffset {
            // The usual case: the same segment as before, and nothing of its start is left.
            let from = max(low, start + segment.offset)
            if start > segment.start, from < high {
                if let match = times.first(atOrAfter: from), match < high {
                    return FoundSecond(second: match - segment.offset, isGapEnd: false)
                }
            }
        } else if !enter(table.index(at: start)) {
            return nil
        }
        return search(start)
    }

    private mutating func search(_ start: Int64) -> FoundSecond? {
        let repetition = times.repetition
        let limit =
            max(start, table.repetitionStart, repetition.start)
            + repetition.cycleCount * ZoneTable.cycleSeconds + 4 * 86_400
        var best: Int64?
        if rules.gap == .sameOffset {
            // What a gap left out may lie a day after it.
            while index > 0, segment.start > start - Self.reachSeconds {
                guard enter(index - 1) else { break }
            }
        }
        while segment.start <= limit {
            if segment.reached < segment.localStart, index > 0, let found = leftOut(from: start) {
                if rules.gap == .gapEnd { return FoundSecond(second: found, isGapEnd: true) }
                best = min(best ?? .max, found)
            }
            var following = index + 1
            let from = max(low, max(start, segment.start) + segment.offset)
            if from < high {
                // Later segments may show times before their own start again, but none before
                // `from` where that is so long before this one's end.
                let isOver = high - from > Self.reachSeconds
                let match = times.first(atOrAfter: from)
                if let match, match < high {
                    best = min(best ?? .max, match - segment.offset)
                } else if best == nil, isOver {
                    guard let match else { break }
                    if match - high > Self.farSeconds {
                        following = max(following, table.index(at: match - 2 * Self.reachSeconds))
                    }
                }
            }
            // Whatever comes in later segments comes later.
            if let best, best < segment.end { break }
            guard enter(following) else { break }
        }
        return best.map { FoundSecond(second: $0, isGapEnd: false) }
    }

    /// When the first of the times that the gap before this segment left out runs, at or after a
    /// second; `nil` where there is none.
    private mutating func leftOut(from start: Int64) -> Int64? {
        switch rules.gap {
        case .skip: return nil
        case .gapEnd:
            guard segment.start >= start,
                segment.localStart - segment.reached < rules.gapSecondsMax,
                let match = times.first(atOrAfter: segment.reached), match < segment.localStart
            else { return nil }
            return segment.start
        case .sameOffset:
            let before = table.segment(index - 1)?.offset ?? segment.offset
            let from = max(segment.reached, start + before)
            guard from < segment.localStart, let match = times.first(atOrAfter: from),
                match < segment.localStart
            else { return nil }
            return match - before
        }
    }

    /// Goes to a segment; `false` where there is none.
    private mutating func enter(_ index: Int) -> Bool {
        guard let segment = table.segment(index) else { return false }
        segmentCount += 1
        self.index = index
        self.segment = segment
        low = rules.overlap == .both ? segment.localStart : max(segment.localStart, segment.reached)
        high = segment.localEnd
        if rules.overlap == .second {
            // The first pass of what the clock will show again is left out, not the second.
            low = segment.localStart
            var later = index + 1
            while let next = table.segment(later),
                next.start < segment.end + Self.reachSeconds
            {
                high = min(high, next.localStart)
                later += 1
            }
        }
        return true
    }
}
