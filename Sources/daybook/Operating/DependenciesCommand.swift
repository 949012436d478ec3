import ArgumentParser
import Foundation

/// Dependencies whose status comes from outside.
struct DependenciesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dependencies",
        abstract: "List what was reported of dependencies, or report a status.",
        discussion: """
            A run that waits for it goes on as soon as READY is reported for its business date.

            EXAMPLE
              daybook dependencies --data sample/data
              daybook dependencies push warehouse-load --date 2026-11-20 --status READY
            """,
        subcommands: [DependenciesListCommand.self, DependenciesPushCommand.self],
        defaultSubcommand: DependenciesListCommand.self)
}

/// What was reported.
struct DependenciesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what was reported, by name and business date.",
        discussion: """
            EXAMPLE
              daybook dependencies list --data sample/data
            """)

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    @Option(help: "How many names at the most, 1 to 1000.")
    var limit = 1_000

    @Option(help: "How many business dates of each at the most, the newest.")
    var dates = 5

    @Option(help: "Only names after this one.")
    var after = ""

    func run() async throws {
        let answer = try await engine.get(
            "/v1/dependencies?limit=\(limit)&after=\(queryText(after))")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let items = answer.list("dependencies")
        var table = Table()
        table.add("NAME", "BUSINESS DATE", "STATUS", "REPORTED", "BY")
        for item in items {
            let reports = item["dates"] as? [[String: Any]] ?? []
            for report in reports.suffix(max(dates, 0)).reversed() {
                table.add(
                    item.cell("name"), report.cell("businessDate"), report.cell("status"),
                    report.cell("reportedAt"), report.cell("actor"))
            }
        }
        if items.isEmpty {
            try output.line("nothing was reported")
        } else {
            try output.table(table)
        }
        try output.finish()
    }
}

/// Reports a status.
struct DependenciesPushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Report the status of a dependency for a business date.",
        discussion: """
            EXAMPLE
              daybook dependencies push warehouse-load --date 2026-11-20 --status READY
            """)

    @Argument(help: "The dependency's name.")
    var name: String

    @Option(help: "The business date, YYYY-MM-DD.")
    var date: String

    @Option(help: "READY or WAIT.")
    var status: String

    @Option(help: "Who reports it (default: the user of this process).")
    var actor: String?

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let answer = try await engine.post(
            "/v1/dependencies/\(queryText(name))",
            ["businessDate": date, "status": status, "actor": actor ?? NSUserName()])
        var output = Output()
        if json.isWanted { try output.json(answer.text) } else { try output.line(answer.message) }
        try output.finish()
    }
}
