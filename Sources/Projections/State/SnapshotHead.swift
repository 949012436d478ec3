import EventLog
import Events

/// What a snapshot says of itself.
package struct SnapshotHead: WireMessage {
    /// The sequence whose state it is; the tree that it belongs to has one record more.
    package var sequence: UInt64 = 0
    /// The time of that sequence's event, µs.
    package var time: Int64 = 0
    /// The log's identity, 16 bytes as in a segment's header.
    package var log: [UInt8] = []
    /// The state digest's total.
    package var digest: [UInt8] = []
    /// Each projection's digest, as `digest recorded` has it.
    package var projections: [ProjectionDigest] = []
    /// How many entries all groups have together.
    package var entryCount: UInt64 = 0
    /// How many groups follow.
    package var groupCount: UInt64 = 0
    /// The size of the newest checkpoint that the state knows of; 0 for none.
    package var checkpointSize: UInt64 = 0
    /// The verifier key of that checkpoint.
    package var checkpointKey = ""
    package var unknownFields: [UInt8] = []

    /// A head with every field at its default.
    package init() {}

    package mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "sequence", &sequence)
        try v.instant(2, "time", &time)
        try v.bytes(3, "log", &log)
        try v.bytes(4, "digest", &digest)
        try v.messages(5, "projections", &projections)
        try v.uint(6, "entries", &entryCount)
        try v.uint(7, "groups", &groupCount)
        try v.uint(8, "checkpointSize", &checkpointSize)
        try v.text(9, "checkpointKey", &checkpointKey)
    }

    /// The log's identity; nil where there are not 16 bytes of it.
    package var identity: LogIdentity? {
        guard log.count == 16 else { return nil }
        return LogIdentity(
            low: LittleEndian.integer(log, 0, 8), high: LittleEndian.integer(log, 8, 8))
    }

    /// The head of a state whose digest is this.
    init(_ state: ProjectedState, _ digest: StateDigest, log: LogIdentity) {
        self.init()
        sequence = digest.sequence ?? 0
        time = state.lastTime
        self.log = LittleEndian.bytes(log.low, 8) + LittleEndian.bytes(log.high, 8)
        self.digest = digest.total
        projections = digest.projections
        entryCount = UInt64(state.entryCount)
        var counter = GroupCounter()
        state.visitProjections(&counter)
        groupCount = UInt64(counter.count)
        checkpointSize = state.status.checkpointSize
        checkpointKey = state.status.checkpointKey
    }

    /// The names and versions of this build's projections, to compare: of those that are there only
    /// where they are not empty, the ones that the head has.
    var kinds: [String] {
        let names = Set(projections.map(\.name))
        return Self.known.filter {
            !ProjectedState.laterProjections.contains($0.name) || names.contains($0.name)
        }.map(Self.kind)
    }

    private static let known: [ProjectionDigest] = {
        var empty = ProjectedState()
        return empty.projectionDigests(includesEmpty: true)
    }()

    /// A projection's name and version as one text.
    static func kind(_ projection: ProjectionDigest) -> String {
        "\(projection.name) \(projection.version) \(projection.buckets.count / 8)"
    }
}

/// Counts the buckets that have entries.
private struct GroupCounter: ProjectionVisitor {
    var count = 0

    mutating func visit<Entry: ProjectionEntry>(_ name: String, _ map: BucketedMap<Entry>) {
        count += map.slotsByBucket().count { !$0.isEmpty }
    }
}
