/// A rule by days, weeks, months or years: it counts on the calendar and the wall clock, and knows
/// no zone.
struct CivilRecurrence: Sendable {
    private let frequency: RecurrenceRule.Frequency
    private let interval: Int
    private let weekStart: Int
    private let positions: [Int]
    private var days: YearDays
    private let times: DayTimes
    /// The start on the wall clock, in seconds since 1970 there, and its day.
    private let start: Int64
    private let startDay: Int
    private let startDate: CivilDate
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
        if let count = rule.count { limit(to: count) }
    }

    /// Takes away the days that the interval never meets, so that "never" is known at once.
    private mutating func dropUnreachable() {
        if frequency == .daily, interval % 7 == 0 {
            let weekday = startDate.weekday.rawValue
            days.filter { newYear, _, day in (newYear + day) % 7 == weekday }
        } else if frequency == .monthly, interval > 1 {
            let first = startDate.month - 1
            let reached = Set((0..<12).map { (first + $0 * (interval % 12)) % 12 })
            let year = [2001, 2000].map { YearDays.Year($0) }
            days.filter { _, leapDays, day in
                let year = year[leapDays]
                return reached.contains { month in
                    let start = year.dayOfYear(month: month + 1)
                    let count = CivilDate.dayCount(ofMonth: month + 1, year: year.year)
                    return day >= start && day < start + count
                }
            }
        }
    }

    private var isAnyPositionPossible: Bool {
        guard let least = positions.map(abs).min() else { return true }
        let dayCount: Int =
            switch frequency {
            case .weekly: 7
            case .monthly:
                (1996..<2024).reduce(0) { most, number in
                    let year = YearDays.Year(number)
                    return (1...12).reduce(most) { max($0, days.month(year, $1).nonzeroBitCount) }
                }
            default: (0..<YearDays.shapeCount).reduce(0) { max($0, days.count(shape: $1)) }
            }
        return least <= dayCount * times.count
    }

    /// Ends the rule at its `count`th instance.
    private mutating func limit(to count: Int) {
        var last = start - 1
        for _ in 0..<count {
            guard let next = first(from: last + 1) else { break }
            last = next
        }
        end = min(end, last)
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
        if interval >= 400 {
            // Far apart: try each.
            var next = startDay + (day - startDay + interval - 1) / interval * interval
            while next <= CivilRecurrence.dayMax {
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
                guard year.year < CronFields.yearMax else { return nil }
                year = YearDays.Year(year.year + 1)
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

    private func weekly(from low: Int64, _ day: Int) -> Int64? {
        func weekStart(of day: Int) -> Int {
            day - floorRemainder(CivilDate.weekdayNumber(daysSinceEpoch: day) - self.weekStart, 7)
        }
        let startWeek = weekStart(of: startDay)
        let step = interval * 7
        var week = startWeek + (weekStart(of: day) - startWeek) / step * step
        while week <= CivilRecurrence.dayMax {
            var bits: UInt64 = 0
            var year = YearDays.Year(CivilDate(daysSinceEpoch: week).year)
            for offset in 0..<7 {
                var index = week + offset - year.firstDay
                if index >= year.dayCount {
                    year = YearDays.Year(year.year + 1)
                    index = 0
                }
                if days.contains(year, index) { bits |= 1 << UInt64(offset) }
            }
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
        while year.year <= CronFields.yearMax {
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
        while year.year <= CronFields.yearMax {
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
