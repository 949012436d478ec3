import ArgumentParser
import Foundation

/// The allocators.
struct ControlListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the allocators, and how their numbers stand.",
        discussion: """
            EXAMPLE
              daybook control list --data sample/data --partner THEM
            """)

    @OptionGroup var filter: ControlFilter
    @Option(help: "How many at the most, 1 to 1000.")
    var limit = 1_000
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let answer = try await engine.get("/v1/control-numbers?limit=\(limit)\(filter.query)")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let items = answer.list("allocators")
        var table = Table()
        table.add(
            "ALLOCATOR", "GENERATION", "NEXT", "ISSUED", "PERSISTED", "OPEN", "MISSING", "LAST AT")
        for item in items {
            table.add(
                item.cell("name"), item.cell("generation"), item.cell("next"),
                item.count("issued"), item.count("persisted"), item.count("open"),
                item.count("missing"), item.cell("issuedAt"))
        }
        if items.isEmpty { try output.line("no allocators") } else { try output.table(table) }
        try output.finish()
    }
}

/// How long the numbers last.
struct ControlUsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show how far each allocator is, and for how many days its numbers last.",
        discussion: """
            EXAMPLE
              daybook control usage --data sample/data
            """)

    @OptionGroup var filter: ControlFilter
    @Option(help: "How many at the most, those that end first, 1 to 1000.")
    var limit = 1_000
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let answer = try await engine.get(
            "/v1/control-numbers/usage?limit=\(limit)\(filter.query)")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let items = answer.list("usage")
        var table = Table()
        table.add("ALLOCATOR", "LAST", "OF", "PERCENT", "A DAY", "DAYS LEFT", "AT THE END")
        for item in items {
            table.add(
                item.cell("allocator"), item.cell("last"), item.cell("max"), item.cell("percent"),
                item.cell("perDay"), item.cell("daysLeft"),
                item["wraps"] as? Bool == true ? "wraps" : "refuses")
        }
        if items.isEmpty { try output.line("no allocators") } else { try output.table(table) }
        try output.finish()
    }
}

/// What is missing.
struct ControlGapsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gaps",
        abstract: "List numbers that are missing: why, since when, and who explained it.",
        discussion: """
            With --reconcile it reads the X12 files in a folder, and says of every missing number \
            that stands in a whole one that it is persisted: the gap is closed.

            EXAMPLE
              daybook control gaps --data sample/data --days 7
              daybook control gaps --data sample/data --reconcile out --ticket INC-88
            """)

    @OptionGroup var filter: ControlFilter
    @Option(help: "Only those of the last so many days; 0 for all.")
    var days: UInt64 = 30
    @Flag(help: "Leave out those that somebody explained.")
    var unexplained = false
    @Option(help: "How many at the most, the worst, 1 to 100000.")
    var limit = 1_000
    @Option(help: "A folder of files that were sent, to be looked through.")
    var reconcile: String?
    @Flag(help: "With --reconcile: only say what would be closed.")
    var dryRun = false
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func validate() throws {
        if dryRun && reconcile == nil { throw ValidationError("--dry-run goes with --reconcile") }
    }

    func run() async throws {
        if let reconcile {
            let work = GapReconciliation(
                engine: engine, act: act, partner: filter.partner ?? "", type: filter.type ?? "",
                query: filter.query, isTrial: dryRun)
            return try await work.run(reconcile, json)
        }
        let answer = try await engine.get(
            "/v1/control-numbers/gaps?days=\(days)&limit=\(limit)\(filter.query)"
                + (unexplained ? "&explained=false" : ""))
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let items = answer.list("gaps")
        var table = Table()
        table.add(
            "SEVERITY", "ALLOCATOR", "GENERATION", "FIRST", "LAST", "STATUS", "SINCE", "TYPE",
            "CAUSE", "EXPLAINED")
        for item in items {
            let explained =
                item["explainedAt"] == nil
                ? "-" : "\(item.cell("explanation")) (\(item.cell("explainedBy")))"
            table.add(
                item.cell("severity"), item.cell("allocator"), item.cell("generation"),
                item.cell("first"), item.cell("last"), item.cell("status"), item.cell("since"),
                item.words("types"), item.words("reasons"), explained)
        }
        if items.isEmpty { try output.line("no gaps") } else { try output.table(table) }
        let total = (answer.object["total"] as? NSNumber)?.intValue ?? items.count
        if total > items.count { try output.line("and \(total - items.count) more") }
        try output.finish()
    }
}

extension [String: Any] {
    /// A count, which is left out where it is 0.
    func count(_ name: String) -> String { (self[name] as? NSNumber)?.stringValue ?? "0" }

    /// A list of texts as one; a dash for none.
    func words(_ name: String) -> String {
        let list = self[name] as? [String] ?? []
        return list.isEmpty ? "-" : list.joined(separator: ", ")
    }
}
