/// Times of day as the product of hours, minutes and seconds, or as a list.
struct DayTimes: Sendable {
    /// Bits 0 to 23, 0 to 59 and 0 to 59; none is empty.
    var hours: UInt64
    var minutes: UInt64
    var seconds: UInt64
    /// The times that BYSETPOS leaves of a day, in order; where given, it stands for the masks.
    private var list: [Int]?

    static let allHours: UInt64 = (1 << 24) - 1
    static let allSixty: UInt64 = (1 << 60) - 1

    init(hours: UInt64, minutes: UInt64, seconds: UInt64) {
        self.hours = hours
        self.minutes = minutes
        self.seconds = seconds
    }

    /// The bits of a list of numbers; `standard` where the list is empty.
    static func mask(_ values: [Int], else standard: UInt64) -> UInt64 {
        values.isEmpty ? standard : values.reduce(0) { $0 | 1 << UInt64($1) }
    }

    /// Whether every second of the day is one.
    var isOpen: Bool {
        list == nil && hours == DayTimes.allHours && minutes == DayTimes.allSixty
            && seconds == DayTimes.allSixty
    }

    /// How many times a day has.
    var count: Int {
        list?.count ?? hours.nonzeroBitCount * minutes.nonzeroBitCount * seconds.nonzeroBitCount
    }

    /// The time with an index from 0 on, in seconds since midnight.
    func time(at index: Int) -> Int {
        if let list { return list[index] }
        let (rest, second) = index.quotientAndRemainder(dividingBy: seconds.nonzeroBitCount)
        let (hour, minute) = rest.quotientAndRemainder(dividingBy: minutes.nonzeroBitCount)
        return (nthBit(hours, hour) * 60 + nthBit(minutes, minute)) * 60 + nthBit(seconds, second)
    }

    /// The first time at or after one; `nil` where the day has none any more.
    @inline(__always)
    func first(from second: Int) -> Int? {
        if let list { return list.first { $0 >= second } }
        let hour = second / 3600
        if hours >> UInt64(hour) & 1 == 1 {
            let minute = second / 60 % 60
            if minutes >> UInt64(minute) & 1 == 1 {
                let later = seconds >> UInt64(second % 60)
                if later != 0 { return second + later.trailingZeroBitCount }
            }
            let later = minutes >> UInt64(minute + 1)
            if later != 0 {
                return hour * 3600 + (minute + 1 + later.trailingZeroBitCount) * 60
                    + seconds.trailingZeroBitCount
            }
        }
        let later = hours >> UInt64(hour + 1)
        guard later != 0 else { return nil }
        return (hour + 1 + later.trailingZeroBitCount) * 3600 + minutes.trailingZeroBitCount * 60
            + seconds.trailingZeroBitCount
    }

    /// The first of the day; `nil` where BYSETPOS leaves none.
    @inline(__always)
    var first: Int? {
        if let list { return list.first }
        return (hours.trailingZeroBitCount * 60 + minutes.trailingZeroBitCount) * 60
            + seconds.trailingZeroBitCount
    }

    /// The times of a day that BYSETPOS chooses.
    func choosing(_ positions: [Int]) -> DayTimes {
        var chosen = self
        let indices = Set(positions.map { $0 > 0 ? $0 - 1 : count + $0 })
        chosen.list = indices.filter { (0..<count).contains($0) }.map(time(at:)).sorted()
        return chosen
    }
}
