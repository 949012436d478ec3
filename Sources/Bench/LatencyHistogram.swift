/// Counts durations by their size: exact to about one part in 32, in a fixed amount of memory.
public struct LatencyHistogram: Sendable {
    private var buckets = [UInt32](repeating: 0, count: 64 * Self.steps)
    /// How many durations were added.
    public private(set) var count = 0
    private static let steps = 32

    /// An empty histogram.
    public init() {}

    /// Adds a duration.
    public mutating func add(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds =
            UInt64(max(seconds, 0)) &* 1_000_000_000
            &+ UInt64(max(attoseconds, 0) / 1_000_000_000)
        buckets[Self.bucket(nanoseconds)] += 1
        count += 1
    }

    /// Adds all that another one counted.
    public mutating func merge(_ other: LatencyHistogram) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        count += other.count
    }

    /// The duration in microseconds that this part of all does not exceed.
    public func quantile(_ part: Double) -> Double {
        let wanted = Int((Double(count) * part).rounded(.up))
        var seen = 0
        for (index, number) in buckets.enumerated() where number > 0 {
            seen += Int(number)
            if seen >= wanted { return Self.upperBound(index) / 1_000 }
        }
        return 0
    }

    /// The exponent, and the five bits after the leading one.
    private static func bucket(_ value: UInt64) -> Int {
        guard value >= UInt64(steps) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let mantissa = Int(value >> UInt64(exponent - 5)) & (steps - 1)
        return (exponent - 4) * steps + mantissa
    }

    private static func upperBound(_ bucket: Int) -> Double {
        guard bucket >= steps else { return Double(bucket) }
        let exponent = bucket / steps + 4
        let mantissa = bucket % steps + steps + 1
        return Double(mantissa) * Double(UInt64(1) << UInt64(exponent - 5))
    }
}
