import Engine
import X12

/// The first look at a file: which interchanges it has, and what in it answers files of ours.
///
/// Memory is bounded: what is too much is counted, and the file is set aside.
struct InboundScan: X12Sink, Sendable {
    /// The headers, at most one more than a file may have.
    private(set) var headers: [InterchangeHeader] = []
    /// The answers to what we sent.
    private(set) var reader = PartnerAnswerReader(
        isBrief: true, countMax: InboundScan.answersMax)
    /// How many segments were read, ISA among them.
    private(set) var segmentCount = 0

    /// More answers to files of ours are not taken in one file.
    static let answersMax = 1_250
    /// Groups, and two for each answer: what the engine records of a file in one decision.
    static let partsMax = 2_000
    /// Groups of one interchange: each may need two answers, which stand in one record.
    static let groupsMax = 999

    private var isUnreadable = false
    private var groupsBefore = 0
    private var groupsMost = 0

    /// Whether there is so much in it that nothing is answered.
    var isTooMuch: Bool {
        headers.count > ReceivedFile.interchangesMax
            || groupsMost > Self.groupsMax
            || reader.groupCount + 2 * (reader.answers.count + reader.droppedCount) > Self.partsMax
    }

    /// Why a person must look at the file, a word; empty where nobody must.
    var trouble: String {
        if headers.count > ReceivedFile.interchangesMax { return "tooManyInterchanges" }
        if isTooMuch { return "tooManyGroups" }
        if isUnreadable { return headers.isEmpty ? "notX12" : "endsInOtherBytes" }
        if headers.isEmpty { return "empty" }
        return headers.contains { $0.irregular != nil } ? "irregularHeader" : ""
    }

    mutating func begin(_ header: InterchangeHeader) {
        segmentCount += 1
        if headers.count <= ReceivedFile.interchangesMax { headers.append(header) }
        reader.begin(header)
        groupsBefore = reader.groupCount
    }

    mutating func segment(_ segment: borrowing X12Segment) {
        segmentCount += 1
        reader.segment(segment)
        groupsMost = max(groupsMost, reader.groupCount - groupsBefore)
    }

    mutating func end(_ end: InterchangeEnd) { reader.end(end) }

    mutating func unreadable(offset: Int) { isUnreadable = true }
}
