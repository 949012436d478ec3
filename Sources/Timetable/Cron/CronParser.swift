extension CronExpression {
    /// Reads a cron expression of five fields, or a nickname such as `@daily`.
    ///
    /// - Parameters:
    ///   - hasSeconds: whether six fields are read, the second first.
    ///   - onGap: what happens to times that a clock change leaves out; `nil` for Debian's rule.
    ///   - onOverlap: what happens to times that come twice; `nil` for Debian's rule.
    ///
    /// Throws `invalidExpression`, with field and column, where the grammar is broken, and
    /// `neverOccurs` where no day of any year matches, such as 31 February.
    public init(
        parsing text: String, hasSeconds: Bool = false, onGap: GapRule? = nil,
        onOverlap: OverlapRule? = nil
    ) throws(TimetableError) {
        guard text.utf8.count <= CronParser.byteCountMax else {
            throw TimetableError(
                .invalidExpression,
                "the expression has \(text.utf8.count) bytes, and at most "
                    + "\(CronParser.byteCountMax) are allowed. Use ranges and steps.",
                field: "expression", column: 1)
        }
        let fields = try CronParser(text: text, hasSeconds: hasSeconds).fields()
        self.init(text: text, fields: fields, onGap: onGap, onOverlap: onOverlap)
    }
}

/// A reader of cron expressions: splits into fields, reads each, and says where one is wrong.
struct CronParser {
    /// Longer than any sensible list, and short enough to be quoted in a log.
    static let byteCountMax = 1024

    /// One of the places, with its range and names.
    struct Place {
        var name: String
        var low: Int
        var high: Int
        var names: [String] = []
        /// The number of the first name.
        var firstName = 0

        static let second = Place(name: "second", low: 0, high: 59)
        static let minute = Place(name: "minute", low: 0, high: 59)
        static let hour = Place(name: "hour", low: 0, high: 23)
        static let dayOfMonth = Place(name: "day-of-month", low: 1, high: 31)
        static let month = Place(
            name: "month", low: 1, high: 12,
            names: [
                "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV",
                "DEC",
            ], firstName: 1)
        /// 7 is Sunday as well.
        static let dayOfWeek = Place(
            name: "day-of-week", low: 0, high: 7,
            names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])
        static let all = [second, minute, hour, dayOfMonth, month, dayOfWeek]
    }

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
        "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
        "@annually": "0 0 1 1 *",
    ]

    let bytes: [UInt8]
    let hasSeconds: Bool

    init(text: String, hasSeconds: Bool) {
        bytes = Array(text.utf8)
        self.hasSeconds = hasSeconds
    }

    /// Reads the whole expression.
    func fields() throws(TimetableError) -> CronFields {
        var words = bytes.split { $0 == 0x20 || (0x09...0x0D).contains($0) }
        if let first = words.first, first.first == UInt8(ascii: "@") {
            return try nickname(words)
        }
        try checkCount(words)
        var result = CronFields()
        if hasSeconds { result.seconds = try mask(words.removeFirst(), .second) }
        result.minutes = try mask(words[0], .minute)
        result.hours = UInt32(truncatingIfNeeded: try mask(words[1], .hour))
        try readDaysOfMonth(words[2], into: &result)
        result.months = UInt32(truncatingIfNeeded: try mask(words[3], .month))
        try readWeekdays(words[4], into: &result)
        func hasStar(_ word: ArraySlice<UInt8>) -> Bool { word.first == UInt8(ascii: "*") }
        result.followsClock = hasStar(words[0]) || hasStar(words[1])
        result.needsBothDays = hasStar(words[2]) || hasStar(words[4])
        guard result.canOccur else {
            throw error(
                words[2].startIndex, .dayOfMonth,
                "the expression never occurs: no year has such a day. "
                    + "Check day of month, month and day of week together.",
                code: .neverOccurs)
        }
        return result
    }

    private func nickname(_ words: [ArraySlice<UInt8>]) throws(TimetableError) -> CronFields {
        let name = String(decoding: words[0], as: UTF8.self)
        guard words.count == 1, let text = CronParser.nicknames[name.lowercased()] else {
            let what =
                words.count > 1
                ? "a nickname such as @daily stands alone"
                : "the nickname \(quoted(name)) is unknown"
            throw TimetableError(
                .invalidExpression,
                "\(what). Use @hourly, @daily, @midnight, @weekly, @monthly, @yearly, "
                    + "@annually, or five fields.",
                field: "nickname",
                column: column(ofByte: words[words.count > 1 ? 1 : 0].startIndex, in: bytes))
        }
        return try CronParser(text: text, hasSeconds: false).fields()
    }

    private func checkCount(_ words: [ArraySlice<UInt8>]) throws(TimetableError) {
        let wanted = hasSeconds ? 6 : 5
        guard words.count != wanted else { return }
        let isShort = words.count < wanted
        let place =
            isShort ? CronParser.Place.all[words.count + 6 - wanted].name : "expression"
        let count = words.count == 1 ? "1 field" : "\(words.count) fields"
        throw TimetableError(
            .invalidExpression,
            "there \(words.count == 1 ? "is" : "are") \(count) where "
                + "\(hasSeconds ? "six" : "five") are needed. Write "
                + "\(hasSeconds ? "second, " : "")minute, hour, day of month, month and day of "
                + "week, as in \(hasSeconds ? "0 " : "")30 2 * * 1-5, with no blanks inside a "
                + "field.",
            field: place,
            column: column(ofByte: isShort ? bytes.count : words[wanted].startIndex, in: bytes))
    }

    func error(
        _ offset: Int, _ place: Place, _ message: String,
        code: TimetableError.Code = .invalidExpression
    ) -> TimetableError {
        TimetableError(
            code, message, field: place.name, column: column(ofByte: offset, in: bytes))
    }

    private func readDaysOfMonth(
        _ word: ArraySlice<UInt8>, into result: inout CronFields
    ) throws(TimetableError) {
        for item in items(word) {
            if item.count == 1, item.first.map({ $0 & 0xDF }) == UInt8(ascii: "L") {
                result.hasLastDay = true
            } else if item.last.map({ $0 & 0xDF }) == UInt8(ascii: "W") {
                let day = item.dropLast()
                if day.count == 1, day.first.map({ $0 & 0xDF }) == UInt8(ascii: "L") {
                    result.hasLastWeekday = true
                } else {
                    let number = try number(day, .dayOfMonth, at: item.startIndex)
                    result.nearestWeekdays |= 1 << UInt32(number)
                }
            } else {
                result.daysOfMonth |= UInt32(
                    truncatingIfNeeded: try range(item, .dayOfMonth))
            }
        }
    }

    private func readWeekdays(
        _ word: ArraySlice<UInt8>, into result: inout CronFields
    ) throws(TimetableError) {
        for item in items(word) {
            if let hash = item.firstIndex(of: UInt8(ascii: "#")) {
                let weekday = try number(item[..<hash], .dayOfWeek, at: item.startIndex) % 7
                let rest = item[(hash + 1)...]
                guard rest.count == 1, let digit = rest.first, (0x31...0x35).contains(digit) else {
                    throw error(
                        hash + 1, .dayOfWeek,
                        "after # stands 1 to 5, the week of the month, as in MON#2.")
                }
                result.nthWeekdays |= 1 << UInt64(Int(digit - 0x31) * 7 + weekday)
            } else if item.count > 1, item.last.map({ $0 & 0xDF }) == UInt8(ascii: "L") {
                let weekday = try number(item.dropLast(), .dayOfWeek, at: item.startIndex) % 7
                result.lastWeekdays |= 1 << UInt32(weekday)
            } else {
                let mask = try range(item, .dayOfWeek)
                result.weekdays |= UInt32(truncatingIfNeeded: mask | mask >> 7) & 0x7F
            }
        }
    }

    private func items(_ word: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        word.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    }

    private func mask(
        _ word: ArraySlice<UInt8>, _ place: Place
    ) throws(TimetableError) -> UInt64 {
        var result: UInt64 = 0
        var start = word.startIndex
        for index in word.indices where word[index] == UInt8(ascii: ",") {
            result |= try range(word[start..<index], place)
            start = index + 1
        }
        return result | (try range(word[start...], place))
    }

    /// Reads `*`, `a`, `a-b`, each with an optional `/step`; `a/step` runs to the field's end.
    private func range(
        _ item: ArraySlice<UInt8>, _ place: Place
    ) throws(TimetableError) -> UInt64 {
        let slash = item.firstIndex(of: UInt8(ascii: "/"))
        if let slash, let second = item[(slash + 1)...].firstIndex(of: UInt8(ascii: "/")) {
            throw error(second, place, "only one step is allowed, as in 0-30/5.")
        }
        var low = place.low
        var high = place.high
        let base = slash.map { item[..<$0] } ?? item
        if base.count == 1, base.first == UInt8(ascii: "*") {
            // The whole range.
        } else if let dash = base.firstIndex(of: UInt8(ascii: "-")) {
            low = try number(base[..<dash], place, at: base.startIndex)
            high = try number(base[(dash + 1)...], place, at: dash + 1)
            guard low <= high else {
                let hint =
                    place.name == "day-of-week" && high == 0
                    ? "Sunday at the end of a range is 7, as in 5-7"
                    : "Write two ranges, as in 20-23,0-8"
                throw error(
                    base.startIndex, place,
                    "the range \(quoted(String(decoding: base, as: UTF8.self))) ends before it "
                        + "starts. \(hint).")
            }
        } else {
            low = try number(base, place, at: base.startIndex)
            if slash == nil { high = low }
        }
        guard let slash else {
            // All bits from one to another.
            return (UInt64.max >> UInt64(63 - (high - low))) << UInt64(low)
        }
        let step = try step(item[(slash + 1)...], place)
        var mask: UInt64 = 0
        for value in stride(from: low, through: high, by: step) { mask |= 1 << UInt64(value) }
        return mask
    }

    private func step(
        _ text: ArraySlice<UInt8>, _ place: Place
    ) throws(TimetableError) -> Int {
        guard let step = CronParser.decimal(text), step >= 1 else {
            throw error(
                text.startIndex, place,
                "after / stands a whole number from 1 on, as in */15.")
        }
        return step
    }

    /// Reads a number or a name, within the field's range.
    private func number(
        _ text: ArraySlice<UInt8>, _ place: Place, at offset: Int
    ) throws(TimetableError) -> Int {
        if let value = CronParser.decimal(text) {
            guard (place.low...place.high).contains(value) else {
                let shown = quoted(String(decoding: text, as: UTF8.self))
                throw error(
                    offset, place, "\(shown) is outside \(place.low) to \(place.high).")
            }
            return value
        }
        let word = String(decoding: text, as: UTF8.self)
        if let index = place.names.firstIndex(of: word.uppercased()) {
            return place.firstName + index
        }
        let names = place.names.isEmpty ? "" : " or a name such as \(place.names[1])"
        let what = text.isEmpty ? "a value is missing" : "\(quoted(word)) is not understood"
        throw error(offset, place, "\(what). Write \(place.low) to \(place.high)\(names).")
    }

    /// Plain ASCII digits; a number too large to matter saturates, so that range checks catch it.
    private static func decimal(_ text: ArraySlice<UInt8>) -> Int? {
        guard !text.isEmpty, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return text.reduce(0) { min($0 * 10 + Int($1 - 0x30), 1_000_000) }
    }
}
