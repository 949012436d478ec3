/// Reads the records of a log in order, in place, from any sequence.
///
/// Changes nothing; needs no lock.
///
/// ```swift
/// var reader = try LogReader.open(folder: data, disk: RealDisk(), trust: .everything)
/// try reader.seek(to: SequenceNumber(1_000))
/// while try reader.nextBatch() != nil {
///     reader.forEachRecord { sequence, bytes in … }
/// }
/// ```
///
/// At the end of the log `nextBatch` gives nil; called again later, it gives what was appended
/// since.
public struct LogReader: ~Copyable, Sendable {
    /// How much of the log is read.
    public enum Trust: Sendable, Hashable {
        /// Only what the log itself says is durable: for reading beside a live writer. The last
        /// batch becomes visible when a later one, or a commit mark, says so.
        case provedDurable
        /// All that recovery would trust: for a log that no one is writing.
        case everything
    }

    let disk: any Disk
    let paths: LogPaths
    /// How much of the log is read.
    public let trust: Trust
    var file: DiskFile
    /// Where an active segment is read; its header is there for a sealed one too.
    var cursor: SegmentCursor
    /// Looks ahead for what later batches say is durable.
    var scout: SegmentCursor
    /// The number of records of the log that are known to be durable.
    var provedEnd: UInt64 = 0
    /// The segment that is being read, where it is sealed.
    var sealed: SealedSegment?
    /// The frame of it that comes next.
    var frameNumber = 0
    var frames = SealedFrameReader()
    /// Where the records of the batch end that `nextBatch` gave last; of a sealed segment, the
    /// records too.
    var block = RecordBlock()
    var current: BatchHeader?
    /// Whether a later segment is looked for under the one name that it can have, and the folder is
    /// not listed, which takes milliseconds for thousands of segments.
    ///
    /// For who has read to the end once, and so knows that no segment is missing: a writer only
    /// adds one behind the last, named by the end of that. A segment that is lost later, or its
    /// header, is noticed where the folder is listed again.
    var isFollowing = false
    /// No record before it is given.
    private(set) var firstWanted = SequenceNumber.zero
    /// The offset in its segment of the batch that `nextBatch` gave last.
    public private(set) var batchOffset = 0

    /// Opens the log in a data folder at its oldest record.
    ///
    /// - Throws: `noLog`, `damaged`, `foreignOrMissing`, `inputOutput`.
    public static func open(
        folder: String, disk: any Disk, trust: Trust
    ) throws(EventLogError) -> LogReader {
        let paths = LogPaths(data: folder)
        guard let first = try segments(paths, disk).first else { throw .noLog(folder: folder) }
        let opened = try openSegment(first, paths: paths, disk: disk, mayBeTorn: first == .zero)
        guard let opened else { throw .noLog(folder: folder) }
        return LogReader(disk: disk, paths: paths, trust: trust, opened)
    }

    init(disk: any Disk, paths: LogPaths, trust: Trust, _ opened: OpenedSegment) {
        self.disk = disk
        self.paths = paths
        self.trust = trust
        file = opened.file
        sealed = opened.sealed
        cursor = SegmentCursor(disk: disk, file: opened.file, header: opened.header)
        scout = SegmentCursor(disk: disk, file: opened.file, header: opened.header)
        firstWanted = opened.header.firstSequence
    }

    deinit { disk.close(file) }

    /// The identity of the log.
    public var identity: LogIdentity { cursor.header.identity }

    /// The first sequence of the segment that is being read: its name.
    public var segmentFirstSequence: SequenceNumber { cursor.header.firstSequence }

    /// The path of the segment that is being read.
    public var segmentPath: String { cursor.path }

    /// The sequence after all that was read so far.
    public var position: SequenceNumber { max(endOfRead, firstWanted) }

    /// Goes to a sequence, forwards or back; the next batch is the one that holds it.
    ///
    /// Finds the segment by name, and skips batches by their headers. A sequence that is not
    /// written yet is no error: reading goes on there once it is.
    /// - Throws: `sequenceAbsent` for one older than the oldest segment, and as `nextBatch` does.
    public mutating func seek(to sequence: SequenceNumber) throws(EventLogError) {
        let names = try Self.segments(paths, disk)
        guard let name = names.last(where: { $0 <= sequence }) else {
            throw EventLogError(
                .sequenceAbsent,
                "sequence \(sequence) is older than the oldest segment in \(paths.log). "
                    + "Read from \(names.first ?? .zero) on, or restore it."
            )
        }
        current = nil
        block.removeAll()
        try enter(name)
        firstWanted = sequence
        if let sealed {
            frameNumber = sealed.frameNumber(holding: sequence)
            return
        }
        do throws(DiskError) {
            while case .batch = try cursor.next(.headerBefore(sequence)) {}
        } catch {
            throw .damaged("it cannot be read: \(error)", segment: file.path, offset: cursor.offset)
        }
    }

    /// Goes on to the next batch with records, or frame of a sealed segment; nil at the end of what
    /// may be read.
    ///
    /// Everything about it is checked before it is given: checksums, chain, order, records.
    /// - Parameter includingMarks: give commit marks too, which hold no records.
    /// - Throws: `damaged`, `foreignOrMissing` where the log is not what was written;
    ///   `inputOutput`.
    public mutating func nextBatch(
        includingMarks: Bool = false
    ) throws(EventLogError) -> BatchHeader? {
        current = nil
        block.removeAll()
        current = try advance(includingMarks: includingMarks)
        return current
    }

    /// The same, but its records come behind those that are in `block`.
    mutating func advance(includingMarks: Bool) throws(EventLogError) -> BatchHeader? {
        while true {
            let offset = nextOffset
            var step = try step()
            if case .tail(let tail) = step { step = try judge(tail) }
            switch step {
            case .batch(let batch):
                guard take(batch) else {
                    throw .damaged(
                        "its records cannot be told apart", segment: file.path, offset: offset)
                }
                if batch.recordCount == 0, !includingMarks { continue }
                if batch.endSequence <= firstWanted, batch.recordCount > 0 {
                    // So all before it is unwanted too, and the block held nothing.
                    block.removeAll()
                    continue
                }
                batchOffset = offset
                return batch
            case .segmentEnd:
                guard try enterNext() else { return nil }
            case .end, .tail:
                return nil
            }
        }
    }

    /// Runs `body` over the records of the batch that `nextBatch` gave last, in order.
    ///
    /// The bytes are those of the record, without its length, and are there during the call only.
    @inlinable
    public func forEachRecord<Failure: Error>(
        _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        try records.forEach(body)
    }

    @usableFromInline var records: RecordRun {
        @_lifetime(borrow self)
        get {
            guard let current, !current.isSealedFrame else {
                return block.records(from: firstWanted)
            }
            return block.records(in: cursor.body(of: current), from: firstWanted)
        }
    }

    /// Runs `body` over all records from the present position to the end, until it returns false.
    @inlinable
    public mutating func forEach(
        _ body: (SequenceNumber, RawSpan) -> Bool
    ) throws(EventLogError) {
        while try nextBatch() != nil {
            do throws(ReadingStopped) {
                try forEachRecord { (sequence, bytes) throws(ReadingStopped) in
                    if !body(sequence, bytes) { throw ReadingStopped() }
                }
            } catch { return }
        }
    }
}

/// A caller wants no more records.
@usableFromInline
struct ReadingStopped: Error {
    @inlinable
    init() {}
}
