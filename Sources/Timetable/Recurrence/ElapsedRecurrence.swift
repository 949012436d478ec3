/// A rule by hours, minutes or seconds: it counts elapsed time from the start, whatever the clocks
/// do, and its parts look at the wall clock of each moment.
///
/// Its periods are windows of time. Where the rule has no part below its period, the window is the
/// one second that the start says: then the minute of an hourly rule moves on the wall clock where
/// clocks change by half an hour. Where it has such parts, the window is the whole minute or hour.
struct ElapsedRecurrence: Sendable {
    /// The first window's first second, UTC, and the distance from window to window.
    private let origin: Int64
    private let step: Int64
    /// 1, 60 or 3600 seconds.
    private let window: Int64
    private let start: Int64
    private let days: YearDays
    /// What the parts from the window's length up allow.
    private let filter: DayTimes
    /// What all parts together allow.
    private let times: DayTimes
    private let positions: [Int]
    private let isNever: Bool
    private let table: ZoneTable
    /// The remainders by 7 of all allowed days, since 1970.
    private let weekdays: UInt64

    /// The last second of the year 9999, with a day to spare for zones.
    static let secondMax = Int64(CivilRecurrence.dayMax + 1) * 86_400

    init(rule: RecurrenceRule, period: Int64, startSecond: Int64, table: ZoneTable) {
        start = startSecond
        self.table = table
        let offset = table.segment(table.index(at: startSecond))?.offset ?? 0
        let local = CivilDateTime(localSeconds: startSecond + offset)
        days = YearDays(rule: rule, start: local.date)
        step = period * Int64(rule.interval)
        let hasMinutes = rule.frequency == .hourly && !rule.minutes.isEmpty
        let hasSeconds = rule.frequency != .secondly && !rule.seconds.isEmpty
        window = hasMinutes ? 3600 : hasSeconds ? 60 : 1
        origin = startSecond - floorRemainder(startSecond + offset, window)
        let hours = DayTimes.mask(rule.hours, else: DayTimes.allHours)
        let minutes = DayTimes.mask(rule.minutes, else: DayTimes.allSixty)
        let seconds = DayTimes.mask(rule.seconds, else: DayTimes.allSixty)
        filter = DayTimes(
            hours: hours, minutes: window <= 60 ? minutes : DayTimes.allSixty,
            seconds: window == 1 ? seconds : DayTimes.allSixty)
        times = DayTimes(
            hours: hours, minutes: minutes,
            seconds: window == 3600 && rule.seconds.isEmpty
                ? 1 << UInt64(local.time.second) : seconds)
        positions = rule.positions
        // Twice, since a clock change may show the minutes of a window twice.
        let most =
            window == 1
            ? 1 : (window == 60 ? 1 : minutes.nonzeroBitCount * 2) * times.seconds.nonzeroBitCount
        let isPossible = rule.positions.isEmpty || rule.positions.contains { abs($0) <= most }
        isNever = days.isEmpty || !isPossible
        weekdays = days.weekdays
    }

    /// The first instance at or after a second of UTC; `nil` where there is none until the year
    /// 9999.
    func first(from second: Int64) -> Int64? {
        let low = max(second, start)
        guard !isNever, low < ElapsedRecurrence.secondMax else { return nil }
        var number = max(0, floorDivide(low - origin, step))
        var index = table.index(at: origin + number * step)
        guard var segment = table.segment(index) else { return nil }
        // The offsets seen so far, a few, and whether steps reach anything under them.
        var known = [(offset: segment.offset, isReachable: canMatch(offset: segment.offset))]
        var isReachable = known[0].isReachable
        while true {
            let first = origin + number * step
            guard first < ElapsedRecurrence.secondMax else { return nil }
            if first >= segment.end {
                // The next segment is the usual one; a long step may leave out many.
                index = first - segment.end < 86_400 ? index + 1 : table.index(at: first)
                guard let next = table.segment(index) else { return nil }
                if let same = known.first(where: { $0.offset == next.offset }) {
                    isReachable = same.isReachable
                } else {
                    isReachable = canMatch(offset: next.offset)
                    known.append((next.offset, isReachable))
                }
                segment = next
                continue
            }
            let isWhole = first + window <= segment.end
            if isWhole {
                guard let skipped = skip(first, in: segment, isReachable) else { return nil }
                if skipped > first {
                    let target = floorDivide(min(skipped, segment.end) - origin, step)
                    number = max(number + 1, target)
                    continue
                }
            }
            if let found = instance(inWindow: first, from: low) { return found }
            number += 1
        }
    }

    /// Where to look on from a window: its own start where it may hold an instance, else a later
    /// second before which there is none in its segment; `nil` where no day is left.
    @inline(__always)
    private func skip(_ first: Int64, in segment: ZoneTable.Segment, _ isReachable: Bool) -> Int64?
    {
        if !isReachable { return segment.end }
        let local = first + segment.offset
        let day = Int(floorDivide(local, 86_400))
        guard day <= CivilRecurrence.dayMax else { return nil }
        let year = YearDays.Year(CivilDate(daysSinceEpoch: day).year)
        let second = Int(local - Int64(day) * 86_400)
        var next = day
        if days.contains(year, day - year.firstDay) {
            if let time = filter.first(from: second) {
                // Hours that begin inside the window still belong to it.
                let found = first + Int64(time - second)
                return found < first + window ? first : found
            }
            next = day + 1
        }
        // The window may reach into the next day.
        guard let allowed = allowedDay(from: next == day ? day + 1 : next, year),
            let time = filter.first
        else { return nil }
        let found = Int64(allowed) * 86_400 + Int64(time) - segment.offset
        return found < first + window ? first : found
    }

    private func allowedDay(from day: Int, _ year: YearDays.Year) -> Int? {
        var year = year
        var index = day - year.firstDay
        while year.year <= CronFields.yearMax {
            if let found = days.first(year, from: index) { return year.firstDay + found }
            index = max(0, index - year.dayCount)
            year = YearDays.Year(year.year + 1)
        }
        return nil
    }

    /// The first instance of a window that BYSETPOS leaves, at or after `low`.
    private func instance(inWindow first: Int64, from low: Int64) -> Int64? {
        var found: [Int64] = []
        var second = first
        let end = first + window
        while second < end, let segment = table.segment(table.index(at: second)) {
            let last = min(end, segment.end)
            while second < last {
                let local = second + segment.offset
                let minute = floorDivide(local, 60) * 60
                let nextMinute = min(minute + 60 - segment.offset, last)
                if allows(minute: minute) {
                    for place in second..<nextMinute
                    where times.seconds >> UInt64(place + segment.offset - minute) & 1 == 1 {
                        if positions.isEmpty && place >= low { return place }
                        found.append(place)
                    }
                }
                second = nextMinute
            }
        }
        var best: Int64?
        for position in positions {
            let index = position > 0 ? position - 1 : found.count + position
            guard found.indices.contains(index), found[index] >= low else { continue }
            best = min(best ?? .max, found[index])
        }
        return best
    }

    private func allows(minute: Int64) -> Bool {
        let day = Int(floorDivide(minute, 86_400))
        let second = Int(minute - Int64(day) * 86_400)
        guard times.hours >> UInt64(second / 3600) & 1 == 1,
            times.minutes >> UInt64(second / 60 % 60) & 1 == 1
        else { return false }
        let year = YearDays.Year(CivilDate(daysSinceEpoch: day).year)
        return days.contains(year, day - year.firstDay)
    }
}

/// What steps of a fixed length can reach at all.
extension ElapsedRecurrence {
    /// Whether, under an offset, any window ever begins on an allowed weekday and time.
    ///
    /// The windows' starts have one remainder by the greatest common divisor of the step and a
    /// week; so an hourly rule with an interval of 24 stays at its hour, and none other is tried
    /// until the year 9999.
    private func canMatch(offset: Int64) -> Bool {
        let local = origin + offset
        guard floorRemainder(local, window) == 0 else { return true }
        func divisor(_ unit: Int64) -> Int64 {
            var (one, two) = (step, unit)
            while two != 0 { (one, two) = (two, one % two) }
            return one
        }
        let (byMinute, byHour, byDay, byWeek) = (
            divisor(60), divisor(3600), divisor(86_400), divisor(604_800)
        )
        let seconds: [Int64] =
            window == 1 ? ElapsedRecurrence.places(filter.seconds) : [0]
        let minutes: [Int64] =
            window <= 60 ? ElapsedRecurrence.places(filter.minutes) : [0]
        for second in seconds where floorRemainder(local - second, byMinute) == 0 {
            for minute in minutes where floorRemainder(local - second - minute * 60, byHour) == 0 {
                for hour in ElapsedRecurrence.places(filter.hours) {
                    let time = hour * 3600 + minute * 60 + second
                    guard floorRemainder(local - time, byDay) == 0 else { continue }
                    if byWeek == byDay { return true }
                    // 1970-01-01, day 0, was a Thursday, and so is every seventh day.
                    for day in Int64(0)..<7
                    where weekdays >> UInt64(day) & 1 == 1
                        && floorRemainder(local - time - day * 86_400, byWeek) == 0
                    {
                        return true
                    }
                }
            }
        }
        return false
    }

    private static func places(_ mask: UInt64) -> [Int64] {
        (0..<Int64(64)).filter { mask >> UInt64($0) & 1 == 1 }
    }
}
