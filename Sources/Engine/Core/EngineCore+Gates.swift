import Events
import Projections
import Timetable

/// The gates that a run passes before its target is called, in DESIGN's order. Paused, calendar
/// and misfire are decided with the occurrence, overlap there for the first time; here are the
/// ones that a run can wait at: blackouts, dependencies, overlap, room. A run passes them at every
/// dispatch, retries too.
extension EngineCore {
    /// Takes a waiting run as far as it gets.
    mutating func passGates(_ number: UInt64) throws {
        guard let run = state.openRuns[number] else { return }
        tenant = run.tenant
        let schedule = try pinnedSchedule(run)
        if try blackoutHolds(run, schedule) { return }
        if run.gate == "spread" && run.retryAt > now {
            return timers.add(.takeUp(run: number), at: run.retryAt)
        }
        for dependency in schedule.definition.dependencies
        where !run.satisfied.contains(dependency.name) {
            if try dependencyIsSatisfied(run, schedule, dependency) { continue }
            return
        }
        // Where the disk is full, it is taken up when there is room again.
        if isDraining || isDiskFull { return }
        if try overlapHolds(run, schedule) { return }
        guard activeRuns.count < settings.activeRunsMax else {
            waitingForRoom.append(number)
            return try hold(
                number, gate: "concurrency",
                detail: "\(settings.activeRunsMax) attempts run already", until: 0)
        }
        try dispatch(number, schedule)
    }

    /// The overlap gate, for runs that were put off or are made up for: others of the schedule may
    /// have begun meanwhile.
    ///
    /// - Returns: whether the run is held here, or over.
    private mutating func overlapHolds(
        _ run: RunState, _ schedule: CompiledSchedule
    ) throws -> Bool {
        guard schedule.definition.overlap != "allowAll", run.isUntouched else { return false }
        let isBlocked = (openOfJob[run.schedule] ?? []).contains { other in
            guard other != run.run, let other = state.openRuns[other] else { return false }
            return other.status.isActive || other.status == .retryScheduled
                || (other.run < run.run && !other.isPutOff)
        }
        guard isBlocked else { return false }
        guard run.trigger == "catchUp", schedule.definition.catchUp == "all" else {
            try skip(run.run, "overlap", "a run of this schedule is still open")
            return true
        }
        wait(run, for: run.schedule)
        try hold(
            run.run, gate: "overlap", detail: "a run of this schedule is still open", until: 0)
        return true
    }

    /// The run is looked at again when a run of a schedule is over.
    private mutating func wait(_ run: RunState, for schedule: ScheduleKey) {
        waitingForJob[schedule, default: []].insert(run.run)
        upstreamsOfRun[run.run, default: []].insert(schedule)
    }

    private mutating func hold(
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

    /// Whether a dependency lets the run pass.
    ///
    /// Where it does not, the run is held, or over.
    private mutating func dependencyIsSatisfied(
        _ run: RunState, _ schedule: CompiledSchedule, _ dependency: Dependency
    ) throws -> Bool {
        let until = dependencyEnd(run, schedule, dependency)
        if dependency.kind == "job" {
            let upstream = ScheduleKey(run.tenant, dependency.name)
            let known = state.schedules[upstream]
            if known?.lastSuccessDate == run.businessDate {
                try satisfied(run, dependency.name, "it succeeded for \(run.businessDate)")
                return true
            }
            if let known, known.lastBusinessDate == run.businessDate {
                if known.lastStatus == RunStatus.skipped.rawValue {
                    try skip(run.run, "dependency", "'\(dependency.name)' was skipped")
                    return false
                }
                if known.lastStatus == RunStatus.dead.rawValue {
                    try dependencyFailed(
                        run, dependency.name, "upstream",
                        "'\(dependency.name)' failed for \(run.businessDate)")
                    return false
                }
            }
            wait(run, for: upstream)
        } else {
            let isFirst = lastAnswer[run.run]?[dependency.name] == nil
            if isFirst, let probe = dependency.probe {
                lastAnswer[run.run, default: [:]][dependency.name] = ""
                act(.probe(try attemptRequest(of: run), name: dependency.name, probe))
            }
        }
        try hold(run.run, gate: "dependency", detail: dependency.name, until: until)
        timers.add(.holdEnd(run: run.run), at: until)
        return false
    }

    private mutating func satisfied(_ run: RunState, _ name: String, _ detail: String) throws {
        var event = DependencySatisfied()
        event.run = run.run
        event.jobId = run.jobId
        event.name = name
        event.detail = detail
        try emit(event, cause: run.lastSequence)
    }

    private mutating func dependencyFailed(
        _ run: RunState, _ name: String, _ reason: String, _ message: String
    ) throws {
        var event = DependencyFailed()
        event.run = run.run
        event.jobId = run.jobId
        event.name = name
        event.reason = reason
        let cause = try emit(event, cause: run.lastSequence)
        var failed = RunFailed()
        failed.run = run.run
        failed.jobId = run.jobId
        failed.attempt = run.attempt
        failed.failureClass = "dependency"
        failed.message = message
        failed.isDefinite = true
        let failure = try emit(failed, cause: cause)
        try die(run, reason: "dependency", message, cause: failure)
    }

    /// An external dependency answered.
    mutating func dependencyAnswer(
        _ number: UInt64, _ name: String, _ status: String, _ detail: String
    ) throws {
        guard let run = state.openRuns[number], run.status == .held || run.status == .due else {
            return
        }
        tenant = run.tenant
        let schedule = try pinnedSchedule(run)
        let dependencies = schedule.definition.dependencies
        guard let place = dependencies.firstIndex(where: { $0.name == name }) else { return }
        let dependency = dependencies[place]
        if lastAnswer[number]?[name] != status {
            lastAnswer[number, default: [:]][name] = status
            var event = DependencyStatusRead()
            event.run = number
            event.jobId = run.jobId
            event.name = name
            event.status = status
            event.detail = detail
            try emit(event, cause: run.lastSequence)
        }
        if status == "READY" {
            try satisfied(run, name, "it answered READY")
            return try passGates(number)
        }
        let until = max(run.scheduled + schedule.dependencyDelay(dependency), run.dueAt)
        if now >= until { return try expireHold(number) }
        let pause = Int64(clamping: max(dependency.pollSeconds, 1)) * 1_000_000
        // A record of 65,535 bytes holds fewer of them than this number counts.
        let dependencyPlace = UInt16(clamping: place)
        timers.add(
            .poll(run: number, dependency: dependencyPlace), at: min(now + pause, until))
    }

    /// An external dependency is to be asked again.
    mutating func poll(_ number: UInt64, _ place: UInt16) throws {
        guard let run = state.openRuns[number], run.status == .held else { return }
        let schedule = try pinnedSchedule(run)
        let dependencies = schedule.definition.dependencies
        guard dependencies.indices.contains(Int(place)) else { return }
        let dependency = dependencies[Int(place)]
        if let probe = dependency.probe {
            act(.probe(try attemptRequest(of: run), name: dependency.name, probe))
        }
    }

    /// A held run's wait is over: the dependency that it still lacks failed it.
    mutating func expireHold(_ number: UInt64) throws {
        guard let run = state.openRuns[number], run.status == .held, run.gate == "dependency"
        else { return }
        tenant = run.tenant
        let schedule = try pinnedSchedule(run)
        for dependency in schedule.definition.dependencies
        where !run.satisfied.contains(dependency.name) {
            let until = dependencyEnd(run, schedule, dependency)
            guard now >= until else {
                timers.add(.holdEnd(run: number), at: until)
                continue
            }
            // An external dependency is asked at least once, however late the run came.
            if dependency.kind != "job" && lastAnswer[number]?[dependency.name] == "" { continue }
            return try dependencyFailed(
                run, dependency.name, "expired",
                "dependency '\(dependency.name)' was not ready "
                    + "\(schedule.dependencyDelay(dependency) / 60_000_000) minutes after the "
                    + "scheduled time")
        }
    }

    /// When the wait for a dependency is over, µs: counted from the scheduled time, or from the end
    /// of what put the run off.
    private func dependencyEnd(
        _ run: RunState, _ schedule: CompiledSchedule, _ dependency: Dependency
    ) -> Int64 {
        max(
            max(run.scheduled, run.retryAt) + schedule.dependencyDelay(dependency), run.dueAt)
    }

    /// Logs the intent to call the target, and calls it once that is durable.
    private mutating func dispatch(_ number: UInt64, _ schedule: CompiledSchedule) throws {
        guard let run = state.openRuns[number] else { return }
        let isManual = run.trigger == "manual" || run.trigger == "requeue"
        var dispatched = RunDispatched()
        dispatched.run = number
        dispatched.jobId = run.jobId
        dispatched.attempt = run.attempt + 1
        dispatched.execution = max(run.execution, 1)
        dispatched.runKey = RunKey.make(
            tenant: run.tenant, jobId: run.jobId, scheduled: run.scheduledLocal,
            fanOutKey: run.fanOutKey, execution: dispatched.execution,
            manualRun: isManual ? number : nil)
        dispatched.targetKind = schedule.definition.target?.kind ?? ""
        dispatched.targetName = schedule.definition.target?.name ?? ""
        try emit(dispatched, cause: run.lastSequence)
        activeRuns.insert(number)
        if let dispatchedRun = state.openRuns[number] {
            act(.deliver(try attemptRequest(of: dispatchedRun)))
        }
    }

    /// What the target of a run's present attempt is given.
    mutating func attemptRequest(of run: RunState) throws -> AttemptRequest {
        let schedule = try pinnedSchedule(run)
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
        request.parameters = run.parameters
        return request
    }

    /// A run is over, or no longer active: what waited for it goes on.
    mutating func runEnded(_ run: RunState) throws {
        activeRuns.remove(run.run)
        openOfJob[run.schedule]?.remove(run.run)
        if openOfJob[run.schedule]?.isEmpty == true { openOfJob[run.schedule] = nil }
        if completionFollowers.contains(run.schedule) { try rearm(run.schedule) }
        lastAnswer[run.run] = nil
        for upstream in upstreamsOfRun.removeValue(forKey: run.run) ?? [] {
            waitingForJob[upstream]?.remove(run.run)
            if waitingForJob[upstream]?.isEmpty == true { waitingForJob[upstream] = nil }
        }
        if let waiting = waitingForJob.removeValue(forKey: run.schedule) {
            for number in waiting.sorted() { try passGates(number) }
        }
        try giveRoom()
    }

    /// Dispatches runs that waited for room, oldest first.
    mutating func giveRoom() throws {
        while activeRuns.count < settings.activeRunsMax, !waitingForRoom.isEmpty, !isDraining,
            !isDiskFull
        {
            let number = waitingForRoom.removeFirst()
            let status = state.openRuns[number]?.status
            if status == .held || status == .retryScheduled { try passGates(number) }
        }
    }
}
