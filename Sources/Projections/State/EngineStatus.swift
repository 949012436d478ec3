import Events

/// What is known of the engine.
public struct EngineStatus: ProjectionEntry {
    /// The sequence of the last start.
    public var startedSequence: UInt64 = 0
    /// When it was, µs.
    public var startedAt: Int64 = 0
    /// Whether the last start was not followed by a clean stop.
    public var isRunning = false
    /// The writer's term.
    public var term: UInt64 = 0
    /// The release of the zone data.
    public var zoneDataVersion = ""
    /// The digest of the configuration that was applied last, hex.
    public var configurationDigest = ""
    /// Its commit.
    public var configurationCommit = ""
    /// The sequence of its event.
    public var configurationSequence: UInt64 = 0
    /// The last sign of life, µs.
    public var aliveAt: Int64 = 0
    /// Whether occurrences are decided.
    public var isSchedulingOn = false
    /// The room on the log's disk: `low`, `full`, or `ample`; empty where nothing was said yet.
    public var space = ""
    /// The verifier key of the newest checkpoints; empty before the first.
    public var checkpointKey = ""
    /// How many losses were accepted: the number of the log's origin.
    public var originOrdinal: UInt64 = 0
    /// The records that the newest recorded checkpoint covers.
    public var checkpointSize: UInt64 = 0
    /// When the last scrub was completed, µs; 0 for never.
    public var scrubbedAt: Int64 = 0
    /// What it found wrong, as a number.
    public var scrubProblemCount: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty status.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "startedSequence", &startedSequence)
        try v.instant(2, "startedAt", &startedAt)
        try v.bool(3, "running", &isRunning)
        try v.uint(4, "term", &term)
        try v.text(5, "zoneDataVersion", &zoneDataVersion)
        try v.text(6, "configurationDigest", &configurationDigest)
        try v.text(7, "configurationCommit", &configurationCommit)
        try v.uint(8, "configurationSequence", &configurationSequence)
        try v.instant(9, "aliveAt", &aliveAt)
        try v.bool(10, "scheduling", &isSchedulingOn)
        try v.text(11, "space", &space)
        try v.text(12, "checkpointKey", &checkpointKey)
        try v.uint(13, "originOrdinal", &originOrdinal)
        try v.uint(14, "checkpointSize", &checkpointSize)
        try v.instant(15, "scrubbedAt", &scrubbedAt)
        try v.uint(16, "scrubProblems", &scrubProblemCount)
    }

    public var key: String { "engine" }

    public static func keyBytes(_ key: String) -> [UInt8] { Array(key.utf8) }

    public static func keyText(_ key: String) -> String { key }

    public static func keyHash(_ key: String) -> UInt64 {
        var hash = KeyHash()
        hash.take(key)
        return hash.value
    }

    public static func placeHash(_ key: String) -> UInt64 { PlaceHash.of(key) }
}
