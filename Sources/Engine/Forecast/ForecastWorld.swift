import Projections

/// The world of a forecast: every attempt succeeds after its job's typical time, whoever is asked
/// answers as the options say, and nothing is ever lost.
struct ForecastWorld {
    /// An attempt under way.
    private struct Attempt {
        let number: UInt64
        let began: Int64
        let end: Int64
    }

    private let options: ForecastOptions
    private let typicalDuration: (ScheduleKey) throws -> Int64?
    private var attempts: [UInt64: Attempt] = [:]
    /// When attempts end: one timer of the kind `duration` for each.
    private var ends = TimerQueue()
    private var durations: [ScheduleKey: Int64] = [:]
    /// Jobs whose attempts take as long as their last successes did.
    private(set) var knownJobCount = 0
    /// Jobs whose attempts take the default.
    private(set) var unknownJobCount = 0

    init(
        _ options: ForecastOptions,
        _ typicalDuration: @escaping (ScheduleKey) throws -> Int64?
    ) {
        self.options = options
        self.typicalDuration = typicalDuration
    }

    /// When an attempt ends next, µs; nil where none runs.
    var nextTime: Int64? { ends.firstTime }

    /// When the attempt of a run ends, µs; nil where none runs.
    func end(of run: UInt64) -> Int64? { attempts[run]?.end }

    /// What follows at once from an effect; nil for nothing.
    mutating func react(
        to effect: Effect, _ state: ProjectedState, now: Int64
    ) throws -> Command? {
        switch effect {
        case .deliver(let request):
            return try begin(request, at: now, now: now)
        case .reconcile(let request, let status, _, _, _):
            // It goes on where it was: what was there is not lost in a forecast.
            let began = state.openRuns[request.run]?.startedAt ?? 0
            let command = try begin(request, at: began > 0 ? began : now, now: now)
            return status == .dispatched ? command : nil
        case .probe(let request, let name, _):
            return .dependencyAnswer(
                run: request.run, name: name, status: options.externalAnswer.rawValue,
                detail: "assumed")
        case .terminate(let run, let attempt, _):
            guard attempts.removeValue(forKey: run) != nil else { return nil }
            var result = AttemptResult()
            result.failureClass = "signal"
            return .ended(run: run, attempt: attempt, result)
        case .proceed, .notify, .withdraw, .discard, .saveState:
            return nil
        }
    }

    /// Takes on a run that awaited its completion before the forecast began.
    mutating func expectCompletion(of run: RunState, now: Int64) throws {
        let duration = try duration(of: run.schedule)
        set(run.run, run.attempt, began: run.startedAt, duration, now: now)
    }

    /// Takes the first attempt that ends; nil where it was ended before.
    mutating func takeFirst() -> Command? {
        guard let time = ends.firstTime, case .duration(let run)? = ends.take(through: time),
            let attempt = attempts[run], attempt.end == time
        else { return nil }
        attempts[run] = nil
        var result = AttemptResult()
        result.isSuccess = true
        result.durationMicroseconds = UInt64(clamping: attempt.end - attempt.began)
        return .ended(run: run, attempt: attempt.number, result)
    }

    /// An attempt begins.
    ///
    /// A program says so at once; an endpoint says so at once where it needs longer than a request
    /// may take, and else with its answer: as the engine's targets do.
    private mutating func begin(
        _ request: AttemptRequest, at began: Int64, now: Int64
    ) throws -> Command? {
        let duration = try duration(of: ScheduleKey(request.tenant, request.jobId))
        set(request.run, request.attempt, began: began, duration, now: now)
        guard request.binding.kind == "http" else {
            return .processReady(
                run: request.run, attempt: request.attempt, pid: 0, startTicks: 0, bootId: "")
        }
        let timeout = Int64(clamping: request.binding.timeoutSeconds) &* 1_000_000
        return duration > timeout
            ? .accepted(run: request.run, attempt: request.attempt) : nil
    }

    private mutating func set(
        _ run: UInt64, _ attempt: UInt64, began: Int64, _ duration: Int64, now: Int64
    ) {
        let (sum, overflows) = began.addingReportingOverflow(duration)
        let end = max(overflows ? .max : sum, now)
        attempts[run] = Attempt(number: attempt, began: began, end: end)
        ends.add(.duration(run: run), at: end)
    }

    private mutating func duration(of key: ScheduleKey) throws -> Int64 {
        if let known = durations[key] { return known }
        let typical = try typicalDuration(key)
        if typical == nil { unknownJobCount += 1 } else { knownJobCount += 1 }
        let duration = max(typical ?? options.durationDefault, 0)
        durations[key] = duration
        return duration
    }
}
