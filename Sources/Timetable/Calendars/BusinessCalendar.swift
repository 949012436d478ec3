/// Whether a date is a business day, as a calendar answers it.
public enum BusinessDayAnswer: Hashable, Sendable {
    /// It is one.
    case yes
    /// It is none, for this reason, such as `weekend (Saturday)` or `holiday (Labor Day)`.
    case no(reason: String)
    /// The calendar ends before that date, so it cannot say.
    case unknown(validThrough: CivilDate)
}

/// A calendar of business days: weekends, holidays, and how far it reaches.
public struct BusinessCalendar: Hashable, Sendable {
    /// The calendar's name, for messages.
    public let name: String
    /// The days of the week on which no business is done.
    public let weekend: Set<Weekday>
    /// The holidays, each with its name, which may be empty.
    public let holidays: [CivilDate: String]
    /// The last date that the calendar knows; `nil` where it never ends.
    public let validThrough: CivilDate?

    /// Makes a calendar from values that the caller has read.
    public init(
        name: String, weekend: Set<Weekday> = [.saturday, .sunday],
        holidays: [CivilDate: String], validThrough: CivilDate?
    ) {
        self.name = name
        self.weekend = weekend
        self.holidays = holidays
        self.validThrough = validThrough
    }

    /// Makes a calendar from dates without names.
    public init(
        name: String, weekend: Set<Weekday> = [.saturday, .sunday],
        holidays: Set<CivilDate>, validThrough: CivilDate?
    ) {
        let named = Dictionary(uniqueKeysWithValues: holidays.map { ($0, "") })
        self.init(name: name, weekend: weekend, holidays: named, validThrough: validThrough)
    }

    /// Whether a date is a business day; a holiday on a weekend is named as the holiday.
    ///
    /// A date after `validThrough` is unknown even on a weekend: whoever asks must not go on
    /// with a calendar that has run out.
    public func isBusinessDay(_ date: CivilDate) -> BusinessDayAnswer {
        if let validThrough, date > validThrough { return .unknown(validThrough: validThrough) }
        if let holiday = holidays[date] {
            return .no(reason: holiday.isEmpty ? "holiday" : "holiday (\(holiday))")
        }
        let weekday = date.weekday
        return weekend.contains(weekday) ? .no(reason: "weekend (\(weekday.name))") : .yes
    }
}

extension Weekday {
    /// The English name, such as `Monday`.
    public var name: String {
        switch self {
        case .sunday: "Sunday"
        case .monday: "Monday"
        case .tuesday: "Tuesday"
        case .wednesday: "Wednesday"
        case .thursday: "Thursday"
        case .friday: "Friday"
        case .saturday: "Saturday"
        }
    }
}
