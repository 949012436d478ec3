/// The offsets of one zone as a sequence of segments without end.
///
/// A segment is a stretch of time with one UTC offset. The table holds the segments up to a point
/// after which the zone's rule repeats every 400 years (146,097 days, a whole number of weeks, so
/// that the Gregorian calendar repeats with them); later segments are the last cycle, shifted. So
/// a lookup never evaluates a rule, and no date is out of range.
final class ZoneTable: Sendable {
    /// A stretch of time with one offset; times are seconds since 1970.
    struct Segment: Sendable {
        /// The first second of the segment, UTC.
        var start: Int64
        /// The first second after it, UTC.
        var end: Int64
        /// Seconds that local time is ahead of UTC.
        var offset: Int64
        /// The local time that the wall clock has reached before `start`.
        ///
        /// It is the greatest local end of all earlier segments; local times of the segment
        /// below it are a second pass.
        var reached: Int64

        var localStart: Int64 { start + offset }
        var localEnd: Int64 { end + offset }
    }

    /// Stands for "since ever" and "for ever", with room to add offsets.
    static let distantPast = Int64.min / 4
    static let distantFuture = Int64.max / 4
    static let cycleSeconds: Int64 = 146_097 * 86_400

    private let starts: [Int64]
    private let offsets: [Int64]
    private let reached: [Int64]
    /// How many entries at the end of the table repeat for ever; 0 where the last one just stays.
    private let cycleCount: Int
    /// The instant at which the repetition begins.
    private let cycleEnd: Int64

    /// The offsets from `repetitionStart` on, each once.
    let repeatingOffsets: [Int64]

    /// The second from which on every 400 years are like the ones before.
    var repetitionStart: Int64 {
        cycleCount > 0 ? cycleEnd - ZoneTable.cycleSeconds : starts[starts.count - 1]
    }

    /// Makes a table from the offset before the first change and the changes, in order of time.
    ///
    /// Changes in [`cycleEnd` - 400 years, `cycleEnd`) repeat for ever, if `cycleEnd` is given.
    init(initialOffset: Int, changes: [(start: Int64, offset: Int)], cycleEnd: Int64?) {
        var starts = [ZoneTable.distantPast]
        var offsets = [Int64(initialOffset)]
        var reached = [ZoneTable.distantPast]
        var high = ZoneTable.distantPast
        for change in changes {
            let offset = Int64(change.offset)
            guard offset != offsets[offsets.count - 1] else { continue }
            high = max(high, change.start + offsets[offsets.count - 1])
            starts.append(change.start)
            offsets.append(offset)
            reached.append(high)
        }
        self.starts = starts
        self.offsets = offsets
        self.reached = reached
        self.cycleEnd = cycleEnd ?? ZoneTable.distantFuture
        if let cycleEnd {
            let cycleStart = cycleEnd - ZoneTable.cycleSeconds
            cycleCount = starts.count - (starts.firstIndex { $0 >= cycleStart } ?? starts.count)
        } else {
            cycleCount = 0
        }
        repeatingOffsets = Array(Set(offsets.suffix(cycleCount + 1)))
    }

    /// The index of the segment that holds a second of UTC; negative where there is none, never.
    ///
    /// - Complexity: O(log n) in the number of offset changes.
    @inline(__always)
    func index(at second: Int64) -> Int {
        if cycleCount > 0, second >= cycleEnd {
            let turns = (second - cycleEnd) / ZoneTable.cycleSeconds + 1
            return search(second - turns * ZoneTable.cycleSeconds) + Int(turns) * cycleCount
        }
        return search(second)
    }

    private func search(_ second: Int64) -> Int {
        var low = 0
        var high = starts.count
        // Invariant: starts[low] <= second (or low is 0), and starts[high] > second.
        while high - low > 1 {
            let middle = (low + high) >> 1
            if starts[middle] <= second { low = middle } else { high = middle }
        }
        return low
    }

    /// The segment of an index that is 0 or more; past the last one, where there is no
    /// repetition, `nil`.
    @inline(__always)
    func segment(_ index: Int) -> Segment? {
        let count = starts.count
        if index + 1 < count {
            return Segment(
                start: starts[index], end: starts[index + 1], offset: offsets[index],
                reached: reached[index])
        }
        guard cycleCount > 0 else {
            return index >= count
                ? nil
                : Segment(
                    start: starts[index], end: ZoneTable.distantFuture,
                    offset: offsets[index], reached: reached[index])
        }
        let (base, shift) = fold(index)
        let (next, nextShift) = fold(index + 1)
        return Segment(
            start: starts[base] + shift, end: starts[next] + nextShift,
            offset: offsets[base], reached: reached[base] + shift)
    }

    /// An index into the endless sequence as a table index and the shift in seconds.
    private func fold(_ index: Int) -> (base: Int, shift: Int64) {
        let count = starts.count
        guard index >= count else { return (index, 0) }
        let (turns, rest) = (index - count).quotientAndRemainder(dividingBy: cycleCount)
        return (count - cycleCount + rest, Int64(turns + 1) * ZoneTable.cycleSeconds)
    }
}
