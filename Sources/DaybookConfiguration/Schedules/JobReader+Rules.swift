import Events

/// How runs are put in order, bounded and tried again.
extension JobReader {
    /// Reads the rules; the limits are looked up by the caller.
    func readRules(
        _ reader: FieldReader, _ definition: inout ScheduleDefinition, _ log: inout ProblemLog
    ) -> [Job.Named] {
        var rules = RunRules()
        rules.jobType = reader.identifier("jobType", &log) ?? ""
        rules.priority = reader.count("priority", JobFields.priorities, &log) ?? 0
        rules.backoff = backoff(reader, &log)
        rules.retriedClasses = reader.identifiers("retryOn", &log)
        rules.finalClasses = reader.identifiers("noRetryOn", &log)
        if let both = rules.retriedClasses.first(where: { rules.finalClasses.contains($0) }) {
            log.error(
                reader.place(of: "noRetryOn"), reader.full("noRetryOn"),
                "\(shown(both)) stands in retryOn too", "keep it in one of the two")
        }
        rules.pauseAfterFailures = reader.count("pauseAfterFailures", 1...1_000, &log) ?? 0
        let mode = reader.choice("dependencyMode", JobFields.dependencyModes, &log) ?? "all"
        rules.dependencyMode = mode == "all" ? "" : mode
        rules.uniqueBy = reader.identifiers("unique", &log)
        rules.failureAlert = failureAlert(reader, &log)
        rules.isWarningOff = !(reader.bool("slaWarning", &log) ?? true)
        if rules != RunRules() { definition.rules = rules }
        return reader.identifiers("limits", &log).map {
            Job.Named(name: $0, place: reader.place(of: "limits"), path: reader.full("limits"))
        }
    }

    private func failureAlert(
        _ reader: FieldReader, _ log: inout ProblemLog
    ) -> FailureThreshold? {
        guard let node = reader.node("failureAlert", &log),
            let inner = FieldReader(
                node, reader.full("failureAlert"), JobFields.failureAlert, &log)
        else { return nil }
        var threshold = FailureThreshold()
        threshold.count = inner.count("count", 1...100, &log) ?? 0
        threshold.windowSeconds = inner.seconds("within", 1...2_592_000, &log) ?? 3_600
        return threshold
    }

    private func backoff(_ reader: FieldReader, _ log: inout ProblemLog) -> RetryBackoff? {
        let path = reader.full("retryBackoff")
        guard let node = reader.node("retryBackoff", &log),
            let inner = FieldReader(node, path, JobFields.backoff, &log)
        else { return nil }
        if reader.has("retryDelays") {
            log.error(
                node.place, path, "retryDelays and retryBackoff both stand",
                "keep one of the two")
        }
        var backoff = RetryBackoff()
        backoff.firstSeconds = inner.seconds("first", 1...604_800, &log) ?? 0
        backoff.factorPercent = inner.count("factorPercent", 100...10_000, &log) ?? 0
        backoff.longestSeconds = inner.seconds("max", 1...2_592_000, &log) ?? 0
        backoff.jitterPercent = inner.count("jitterPercent", 0...100, &log) ?? 0
        if backoff.longestSeconds != 0, backoff.longestSeconds < backoff.firstSeconds {
            log.error(
                inner.place(of: "max"), inner.full("max"), "it is shorter than first",
                "exchange the two")
        }
        return backoff
    }
}
