/// What a CronJob of Kubernetes says, read from its manifest by the caller.
public struct CronJobManifest: Hashable, Sendable {
    /// `metadata.name`.
    public var name: String
    /// `spec.schedule`.
    public var schedule: String
    /// `spec.timeZone`.
    public var timeZone: String?
    /// `spec.suspend`.
    public var isSuspended: Bool
    /// `spec.concurrencyPolicy`.
    public var concurrencyPolicy: String?
    /// `spec.startingDeadlineSeconds`, as it was written.
    public var startingDeadlineSeconds: String?
    /// The line of the schedule, the first being 1.
    public var line: Int
    /// The column of the schedule, the first being 1.
    public var column: Int

    /// Makes a manifest from its parts.
    public init(
        name: String, schedule: String, timeZone: String? = nil, isSuspended: Bool = false,
        concurrencyPolicy: String? = nil, startingDeadlineSeconds: String? = nil, line: Int = 1,
        column: Int = 1
    ) {
        self.name = name
        self.schedule = schedule
        self.timeZone = timeZone
        self.isSuspended = isSuspended
        self.concurrencyPolicy = concurrencyPolicy
        self.startingDeadlineSeconds = startingDeadlineSeconds
        self.line = line
        self.column = column
    }
}

/// Turns CronJobs of Kubernetes into schedules.
public enum KubernetesImporter {
    /// The schedules of manifests.
    public static func read(_ manifests: [CronJobManifest]) -> Imported {
        var result = Imported()
        var taken: Set<String> = []
        for manifest in manifests {
            do throws(TimetableError) {
                try add(manifest, &result, &taken)
            } catch {
                let place = error.field.map { "\($0): " } ?? ""
                result.errors.append(
                    ImportNote(
                        line: manifest.line, column: manifest.column + (error.column ?? 1) - 1,
                        place + error.message))
            }
        }
        return result
    }

    private static func add(
        _ manifest: CronJobManifest, _ result: inout Imported, _ taken: inout Set<String>
    ) throws(TimetableError) {
        var zone = manifest.timeZone
        var text = manifest.schedule
        for lead in ["CRON_TZ=", "TZ="] where text.hasPrefix(lead) {
            let end = text.firstIndex(of: " ") ?? text.endIndex
            zone = String(text[..<end].dropFirst(lead.count))
            text = String(text[end...].drop { $0 == " " })
        }
        let kind: ImportedSchedule.Kind
        var notes: [String] = []
        if text.hasPrefix("@every ") {
            let interval = try Interval(parsing: String(text.dropFirst(7)))
            kind = .every("\(interval.periodMicroseconds / 1_000_000)s")
            notes.append("@every counts from the controller's start; here from 1970-01-01.")
        } else {
            // The library of Kubernetes takes ? for *.
            let fields = String(text.map { $0 == "?" ? "*" : $0 })
            let cron = try CronExpression(parsing: fields)
            kind = .cadence(fields, hasSeconds: false)
            if !cron.followsClock {
                notes.append(
                    "a time that a clock change leaves out does not run there, and one that comes "
                        + "twice may run twice; here each runs once.")
            }
        }
        var fields: [ImportedSchedule.Field] = []
        switch manifest.concurrencyPolicy ?? "Allow" {
        case "Allow": fields.append(.init(name: "overlap", json: "\"allowAll\""))
        case "Forbid": fields.append(.init(name: "overlap", json: "\"skip\""))
        case "Replace": fields.append(.init(name: "overlap", json: "\"terminateOther\""))
        case let other:
            throw TimetableError(
                .invalidExpression,
                "\(quoted(other)) is no policy. Write Allow, Forbid or Replace.",
                field: "concurrencyPolicy")
        }
        let jobId = ImportJSON.identifier(manifest.name, taken: &taken)
        if zone == nil {
            notes.append(
                "runs in the controller's zone there; here in UTC, or the zone that the "
                    + "configuration names.")
        }
        if let seconds = manifest.startingDeadlineSeconds {
            notes.append(
                "startingDeadlineSeconds \(seconds) is not taken over: catchUp says what "
                    + "becomes of missed runs.")
        }
        result.differences += notes.map { ImportNote(line: manifest.line, "\(jobId): \($0)") }
        result.schedules.append(
            ImportedSchedule(
                jobId: jobId, trigger: kind, zone: zone, isEnabled: !manifest.isSuspended,
                command: "CronJob \(manifest.name)", fields: fields, line: manifest.line))
    }
}
