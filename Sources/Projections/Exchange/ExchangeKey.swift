import Events

/// Something that is not taken twice before a moment: an interchange, a content, an outcome, a
/// caller's key.
public struct ExchangeKey: ProjectionEntry {
    /// The tenant.
    public var tenant = ""
    /// What it is, as `ExchangeKey.interchange` and its like write it.
    public var text = ""
    /// The received file, or the outcome, that had it.
    public var sequence: UInt64 = 0
    /// Until when, µs.
    public var until: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty key.
    public init() {}

    /// A key.
    init(_ key: ScheduleKey, _ sequence: UInt64, until: Int64) {
        tenant = key.tenant
        text = key.jobId
        self.sequence = sequence
        self.until = until
    }

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "tenant", &tenant)
        try v.text(2, "text", &text)
        try v.uint(3, "sequence", &sequence)
        try v.instant(4, "until", &until)
    }

    public var key: ScheduleKey { ScheduleKey(tenant, text) }

    public static func keyBytes(_ key: ScheduleKey) -> [UInt8] { ScheduleState.keyBytes(key) }

    public static func keyText(_ key: ScheduleKey) -> String { ScheduleState.keyText(key) }

    public static func keyHash(_ key: ScheduleKey) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: ScheduleKey) -> UInt64 { PlaceHash.of(key) }

    // MARK: what is kept

    /// An interchange, by sender, receiver (as `ZZ:THEM`) and ISA13.
    public static func interchange(_ sender: String, _ receiver: String, _ number: String) -> String
    {
        "interchange \(sender) \(receiver) \(number)"
    }

    /// A partner's file with this content.
    public static func content(_ partner: String, _ sha256: String) -> String {
        "content \(partner) \(sha256)"
    }

    /// A file that was taken in under a key.
    public static func request(_ key: String) -> String { "request \(key)" }

    /// A duplicate, found already.
    public static func duplicate(
        _ ingestion: UInt64, of original: UInt64, _ kind: String, _ number: String
    ) -> String {
        "duplicate \(ingestion) \(original) \(kind) \(number)"
    }

    /// An outcome with the name that its source gave it.
    public static func outcome(_ partner: String, _ type: String, _ id: String) -> String {
        "outcome \(partner) \(type) \(id)"
    }
}

/// Things that are dropped some time after a moment: by the hour, so that a drop costs nothing
/// until it is due.
struct ExpiryWheel: Sendable {
    /// What is dropped.
    enum Item: Sendable {
        case key(ScheduleKey)
        case received(UInt64)
        case outbound(UInt64)
    }

    private static let hour: Int64 = 3_600_000_000
    private var items: [Int64: [Item]] = [:]
    private var first = Int64.max

    /// Adds what is to go in the hour after a moment.
    mutating func add(_ item: Item, at time: Int64) {
        let hour = time / Self.hour
        items[hour, default: []].append(item)
        first = min(first, hour)
    }

    /// What is to go now: everything of the hours that are over.
    ///
    /// Each hour is looked at once, so what goes follows from what there is and from the time.
    ///
    /// - Complexity: O(items that go), and O(hours that have any) when some go.
    mutating func take(at now: Int64) -> [Item] {
        let hour = now / Self.hour
        guard first < hour else { return [] }
        var taken: [Item] = []
        for passed in items.keys.filter({ $0 < hour }) {
            taken += items.removeValue(forKey: passed) ?? []
        }
        first = items.keys.min() ?? .max
        return taken
    }
}
