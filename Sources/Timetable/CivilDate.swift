/// A day of the week.
public enum Weekday: Int, CaseIterable, Hashable, Sendable {
    /// Sunday is 0, as in cron.
    case sunday = 0
    /// Monday is 1.
    case monday
    /// Tuesday is 2.
    case tuesday
    /// Wednesday is 3.
    case wednesday
    /// Thursday is 4.
    case thursday
    /// Friday is 5.
    case friday
    /// Saturday is 6.
    case saturday
}

/// A date of the proleptic Gregorian calendar, without time or zone.
///
/// Arithmetic goes by days since 1970-01-01, after Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms" (https://howardhinnant.github.io/date_algorithms.html).
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The year; 0 is 1 BC, and negative years come before.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, 1 to 31.
    public let day: Int

    /// Makes a date; `nil` where there is no such day or the year is outside -9999 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (-9999...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.dayCount(ofMonth: month, year: year)
        else { return nil }
        self.init(uncheckedYear: year, month: month, day: day)
    }

    @inline(__always)
    init(uncheckedYear year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Makes the date a number of days after 1970-01-01.
    ///
    /// Counts beyond ±10^12 days (2.7 thousand million years) take the nearest of these.
    public init(daysSinceEpoch: Int) {
        // 719,468 days from 0000-03-01, the start of a 400-year era, to 1970-01-01.
        let days = min(max(daysSinceEpoch, -1_000_000_000_000), 1_000_000_000_000) + 719_468
        let era = floorDivide(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153  // 0 is March
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01, negative before.
    public var daysSinceEpoch: Int {
        CivilDate.daysSinceEpoch(year: year, month: month, day: day)
    }

    @inline(__always)
    static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let shiftedMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The day of the week.
    public var weekday: Weekday {
        Weekday(rawValue: CivilDate.weekdayNumber(daysSinceEpoch: daysSinceEpoch)) ?? .sunday
    }

    /// The day of the week as in cron, 0 for Sunday; 1970-01-01 was a Thursday.
    @inline(__always)
    static func weekdayNumber(daysSinceEpoch: Int) -> Int {
        floorRemainder(daysSinceEpoch + 4, 7)
    }

    /// The last day of this date's month, 28 to 31.
    public var lastDayOfMonth: Int { CivilDate.dayCount(ofMonth: month, year: year) }

    /// Whether a year has a 29 February.
    public static func isLeap(year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// How many days a month has; the month must be 1 to 12.
    @inline(__always)
    static func dayCount(ofMonth month: Int, year: Int) -> Int {
        // 30 or 31 alternate, and the alternation turns over between July and August.
        month == 2 ? (isLeap(year: year) ? 29 : 28) : 30 + ((month + (month >> 3)) & 1)
    }

    /// The date a number of days later, or earlier where the number is negative.
    public func adding(days: Int) -> CivilDate {
        let bounded = min(max(days, -1_000_000_000_000), 1_000_000_000_000)
        return CivilDate(daysSinceEpoch: daysSinceEpoch + bounded)
    }

    /// Whether one date is before another.
    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    /// The date as `YYYY-MM-DD`; years outside 0 to 9999 have a sign and at least four digits.
    public var description: String {
        var text = CivilText()
        text.date(self)
        return text.text
    }
}
