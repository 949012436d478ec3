/// A working day of each month, counted from its start or its end, at a time of day.
///
/// A month that has no so many is left out. Where the calendar runs out, there is nothing more:
/// `calendar.validThrough` says until when an answer is to be trusted. A time that a clock change
/// leaves out becomes the end of the gap; of two equal ones it is the first.
public struct BusinessDayOfMonth: Hashable, Sendable, CustomStringConvertible {
    /// 1 for the first working day of a month, -1 for the last; never 0.
    public let number: Int
    /// The time of day.
    public let time: CivilTime
    /// Which days are working days.
    public let calendar: BusinessCalendar

    /// Makes the rule; throws `invalidExpression` where the number is 0 or beyond ±23, which no
    /// month of five-day weeks has.
    public init(
        number: Int, time: CivilTime, calendar: BusinessCalendar
    ) throws(TimetableError) {
        guard number != 0, (-31...31).contains(number) else {
            throw TimetableError(
                .invalidExpression,
                "\(number) is no working day of a month. Write 1 to 31 from its start, "
                    + "or -1 to -31 from its end.",
                field: "businessDay")
        }
        self.number = number
        self.time = time
        self.calendar = calendar
    }

    /// Such as `business day -1 at 17:00:00 (US)`.
    public var description: String { "business day \(number) at \(time) (\(calendar.name))" }

    /// So many months without such a day, and there is none.
    private static let monthsMax = 1200

    /// The first occurrence strictly after an instant.
    ///
    /// - Complexity: O(d) in the days of the months between.
    public func next(after instant: Instant, in zone: Zone) -> Occurrence? {
        let today = zone.local(at: instant).date
        // A month earlier: where days are skipped, a rolled time may lie in the next month.
        return search(from: today, first: -1, step: 1, in: zone) { $0 > instant }
    }

    /// The last occurrence at or before an instant.
    public func previous(atOrBefore instant: Instant, in zone: Zone) -> Occurrence? {
        let today = zone.local(at: instant).date
        return search(from: today, first: 1, step: -1, in: zone) { $0 <= instant }
    }

    private func search(
        from date: CivilDate, first: Int, step: Int, in zone: Zone,
        _ isWanted: (Instant) -> Bool
    ) -> Occurrence? {
        let start = date.year * 12 + date.month - 1 + first
        for turn in 0..<BusinessDayOfMonth.monthsMax {
            let (year, month) = (start + turn * step).quotientAndRemainder(dividingBy: 12)
            guard (1...9999).contains(year) else { return nil }
            if step > 0, let through = calendar.validThrough,
                (year, month + 1) > (through.year, through.month)
            {
                return nil
            }
            guard let day = calendar.businessDay(number, ofMonth: month + 1, year: year) else {
                continue
            }
            let instant = self.instant(CivilDateTime(date: day, time: time), in: zone)
            if isWanted(instant) { return Occurrence(at: instant, in: zone) }
        }
        return nil
    }

    private func instant(_ local: CivilDateTime, in zone: Zone) -> Instant {
        switch zone.resolve(local) {
        case .unique(let instant), .overlap(let instant, _): instant
        case .gap(_, _, let end): end
        }
    }
}
