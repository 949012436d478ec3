// Events of configuration and calendars.

/// A configuration was applied, as one decision.
public struct ConfigurationApplied: EventPayload {
    public static let type = EventType.configurationApplied
    /// SHA-256 over the definitions, hex.
    public var digest = ""
    /// The git commit of the folder.
    public var commit = ""
    /// That commit's author.
    public var author = ""
    /// Whether the folder had changes that are not in the commit.
    public var isDirty = false
    /// Schedules created.
    public var created: UInt64 = 0
    /// Schedules updated.
    public var updated: UInt64 = 0
    /// Schedules removed.
    public var removed: UInt64 = 0
    /// Schedules left as they were.
    public var unchanged: UInt64 = 0
    /// The stage that this ends; 0 where the decision was not staged.
    public var stage: UInt64 = 0
    /// The environment whose overlay was used.
    public var environment = ""
    /// The settings that decisions depend on.
    public var settings: [KeyValue] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "digest", &digest)
        try v.text(2, "commit", &commit)
        try v.text(3, "author", &author)
        try v.bool(4, "dirty", &isDirty)
        try v.uint(5, "created", &created)
        try v.uint(6, "updated", &updated)
        try v.uint(7, "removed", &removed)
        try v.uint(8, "unchanged", &unchanged)
        try v.uint(9, "stage", &stage)
        try v.text(10, "environment", &environment)
        try v.messages(11, "settings", &settings)
    }
}

/// A business calendar was defined, or defined anew.
public struct CalendarDefined: EventPayload {
    public static let type = EventType.calendarDefined
    /// The whole calendar.
    public var calendar: CalendarDefinition?
    /// What changed; empty for a new one.
    public var changes: [FieldChange] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.message(1, "calendar", &calendar)
        try v.messages(2, "changes", &changes)
    }
}

/// A business calendar was removed.
public struct CalendarRemoved: EventPayload {
    public static let type = EventType.calendarRemoved
    /// Its name.
    public var name = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
    }
}
