// Events of approvals: in each, field 1 is the approval, 2 the schedule, and 3 the run.

/// An act that a person asked for and another one is to approve: what is needed to carry it out.
///
/// With which ticket and idempotency key it was asked for stands in the envelope of the request.
public struct ActRequest: WireMessage {
    /// The acts that there are.
    public static let names = [
        "pause", "resume", "run", "skip-next", "move-next", "retry", "backfill",
        "cancel-backfill", "cancel", "requeue", "declare-blackout", "lift-blackout",
    ]

    /// Ends what is a customer's: it removes schedules, or pauses them, and cancels runs.
    public static let cancelReference = "cancel-reference"
    /// The same, but it removes none.
    public static let pauseReference = "pause-reference"

    /// The acts that an act does to single runs and schedules: two people do it where they do one
    /// of these.
    public static func parts(of act: String) -> [String] {
        act == cancelReference || act == pauseReference ? ["cancel", "pause"] : []
    }

    /// The act's name: `pause`, `resume`, `run`, `skip-next`, `move-next`, `retry`, `backfill`,
    /// `cancel-backfill`, `cancel`, `requeue`, `declare-blackout`, `lift-blackout`,
    /// `cancel-reference` or `pause-reference`.
    public var act = ""
    /// The schedule, the blackout that is to be lifted, or the customer's reference.
    public var subject = ""
    /// The run, or the backfill.
    public var run: UInt64 = 0
    /// The moment that it names: a pause's end, a run's scheduled time, the time to move to.
    public var time: Int64 = 0
    /// A backfill's first moment.
    public var from: Int64 = 0
    /// A backfill's last moment.
    public var through: Int64 = 0
    /// How many of a backfill's runs may be at their target at once.
    public var lanes: UInt64 = 0
    /// Whether a run passes blackouts.
    public var passesBlackouts = false
    /// Why.
    public var reason = ""
    /// The blackout that is to be declared.
    public var blackout: BlackoutDefinition?
    public var unknownFields: [UInt8] = []

    /// A request with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "act", &act)
        try v.text(2, "subject", &subject)
        try v.uint(3, "run", &run)
        try v.instant(4, "time", &time)
        try v.instant(5, "from", &from)
        try v.instant(6, "through", &through)
        try v.uint(7, "lanes", &lanes)
        try v.bool(8, "passesBlackouts", &passesBlackouts)
        try v.text(9, "reason", &reason)
        try v.message(10, "blackout", &blackout)
    }
}

/// A run waits for a person, or an act for another one.
public struct ApprovalRequested: EventPayload {
    public static let type = EventType.approvalRequested
    /// The approval's number: this event's sequence.
    public var approval: UInt64 = 0
    /// The schedule; empty for none.
    public var jobId = ""
    /// The run that waits, or that the act is about; 0 for none.
    public var run: UInt64 = 0
    /// What is to be approved: a step's name, or an act's.
    public var name = ""
    /// When it expires.
    public var until: Int64 = 0
    /// Who may not approve it, because they asked for it; empty for nobody.
    public var requester = ""
    /// The act; absent for a step.
    public var act: ActRequest?
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "approval", &approval)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "run", &run)
        try v.text(4, "name", &name)
        try v.instant(5, "until", &until)
        try v.text(6, "requester", &requester)
        try v.message(7, "act", &act)
    }
}

/// A person approved it: who, and with which ticket, stands in the envelope.
public struct ApprovalGranted: EventPayload {
    public static let type = EventType.approvalGranted
    /// The approval.
    public var approval: UInt64 = 0
    /// The schedule; empty for none.
    public var jobId = ""
    /// The run; 0 for none.
    public var run: UInt64 = 0
    /// What was approved.
    public var name = ""
    /// What they said.
    public var reason = ""
    /// Who had asked for it; empty for nobody.
    public var requester = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "approval", &approval)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "run", &run)
        try v.text(4, "name", &name)
        try v.text(5, "reason", &reason)
        try v.text(6, "requester", &requester)
    }
}

/// A person refused it: who, and with which ticket, stands in the envelope.
public struct ApprovalRefused: EventPayload {
    public static let type = EventType.approvalRefused
    /// The approval.
    public var approval: UInt64 = 0
    /// The schedule; empty for none.
    public var jobId = ""
    /// The run; 0 for none.
    public var run: UInt64 = 0
    /// What was refused.
    public var name = ""
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "approval", &approval)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "run", &run)
        try v.text(4, "name", &name)
        try v.text(5, "reason", &reason)
    }
}

/// Nobody decided it in time, or what waited for it is over.
public struct ApprovalExpired: EventPayload {
    public static let type = EventType.approvalExpired
    /// The approval.
    public var approval: UInt64 = 0
    /// The schedule; empty for none.
    public var jobId = ""
    /// The run; 0 for none.
    public var run: UInt64 = 0
    /// What was to be approved.
    public var name = ""
    /// Why it is over.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "approval", &approval)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "run", &run)
        try v.text(4, "name", &name)
        try v.text(5, "reason", &reason)
    }
}
