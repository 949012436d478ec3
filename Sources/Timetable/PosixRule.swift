/// The rule in the footer of a TZif file, such as `EST5EDT,M3.2.0,M11.1.0`: a POSIX `TZ` string
/// with the extension of RFC 8536, section 3.3.1, that times run from -167 to 167 hours.
struct PosixRule: Hashable, Sendable {
    /// Seconds that standard time is ahead of UTC.
    var standardOffset: Int
    /// Daylight saving time, where the zone has it.
    var daylight: Daylight?

    struct Daylight: Hashable, Sendable {
        var offset: Int
        var start: Change
        var end: Change
    }

    /// One yearly change: a day and seconds after its midnight.
    struct Change: Hashable, Sendable {
        var day: Day
        var seconds: Int
    }

    enum Day: Hashable, Sendable {
        /// `Jn`, 1 to 365; 29 February is never counted.
        case julian(Int)
        /// `n`, 0 to 365; 29 February is counted.
        case zeroBased(Int)
        /// `Mm.w.d`; week 5 is the last.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    /// The two changes of a year in UTC seconds, the end before the start, so that a start at
    /// the very instant of an end (daylight time all year) wins.
    func changes(inYear year: Int) -> [(start: Int64, offset: Int)] {
        guard let daylight else { return [] }
        let end = localSeconds(daylight.end, year: year) - Int64(daylight.offset)
        let start = localSeconds(daylight.start, year: year) - Int64(standardOffset)
        return [(end, standardOffset), (start, daylight.offset)]
    }

    private func localSeconds(_ change: Change, year: Int) -> Int64 {
        let days: Int
        switch change.day {
        case .julian(let day):
            let isLater = day >= 60 && CivilDate.isLeap(year: year)
            days = CivilDate.daysSinceEpoch(year: year, month: 1, day: day) + (isLater ? 1 : 0)
        case .zeroBased(let day):
            days = CivilDate.daysSinceEpoch(year: year, month: 1, day: day + 1)
        case .weekday(let month, let week, let weekday):
            let first = CivilDate.daysSinceEpoch(year: year, month: month, day: 1)
            let firstWeekday = CivilDate.weekdayNumber(daysSinceEpoch: first)
            var day = floorRemainder(weekday - firstWeekday, 7) + (week - 1) * 7
            if day >= CivilDate.dayCount(ofMonth: month, year: year) { day -= 7 }
            days = first + day
        }
        return Int64(days * 86_400 + change.seconds)
    }
}

extension PosixRule {
    /// Reads a footer; `nil` where it breaks the grammar.
    init?(parsing text: ArraySlice<UInt8>) {
        var reader = Reader(rest: text)
        guard reader.name(), let standard = reader.time(hourMax: 24) else { return nil }
        standardOffset = -standard  // POSIX counts west of Greenwich as positive.
        guard !reader.rest.isEmpty else { return }
        guard reader.name() else { return nil }
        var offset = standardOffset + 3600
        if reader.rest.first != UInt8(ascii: ",") {
            guard let given = reader.time(hourMax: 24) else { return nil }
            offset = -given
        }
        guard let start = reader.change(), let end = reader.change(), reader.rest.isEmpty
        else { return nil }
        daylight = Daylight(offset: offset, start: start, end: end)
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        /// An abbreviation: three letters or more, or `<` letters, digits and signs `>`.
        mutating func name() -> Bool {
            if take("<") {
                guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
                let isNotEmpty = end > rest.startIndex
                rest = rest[(end + 1)...]
                return isNotEmpty
            }
            let letters = rest.prefix { (0x41...0x5A).contains($0 & 0xDF) }
            rest = rest[letters.endIndex...]
            return letters.count >= 3
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...3).contains(digits.count) else { return nil }
            rest = rest[digits.endIndex...]
            let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            return range.contains(value) ? value : nil
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time(hourMax: Int) -> Int? {
            let sign = take("-") ? -1 : 1
            if sign == 1 { _ = take("+") }
            guard let hours = number(0...hourMax) else { return nil }
            var seconds = hours * 3600
            if take(":") {
                guard let minutes = number(0...59) else { return nil }
                seconds += minutes * 60
                if take(":") {
                    guard let rest = number(0...59) else { return nil }
                    seconds += rest
                }
            }
            return sign * seconds
        }

        /// `,date[/time]`; the time is 02:00 where it is left out.
        mutating func change() -> Change? {
            guard take(","), let day = day() else { return nil }
            guard take("/") else { return Change(day: day, seconds: 7200) }
            guard let seconds = time(hourMax: 167) else { return nil }
            return Change(day: day, seconds: seconds)
        }

        private mutating func day() -> Day? {
            if take("J") { return number(1...365).map(Day.julian) }
            guard take("M") else { return number(0...365).map(Day.zeroBased) }
            guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                let weekday = number(0...6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
    }
}
