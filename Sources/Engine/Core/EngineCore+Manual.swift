import Events
import Projections
import Timetable

/// What people ask for, and the end of the engine.
extension EngineCore {
    func known(_ key: ScheduleKey) throws(Rejection) -> ScheduleState {
        guard let schedule = state.schedules[key], !schedule.isRemoved else {
            throw Rejection(.notFound, "there is no schedule '\(key.jobId)'")
        }
        return schedule
    }

    mutating func pause(
        _ key: ScheduleKey, until: Int64?, _ reason: String, _ who: Authority
    ) throws {
        guard try !known(key).isPaused else {
            throw Rejection(.conflict, "'\(key.jobId)' is paused already")
        }
        guard !reason.isEmpty else { throw Rejection(.invalid, "a pause needs a reason") }
        if let until, until <= now {
            throw Rejection(.invalid, "field 'until': that moment is over; give a later one")
        }
        authority = who
        tenant = key.tenant
        var disabled = ScheduleDisabled()
        disabled.jobId = key.jobId
        disabled.reason = reason
        disabled.until = until ?? 0
        try emit(disabled)
        if let until { armPauseEnd(key, at: until) }
        reply(
            "'\(key.jobId)' is paused: its occurrences are skipped until "
                + (until.map { UTCText.of(microseconds: $0) } ?? "it is resumed"))
    }

    mutating func resume(_ key: ScheduleKey, _ reason: String, _ who: Authority) throws {
        guard try known(key).isPaused else {
            throw Rejection(.conflict, "'\(key.jobId)' is not paused")
        }
        // What fell due in the pause is settled here, which takes room.
        try checkRoom()
        tenant = key.tenant
        // What fell due in the pause and has no timer handled yet is still the pause's.
        if let schedule = try current(key), let known = state.schedules[key] {
            try decideDue(schedule, known)
        }
        authority = who
        var enabled = ScheduleEnabled()
        enabled.jobId = key.jobId
        enabled.reason = reason
        try emit(enabled)
        authority = .engine
        try takeUpAfterPause(key)
        reply("'\(key.jobId)' is resumed\(try nextSentence(key))")
    }

    /// A run by hand passes pause, calendar and misfire; it waits at the other gates.
    mutating func runNow(
        _ key: ScheduleKey, _ scheduled: Int64?, _ reason: String, _ who: Authority,
        passesBlackouts: Bool = false
    ) throws {
        if isDraining { throw Rejection(.stopping, "the engine is stopping") }
        try checkRoom()
        let schedule = try known(key)
        if let again = sameRequest(key, who, "manual")?.run {
            return reply(run: again, "run \(again) was made for this request before")
        }
        let moment = Instant(microseconds: scheduled ?? now)
        let daysAhead = Self.reportedDaysAheadMax
        guard moment.microseconds <= now + Int64(daysAhead) * 86_400_000_000 else {
            throw Rejection(
                .invalid,
                "field 'scheduled': a run by hand is for a time at most \(daysAhead) days ahead")
        }
        guard let compiled = try current(key) else {
            throw Rejection(.conflict, "'\(key.jobId)' cannot be run: see `daybook check`")
        }
        if compiled.overlap == .skip && schedule.open > 0 {
            throw Rejection(
                .conflict,
                "a run of '\(key.jobId)' is open, and its overlap policy is skip; cancel it or "
                    + "wait for its end")
        }
        if !passesBlackouts { try refuseInBlackout(compiled) }
        var (due, fault) = dueEvent(
            compiled, Occurrence(at: moment, in: compiled.zone), trigger: "manual")
        if let fault { throw Rejection(.conflict, fault) }
        authority = who
        tenant = key.tenant
        due.reason = reason
        due.passesBlackouts = passesBlackouts
        if scheduled != nil {
            // The clocks of a run for a past date start when it is asked for.
            due.startBy = due.startBy == 0 ? 0 : now + due.startBy - due.scheduled
            due.finishBy = due.finishBy == 0 ? 0 : now + due.finishBy - due.scheduled
        }
        let run = try makeRun(due)
        authority = .engine
        try passGates(run)
        reply(run: run, "run \(run) of '\(key.jobId)' was made")
    }

    /// The newest run that the same request made, where it is remembered: while it is open, dead,
    /// or among the last that ended.
    ///
    /// - Parameter trigger: what such a run comes from.
    func sameRequest(_ key: ScheduleKey, _ who: Authority, _ trigger: String) -> RunState? {
        guard !who.request.isEmpty else { return nil }
        var found: RunState?
        state.forEachRun { run in
            if run.request == who.request && run.schedule == key && run.trigger == trigger
                && run.run > found?.run ?? 0
            {
                found = run
            }
        }
        return found
    }

    mutating func cancel(_ number: UInt64, _ reason: String, _ who: Authority) throws {
        guard let run = state.openRuns[number] else {
            throw Rejection(.notFound, "run \(number) is not open")
        }
        guard !run.isCancelRequested else {
            throw Rejection(.conflict, "the end of run \(number) was asked for already")
        }
        authority = who
        tenant = run.tenant
        try requestEnd(run, reason)
        reply(run: number, "run \(number) is cancelled, or will be when its target has ended")
    }

    /// Asks for the end of a run: an active attempt is ended first, any other ends at once.
    ///
    /// - Parameter isForced: its program is killed at once.
    mutating func requestEnd(
        _ run: RunState, _ reason: String, isForced: Bool = false
    ) throws {
        guard run.status.isActive, !isOffered(run) else {
            return try endCancelled(run, reason, cause: run.lastSequence)
        }
        var requested = RunCancelRequested()
        requested.run = run.run
        requested.jobId = run.jobId
        requested.attempt = run.attempt
        requested.reason = reason
        let sequence = try emit(requested, cause: run.lastSequence)
        if run.isWaitingForCallback {
            try endCancelled(run, reason, cause: sequence)
        } else if state.lease(ofRun: run.run) != nil {
            // Its worker hears of it with the answer to its next heartbeat.
            if isForced { desk.forced.insert(run.run) }
        } else if try run.status == .started || isRequest(run) {
            act(.terminate(run: run.run, attempt: run.attempt, isForced: isForced))
        }
    }

    /// Whether an attempt is an HTTP request, which can be broken off while it is under way.
    private mutating func isRequest(_ run: RunState) throws -> Bool {
        try pinnedSchedule(run).definition.target?.kind == "http"
    }

    /// Puts a dead run in again, as a new run that names it.
    mutating func requeue(_ number: UInt64, _ reason: String, _ who: Authority) throws {
        if isDraining { throw Rejection(.stopping, "the engine is stopping") }
        try checkRoom()
        guard let dead = state.deadRuns[number] else {
            throw Rejection(.notFound, "run \(number) is not in the dead-letter queue")
        }
        guard let schedule = try current(dead.schedule) else {
            throw Rejection(
                .notFound,
                "schedule '\(dead.jobId)' was removed, or cannot be run: see "
                    + "`daybook check`")
        }
        try refuseInBlackout(schedule)
        authority = who
        tenant = dead.tenant
        var requeued = RunRequeued()
        requeued.run = number
        requeued.jobId = dead.jobId
        requeued.newRun = state.nextSequence + 1
        requeued.reason = reason
        if dead.isReminder { return try requeue(reminder: dead, schedule, requeued) }
        let cause = try emit(requeued, cause: dead.lastSequence)
        var (due, fault) = dueEvent(
            schedule,
            Occurrence(at: Instant(microseconds: dead.scheduled), in: schedule.zone),
            trigger: "requeue")
        if fault != nil { due.parameters = dead.parameters }
        due.originRun = number
        due.reason = reason
        due.startBy = 0
        due.finishBy = 0
        let run = try makeRun(due, cause: cause)
        authority = .engine
        try passGates(run)
        reply(run: run, "run \(run) takes the place of run \(number)")
    }

    private mutating func requeue(
        reminder dead: RunState, _ schedule: CompiledSchedule, _ requeued: RunRequeued
    ) throws {
        var due = try requeuedReminder(dead, schedule)
        let cause = try emit(requeued, cause: dead.lastSequence)
        due.run = state.nextSequence
        due.originRun = dead.run
        due.reason = requeued.reason
        let run = try makeRun(due, cause: cause)
        authority = .engine
        try passGates(run)
        reply(run: run, "run \(run) takes the place of run \(dead.run)")
    }

    /// The grace period of a stop is over: what still runs is ended.
    mutating func endActive(_ reason: String) throws {
        for number in activeRuns.sorted() {
            guard let run = state.openRuns[number], !run.isCancelRequested,
                !run.isWaitingForCallback, !desk.runs.contains(number)
            else { continue }
            tenant = run.tenant
            try requestEnd(run, reason)
        }
    }

    /// The last events: the digest of the state, and that the engine stopped.
    mutating func stop(_ reason: String) throws {
        var stopped = EngineStopped()
        stopped.reason = reason
        var left: [UInt64] = []
        state.openRuns.forEach { left.append($0.run) }
        stopped.runsLeft = Array(left.sorted().prefix(1_000))
        try emit(stopped)
        try recordDigest(isStopping: true)
    }
}
