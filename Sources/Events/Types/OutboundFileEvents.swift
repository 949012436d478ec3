// Files for partners: assembled, published, acknowledged; and how long files are kept.

/// A run gathered the outcomes whose time has come.
public struct FilesCollected: EventPayload {
    public static let type = EventType.filesCollected
    /// The run.
    public var run: UInt64 = 0
    /// How many outcomes.
    public var outcomeCount: UInt64 = 0
    /// How many files are made of them.
    public var fileCount: UInt64 = 0
    /// How many files of earlier runs it finishes.
    public var resumedCount: UInt64 = 0
    /// `NO_DATA` where there is nothing; else empty.
    public var status = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.uint(2, "outcomeCount", &outcomeCount)
        try v.uint(3, "fileCount", &fileCount)
        try v.uint(4, "resumedCount", &resumedCount)
        try v.text(5, "status", &status)
    }
}

/// Outcomes of one partner and type become a file; this event's sequence is the file's id.
public struct FileGrouped: EventPayload {
    public static let type = EventType.fileGrouped
    /// The run that makes it.
    public var run: UInt64 = 0
    /// The partner.
    public var partner = ""
    /// The type.
    public var transactionType = ""
    /// The outcomes, by their numbers.
    public var outcomes: [UInt64] = []
    /// The received files that they answer.
    public var ingestions: [UInt64] = []
    /// ISA05 and ISA06.
    public var sender = ""
    /// ISA07 and ISA08.
    public var receiver = ""
    /// GS02.
    public var senderGroup = ""
    /// GS03.
    public var receiverGroup = ""
    /// ISA15.
    public var usage = ""
    /// ISA14.
    public var requestsAcknowledgment = false
    /// Element separator, repetition separator, component separator, terminator.
    public var delimiters = ""
    /// The file that it is made in the place of; 0 for none.
    public var reassembles: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "partner", &partner)
        try v.text(3, "transactionType", &transactionType)
        try v.uints(4, "outcomes", &outcomes)
        try v.uints(5, "ingestions", &ingestions)
        try v.text(6, "sender", &sender)
        try v.text(7, "receiver", &receiver)
        try v.text(8, "senderGroup", &senderGroup)
        try v.text(9, "receiverGroup", &receiverGroup)
        try v.text(10, "usage", &usage)
        try v.bool(11, "requestsAcknowledgment", &requestsAcknowledgment)
        try v.text(12, "delimiters", &delimiters)
        try v.uint(13, "reassembles", &reassembles)
    }
}

/// The bytes of a file were made.
public struct FileBuilt: EventPayload {
    public static let type = EventType.fileBuilt
    /// The file.
    public var file: UInt64 = 0
    /// Their SHA-256, hex.
    public var sha256 = ""
    /// How many.
    public var byteCount: UInt64 = 0
    /// How many segments.
    public var segmentCount: UInt64 = 0
    /// How many transaction sets.
    public var setCount: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "file", &file)
        try v.text(2, "sha256", &sha256)
        try v.uint(3, "byteCount", &byteCount)
        try v.uint(4, "segmentCount", &segmentCount)
        try v.uint(5, "setCount", &setCount)
    }
}

/// A file was checked as an inbound one is.
public struct FileChecked: EventPayload {
    public static let type = EventType.fileChecked
    /// The file.
    public var file: UInt64 = 0
    /// Whether it may be written.
    public var isGood = false
    /// What is wrong, by places and codes; no content.
    public var findings: [String] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "file", &file)
        try v.bool(2, "good", &isGood)
        try v.texts(3, "findings", &findings)
    }
}

/// A file stands whole under its final name.
public struct FileAssembled: EventPayload {
    public static let type = EventType.fileAssembled
    /// The file.
    public var file: UInt64 = 0
    /// The partner.
    public var partner = ""
    /// The type.
    public var transactionType = ""
    /// Where, below the exchange folder.
    public var path = ""
    /// Its SHA-256, hex.
    public var sha256 = ""
    /// Its size in bytes.
    public var byteCount: UInt64 = 0
    /// ISA13.
    public var controlNumber = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "file", &file)
        try v.text(2, "partner", &partner)
        try v.text(3, "transactionType", &transactionType)
        try v.text(4, "path", &path)
        try v.text(5, "sha256", &sha256)
        try v.uint(6, "byteCount", &byteCount)
        try v.text(7, "controlNumber", &controlNumber)
    }
}

/// Those who deliver files were told of one.
public struct FilePublished: EventPayload {
    public static let type = EventType.filePublished
    /// The file.
    public var file: UInt64 = 0
    /// The partner.
    public var partner = ""
    /// The type.
    public var transactionType = ""
    /// `folder`, `webhook` or `log`, with a comma between several.
    public var channel = ""
    /// How many attempts it took.
    public var attempts: UInt64 = 0
    /// What the partner is to acknowledge it with, and by when.
    public var answers: [ExpectedAnswer] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "file", &file)
        try v.text(2, "partner", &partner)
        try v.text(3, "transactionType", &transactionType)
        try v.text(4, "channel", &channel)
        try v.uint(5, "attempts", &attempts)
        try v.messages(6, "answers", &answers)
    }
}

/// A step of a file failed for good.
public struct FileFailed: EventPayload {
    public static let type = EventType.fileFailed
    /// The file.
    public var file: UInt64 = 0
    /// The step, such as `write` or `publish`.
    public var step = ""
    /// Why; no content.
    public var reason = ""
    /// How many attempts were made.
    public var attempts: UInt64 = 0
    /// Whether the file is given up and its numbers failed; else a later run goes on with it.
    public var isGivenUp = false
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "file", &file)
        try v.text(2, "step", &step)
        try v.text(3, "reason", &reason)
        try v.uint(4, "attempts", &attempts)
        try v.bool(5, "givenUp", &isGivenUp)
    }
}

/// A file was set aside for a person.
public struct FileQuarantined: EventPayload {
    public static let type = EventType.fileQuarantined
    /// The file of ours; 0 for a received one.
    public var file: UInt64 = 0
    /// The received file; 0 for one of ours.
    public var ingestion: UInt64 = 0
    /// Where it is now, below the exchange folder.
    public var path = ""
    /// Why, a word.
    public var reason = ""
    /// What is wrong, by places and codes; no content.
    public var findings: [String] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "file", &file)
        try v.uint(2, "ingestion", &ingestion)
        try v.text(3, "path", &path)
        try v.text(4, "reason", &reason)
        try v.texts(5, "findings", &findings)
    }
}

/// A partner acknowledged a file, or something that we do not know.
public struct FileAcknowledged: EventPayload {
    public static let type = EventType.fileAcknowledged
    /// The file of ours; 0 where none is known.
    public var file: UInt64 = 0
    /// The received file that says so.
    public var ingestion: UInt64 = 0
    /// `TA1`, `999` or `277CA`.
    public var kind = ""
    /// TA104, or AK901; for a 277CA `A` or `R`.
    public var code = ""
    /// TA105, or AK905.
    public var note = ""
    /// The number that it names: ISA13, or GS06.
    public var controlNumber = ""
    /// Whether it came before the file was published, and is one of those that publishing would
    /// wait for.
    public var isEarly = false
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "file", &file)
        try v.uint(2, "ingestion", &ingestion)
        try v.text(3, "kind", &kind)
        try v.text(4, "code", &code)
        try v.text(5, "note", &note)
        try v.text(6, "controlNumber", &controlNumber)
        try v.bool(7, "early", &isEarly)
    }
}

/// A file came to an age at which it is kept elsewhere, or not any more.
public struct FileMoved: EventPayload {
    public static let type = EventType.fileMoved
    /// Where it was, below the exchange folder.
    public var path = ""
    /// `cool`, `archive` or `deleted`.
    public var tier = ""
    /// Where it is now; empty where it is deleted.
    public var newPath = ""
    /// Its SHA-256, hex.
    public var sha256 = ""
    /// Its size in bytes.
    public var byteCount: UInt64 = 0
    /// The run that did it; 0 for none.
    public var run: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "path", &path)
        try v.text(2, "tier", &tier)
        try v.text(3, "newPath", &newPath)
        try v.text(4, "sha256", &sha256)
        try v.uint(5, "byteCount", &byteCount)
        try v.uint(6, "run", &run)
    }
}

/// Files of a partner, or of all, are kept whatever their age; actor and ticket stand in the
/// envelope.
public struct LegalHoldPlaced: EventPayload {
    public static let type = EventType.legalHoldPlaced
    /// Its name.
    public var name = ""
    /// The partner; empty for all.
    public var partner = ""
    /// The first day of the files, `YYYY-MM-DD`; empty for all days before.
    public var from = ""
    /// The last day; empty for all days after.
    public var through = ""
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "partner", &partner)
        try v.text(3, "from", &from)
        try v.text(4, "through", &through)
        try v.text(5, "reason", &reason)
    }
}

/// A legal hold is over; actor and ticket stand in the envelope.
public struct LegalHoldReleased: EventPayload {
    public static let type = EventType.legalHoldReleased
    /// Its name.
    public var name = ""
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "reason", &reason)
    }
}
