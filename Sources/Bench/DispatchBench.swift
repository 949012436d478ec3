import Engine
import EventLog
import Events
import Synchronization
import Timetable

/// What the dispatch benchmark measures.
public struct DispatchBenchPlan: Sendable {
    /// How many schedules there are.
    public var schedules = 200
    /// How often all of them are due, in seconds.
    public var periodSeconds = 1
    /// For how many of those periods it is measured.
    public var rounds = 10
    /// So many of the schedules' runs begin in a second at most; 0 for no limit.
    public var rate = 0
    /// How many schedules there are beside them that no limit holds, each due each second; they
    /// are what is measured where there is a limit.
    public var bystanders = 0

    /// The usual plan: 200 at one instant, ten times.
    public init() {}
}

/// What the dispatch benchmark measured.
public struct DispatchBenchResult: Codable, Sendable {
    /// Schedules that are due at one instant.
    public var schedules: Int
    /// How often, in seconds.
    public var periodSeconds: Int
    /// Occurrences that fell due while it was measured.
    public var due: Int
    /// Runs of them whose target was called, the dispatch durable first.
    public var dispatched: Int
    /// Runs whose success is durable.
    public var succeeded: Int
    /// From the scheduled time to the call of the target, ms: the middle one.
    public var lagP50Milliseconds: Double
    /// Ninety-nine in a hundred.
    public var lagP99Milliseconds: Double
    /// The longest.
    public var lagMaxMilliseconds: Double
    /// From the first scheduled time to the last success, in seconds.
    public var seconds: Double
    /// Runs a second in that time.
    public var runsPerSecond: Double
    /// Events in the log for each run.
    public var eventsPerRun: Double
    /// The limit on runs a second; 0 for none.
    public var rate: Int
    /// The lag of schedules beside them that no limit holds, ms: the longest; 0 where there are
    /// none.
    public var bystanderLagMaxMilliseconds: Double
    /// What a bare loop of writes and syncs takes for a batch of a round's dispatches, ms.
    public var limitMilliseconds: Double
    /// The processor time of the whole process, in seconds.
    public var processorSeconds: Double
    /// The kernel, the processor, how many of them.
    public var machine: [String: String]

    enum CodingKeys: String, CodingKey {
        case schedules, due, dispatched, succeeded, seconds, rate, machine
        case periodSeconds = "period_seconds"
        case lagP50Milliseconds = "lag_p50_ms"
        case lagP99Milliseconds = "lag_p99_ms"
        case lagMaxMilliseconds = "lag_max_ms"
        case runsPerSecond = "runs_per_second"
        case eventsPerRun = "events_per_run"
        case bystanderLagMaxMilliseconds = "bystander_lag_max_ms"
        case limitMilliseconds = "limit_ms"
        case processorSeconds = "cpu_seconds"
    }
}

/// Runs an engine on a durable log with a target that does nothing but say that it did, and
/// measures from each scheduled time to the call of the target.
///
/// Blocks for as long as the plan says, and some seconds more.
/// - Parameter folder: an existing folder on the disk to measure.
/// - Throws: what the engine throws, and where an occurrence was lost.
public func benchDispatch(
    _ plan: DispatchBenchPlan, folder: String
) async throws -> DispatchBenchResult {
    let clock = SystemClock()
    let period = Int64(plan.periodSeconds) * 1_000_000
    // The schedules are made within a few seconds; the first round comes after that.
    let making = 2_000_000 + Int64(plan.schedules + plan.bystanders) * 40
    let first = ((clock.now() + making) / period + 1) * period
    let last = first + Int64(plan.rounds - 1) * period
    let draining = plan.rate > 0 ? Int64(plan.schedules / plan.rate) * 1_000_000 : 0
    let target = DispatchBenchTarget(
        expected: plan.schedules * plan.rounds, deadline: last + 2 * draining + 120_000_000)
    var parts = EngineRuntime.Parts(folder: folder, zones: try ZoneCatalog()) { _ in
        target
    } onFatal: {
        target.fail($0)
    }
    parts.settings.activeRunsMax = .max
    parts.settings.digestInterval = 86_400_000_000
    parts.configuration = DispatchBenchSchedules.input(plan, first: first, last: last)
    let runtime = try EngineRuntime.open(parts)
    let before = runtime.log.nextSequence.rawValue
    let processor = SnapshotBenchTimes.processorSeconds()
    guard clock.now() < first else {
        throw SnapshotBenchError(message: "making the schedules took until they were due")
    }
    try await target.finished()
    let processorSeconds = SnapshotBenchTimes.processorSeconds() - processor
    // A reading waits until everything that it shows is durable, the last success too.
    let counts = try await runtime.read { state -> (succeeded: UInt64, end: Int64) in
        var succeeded: UInt64 = 0
        state.schedules.forEach { known in
            if known.key.jobId.hasPrefix("job-") { succeeded += known.succeeded }
        }
        return (succeeded, state.lastTime)
    }
    let end = clock.now()
    let events = runtime.log.nextSequence.rawValue - before
    let bytes = plan.rate > 0 ? plan.rate : plan.schedules
    _ = try await runtime.stop(reason: "the benchmark is over", grace: .seconds(5))
    let lags = target.lags
    return DispatchBenchResult(
        schedules: plan.schedules, periodSeconds: plan.periodSeconds,
        due: plan.schedules * plan.rounds, dispatched: lags.scheduled.count,
        succeeded: Int(clamping: counts.succeeded),
        lagP50Milliseconds: lags.scheduled.quantile(0.50) / 1_000,
        lagP99Milliseconds: lags.scheduled.quantile(0.99) / 1_000,
        lagMaxMilliseconds: lags.scheduled.quantile(1) / 1_000,
        seconds: Double(end - first) / 1_000_000,
        runsPerSecond: Double(counts.succeeded) / (Double(end - first) / 1_000_000),
        eventsPerRun: Double(events)
            / Double(max(1, lags.scheduled.count + lags.bystanders.count)),
        rate: plan.rate,
        bystanderLagMaxMilliseconds: lags.bystanders.quantile(1) / 1_000,
        limitMilliseconds: 1_000
            / (try measureLimit(
                batchBytes: min(bytes * 400, 4 << 20), seconds: 0.5, folder: folder,
                disk: RealDisk())),
        processorSeconds: processorSeconds, machine: MachineFacts.read())
}

/// The schedules of the benchmark.
private enum DispatchBenchSchedules {
    static func input(
        _ plan: DispatchBenchPlan, first: Int64, last: Int64
    ) -> ConfigurationInput {
        var input = ConfigurationInput()
        input.definitions.reserveCapacity(plan.schedules + plan.bystanders)
        for number in 0..<plan.schedules {
            var definition = definition("job-\(number)", period: plan.periodSeconds)
            definition.startsAt = first
            definition.endsAt = last
            if plan.rate > 0 {
                var limit = RunLimit()
                limit.name = "shared"
                limit.rateMax = UInt64(plan.rate)
                limit.windowSeconds = 1
                definition.rules = RunRules()
                definition.rules?.limits = [limit]
            }
            input.definitions.append(definition)
        }
        for number in 0..<plan.bystanders {
            var definition = definition("other-\(number)", period: 1)
            definition.startsAt = first
            input.definitions.append(definition)
        }
        return input
    }

    private static func definition(_ jobId: String, period: Int) -> ScheduleDefinition {
        var definition = ScheduleDefinition()
        definition.jobId = jobId
        definition.isEnabled = true
        definition.every = "\(period)s"
        definition.zone = "UTC"
        var target = TargetBinding()
        target.name = "nothing"
        target.kind = "process"
        target.command = ["nothing"]
        definition.target = target
        definition.catchUp = "latest"
        definition.overlap = "skip"
        definition.source = "config"
        return definition
    }
}

/// A target in this process that does nothing: it notes when it was called, and says that all is
/// well.
private final class DispatchBenchTarget: EffectPort {
    struct Lags {
        var scheduled = LatencyHistogram()
        var bystanders = LatencyHistogram()
    }

    private struct State {
        var lags = Lags()
        var error: (any Error)?
        var waiter: CheckedContinuation<Void, any Error>?
    }

    private let clock = SystemClock()
    private let expected: Int
    private let deadline: Int64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - expected: So many runs of the schedules come.
    ///   - deadline: What has not come by then was lost, µs.
    init(expected: Int, deadline: Int64) {
        self.expected = expected
        self.deadline = deadline
    }

    var lags: Lags { state.withLock { $0.lags } }

    func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void) {
        guard case .deliver(let request) = effect else { return }
        let now = clock.now()
        guard let scheduled = try? Instant(parsing: request.scheduled).microseconds else {
            return fail(SnapshotBenchError(message: "no time: \(request.scheduled)"))
        }
        let lag = Duration.microseconds(max(0, now - scheduled))
        let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            if request.jobId.hasPrefix("job-") {
                state.lags.scheduled.add(lag)
            } else {
                state.lags.bystanders.add(lag)
            }
            guard state.lags.scheduled.count >= expected else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        var result = AttemptResult()
        result.isSuccess = true
        report(.ended(run: request.run, attempt: request.attempt, result))
        waiter?.resume()
    }

    func fail(_ error: any Error) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.error = error
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(throwing: error)
    }

    /// Returns when every run was delivered.
    ///
    /// - Throws: what failed; and where runs are missing, at the deadline.
    func finished() async throws {
        let lost = Task {
            try await Task.sleep(for: .microseconds(max(0, deadline - clock.now())))
            fail(SnapshotBenchError(message: "of \(expected) runs some were never dispatched"))
        }
        defer { lost.cancel() }
        try await withCheckedThrowingContinuation { continuation in
            let failed = state.withLock { state -> Result<Void, any Error>? in
                if let error = state.error { return .failure(error) }
                if state.lags.scheduled.count >= expected { return .success(()) }
                state.waiter = continuation
                return nil
            }
            if let failed { continuation.resume(with: failed) }
        }
    }
}
