// Events that follow an attempt: in each, field 1 is the run and field 2 the schedule.

/// A failed run will be tried again.
public struct RunRetryScheduled: EventPayload {
    public static let type = EventType.runRetryScheduled
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// When.
    public var at: Int64 = 0
    /// The execution it will carry.
    public var execution: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.instant(4, "at", &at)
        try v.uint(5, "execution", &execution)
    }
}

/// The run ended badly; it stands in the dead-letter queue.
public struct RunDead: EventPayload {
    public static let type = EventType.runDead
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// `retriesExhausted`, `notRetried`, `dependency` or `definition`.
    public var reason = ""
    /// The last failure.
    public var message = ""
    /// How many runs of the schedule failed for good in a row, this one included; 0 where its
    /// definition does not ask.
    public var failuresInRow: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.text(4, "reason", &reason)
        try v.text(5, "message", &message)
        try v.uint(6, "failuresInRow", &failuresInRow)
    }
}

/// A dead run was put in again, as a new run.
public struct RunRequeued: EventPayload {
    public static let type = EventType.runRequeued
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The new run.
    public var newRun: UInt64 = 0
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "newRun", &newRun)
        try v.text(4, "reason", &reason)
    }
}

/// The run was ended by a person, a removal or a shutdown.
public struct RunCancelled: EventPayload {
    public static let type = EventType.runCancelled
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.text(4, "reason", &reason)
    }
}

/// A completion came that changes nothing.
public struct RunCompletionIgnored: EventPayload {
    public static let type = EventType.runCompletionIgnored
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// `stale`, `repeated`, `token` or `early`.
    public var reason = ""
    /// What it claimed.
    public var claimed = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.text(4, "reason", &reason)
        try v.text(5, "claimed", &claimed)
    }
}

/// The run started later than it should.
public struct RunLate: EventPayload {
    public static let type = EventType.runLate
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// When it should have started.
    public var due: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.instant(3, "due", &due)
    }
}

/// A clock of the run ran out.
public struct RunSlaMissed: EventPayload {
    public static let type = EventType.runSlaMissed
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// `finishBy` or `duration`.
    public var clock = ""
    /// When.
    public var due: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.text(3, "clock", &clock)
        try v.instant(4, "due", &due)
    }
}

/// The run will probably miss its SLA, by how long the job usually takes.
public struct RunSlaAtRisk: EventPayload {
    public static let type = EventType.runSlaAtRisk
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// When it should have ended.
    public var due: Int64 = 0
    /// When it will probably end.
    public var expected: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.instant(3, "due", &due)
        try v.instant(4, "expected", &expected)
    }
}

/// A running attempt is to be ended: the intent.
public struct RunCancelRequested: EventPayload {
    public static let type = EventType.runCancelRequested
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.text(4, "reason", &reason)
    }
}
