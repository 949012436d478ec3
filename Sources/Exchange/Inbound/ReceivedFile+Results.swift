import Engine
import Events
import X12

/// What checking a partner's file gave, as the engine records it: numbers and codes, and of these
/// only such as are well formed and known, so that no content comes into the log.
struct InboundFindings {
    /// What the engine is told; path, source and key are the caller's.
    private(set) var file = ReceivedFile()
    /// The answers of ours.
    private(set) var answers: OwnAnswers
    private let partner: PartnerDefinition

    init(_ partner: PartnerDefinition) throws(ExchangeError) {
        self.partner = partner
        answers = try OwnAnswers(partner)
        file.partner = partner.name
    }

    /// Takes what checking gave, and what the first look found.
    mutating func add(_ results: [InterchangeResult], _ scan: InboundScan) {
        file.segmentCount = UInt64(scan.segmentCount)
        file.trouble = scan.trouble
        for result in results {
            if let header = result.header { add(result, header) }
        }
        let isGood = results.map { $0.header != nil && $0.fault == nil }
        for (answer, origin) in zip(scan.reader.answers, scan.reader.origins)
        where isGood.indices.contains(origin.interchange) && isGood[origin.interchange] {
            if let told = acknowledgment(answer, origin, results[origin.interchange]) {
                file.acknowledgments.append(told)
            }
        }
    }

    private mutating func add(_ result: InterchangeResult, _ header: InterchangeHeader) {
        var interchange = ReceivedFile.Interchange()
        let key = InterchangeKey(header)
        if let them = partner.partner, key.sender == identity(them) {
            interchange.sender = them.name
        }
        if let own = partner.own, key.receiver == identity(own) { interchange.receiver = own.name }
        interchange.controlNumber = Self.number(key.controlNumber, 9...9)
        interchange.code = result.fault == nil ? "A" : "R"
        interchange.note = result.fault?.note ?? "000"
        interchange.isDuplicate = result.fault?.note == "025"
        if let ta1 = result.ta1, answers.isSent(.interchangeAcknowledgment), answers.add(ta1) {
            interchange.answers.append(TransactionType.interchangeAcknowledgment.rawValue)
        }
        for group in result.groups ?? [] {
            interchange.groups.append(Self.group(group))
            if answers.isSent(.implementationAcknowledgment), answers.add(group) {
                interchange.answers.append(TransactionType.implementationAcknowledgment.rawValue)
            }
            if let answer = businessAnswer(group) { interchange.answers.append(answer.rawValue) }
        }
        file.interchanges.append(interchange)
    }

    private func identity(_ identity: PartnerIdentity) -> X12Partners.Identity {
        X12Partners.Identity(qualifier: identity.qualifier, id: identity.id)
    }

    /// What business is to say to a group of which anything was accepted.
    private func businessAnswer(_ group: GroupResult) -> TransactionType? {
        guard group.accepted > 0,
            let type = TransactionType.of(
                functionalID: group.functionalID, version: group.version),
            let answer = type.businessAnswer, answers.isSent(answer),
            Outcome.businessTypes.contains(answer)
        else { return nil }
        return answer
    }

    private static let functionalIDs = Set(TransactionType.allCases.compactMap(\.functionalID))
    private static let versions = Set(TransactionType.allCases.compactMap(\.version))

    private static func group(_ group: GroupResult) -> ReceivedGroup {
        var received = ReceivedGroup()
        received.functionalID =
            functionalIDs.contains(group.functionalID) ? group.functionalID : ""
        received.version = versions.contains(group.version) ? group.version : ""
        received.controlNumber = number(group.controlNumber, 1...9)
        received.received = UInt64(group.received)
        received.accepted = UInt64(group.accepted)
        received.code = group.code
        return received
    }

    /// A text that is so many digits; else none.
    private static func number(_ text: String, _ lengths: ClosedRange<Int>) -> String {
        lengths.contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
            ? text : ""
    }

    private static let interchangeNotes = Set((0...31).map { $0 < 10 ? "00\($0)" : "0\($0)" })
    private static let groupNotes = Set((1...26).map(String.init))

    /// What a partner says of a file of ours; nil where it says nothing that can be recorded.
    private func acknowledgment(
        _ answer: PartnerAnswer, _ origin: PartnerAnswerOrigin, _ result: InterchangeResult
    ) -> ReceivedAcknowledgment? {
        var told = ReceivedAcknowledgment()
        told.sender = partner.partner?.name ?? ""
        told.receiver = partner.own?.name ?? ""
        switch answer {
        case .interchange(let number, let code, let note):
            guard ["A", "E", "R"].contains(code) else { return nil }
            told.kind = "TA1"
            told.controlNumber = Self.number(number, 9...9)
            told.code = code
            told.note = Self.interchangeNotes.contains(note) ? note : ""
        case .group(let functionalID, let number, let code):
            guard ["A", "E", "M", "P", "R", "W", "X"].contains(code) else { return nil }
            told.kind = "999"
            told.functionalID = Self.functionalIDs.contains(functionalID) ? functionalID : ""
            told.controlNumber = Self.number(number, 1...9)
            told.code = code
            told.note = Self.groupNotes.contains(origin.note) ? origin.note : ""
        case .claims(let reference, let category):
            guard origin.isOfFile else { return nil }
            told.kind = "277CA"
            told.reference = Self.number(reference, 1...19)
            told.code = ["A3", "A4", "A6", "A7", "A8"].contains(category) ? "R" : "A"
        case .set: return nil
        }
        return told
    }
}
