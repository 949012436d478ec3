// Events of notifications: each is an intent, and an outcome for each way by which it goes.
//
// The intent of an alert's notification is the event that raised or escalated it.

/// People are to hear of a run that goes as it should: the intent.
public struct NotificationRequested: EventPayload {
    public static let type = EventType.notificationRequested
    /// The notification's number: this event's sequence.
    public var notification: UInt64 = 0
    /// The schedule.
    public var jobId = ""
    /// The run.
    public var run: UInt64 = 0
    /// `onStart`, `onSuccess` or `approval`.
    public var kind = ""
    /// One sentence.
    public var message = ""
    /// Who hears of it.
    public var recipients: [String] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "notification", &notification)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "run", &run)
        try v.text(4, "kind", &kind)
        try v.text(5, "message", &message)
        try v.texts(6, "recipients", &recipients)
    }
}

/// A notification went out by one channel.
public struct NotificationSent: EventPayload {
    public static let type = EventType.notificationSent
    /// The alert; 0 where it is of none.
    public var alert: UInt64 = 0
    /// By what: `log`, `webhook`, `slack`, `teams`, `email`, `sms` or `push`.
    public var channel = ""
    /// To whom.
    public var recipients: [String] = []
    /// The schedule.
    public var jobId = ""
    /// The run, if one.
    public var run: UInt64 = 0
    /// The sequence of its intent; 0 in events of builds that had one notification for an alert.
    public var notification: UInt64 = 0
    /// The contact that it went to; empty for the engine's own log.
    public var contact = ""
    /// Which attempt it was, 1 for the first.
    public var attempt: UInt64 = 0
    /// How many channels of this notification have no outcome yet.
    public var remaining: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "alert", &alert)
        try v.text(2, "channel", &channel)
        try v.texts(3, "recipients", &recipients)
        try v.text(4, "jobId", &jobId)
        try v.uint(5, "run", &run)
        try v.uint(6, "notification", &notification)
        try v.text(7, "contact", &contact)
        try v.uint(8, "attempt", &attempt)
        try v.uint(9, "remaining", &remaining)
    }
}

/// A notification did not go out by one channel.
public struct NotificationFailed: EventPayload {
    public static let type = EventType.notificationFailed
    /// The alert; 0 where it is of none.
    public var alert: UInt64 = 0
    /// By what: `log`, `webhook`, `slack`, `teams`, `email`, `sms` or `push`.
    public var channel = ""
    /// The schedule.
    public var jobId = ""
    /// The run, if one.
    public var run: UInt64 = 0
    /// The sequence of its intent.
    public var notification: UInt64 = 0
    /// The contact that it was for.
    public var contact = ""
    /// Which attempt it was, 1 for the first; 0 where none was made.
    public var attempt: UInt64 = 0
    /// How many channels of this notification have no outcome yet, this one among them where it is
    /// tried again.
    public var remaining: UInt64 = 0
    /// `connection`, `timeout`, `status`, `refused`, `configuration`, `dropped` or `withdrawn`.
    public var failureClass = ""
    /// One sentence; never an address, a secret, or what the other side said.
    public var message = ""
    /// When it is tried again, µs; 0 where it is not.
    public var retryAt: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "alert", &alert)
        try v.text(2, "channel", &channel)
        try v.text(4, "jobId", &jobId)
        try v.uint(5, "run", &run)
        try v.uint(6, "notification", &notification)
        try v.text(7, "contact", &contact)
        try v.uint(8, "attempt", &attempt)
        try v.uint(9, "remaining", &remaining)
        try v.text(10, "failureClass", &failureClass)
        try v.text(11, "message", &message)
        try v.instant(12, "retryAt", &retryAt)
    }
}
