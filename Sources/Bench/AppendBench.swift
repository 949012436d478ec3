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
    /// Records in a decision.
    public var decisionRecords: Int
    /// Whether the caller wrote on its own thread.
    public var isDirect: Bool
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
        case decisionRecords = "decision_records"
        case isDirect = "direct"
        case seconds
        case batches
        case averageBatchRecords = "average_batch_records"
    }
}

/// How appends are measured.
public struct AppendBenchPlan: Sendable {
    /// Concurrent callers.
    public var writers = 64
    /// The size of a record.
    public var recordBytes = 200
    /// Records in a decision.
    public var decisionRecords = 1
    /// Whether the one caller writes on its own thread, by `LogStore`.
    public var isDirect = false
    /// How long to measure.
    public var seconds = 5.0

    /// The usual plan.
    public init() {}

    /// How many decisions one caller has under way at once: where it has many records to append, it
    /// does not wait for each to be durable before it gives the next.
    var depth: Int { decisionRecords > 1 ? 4 : 1 }
}

/// Appends from many tasks, each waiting for durability; before and after, in the same run, the
/// disk's own limit with batches of the same average size.
///
/// - Parameter folder: an existing folder on the disk to measure. What is written there is removed.
public func benchAppend(
    _ plan: AppendBenchPlan, folder: String
) async throws -> AppendBenchResult {
    let disk = RealDisk()
    // A short run says how large the batches are, so that the limit can be measured around it.
    var trial = plan
    trial.seconds = min(plan.seconds / 4, 0.5)
    let tried = try await measure(trial, folder, disk)
    let bytes = { (average: Double) in
        Int(average * Double(plan.recordBytes + 2)) + LogFormat.batchHeaderByteCount
    }
    let limitSeconds = min(plan.seconds / 2, 1)
    let before = try measureLimit(
        batchBytes: bytes(tried.averageBatchRecords), seconds: limitSeconds, folder: folder,
        disk: disk)
    let measured = try await measure(plan, folder, disk)
    let average = measured.averageBatchRecords
    let after = try measureLimit(
        batchBytes: bytes(average), seconds: limitSeconds, folder: folder, disk: disk)
    let limit = (before + after) / 2
    let rate = Double(measured.records) / measured.seconds
    return AppendBenchResult(
        eventsPerSecond: rate,
        p50Microseconds: measured.histogram.quantile(0.50),
        p99Microseconds: measured.histogram.quantile(0.99),
        limitEventsPerSecond: limit * average,
        ratio: rate / max(limit * average, 1),
        writers: plan.writers, recordByteCount: plan.recordBytes,
        decisionRecords: plan.decisionRecords, isDirect: plan.isDirect,
        seconds: measured.seconds, batches: measured.batches, averageBatchRecords: average)
}

private func measure(
    _ plan: AppendBenchPlan, _ folder: String, _ disk: RealDisk
) async throws -> AppendMeasurement {
    let place = folder + "/bench-append-\(UInt64.random(in: 0...UInt64.max))"
    let measured =
        plan.isDirect
        ? try measureDirect(plan, place: place, disk: disk)
        : try await measureAppends(plan, place: place, disk: disk)
    try removeLog(place, disk)
    return measured
}

package struct AppendMeasurement {
    package var histogram = LatencyHistogram()
    package var seconds = 0.0
    package var batches = 0
    package var records = 0

    var averageBatchRecords: Double { Double(records) / Double(max(batches, 1)) }
}

package func measureAppends(
    _ plan: AppendBenchPlan, place: String, disk: any Disk
) async throws -> AppendMeasurement {
    let log = try LogWriter.open(folder: place, disk: disk)
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(plan.seconds)
    var measured = AppendMeasurement()
    measured.histogram = try await withThrowingTaskGroup(of: LatencyHistogram.self) { group in
        for writer in 0..<plan.writers {
            let decision = benchDecision(
                plan.recordBytes, count: plan.decisionRecords, seed: UInt64(writer))
            group.addTask {
                plan.depth == 1
                    ? try await appendUntil(end, to: log, decision: decision, plan)
                    : try await appendAheadUntil(end, to: log, decision: decision, plan)
            }
        }
        var all = LatencyHistogram()
        for try await one in group { all.merge(one) }
        return all
    }
    measured.seconds = start.duration(to: clock.now) / .seconds(1)
    measured.batches = log.batchCount
    measured.records = measured.histogram.count * plan.decisionRecords
    try log.close()
    return measured
}

private func appendUntil(
    _ end: ContinuousClock.Instant, to log: LogWriter, decision: [UInt8], _ plan: AppendBenchPlan
) async throws -> LatencyHistogram {
    let clock = ContinuousClock()
    var histogram = LatencyHistogram()
    var before = clock.now
    while before < end {
        _ = try await log.appendDurably(decision, recordCount: plan.decisionRecords)
        let after = clock.now
        histogram.add(before.duration(to: after))
        before = after
    }
    return histogram
}

/// The same with several decisions under way.
private func appendAheadUntil(
    _ end: ContinuousClock.Instant, to log: LogWriter, decision: [UInt8], _ plan: AppendBenchPlan
) async throws -> LatencyHistogram {
    let clock = ContinuousClock()
    var histogram = LatencyHistogram()
    var underWay: [(ticket: LogTicket, since: ContinuousClock.Instant)] = []
    var now = clock.now
    while now < end || !underWay.isEmpty {
        if now < end, underWay.count < plan.depth {
            let ticket = try log.append(decision.span.bytes, recordCount: plan.decisionRecords)
            underWay.append((ticket, now))
        } else {
            let oldest = underWay.removeFirst()
            try await log.durable(oldest.ticket)
            histogram.add(oldest.since.duration(to: clock.now))
        }
        now = clock.now
    }
    return histogram
}

/// One caller on its own thread, without a writer's thread beside it.
private func measureDirect(
    _ plan: AppendBenchPlan, place: String, disk: any Disk
) throws -> AppendMeasurement {
    var store = try LogStore.open(folder: place, disk: disk)
    try store.prepareNextSegment()
    let decision = benchDecision(plan.recordBytes, count: plan.decisionRecords, seed: 0)
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(plan.seconds)
    var measured = AppendMeasurement()
    var before = start
    while before < end {
        _ = try store.write(decision.span.bytes, recordCount: plan.decisionRecords)
        let after = clock.now
        measured.histogram.add(before.duration(to: after))
        measured.batches += 1
        before = after
    }
    measured.records = measured.batches * plan.decisionRecords
    measured.seconds = start.duration(to: clock.now) / .seconds(1)
    try store.close()
    return measured
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
