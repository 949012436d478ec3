/// What a log consists of, counted from its batch headers and the frames of its sealed segments.
public struct LogStatistics: Sendable, Codable, Hashable {
    /// Segments read.
    public var segmentCount = 0
    /// Those of them that are sealed.
    public var sealedSegmentCount = 0
    /// Frames of sealed segments.
    public var frameCount = 0
    /// Batches with records, of active segments.
    public var batchCount = 0
    /// Batches that only say what is durable.
    public var commitMarkCount = 0
    /// Batches that are stored compressed.
    public var compressedBatchCount = 0
    /// Records.
    public var recordCount = 0
    /// The oldest record's sequence; nil without records.
    public var firstSequence: SequenceNumber?
    /// The newest record's sequence; nil without records.
    public var lastSequence: SequenceNumber?
    /// The lowest term of a batch.
    public var firstTerm: UInt64?
    /// The highest term of a batch.
    public var lastTerm: UInt64?
    /// The bytes of the records, lengths included.
    public var rawByteCount = 0
    /// The bytes of the bodies and frames as stored.
    public var storedByteCount = 0
    /// The bytes of the batches, headers and zeros to the next block included, and of the frames.
    public var batchByteCount = 0
    /// The largest number of records in a batch.
    public var largestBatchRecordCount = 0

    /// Nothing yet.
    public init() {}

    /// Counts the log in a data folder.
    ///
    /// Reads all of it, and checks it as `LogReader` does.
    public static func read(
        folder: String, disk: any Disk, trust: LogReader.Trust = .everything
    ) throws(EventLogError) -> LogStatistics {
        var statistics = LogStatistics()
        var reader = try LogReader.open(folder: folder, disk: disk, trust: trust)
        var segment: SequenceNumber?
        while let batch = try reader.nextBatch(includingMarks: true) {
            if segment != reader.segmentFirstSequence {
                segment = reader.segmentFirstSequence
                statistics.segmentCount += 1
                if batch.isSealedFrame { statistics.sealedSegmentCount += 1 }
            }
            statistics.add(batch)
        }
        return statistics
    }

    private mutating func add(_ batch: BatchHeader) {
        firstTerm = min(firstTerm ?? batch.term, batch.term)
        lastTerm = max(lastTerm ?? batch.term, batch.term)
        batchByteCount += batch.batchByteCount
        guard !batch.isCommitMark else {
            commitMarkCount += 1
            return
        }
        if batch.isSealedFrame {
            frameCount += 1
        } else {
            batchCount += 1
            largestBatchRecordCount = max(largestBatchRecordCount, batch.recordCount)
            if batch.codec != .plain { compressedBatchCount += 1 }
        }
        recordCount += batch.recordCount
        rawByteCount += batch.rawByteCount
        storedByteCount += batch.storedByteCount
        firstSequence = firstSequence ?? batch.firstSequence
        lastSequence = batch.endSequence.previous
    }
}
