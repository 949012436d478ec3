import Events

/// A worker that registered.
public struct WorkerState: ProjectionEntry {
    /// So many are known at the most; beyond it, those that went offline first are forgotten.
    public static let countMax = 1_000

    /// The worker's name.
    public var name = ""
    /// What it can do, sorted.
    public var capabilities: [String] = []
    /// The version of its program.
    public var version = ""
    /// Its machine.
    public var host = ""
    /// So many runs it holds at once at most.
    public var slots: UInt64 = 0
    /// What tells its data folder from others.
    public var instance = ""
    /// Its session: the sequence of its registration.
    public var session: UInt64 = 0
    /// When it registered, µs.
    public var registeredAt: Int64 = 0
    /// When it went offline, µs; 0 while it is there.
    public var offlineAt: Int64 = 0
    /// Why it went; empty while it is there.
    public var offlineReason = ""
    /// The leases that are live, oldest first.
    public var leases: [WorkerLease] = []
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.texts(2, "capabilities", &capabilities)
        try v.text(3, "version", &version)
        try v.text(4, "host", &host)
        try v.uint(5, "slots", &slots)
        try v.text(6, "instance", &instance)
        try v.uint(7, "session", &session)
        try v.instant(8, "registeredAt", &registeredAt)
        try v.instant(9, "offlineAt", &offlineAt)
        try v.text(10, "offlineReason", &offlineReason)
        try v.messages(11, "leases", &leases)
    }

    /// Whether it is there.
    public var isOnline: Bool { offlineAt == 0 }

    public var key: String { name }

    public static func keyBytes(_ key: String) -> [UInt8] { Array(key.utf8) }

    public static func keyText(_ key: String) -> String { "worker \(key)" }

    public static func keyHash(_ key: String) -> UInt64 { EngineStatus.keyHash(key) }

    public static func placeHash(_ key: String) -> UInt64 { EngineStatus.placeHash(key) }
}

/// A lease that is live: a worker may work on an attempt.
public struct WorkerLease: WireMessage, Equatable {
    /// The run.
    public var run: UInt64 = 0
    /// The attempt.
    public var attempt: UInt64 = 0
    /// Its fencing token: the sequence of the event that granted it.
    public var token: UInt64 = 0
    /// How long it holds without being renewed, in seconds.
    public var seconds: UInt64 = 0
    /// When it was granted, µs.
    public var grantedAt: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty lease.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.uint(2, "attempt", &attempt)
        try v.uint(3, "token", &token)
        try v.uint(4, "leaseSeconds", &seconds)
        try v.instant(5, "grantedAt", &grantedAt)
    }
}

extension ProjectedState {
    /// The live lease of a run, and the name of the worker that has it; nil for none.
    ///
    /// - Complexity: O(the worker's leases).
    public func lease(ofRun run: UInt64) -> (worker: String, lease: WorkerLease)? {
        guard let name = leaseHolders[run],
            let lease = workers[name]?.leases.first(where: { $0.run == run })
        else { return nil }
        return (name, lease)
    }

    mutating func applyWorker(_ type: EventType, _ view: borrowing EventView) throws {
        switch type {
        case .workerRegistered: try applyRegistered(view)
        case .workerOffline:
            let name = try view.text(1)
            guard let place = workers.place(of: name), workers[place].isOnline,
                workers[place].session == view.uint(2)
            else { throw impossible(view, "worker '\(name)' is not there in that session") }
            workers[place].offlineAt = view.time
            workers[place].offlineReason = try view.text(3)
        case .workerLeaseGranted: try applyGranted(view)
        default:
            let name = try view.text(4)
            let (run, token) = (view.uint(1), view.uint(5))
            guard let place = workers.place(of: name),
                workers[place].leases.contains(where: { $0.run == run && $0.token == token })
            else { throw impossible(view, "'\(name)' has no lease \(token) of run \(run)") }
            dropLease(ofRun: run)
            if let place = openRuns.place(of: run) { openRuns[place].lastSequence = view.sequence }
        }
    }

    private mutating func applyRegistered(_ view: borrowing EventView) throws {
        var worker = WorkerState()
        worker.name = try view.text(1)
        guard !worker.name.isEmpty else { throw impossible(view, "a worker has a name") }
        let known = workers[worker.name]
        worker.capabilities = try view.texts(2)
        worker.version = try view.text(3)
        worker.host = try view.text(4)
        worker.slots = view.uint(5)
        worker.instance = try view.text(6)
        worker.session = view.sequence
        worker.registeredAt = view.time
        worker.leases = known?.leases ?? []
        workers.insert(worker)
        guard workers.count > WorkerState.countMax else { return }
        var oldest: WorkerState?
        workers.forEach { other in
            guard !other.isOnline, other.leases.isEmpty else { return }
            let key = (other.offlineAt, other.session)
            if oldest.map({ key < ($0.offlineAt, $0.session) }) ?? true { oldest = other }
        }
        if let oldest { _ = workers.remove(oldest.name) }
    }

    private mutating func applyGranted(_ view: borrowing EventView) throws {
        let name = try view.text(4)
        guard let place = workers.place(of: name), workers[place].isOnline,
            workers[place].session == view.uint(5),
            UInt64(workers[place].leases.count) < workers[place].slots
        else { throw impossible(view, "worker '\(name)' cannot take a lease") }
        var lease = WorkerLease()
        lease.run = view.uint(1)
        lease.attempt = view.uint(3)
        lease.token = view.sequence
        lease.seconds = view.uint(6)
        lease.grantedAt = view.time
        guard let run = openRuns.place(of: lease.run), openRuns[run].status == .dispatched,
            openRuns[run].attempt == lease.attempt, leaseHolders[lease.run] == nil
        else { throw impossible(view, "run \(lease.run) does not wait to be leased") }
        openRuns[run].lastSequence = view.sequence
        workers[place].leases.append(lease)
        leaseHolders[lease.run] = name
    }

    /// The lease of a run is over, where it has one.
    mutating func dropLease(ofRun run: UInt64) {
        guard let name = leaseHolders.removeValue(forKey: run),
            let place = workers.place(of: name)
        else { return }
        workers[place].leases.removeAll { $0.run == run }
    }

    /// Finds who holds which lease, where the workers came from a snapshot.
    mutating func findLeaseHolders() {
        var holders: [UInt64: String] = [:]
        workers.forEach { worker in
            for lease in worker.leases { holders[lease.run] = worker.name }
        }
        leaseHolders = holders
    }
}
