import Engine
import EventLog
import Events
import Foundation
import Projections
import Synchronization
import Timetable

/// The figures of `daybook bench control`.
public struct ControlBenchResult: Codable, Sendable {
    /// Numbers that were given out, each durable before its caller heard of it, a second.
    public var numbersPerSecond: Double
    /// The time from the call to the answer, the middle one, in microseconds.
    public var p50Microseconds: Double
    /// The same, of which one in twenty is longer.
    public var p95Microseconds: Double
    /// The same, of which one in a hundred is longer.
    public var p99Microseconds: Double
    /// What a bare log reaches with as many writers and records of the same size.
    public var limitPerSecond: Double
    /// The part of the limit that was reached.
    public var ratio: Double
    /// Calls that were refused or failed.
    public var failures: Int
    /// Numbers that were given out twice, or left out: none, or the counts are not right.
    public var wrongNumbers: Int
    /// Concurrent callers.
    public var callers: Int
    /// Calls that each caller has under way at once.
    public var depth: Int
    /// Allocators, in turn.
    public var counters: Int
    /// Numbers in all.
    public var numbers: Int
    /// The average size of a record.
    public var recordByteCount: Int
    /// Records in a batch, on average.
    public var averageBatchRecords: Double
    /// Numbers that the gap view looks through.
    public var gapNumbers: Int
    /// Gaps that it finds in them.
    public var gaps: Int
    /// How long it takes, the longest of five looks, in milliseconds.
    public var gapViewMilliseconds: Double
    /// How long was measured.
    public var seconds: Double

    enum CodingKeys: String, CodingKey {
        case numbersPerSecond = "numbers_per_second"
        case p50Microseconds = "p50_us"
        case p95Microseconds = "p95_us"
        case p99Microseconds = "p99_us"
        case limitPerSecond = "limit_per_second"
        case ratio, failures
        case wrongNumbers = "wrong_numbers"
        case callers, depth, counters, numbers
        case recordByteCount = "record_bytes"
        case averageBatchRecords = "average_batch_records"
        case gapNumbers = "gap_numbers"
        case gaps
        case gapViewMilliseconds = "gap_view_ms"
        case seconds
    }
}

/// How control numbers are measured.
public struct ControlBenchPlan: Sendable {
    /// Concurrent callers.
    public var callers = 64
    /// Calls that each has under way at once.
    public var depth = 1
    /// Allocators.
    public var counters = 1
    /// How long to measure.
    public var seconds = 5.0

    /// The usual plan.
    public init() {}
}

/// Gives numbers out to many callers, one for each call and decision, each durable before the
/// answer; then, in the same run, what a bare log reaches with records of the same size.
///
/// - Parameter folder: an existing folder on the disk to measure. What is written there is removed.
public func benchControl(
    _ plan: ControlBenchPlan, folder: String
) async throws -> ControlBenchResult {
    let disk = RealDisk()
    let place = folder + "/bench-control-\(UInt64.random(in: 0...UInt64.max))"
    let measured = try await measureControl(plan, place, disk)
    try FileManager.default.removeItem(atPath: place)
    var bare = AppendBenchPlan()
    bare.writers = plan.callers * plan.depth
    bare.recordBytes = measured.recordByteCount
    bare.seconds = min(plan.seconds, 3)
    let other = folder + "/bench-control-\(UInt64.random(in: 0...UInt64.max))"
    let limit = try await measureAppends(bare, place: other, disk: disk)
    try removeLog(other, disk)
    let rate = Double(measured.histogram.count) / measured.seconds
    let limitRate = Double(limit.records) / limit.seconds
    return ControlBenchResult(
        numbersPerSecond: rate, p50Microseconds: measured.histogram.quantile(0.50),
        p95Microseconds: measured.histogram.quantile(0.95),
        p99Microseconds: measured.histogram.quantile(0.99), limitPerSecond: limitRate,
        ratio: rate / max(limitRate, 1), failures: measured.failures,
        wrongNumbers: measured.wrongNumbers, callers: plan.callers, depth: plan.depth,
        counters: plan.counters, numbers: measured.histogram.count,
        recordByteCount: measured.recordByteCount,
        averageBatchRecords: Double(measured.histogram.count) / Double(max(measured.batches, 1)),
        gapNumbers: GapBench.numberCount, gaps: measured.gaps,
        gapViewMilliseconds: measured.gapViewMilliseconds,
        seconds: measured.seconds)
}

private struct ControlMeasurement {
    var histogram = LatencyHistogram()
    var failures = 0
    var wrongNumbers = 0
    var seconds = 0.0
    var batches = 0
    var recordByteCount = 0
    var gaps = 0
    var gapViewMilliseconds = 0.0
}

private struct NoEffects: EffectPort {
    func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void) {}
}

private func measureControl(
    _ plan: ControlBenchPlan, _ place: String, _ disk: RealDisk
) async throws -> ControlMeasurement {
    let failed = Mutex<String?>(nil)
    var parts = EngineRuntime.Parts(
        folder: place, zones: try ZoneCatalog(), port: { _ in NoEffects() },
        onFatal: { error in failed.withLock { $0 = "\(error)" } })
    parts.scrubInterval = nil
    parts.settings.aliveInterval = 3_600_000_000
    let runtime = try EngineRuntime.open(parts)
    var requests: [NumberRequest] = []
    for counter in 0..<plan.counters {
        requests.append(
            try NumberRequest(
                .interchange, sender: "ZZ:BENCH", receiver: "ZZ:PARTNER\(counter)",
                partner: "PARTNER\(counter)", transactionType: "277CA"))
    }
    // The allocators are made before.
    for request in requests {
        _ = try await runtime.submit(
            .control(.issue([request], Authority(actor: "user:bench")), tenant: "default"))
    }
    let (batches, clock) = (runtime.log.batchCount, ContinuousClock())
    let start = clock.now
    let end = start + .seconds(plan.seconds)
    var measured = ControlMeasurement()
    let made = requests
    try await withThrowingTaskGroup(of: (LatencyHistogram, Int).self) { group in
        for caller in 0..<(plan.callers * plan.depth) {
            group.addTask {
                await callUntil(end, runtime, made[caller % made.count])
            }
        }
        for try await (histogram, failures) in group {
            measured.histogram.merge(histogram)
            measured.failures += failures
        }
    }
    measured.seconds = start.duration(to: clock.now) / .seconds(1)
    measured.batches = runtime.log.batchCount - batches
    let (issued, next) = try await runtime.read { state in
        var sums: (UInt64, UInt64) = (0, 0)
        state.control.allocators.forEach { sums = (sums.0 + $0.issued, sums.1 + $0.next - 1) }
        return sums
    }
    let told = UInt64(measured.histogram.count + plan.counters)
    measured.wrongNumbers = Int(max(issued, told) - min(issued, told)) + Int(next - issued)
    (measured.gaps, measured.gapViewMilliseconds) = try await GapBench.measure(runtime)
    _ = try await runtime.stop(reason: "measured", grace: .seconds(1))
    measured.recordByteCount = try recordByteCount(place, disk)
    if let message = failed.withLock({ $0 }) { throw BenchFailure(description: message) }
    return measured
}

/// The gap view over a million numbers of one allocator, of which one in a hundred failed and the
/// others wait for their file.
private enum GapBench {
    static let numberCount = 1_000_000
    private static let failedEach: UInt64 = 100

    /// How many gaps there are, and how long the longest of five looks took, ms.
    static func measure(_ runtime: EngineRuntime) async throws -> (gaps: Int, milliseconds: Double)
    {
        let who = Authority(actor: "user:bench")
        let part = try NumberRequest(
            .set, partner: "GAPS", transactionType: "271", count: NumberRequest.countMax)
        let parts = Array(repeating: part, count: numberCount / Int(NumberRequest.countMax))
        let given = try await runtime.submit(.control(.issue(parts, who), tenant: "default"))
        for range in given.numbers {
            let failed = stride(
                from: range.first, to: range.first + range.count, by: Int(failedEach)
            )
            .map {
                IssuedNumbers(
                    allocator: range.allocator, generation: range.generation, first: $0,
                    count: 1)
            }
            _ = try await runtime.submit(
                .control(.fail(failed, reason: "bench", who), tenant: "default"))
        }
        let state = try await runtime.read { $0 }
        var query = ControlGapQuery(now: state.lastTime, persistWithin: 600_000_000)
        query.partner = "GAPS"
        let clock = ContinuousClock()
        var longest = Duration.zero
        var gaps = 0
        for _ in 0..<5 {
            let time = clock.measure { gaps = query.gaps(in: state.control).count }
            longest = max(longest, time)
        }
        return (gaps, longest / .milliseconds(1))
    }
}

/// One caller: one number after the other.
private func callUntil(
    _ end: ContinuousClock.Instant, _ runtime: EngineRuntime, _ request: NumberRequest
) async -> (LatencyHistogram, Int) {
    let clock = ContinuousClock()
    let command = Command.control(
        .issue([request], Authority(actor: "user:bench")), tenant: "default")
    var histogram = LatencyHistogram()
    var failures = 0
    var before = clock.now
    while before < end {
        do {
            let reply = try await runtime.submit(command)
            if reply.numbers.isEmpty { failures += 1 }
        } catch {
            failures += 1
        }
        let after = clock.now
        histogram.add(before.duration(to: after))
        before = after
    }
    return (histogram, failures)
}

/// The average size of a log's first records.
private func recordByteCount(_ place: String, _ disk: RealDisk) throws -> Int {
    var reader = try LogReader.open(folder: place, disk: disk, trust: .everything)
    var (count, bytes) = (0, 0)
    try reader.forEach { _, record in
        count += 1
        bytes += record.byteCount
        return count < 10_000
    }
    return max(1, bytes / max(count, 1))
}
