/// A fixed interval: fires at its anchor and every period after it, in elapsed time.
///
/// No clock change moves it; its first occurrence is the anchor itself.
public struct Interval: Hashable, Sendable, CustomStringConvertible {
    /// The time between two occurrences, in microseconds, always positive.
    public let periodMicroseconds: Int64
    /// The first occurrence.
    public let anchor: Instant

    /// Makes an interval; throws `invalidInterval` where the period is not positive.
    public init(
        periodMicroseconds: Int64, anchor: Instant = .unixEpoch
    ) throws(TimetableError) {
        guard periodMicroseconds > 0 else {
            throw TimetableError(
                .invalidInterval, "an interval must be positive. Write for example 15m.",
                field: "every")
        }
        self.periodMicroseconds = periodMicroseconds
        self.anchor = anchor
    }

    /// Reads `5s`, `15m`, `2h`, `1d`, `1h30m`, or ISO 8601 such as `PT5S` and `P1DT12H`.
    ///
    /// A day is 24 hours. Weeks, months, years and fractions are refused.
    public init(
        parsing text: String, anchor: Instant = .unixEpoch
    ) throws(TimetableError) {
        let seconds = try DurationReader(text: text).seconds()
        try self.init(periodMicroseconds: seconds * 1_000_000, anchor: anchor)
    }

    /// The period in seconds, such as `every 900 s`.
    public var description: String {
        let (whole, rest) = periodMicroseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return rest == 0 ? "every \(whole) s" : "every \(periodMicroseconds) µs"
    }

    /// The number of occurrences up to and including an instant.
    func count(upTo instant: Instant) -> Int128 {
        guard instant >= anchor else { return 0 }
        let elapsed = Int128(instant.microseconds) - Int128(anchor.microseconds)
        return elapsed / Int128(periodMicroseconds) + 1
    }

    /// The occurrence of a number, the anchor being 0; `nil` beyond the range of `Instant`.
    func instant(number: Int128) -> Instant? {
        let microseconds = Int128(anchor.microseconds) + number * Int128(periodMicroseconds)
        return Int64(exactly: microseconds).map(Instant.init(microseconds:))
    }

    /// The first occurrence strictly after an instant; `nil` beyond the range of `Instant`.
    public func next(after instant: Instant) -> Instant? {
        self.instant(number: count(upTo: instant))
    }

    /// The last occurrence at or before an instant; `nil` before the anchor.
    public func previous(atOrBefore instant: Instant) -> Instant? {
        let count = count(upTo: instant)
        return count == 0 ? nil : self.instant(number: count - 1)
    }
}

/// A reader of durations made of numbers with units.
private struct DurationReader {
    let text: String

    /// A hundred years: what is longer is a mistake.
    private static let secondsMax: Int64 = 100 * 366 * 86_400

    func seconds() throws(TimetableError) -> Int64 {
        guard text.utf8.count <= 60 else { throw error(0) }
        var rest = Array(text.utf8)[...]
        let isISO = rest.first == UInt8(ascii: "P")
        var units: [(unit: Unicode.Scalar, seconds: Int64)] = [
            ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
        ]
        var isTime = !isISO
        if isISO { rest.removeFirst() }
        var total: Int64 = 0
        var hasPart = false
        while let first = rest.first {
            if isISO, !isTime, first == UInt8(ascii: "T") {
                isTime = true
                units.removeAll { $0.unit == "d" }
                rest.removeFirst()
                hasPart = false
                continue
            }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...12).contains(digits.count) else { throw error(rest.startIndex) }
            let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
            rest = rest[digits.endIndex...]
            let place = units.firstIndex { unit in
                let letter = UInt8(ascii: unit.unit)
                return rest.first == (isISO ? letter & 0xDF : letter)
            }
            // Before the T of ISO 8601, M is months: only D is allowed there.
            guard let place, isTime || units[place].unit == "d" else {
                throw error(rest.startIndex)
            }
            total += value * units[place].seconds
            guard total <= DurationReader.secondsMax else {
                throw TimetableError(
                    .invalidInterval,
                    "\(quoted(text)) is longer than 100 years. Write a shorter interval.",
                    field: "every", column: 1)
            }
            units.removeSubrange(...place)  // Greater units come first, each once.
            rest.removeFirst()
            hasPart = true
        }
        guard hasPart else { throw error(rest.startIndex) }
        guard total > 0 else {
            throw TimetableError(
                .invalidInterval, "\(quoted(text)) is not positive. Write for example 15m.",
                field: "every", column: 1)
        }
        return total
    }

    private func error(_ offset: Int) -> TimetableError {
        TimetableError(
            .invalidInterval,
            "\(quoted(text)) is not a duration. Write whole numbers with the units d, h, m, s, "
                + "the greatest first, as in 15m or 1h30m, or ISO 8601 such as PT15M.",
            field: "every", column: column(ofByte: offset, in: Array(text.utf8)))
    }
}
