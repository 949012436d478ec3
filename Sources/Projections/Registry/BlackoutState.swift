import Events

/// A blackout that is declared.
public struct BlackoutState: ProjectionEntry {
    /// The tenant.
    public var tenant = ""
    /// The sequence of the event that brought it.
    public var sequence: UInt64 = 0
    /// When that was, µs.
    public var declaredAt: Int64 = 0
    /// Who declared it.
    public var actor = ""
    /// The change ticket; empty for none.
    public var ticket = ""
    /// What it says.
    public var blackout: BlackoutDefinition?
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "tenant", &tenant)
        try v.uint(2, "sequence", &sequence)
        try v.instant(3, "declaredAt", &declaredAt)
        try v.text(4, "actor", &actor)
        try v.text(5, "ticket", &ticket)
        try v.message(6, "blackout", &blackout)
    }

    public var key: ScheduleKey { ScheduleKey(tenant, blackout?.name ?? "") }

    public static func keyBytes(_ key: ScheduleKey) -> [UInt8] { ScheduleState.keyBytes(key) }

    public static func keyText(_ key: ScheduleKey) -> String { ScheduleState.keyText(key) }

    public static func keyHash(_ key: ScheduleKey) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: ScheduleKey) -> UInt64 { PlaceHash.of(key) }
}

/// The data of a zone, as they were recorded last.
public struct ZoneState: ProjectionEntry {
    /// The IANA name.
    public var zone = ""
    /// The release.
    public var release = ""
    /// The sequence of the event that brought it.
    public var sequence: UInt64 = 0
    /// The bytes of its TZif file.
    public var data: [UInt8] = []
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "zone", &zone)
        try v.text(2, "release", &release)
        try v.uint(3, "sequence", &sequence)
        try v.bytes(4, "data", &data)
    }

    public var key: String { zone }

    public static func keyBytes(_ key: String) -> [UInt8] { Array(key.utf8) }

    public static func keyText(_ key: String) -> String { "zone \(key)" }

    public static func keyHash(_ key: String) -> UInt64 { EngineStatus.keyHash(key) }

    public static func placeHash(_ key: String) -> UInt64 { EngineStatus.placeHash(key) }
}

extension ProjectedState {
    mutating func applyBlackout(_ type: EventType, _ view: borrowing EventView) throws {
        let tenant = try view.tenant
        if type == .blackoutLifted {
            let name = try view.text(1)
            guard blackouts.remove(ScheduleKey(tenant, name)) != nil else {
                throw impossible(view, "blackout '\(name)' is not declared")
            }
            return
        }
        var state = BlackoutState()
        state.tenant = tenant
        state.sequence = view.sequence
        state.declaredAt = view.time
        state.actor = try view.actor
        state.ticket = try view.ticket
        state.blackout = try BlackoutDefinition(decoding: view.content(1))
        blackouts.insert(state)
    }

    mutating func applyZone(_ view: borrowing EventView) throws {
        var state = ZoneState()
        state.zone = try view.text(1)
        state.release = try view.text(2)
        state.sequence = view.sequence
        state.data = view.content(3)
        zones.insert(state)
    }
}
