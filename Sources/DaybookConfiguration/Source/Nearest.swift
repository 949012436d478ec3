import Events

/// Finds what somebody probably meant.
enum Nearest {
    /// The known name that is nearest to a text, or that the same thing has here which is called so
    /// elsewhere; `nil` where none is near.
    static func name(to text: String, among known: [String]) -> String? {
        let meant = synonyms[String(decoding: NearName.folded(text), as: UTF8.self)]
        if let meant, known.contains(meant) { return meant }
        return NearName.of(text, among: known)
    }

    /// What the same thing is called elsewhere.
    private static let synonyms: [String: String] = [
        "cron": "cadence", "schedule": "cadence", "interval": "every", "id": "jobId",
        "name": "jobId", "tz": "timeZone", "zone": "timeZone", "retries": "maxRetries",
        "backoff": "retryDelays", "depends": "dependencies", "dependson": "dependencies",
        "sla": "slaMinutes", "pipeline": "targetPipeline", "params": "parameters",
        "disabled": "enabled", "env": "environment", "cwd": "workingFolder",
        "workingdirectory": "workingFolder", "args": "command", "listen": "host",
    ]
}
