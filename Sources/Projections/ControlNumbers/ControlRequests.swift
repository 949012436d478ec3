import Events

/// Numbers that answer one item of a request.
public struct ControlRequestPart: WireMessage {
    /// The item, 0 for the first.
    public var item: UInt64 = 0
    /// The allocator.
    public var allocator: UInt64 = 0
    /// The generation.
    public var generation: UInt64 = 0
    /// The first number.
    public var first: UInt64 = 0
    /// How many.
    public var count: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty part.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "item", &item)
        try v.uint(2, "allocator", &allocator)
        try v.uint(3, "generation", &generation)
        try v.uint(4, "first", &first)
        try v.uint(5, "count", &count)
    }
}

/// A request with a key: what it was given, and is given again.
public struct ControlRequest: ProjectionEntry {
    /// The sequence of its first event.
    public var sequence: UInt64 = 0
    /// The tenant.
    public var tenant = ""
    /// The caller's key.
    public var request = ""
    /// When it was answered, µs.
    public var at: Int64 = 0
    /// What it was given.
    public var parts: [ControlRequestPart] = []
    public var unknownFields: [UInt8] = []

    /// An empty request.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "sequence", &sequence)
        try v.text(2, "tenant", &tenant)
        try v.text(3, "request", &request)
        try v.instant(4, "at", &at)
        try v.messages(5, "parts", &parts)
    }

    public var key: UInt64 { sequence }

    public static func keyBytes(_ key: UInt64) -> [UInt8] { RunState.keyBytes(key) }

    public static func keyText(_ key: UInt64) -> String { "request \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }
}

/// The requests that are remembered: the last `countMax`, and none for longer than a day.
public struct ControlRequests: Sendable {
    /// How many stay.
    public static let countMax = 100_000
    /// How long they stay, µs.
    public static let age: Int64 = 86_400_000_000

    private(set) var map = BucketedMap<ControlRequest>(bucketCount: 64, leafCount: 64)
    /// The sequence of each, by tenant and key.
    private var byKey: [ScheduleKey: UInt64] = [:]
    /// Their sequences, ascending; the first `head` are gone.
    private var order: [UInt64] = []
    private var head = 0

    init() {}

    /// Requests whose map was loaded from a snapshot.
    ///
    /// - Complexity: O(n log n).
    init(loaded map: consuming BucketedMap<ControlRequest>) {
        map.forEach { request in
            order.append(request.sequence)
            byKey[ScheduleKey(request.tenant, request.request)] = request.sequence
        }
        order.sort()
        self.map = map
    }

    /// How many there are.
    public var count: Int { map.count }

    /// What was given for a key, at a moment (µs); nil where nothing is remembered.
    ///
    /// - Complexity: O(1).
    public func answer(tenant: String, request: String, at now: Int64) -> ControlRequest? {
        guard let sequence = byKey[ScheduleKey(tenant, request)], let found = map[sequence],
            now - found.at < Self.age
        else { return nil }
        return found
    }

    /// Notes what was given by the event of a sequence, or by one that the first of its request
    /// caused.
    ///
    /// - Complexity: O(1).
    mutating func note(
        _ part: ControlRequestPart, tenant: String, request: String, sequence: UInt64,
        cause: UInt64, at time: Int64
    ) {
        if cause != 0, map.modify(cause, { $0.parts.append(part) }) != nil { return }
        while head < order.count, let oldest = map[order[head]],
            time - oldest.at >= Self.age || map.count >= Self.countMax
        {
            map.remove(oldest.sequence)
            let key = ScheduleKey(oldest.tenant, oldest.request)
            if byKey[key] == oldest.sequence { byKey[key] = nil }
            head += 1
        }
        if head > Self.countMax {
            order.removeFirst(head)
            head = 0
        }
        var entry = ControlRequest()
        entry.sequence = sequence
        entry.tenant = tenant
        entry.request = request
        entry.at = time
        entry.parts = [part]
        byKey[ScheduleKey(tenant, request)] = sequence
        order.append(sequence)
        map.insert(entry)
    }

    /// The digests of the map's buckets.
    mutating func bucketDigests() -> [[UInt8]] { map.bucketDigests() }
}
