import Events
import Projections

/// What became of one schedule's runs in a day.
struct JobTally {
    private var counts: [RunStatus: UInt64] = [:]
    private var retries: UInt64 = 0
    private var late: UInt64 = 0
    private var slaMissed: UInt64 = 0
    /// How many successful runs took so many milliseconds: exact, and as large as the durations
    /// differ, not as there are runs.
    private var durations: [UInt64: UInt64] = [:]

    mutating func add(_ run: RunSummary) {
        // A range tells of occurrences that never became runs; a run is one, for however many
        // occurrences it stands, since the others ended on their own.
        counts[run.status, default: 0].add(run.run == nil ? run.occurrences : 1)
        retries += run.retries
        if run.isLate { late += 1 }
        if !run.clocksMissed.isEmpty { slaMissed += 1 }
        if run.status == .succeeded, let duration = run.durationMilliseconds {
            durations[duration, default: 0] += 1
        }
    }

    func count(_ status: RunStatus) -> UInt64 { counts[status] ?? 0 }

    /// The lower median: a duration that a run had.
    private var median: UInt64? {
        let total = durations.values.reduce(0, +)
        var seen: UInt64 = 0
        for duration in durations.keys.sorted() {
            seen += durations[duration] ?? 0
            if 2 * seen >= total { return duration }
        }
        return nil
    }

    func json(_ key: ScheduleKey) -> String {
        var text = JSONText()
        text.member("tenant", text: key.tenant)
        text.member("jobId", text: key.jobId)
        text.member("succeeded", json: String(count(.succeeded)))
        text.member("dead", json: String(count(.dead)))
        text.member("skipped", json: String(count(.skipped)))
        text.member("missed", json: String(count(.missed)))
        text.member("cancelled", json: String(count(.cancelled)))
        text.member("retries", json: String(retries))
        text.member("late", json: String(late))
        text.member("slaMissed", json: String(slaMissed))
        text.member("durationMinMs", json: durations.keys.min().map { String($0) } ?? "null")
        text.member("durationMedianMs", json: median.map { String($0) } ?? "null")
        text.member("durationMaxMs", json: durations.keys.max().map { String($0) } ?? "null")
        return text.object
    }
}

extension UInt64 {
    /// Adds, and stays at the largest number rather than overflow: counts come from records.
    mutating func add(_ other: UInt64) {
        let (sum, overflows) = addingReportingOverflow(other)
        self = overflows ? .max : sum
    }
}
