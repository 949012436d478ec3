/// A cron expression: minute, hour, day of month, month, day of week, or six fields with the second
/// before them.
///
/// Parsed once into bit masks; two are equal where their text and their rules for clock changes are
/// the same. `docs/timetable.md` has the grammar and the rules.
public struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// The text as it was given.
    public let description: String
    /// What was asked for local times that a clock change leaves out; `nil` for Debian's rule.
    public let onGap: GapRule?
    /// What was asked for local times that the clock shows twice; `nil` for Debian's rule.
    public let onOverlap: OverlapRule?
    /// Whether the job follows the real clock at a clock change: its minute or hour field starts
    /// with `*` (Debian's cron, cron(8): "wildcard jobs").
    public var followsClock: Bool { fields.followsClock }

    let fields: CronFields
    let rules: ClockChangeRules

    init(text: String, fields: CronFields, onGap: GapRule?, onOverlap: OverlapRule?) {
        description = text
        self.onGap = onGap
        self.onOverlap = onOverlap
        self.fields = fields
        rules = ClockChangeRules(
            followsClock: fields.followsClock, onGap: onGap, onOverlap: onOverlap)
    }

    /// Whether two expressions have the same text and the same rules.
    public static func == (left: CronExpression, right: CronExpression) -> Bool {
        left.description == right.description && left.rules == right.rules
    }

    /// Feeds text and rules.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(description)
        hasher.combine(rules)
    }
}

/// What a cron expression selects, as bit masks.
struct CronFields: Sendable {
    /// Bits 0 to 59; second 0 alone where there are five fields.
    var seconds: UInt64 = 1
    /// Bits 0 to 59.
    var minutes: UInt64 = 0
    /// Bits 0 to 23.
    var hours: UInt32 = 0
    /// Bits 1 to 31.
    var daysOfMonth: UInt32 = 0
    /// `L` in day of month.
    var hasLastDay = false
    /// `LW` in day of month: the last Monday to Friday.
    var hasLastWeekday = false
    /// `15W`: the Monday to Friday nearest to that day within its month, bits 1 to 31.
    var nearestWeekdays: UInt32 = 0
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
        if hasLastWeekday || nearestWeekdays != 0 {
            ofMonth |= nearWeekdays(firstWeekday: firstWeekday, dayCount: dayCount)
        }
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

    /// The days that `LW` and `15W` name.
    private func nearWeekdays(firstWeekday: Int, dayCount: Int) -> UInt32 {
        var result: UInt32 = 0
        if hasLastWeekday {
            let weekday = (firstWeekday + dayCount - 1) % 7
            result |= 1 << UInt32(dayCount - (weekday == 0 ? 2 : weekday == 6 ? 1 : 0))
        }
        var rest = nearestWeekdays
        while rest != 0 {
            let day = rest.trailingZeroBitCount
            rest &= rest - 1
            if day > dayCount { break }
            let near =
                switch (firstWeekday + day - 1) % 7 {
                case 6: day == 1 ? 3 : day - 1
                case 0: day == dayCount ? day - 2 : day + 1
                default: day
                }
            result |= 1 << UInt32(near)
        }
        return result
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
    /// The first matching second of a day.
    var firstTimeOfDay: Int64 {
        let minute = hours.trailingZeroBitCount * 60 + minutes.trailingZeroBitCount
        return Int64(minute * 60 + seconds.trailingZeroBitCount)
    }

    /// The first matching second of a day at or after one.
    @inline(__always)
    func time(atOrAfter secondOfDay: UInt32) -> Int64? {
        var minute = secondOfDay / 60
        let later = seconds >> UInt64(secondOfDay - minute * 60)
        let wanted = minute
        if later == 0 { minute += 1 }
        guard let found = self.minute(atOrAfter: minute) else { return nil }
        if later != 0, found == wanted {
            return Int64(secondOfDay) + Int64(later.trailingZeroBitCount)
        }
        return Int64(found) * 60 + Int64(seconds.trailingZeroBitCount)
    }

    /// The first matching minute of the day at or after one, which may be 1440.
    @inline(__always)
    private func minute(atOrAfter minuteOfDay: UInt32) -> UInt32? {
        let hour = minuteOfDay / 60
        if hours >> hour & 1 == 1 {
            let later = minutes >> UInt64(minuteOfDay - hour * 60)
            if later != 0 { return minuteOfDay + UInt32(later.trailingZeroBitCount) }
        }
        let laterHours = hours >> (hour + 1)
        guard laterHours != 0 else { return nil }
        return (hour + 1 + UInt32(laterHours.trailingZeroBitCount)) * 60
            + UInt32(minutes.trailingZeroBitCount)
    }
}
