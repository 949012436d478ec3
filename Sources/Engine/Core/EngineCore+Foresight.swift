import Events
import Projections

/// What is said before it is too late: a run that will probably miss its SLA, a job that fails too
/// often.
extension EngineCore {
    /// Sets the timer at which a run would miss its SLA, did it take as long as its job's runs
    /// usually take at most.
    ///
    /// Nothing is foretold of a run without an SLA, of one of which it was said already, and where
    /// fewer than `UsualDuration.countMin` runs are known.
    mutating func armForesight(_ run: RunState) {
        guard run.finishBy > 0, !run.isAtRisk, run.finishBy > now,
            let longest = state.schedules[run.schedule]?.usual.longest
        else { return }
        addTimer(
            .foresight(run: run.run), of: run, at: max(now, foresightMoment(run, longest: longest)))
    }

    /// When it will be known whether a run is at risk, µs: before it starts, the last moment at
    /// which it could start; then the moment at which it usually is over.
    private func foresightMoment(_ run: RunState, longest: Int64) -> Int64 {
        guard run.status.isActive else { return run.finishBy - longest }
        let expected = attemptBegan(run) + longest
        return expected > run.finishBy ? now : expected
    }

    private func attemptBegan(_ run: RunState) -> Int64 {
        run.startedAt > 0 ? run.startedAt : run.dispatchedAt
    }

    /// A run is warned of, once, where it will probably miss its SLA.
    mutating func foresee(_ number: UInt64) throws {
        guard let run = state.openRuns[number], !run.isAtRisk, run.finishBy > now,
            let longest = state.schedules[run.schedule]?.usual.longest
        else { return }
        let schedule = try pinnedSchedule(run)
        if schedule.definition.rules?.isWarningOff == true { return }
        if now < foresightMoment(run, longest: longest) { return armForesight(run) }
        // One that takes longer than any before it will end who knows when: after its SLA, if it
        // takes half as long again.
        let expected =
            run.status.isActive
            ? max(attemptBegan(run) + longest, now + longest / 2)
            : max(now, run.status == .retryScheduled ? run.retryAt : now) + longest
        guard expected >= run.finishBy else {
            return addTimer(.foresight(run: number), of: run, at: run.finishBy - longest / 2)
        }
        tenant = run.tenant
        var risk = RunSlaAtRisk()
        risk.run = number
        risk.jobId = run.jobId
        risk.due = run.finishBy
        risk.expected = expected
        let sequence = try emit(risk, cause: run.lastSequence)
        try raise(
            schedule, run: number, kind: "slaAtRisk", severity: "low", cause: sequence,
            "run \(number) of '\(run.jobId)' for \(run.scheduledLocal) will probably end at "
                + "\(UTCText.of(microseconds: expected)), and its SLA is over at "
                + UTCText.of(microseconds: run.finishBy))
    }

    /// How long the runs of a job usually take, one that succeeded now among them; nil for a run
    /// without an SLA.
    func usual(after run: RunState, _ result: AttemptResult) -> UsualDuration? {
        guard run.finishBy > 0, let known = state.schedules[run.schedule] else { return nil }
        let measured = UInt64(max(now - attemptBegan(run), 0))
        return known.usual.adding(
            result.durationMicroseconds > 0 ? result.durationMicroseconds : measured)
    }

    /// An attempt failed that counts: people hear of it where there were too many in a while.
    ///
    /// With the alert the count begins anew, so a job that fails on and on raises one for each
    /// such number.
    mutating func countFailure(
        _ schedule: CompiledSchedule, run: RunState, cause: UInt64
    ) throws {
        guard let threshold = schedule.definition.rules?.failureAlert,
            let known = state.schedules[run.schedule]
        else { return }
        let since = now - Int64(clamping: threshold.windowSeconds) * 1_000_000
        let count = known.recentFailures.count { Int64(clamping: $0) > since }
        guard count >= Int(clamping: threshold.count) else { return }
        let window = known.recentFailures.suffix(count).first.map { Int64(clamping: $0) } ?? now
        try raise(
            schedule, run: run.run, kind: "failures", severity: "high", cause: cause,
            "\(count) attempts of '\(run.jobId)' failed since "
                + UTCText.of(microseconds: window))
    }

    /// The open run that keeps another from starting because both have the same values of the
    /// parameters that must be unique; nil where there is none, and then this one has them.
    mutating func uniqueHolder(_ run: RunState, _ schedule: CompiledSchedule) -> UInt64? {
        guard let rules = schedule.definition.rules, !rules.uniqueBy.isEmpty else { return nil }
        let values = rules.uniqueBy.map { name in
            run.parameters.first { $0.name == name }?.value ?? ""
        }
        let key = UniqueKey(
            tenant: run.tenant, job: rules.jobType.isEmpty ? run.jobId : rules.jobType,
            isType: !rules.jobType.isEmpty, values: values)
        if let holder = uniqueRuns[key], holder != run.run, state.openRuns[holder] != nil {
            return holder
        }
        uniqueRuns[key] = run.run
        return nil
    }
}

/// What must be different in two runs that are open at once.
struct UniqueKey: Hashable, Sendable {
    let tenant: String
    let job: String
    /// Whether the job is a job type.
    let isType: Bool
    let values: [String]
}
