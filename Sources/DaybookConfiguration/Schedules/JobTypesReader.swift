import Events

/// Reads the files of `jobs/`: the limits that runs share, and the job types that schedules name.
struct JobTypesReader: Sendable {
    static let fileFields = [
        FieldSpec("limits", Schema.any, "What bounds runs together, by name."),
        FieldSpec("jobTypes", Schema.any, "Defaults that schedules name with jobType, by name."),
        FieldSpec("$schema", Schema.text, "For editors; not read."),
    ]
    static let limitFields = [
        FieldSpec(
            "concurrent", Schema.count(1...10_000), "So many attempts run at once at most."),
        FieldSpec(
            "rate", Schema.count(1...100_000), "So many attempts begin at most, in the time of per."
        ),
        FieldSpec("per", Schema.duration, "The window of rate, 1m by default."),
        FieldSpec(
            "by", Schema.identifier,
            "A parameter whose values are counted each by itself, or job; one count by default."),
    ]
    /// What a job type may hold: of a schedule's fields those that do not say when, what or for
    /// whom.
    static let typeFields =
        [FieldSpec("description", Schema.text, "What it is for, in words; not read.")]
        + JobFields.job.filter { typeFieldNames.contains($0.name) }
    private static let typeFieldNames: Set<String> = [
        "calendar", "roll", "jitter", "slaMinutes", "startDelayMinutes", "maxDurationMinutes",
        "maxRetries", "retryDelays", "retryBackoff", "retryOn", "noRetryOn", "pauseAfterFailures",
        "catchUp", "grace", "catchUpMax", "catchUpSpread", "overlap", "priority", "limits",
        "alerts", "tags", "timeZone", "dependencyMode", "unique", "failureAlert", "slaWarning",
        "failureAdvice", "reminders", "folders", "files",
    ]

    /// The limits, by name.
    private(set) var limits: [String: RunLimit] = [:]
    /// The job types as they were written, by name.
    private(set) var types: [String: SourceNode] = [:]

    /// Reads one file; what it names takes the place of what the base named so.
    mutating func read(_ node: SourceNode, _ log: inout ProblemLog) {
        if case .null = node.value { return }
        guard let file = FieldReader(node, "", Self.fileFields, &log) else { return }
        for member in file.map("limits", &log) ?? [] {
            let path = "limits.\(member.key)"
            guard let name = Values.identifier(member.key, member.place, path, &log),
                let limit = limit(member.value, name, path, &log)
            else { continue }
            limits[name] = limit
        }
        for member in file.map("jobTypes", &log) ?? [] {
            let path = "jobTypes.\(member.key)"
            guard let name = Values.identifier(member.key, member.place, path, &log),
                FieldReader(member.value, path, Self.typeFields, &log) != nil
            else { continue }
            types[name] = SourceNode(
                .map((member.value.members ?? []).filter { $0.key != "description" }),
                member.value.place)
        }
    }

    /// Adds a job type that stands elsewhere.
    mutating func add(_ name: String, _ type: SourceNode) { types[name] = type }

    private func limit(
        _ node: SourceNode, _ name: String, _ path: String, _ log: inout ProblemLog
    ) -> RunLimit? {
        guard let reader = FieldReader(node, path, Self.limitFields, &log) else { return nil }
        var limit = RunLimit()
        limit.name = name
        limit.concurrentMax = reader.count("concurrent", 1...10_000, &log) ?? 0
        limit.rateMax = reader.count("rate", 1...100_000, &log) ?? 0
        limit.by = reader.identifier("by", &log) ?? ""
        if reader.has("per"), !reader.has("rate") {
            log.error(
                reader.place(of: "per"), reader.full("per"), "there is no rate that it belongs to",
                "add rate, or remove it")
        }
        if !reader.has("rate"), !reader.has("concurrent") {
            log.error(
                node.place, path, "the limit bounds nothing", "add concurrent, or rate and per")
        }
        if limit.rateMax > 0 {
            limit.windowSeconds = reader.seconds("per", 1...86_400, &log) ?? 60
        }
        return limit
    }

    /// A schedule with the defaults of its job type below what it says itself.
    ///
    /// - Returns: the schedule as it is where it names none, or one that is not known.
    func completed(_ job: SourceNode, _ path: String, _ log: inout ProblemLog) -> SourceNode {
        guard let named = job["jobType"], case .text(let name) = named.value else { return job }
        guard let type = types[name] else {
            let hint = log.nearest(name, among: types.keys)
            log.error(
                named.place, "\(path).jobType", "there is no job type \(shown(name))",
                hint.map { "did you mean \($0)?" }
                    ?? "add it under jobTypes: in a file of the folder jobs")
            return job
        }
        return Overlay.merged(type, job)
    }
}
