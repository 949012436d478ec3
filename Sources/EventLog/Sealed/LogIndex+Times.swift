// Places of a log by time: from the footers of its sealed segments, and from the batches of others.

extension LogIndex {
    /// The first record at or after a time, µs since 1970; nil where there is none yet.
    ///
    /// It takes the frame or batch and reads on from there: records without a time are passed over.
    /// It expects times that never decrease.
    /// - Complexity: O(log segments) footers, and reading a frame or some batches.
    /// - Throws: `damaged`, `foreignOrMissing` where the segment is; `inputOutput`.
    public mutating func firstSequence(
        atOrAfter time: Int64
    ) throws(EventLogError) -> SequenceNumber? {
        let vocabulary = vocabulary
        var next = try lastFrame(before: time) ?? start
        var description = RecordDescription()
        var found: SequenceNumber?
        while found == nil, next < end {
            let stop = min(next.advanced(by: 512), end)
            let some = (next.rawValue..<stop.rawValue).map { SequenceNumber($0) }
            try forEachRecord(at: some, mapping: { $0 }) {
                (sequence, bytes) throws(EventLogError) in
                guard found == nil else { return }
                description.clear()
                vocabulary.describe(bytes, into: &description)
                if let here = description.time, here >= time { found = sequence }
            }
            next = stop
        }
        return found
    }

    /// A sequence at which, and behind which, all records are later than a time.
    ///
    /// It is the first of the frame or batch behind the time, `end` where there is none: some
    /// before it may be later too. It expects times that never decrease. No record is read.
    /// - Complexity: O(log segments) footers.
    /// - Throws: `damaged`, `foreignOrMissing` where a sealed segment is; `inputOutput`.
    public mutating func upperBound(of time: Int64) throws(EventLogError) -> SequenceNumber {
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            let first = try firstTime(ofSegment: middle)
            // A segment without times tells nothing: all of it may be as old.
            if first == LogFormat.noTime { return end }
            if first <= time { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return start }
        if let active = unsealed[low - 1] {
            let batch = active.batches.first { $0.time > time && $0.time != LogFormat.noTime }
            return batch?.place.first ?? active.end
        }
        let found = try segment(low - 1)
        let frame = found.footer.frames.first { $0.time > time && $0.time != LogFormat.noTime }
        return frame.map { SequenceNumber($0.firstSequence) } ?? found.endSequence
    }

    /// The time of a segment's first record, or `LogFormat.noTime`.
    private mutating func firstTime(ofSegment number: Int) throws(EventLogError) -> Int64 {
        if let active = unsealed[number] { return active.firstTime }
        return try segment(number).footer.firstTime
    }

    /// Where to begin to look: the last frame that is known to begin before a time, or the end of
    /// a segment that ends before it.
    private mutating func lastFrame(before time: Int64) throws(EventLogError) -> SequenceNumber? {
        func isBefore(_ other: Int64) -> Bool { other != LogFormat.noTime && other < time }
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            let first = try firstTime(ofSegment: middle)
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
            let first = try firstTime(ofSegment: number)
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
        if let active = unsealed[number] {
            return active.batches.last { isBefore($0.time) }?.place.first
        }
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
