/// What a partner says of something that was sent, with the number by which it was sent.
public enum PartnerAnswer: Equatable, Sendable {
    /// A TA1: ISA13, TA104, TA105.
    case interchange(controlNumber: String, code: String, note: String)
    /// AK1 and AK9 of a 999: GS01, GS06, AK901.
    case group(functionalID: String, controlNumber: String, code: String)
    /// AK2 and IK5 of a 999: the group's GS01 and GS06, ST01, ST02, IK501.
    case set(
        functionalID: String, group: String, setID: String, controlNumber: String, code: String)
    /// TRN02 and the category of STC01 in a 277CA: BHT03 of the claims' file, or a claim's CLM01.
    case claims(reference: String, category: String)
}

/// Where an answer stood, and what more it says.
public struct PartnerAnswerOrigin: Equatable, Sendable {
    /// Which interchange of the file, 0 for the first.
    public let interchange: Int
    /// AK905 of a group; else empty.
    public var note = ""
    /// Whether claims are answered as a file (HL03 is 21), not one by one.
    public var isOfFile = false
}

/// Reads what partners answer, from interchanges that were checked before.
///
/// It is a sink of `X12Parser`; of other sets it takes nothing.
public struct PartnerAnswerReader: X12Sink, Sendable {
    /// The answers, in order.
    public private(set) var answers: [PartnerAnswer] = []
    /// Where each of them stood.
    public private(set) var origins: [PartnerAnswerOrigin] = []
    /// How many interchanges began.
    public private(set) var interchangeCount = 0
    /// How many groups began.
    public private(set) var groupCount = 0
    /// How many answers were left out because there were too many.
    public private(set) var droppedCount = 0
    private var level = ""
    private let isBrief: Bool
    private let countMax: Int
    private var setID = ""
    private var version = ""
    private var component = UInt8(ascii: ":")
    private var group = (functionalID: "", controlNumber: "")
    private var set = (setID: "", controlNumber: "")
    private var reference = ""

    /// A reader without answers yet.
    ///
    /// - Parameters:
    ///   - isBrief: whether only whole interchanges, groups and files of claims are wanted, no
    ///     single sets or claims.
    ///   - countMax: the most answers that are held; more are counted.
    public init(isBrief: Bool = false, countMax: Int = .max) {
        self.isBrief = isBrief
        self.countMax = countMax
    }

    /// The answers in a whole file.
    public static func answers(in bytes: Span<UInt8>) -> [PartnerAnswer] {
        var reader = PartnerAnswerReader()
        var parser = X12Parser()
        parser.consume(bytes, into: &reader)
        parser.finish(into: &reader)
        return reader.answers
    }

    /// An interchange begins.
    public mutating func begin(_ header: InterchangeHeader) {
        interchangeCount += 1
        component = header.delimiters.component
        setID = ""
    }

    /// Takes a segment.
    public mutating func segment(_ segment: borrowing X12Segment) {
        switch (segment.text(0), setID) {
        case ("TA1", _):
            add(
                .interchange(
                    controlNumber: segment.text(1), code: segment.text(4), note: segment.text(5)))
        case ("GS", _):
            version = segment.text(8)
            groupCount += 1
        case ("ST", _):
            setID = segment.text(1)
            reference = ""
            level = ""
        case ("SE", _): setID = ""
        case ("AK1", "999"): group = (segment.text(1), segment.text(2))
        case ("AK2", "999"): set = (segment.text(1), segment.text(2))
        case ("IK5", "999") where !isBrief:
            add(
                .set(
                    functionalID: group.functionalID, group: group.controlNumber, setID: set.setID,
                    controlNumber: set.controlNumber, code: segment.text(1)))
        case ("AK9", "999"):
            add(
                .group(
                    functionalID: group.functionalID, controlNumber: group.controlNumber,
                    code: segment.text(1)), note: segment.text(5))
        case ("HL", "277"): level = segment.text(3)
        case ("TRN", "277") where version == "005010X214":
            // TRN01 is 2 where the number is the submitter's.
            reference = segment.text(1) == "2" ? segment.text(2) : ""
        case ("STC", "277") where version == "005010X214" && !reference.isEmpty:
            let status = segment.text(1).utf8.prefix { $0 != component }
            add(
                .claims(
                    reference: reference, category: String(decoding: Array(status), as: UTF8.self)),
                isOfFile: level == "21")
            reference = ""
        default: break
        }
    }

    private mutating func add(
        _ answer: PartnerAnswer, note: String = "", isOfFile: Bool = false
    ) {
        if case .claims = answer, isBrief, !isOfFile { return }
        guard answers.count < countMax else {
            droppedCount += 1
            return
        }
        answers.append(answer)
        origins.append(
            PartnerAnswerOrigin(
                interchange: interchangeCount - 1, note: note, isOfFile: isOfFile))
    }

    /// The interchange ends.
    public mutating func end(_ end: InterchangeEnd) { setID = "" }

    /// Nothing can be read.
    public mutating func unreadable(offset: Int) {}
}
