import Events
import Projections

/// Workers and leases, as the model has them.
///
/// - A run has at most one live lease, of a worker that is there, able and has a slot.
/// - A lease is granted for an attempt that waits, and not in a pause or a blackout.
/// - Fencing tokens rise.
/// - Only who has the live lease starts and ends an attempt, and by its token alone.
/// - A lease is over by exactly one event, and none outlives its run or its worker.
extension RunModel {
    struct Worker {
        var registered: WorkerRegistered
        var session: UInt64
        var isOnline = true
    }

    struct Lease {
        let token: UInt64
        let worker: String
        let attempt: UInt64
    }

    mutating func takeWorker(_ event: Event) throws {
        switch event.payload {
        case let registered as WorkerRegistered:
            if let known = workers[registered.name], known.isOnline,
                known.registered.instance != registered.instance
            {
                throw ModelViolation("'\(registered.name)' is there with another folder")
            }
            workers[registered.name] = Worker(
                registered: registered, session: event.envelope.sequence)
        case let offline as WorkerOffline:
            guard let known = workers[offline.name], known.isOnline,
                known.session == offline.session
            else { throw ModelViolation("'\(offline.name)' is not there in that session") }
            workers[offline.name]?.isOnline = false
        case let granted as WorkerLeaseGranted:
            try grant(granted, event)
        case let expired as WorkerLeaseExpired:
            guard let lease = leases.removeValue(forKey: expired.run),
                lease.token == expired.token, lease.worker == expired.worker
            else { throw ModelViolation("lease \(expired.token) is not live") }
            count { $0.expiries += 1 }
        default: break
        }
    }

    private mutating func grant(_ granted: WorkerLeaseGranted, _ event: Event) throws {
        guard let run = runs[granted.run], run.stage == .dispatched,
            run.attempt == granted.attempt, run.job.target?.kind == "worker"
        else { throw ModelViolation("run \(granted.run) does not wait to be leased") }
        if let lease = leases[granted.run] {
            throw ModelViolation("run \(granted.run) has the live lease \(lease.token)")
        }
        guard let worker = workers[granted.worker], worker.isOnline,
            worker.session == granted.session
        else { throw ModelViolation("'\(granted.worker)' is not there in that session") }
        let able = Set(worker.registered.capabilities)
        guard able.isSuperset(of: run.job.target?.capabilities ?? []) else {
            throw ModelViolation("'\(granted.worker)' is not able to do run \(granted.run)")
        }
        let held = leases.values.filter { $0.worker == granted.worker }.count
        guard held < Int(worker.registered.slots) else {
            throw ModelViolation("'\(granted.worker)' holds \(held) leases already")
        }
        if run.isOwn && paused.contains(granted.jobId) {
            throw ModelViolation("run \(granted.run) is leased while its schedule is paused")
        }
        try checkBlackouts(run, event.envelope.time)
        leases[granted.run] = Lease(
            token: event.envelope.sequence, worker: granted.worker, attempt: granted.attempt)
        count { $0.leases += 1 }
    }

    /// An attempt that a worker does is started by who has its live lease.
    func checkLease(_ number: UInt64, _ event: Event) throws {
        guard runs[number]?.job.target?.kind == "worker" else { return }
        guard let lease = leases[number], lease.attempt == runs[number]?.attempt,
            event.envelope.actor == "worker:\(lease.worker)"
        else { throw ModelViolation("\(event.envelope.actor) has no lease of run \(number)") }
    }

    /// An attempt ends: by the live lease's token, or with a lease that is over.
    mutating func endLease(_ number: UInt64, _ event: Event, _ failureClass: String) throws {
        guard let run = runs[number], run.job.target?.kind == "worker" else { return }
        if leases[number] != nil {
            try checkLease(number, event)
            let lease = leases.removeValue(forKey: number)
            guard event.envelope.request == lease.map({ String($0.token) }) else {
                throw ModelViolation("run \(number) ends by the token \(event.envelope.request)")
            }
            return
        }
        guard ["lease", "noWorker", "dependency"].contains(failureClass),
            event.envelope.request.isEmpty
        else { throw ModelViolation("run \(number) ends without a lease") }
    }

    func checkLeases() throws {
        for (run, lease) in leases where workers[lease.worker]?.isOnline != true {
            throw ModelViolation("'\(lease.worker)' is offline, and has run \(run)")
        }
    }

    func checkWorkers(_ state: ProjectedState) throws {
        var live: [UInt64: UInt64] = [:]
        state.workers.forEach { worker in
            for lease in worker.leases { live[lease.run] = lease.token }
        }
        guard live == leases.mapValues(\.token) else {
            throw ModelViolation("other leases are live than the model has")
        }
    }
}
