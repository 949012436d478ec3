import Events
import Timetable

/// Moments in names and folders: UTC, the years 1970 to 9999.
enum ExchangeTime {
    private static let microsecondsPerDay: Int64 = 86_400_000_000
    private static let days = 0...2_932_896

    /// The day of a moment in µs.
    static func day(of time: Int64) throws(ExchangeError) -> CivilDate {
        guard time >= 0, days.contains(Int(time / microsecondsPerDay)) else {
            throw ExchangeError(
                "time", "a file's time lies outside the years 1970 to 9999; set the clock right")
        }
        return CivilDate(daysSinceEpoch: Int(time / microsecondsPerDay))
    }

    /// `yyyyMMddTHHmmssZ` of a moment in µs.
    static func stamp(of time: Int64) throws(ExchangeError) -> String {
        _ = try day(of: time)
        return UTCText.of(microseconds: time).prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// The moment, µs, that a stamp says; nil where it is none.
    static func moment(stamp: some StringProtocol) -> Int64? {
        let bytes = Array(stamp.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
            let year = digits(bytes[0..<4]), let month = digits(bytes[4..<6]),
            let day = digits(bytes[6..<8]), let hour = digits(bytes[9..<11]), hour < 24,
            let minute = digits(bytes[11..<13]), minute < 60,
            let second = digits(bytes[13..<15]), second < 60,
            let date = CivilDate(year: year, month: month, day: day), year >= 1970
        else { return nil }
        let seconds = ((date.daysSinceEpoch * 24 + hour) * 60 + minute) * 60 + second
        return Int64(seconds) * 1_000_000
    }

    fileprivate static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }
}

extension CivilDate {
    /// The day that `YYYY-MM-DD` says; nil for any other text.
    init?(dayText text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count == 10, bytes[4] == dash, bytes[7] == dash,
            let year = ExchangeTime.digits(bytes[0..<4]),
            let month = ExchangeTime.digits(bytes[5..<7]),
            let day = ExchangeTime.digits(bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }
}
