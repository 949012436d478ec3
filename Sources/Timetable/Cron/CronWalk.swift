/// A search through the instants of a cron expression in one zone, which keeps its place: asked for
/// one instant after the other, it looks nothing up twice.
///
/// It goes over stretches of constant offset in UTC order, and returns nothing before what it is
/// asked for; that is why no clock change can loop it or take it back. Any question may be asked
/// in any order.
struct CronWalk: Sendable {
    /// An instant found, in seconds since 1970.
    struct Found {
        var second: Int64
        /// Whether it is the end of a gap and stands for times that were left out.
        var isGapEnd: Bool
    }

    private let rules: ClockChangeRules
    private let table: ZoneTable
    private var matcher: CronMatcher
    private var index = -1
    private var segment = ZoneTable.Segment(start: 0, end: 0, offset: 0, reached: 0)
    /// The local times of the segment that run as they are, in this pass of them.
    private var low: Int64 = 0
    private var high: Int64 = 0
    private var segmentCount = 0

    /// No local time is further from its place than this; a gap or an overlap is no longer.
    private static let reachSeconds: Int64 = 90_000

    init(_ expression: CronExpression, in zone: Zone) {
        rules = expression.rules
        table = zone.table
        matcher = CronMatcher(fields: expression.fields)
    }

    /// Months and segments looked at so far.
    var stepCount: Int { segmentCount + matcher.monthCount }

    /// The first occurrence strictly after an instant.
    @inline(__always)
    mutating func next(after instant: Instant) -> Occurrence? {
        // The first whole second strictly after: cron has no finer times.
        guard let found = next(atOrAfter: instant.seconds + 1) else { return nil }
        let isHere = found.second >= segment.start && found.second < segment.end
        return Occurrence(
            instant: Instant(seconds: found.second),
            segment: isHere ? segment : table.segment(table.index(at: found.second)),
            isGapEnd: found.isGapEnd)
    }

    /// The first instant at or after a second; `nil` where there is none until year 9999.
    @inline(__always)
    mutating func next(atOrAfter start: Int64) -> Found? {
        if index >= 0, start >= segment.start, start < segment.end, rules.gap != .sameOffset {
            // The usual case: the same segment as before, and nothing of its start is left.
            let from = max(low, start + segment.offset)
            if start > segment.start, from < high {
                guard let match = matcher.first(atOrAfter: from) else { return nil }
                if match < high {
                    return Found(second: match - segment.offset, isGapEnd: false)
                }
            }
        } else if !enter(table.index(at: start)) {
            return nil
        }
        return search(start)
    }

    private mutating func search(_ start: Int64) -> Found? {
        // After so long everything repeats: the calendar, the weekdays and the zone's rule.
        let limit = max(start, table.repetitionStart) + ZoneTable.cycleSeconds + 4 * 86_400
        var best: Int64?
        if rules.gap == .sameOffset {
            // What a gap left out may lie a day after it.
            while index > 0, segment.start > start - CronWalk.reachSeconds {
                guard enter(index - 1) else { break }
            }
        }
        while segment.start <= limit {
            if segment.reached < segment.localStart, index > 0 {
                switch rules.gap {
                case .skip: break
                case .gapEnd:
                    let isWanted =
                        segment.start >= start
                        && segment.localStart - segment.reached < rules.gapSecondsMax
                    if isWanted {
                        guard let match = matcher.first(atOrAfter: segment.reached) else {
                            return nil
                        }
                        if match < segment.localStart {
                            return Found(second: segment.start, isGapEnd: true)
                        }
                    }
                case .sameOffset:
                    let before = table.segment(index - 1)?.offset ?? segment.offset
                    let from = max(segment.reached, start + before)
                    if from < segment.localStart, let match = matcher.first(atOrAfter: from),
                        match < segment.localStart
                    {
                        best = min(best ?? .max, match - before)
                    }
                }
            }
            let from = max(low, max(start, segment.start) + segment.offset)
            if from < high {
                guard let match = matcher.first(atOrAfter: from) else { break }
                if match < high { best = min(best ?? .max, match - segment.offset) }
            }
            // Whatever comes in later segments comes later.
            if let best, best < segment.end { return Found(second: best, isGapEnd: false) }
            guard enter(index + 1) else { break }
        }
        return best.map { Found(second: $0, isGapEnd: false) }
    }

    /// Goes to a segment; `false` where there is none.
    private mutating func enter(_ index: Int) -> Bool {
        guard let segment = table.segment(index) else { return false }
        segmentCount += 1
        self.index = index
        self.segment = segment
        low = rules.overlap == .both ? segment.localStart : max(segment.localStart, segment.reached)
        high = segment.localEnd
        if rules.overlap == .second {
            // The first pass of what the clock will show again is left out, not the second.
            low = segment.localStart
            var later = index + 1
            while let next = table.segment(later),
                next.start < segment.end + CronWalk.reachSeconds
            {
                high = min(high, next.localStart)
                later += 1
            }
        }
        return true
    }
}

/// Finds the local times that the fields of a cron expression match; no clock change is known here.
///
/// It keeps the days of the month it was in, and its last answer, which stands for every question
/// between it and its own.
struct CronMatcher: Sendable {
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
    private(set) var monthCount = 0

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
