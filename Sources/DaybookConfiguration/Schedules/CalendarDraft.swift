import Events
import Timetable

/// A calendar as its file says it, before the others that it names are known.
struct CalendarDraft {
    /// How several calendars become one.
    enum Combination: String {
        /// Closed where any is closed.
        case union
        /// Closed where all are closed.
        case intersection
    }

    /// The name of another calendar or file, with its place.
    struct Reference {
        var name: String
        var place: SourcePlace
        var path: String
    }

    var name: String
    var place: SourcePlace
    /// As the file says; `nil` where it does not.
    var weekend: Set<Weekday>?
    /// With their names, which may be empty.
    var holidays: [CivilDate: String] = [:]
    var validThrough: CivilDate?
    /// `open`, or empty for closed.
    var afterEnd = ""
    /// An iCalendar file in the same folder.
    var ics: Reference?
    var combination: Combination?
    var parts: [Reference] = []
    var without: [Reference] = []

    /// Adds holidays; of two names that are not empty the one that was there stays.
    mutating func add(_ others: [CivilDate: String]) {
        holidays.merge(others) { own, other in own.isEmpty ? other : own }
    }

    /// The record of a calendar, worked out.
    func definition(_ calendar: BusinessCalendar) -> CalendarDefinition {
        var definition = CalendarDefinition()
        definition.name = name
        definition.weekend = CalendarReader.weekdays.filter {
            CalendarReader.weekday($0).map(calendar.weekend.contains) ?? false
        }
        let holidays = calendar.holidays.sorted { $0.key < $1.key }
        definition.holidays = holidays.map(\.key.description)
        definition.names = holidays.filter { !$0.value.isEmpty }.map {
            KeyValue($0.key.description, $0.value)
        }
        definition.validThrough = calendar.validThrough?.description ?? ""
        definition.afterEnd = afterEnd
        return definition
    }
}
