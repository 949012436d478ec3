import EventLog
import Synchronization

/// The figures of `daybook bench append`.
public struct AppendBenchResult: Codable, Sendable {
    /// Durable events a second.
    public var eventsPerSecond: Double
    /// The time from the call to durability, the middle one, in microseconds.
    public var p50Microseconds: Double
    /// The same, of which only one in a hundred is longer.
    public var p99Microseconds: Double
    /// What a bare loop of writes and syncs reaches with batches of the same average size.
    public var limitEventsPerSecond: Double
    /// The part of the limit that was reached.
    public var ratio: Double
    /// Concurrent callers.
    public var writers: Int
    /// The size of a record.
    public var recordByteCount: Int
    /// How long was measured.
    public var seconds: Double
    /// Batches written.
    public var batches: Int
    /// Records in a batch, on average.
    public var averageBatchRecords: Double

    enum CodingKeys: String, CodingKey {
        case eventsPerSecond = "events_per_second"
        case p50Microseconds = "p50_us"
        case p99Microseconds = "p99_us"
        case limitEventsPerSecond = "limit_events_per_second"
        case ratio
        case writers
        case recordByteCount = "record_bytes"
        case seconds
        case batches
        case averageBatchRecords = "average_batch_records"
    }
}

/// Appends from many tasks, each one record at a time, each waiting for durability; then measures
/// the disk's own limit with batches of the same average size.
///
/// - Parameter folder: an existing folder on the disk to measure. What is written there is removed.
public func benchAppend(
    writers: Int, recordBytes: Int, seconds: Double, folder: String
) async throws -> AppendBenchResult {
    let place = folder + "/bench-append-\(UInt64.random(in: 0...UInt64.max))"
    let disk = RealDisk()
    let measured: AppendMeasurement
    do {
        measured = try await measureAppends(
            writers: writers, recordBytes: recordBytes, seconds: seconds, place: place, disk: disk)
        try removeLog(place, disk)
    }
    let records = measured.histogram.count
    let average = Double(records) / Double(max(measured.batches, 1))
    let limit = try measureLimit(
        batchBytes: Int(average * Double(recordBytes + 2)) + LogFormat.batchHeaderByteCount,
        seconds: min(seconds, 2), folder: folder, disk: disk)
    let rate = Double(records) / measured.seconds
    return AppendBenchResult(
        eventsPerSecond: rate,
        p50Microseconds: measured.histogram.quantile(0.50),
        p99Microseconds: measured.histogram.quantile(0.99),
        limitEventsPerSecond: limit * average,
        ratio: rate / max(limit * average, 1),
        writers: writers, recordByteCount: recordBytes, seconds: measured.seconds,
        batches: measured.batches, averageBatchRecords: average)
}

package struct AppendMeasurement {
    package var histogram: LatencyHistogram
    package var seconds: Double
    package var batches: Int
}

package func measureAppends(
    writers: Int, recordBytes: Int, seconds: Double, place: String, disk: any Disk
) async throws -> AppendMeasurement {
    let log = try LogWriter.open(folder: place, disk: disk)
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(seconds)
    let histogram = try await withThrowingTaskGroup(of: LatencyHistogram.self) { group in
        for writer in 0..<writers {
            group.addTask {
                try await appendUntil(
                    end, to: log, decision: benchDecision(recordBytes, seed: UInt64(writer)))
            }
        }
        var all = LatencyHistogram()
        for try await one in group { all.merge(one) }
        return all
    }
    let elapsed = start.duration(to: clock.now)
    let batches = log.batchCount
    try log.close()
    return AppendMeasurement(
        histogram: histogram, seconds: elapsed / .seconds(1), batches: batches)
}

private func appendUntil(
    _ end: ContinuousClock.Instant, to log: LogWriter, decision: [UInt8]
) async throws -> LatencyHistogram {
    let clock = ContinuousClock()
    var histogram = LatencyHistogram()
    var before = clock.now
    while before < end {
        _ = try await log.appendDurably(decision)
        let after = clock.now
        histogram.add(before.duration(to: after))
        before = after
    }
    return histogram
}

/// Batches a second that a bare loop of `pwrite` and `fdatasync` writes into zeros.
func measureLimit(
    batchBytes: Int, seconds: Double, folder: String, disk: RealDisk
) throws -> Double {
    let path = folder + "/bench-limit-\(UInt64.random(in: 0...UInt64.max))"
    let fileBytes = 64 * 1_024 * 1_024
    let step = (batchBytes + LogFormat.blockByteCount - 1) / LogFormat.blockByteCount
    let batch = [UInt8](repeating: 0x5A, count: step * LogFormat.blockByteCount)
    let file = try disk.open(path, .create)
    defer { disk.close(file) }
    try disk.fillWithZeros(file, byteCount: fileBytes, stepByteCount: fileBytes)
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(seconds)
    var count = 0
    var offset = 0
    while clock.now < end {
        if offset + batch.count > fileBytes { offset = 0 }
        try disk.write(file, at: offset, batch.span.bytes)
        try disk.sync(file)
        offset += batch.count
        count += 1
    }
    let elapsed = start.duration(to: clock.now)
    try disk.remove(path)
    return Double(count) / (elapsed / .seconds(1))
}
