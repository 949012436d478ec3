/// The days of every year that a rule's day parts allow, as bit sets.
///
/// Which days of a year a rule allows depends on the weekday of 1 January and on whether the year
/// is a leap year, or comes after or before one (that says how many weeks its neighbours have): so
/// 28 sets of 366 bits answer for all years. Weeks are those of RFC 5545: the first of a year has
/// at least four of its days. The days of a year that belong to a week of its neighbour count with
/// that week's number.
struct YearDays: Sendable {
    static let wordCount = 6
    static let shapeCount = 28
    /// The days of 400 years, after which calendar and weekdays are the same again.
    static let cycleDayCount = 146_097
    /// The sets, six words each, by `YearDays.Year.shape`.
    private var words = [UInt64](repeating: 0, count: shapeCount * wordCount)

    /// A year as far as its days go.
    struct Year {
        var year: Int
        /// 1 January, in days since 1970.
        var firstDay: Int
        /// Four times the weekday of 1 January, and 1 more in a leap year, 2 after one, 3 before.
        var shape: Int

        @inline(__always)
        init(_ year: Int) {
            self.year = year
            firstDay = CivilDate.daysSinceEpoch(year: year, month: 1, day: 1)
            let kind =
                switch year & 3 {
                case 0: CivilDate.isLeap(year: year) ? 1 : 0
                case 1: CivilDate.isLeap(year: year - 1) ? 2 : 0
                case 3: CivilDate.isLeap(year: year + 1) ? 3 : 0
                default: 0
                }
            shape = CivilDate.weekdayNumber(daysSinceEpoch: firstDay) * 4 + kind
        }

        var leapDays: Int { shape & 3 == 1 ? 1 : 0 }
        var dayCount: Int { 365 + leapDays }

        /// The first day of a month, 0 for 1 January.
        @inline(__always)
        func dayOfYear(month: Int) -> Int {
            // 367·m - 362, over 12: the days before a month, were February 30 days long.
            (367 * month - 362) / 12 - (month <= 2 ? 0 : 2 - leapDays)
        }
    }

    /// Reads the day parts of a rule; what they leave open, the start's date says.
    init(rule: RecurrenceRule, start: CivilDate) {
        for shape in 0..<YearDays.shapeCount {
            let base = shape * YearDays.wordCount
            if shape & 3 > 1, rule.weekNumbers.isEmpty {
                // Its neighbours matter to weeks alone.
                let common = (shape & ~3) * YearDays.wordCount
                for index in 0..<YearDays.wordCount { words[base + index] = words[common + index] }
                continue
            }
            let days = YearDays.days(rule: rule, start: start, shape: shape)
            for index in 0..<YearDays.wordCount { words[base + index] = days.words[index] }
        }
    }

    /// Whether no day of any year is allowed.
    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// Whether every day is allowed.
    var isOpen: Bool {
        (0..<YearDays.shapeCount).allSatisfy { count(shape: $0) == 365 + ($0 & 3 == 1 ? 1 : 0) }
    }

    /// Keeps only one day of the week.
    mutating func keep(weekday: Int) {
        for shape in 0..<YearDays.shapeCount {
            let first = floorRemainder(weekday - shape >> 2, 7)
            var kept = [UInt64](repeating: 0, count: YearDays.wordCount)
            for day in stride(from: first, to: 366, by: 7) {
                kept[day >> 6] |= 1 << UInt64(day & 63)
            }
            for place in 0..<YearDays.wordCount {
                words[shape * YearDays.wordCount + place] &= kept[place]
            }
        }
    }

    /// Takes away the days of a month.
    mutating func drop(month: Int) {
        for shape in 0..<YearDays.shapeCount {
            let leap = shape & 3 == 1
            let year = Year(leap ? 2000 : 2001)
            let first = year.dayOfYear(month: month)
            for day in first..<first + CivilDate.dayCount(ofMonth: month, year: year.year) {
                words[shape * YearDays.wordCount + day >> 6] &= ~(1 << UInt64(day & 63))
            }
        }
    }

    @inline(__always)
    func contains(_ year: Year, _ dayOfYear: Int) -> Bool {
        words[year.shape * YearDays.wordCount + dayOfYear >> 6] >> UInt64(dayOfYear & 63) & 1 == 1
    }

    /// The first allowed day of a year from one on, 0 for 1 January.
    @inline(__always)
    func first(_ year: Year, from dayOfYear: Int) -> Int? {
        guard dayOfYear < 366 else { return nil }
        let base = year.shape * YearDays.wordCount
        var index = dayOfYear >> 6
        var word = (words[base + index] >> UInt64(dayOfYear & 63)) << UInt64(dayOfYear & 63)
        while word == 0 {
            index += 1
            if index == YearDays.wordCount { return nil }
            word = words[base + index]
        }
        return index * 64 + word.trailingZeroBitCount
    }

    /// The allowed days of a month; bit 0 is the first.
    @inline(__always)
    func month(_ year: Year, _ month: Int) -> UInt64 {
        let first = year.dayOfYear(month: month)
        let base = year.shape * YearDays.wordCount + first >> 6
        let shift = UInt64(first & 63)
        var bits = words[base] >> shift
        if shift > 33 { bits |= words[base + 1] << (64 - shift) }
        return bits & (1 << UInt64(CivilDate.dayCount(ofMonth: month, year: year.year)) - 1)
    }

    /// The allowed days of the week that begins on a day of a year; bit 0 is the first.
    @inline(__always)
    func week(_ year: Year, _ dayOfYear: Int) -> UInt64 {
        let base = year.shape * YearDays.wordCount + dayOfYear >> 6
        let shift = UInt64(dayOfYear & 63)
        var bits = words[base] >> shift
        if shift > 57, dayOfYear < 320 { bits |= words[base + 1] << (64 - shift) }
        let left = year.dayCount - dayOfYear
        if left < 7 {
            let next = words[Year(year.year + 1).shape * YearDays.wordCount]
            bits = bits & (1 << UInt64(left) - 1) | next << UInt64(left)
        }
        return bits & 0x7F
    }

    /// The weekdays of all allowed days, and of those whose next day is allowed too; bit 0 is
    /// Thursday, as 1970-01-01 was one.
    var weekdays: (all: UInt64, pairs: UInt64) {
        var (all, pairs): (UInt64, UInt64) = (0, 0)
        for shape in 0..<YearDays.shapeCount {
            let dayCount = shape & 3 == 1 ? 366 : 365
            // Whether the next year's first day is allowed, in some year that may be the next.
            let nextYear = (shape >> 2 + dayCount) % 7 * 4
            let isNextAllowed = (0..<4).contains {
                words[(nextYear + $0) * YearDays.wordCount] & 1 == 1
            }
            for place in 0..<YearDays.wordCount {
                let word = words[shape * YearDays.wordCount + place]
                let next = place == 5 ? 0 : words[shape * YearDays.wordCount + place + 1]
                var rest = word
                // Once a week is enough, as all are seen once in seven.
                while rest != 0, all & pairs != 0x7F {
                    let day = place * 64 + rest.trailingZeroBitCount
                    let bit = UInt64(1) << UInt64((shape >> 2 + day + 3) % 7)
                    let follows = word >> 1 | next << 63
                    all |= bit
                    let isPair =
                        day == dayCount - 1 ? isNextAllowed : follows >> UInt64(day & 63) & 1 == 1
                    if isPair { pairs |= bit }
                    rest &= rest - 1
                }
            }
        }
        return (all, pairs)
    }

    /// How many days of a year are allowed before one.
    func count(_ year: Year, before dayOfYear: Int) -> Int {
        let base = year.shape * YearDays.wordCount
        let (place, bit) = (dayOfYear >> 6, UInt64(dayOfYear & 63))
        let whole = (0..<place).reduce(0) { $0 + words[base + $1].nonzeroBitCount }
        return bit == 0 ? whole : whole + (words[base + place] & (1 << bit - 1)).nonzeroBitCount
    }

    /// How many days are allowed in the year that has most.
    var countMax: Int { (0..<YearDays.shapeCount).reduce(0) { max($0, count(shape: $1)) } }

    /// How many days of a year are allowed and among some others.
    func count(shape: Int, in mask: ArraySlice<UInt64>) -> Int {
        (0..<YearDays.wordCount).reduce(0) {
            $0
                + (words[shape * YearDays.wordCount + $1] & mask[mask.startIndex + $1])
                .nonzeroBitCount
        }
    }

    /// How many days of a year are allowed.
    func count(shape: Int) -> Int {
        (0..<YearDays.wordCount).reduce(0) {
            $0 + words[shape * YearDays.wordCount + $1].nonzeroBitCount
        }
    }

    /// The allowed day with an index among those of its year.
    func day(_ year: Year, at index: Int) -> Int {
        var rest = index
        for place in 0..<YearDays.wordCount {
            let word = words[year.shape * YearDays.wordCount + place]
            let count = word.nonzeroBitCount
            if rest < count { return place * 64 + nthBit(word, rest) }
            rest -= count
        }
        return 365
    }
}

/// The place of the set bit that has `index` set bits below it.
@inline(__always)
func nthBit(_ word: UInt64, _ index: Int) -> Int {
    var rest = word
    for _ in 0..<index { rest &= rest &- 1 }  // Wraps never: a set bit is left.
    return rest.trailingZeroBitCount
}

/// A set of the days of one year.
private struct DayBits {
    var words = [UInt64](repeating: 0, count: YearDays.wordCount)

    mutating func insert(_ day: Int) {
        if day >= 0 && day < 366 { words[day >> 6] |= 1 << UInt64(day & 63) }
    }

    mutating func formIntersection(_ other: DayBits) {
        for index in words.indices { words[index] &= other.words[index] }
    }
}

extension YearDays {
    /// The allowed days of a year that begins on a weekday.
    private static func days(
        rule: RecurrenceRule, start: CivilDate, shape: Int
    ) -> DayBits {
        let newYear = shape >> 2
        let leap = shape & 3 == 1 ? 1 : 0
        let count = 365 + leap
        var all = DayBits()
        for day in 0..<count { all.insert(day) }
        let months = (1...12).map { month -> Range<Int> in
            let first = (367 * month - 362) / 12 - (month <= 2 ? 0 : 2 - leap)
            let length = CivilDate.dayCount(ofMonth: month, year: leap == 1 ? 2000 : 2001)
            return first..<(first + length)
        }
        func restrict(_ isGiven: Bool, _ fill: (inout DayBits) -> Void) {
            guard isGiven else { return }
            var bits = DayBits()
            fill(&bits)
            all.formIntersection(bits)
        }
        let implied = Implied(rule: rule, start: start)
        restrict(!implied.months.isEmpty) { bits in
            for month in implied.months { for day in months[month - 1] { bits.insert(day) } }
        }
        restrict(!implied.monthDays.isEmpty) { bits in
            for month in months {
                for day in implied.monthDays where abs(day) <= month.count {
                    bits.insert(day > 0 ? month.lowerBound + day - 1 : month.upperBound + day)
                }
            }
        }
        restrict(!rule.yearDays.isEmpty) { bits in
            for day in rule.yearDays where abs(day) <= count {
                bits.insert(day > 0 ? day - 1 : count + day)
            }
        }
        restrict(!rule.weekNumbers.isEmpty) { bits in
            for day in 0..<count {
                let (week, weekCount) = week(
                    of: day, shape: shape, weekStart: rule.weekStart.rawValue)
                let isIn = rule.weekNumbers.contains { $0 == week || $0 == week - weekCount - 1 }
                if isIn { bits.insert(day) }
            }
        }
        restrict(!implied.days.isEmpty) { bits in
            let spans =
                rule.frequency == .monthly || !rule.months.isEmpty ? months : [0..<count]
            for day in implied.days {
                for span in spans { insert(day, of: span, newYear: newYear, into: &bits) }
            }
        }
        return all
    }

    /// What a rule says of days, completed by the start's date.
    private struct Implied {
        var months: [Int]
        var monthDays: [Int]
        var days: [RecurrenceRule.Day]

        init(rule: RecurrenceRule, start: CivilDate) {
            months = rule.months
            monthDays = rule.monthDays
            days = rule.days
            let isOpen =
                monthDays.isEmpty && days.isEmpty && rule.yearDays.isEmpty
            guard isOpen else { return }
            switch rule.frequency {
            case .yearly where rule.weekNumbers.isEmpty:
                if months.isEmpty { months = [start.month] }
                monthDays = [start.day]
            case .monthly: monthDays = [start.day]
            case .weekly, .yearly:
                days = [RecurrenceRule.Day(ordinal: 0, weekday: start.weekday)]
            default: break
            }
        }
    }

    private static func insert(
        _ day: RecurrenceRule.Day, of span: Range<Int>, newYear: Int, into bits: inout DayBits
    ) {
        let first =
            span.lowerBound
            + floorRemainder(
                day.weekday.rawValue - newYear - span.lowerBound, 7)
        if day.ordinal == 0 {
            for day in stride(from: first, to: span.upperBound, by: 7) { bits.insert(day) }
            return
        }
        let count = (span.upperBound - first + 6) / 7
        let index = day.ordinal > 0 ? day.ordinal - 1 : count + day.ordinal
        if index >= 0 && index < count { bits.insert(first + index * 7) }
    }

    /// The number of the week that a day of a year is in, and how many weeks that week's year has.
    private static func week(
        of day: Int, shape: Int, weekStart: Int
    ) -> (week: Int, weekCount: Int) {
        /// The first day of week 1, from -3 to 3, of a year that begins on a weekday.
        func first(_ newYear: Int) -> Int {
            let offset = floorRemainder(newYear - weekStart, 7)  // of 1 January in its week
            return offset <= 3 ? -offset : 7 - offset
        }
        let newYear = shape >> 2
        let kind = shape & 3
        let count = kind == 1 ? 366 : 365
        let start = first(newYear)
        let next = count + first((newYear + count) % 7)
        if day >= next {
            let nextCount = kind == 3 ? 366 : 365
            let after = count + nextCount + first((newYear + count + nextCount) % 7)
            return ((day - next) / 7 + 1, (after - next) / 7)
        }
        if day < start {
            let lastCount = kind == 2 ? 366 : 365
            let before = first(floorRemainder(newYear - lastCount, 7)) - lastCount
            return ((day - before) / 7 + 1, (start - before) / 7)
        }
        return ((day - start) / 7 + 1, (next - start) / 7)
    }
}
