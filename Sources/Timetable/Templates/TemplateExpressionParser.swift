/// A reader of template expressions; every error has the column in the whole template.
struct TemplateExpressionParser {
    private let bytes: [UInt8]
    private var words: [Word]
    private var place = 0
    private let end: Int
    private let patternStart: Int?

    private struct Word {
        var text: String
        var offset: Int
    }

    /// More than any date is worth: 27 years of days.
    private static let countMax = 10_000

    /// Reads what stands from one byte of the template up to another.
    init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        self.end = end
        let colon = bytes[start..<end].firstIndex(of: UInt8(ascii: ":"))
        patternStart = colon.map { $0 + 1 }
        words = []
        var word: [UInt8] = []
        func isSign(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
        }
        for index in start...(colon ?? end) {
            let byte = index < (colon ?? end) ? bytes[index] : UInt8(ascii: " ")
            let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
            if (isBlank || isSign(byte)) && !word.isEmpty {
                words.append(
                    Word(text: String(decoding: word, as: UTF8.self), offset: index - word.count))
                word = []
            }
            if isSign(byte) {
                words.append(Word(text: byte == UInt8(ascii: "+") ? "+" : "-", offset: index))
            } else if !isBlank {
                word.append(byte)
            }
        }
    }

    /// The expression; throws `invalidTemplate`.
    mutating func expression() throws(TimetableError) -> TemplateExpression {
        var result = TemplateExpression(base: try base())
        while let sign = take() {
            guard sign.text == "+" || sign.text == "-" else {
                throw fault("\(quoted(sign.text)) is not understood here", sign.offset)
            }
            if result.base == .scheduledDateTime {
                throw fault("steps are counted from a date, not a date-time", sign.offset)
            }
            result.steps.append(try step(isBack: sign.text == "-"))
        }
        if let patternStart {
            let isDateTime = result.base == .scheduledDateTime
            result.pattern = try DatePattern(
                bytes, from: patternStart, to: end, hasTime: isDateTime)
        }
        return result
    }

    private mutating func take() -> Word? {
        guard place < words.count else { return nil }
        place += 1
        return words[place - 1]
    }

    private mutating func base() throws(TimetableError) -> TemplateExpression.Base {
        guard let first = take() else { throw fault("the token is empty", end) }
        switch first.text {
        case "scheduledDate": return .scheduledDate
        case "scheduledDateTime": return .scheduledDateTime
        default: break
        }
        let lead = first.text.lowercased()
        if lead == "next" || lead == "previous" {
            let isNext = lead == "next"
            guard let second = take() else {
                throw fault("after \(lead) stands a weekday, business day or period", end)
            }
            if let weekday = TemplateExpressionParser.weekday(second.text) {
                return .weekday(weekday, isNext: isNext)
            }
            if second.text.lowercased() == "business" {
                try expectDay()
                return .businessDay(isNext: isNext)
            }
            return try period(second, offset: isNext ? 1 : -1)
        }
        return try period(first, offset: 0)
    }

    private mutating func period(
        _ word: Word, offset: Int
    ) throws(TimetableError) -> TemplateExpression.Base {
        guard let period = TemplateExpression.Period(rawValue: word.text.lowercased()) else {
            throw fault("\(quoted(word.text)) is unknown", word.offset)
        }
        let edge = take()
        switch edge?.text.lowercased() {
        case "start": return .period(period, isEnd: false, offset: offset)
        case "end": return .period(period, isEnd: true, offset: offset)
        default: throw fault("after \(period.rawValue) stands start or end", edge?.offset ?? end)
        }
    }

    private mutating func expectDay() throws(TimetableError) {
        let word = take()
        guard let word, ["day", "days"].contains(word.text.lowercased()) else {
            throw fault("after business stands day or days", word?.offset ?? end)
        }
    }

    private mutating func step(isBack: Bool) throws(TimetableError) -> TemplateExpression.Step {
        let number = take()
        guard let number, number.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(number.text), count <= TemplateExpressionParser.countMax
        else {
            throw fault(
                "a number from 0 to \(TemplateExpressionParser.countMax) is expected",
                number?.offset ?? end)
        }
        let word = take()
        var unit = word?.text.lowercased() ?? ""
        if unit.hasSuffix("s") { unit.removeLast() }
        let known: TemplateExpression.Unit
        if unit == "business" || word?.text.lowercased() == "business" {
            try expectDay()
            known = .businessDay
        } else if let found = TemplateExpression.Unit(rawValue: unit), found != .businessDay {
            known = found
        } else {
            throw fault("a unit is expected", word?.offset ?? end)
        }
        return TemplateExpression.Step(
            count: isBack ? -count : count, unit: known, isBack: isBack)
    }

    private static func weekday(_ text: String) -> Weekday? {
        let wanted = text.lowercased()
        return Weekday.allCases.first {
            let name = $0.name.lowercased()
            return name == wanted || (wanted.utf8.count == 3 && name.hasPrefix(wanted))
        }
    }

    private func fault(_ what: String, _ offset: Int) -> TimetableError {
        TimetableError(
            .invalidTemplate,
            "\(what). Write for example ${scheduledDate + 1 business day}, ${next tuesday}, "
                + "${month end - 3 days}, ${previous quarter start} or ${scheduledDate:yyyyMMdd}; "
                + "units are day, business day, week, month and year.",
            field: "template", column: column(ofByte: offset, in: bytes))
    }
}

/// A format of dates and times, such as `yyyyMMdd` or `dd.MM.yyyy HH:mm`.
struct DatePattern: Hashable, Sendable {
    private var parts: [Part] = []

    private enum Part: Hashable, Sendable {
        case literal(String)
        case field(String)
    }

    private static let dateFields: Set<String> = [
        "yyyy", "yy", "MMMM", "MMM", "MM", "M", "dd", "d", "DDD", "EEEE", "EEE",
    ]
    private static let timeFields: Set<String> = ["HH", "mm", "ss", "XXX"]

    /// Reads a pattern; letters are fields, and `'…'` quotes text.
    init(
        _ bytes: [UInt8], from start: Int, to end: Int, hasTime: Bool
    ) throws(TimetableError) {
        func fault(_ what: String, _ offset: Int) -> TimetableError {
            TimetableError(
                .invalidTemplate,
                "\(what). Use yyyy, yy, MMMM, MMM, MM, M, dd, d, DDD (day of the year), EEEE and "
                    + "EEE, with a date-time HH, mm, ss and XXX (offset), and '…' for text.",
                field: "template", column: column(ofByte: offset, in: bytes))
        }
        var position = start
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "'") {
                // Two quotes in a row stand for one, inside a text as well.
                var text: [UInt8] = []
                var close = position + 1
                while close < end {
                    if bytes[close] != byte {
                        text.append(bytes[close])
                    } else if close + 1 < end, bytes[close + 1] == byte {
                        text.append(byte)
                        close += 1
                    } else {
                        break
                    }
                    close += 1
                }
                guard close < end else {
                    throw fault("the quoted text is not closed", position)
                }
                parts.append(.literal(String(decoding: text, as: UTF8.self)))
                position = close + 1
                continue
            }
            let isLetter = (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80
            let run = bytes[position..<end].prefix { other in
                isLetter
                    ? other == byte
                    : !((0x41...0x5A).contains(other & 0xDF) && other < 0x80)
                        && other != UInt8(ascii: "'")
            }
            let text = String(decoding: run, as: UTF8.self)
            if isLetter {
                guard
                    DatePattern.dateFields.contains(text)
                        || (hasTime && DatePattern.timeFields.contains(text))
                else {
                    throw fault("\(quoted(text)) is no field of this format", position)
                }
            }
            parts.append(isLetter ? .field(text) : .literal(text))
            position += run.count
        }
        if parts.isEmpty { throw fault("the format is empty", start) }
    }

    /// The text of a date-time.
    func text(_ value: CivilDateTime, _ offsetSeconds: Int) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .field(let name): DatePattern.field(name, value, offsetSeconds)
            }
        }.joined()
    }

    private static func field(
        _ name: String, _ value: CivilDateTime, _ offsetSeconds: Int
    ) -> String {
        let date = value.date
        switch name {
        case "yyyy": return String(date.description.dropLast(6))
        case "yy": return padded(floorRemainder(date.year, 100), 2)
        case "MMMM": return Words.monthNames[date.month - 1]
        case "MMM": return String(Words.monthNames[date.month - 1].prefix(3))
        case "MM": return padded(date.month, 2)
        case "M": return String(date.month)
        case "dd": return padded(date.day, 2)
        case "d": return String(date.day)
        case "DDD":
            let newYear = CivilDate.daysSinceEpoch(year: date.year, month: 1, day: 1)
            return padded(date.daysSinceEpoch - newYear + 1, 3)
        case "EEEE": return date.weekday.name
        case "EEE": return String(date.weekday.name.prefix(3))
        case "HH": return padded(value.time.hour, 2)
        case "mm": return padded(value.time.minute, 2)
        case "ss": return padded(value.time.second, 2)
        default:
            let whole = ISO8601.string(value, offsetSeconds: offsetSeconds)
            return String(whole.dropFirst(value.description.count))
        }
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        var text = CivilText()
        text.number(value, width: width)
        return text.text
    }
}
