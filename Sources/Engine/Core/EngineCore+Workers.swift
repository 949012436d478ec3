import Events
import Projections
import Timetable

/// Workers: programs on other machines that lease runs, and what becomes of a run whose worker is
/// not heard of any more.
///
/// A dispatched run of a `worker` target waits until a worker takes it. `lease granted` names the
/// worker; its sequence is the fencing token, and the worker names it in all that it says of the
/// attempt. A lease that is not renewed ends by an event, and from then on its token counts for
/// nothing. Heartbeats change no state: they move times in the `WorkerDesk`.
extension EngineCore {
    static let workerKind = "worker"

    mutating func decide(_ command: WorkerCommand) throws {
        switch command {
        case .register(let registration): try register(registration)
        case .heartbeat(let name, let session, let held):
            let worker = try present(name, session)
            reply(worker: answer(worker, held), "worker '\(name)' is known to be there")
        case .lease(let name, let session, let held):
            try lease(to: try present(name, session), held)
        case .started(let name, let held, let pid, let startTicks, let bootId):
            try started(name, held, pid, startTicks, bootId)
        case .completed(let name, let held, let result): try completed(name, held, result)
        case .leave(let name, let session):
            let worker = try present(name, session)
            authority = Authority(actor: "worker:\(name)")
            try goOffline(worker, reason: "stopped")
            let held = Counted.text(worker.leases.count, "run")
            reply("worker '\(name)' is offline; it held \(held)")
        }
    }

    // MARK: Being there

    private mutating func register(_ registration: WorkerRegistration) throws {
        if isDraining { throw Rejection(.stopping, "the engine is stopping") }
        try checkRoom()
        let name = registration.name
        let known = state.workers[name]
        if let known, known.isOnline, known.instance != registration.instance {
            throw Rejection(
                .conflict,
                "a worker '\(name)' is there, on \(known.host), with another data folder; take "
                    + "another name, or stop that one")
        }
        if known == nil {
            var online = 0
            state.workers.forEach { online += $0.isOnline ? 1 : 0 }
            guard online < WorkerState.countMax else {
                throw Rejection(
                    .conflict, "there are \(online) workers, and no more can be known at once")
            }
        }
        authority = Authority(actor: "worker:\(name)")
        var registered = WorkerRegistered()
        registered.name = name
        registered.capabilities = Array(Set(registration.capabilities)).sorted()
        registered.version = registration.version
        registered.host = registration.host
        registered.slots = registration.slots
        registered.instance = registration.instance
        let session = try emit(registered)
        guard let worker = state.workers[name] else { return }
        let held = Set(registration.held.map(\.token))
        for lease in worker.leases where !held.contains(lease.token) {
            try endLease(lease, of: name, reason: "dropped", cause: session)
        }
        watch(worker)
        reply(
            worker: answer(state.workers[name] ?? worker, registration.held),
            "worker '\(name)' is registered")
    }

    /// A worker that is there in the session that it names.
    private func present(_ name: String, _ session: UInt64) throws -> WorkerState {
        guard let worker = state.workers[name] else {
            throw Rejection(.notFound, "worker '\(name)' is not known; register it")
        }
        guard worker.isOnline, worker.session == session else {
            throw Rejection(
                .conflict,
                "worker '\(name)' is offline, or has registered again since: end what it runs, "
                    + "and register")
        }
        return worker
    }

    /// Sets the time by which a worker must be heard of.
    private mutating func watch(_ worker: WorkerState) {
        guard settings.watchesWorkers else { return }
        desk.heardBy[worker.name] = now + settings.workerLease
        timers.add(.workerSilent(session: worker.session), at: now + settings.workerLease)
    }

    /// A worker may have been silent for too long.
    mutating func workerSilent(_ session: UInt64) throws {
        var found: WorkerState?
        state.workers.forEach { if $0.session == session && $0.isOnline { found = $0 } }
        guard let worker = found, let end = desk.heardBy[worker.name] else { return }
        if end > now { return timers.add(.workerSilent(session: session), at: end) }
        try goOffline(worker, reason: "silent")
    }

    private mutating func goOffline(_ worker: WorkerState, reason: String) throws {
        var offline = WorkerOffline()
        offline.name = worker.name
        offline.session = worker.session
        offline.reason = reason
        offline.runs = worker.leases.map(\.run)
        let sequence = try emit(offline, cause: worker.session)
        desk.heardBy[worker.name] = nil
        for lease in worker.leases {
            try endLease(lease, of: worker.name, reason: "offline", cause: sequence)
        }
    }

    /// Renews what a worker says that it holds, and tells it what it does not know.
    private mutating func answer(_ worker: WorkerState, _ held: [HeldLease]) -> WorkerAnswer {
        var answer = WorkerAnswer()
        answer.session = worker.session
        answer.silenceMax = settings.workerLease
        if desk.heardBy[worker.name] != nil {
            desk.heardBy[worker.name] = now + settings.workerLease
        }
        let live = Dictionary(uniqueKeysWithValues: worker.leases.map { ($0.token, $0) })
        for one in held {
            guard let lease = live[one.token] else {
                answer.lost.append(one.token)
                continue
            }
            setDeadline(lease.run, at: now + Self.microseconds(lease.seconds))
        }
        for lease in worker.leases where state.openRuns[lease.run]?.isCancelRequested == true {
            let which = HeldLease(run: lease.run, attempt: lease.attempt, token: lease.token)
            answer.endings.append(
                .init(lease: which, isForced: desk.forced.contains(lease.run)))
        }
        return answer
    }

    // MARK: Leases

    /// A run was dispatched: it waits for a worker.
    mutating func offer(_ run: RunState, _ schedule: CompiledSchedule) {
        let binding = schedule.definition.target
        desk.runs.insert(run.run)
        desk.offers[run.run] = .init(
            capabilities: binding?.capabilities ?? [],
            rank: RoomBook.rank(
                since: run.dispatchedAt, priority: schedule.definition.rules?.priority ?? 0))
        setDeadline(run.run, at: now + Self.microseconds(binding?.leaseWaitSeconds ?? 0))
    }

    /// Whether a dispatched run waits for a worker, so that nothing of it can be alive.
    func isOffered(_ run: RunState) -> Bool {
        run.status == .dispatched && desk.offers[run.run] != nil
    }

    /// Takes up a run that was with a worker, or waited for one, when an engine before stopped.
    mutating func takeUpAtWorker(_ run: RunState, _ schedule: CompiledSchedule) {
        guard let held = state.lease(ofRun: run.run) else {
            offer(run, schedule)
            if run.status == .started {
                // Nobody has it, so nobody will say how it ended.
                desk.offers[run.run] = nil
                setDeadline(run.run, at: now)
            }
            return
        }
        desk.runs.insert(run.run)
        setDeadline(run.run, at: now + Self.microseconds(held.lease.seconds))
    }

    /// Takes up the workers that were there when an engine before stopped.
    mutating func takeUpWorkers() {
        for worker in state.workers.sorted() where worker.isOnline { watch(worker) }
    }

    private mutating func lease(to worker: WorkerState, _ held: [HeldLease]) throws {
        var answer = answer(worker, held)
        let known = Set(held.map(\.token))
        // What was granted and did not reach the worker is told again.
        for lease in worker.leases where !known.contains(lease.token) {
            guard let run = state.openRuns[lease.run], run.status == .dispatched,
                !run.isCancelRequested
            else { continue }
            answer.granted = .init(
                request: try attemptRequest(of: run), token: lease.token, seconds: lease.seconds)
            return reply(worker: answer, "run \(run.run) is leased")
        }
        guard !isDraining, !isDiskFull, UInt64(worker.leases.count) < worker.slots,
            let number = try first(of: desk.offers(for: worker.capabilities)),
            let run = state.openRuns[number]
        else { return reply(worker: answer, "no run waits for this worker") }
        tenant = run.tenant
        authority = Authority(actor: "worker:\(worker.name)")
        var granted = WorkerLeaseGranted()
        granted.run = number
        granted.jobId = run.jobId
        granted.attempt = run.attempt
        granted.worker = worker.name
        granted.session = worker.session
        granted.leaseSeconds = UInt64(max(settings.workerLease, 1_000_000) / 1_000_000)
        let token = try emit(granted, cause: run.lastSequence)
        desk.offers[number] = nil
        setDeadline(number, at: now + Self.microseconds(granted.leaseSeconds))
        answer.granted = .init(
            request: try attemptRequest(of: run), token: token, seconds: granted.leaseSeconds)
        reply(worker: answer, "run \(number) is leased")
    }

    /// The first of the runs that wait for a worker which may begin now.
    private mutating func first(of numbers: [UInt64]) throws -> UInt64? {
        for number in numbers where try mayBegin(number) { return number }
        return nil
    }

    /// Whether a run that waits for a worker may begin now: it passed its gates when it was
    /// dispatched, and a pause or a blackout may have begun since.
    private mutating func mayBegin(_ number: UInt64) throws -> Bool {
        guard let run = state.openRuns[number] else { return false }
        if isPaused(run) { return false }
        if run.passesBlackouts { return true }
        return blackout(for: try pinnedSchedule(run), at: Instant(microseconds: now)) == nil
    }

    /// Ends a lease: an attempt that had not started is offered again, one that had fails.
    private mutating func endLease(
        _ lease: WorkerLease, of worker: String, reason: String, cause: UInt64
    ) throws {
        guard let run = state.openRuns[lease.run] else { return }
        tenant = run.tenant
        var expired = WorkerLeaseExpired()
        expired.run = run.run
        expired.jobId = run.jobId
        expired.attempt = lease.attempt
        expired.worker = worker
        expired.token = lease.token
        expired.reason = reason
        let sequence = try emit(expired, cause: cause)
        guard let run = state.openRuns[lease.run] else { return }
        if run.status == .started {
            var result = AttemptResult()
            result.failureClass = "lease"
            result.message =
                "worker '\(worker)' lost its lease (\(reason)) while it ran; what its program did "
                + "is not known"
            result.durationMicroseconds = UInt64(max(now - run.startedAt, 0))
            try conclude(run, result)
        } else if run.isCancelRequested {
            try endCancelled(run, run.cancelReason, cause: sequence)
        } else {
            offer(run, try pinnedSchedule(run))
            act(.deliver(try attemptRequest(of: run)))
        }
    }

    /// A lease was not renewed in time, or nobody leased a run.
    mutating func leaseEnded(_ number: UInt64) throws {
        // Only the timer that was set for this moment counts; others of the run are left over.
        guard let armed = desk.armed[number], armed <= now, let run = state.openRuns[number],
            run.status.isActive, let deadline = desk.deadlines[number]
        else { return }
        desk.armed[number] = nil
        if deadline > now { return setDeadline(number, at: deadline) }
        if let held = state.lease(ofRun: number) {
            return try endLease(
                held.lease, of: held.worker, reason: "expired", cause: held.lease.token)
        }
        tenant = run.tenant
        var result = AttemptResult()
        if run.status == .started {
            result.failureClass = "lease"
            result.message = "no worker has it any more; what its program did is not known"
        } else {
            result.failureClass = "noWorker"
            result.message =
                "no worker that is able to took it in time: see daybook workers, and what the "
                + "target asks for"
            result.isDefinite = true
        }
        try conclude(run, result)
    }

    /// Sets when a run's lease, or its wait for one, is over; one timer of each run counts.
    private mutating func setDeadline(_ run: UInt64, at time: Int64) {
        guard settings.watchesWorkers else { return }
        desk.deadlines[run] = time
        if let armed = desk.armed[run], armed <= time { return }
        desk.armed[run] = time
        timers.add(.leaseEnd(run: run), at: time)
    }

    private static func microseconds(_ seconds: UInt64) -> Int64 {
        Int64(clamping: min(seconds, 366 * 86_400)) * 1_000_000
    }

    // MARK: What a worker reports

    private mutating func started(
        _ name: String, _ held: HeldLease, _ pid: UInt64, _ startTicks: UInt64, _ bootId: String
    ) throws {
        guard let run = state.openRuns[held.run], isLive(held, of: name) else {
            throw Rejection(
                .conflict,
                "lease \(held.token) of run \(held.run) is over: do not begin, and drop it")
        }
        if run.status == .started {
            renew(held.run)
            return reply(run: held.run, "its start was reported before")
        }
        guard !run.isCancelRequested else {
            throw Rejection(
                .conflict,
                "the end of run \(held.run) was asked for: do not begin, and report its end")
        }
        tenant = run.tenant
        authority = Authority(actor: "worker:\(name)")
        var started = RunStarted()
        started.run = held.run
        started.jobId = run.jobId
        started.attempt = held.attempt
        started.processId = pid
        started.processStartTicks = startTicks
        started.bootId = bootId
        let sequence = try emit(started, cause: held.token)
        try tellOfStart(run, cause: sequence)
        if let known = state.openRuns[held.run] { armAttempt(known) }
        renew(held.run)
        reply(run: held.run, "the start was taken: the program may begin")
    }

    /// A start counts as a renewal: from its sending on the worker knows that the lease holds.
    private mutating func renew(_ run: UInt64) {
        guard let known = state.lease(ofRun: run) else { return }
        setDeadline(run, at: now + Self.microseconds(known.lease.seconds))
    }

    private mutating func completed(
        _ name: String, _ held: HeldLease, _ result: AttemptResult
    ) throws {
        authority = Authority(actor: "worker:\(name)")
        if let run = state.openRuns[held.run], isLive(held, of: name) {
            tenant = run.tenant
            desk.conclude(held.token)
            try conclude(run, result)
            return reply(run: held.run, "the completion was taken")
        }
        let number = held.run
        let known =
            state.openRuns[number] ?? state.deadRuns[number] ?? state.finishedRuns[number]
        if desk.hasConcluded(held.token) || (held.token > 0 && known?.concludedBy == held.token) {
            return reply(run: number, "the completion was taken before")
        }
        guard let known else {
            throw Rejection(.notFound, "run \(number) is not known, or ended long ago")
        }
        try ignore(known, held.attempt, result, "stale")
        var answer = WorkerAnswer()
        answer.isIgnored = true
        reply(worker: answer, "lease \(held.token) of run \(number) is over: \(lastMessage)")
    }

    private func isLive(_ held: HeldLease, of worker: String) -> Bool {
        guard let known = state.lease(ofRun: held.run) else { return false }
        return known.worker == worker && known.lease.token == held.token
            && known.lease.attempt == held.attempt
    }
}
