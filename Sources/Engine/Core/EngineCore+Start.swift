import Events
import Projections
import Timetable

/// What a start says of itself.
public struct StartFacts: Sendable {
    /// The program's version.
    public var version = ""
    /// The machine.
    public var host = ""
    /// The process id.
    public var processId: UInt64 = 0
    /// The kernel's boot id.
    public var bootId = ""
    /// The writer's term.
    public var term: UInt64 = 0
    /// What recovery found.
    public var verdict = "clean"
    /// The log's identity, hex.
    public var logIdentity = ""
    /// What recovery set aside.
    public var recovered: [EngineRecovered] = []

    /// Facts with everything at its default.
    public init() {}
}

extension EngineCore {
    /// The first decision of a start: it says that the engine runs, makes the indexes, and takes
    /// up what an engine before left open.
    public mutating func start(_ facts: StartFacts, now: Int64) throws -> Decision {
        begin(now)
        do {
            try startEvents(facts)
            try buildIndexes()
        } catch {
            throw verdict(on: error)
        }
        return finish()
    }

    private mutating func startEvents(_ facts: StartFacts) throws {
        let before = state.status.zoneDataVersion
        var started = EngineStarted()
        started.version = facts.version
        started.host = facts.host
        started.processId = facts.processId
        started.bootId = facts.bootId
        started.term = facts.term
        started.verdict = facts.verdict
        started.zoneDataVersion = zones.version
        started.zoneDataHash = String(zones.dataHash, radix: 16)
        started.isSchedulingOn = settings.isSchedulingOn
        started.logIdentity = facts.logIdentity
        let sequence = try emit(started)
        for recovered in facts.recovered { try emit(recovered, cause: sequence) }
        if !before.isEmpty && before != zones.version {
            var changed = ZoneDataChanged()
            changed.before = before
            changed.after = zones.version
            changed.hash = String(zones.dataHash, radix: 16)
            try emit(changed, cause: sequence)
        }
    }

    /// Makes every index from the state.
    private mutating func buildIndexes() throws {
        timers.add(.alive, at: now + settings.aliveInterval)
        timers.add(.digest, at: now + digestPause)
        snapshotTime = now
        digestSequence = state.lastSequence ?? 0
        for alert in state.alerts.sorted() {
            alertsOfJob[ScheduleKey(alert.tenant, alert.jobId), default: []].insert(alert.alert)
            if !alert.isNotified { act(.notify(alert)) }
        }
        for schedule in state.schedules.sorted() where !schedule.isRemoved {
            do {
                try compile(schedule)
            } catch let rejection as Rejection {
                try reportUnusable(schedule, rejection)
            }
        }
        for run in state.openRuns.sorted() {
            do {
                try takeUp(run)
            } catch is Rejection {
                // Its schedule cannot be taken here, which was reported above; the run stays open.
                continue
            }
        }
    }

    /// A schedule that this machine cannot take (a zone that its zone data lack) must not keep the
    /// others from running, and must not be silent.
    private mutating func reportUnusable(
        _ schedule: ScheduleState, _ rejection: Rejection
    ) throws {
        tenant = schedule.tenant
        let isReported = alertsOfJob[schedule.key]?.contains { alert in
            state.alerts[alert]?.kind == "definition"
        }
        if isReported == true { return }
        var raised = AlertRaised()
        raised.alert = state.nextSequence
        raised.jobId = schedule.jobId
        raised.kind = "definition"
        raised.severity = "critical"
        raised.message = "\(rejection.message); it does not run until this is put right"
        try emit(raised)
        if let alert = state.alerts[raised.alert] { act(.notify(alert)) }
    }

    /// Takes up a run that was open when an engine before stopped.
    private mutating func takeUp(_ run: RunState) throws {
        tenant = run.tenant
        armClocks(run)
        switch run.status {
        case .dispatched, .started:
            activeRuns.insert(run.run)
            if run.status == .started {
                armAttempt(run)
                if run.isWaitingForCallback { return }
            }
            let request = try attemptRequest(of: run)
            act(
                .reconcile(
                    request, status: run.status, pid: run.processId,
                    startTicks: run.processStartTicks, bootId: run.bootId))
            if run.isCancelRequested { act(.terminate(run: run.run, attempt: run.attempt)) }
        case .retryScheduled:
            timers.add(.retry(run: run.run), at: run.retryAt)
        case .due, .held:
            // Not at once: the configuration of this start comes first, and may end it; and those
            // that are active must all be counted before room is given.
            timers.add(.takeUp(run: run.run), at: now)
        case .failed, .succeeded, .dead, .skipped, .missed, .cancelled:
            // A decision is atomic: `failed` is always followed in it, and the rest are over.
            throw ProjectionError(
                .impossible, sequence: run.lastSequence,
                "run \(run.run) is \(run.statusText) and open")
        }
    }

    /// Parses a schedule's definition and sets the timer of its next occurrence.
    mutating func compile(_ schedule: ScheduleState) throws {
        let key = schedule.key
        let bytes = state.definitions[schedule.definitionSequence]?.definition ?? []
        let definition: ScheduleDefinition
        do {
            definition = try ScheduleDefinition(decoding: bytes)
        } catch {
            throw ProjectionError(error, sequence: schedule.definitionSequence)
        }
        let made = try CompiledSchedule(key, schedule.definitionSequence, definition, zones)
        let slot = slots[key] ?? compiled.count
        if slot == compiled.count { compiled.append(made) } else { compiled[slot] = made }
        slots[key] = slot
        armOccurrence(slot)
    }

    /// Sets the timer of a schedule's next occurrence: the first after the last decided one and
    /// after the definition took effect.
    mutating func armOccurrence(_ slot: ScheduleSlot) {
        guard let schedule = compiled[slot], schedule.definition.isEnabled,
            settings.isSchedulingOn, let known = state.schedules[schedule.key]
        else { return }
        let after = decidedThrough(known)
        if let next = schedule.trigger.next(
            after: Instant(microseconds: after), in: schedule.zone)
        {
            timers.add(
                .occurrence(slot, definition: schedule.definitionSequence),
                at: next.instant.microseconds)
        }
    }

    /// Occurrences through this moment are decided, or came before the definition.
    func decidedThrough(_ schedule: ScheduleState) -> Int64 {
        max(schedule.lastDecided("") ?? .min, schedule.definedAt)
    }

    /// The schedule as it was when a run was made, however it changed since.
    mutating func pinnedSchedule(_ run: RunState) throws -> CompiledSchedule {
        if let slot = slots[run.schedule], let current = compiled[slot],
            current.definitionSequence == run.definition
        {
            return current
        }
        if let known = pinned[run.definition] { return known }
        let bytes = state.definitions[run.definition]?.definition ?? []
        do {
            let definition = try ScheduleDefinition(decoding: bytes)
            let made = try CompiledSchedule(run.schedule, run.definition, definition, zones)
            pinned[run.definition] = made
            return made
        } catch let error as WireError {
            throw ProjectionError(error, sequence: run.definition)
        }
    }
}
