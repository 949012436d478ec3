import Events
import Timetable

/// Reads `schedules/calendars/*`.
enum CalendarReader {
    static let fields = [
        FieldSpec(
            "name", Schema.identifier, "Its name; the file's name without extension by default."),
        FieldSpec("description", Schema.text, "What it is, in words; not read."),
        FieldSpec(
            "weekend", Schema.any,
            "The days of the week that are not worked, SAT and SUN by default."),
        FieldSpec("holidays", Schema.any, "Dates that are not worked, each alone or with a name."),
        FieldSpec("validThrough", Schema.text, "The last date that it speaks of."),
        FieldSpec("$schema", Schema.text, "For editors; not read."),
    ]
    static let holidayFields = [
        FieldSpec("date", Schema.text, "The date, YYYY-MM-DD.", required: true),
        FieldSpec("name", Schema.text, "What is celebrated."),
    ]
    private static let weekdays = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]

    /// The calendar of one file; `nil` after a problem was noted.
    static func read(
        _ node: SourceNode, fileName: String, _ log: inout ProblemLog
    ) -> CalendarDefinition? {
        guard let reader = FieldReader(node, "", fields, &log) else { return nil }
        let stem = fileName.split(separator: ".").dropLast().joined(separator: ".")
        guard
            let name = reader.has("name")
                ? reader.identifier("name", &log)
                : Values.identifier(stem, node.place, "name", &log)
        else { return nil }
        var calendar = CalendarDefinition()
        calendar.name = name
        calendar.weekend = weekend(reader, &log)
        var validThrough: CivilDate?
        if let node = reader.node("validThrough", &log) {
            validThrough = Values.date(node, "validThrough", &log)
        } else if !reader.has("validThrough") {
            log.warning(
                node.place, "validThrough", "the calendar does not say how far it reaches",
                "add validThrough, so that you hear of it before its holidays run out")
        }
        calendar.validThrough = validThrough?.description ?? ""
        calendar.holidays = holidays(reader, validThrough, &log).map(\.description)
        if calendar.encoded().count > Limits.calendarByteCountMax {
            log.error(
                node.place, "holidays",
                "the calendar has more than \(Limits.calendarByteCountMax) bytes in its record",
                "leave out dates that are past")
        }
        return calendar
    }

    private static func weekend(_ reader: FieldReader, _ log: inout ProblemLog) -> [String] {
        guard let items = reader.list("weekend", &log) else { return ["SAT", "SUN"] }
        var days: Set<String> = []
        for item in items {
            guard let text = Values.text(item, "weekend", &log) else { continue }
            if weekdays.contains(text.uppercased()) {
                days.insert(text.uppercased())
            } else {
                log.error(
                    item.place, "weekend", "\(shown(text)) is not a day of the week",
                    "use \(weekdays.joined(separator: ", "))")
            }
        }
        if days.count == 7 {
            log.error(
                reader.place(of: "weekend"), "weekend", "no day of the week is left to work on",
                "take one out")
        }
        return weekdays.filter { days.contains($0) }
    }

    private static func holidays(
        _ reader: FieldReader, _ validThrough: CivilDate?, _ log: inout ProblemLog
    ) -> [CivilDate] {
        var dates: Set<CivilDate> = []
        for (index, item) in (reader.list("holidays", &log) ?? []).enumerated() {
            let path = "holidays[\(index)]"
            var node = item
            if item.members != nil {
                guard let day = FieldReader(item, path, holidayFields, &log),
                    let inner = day.node("date", &log)
                else { continue }
                _ = day.text("name", &log)
                node = inner
            }
            guard let date = Values.date(node, path, &log) else { continue }
            if !dates.insert(date).inserted {
                log.warning(node.place, path, "\(date) stands twice", "remove one of the two")
            }
            if let validThrough, date > validThrough {
                log.warning(
                    node.place, path, "\(date) is after validThrough, \(validThrough)",
                    "move validThrough, or remove the date")
            }
        }
        return dates.sorted()
    }
}
