import Glibc
import Timetable

/// A day as the C library sees it, with what the parts of a rule look at.
struct OracleDay {
    let number: Int
    let year: Int
    let month: Int
    let day: Int
    let yearDay: Int
    let weekday: Int
    let monthLength: Int
    let yearLength: Int

    private init(number: Int) {
        var seconds = time_t(number * 86_400)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        self.number = number
        year = Int(parts.tm_year) + 1900
        month = Int(parts.tm_mon) + 1
        day = Int(parts.tm_mday)
        yearDay = Int(parts.tm_yday) + 1
        weekday = Int(parts.tm_wday)
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        monthLength = Self.number(next.0, next.1, 1) - (number - day + 1)
        yearLength = Self.number(year + 1, 1, 1) - (number - yearDay + 1)
    }

    private static let firstKnown = -1000
    /// All days until 2200, so that the C library is asked once for each.
    private static let known = (firstKnown..<84_000).map { OracleDay(number: $0) }

    init(_ number: Int) {
        let index = number - Self.firstKnown
        self = Self.known.indices.contains(index) ? Self.known[index] : OracleDay(number: number)
    }

    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        return timegm(&parts) / 86_400
    }

    /// The first day of the week that this day is in.
    func weekStart(_ first: Int) -> Int { number - (weekday - first + 7) % 7 }

    /// The number of the week, from the week's fourth day, whose year is the week's.
    func week(_ first: Int) -> (fromStart: Int, fromEnd: Int) {
        let middle = OracleDay(weekStart(first) + 3)
        let lastMiddle = middle.yearDay + (middle.yearLength - middle.yearDay) / 7 * 7
        return ((middle.yearDay + 6) / 7, -((lastMiddle - middle.yearDay) / 7 + 1))
    }
}

/// A random rule, with what it means by the words of RFC 5545.
struct RandomRule: CustomStringConvertible {
    var frequency = ""
    var interval = 1
    var count: Int?
    var until: Int?
    var weekStart = 1
    var days: [(ordinal: Int, weekday: Int)] = []
    var lists: [String: [Int]] = [:]
    var onGap: GapRule?
    var onOverlap: OverlapRule?

    static let dayNames = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
    static let frequencies = [
        "YEARLY", "YEARLY", "YEARLY", "MONTHLY", "MONTHLY", "MONTHLY", "WEEKLY", "WEEKLY", "DAILY",
        "DAILY", "HOURLY", "MINUTELY", "SECONDLY",
    ]

    init(using random: inout SeededGenerator) {
        frequency = Self.frequencies[Int.random(in: 0..<Self.frequencies.count, using: &random)]
        func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }
        if chance(2) {
            let most = isElapsed ? 200 : frequency == "DAILY" ? 40 : 7
            interval = Int.random(in: 1...most, using: &random)
        }
        func list(_ name: String, _ range: ClosedRange<Int>, isSigned: Bool = false) {
            lists[name] = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                let value = Int.random(in: range, using: &random)
                return isSigned && Int.random(in: 0..<3, using: &random) == 0 ? -value : value
            }
        }
        if chance(3) { list("BYMONTH", 1...12) }
        if frequency == "YEARLY", chance(4) { list("BYWEEKNO", 1...53, isSigned: true) }
        if !["DAILY", "WEEKLY", "MONTHLY"].contains(frequency), chance(6) {
            list("BYYEARDAY", 1...366, isSigned: true)
        }
        if frequency != "WEEKLY", chance(4) { list("BYMONTHDAY", 1...31, isSigned: true) }
        if chance(2) {
            let isOrdinal =
                (frequency == "MONTHLY" || frequency == "YEARLY") && lists["BYWEEKNO"] == nil
                && chance(2)
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let weekday = Int.random(in: 0...6, using: &random)
                let most = frequency == "MONTHLY" || lists["BYMONTH"] != nil ? 5 : 53
                let ordinal = isOrdinal ? Int.random(in: -most...most, using: &random) : 0
                days.append((ordinal, weekday))
            }
        }
        if chance(4) { list("BYHOUR", 0...23) }
        if chance(4) { list("BYMINUTE", 0...59) }
        if chance(6) { list("BYSECOND", 0...59) }
        if !lists.isEmpty || !days.isEmpty, chance(4) {
            list("BYSETPOS", 1...6, isSigned: true)
        }
        if chance(3) { weekStart = Int.random(in: 0...6, using: &random) }
    }

    var isElapsed: Bool { ["HOURLY", "MINUTELY", "SECONDLY"].contains(frequency) }

    var description: String {
        var parts = ["FREQ=\(frequency)"]
        if interval > 1 { parts.append("INTERVAL=\(interval)") }
        if let count { parts.append("COUNT=\(count)") }
        if let until {
            let text = ISO8601.utc(Instant(seconds: Int64(until)))
            parts.append("UNTIL=" + text.filter { $0 != "-" && $0 != ":" })
        }
        if !days.isEmpty {
            let texts = days.map {
                ($0.ordinal == 0 ? "" : String($0.ordinal)) + Self.dayNames[$0.weekday]
            }
            parts.append("BYDAY=" + texts.joined(separator: ","))
        }
        for (name, values) in lists.sorted(by: { $0.key < $1.key }) {
            parts.append("\(name)=" + values.map(String.init).joined(separator: ","))
        }
        if weekStart != 1 { parts.append("WKST=\(Self.dayNames[weekStart])") }
        return parts.joined(separator: ";")
    }

    /// Whether the period that a day is in is one of the rule's.
    func isInInterval(_ day: OracleDay, start: OracleDay) -> Bool {
        let distance: Int =
            switch frequency {
            case "YEARLY": day.year - start.year
            case "MONTHLY": (day.year - start.year) * 12 + day.month - start.month
            case "WEEKLY": (day.weekStart(weekStart) - start.weekStart(weekStart)) / 7
            default: day.number - start.number
            }
        return distance % interval == 0
    }

    /// What identifies the period that a day is in.
    func period(_ day: OracleDay) -> Int {
        switch frequency {
        case "YEARLY": day.year
        case "MONTHLY": day.year * 12 + day.month
        case "WEEKLY": day.weekStart(weekStart)
        default: day.number
        }
    }

    /// What BYSETPOS leaves of the instances of a period.
    func chosen(_ all: [Int]) -> [Int] {
        guard let positions = lists["BYSETPOS"] else { return all }
        let indices = positions.map { $0 > 0 ? $0 - 1 : all.count + $0 }
        return all.indices.filter { indices.contains($0) }.map { all[$0] }
    }
}

/// The day parts of a rule; what is open, the start says.
struct OracleDayParts {
    private var months: [Int]
    private var monthDays: [Int]
    private var days: [(ordinal: Int, weekday: Int)]
    private let yearDays: [Int]
    private let weeks: [Int]
    private let weekStart: Int
    private let isByMonth: Bool

    init(_ rule: RandomRule, start: OracleDay) {
        months = rule.lists["BYMONTH"] ?? []
        monthDays = rule.lists["BYMONTHDAY"] ?? []
        days = rule.days
        yearDays = rule.lists["BYYEARDAY"] ?? []
        weeks = rule.lists["BYWEEKNO"] ?? []
        weekStart = rule.weekStart
        isByMonth = rule.frequency == "MONTHLY" || rule.lists["BYMONTH"] != nil
        guard monthDays.isEmpty && days.isEmpty && yearDays.isEmpty else { return }
        if rule.frequency == "YEARLY", weeks.isEmpty {
            if months.isEmpty { months = [start.month] }
            monthDays = [start.day]
        } else if rule.frequency == "MONTHLY" {
            monthDays = [start.day]
        } else if rule.frequency == "WEEKLY" || rule.frequency == "YEARLY" {
            days = [(0, start.weekday)]
        }
    }

    /// Whether a day is in every day part.
    func allows(_ day: OracleDay) -> Bool {
        if !months.isEmpty, !months.contains(day.month) { return false }
        if !monthDays.isEmpty, !monthDays.contains(day.day),
            !monthDays.contains(day.day - day.monthLength - 1)
        {
            return false
        }
        if !yearDays.isEmpty, !yearDays.contains(day.yearDay),
            !yearDays.contains(day.yearDay - day.yearLength - 1)
        {
            return false
        }
        if !weeks.isEmpty {
            let (fromStart, fromEnd) = day.week(weekStart)
            if !weeks.contains(fromStart), !weeks.contains(fromEnd) { return false }
        }
        if days.isEmpty { return true }
        let (place, length) =
            isByMonth ? (day.day, day.monthLength) : (day.yearDay, day.yearLength)
        let fromStart = (place + 6) / 7
        let fromEnd = -((length - place) / 7 + 1)
        return days.contains {
            $0.weekday == day.weekday
                && ($0.ordinal == 0 || $0.ordinal == fromStart || $0.ordinal == fromEnd)
        }
    }
}

/// Finds the instances of a rule by testing every day, or every second of every window.
struct RecurrenceOracle {
    let rule: RandomRule
    let zone: Zone
    /// The start in seconds since 1970, on the wall clock.
    let start: Int

    /// The seconds of UTC that a wall clock's time means: none, one, or both passes.
    func seconds(_ local: Int) -> [Int] {
        seconds(local, rule.onGap ?? .sameOffset, rule.onOverlap ?? .first)
    }

    /// The second of UTC that the start means, by RFC 5545 alone.
    var begin: Int { seconds(start, .sameOffset, .first)[0] }

    private func seconds(_ local: Int, _ gap: GapRule, _ overlap: OverlapRule) -> [Int] {
        // Every stretch of constant offset within a day and more, in order.
        var from = Instant(seconds: Int64(local - 100_000))
        var offset = zone.offsetSeconds(at: from)
        var shown: [Int] = []
        var leftOut: Int?
        while from.seconds < Int64(local + 100_000) {
            let change = zone.nextTransition(after: from)
            let end = change.map { Int($0.instant.seconds) } ?? Int.max / 2
            if local - offset >= Int(from.seconds), local - offset < end {
                shown.append(local - offset)
            }
            guard let change else { break }
            if local >= end + offset, local < end + change.offsetAfter {
                switch gap {
                case .gapEnd: leftOut = end
                case .sameOffset: leftOut = local - offset
                case .skip: leftOut = nil
                }
            }
            from = change.instant
            offset = change.offsetAfter
        }
        guard let first = shown.first, let last = shown.last else {
            return leftOut.map { [$0] } ?? []
        }
        switch overlap {
        case .first: return [first]
        case .second: return [last]
        case .both: return shown
        }
    }

    /// The instances after a second, in order, from the first period of a day on and until another
    /// day (a second, where the rule counts elapsed time); at most a few more than `limit`.
    func run(from first: Int, through last: Int, after low: Int, limit: Int) -> [Int] {
        rule.isElapsed
            ? runElapsed(last: last, limit: limit)
            : runCivil(first: first, last, after: low, limit: limit)
    }

    private func runCivil(first: Int, _ last: Int, after low: Int, limit: Int) -> [Int] {
        let startDay = OracleDay(Int((Double(start) / 86_400).rounded(.down)))
        let parts = OracleDayParts(rule, start: startDay)
        let second = start - startDay.number * 86_400
        var times: [Int] = []
        for hour in rule.lists["BYHOUR"] ?? [second / 3600] {
            for minute in rule.lists["BYMINUTE"] ?? [second / 60 % 60] {
                for second in rule.lists["BYSECOND"] ?? [second % 60] {
                    times.append(hour * 3600 + minute * 60 + second)
                }
            }
        }
        times = Array(Set(times)).sorted()
        var found: [Int] = []
        var foundCount = 0
        var counted = 0
        var locals: [Int] = []
        var period = Int.min
        func close() {
            // A count needs all from the start on; without one, nobody asks for those before.
            let least = rule.count == nil ? max(start, low - 200_000) : start
            let chosen = rule.chosen(locals).filter { $0 >= least }
            // Far more than the limit, for those that fall on one instant or change places.
            let enough = chosen.prefix(rule.count.map { $0 - counted } ?? limit + 400)
            counted += enough.count
            let seconds = enough.flatMap(self.seconds).filter { $0 <= rule.until ?? .max }
            found += seconds
            foundCount += seconds.count { $0 > low }
            locals = []
        }
        var number = OracleDay(first).number
        // Whole periods: back to the first day of this one.
        while rule.period(OracleDay(number - 1)) == rule.period(OracleDay(first)) { number -= 1 }
        while number <= last && foundCount < limit + times.count {
            let day = OracleDay(number)
            if rule.period(day) != period {
                close()
                period = rule.period(day)
            }
            if rule.isInInterval(day, start: startDay), parts.allows(day) {
                locals += times.map { number * 86_400 + $0 }
            }
            number += 1
        }
        // A period that is not over yet may hold more.
        if number > last, rule.period(OracleDay(number)) != period { close() }
        return Array(Set(found)).sorted().filter { $0 > low }
    }

    private func runElapsed(last: Int, limit: Int) -> [Int] {
        let begin = self.begin
        let localBegin = begin + zone.offsetSeconds(at: Instant(seconds: Int64(begin)))
        var (offset, offsetEnd) = (0, Int.min)
        func local(_ second: Int) -> Int {
            if second >= offsetEnd {
                let instant = Instant(seconds: Int64(second))
                offset = zone.offsetSeconds(at: instant)
                let change = zone.nextTransition(after: instant)
                offsetEnd = change.map { Int($0.instant.seconds) } ?? .max
            }
            return second + offset
        }
        let startDay = OracleDay(Int((Double(localBegin) / 86_400).rounded(.down)))
        let period = ["HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1][rule.frequency] ?? 1
        let hasMinutes = period == 3600 && rule.lists["BYMINUTE"] != nil
        let hasSeconds = period > 1 && rule.lists["BYSECOND"] != nil
        let window = hasMinutes ? 3600 : hasSeconds ? 60 : 1
        let seconds =
            rule.lists["BYSECOND"] ?? (hasMinutes ? [(localBegin % 60 + 60) % 60] : nil)
        let lead = (localBegin % window + window) % window
        var found: [Int] = []
        let parts = OracleDayParts(rule, start: startDay)
        let (hours, minutes) = (rule.lists["BYHOUR"], rule.lists["BYMINUTE"])
        var day = startDay
        var isAllowed = parts.allows(day)
        var first = begin - lead
        while first <= last && found.count < limit {
            var all: [Int] = []
            for second in first..<(first + window) {
                let local = local(second)
                let number = Int((Double(local) / 86_400).rounded(.down))
                if number != day.number {
                    day = OracleDay(number)
                    isAllowed = parts.allows(day)
                }
                guard isAllowed else { continue }
                let time = local - number * 86_400
                if hours?.contains(time / 3600) != false,
                    minutes?.contains(time / 60 % 60) != false,
                    seconds?.contains(time % 60) != false
                {
                    all.append(second)
                }
            }
            found += rule.chosen(all).filter { $0 >= begin && $0 <= rule.until ?? .max }
            first += period * rule.interval
        }
        return rule.count.map { Array(found.prefix($0)) } ?? found
    }
}
