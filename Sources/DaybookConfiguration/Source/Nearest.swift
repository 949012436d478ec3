/// Finds what somebody probably meant.
package enum Nearest {
    /// The known name that is nearest to a text; `nil` where none is near.
    ///
    /// Near is: the same but for case and punctuation, or at most a third of the letters changed,
    /// added, removed or swapped with their neighbour.
    package static func name(to text: String, among known: [String]) -> String? {
        let wanted = folded(text)
        guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
        let meant = synonyms[String(decoding: wanted, as: UTF8.self)]
        if let meant, known.contains(meant) { return meant }
        var best: (distance: Int, name: String)?
        for candidate in known {
            let letters = folded(candidate)
            guard abs(letters.count - wanted.count) <= 4 else { continue }
            let distance = distance(wanted, letters)
            let isNear = distance <= max(1, min(wanted.count, letters.count) / 3)
            if isNear, best.map({ distance < $0.distance }) ?? true {
                best = (distance, candidate)
            }
        }
        return best?.name
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

    private static func folded(_ text: String) -> [UInt8] {
        text.utf8.prefix(65).compactMap { byte in
            switch byte {
            case 0x41...0x5A: byte | 0x20
            case 0x2D, 0x5F, 0x20: nil
            default: byte
            }
        }
    }

    /// The number of letters to change, add, remove or swap with their neighbour ("optimal string
    /// alignment", Damerau 1964).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(
                    row[j] + 1, previous[j + 1] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, before[j - 1] + 1)
                }
                row.append(cost)
            }
            (before, previous) = (previous, row)
        }
        return previous[b.count]
    }
}
