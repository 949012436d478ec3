import Events
import Timetable

/// A schedule as its file says it, before names are looked up.
struct Job {
    var definition: ScheduleDefinition
    var place: SourcePlace
    var path: String
    var targetName: Named
    var calendarPlace: SourcePlace
    var dependencies: [DependencyUse] = []
    /// Names in `alerts`, with their places.
    var recipients: [Named] = []
    /// Names in `limits`, with their places.
    var limits: [Named] = []
    var reminders: [ReminderUse] = []

    /// A name, and where it stands.
    struct Named {
        var name: String
        var place: SourcePlace
        var path: String
    }

    /// A reminder, with the names of what sends it.
    struct ReminderUse {
        var rule: ReminderRule
        var target: Named
        var limits: [Named]
    }

    /// A dependency as it was written.
    struct DependencyUse {
        var type: String
        var named: Named
        var delayMinutesMax: UInt64
        var condition: String
        var expiry: String
        var by = ""
        var recipients: [String] = []
    }
}

/// Reads one schedule.
struct JobReader {
    let zones: ZoneCatalog
    let settings: Settings

    /// The schedule of a map; `nil` after a problem was noted that leaves nothing to look up.
    ///
    /// - Parameter element: the element that it is for, where its job was fanned out.
    func read(
        _ node: SourceNode, _ path: String, element: String? = nil, _ log: inout ProblemLog
    ) -> Job? {
        guard let reader = FieldReader(node, path, JobFields.job, &log) else { return nil }
        var definition = ScheduleDefinition()
        definition.source = "config"
        definition.environment = settings.environment
        definition.description = reader.text("description", &log) ?? ""
        definition.isEnabled = reader.bool("enabled", &log) ?? true
        readTimes(reader, &definition, &log)
        definition.calendar = reader.identifier("calendar", &log) ?? ""
        readClocks(reader, &definition, &log)
        readRetries(reader, &definition, &log)
        definition.overlap = reader.choice("overlap", JobFields.overlaps, &log) ?? "skip"
        definition.tags = reader.identifiers("tags", &log)
        var recipients: [Job.Named] = []
        let dependencies = dependencies(reader, &recipients, &log)
        let limits = readRules(reader, &definition, &log)
        readCatchUp(reader, &definition, &log)
        definition.alerts = alerts(reader, &recipients, &log)
        let target = target(reader, &definition, &log)
        readPlaces(reader, &definition, &log)
        checkArithmetic(reader, &definition, &log)
        let reminders = readCustomers(reader, &definition, &log)
        guard let jobId = reader.identifier("jobId", &log) else { return nil }
        name(
            &definition, jobId, element, reader.place(of: "jobId"), reader.full("jobId"), &log)
        return Job(
            definition: definition, place: node.place, path: path,
            targetName: target ?? Job.Named(name: "", place: node.place, path: path),
            calendarPlace: reader.place(of: "calendar"), dependencies: dependencies,
            recipients: recipients, limits: limits, reminders: reminders)
    }

    private func readCatchUp(
        _ reader: FieldReader, _ definition: inout ScheduleDefinition, _ log: inout ProblemLog
    ) {
        let isPayment = Self.paymentTypes.contains(definition.rules?.jobType ?? "")
        definition.catchUp =
            reader.choice("catchUp", JobFields.catchUps, &log) ?? (isPayment ? "none" : "latest")
        var misfire = MisfireRules()
        misfire.graceSeconds = reader.seconds("grace", 1...(7 * 86_400), &log) ?? 0
        misfire.runsMax = reader.count("catchUpMax", 1...10_000, &log) ?? 0
        misfire.spreadSeconds = reader.seconds("catchUpSpread", 0...86_400, &log) ?? 0
        if misfire != MisfireRules() { definition.misfire = misfire }
        for name in ["catchUpMax", "catchUpSpread"]
        where reader.has(name) && definition.catchUp != "all" {
            log.error(
                reader.place(of: name), reader.full(name), "\(name) means nothing here",
                "write catchUp: all, or remove it")
        }
    }

    /// Whether parameters reckon with dates, and that business days are counted by a calendar.
    private func checkArithmetic(
        _ reader: FieldReader, _ definition: inout ScheduleDefinition, _ log: inout ProblemLog
    ) {
        guard settings.allowsDateArithmetic else { return }
        for place in templates(of: definition) {
            // What cannot be read was noted with the parameter.
            guard let template = try? Template.parse(place.text, allowsArithmetic: true),
                template.hasArithmetic
            else { continue }
            definition.allowsDateArithmetic = true
            if template.needsCalendar && !reader.has("calendar") {
                log.error(
                    reader.place, reader.full(place.field),
                    "business days are counted, and the schedule has no calendar",
                    "add calendar")
            }
        }
    }

    private func readClocks(
        _ reader: FieldReader, _ definition: inout ScheduleDefinition, _ log: inout ProblemLog
    ) {
        definition.slaMinutes = reader.count("slaMinutes", JobFields.minutes, &log) ?? 0
        definition.startDelayMinutes =
            reader.count("startDelayMinutes", 0...JobFields.minutes.upperBound, &log) ?? 1
        definition.durationMinutesMax =
            reader.count("maxDurationMinutes", JobFields.minutes, &log) ?? 0
    }

    private func readRetries(
        _ reader: FieldReader, _ definition: inout ScheduleDefinition, _ log: inout ProblemLog
    ) {
        definition.retriesMax = reader.count("maxRetries", JobFields.retries, &log) ?? 3
        definition.retryDelaysSeconds = JobFields.retryDelaysDefault
        guard let items = reader.list("retryDelays", &log) else { return }
        let path = reader.full("retryDelays")
        if items.isEmpty || items.count > Int(JobFields.retries.upperBound) {
            log.error(
                reader.place(of: "retryDelays"), path,
                "1 to \(JobFields.retries.upperBound) delays are expected",
                "write for example [5m, 15m, 30m], or maxRetries: 0 for no retry")
            return
        }
        definition.retryDelaysSeconds = items.enumerated().compactMap { index, item in
            Values.seconds(item, "\(path)[\(index)]", 0...(7 * 86_400), &log)
        }
    }

    private func alerts(
        _ reader: FieldReader, _ recipients: inout [Job.Named], _ log: inout ProblemLog
    ) -> [AlertRoute] {
        guard let node = reader.node("alerts", &log),
            let inner = FieldReader(node, reader.full("alerts"), JobFields.alerts, &log)
        else { return [] }
        var routes: [AlertRoute] = []
        for event in JobFields.events {
            let names = inner.identifiers(event, &log)
            if names.isEmpty { continue }
            var route = AlertRoute()
            route.event = event
            route.recipients = names
            routes.append(route)
            for name in names {
                recipients.append(
                    Job.Named(
                        name: name, place: inner.place(of: event), path: inner.full(event)))
            }
        }
        return routes
    }

    /// The target's name, in either form; its parameters go into the definition.
    private func target(
        _ reader: FieldReader, _ definition: inout ScheduleDefinition, _ log: inout ProblemLog
    ) -> Job.Named? {
        let hasShort = reader.has("targetPipeline")
        if reader.has("target") == hasShort {
            log.error(
                reader.place, reader.full("target"),
                hasShort ? "target and targetPipeline both stand" : "nothing says what runs",
                hasShort ? "keep one of the two" : "add target, or targetPipeline with a name")
            if !hasShort { return nil }
        }
        if hasShort {
            definition.parameters = parameters(reader, &log)
            return reader.identifier("targetPipeline", &log).map {
                Job.Named(
                    name: $0, place: reader.place(of: "targetPipeline"),
                    path: reader.full("targetPipeline"))
            }
        }
        if reader.has("parameters") {
            log.error(
                reader.place(of: "parameters"), reader.full("parameters"),
                "parameters beside target are not given to anything", "move them into target")
        }
        guard let node = reader.node("target", &log),
            let inner = FieldReader(node, reader.full("target"), JobFields.target, &log)
        else { return nil }
        _ = inner.text("type", &log)
        definition.parameters = parameters(inner, &log)
        return inner.identifier("name", &log).map {
            Job.Named(name: $0, place: inner.place(of: "name"), path: inner.full("name"))
        }
    }

    private func parameters(_ reader: FieldReader, _ log: inout ProblemLog) -> [KeyValue] {
        var result: [KeyValue] = []
        var variables: [String: String] = [:]
        for member in reader.map("parameters", &log) ?? [] {
            let path = "\(reader.full("parameters")).\(member.key)"
            guard let name = Values.identifier(member.key, member.place, path, &log),
                let text = Values.scalar(member.value, path, &log)
            else { continue }
            // The same rule that names a program's variables.
            let variable = Self.variableName(name)
            if let other = variables.updateValue(name, forKey: variable) {
                log.error(
                    member.place, path,
                    "\(shown(name)) and \(shown(other)) become the same variable \(variable)",
                    "rename one of the two")
            }
            checkTemplate(text, member.value.place, path, &log)
            result.append(KeyValue(name, text))
        }
        return result.sorted { precedes($0.name, $1.name) }
    }

    /// `DAYBOOK_PARAM_RUNDATE` for `RunDate`: letters in upper case, all else an underscore.
    static func variableName(_ name: String) -> String {
        "DAYBOOK_PARAM_"
            + String(
                name.unicodeScalars.map { scalar -> Character in
                    switch scalar {
                    case "a"..."z": Character(UnicodeScalar(UInt8(scalar.value - 32)))
                    case "A"..."Z", "0"..."9": Character(scalar)
                    default: "_"
                    }
                })
    }

    private func checkTemplate(
        _ text: String, _ place: SourcePlace, _ path: String, _ log: inout ProblemLog
    ) {
        if text.contains("${secret:") {
            log.error(
                place, path, "parameters stand in the log, and secrets never do",
                "put the reference under environment: or headers: of the target in targets.yaml")
            return
        }
        do {
            let template = try Template.parse(
                text, allowsArithmetic: settings.allowsDateArithmetic)
            if settings.environment.isEmpty, template.tokens.contains(.environment) {
                log.warning(
                    place, path, "${environment} stands for nothing, since none is chosen",
                    "set environment in daybook.yaml, or DAYBOOK_ENVIRONMENT")
            }
        } catch {
            Values.problem(error, place, path, &log)
        }
    }
}
