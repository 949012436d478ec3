/// Calendars of business days, made of iCalendar files.
extension ICSCalendar {
    /// How far the file says anything: 31 December of the last year in which one of its all-day
    /// events lies that does not recur without end; `nil` where there is none.
    ///
    /// Christmas every year says nothing of how long the rest of the file will do.
    public var validThrough: CivilDate? {
        series.compactMap(\.lastDate).max().flatMap {
            CivilDate(year: $0.year, month: 12, day: 31)
        }
    }

    /// A calendar of business days with this file's holidays from the first on.
    ///
    /// - Parameters:
    ///   - name: the calendar's name; its own, or `calendar`, by default.
    ///   - weekend: the days of the week on which no business is done.
    ///   - validThrough: the last date that it knows; by default, what the file itself says.
    ///
    /// Throws `invalidCalendar` with the field `RRULE` where the file does not say how far it
    /// reaches and the caller does not either, and as `holidays` does.
    public func businessCalendar(
        name: String? = nil, weekend: Set<Weekday> = [.saturday, .sunday],
        validThrough: CivilDate? = nil
    ) throws(TimetableError) -> BusinessCalendar {
        guard let through = validThrough ?? self.validThrough else {
            throw TimetableError(
                .invalidCalendar,
                "the file does not say how far it reaches: every all-day event in it recurs "
                    + "without end, or there is none. Put a JSON calendar beside it, with `ics` "
                    + "for this file and with `validThrough`.",
                field: "RRULE", column: 1)
        }
        return BusinessCalendar(
            name: name ?? self.name ?? "calendar", weekend: weekend,
            holidays: try holidays(from: CivilDate.first, through: through),
            validThrough: through)
    }
}

extension ICSSeries {
    /// The last day of an all-day event of this series; `nil` where it recurs without end, or has
    /// none.
    fileprivate var lastDate: CivilDate? {
        if master?.isCancelled == true { return nil }
        if let master, master.recurrence.rules.contains(where: \.isEndless) { return nil }
        let all = overrides.filter { !$0.isCancelled } + (master.map { [$0] } ?? [])
        return all.filter(\.isAllDay).compactMap(\.lastDate).max()
    }
}

extension ICSEntry {
    /// The last day of its last instance.
    fileprivate var lastDate: CivilDate? {
        let end = Instant(seconds: ElapsedRecurrence.secondMax)
        return recurrence.previous(atOrBefore: end, in: .utc).map {
            $0.local.date.adding(days: max(days, 1) - 1)
        }
    }
}

extension RecurrenceRule {
    fileprivate var isEndless: Bool { count == nil && until == nil }
}

extension CivilDate {
    /// The first day that there is here, 1 January of the year 1.
    fileprivate static let first = CivilDate(
        daysSinceEpoch: CivilDate.daysSinceEpoch(year: 1, month: 1, day: 1))
}
