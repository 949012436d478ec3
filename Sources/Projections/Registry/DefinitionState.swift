import Events

/// A definition that is in force, or that open runs still follow.
///
/// What it has in common with others is stored once (`DefinitionPieces`).
public struct DefinitionState: ProjectionEntry {
    /// The sequence of the event that brought it.
    public var sequence: UInt64 = 0
    /// The open runs, doubled, and 1 where it is in force: there may be a million of these.
    private var runsAndCurrent: UInt64 = 0
    /// Its own fields; the whole definition where it has no shape.
    private var own: [UInt8] = []
    /// What it shares with others, and where its own fields stand.
    private var shape: DefinitionShape?
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    /// Open runs that follow it, fewer than 2^63.
    public var openRuns: UInt64 {
        get { runsAndCurrent >> 1 }
        set { runsAndCurrent = newValue << 1 | runsAndCurrent & 1 }
    }

    /// Whether it is the one in force for its schedule.
    public var isCurrent: Bool {
        get { runsAndCurrent & 1 == 1 }
        set { runsAndCurrent = runsAndCurrent & ~1 | (newValue ? 1 : 0) }
    }

    /// Its canonical bytes (`ScheduleDefinition`).
    ///
    /// - Complexity: O(bytes) where it shares fields with others: they are put together.
    public var definition: [UInt8] {
        get { shape?.joined(own) ?? own }
        set {
            own = newValue
            shape = nil
        }
    }

    /// The bytes that are stored for this definition alone.
    package var ownByteCount: Int { own.count }

    /// Stores the same definition by its own fields and what it shares.
    mutating func store(own: [UInt8], _ shape: DefinitionShape) {
        self.own = own
        self.shape = shape
    }

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "sequence", &sequence)
        try v.bytes(2, "definition", &definition)
        try v.uint(3, "openRuns", &openRuns)
        try v.bool(4, "current", &isCurrent)
    }

    /// Whether two say the same, however it is stored.
    public static func == (a: DefinitionState, b: DefinitionState) -> Bool {
        a.sequence == b.sequence && a.runsAndCurrent == b.runsAndCurrent
            && a.unknownFields == b.unknownFields && a.definition == b.definition
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
