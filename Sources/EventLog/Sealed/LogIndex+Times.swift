// Places of a log by time, from the footers of its sealed segments.

extension LogIndex {
    /// The first record at or after a time, µs since 1970; nil where there is none yet.
    ///
    /// It takes the frame from the footers and reads on from there: records without a time are
    /// passed over. It expects times that never decrease.
    /// - Complexity: O(log segments) footers, and reading one frame where the time lies in a sealed
    ///   segment; the active segments otherwise.
    /// - Throws: as `LogReader` does.
    public mutating func firstSequence(
        atOrAfter time: Int64, trust: LogReader.Trust
    ) throws(EventLogError) -> SequenceNumber? {
        var reader = try LogReader.open(folder: paths.data, disk: disk, trust: trust)
        let from = try lastFrame(before: time)
        if let from { try reader.seek(to: from) }
        var description = RecordDescription()
        var found: SequenceNumber?
        try reader.forEach { sequence, bytes in
            description.clear()
            vocabulary.describe(bytes, into: &description)
            guard let here = description.time, here >= time else { return true }
            found = sequence
            return false
        }
        return found
    }

    /// A sequence of a sealed segment that no record after a time is older than: the first of the
    /// frame behind it; `indexedEnd` where sealed segments end before.
    ///
    /// It expects times that never decrease. No record is read.
    /// - Complexity: O(log segments) footers.
    /// - Throws: `damaged`, `foreignOrMissing` where a sealed segment is; `inputOutput`.
    public mutating func upperBound(of time: Int64) throws(EventLogError) -> SequenceNumber {
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            let first = try segment(middle).footer.firstTime
            // A segment without times tells nothing: all of it may be as old.
            if first == LogFormat.noTime { return indexedEnd }
            if first <= time { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return start }
        let found = try segment(low - 1)
        let frame = found.footer.frames.first { $0.time > time && $0.time != LogFormat.noTime }
        return frame.map { SequenceNumber($0.firstSequence) } ?? found.endSequence
    }

    /// Where to begin to look: the last frame that is known to begin before a time, or the end of
    /// a segment that ends before it.
    private mutating func lastFrame(before time: Int64) throws(EventLogError) -> SequenceNumber? {
        func isBefore(_ other: Int64) -> Bool { other != LogFormat.noTime && other < time }
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            let first = try segment(middle).footer.firstTime
            // Where a time is not known, nothing can be halved.
            if first == LogFormat.noTime { return try lastFrameOfAll(before: time) }
            if isBefore(first) { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : try lastFrame(before: time, of: low - 1)
    }

    private mutating func lastFrameOfAll(
        before time: Int64
    ) throws(EventLogError) -> SequenceNumber? {
        for number in places.indices.reversed() {
            let first = try segment(number).footer.firstTime
            if first != LogFormat.noTime, first < time {
                return try lastFrame(before: time, of: number)
            }
        }
        return nil
    }

    private mutating func lastFrame(
        before time: Int64, of number: Int
    ) throws(EventLogError) -> SequenceNumber? {
        func isBefore(_ other: Int64) -> Bool { other != LogFormat.noTime && other < time }
        let segment = try segment(number)
        // All of it: what follows it is where to look.
        if isBefore(segment.footer.lastTime) { return segment.endSequence }
        let frame = segment.footer.frames.last { isBefore($0.time) }
        return frame.map { SequenceNumber($0.firstSequence) }
    }

    /// The first number for which `isBefore` does not hold, where it holds for all below.
    static func partition<Failure: Error>(
        _ count: Int, _ isBefore: (Int) throws(Failure) -> Bool
    ) throws(Failure) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if try isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
