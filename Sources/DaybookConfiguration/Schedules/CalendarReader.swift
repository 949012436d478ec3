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
        FieldSpec(
            "afterEnd", Schema.any,
            "What holds after validThrough: `closed`, no run (the default), or `open`, as if there "
                + "were no calendar."),
        FieldSpec(
            "ics", Schema.text,
            "An iCalendar file in the same folder, whose all-day events are holidays too."),
        FieldSpec(
            "union", Schema.any, "Calendars of which it is made: closed where any of them is."),
        FieldSpec(
            "intersection", Schema.any,
            "Calendars of which it is made: closed where all of them are."),
        FieldSpec("without", Schema.any, "Calendars whose holidays are none here."),
        FieldSpec("$schema", Schema.text, "For editors; not read."),
    ]
    static let holidayFields = [
        FieldSpec("date", Schema.text, "The date, YYYY-MM-DD.", required: true),
        FieldSpec("name", Schema.text, "What is celebrated."),
    ]
    static let weekdays = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]

    static func weekday(_ name: String) -> Weekday? {
        Weekday.allCases.first { $0.name.uppercased().hasPrefix(name) }
    }

    /// The calendar of one file; `nil` after a problem was noted.
    static func read(
        _ node: SourceNode, fileName: String, _ log: inout ProblemLog
    ) -> CalendarDraft? {
        guard let reader = FieldReader(node, "", fields, &log),
            let name = name(reader, fileName, &log)
        else { return nil }
        var draft = CalendarDraft(name: name, place: node.place)
        draft.weekend = weekend(reader, &log)
        if let node = reader.node("validThrough", &log) {
            draft.validThrough = Values.date(node, "validThrough", &log)
        }
        draft.holidays = holidays(reader, draft.validThrough, &log)
        if reader.choice("afterEnd", ["closed", "open"], &log) == "open" {
            draft.afterEnd = "open"
        }
        if let text = reader.text("ics", &log) {
            draft.ics = CalendarDraft.Reference(
                name: text, place: reader.place(of: "ics"), path: "ics")
        }
        readParts(reader, into: &draft, &log)
        let isMadeOfOthers = draft.ics != nil || draft.combination != nil || !draft.without.isEmpty
        if !reader.has("validThrough"), !isMadeOfOthers {
            log.warning(
                node.place, "validThrough", "the calendar does not say how far it reaches",
                "add validThrough, so that you hear of it before its holidays run out")
        }
        return draft
    }

    private static func name(
        _ reader: FieldReader, _ fileName: String, _ log: inout ProblemLog
    ) -> String? {
        if reader.has("name") { return reader.identifier("name", &log) }
        return Values.identifier(stem(fileName), reader.place, "name", &log)
    }

    /// A file's name without its extension.
    static func stem(_ fileName: String) -> String {
        fileName.split(separator: ".").dropLast().joined(separator: ".")
    }

    private static func readParts(
        _ reader: FieldReader, into draft: inout CalendarDraft, _ log: inout ProblemLog
    ) {
        draft.without = references("without", reader, &log)
        for kind in [CalendarDraft.Combination.union, .intersection]
        where reader.has(kind.rawValue) {
            if draft.combination != nil {
                log.error(
                    reader.place(of: kind.rawValue), kind.rawValue,
                    "union and intersection stand together",
                    "keep one of the two, and make the other a calendar of its own")
                continue
            }
            draft.combination = kind
            draft.parts = references(kind.rawValue, reader, &log)
        }
    }

    private static func references(
        _ field: String, _ reader: FieldReader, _ log: inout ProblemLog
    ) -> [CalendarDraft.Reference] {
        guard reader.has(field), let items = reader.list(field, &log) else { return [] }
        if items.isEmpty || items.count > Limits.calendarPartCountMax {
            log.error(
                reader.place(of: field), field,
                "from 1 to \(Limits.calendarPartCountMax) calendars are expected",
                "name them, as in [us, exchange]")
            return []
        }
        return items.enumerated().compactMap { index, item in
            let path = "\(field)[\(index)]"
            guard let text = Values.text(item, path, &log),
                let name = Values.identifier(text, item.place, path, &log)
            else { return nil }
            return CalendarDraft.Reference(name: name, place: item.place, path: path)
        }
    }

    private static func weekend(_ reader: FieldReader, _ log: inout ProblemLog) -> Set<Weekday>? {
        guard let items = reader.list("weekend", &log) else { return nil }
        var days: Set<Weekday> = []
        for item in items {
            guard let text = Values.text(item, "weekend", &log) else { continue }
            if weekdays.contains(text.uppercased()), let day = weekday(text.uppercased()) {
                days.insert(day)
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
        return days
    }

    private static func holidays(
        _ reader: FieldReader, _ validThrough: CivilDate?, _ log: inout ProblemLog
    ) -> [CivilDate: String] {
        var dates: [CivilDate: String] = [:]
        for (index, item) in (reader.list("holidays", &log) ?? []).enumerated() {
            let path = "holidays[\(index)]"
            var node = item
            var name = ""
            if item.members != nil {
                guard let day = FieldReader(item, path, holidayFields, &log),
                    let inner = day.node("date", &log)
                else { continue }
                name = day.text("name", &log) ?? ""
                node = inner
            }
            guard let date = Values.date(node, path, &log) else { continue }
            if let known = dates[date] {
                log.warning(node.place, path, "\(date) stands twice", "remove one of the two")
                if !known.isEmpty { continue }
            }
            dates[date] = name
            if let validThrough, date > validThrough {
                log.warning(
                    node.place, path, "\(date) is after validThrough, \(validThrough)",
                    "move validThrough, or remove the date")
            }
        }
        return dates
    }
}
