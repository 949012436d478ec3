import ArgumentParser

/// Skips the next occurrence of a schedule.
struct SkipNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip-next",
        abstract: "Skip the next occurrence of a schedule, ahead of its time.",
        discussion: """
            EXAMPLE
              daybook skip-next 834-nightly --ticket CHG-1234 --reason "the bank is closed"
            """)

    @Argument(help: "The schedule's jobId.")
    var job: String

    @Option(
        name: .customLong("request"),
        help: "An idempotency key: asked again with the same key, it skips no other one.")
    var request: String?

    @OptionGroup var one: ElementOption
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/schedules/\(queryText(one.id(of: job)))/skip-next", json,
            request: request)
    }
}

/// Moves the next occurrence of a schedule.
struct MoveNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move-next",
        abstract: "Run the next occurrence of a schedule at another time, earlier or later.",
        discussion: """
            What it is for, and its business date, stay; its clocks move with it.

            EXAMPLE
              daybook move-next 834-nightly --to 2026-11-20T04:00 --ticket CHG-1234 \\
                --reason "the bank opens late"
            """)

    @Argument(help: "The schedule's jobId.")
    var job: String

    @Option(help: "When, ISO 8601; without an offset in the schedule's zone.")
    var to: String

    @Option(
        name: .customLong("request"),
        help: "An idempotency key: asked again with the same key, it moves no other one.")
    var request: String?

    @OptionGroup var one: ElementOption
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/schedules/\(queryText(one.id(of: job)))/move-next", json, with: ["to": to],
            request: request)
    }
}

/// Tries a run again at once.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Let a run go on at once that waits for its next attempt, or its turn.",
        discussion: """
            A run that failed for good is put in again with daybook requeue.

            EXAMPLE
              daybook retry 42 --ticket CHG-1234 --reason "the source is back"
            """)

    @Argument(help: "The run's number.")
    var run: UInt64

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(engine, "/v1/runs/\(run)/retry", json)
    }
}

/// Makes runs for a stretch of the past.
struct BackfillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Make a run for each occurrence of a stretch of the past.",
        discussion: """
            They run oldest first in a lane of their own, after all other runs that wait, and pass
            pause, misfire, overlap and dependencies. Of days that the calendar leaves out there is
            none. End what is open of them with: daybook cancel --backfill N

            EXAMPLE
              daybook backfill 834-nightly --from 2026-11-01 --through 2026-11-08 --dry-run \\
                --ticket CHG-1234 --reason "the source was wrong"
            """)

    @Argument(help: "The schedule's jobId.")
    var job: String

    @Option(help: "The first moment or date, ISO 8601; without an offset in the schedule's zone.")
    var from: String

    @Option(help: "The last moment; a date means its first moment.")
    var through: String

    @Option(help: "How many of its runs may be at their target at once.")
    var lanes: UInt64 = 1

    @Option(
        name: .customLong("request"),
        help: "An idempotency key: asked again with the same key, it makes no more runs.")
    var request: String?

    @Flag(help: "Only say what it would make.")
    var dryRun = false

    @OptionGroup var one: ElementOption
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/schedules/\(queryText(one.id(of: job)))/backfill", json,
            with: ["from": from, "through": through, "lanes": lanes, "dryRun": dryRun],
            request: request)
    }
}
