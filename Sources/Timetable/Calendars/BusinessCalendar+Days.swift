/// Which way a date goes that is not a business day.
public enum RollConvention: String, CaseIterable, Hashable, Sendable {
    /// To the next business day.
    case following
    /// To the last business day before.
    case preceding
    /// To the next business day, but where that is in another month to the last one before.
    case modifiedFollowing
    /// To the last business day before, but where that is in another month to the next one.
    case modifiedPreceding
}

/// Business days by count.
///
/// Every answer is `nil` where the calendar cannot say: it runs out on the way, or has no business
/// day within four thousand days.
extension BusinessCalendar {
    /// A calendar without a business day in so many days has none.
    private static let reachDays = 4000

    /// The date itself where it is a business day, else the one that the convention leads to.
    ///
    /// - Complexity: O(d) in the days between.
    public func rolled(_ date: CivilDate, by convention: RollConvention) -> CivilDate? {
        switch convention {
        case .following: return step(from: date, by: 1)
        case .preceding: return step(from: date, by: -1)
        case .modifiedFollowing:
            guard let found = step(from: date, by: 1) else { return nil }
            return isSameMonth(found, date) ? found : step(from: date, by: -1)
        case .modifiedPreceding:
            guard let found = step(from: date, by: -1) else { return nil }
            return isSameMonth(found, date) ? found : step(from: date, by: 1)
        }
    }

    /// The date a number of business days later, or earlier where the number is negative.
    ///
    /// 0 is the date itself, or the next business day where it is none.
    ///
    /// - Complexity: O(d) in the days between.
    public func adding(businessDays count: Int, to date: CivilDate) -> CivilDate? {
        guard count != 0 else { return rolled(date, by: .following) }
        let direction = count > 0 ? 1 : -1
        var day = date
        for _ in 0..<count.magnitude {
            guard let next = step(from: day.adding(days: direction), by: direction) else {
                return nil
            }
            day = next
        }
        return day
    }

    /// The `number`th business day of a month, counted from its end where the number is negative:
    /// 1 is the first, -1 the last; `nil` also where the month has no so many.
    public func businessDay(_ number: Int, ofMonth month: Int, year: Int) -> CivilDate? {
        guard let first = CivilDate(year: year, month: month, day: 1), number != 0 else {
            return nil
        }
        let direction = number > 0 ? 1 : -1
        var day = number > 0 ? first : first.adding(days: first.lastDayOfMonth - 1)
        // Counted from the end, the whole rest of the month must be known.
        if isUnknown(day) { return nil }
        var left = number.magnitude
        while isSameMonth(day, first) {
            switch isBusinessDay(day) {
            case .unknown: return nil
            case .yes:
                left -= 1
                if left == 0 { return day }
            case .no: break
            }
            day = day.adding(days: direction)
        }
        return nil
    }

    /// How many business days there are from one date to another, both included; 0 where the
    /// second is before the first.
    public func businessDayCount(from: CivilDate, through: CivilDate) -> Int? {
        if from <= through, isUnknown(through) { return nil }
        var count = 0
        var day = from
        while day <= through {
            if isBusinessDay(day) == .yes { count += 1 }
            day = day.adding(days: 1)
        }
        return count
    }

    private func step(from date: CivilDate, by direction: Int) -> CivilDate? {
        var day = date
        for _ in 0..<BusinessCalendar.reachDays {
            switch isBusinessDay(day) {
            case .yes: return day
            case .unknown: return nil
            case .no: day = day.adding(days: direction)
            }
        }
        return nil
    }

    private func isUnknown(_ date: CivilDate) -> Bool {
        if case .unknown = isBusinessDay(date) { return true }
        return false
    }

    private func isSameMonth(_ left: CivilDate, _ right: CivilDate) -> Bool {
        left.year == right.year && left.month == right.month
    }
}
