import Events

/// Looks up the names that schedules use, and makes each one whole.
struct Linker {
    let targets: [String: TargetEntry]
    let calendars: [CalendarDefinition]
    /// `nil` where there is no `contacts.yaml`.
    let contacts: [Contact]?
    /// The limits of `jobs/`, by name.
    let limits: [String: RunLimit]
    /// Where the schedules are not all there are: the ids of those of the configuration, by what
    /// they run.
    ///
    /// Which others there are to wait for is then not known here.
    var elsewhere: [String: [String]]?

    /// The finished definitions, sorted by jobId.
    func link(_ jobs: [Job], _ log: inout ProblemLog) -> [ScheduleDefinition] {
        let index = JobIndex(jobs)
        let calendarNames = Set(calendars.map(\.name))
        var linked: [ScheduleDefinition] = []
        var uses: [String: [Job.DependencyUse]] = [:]
        for job in jobs {
            var definition = job.definition
            definition.target = target(job.targetName, &log)
            checkCalendar(job, calendarNames, &log)
            definition.setLimits(limits(job.limits, job, &log))
            definition.setReminders(reminders(job, &log))
            var dependencies: [Dependency] = []
            var names: Set<String> = []
            for (use, dependency) in job.dependencies.flatMap({ use in
                self.dependencies(use, job, index, &log).map { (use, $0) }
            }) {
                // What is satisfied of a run is known by name.
                if !names.insert(dependency.name).inserted {
                    log.error(
                        use.named.place, use.named.path,
                        "\(shown(dependency.name)) is waited for twice", "keep one of the two")
                }
                dependencies.append(dependency)
                if dependency.kind == "job" {
                    var use = use
                    use.named.name = dependency.name
                    uses[definition.jobId, default: []].append(use)
                    warnIfDisabled(use, index, &log)
                }
            }
            definition.dependencies = dependencies.sorted {
                $0.kind == $1.kind ? precedes($0.name, $1.name) : precedes($0.kind, $1.kind)
            }
            checkSize(definition, job, &log)
            linked.append(definition)
        }
        checkContacts(jobs, &log)
        DependencyGraph(uses: uses).reportCycles(&log)
        return linked.sorted { precedes($0.jobId, $1.jobId) }
    }

    private func reminders(_ job: Job, _ log: inout ProblemLog) -> [ReminderRule] {
        job.reminders.map { use in
            var rule = use.rule
            rule.target = target(use.target, &log)
            rule.limits = limits(use.limits, job, &log)
            return rule
        }
    }

    private func target(_ named: Job.Named, _ log: inout ProblemLog) -> TargetBinding? {
        if named.name.isEmpty { return nil }
        guard let entry = targets[named.name] else {
            let hint = log.nearest(named.name, among: targets.keys)
            log.error(
                named.place, named.path, "targets.yaml does not say what \(shown(named.name)) is",
                hint.map { "did you mean \($0)?" }
                    ?? "add it under targets: with process or http")
            return nil
        }
        if entry.isExternal {
            log.error(
                named.place, named.path,
                "\(shown(named.name)) is external (\(entry.place.short)): it is asked, not run",
                "bind it to process or http, or wait for it under dependencies")
            return nil
        }
        return entry.binding
    }

    private func limits(
        _ names: [Job.Named], _ job: Job, _ log: inout ProblemLog
    ) -> [RunLimit] {
        names.compactMap { named in
            guard let limit = limits[named.name] else {
                let hint = log.nearest(named.name, among: limits.keys)
                log.error(
                    named.place, named.path, "there is no limit \(shown(named.name))",
                    hint.map { "did you mean \($0)?" }
                        ?? "add it under limits: in a file of the folder jobs")
                return nil
            }
            let isKnown =
                ["", RunLimit.byJob].contains(limit.by)
                || job.definition.parameters.contains { $0.name == limit.by }
            if !isKnown {
                log.error(
                    named.place, named.path,
                    "the limit \(shown(named.name)) counts by the parameter \(shown(limit.by)), "
                        + "which the schedule does not have",
                    "add the parameter, or take the limit out")
            }
            return limit
        }
    }

    private func checkCalendar(_ job: Job, _ names: Set<String>, _ log: inout ProblemLog) {
        let name = job.definition.calendar
        if name.isEmpty || names.contains(name) { return }
        let hint = log.nearest(name, among: names)
        log.error(
            job.calendarPlace, "\(job.path).calendar", "there is no calendar \(shown(name))",
            hint.map { "did you mean \($0)?" } ?? "add schedules/calendars/\(name).json")
    }

    /// What a schedule waits for by one item: several where that is a job that was fanned out.
    private func dependencies(
        _ use: Job.DependencyUse, _ job: Job, _ index: JobIndex, _ log: inout ProblemLog
    ) -> [Dependency] {
        guard let dependency = dependency(use, index, &log) else { return [] }
        guard dependency.kind == "job", index.byId[dependency.name] == nil,
            index.elements[dependency.name] != nil
        else { return [dependency] }
        return index.elements(of: dependency.name, for: job).map { id in
            var dependency = dependency
            dependency.name = id
            return dependency
        }
    }

    private func dependency(
        _ use: Job.DependencyUse, _ index: JobIndex, _ log: inout ProblemLog
    ) -> Dependency? {
        let named = use.named
        var dependency = Dependency()
        dependency.name = named.name
        dependency.delayMinutesMax = use.delayMinutesMax
        dependency.condition = use.condition == "success" ? "" : use.condition
        dependency.expiry = use.expiry == "fail" ? "" : use.expiry
        if use.type == "pushed" || use.type == "approval" {
            dependency.kind = use.type
            dependency.by = use.by
            dependency.recipients = use.recipients
            return dependency
        }
        if use.type == "pipeline", let entry = targets[named.name], entry.isExternal {
            dependency.kind = "external"
            if !dependency.condition.isEmpty {
                log.error(
                    named.place, named.path,
                    "\(shown(named.name)) is external: it is READY or not, and has no other end",
                    "take on: out")
            }
            dependency.probe = entry.binding
            dependency.pollSeconds = entry.pollSeconds
            return dependency
        }
        dependency.kind = "job"
        if index.byId[named.name] != nil || index.elements[named.name] != nil {
            return dependency
        }
        if elsewhere != nil && use.type == "job" { return dependency }
        let all = (index.idsByPipeline[named.name] ?? []) + (elsewhere?[named.name] ?? [])
        let ids = use.type == "pipeline" ? all : []
        if ids.count == 1 {
            dependency.name = ids[0]
            return dependency
        }
        if ids.count > 1 {
            let some = ids.sorted(by: precedes).prefix(5).joined(separator: ", ")
            log.error(
                named.place, named.path, "several schedules run \(shown(named.name)): \(some)",
                "name one of them, with type: job")
            return nil
        }
        let external = targets.filter { $0.value.isExternal }.keys
        let candidates = index.names + (use.type == "pipeline" ? Array(external) : [])
        let hint = log.nearest(named.name, among: candidates)
        let bound = targets[named.name].map { " (\($0.place.short) is not external)" } ?? ""
        let name = shown(named.name)
        log.error(
            named.place, named.path,
            use.type == "job"
                ? "there is no schedule \(name) to wait for"
                : "\(name) is neither an external target\(bound) nor run by a schedule",
            hint.map { "did you mean \($0)?" }
                ?? (use.type == "job"
                    ? "name a jobId" : "add it to targets.yaml with external, or name a schedule"))
        return nil
    }

    private func warnIfDisabled(
        _ use: Job.DependencyUse, _ index: JobIndex, _ log: inout ProblemLog
    ) {
        guard let job = index.byId[use.named.name], !job.definition.isEnabled else { return }
        log.warning(
            use.named.place, use.named.path,
            "the schedule \(shown(use.named.name)) that is waited for is not enabled",
            "enable it, or remove the dependency")
    }

    private func checkSize(
        _ definition: ScheduleDefinition, _ job: Job, _ log: inout ProblemLog
    ) {
        let byteCount = JSONText.of(definition).utf8.count
        if byteCount <= Limits.definitionByteCountMax { return }
        log.error(
            job.place, job.path,
            "the schedule has \(byteCount) bytes with its target, and a record holds "
                + "\(Limits.definitionByteCountMax)",
            "shorten its description, parameters or command, keep the data in a file, or wait for "
                + "fewer elements")
    }

    private func checkContacts(_ jobs: [Job], _ log: inout ProblemLog) {
        guard let contacts else {
            if let first = jobs.lazy.compactMap(\.recipients.first).first {
                log.warning(
                    first.place, first.path, "alerts name contacts, and there is no contacts.yaml",
                    "add contacts.yaml, or nobody will hear of it")
            }
            return
        }
        let names = contacts.map(\.name)
        let known = Set(names)
        for recipient in jobs.flatMap(\.recipients) where !known.contains(recipient.name) {
            let hint = log.nearest(recipient.name, among: names)
            log.error(
                recipient.place, recipient.path,
                "contacts.yaml does not say who \(shown(recipient.name)) is",
                hint.map { "did you mean \($0)?" } ?? "add it under contacts:")
        }
    }
}

extension ScheduleDefinition {
    fileprivate mutating func setReminders(_ reminders: [ReminderRule]) {
        if reminders.isEmpty { return }
        var rules = rules ?? RunRules()
        rules.reminders = reminders
        self.rules = rules
    }

    fileprivate mutating func setLimits(_ limits: [RunLimit]) {
        if limits.isEmpty { return }
        var rules = rules ?? RunRules()
        rules.limits = limits
        self.rules = rules
    }
}
