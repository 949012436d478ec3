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
    /// Whether each run starts a real program, `/bin/true`, instead of doing nothing.
    public var startsPrograms = false
    /// Over how long the schedules of a period are spread, in seconds; 0 for all at one instant.
    public var spreadSeconds = 0

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
    /// Whether each run started a real program.
    public var startsPrograms: Bool
    /// From the scheduled time to the call of the target, or to the moment at which the program
    /// may begin, ms: the middle one.
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
    /// The most memory that the process took, in bytes.
    public var memoryBytesMax: Int
    /// The kernel, the processor, how many of them.
    public var machine: [String: String]

    enum CodingKeys: String, CodingKey {
        case schedules, due, dispatched, succeeded, seconds, rate, machine
        case periodSeconds = "period_seconds"
        case startsPrograms = "programs"
        case lagP50Milliseconds = "lag_p50_ms"
        case lagP99Milliseconds = "lag_p99_ms"
        case lagMaxMilliseconds = "lag_max_ms"
        case runsPerSecond = "runs_per_second"
        case eventsPerRun = "events_per_run"
        case bystanderLagMaxMilliseconds = "bystander_lag_max_ms"
        case limitMilliseconds = "limit_ms"
        case processorSeconds = "cpu_seconds"
        case memoryBytesMax = "memory_bytes_max"
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
    // The schedules are made within that; the first round comes after it.
    let making = 2_000_000 + Int64(plan.schedules + plan.bystanders) * 150
    let first = ((clock.now() + making) / period + 1) * period
    let last = first + Int64(plan.rounds - 1) * period
    let draining = plan.rate > 0 ? Int64(plan.schedules / plan.rate) * 1_000_000 : 0
    let target = DispatchBenchTarget(
        expected: plan.schedules * plan.rounds, deadline: last + 2 * draining + 120_000_000,
        spreadSeconds: plan.spreadSeconds)
    var parts = EngineRuntime.Parts(folder: folder, zones: try ZoneCatalog()) { log in
        if plan.startsPrograms {
            target.run(programs: try DispatchBenchPrograms(folder: folder, log: log))
        }
        return target
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
    try await target.close()
    let lags = target.lags
    return DispatchBenchResult(
        schedules: plan.schedules, periodSeconds: plan.periodSeconds,
        due: plan.schedules * plan.rounds, dispatched: lags.scheduled.count,
        succeeded: Int(clamping: counts.succeeded), startsPrograms: plan.startsPrograms,
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
        processorSeconds: processorSeconds, memoryBytesMax: ProcessMemory.read().peak,
        machine: MachineFacts.read())
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
            definition.jitterSeconds = UInt64(plan.spreadSeconds)
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
        target.command = ["/bin/true"]
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
        var ended = 0
        /// Scheduled times, µs, of runs whose program is being made ready.
        var preparing: [UInt64: (scheduled: Int64, isBystander: Bool)] = [:]
        var programs: DispatchBenchPrograms?
        var error: (any Error)?
        var waiter: CheckedContinuation<Void, any Error>?
    }

    private let clock = SystemClock()
    private let expected: Int
    private let deadline: Int64
    private let spreadSeconds: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - expected: So many runs of the schedules come.
    ///   - deadline: What has not come by then was lost, µs.
    ///   - spreadSeconds: Over how long the schedules' runs are spread.
    init(expected: Int, deadline: Int64, spreadSeconds: Int) {
        self.expected = expected
        self.spreadSeconds = spreadSeconds
        self.deadline = deadline
    }

    var lags: Lags { state.withLock { $0.lags } }

    /// Real programs run from now on.
    func run(programs: DispatchBenchPrograms) { state.withLock { $0.programs = programs } }

    func close() async throws { try await state.withLock { $0.programs }?.close() }

    func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void) {
        let programs = state.withLock { $0.programs }
        switch effect {
        case .deliver(let request):
            guard let scheduled = try? Instant(parsing: request.scheduled).microseconds else {
                return fail(SnapshotBenchError(message: "no time: \(request.scheduled)"))
            }
            let isBystander = !request.jobId.hasPrefix("job-")
            let due = scheduled + (isBystander ? 0 : spread(request))
            state.withLock { $0.preparing[request.run] = (due, isBystander) }
            if programs == nil {
                begins(request.run)
                var result = AttemptResult()
                result.isSuccess = true
                report(.ended(run: request.run, attempt: request.attempt, result))
            }
        case .proceed(let run, _): begins(run)
        case .discard: ends()
        default: break
        }
        programs?.port.carryOut(effect, report: report)
    }

    /// By how much a run begins after its scheduled time, so that not all begin at once, µs.
    private func spread(_ request: AttemptRequest) -> Int64 {
        TriggerSet.Jitter.microseconds(
            of: request.jobId, most: UInt64(spreadSeconds) * 1_000_000)
    }

    private func begins(_ run: UInt64) {
        let now = clock.now()
        state.withLock { state in
            guard let known = state.preparing.removeValue(forKey: run) else { return }
            let lag = Duration.microseconds(max(0, now - known.scheduled))
            if known.isBystander {
                state.lags.bystanders.add(lag)
            } else {
                state.lags.scheduled.add(lag)
            }
        }
    }

    /// A run is over, durably.
    private func ends() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.ended += 1
            guard isFinished(state) else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Whether all schedules' runs began, and as many are over, of bystanders too.
    private func isFinished(_ state: State) -> Bool {
        state.lags.scheduled.count >= expected
            && state.ended >= expected + state.lags.bystanders.count
    }

    func fail(_ error: any Error) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.error = error
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(throwing: error)
    }

    /// Returns when every run began and is over.
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
                if isFinished(state) { return .success(()) }
                state.waiter = continuation
                return nil
            }
            if let failed { continuation.resume(with: failed) }
        }
    }
}
