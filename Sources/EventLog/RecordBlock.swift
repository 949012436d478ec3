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
    private var notes = RecordNotes()

    init() {}

    /// How many records there are.
    var recordCount: Int { table.count }

    /// The sequence after the last record.
    var end: SequenceNumber { first.advanced(by: table.count) }

    /// Forgets the records, and keeps the memory.
    mutating func removeAll() {
        table.removeAll()
        notes.removeAll()
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

    /// Decompresses a frame behind the records, and does not count it among them: `admit` does.
    ///
    /// - Returns: the number of its bytes.
    mutating func load(
        _ frame: SealedFrame, of file: DiskFile, disk: any Disk,
        by frames: inout SealedFrameReader
    ) throws(SegmentScan.Unreadable) -> Int {
        reserve(byteCount + LogFormat.frameRawByteCountMax)
        return try frames.load(frame, of: file, disk: disk, into: &memory, at: byteCount)
    }

    /// Adds the frame that was loaded; false, and nothing added, unless it is `recordCount` ones.
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

    /// Notes of each record what `note` has to say of it; once, when all are there.
    mutating func takeNotes(_ note: RecordNote) {
        var taken = RecordNotes()
        swap(&taken, &notes)
        records(from: first).forEach { _, bytes in taken.add(bytes, note) }
        swap(&taken, &notes)
    }

    /// What was noted of a record that is there: nothing where `takeNotes` was not called.
    @_lifetime(borrow self)
    func notes(of sequence: SequenceNumber) -> Span<UInt64> {
        notes.words(of: Int(sequence.rawValue - first.rawValue))
    }

    /// The records from a sequence on.
    @_lifetime(borrow self)
    func records(from wanted: SequenceNumber) -> RecordRun {
        RecordRun(
            bytes: memory.bytes, ends: table.ends, first: first.rawValue,
            skipped: skipped(from: wanted))
    }

    /// The same where the bytes are elsewhere.
    @_lifetime(borrow self, copy bytes)
    func records(in bytes: RawSpan, from wanted: SequenceNumber) -> RecordRun {
        RecordRun(
            bytes: bytes, ends: table.ends, first: first.rawValue, skipped: skipped(from: wanted))
    }

    private func skipped(from wanted: SequenceNumber) -> Int {
        wanted > first ? Int(clamping: wanted.rawValue - first.rawValue) : 0
    }
}

/// Records that were checked, in place.
///
/// Inlined into who reads them: a call for each record took a tenth of the time of reading.
@usableFromInline
struct RecordRun: ~Escapable {
    @usableFromInline let bytes: RawSpan
    /// Where each record ends in `bytes`.
    @usableFromInline let ends: Span<UInt32>
    /// The sequence of the first one, wanted or not.
    @usableFromInline let first: UInt64
    /// How many are not wanted.
    @usableFromInline let skipped: Int

    @_lifetime(copy bytes, copy ends)
    init(bytes: RawSpan, ends: Span<UInt32>, first: UInt64, skipped: Int) {
        self.bytes = bytes
        self.ends = ends
        self.first = first
        self.skipped = skipped
    }

    /// At most `count` of the records from a sequence on, which are none before `first`.
    @_lifetime(copy self)
    func part(from sequence: UInt64, count: Int) -> RecordRun {
        let start = Int(clamping: sequence - min(first, sequence))
        let end = min(ends.count, start + min(count, ends.count))
        return RecordRun(
            bytes: bytes, ends: ends.extracting(0..<end), first: first, skipped: start)
    }

    @inlinable
    @inline(__always)
    func forEach<Failure: Error>(
        _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        guard skipped < ends.count else { return }
        var start = skipped == 0 ? 0 : Int(ends[skipped - 1])
        for index in skipped..<ends.count {
            let end = Int(ends[index])
            // Wrapping: none comes near 2^64, see `BatchHeader.isConsistent` and `SealedFooter`.
            let sequence = SequenceNumber(first &+ UInt64(index))
            // One record has one encoding, and is at most 65,535 bytes long: so its size with its
            // length tells how long the length is.
            let whole = end - start
            let prefix = 1 + (whole > 0x80 ? 1 : 0) + (whole > 0x4001 ? 1 : 0)
            try body(sequence, bytes.extracting((start + prefix)..<end))
            start = end
        }
    }
}

/// Where records end that were checked to be told apart: they are taken apart once, not twice.
///
/// With it the record after the next can be found before the next was looked at, which a chain of
/// lengths does not allow.
private struct RecordTable: Sendable {
    private(set) var count = 0
    /// Four bytes a record: no reader has more than a few MiB of them in memory.
    private var places: [UInt32] = []

    /// The end of each record.
    var ends: Span<UInt32> {
        @_lifetime(borrow self)
        get { places.span.extracting(0..<count) }
    }

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
        if places.count < limit {
            places.append(contentsOf: repeatElement(0, count: limit - places.count))
        }
        var splitter = RecordSplitter(body)
        var found = count
        var noted = places.mutableSpan
        do throws(RecordSplitter.Problem) {
            while let record = try splitter.next(in: body) {
                guard found < limit else { return false }
                noted[found] = UInt32(truncatingIfNeeded: base + record.upperBound)
                found += 1
            }
        } catch { return false }
        guard found == limit else { return false }
        count = limit
        return true
    }
}
