/// A recurrence rule of iCalendar (RFC 5545, section 3.3.10), as it was written.
///
/// It says nothing of a start or a zone; a `Recurrence` has those. Two rules are equal where their
/// texts are.
public struct RecurrenceRule: Hashable, Sendable, CustomStringConvertible {
    /// The text as it was given.
    public let description: String
    /// What is repeated.
    public internal(set) var frequency: Frequency
    /// Every how many periods, from 1 on.
    public internal(set) var interval = 1
    /// How many instances there are, where the rule says so.
    public internal(set) var count: Int?
    /// The last moment at which there may be an instance, where the rule says so.
    public internal(set) var until: RecurrenceTime?
    /// The first day of a week.
    public internal(set) var weekStart = Weekday.monday
    /// The days of the week, each with its ordinal or 0.
    public internal(set) var days: [Day] = []

    // The lists of numbers; empty where the rule has no such part. A second of 60 reads as 59
    // (RFC 5545, 3.3.12: for those who know no leap seconds).
    var seconds: [Int] = []
    var minutes: [Int] = []
    var hours: [Int] = []
    var monthDays: [Int] = []
    var yearDays: [Int] = []
    var weekNumbers: [Int] = []
    var months: [Int] = []
    var positions: [Int] = []

    /// How long a period is.
    public enum Frequency: String, CaseIterable, Hashable, Sendable {
        /// Every second.
        case secondly = "SECONDLY"
        /// Every minute.
        case minutely = "MINUTELY"
        /// Every hour.
        case hourly = "HOURLY"
        /// Every day.
        case daily = "DAILY"
        /// Every week.
        case weekly = "WEEKLY"
        /// Every month.
        case monthly = "MONTHLY"
        /// Every year.
        case yearly = "YEARLY"

        /// The length in seconds of periods that go by elapsed time; `nil` from a day on.
        var elapsedSeconds: Int64? {
            switch self {
            case .secondly: 1
            case .minutely: 60
            case .hourly: 3600
            default: nil
            }
        }
    }

    /// A day of the week, such as `MO`, `2MO` or `-1FR`.
    public struct Day: Hashable, Sendable {
        /// The how-manieth of the month or year; negative from its end, 0 for each one.
        public let ordinal: Int
        /// The day of the week.
        public let weekday: Weekday
    }

    /// Whether it counts elapsed time, whatever the clocks do: by hours, minutes or seconds.
    public var countsElapsedTime: Bool { frequency.elapsedSeconds != nil }

    init(text: String, frequency: Frequency) {
        description = text
        self.frequency = frequency
    }

    /// Whether two rules have the same text.
    public static func == (left: RecurrenceRule, right: RecurrenceRule) -> Bool {
        left.description == right.description
    }

    /// Feeds the text.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(description)
    }
}

/// A date or time as iCalendar writes it (RFC 5545, 3.3.4 and 3.3.5).
public enum RecurrenceTime: Hashable, Sendable {
    /// `20250704`: a day.
    case date(CivilDate)
    /// `20250704T170000`: the wall clock of the zone of the search.
    case local(CivilDateTime)
    /// `20250704T170000Z`: a point in time.
    case instant(Instant)

    /// Reads `YYYYMMDD`, `YYYYMMDDTHHMMSS` or `YYYYMMDDTHHMMSSZ`, or the same in ISO 8601 with
    /// hyphens and colons.
    public static func parse(_ text: String) throws(TimetableError) -> RecurrenceTime {
        let bytes = Array(text.utf8.prefix(65))
        if bytes.count > 4, bytes[4] == UInt8(ascii: "-") {
            switch try ISO8601.parse(text) {
            case .date(let date): return .date(date)
            case .local(let local): return .local(local)
            case .instant(let instant): return .instant(instant)
            }
        }
        func wrong(_ what: String, at offset: Int) -> TimetableError {
            TimetableError(
                .invalidDate,
                "\(quoted(text)) is no iCalendar date or time: \(what). "
                    + "Write it as in 20250704, 20250704T170000 or 20250704T170000Z.",
                column: column(ofByte: offset, in: bytes))
        }
        func number(_ start: Int, _ count: Int) throws(TimetableError) -> Int {
            var value = 0
            for index in start..<(start + count) {
                guard index < bytes.count, case 0x30...0x39 = bytes[index] else {
                    throw wrong("expected a digit", at: min(index, bytes.count))
                }
                value = value * 10 + Int(bytes[index] - 0x30)
            }
            return value
        }
        let date = CivilDate(
            year: try number(0, 4), month: try number(4, 2), day: try number(6, 2))
        guard let date else { throw wrong("there is no such day", at: 6) }
        if bytes.count == 8 { return .date(date) }
        guard bytes[8] | 0x20 == UInt8(ascii: "t") else { throw wrong("expected T", at: 8) }
        let (hour, minute, second) = (try number(9, 2), try number(11, 2), try number(13, 2))
        // 60 is a leap second, which clocks here do not show (RFC 5545, 3.3.12).
        guard let time = CivilTime(hour: hour, minute: minute, second: second == 60 ? 59 : second)
        else { throw wrong("a time of day is 000000 to 235959", at: 9) }
        let local = CivilDateTime(date: date, time: time)
        if bytes.count == 15 { return .local(local) }
        guard bytes.count == 16, bytes[15] | 0x20 == UInt8(ascii: "z") else {
            throw wrong("after the time only Z may stand", at: 15)
        }
        return .instant(Instant(seconds: local.localSeconds))
    }
}
