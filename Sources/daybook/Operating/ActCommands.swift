import ArgumentParser
import Foundation

/// What every manual act says: who, with which ticket, and why.
struct ActOptions: ParsableArguments {
    @Option(help: "The change ticket, such as CHG-1234.")
    var ticket: String?

    @Option(help: "Why.")
    var reason: String?

    @Option(
        name: .customLong("actor"),
        help: "Who asks for it (default: the user of this process).")
    var actor: String?

    /// The fields of a request.
    var body: [String: String] {
        [
            "ticket": ticket ?? "", "reason": reason ?? "",
            "actor": actor ?? NSUserName(),
        ]
    }

    /// Does it, and prints what came of it.
    func perform(
        _ engine: EngineConnection, _ path: String, _ json: JSONOption,
        with more: [String: any Sendable] = [:], request: String? = nil
    ) async throws {
        let answer = try await engine.post(
            path, (body as [String: any Sendable]).merging(more) { _, new in new },
            request: request)
        var output = Output()
        if json.isWanted { try output.json(answer.text) } else { try output.line(answer.message) }
        try output.finish()
    }
}

/// Pauses a schedule.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pause a schedule: its occurrences are skipped, each with the reason.",
        discussion: """
            EXAMPLE
              daybook pause 834-nightly --ticket CHG-1234 --reason "source is down"
            """)

    @Argument(help: "The schedule's jobId.")
    var job: String

    @Option(help: "Until when, ISO 8601, in the schedule's zone; without it until it is resumed.")
    var until: String?

    @OptionGroup var one: ElementOption
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/schedules/\(queryText(one.id(of: job)))/pause", json,
            with: ["until": until ?? ""])
    }
}

/// Resumes a schedule.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resume a paused schedule.",
        discussion: """
            EXAMPLE
              daybook resume 834-nightly --ticket CHG-1234 --reason "source is back"
            """)

    @Argument(help: "The schedule's jobId.")
    var job: String

    @OptionGroup var one: ElementOption
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(engine, "/v1/schedules/\(queryText(one.id(of: job)))/resume", json)
    }
}

/// Runs a schedule at once.
struct RunNowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-now",
        abstract: "Make a run of a schedule now, for this moment or for a scheduled time.",
        discussion: """
            It passes pause, calendar and misfire, and waits for dependencies and room. In a blackout
            it is refused, unless --past-blackouts says that it is meant to pass.

            EXAMPLE
              daybook run-now 834-nightly --ticket CHG-1234 --scheduled 2026-11-20 --reason "rerun"
            """)

    @Argument(help: "The schedule's jobId.")
    var job: String

    @Option(help: "The scheduled time or date that the run is for, ISO 8601.")
    var scheduled: String?

    @Option(
        name: .customLong("request"),
        help: "An idempotency key: asked again with the same key, it makes no second run.")
    var request: String?

    @Flag(help: "Pass blackouts, too.")
    var pastBlackouts = false

    @OptionGroup var one: ElementOption
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/schedules/\(queryText(one.id(of: job)))/run", json,
            with: ["scheduled": scheduled ?? "", "pastBlackouts": pastBlackouts],
            request: request)
    }
}

/// Ends a run.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End a run: gracefully, then by force.",
        discussion: """
            EXAMPLE
              daybook cancel 42 --ticket CHG-1234 --reason "wrong input"
              daybook cancel --reference C-104233 --ticket CHG-1234 --reason "the account closes"
            """)

    @Argument(help: "The run's number.")
    var run: UInt64?

    @Option(help: "Instead: all that is open of a backfill, by its number.")
    var backfill: UInt64?

    @Option(help: "Instead: the schedules and open runs of a customer's reference.")
    var reference: String?

    @Flag(help: "With --reference: pause its schedules, and remove none.")
    var pause = false

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func validate() throws {
        let given = [run != nil, backfill != nil, reference != nil].count { $0 }
        guard given == 1 else {
            throw ValidationError("give a run's number, --backfill or --reference")
        }
        if pause && reference == nil { throw ValidationError("--pause goes with --reference") }
    }

    func run() async throws {
        if let reference {
            return try await act.perform(
                engine, "/v1/references/\(queryText(reference))/cancel", json,
                with: ["pause": pause])
        }
        let path = backfill.map { "backfills/\($0)" } ?? run.map { "runs/\($0)" } ?? ""
        try await act.perform(engine, "/v1/\(path)/cancel", json)
    }
}

/// Puts a dead run in again.
struct RequeueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requeue",
        abstract: "Put a run of the dead-letter queue in again, as a new run that names it.",
        discussion: """
            EXAMPLE
              daybook requeue 42 --ticket CHG-1234 --reason "source is back"
              daybook requeue --job 834-nightly --ticket CHG-1234 --reason "source is back"
            """)

    @Argument(help: "The dead run's number.")
    var run: UInt64?

    @Option(help: "Instead: all dead runs of this schedule.")
    var job: String?

    @Option(help: "Instead, or with --job: all that failed with this class.")
    var failureClass: String?

    @OptionGroup var one: ElementOption
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func validate() throws {
        guard (run == nil) != (job == nil && failureClass == nil && one.element == nil)
        else {
            throw ValidationError("give a run's number, or --job, --element or --failure-class")
        }
    }

    func run() async throws {
        if let run { return try await act.perform(engine, "/v1/runs/\(run)/requeue", json) }
        try await act.perform(
            engine, "/v1/dead-letters/requeue", json,
            with: [
                "job": job ?? "", "failureClass": failureClass ?? "", "element": one.element ?? "",
            ])
    }
}
