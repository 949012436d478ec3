/// A point in time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// The range of `Int64` reaches 292,000 years either way; searches stop at the end of year 9999.
public struct Instant: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z, negative before.
    public var microseconds: Int64

    /// 1970-01-01T00:00:00Z.
    public static let unixEpoch = Instant(microseconds: 0)

    /// Makes an instant from microseconds since 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Makes an instant from whole seconds since 1970-01-01T00:00:00Z.
    ///
    /// What lies outside the range of `Int64` microseconds takes the nearest end of it.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        microseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    public var seconds: Int64 { floorDivide(microseconds, 1_000_000) }

    /// The microseconds past the whole second, 0 to 999,999.
    public var microsecondOfSecond: Int { Int(floorRemainder(microseconds, 1_000_000)) }

    /// Whether one instant is before another.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }
}

/// The quotient rounded towards minus infinity; the divisor must be positive.
@inline(__always)
func floorDivide<Value: FixedWidthInteger & SignedInteger>(_ value: Value, _ by: Value) -> Value {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
    return remainder < 0 ? quotient - 1 : quotient
}

/// The remainder that goes with `floorDivide`: never negative; the divisor must be positive.
@inline(__always)
func floorRemainder<Value: FixedWidthInteger & SignedInteger>(
    _ value: Value, _ by: Value
) -> Value {
    let remainder = value % by
    return remainder < 0 ? remainder + by : remainder
}

/// The greatest number that divides both, of which the second must be positive.
func greatestCommonDivisor<Value: FixedWidthInteger & SignedInteger>(
    _ one: Value, _ two: Value
) -> Value {
    var (greater, less) = (one, two)
    while less != 0 { (greater, less) = (less, greater % less) }
    return greater
}
