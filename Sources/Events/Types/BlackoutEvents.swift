// Events of blackouts: times in which nothing is dispatched.

/// A blackout: when, for whom, and what becomes of what falls due in it.
public struct BlackoutDefinition: WireMessage {
    /// Its name in its tenant.
    public var name = ""
    /// Why.
    public var reason = ""
    /// `skip`, `defer` or `deferCoalesced`.
    public var action = ""
    /// Its first moment, µs, where it does not recur.
    public var from: Int64 = 0
    /// The first moment after it, µs; 0 where it lasts until it is lifted.
    public var until: Int64 = 0
    /// When its windows begin, where it recurs.
    public var trigger: TriggerDefinition?
    /// How long each of them lasts.
    public var durationSeconds: UInt64 = 0
    /// The IANA zone of the trigger.
    public var zone = ""
    /// The schedules that it holds for; with none, no tag and no target, all of the tenant's.
    public var jobs: [String] = []
    /// It holds for schedules with one of these tags, too.
    public var tags: [String] = []
    /// It holds for schedules with one of these targets, too.
    public var targets: [String] = []
    /// What was deferred starts within so many seconds after its end.
    public var spreadSeconds: UInt64 = 0
    /// Where it comes from: `config` or `api`.
    public var source = ""
    public var unknownFields: [UInt8] = []

    /// An empty blackout.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "reason", &reason)
        try v.text(3, "action", &action)
        try v.instant(4, "from", &from)
        try v.instant(5, "until", &until)
        try v.message(6, "trigger", &trigger)
        try v.uint(7, "durationSeconds", &durationSeconds)
        try v.text(8, "timeZone", &zone)
        try v.texts(9, "jobs", &jobs)
        try v.texts(10, "tags", &tags)
        try v.texts(11, "targets", &targets)
        try v.uint(12, "spreadSeconds", &spreadSeconds)
        try v.text(13, "source", &source)
    }
}

/// A blackout was declared, or says something else.
public struct BlackoutDeclared: EventPayload {
    public static let type = EventType.blackoutDeclared
    /// What it says now, whole.
    public var blackout: BlackoutDefinition?
    /// What changed, where it was declared before.
    public var changes: [FieldChange] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.message(1, "blackout", &blackout)
        try v.messages(2, "changes", &changes)
    }
}

/// A blackout is over, or was taken back.
public struct BlackoutLifted: EventPayload {
    public static let type = EventType.blackoutLifted
    /// Its name.
    public var name = ""
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "reason", &reason)
    }
}
