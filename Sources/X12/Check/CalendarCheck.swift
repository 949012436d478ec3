/// Dates, times and numbers as X12 writes them.
enum CalendarCheck {
    static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var value = 0
        guard !range.isEmpty, range.count <= 9 else { return nil }
        for place in range {
            let digit = bytes[place] &- 0x30
            guard digit <= 9 else { return nil }
            // No overflow: nine digits at most.
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    /// Whether it is CCYYMMDD or YYMMDD, and such a day exists.
    static func isDate(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == 8 || range.count == 6, let value = number(bytes, range) else {
            return false
        }
        let year = range.count == 8 ? value / 10_000 : 2_000 + value / 10_000
        return isDay(year: year, month: value / 100 % 100, day: value % 100)
    }

    static func isDay(year: Int, month: Int, day: Int) -> Bool {
        guard year > 0, (1...12).contains(month), day >= 1 else { return false }
        if month == 2 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return day <= (isLeap ? 29 : 28)
        }
        let isShort = month == 4 || month == 6 || month == 9 || month == 11
        return day <= (isShort ? 30 : 31)
    }

    /// Whether it is HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
    static func isTime(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == 4 || (6...8).contains(range.count),
            let value = number(bytes, range.lowerBound..<(range.lowerBound + 4)),
            number(bytes, range) != nil
        else { return false }
        guard value / 100 < 24, value % 100 < 60 else { return false }
        guard range.count >= 6 else { return true }
        let seconds = number(bytes, (range.lowerBound + 4)..<(range.lowerBound + 6)) ?? 99
        return seconds < 60
    }

    /// How many digits a number has, sign and point aside; none where it is no number.
    static func digitCount(_ bytes: Span<UInt8>, _ range: Range<Int>, isInteger: Bool) -> Int? {
        var digits = 0
        var points = 0
        for place in range {
            switch bytes[place] {
            case 0x30...0x39: digits += 1
            case UInt8(ascii: "-") where place == range.lowerBound: break
            case UInt8(ascii: ".") where !isInteger && points == 0: points += 1
            default: return nil
            }
        }
        return digits > 0 ? digits : nil
    }

    private static var d8: UInt64 { 0x4438 }
    private static var rd8: UInt64 { 0x524438 }
    private static var d6: UInt64 { 0x4436 }
    private static var dt: UInt64 { 0x4454 }
    private static var tm: UInt64 { 0x544D }

    /// What is wrong with a value (element 1251) under a format (element 1250).
    static func fault(_ bytes: Span<UInt8>, _ range: Range<Int>, format: UInt64) -> ElementFault? {
        switch format {
        case d8: return range.count == 8 && isDate(bytes, range) ? nil : .date
        case d6: return range.count == 6 && isDate(bytes, range) ? nil : .date
        case rd8:
            let middle = range.lowerBound + 8
            guard range.count == 17, bytes[middle] == UInt8(ascii: "-"),
                isDate(bytes, range.lowerBound..<middle),
                isDate(bytes, (middle + 1)..<range.upperBound)
            else { return .date }
            return nil
        case dt:
            guard (12...14).contains(range.count), range.count != 13,
                isDate(bytes, range.lowerBound..<(range.lowerBound + 8))
            else { return .date }
            return isTime(bytes, (range.lowerBound + 8)..<range.upperBound) ? nil : .time
        case tm: return isTime(bytes, range) ? nil : .time
        default: return nil
        }
    }
}
