/// A rule by hours, minutes or seconds: it counts elapsed time from the start, whatever the clocks
/// do, and its parts look at the wall clock of each moment.
///
/// Its periods are windows of time. Where the rule has no part below its period, the window is the
/// one second that the start says: then the minute of an hourly rule moves on the wall clock where
/// clocks change by half an hour. Where it has such parts, the window is the whole minute or hour.
struct ElapsedRecurrence: Sendable {
    /// The first window's first second, UTC, and the distance from window to window.
    let origin: Int64
    private(set) var step: Int64
    /// 1, 60 or 3600 seconds.
    let window: Int64
    let start: Int64
    let days: YearDays
    /// What the parts from the window's length up allow.
    private let filter: DayTimes
    /// What all parts together allow.
    let times: DayTimes
    let positions: [Int]
    /// How many instances a window must have for one to be left of it: more than one where there
    /// is BYSETPOS.
    private let instanceCountMin: Int
    private let isNever: Bool
    let table: ZoneTable
    private var reach: ElapsedReach
    /// Whether every moment is allowed, so that each step is an instance.
    let isOpen: Bool

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
        instanceCountMin = positions.map(abs).min() ?? 1
        // Twice, since a clock change may show the minutes of a window twice.
        let most =
            window == 1
            ? 1
            : times.seconds.nonzeroBitCount
                * (window == 60 ? 1 : 2 * times.minutes.nonzeroBitCount)
        isNever = days.isEmpty || instanceCountMin > most
        isOpen = window == 1 && times.isOpen && days.isOpen
        reach = ElapsedReach(
            origin: origin, step: step, window: window, times: times, days: days,
            instanceCountMin: instanceCountMin)
    }

    /// The first instance at or after a second of UTC; `nil` where there is none until the year
    /// 9999.
    func first(from second: Int64) -> Int64? {
        let low = max(second, start)
        let limit = self.limit(from: low)
        guard !isNever, low < limit else { return nil }
        var number = max(0, floorDivide(low - origin, step))
        var index = table.index(at: origin + number * step)
        guard var segment = table.segment(index) else { return nil }
        // The offsets seen so far, a few, and whether steps reach anything under them.
        var known: [(offset: Int64, isReachable: Bool)] = []
        var isReached = true
        var tryCount = 0
        while true {
            let first = origin + number * step
            guard first < limit else { return nil }
            tryCount += 1
            if tryCount == ElapsedRecurrence.longSearch, isNeverRelaxed(from: low) { return nil }
            let isLong = tryCount > 2 * ElapsedRecurrence.longSearch
            if first >= segment.end {
                if step >= 86_400, isReached {
                    guard let steps = stepsOverSegments(from: first, isLong) else { return nil }
                    number += steps
                    if steps > 0 { continue }
                }
                // The next segment is the usual one; a long step may leave out many.
                index = first - segment.end < 86_400 ? index + 1 : table.index(at: first)
                guard let next = table.segment(index) else { return nil }
                segment = next
                continue
            }
            if first + window <= segment.end {
                // Most searches end before this is of use.
                if tryCount == 3, first >= table.repetitionStart {
                    isReached = table.repeatingOffsets.contains { reach.isAny(offset: $0) }
                    // A longer window that a clock change cuts in two may hold something yet.
                    if !isReached, window == 1 { return nil }
                }
                var isReachable = true
                if tryCount > 2 {
                    if let same = known.first(where: { $0.offset == segment.offset }) {
                        isReachable = same.isReachable
                    } else {
                        isReachable = reach.isAny(offset: segment.offset)
                        known.append((segment.offset, isReachable))
                    }
                }
                guard let steps = stepsToSkip(first, in: segment, isReachable, isLong) else {
                    return nil
                }
                number += steps
                if steps > 0 { continue }
            }
            if let found = instance(inWindow: first, from: low) { return found }
            number += 1
        }
    }

    /// How many steps to pass over from a second on, whatever the offsets are until then; `nil`
    /// where no day is left.
    private func stepsOverSegments(from second: Int64, _ isLong: Bool) -> Int64? {
        if isLong, second >= table.repetitionStart {
            let steps = reach.stepsToTime(from: second, offsets: table.repeatingOffsets)
            if steps > 0 { return steps }
        }
        return stepsToDay(from: second)
    }

    /// How many steps to pass over from a second on to come near a day that is allowed; `nil`
    /// where no day is left.
    private func stepsToDay(from second: Int64) -> Int64? {
        let day = Int(floorDivide(second, 86_400)) - 2
        let year = YearDays.Year(CivilDate(daysSinceEpoch: day).year)
        guard let allowed = allowedDay(from: day, year) else { return nil }
        if allowed <= day + 4 { return 0 }
        return max(1, (Int64(allowed - 2) * 86_400 - second) / step)
    }

    /// A search that tries so many windows may be one that finds nothing.
    private static let longSearch = 1000

    /// Whether shorter steps, which meet all that the rule's own do and more, find nothing: they
    /// are through with the calendar after 400 years.
    private func isNeverRelaxed(from low: Int64) -> Bool {
        let shorter = greatestCommonDivisor(step, 604_800)
        guard shorter < step else { return false }
        var relaxed = self
        relaxed.step = shorter
        relaxed.reach.forgetCycles()
        return relaxed.first(from: low) == nil
    }

    /// After so long, everything repeats: the calendar, the weekdays, the zone's rule, and where
    /// the steps are in them.
    private func limit(from low: Int64) -> Int64 {
        let turns = min(step / greatestCommonDivisor(step, ZoneTable.cycleSeconds), 25)
        let end = max(low, table.repetitionStart) + turns * ZoneTable.cycleSeconds + 4 * 86_400
        return min(end, ElapsedRecurrence.secondMax)
    }

    /// How many windows to pass over from one on that have no instance: 0 where it may have one
    /// itself; `nil` where no day is left.
    @inline(__always)
    private func stepsToSkip(
        _ first: Int64, in segment: ZoneTable.Segment, _ isReachable: Bool, _ isLong: Bool
    ) -> Int64? {
        // The first window that is not wholly in the segment.
        let toEnd = (segment.end - window - first) / step + 1
        if !isReachable { return toEnd }
        if isLong, let steps = reach.stepsToTime(from: first + segment.offset), steps > 0 {
            if steps < toEnd { return steps }
            let beyond = first + toEnd * step
            return beyond >= table.repetitionStart
                ? toEnd + reach.stepsToTime(from: beyond, offsets: table.repeatingOffsets)
                : toEnd
        }
        guard let skipped = skip(first, in: segment) else { return nil }
        if skipped <= first { return 0 }
        // Beyond the segment a day begins earlier or later, by a day and some at most; so long
        // after its end, times that this one was through with may be shown again.
        let isOver = segment.end - first > 93_600
        let target =
            skipped <= segment.end
            ? skipped : isOver ? max(segment.end, skipped - 93_600) : segment.end
        // The first window that reaches it.
        return max(1, (target - first - window + step) / step)
    }

    /// Where to look on from a window: its own start where it may hold an instance, else a later
    /// second before which there is none in its segment; `nil` where no day is left.
    @inline(__always)
    private func skip(_ first: Int64, in segment: ZoneTable.Segment) -> Int64? {
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
        guard times.minutes >> UInt64(second / 60 % 60) & 1 == 1,
            times.hours >> UInt64(second / 3600) & 1 == 1
        else { return false }
        let year = YearDays.Year(CivilDate(daysSinceEpoch: day).year)
        return days.contains(year, day - year.firstDay)
    }
}
