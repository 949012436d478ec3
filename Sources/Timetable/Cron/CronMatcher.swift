/// Finds the local times that the fields of a cron expression match; no clock change is known here.
///
/// It keeps the days of the month it was in, and its last answer, which stands for every question
/// between it and its own.
struct CronMatcher: LocalTimes {
    private let fields: CronFields
    private let firstTime: Int64
    private var year = 0
    private var month = 0
    /// Days since 1970 of the month's first day and of the next month's.
    private var monthStart = 0
    private var monthEnd = 0
    private var days: UInt32 = 0
    private var asked = Int64.max
    private var answer = Int64.min
    /// Months looked at so far.
    private(set) var monthCount = 0

    let repetition: (start: Int64, cycleCount: Int64) = (.min, 1)

    init(fields: CronFields) {
        self.fields = fields
        firstTime = fields.firstTimeOfDay
    }

    /// The first matching second at or after one, both in seconds since 1970 on the wall clock;
    /// `nil` after year 9999.
    ///
    /// Goes from set bit to set bit, and over months at most, of which an expression that can
    /// occur at all needs 40 years' worth (29 February and weekday).
    @inline(__always)
    mutating func first(atOrAfter local: Int64) -> Int64? {
        if local >= asked, local <= answer { return answer }
        let day = Int(floorDivide(local, 86_400))
        if day < monthStart || day >= monthEnd {
            let date = CivilDate(daysSinceEpoch: day)
            guard date.year <= CronFields.yearMax else { return nil }
            load(year: date.year, month: date.month, start: day - date.day + 1)
        }
        let dayOfMonth = UInt32(truncatingIfNeeded: day - monthStart + 1)
        var found: Int64
        if days >> dayOfMonth & 1 == 1,
            let time = fields.time(
                atOrAfter: UInt32(truncatingIfNeeded: local - Int64(day) * 86_400))
        {
            found = Int64(day) * 86_400 + time
        } else {
            let past = (UInt32(2) << dayOfMonth) &- 1  // bits 0 to the day; wraps at day 31
            var rest = days & ~past
            while rest == 0 {
                guard advance() else { return nil }
                rest = days
            }
            found = Int64(monthStart + rest.trailingZeroBitCount - 1) * 86_400 + firstTime
        }
        asked = local
        answer = found
        return found
    }

    private mutating func load(year: Int, month: Int, start: Int) {
        monthCount += 1
        self.year = year
        self.month = month
        let dayCount = CivilDate.dayCount(ofMonth: month, year: year)
        monthStart = start
        monthEnd = start + dayCount
        days =
            fields.months >> UInt32(month) & 1 == 0
            ? 0
            : fields.days(
                firstWeekday: CivilDate.weekdayNumber(daysSinceEpoch: start), dayCount: dayCount)
    }

    /// Goes to the next month; `false` after year 9999.
    private mutating func advance() -> Bool {
        let isNewYear = month == 12
        let next = isNewYear ? year + 1 : year
        guard next <= CronFields.yearMax else { return false }
        load(year: next, month: isNewYear ? 1 : month + 1, start: monthEnd)
        return true
    }
}

/// A search through the instants of a cron expression in one zone.
typealias CronWalk = ClockWalk<CronMatcher>

extension CronWalk {
    init(_ expression: CronExpression, in zone: Zone) {
        self.init(CronMatcher(fields: expression.fields), expression.rules, in: zone.table)
    }

    /// Months and segments looked at so far.
    var stepCount: Int { segmentCount + times.monthCount }
}
