// What schedules of customers need: reminders, and job types that the API defines.

/// A message that is sent some time before each occurrence of a schedule, as a run of its own.
public struct ReminderRule: WireMessage {
    /// How long before, as it was written: `P3D`, `PT1H`.
    public var before = ""
    /// So many calendar days before, at the same time of day in the schedule's zone.
    public var days: UInt64 = 0
    /// Or so many seconds before.
    public var seconds: UInt64 = 0
    /// What sends it.
    public var target: TargetBinding?
    /// By which channel, a word for the target.
    public var channel = ""
    /// What bounds how many of them are sent, and how fast.
    public var limits: [RunLimit] = []
    public var unknownFields: [UInt8] = []

    /// A rule with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "before", &before)
        try v.uint(2, "days", &days)
        try v.uint(3, "seconds", &seconds)
        try v.message(4, "target", &target)
        try v.text(5, "channel", &channel)
        try v.messages(6, "limits", &limits)
    }
}

/// A job type was defined through the API, or defined anew.
public struct JobTypeDefined: EventPayload {
    public static let type = EventType.jobTypeDefined
    /// Its name.
    public var name = ""
    /// The fields that schedules take from it: a JSON object, as a file in `jobs/` has them.
    public var fieldsJSON = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "fields", &fieldsJSON)
    }
}

/// A job type that the API had defined was removed.
public struct JobTypeRemoved: EventPayload {
    public static let type = EventType.jobTypeRemoved
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

/// What projections and indexes need of a definition, read in place.
package struct DefinitionFacts {
    /// Whether it came by the API.
    package private(set) var isFromAPI = false
    /// The customer's reference; empty for none.
    package private(set) var reference = ""
    /// Whether it has reminders.
    package private(set) var hasReminders = false
    /// The first limit that it names; empty for none.
    package private(set) var limit = ""

    /// Reads the fields of a `ScheduleDefinition` in a part of some bytes, by their numbers.
    ///
    /// - Throws: `WireError` where they are not well formed.
    /// - Complexity: O(fields).
    package init(
        _ bytes: RawSpan, _ range: (offset: Int, byteCount: Int)
    ) throws(WireError) {
        var cursor = WireCursor(bytes, offset: range.offset, byteCount: range.byteCount)
        while let field = try cursor.next() {
            guard field.wireType == 2 else { continue }
            if field.number == 20 {
                isFromAPI = bytes.isText((field.offset, field.byteCount), "api")
            }
            if field.number == 31 { try readRules(bytes, (field.offset, field.byteCount)) }
        }
    }

    private mutating func readRules(
        _ bytes: RawSpan, _ range: (offset: Int, byteCount: Int)
    ) throws(WireError) {
        var cursor = WireCursor(bytes, offset: range.offset, byteCount: range.byteCount)
        while let field = try cursor.next() {
            guard field.wireType == 2 else { continue }
            if field.number == 3 && limit.isEmpty {
                var inner = WireCursor(bytes, offset: field.offset, byteCount: field.byteCount)
                if let part = try inner.next(), part.number == 1 {
                    limit = try bytes.text((part.offset, part.byteCount), field: 1)
                }
            }
            if field.number == 16 {
                reference = try bytes.text((field.offset, field.byteCount), field: 16)
            }
            if field.number == 18 { hasReminders = true }
        }
    }
}
