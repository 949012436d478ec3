import Glibc
import Timetable

/// A random cron expression together with what it means, so that an oracle needs no parser.
struct RandomCron: CustomStringConvertible {
    var description = ""
    var minutes: Set<Int> = []
    var hours: Set<Int> = []
    var days: Set<Int> = []
    var hasLastDay = false
    var months: Set<Int> = []
    var weekdays: Set<Int> = []
    var nth: Set<[Int]> = []
    var last: Set<Int> = []
    var followsClock = false
    var needsBothDays = false
    var seconds: Set<Int> = [0]
    var hasSeconds = false
    var hasLastWeekday = false
    var nearest: Set<Int> = []
    var onGap: GapRule?
    var onOverlap: OverlapRule?

    init(using random: inout SeededGenerator) {
        let minute = RandomCron.field(0...59, using: &random)
        let hour = RandomCron.field(0...23, using: &random)
        let month =
            Int.random(in: 0..<3, using: &random) > 0
            ? ("*", Set(1...12)) : RandomCron.field(1...12, using: &random)
        (minutes, hours, months) = (minute.1, hour.1, month.1)
        var day =
            Int.random(in: 0..<2, using: &random) == 0
            ? ("*", Set(1...31)) : RandomCron.field(1...31, using: &random)
        if Int.random(in: 0..<8, using: &random) == 0 {
            hasLastDay = true
            day = Bool.random(using: &random) ? ("L", []) : (day.0 + ",l", day.1)
        }
        if Int.random(in: 0..<8, using: &random) == 0 {
            if Bool.random(using: &random) {
                hasLastWeekday = true
                day = day.0 == "*" ? ("LW", []) : (day.0 + ",lw", day.1)
            } else {
                let number = Int.random(in: 1...31, using: &random)
                nearest = [number]
                day = ("\(number)W", [])
                hasLastDay = false
                hasLastWeekday = false
            }
        }
        days = day.1
        var weekday =
            Int.random(in: 0..<2, using: &random) == 0
            ? ("*", Set(0...6)) : RandomCron.field(0...7, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            let (number, week) = (
                Int.random(in: 0...7, using: &random), Int.random(in: 1...5, using: &random)
            )
            nth = [[number % 7, week]]
            weekday = ("\(RandomCron.name(number, using: &random))#\(week)", [])
        case 1:
            let number = Int.random(in: 0...7, using: &random)
            last = [number % 7]
            weekday = ("\(number)L", [])
        default: break
        }
        weekdays = Set(weekday.1.map { $0 % 7 })
        description = [minute.0, hour.0, day.0, month.0, weekday.0].joined(separator: " ")
        followsClock = minute.0.hasPrefix("*") || hour.0.hasPrefix("*")
        needsBothDays = day.0.hasPrefix("*") || weekday.0.hasPrefix("*")
        if Int.random(in: 0..<4, using: &random) == 0 {
            let second = RandomCron.field(0...59, using: &random)
            (hasSeconds, seconds) = (true, second.1)
            description = second.0 + " " + description
        }
        if Bool.random(using: &random) { onGap = GapRule.allCases.randomElement(using: &random) }
        if Bool.random(using: &random) {
            onOverlap = OverlapRule.allCases.randomElement(using: &random)
        }
    }

    /// The expression that the library reads.
    func parsed() throws(TimetableError) -> CronExpression {
        try CronExpression(
            parsing: description, hasSeconds: hasSeconds, onGap: onGap, onOverlap: onOverlap)
    }

    private static func name(_ weekday: Int, using random: inout SeededGenerator) -> String {
        let names = ["sun", "Mon", "TUE", "wed", "Thu", "FRI", "sat", "Sun"]
        return Bool.random(using: &random) ? names[weekday] : String(weekday)
    }

    private static func field(
        _ range: ClosedRange<Int>, using random: inout SeededGenerator
    ) -> (String, Set<Int>) {
        var texts: [String] = []
        var values: Set<Int> = []
        let kind = Int.random(in: 0..<6, using: &random)
        if kind == 0 { return ("*", Set(range)) }
        if kind == 1 {
            let step = Int.random(in: 1...range.upperBound, using: &random)
            return (
                "*/\(step)",
                Set(stride(from: range.lowerBound, through: range.upperBound, by: step))
            )
        }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let low = Int.random(in: range, using: &random)
            let high = Int.random(in: low...range.upperBound, using: &random)
            let step = Int.random(in: 1...9, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                texts.append("\(low)-\(high)")
                values.formUnion(low...high)
            case 1:
                texts.append("\(low)-\(high)/\(step)")
                values.formUnion(stride(from: low, through: high, by: step))
            case 2:
                texts.append("\(low)/\(step)")
                values.formUnion(stride(from: low, through: range.upperBound, by: step))
            default:
                texts.append("\(low)")
                values.insert(low)
            }
        }
        return (texts.joined(separator: ","), values)
    }

    /// Whether a day matches, by the words of the manual.
    func matches(day: Int) -> Bool {
        var seconds = time_t(day * 86_400)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let dayOfMonth = Int(parts.tm_mday)
        let weekday = Int(parts.tm_wday)
        func month(_ later: Int) -> Int32 {
            var seconds = time_t((day + later) * 86_400)
            var parts = tm()
            gmtime_r(&seconds, &parts)
            return parts.tm_mon
        }
        guard months.contains(Int(parts.tm_mon) + 1) else { return false }
        let inMonth =
            days.contains(dayOfMonth) || (hasLastDay && month(1) != parts.tm_mon)
            || (hasLastWeekday && isLastWeekday(weekday) { month($0) == parts.tm_mon })
            || nearest.contains { isNearest($0, dayOfMonth, weekday) { month($0) == parts.tm_mon } }
        let inWeek =
            weekdays.contains(weekday) || nth.contains([weekday, (dayOfMonth + 6) / 7])
            || (last.contains(weekday) && month(7) != parts.tm_mon)
        return needsBothDays ? inMonth && inWeek : inMonth || inWeek
    }

    private func isLastWeekday(_ weekday: Int, isInMonth: (Int) -> Bool) -> Bool {
        (1...5).contains(weekday)
            && !(1...3).contains { isInMonth($0) && (1...5).contains((weekday + $0) % 7) }
    }

    private func isNearest(
        _ wanted: Int, _ day: Int, _ weekday: Int, isInMonth: (Int) -> Bool
    ) -> Bool {
        // The wanted day must exist, and of the Mondays to Fridays none is nearer.
        guard isInMonth(wanted - day), (1...5).contains(weekday) else { return false }
        func isCandidate(_ other: Int) -> Bool {
            isInMonth(other - day) && (1...5).contains((weekday + other - day + 70) % 7)
        }
        let distance = abs(wanted - day)
        return !(wanted - 3...wanted + 3).contains {
            abs($0 - wanted) < distance && isCandidate($0)
        }
    }
}

/// Finds occurrences by walking every minute of UTC.
struct CronOracle {
    let cron: RandomCron
    private var day = Int.min
    private var dayMatches = false

    init(_ cron: RandomCron) {
        self.cron = cron
    }

    private mutating func matches(_ localMinute: Int) -> Bool {
        let minuteOfDay = ((localMinute % 1440) + 1440) % 1440
        let day = (localMinute - minuteOfDay) / 1440
        if day != self.day {
            self.day = day
            dayMatches = cron.matches(day: day)
        }
        return dayMatches && cron.hours.contains(minuteOfDay / 60)
            && cron.minutes.contains(minuteOfDay % 60)
    }

    /// The seconds of UTC after `after` and before minute `end` at which the job runs, at most
    /// `limit`.
    mutating func run(after: Int, before end: Int, in zone: Zone, limit: Int) -> [Int] {
        let gapRule = cron.onGap ?? (cron.followsClock ? .skip : .gapEnd)
        let gapMax = cron.onGap == nil ? 180 : Int.max
        let overlapRule = cron.onOverlap ?? (cron.followsClock ? .both : .first)
        // Start early enough to know what the wall clock has shown before; end late enough to
        // know what it will show again.
        let begin = (after - (after % 60 + 60) % 60) / 60 - 3000
        let locals = (begin..<end + 1600).map { minute in
            minute + zone.offsetSeconds(at: Instant(seconds: Int64(minute * 60))) / 60
        }
        let base = locals.min() ?? 0
        var lastShown = [Int](repeating: -1, count: (locals.max() ?? 0) - base + 1)
        for (index, local) in locals.enumerated() { lastShown[local - base] = index }
        var found: Set<Int> = []
        var highest = locals[0] - 1
        for index in 0..<(end - begin) {
            let local = locals[index]
            let minute = begin + index
            let runs =
                switch overlapRule {
                case .both: true
                case .first: local > highest
                case .second: lastShown[local - base] == index
                }
            if runs, matches(local) { found.formUnion(cron.seconds.map { minute * 60 + $0 }) }
            let skipped = local - highest - 1
            if skipped > 0, gapRule != .skip {
                for missing in (highest + 1)..<local where matches(missing) {
                    if gapRule == .sameOffset {
                        let moved = missing - (locals[index - 1] - minute + 1)
                        found.formUnion(cron.seconds.map { moved * 60 + $0 })
                    } else if skipped < gapMax {
                        found.insert(minute * 60)
                    }
                }
            }
            highest = max(highest, local)
        }
        return Array(found.filter { $0 > after && $0 < end * 60 }.sorted().prefix(limit))
    }
}
