// Events of the engine itself.

/// The engine took the log and rebuilt its state.
public struct EngineStarted: EventPayload {
    public static let type = EventType.engineStarted
    /// The program's version.
    public var version = ""
    /// The machine.
    public var host = ""
    /// Its process id.
    public var processId: UInt64 = 0
    /// The kernel's boot id.
    public var bootId = ""
    /// The writer's term.
    public var term: UInt64 = 0
    /// What recovery found: `clean`, `torn` or `torn roll`.
    public var verdict = ""
    /// The release of the zone data, such as `2025b`.
    public var zoneDataVersion = ""
    /// A hash of the zone data.
    public var zoneDataHash = ""
    /// Whether occurrences are decided.
    public var isSchedulingOn = false
    /// The log's identity, hex.
    public var logIdentity = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "version", &version)
        try v.text(2, "host", &host)
        try v.uint(3, "pid", &processId)
        try v.text(4, "bootId", &bootId)
        try v.uint(5, "term", &term)
        try v.text(6, "verdict", &verdict)
        try v.text(7, "zoneDataVersion", &zoneDataVersion)
        try v.text(8, "zoneDataHash", &zoneDataHash)
        try v.bool(9, "scheduling", &isSchedulingOn)
        try v.text(10, "logIdentity", &logIdentity)
    }
}

/// The engine stopped cleanly.
public struct EngineStopped: EventPayload {
    public static let type = EventType.engineStopped
    /// Why: a signal, or a request.
    public var reason = ""
    /// Runs that were still open.
    public var runsLeft: [UInt64] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "reason", &reason)
        try v.uints(2, "runsLeft", &runsLeft)
    }
}

/// Recovery set bytes aside that were never acknowledged.
public struct EngineRecovered: EventPayload {
    public static let type = EventType.engineRecovered
    /// `torn` or `torn roll`.
    public var verdict = ""
    /// The segment's file name.
    public var segment = ""
    /// Where in it.
    public var offset: UInt64 = 0
    /// How many bytes.
    public var byteCount: UInt64 = 0
    /// The file that keeps them.
    public var quarantine = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "verdict", &verdict)
        try v.text(2, "segment", &segment)
        try v.uint(3, "offset", &offset)
        try v.uint(4, "byteCount", &byteCount)
        try v.text(5, "quarantine", &quarantine)
    }
}

/// A sign of life, each minute.
public struct EngineAlive: EventPayload {
    public static let type = EventType.engineAlive
    /// Runs that are open.
    public var openRuns: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "openRuns", &openRuns)
    }
}

/// The clock moved other than by passing.
public struct ClockStepped: EventPayload {
    public static let type = EventType.clockStepped
    /// `back`, or `forward`.
    public var kind = ""
    /// What was expected.
    public var expected: Int64 = 0
    /// What the clock said.
    public var seen: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "kind", &kind)
        try v.instant(2, "expected", &expected)
        try v.instant(3, "seen", &seen)
    }
}

/// The zone data are of another release than before.
public struct ZoneDataChanged: EventPayload {
    public static let type = EventType.zoneDataChanged
    /// The release before.
    public var before = ""
    /// The release now.
    public var after = ""
    /// A hash of it.
    public var hash = ""
    /// The zones that schedules use whose data differ, sorted.
    public var zones: [String] = []
    /// How many occurrences of the coming year it moved.
    public var movedCount: UInt64 = 0
    /// The first of them, at most two hundred.
    public var moved: [OccurrenceMoved] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "before", &before)
        try v.text(2, "after", &after)
        try v.text(3, "hash", &hash)
        try v.texts(4, "zones", &zones)
        try v.uint(5, "movedCount", &movedCount)
        try v.messages(6, "moved", &moved)
    }
}

/// An occurrence that zone data moved.
public struct OccurrenceMoved: WireMessage {
    /// The schedule.
    public var jobId = ""
    /// Its tenant.
    public var tenant = ""
    /// The local time, which identifies it.
    public var local = ""
    /// When it was to be, µs; 0 where it did not happen.
    public var before: Int64 = 0
    /// When it is to be now, µs; 0 where it does not happen any more.
    public var after: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty one.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "jobId", &jobId)
        try v.text(2, "tenant", &tenant)
        try v.text(3, "local", &local)
        try v.instant(4, "before", &before)
        try v.instant(5, "after", &after)
    }
}

/// The data of a zone that schedules use: what local times mean from here on.
public struct ZoneRecorded: EventPayload {
    public static let type = EventType.zoneRecorded
    /// The IANA name.
    public var zone = ""
    /// The release that it is of.
    public var release = ""
    /// The bytes of its TZif file (RFC 8536).
    public var data: [UInt8] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "zone", &zone)
        try v.text(2, "release", &release)
        try v.bytes(3, "data", &data)
    }
}

/// The engine's own digest of its state, for replay to compare.
public struct DigestRecorded: EventPayload {
    public static let type = EventType.digestRecorded
    /// The state after this sequence.
    public var atSequence: UInt64 = 0
    /// SHA-256 over the projections' digests.
    public var digest: [UInt8] = []
    /// Each projection's digest.
    public var projections: [ProjectionDigest] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "atSequence", &atSequence)
        try v.bytes(2, "digest", &digest)
        try v.messages(3, "projections", &projections)
    }
}

/// The room on the log's disk became low, full or ample.
public struct SpaceChanged: EventPayload {
    public static let type = EventType.spaceChanged
    /// `low`, `full` or `ample`.
    public var space = ""
    /// What was free, in bytes.
    public var freeByteCount: UInt64 = 0
    /// What must be free to be ample, in bytes.
    public var wantedByteCount: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "space", &space)
        try v.uint(2, "freeByteCount", &freeByteCount)
        try v.uint(3, "wantedByteCount", &wantedByteCount)
    }
}

/// Every byte of the sealed segments was read again.
public struct ScrubCompleted: EventPayload {
    public static let type = EventType.scrubCompleted
    /// Segments read.
    public var segmentCount: UInt64 = 0
    /// Bytes read.
    public var byteCount: UInt64 = 0
    /// Records hashed.
    public var recordCount: UInt64 = 0
    /// How long it took.
    public var milliseconds: UInt64 = 0
    /// What is not as it was written, the first twenty; none where all is good.
    public var problems: [String] = []
    /// How much there is of it.
    public var problemCount: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "segmentCount", &segmentCount)
        try v.uint(2, "byteCount", &byteCount)
        try v.uint(3, "recordCount", &recordCount)
        try v.uint(4, "milliseconds", &milliseconds)
        try v.texts(5, "problems", &problems)
        try v.uint(6, "problemCount", &problemCount)
    }
}
