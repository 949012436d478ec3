extension RecurrenceRule {
    /// Reads a rule such as `FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1`, with or without
    /// `RRULE:` before it; names and values in any case.
    ///
    /// Throws `invalidExpression` with the part's name as field, and the column.
    public init(parsing text: String) throws(TimetableError) {
        self = try RecurrenceRuleParser(text: text).rule()
    }

    /// Reads a rule; the same as `init(parsing:)`.
    public static func parse(_ text: String) throws(TimetableError) -> RecurrenceRule {
        try RecurrenceRule(parsing: text)
    }
}

/// A reader of recurrence rules: splits into parts, reads each, and says where one is wrong.
struct RecurrenceRuleParser {
    /// The longest rule that makes sense lists 366 days twice over.
    static let byteCountMax = 8192
    /// Counting goes one by one, so that a search with a count stays quick.
    static let countMax = 1_000_000
    static let intervalMax = 1_000_000_000

    /// What a list of numbers may hold.
    private struct Bounds {
        var low: Int
        var high: Int
        var isSigned = false
    }

    /// The parts that are lists of numbers.
    private static let lists:
        [String: (WritableKeyPath<RecurrenceRule, [Int]> & Sendable, Bounds)] = [
            "BYSECOND": (\.seconds, Bounds(low: 0, high: 60)),
            "BYMINUTE": (\.minutes, Bounds(low: 0, high: 59)),
            "BYHOUR": (\.hours, Bounds(low: 0, high: 23)),
            "BYMONTHDAY": (\.monthDays, Bounds(low: 1, high: 31, isSigned: true)),
            "BYYEARDAY": (\.yearDays, Bounds(low: 1, high: 366, isSigned: true)),
            "BYWEEKNO": (\.weekNumbers, Bounds(low: 1, high: 53, isSigned: true)),
            "BYMONTH": (\.months, Bounds(low: 1, high: 12)),
            "BYSETPOS": (\.positions, Bounds(low: 1, high: 366, isSigned: true)),
        ]

    private static let others: Set<String> = [
        "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST",
    ]

    private let text: String
    private let bytes: [UInt8]

    init(text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Where a part stands, and its value.
    private struct Part {
        var name: String
        var start: Int
        var value: ArraySlice<UInt8>
    }

    func rule() throws(TimetableError) -> RecurrenceRule {
        guard bytes.count <= RecurrenceRuleParser.byteCountMax else {
            throw error(
                "RRULE", 0,
                "the rule has \(bytes.count) bytes, and at most "
                    + "\(RecurrenceRuleParser.byteCountMax) are allowed. Shorten its lists.")
        }
        let parts = try self.parts()
        guard let first = parts.first(where: { $0.name == "FREQ" }) else {
            throw error(
                "FREQ", 0, "the rule has no FREQ. Begin it with one, as in FREQ=WEEKLY;BYDAY=FR.")
        }
        let name = RecurrenceRuleParser.upper(first.value)
        guard let frequency = RecurrenceRule.Frequency(rawValue: name) else {
            let all = RecurrenceRule.Frequency.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(
                "FREQ", first.value.startIndex,
                "\(quoted(name)) is no frequency. Use one of \(all).")
        }
        var rule = RecurrenceRule(text: text, frequency: frequency)
        for part in parts where part.name != "FREQ" { try read(part, into: &rule) }
        try check(rule, parts)
        return rule
    }

    private static func upper(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self).uppercased()
    }

    private func error(_ field: String, _ offset: Int, _ message: String) -> TimetableError {
        TimetableError(
            .invalidExpression, message, field: field, column: column(ofByte: offset, in: bytes))
    }

    private func parts() throws(TimetableError) -> [Part] {
        var rest = bytes[...]
        let lead = Array("RRULE:".utf8)
        if RecurrenceRuleParser.upper(rest.prefix(lead.count)) == "RRULE:" {
            rest = rest.dropFirst(lead.count)
        }
        var parts: [Part] = []
        for piece in rest.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
            guard let equals = piece.firstIndex(of: UInt8(ascii: "=")) else {
                let name = RecurrenceRuleParser.upper(piece)
                let isKnown = RecurrenceRuleParser.isKnown(name)
                throw error(
                    isKnown ? name : "RRULE", piece.startIndex,
                    piece.isEmpty
                        ? "there is an empty part. Write parts as NAME=VALUE with one ; between."
                        : "the part \(quoted(name)) has no value. Write NAME=VALUE, "
                            + "as in FREQ=DAILY.")
            }
            let name = RecurrenceRuleParser.upper(piece[..<equals])
            guard RecurrenceRuleParser.isKnown(name) else {
                throw error(
                    name.isEmpty ? "RRULE" : String(name.prefix(40)), piece.startIndex,
                    "\(quoted(name)) is no part of a rule. Use FREQ, INTERVAL, COUNT, UNTIL, WKST, "
                        + "BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, "
                        + "BYSECOND or BYSETPOS.")
            }
            if parts.contains(where: { $0.name == name }) {
                throw error(
                    name, piece.startIndex, "\(name) stands twice. Write it once, with a list.")
            }
            let value = piece[(equals + 1)...]
            guard !value.isEmpty else {
                throw error(
                    name, value.startIndex, "\(name) has no value. Write one after the =.")
            }
            parts.append(Part(name: name, start: piece.startIndex, value: value))
        }
        return parts
    }

    private static func isKnown(_ name: String) -> Bool {
        others.contains(name) || lists[name] != nil
    }

    private func read(_ part: Part, into rule: inout RecurrenceRule) throws(TimetableError) {
        if let (list, bounds) = RecurrenceRuleParser.lists[part.name] {
            var values: [Int] = []
            for item in items(part) { values.append(try number(item, part.name, bounds)) }
            if part.name == "BYSECOND" { values = values.map { min($0, 59) } }
            rule[keyPath: list] = values
            return
        }
        let start = part.value.startIndex
        switch part.name {
        case "INTERVAL":
            let bounds = Bounds(low: 1, high: RecurrenceRuleParser.intervalMax)
            rule.interval = try number(part.value, part.name, bounds)
        case "COUNT":
            let bounds = Bounds(low: 1, high: RecurrenceRuleParser.countMax)
            rule.count = try number(part.value, part.name, bounds)
        case "UNTIL":
            do throws(TimetableError) {
                rule.until = try RecurrenceTime.parse(String(decoding: part.value, as: UTF8.self))
            } catch {
                let base = column(ofByte: start, in: bytes)
                throw TimetableError(
                    .invalidExpression, error.message, field: "UNTIL",
                    column: base - 1 + (error.column ?? 1))
            }
        case "WKST":
            guard let day = weekday(part.value) else { throw noWeekday(part.value, part.name) }
            rule.weekStart = day
        default:
            for item in items(part) { rule.days.append(try day(item)) }
        }
    }

    private func items(_ part: Part) -> [ArraySlice<UInt8>] {
        part.value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    }

    private func weekday(_ text: ArraySlice<UInt8>) -> Weekday? {
        let names = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
        return names.firstIndex(of: RecurrenceRuleParser.upper(text)).flatMap(Weekday.init)
    }

    private func noWeekday(_ text: ArraySlice<UInt8>, _ field: String) -> TimetableError {
        let shown = quoted(String(decoding: text, as: UTF8.self))
        let what = text.isEmpty ? "a day is missing" : "\(shown) is no day of the week"
        return error(field, text.startIndex, "\(what). Use MO, TU, WE, TH, FR, SA or SU.")
    }

    private func day(_ item: ArraySlice<UInt8>) throws(TimetableError) -> RecurrenceRule.Day {
        guard let weekday = weekday(item.suffix(2)) else { throw noWeekday(item, "BYDAY") }
        let digits = item.dropLast(2)
        if digits.isEmpty { return RecurrenceRule.Day(ordinal: 0, weekday: weekday) }
        let bounds = Bounds(low: 1, high: 53, isSigned: true)
        return RecurrenceRule.Day(ordinal: try number(digits, "BYDAY", bounds), weekday: weekday)
    }

    private func number(
        _ text: ArraySlice<UInt8>, _ field: String, _ bounds: Bounds
    ) throws(TimetableError) -> Int {
        var digits = text
        var sign = 1
        if bounds.isSigned, let first = digits.first,
            first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
        {
            sign = first == UInt8(ascii: "-") ? -1 : 1
            digits = digits.dropFirst()
        }
        let isNumber = !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
        // A number too large to matter saturates, so that the check of the range catches it.
        let value =
            isNumber
            ? digits.reduce(0) { min($0 * 10 + Int($1 - 0x30), 10_000_000_000) } : -1
        guard (bounds.low...bounds.high).contains(value) else {
            let shown = quoted(String(decoding: text, as: UTF8.self))
            let range =
                bounds.isSigned
                ? "\(bounds.low) to \(bounds.high), or -\(bounds.high) to -\(bounds.low) "
                    + "to count from the end"
                : "\(bounds.low) to \(bounds.high)"
            throw error(
                field, text.startIndex,
                (text.isEmpty ? "a number is missing" : "\(shown) is not allowed")
                    + ". Use \(range).")
        }
        return sign * value
    }
}

/// Rules about parts together.
extension RecurrenceRuleParser {
    private func check(_ rule: RecurrenceRule, _ parts: [Part]) throws(TimetableError) {
        func refuse(
            _ name: String, if isWrong: Bool, _ message: String
        ) throws(TimetableError) {
            guard isWrong, let part = parts.first(where: { $0.name == name }) else { return }
            throw error(name, part.start, message)
        }
        let frequency = rule.frequency
        try refuse(
            "COUNT", if: rule.until != nil,
            "COUNT and UNTIL do not go together. Keep the one that you mean.")
        try refuse(
            "BYWEEKNO", if: frequency != .yearly,
            "BYWEEKNO goes with FREQ=YEARLY alone. Use BYDAY with FREQ=WEEKLY instead.")
        try refuse(
            "BYYEARDAY", if: [.daily, .weekly, .monthly].contains(frequency),
            "BYYEARDAY does not go with FREQ=\(frequency.rawValue). Use FREQ=YEARLY.")
        try refuse(
            "BYMONTHDAY", if: frequency == .weekly,
            "BYMONTHDAY does not go with FREQ=WEEKLY. Use FREQ=MONTHLY.")
        if rule.days.contains(where: { $0.ordinal != 0 }) {
            try refuse(
                "BYDAY", if: frequency != .monthly && frequency != .yearly,
                "a day with a number goes with FREQ=MONTHLY or FREQ=YEARLY alone. "
                    + "Leave the number out.")
            try refuse(
                "BYDAY", if: !rule.weekNumbers.isEmpty,
                "a day with a number does not go with BYWEEKNO. Leave the number out.")
        }
        let hasList = parts.contains { $0.name.hasPrefix("BY") && $0.name != "BYSETPOS" }
        try refuse(
            "BYSETPOS", if: !hasList,
            "BYSETPOS chooses among what another part lists, and there is none. "
                + "Add one, as in BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1.")
    }
}
