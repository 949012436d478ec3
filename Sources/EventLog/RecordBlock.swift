/// Records that were checked, back to back in memory that is used again, and where each one ends.
///
/// A reader fills it batch by batch. Nothing is in it before all of its batch was checked, so who
/// reads it need check nothing again.
struct RecordBlock: ~Copyable, Sendable {
    private var memory = ByteBlock(byteCount: 0)
    private var table = RecordTable()
    /// How many bytes of records are in memory.
    private(set) var byteCount = 0
    /// The sequence of the first record.
    private(set) var first = SequenceNumber.zero

    init() {}

    /// How many records there are.
    var recordCount: Int { table.count }

    /// The sequence after the last record.
    var end: SequenceNumber { first.advanced(by: table.count) }

    /// Forgets the records, and keeps the memory.
    mutating func removeAll() {
        table.removeAll()
        byteCount = 0
    }

    /// Makes room for so many bytes in all; what is there stays.
    ///
    /// - Complexity: O(n) where it grows.
    mutating func reserve(_ wanted: Int) {
        guard wanted > memory.byteCount else { return }
        var larger = ByteBlock(byteCount: LogFormat.roundUp(wanted))
        larger.copy(memory.bytes.extracting(0..<byteCount), to: 0)
        memory = larger
    }

    /// Decompresses a frame behind the records, without counting it among them: that is for `admit`.
    ///
    /// - Returns: the number of its bytes.
    mutating func load(
        _ frame: SealedFrame, of file: DiskFile, disk: any Disk,
        by frames: inout SealedFrameReader
    ) throws(SegmentScan.Unreadable) -> Int {
        reserve(byteCount + LogFormat.frameRawByteCountMax)
        return try frames.load(frame, of: file, disk: disk, into: &memory, at: byteCount)
    }

    /// Adds the frame that was loaded; false, and nothing added, unless it is `recordCount` records.
    mutating func admit(_ batch: BatchHeader) -> Bool {
        let range = byteCount..<(byteCount + batch.rawByteCount)
        begin(batch)
        guard table.append(memory, range, count: batch.recordCount) else { return false }
        byteCount = range.upperBound
        return true
    }

    /// Notes where the records of a body end, which stays elsewhere unless it is then added; false,
    /// and nothing noted, unless it is `recordCount` records.
    mutating func note(_ body: RawSpan, of batch: BatchHeader) -> Bool {
        begin(batch)
        return table.append(body, count: batch.recordCount, at: byteCount)
    }

    /// Adds the body that was noted last.
    mutating func append(_ body: RawSpan) {
        let end = byteCount + body.byteCount
        if end > memory.byteCount { reserve(max(end, 2 * memory.byteCount)) }
        memory.copy(body, to: byteCount)
        byteCount = end
    }

    private mutating func begin(_ batch: BatchHeader) {
        if table.count == 0 { first = batch.firstSequence }
    }

    /// Runs `body` over the records from a sequence on.
    @inline(__always)
    func forEach<Failure: Error>(
        from wanted: SequenceNumber, _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        try forEach(in: memory.bytes.extracting(0..<byteCount), from: wanted, body)
    }

    /// The same where the bytes are elsewhere.
    @inline(__always)
    func forEach<Failure: Error>(
        in bytes: RawSpan, from wanted: SequenceNumber,
        _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        let skipped = wanted > first ? wanted.rawValue - first.rawValue : 0
        try table.forEach(in: bytes, first: first, from: Int(clamping: skipped), body)
    }
}

/// Where records end that were checked to be told apart: they are taken apart once, not twice.
///
/// With it the record after the next can be found before the next was looked at, which a chain of
/// lengths does not allow.
private struct RecordTable: Sendable {
    private(set) var count = 0
    /// Four bytes a record: no reader has more than a few MiB of them in memory.
    private var ends: [UInt32] = []

    mutating func removeAll() { count = 0 }

    /// The same for records that are in memory.
    mutating func append(
        _ memory: borrowing ByteBlock, _ range: Range<Int>, count more: Int
    ) -> Bool {
        append(memory.bytes.extracting(range), count: more, at: range.lowerBound)
    }

    /// Adds the records of `body`, which stands at `base`; false, and nothing added, unless it is
    /// `more` records, none too long.
    mutating func append(_ body: RawSpan, count more: Int, at base: Int) -> Bool {
        // A record takes one byte at least: a count that lies costs no memory.
        guard more <= body.byteCount else { return false }
        let limit = count + more
        if ends.count < limit {
            ends.append(contentsOf: repeatElement(0, count: limit - ends.count))
        }
        var splitter = RecordSplitter(body)
        var found = count
        var places = ends.mutableSpan
        do throws(RecordSplitter.Problem) {
            while let record = try splitter.next(in: body) {
                guard found < limit else { return false }
                places[found] = UInt32(truncatingIfNeeded: base + record.upperBound)
                found += 1
            }
        } catch { return false }
        guard found == limit else { return false }
        count = limit
        return true
    }

    @inline(__always)
    func forEach<Failure: Error>(
        in bytes: RawSpan, first: SequenceNumber, from skipped: Int,
        _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        guard skipped < count else { return }
        let places = ends.span
        var start = skipped == 0 ? 0 : Int(places[skipped - 1])
        for index in skipped..<count {
            let end = Int(places[index])
            // Wrapping: none comes near 2^64, see `BatchHeader.isConsistent` and `SealedFooter`.
            let sequence = SequenceNumber(first.rawValue &+ UInt64(index))
            let record = (start + RecordSplitter.prefixByteCount(ofWhole: end - start))..<end
            try body(sequence, bytes.extracting(record))
            start = end
        }
    }
}
