/// Counting the instances of a rule that counts elapsed time.
extension ElapsedRecurrence {
    /// The instance of a number from 1 on; `nil` where there are not so many until the year 9999.
    ///
    /// - Complexity: a constant where every step is an instance. Where steps come to the same times
    ///   each day, the days of a year and of a stretch of constant offset are counted at once. Else
    ///   each instance is found.
    func instance(number: Int) -> Int64? {
        if isOpen {
            let (distance, overflow) = step.multipliedReportingOverflow(by: Int64(number - 1))
            return overflow || distance > ElapsedRecurrence.secondMax - start
                ? nil : start + distance
        }
        if positions.isEmpty, 86_400 % step == 0 { return counted(number) }
        var last = start - 1
        for _ in 0..<number {
            guard let next = first(from: last + 1) else { return nil }
            last = next
        }
        return last
    }

    private func counted(_ number: Int) -> Int64? {
        var left = number
        var index = table.index(at: start)
        var known: [Int64: [Int]] = [:]
        while let segment = table.segment(index), segment.start < ElapsedRecurrence.secondMax {
            let offset = segment.offset
            let times = known[offset] ?? timesOfDay(offset: offset)
            known[offset] = times
            let low = split(max(segment.start, start) + offset)
            let high = split(min(segment.end, ElapsedRecurrence.secondMax) + offset)
            let before = allows(low.day) ? count(of: times, before: low.second) : 0
            let after = allows(high.day) ? count(of: times, before: high.second) : 0
            // From the first day's midnight on.
            let wanted = before + left
            if wanted <= dayCount(from: low.day, to: high.day) * times.count + after {
                let (day, time) = (wanted - 1).quotientAndRemainder(dividingBy: times.count)
                return allowedDay(number: day, from: low.day).map {
                    Int64($0) * 86_400 + Int64(times[time]) - offset
                }
            }
            left = wanted - dayCount(from: low.day, to: high.day) * times.count - after
            index += 1
        }
        return nil
    }

    private func split(_ local: Int64) -> (day: Int, second: Int) {
        let day = floorDivide(local, 86_400)
        return (Int(day), Int(local - day * 86_400))
    }

    /// The times of day at which there are instances under an offset, in seconds, in order.
    private func timesOfDay(offset: Int64) -> [Int] {
        var found: [Int] = []
        for first in stride(
            from: floorRemainder(origin + offset, step) - step, to: 86_400, by: Int(step))
        {
            for second in Int(max(first, 0))..<Int(max(min(first + window, 86_400), 0))
            where times.first(from: second) == second {
                found.append(second)
            }
        }
        return found
    }

    private func count(of times: [Int], before second: Int) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < second { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func allows(_ day: Int) -> Bool {
        let year = YearDays.Year(CivilDate(daysSinceEpoch: day).year)
        return days.contains(year, day - year.firstDay)
    }

    /// How many days are allowed from one on and before another.
    private func dayCount(from first: Int, to end: Int) -> Int {
        var year = YearDays.Year(CivilDate(daysSinceEpoch: first).year)
        var count = -days.count(year, before: first - year.firstDay)
        while year.firstDay + year.dayCount <= end {
            count += days.count(shape: year.shape)
            year = YearDays.Year(year.year + 1)
        }
        return count + days.count(year, before: end - year.firstDay)
    }

    /// The allowed day of a number from 0 on, counted from a day on.
    private func allowedDay(number: Int, from first: Int) -> Int? {
        var year = YearDays.Year(CivilDate(daysSinceEpoch: first).year)
        var left = number + days.count(year, before: first - year.firstDay)
        while year.year <= CronFields.yearMax {
            let count = days.count(shape: year.shape)
            if left < count { return year.firstDay + days.day(year, at: left) }
            left -= count
            year = YearDays.Year(year.year + 1)
        }
        return nil
    }
}
