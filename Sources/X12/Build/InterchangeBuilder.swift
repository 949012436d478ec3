/// What an envelope says, but for its numbers: who, to whom, when, and how.
public struct EnvelopeContent: Equatable, Sendable {
    /// ISA05 and ISA06.
    public var sender: X12Partners.Identity
    /// ISA07 and ISA08.
    public var receiver: X12Partners.Identity
    /// GS02 and GS03.
    public var senderGroupID: String
    /// GS03.
    public var receiverGroupID: String
    /// The day as CCYYMMDD, for GS04; ISA09 is without its century.
    public var date: String
    /// The time as HHMM, for ISA10 and GS05.
    public var time: String
    /// ISA14.
    public var isAcknowledgmentRequested: Bool
    /// ISA15: `P` or `T`.
    public var usage: String
    /// What separates.
    public var delimiters: X12Delimiters

    /// An envelope.
    public init(
        sender: X12Partners.Identity, receiver: X12Partners.Identity, senderGroupID: String,
        receiverGroupID: String, date: String, time: String,
        isAcknowledgmentRequested: Bool = false, usage: String = "P",
        delimiters: X12Delimiters = X12Delimiters()
    ) {
        self.sender = sender
        self.receiver = receiver
        self.senderGroupID = senderGroupID
        self.receiverGroupID = receiverGroupID
        self.date = date
        self.time = time
        self.isAcknowledgmentRequested = isAcknowledgmentRequested
        self.usage = usage
        self.delimiters = delimiters
    }
}

/// A transaction set to be built: its kind and the elements of its segments, without ST and SE.
public struct SetContent: Equatable, Sendable {
    /// ST01.
    public var setID: String
    /// GS08, and ST03 where the set has it.
    public var version: String
    /// Each segment's id and elements; components and repetitions are joined by their marks.
    public var segments: [[String]]

    /// The sign that joins components in an element, whatever the interchange's delimiter is.
    public static let componentMark = "\u{1F}"
    /// The sign that joins repetitions.
    public static let repetitionMark = "\u{1E}"

    /// A set.
    public init(setID: String, version: String, segments: [[String]]) {
        self.setID = setID
        self.version = version
        self.segments = segments
    }

    /// A composite element; empty components at its end are left out.
    public static func component(_ parts: String...) -> String {
        let kept = parts.reversed().drop { $0.isEmpty }.reversed()
        return kept.joined(separator: componentMark)
    }
}

/// Writes interchanges: ISA of 106 bytes, groups, sets, and their trailers.
///
/// It issues no numbers and reads no clock: both are given. The same input gives the same bytes.
/// Elements are checked for what would break the envelope; the whole is then checked as an inbound
/// one is (`InterchangeChecker`), by the caller.
public struct InterchangeBuilder: Sendable {
    private let content: EnvelopeContent
    private let controlNumber: Int
    private var bytes: [UInt8] = []
    private var groupCount = 0
    private var group: (number: Int, version: String, functionalID: String, setCount: Int)?

    /// GS01 by ST01.
    static let functionalIDs: [String: String] = [
        "270": "HS", "271": "HB", "276": "HR", "277": "HN", "278": "HI", "820": "RA", "834": "BE",
        "835": "HP", "837": "HC", "999": "FA",
    ]
    /// Sets without ST03.
    private static let withoutVersion: Set<String> = ["835"]

    /// Begins an interchange.
    ///
    /// - Throws: `valueInvalid` where a value does not fit its element, naming the element alone.
    public init(_ content: EnvelopeContent, controlNumber: Int) throws(X12Error) {
        self.content = content
        self.controlNumber = controlNumber
        let delimiters = content.delimiters
        let all = [
            delimiters.element, delimiters.repetition, delimiters.component, delimiters.terminator,
        ]
        guard Set(all).count == 4, all.allSatisfy({ X12Delimiters.isUsable($0) && $0 < 0x80 })
        else {
            throw Self.invalid("the delimiters", "four different signs")
        }
        try Self.require((1...999_999_999).contains(controlNumber), "ISA13", "1 to 999999999")
        try Self.require(content.usage.utf8.count == 1, "ISA15", "one letter")
        let digits = content.date.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let date = Array(content.date.utf8)
        let time = Array(content.time.utf8)
        try Self.require(
            digits && date.count == 8 && CalendarCheck.isDate(date.span, date.indices), "GS04",
            "CCYYMMDD")
        try Self.require(
            time.count == 4 && CalendarCheck.isTime(time.span, time.indices), "GS05", "HHMM")
        for (name, party) in [("ISA05/06", content.sender), ("ISA07/08", content.receiver)] {
            try Self.require(
                party.qualifier.utf8.count == 2 && (1...15).contains(party.id.utf8.count)
                    && Self.isPlain(party.qualifier + party.id, delimiters),
                name, "a qualifier of 2 and an id of 1 to 15 characters")
        }
        try requireGroupID(content.senderGroupID, "GS02")
        try requireGroupID(content.receiverGroupID, "GS03")
        writeHeader()
    }

    private func requireGroupID(_ id: String, _ name: String) throws(X12Error) {
        try Self.require(
            (2...15).contains(id.utf8.count) && Self.isPlain(id, content.delimiters), name,
            "2 to 15 characters")
    }

    private mutating func writeHeader() {
        let delimiters = content.delimiters
        segment([
            "ISA", "00", Self.padded("", 10), "00", Self.padded("", 10), content.sender.qualifier,
            Self.padded(content.sender.id, 15), content.receiver.qualifier,
            Self.padded(content.receiver.id, 15), String(content.date.dropFirst(2)), content.time,
            String(decoding: [delimiters.repetition], as: UTF8.self), "00501",
            Self.zeros(controlNumber, 9), content.isAcknowledgmentRequested ? "1" : "0",
            content.usage, String(decoding: [delimiters.component], as: UTF8.self),
        ])
    }

    private static func invalid(_ element: String, _ remedy: String) -> X12Error {
        X12Error(.valueInvalid, "\(element) does not fit its element; give \(remedy)")
    }

    private static func require(
        _ condition: Bool, _ element: String, _ remedy: String
    ) throws(X12Error) {
        if !condition { throw invalid(element, remedy) }
    }

    /// Whether a text can be printed and holds no delimiter.
    static func isPlain(_ text: String, _ delimiters: X12Delimiters) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) && !delimiters.contains($0) }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }

    static func zeros(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Writes a segment; empty elements at its end are left out.
    private mutating func segment(_ elements: [String]) {
        let delimiters = content.delimiters
        let kept = elements.reversed().drop { $0.isEmpty }.reversed()
        for (index, element) in kept.enumerated() {
            if index > 0 { bytes.append(delimiters.element) }
            for byte in element.utf8 {
                switch byte {
                case 0x1F: bytes.append(delimiters.component)
                case 0x1E: bytes.append(delimiters.repetition)
                default: bytes.append(byte)
                }
            }
        }
        bytes.append(delimiters.terminator)
        bytes.append(0x0A)
    }

    /// Adds a TA1, which stands before any group.
    public mutating func add(_ answer: TA1Content) throws(X12Error) {
        try Self.require(groupCount == 0, "TA1", "it before the first group")
        let elements = [
            answer.controlNumber, answer.date, answer.time, answer.code, answer.note,
        ]
        for (index, element) in elements.enumerated() {
            try Self.require(
                Self.isPlain(element, content.delimiters), "TA1\(index + 1)",
                "characters that can be printed and are no delimiters")
        }
        segment(["TA1"] + elements)
    }

    /// Begins a group for sets of one kind; the group before it ends.
    ///
    /// - Parameter receiverGroupID: GS03 of this group, where it is not the envelope's.
    public mutating func beginGroup(
        setID: String, version: String, controlNumber: Int, receiverGroupID: String? = nil
    ) throws(X12Error) {
        let receiverGroupID = receiverGroupID ?? content.receiverGroupID
        try requireGroupID(receiverGroupID, "GS03")
        guard let functionalID = Self.functionalIDs[setID] else {
            throw Self.invalid("ST01", "a set that is known")
        }
        try Self.require((1...999_999_999).contains(controlNumber), "GS06", "1 to 999999999")
        endGroup()
        groupCount += 1
        group = (controlNumber, version, functionalID, 0)
        segment([
            "GS", functionalID, content.senderGroupID, receiverGroupID, content.date,
            content.time, String(controlNumber), "X", version,
        ])
    }

    /// Adds a set to the group, with ST02 of at least four digits.
    public mutating func add(_ set: SetContent, controlNumber: Int) throws(X12Error) {
        guard let group, group.version == set.version,
            Self.functionalIDs[set.setID] == group.functionalID
        else { throw Self.invalid("ST01", "a set of the group's kind and version") }
        try Self.require((1...999_999_999).contains(controlNumber), "ST02", "1 to 999999999")
        for segment in set.segments {
            for (index, element) in segment.enumerated() {
                let parts = element.split { $0 == "\u{1F}" || $0 == "\u{1E}" }
                try Self.require(
                    parts.allSatisfy { Self.isPlain(String($0), content.delimiters) },
                    "\(segment[0])\(index)",
                    "characters that can be printed and are no delimiters")
            }
        }
        let number = Self.zeros(controlNumber, 4)
        let version = Self.withoutVersion.contains(set.setID) ? [] : [set.version]
        segment(["ST", set.setID, number] + version)
        for elements in set.segments { segment(elements) }
        segment(["SE", String(set.segments.count + 2), number])
        self.group?.setCount += 1
    }

    private mutating func endGroup() {
        guard let group else { return }
        segment(["GE", String(group.setCount), String(group.number)])
        self.group = nil
    }

    /// Ends the interchange, and gives its bytes.
    public consuming func finish() -> [UInt8] {
        endGroup()
        segment(["IEA", String(groupCount), Self.zeros(controlNumber, 9)])
        return bytes
    }
}
