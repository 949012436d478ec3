/// Reads the records of a log in order, as `LogReader` does, on a thread beside the caller's: while
/// the caller works on some records, the next ones are read, checked and decompressed.
///
/// ```swift
/// var records = try LogReadAhead.open(folder: data, disk: RealDisk(), trust: .everything)
/// while try records.nextBlock() {
///     records.forEachRecord { sequence, bytes in … }
/// }
/// ```
///
/// It gives the records that a `LogReader` gives, in blocks of about 1 MiB that have nothing to do
/// with batches, and throws the same error behind the same record. At most
/// `ReadAheadRing.blockCount` + 2 blocks are in memory; they are used again.
///
/// A log that ends within the first 256 KiB is read on the caller's thread, and no other is
/// started. Once the end was reached, or an error thrown, the thread is gone; it comes again where
/// much was appended since.
public struct LogReadAhead: ~Copyable {
    /// The identity of the log.
    public let identity: LogIdentity
    /// The sequence after all that `nextBlock` has given so far.
    public private(set) var position: SequenceNumber

    private let source: ReadAheadSource
    /// Runs while blocks come from it.
    private var thread: LogThread?
    /// What `nextBlock` gave last.
    private var block = RecordBlock()
    /// What follows it.
    private var sequel = ReadAheadSequel.more
    private let firstWanted: SequenceNumber

    /// Reads on where a reader stands; the batch that it gave last is not given again.
    ///
    /// - Parameter note: what is to be noted of each record on the thread that reads.
    public init(_ reader: consuming LogReader, noting note: RecordNote? = nil) {
        self.init(reader, pace: ReadAheadPace(), noting: note)
    }

    /// The same at another pace: for tests that have small logs.
    package init(
        _ reader: consuming LogReader, pace: ReadAheadPace, noting note: RecordNote? = nil
    ) {
        identity = reader.identity
        position = reader.position
        firstWanted = reader.firstWanted
        source = ReadAheadSource(reader, pace, note)
    }

    /// Opens the log in a data folder at a sequence, or at its oldest record.
    ///
    /// - Throws: as `LogReader.open` and `LogReader.seek` do.
    public static func open(
        folder: String, disk: any Disk, trust: LogReader.Trust, from first: SequenceNumber? = nil,
        noting note: RecordNote? = nil
    ) throws(EventLogError) -> LogReadAhead {
        var reader = try LogReader.open(folder: folder, disk: disk, trust: trust)
        if let first { try reader.seek(to: first) }
        return LogReadAhead(reader, noting: note)
    }

    deinit {
        source.stop()
        thread?.join()
    }

    /// How many records the block has that `nextBlock` gave last.
    public var recordCount: Int { block.recordCount }

    /// Goes on to the next block of records, waiting for it where it is not there yet; false at the
    /// end of what may be read.
    ///
    /// Called again after that, it gives what was appended since. Everything in the block is
    /// checked before it is given: checksums, chain, order, records. Where no thread runs yet, it
    /// reads the disk itself, and starts one.
    /// - Throws: as `LogReader.nextBatch` does, after all records before the fault were given.
    /// - Complexity: O(1) where the thread is ahead; nothing is copied.
    public mutating func nextBlock() throws(EventLogError) -> Bool {
        block.removeAll()
        if case .more = sequel { sequel = advance() }
        // What ends the records is told after them, by the next call.
        guard block.recordCount == 0 else {
            position = block.end
            return true
        }
        let end = sequel
        sequel = .more
        // Its last word was taken, so it is at its end; the reader is free again.
        thread?.join()
        thread = nil
        if case .failed(let error) = end { throw error }
        return false
    }

    private mutating func advance() -> ReadAheadSequel {
        if thread != nil { return source.ring.take(&block) }
        let sequel = source.readHere(&block)
        if case .more = sequel {
            // Where the system allows no more threads, the next block is read here too.
            thread = try? LogThread { [source] in source.run() }
        }
        return sequel
    }

    /// Runs `body` over the records of the block that `nextBlock` gave last, in order.
    ///
    /// The bytes are those of the record, without its length, and are there during the call only.
    @inlinable
    public func forEachRecord<Failure: Error>(
        _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        try records.forEach(body)
    }

    /// The same, with what was noted of each record.
    @inlinable
    public func forEachRecord<Failure: Error>(
        _ body: (SequenceNumber, RawSpan, _ noted: Span<UInt64>) throws(Failure) -> Void
    ) throws(Failure) {
        try records.forEach { (sequence, bytes) throws(Failure) in
            try body(sequence, bytes, notes(of: sequence))
        }
    }

    @usableFromInline
    @_lifetime(borrow self)
    func notes(of sequence: SequenceNumber) -> Span<UInt64> { block.notes(of: sequence) }

    @usableFromInline var records: RecordRun {
        @_lifetime(borrow self)
        get { block.records(from: firstWanted) }
    }

    /// Runs `body` over all records from the present position to the end, until it returns false.
    ///
    /// - Throws: as `nextBlock` does.
    @inlinable
    public mutating func forEach(
        _ body: (SequenceNumber, RawSpan) -> Bool
    ) throws(EventLogError) {
        while try nextBlock() {
            do throws(ReadingStopped) {
                try forEachRecord { (sequence, bytes) throws(ReadingStopped) in
                    if !body(sequence, bytes) { throw ReadingStopped() }
                }
            } catch { return }
        }
    }
}
