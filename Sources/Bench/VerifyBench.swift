import CBench
import EventLog

/// What the verification benchmark measured.
public struct VerifyBenchResult: Codable, Sendable {
    /// Records in the log.
    public var records: Int
    /// The size of a record.
    public var recordByteCount: Int
    /// Records a second, everything checked and hashed, on one thread.
    public var oneThreadPerSecond: Int
    /// The same on two threads.
    public var twoThreadsPerSecond: Int
    /// The two SHA-256 that the tree needs for each record, alone, on one thread, in the same run.
    public var limitPerSecond: Int
    /// One thread over the limit.
    public var ratio: Double
    /// The tree's root: the same for the same records.
    public var root: String

    enum CodingKeys: String, CodingKey {
        case records
        case recordByteCount = "record_bytes"
        case oneThreadPerSecond = "one_thread_records_per_second"
        case twoThreadsPerSecond = "two_threads_records_per_second"
        case limitPerSecond = "limit_records_per_second"
        case ratio, root
    }
}

/// Makes a log of sealed segments and verifies it whole, on one thread and on two.
///
/// The files are in the page cache; each rate is the best of three, in turn with the limit.
public func benchVerify(
    records: Int, recordBytes: Int, folder: String
) throws -> VerifyBenchResult {
    let disk = RealDisk()
    var store = try LogStore.open(folder: folder, disk: disk)
    let perBatch = max(1, min(records, (1 << 20) / (recordBytes + 3)))
    var written = 0
    while written < records {
        let count = min(perBatch, records - written)
        let body = benchDecision(recordBytes, count: count, seed: UInt64(written))
        _ = try store.write(body.span.bytes, recordCount: count)
        written += count
    }
    try store.endSegment()
    for segment in try SegmentSealing.pending(folder: folder, disk: disk) {
        _ = try SegmentSealing(segment: segment, folder: folder, disk: disk).run()
    }
    try store.close()
    var rates = (one: 0.0, two: 0.0, limit: 0.0)
    var root = ""
    for _ in 0..<3 {
        rates.limit = max(rates.limit, hashRate(recordBytes))
        for threads in [1, 2] {
            let clock = ContinuousClock()
            let start = clock.now
            let verdict = LogVerifier.verify(folder: folder, disk: disk, threads: threads)
            let rate = Double(records) / (start.duration(to: clock.now) / .seconds(1))
            guard verdict.isGood, verdict.records == UInt64(records) else {
                throw BenchFailure(description: "the benchmark's own log is not good: \(verdict)")
            }
            root = verdict.root ?? ""
            if threads == 1 {
                rates.one = max(rates.one, rate)
            } else {
                rates.two = max(rates.two, rate)
            }
        }
    }
    return VerifyBenchResult(
        records: records, recordByteCount: recordBytes, oneThreadPerSecond: Int(rates.one),
        twoThreadsPerSecond: Int(rates.two), limitPerSecond: Int(rates.limit),
        ratio: rates.one / rates.limit, root: root)
}

/// How many records a second could be hashed: each with its prefix byte, and one inner node.
private func hashRate(_ recordBytes: Int) -> Double {
    let count = 500_000
    var hash = [UInt8](repeating: 0, count: 32)
    let clock = ContinuousClock()
    let start = clock.now
    hash.withUnsafeMutableBufferPointer { buffer in
        daybook_bench_sha256(count, recordBytes + 1, buffer.baseAddress)
        daybook_bench_sha256(count, 65, buffer.baseAddress)
    }
    return Double(count) / (start.duration(to: clock.now) / .seconds(1))
}
