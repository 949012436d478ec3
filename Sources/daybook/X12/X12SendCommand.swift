import ArgumentParser
import Foundation

/// `daybook x12 send`: a partner's file is brought to the engine.
struct X12SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Give a partner's file to the engine, as if the partner had dropped it.",
        discussion: """
            It prints what was found: of each interchange the TA1, of each group the counts. With \
            the same --request the file is received once, however often it is sent.

            EXAMPLE
              daybook x12 send claims.edi --partner PARTNERA --request 2027-01-04-claims
            """)

    @Argument(help: "A file of X12 interchanges.")
    var file: String

    @Option(help: "Whose file it is.")
    var partner: String

    @Option(help: "A name for this request: the same name is the same file, received once.")
    var request: String?

    @Option(
        name: .customLong("actor"), help: "Who sends it (default: the user of this process).")
    var actor: String?

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let query = "?partner=\(queryText(partner))&actor=\(queryText(actor ?? NSUserName()))"
        let answer = try await engine.upload(
            "/v1/x12/inbound" + query, file: file, request: request)
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let number = answer.object.cell("ingestion")
        if answer.object["known"] as? Bool == true {
            try output.line("it was received before, as \(number): daybook x12 files \(number)")
            return try output.finish()
        }
        try output.line("received as \(number)")
        if let trouble = answer.object["trouble"] as? String {
            try output.line("in quarantine: \(trouble)")
        }
        for interchange in answer.list("interchanges") {
            let isDuplicate = interchange["duplicate"] as? Bool == true
            try output.line(
                "interchange \(interchange.cell("isa13")): \(interchange.cell("code")) "
                    + interchange.cell("note") + (isDuplicate ? ", a duplicate" : ""))
            for group in interchange["groups"] as? [[String: Any]] ?? [] {
                try output.line(
                    "  group \(group.cell("functionalId")) \(group.cell("controlNumber")): "
                        + "\(group.cell("code")), \(group["accepted"] as? Int ?? 0) of "
                        + "\(group["received"] as? Int ?? 0) sets accepted")
            }
        }
        try output.finish()
    }
}
