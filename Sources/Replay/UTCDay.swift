import Events

/// A day in UTC.
public struct UTCDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public let number: Int64

    static let microseconds: Int64 = 86_400_000_000

    /// A day by its number.
    init(number: Int64) { self.number = number }

    /// The day that holds a moment, µs since 1970 UTC.
    public init(holding moment: Int64) {
        number = moment / Self.microseconds - (moment % Self.microseconds < 0 ? 1 : 0)
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// - Throws: `invalid` for anything else, or a date that does not exist.
    public init(parsing text: String) throws(ReplayError) {
        let bytes = Array(text.utf8)
        let isShaped =
            bytes.count == 10
            && bytes.enumerated().allSatisfy { index, byte in
                index == 4 || index == 7
                    ? byte == UInt8(ascii: "-") : byte >= 0x30 && byte <= 0x39
            }
        if isShaped, let year = Int64(text.prefix(4)),
            let month = Int64(text.dropFirst(5).prefix(2)),
            let day = Int64(text.suffix(2)), month >= 1, month <= 12
        {
            let found = UTCDay(number: Self.days(year, month, day))
            // A date that does not exist comes back as another one.
            if found.description == text {
                self = found
                return
            }
        }
        throw ReplayError(.invalid, "'\(text)' is not a day; write it as YYYY-MM-DD, in UTC")
    }

    /// Days since 1970-01-01 of a civil date, as in Howard Hinnant's `days_from_civil`.
    static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Its first microsecond.
    public var start: Int64 { number * Self.microseconds }

    /// The first microsecond of the next day.
    public var end: Int64 { start + Self.microseconds }

    /// Whether one comes before another.
    public static func < (a: UTCDay, b: UTCDay) -> Bool { a.number < b.number }

    /// The day as `YYYY-MM-DD`.
    public var description: String { String(UTCText.of(microseconds: start).prefix(10)) }
}
