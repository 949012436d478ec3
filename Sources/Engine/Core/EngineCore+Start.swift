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
        try compareZones(before, cause: sequence)
    }

    /// Makes every index from the state.
    private mutating func buildIndexes() throws {
        timers.add(.alive, at: now + settings.aliveInterval)
        timers.add(.digest, at: now + digestPause)
        snapshotTime = now
        digestSequence = state.lastSequence ?? 0
        takeUpAlerts()
        state.openRuns.forEach { run in
            if run.isReminder {
                remindersOfJob[run.schedule, default: []].insert(run.run)
            } else {
                openOfJob[run.schedule, default: []].insert(run.run)
            }
            // Of a definition that is no longer in force, too.
            references.add(run.tenant, run.reference, definition: run.definition)
        }
        takeUpWorkers()
        takeUpApprovals()
        takeUpExchange()
        try takeUpControlNumbers()
        try armSchedules()
        state.schedules.sorted().filter { $0.pausedUntil > 0 && !$0.isRemoved }.forEach {
            armPauseEnd($0.key, at: $0.pausedUntil)
        }
        try readBlackouts()
        try checkCalendarsDaily()
        for run in state.openRuns.sorted() {
            do {
                try takeUp(run)
            } catch is Rejection {
                // Its schedule cannot be taken here, which was reported above; the run stays open.
                continue
            }
        }
    }

    /// Sets every schedule's timer, in the order in which their definitions came.
    ///
    /// Of a million schedules only numbers are gathered: the rest is read from each in turn.
    private mutating func armSchedules() throws {
        var all: [(definition: UInt64, tenant: UInt16, after: Int64)] = []
        all.reserveCapacity(state.schedules.count)
        var tenants = tenants
        var refused: [(ScheduleKey, Rejection)] = []
        state.schedules.forEach { schedule in
            if schedule.isRemoved { return }
            do throws(Rejection) {
                let tenant = try tenants.number(schedule.tenant)
                all.append((schedule.definitionSequence, tenant, decidedThrough(schedule)))
            } catch {
                refused.append((schedule.key, error))
            }
        }
        self.tenants = tenants
        for (key, rejection) in refused { try reportUnusable(key, rejection) }
        all.sort { $0.definition < $1.definition }
        var counts: [UInt16: Int] = [:]
        for (_, tenant, _) in all { counts[tenant, default: 0] += 1 }
        for (tenant, count) in counts.sorted(by: { $0.key < $1.key }) {
            timers.reserve(count, lane: lanes.lane(tenant, limit: ""))
        }
        var zonesInUse: Set<String> = []
        for (definition, tenant, after) in all {
            let outline: ScheduleOutline
            do {
                outline = try ScheduleOutline(
                    decoding: state.definitions[definition]?.definition ?? [])
            } catch {
                throw ProjectionError(error, sequence: definition)
            }
            let key = ScheduleKey(tenants[tenant], outline.jobId)
            do {
                guard state.schedules[key]?.definitionSequence == definition else {
                    throw Rejection(
                        .invalid,
                        "definition \(definition) names '\(key.jobId)', which is not "
                            + "the schedule that it was recorded for")
                }
                try arm(outline, definition: definition, tenant: tenant, after: after)
                zonesInUse.insert(outline.zone)
            } catch let rejection as Rejection {
                try reportUnusable(key, rejection)
            }
        }
        tenant = "default"
        try recordZones(zonesInUse)
    }

    /// A schedule that this machine cannot take (a zone that its zone data lack) must not keep the
    /// others from running, and must not be silent.
    mutating func reportUnusable(_ key: ScheduleKey, _ rejection: Rejection) throws {
        tenant = key.tenant
        let isReported = alertsOfJob[key]?.contains { alert in
            state.alerts[alert]?.kind == "definition"
        }
        if isReported == true { return }
        var raised = AlertRaised()
        raised.jobId = key.jobId
        raised.kind = "definition"
        raised.severity = "critical"
        raised.message = "\(rejection.message); it does not run until this is put right"
        try raise(raised)
    }

    /// Takes up a run that was open when an engine before stopped.
    private mutating func takeUp(_ run: RunState) throws {
        tenant = run.tenant
        armClocks(run)
        switch run.status {
        case .dispatched, .started:
            do {
                let schedule = try pinnedSchedule(run)
                takeRoom(run, schedule, isBeginning: false)
                _ = uniqueHolder(run, schedule)
                if schedule.definition.target?.kind == Self.workerKind {
                    takeUpAtWorker(run, schedule)
                }
            } catch {
                takeRoom(run, nil, isBeginning: false)
                throw error
            }
            if run.status == .started {
                armAttempt(run)
                if run.isWaitingForCallback { return }
            }
            let request = try attemptRequest(of: run)
            act(
                .reconcile(
                    request, status: run.status, pid: run.processId,
                    startTicks: run.processStartTicks, bootId: run.bootId))
            if run.isCancelRequested && !desk.runs.contains(run.run) {
                act(.terminate(run: run.run, attempt: run.attempt, isForced: false))
            }
        case .retryScheduled:
            addTimer(.retry(run: run.run), of: run, at: run.retryAt)
        case .due, .held:
            // Not at once: the configuration of this start comes first, and may end it; and those
            // that are active must all be counted before room is given.
            addTimer(.takeUp(run: run.run), of: run, at: now)
        case .failed, .succeeded, .dead, .skipped, .missed, .cancelled:
            // A decision is atomic: `failed` is always followed in it, and the rest are over.
            throw ProjectionError(
                .impossible, sequence: run.lastSequence,
                "run \(run.run) is \(run.statusText) and open")
        }
    }
}
