import Events
import X12

/// The bytes of a file, and what they hold.
public struct ComposedFile: Equatable, Sendable {
    /// One interchange.
    public let bytes: [UInt8]
    /// How many segments, ISA and IEA among them.
    public let segmentCount: Int
    /// How many transaction sets; 0 for TA1s.
    public let setCount: Int
}

/// Makes a file of outcomes of one type: an interchange with a group for each GS03, and a set for
/// each outcome; for TA1s, an interchange without groups.
public enum InterchangeComposer {
    /// Makes the file; the same order and outcomes give the same bytes.
    ///
    /// - Throws: `outcome` where types are mixed, numbers are not as many as there must be, or X12
    ///   has no place for something; it names the outcome by its place, and no value.
    /// - Complexity: linear in what is written; memory holds the whole file.
    public static func compose(
        _ order: CompositionOrder, _ outcomes: [Outcome]
    ) throws(ExchangeError) -> ComposedFile {
        guard let type = outcomes.first?.type, outcomes.allSatisfy({ $0.type == type }) else {
            throw ExchangeError(
                "outcome", "a file needs outcomes of one type; make one for each type")
        }
        let groups = type == .interchangeAcknowledgment ? [] : order.groups(of: outcomes)
        let setCount = type == .interchangeAcknowledgment ? 0 : outcomes.count
        guard order.groupNumbers.count == groups.count, order.setNumbers.count == setCount else {
            throw ExchangeError(
                "outcome",
                "the file has \(Counted.text(groups.count, "group")) and "
                    + "\(Counted.text(setCount, "set")), but "
                    + "\(order.groupNumbers.count) and \(order.setNumbers.count) numbers; "
                    + "give out one for each")
        }
        let (date, time) = try order.dated()
        let envelope = EnvelopeContent(
            sender: order.sender, receiver: order.receiver, senderGroupID: order.senderGroup,
            receiverGroupID: order.receiverGroup, date: date, time: time,
            isAcknowledgmentRequested: order.requestsAcknowledgment, usage: order.usage,
            delimiters: order.delimiters)
        var builder = try inPart("the file's envelope") { () throws(X12Error) in
            try InterchangeBuilder(envelope, controlNumber: number(order.isaNumber))
        }
        var segmentCount = 2 + 2 * groups.count
        for (index, group) in groups.enumerated() {
            try inPart("group \(index + 1) of the file") { () throws(X12Error) in
                try builder.beginGroup(
                    setID: type.setID ?? "", version: type.version ?? "",
                    controlNumber: number(order.groupNumbers[index]), receiverGroupID: group)
            }
            for (place, outcome) in outcomes.enumerated()
            where (outcome.group ?? order.receiverGroup) == group {
                let setNumber = order.setNumbers[place]
                try inPart("outcome \(place + 1) of the file") { () throws(X12Error) in
                    let set = try outcome.set(
                        reference: "\(order.file)-\(setNumber)", date: date, time: time)
                    try builder.add(set, controlNumber: number(setNumber))
                    segmentCount += set.segments.count + 2
                }
            }
        }
        for (place, outcome) in outcomes.enumerated() {
            guard case .interchangeAcknowledgment(let answer) = outcome.body else { break }
            try inPart("outcome \(place + 1) of the file") { () throws(X12Error) in
                try builder.add(answer)
            }
            segmentCount += 1
        }
        return ComposedFile(
            bytes: builder.finish(), segmentCount: segmentCount, setCount: setCount)
    }

    /// A control number as the builder takes it; one that does not fit is refused there.
    private static func number(_ number: UInt64) -> Int { Int(clamping: number) }

    /// What the builder refuses, as an error that names the part of the file.
    private static func inPart<T>(
        _ part: String, _ body: () throws(X12Error) -> T
    ) throws(ExchangeError) -> T {
        do throws(X12Error) {
            return try body()
        } catch {
            throw ExchangeError("outcome", "\(part): \(error.message)")
        }
    }
}

extension Outcome {
    /// The set that tells it; a TA1 is none, and has no segments here.
    fileprivate func set(
        reference: String, date: String, time: String
    ) throws(X12Error) -> SetContent {
        switch body {
        case .interchangeAcknowledgment:
            SetContent(setID: "", version: "", segments: [])
        case .implementationAcknowledgment(let segments):
            SetContent(setID: "999", version: type.version ?? "", segments: segments)
        case .eligibility(let response):
            EligibilityOutcome.response(
                response.inquiries, reference: response.reference ?? reference, date: date,
                time: time)
        case .claims(let claims):
            try claims.response(reference: reference, date: date, time: time)
        case .remittance(let remittance): try remittance.response()
        case .enrollment(let enrollment):
            enrollment.response(reference: reference, date: date, time: time)
        }
    }
}
