import Events

/// An answer that is still to come.
public struct PendingAnswer: WireMessage {
    /// Its type, such as `999`.
    public var type = ""
    /// How many are still to come.
    public var count: UInt64 = 0
    /// By when, µs; 0 for no limit.
    public var dueAt: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty answer.
    public init() {}

    /// An answer.
    init(_ type: String, count: UInt64, dueAt: Int64) {
        self.type = type
        self.count = count
        self.dueAt = dueAt
    }

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "type", &type)
        try v.uint(2, "count", &count)
        try v.instant(3, "dueAt", &dueAt)
    }
}

extension [PendingAnswer] {
    /// One of a type came.
    mutating func settle(_ type: String) {
        guard let index = firstIndex(where: { $0.type == type }) else { return }
        if self[index].count <= 1 { remove(at: index) } else { self[index].count -= 1 }
    }

    /// One more is expected; of several moments the earliest counts.
    mutating func expect(_ answer: ExpectedAnswer) {
        guard let index = firstIndex(where: { $0.type == answer.type }) else {
            return append(PendingAnswer(answer.type, count: 1, dueAt: answer.dueAt))
        }
        self[index].count += 1
        if answer.dueAt != 0 {
            self[index].dueAt =
                self[index].dueAt == 0 ? answer.dueAt : Swift.min(self[index].dueAt, answer.dueAt)
        }
    }

    /// The first moment by which one is due, µs; nil where none has a limit.
    public var firstDue: Int64? { lazy.map(\.dueAt).filter { $0 != 0 }.min() }
}

/// A received file of which something is still to be answered.
public struct ReceivedFileState: ProjectionEntry {
    /// Its ingestion id: the sequence of its `received` event.
    public var ingestion: UInt64 = 0
    /// The tenant.
    public var tenant = ""
    /// The partner.
    public var partner = ""
    /// When it was received, µs.
    public var receivedAt: Int64 = 0
    /// Where it is kept, below the exchange folder.
    public var path = ""
    /// What is still to be answered.
    public var answers: [PendingAnswer] = []
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "ingestion", &ingestion)
        try v.text(2, "tenant", &tenant)
        try v.text(3, "partner", &partner)
        try v.instant(4, "receivedAt", &receivedAt)
        try v.text(5, "path", &path)
        try v.messages(6, "answers", &answers)
    }

    public var key: UInt64 { ingestion }

    public static func keyBytes(_ key: UInt64) -> [UInt8] { RunState.keyBytes(key) }

    public static func keyText(_ key: UInt64) -> String { "ingestion \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }
}

/// A duplicate that nobody settled yet.
public struct DuplicateState: ProjectionEntry {
    /// Its number: the sequence of the event that found it.
    public var duplicate: UInt64 = 0
    /// The tenant.
    public var tenant = ""
    /// The later file.
    public var ingestion: UInt64 = 0
    /// The earlier file.
    public var original: UInt64 = 0
    /// `controlNumber` or `content`.
    public var kind = ""
    /// The partner.
    public var partner = ""
    /// ISA13, for a control number.
    public var controlNumber = ""
    /// When it was found, µs.
    public var foundAt: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "duplicate", &duplicate)
        try v.text(2, "tenant", &tenant)
        try v.uint(3, "ingestion", &ingestion)
        try v.uint(4, "original", &original)
        try v.text(5, "kind", &kind)
        try v.text(6, "partner", &partner)
        try v.text(7, "controlNumber", &controlNumber)
        try v.instant(8, "foundAt", &foundAt)
    }

    public var key: UInt64 { duplicate }

    public static func keyBytes(_ key: UInt64) -> [UInt8] { RunState.keyBytes(key) }

    public static func keyText(_ key: UInt64) -> String { "duplicate \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }
}
