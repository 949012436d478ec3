/// The 16 random bytes that are made with a log and stand in each of its segments.
///
/// They seed every batch's checksum, so that a batch of another log is never taken for one of this.
public struct LogIdentity: Hashable, Sendable {
    /// The first eight bytes, read as a little-endian integer.
    public let low: UInt64
    /// The last eight bytes, read as a little-endian integer.
    public let high: UInt64

    /// An identity of two integers, stored little-endian, `low` first.
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// A new identity from the system's random numbers.
    public static func random() -> LogIdentity {
        var generator = SystemRandomNumberGenerator()
        return LogIdentity(low: generator.next(), high: generator.next())
    }
}

extension LogIdentity: CustomStringConvertible {
    /// The bytes in hexadecimal, in the order of the file.
    public var description: String { Self.hexadecimal(low) + Self.hexadecimal(high) }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value.byteSwapped, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
