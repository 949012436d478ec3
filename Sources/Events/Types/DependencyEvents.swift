// Events of dependencies.

/// What the run waited for is ready.
public struct DependencySatisfied: EventPayload {
    public static let type = EventType.dependencySatisfied
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The dependency.
    public var name = ""
    /// What satisfied it.
    public var detail = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.text(3, "name", &name)
        try v.text(4, "detail", &detail)
    }
}

/// What the run waited for did not come.
public struct DependencyFailed: EventPayload {
    public static let type = EventType.dependencyFailed
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The dependency.
    public var name = ""
    /// `expired`, `upstream` or `refused`.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.text(3, "name", &name)
        try v.text(4, "reason", &reason)
    }
}

/// An external dependency gave another answer than before.
public struct DependencyStatusRead: EventPayload {
    public static let type = EventType.dependencyStatusRead
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The dependency.
    public var name = ""
    /// `READY`, `WAIT` or `ERROR`.
    public var status = ""
    /// Why it could not be asked.
    public var detail = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.text(3, "name", &name)
        try v.text(4, "status", &status)
        try v.text(5, "detail", &detail)
    }
}

/// Somebody reported another status of a dependency for a business date: who stands in the
/// envelope.
public struct DependencyReported: EventPayload {
    public static let type = EventType.dependencyReported
    /// The dependency.
    public var name = ""
    /// The business date, `YYYY-MM-DD`.
    public var businessDate = ""
    /// `READY` or `WAIT`.
    public var status = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "businessDate", &businessDate)
        try v.text(3, "status", &status)
    }
}
