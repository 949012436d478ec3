// Files that come from partners, and what they are to be told.

/// An answer that is to come, or to be given, by a moment.
public struct ExpectedAnswer: WireMessage {
    /// The type of the answer, such as `999`.
    public var type = ""
    /// By when, µs; 0 for no limit.
    public var dueAt: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// A part with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "type", &type)
        try v.instant(2, "dueAt", &dueAt)
    }
}

/// What was found of a functional group: its numbers and counts, no content.
public struct ReceivedGroup: WireMessage {
    /// GS01.
    public var functionalID = ""
    /// GS08.
    public var version = ""
    /// GS06; empty where it is malformed.
    public var controlNumber = ""
    /// How many sets there are.
    public var received: UInt64 = 0
    /// How many of them are accepted.
    public var accepted: UInt64 = 0
    /// AK901: `A`, `P` or `R`; empty where no 999 answers it.
    public var code = ""
    public var unknownFields: [UInt8] = []

    /// A part with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "functionalId", &functionalID)
        try v.text(2, "version", &version)
        try v.text(3, "controlNumber", &controlNumber)
        try v.uint(4, "received", &received)
        try v.uint(5, "accepted", &accepted)
        try v.text(6, "code", &code)
    }
}

/// A partner's file is here; this event's sequence is its ingestion id.
public struct FileReceived: EventPayload {
    public static let type = EventType.fileReceived
    /// The partner whose folder or name it came under.
    public var partner = ""
    /// `folder` or `api`.
    public var source = ""
    /// Where it is kept, below the exchange folder.
    public var path = ""
    /// The SHA-256 of its content, hex.
    public var sha256 = ""
    /// Its size in bytes.
    public var byteCount: UInt64 = 0
    /// The key under which it was taken in once.
    public var key = ""
    /// How many segments were read.
    public var segmentCount: UInt64 = 0
    /// How many interchanges.
    public var interchangeCount: UInt64 = 0
    /// Why it cannot be read, a word such as `notX12`; empty where it can.
    public var trouble = ""
    /// Until when the same content is a duplicate, µs; but see `isRejected`.
    public var keyUntil: Int64 = 0
    /// Whether every interchange of it was rejected: then the same content may come again.
    public var isRejected = false
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "partner", &partner)
        try v.text(2, "source", &source)
        try v.text(3, "path", &path)
        try v.text(4, "sha256", &sha256)
        try v.uint(5, "byteCount", &byteCount)
        try v.text(6, "key", &key)
        try v.uint(7, "segmentCount", &segmentCount)
        try v.uint(8, "interchangeCount", &interchangeCount)
        try v.text(9, "trouble", &trouble)
        try v.instant(10, "keyUntil", &keyUntil)
        try v.bool(11, "rejected", &isRejected)
    }
}

/// An interchange of a received file was checked.
public struct InterchangeReceived: EventPayload {
    public static let type = EventType.interchangeReceived
    /// The file: the sequence of its `received` event.
    public var ingestion: UInt64 = 0
    /// Which of the file, 0 for the first.
    public var index: UInt64 = 0
    /// The partner.
    public var partner = ""
    /// ISA05 and ISA06, as `ZZ:THEM`; empty where they are not the partner's.
    public var sender = ""
    /// ISA07 and ISA08; empty where they are not ours.
    public var receiver = ""
    /// ISA13; empty where it is malformed.
    public var controlNumber = ""
    /// TA104: `A` or `R`.
    public var code = ""
    /// TA105.
    public var note = ""
    /// Its first groups, 64 at the most.
    public var groups: [ReceivedGroup] = []
    /// How many groups there are.
    public var groupCount: UInt64 = 0
    /// What it is to be answered with, and by when.
    public var answers: [ExpectedAnswer] = []
    /// Until when the same number is a duplicate, µs; 0 where it is not kept.
    public var keyUntil: Int64 = 0
    /// Whether it is the last of the file.
    public var isLast = false
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "ingestion", &ingestion)
        try v.uint(2, "index", &index)
        try v.text(3, "partner", &partner)
        try v.text(4, "sender", &sender)
        try v.text(5, "receiver", &receiver)
        try v.text(6, "controlNumber", &controlNumber)
        try v.text(7, "code", &code)
        try v.text(8, "note", &note)
        try v.messages(9, "groups", &groups)
        try v.uint(10, "groupCount", &groupCount)
        try v.messages(11, "answers", &answers)
        try v.instant(12, "keyUntil", &keyUntil)
        try v.bool(13, "last", &isLast)
    }
}

/// What was received had been received before; this event's sequence is the duplicate's number.
public struct DuplicateFound: EventPayload {
    public static let type = EventType.duplicateFound
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
    /// `receipt`, or `sweep` for the daily look.
    public var finder = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "ingestion", &ingestion)
        try v.uint(2, "original", &original)
        try v.text(3, "kind", &kind)
        try v.text(4, "partner", &partner)
        try v.text(5, "controlNumber", &controlNumber)
        try v.text(6, "finder", &finder)
    }
}

/// A person settled a duplicate; actor and ticket stand in the envelope.
public struct DuplicateResolved: EventPayload {
    public static let type = EventType.duplicateResolved
    /// Its number.
    public var duplicate: UInt64 = 0
    /// `ignored`, `replaced` or `resent`.
    public var resolution = ""
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "duplicate", &duplicate)
        try v.text(2, "resolution", &resolution)
        try v.text(3, "reason", &reason)
    }
}

/// What a partner is to be told is here; this event's sequence is the outcome's number.
public struct OutcomeReceived: EventPayload {
    public static let type = EventType.outcomeReceived
    /// The partner.
    public var partner = ""
    /// The type of transaction that tells it, such as `271`.
    public var transactionType = ""
    /// The name that its source gave it; empty for our own answers.
    public var outcomeId = ""
    /// `daybook` for a TA1 or 999 of ours; else `folder` or `api`.
    public var source = ""
    /// The file that holds it, below the exchange folder.
    public var path = ""
    /// The SHA-256 of that file, hex.
    public var sha256 = ""
    /// Where in it, bytes.
    public var offset: UInt64 = 0
    /// How many bytes.
    public var byteCount: UInt64 = 0
    /// The received file that it answers; 0 for none.
    public var ingestion: UInt64 = 0
    /// From when on it is assembled, µs, however few there are.
    public var windowEnd: Int64 = 0
    /// Until when the same outcome id is not taken again, µs.
    public var keyUntil: Int64 = 0
    /// GS03 of the group that it stands in; empty for the partner's.
    public var group = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "partner", &partner)
        try v.text(2, "transactionType", &transactionType)
        try v.text(3, "outcomeId", &outcomeId)
        try v.text(4, "source", &source)
        try v.text(5, "path", &path)
        try v.text(6, "sha256", &sha256)
        try v.uint(7, "offset", &offset)
        try v.uint(8, "byteCount", &byteCount)
        try v.uint(9, "ingestion", &ingestion)
        try v.instant(10, "windowEnd", &windowEnd)
        try v.instant(11, "keyUntil", &keyUntil)
        try v.text(12, "group", &group)
    }
}
