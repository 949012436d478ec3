import Events

/// A job type that the API defined.
public struct JobTypeState: ProjectionEntry {
    /// The tenant.
    public var tenant = ""
    /// Its name.
    public var name = ""
    /// The sequence of the event that brought it.
    public var sequence: UInt64 = 0
    /// When that was, µs.
    public var definedAt: Int64 = 0
    /// Who defined it.
    public var actor = ""
    /// The change ticket; empty for none.
    public var ticket = ""
    /// The fields that schedules take from it: a JSON object.
    public var fieldsJSON = ""
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "tenant", &tenant)
        try v.text(2, "name", &name)
        try v.uint(3, "sequence", &sequence)
        try v.instant(4, "definedAt", &definedAt)
        try v.text(5, "actor", &actor)
        try v.text(6, "ticket", &ticket)
        try v.text(7, "fields", &fieldsJSON)
    }

    public var key: ScheduleKey { ScheduleKey(tenant, name) }

    public static func keyBytes(_ key: ScheduleKey) -> [UInt8] { ScheduleState.keyBytes(key) }

    public static func keyText(_ key: ScheduleKey) -> String { ScheduleState.keyText(key) }

    public static func keyHash(_ key: ScheduleKey) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: ScheduleKey) -> UInt64 { PlaceHash.of(key) }
}

extension ProjectedState {
    mutating func applyJobType(_ type: EventType, _ view: borrowing EventView) throws {
        let key = ScheduleKey(try view.tenant, try view.text(1))
        if type == .jobTypeRemoved {
            guard jobTypes.remove(key) != nil else {
                throw impossible(view, "job type '\(key.jobId)' is not defined")
            }
            return
        }
        var state = JobTypeState()
        state.tenant = key.tenant
        state.name = key.jobId
        state.sequence = view.sequence
        state.definedAt = view.time
        state.actor = try view.actor
        state.ticket = try view.ticket
        state.fieldsJSON = try view.text(2)
        jobTypes.insert(state)
    }
}
