/// A cron expression in words.
extension CronExpression {
    /// The expression as an English sentence, with its rules for clock changes.
    public var explained: String {
        let parts = [timeWords, dayWords, monthWords].filter { !$0.isEmpty }
        return "Runs " + parts.joined(separator: " ") + ". " + rules.explained
    }

    private var timeWords: String {
        let hours = Words.members(UInt64(fields.hours), 0...23)
        let minutes = Words.members(fields.minutes, 0...59)
        let seconds = Words.members(fields.seconds, 0...59)
        if hours.count * minutes.count * seconds.count <= 6 {
            var times: [String] = []
            for hour in hours {
                for minute in minutes {
                    for second in seconds {
                        times.append(Words.time(hour, minute, second, fields.seconds != 1))
                    }
                }
            }
            return "at " + Words.list(times)
        }
        var parts: [String] = []
        if fields.seconds != 1 {
            parts.append(Words.every(seconds, 60, "second"))
            if minutes.count < 60 || hours.count == 24 {
                parts.append("of " + Words.every(minutes, 60, "minute").withoutAt)
            }
        } else {
            parts.append(Words.every(minutes, 60, "minute"))
        }
        if hours.count < 24 {
            parts.append("of " + Words.every(hours, 24, "hour").withoutAt)
        } else if minutes.count < 60, Words.step(minutes, 60) == nil {
            parts.append("of every hour")
        }
        return parts.joined(separator: " ")
    }

    private var dayWords: String {
        let ofMonth = Words.monthDays(fields)
        let ofWeek = Words.weekdays(fields)
        if ofMonth.isEmpty { return ofWeek.isEmpty ? "every day" : "on " + ofWeek }
        if ofWeek.isEmpty { return "on " + ofMonth }
        return fields.needsBothDays
            ? "on \(ofMonth), if that is \(ofWeek)" : "on \(ofMonth), and also on \(ofWeek)"
    }

    private var monthWords: String {
        let months = Words.members(UInt64(fields.months), 1...12)
        if months.count == 12 { return "" }
        return "in " + Words.ranges(months) { Words.monthNames[$0 - 1] }
    }
}

/// The words of which explanations are made.
enum Words {
    static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    static let weekdayNames = Weekday.allCases.map(\.name)
    private static let ordinals = ["first", "second", "third", "fourth", "fifth"]

    /// The bits that are set, within a range.
    static func members(_ mask: UInt64, _ range: ClosedRange<Int>) -> [Int] {
        range.filter { mask >> UInt64($0) & 1 == 1 }
    }

    /// `a`, `a and b`, `a, b and c`.
    static func list(_ items: [String]) -> String {
        guard let last = items.last else { return "" }
        if items.count == 1 { return last }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }

    /// Numbers in words, three or more in a row as `a to b`.
    static func ranges(_ values: [Int], _ name: (Int) -> String) -> String {
        var items: [String] = []
        var index = 0
        while index < values.count {
            var end = index
            while end + 1 < values.count, values[end + 1] == values[end] + 1 { end += 1 }
            if end - index >= 2 {
                items.append("\(name(values[index])) to \(name(values[end]))")
                index = end + 1
            } else {
                items.append(name(values[index]))
                index += 1
            }
        }
        return list(items)
    }

    /// The distance of values that divide the whole evenly, beginning with 0.
    static func step(_ values: [Int], _ whole: Int) -> Int? {
        guard values.count > 1, values[0] == 0, whole % values[1] == 0,
            values == Array(stride(from: 0, to: whole, by: values[1]))
        else { return nil }
        return values[1]
    }

    /// `every minute`, `every 15 minutes`, `at minute 5`, `at minutes 5 and 10 to 20`.
    static func every(_ values: [Int], _ whole: Int, _ unit: String) -> String {
        if let step = step(values, whole) {
            return step == 1 ? "every \(unit)" : "every \(step) \(unit)s"
        }
        return "at \(unit)\(values.count == 1 ? "" : "s") " + ranges(values) { String($0) }
    }

    static func time(_ hour: Int, _ minute: Int, _ second: Int, _ hasSeconds: Bool) -> String {
        var text = CivilText()
        text.number(hour, width: 2)
        text.character(":")
        text.number(minute, width: 2)
        if hasSeconds {
            text.character(":")
            text.number(second, width: 2)
        }
        return text.text
    }

    static func ordinal(_ number: Int) -> String {
        let ending =
            switch (number % 10, number % 100) {
            case (_, 11...13): "th"
            case (1, _): "st"
            case (2, _): "nd"
            case (3, _): "rd"
            default: "th"
            }
        return "\(number)\(ending)"
    }

    /// The days of month that a cron expression names; empty where it names all.
    static func monthDays(_ fields: CronFields) -> String {
        let days = members(UInt64(fields.daysOfMonth), 1...31)
        if days.count == 31 { return "" }
        var parts: [String] = []
        if !days.isEmpty { parts.append("the " + ranges(days, ordinal)) }
        for day in members(UInt64(fields.nearestWeekdays), 1...31) {
            parts.append("the Monday to Friday nearest to the \(ordinal(day))")
        }
        if fields.hasLastWeekday { parts.append("the last Monday to Friday of the month") }
        if fields.hasLastDay { parts.append("the last day of the month") }
        return list(parts)
    }

    /// The days of week that a cron expression names; empty where it names all.
    static func weekdays(_ fields: CronFields) -> String {
        // Monday first, so that a working week is one range.
        let days = members(UInt64(fields.weekdays), 0...6)
        if days.count == 7 { return "" }
        let fromMonday = days.map { ($0 + 6) % 7 }.sorted()
        var parts: [String] = []
        if !days.isEmpty { parts.append(ranges(fromMonday) { weekdayNames[($0 + 1) % 7] }) }
        for bit in members(fields.nthWeekdays, 0...34) {
            parts.append("the \(ordinals[bit / 7]) \(weekdayNames[bit % 7]) of the month")
        }
        for day in members(UInt64(fields.lastWeekdays), 0...6) {
            parts.append("the last \(weekdayNames[day]) of the month")
        }
        return list(parts)
    }

    /// A length of time: `1 day`, `1 hour 30 minutes`, `250 microseconds`.
    static func duration(microseconds: Int64) -> String {
        var rest = microseconds
        var parts: [String] = []
        let units: [(String, Int64)] = [
            ("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000),
            ("second", 1_000_000), ("microsecond", 1),
        ]
        for (name, size) in units where rest >= size {
            let count = rest / size
            parts.append("\(count) \(name)\(count == 1 ? "" : "s")")
            rest -= count * size
        }
        return parts.joined(separator: " ")
    }
}

extension String {
    /// Without a leading `at `, where it stands after `of`.
    fileprivate var withoutAt: String { hasPrefix("at ") ? String(dropFirst(3)) : self }
}
