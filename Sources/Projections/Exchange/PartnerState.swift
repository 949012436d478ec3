import Events

/// A trading partner that the configuration defines.
public struct PartnerState: ProjectionEntry {
    /// The tenant.
    public var tenant = ""
    /// The sequence of the event that says what it is now.
    public var sequence: UInt64 = 0
    /// What was defined.
    public var partner: PartnerDefinition?
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "tenant", &tenant)
        try v.uint(2, "sequence", &sequence)
        try v.message(3, "partner", &partner)
    }

    public var key: ScheduleKey { ScheduleKey(tenant, partner?.name ?? "") }

    public static func keyBytes(_ key: ScheduleKey) -> [UInt8] { ScheduleState.keyBytes(key) }

    public static func keyText(_ key: ScheduleKey) -> String { ScheduleState.keyText(key) }

    public static func keyHash(_ key: ScheduleKey) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: ScheduleKey) -> UInt64 { PlaceHash.of(key) }
}

/// A legal hold: files that are not removed, whatever their age.
public struct LegalHoldState: ProjectionEntry {
    /// The tenant.
    public var tenant = ""
    /// Its name.
    public var name = ""
    /// The partner; empty for all.
    public var partner = ""
    /// The first day of the files, `YYYY-MM-DD`; empty for all days before.
    public var from = ""
    /// The last day; empty for all days after.
    public var through = ""
    /// Why.
    public var reason = ""
    /// By whom.
    public var actor = ""
    /// Under which ticket.
    public var ticket = ""
    /// When, µs.
    public var placedAt: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "tenant", &tenant)
        try v.text(2, "name", &name)
        try v.text(3, "partner", &partner)
        try v.text(4, "from", &from)
        try v.text(5, "through", &through)
        try v.text(6, "reason", &reason)
        try v.text(7, "actor", &actor)
        try v.text(8, "ticket", &ticket)
        try v.instant(9, "placedAt", &placedAt)
    }

    public var key: ScheduleKey { ScheduleKey(tenant, name) }

    public static func keyBytes(_ key: ScheduleKey) -> [UInt8] { ScheduleState.keyBytes(key) }

    public static func keyText(_ key: ScheduleKey) -> String { ScheduleState.keyText(key) }

    public static func keyHash(_ key: ScheduleKey) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: ScheduleKey) -> UInt64 { PlaceHash.of(key) }
}
