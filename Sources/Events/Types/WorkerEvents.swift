// Events of workers: programs on other machines that lease runs (docs/workers.md).

/// A worker said who it is, what it can do, and that it is there.
///
/// The sequence of this event is the worker's session: what it says later names it.
public struct WorkerRegistered: EventPayload {
    public static let type = EventType.workerRegistered
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
    /// What tells its data folder from others: two workers cannot have one name at once.
    public var instance = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.texts(2, "capabilities", &capabilities)
        try v.text(3, "version", &version)
        try v.text(4, "host", &host)
        try v.uint(5, "slots", &slots)
        try v.text(6, "instance", &instance)
    }
}

/// A worker is not there any more: each of its leases ends in the same decision.
public struct WorkerOffline: EventPayload {
    public static let type = EventType.workerOffline
    /// The worker's name.
    public var name = ""
    /// Its session: the sequence of its registration.
    public var session: UInt64 = 0
    /// `silent` or `stopped`.
    public var reason = ""
    /// The runs that it held.
    public var runs: [UInt64] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.uint(2, "session", &session)
        try v.text(3, "reason", &reason)
        try v.uints(4, "runs", &runs)
    }
}

/// A worker may work on an attempt, as long as it renews the lease.
///
/// The sequence of this event is the lease's fencing token: a later lease has a higher one.
public struct WorkerLeaseGranted: EventPayload {
    public static let type = EventType.workerLeaseGranted
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// The worker's name.
    public var worker = ""
    /// The worker's session.
    public var session: UInt64 = 0
    /// How long the lease holds without being renewed, in seconds.
    public var leaseSeconds: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.text(4, "worker", &worker)
        try v.uint(5, "session", &session)
        try v.uint(6, "leaseSeconds", &leaseSeconds)
    }
}

/// A lease is over, and its attempt is not: what the worker says of it later changes nothing.
public struct WorkerLeaseExpired: EventPayload {
    public static let type = EventType.workerLeaseExpired
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// The worker's name.
    public var worker = ""
    /// The lease's fencing token: the sequence of its `lease granted` event.
    public var token: UInt64 = 0
    /// `expired` (it was not renewed in time), `offline`, or `dropped` (the worker came back
    /// without it).
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.text(4, "worker", &worker)
        try v.uint(5, "token", &token)
        try v.text(6, "reason", &reason)
    }
}
