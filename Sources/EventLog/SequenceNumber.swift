/// The place of a record in the log; the first record is 0 and there are no gaps.
public struct SequenceNumber: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    /// The number itself.
    public let rawValue: UInt64

    /// The record number `rawValue`.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The record number `value`.
    @inlinable
    public init(_ value: UInt64) { rawValue = value }

    /// The first record of every log.
    public static let zero = SequenceNumber(0)

    /// Whether the one record comes before the other.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The number that comes `count` records later.
    ///
    /// - Precondition: the result fits 64 bits.
    public func advanced(by count: Int) -> SequenceNumber {
        SequenceNumber(rawValue + UInt64(count))
    }

    /// The number of the record before, or nil for the first.
    public var previous: SequenceNumber? {
        rawValue == 0 ? nil : SequenceNumber(rawValue - 1)
    }
}

extension SequenceNumber: CustomStringConvertible {
    /// The number in decimal.
    public var description: String { String(rawValue) }
}

extension SequenceNumber {
    /// Reads the number from JSON: a plain number.
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(UInt64.self)
    }

    /// Writes the number to JSON: a plain number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
