import ArgumentParser
import Foundation

/// Times in which nothing is dispatched.
struct BlackoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blackout",
        abstract: "List blackouts, declare one at once, or lift it.",
        discussion: """
            Planned blackouts stand in the configuration, in schedules/blackouts.yaml.

            EXAMPLE
              daybook blackout list --data sample/data
            """,
        subcommands: [
            BlackoutListCommand.self, BlackoutDeclareCommand.self, BlackoutLiftCommand.self,
        ])
}

/// The blackouts that are declared.
struct BlackoutListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the blackouts that are declared.",
        discussion: """
            EXAMPLE
              daybook blackout list --data sample/data
            """)

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let answer = try await engine.get("/v1/blackouts")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        var table = Table()
        table.add("NAME", "ACTION", "FROM", "UNTIL", "FOR", "BY", "TICKET", "REASON")
        let items = answer.list("blackouts")
        for item in items {
            let blackout = item["blackout"] as? [String: Any] ?? [:]
            let scope = ["jobs", "tags", "targets"].flatMap { name in
                (blackout[name] as? [String] ?? []).map { "\(name.dropLast()) \($0)" }
            }
            table.add(
                blackout.cell("name"), blackout.cell("action"), Self.start(blackout),
                blackout["trigger"] == nil
                    ? blackout["until"] as? String ?? "lifted"
                    : "for \(blackout.cell("durationSeconds")) s",
                scope.isEmpty ? "all" : scope.joined(separator: ", "), item.cell("actor"),
                item.cell("ticket"), blackout.cell("reason"))
        }
        if items.isEmpty { try output.line("no blackouts") } else { try output.table(table) }
        try output.finish()
    }

    private static func start(_ blackout: [String: Any]) -> String {
        guard let trigger = blackout["trigger"] as? [String: Any] else {
            return blackout.cell("from")
        }
        return "\(trigger.cell("text")) (\(blackout.cell("timeZone")))"
    }
}

/// Declares a blackout.
struct BlackoutDeclareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "declare",
        abstract: "Declare a blackout: from now on, until a moment or until it is lifted.",
        discussion: """
            Without --job, --tag and --target it holds for every schedule. What runs already runs on.

            EXAMPLE
              daybook blackout declare bank-down --tag bank --ticket CHG-1234 --reason "bank is down"
            """)

    @Argument(help: "Its name.")
    var name: String

    @Option(help: "What becomes of what falls due: skip, defer or deferCoalesced.")
    var action = "defer"

    @Option(help: "Its first moment, with offset (default: now).")
    var from: String?

    @Option(help: "The first moment after it, with offset (default: until it is lifted).")
    var until: String?

    @Option(help: "A schedule that it holds for; may be given again.")
    var job: [String] = []

    @Option(help: "A tag of schedules that it holds for; may be given again.")
    var tag: [String] = []

    @Option(help: "A target of schedules that it holds for; may be given again.")
    var target: [String] = []

    @Option(help: "What was deferred starts within so many seconds after its end.")
    var spreadSeconds = 60

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func validate() throws {
        guard ["skip", "defer", "deferCoalesced"].contains(action) else {
            throw ValidationError("--action is skip, defer or deferCoalesced")
        }
        guard (0...86_400).contains(spreadSeconds) else {
            throw ValidationError("--spread-seconds is a number from 0 to 86400")
        }
    }

    func run() async throws {
        try await act.perform(
            engine, "/v1/blackouts", json,
            with: [
                "name": name, "action": action, "from": from ?? "", "until": until ?? "",
                "jobs": job, "tags": tag, "targets": target, "spreadSeconds": spreadSeconds,
            ])
    }
}

/// Lifts a blackout.
struct BlackoutLiftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lift",
        abstract: "End a blackout that was declared by hand; what it held goes on within a minute.",
        discussion: """
            EXAMPLE
              daybook blackout lift bank-down --ticket CHG-1234 --reason "bank is back"
            """)

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(engine, "/v1/blackouts/\(queryText(name))/lift", json)
    }
}
