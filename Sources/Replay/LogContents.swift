import EventLog
import Events

/// What a log holds, in numbers.
public struct LogContents: Sendable, Codable {
    /// The log's identity, hex.
    public var logIdentity = ""
    /// Whether an engine was running, so that only what was proved durable was read.
    public var engineRunning = false
    /// Segments.
    public var segments = 0
    /// Bytes that batches take, to the ends of their blocks.
    public var bytes = 0
    /// Bytes of records before compression, with their lengths.
    public var recordBytes = 0
    /// Batches with records.
    public var batches = 0
    /// Commit marks: batches without records.
    public var commitMarks = 0
    /// Records.
    public var records: UInt64 = 0
    /// Records a batch, on average.
    public var recordsPerBatch = 0.0
    /// The first sequence; nil for an empty log.
    public var firstSequence: UInt64?
    /// The last sequence; nil for an empty log.
    public var lastSequence: UInt64?
    /// The first record's time, ISO 8601; nil for an empty log.
    public var firstTime: String?
    /// The last record's time, ISO 8601; nil for an empty log.
    public var lastTime: String?
    /// The term of the last writer.
    public var term: UInt64 = 0
    /// How many events of each type there are, by name.
    public var eventCounts: [String: UInt64] = [:]
    /// How many there are of each type that this build does not know, by number.
    public var unknownTypeCounts: [String: UInt64] = [:]

    /// Statistics of nothing.
    public init() {}

    /// Counts the whole log; nothing is applied, so unknown types are counted and no hindrance.
    ///
    /// - Throws: `log` where it is damaged, `notApplicable` where a record is not well formed.
    /// - Complexity: O(bytes).
    public static func gather(_ folder: DataFolder) throws(ReplayError) -> LogContents {
        var reader = try folder.reader()
        var counter = Counter()
        while let batch = try next(&reader) {
            counter.take(batch, segment: reader.segmentFirstSequence)
            try reader.forEachRecord { (sequence, bytes) throws(ReplayError) in
                try counter.take(sequence.rawValue, bytes)
            }
        }
        var statistics = counter.statistics
        statistics.logIdentity = reader.identity.description
        statistics.engineRunning = folder.isEngineRunning
        return statistics
    }

    private static func next(_ reader: inout LogReader) throws(ReplayError) -> BatchHeader? {
        do throws(EventLogError) { return try reader.nextBatch(includingMarks: true) } catch {
            throw ReplayError(error)
        }
    }
}

/// A count under way.
private struct Counter {
    private var result = LogContents()
    private var segment: SequenceNumber?
    /// By payload number; those up to 255 are every one that this build knows.
    private var counts = [UInt64](repeating: 0, count: 256)
    private var highCounts: [Int: UInt64] = [:]
    private var firstTime: Int64 = 0
    private var lastTime: Int64 = 0

    mutating func take(_ batch: BatchHeader, segment: SequenceNumber) {
        if self.segment != segment {
            self.segment = segment
            result.segments += 1
        }
        result.bytes += batch.batchByteCount
        result.recordBytes += batch.rawByteCount
        result.term = batch.term
        if batch.recordCount == 0 { result.commitMarks += 1 } else { result.batches += 1 }
    }

    mutating func take(_ sequence: UInt64, _ bytes: RawSpan) throws(ReplayError) {
        let peek = try RecordPeek(bytes, sequence)
        if result.records == 0 {
            result.firstSequence = sequence
            firstTime = peek.time
        }
        result.records += 1
        result.lastSequence = sequence
        lastTime = peek.time
        if peek.payloadNumber < counts.count {
            counts[peek.payloadNumber] += 1
        } else {
            highCounts[peek.payloadNumber, default: 0] += 1
        }
    }

    var statistics: LogContents {
        var result = result
        if result.batches > 0 {
            let hundredths = Double(result.records) / Double(result.batches) * 100
            result.recordsPerBatch = hundredths.rounded() / 100
        }
        if result.records > 0 {
            result.firstTime = UTCText.of(microseconds: firstTime)
            result.lastTime = UTCText.of(microseconds: lastTime)
        }
        for (number, count) in counts.enumerated() where count > 0 {
            if let type = EventType(rawValue: number) {
                result.eventCounts[type.name] = count
            } else {
                result.unknownTypeCounts[String(number)] = count
            }
        }
        for (number, count) in highCounts { result.unknownTypeCounts[String(number)] = count }
        return result
    }
}
