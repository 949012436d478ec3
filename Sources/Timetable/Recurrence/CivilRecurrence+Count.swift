/// Counting the instances of a rule period by period, without walking through them.
extension CivilRecurrence {
    /// A stretch of days that is counted at once: a period of the rule, or a year of many.
    private struct Period {
        var firstDay: Int
        /// The year that the first day is in, and the month, where months are counted.
        var year: YearDays.Year
        var month = 1
        /// The allowed days as bits from the first on; of no use for whole years.
        var bits: UInt64 = 0
    }

    /// Whether years are counted, since the rule's periods make no difference to the number.
    private var isByYear: Bool {
        frequency == .yearly || frequency == .daily || interval == 1 && positions.isEmpty
    }

    /// The instance of a number from 1 on, in seconds of the wall clock; `nil` where there are not
    /// so many until the year 9999.
    ///
    /// - Complexity: at most the periods of 400 years, since the calendar repeats after them.
    func instance(number: Int) -> Int64? {
        let masks = spacedMasks
        // What a period of so many days has; -1 where that is not known yet.
        var counts = [Int](repeating: -1, count: 367)
        func instanceCount(of period: Period) -> Int {
            let dayCount = dayCount(of: period, masks)
            if counts[dayCount] < 0 {
                let all = dayCount * times.count
                counts[dayCount] = positions.isEmpty ? all : indices(among: all).count
            }
            return counts[dayCount]
        }
        var left = number
        var period = firstPeriod
        var skipped = firstIndex(in: period, of: instanceCount(of: period), masks)
        let cycleLength = cycleCount * YearDays.cycleDayCount
        // The first period may be cut off by the start, so that the cycle begins with the next.
        var cycleStart: (day: Int, left: Int)?
        while period.firstDay <= CivilRecurrence.dayMax {
            let count = instanceCount(of: period) - skipped
            if left <= count { return instance(period, skipped + left - 1, masks) }
            left -= count
            skipped = 0
            period = following(period)
            if let start = cycleStart, period.firstDay - start.day == cycleLength {
                let perCycle = start.left - left
                guard perCycle > 0 else { return nil }
                let turns = (left - 1) / perCycle
                left -= turns * perCycle
                period = self.period(at: period.firstDay + turns * cycleLength)
            }
            cycleStart = cycleStart ?? (period.firstDay, left)
        }
        return nil
    }

    /// The period that the start is in.
    private var firstPeriod: Period {
        if isByYear { return period(at: YearDays.Year(startDate.year).firstDay) }
        return period(
            at: frequency == .weekly ? weekStart(of: startDay) : startDay - startDate.day + 1)
    }

    /// The period whose first day is given.
    private func period(at day: Int) -> Period {
        let date = CivilDate(daysSinceEpoch: day)
        return filled(
            Period(firstDay: day, year: YearDays.Year(date.year), month: date.month))
    }

    private func filled(_ period: Period) -> Period {
        if isByYear { return period }
        var filled = period
        filled.bits =
            frequency == .weekly
            ? days.week(period.year, period.firstDay - period.year.firstDay)
            : days.month(period.year, period.month)
        return filled
    }

    private func following(_ period: Period) -> Period {
        if frequency == .weekly, !isByYear {
            let day = period.firstDay + 7 * interval
            if day >= period.year.firstDay + period.year.dayCount { return self.period(at: day) }
            return filled(Period(firstDay: day, year: period.year))
        }
        let months = isByYear ? (frequency == .yearly ? 12 * interval : 12) : interval
        let number = period.year.year * 12 + period.month - 1 + months
        let year =
            number / 12 == period.year.year ? period.year : YearDays.Year(number / 12)
        let month = number % 12 + 1
        return filled(
            Period(
                firstDay: year.firstDay + year.dayOfYear(month: month), year: year, month: month))
    }

    /// How many days of a period the rule allows.
    private func dayCount(of period: Period, _ masks: [UInt64]) -> Int {
        if !isByYear { return period.bits.nonzeroBitCount }
        if frequency != .daily || interval == 1 { return days.count(shape: period.year.shape) }
        if masks.isEmpty { return spaced(period).count { days.contains(period.year, $0) } }
        let base = floorRemainder(startDay - period.firstDay, interval) * YearDays.wordCount
        return days.count(
            shape: period.year.shape, in: masks[base..<base + YearDays.wordCount])
    }

    /// The days of a year that a daily rule comes to.
    private func spaced(_ period: Period) -> StrideTo<Int> {
        stride(
            from: floorRemainder(startDay - period.firstDay, interval), to: period.year.dayCount,
            by: interval)
    }

    /// For each first day from 0 on, the bits of the days that a daily rule comes to from it on;
    /// empty where that is not worth while.
    private var spacedMasks: [UInt64] {
        guard frequency == .daily, (2...64).contains(interval) else { return [] }
        var masks = [UInt64](repeating: 0, count: interval * YearDays.wordCount)
        for day in 0..<366 {
            masks[day % interval * YearDays.wordCount + day >> 6] |= 1 << UInt64(day & 63)
        }
        return masks
    }

    /// What BYSETPOS chooses among so many times, in order.
    private func indices(among count: Int) -> [Int] {
        let all = Set(positions.map { $0 > 0 ? $0 - 1 : count + $0 })
        return all.filter { (0..<count).contains($0) }.sorted()
    }

    /// The instance of a period with an index from 0 on.
    private func instance(_ period: Period, _ index: Int, _ masks: [UInt64]) -> Int64 {
        let all = dayCount(of: period, masks) * times.count
        let place = positions.isEmpty ? index : indices(among: all)[index]
        let (dayIndex, timeIndex) = place.quotientAndRemainder(dividingBy: times.count)
        let day: Int
        if !isByYear {
            day = nthBit(period.bits, dayIndex)
        } else if frequency != .daily || interval == 1 {
            day = days.day(period.year, at: dayIndex)
        } else {
            let allowed = spaced(period).filter { days.contains(period.year, $0) }
            day = allowed[dayIndex]
        }
        return Int64(period.firstDay + day) * 86_400 + Int64(times.time(at: timeIndex))
    }

    /// How many instances of the first period come before the start.
    private func firstIndex(in period: Period, of count: Int, _ masks: [UInt64]) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if instance(period, middle, masks) < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
