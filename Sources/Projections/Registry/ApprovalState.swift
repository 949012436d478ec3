import Events

/// An approval that was requested and is not decided yet.
public struct ApprovalState: ProjectionEntry {
    /// The approval's number: the sequence of its `approval requested` event.
    public var approval: UInt64 = 0
    /// The tenant.
    public var tenant = ""
    /// The schedule; empty for none.
    public var jobId = ""
    /// The run that waits for it, or that the act is about; 0 for none.
    public var run: UInt64 = 0
    /// What is approved: a step's name, or an act's.
    public var name = ""
    /// When it expires, µs.
    public var until: Int64 = 0
    /// Who may not approve it, because they asked for it; empty for nobody.
    public var requester = ""
    /// The act that is to be carried out; nil for a step that a run waits for.
    public var act: ActRequest?
    /// The requester's change ticket; empty for none.
    public var ticket = ""
    /// The requester's idempotency key; empty for none.
    public var request = ""
    /// When it was requested, µs.
    public var requestedAt: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty approval.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "approval", &approval)
        try v.text(2, "tenant", &tenant)
        try v.text(3, "jobId", &jobId)
        try v.uint(4, "run", &run)
        try v.text(5, "name", &name)
        try v.instant(6, "until", &until)
        try v.text(7, "requester", &requester)
        try v.message(8, "act", &act)
        try v.text(9, "ticket", &ticket)
        try v.text(10, "request", &request)
        try v.instant(11, "requestedAt", &requestedAt)
    }

    public var key: UInt64 { approval }

    public static func keyBytes(_ key: UInt64) -> [UInt8] { RunState.keyBytes(key) }

    public static func keyText(_ key: UInt64) -> String { "approval \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }
}

extension ProjectedState {
    mutating func applyApproval(_ type: EventType, _ view: borrowing EventView) throws {
        let number = view.uint(1)
        guard type == .approvalRequested else {
            guard approvals.remove(number) != nil else {
                throw impossible(view, "approval \(number) is not open")
            }
            return
        }
        guard number == view.sequence else {
            throw impossible(view, "an approval's number is its event's sequence")
        }
        var state = ApprovalState()
        state.approval = number
        state.tenant = try view.tenant
        state.jobId = try view.text(2)
        state.run = view.uint(3)
        state.name = try view.text(4)
        state.until = view.int(5)
        state.requester = try view.text(6)
        if view.has(7) { state.act = try ActRequest(decoding: view.content(7)) }
        state.ticket = try view.ticket
        state.request = try view.request
        state.requestedAt = view.time
        approvals.insert(state)
    }
}
