import ArgumentParser
import Foundation

/// What waits for a person.
struct ApprovalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals",
        abstract: "List the approvals that are open: runs and acts that wait for a person.",
        discussion: """
            Whoever asked for an act cannot approve it. One that nobody decides in time expires.

            EXAMPLE
              daybook approvals --data sample/data
              daybook approve 1042 --ticket CHG-1234 --reason "figures checked"
            """,
        subcommands: [ApprovalsListCommand.self],
        defaultSubcommand: ApprovalsListCommand.self)
}

/// The approvals that are open.
struct ApprovalsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the approvals that are open, oldest first.",
        discussion: """
            EXAMPLE
              daybook approvals list --data sample/data
            """)

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    @Option(help: "How many at the most, the newest, 1 to 1000.")
    var limit = 1_000

    func run() async throws {
        let answer = try await engine.get("/v1/approvals?limit=\(limit)")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let items = answer.list("approvals")
        var table = Table()
        table.add("APPROVAL", "FOR", "JOB", "RUN", "UNTIL", "ASKED BY", "REASON")
        for item in items {
            let act = item["act"] as? [String: Any]
            let job = item["jobId"] as? String ?? act?["subject"] as? String ?? "-"
            table.add(
                item.cell("approval"), item.cell("name") + (act == nil ? " (step)" : ""), job,
                item.cell("run"), item.cell("until"), item.cell("requester"),
                act?.cell("reason") ?? "-")
        }
        if items.isEmpty { try output.line("no open approvals") } else { try output.table(table) }
        try output.finish()
    }
}

/// Approves.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve: the run goes on, or the act is carried out.",
        discussion: """
            EXAMPLE
              daybook approve 1042 --ticket CHG-1234 --reason "figures checked"
            """)

    @Argument(help: "The approval's number.")
    var approval: UInt64

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(engine, "/v1/approvals/\(approval)/approve", json)
    }
}

/// Refuses.
struct RefuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse",
        abstract: "Refuse: the act is not carried out; the run is skipped, or fails.",
        discussion: """
            EXAMPLE
              daybook refuse 1042 --ticket CHG-1234 --reason "the figures do not add up"
            """)

    @Argument(help: "The approval's number.")
    var approval: UInt64

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(engine, "/v1/approvals/\(approval)/refuse", json)
    }
}
