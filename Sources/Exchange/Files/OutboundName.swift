import Timetable
import X12

/// The name of a file of ours: `PARTNER_TYPE_ISA13_yyyyMMddTHHmmssZ.edi`.
///
/// A partner's name may hold `_`, so the name is read from its end. Exactly one text stands for
/// one name.
public struct OutboundName: Hashable, Sendable, CustomStringConvertible {
    /// The partner.
    public let partner: String
    /// The type.
    public let type: TransactionType
    /// ISA13, 1 to 999,999,999.
    public let controlNumber: UInt64
    /// When the file was made, µs, on the second.
    public let time: Int64
    /// The day of `time`.
    let date: CivilDate
    private let stamp: String

    private static let suffix = ".edi"
    private static let numbers: ClosedRange<UInt64> = 1...999_999_999

    /// A name; the part of `time` below a second is dropped.
    public init(
        partner: String, type: TransactionType, controlNumber: UInt64, at time: Int64
    ) throws(ExchangeError) {
        guard ExchangePath.isPartner(partner) else {
            throw Self.refusal("its partner is not 1 to 64 letters, digits, '-', '.' and '_'")
        }
        guard Self.numbers.contains(controlNumber) else {
            throw Self.refusal("its ISA13 is not 1 to 999999999")
        }
        date = try ExchangeTime.day(of: time)
        stamp = try ExchangeTime.stamp(of: time)
        self.partner = partner
        self.type = type
        self.controlNumber = controlNumber
        self.time = time / 1_000_000 * 1_000_000
    }

    /// The name that a text is.
    public init(parsing text: String) throws(ExchangeError) {
        guard text.utf8.count <= 128, text.hasSuffix(Self.suffix) else {
            throw Self.refusal("it does not end with .edi, or is too long")
        }
        let parts = text.dropLast(Self.suffix.count).split(
            separator: "_", omittingEmptySubsequences: false)
        guard parts.count >= 4 else { throw Self.refusal("it has fewer than four parts") }
        guard let type = TransactionType(rawValue: String(parts[parts.count - 3])) else {
            throw Self.refusal("its type is not known")
        }
        let digits = parts[parts.count - 2]
        guard digits.utf8.count == 9, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = UInt64(digits)
        else { throw Self.refusal("its ISA13 is not nine digits") }
        guard let time = ExchangeTime.moment(stamp: parts[parts.count - 1]) else {
            throw Self.refusal("its time is not yyyyMMddTHHmmssZ")
        }
        try self.init(
            partner: parts.dropLast(3).joined(separator: "_"), type: type, controlNumber: number,
            at: time)
    }

    /// The name as text.
    public var description: String {
        let digits = String(controlNumber)
        let isa13 = String(repeating: "0", count: 9 - digits.count) + digits
        return "\(partner)_\(type.rawValue)_\(isa13)_\(stamp)\(Self.suffix)"
    }

    /// Never repeats the text, which may be a sender's.
    private static func refusal(_ fault: String) -> ExchangeError {
        ExchangeError(
            "name",
            "this is no name of an outbound file: \(fault). Its form is "
                + "PARTNER_TYPE_ISA13_yyyyMMddTHHmmssZ.edi")
    }
}
