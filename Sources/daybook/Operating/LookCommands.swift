import ArgumentParser
import Events
import Foundation
import Replay

/// The schedules that the engine has, or had.
struct SchedulesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the schedules, how they stand and when they run next.",
        discussion: """
            With --as-of it needs no engine: it rebuilds from the log how they stood at that moment.

            EXAMPLE
              daybook schedules list --data sample/data
              daybook schedules list --data sample/data --as-of 2026-03-29T12:00:00Z
            """)

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    @Option(help: "How many at the most, 1 to 1000.")
    var limit = 1_000

    @Option(help: "Only those after this jobId, for the next page.")
    var after: String?

    @Option(help: "Only this schedule, or all elements of a job that was fanned out.")
    var job: String?

    @OptionGroup var one: ElementOption

    @Option(
        help: """
            As they stood at this moment, from the log; a date means the end of that day in UTC.
            """,
        transform: { try TimeArgument.moment($0, .last) })
    var asOf: Int64?

    func validate() throws {
        guard asOf != nil else { return }
        if engine.url != nil {
            throw ValidationError("--as-of reads a folder; give --data, and leave --url out")
        }
        if limit != 1_000 || after != nil || job != nil || one.element != nil {
            throw ValidationError(
                "--as-of gives all schedules; leave --limit, --after, --job and --element out")
        }
    }

    func run() async throws {
        if let asOf { return try list(asOf) }
        var path = "/v1/schedules?limit=\(limit)"
        if let after { path += "&after=\(queryText(after))" }
        if let job { path += "&job=\(queryText(job))" }
        path += one.query
        let answer = try await engine.get(path)
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        var table = Table()
        table.add("JOB", "STATUS", "NEXT", "LAST RUN", "ENDED", "CADENCE", "ZONE")
        for item in answer.list("schedules") {
            let definition = item["definition"] as? [String: Any] ?? [:]
            let every = definition["every"] as? String
            let cadence = definition["cadence"] as? String ?? every.map { "every \($0)" }
            table.add(
                item.cell("jobId"), item.cell("status"), item.cell("next"),
                item.cell("lastRun"), item.cell("lastStatus"), cadence ?? "-",
                definition.cell("timeZone"))
        }
        try output.table(table)
        try output.finish()
    }

    /// Lists them as they stood at a moment.
    private func list(_ moment: Int64) throws {
        let progress = ProgressLine(isWanted: !json.isWanted)
        progress.show("reading the log")
        let past: PastSchedules
        do {
            var options = Replayer.Options()
            options.start = .snapshot
            past = try PastSchedules.at(
                moment, in: DataFolder.onThisMachine(try engine.localFolder()), options: options)
        } catch {
            progress.clear()
            throw error
        }
        progress.clear()
        var output = Output()
        if json.isWanted {
            try output.json(past.json)
            return try output.finish()
        }
        var table = Table()
        table.add("JOB", "STATUS", "LAST RUN", "ENDED", "DONE", "DEAD", "CADENCE", "ZONE")
        for entry in past.entries {
            let schedule = entry.schedule
            let every = entry.definition?.every ?? ""
            table.add(
                schedule.jobId, entry.status,
                schedule.lastRun == 0 ? "-" : String(schedule.lastRun),
                schedule.lastStatus.isEmpty ? "-" : schedule.lastStatus,
                String(schedule.succeeded), String(schedule.dead),
                every.isEmpty ? entry.definition?.cadence ?? "-" : "every \(every)",
                entry.definition?.zone ?? "-")
        }
        if past.entries.isEmpty { try output.line("no schedules") } else { try output.table(table) }
        EngineRemark.tell(past.isEngineRunning)
        try output.finish()
    }
}

/// The runs that the engine has in memory.
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List runs that are open, dead, or ended lately; newest first.",
        discussion: """
            Older runs: daybook history.

            EXAMPLE
              daybook runs --data sample/data --job heartbeat --limit 5
            """)

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    @Option(help: "Only this schedule's, or those of all elements of a job that was fanned out.")
    var job: String?

    @OptionGroup var one: ElementOption

    @Option(help: "Only those that stand so: succeeded, dead, started, …")
    var status: String?

    @Option(help: "Only those of this customer's reference.")
    var reference: String?

    @Option(help: "How many at the most, 1 to 1000.")
    var limit = 20

    func run() async throws {
        var path = "/v1/runs?limit=\(limit)"
        if let job { path += "&job=\(queryText(job))" }
        if let status { path += "&status=\(queryText(status))" }
        if let reference { path += "&reference=\(queryText(reference))" }
        path += one.query
        try await print(engine.get(path), json.isWanted)
    }
}

/// The dead-letter queue.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "List the runs that failed for good and were not put in again.",
        discussion: """
            EXAMPLE
              daybook dead-letters --data sample/data
            """)

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    @Option(help: "How many at the most, 1 to 1000.")
    var limit = 100

    @Option(help: "Only this schedule's, or those of all elements of a job that was fanned out.")
    var job: String?

    @OptionGroup var one: ElementOption

    func run() async throws {
        let wanted = job.map { "&job=\(queryText($0))" } ?? ""
        try await print(
            engine.get("/v1/dead-letters?limit=\(limit)\(wanted)\(one.query)"), json.isWanted)
    }
}

/// Prints a list of runs.
private func print(_ answer: EngineConnection.Answer, _ isJSON: Bool) throws {
    var output = Output()
    if isJSON {
        try output.json(answer.text)
        return try output.finish()
    }
    var table = Table()
    table.add("RUN", "JOB", "STATUS", "SCHEDULED", "ATTEMPT", "ENDED", "FAILURE")
    for item in answer.list("runs") {
        table.add(
            item.cell("run"), item.cell("jobId"), item.cell("status"),
            item.cell("scheduledLocal"), item.cell("attempt"), item.cell("endedAt"),
            item["status"] as? String == "succeeded" ? "" : item.cell("failure"))
    }
    try output.table(table)
    try output.finish()
}

/// What became of a run, and why.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say in sentences what became of a run, and why, from the log.",
        discussion: """
            EXAMPLE
              daybook why 42 --data sample/data
            """)

    @Argument(help: "The run's number.")
    var run: UInt64

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let answer = try await engine.get("/v1/runs/\(run)/why")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        try output.line(answer.object.cell("headline"))
        for sentence in answer.list("sentences") {
            try output.line("  \(sentence.cell("time"))  \(sentence.cell("text"))")
        }
        try output.finish()
    }
}

/// A value for a query (RFC 3986, section 2.3: all but the unreserved is escaped).
func queryText(_ text: String) -> String {
    let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
}
