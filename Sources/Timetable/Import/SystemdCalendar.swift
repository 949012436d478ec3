/// A calendar expression of systemd (systemd.time(7)), such as `Mon..Fri *-*-1..7 02:30 UTC`.
struct SystemdCalendar: Hashable, Sendable {
    /// The years; `nil` for all.
    var years: [Int]?
    var months = Array(1...12)
    /// The days, or the days counted from the end of the month (`~`), the last being 1.
    var days = Array(1...31)
    var isFromEnd = false
    /// The days of the week, Sunday 0.
    var weekdays = Array(0...6)
    var hours = [0]
    var minutes = [0]
    var seconds = [0]
    var zone: String?

    private static let shorthands = [
        "minutely": "*-*-* *:*:00", "hourly": "*-*-* *:00:00", "daily": "*-*-* 00:00:00",
        "weekly": "Mon *-*-* 00:00:00", "monthly": "*-*-01 00:00:00",
        "yearly": "*-01-01 00:00:00", "annually": "*-01-01 00:00:00",
        "quarterly": "*-01,04,07,10-01 00:00:00", "semiannually": "*-01,07-01 00:00:00",
    ]

    /// Reads an expression; throws `invalidExpression` with the part and the column.
    init(parsing text: String) throws(TimetableError) {
        let bytes = Array(text.utf8)
        var words = bytes.split { $0 == 0x20 || $0 == 0x09 }
        guard !words.isEmpty, bytes.count <= 1024 else {
            throw SystemdCalendar.fault("calendar", "an expression is expected.", 0, bytes)
        }
        let first = String(decoding: words[0], as: UTF8.self).lowercased()
        if let long = SystemdCalendar.shorthands[first] {
            var inner = try SystemdCalendar(parsing: long)
            if words.count == 2 { inner.zone = try SystemdCalendar.zone(words[1], bytes) }
            guard words.count <= 2 else {
                throw SystemdCalendar.fault(
                    "calendar", "after \(first) stands at most a zone.", words[2].startIndex, bytes)
            }
            self = inner
            return
        }
        if words.count > 1, let last = words.last, SystemdCalendar.isZone(last) {
            zone = try SystemdCalendar.zone(last, bytes)
            words.removeLast()
        }
        if let word = words.first, SystemdCalendar.startsWithLetter(word) {
            weekdays = try SystemdCalendar.weekdays(word, bytes)
            words.removeFirst()
        }
        if let word = words.first, !word.contains(UInt8(ascii: ":")) {
            try readDate(word, bytes)
            words.removeFirst()
        }
        if let word = words.first {
            try readTime(word, bytes)
            words.removeFirst()
        }
        if let word = words.first {
            throw SystemdCalendar.fault(
                "calendar",
                "\(quoted(String(decoding: word, as: UTF8.self))) is not understood here. Write "
                    + "weekdays, date, time and zone, as in Mon..Fri *-*-* 02:30 UTC.",
                word.startIndex, bytes)
        }
    }

    static func fault(
        _ field: String, _ message: String, _ offset: Int, _ bytes: [UInt8]
    ) -> TimetableError {
        TimetableError(
            .invalidExpression, message, field: field, column: column(ofByte: offset, in: bytes))
    }

    private static func startsWithLetter(_ word: ArraySlice<UInt8>) -> Bool {
        word.first.map { (0x41...0x5A).contains($0 & 0xDF) && $0 < 0x80 } ?? false
    }

    /// A word of letters that is no list of weekdays.
    private static func isZone(_ word: ArraySlice<UInt8>) -> Bool {
        startsWithLetter(word) && !word.contains(UInt8(ascii: "."))
            && !word.contains(UInt8(ascii: ",")) && weekday(word) == nil
    }

    private static func zone(
        _ word: ArraySlice<UInt8>, _ bytes: [UInt8]
    ) throws(TimetableError) -> String {
        let name = String(decoding: word, as: UTF8.self)
        do throws(TimetableError) {
            try ZoneNames.validate(name)
        } catch {
            throw fault("zone", error.message, word.startIndex, bytes)
        }
        return name
    }

    private static func weekday(_ word: ArraySlice<UInt8>) -> Int? {
        let text = String(decoding: word, as: UTF8.self).lowercased()
        return Words.weekdayNames.firstIndex {
            let name = $0.lowercased()
            return name == text || (text.utf8.count == 3 && name.hasPrefix(text))
        }
    }

    private static func weekdays(
        _ word: ArraySlice<UInt8>, _ bytes: [UInt8]
    ) throws(TimetableError) -> [Int] {
        var found: Set<Int> = []
        for item in word.split(separator: UInt8(ascii: ",")) {
            let ends = SystemdCalendar.range(item)
            guard let low = weekday(ends.low), let high = weekday(ends.high ?? ends.low) else {
                throw fault(
                    "weekday",
                    "\(quoted(String(decoding: item, as: UTF8.self))) is no weekday. "
                        + "Write for example Mon or Mon..Fri.", item.startIndex, bytes)
            }
            // A range may run over Sunday.
            for day in low...(high < low ? high + 7 : high) { found.insert(day % 7) }
        }
        return found.sorted()
    }

    private static func range(
        _ item: ArraySlice<UInt8>
    ) -> (low: ArraySlice<UInt8>, high: ArraySlice<UInt8>?) {
        let dot = UInt8(ascii: ".")
        guard
            let place = item.indices.dropLast().first(where: {
                item[$0] == dot && item[$0 + 1] == dot
            })
        else { return (item, nil) }
        return (item[..<place], item[(place + 2)...])
    }

    private mutating func readDate(
        _ word: ArraySlice<UInt8>, _ bytes: [UInt8]
    ) throws(TimetableError) {
        let tilde = word.firstIndex(of: UInt8(ascii: "~"))
        var parts = word[..<(tilde ?? word.endIndex)].split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        if let tilde {
            isFromEnd = true
            parts.append(word[(tilde + 1)...])
        }
        guard parts.count == 2 || parts.count == 3 else {
            throw SystemdCalendar.fault(
                "date", "a date is written year-month-day or month-day, as in *-*-01.",
                word.startIndex, bytes)
        }
        if parts.count == 3, !parts[0].elementsEqual("*".utf8) {
            years = try SystemdCalendar.values(parts[0], "year", 1970...2199, bytes)
        }
        months = try SystemdCalendar.values(parts[parts.count - 2], "month", 1...12, bytes)
        days = try SystemdCalendar.values(
            parts[parts.count - 1], "day", 1...31, bytes, isDown: isFromEnd)
    }

    private mutating func readTime(
        _ word: ArraySlice<UInt8>, _ bytes: [UInt8]
    ) throws(TimetableError) {
        let parts = word.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3 else {
            throw SystemdCalendar.fault(
                "time", "a time is written hour:minute or hour:minute:second.", word.startIndex,
                bytes)
        }
        hours = try SystemdCalendar.values(parts[0], "hour", 0...23, bytes)
        minutes = try SystemdCalendar.values(parts[1], "minute", 0...59, bytes)
        if parts.count == 3 {
            seconds = try SystemdCalendar.values(parts[2], "second", 0...59, bytes)
        }
    }

    /// A list of `*`, `a`, `a..b`, each with an optional `/step`, as sorted numbers.
    private static func values(
        _ text: ArraySlice<UInt8>, _ field: String, _ range: ClosedRange<Int>, _ bytes: [UInt8],
        isDown: Bool = false
    ) throws(TimetableError) -> [Int] {
        func number(_ text: ArraySlice<UInt8>) throws(TimetableError) -> Int {
            let value =
                text.allSatisfy { (0x30...0x39).contains($0) }
                ? Int(String(decoding: text, as: UTF8.self)) : nil
            guard let value, range.contains(value) else {
                let shown = String(decoding: text, as: UTF8.self)
                let fraction =
                    text.contains(UInt8(ascii: "."))
                    ? " Fractions of a second are not taken over." : ""
                throw fault(
                    field,
                    "\(quoted(shown)) is no \(field) from \(range.lowerBound) to "
                        + "\(range.upperBound).\(fraction)", text.startIndex, bytes)
            }
            return value
        }
        var found: Set<Int> = []
        for item in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let parts = item.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw fault(field, "only one step is allowed.", parts[2].startIndex, bytes)
            }
            var step = 1
            if parts.count == 2 {
                guard parts[1].count <= 6, parts[1].allSatisfy({ (0x30...0x39).contains($0) }),
                    let value = Int(String(decoding: parts[1], as: UTF8.self)), value >= 1
                else {
                    throw fault(
                        field, "after / stands a whole number from 1 on.", parts[1].startIndex,
                        bytes)
                }
                step = value
            }
            let ends = SystemdCalendar.range(parts[0])
            if ends.low.elementsEqual("*".utf8), ends.high == nil {
                found.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
                continue
            }
            let first = try number(ends.low)
            var last = parts.count == 2 ? (isDown ? 1 : range.upperBound) : first
            if let high = ends.high { last = try number(high) }
            let isBackwards = isDown ? last > first : last < first
            if isBackwards, !isDown {
                throw fault(
                    field, "the range ends before it starts.", item.startIndex, bytes)
            }
            found.formUnion(
                isDown && !isBackwards
                    ? stride(from: first, through: last, by: -step)
                    : stride(from: first, through: last, by: step))
        }
        return found.sorted()
    }
}

/// As a trigger.
extension SystemdCalendar {
    /// The trigger that fires at the same times; throws where Daybook has none.
    func trigger() throws(TimetableError) -> ImportedSchedule.Kind {
        let allDays = days == Array(1...31)
        let isLast = isFromEnd && days == [1]
        let isEveryWeekday = weekdays.count == 7
        if years == nil, isEveryWeekday || allDays, !isFromEnd || isLast,
            !(isLast && !isEveryWeekday)
        {
            let day = isLast ? "L" : SystemdCalendar.field(days, 1...31)
            var fields = [
                SystemdCalendar.field(minutes, 0...59), SystemdCalendar.field(hours, 0...23), day,
                SystemdCalendar.field(months, 1...12), SystemdCalendar.field(weekdays, 0...6),
            ]
            let hasSeconds = seconds != [0]
            if hasSeconds { fields.insert(SystemdCalendar.field(seconds, 0...59), at: 0) }
            return .cadence(fields.joined(separator: " "), hasSeconds: hasSeconds)
        }
        func list(_ values: [Int]) -> String { values.map(String.init).joined(separator: ",") }
        var rule = "FREQ=DAILY"
        if months.count < 12 { rule += ";BYMONTH=" + list(months) }
        if !allDays || isFromEnd {
            rule += ";BYMONTHDAY=" + list(isFromEnd ? days.map { -$0 } : days)
        }
        if !isEveryWeekday {
            let names = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
            rule += ";BYDAY=" + weekdays.map { names[$0] }.joined(separator: ",")
        }
        rule += ";BYHOUR=\(list(hours));BYMINUTE=\(list(minutes));BYSECOND=\(list(seconds))"
        var start = "19700101T000000"
        if let years, let first = years.first, let last = years.last {
            guard last - first == years.count - 1 else {
                throw TimetableError(
                    .invalidExpression,
                    "years with gaps between them cannot be taken over. Write a timer for each.",
                    field: "year", column: 1)
            }
            start = "\(first)0101T000000"
            if last < 2199 { rule += ";UNTIL=\(last)1231T235959" }
        }
        return .recurrence(rule: rule, start: start)
    }

    private static func field(_ values: [Int], _ range: ClosedRange<Int>) -> String {
        if values.count == range.count { return "*" }
        if values.count > 2 {
            let step = values[1] - values[0]
            if values == Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
            {
                return "*/\(step)"
            }
        }
        return values.map(String.init).joined(separator: ",")
    }
}
