/// Calendars made of calendars. The result knows as many days as the one that knows fewer.
extension BusinessCalendar {
    /// Closed where either is closed: business is done where both do it.
    public func union(_ other: BusinessCalendar, name: String? = nil) -> BusinessCalendar {
        let weekend = weekend.union(other.weekend)
        return BusinessCalendar(
            name: name ?? "\(self.name) or \(other.name)", weekend: weekend,
            holidays: holidays.merging(other.holidays, uniquingKeysWith: BusinessCalendar.both),
            validThrough: BusinessCalendar.earlier(validThrough, other.validThrough))
    }

    /// Closed where both are closed: business is done where either does it.
    public func intersection(_ other: BusinessCalendar, name: String? = nil) -> BusinessCalendar {
        var common: [CivilDate: String] = [:]
        for (date, holiday) in holidays {
            if let same = other.holidays[date] {
                common[date] = BusinessCalendar.both(holiday, same)
            } else if other.weekend.contains(date.weekday) {
                common[date] = holiday
            }
        }
        for (date, holiday) in other.holidays
        where common[date] == nil && weekend.contains(date.weekday) {
            common[date] = holiday
        }
        return BusinessCalendar(
            name: name ?? "\(self.name) and \(other.name)",
            weekend: weekend.intersection(other.weekend), holidays: common,
            validThrough: BusinessCalendar.earlier(validThrough, other.validThrough))
    }

    /// This calendar without the holidays of another; the weekend stays.
    public func subtracting(_ other: BusinessCalendar, name: String? = nil) -> BusinessCalendar {
        BusinessCalendar(
            name: name ?? "\(self.name) without \(other.name)", weekend: weekend,
            holidays: holidays.filter { other.holidays[$0.key] == nil },
            validThrough: BusinessCalendar.earlier(validThrough, other.validThrough))
    }

    private static func both(_ left: String, _ right: String) -> String {
        left == right || right.isEmpty ? left : left.isEmpty ? right : "\(left), \(right)"
    }

    private static func earlier(_ left: CivilDate?, _ right: CivilDate?) -> CivilDate? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }
}

/// What differs between two calendars, for the record of a change.
public struct CalendarDifference: Hashable, Sendable {
    /// A holiday whose name changed.
    public struct Renaming: Hashable, Sendable {
        /// The holiday.
        public let date: CivilDate
        /// Its name before.
        public let old: String
        /// Its name now.
        public let new: String
    }

    /// Holidays that are new, by date.
    public let added: [CivilDate]
    /// Holidays that are gone, by date.
    public let removed: [CivilDate]
    /// Holidays with another name, by date.
    public let renamed: [Renaming]
    /// The weekend before and now, where it changed.
    public let weekend: (old: Set<Weekday>, new: Set<Weekday>)?
    /// The last date known before and now, where it changed.
    public let validThrough: (old: CivilDate?, new: CivilDate?)?

    /// Compares a calendar with the one that comes in its place.
    public init(from old: BusinessCalendar, to new: BusinessCalendar) {
        added = new.holidays.keys.filter { old.holidays[$0] == nil }.sorted()
        removed = old.holidays.keys.filter { new.holidays[$0] == nil }.sorted()
        renamed = old.holidays.compactMap { date, name in
            guard let now = new.holidays[date], now != name else { return nil }
            return Renaming(date: date, old: name, new: now)
        }.sorted { $0.date < $1.date }
        weekend = old.weekend == new.weekend ? nil : (old.weekend, new.weekend)
        validThrough =
            old.validThrough == new.validThrough ? nil : (old.validThrough, new.validThrough)
    }

    /// Whether nothing differs.
    public var isEmpty: Bool {
        added.isEmpty && removed.isEmpty && renamed.isEmpty && weekend == nil
            && validThrough == nil
    }

    /// Whether two differences are the same.
    public static func == (left: CalendarDifference, right: CalendarDifference) -> Bool {
        left.added == right.added && left.removed == right.removed
            && left.renamed == right.renamed && left.weekend?.old == right.weekend?.old
            && left.weekend?.new == right.weekend?.new
            && left.validThrough?.old == right.validThrough?.old
            && left.validThrough?.new == right.validThrough?.new
    }

    /// Feeds the dates.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(added)
        hasher.combine(removed)
        hasher.combine(renamed)
    }
}
