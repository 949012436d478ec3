import Events
import Projections

/// What happens by the passing of time alone: the clocks of a run, signs of life, digests.
extension EngineCore {
    /// Handles a timer whose time has come.
    ///
    /// A timer that lost its sense does nothing.
    mutating func handleTimer(_ kind: TimerKind) throws {
        switch kind {
        case .occurrence(let definition, let tenant):
            try occurrencesDue(definition, tenant: tenant)
        case .reminder(let definition, let tenant):
            try remindersDue(definition, tenant: tenant)
        case .retry(let run): try retryDue(run)
        case .takeUp(let run): try passGates(run)
        case .holdEnd(let run): try expireHold(run)
        case .poll(let run, let dependency): try poll(run, dependency)
        case .startBy(let run): try startByPassed(run)
        case .finishBy(let run): try finishByPassed(run)
        case .duration(let run): try durationPassed(run)
        case .callback(let run): try callbackPassed(run)
        case .foresight(let run): try foresee(run)
        case .blackoutEnd(let declared): try blackoutEnded(declared)
        case .calendars: try checkCalendarsDaily()
        case .room(let alarm): try roomCame(alarm)
        case .pauseEnd(let number): try pauseEnded(number)
        case .escalation(let alert): try escalate(alert)
        case .leaseEnd(let run): try leaseEnded(run)
        case .workerSilent(let session): try workerSilent(session)
        case .approvalEnd(let approval): try approvalEnded(approval)
        case .alive:
            sweepTimers()
            room.forgetOld(at: now)
            timers.add(.alive, at: now + settings.aliveInterval)
            var alive = EngineAlive()
            alive.openRuns = UInt64(state.openRuns.count)
            try emit(alive)
        case .answerDue(let number): try answerDue(number)
        case .controlGaps: try controlGapsDue()
        case .controlSync: try controlSyncDue()
        case .digest:
            timers.add(.digest, at: now + digestPause)
            try recordDigest()
        }
    }

    /// Drops timers of runs that are over and of definitions that were replaced, now and then.
    private mutating func sweepTimers() {
        let state = state
        timers.sweep { kind in
            switch kind {
            case .occurrence(let definition, _), .reminder(let definition, _):
                state.definitions[definition]?.isCurrent == true
            case .retry(let run), .takeUp(let run), .holdEnd(let run), .poll(let run, _),
                .startBy(let run), .finishBy(let run), .duration(let run), .callback(let run),
                .foresight(let run), .leaseEnd(let run):
                state.openRuns[run] != nil
            case .blackoutEnd(let declared):
                state.blackouts.sorted().contains { $0.sequence == declared }
            case .escalation(let alert):
                state.alerts[alert].map { $0.acknowledgedAt == 0 && $0.level == 0 } ?? false
            case .workerSilent(let session):
                state.workers.sorted().contains { $0.session == session && $0.isOnline }
            case .approvalEnd(let approval): state.approvals[approval] != nil
            case .answerDue(let number):
                state.exchange.received[number] != nil || state.exchange.files[number] != nil
                    || state.exchange.duplicates[number] != nil
            case .controlGaps, .controlSync, .alive, .digest, .calendars, .room, .pauseEnd: true
            }
        }
        references.sweep { state.definitions[$0] != nil }
        sweepElements()
        armedAt = armedAt.filter { state.definitions[$0.key]?.isCurrent == true }
        completionFollowers = completionFollowers.filter {
            state.schedules[$0]?.isRemoved == false
        }
        if !uniqueRuns.isEmpty {
            uniqueRuns = uniqueRuns.filter { state.openRuns[$0.value] != nil }
        }
    }

    /// Sets the clocks that run from the scheduled time, where they were not reported yet.
    mutating func armClocks(_ run: RunState) {
        if run.startBy > 0 && !run.isLate && run.startedAt == 0 {
            addTimer(.startBy(run: run.run), of: run, at: run.startBy)
        }
        if run.finishBy > 0 && !run.clocksMissed.contains("finishBy") {
            addTimer(.finishBy(run: run.run), of: run, at: run.finishBy)
        }
        armForesight(run)
    }

    /// Sets the clocks of an attempt that started.
    mutating func armAttempt(_ run: RunState) {
        if run.durationMicrosecondsMax > 0 && !run.clocksMissed.contains("duration") {
            addTimer(.duration(run: run.run), of: run, at: durationEnd(run))
        }
        if run.isWaitingForCallback {
            addTimer(.callback(run: run.run), of: run, at: run.callbackBy)
        }
        armForesight(run)
    }

    /// When the present attempt has run for as long as it may, µs.
    private func durationEnd(_ run: RunState) -> Int64 {
        let (end, overflows) = run.startedAt.addingReportingOverflow(
            Int64(clamping: run.durationMicrosecondsMax))
        return overflows ? .max : end
    }

    private mutating func startByPassed(_ number: UInt64) throws {
        guard let run = state.openRuns[number], !run.isLate, run.startedAt == 0,
            run.attempt <= 1
        else { return }
        // Whoever was put off is not late: the clock starts again when the wait is over.
        if run.isPutOff {
            let allowed = max(run.startBy - run.scheduled, 0)
            let release = run.retryAt > now ? run.retryAt : now + EngineCore.putOffLook
            return addTimer(.startBy(run: number), of: run, at: release + allowed)
        }
        tenant = run.tenant
        var late = RunLate()
        late.run = number
        late.jobId = run.jobId
        late.due = run.startBy
        let sequence = try emit(late, cause: run.lastSequence)
        try raise(
            try pinnedSchedule(run), run: number, kind: "late", severity: "medium",
            cause: sequence,
            "run \(number) of '\(run.jobId)' for \(run.scheduledLocal) has not started yet")
    }

    private mutating func finishByPassed(_ number: UInt64) throws {
        try missClock(
            number, "finishBy", "is not finished, and its SLA is over")
    }

    private mutating func durationPassed(_ number: UInt64) throws {
        // A timer of an attempt before comes too soon for this one.
        guard let run = state.openRuns[number], run.status == .started, durationEnd(run) <= now
        else { return }
        try missClock(number, "duration", "runs longer than it should")
    }

    private mutating func missClock(_ number: UInt64, _ clock: String, _ what: String) throws {
        guard let run = state.openRuns[number], !run.clocksMissed.contains(clock) else { return }
        tenant = run.tenant
        var missed = RunSlaMissed()
        missed.run = number
        missed.jobId = run.jobId
        missed.clock = clock
        missed.due = clock == "finishBy" ? run.finishBy : durationEnd(run)
        let sequence = try emit(missed, cause: run.lastSequence)
        try raise(
            try pinnedSchedule(run), run: number, kind: "onMissedSla", severity: "medium",
            cause: sequence,
            "run \(number) of '\(run.jobId)' for \(run.scheduledLocal) \(what)")
    }

    private mutating func callbackPassed(_ number: UInt64) throws {
        guard let run = state.openRuns[number], run.isWaitingForCallback, run.callbackBy <= now
        else { return }
        var result = AttemptResult()
        result.failureClass = "callbackTimeout"
        result.message = "no completion came in time"
        result.durationMicroseconds = UInt64(max(now - run.startedAt, 0))
        try ended(number, run.attempt, result)
    }

    /// How long it is to the next digest, µs: a snapshot stands beside a digest, always.
    var digestPause: Int64 { min(settings.digestInterval, settings.snapshotInterval) }

    /// Records the digest of the present state, where anything happened since the last one; and
    /// has a snapshot of it written, where one is due.
    mutating func recordDigest(isStopping: Bool = false) throws {
        // The snapshot beside it would take room that is set aside for other things.
        guard let last = state.lastSequence, last > digestSequence, !isDiskFull else { return }
        let digest = state.digest()
        if isStopping || isSnapshotDue(last) {
            act(.saveState(state))
            snapshotEnd = last + 1
            snapshotTime = now
        }
        var recorded = DigestRecorded()
        recorded.atSequence = last
        recorded.digest = digest.total
        recorded.projections = digest.projections
        digestSequence = try emit(recorded)
    }

    /// Whether the log's tail after the newest snapshot has become long, in time or in events.
    private func isSnapshotDue(_ last: UInt64) -> Bool {
        now - snapshotTime >= settings.snapshotInterval
            || last + 1 - min(snapshotEnd, last + 1) >= settings.snapshotEventCount
    }

    /// Which of a schedule's recipients hear of kinds that it does not name.
    private static let routes = [
        "late": "onMissedSla", "slaAtRisk": "onMissedSla", "paused": "onFailure",
        "failures": "onFailure",
    ]

    /// Raises an alert.
    mutating func raise(
        _ schedule: CompiledSchedule, run: UInt64, kind: String, severity: String,
        cause: UInt64, _ message: String
    ) throws {
        var raised = AlertRaised()
        raised.jobId = schedule.key.jobId
        raised.run = run
        raised.kind = kind
        raised.severity = severity
        raised.message = message
        // A late start is a clock that ran out, like the others, and a pause after failures follows
        // from those: the same people hear of it.
        let route = Self.routes[kind] ?? kind
        raised.recipients = schedule.recipients(route)
        try raise(raised, cause: cause)
    }

    /// Records that the clock moved, and tells people where it moved too far to be believed.
    mutating func clockStepped(_ kind: String, _ expected: Int64, _ seen: Int64) throws {
        var stepped = ClockStepped()
        stepped.kind = kind
        stepped.expected = expected
        stepped.seen = seen
        let cause = try emit(stepped)
        guard kind == "forward" else { return }
        var raised = AlertRaised()
        raised.kind = "clock"
        raised.severity = "critical"
        raised.message =
            "the clock jumped to \(UTCText.of(microseconds: seen)) where "
            + "\(UTCText.of(microseconds: expected)) was expected; Daybook goes on by the time "
            + "that has passed. Put the clock right, or restart the engine to take the new time"
        try raise(raised, cause: cause)
    }

    /// A success clears what was open of its schedule.
    mutating func clearAlerts(
        _ key: ScheduleKey, cause: UInt64, _ reason: String = "a later run succeeded"
    ) throws {
        guard let open = alertsOfJob.removeValue(forKey: key) else { return }
        for number in open.sorted() {
            guard let alert = state.alerts[number] else { continue }
            try clear(alert, reason, cause: cause)
        }
    }
}
