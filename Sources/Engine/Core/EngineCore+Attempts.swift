import Events
import Projections

/// What becomes of an attempt: started, succeeded, failed, tried again, dead.
extension EngineCore {
    /// The run of a report, if the report is of its present attempt and that is active.
    private func active(_ number: UInt64, _ attempt: UInt64) -> RunState? {
        guard let run = state.openRuns[number], run.attempt == attempt, run.status.isActive
        else { return nil }
        return run
    }

    /// A process stands ready behind its gate: once `started` is durable, it may begin.
    mutating func processReady(
        _ number: UInt64, _ attempt: UInt64, _ pid: UInt64, _ startTicks: UInt64,
        _ bootId: String
    ) throws {
        guard let run = active(number, attempt), run.status == .dispatched else {
            return act(.terminate(run: number, attempt: attempt, isForced: false))
        }
        // The gate has not opened: the program never begins.
        if run.isCancelRequested {
            return act(.terminate(run: number, attempt: attempt, isForced: false))
        }
        tenant = run.tenant
        var started = RunStarted()
        started.run = number
        started.jobId = run.jobId
        started.attempt = attempt
        started.processId = pid
        started.processStartTicks = startTicks
        started.bootId = bootId
        let sequence = try emit(started, cause: run.lastSequence)
        try tellOfStart(run, cause: sequence)
        if let now = state.openRuns[number] { armAttempt(now) }
        act(.proceed(run: number, attempt: attempt))
    }

    /// A target accepted the work: a completion will come.
    mutating func accepted(_ number: UInt64, _ attempt: UInt64) throws {
        guard let run = active(number, attempt), run.status == .dispatched else { return }
        tenant = run.tenant
        try started(run, waitingForCallback: true)
        if run.isCancelRequested, let known = state.openRuns[number] {
            try endCancelled(known, run.cancelReason, cause: known.lastSequence)
        }
    }

    private mutating func started(_ run: RunState, waitingForCallback: Bool) throws {
        var started = RunStarted()
        started.run = run.run
        started.jobId = run.jobId
        started.attempt = run.attempt
        if waitingForCallback {
            let target = try pinnedSchedule(run).definition.target
            let seconds = Int64(clamping: target?.callbackTimeoutSeconds ?? 0)
            started.isWaitingForCallback = true
            started.callbackBy = now + max(seconds, 1) * 1_000_000
        }
        let sequence = try emit(started, cause: run.lastSequence)
        try tellOfStart(run, cause: sequence)
        // An attempt that is over with its start needs no clocks.
        guard waitingForCallback || run.durationMicrosecondsMax > 0 || run.finishBy > 0 else {
            return
        }
        if let known = state.openRuns[run.run] { armAttempt(known) }
    }

    /// An attempt ended, as its target reported it.
    mutating func ended(_ number: UInt64, _ attempt: UInt64, _ result: AttemptResult) throws {
        guard let run = active(number, attempt) else { return }
        tenant = run.tenant
        try conclude(run, result)
        act(.discard(run: number, attempt: attempt))
    }

    /// A completion came from outside.
    mutating func complete(
        _ number: UInt64, _ attempt: UInt64, _ result: AttemptResult, _ who: Authority
    ) throws {
        authority = who
        guard let run = state.openRuns[number] else {
            let known = state.deadRuns[number] ?? state.finishedRuns[number]
            guard let known else {
                throw Rejection(.notFound, "run \(number) is not known, or ended long ago")
            }
            return try ignore(known, attempt, result, "stale")
        }
        tenant = run.tenant
        let isPresent = run.attempt == attempt && attempt > 0
        let isLateSuccess =
            run.status == .retryScheduled && result.isSuccess && attempt <= run.attempt
        guard isLateSuccess || (isPresent && run.status.isActive) else {
            return try ignore(run, attempt, result, attempt > run.attempt ? "early" : "stale")
        }
        if isLateSuccess {
            try succeed(run, result)
        } else {
            if run.status == .started && !run.isWaitingForCallback {
                return try ignore(run, attempt, result, "notExpected")
            }
            try conclude(run, result)
        }
        reply(run: number, "the completion was taken")
    }

    mutating func ignore(
        _ run: RunState, _ attempt: UInt64, _ result: AttemptResult, _ reason: String
    ) throws {
        tenant = run.tenant
        var ignored = RunCompletionIgnored()
        ignored.run = run.run
        ignored.jobId = run.jobId
        ignored.attempt = attempt
        ignored.reason = reason
        ignored.claimed = result.isSuccess ? "succeeded" : "failed"
        try emit(ignored, cause: run.lastSequence)
        reply(run: run.run, "the completion was ignored (\(reason)): the run is \(run.statusText)")
    }

    /// An active attempt is over.
    mutating func conclude(_ run: RunState, _ result: AttemptResult) throws {
        var run = run
        if run.status == .dispatched && result.failureClass.isEmpty {
            // An answer says that the target had it: the run's life shows that.
            try started(run, waitingForCallback: false)
            run = state.openRuns[run.run] ?? run
        }
        if result.isSuccess { try succeed(run, result) } else { try fail(run, result) }
    }

    /// The end of an attempt that its worker reports has the lease's token as its request: by it
    /// the state knows, after a restart too, which lease ended the attempt.
    private mutating func emitEnd<P: EventPayload>(
        _ payload: P, of run: RunState
    ) throws -> UInt64 {
        let request = authority.request
        defer { authority.request = request }
        if let held = state.lease(ofRun: run.run), authority.actor == "worker:\(held.worker)" {
            authority.request = String(held.lease.token)
        }
        return try emit(payload, cause: run.lastSequence)
    }

    private mutating func succeed(_ run: RunState, _ result: AttemptResult) throws {
        var succeeded = RunSucceeded()
        succeeded.run = run.run
        succeeded.jobId = run.jobId
        succeeded.attempt = run.attempt
        succeeded.exitCode = result.exitCode
        succeeded.httpStatus = result.httpStatus
        succeeded.output = result.output
        succeeded.durationMicroseconds = result.durationMicroseconds
        succeeded.result = result.result
        succeeded.note = result.note
        if let usual = usual(after: run, result) {
            succeeded.usualMicroseconds = usual.microseconds
            succeeded.usualDeviation = usual.deviation
            succeeded.usualCount = usual.count
        }
        // Before the event: with the last run that follows it, a definition may go.
        let schedule = try pinnedSchedule(run)
        let sequence = try emitEnd(succeeded, of: run)
        try tell(schedule, "onSuccess", run, cause: sequence)
        if !run.isReminder { try clearAlerts(run.schedule, cause: sequence) }
        try runEnded(run)
    }

    private mutating func fail(_ run: RunState, _ result: AttemptResult) throws {
        if try isSkippedWithoutInput(run, result) {
            return try skip(run.run, FileDiscovery.failureClass, result.message)
        }
        var failed = RunFailed()
        failed.run = run.run
        failed.jobId = run.jobId
        failed.attempt = run.attempt
        failed.failureClass = result.failureClass.isEmpty ? "reported" : result.failureClass
        failed.message = result.message
        failed.isDefinite = result.isDefinite
        failed.exitCode = result.exitCode
        failed.httpStatus = result.httpStatus
        failed.output = result.output
        failed.durationMicroseconds = result.durationMicroseconds
        let schedule = try pinnedSchedule(run)
        failed.isCounted = schedule.definition.rules?.failureAlert != nil
        failed.advice = schedule.definition.advice(on: failed.failureClass)
        let sequence = try emitEnd(failed, of: run)
        if failed.isCounted { try countFailure(schedule, run: run, cause: sequence) }
        let freed = room.release(run.run)
        activeRuns.remove(run.run)
        desk.forget(run.run)
        guard let known = state.openRuns[run.run] else { return }
        if known.isCancelRequested {
            try endCancelled(known, known.cancelReason, cause: sequence)
        } else {
            try retry(known, result, cause: sequence)
        }
        try giveRoom(at: freed)
    }

    /// After a failure: another attempt, or the dead-letter queue.
    ///
    /// An attempt that was lost with its engine is repeated at once and does not count.
    private mutating func retry(
        _ run: RunState, _ result: AttemptResult, cause: UInt64
    ) throws {
        let definition = try pinnedSchedule(run).definition
        let isLost = run.failureClass == "lost"
        if !isLost {
            guard definition.triesAgain(after: run.failureClass) else {
                return try die(run, reason: "notRetried", run.failureMessage, cause: cause)
            }
            guard run.failures <= definition.retriesMax else {
                return try die(run, reason: "retriesExhausted", run.failureMessage, cause: cause)
            }
        }
        let delay =
            isLost ? 0 : definition.retryDelay(run: run.run, failures: max(run.failures, 1))
        var scheduled = RunRetryScheduled()
        scheduled.run = run.run
        scheduled.jobId = run.jobId
        scheduled.attempt = run.attempt + 1
        scheduled.at = now + delay
        scheduled.execution = run.execution + (result.isDefinite && !isLost ? 1 : 0)
        try emit(scheduled, cause: cause)
        addTimer(.retry(run: run.run), of: run, at: scheduled.at)
    }

    /// A retry's time has come.
    mutating func retryDue(_ number: UInt64) throws {
        guard let run = state.openRuns[number], run.status == .retryScheduled,
            run.retryAt <= now
        else { return }
        try passGates(number)
    }

    /// The run ends in the dead-letter queue, and those who are named hear of it.
    mutating func die(
        _ run: RunState, reason: String, _ message: String, cause: UInt64
    ) throws {
        var dead = RunDead()
        dead.run = run.run
        dead.jobId = run.jobId
        dead.attempt = run.attempt
        dead.reason = reason
        dead.message = message
        // Before the event: with the last run that follows it, a definition may go.
        let schedule = try pinnedSchedule(run)
        dead.failuresInRow = (state.schedules[run.schedule]?.failuresInRow ?? 0) + 1
        if schedule.definition.rules?.pauseAfterFailures ?? 0 == 0 { dead.failuresInRow = 0 }
        let sequence = try emit(dead, cause: cause)
        try raise(
            schedule, run: run.run, kind: "onFailure", severity: "high", cause: sequence,
            "run \(run.run) of '\(run.jobId)' for \(run.scheduledLocal) failed for good: "
                + message)
        try pauseAfterFailures(schedule, dead.failuresInRow, cause: sequence)
        try runEnded(run)
    }

    /// So many runs failed for good, one after the other: the schedule is paused, until a person
    /// has seen to it.
    private mutating func pauseAfterFailures(
        _ schedule: CompiledSchedule, _ count: UInt64, cause: UInt64
    ) throws {
        let most = schedule.definition.rules?.pauseAfterFailures ?? 0
        guard most > 0, count >= most, let known = state.schedules[schedule.key],
            !known.isRemoved, !known.isPaused
        else { return }
        var disabled = ScheduleDisabled()
        disabled.jobId = schedule.key.jobId
        disabled.reason = "\(Counted.text(count, "run")) in a row failed for good"
        let sequence = try emit(disabled, cause: cause)
        try raise(
            schedule, run: 0, kind: "paused", severity: "high", cause: sequence,
            "'\(schedule.key.jobId)' is paused: \(disabled.reason). Put the cause right, then: "
                + "daybook resume \(schedule.key.jobId)")
    }

    /// A run ends as cancelled.
    mutating func endCancelled(_ run: RunState, _ reason: String, cause: UInt64) throws {
        var cancelled = RunCancelled()
        cancelled.run = run.run
        cancelled.jobId = run.jobId
        cancelled.attempt = run.attempt
        cancelled.reason = reason
        try emit(cancelled, cause: cause)
        try runEnded(run)
    }
}
