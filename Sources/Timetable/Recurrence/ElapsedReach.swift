/// What steps of a fixed length can reach at all under an offset from UTC.
///
/// An hourly rule with an interval of 24 stays at its hour for ever; this says so at once, where a
/// search would try each day until the year 9999.
struct ElapsedReach: Sendable {
    /// The first window's first second, UTC, the distance from window to window, and their length.
    private let origin: Int64
    private let step: Int64
    private let window: Int64
    private let times: DayTimes
    private let instanceCountMin: Int
    /// The remainders by 7 of all allowed days, since 1970.
    private let weekdays: UInt64
    /// The same of those whose next day is allowed too.
    private let pairs: UInt64
    /// What each instance's time must lie in, where stepping to it one by one could take long;
    /// else empty.
    private var cycles: [Cycle] = []

    /// The stretches of a week, a day, an hour or a minute in which instances may lie.
    private struct Cycle {
        var length: Int64
        var stretches: [ClosedRange<Int64>]
    }

    /// A day with more stretches is looked at by hours, minutes and seconds, each for itself.
    ///
    /// That helps where steps drift slowly; where they fall here and there, they soon meet one of
    /// so many stretches.
    private static let stretchCountMax = 16
    /// So often at most hours, minutes and seconds are asked in turn.
    private static let turnCountMax = 4
    /// Shorter steps reach every time in a few days.
    ///
    /// So do those that come back to the same times after so few, and where a year has one day at
    /// most, trying each is as quick.
    private static let longStepSeconds: Int64 = 600
    private static let placeCountMin: Int64 = 200

    init(
        origin: Int64, step: Int64, window: Int64, times: DayTimes, days: YearDays,
        instanceCountMin: Int
    ) {
        self.origin = origin
        self.step = step
        self.window = window
        self.times = times
        self.instanceCountMin = instanceCountMin
        (weekdays, pairs) = days.weekdays
        let length: Int64 = weekdays == 0x7F ? 86_400 : 604_800
        let placeCount = length / greatestCommonDivisor(step, length)
        let isDense = days.countMax >= 2
        if isDense, step >= ElapsedReach.longStepSeconds, placeCount >= ElapsedReach.placeCountMin {
            cycles = allCycles(length)
        }
    }

    /// Whether any window that lies within a stretch of this offset ever holds an instance.
    ///
    /// The windows' starts have one remainder by the greatest common divisor of the step and a
    /// week; so the times of a week that they take are known.
    func isAny(offset: Int64) -> Bool {
        window == 1 ? isAnySecond(local: origin + offset) : isAnyWindow(local: origin + offset)
    }

    private func isAnySecond(local: Int64) -> Bool {
        let byMinute = greatestCommonDivisor(step, 60)
        let byHour = greatestCommonDivisor(step, 3600)
        for second in ElapsedReach.places(times.seconds)
        where floorRemainder(local - second, byMinute) == 0 {
            for minute in ElapsedReach.places(times.minutes)
            where floorRemainder(local - second - minute * 60, byHour) == 0 {
                for hour in ElapsedReach.places(times.hours) {
                    let time = hour * 3600 + minute * 60 + second
                    if reachedWeekdays(local, time) & weekdays != 0 { return true }
                }
            }
        }
        return false
    }

    /// A window may begin inside an hour (or minute), by the offsets of other times; then it has a
    /// part of that one and a part of the next.
    private func isAnyWindow(local: Int64) -> Bool {
        let lead = floorRemainder(local, window)
        let unitCount = 86_400 / window
        let all = instanceCount(before: window)
        let before = instanceCount(before: lead)
        for unit in 0..<unitCount {
            let isLast = unit == unitCount - 1
            let here = isAllowed(unit) ? all - before : 0
            let next = isAllowed(isLast ? 0 : unit + 1) ? before : 0
            guard here + next >= instanceCountMin else { continue }
            let reached = reachedWeekdays(local, unit * window + lead)
            if !isLast {
                if reached & weekdays != 0 { return true }
                continue
            }
            // The next part is on the next day, which must be allowed too.
            let following = (weekdays >> 1 | weekdays << 6) & 0x7F
            if reached & pairs != 0 { return true }
            if here >= instanceCountMin, reached & weekdays != 0 { return true }
            if next >= instanceCountMin, reached & following != 0 { return true }
        }
        return false
    }

    private func isAllowed(_ unit: Int64) -> Bool {
        if window == 3600 { return times.hours >> UInt64(unit) & 1 == 1 }
        return times.hours >> UInt64(unit / 60) & 1 == 1
            && times.minutes >> UInt64(unit % 60) & 1 == 1
    }

    /// How many instances an hour (or minute) has before a second of its own.
    private func instanceCount(before second: Int64) -> Int {
        guard window == 3600 else { return ElapsedReach.count(times.seconds, below: second) }
        let (minute, rest) = second.quotientAndRemainder(dividingBy: 60)
        let whole = ElapsedReach.count(times.minutes, below: minute) * times.seconds.nonzeroBitCount
        let isIn = minute < 60 && times.minutes >> UInt64(minute) & 1 == 1
        return whole + (isIn ? ElapsedReach.count(times.seconds, below: rest) : 0)
    }

    private static func count(_ mask: UInt64, below place: Int64) -> Int {
        (mask & (1 << UInt64(place) - 1)).nonzeroBitCount
    }

    /// The weekdays on which some window begins at a time of day: bit 0 is Thursday, as 1970-01-01
    /// was one.
    private func reachedWeekdays(_ local: Int64, _ time: Int64) -> UInt64 {
        let byWeek = greatestCommonDivisor(step, 604_800)
        guard floorRemainder(local - time, greatestCommonDivisor(byWeek, 86_400)) == 0 else {
            return 0
        }
        return (0..<7).reduce(UInt64(0)) { bits, day in
            floorRemainder(local - time - day * 86_400, byWeek) == 0
                ? bits | 1 << UInt64(day) : bits
        }
    }

    private static func places(_ mask: UInt64) -> [Int64] {
        (0..<Int64(64)).filter { mask >> UInt64($0) & 1 == 1 }
    }
}

/// Stepping to an allowed time by arithmetic.
extension ElapsedReach {
    /// How many steps from a local second on there are at least until the first that falls on an
    /// allowed time, where that is worth working out; `nil` where it is not.
    ///
    /// A step of 86,399 seconds goes back by one second each day: 236 years may pass.
    @inline(__always)
    func stepsToTime(from local: Int64) -> Int64? {
        cycles.isEmpty ? nil : leastSteps(from: local)
    }

    /// The same from a second of UTC on, by whichever of some offsets comes first.
    func stepsToTime(from second: Int64, offsets: [Int64]) -> Int64 {
        offsets.compactMap { stepsToTime(from: second + $0) }.min() ?? 0
    }

    /// For steps of another length: what was worth while for these may not be for them.
    mutating func forgetCycles() { cycles = [] }

    private func leastSteps(from local: Int64) -> Int64? {
        var steps: Int64 = 0
        for _ in 0..<ElapsedReach.turnCountMax {
            let before = steps
            for cycle in cycles {
                guard let more = leastSteps(from: local + steps * step, cycle) else { return nil }
                steps += more
            }
            if steps == before || cycles.count == 1 { break }
        }
        return steps
    }

    private func leastSteps(from local: Int64, _ cycle: Cycle) -> Int64? {
        let second = floorRemainder(local, cycle.length)
        var best: Int64?
        for stretch in cycle.stretches {
            let low = floorRemainder(stretch.lowerBound - second, cycle.length)
            let high = floorRemainder(stretch.upperBound - second, cycle.length)
            // Where the stretch lies across, it is here.
            if low > high { return 0 }
            if let steps = ElapsedReach.leastFactor(step, cycle.length, low, high) {
                best = min(best ?? .max, steps)
            }
        }
        return best
    }

    /// The cycles, the first of a day's or a week's length.
    private func allCycles(_ length: Int64) -> [Cycle] {
        let seconds = window == 1 ? times.seconds : DayTimes.allSixty
        let minutes = window == 3600 ? DayTimes.allSixty : times.minutes
        let ofMinute = ElapsedReach.stretches(seconds, 1, DayTimes.allSixty)
        let ofHour = ElapsedReach.stretches(minutes, 60, DayTimes.allSixty)
        var ofDay = ElapsedReach.stretches(times.hours, 3600, DayTimes.allHours)
        var minuteCount = times.hours.nonzeroBitCount * ofHour.count
        if seconds != DayTimes.allSixty {
            minuteCount = times.hours.nonzeroBitCount * minutes.nonzeroBitCount
        }
        let isExact = minuteCount * ofMinute.count <= ElapsedReach.stretchCountMax
        if !isExact, !isSlow(86_400), !isSlow(length) { return [] }
        if isExact {
            ofDay = ElapsedReach.product(ofDay, 3600, ofHour)
            ofDay = ElapsedReach.product(ofDay, 60, ofMinute)
        }
        let days = length == 86_400 ? [0] : ElapsedReach.places(weekdays)
        let ofLength = days.flatMap { day in
            ofDay.map { day * 86_400 + $0.lowerBound...day * 86_400 + $0.upperBound }
        }
        let shorter = isExact ? [] : [cycle(3600, ofHour), cycle(60, ofMinute)]
        return ([cycle(length, ofLength)] + shorter).compactMap(\.self)
    }

    /// Whether a few steps come back to nearly the same time of a day or a week, so that thousands
    /// pass until they have been everywhere.
    private func isSlow(_ length: Int64) -> Bool {
        (1...64).contains { (count: Int64) in
            let place = count * (step % length) % length
            let drift = min(place, length - place)
            return drift > 0 && drift < length / 3000
        }
    }

    /// The stretches of a mask's bits, each so many seconds long; one where all are set.
    private static func stretches(
        _ mask: UInt64, _ unit: Int64, _ full: UInt64
    ) -> [ClosedRange<Int64>] {
        mask == full
            ? [0...unit * Int64(full.nonzeroBitCount) - 1]
            : places(mask).map { $0 * unit...($0 + 1) * unit - 1 }
    }

    /// What is in coarse stretches and, by its place in a unit of time, in fine ones.
    private static func product(
        _ coarse: [ClosedRange<Int64>], _ unit: Int64, _ fine: [ClosedRange<Int64>]
    ) -> [ClosedRange<Int64>] {
        if fine == [0...unit - 1] { return coarse }
        return coarse.flatMap { range in
            stride(from: range.lowerBound, to: range.upperBound, by: Int(unit)).flatMap { start in
                fine.map { start + $0.lowerBound...start + $0.upperBound }
            }
        }
    }

    /// The cycle of such stretches; `nil` where all of it is allowed.
    private func cycle(_ length: Int64, _ stretches: [ClosedRange<Int64>]) -> Cycle? {
        var merged: [ClosedRange<Int64>] = []
        for stretch in stretches {
            if let last = merged.last, last.upperBound == stretch.lowerBound - 1 {
                merged[merged.count - 1] = last.lowerBound...stretch.upperBound
            } else {
                merged.append(stretch)
            }
        }
        if merged.contains(where: { $0.upperBound - $0.lowerBound >= length - window }) {
            return nil
        }
        // A window that begins earlier reaches in.
        return Cycle(
            length: length, stretches: merged.map { $0.lowerBound - (window - 1)...$0.upperBound })
    }

    /// The least factor, from 0 on, by which a step's multiple has a remainder within bounds.
    ///
    /// As in the algorithm of Euclid: what lies between two multiples is asked again for the
    /// step itself as the divisor.
    static func leastFactor(
        _ step: Int64, _ divisor: Int64, _ low: Int64, _ high: Int64
    ) -> Int64? {
        if low == 0 { return 0 }
        let step = step % divisor
        if step == 0 { return nil }
        if 2 * step > divisor {
            return leastFactor(divisor - step, divisor, divisor - high, divisor - low)
        }
        let factor = (low + step - 1) / step
        if factor * step <= high { return factor }
        let inner = leastFactor(
            divisor % step, step, floorRemainder(-high, step), floorRemainder(-low, step))
        return inner.map { (low + divisor * $0 + step - 1) / step }
    }
}
