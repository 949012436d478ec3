import CBench
import EventLog
import Projections

/// What the sealing benchmark measured.
public struct SealBenchResult: Codable, Sendable {
    /// Events in the log.
    public var events: Int
    /// Bytes of their records, lengths included.
    public var rawBytes: Int
    /// Bytes of the sealed segments.
    public var sealedBytes: Int
    /// Bytes of their indexes.
    public var indexBytes: Int
    /// Sealed segments and indexes over the raw size.
    public var sizeRatio: Double
    /// Raw MB (10^6 bytes) sealed, read back and indexed in a second.
    public var sealMegabytesPerSecond: Double
    /// Records a second read from the sealed segments, checksums verified.
    public var readEventsPerSecond: Int
    /// The same by a C loop over liblz4, in the same run.
    public var readLimitEventsPerSecond: Int
    /// The first over the second.
    public var readRatio: Double

    enum CodingKeys: String, CodingKey {
        case events
        case rawBytes = "raw_bytes"
        case sealedBytes = "sealed_bytes"
        case indexBytes = "index_bytes"
        case sizeRatio = "size_ratio"
        case sealMegabytesPerSecond = "seal_mb_per_second"
        case readEventsPerSecond = "read_events_per_second"
        case readLimitEventsPerSecond = "read_limit_events_per_second"
        case readRatio = "read_ratio"
    }
}

/// The benchmark's own log or the C loop's is not what it should be.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
}

/// Makes a log of realistic days, seals all of it, and reads it again: sizes and rates.
///
/// The files are in the page cache when they are read; each rate is the best of five, the program's
/// and the limit's in turn.
public func benchSeal(events: Int, folder: String) throws -> SealBenchResult {
    let disk = RealDisk()
    let made = try makeLog(events: events, folder: folder, disk: disk)
    var store = try LogStore.open(folder: folder, disk: disk)
    try store.endSegment()
    try store.close()
    let clock = ContinuousClock()
    let start = clock.now
    for segment in try SegmentSealing.pending(folder: folder, disk: disk) {
        let sealing = SegmentSealing(
            segment: segment, folder: folder, disk: disk, vocabulary: EventVocabulary())
        let outcome = try sealing.run()
        if let failure = outcome.indexFailure { throw BenchFailure(description: failure) }
    }
    let sealSeconds = start.duration(to: clock.now) / .seconds(1)
    let segments = try SealedSummary.all(folder: folder, disk: disk)
    let (best, limit) = try readInTurn(segments, folder, disk)
    let raw = segments.reduce(0) { $0 + Int($1.rawByteCount) }
    let sealed = segments.reduce(0) { $0 + $1.byteCount }
    let index = segments.reduce(0) { $0 + $1.indexByteCount }
    return SealBenchResult(
        events: made, rawBytes: raw, sealedBytes: sealed, indexBytes: index,
        sizeRatio: Double(sealed + index) / Double(max(raw, 1)),
        sealMegabytesPerSecond: Double(raw) / 1_000_000 / sealSeconds,
        readEventsPerSecond: Int(best), readLimitEventsPerSecond: Int(limit),
        readRatio: best / limit)
}

private func readInTurn(
    _ segments: [SealedSummary], _ folder: String, _ disk: RealDisk
) throws -> (best: Double, limit: Double) {
    let clock = ContinuousClock()
    var (best, limit) = (0.0, 0.0)
    for _ in 0..<5 {
        var sum = daybook_bench_sum()
        var start = clock.now
        for segment in segments {
            let answer = segment.frameChecksums.withUnsafeBufferPointer {
                daybook_bench_read(segment.path, $0.baseAddress, $0.count, &sum)
            }
            guard answer == 0 else {
                throw BenchFailure(description: "the C loop cannot read \(segment.path)")
            }
        }
        limit = max(limit, Double(sum.records) / (start.duration(to: clock.now) / .seconds(1)))
        start = clock.now
        var (records, bytes) = (0, 0)
        var reader = try LogReader.open(folder: folder, disk: disk, trust: .everything)
        try reader.forEach { _, record in
            records += 1
            bytes += record.byteCount
            return true
        }
        // The record of the last opening stands in the active segment, if there is one.
        guard records >= Int(sum.records), bytes >= Int(sum.bytes) else {
            throw BenchFailure(description: "the reader gave \(records) of \(sum.records) records")
        }
        best = max(best, Double(records) / (start.duration(to: clock.now) / .seconds(1)))
    }
    return (best, limit)
}
