/// A rule by days, weeks, months or years: it counts on the calendar and the wall clock, and knows
/// no zone.
struct CivilRecurrence: Sendable {
    let frequency: RecurrenceRule.Frequency
    let interval: Int
    /// After how many times 400 years the interval meets the same days again.
    let cycleCount: Int
    let weekStart: Int
    let positions: [Int]
    private(set) var days: YearDays
    let times: DayTimes
    /// The start on the wall clock, in seconds since 1970 there, and its day.
    let start: Int64
    let startDay: Int
    let startDate: CivilDate
    /// The last second that may be an instance.
    private(set) var end: Int64
    /// Whether the rule has no instance at all, whatever the year.
    private var isNever = false

    /// The last day of the year 9999, since 1970.
    static let dayMax = 2_932_896

    /// - Precondition: the frequency is not below a day.
    init(rule: RecurrenceRule, start: CivilDateTime, isAllDay: Bool) {
        frequency = rule.frequency
        interval = rule.interval
        cycleCount = CivilRecurrence.cycleCount(rule)
        weekStart = rule.weekStart.rawValue
        self.start = start.localSeconds
        startDay = start.date.daysSinceEpoch
        startDate = start.date
        days = YearDays(rule: rule, start: start.date)
        // Times of day mean nothing where the start is a date (RFC 5545, 3.3.10).
        let times = DayTimes(
            hours: DayTimes.mask(isAllDay ? [] : rule.hours, else: 1 << UInt64(start.time.hour)),
            minutes: DayTimes.mask(
                isAllDay ? [] : rule.minutes, else: 1 << UInt64(start.time.minute)),
            seconds: DayTimes.mask(
                isAllDay ? [] : rule.seconds, else: 1 << UInt64(start.time.second)))
        let isDaily = rule.frequency == .daily
        self.times = isDaily && !rule.positions.isEmpty ? times.choosing(rule.positions) : times
        positions = isDaily ? [] : rule.positions
        switch rule.until {
        case .date(let date)?: end = CivilDateTime(date: date, time: .midnight).localSeconds
        case .local(let local)?: end = local.localSeconds
        default: end = Int64(CivilRecurrence.dayMax + 1) * 86_400 - 1
        }
        dropUnreachable()
        isNever = days.isEmpty || self.times.first == nil || !isAnyPositionPossible
        if let count = rule.count, !isNever { end = min(end, instance(number: count) ?? end) }
    }

    /// Takes away the days that the interval never meets, so that "never" is known at once.
    private mutating func dropUnreachable() {
        if frequency == .daily, interval % 7 == 0 {
            days.keep(weekday: startDate.weekday.rawValue)
        } else if frequency == .monthly, interval > 1 {
            let divisor = greatestCommonDivisor(interval, 12)
            for month in 1...12 where (month - startDate.month) % divisor != 0 {
                days.drop(month: month)
            }
        }
    }

    private var isAnyPositionPossible: Bool {
        guard let least = positions.map(abs).min() else { return true }
        let dayCount: Int =
            switch frequency {
            case .weekly: days.weekdays.all.nonzeroBitCount
            case .monthly:
                (1996..<2024).reduce(0) { most, number in
                    let year = YearDays.Year(number)
                    return (1...12).reduce(most) { max($0, days.month(year, $1).nonzeroBitCount) }
                }
            default: days.countMax
            }
        return least <= dayCount * times.count
    }

    /// From the start on, the calendar and the interval are the same again after so many times 400
    /// years.
    var repetition: (start: Int64, cycleCount: Int64) { (start, Int64(cycleCount)) }

    private static func cycleCount(_ rule: RecurrenceRule) -> Int {
        // 400 years are a whole number of each kind of period.
        let periodCount: Int =
            switch rule.frequency {
            case .yearly: 400
            case .monthly: 4800
            case .weekly: 20_871
            default: YearDays.cycleDayCount
            }
        // More than there are years left.
        return min(rule.interval / greatestCommonDivisor(rule.interval, periodCount), 25)
    }

    /// The last day on which a search from a day on can find anything that it would not find
    /// later.
    private func lastDay(from day: Int) -> Int {
        let cycle = cycleCount * YearDays.cycleDayCount
        return min(CivilRecurrence.dayMax, max(day, startDay) + cycle + 366)
    }

    /// The first instance at or after a second of the wall clock; `nil` where there is none until
    /// the year 9999.
    @inline(__always)
    func first(from second: Int64) -> Int64? {
        let low = max(second, start)
        guard low <= end, !isNever, let found = search(from: low), found <= end else { return nil }
        return found
    }

    private func search(from low: Int64) -> Int64? {
        let day = Int(floorDivide(low, 86_400))
        guard day <= CivilRecurrence.dayMax else { return nil }
        switch frequency {
        case .weekly: return weekly(from: low, day)
        case .monthly: return monthly(from: low, day)
        case .yearly: return yearly(from: low, day)
        default: return daily(from: low, day)
        }
    }

    /// The first instance of a period whose days are the set bits of a word, at or after `low`.
    @inline(__always)
    private func instance(_ bits: UInt64, firstDay: Int, from low: Int64) -> Int64? {
        guard bits != 0 else { return nil }
        let base = Int64(firstDay) * 86_400
        if !positions.isEmpty {
            let count = bits.nonzeroBitCount * times.count
            return chosen(count, from: low) { index in
                let (day, time) = index.quotientAndRemainder(dividingBy: times.count)
                return base + Int64(nthBit(bits, day) * 86_400 + times.time(at: time))
            }
        }
        var rest = bits
        if low > base {
            let (day, second) = Int(low - base).quotientAndRemainder(dividingBy: 86_400)
            guard day < 64 else { return nil }
            rest = rest >> UInt64(day)
            if rest & 1 == 1, let time = times.first(from: second) {
                return base + Int64(day * 86_400 + time)
            }
            rest = ((rest >> 1) << 1) << UInt64(day)
            guard rest != 0 else { return nil }
        }
        guard let first = times.first else { return nil }
        return base + Int64(rest.trailingZeroBitCount * 86_400 + first)
    }

    /// The first of the instances that BYSETPOS chooses among `count`, at or after `low`.
    @inline(__always)
    private func chosen(_ count: Int, from low: Int64, _ second: (Int) -> Int64) -> Int64? {
        var best: Int64?
        for position in positions {
            let index = position > 0 ? position - 1 : count + position
            guard index >= 0 && index < count else { continue }
            let found = second(index)
            if found >= low, found < best ?? .max { best = found }
        }
        return best
    }
}

/// The walks over periods, one for each frequency.
extension CivilRecurrence {
    /// The first allowed day from one on that lies a whole number of intervals after the start.
    private func nextDay(from day: Int) -> Int? {
        let last = lastDay(from: day)
        if interval >= 400 {
            // Far apart: try each.
            var next = startDay + (day - startDay + interval - 1) / interval * interval
            while next <= last {
                let year = YearDays.Year(CivilDate(daysSinceEpoch: next).year)
                if days.contains(year, next - year.firstDay) { return next }
                next += interval
            }
            return nil
        }
        var year = YearDays.Year(CivilDate(daysSinceEpoch: day).year)
        var index = day - year.firstDay
        while true {
            guard let found = days.first(year, from: index) else {
                year = YearDays.Year(year.year + 1)
                guard year.firstDay <= last else { return nil }
                index = 0
                continue
            }
            let next = year.firstDay + found
            if interval == 1 || (next - startDay) % interval == 0 { return next }
            index = found + 1
        }
    }

    private func daily(from low: Int64, _ day: Int) -> Int64? {
        guard let found = nextDay(from: day) else { return nil }
        if found == day {
            let second = Int(low - Int64(day) * 86_400)
            if let time = times.first(from: second) {
                return Int64(day) * 86_400 + Int64(time)
            }
            guard day < CivilRecurrence.dayMax, let next = nextDay(from: day + 1),
                let time = times.first
            else { return nil }
            return Int64(next) * 86_400 + Int64(time)
        }
        return times.first.map { Int64(found) * 86_400 + Int64($0) }
    }

    /// The first day of the week that a day is in.
    func weekStart(of day: Int) -> Int {
        day - floorRemainder(CivilDate.weekdayNumber(daysSinceEpoch: day) - weekStart, 7)
    }

    private func weekly(from low: Int64, _ day: Int) -> Int64? {
        let startWeek = weekStart(of: startDay)
        let step = interval * 7
        var week = startWeek + (weekStart(of: day) - startWeek) / step * step
        let last = lastDay(from: day)
        var year = YearDays.Year(CivilDate(daysSinceEpoch: week).year)
        while week <= last {
            if week >= year.firstDay + year.dayCount {
                year = YearDays.Year(CivilDate(daysSinceEpoch: week).year)
            }
            let bits = days.week(year, week - year.firstDay)
            if let found = instance(bits, firstDay: week, from: low) { return found }
            week += step
        }
        return nil
    }

    private func monthly(from low: Int64, _ day: Int) -> Int64? {
        let date = CivilDate(daysSinceEpoch: day)
        let startMonth = startDate.year * 12 + startDate.month - 1
        let skipped = (date.year * 12 + date.month - 1 - startMonth) / interval
        var month = startMonth + skipped * interval
        var year = YearDays.Year(floorDivide(month, 12))
        let last = lastDay(from: day)
        while year.firstDay <= last {
            let number = floorRemainder(month, 12) + 1
            let bits = days.month(year, number)
            let firstDay = year.firstDay + year.dayOfYear(month: number)
            if let found = instance(bits, firstDay: firstDay, from: low) { return found }
            month += interval
            let next = floorDivide(month, 12)
            if next != year.year { year = YearDays.Year(next) }
        }
        return nil
    }

    private func yearly(from low: Int64, _ day: Int) -> Int64? {
        let number = CivilDate(daysSinceEpoch: day).year
        var year = YearDays.Year(
            startDate.year + (number - startDate.year) / interval * interval)
        let last = lastDay(from: day)
        while year.firstDay <= last {
            let base = Int64(year.firstDay) * 86_400
            if !positions.isEmpty {
                let count = days.count(shape: year.shape) * times.count
                let found = chosen(count, from: low) { index in
                    let (day, time) = index.quotientAndRemainder(dividingBy: times.count)
                    return base + Int64(days.day(year, at: day) * 86_400 + times.time(at: time))
                }
                if let found { return found }
            } else if let found = instance(in: year, base, from: low) {
                return found
            }
            year = YearDays.Year(year.year + interval)
        }
        return nil
    }

    private func instance(in year: YearDays.Year, _ base: Int64, from low: Int64) -> Int64? {
        let first = max(Int(floorDivide(low - base, 86_400)), 0)
        guard let day = days.first(year, from: first) else { return nil }
        let second = Int(low - base) - day * 86_400
        if second <= 0 { return times.first.map { base + Int64(day * 86_400 + $0) } }
        if let time = times.first(from: second) { return base + Int64(day * 86_400 + time) }
        guard let next = days.first(year, from: day + 1), let time = times.first else {
            return nil
        }
        return base + Int64(next * 86_400 + time)
    }
}
