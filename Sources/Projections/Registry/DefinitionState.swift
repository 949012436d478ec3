import Events

/// A definition that is in force, or that open runs still follow.
public struct DefinitionState: ProjectionEntry {
    /// The sequence of the event that brought it.
    public var sequence: UInt64 = 0
    /// Its canonical bytes (`ScheduleDefinition`).
    public var definition: [UInt8] = []
    /// Open runs that follow it.
    public var openRuns: UInt64 = 0
    /// Whether it is the one in force for its schedule.
    public var isCurrent = false
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "sequence", &sequence)
        try v.bytes(2, "definition", &definition)
        try v.uint(3, "openRuns", &openRuns)
        try v.bool(4, "current", &isCurrent)
    }

    public var key: UInt64 { sequence }

    public static func keyBytes(_ key: UInt64) -> [UInt8] { RunState.keyBytes(key) }

    public static func keyText(_ key: UInt64) -> String { "definition \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }
}

/// A business calendar in force.
public struct CalendarState: ProjectionEntry {
    /// The tenant.
    public var tenant = ""
    /// The sequence of the event that brought it.
    public var sequence: UInt64 = 0
    /// What it says.
    public var calendar: CalendarDefinition?
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "tenant", &tenant)
        try v.uint(2, "sequence", &sequence)
        try v.message(3, "calendar", &calendar)
    }

    public var key: ScheduleKey { ScheduleKey(tenant, calendar?.name ?? "") }

    public static func keyBytes(_ key: ScheduleKey) -> [UInt8] { ScheduleState.keyBytes(key) }

    public static func keyText(_ key: ScheduleKey) -> String { ScheduleState.keyText(key) }

    public static func keyHash(_ key: ScheduleKey) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: ScheduleKey) -> UInt64 { PlaceHash.of(key) }
}
