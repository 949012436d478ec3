/// Reading and printing of ISO 8601 dates and times, the subset of RFC 3339 with two additions.
///
/// Read: `YYYY-MM-DD`; a date-time `YYYY-MM-DDTHH:MM[:SS[.ffffff]]` with or without `Z` or an
/// offset `±HH:MM[:SS]`. The seconds of an offset are the addition that old local mean times need.
public enum ISO8601 {
    /// What a text turned out to be.
    public enum Value: Hashable, Sendable {
        /// A date alone.
        case date(CivilDate)
        /// A date-time without `Z` or offset: a wall clock somewhere.
        case local(CivilDateTime)
        /// A date-time with `Z` or an offset: a point in time.
        case instant(Instant)
    }

    /// Reads a date, a local date-time or an instant.
    public static func parse(_ text: String) throws(TimetableError) -> Value {
        var reader = Reader(text)
        let date = try reader.date()
        if reader.isAtEnd { return .date(date) }
        try reader.expect("T", "the letter T between date and time")
        let local = CivilDateTime(date: date, time: try reader.time())
        if reader.isAtEnd { return .local(local) }
        let offset = try reader.offset()
        guard reader.isAtEnd else {
            throw reader.error("unexpected text after the offset. Remove it")
        }
        let instant = Instant(seconds: local.localSeconds - Int64(offset))
        return .instant(
            Instant(microseconds: instant.microseconds + Int64(local.time.microsecond)))
    }

    /// An instant as UTC, such as `2026-03-29T01:00:00Z`.
    public static func utc(_ instant: Instant) -> String {
        let local = CivilDateTime(
            localSeconds: instant.seconds, microsecond: instant.microsecondOfSecond)
        return "\(local)Z"
    }

    /// A wall-clock time with its offset, such as `2026-03-29T03:00:00+02:00`.
    ///
    /// An offset of nothing prints as `+00:00`, so that local texts all have one form.
    public static func string(_ local: CivilDateTime, offsetSeconds: Int) -> String {
        let magnitude = abs(offsetSeconds)
        var text = CivilText()
        text.date(local.date)
        text.character("T")
        text.time(local.time)
        text.character(offsetSeconds < 0 ? "-" : "+")
        text.number(magnitude / 3600, width: 2)
        text.character(":")
        text.number(magnitude / 60 % 60, width: 2)
        if magnitude % 60 != 0 {
            text.character(":")
            text.number(magnitude % 60, width: 2)
        }
        return text.text
    }

    /// A cursor over the bytes of one text.
    private struct Reader {
        let text: String
        let bytes: [UInt8]
        var position = 0

        init(_ text: String) {
            self.text = text
            bytes = Array(text.utf8.prefix(65))  // The longest valid text has 36 bytes.
        }

        var isAtEnd: Bool { position == bytes.count }

        func error(_ message: String, at place: Int? = nil) -> TimetableError {
            TimetableError(
                .invalidDate,
                "\(quoted(text)) is not an ISO 8601 date or time: \(message), "
                    + "as in 2026-03-29, 2026-03-29T03:00 or 2026-03-29T03:00:00+02:00.",
                column: column(ofByte: place ?? position, in: bytes))
        }

        func next(is character: Unicode.Scalar) -> Bool {
            position < bytes.count && bytes[position] == UInt8(ascii: character)
        }

        mutating func expect(
            _ character: Unicode.Scalar, _ what: String
        ) throws(TimetableError) {
            guard next(is: character) else { throw error("expected \(what)") }
            position += 1
        }

        mutating func number(_ digits: Int, _ what: String) throws(TimetableError) -> Int {
            var value = 0
            for _ in 0..<digits {
                guard position < bytes.count, case 0x30...0x39 = bytes[position] else {
                    throw error("expected \(digits) digits for the \(what)")
                }
                value = value * 10 + Int(bytes[position] - 0x30)
                position += 1
            }
            return value
        }

        mutating func date() throws(TimetableError) -> CivilDate {
            let year = try number(4, "year")
            try expect("-", "a hyphen after the year")
            let month = try number(2, "month")
            try expect("-", "a hyphen after the month")
            let start = position
            let day = try number(2, "day")
            guard let date = CivilDate(year: year, month: month, day: day) else {
                throw error("there is no such day", at: start)
            }
            return date
        }

        mutating func time() throws(TimetableError) -> CivilTime {
            let start = position
            let hour = try number(2, "hour")
            try expect(":", "a colon after the hour")
            let minute = try number(2, "minute")
            var second = 0
            var microsecond = 0
            if next(is: ":") {
                position += 1
                second = try number(2, "second")
                if next(is: ".") {
                    position += 1
                    microsecond = try fraction()
                }
            }
            let time = CivilTime(
                hour: hour, minute: minute, second: second, microsecond: microsecond)
            guard let time else {
                throw error("a time of day is 00:00:00 to 23:59:59", at: start)
            }
            return time
        }

        mutating func fraction() throws(TimetableError) -> Int {
            var value = try number(1, "fraction of a second")
            var digits = 1
            while position < bytes.count, case 0x30...0x39 = bytes[position] {
                digits += 1
                guard digits <= 6 else { throw error("a fraction has at most 6 digits") }
                value = value * 10 + Int(bytes[position] - 0x30)
                position += 1
            }
            while digits < 6 {
                value *= 10
                digits += 1
            }
            return value
        }

        mutating func offset() throws(TimetableError) -> Int {
            if next(is: "Z") {
                position += 1
                return 0
            }
            guard next(is: "+") || next(is: "-") else {
                throw error("expected Z or an offset such as +02:00")
            }
            let sign = next(is: "-") ? -1 : 1
            position += 1
            let start = position
            let hours = try number(2, "hours of the offset")
            try expect(":", "a colon in the offset")
            let minutes = try number(2, "minutes of the offset")
            var seconds = 0
            if next(is: ":") {
                position += 1
                seconds = try number(2, "seconds of the offset")
            }
            guard hours <= 25, minutes <= 59, seconds <= 59 else {
                throw error("an offset is at most 25:59:59", at: start)
            }
            return sign * (hours * 3600 + minutes * 60 + seconds)
        }
    }
}

extension Instant: CustomStringConvertible {
    /// Reads an instant such as `2026-03-29T03:00:00+02:00` or `2026-03-29T01:00:00Z`.
    public init(parsing text: String) throws(TimetableError) {
        guard case .instant(let instant) = try ISO8601.parse(text) else {
            throw TimetableError(
                .invalidDate,
                "\(quoted(text)) names no point in time. Add a time and Z or an offset, "
                    + "as in 2026-03-29T03:00:00+02:00.")
        }
        self = instant
    }

    /// The instant in UTC, as ISO 8601.
    public var description: String { ISO8601.utc(self) }
}

extension CivilDate {
    /// Reads a date `YYYY-MM-DD`.
    public init(parsing text: String) throws(TimetableError) {
        guard case .date(let date) = try ISO8601.parse(text) else {
            throw TimetableError(
                .invalidDate,
                "\(quoted(text)) has more than a date. Write the date alone, as in 2026-03-29.")
        }
        self = date
    }
}
