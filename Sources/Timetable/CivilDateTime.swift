/// A time of day on a wall clock, to the microsecond; no 24:00 and no leap second.
public struct CivilTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The hour, 0 to 23.
    public let hour: Int
    /// The minute, 0 to 59.
    public let minute: Int
    /// The second, 0 to 59.
    public let second: Int
    /// The microsecond of the second, 0 to 999,999.
    public let microsecond: Int

    /// 00:00:00.
    public static let midnight = CivilTime(secondOfDay: 0)

    /// Makes a time of day; `nil` where a part is out of range.
    public init?(hour: Int, minute: Int, second: Int = 0, microsecond: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999_999).contains(microsecond)
        else { return nil }
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
    }

    /// Reads a time of day of the form `HH:MM`; `nil` where it is none.
    public init?(hourAndMinute text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        let digits = [0, 1, 3, 4].map { Int(bytes[$0]) - 48 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        self.init(hour: digits[0] * 10 + digits[1], minute: digits[2] * 10 + digits[3])
    }

    /// Makes the time from seconds since midnight, which must be 0 to 86,399.
    @inline(__always)
    init(secondOfDay: Int, microsecond: Int = 0) {
        let minutes = secondOfDay / 60
        hour = minutes / 60
        minute = minutes - hour * 60
        second = secondOfDay - minutes * 60
        self.microsecond = microsecond
    }

    /// Whole seconds since midnight.
    public var secondOfDay: Int { (hour * 60 + minute) * 60 + second }

    /// Whether one time of day is before another.
    public static func < (left: CivilTime, right: CivilTime) -> Bool {
        (left.secondOfDay, left.microsecond) < (right.secondOfDay, right.microsecond)
    }

    /// The time as `HH:MM:SS`, with `.ffffff` where there are microseconds.
    public var description: String {
        var text = CivilText()
        text.time(self)
        return text.text
    }
}

/// What a calendar and a wall clock show together, without a zone.
public struct CivilDateTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The date.
    public let date: CivilDate
    /// The time of day.
    public let time: CivilTime

    /// Makes a date-time from its parts.
    public init(date: CivilDate, time: CivilTime) {
        self.date = date
        self.time = time
    }

    /// Makes the date-time from seconds since 1970-01-01T00:00:00 on the same wall clock.
    @inline(__always)
    init(localSeconds: Int64, microsecond: Int = 0) {
        let days = floorDivide(localSeconds, 86_400)
        date = CivilDate(daysSinceEpoch: Int(days))
        time = CivilTime(
            secondOfDay: Int(localSeconds - days * 86_400), microsecond: microsecond)
    }

    /// Seconds since 1970-01-01T00:00:00 on the same wall clock, the microseconds left out.
    var localSeconds: Int64 { Int64(date.daysSinceEpoch * 86_400 + time.secondOfDay) }

    /// Whether one is before another on the same wall clock.
    public static func < (left: CivilDateTime, right: CivilDateTime) -> Bool {
        (left.date, left.time) < (right.date, right.time)
    }

    /// The date-time as `YYYY-MM-DDTHH:MM:SS`.
    public var description: String {
        var text = CivilText()
        text.date(date)
        text.character("T")
        text.time(time)
        return text.text
    }
}
