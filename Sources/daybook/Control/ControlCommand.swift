import ArgumentParser
import Foundation

/// Control numbers of outbound files.
struct ControlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "control",
        abstract: "Give out control numbers (ISA13, GS06, ST02), and account for every one.",
        discussion: """
            A number is given out once. Then its file is written (persist), or it is a gap, with a \
            cause (fail) and an explanation (explain). docs/control-numbers.md has the rules.

            EXAMPLE
              daybook control list --data sample/data
              daybook control gaps --data sample/data --days 7
            """,
        subcommands: [
            ControlIssueCommand.self, ControlListCommand.self, ControlGapsCommand.self,
            ControlPersistCommand.self, ControlFailCommand.self, ControlExplainCommand.self,
            ControlResendCommand.self, ControlResetCommand.self, ControlUsageCommand.self,
        ])
}

/// Which partner and transaction type a list is about.
struct ControlFilter: ParsableArguments {
    @Option(help: "Only numbers for this partner.")
    var partner: String?

    @Option(help: "Only numbers for this transaction type, such as 277CA.")
    var type: String?

    /// The query's parts, each after an ampersand.
    var query: String {
        (partner.map { "&partner=\(queryText($0))" } ?? "")
            + (type.map { "&type=\(queryText($0))" } ?? "")
    }
}

/// Numbers of one allocator.
struct ControlNumbersOption: ParsableArguments {
    @Argument(help: "The allocator's name, as daybook control list shows it.")
    var allocator: String

    @Option(
        help: "A number, or a range such as 120-125; may be given again.",
        transform: ControlNumbersOption.range)
    var numbers: [ClosedRange<UInt64>] = []

    @Option(help: "Their generation (default: the present one).")
    var generation: UInt64?

    func validate() throws {
        if numbers.isEmpty { throw ValidationError("which numbers? Give --numbers 120-125") }
        if generation == 0 {
            throw ValidationError("--generation is 1 or more; leave it out for the present one")
        }
    }

    /// As the API takes them.
    var body: [[String: any Sendable]] {
        numbers.map { range in
            FoundNumbers(
                names: [allocator], first: range.lowerBound,
                count: range.upperBound - range.lowerBound + 1, generation: generation ?? 0
            ).body
        }
    }

    private static func range(_ text: String) throws -> ClosedRange<UInt64> {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let first = UInt64(parts[0]),
            let last = UInt64(parts[parts.count - 1]), 1 <= first, first <= last,
            last <= 999_999_999
        else { throw ValidationError("'\(text)' is not a number or a range such as 120-125") }
        return first...last
    }
}

/// Gives numbers out.
struct ControlIssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Give out the numbers of a file, as one decision.",
        discussion: """
            Without --kind it gives out one ISA13, one GS06 and as many ST02 as --sets says. The \
            same --request gets the same numbers again, for a day.

            EXAMPLE
              daybook control issue --sender ZZ:US --receiver ZZ:THEM --group HN \
            --partner THEM --type 277CA --sets 3 --request file-88
            """)

    @Option(help: "Only this kind, ISA, GS or ST; may be given again.")
    var kind: [String] = []

    @Option(help: "The sender with its qualifier, such as ZZ:US; for ISA and GS.")
    var sender = ""

    @Option(help: "The receiver, likewise.")
    var receiver = ""

    @Option(help: "The functional id, GS01; for GS.")
    var group = ""

    @Option(help: "The partner.")
    var partner: String

    @Option(help: "The transaction type, such as 277CA or TA1.")
    var type: String

    @Option(help: "How many ST02.")
    var sets: UInt64 = 1

    @Option(help: "The outbound file that they are for.")
    var file = ""

    @Option(help: "The request's key: asking again with it gets the same numbers.")
    var request: String?

    @Option(name: .customLong("actor"), help: "Who asks (default: the user of this process).")
    var actor: String?

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func validate() throws {
        if let wrong = kind.first(where: { !["ISA", "GS", "ST"].contains($0) }) {
            throw ValidationError("--kind is ISA, GS or ST, not '\(wrong)'")
        }
    }

    func run() async throws {
        let kinds = kind.isEmpty ? ["ISA", "GS", "ST"] : kind
        let items = kinds.map { kind -> [String: any Sendable] in
            var item: [String: any Sendable] = ["kind": kind]
            if kind != "ST" { (item["sender"], item["receiver"]) = (sender, receiver) }
            if kind == "GS" { item["group"] = group }
            if kind == "ST" { item["count"] = sets }
            return item
        }
        let answer = try await engine.post(
            "/v1/control-numbers",
            [
                "numbers": items, "partner": partner, "type": type, "file": file,
                "actor": actor ?? NSUserName(),
            ], request: request)
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        var table = Table()
        table.add("ALLOCATOR", "GENERATION", "FIRST", "LAST")
        for item in answer.list("numbers") {
            let first = (item["first"] as? NSNumber)?.uint64Value ?? 0
            let count = (item["count"] as? NSNumber)?.uint64Value ?? 0
            table.add(
                item.cell("allocator"), item.cell("generation"), String(first),
                String(first + count - 1))
        }
        try output.table(table)
        try output.finish()
    }
}
