import X12

/// What a partner is to be told: one transaction set, or one TA1.
///
/// It is a line of JSON in a file of the exchange folder; `docs/outcomes.md` is its schema. An
/// outcome that was read has been built once, so that nothing of it can fail when its file is made.
public struct Outcome: Equatable, Sendable {
    /// What is told.
    public enum Body: Equatable, Sendable {
        /// A TA1 of ours.
        case interchangeAcknowledgment(TA1Content)
        /// A 999 of ours: its segments from AK1 to AK9.
        case implementationAcknowledgment([[String]])
        /// A 271.
        case eligibility(EligibilityResponse)
        /// A 277CA.
        case claims(ClaimAcknowledgment)
        /// An 835.
        case remittance(Remittance)
        /// An 834.
        case enrollment(Enrollment)

        /// The type of transaction that tells it.
        public var type: TransactionType {
            switch self {
            case .interchangeAcknowledgment: .interchangeAcknowledgment
            case .implementationAcknowledgment: .implementationAcknowledgment
            case .eligibility: .eligibilityResponse
            case .claims: .claimAcknowledgment
            case .remittance: .remittance
            case .enrollment: .enrollment
            }
        }
    }

    /// The partner's name.
    public var partner: String
    /// Its source's name for it, unique for the partner and the type; nil for answers of ours.
    public var id: String?
    /// The number of the received file that it answers.
    public var ingestion: UInt64?
    /// GS03 of the group that it stands in; nil for the partner's.
    public var group: String?
    /// What is told.
    public var body: Body

    /// The type of transaction that tells it.
    public var type: TransactionType { body.type }

    /// An outcome.
    public init(
        partner: String, id: String? = nil, ingestion: UInt64? = nil, group: String? = nil,
        body: Body
    ) {
        self.partner = partner
        self.id = id
        self.ingestion = ingestion
        self.group = group
        self.body = body
    }

    /// The types whose outcomes come from business systems.
    public static let businessTypes: Set<TransactionType> = [
        .eligibilityResponse, .claimAcknowledgment, .remittance, .enrollment,
    ]
    /// The types whose outcomes we make ourselves, of what partners send.
    public static let ownTypes: Set<TransactionType> = [
        .interchangeAcknowledgment, .implementationAcknowledgment,
    ]

    /// The most bytes of a line, its end not counted: 1 MiB.
    public static let byteCountMax = 1 << 20

    /// Reads the outcome of a line, as it was encoded or as a business system wrote it.
    ///
    /// - Parameters:
    ///   - types: those that are taken.
    ///   - delimiters: the partner's; no value may hold one.
    ///   - line: its number in its file, for the error.
    /// - Throws: `outcome`, with the line and the field; no value stands in it.
    /// - Complexity: linear in the bytes.
    public init(
        _ bytes: ArraySlice<UInt8>, types: Set<TransactionType>,
        delimiters: X12Delimiters = X12Delimiters(), line: Int? = nil
    ) throws(ExchangeError) {
        do throws(LineFault) {
            self = try Self.read(bytes, types) { _ in delimiters }
        } catch {
            throw error.error(line: line)
        }
    }

    /// Reads a line with the delimiters of its partner, which the line names.
    static func read(
        _ bytes: ArraySlice<UInt8>, _ types: Set<TransactionType>,
        _ delimiters: (_ partner: String) -> X12Delimiters?
    ) throws(LineFault) -> Outcome {
        if bytes.count > byteCountMax { throw .tooLong }
        let json = try LineJSON.read(bytes)
        var known: X12Delimiters? = X12Delimiters()
        if case .object(let members) = json,
            case .text(let partner)? = members.first(where: { $0.key == "partner" })?.value
        {
            known = delimiters(partner)
        }
        let line = try LineDecoder.decode(OutcomeLine.self, json, known ?? X12Delimiters())
        if known == nil {
            throw LineFault(path: "partner", "is not defined", "add it to the configuration")
        }
        guard let outcome = line.outcome, types.contains(outcome.type) else {
            throw LineFault(path: "type", "is none that is taken here", Self.known(types))
        }
        if outcome.id == nil && businessTypes.contains(outcome.type) {
            throw LineFault(path: "id", "is missing", "add the field")
        }
        try outcome.check(known ?? X12Delimiters())
        return outcome
    }

    private static func known(_ types: Set<TransactionType>) -> String {
        "write \(types.map(\.rawValue).sorted().joined(separator: ", "))"
    }

    /// The line, without its end.
    ///
    /// The same outcome gives the same bytes.
    public func encoded() -> [UInt8] { LineEncoder.encode(OutcomeLine(self)) }
}

extension LineFault {
    /// A line that is over the limit.
    static var tooLong: LineFault {
        LineFault("is longer than 1 MiB", "split it into several outcomes")
    }
}

/// An outcome as the object of a line.
struct OutcomeLine: LineFields {
    private(set) var outcome: Outcome?

    static var blank: OutcomeLine { OutcomeLine() }

    private init() {}

    init(_ outcome: Outcome) { self.outcome = outcome }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        var partner = outcome?.partner ?? ""
        var type = outcome?.type.rawValue ?? ""
        var id = outcome?.id
        var ingestion = outcome?.ingestion
        var group = outcome?.group
        v.text("partner", &partner, .name(15))
        if !partner.utf8.allSatisfy(Self.isOfName) {
            v.refuse("partner", "is no partner's name", "write the name of the configuration")
        }
        v.text("type", &type, .name(5))
        v.text("id", &id, .name(64))
        v.number("ingestion", &ingestion)
        v.text("group", &group, .text(15, least: 2))
        guard let body = Self.body(outcome?.body, TransactionType(rawValue: type), &v) else {
            v.skip("body")
            v.refuse("type", "is none that outcomes have", "write 271, 277CA, 834 or 835")
            return
        }
        outcome = Outcome(
            partner: partner, id: id, ingestion: ingestion, group: group, body: body)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
    }

    /// The body of a type; nil where the type has none.
    private static func body<V: LineVisitor>(
        _ body: Outcome.Body?, _ type: TransactionType?, _ v: inout V
    ) -> Outcome.Body? {
        switch type {
        case .interchangeAcknowledgment:
            var value = TA1Content.blank
            if case .interchangeAcknowledgment(let own) = body { value = own }
            v.object("body", &value)
            return .interchangeAcknowledgment(value)
        case .implementationAcknowledgment:
            var value = AcknowledgmentLine.blank
            if case .implementationAcknowledgment(let own) = body { value.segments = own }
            v.object("body", &value)
            return .implementationAcknowledgment(value.segments)
        case .eligibilityResponse:
            var value = EligibilityResponse.blank
            if case .eligibility(let own) = body { value = own }
            v.object("body", &value)
            return .eligibility(value)
        case .claimAcknowledgment:
            var value = ClaimAcknowledgment.blank
            if case .claims(let own) = body { value = own }
            v.object("body", &value)
            return .claims(value)
        case .remittance:
            var value = Remittance.blank
            if case .remittance(let own) = body { value = own }
            v.object("body", &value)
            return .remittance(value)
        case .enrollment:
            var value = Enrollment.blank
            if case .enrollment(let own) = body { value = own }
            v.object("body", &value)
            return .enrollment(value)
        default: return nil
        }
    }
}
