import Events

/// Where a run stands.
public enum RunStatus: String, Sendable, CaseIterable {
    /// Created; its gates are being passed.
    case due
    /// Waiting at a gate.
    case held
    /// The intent to call the target is logged.
    case dispatched
    /// The target has it.
    case started
    /// An attempt failed; what follows is in the same decision.
    case failed
    /// Waiting for the next attempt.
    case retryScheduled
    /// Ended well.
    case succeeded
    /// Ended badly, in the dead-letter queue.
    case dead
    /// Ended without running, on purpose.
    case skipped
    /// Ended because nobody was there to run it.
    case missed
    /// Ended by a person, a removal or a shutdown.
    case cancelled

    /// Whether the run is over.
    public var isTerminal: Bool {
        switch self {
        case .succeeded, .dead, .skipped, .missed, .cancelled: true
        case .due, .held, .dispatched, .started, .failed, .retryScheduled: false
        }
    }

    /// Whether the target may be working on it.
    public var isActive: Bool { self == .dispatched || self == .started }
}

/// What is known of one run.
///
/// Its texts stand in one array, and are made into strings when they are asked for: most runs come
/// and go without.
public struct RunState: ProjectionEntry {
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// Where it stands.
    public var status = RunStatus.due
    /// Whether a completion is awaited.
    public var isWaitingForCallback = false
    /// Whether somebody asked for its end.
    public var isCancelRequested = false
    /// Whether its late start was reported.
    public var isLate = false
    /// Whether a person had it pass blackouts.
    public var passesBlackouts = false
    /// The scheduled time, µs.
    public var scheduled: Int64 = 0
    /// 1 in the second pass of a repeated hour.
    public var fold: UInt64 = 0
    /// The sequence of the definition that it follows.
    public var definition: UInt64 = 0
    /// A start after this is late, µs; 0 for no such clock.
    public var startBy: Int64 = 0
    /// An end after this misses the SLA, µs; 0 for no such clock.
    public var finishBy: Int64 = 0
    /// A run longer than this is reported, µs; 0 for no clock.
    public var durationMicrosecondsMax: UInt64 = 0
    /// The attempt, 1 for the first; 0 before it.
    public var attempt: UInt64 = 0
    /// Rises only after a definite failure or a requeue.
    public var execution: UInt64 = 0
    /// Failures that count against the retries.
    public var failures: UInt64 = 0
    /// When it became due, µs.
    public var dueAt: Int64 = 0
    /// When the present attempt was dispatched, µs.
    public var dispatchedAt: Int64 = 0
    /// When the present attempt started, µs.
    public var startedAt: Int64 = 0
    /// When it ended, µs.
    public var endedAt: Int64 = 0
    /// When the next attempt is, µs.
    public var retryAt: Int64 = 0
    /// The process of the present attempt.
    public var processId: UInt64 = 0
    /// When that process started, in clock ticks after the boot.
    public var processStartTicks: UInt64 = 0
    /// When the wait for a completion ends, µs.
    public var callbackBy: Int64 = 0
    /// The run that this one stands for.
    public var originRun: UInt64 = 0
    /// The run that a requeue made of it.
    public var requeuedAs: UInt64 = 0
    /// The backfill that it belongs to, by the number of its first run; 0 for none.
    public var backfill: UInt64 = 0
    /// How many runs of that backfill may be at their target at once.
    public var backfillLanes: UInt64 = 0
    /// The last event of the run.
    public var lastSequence: UInt64 = 0
    var texts = TextRow(count: Text.allCases.count)
    /// What few runs have: one where there is any of it, else none.
    private var rare: [Rare] = []
    /// Where its schedule stands in the state that it belongs to, where that is known.
    var schedulePlace = PlaceHint()

    private struct Rare: Sendable, Equatable {
        var clocksMissed: [String] = []
        var satisfied: [String] = []
        var isAtRisk = false
        var concludedBy: UInt64 = 0
        var unknownFields: [UInt8] = []
    }

    /// The texts of a run, those first that are known when it is made.
    enum Text: Int, CaseIterable {
        case tenant, jobId, scheduledLocal, zone, fanOutKey, businessDate, trigger
        /// Not a text: the parameters as they stand in a `run due` event, tags and all.
        case parameters
        case actor, ticket, request
        case reference
        case gate, cancelReason, failureClass, failureMessage, runKey, bootId, failureAdvice
    }

    /// An empty state.
    public init() {}

    private var rareFacts: Rare {
        get { rare.first ?? Rare() }
        set { rare = newValue == Rare() ? [] : [newValue] }
    }

    /// The clocks that were reported as run out.
    public var clocksMissed: [String] {
        get { rareFacts.clocksMissed }
        set { if newValue != clocksMissed { rareFacts.clocksMissed = newValue } }
    }

    /// The dependencies that were satisfied.
    public var satisfied: [String] {
        get { rareFacts.satisfied }
        set { if newValue != satisfied { rareFacts.satisfied = newValue } }
    }

    /// Whether it was reported that it will probably miss its SLA.
    public var isAtRisk: Bool {
        get { rareFacts.isAtRisk }
        set { if newValue != isAtRisk { rareFacts.isAtRisk = newValue } }
    }

    /// The fencing token of the lease by which a worker ended an attempt of it, the last one that
    /// one did; 0 for none.
    public var concludedBy: UInt64 {
        get { rareFacts.concludedBy }
        set { if newValue != concludedBy { rareFacts.concludedBy = newValue } }
    }

    public var unknownFields: [UInt8] {
        get { rareFacts.unknownFields }
        set { if newValue != unknownFields { rareFacts.unknownFields = newValue } }
    }

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "tenant", in: &texts, at: Text.tenant.rawValue)
        try v.text(3, "jobId", in: &texts, at: Text.jobId.rawValue)
        try v.text(4, "status", &statusText)
        try v.instant(5, "scheduled", &scheduled)
        try v.text(6, "scheduledLocal", in: &texts, at: Text.scheduledLocal.rawValue)
        try v.text(7, "timeZone", in: &texts, at: Text.zone.rawValue)
        try v.uint(8, "fold", &fold)
        try v.text(9, "fanOutKey", in: &texts, at: Text.fanOutKey.rawValue)
        try v.text(10, "businessDate", in: &texts, at: Text.businessDate.rawValue)
        try v.text(11, "trigger", in: &texts, at: Text.trigger.rawValue)
        try v.uint(12, "definition", &definition)
        try v.messages(13, "parameters", &parameters)
        try v.instant(14, "startBy", &startBy)
        try v.instant(15, "finishBy", &finishBy)
        try v.uint(16, "maxDurationUs", &durationMicrosecondsMax)
        try v.uint(17, "attempt", &attempt)
        try v.uint(18, "execution", &execution)
        try v.text(19, "runKey", in: &texts, at: Text.runKey.rawValue)
        try v.uint(20, "failures", &failures)
        try v.text(21, "gate", in: &texts, at: Text.gate.rawValue)
        try v.instant(22, "dueAt", &dueAt)
        try v.instant(23, "dispatchedAt", &dispatchedAt)
        try v.instant(24, "startedAt", &startedAt)
        try v.instant(25, "endedAt", &endedAt)
        try v.instant(26, "retryAt", &retryAt)
        try v.uint(27, "pid", &processId)
        try v.uint(28, "processStartTicks", &processStartTicks)
        try v.text(29, "bootId", in: &texts, at: Text.bootId.rawValue)
        try v.bool(30, "waitingForCallback", &isWaitingForCallback)
        try v.instant(31, "callbackBy", &callbackBy)
        try v.bool(32, "cancelRequested", &isCancelRequested)
        try v.text(33, "cancelReason", in: &texts, at: Text.cancelReason.rawValue)
        try v.bool(34, "late", &isLate)
        try v.texts(35, "clocksMissed", &clocksMissed)
        try v.texts(36, "satisfied", &satisfied)
        try v.text(37, "failureClass", in: &texts, at: Text.failureClass.rawValue)
        try v.text(38, "failure", in: &texts, at: Text.failureMessage.rawValue)
        try v.uint(39, "originRun", &originRun)
        try v.uint(40, "requeuedAs", &requeuedAs)
        try v.uint(41, "lastSequence", &lastSequence)
        try v.text(42, "actor", in: &texts, at: Text.actor.rawValue)
        try v.text(43, "ticket", in: &texts, at: Text.ticket.rawValue)
        try v.text(44, "request", in: &texts, at: Text.request.rawValue)
        try v.bool(45, "passesBlackouts", &passesBlackouts)
        try v.uint(46, "backfill", &backfill)
        try v.uint(47, "backfillLanes", &backfillLanes)
        try v.bool(48, "atRisk", &isAtRisk)
        try v.text(58, "reference", in: &texts, at: Text.reference.rawValue)
        try v.text(59, "advice", in: &texts, at: Text.failureAdvice.rawValue)
        try v.uint(60, "concludedBy", &concludedBy)
    }

    public var key: UInt64 { run }

    public static func keyBytes(_ key: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: key >> (56 - 8 * $0)) }
    }

    public static func keyText(_ key: UInt64) -> String { "run \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }
}
