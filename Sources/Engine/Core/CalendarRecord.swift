import Events
import Timetable

extension BusinessCalendar {
    /// The calendar of a record; nil where the record holds what is not a date or a weekday.
    package init?(_ definition: CalendarDefinition) {
        var weekend: Set<Weekday> = []
        for name in definition.weekend {
            guard let day = Weekday.allCases.first(where: { $0.name.uppercased().hasPrefix(name) })
            else {
                return nil
            }
            weekend.insert(day)
        }
        var holidays: [CivilDate: String] = [:]
        var validThrough: CivilDate?
        do {
            for holiday in definition.holidays { holidays[try CivilDate(parsing: holiday)] = "" }
            for pair in definition.names {
                let date = try CivilDate(parsing: pair.name)
                if holidays[date] != nil { holidays[date] = pair.value }
            }
            if !definition.validThrough.isEmpty {
                validThrough = try CivilDate(parsing: definition.validThrough)
            }
        } catch {
            return nil
        }
        self.init(
            name: definition.name, weekend: weekend, holidays: holidays,
            validThrough: validThrough)
    }
}
