import Events
import Projections
import Timetable

/// The gates that a run passes before its target is called, in DESIGN's order. Paused, calendar
/// and misfire are decided with the occurrence, overlap there for the first time; here are the
/// ones that a run can wait at: blackouts, dependencies, overlap, room. A run passes them at every
/// dispatch, retries too.
extension EngineCore {
    /// Takes a waiting run as far as it gets.
    ///
    /// Timers and ends of other runs name runs that may have gone on meanwhile: those are left
    /// alone, and so is a retry whose time has not come.
    ///
    /// - Parameter isItsTurn: it waited for room, and comes before whoever still does.
    mutating func passGates(_ number: UInt64, isItsTurn: Bool = false) throws {
        guard let run = state.openRuns[number] else { return }
        switch run.status {
        case .due, .held: break
        case .retryScheduled where run.retryAt <= now: break
        default: return
        }
        tenant = run.tenant
        let schedule = try pinnedSchedule(run)
        if try reminderIsOver(run) { return }
        if try pauseHolds(run) { return }
        if run.status == .held && run.gate == Self.movedGate && run.retryAt > now {
            return addTimer(.takeUp(run: number), of: run, at: run.retryAt)
        }
        if try blackoutHolds(run, schedule) { return }
        if run.gate == "spread" && run.retryAt > now {
            return addTimer(.takeUp(run: number), of: run, at: run.retryAt)
        }
        // Only the last dates of other jobs are known: a backfill does not ask for them.
        if run.backfill == 0, try dependenciesHold(run, schedule) { return }
        // Where the disk is full, it is taken up when there is room again.
        if isDraining || isDiskFull { return }
        if try overlapHolds(run, schedule) { return }
        // Overlap may have ended other runs, and so this one.
        guard let run = state.openRuns[number] else { return }
        if run.attempt == 0, let holder = uniqueHolder(run, schedule) {
            return try skip(number, "unique", "run \(holder) has the same parameters and is open")
        }
        if try lacksRoom(run, schedule, isItsTurn: isItsTurn) { return }
        try dispatch(number, schedule)
    }

    /// The run is looked at again when a run of a schedule is over.
    mutating func wait(_ run: RunState, for schedule: ScheduleKey) {
        waitingForJob[schedule, default: []].insert(run.run)
        upstreamsOfRun[run.run, default: []].insert(schedule)
    }

    mutating func hold(
        _ number: UInt64, gate: String, detail: String, until: Int64
    ) throws {
        guard let run = state.openRuns[number], run.status != .held || run.gate != gate,
            run.status != .retryScheduled
        else { return }
        var held = RunHeld()
        held.run = number
        held.jobId = run.jobId
        held.gate = gate
        held.detail = detail
        held.until = until
        try emit(held, cause: run.lastSequence)
    }

    /// Logs the intent to call the target, and calls it once that is durable.
    private mutating func dispatch(_ number: UInt64, _ schedule: CompiledSchedule) throws {
        guard let run = state.openRuns[number] else { return }
        // These may be made again and again for one scheduled time.
        let isManual = ["manual", "requeue", "backfill"].contains(run.trigger)
        var dispatched = RunDispatched()
        dispatched.run = number
        dispatched.jobId = run.jobId
        dispatched.attempt = run.attempt + 1
        dispatched.execution = max(run.execution, 1)
        dispatched.runKey = RunKey.make(
            tenant: run.tenant, jobId: schedule.runKeyJob, scheduled: run.scheduledLocal,
            fanOutKey: run.fanOutKey, execution: dispatched.execution,
            manualRun: isManual ? number : nil)
        dispatched.targetKind = schedule.definition.target?.kind ?? ""
        dispatched.targetName = schedule.definition.target?.name ?? ""
        try emit(dispatched, cause: run.lastSequence)
        takeRoom(run, schedule, isBeginning: true)
        if let dispatchedRun = state.openRuns[number] {
            if dispatched.targetKind == Self.workerKind { offer(dispatchedRun, schedule) }
            act(.deliver(attemptRequest(of: dispatchedRun, schedule)))
        }
    }

    /// What the target of a run's present attempt is given.
    mutating func attemptRequest(of run: RunState) throws -> AttemptRequest {
        attemptRequest(of: run, try pinnedSchedule(run))
    }

    private func attemptRequest(
        of run: RunState, _ schedule: CompiledSchedule
    ) -> AttemptRequest {
        var request = AttemptRequest()
        request.tenant = run.tenant
        request.jobId = run.jobId
        request.run = run.run
        request.attempt = run.attempt
        request.execution = run.execution
        request.runKey = run.runKey
        request.scheduled = run.scheduledLocal
        request.businessDate = run.businessDate
        request.environmentName = schedule.definition.environment
        request.binding = schedule.definition.target ?? TargetBinding()
        request.element = run.fanOutKey
        schedule.fill(&request, run.parameters)
        return request
    }

    /// A run is over, or no longer active: what waited for it goes on.
    mutating func runEnded(_ run: RunState) throws {
        let schedule = run.schedule
        activeRuns.remove(run.run)
        desk.forget(run.run)
        let freed = room.release(run.run)
        if run.isReminder {
            Self.remove(run.run, of: schedule, from: &remindersOfJob)
        } else {
            Self.remove(run.run, of: schedule, from: &openOfJob)
            if completionFollowers.contains(schedule) { try rearm(schedule) }
        }
        lastAnswer[run.run] = nil
        try closeApprovals(of: run, "run \(run.run) is over")
        for upstream in upstreamsOfRun.removeValue(forKey: run.run) ?? [] {
            waitingForJob[upstream]?.remove(run.run)
            if waitingForJob[upstream]?.isEmpty == true { waitingForJob[upstream] = nil }
        }
        if !waitingForJob.isEmpty {
            for key in [schedule, schedule.fannedOutJob].compactMap({ $0 }) {
                guard let waiting = waitingForJob.removeValue(forKey: key) else { continue }
                for number in waiting.sorted() { try passGates(number) }
            }
        }
        try giveRoom(at: freed)
        if !run.isReminder { try retireIfSpent(schedule) }
    }

    private static func remove(
        _ run: UInt64, of schedule: ScheduleKey, from runs: inout [ScheduleKey: Set<UInt64>]
    ) {
        guard let place = runs.index(forKey: schedule) else { return }
        runs.values[place].remove(run)
        if runs.values[place].isEmpty { runs.remove(at: place) }
    }
}
