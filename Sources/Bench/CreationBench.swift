import Engine
import EventLog
import Events
import Timetable

/// What the creation benchmark measured.
public struct CreationBenchResult: Codable, Sendable {
    /// Concurrent callers, each of which waits until its schedule is durable.
    public var callers: Int
    /// Schedules that were made.
    public var schedules: Int
    /// Schedules a second.
    public var schedulesPerSecond: Double
    /// From the call to durability, the middle one, µs.
    public var p50Microseconds: Double
    /// The same, of which only one in a hundred is longer.
    public var p99Microseconds: Double
    /// Appends of as many bytes from as many callers, without an engine, a second.
    public var limitPerSecond: Double
    /// The part of the limit that was reached.
    public var ratio: Double
    /// How long was measured, in seconds.
    public var seconds: Double
    /// The kernel, the processor, how many of them.
    public var machine: [String: String]

    enum CodingKeys: String, CodingKey {
        case callers, schedules, ratio, seconds, machine
        case schedulesPerSecond = "schedules_per_second"
        case p50Microseconds = "p50_us"
        case p99Microseconds = "p99_us"
        case limitPerSecond = "limit_per_second"
    }
}

/// Makes schedules in an engine on a durable log from many callers at once; then, in the same run,
/// appends as many bytes from as many callers without an engine.
///
/// - Parameter folder: an existing folder on the disk to measure.
public func benchCreation(
    callers: Int, seconds: Double, folder: String
) async throws -> CreationBenchResult {
    let runtime = try EngineRuntime.open(
        EngineRuntime.Parts(folder: folder, zones: try ZoneCatalog()) { _ in
            NoTarget()
        } onFatal: { _ in
            // Every caller that waits is told of it, and the benchmark ends with that error.
        })
    let who = Authority(actor: "user:bench", ticket: "BENCH-1")
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(seconds)
    let histogram = try await withThrowingTaskGroup(of: LatencyHistogram.self) { group in
        for caller in 0..<callers {
            group.addTask {
                var histogram = LatencyHistogram()
                var number = 0
                var before = clock.now
                while before < end {
                    let definition = CreationBenchSchedules.definition("job-\(caller)-\(number)")
                    _ = try await runtime.submit(.defineSchedules([definition], who))
                    number += 1
                    let after = clock.now
                    histogram.add(before.duration(to: after))
                    before = after
                }
                return histogram
            }
        }
        var all = LatencyHistogram()
        for try await one in group { all.merge(one) }
        return all
    }
    let elapsed = start.duration(to: clock.now) / .seconds(1)
    _ = try await runtime.stop(reason: "the benchmark is over", grace: .seconds(1))
    var plan = AppendBenchPlan()
    plan.writers = callers
    plan.recordBytes = CreationBenchSchedules.recordByteCount
    plan.seconds = seconds / 2
    let limit = try await measureAppends(plan, place: folder + "/limit", disk: RealDisk())
    let rate = Double(histogram.count) / elapsed
    let limitRate = Double(limit.records) / limit.seconds
    return CreationBenchResult(
        callers: callers, schedules: histogram.count, schedulesPerSecond: rate,
        p50Microseconds: histogram.quantile(0.50), p99Microseconds: histogram.quantile(0.99),
        limitPerSecond: limitRate, ratio: rate / max(limitRate, 1), seconds: elapsed,
        machine: MachineFacts.read())
}

private enum CreationBenchSchedules {
    /// What a schedule's record takes.
    static var recordByteCount: Int {
        var created = ScheduleCreated()
        created.jobId = "job-0-10000"
        created.definition = definition(created.jobId)
        var envelope = Envelope()
        envelope.sequence = 100_000
        envelope.time = 1_767_225_600_000_000
        envelope.tenant = "default"
        envelope.actor = "user:bench"
        var writer = WireWriter()
        return Event(envelope, created).writeDelimited(to: &writer)
    }

    static func definition(_ jobId: String) -> ScheduleDefinition {
        var definition = ScheduleDefinition()
        definition.jobId = jobId
        definition.isEnabled = true
        definition.cadence = "0 3 1 * *"
        definition.zone = "UTC"
        var target = TargetBinding()
        target.name = "transfer"
        target.kind = "http"
        target.url = "https://payments.example.org/transfers"
        target.timeoutSeconds = 30
        definition.target = target
        definition.parameters = [KeyValue("date", "${scheduledDate}")]
        definition.catchUp = "none"
        definition.overlap = "skip"
        definition.source = "api"
        return definition
    }
}

/// Nothing is due while schedules are made.
private struct NoTarget: EffectPort {
    func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void) {}
}
