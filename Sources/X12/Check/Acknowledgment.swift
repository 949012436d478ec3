/// What an interchange is answered with.
public struct InterchangeResult: Equatable, Sendable {
    /// Its ISA segment; none where there was no interchange to read.
    public internal(set) var header: InterchangeHeader?
    /// Why it is rejected, as element I18; none where it is not.
    public internal(set) var fault: InterchangeFault?
    /// The TA1 to send, where one is due.
    public internal(set) var ta1: TA1Content?
    /// Its groups as a 999 answers each; none where no 999 is due.
    public internal(set) var groups: [GroupResult]?
    /// Whether it cannot be answered, or only in doubt, and must be looked at by a person.
    public internal(set) var isQuarantined = false

    /// How many sets were accepted, and how many were received.
    public var setCounts: (accepted: Int, received: Int) {
        (groups ?? []).reduce((0, 0)) { ($0.0 + $1.accepted, $0.1 + $1.received) }
    }
}

/// Why an interchange is rejected, and where.
public struct InterchangeFault: Equatable, Sendable {
    /// Element I18, the note of a TA1.
    public let note: String
    /// Where the segment starts that shows it, in bytes.
    public let offset: Int
    /// The segment's number in the interchange, with ISA at 1.
    public let segment: Int
    /// The element of ISA that is wrong, where one is.
    public var element: Int?
}

/// The elements of a TA1 segment.
public struct TA1Content: Equatable, Sendable {
    /// TA101: ISA13 of what is answered.
    public var controlNumber: String
    /// TA102: its ISA09.
    public var date: String
    /// TA103: its ISA10.
    public var time: String
    /// TA104: `A`, `E` or `R`.
    public var code: String
    /// TA105.
    public var note: String

    /// A TA1.
    public init(controlNumber: String, date: String, time: String, code: String, note: String) {
        self.controlNumber = controlNumber
        self.date = date
        self.time = time
        self.code = code
        self.note = note
    }
}

/// A functional group as a 999 answers it: AK1, the sets, AK9.
public struct GroupResult: Equatable, Sendable {
    /// GS01.
    public let functionalID: String
    /// GS06.
    public let controlNumber: String
    /// GS08.
    public let version: String
    /// GS02; empty where it is malformed.
    public internal(set) var senderID = ""
    /// The sets, in order.
    public internal(set) var sets: [SetResult] = []
    /// AK901.
    public internal(set) var code = ""
    /// AK902: GE01 as it was sent.
    public internal(set) var included = 0
    /// AK903.
    public var received: Int { sets.count }
    /// AK904.
    public internal(set) var accepted = 0
    /// AK905 to AK909.
    public internal(set) var errors: [String] = []
}

/// A transaction set as a 999 answers it: AK2, its segments, IK5.
public struct SetResult: Equatable, Sendable {
    /// ST01.
    public let setID: String
    /// ST02.
    public let controlNumber: String
    /// ST03; none where it did not stand.
    public let version: String?
    /// What is wrong with its segments.
    public internal(set) var issues: [SegmentIssue] = []
    /// How many more there were than are held.
    public internal(set) var droppedIssueCount = 0
    /// IK501.
    public internal(set) var code = "A"
    /// IK502 to IK506.
    public internal(set) var errors: [String] = []
}
