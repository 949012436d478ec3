import Events
import Timetable

/// When a schedule fires, and when it does not.
extension JobReader {
    func readTimes(
        _ reader: FieldReader, _ definition: inout ScheduleDefinition, _ log: inout ProblemLog
    ) {
        var zone = Zone.utc
        definition.zone = settings.defaultTimeZone
        do {
            zone = try zones.zone(settings.defaultTimeZone)
            if let name = reader.text("timeZone", &log) {
                zone = try zones.zone(name)
                definition.zone = zone.name
            }
        } catch {
            Values.problem(error, reader.place(of: "timeZone"), reader.full("timeZone"), &log)
        }
        let triggers = TriggerReader(zone: zone, hasCalendar: reader.has("calendar"))
        readTriggers(reader, triggers, &definition, &log)
        readExclusions(reader, triggers, &definition, &log)
        definition.startsAt = moment("startsAt", reader, zone, &log)?.microseconds ?? 0
        definition.endsAt = moment("endsAt", reader, zone, isEnd: true, &log)?.microseconds ?? 0
        if definition.endsAt != 0 && definition.startsAt > definition.endsAt {
            log.error(
                reader.place(of: "endsAt"), reader.full("endsAt"), "it is before startsAt",
                "exchange the two")
        }
        definition.runsMax = reader.count("maxRuns", 1...1_000_000_000, &log) ?? 0
        definition.jitterSeconds = reader.seconds("jitter", 0...86_400, &log) ?? 0
        let roll = reader.choice("roll", JobFields.rolls, &log) ?? "skip"
        definition.roll = roll == "skip" ? "" : roll
        if !definition.roll.isEmpty && !reader.has("calendar") {
            log.error(
                reader.place(of: "roll"), reader.full("roll"),
                "there is no calendar that says which days are business days",
                "add calendar, or take roll out")
        }
    }

    private func readTriggers(
        _ reader: FieldReader, _ triggers: TriggerReader, _ definition: inout ScheduleDefinition,
        _ log: inout ProblemLog
    ) {
        guard reader.has("triggers") else {
            triggers.read(reader, &log)?.put(into: &definition)
            return
        }
        if let kind = TriggerReader.kinds(in: reader).first {
            log.error(
                reader.place(of: kind), reader.full(kind), "\(kind) and triggers both stand",
                "move it into triggers")
        }
        let items = reader.list("triggers", &log) ?? []
        if items.isEmpty || items.count > Limits.triggerCountMax {
            log.error(
                reader.place(of: "triggers"), reader.full("triggers"),
                "1 to \(Limits.triggerCountMax) triggers are expected",
                "write for example [{cadence: \"0 1 * * *\"}]")
            return
        }
        definition.triggers = items.enumerated().compactMap { index, item in
            let path = "\(reader.full("triggers"))[\(index)]"
            guard let inner = FieldReader(item, path, TriggerReader.fields, &log) else {
                return nil
            }
            return triggers.read(inner, &log)
        }
    }

    private func readExclusions(
        _ reader: FieldReader, _ triggers: TriggerReader, _ definition: inout ScheduleDefinition,
        _ log: inout ProblemLog
    ) {
        for (index, item) in (reader.list("exclude", &log) ?? []).enumerated() {
            let path = "\(reader.full("exclude"))[\(index)]"
            guard let inner = FieldReader(item, path, JobFields.exclusion, &log) else { continue }
            var exclusion = ExclusionDefinition()
            if TriggerReader.kinds(in: inner).isEmpty {
                guard let dates = dates(inner, &log) else { continue }
                exclusion.from = dates.from.description
                exclusion.through = dates.through.description
            } else {
                guard let trigger = triggers.read(inner, &log) else { continue }
                exclusion.trigger = trigger
            }
            definition.exclusions.append(exclusion)
        }
        if definition.exclusions.count > Limits.triggerCountMax {
            log.error(
                reader.place(of: "exclude"), reader.full("exclude"),
                "there are more than \(Limits.triggerCountMax) exclusions",
                "put the days into a calendar")
        }
    }

    /// A date, or a range of dates.
    private func dates(
        _ reader: FieldReader, _ log: inout ProblemLog
    ) -> (from: CivilDate, through: CivilDate)? {
        func date(_ name: String) -> CivilDate? {
            reader.node(name, &log).flatMap { Values.date($0, reader.full(name), &log) }
        }
        if let day = date("date") { return (day, day) }
        guard let from = date("from"), let through = date("through") else {
            log.error(
                reader.place, reader.path, "nothing says what is left out",
                "write date, or from and through, or a trigger such as cadence")
            return nil
        }
        if from > through {
            log.error(
                reader.place(of: "through"), reader.full("through"), "it is before from",
                "exchange the two")
            return nil
        }
        return (from, through)
    }

    /// A moment on the zone's wall clock; a date alone is its beginning, or as an end its end.
    private func moment(
        _ name: String, _ reader: FieldReader, _ zone: Zone, isEnd: Bool = false,
        _ log: inout ProblemLog
    ) -> Instant? {
        guard let text = reader.text(name, &log) else { return nil }
        do throws(TimetableError) {
            if isEnd, case .date(let date) = try ISO8601.parse(text) {
                let next = try TriggerSource.moment(
                    date.adding(days: 1).description, field: name, in: zone)
                return Instant(microseconds: next.microseconds - 1)
            }
            return try TriggerSource.moment(text, field: name, in: zone)
        } catch {
            Values.problem(error, reader.place(of: name), reader.full(name), &log)
            return nil
        }
    }
}
