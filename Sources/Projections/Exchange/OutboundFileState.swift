import Events

/// An outcome that stands in no written file yet.
public struct OutcomeState: ProjectionEntry {
    /// Its number: the sequence of its `received` event.
    public var outcome: UInt64 = 0
    /// The tenant.
    public var tenant = ""
    /// The partner.
    public var partner = ""
    /// The type of transaction that tells it.
    public var transactionType = ""
    /// Where it stands: the file, below the exchange folder.
    public var path = ""
    /// The SHA-256 of that file, hex.
    public var sha256 = ""
    /// Where in it, bytes.
    public var offset: UInt64 = 0
    /// How many bytes.
    public var byteCount: UInt64 = 0
    /// The received file that it answers; 0 for none.
    public var ingestion: UInt64 = 0
    /// When it came, µs.
    public var receivedAt: Int64 = 0
    /// From when on it is assembled, µs.
    public var windowEnd: Int64 = 0
    /// GS03 of the group that it stands in; empty for the partner's.
    public var group = ""
    /// The file that it was put in; 0 while it waits.
    public var file: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "outcome", &outcome)
        try v.text(2, "tenant", &tenant)
        try v.text(3, "partner", &partner)
        try v.text(4, "transactionType", &transactionType)
        try v.text(5, "path", &path)
        try v.text(6, "sha256", &sha256)
        try v.uint(7, "offset", &offset)
        try v.uint(8, "byteCount", &byteCount)
        try v.uint(9, "ingestion", &ingestion)
        try v.instant(10, "receivedAt", &receivedAt)
        try v.instant(11, "windowEnd", &windowEnd)
        try v.text(12, "group", &group)
        try v.uint(13, "file", &file)
    }

    public var key: UInt64 { outcome }

    public static func keyBytes(_ key: UInt64) -> [UInt8] { RunState.keyBytes(key) }

    public static func keyText(_ key: UInt64) -> String { "outcome \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }
}

/// Control numbers of a file, one after the other.
public struct FileNumbers: WireMessage {
    /// The allocator's name; it begins with `ISA`, `GS` or `ST`.
    public var allocator = ""
    /// The generation.
    public var generation: UInt64 = 0
    /// The first number.
    public var first: UInt64 = 0
    /// How many.
    public var count: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// No numbers.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "allocator", &allocator)
        try v.uint(2, "generation", &generation)
        try v.uint(3, "first", &first)
        try v.uint(4, "count", &count)
    }
}

/// A file of ours that is being made, or whose acknowledgment is to come.
public struct OutboundFileState: ProjectionEntry {
    /// How far a file is.
    public enum Status: String, Sendable {
        /// Its outcomes and numbers are chosen.
        case acquired
        /// It stands whole under its final name.
        case assembled
        /// Those who deliver it were told.
        case published
        /// It was set aside, its numbers failed.
        case quarantined
        /// It was given up, its numbers failed.
        case failed
    }

    /// Its id: the sequence of its `grouped` event.
    public var file: UInt64 = 0
    /// The tenant.
    public var tenant = ""
    /// The run that makes it.
    public var run: UInt64 = 0
    /// The partner.
    public var partner = ""
    /// The type.
    public var transactionType = ""
    /// How far it is: a `Status`.
    public var statusText = ""
    /// Its outcomes, in their order.
    public var outcomes: [UInt64] = []
    /// The received files that it answers.
    public var ingestions: [UInt64] = []
    /// ISA05 and ISA06.
    public var sender = ""
    /// ISA07 and ISA08.
    public var receiver = ""
    /// GS02.
    public var senderGroup = ""
    /// GS03 where an outcome names none.
    public var receiverGroup = ""
    /// ISA15.
    public var usage = ""
    /// ISA14.
    public var requestsAcknowledgment = false
    /// Element separator, repetition separator, component separator, terminator.
    public var delimiters = ""
    /// When its numbers were given out, µs: the time of its envelope.
    public var acquiredAt: Int64 = 0
    /// Its numbers: ISA13, then GS06, then ST02, each in order.
    public var numbers: [FileNumbers] = []
    /// Where it stands, below the exchange folder.
    public var path = ""
    /// Its SHA-256, hex.
    public var sha256 = ""
    /// Its size in bytes.
    public var byteCount: UInt64 = 0
    /// When it was published, µs.
    public var publishedAt: Int64 = 0
    /// What is still to be acknowledged.
    public var answers: [PendingAnswer] = []
    /// The file that it is made in the place of; 0 for none.
    public var reassembles: UInt64 = 0
    /// What was acknowledged before it was published: `TA1`, and `999` with the GS06 of a group.
    public var early: [String] = []
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "file", &file)
        try v.text(2, "tenant", &tenant)
        try v.uint(3, "run", &run)
        try v.text(4, "partner", &partner)
        try v.text(5, "transactionType", &transactionType)
        try v.text(6, "status", &statusText)
        try v.uints(7, "outcomes", &outcomes)
        try v.uints(8, "ingestions", &ingestions)
        try v.text(9, "sender", &sender)
        try v.text(10, "receiver", &receiver)
        try v.text(11, "senderGroup", &senderGroup)
        try v.text(12, "receiverGroup", &receiverGroup)
        try v.text(13, "usage", &usage)
        try v.bool(14, "requestsAcknowledgment", &requestsAcknowledgment)
        try v.text(15, "delimiters", &delimiters)
        try v.instant(16, "acquiredAt", &acquiredAt)
        try v.messages(17, "numbers", &numbers)
        try v.text(18, "path", &path)
        try v.text(19, "sha256", &sha256)
        try v.uint(20, "byteCount", &byteCount)
        try v.instant(21, "publishedAt", &publishedAt)
        try v.messages(22, "answers", &answers)
        try v.uint(23, "reassembles", &reassembles)
        try v.texts(24, "early", &early)
    }

    /// How far it is.
    public var status: Status { Status(rawValue: statusText) ?? .acquired }

    /// Its numbers of a kind (`ISA`, `GS` or `ST`), in order.
    public func numbers(_ kind: String) -> [UInt64] {
        numbers.filter { $0.allocator.hasPrefix(kind + "/") }
            .flatMap { Array($0.first..<$0.first + $0.count) }
    }

    /// What is acknowledged by something that comes before the file is published: itself; where a
    /// TA1 refuses the interchange, all, for then no group is answered.
    func acknowledged(by event: FileAcknowledged) -> [String] {
        guard event.kind == "TA1" else {
            return [Self.group(UInt64(event.controlNumber) ?? 0)]
        }
        return ["TA1"] + (event.code == "R" ? groupsToCome.map(Self.group) : [])
    }

    /// GS06 of the groups whose 999 has not come before the file was published.
    public var groupsToCome: [UInt64] {
        numbers("GS").filter { !early.contains(Self.group($0)) }
    }

    private static func group(_ number: UInt64) -> String { "999 \(number)" }

    public var key: UInt64 { file }

    public static func keyBytes(_ key: UInt64) -> [UInt8] { RunState.keyBytes(key) }

    public static func keyText(_ key: UInt64) -> String { "file \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }
}
