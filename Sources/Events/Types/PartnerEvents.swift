// Trading partners: whom files are exchanged with, and how.

/// How X12 envelopes name one side.
public struct PartnerIdentity: WireMessage {
    /// ISA05 or ISA07, two characters.
    public var qualifier = ""
    /// ISA06 or ISA08 without padding, 1 to 15 characters.
    public var id = ""
    /// GS02 or GS03, 2 to 15 characters.
    public var group = ""
    public var unknownFields: [UInt8] = []

    /// An identity with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "qualifier", &qualifier)
        try v.text(2, "id", &id)
        try v.text(3, "group", &group)
    }

    /// As allocators of control numbers name it: `ZZ:US`.
    public var name: String { "\(qualifier):\(id)" }
}

/// What holds for one type of transaction with a partner; every time is stated, none is a default.
public struct PartnerTypeRule: WireMessage {
    /// The type, such as `271`, `277CA` or `TA1`.
    public var type = ""
    /// How long outcomes are gathered before a file is made of them, seconds; 0 for not at all.
    public var windowSeconds: UInt64 = 0
    /// Within what time of what it answers it is written, seconds; 0 for no such limit.
    public var slaSeconds: UInt64 = 0
    /// Within what time of its publication the partner acknowledges it with a 999, or a 999 with
    /// a TA1, seconds; 0 where none is waited for.
    public var acknowledgedWithinSeconds: UInt64 = 0
    /// The most outcomes of a file.
    public var outcomesMax: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// A rule with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "type", &type)
        try v.uint(2, "windowSeconds", &windowSeconds)
        try v.uint(3, "slaSeconds", &slaSeconds)
        try v.uint(4, "acknowledgedWithinSeconds", &acknowledgedWithinSeconds)
        try v.uint(5, "outcomesMax", &outcomesMax)
    }
}

/// The control numbers of some of a partner's allocators.
public struct PartnerNumberRange: WireMessage {
    /// `ISA`, `GS` or `ST`.
    public var kind = ""
    /// For `ST` the transaction type, for `GS` the functional id (GS01); empty for all of them.
    public var type = ""
    /// The first number of a generation; 0 for the setting's.
    public var start: UInt64 = 0
    /// The last number of a generation; 0 for the setting's.
    public var last: UInt64 = 0
    /// `on` or `off`: whether the next generation begins by itself; empty for the setting's.
    public var wrap = ""
    public var unknownFields: [UInt8] = []

    /// A range with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "kind", &kind)
        try v.text(2, "type", &type)
        try v.uint(3, "start", &start)
        try v.uint(4, "last", &last)
        try v.text(5, "wrap", &wrap)
    }
}

/// What a configuration says of a trading partner.
public struct PartnerDefinition: WireMessage {
    /// Its name, such as `PARTNERA`: 1 to 15 of `A-Z`, `a-z`, digits, `-`, `_` and `.`; it stands
    /// in file names and folders.
    public var name = ""
    /// What people call it.
    public var description = ""
    /// Us, as its envelopes name us.
    public var own: PartnerIdentity?
    /// The partner.
    public var partner: PartnerIdentity?
    /// Element separator, repetition separator, component separator and terminator of what we send.
    public var delimiters = ""
    /// ISA15 of what we send: `P` or `T`.
    public var usage = ""
    /// When what it sends is answered with a TA1: `isa14`, `always` or `never`.
    public var acknowledgments = ""
    /// Whether ISA14 of what we send asks for a TA1.
    public var requestsAcknowledgment = false
    /// Values of ISA12 that are taken.
    public var versions: [String] = []
    /// The types that it may send.
    public var accepts: [String] = []
    /// The types that we send to it.
    public var sends: [String] = []
    /// A rule for each type of either list.
    public var rules: [PartnerTypeRule] = []
    /// Ranges of control numbers; the first that fits counts.
    public var numbers: [PartnerNumberRange] = []
    /// For so many days the same interchange, or the same content, is a duplicate.
    public var duplicateDays: UInt64 = 0
    /// Values of ISA15 that are taken.
    public var usages: [String] = []
    /// Values of ISA01 that are taken.
    public var authorizations: [String] = []
    /// Values of ISA03 that are taken.
    public var securities: [String] = []
    /// Who hears of alerts about it: names of contacts.
    public var contacts: [String] = []
    public var unknownFields: [UInt8] = []

    /// A partner with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "description", &description)
        try v.message(3, "own", &own)
        try v.message(4, "partner", &partner)
        try v.text(5, "delimiters", &delimiters)
        try v.text(6, "usage", &usage)
        try v.text(7, "acknowledgments", &acknowledgments)
        try v.bool(8, "requestsAcknowledgment", &requestsAcknowledgment)
        try v.texts(9, "versions", &versions)
        try v.texts(10, "accepts", &accepts)
        try v.texts(11, "sends", &sends)
        try v.messages(12, "rules", &rules)
        try v.messages(13, "numbers", &numbers)
        try v.uint(14, "duplicateDays", &duplicateDays)
        try v.texts(15, "usages", &usages)
        try v.texts(16, "authorizations", &authorizations)
        try v.texts(17, "securities", &securities)
        try v.texts(18, "contacts", &contacts)
    }

    /// What holds for a type; nil where none is exchanged.
    public func rule(for type: String) -> PartnerTypeRule? { rules.first { $0.type == type } }
}

/// A trading partner was defined, or defined anew.
public struct PartnerDefined: EventPayload {
    public static let type = EventType.partnerDefined
    /// What was defined.
    public var partner: PartnerDefinition?
    /// What changed of it, where it was known.
    public var changes: [FieldChange] = []
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.message(1, "partner", &partner)
        try v.messages(2, "changes", &changes)
    }
}

/// A trading partner was removed.
public struct PartnerRemoved: EventPayload {
    public static let type = EventType.partnerRemoved
    /// Its name.
    public var name = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
    }
}
