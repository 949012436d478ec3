/// A cron expression of five fields: minute, hour, day of month, month, day of week.
///
/// Parsed once into bit masks; two are equal where their text is the same. `docs/timetable.md`
/// has the grammar and the rules for clock changes.
public struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// The text as it was given.
    public let description: String
    /// Whether the job follows the real clock at a clock change: its minute or hour field starts
    /// with `*` (Debian's cron, cron(8): "wildcard jobs").
    public var followsClock: Bool { fields.followsClock }

    let fields: CronFields

    init(text: String, fields: CronFields) {
        description = text
        self.fields = fields
    }

    /// Whether two expressions have the same text.
    public static func == (left: CronExpression, right: CronExpression) -> Bool {
        left.description == right.description
    }

    /// Feeds the text.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(description)
    }
}

/// What a cron expression selects, as bit masks.
struct CronFields: Sendable {
    /// Bits 0 to 59.
    var minutes: UInt64 = 0
    /// Bits 0 to 23.
    var hours: UInt32 = 0
    /// Bits 1 to 31.
    var daysOfMonth: UInt32 = 0
    /// `L` in day of month.
    var hasLastDay = false
    /// Bits 1 to 12.
    var months: UInt32 = 0
    /// Bits 0 to 6, Sunday first.
    var weekdays: UInt32 = 0
    /// `MON#2`: bit 7·(n-1) + weekday, n from 1 to 5.
    var nthWeekdays: UInt64 = 0
    /// `5L`: bits 0 to 6.
    var lastWeekdays: UInt32 = 0
    /// Whether a day must be in both day fields (one of them starts with `*`) or in either.
    var needsBothDays = false
    var followsClock = false

    /// The last year that a search looks at.
    static let yearMax = 9999

    /// The days of a month that match, bits 1 to 31, from its shape alone.
    ///
    /// - Parameter firstWeekday: the weekday of the 1st, 0 for Sunday.
    @inline(__always)
    func days(firstWeekday: Int, dayCount: Int) -> UInt32 {
        var ofMonth = daysOfMonth
        if hasLastDay { ofMonth |= 1 << UInt32(dayCount) }
        // Bit k of a rotated mask is the weekday of day k + 1; five copies cover the month.
        // Wrapping multiplication: 35 bits fit.
        var ofWeek = CronFields.rotated(weekdays, by: firstWeekday) &* 0x1020_4081
        if nthWeekdays != 0 {
            for week in 0..<5 {
                let mask = UInt32(truncatingIfNeeded: nthWeekdays >> UInt64(week * 7)) & 0x7F
                ofWeek |= CronFields.rotated(mask, by: firstWeekday) << UInt64(week * 7)
            }
        }
        if lastWeekdays != 0 {
            let weekStart = (firstWeekday + dayCount) % 7  // weekday of the last seven days' first
            ofWeek |= CronFields.rotated(lastWeekdays, by: weekStart) << UInt64(dayCount - 7)
        }
        let inMonth = ((UInt64(1) << UInt64(dayCount)) - 1) << 1
        ofWeek <<= 1
        let both = needsBothDays ? UInt64(ofMonth) & ofWeek : UInt64(ofMonth) | ofWeek
        return UInt32(truncatingIfNeeded: both & inMonth)
    }

    @inline(__always)
    private static func rotated(_ mask: UInt32, by weekday: Int) -> UInt64 {
        let shift = UInt32(weekday)
        return UInt64((mask >> shift | mask << (7 - shift)) & 0x7F)
    }

    /// Whether any day of any year matches.
    ///
    /// A year is one of fourteen (seven first weekdays, leap or not), and all of them occur.
    var canOccur: Bool {
        for isLeap in [false, true] {
            for newYear in 0..<7 {
                var weekday = newYear
                for month in 1...12 {
                    let count = CivilDate.dayCount(ofMonth: month, year: isLeap ? 2000 : 2001)
                    if months >> UInt32(month) & 1 == 1,
                        days(firstWeekday: weekday, dayCount: count) != 0
                    {
                        return true
                    }
                    weekday = (weekday + count) % 7
                }
            }
        }
        return false
    }
}

extension CronFields {
    /// The first matching minute at or after a local time, both in seconds since 1970 on the wall
    /// clock; `nil` after year 9999.
    ///
    /// No clock change is known here. Goes from set bit to set bit, and over months at most, of
    /// which an expression that can occur at all needs 40 years' worth (29 February and weekday).
    @inline(__always)
    func firstMatch(atOrAfter local: Int64) -> Int64? {
        let minute = -floorDivide(-local, 60)
        let day = floorDivide(minute, 1440)
        let date = CivilDate(daysSinceEpoch: Int(day))
        guard date.year <= CronFields.yearMax else { return nil }
        let minuteOfDay = UInt32(minute - day * 1440)
        var remaining: UInt32 = 0
        var firstDay = Int(day) - date.day + 1
        if months >> UInt32(date.month) & 1 == 1 {
            let weekday = CivilDate.weekdayNumber(daysSinceEpoch: firstDay)
            let all = days(firstWeekday: weekday, dayCount: date.lastDayOfMonth)
            if all >> UInt32(date.day) & 1 == 1, let time = time(atOrAfter: minuteOfDay) {
                return (day * 1440 + Int64(time)) * 60
            }
            let past = (UInt32(2) << UInt32(date.day)) &- 1  // bits 0 to the day; wraps at day 31
            remaining = all & ~past
        }
        var year = date.year
        var month = date.month
        while remaining == 0 {
            firstDay += CivilDate.dayCount(ofMonth: month, year: year)
            month += 1
            if month == 13 {
                month = 1
                year += 1
                guard year <= CronFields.yearMax else { return nil }
            }
            guard months >> UInt32(month) & 1 == 1 else { continue }
            remaining = days(
                firstWeekday: CivilDate.weekdayNumber(daysSinceEpoch: firstDay),
                dayCount: CivilDate.dayCount(ofMonth: month, year: year))
        }
        let found = Int64(firstDay + remaining.trailingZeroBitCount - 1)
        return (found * 1440 + Int64(firstTimeOfDay)) * 60
    }

    private var firstTimeOfDay: Int {
        hours.trailingZeroBitCount * 60 + minutes.trailingZeroBitCount
    }

    /// The first matching minute of the day at or after one.
    @inline(__always)
    private func time(atOrAfter minuteOfDay: UInt32) -> Int? {
        let hour = minuteOfDay / 60
        if hours >> hour & 1 == 1 {
            let later = minutes >> UInt64(minuteOfDay % 60)
            if later != 0 { return Int(minuteOfDay) + later.trailingZeroBitCount }
        }
        let laterHours = hours >> (hour + 1)
        guard laterHours != 0 else { return nil }
        return (Int(hour) + 1 + laterHours.trailingZeroBitCount) * 60
            + minutes.trailingZeroBitCount
    }
}
