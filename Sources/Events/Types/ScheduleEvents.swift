// Events of schedules.

/// A schedule was created.
public struct ScheduleCreated: EventPayload {
    public static let type = EventType.scheduleCreated
    /// The schedule's id.
    public var jobId = ""
    /// What it says.
    public var definition: ScheduleDefinition?
    /// Who wrote the change, where a configuration says so.
    public var author = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "jobId", &jobId)
        try v.message(2, "definition", &definition)
        try v.text(4, "author", &author)
    }
}

/// A schedule says something else.
public struct ScheduleUpdated: EventPayload {
    public static let type = EventType.scheduleUpdated
    /// The schedule's id.
    public var jobId = ""
    /// What it says now, whole.
    public var definition: ScheduleDefinition?
    /// What changed.
    public var changes: [FieldChange] = []
    /// Who wrote the change, where a configuration says so.
    public var author = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "jobId", &jobId)
        try v.message(2, "definition", &definition)
        try v.messages(3, "changes", &changes)
        try v.text(4, "author", &author)
    }
}

/// A paused schedule was resumed.
public struct ScheduleEnabled: EventPayload {
    public static let type = EventType.scheduleEnabled
    /// The schedule's id.
    public var jobId = ""
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "jobId", &jobId)
        try v.text(2, "reason", &reason)
    }
}

/// A schedule was paused.
public struct ScheduleDisabled: EventPayload {
    public static let type = EventType.scheduleDisabled
    /// The schedule's id.
    public var jobId = ""
    /// Why.
    public var reason = ""
    /// When it is resumed by itself, µs; 0 where a person must do it.
    public var until: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "jobId", &jobId)
        try v.text(2, "reason", &reason)
        try v.instant(3, "until", &until)
    }
}

/// A schedule was removed.
public struct ScheduleRemoved: EventPayload {
    public static let type = EventType.scheduleRemoved
    /// The schedule's id.
    public var jobId = ""
    /// Why.
    public var reason = ""
    /// Who wrote the change, where a configuration says so.
    public var author = ""
    /// The customer's reference; empty for none.
    public var reference = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "jobId", &jobId)
        try v.text(2, "reason", &reason)
        try v.text(4, "author", &author)
        try v.text(28, "reference", &reference)
    }
}
