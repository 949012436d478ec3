import ArgumentParser
import Events
import Foundation

/// Settles a duplicate.
struct X12DuplicatesResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Settle a duplicate: say what was done about it.",
        discussion: """
            EXAMPLE
              daybook x12 duplicates resolve 1042 --as ignored --ticket INC-88 --reason "sent twice"
            """)

    @Argument(help: "The duplicate's number.")
    var duplicate: UInt64

    @Option(
        name: .customLong("as"),
        help: "ignored (the first one counts), replaced (the second one does), resent.")
    var resolution: String

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/x12/duplicates/\(duplicate)/resolve", json,
            with: ["resolution": resolution])
    }
}

/// Makes files anew.
struct X12ReassembleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reassemble",
        abstract: "Make a file of ours anew, from the same outcomes, with new control numbers.",
        discussion: """
            For files that are in quarantine, that failed, or that a partner needs once more. The \
            next run of the assembly writes them. Each is an act of its own; the first that is \
            refused ends it.

            EXAMPLE
              daybook x12 reassemble 1042 --ticket INC-88 --reason "partner rejected it, mended"
            """)

    @Argument(help: "The files' numbers.")
    var files: [UInt64]

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        for file in files {
            try await act.perform(engine, "/v1/x12/files/\(file)/reassemble", json)
        }
    }
}

/// `daybook x12 hold`: files that are kept whatever their age.
struct X12HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "List legal holds, or place or release one.",
        discussion: """
            While a hold stands, no file that it covers is deleted.

            EXAMPLE
              daybook x12 hold place audit-2027 --partner PARTNERA --from 2026-01-01 \
            --ticket LEG-7 --reason "audit"
            """,
        subcommands: [
            X12HoldListCommand.self, X12HoldPlaceCommand.self, X12HoldReleaseCommand.self,
        ],
        defaultSubcommand: X12HoldListCommand.self)
}

/// The holds.
struct X12HoldListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the legal holds.",
        discussion: """
            EXAMPLE
              daybook x12 hold list --data sample/data
            """)

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let answer = try await engine.get("/v1/x12/holds")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let items = answer.list("holds")
        var table = Table()
        table.add("HOLD", "PARTNER", "FROM", "THROUGH", "PLACED", "BY", "TICKET", "REASON")
        for item in items {
            table.add(
                item.cell("name"), item.cell("partner"), item.cell("from"), item.cell("through"),
                item.cell("placedAt"), item.cell("actor"), item.cell("ticket"),
                item.cell("reason"))
        }
        if items.isEmpty { try output.line("no legal holds") } else { try output.table(table) }
        try output.finish()
    }
}

/// Places a hold.
struct X12HoldPlaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place",
        abstract: "Place a legal hold: the files that it covers are not deleted.",
        discussion: """
            EXAMPLE
              daybook x12 hold place audit-2027 --partner PARTNERA --from 2026-01-01 \
            --through 2026-12-31 --ticket LEG-7 --reason "audit"
            """)

    @Argument(help: "The hold's name.")
    var name: String

    @Option(help: "The partner whose files are held; without it all are.")
    var partner: String?

    @Option(help: "The first day of the files, YYYY-MM-DD; without it all days before are held.")
    var from: String?

    @Option(help: "The last day; without it all days after are held.")
    var through: String?

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/x12/holds", json,
            with: [
                "name": name, "partner": partner ?? "", "from": from ?? "",
                "through": through ?? "",
            ])
    }
}

/// Releases a hold.
struct X12HoldReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Release a legal hold.",
        discussion: """
            EXAMPLE
              daybook x12 hold release audit-2027 --ticket LEG-9 --reason "the audit is over"
            """)

    @Argument(help: "The hold's name.")
    var name: String

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let acts = act.body.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
        let answer = try await engine.send(
            "DELETE", "/v1/x12/holds/\(queryText(name))", text: "{\(acts.joined(separator: ","))}")
        var output = Output()
        if json.isWanted { try output.json(answer.text) } else { try output.line(answer.message) }
        try output.finish()
    }
}
