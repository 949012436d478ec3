import Engine
import Projections
import X12

/// A file that was ordered, on its way to its place.
struct AssembledFile: Sendable {
    /// The order.
    let file: OutboundFileState
    /// Its name.
    let name: OutboundName
    /// Its bytes.
    let bytes: [UInt8]
    /// Their SHA-256, hex.
    let sha256: String
    /// How many segments it has.
    let segmentCount: Int
    /// How many sets.
    let setCount: Int

    var path: ExchangePath { .outbound(name) }

    /// The file with what is to stand beside it.
    var pending: PendingFile {
        PendingFile(path: path, content: bytes, metadata: metadata)
    }

    var metadata: FileMetadata {
        var metadata = FileMetadata(partner: file.partner, createdAt: file.acquiredAt)
        metadata.outboundFileId = file.file
        metadata.transactionType = file.transactionType
        let numbers = ControlNumberTexts(file)
        metadata.isa13 = numbers.interchange
        if !numbers.groups.isEmpty {
            metadata.gs06 = numbers.groups
            metadata.st02 = numbers.sets
        }
        metadata.originalIngestionIds = file.ingestions.isEmpty ? nil : file.ingestions
        metadata.segmentCount = UInt64(segmentCount)
        return metadata
    }

    /// As the engine is told that it is written.
    var written: WrittenFile {
        WrittenFile(
            file: file.file, path: path.text, sha256: sha256, byteCount: UInt64(bytes.count),
            segmentCount: UInt64(segmentCount), setCount: UInt64(setCount))
    }
}

/// A file's control numbers as it has them.
struct ControlNumberTexts: Sendable {
    /// ISA13.
    let interchange: String
    /// GS06 of each group, in order.
    let groups: [String]
    /// ST02 of each set, in order.
    let sets: [String]

    init(_ file: OutboundFileState) {
        interchange = Self.zeros(file.numbers("ISA").first ?? 0, 9)
        groups = file.numbers("GS").map { String($0) }
        sets = file.numbers("ST").map { Self.zeros($0, 4) }
    }

    private static func zeros(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// What became of an order: a good file, or why there is none.
enum PreparedFile: Sendable {
    /// It may be written.
    case good(AssembledFile)
    /// It is to be set aside: why, what is wrong, and its bytes where there are any.
    case aside(
        OutboundFileState, reason: String, findings: [String], name: OutboundName, bytes: [UInt8]?)
    /// Its record has no envelope that can be used: nothing can be made of it.
    case nameless(OutboundFileState, ExchangeError)
    /// It cannot be made now, and may be later.
    case failed(OutboundFileState, step: String, ExchangeError, attempts: Int)
}

/// Makes a file of an order and its outcomes' lines, and checks it: a pure function of them.
enum AssemblyWork {
    /// Errors that say that an outcome is not there any more, or not as it was recorded; after any
    /// other, such as a key that is not given, it may be read later.
    private static let lost: Set = [
        "outcome", "missing", "truncated", "extended", "altered", "reordered", "range", "path",
        "changed",
    ]

    /// - Complexity: linear in the bytes.
    static func prepare(
        _ file: OutboundFileState,
        _ lines: [UInt64: Result<ArraySlice<UInt8>, ExchangeError>]
    ) -> PreparedFile {
        let name: OutboundName
        let order: CompositionOrder
        do throws(ExchangeError) {
            name = try Self.name(file)
            order = try composition(file)
        } catch {
            return .nameless(file, error)
        }
        var outcomes: [Outcome] = []
        var findings: [String] = []
        var failure: ExchangeError?
        for (place, number) in file.outcomes.enumerated() {
            do throws(ExchangeError) {
                guard let line = lines[number] else { throw Self.notKnown }
                if case .failure(let error) = line, !lost.contains(error.code) { failure = error }
                let outcome = try Outcome(recorded: try line.get(), delimiters: order.delimiters)
                guard outcome.partner == file.partner,
                    outcome.type.rawValue == file.transactionType
                else { throw Self.notItsOwn }
                outcomes.append(outcome)
            } catch {
                findings.append("outcome \(place + 1) (\(number)): \(error.message)")
            }
        }
        if let failure { return .failed(file, step: "read", failure, attempts: 1) }
        guard findings.isEmpty, let type = outcomes.first?.type else {
            return .aside(file, reason: "outcome", findings: findings, name: name, bytes: nil)
        }
        return make(file, name, order, outcomes, type)
    }

    private static func make(
        _ file: OutboundFileState, _ name: OutboundName, _ order: CompositionOrder,
        _ outcomes: [Outcome], _ type: TransactionType
    ) -> PreparedFile {
        let made: ComposedFile
        do throws(ExchangeError) {
            made = try InterchangeComposer.compose(order, outcomes)
        } catch {
            return .aside(
                file, reason: "compose", findings: [error.message], name: name, bytes: nil)
        }
        do throws(ExchangeError) {
            let findings = try CompositionCheck.findings(made.bytes, order, type: type)
            guard findings.isEmpty else {
                return .aside(
                    file, reason: "check", findings: findings, name: name, bytes: made.bytes)
            }
        } catch {
            return .failed(file, step: "check", error, attempts: 1)
        }
        return .good(
            AssembledFile(
                file: file, name: name, bytes: made.bytes, sha256: Digest.sha256(made.bytes),
                segmentCount: made.segmentCount, setCount: made.setCount))
    }

    /// What stands under a file's name already, taken as it is where it is whole and has this
    /// file's ISA13; nil where it is something else.
    ///
    /// A kill between the file's rename and its record leaves such a file, and a program of another
    /// version may make other bytes of the same order.
    static func standing(
        _ file: AssembledFile, _ bytes: [UInt8]
    ) throws(ExchangeError) -> AssembledFile? {
        let order = try composition(file.file)
        guard let type = TransactionType(rawValue: file.file.transactionType),
            bytes.count > 106,
            bytes[90..<99].elementsEqual(ControlNumberTexts(file.file).interchange.utf8),
            try CompositionCheck.findings(bytes, order, type: type).isEmpty
        else { return nil }
        let terminator = order.delimiters.terminator
        return AssembledFile(
            file: file.file, name: file.name, bytes: bytes, sha256: Digest.sha256(bytes),
            segmentCount: bytes.count { $0 == terminator }, setCount: file.setCount)
    }

    /// A file's name, which follows from its record alone.
    static func name(_ file: OutboundFileState) throws(ExchangeError) -> OutboundName {
        guard let type = TransactionType(rawValue: file.transactionType) else {
            throw ExchangeError(
                "outcome", "the file's type is not known to this program; use a later one")
        }
        return try OutboundName(
            partner: file.partner, type: type, controlNumber: file.numbers("ISA").first ?? 0,
            at: file.acquiredAt)
    }

    private static func composition(
        _ file: OutboundFileState
    ) throws(ExchangeError) -> CompositionOrder {
        CompositionOrder(
            file: file.file, sender: try CompositionOrder.identity(file.sender),
            receiver: try CompositionOrder.identity(file.receiver),
            senderGroup: file.senderGroup, receiverGroup: file.receiverGroup, usage: file.usage,
            requestsAcknowledgment: file.requestsAcknowledgment,
            delimiters: try CompositionOrder.delimiters(file.delimiters),
            instant: file.acquiredAt, isaNumber: file.numbers("ISA").first ?? 0,
            groupNumbers: file.numbers("GS"), setNumbers: file.numbers("ST"))
    }

    private static let notKnown = ExchangeError(
        "outcome", "it is not among those that the engine knows")
    private static let notItsOwn = ExchangeError(
        "outcome", "it is of another partner or type than the file")
}
