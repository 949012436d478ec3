import Events
import Timetable

/// Reads what makes a schedule fire: the same fields stand in a schedule, in an item of
/// `triggers` or `exclude`, and in a blackout that recurs.
struct TriggerReader {
    /// The zone of wall-clock times.
    let zone: Zone
    /// Whether the schedule names a calendar, for working days.
    let hasCalendar: Bool

    /// The fields, each kind first.
    static let fields = [
        FieldSpec("cadence", Schema.text, "A cron expression: five fields, or six with seconds."),
        FieldSpec("every", Schema.duration, "A fixed interval, counted from start."),
        FieldSpec("rrule", Schema.text, "A recurrence rule (RFC 5545), from start on."),
        FieldSpec(
            "afterCompletion", Schema.duration,
            "A fixed delay after each run has ended; the first run is at start, or one delay after "
                + "the schedule took effect."),
        FieldSpec("at", Schema.text, "A single moment, such as 2026-12-01T10:00:00."),
        FieldSpec(
            "businessDay", #"{"type":"integer","minimum":-31,"maximum":31}"#,
            "A working day of each month by the calendar, at time: 1 is the first, -1 the last."),
        FieldSpec(
            "monthDay", #"{"type":"integer","minimum":-1,"maximum":31}"#,
            "A day of each month, at time; its last where it has no such day. -1 is the last."),
        FieldSpec(
            "seconds", Schema.flag, "Whether cadence has six fields, the second first."),
        FieldSpec(
            "start", Schema.text,
            "Where every, rrule or afterCompletion begins, such as 2026-01-01T09:00:00."),
        FieldSpec("exdates", Schema.texts, "Times or dates that rrule leaves out."),
        FieldSpec("rdates", Schema.texts, "Further times or dates of rrule."),
        FieldSpec("time", Schema.text, "The time of businessDay or monthDay, such as 17:00."),
        FieldSpec(
            "onGap", Schema.choice(GapRule.allCases.map(\.rawValue)),
            "What happens to a time that a clock change leaves out."),
        FieldSpec(
            "onOverlap", Schema.choice(OverlapRule.allCases.map(\.rawValue)),
            "What happens to a time that comes twice."),
    ]

    /// The names of the kinds.
    static let kinds = TriggerSource.Kind.allCases.map(\.rawValue)

    /// The kinds that stand in a map.
    static func kinds(in reader: FieldReader) -> [String] { kinds.filter { reader.has($0) } }

    /// The trigger of a map that names one kind; `nil` after a problem was noted.
    func read(_ reader: FieldReader, _ log: inout ProblemLog) -> TriggerDefinition? {
        let kinds = Self.kinds(in: reader)
        guard kinds.count == 1, let kind = TriggerSource.Kind(rawValue: kinds[0]) else {
            log.error(
                reader.place, reader.full(kinds.last ?? "cadence"),
                "exactly one of \(Self.kinds.joined(separator: ", ")) is expected, and this has "
                    + "\(kinds.count)", "write for example cadence: \"0 1 * * *\" or every: 5m")
            return nil
        }
        guard let text = text(kind, reader, &log) else { return nil }
        var source = TriggerSource(kind, text)
        source.hasSeconds = reader.bool("seconds", &log) ?? false
        source.start = reader.text("start", &log) ?? ""
        source.excluded = texts("exdates", reader, &log)
        source.additional = texts("rdates", reader, &log)
        source.time = reader.text("time", &log) ?? ""
        source.onGap = reader.choice("onGap", GapRule.allCases.map(\.rawValue), &log) ?? ""
        source.onOverlap =
            reader.choice("onOverlap", OverlapRule.allCases.map(\.rawValue), &log) ?? ""
        // Which days are working days does not matter to whether it can be read.
        let calendar =
            hasCalendar
            ? BusinessCalendar(name: "", holidays: [] as Set<CivilDate>, validThrough: nil) : nil
        do throws(TimetableError) {
            _ = try source.trigger(in: zone, calendar: calendar)
        } catch {
            let field = error.field.flatMap { reader.has($0) ? $0 : nil } ?? kind.rawValue
            Values.problem(error, reader.place(of: field), reader.full(field), &log)
            return nil
        }
        return TriggerDefinition(source)
    }

    /// The expression in its one canonical form.
    private func text(
        _ kind: TriggerSource.Kind, _ reader: FieldReader, _ log: inout ProblemLog
    ) -> String? {
        switch kind {
        case .cadence:
            return reader.text("cadence", &log).map {
                $0.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
            }
        case .every, .afterCompletion:
            return reader.seconds(kind.rawValue, 1...Limits.durationSecondsMax, &log)
                .map(Values.duration)
        case .rrule, .at: return reader.text(kind.rawValue, &log)
        case .businessDay, .monthDay:
            guard let node = reader.node(kind.rawValue, &log) else { return nil }
            if case .number(let text) = node.value, Int(text) != nil { return text }
            log.error(
                node.place, reader.full(kind.rawValue), "a whole number is expected",
                kind == .businessDay
                    ? "write 1 for a month's first working day, -1 for its last"
                    : "write for example 31, or -1 for a month's last day")
            return nil
        }
    }

    private func texts(
        _ name: String, _ reader: FieldReader, _ log: inout ProblemLog
    ) -> [String] {
        (reader.list(name, &log) ?? []).enumerated().compactMap { index, item in
            Values.text(item, "\(reader.full(name))[\(index)]", &log)
        }
    }
}

extension TriggerDefinition {
    /// The record of a trigger that was read.
    fileprivate init(_ source: TriggerSource) {
        self.init()
        kind = source.kind.rawValue
        text = source.text
        hasSeconds = source.hasSeconds
        start = source.start
        excluded = source.excluded
        additional = source.additional
        time = source.time
        onGap = source.onGap
        onOverlap = source.onOverlap
    }

    /// Whether it says nothing beside its expression.
    private var isPlain: Bool {
        !hasSeconds && start.isEmpty && onGap.isEmpty && onOverlap.isEmpty
    }

    /// Puts it into a schedule: in its short form, where that says all.
    func put(into definition: inout ScheduleDefinition) {
        switch kind {
        case "cadence" where isPlain: definition.cadence = text
        case "every" where isPlain: definition.every = text
        default: definition.triggers = [self]
        }
    }
}
