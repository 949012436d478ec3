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
                "the file has \(groups.count) groups and \(setCount) sets, but "
                    + "\(order.groupNumbers.count) and \(order.setNumbers.count) numbers; "
                    + "give out one for each")
        }
        let (date, time) = try order.dated()
        let envelope = EnvelopeContent(
            sender: order.sender, receiver: order.receiver, senderGroupID: order.senderGroup,
            receiverGroupID: order.receiverGroup, date: date, time: time,
            isAcknowledgmentRequested: order.requestsAcknowledgment, usage: order.usage,
            delimiters: order.delimiters)
        var writer = try FileWriter(
            envelope, number: Self.number(order.isaNumber), groups: groups)
        for (index, group) in groups.enumerated() {
            try writer.begin(group, type, number: Self.number(order.groupNumbers[index]))
            for (place, outcome) in outcomes.enumerated()
            where (outcome.group ?? order.receiverGroup) == group {
                let number = order.setNumbers[place]
                let set = try Self.inOutcome(place) { () throws(X12Error) in
                    try outcome.set(
                        reference: "\(order.file)-\(number)", date: date, time: time)
                }
                try writer.add(set, number: Self.number(number), place: place)
            }
        }
        if groups.isEmpty {
            for (place, outcome) in outcomes.enumerated() {
                guard case .interchangeAcknowledgment(let answer) = outcome.body else { continue }
                try writer.add(answer, place: place)
            }
        }
        return writer.finish(setCount: setCount)
    }

    /// A control number as the builder takes it; one that does not fit is refused there.
    private static func number(_ number: UInt64) -> Int { Int(clamping: number) }

    /// What the builder refuses, as an error of an outcome by its place.
    fileprivate static func inOutcome<T>(
        _ place: Int?, _ body: () throws(X12Error) -> T
    ) throws(ExchangeError) -> T {
        do throws(X12Error) {
            return try body()
        } catch {
            let name = place.map { "outcome \($0 + 1) of the file" } ?? "the file's envelope"
            throw ExchangeError("outcome", "\(name): \(error.message)")
        }
    }

    /// An `InterchangeBuilder` that counts.
    private struct FileWriter {
        private var builder: InterchangeBuilder
        private var segmentCount: Int

        init(_ envelope: EnvelopeContent, number: Int, groups: [String]) throws(ExchangeError) {
            builder = try inOutcome(nil) { () throws(X12Error) in
                try InterchangeBuilder(envelope, controlNumber: number)
            }
            segmentCount = 2 + 2 * groups.count
        }

        mutating func begin(
            _ group: String, _ type: TransactionType, number: Int
        ) throws(ExchangeError) {
            do throws(X12Error) {
                try builder.beginGroup(
                    setID: type.setID ?? "", version: type.version ?? "", controlNumber: number,
                    receiverGroupID: group)
            } catch {
                throw ExchangeError("outcome", "a group of the file: \(error.message)")
            }
        }

        mutating func add(_ set: SetContent, number: Int, place: Int) throws(ExchangeError) {
            do throws(X12Error) {
                try builder.add(set, controlNumber: number)
            } catch {
                throw ExchangeError(
                    "outcome", "outcome \(place + 1) of the file: \(error.message)")
            }
            segmentCount += set.segments.count + 2
        }

        mutating func add(_ answer: TA1Content, place: Int) throws(ExchangeError) {
            do throws(X12Error) {
                try builder.add(answer)
            } catch {
                throw ExchangeError(
                    "outcome", "outcome \(place + 1) of the file: \(error.message)")
            }
            segmentCount += 1
        }

        consuming func finish(setCount: Int) -> ComposedFile {
            ComposedFile(
                bytes: builder.finish(), segmentCount: segmentCount, setCount: setCount)
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
