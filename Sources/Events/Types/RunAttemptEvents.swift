// Events of a run that was dispatched: in each, field 1 is the run and field 2 the schedule.

/// The target will be called: the intent.
public struct RunDispatched: EventPayload {
    public static let type = EventType.runDispatched
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// Rises only after a definite failure.
    public var execution: UInt64 = 0
    /// The idempotency key that the target receives.
    public var runKey = ""
    /// `process`, `http` or `worker`.
    public var targetKind = ""
    /// The pipeline's name.
    public var targetName = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.uint(4, "execution", &execution)
        try v.text(5, "runKey", &runKey)
        try v.text(6, "targetKind", &targetKind)
        try v.text(7, "targetName", &targetName)
    }
}

/// The target has it; what is needed to find it again.
public struct RunStarted: EventPayload {
    public static let type = EventType.runStarted
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// The process, for a process; on the worker's machine where a worker leased the attempt.
    public var processId: UInt64 = 0
    /// When it started, in clock ticks after the boot.
    public var processStartTicks: UInt64 = 0
    /// The kernel's boot id.
    public var bootId = ""
    /// The target answered 202: a completion will come.
    public var isWaitingForCallback = false
    /// When that wait ends.
    public var callbackBy: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.uint(4, "pid", &processId)
        try v.uint(5, "processStartTicks", &processStartTicks)
        try v.text(6, "bootId", &bootId)
        try v.bool(7, "waitingForCallback", &isWaitingForCallback)
        try v.instant(8, "callbackBy", &callbackBy)
    }
}

/// The run ended well.
public struct RunSucceeded: EventPayload {
    public static let type = EventType.runSucceeded
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// The program's exit code, for a process.
    public var exitCode: Int64?
    /// The answer's status, for HTTP.
    public var httpStatus: Int64?
    /// Where its output is kept.
    public var output: OutputReference?
    /// From started to the end, µs.
    public var durationMicroseconds: UInt64 = 0
    /// The JSON that the target left, at most 16 KiB.
    public var result = ""
    /// A remark on the result.
    public var note = ""
    /// How long the job usually takes from now on, µs, where the run has an SLA: a mean in which
    /// each run counts an eighth (RFC 6298, section 2).
    public var usualMicroseconds: UInt64 = 0
    /// How far runs usually are from it, µs: a mean in which each run counts a quarter.
    public var usualDeviation: UInt64 = 0
    /// Of how many runs these are, at most 100.
    public var usualCount: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.optionalInt(8, "exitCode", &exitCode)
        try v.optionalInt(9, "httpStatus", &httpStatus)
        try v.message(10, "output", &output)
        try v.uint(12, "durationUs", &durationMicroseconds)
        try v.text(13, "result", &result)
        try v.text(14, "note", &note)
        try v.uint(15, "usualUs", &usualMicroseconds)
        try v.uint(16, "usualDeviationUs", &usualDeviation)
        try v.uint(17, "usualCount", &usualCount)
    }
}

/// An attempt failed.
public struct RunFailed: EventPayload {
    public static let type = EventType.runFailed
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// `exit`, `signal`, `timeout`, `spawn`, `connection`, `httpStatus`, `callbackTimeout`,
    /// `lost`, `lease`, `noWorker`, `dependency` or `reported`, or what the target called it.
    public var failureClass = ""
    /// One sentence; never the output's text.
    public var message = ""
    /// The target certainly did not do the work.
    public var isDefinite = false
    /// The program's exit code, for a process.
    public var exitCode: Int64?
    /// The answer's status, for HTTP.
    public var httpStatus: Int64?
    /// Where its output is kept.
    public var output: OutputReference?
    /// From started to the end, µs.
    public var durationMicroseconds: UInt64 = 0
    /// It counts towards an alert for so many failures in a while.
    public var isCounted = false
    /// What the customer can do about it, as the definition says for the class; empty for nothing.
    public var advice = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "attempt", &attempt)
        try v.text(4, "failureClass", &failureClass)
        try v.text(5, "message", &message)
        try v.bool(6, "definite", &isDefinite)
        try v.optionalInt(8, "exitCode", &exitCode)
        try v.optionalInt(9, "httpStatus", &httpStatus)
        try v.message(10, "output", &output)
        try v.uint(12, "durationUs", &durationMicroseconds)
        try v.bool(20, "counted", &isCounted)
        try v.text(28, "advice", &advice)
    }
}
