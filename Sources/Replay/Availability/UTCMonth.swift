import Events

/// A calendar month in UTC.
public struct UTCMonth: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The year.
    public let year: Int64
    /// The month, 1 to 12.
    public let month: Int64

    private init(year: Int64, month: Int64) {
        self.year = year
        self.month = month
    }

    /// The month that holds a moment, µs since 1970 UTC.
    public init(holding moment: Int64) {
        let text = UTCDay(holding: moment).description
        self.init(
            year: Int64(text.prefix(4)) ?? 1970, month: Int64(text.dropFirst(5).prefix(2)) ?? 1)
    }

    /// Reads `YYYY-MM`.
    ///
    /// - Throws: `invalid` for anything else.
    public init(parsing text: String) throws(ReplayError) {
        do throws(ReplayError) { _ = try UTCDay(parsing: text + "-01") } catch {
            throw ReplayError(.invalid, "'\(text)' is not a month; write it as YYYY-MM, in UTC")
        }
        self.init(year: Int64(text.prefix(4)) ?? 1970, month: Int64(text.suffix(2)) ?? 1)
    }

    /// The month after it.
    public var next: UTCMonth {
        month == 12
            ? UTCMonth(year: year + 1, month: 1) : UTCMonth(year: year, month: month + 1)
    }

    /// Its first microsecond.
    public var start: Int64 { UTCDay.days(year, month, 1) * UTCDay.microseconds }
    /// The first microsecond of the next month.
    public var end: Int64 { next.start }

    /// Whether one comes before another.
    public static func < (a: UTCMonth, b: UTCMonth) -> Bool {
        (a.year, a.month) < (b.year, b.month)
    }

    /// The month as `YYYY-MM`.
    public var description: String { String(UTCDay(holding: start).description.prefix(7)) }
}
