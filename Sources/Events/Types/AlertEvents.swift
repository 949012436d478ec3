// Events of alerts.

/// Somebody should look.
public struct AlertRaised: EventPayload {
    public static let type = EventType.alertRaised
    /// The alert's number: this event's sequence.
    public var alert: UInt64 = 0
    /// The schedule.
    public var jobId = ""
    /// The run, if one.
    public var run: UInt64 = 0
    /// `onFailure`, `onMissedSla`, `onMissed`, `late`, `definition`, `calendar`,
    /// `blackout`, `clock`, `space`, `scrub`, `seal`, `checkpoint`, `records`, `controlNumberGap`,
    /// `controlNumberSync`, `controlNumberLimit`, `ROLLOVER_REQUIRED`, `answerOverdue`,
    /// `acknowledgmentOverdue`, `duplicateOpen`, `outcomesHeld`, `fileQuarantined`,
    /// `fileRejected`, `fileFailed`, `receptionStuck`, `outcomesRefused` or `fileGrew`.
    public var kind = ""
    /// `critical`, `high`, `medium` or `low`.
    public var severity = ""
    /// One sentence.
    public var message = ""
    /// Who hears of it.
    public var recipients: [String] = []
    /// What it is about where that is no schedule: a calendar, a blackout, an allocator of control
    /// numbers (and for a gap its generation and first number), or what is exchanged: `file
    /// NUMBER`, `ingestion NUMBER` (and the type that is overdue) or `duplicate NUMBER`; or the
    /// folder in which files are not taken in.
    public var subject = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "alert", &alert)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "run", &run)
        try v.text(4, "kind", &kind)
        try v.text(5, "severity", &severity)
        try v.text(6, "message", &message)
        try v.texts(7, "recipients", &recipients)
        try v.text(8, "subject", &subject)
    }
}

/// What the alert spoke of is over.
public struct AlertCleared: EventPayload {
    public static let type = EventType.alertCleared
    /// The alert.
    public var alert: UInt64 = 0
    /// The schedule.
    public var jobId = ""
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "alert", &alert)
        try v.text(2, "jobId", &jobId)
        try v.text(3, "reason", &reason)
    }
}

/// A person takes an alert on: actor and ticket stand in the envelope.
public struct AlertAcknowledged: EventPayload {
    public static let type = EventType.alertAcknowledged
    /// The alert.
    public var alert: UInt64 = 0
    /// The schedule.
    public var jobId = ""
    /// The run, if one.
    public var run: UInt64 = 0
    /// What they said.
    public var note = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "alert", &alert)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "run", &run)
        try v.text(4, "note", &note)
    }
}

/// Nobody acknowledged an alert in time: more people are told.
public struct AlertEscalated: EventPayload {
    public static let type = EventType.alertEscalated
    /// The alert.
    public var alert: UInt64 = 0
    /// The schedule.
    public var jobId = ""
    /// The run, if one.
    public var run: UInt64 = 0
    /// How often it was escalated, this time included.
    public var level: UInt64 = 0
    /// `critical`, `high`, `medium` or `low`.
    public var severity = ""
    /// Who hears of it.
    public var recipients: [String] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "alert", &alert)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "run", &run)
        try v.uint(4, "level", &level)
        try v.text(5, "severity", &severity)
        try v.texts(6, "recipients", &recipients)
    }
}
