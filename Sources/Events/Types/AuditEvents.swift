// What an auditor asks of the log itself: checkpoints, keys, accepted losses.

/// A checkpoint of the log was signed.
public struct CheckpointSigned: EventPayload {
    public static let type = EventType.checkpointSigned
    /// The records that it covers.
    public var treeSize: UInt64 = 0
    /// The root of the tree over them.
    public var root: [UInt8] = []
    /// The origin that it names.
    public var origin = ""
    /// The id of the key that signed it, hex.
    public var keyId = ""
    /// Why: `schedule`, `sealed`, `keyChanged` or `stop`.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "treeSize", &treeSize)
        try v.bytes(2, "root", &root)
        try v.text(3, "origin", &origin)
        try v.text(4, "keyId", &keyId)
        try v.text(5, "reason", &reason)
    }
}

/// Checkpoints are signed by another key from now on.
public struct CheckpointKeyChanged: EventPayload {
    public static let type = EventType.checkpointKeyChanged
    /// The verifier key before; empty for the first one.
    public var before = ""
    /// The verifier key from now on.
    public var after = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "before", &before)
        try v.text(2, "after", &after)
    }
}

/// Records were lost, and the log goes on under a successor origin.
public struct LossAccepted: EventPayload {
    public static let type = EventType.lossAccepted
    /// How many losses were accepted, this one included: the successor's number.
    public var ordinal: UInt64 = 0
    /// The first sequence that was lost; numbers from here on are given again.
    public var firstLost: UInt64 = 0
    /// The last sequence that anything says was there.
    public var lastLost: UInt64 = 0
    /// The tree size of the newest checkpoint that is void now; 0 for none.
    public var checkpointSize: UInt64 = 0
    /// Its root.
    public var checkpointRoot: [UInt8] = []
    /// What was found.
    public var detail = ""
    /// The files in quarantine that hold what could not be kept.
    public var setAside: [String] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "ordinal", &ordinal)
        try v.uint(2, "firstLost", &firstLost)
        try v.uint(3, "lastLost", &lastLost)
        try v.uint(4, "checkpointSize", &checkpointSize)
        try v.bytes(5, "checkpointRoot", &checkpointRoot)
        try v.text(6, "detail", &detail)
        try v.texts(7, "setAside", &setAside)
    }
}
