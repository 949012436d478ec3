/// What stands between `${` and `}` where date arithmetic is allowed: a date, steps from it, and a
/// format.
struct TemplateExpression: Hashable, Sendable {
    var base: Base
    var steps: [Step] = []
    var pattern: DatePattern?

    /// Where the reckoning begins.
    enum Base: Hashable, Sendable {
        case scheduledDate
        case scheduledDateTime
        /// The first such day strictly after the scheduled date, or the last strictly before it.
        case weekday(Weekday, isNext: Bool)
        /// The same for a business day.
        case businessDay(isNext: Bool)
        /// An end of a period: of this one (0), the next (1) or the previous (-1).
        case period(Period, isEnd: Bool, offset: Int)
    }

    /// A stretch of the calendar; weeks begin on Monday (ISO 8601).
    enum Period: String, CaseIterable, Hashable, Sendable {
        case week, month, quarter, year
    }

    /// So many units forwards or back.
    struct Step: Hashable, Sendable {
        var count: Int
        var unit: Unit
        /// The sign as it was written: `- 0 business days` rolls back.
        var isBack: Bool
    }

    /// What is counted.
    enum Unit: String, CaseIterable, Hashable, Sendable {
        case day, businessDay, week, month, year
    }

    /// Whether a calendar is needed.
    var needsCalendar: Bool {
        if case .businessDay = base { return true }
        return steps.contains { $0.unit == .businessDay }
    }

    /// The text for one run.
    ///
    /// Throws `invalidTemplate` where business days are asked for and there is no calendar, or it
    /// has run out.
    func render(_ values: Template.Values) throws(TimetableError) -> String {
        if base == .scheduledDateTime {
            return pattern?.text(values.scheduled.local, values.scheduled.offsetSeconds)
                ?? values.scheduled.localText
        }
        var date = try start(values)
        for step in steps { date = try apply(step, to: date, values) }
        return pattern?.text(CivilDateTime(date: date, time: .midnight), 0) ?? date.description
    }

    private func start(_ values: Template.Values) throws(TimetableError) -> CivilDate {
        let date = values.scheduledDate
        switch base {
        case .scheduledDate, .scheduledDateTime: return date
        case .weekday(let weekday, let isNext):
            let distance = floorRemainder(weekday.rawValue - date.weekday.rawValue, 7)
            return date.adding(
                days: isNext ? (distance == 0 ? 7 : distance) : distance - 7)
        case .businessDay(let isNext):
            return try businessDay(isNext ? 1 : -1, from: date, isBack: !isNext, values)
        case .period(let period, let isEnd, let offset):
            return TemplateExpression.bound(period, isEnd: isEnd, offset: offset, date)
        }
    }

    private static func bound(
        _ period: Period, isEnd: Bool, offset: Int, _ date: CivilDate
    ) -> CivilDate {
        // An end is the day before the next start.
        let turns = isEnd ? offset + 1 : offset
        let monthCount: Int
        let first: Int
        switch period {
        case .week:
            let monday = date.adding(days: -((date.weekday.rawValue + 6) % 7))
            return monday.adding(days: turns * 7 - (isEnd ? 1 : 0))
        case .month: (monthCount, first) = (1, date.month)
        case .quarter: (monthCount, first) = (3, (date.month - 1) / 3 * 3 + 1)
        case .year: (monthCount, first) = (12, 1)
        }
        let start = CivilDate(uncheckedYear: date.year, month: first, day: 1)
        return adding(months: turns * monthCount, to: start).adding(days: isEnd ? -1 : 0)
    }

    /// The same day of another month, or its last where it has no such day.
    private static func adding(months: Int, to date: CivilDate) -> CivilDate {
        let count = date.year * 12 + date.month - 1 + months
        let year = floorDivide(count, 12)
        let month = count - year * 12 + 1
        let day = min(date.day, CivilDate.dayCount(ofMonth: month, year: year))
        return CivilDate(uncheckedYear: year, month: month, day: day)
    }

    private func apply(
        _ step: Step, to date: CivilDate, _ values: Template.Values
    ) throws(TimetableError) -> CivilDate {
        switch step.unit {
        case .day: return date.adding(days: step.count)
        case .week: return date.adding(days: step.count * 7)
        case .month: return TemplateExpression.adding(months: step.count, to: date)
        case .year: return TemplateExpression.adding(months: step.count * 12, to: date)
        case .businessDay:
            return try businessDay(step.count, from: date, isBack: step.isBack, values)
        }
    }

    private func businessDay(
        _ count: Int, from date: CivilDate, isBack: Bool, _ values: Template.Values
    ) throws(TimetableError) -> CivilDate {
        guard let calendar = values.calendar else {
            throw TimetableError(
                .invalidTemplate,
                "the template counts business days, and the job has no calendar. Name one.",
                field: "template")
        }
        let found =
            count == 0
            ? calendar.rolled(date, by: isBack ? .preceding : .following)
            : calendar.adding(businessDays: count, to: date)
        guard let found else {
            throw TimetableError(
                .invalidTemplate,
                "the calendar \(quoted(calendar.name)) cannot say which day lies \(count) business "
                    + "days from \(date). Extend its holidays.",
                field: "template")
        }
        return found
    }
}
