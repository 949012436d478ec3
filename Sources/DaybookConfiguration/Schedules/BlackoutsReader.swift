import Events
import Timetable

/// Reads `schedules/blackouts.yaml`.
struct BlackoutsReader {
    let zones: ZoneCatalog
    let settings: Settings

    static let fileFields = [
        FieldSpec("blackouts", Schema.any, "The blackouts.", required: true),
        FieldSpec("$schema", Schema.text, "For editors; not read."),
    ]
    static let fields =
        [
            FieldSpec(
                "name", Schema.identifier, "Its name, unique in the merged set.", required: true),
            FieldSpec("reason", Schema.text, "Why, in words.", required: true),
            FieldSpec(
                "action", Schema.choice(actions),
                "What becomes of what falls due in it: skip, defer to its end (the default), or "
                    + "deferCoalesced: one run at its end for all.", required: false),
            FieldSpec("from", Schema.text, "Its first moment, where it does not recur."),
            FieldSpec("until", Schema.text, "The first moment after it."),
            FieldSpec(
                "duration", Schema.duration, "How long each window of one that recurs lasts."),
            FieldSpec("timeZone", Schema.text, "The IANA zone of its times."),
            FieldSpec(
                "jobs", Schema.identifiers,
                "The schedules that it holds for; without jobs, tags and targets, all."),
            FieldSpec("tags", Schema.identifiers, "It holds for schedules with one of these tags."),
            FieldSpec(
                "targets", Schema.identifiers, "It holds for schedules with one of these targets."),
            FieldSpec(
                "spread", Schema.duration,
                "What was deferred starts within so long after its end, 1m by default."),
        ]
        + TriggerReader.fields.filter {
            !["businessDay", "monthDay", "time", "afterCompletion"].contains($0.name)
        }
    static let actions = ["skip", "defer", "deferCoalesced"]

    /// A blackout, and the places of the names that it uses.
    struct Read {
        var definition: BlackoutDefinition
        var place: SourcePlace
        var path: String
        /// The places of `jobs` and `targets`.
        var jobs: SourcePlace
        var targets: SourcePlace
    }

    /// The blackouts of a file.
    func read(_ node: SourceNode, _ log: inout ProblemLog) -> [Read] {
        guard let reader = FieldReader(node, "", Self.fileFields, &log) else { return [] }
        return (reader.list("blackouts", &log) ?? []).enumerated().compactMap { index, item in
            blackout(item, "blackouts[\(index)]", &log)
        }
    }

    private func blackout(
        _ node: SourceNode, _ path: String, _ log: inout ProblemLog
    ) -> Read? {
        guard let reader = FieldReader(node, path, Self.fields, &log) else { return nil }
        var definition = BlackoutDefinition()
        definition.source = "config"
        definition.reason = reader.text("reason", &log) ?? ""
        definition.action = reader.choice("action", Self.actions, &log) ?? "defer"
        definition.jobs = reader.identifiers("jobs", &log)
        definition.tags = reader.identifiers("tags", &log)
        definition.targets = reader.identifiers("targets", &log)
        definition.spreadSeconds = reader.seconds("spread", 0...86_400, &log) ?? 60
        definition.zone = settings.defaultTimeZone
        var zone = Zone.utc
        do {
            zone = try zones.zone(reader.text("timeZone", &log) ?? settings.defaultTimeZone)
            definition.zone = zone.name
        } catch {
            Values.problem(error, reader.place(of: "timeZone"), reader.full("timeZone"), &log)
        }
        readWindow(reader, zone, &definition, &log)
        guard let name = reader.identifier("name", &log) else { return nil }
        definition.name = name
        return Read(
            definition: definition, place: node.place, path: path,
            jobs: reader.place(of: "jobs"), targets: reader.place(of: "targets"))
    }

    private func readWindow(
        _ reader: FieldReader, _ zone: Zone, _ definition: inout BlackoutDefinition,
        _ log: inout ProblemLog
    ) {
        if TriggerReader.kinds(in: reader).isEmpty {
            let from = moment("from", reader, zone, &log)
            let until = moment("until", reader, zone, &log)
            guard let from, let until else {
                if !reader.has("from") || !reader.has("until") {
                    log.error(
                        reader.place, reader.path, "nothing says when it is",
                        "write from and until, or a trigger such as cadence with a duration")
                }
                return
            }
            if until <= from {
                log.error(
                    reader.place(of: "until"), reader.full("until"), "it ends before it begins",
                    "exchange the two")
            }
            definition.from = from.microseconds
            definition.until = until.microseconds
            return
        }
        for name in ["from", "until"] where reader.has(name) {
            log.error(
                reader.place(of: name), reader.full(name), "\(name) and a trigger both stand",
                "use startsAt of the trigger's own, or remove it")
        }
        definition.trigger = TriggerReader(zone: zone, hasCalendar: false).read(reader, &log)
        guard reader.has("duration") else {
            log.error(
                reader.place, reader.full("duration"), "nothing says how long its windows last",
                "add duration, such as 4h")
            return
        }
        definition.durationSeconds = reader.seconds("duration", 1...(31 * 86_400), &log) ?? 0
    }

    private func moment(
        _ name: String, _ reader: FieldReader, _ zone: Zone, _ log: inout ProblemLog
    ) -> Instant? {
        guard let text = reader.text(name, &log) else { return nil }
        do throws(TimetableError) {
            return try TriggerSource.moment(text, field: name, in: zone)
        } catch {
            Values.problem(error, reader.place(of: name), reader.full(name), &log)
            return nil
        }
    }

    /// Warns of jobs and targets that no schedule has.
    static func warn(
        _ blackouts: [Read], definitions: [ScheduleDefinition], _ log: inout ProblemLog
    ) {
        if blackouts.isEmpty { return }
        let jobs = Set(definitions.map(\.jobId) + definitions.compactMap { $0.rules?.fanOutOf })
        let targets = Set(definitions.compactMap { $0.target?.name })
        for read in blackouts {
            for (names, known, what, place) in [
                (read.definition.jobs, jobs, "jobs", read.jobs),
                (read.definition.targets, targets, "targets", read.targets),
            ] {
                for name in names where !known.contains(name) {
                    let hint = log.nearest(name, among: known)
                    log.warning(
                        place, "\(read.path).\(what)", "no schedule has \(shown(name))",
                        hint.map { "did you mean \($0)?" } ?? "remove it, if nobody needs it")
                }
            }
        }
    }
}
