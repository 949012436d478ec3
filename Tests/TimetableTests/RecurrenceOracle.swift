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

    init(_ number: Int) {
        var seconds = time_t(number * 86_400)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        self.number = number
        year = Int(parts.tm_year) + 1900
        month = Int(parts.tm_mon) + 1
        day = Int(parts.tm_mday)
        yearDay = Int(parts.tm_yday) + 1
        weekday = Int(parts.tm_wday)
    }

    var monthLength: Int {
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        return Self.number(next.0, next.1, 1) - (number - day + 1)
    }

    var yearLength: Int { Self.number(year + 1, 1, 1) - (number - yearDay + 1) }

    static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
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

    /// Whether a day is in every day part; what is open, the start says.
    func allows(_ day: OracleDay, start: OracleDay) -> Bool {
        var months = lists["BYMONTH"] ?? []
        var monthDays = lists["BYMONTHDAY"] ?? []
        var days = self.days
        let isOpen = monthDays.isEmpty && days.isEmpty && lists["BYYEARDAY"] == nil
        if isOpen, frequency == "YEARLY", lists["BYWEEKNO"] == nil {
            if months.isEmpty { months = [start.month] }
            monthDays = [start.day]
        } else if isOpen, frequency == "MONTHLY" {
            monthDays = [start.day]
        } else if isOpen, frequency == "WEEKLY" || frequency == "YEARLY" {
            days = [(0, start.weekday)]
        }
        if !months.isEmpty, !months.contains(day.month) { return false }
        if !monthDays.isEmpty, !monthDays.contains(day.day),
            !monthDays.contains(day.day - day.monthLength - 1)
        {
            return false
        }
        if let yearDays = lists["BYYEARDAY"], !yearDays.contains(day.yearDay),
            !yearDays.contains(day.yearDay - day.yearLength - 1)
        {
            return false
        }
        if let weeks = lists["BYWEEKNO"] {
            let (fromStart, fromEnd) = day.week(weekStart)
            if !weeks.contains(fromStart), !weeks.contains(fromEnd) { return false }
        }
        if days.isEmpty { return true }
        let isByMonth = frequency == "MONTHLY" || lists["BYMONTH"] != nil
        let (place, length) =
            isByMonth ? (day.day, day.monthLength) : (day.yearDay, day.yearLength)
        let fromStart = (place + 6) / 7
        let fromEnd = -((length - place) / 7 + 1)
        return days.contains {
            $0.weekday == day.weekday && [0, fromStart, fromEnd].contains($0.ordinal)
        }
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

/// Finds the instances of a rule by testing every day, or every second of every window.
struct RecurrenceOracle {
    let rule: RandomRule
    let zone: Zone
    /// The start in seconds since 1970, on the wall clock.
    let start: Int

    /// The second of UTC that a wall clock's time means: the first; of none, by the offset before.
    func second(_ local: Int) -> Int {
        // Every stretch of constant offset within a day and more, in order.
        var from = Instant(seconds: Int64(local - 100_000))
        var offset = zone.offsetSeconds(at: from)
        while true {
            let change = zone.nextTransition(after: from)
            let end = change.map { Int($0.instant.seconds) } ?? Int.max / 2
            if local - offset < end { return local - offset }
            // Past this stretch's end, and before the next one's beginning: left out.
            guard let change else { return local - offset }
            if local < end + change.offsetAfter { return local - offset }
            from = change.instant
            offset = change.offsetAfter
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
        var locals: [Int] = []
        var period = Int.min
        func close() {
            // A count needs all from the start on; without one, nobody asks for those before.
            let low = rule.count == nil ? max(start, low - 200_000) : start
            let chosen = rule.chosen(locals).filter { $0 >= low }
            // Far more than the limit, for those that fall on one instant or change places.
            let enough = chosen.prefix(rule.count == nil ? limit + 100 : limit * 4)
            found += enough.map(self.second).filter { $0 <= rule.until ?? .max }
            locals = []
        }
        var number = OracleDay(first).number
        // Whole periods: back to the first day of this one.
        while rule.period(OracleDay(number - 1)) == rule.period(OracleDay(first)) { number -= 1 }
        while number <= last && found.count(where: { $0 > low }) < limit + times.count {
            let day = OracleDay(number)
            if rule.period(day) != period {
                close()
                period = rule.period(day)
            }
            if rule.isInInterval(day, start: startDay), rule.allows(day, start: startDay) {
                locals += times.map { number * 86_400 + $0 }
            }
            number += 1
        }
        // A period that is not over yet may hold more.
        if number > last, rule.period(OracleDay(number)) != period { close() }
        let counted = rule.count.map { Array(found.prefix($0)) } ?? found
        return Array(Set(counted)).sorted().filter { $0 > low }
    }

    private func runElapsed(last: Int, limit: Int) -> [Int] {
        let begin = second(start)
        func local(_ second: Int) -> Int {
            second + zone.offsetSeconds(at: Instant(seconds: Int64(second)))
        }
        let startDay = OracleDay(Int((Double(local(begin)) / 86_400).rounded(.down)))
        let period = ["HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1][rule.frequency] ?? 1
        let hasMinutes = period == 3600 && rule.lists["BYMINUTE"] != nil
        let hasSeconds = period > 1 && rule.lists["BYSECOND"] != nil
        let window = hasMinutes ? 3600 : hasSeconds ? 60 : 1
        let seconds =
            rule.lists["BYSECOND"] ?? (hasMinutes ? [(local(begin) % 60 + 60) % 60] : nil)
        let lead = (local(begin) % window + window) % window
        var found: [Int] = []
        var day = startDay
        var isAllowed = rule.allows(day, start: startDay)
        var first = begin - lead
        while first <= last && found.count < limit {
            var all: [Int] = []
            for second in first..<(first + window) {
                let local = local(second)
                let number = Int((Double(local) / 86_400).rounded(.down))
                if number != day.number {
                    day = OracleDay(number)
                    isAllowed = rule.allows(day, start: startDay)
                }
                guard isAllowed else { continue }
                let time = local - number * 86_400
                if rule.lists["BYHOUR"]?.contains(time / 3600) != false,
                    rule.lists["BYMINUTE"]?.contains(time / 60 % 60) != false,
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
