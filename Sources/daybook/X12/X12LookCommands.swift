import ArgumentParser
import Foundation

/// Which of the exchange is shown.
struct ExchangeFilter: ParsableArguments {
    @Option(help: "Only of this partner.")
    var partner: String?

    @Option(help: "How many at the most, the oldest, 1 to 1000.")
    var limit = 1_000

    /// What the API is asked with.
    var query: String {
        "?limit=\(limit)" + (partner.map { "&partner=\(queryText($0))" } ?? "")
    }
}

/// `daybook x12 files`: files of ours that are not done with, or the life of one.
struct X12FilesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "List our files that are made, or not acknowledged yet; or show one file's life.",
        discussion: """
            With a number it prints every event of that file, received or ours, the oldest first; \
            a file that is done with is found too.

            EXAMPLE
              daybook x12 files --data sample/data --status quarantined
              daybook x12 files 1042 --data sample/data
            """)

    @Argument(help: "The number of a received file, or one of ours.")
    var file: UInt64?

    @OptionGroup var filter: ExchangeFilter
    @Option(help: "Only of this type, such as 271.")
    var type: String?
    @Option(help: "Only those that stand so: acquired, assembled, published, quarantined, failed.")
    var status: String?
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        if let file { return try await life(file) }
        let query =
            filter.query + (type.map { "&type=\(queryText($0))" } ?? "")
            + (status.map { "&status=\(queryText($0))" } ?? "")
        let answer = try await engine.get("/v1/x12/files" + query)
        var table = Table()
        table.add("FILE", "STATUS", "PARTNER", "TYPE", "OUTCOMES", "MADE", "WAITS FOR", "PATH")
        for item in answer.list("files") {
            table.add(
                item.cell("file"), item.cell("status"), item.cell("partner"),
                item.cell("transactionType"),
                String((item["outcomes"] as? [Any])?.count ?? 0), item.cell("acquiredAt"),
                item.answers, item.cell("path"))
        }
        try print(answer, table, "files", json)
    }

    private func life(_ file: UInt64) async throws {
        let answer = try await engine.get("/v1/x12/files/\(file)?limit=\(filter.limit)")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        for event in answer.list("events").reversed() {
            let rest = event.filter { !Self.envelope.contains($0.key) }
            let data = try JSONSerialization.data(
                withJSONObject: rest, options: [.sortedKeys, .withoutEscapingSlashes])
            try output.line(
                "\(event.cell("sequence"))  \(event.cell("time"))  \(event.cell("type"))  "
                    + String(decoding: data, as: UTF8.self))
        }
        try output.finish()
    }

    private static let envelope: Set = ["sequence", "time", "type", "tenant", "cause"]
}

/// `daybook x12 received`: what is not answered yet.
struct X12ReceivedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "received",
        abstract: "List received files that are not answered yet, and what is to come.",
        discussion: """
            EXAMPLE
              daybook x12 received --data sample/data --partner PARTNERA
            """)

    @OptionGroup var filter: ExchangeFilter
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let answer = try await engine.get("/v1/x12/received" + filter.query)
        var table = Table()
        table.add("FILE", "PARTNER", "RECEIVED", "WAITS FOR", "PATH")
        for item in answer.list("received") {
            table.add(
                item.cell("ingestion"), item.cell("partner"), item.cell("receivedAt"),
                item.answers, item.cell("path"))
        }
        try print(answer, table, "received", json)
    }
}

/// `daybook x12 outcomes`: what stands in no written file yet.
struct X12OutcomesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outcomes",
        abstract: "List the outcomes that stand in no written file yet.",
        discussion: """
            EXAMPLE
              daybook x12 outcomes --data sample/data --type 271
            """)

    @OptionGroup var filter: ExchangeFilter
    @Option(help: "Only of this type, such as 271.")
    var type: String?
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let query = filter.query + (type.map { "&type=\(queryText($0))" } ?? "")
        let answer = try await engine.get("/v1/x12/outcomes" + query)
        var table = Table()
        table.add(
            "OUTCOME", "PARTNER", "TYPE", "ANSWERS", "RECEIVED", "NOT BEFORE", "FILE", "WAITS FOR")
        for item in answer.list("outcomes") {
            table.add(
                item.cell("outcome"), item.cell("partner"), item.cell("transactionType"),
                item.cell("ingestion"), item.cell("receivedAt"), item.cell("windowEnd"),
                item.cell("file"), Self.words(item.cell("waitsFor")))
        }
        try print(answer, table, "outcomes", json)
    }

    /// What an outcome waits for, in words.
    private static func words(_ reason: String) -> String {
        switch reason {
        case "partner": "its partner, which is not defined any more"
        case "type": "its type, which the partner is not sent any more"
        case "file": "its file to be written"
        default: "the next assembly"
        }
    }
}

/// `daybook x12 duplicates`: what was received twice, and settling it.
struct X12DuplicatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duplicates",
        abstract: "List what was received twice and nobody settled, or settle one.",
        discussion: """
            EXAMPLE
              daybook x12 duplicates --data sample/data
              daybook x12 duplicates resolve 1042 --as ignored --ticket INC-88 --reason "sent twice"
            """,
        subcommands: [X12DuplicatesListCommand.self, X12DuplicatesResolveCommand.self],
        defaultSubcommand: X12DuplicatesListCommand.self)
}

/// The list of them.
struct X12DuplicatesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what was received twice and nobody settled yet.",
        discussion: """
            EXAMPLE
              daybook x12 duplicates list --data sample/data --partner PARTNERA
            """)

    @OptionGroup var filter: ExchangeFilter
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let answer = try await engine.get("/v1/x12/duplicates" + filter.query)
        var table = Table()
        table.add("DUPLICATE", "PARTNER", "KIND", "ISA13", "FILE", "ORIGINAL", "FOUND")
        for item in answer.list("duplicates") {
            table.add(
                item.cell("duplicate"), item.cell("partner"), item.cell("kind"),
                item.cell("controlNumber"), item.cell("ingestion"), item.cell("original"),
                item.cell("foundAt"))
        }
        try print(answer, table, "duplicates", json)
    }
}

extension AsyncParsableCommand {
    /// Prints a list as a table, or as it came.
    fileprivate func print(
        _ answer: EngineConnection.Answer, _ table: Table, _ name: String, _ json: JSONOption
    ) throws {
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let count = answer.list(name).count
        if count == 0 { try output.line("none") } else { try output.table(table) }
        let total = (answer.object["total"] as? NSNumber)?.intValue ?? count
        if total > count { try output.line("and \(total - count) more") }
        try output.finish()
    }
}

extension [String: Any] {
    /// What is still to be answered, with the moment that it is due.
    fileprivate var answers: String {
        let answers = (self["answers"] as? [[String: Any]] ?? []).map { answer -> String in
            let count = (answer["count"] as? NSNumber)?.intValue ?? 1
            let due = answer["dueAt"] as? String
            return answer.cell("type") + (count > 1 ? " (\(count))" : "")
                + (due.map { " by \($0)" } ?? "")
        }
        return answers.isEmpty ? "-" : answers.joined(separator: ", ")
    }
}
