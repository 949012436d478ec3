import SystemPackage

/// The log as its one writer has it: lock, active segment, tree, and the way a batch becomes
/// durable.
///
/// Synchronous, without a thread or a clock of its own: a simulation drives it as it stands.
/// `LogWriter` runs one on a thread.
///
/// # The durability argument
///
/// What `write` returned for is on disk, whole, and in order, whatever happens after. The steps:
///
/// **Opening** (`LogStore+Open.swift`)
/// 1. `flock(LOCK, LOCK_EX | LOCK_NB)`: there is one writer.
/// 2. The last segment is read to its end and judged. Each frame that no later frame proves durable
///    is written again, the same bytes at the same place: `pwrite`, `fdatasync` of the segment,
///    `fsync` of the folder. A sync that failed in an earlier life has marked pages clean that
///    never reached the disk (LWN 752063; Rebello et al., USENIX ATC 2020); writing makes them
///    dirty, so now they do.
/// 3. A torn frame is copied to `quarantine/` (`pwrite`, `fdatasync`, `fsync` of that folder), then
///    overwritten with zeros in place: `pwrite`, `fdatasync`. So a later batch is only ever written
///    into zeros, and a frame that is partly zeros means "cut off" again.
/// 4. A commit mark with the new, higher term: `pwrite`, `fdatasync`. From here on the log itself
///    says that all before it is durable.
///
/// **Writing a batch** (`write`)
/// 5. `pwrite` of whole blocks, from the first block that no batch has touched. No acknowledged
///    byte shares a block with it, so however this write is torn, nothing acknowledged is.
/// 6. `fdatasync`. The file has its final size and its blocks are allocated and written (step 8),
///    so there is no metadata that could be missing.
/// 7. Only after it returned 0 does `write` return, does `durableThrough` advance, and may the next
///    batch be written. So at most one batch is ever not durable: the last. If either call fails,
///    the outcome is unknown; the store refuses everything from then on, and never syncs again.
///
/// **Rolling** (`LogStore+Roll.swift`), when a batch does not fit
/// 8. Ahead of need: `open(O_CREAT | O_EXCL)` of a temporary name, zeros by `pwrite`, `fdatasync`.
///    Where the disk is full, `rename` of the reserve, which was made so as well.
/// 9. The header goes into that file: `pwrite`, `fdatasync`.
/// 10. `rename` to its final name, `fsync` of the folder. Only then step 5, in the new segment.
///    A crash before the rename leaves a temporary file, which opening removes; one after it leaves
///    an empty segment, with a good header. The segment before was durable to its last batch
///    already (step 7), so a bad frame in it is never a crash's doing.
///
/// **Afterwards** a segment that is no longer written to is sealed; `SegmentSealing` has the steps,
/// and why none of them loses what was durable here. `LogRepair` has those of repairs and cuts.
///
/// A decision is whole within one batch, and a batch counts only if its checksum holds: so a
/// decision is durable whole, or not at all. A batch names its predecessor's checksum and the next
/// sequence, so what is durable is a prefix of what was written.
public struct LogStore: ~Copyable {
    let disk: any Disk
    let paths: LogPaths
    let sources: LogSources
    let lock: DiskFile
    /// The sizes that it was opened with.
    public let configuration: LogConfiguration
    /// What opening found.
    public let recovery: RecoveryReport
    /// How many times this log was opened for writing, this time included.
    public let term: UInt64

    var segment: DiskFile
    var header: SegmentHeader
    var checksumSeed: UInt32
    /// Where the next batch goes.
    var offset: Int
    /// The header checksum of the last batch, or that of the tree before the segment.
    var chain: UInt32
    var frontier: TreeFrontier
    var encoder = BatchEncoder()
    /// The number of the next record; all before it are durable.
    public internal(set) var nextSequence: SequenceNumber
    /// The records that no frame in the log says are durable.
    var isMarkDue = false
    var prepared: SegmentPreparation.Prepared?
    /// Whether there is a segment in reserve, for when the disk is full.
    public internal(set) var hasReserve = false
    /// Why nothing more may be written.
    var failure: EventLogError?
    /// How many batches this store has written, commit marks included.
    public internal(set) var batchCount = 0

    /// The identity of the log.
    public var identity: LogIdentity { header.identity }

    /// The first sequence of the segment that is written to.
    public var segmentFirstSequence: SequenceNumber { header.firstSequence }

    /// The Merkle tree over all records, which are durable.
    ///
    /// - Complexity: one hash for each set bit of the size.
    public var treeHead: TreeHead { TreeHead(size: frontier.size, root: frontier.root) }

    /// The last durable sequence, or nil while there is none.
    public var durableThrough: SequenceNumber? { nextSequence.previous }

    /// Appends records as one batch: all of them are durable when this returns.
    ///
    /// - Parameter body: whole decisions, back to back, each a row of `varint length, bytes`.
    /// - Parameter recordCount: the number of records in it, at least 1.
    /// - Returns: the sequences that the records got.
    /// - Throws: `recordTooLarge`, `decisionTooLarge`, `decisionMalformed`, `noSpace`: nothing was
    ///   written, and the store can go on. `outcomeUnknown`: the store is finished.
    public mutating func write(
        _ body: RawSpan, recordCount: Int
    ) throws(EventLogError) -> LogTicket {
        try Self.check(body, recordCount: recordCount, configuration: configuration)
        let ticket = try writeChecked(body, recordCount: recordCount)
        addLeaves(body)
        return ticket
    }

    /// Checks that records may go into one batch.
    static func check(
        _ body: RawSpan, recordCount: Int, configuration: LogConfiguration
    ) throws(EventLogError) {
        try RecordSplitter.check(body, count: recordCount)
        let limit = configuration.decisionByteCountMax
        guard body.byteCount <= limit else {
            throw .decisionTooLarge(byteCount: body.byteCount, limit: limit)
        }
    }

    /// `write` for a body that was checked when it was queued.
    ///
    /// It is durable when this returns, but not in the tree yet: `add(leaves:)` comes next, once
    /// those who wait were told.
    mutating func writeChecked(
        _ body: RawSpan, recordCount: Int
    ) throws(EventLogError) -> LogTicket {
        let first = nextSequence
        guard first.rawValue <= UInt64.max - 1 - UInt64(recordCount) else {
            throw .decisionMalformed("the log has no sequence numbers left")
        }
        try writeBatch(body, recordCount: recordCount)
        return LogTicket(first: first, count: recordCount)
    }

    /// Writes a commit mark if some batch is not yet said to be durable by a later one.
    ///
    /// With it, even the last batch's loss would be noticed.
    /// - Returns: whether one was needed.
    @discardableResult
    public mutating func commitMark() throws(EventLogError) -> Bool {
        if let failure { throw failure }
        guard isMarkDue else { return false }
        try writeMark()
        return true
    }

    mutating func writeMark() throws(EventLogError) {
        let nothing: [UInt8] = []
        // Safe: no bytes.
        try writeBatch(unsafe nothing.span.bytes, recordCount: 0)
    }

    /// Writes what is due, releases the lock and ends.
    ///
    /// A mark that finds no room is left out: it only adds evidence.
    /// - Returns: the tree over all records.
    @discardableResult
    public consuming func close() throws(EventLogError) -> TreeHead {
        if failure == nil {
            do throws(EventLogError) { try commitMark() } catch {
                if error.code != .noSpace { throw error }
            }
        }
        return treeHead
    }

    deinit {
        disk.close(segment)
        if let prepared { disk.close(prepared.file) }
        disk.close(lock)
    }

    private mutating func writeBatch(_ body: RawSpan, recordCount: Int) throws(EventLogError) {
        if let failure { throw failure }
        precondition(frontier.size == nextSequence.rawValue, "the tree has every record so far")
        var batch = encoder.encode(
            body, recordCount: recordCount, firstSequence: nextSequence,
            durableThrough: durableThrough, term: term)
        if offset + batch.batchByteCount > header.fileByteCount { try roll() }
        encoder.seal(&batch, chain: chain, seed: checksumSeed)
        do throws(DiskError) {
            try disk.write(segment, at: offset, encoder.bytes(batch))
            try disk.sync(segment)
        } catch {
            throw fail(EventLogError(disk: error))
        }
        offset += batch.batchByteCount
        chain = batch.headerCRC
        nextSequence = batch.endSequence
        isMarkDue = recordCount > 0
        batchCount += 1
    }

    /// Ends the store: nothing is written after a failure.
    mutating func fail(_ cause: EventLogError) -> EventLogError {
        let error = EventLogError.outcomeUnknown(cause)
        failure = error
        return error
    }

    /// Adds the leaves of the records that `writeChecked` wrote to the tree.
    mutating func add(leaves: ArraySlice<TreeHash>) {
        for leaf in leaves { frontier.append(leaf: leaf) }
    }

    /// Adds the records that `writeChecked` wrote to the tree.
    private mutating func addLeaves(_ body: RawSpan) {
        var splitter = RecordSplitter(body)
        // The body was checked before it was written.
        while let place = splitter.nextChecked(in: body) {
            frontier.append(leaf: TreeHash.leaf(body.extracting(place)))
        }
    }
}

/// The place of an appended decision in the log.
public struct LogTicket: Hashable, Sendable {
    /// The sequence of its first record.
    public let first: SequenceNumber
    /// The number of its records, at least 1.
    public let count: Int

    /// The place of `count` records from `first`.
    public init(first: SequenceNumber, count: Int) {
        precondition(count > 0, "a decision has at least one record")
        self.first = first
        self.count = count
    }

    /// The sequence of its last record.
    public var last: SequenceNumber { first.advanced(by: count - 1) }
}
