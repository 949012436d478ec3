import ArgumentParser
import Bench
import Foundation

/// `daybook bench history`: how long questions about the past take.
struct BenchHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Ask a log of many sealed segments about one job and about single runs.",
        discussion: """
            Beside each stands the limit: the same frames read and taken apart, and nothing else.

            EXAMPLE
              daybook bench history --events 1000000 --json
              daybook bench history --log data --questions 500 --json
            """)

    @Option(help: "How many events to make, from 10000 to 100000000.")
    var events = 1_000_000

    @Option(
        help: ArgumentHelp(
            "A data folder to ask instead; nothing in it is changed.", valueName: "dir"))
    var log: String?

    @Option(help: "How many questions of each kind, from 10 to 100000.")
    var questions = 200

    @Option(help: "The same seed asks the same questions.")
    var seed: UInt64 = 1

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(10_000...100_000_000).contains(events) {
            throw ValidationError("--events is from 10000 to 100000000")
        }
        if !(10...100_000).contains(questions) {
            throw ValidationError("--questions is from 10 to 100000")
        }
        if let log, !FileManager.default.fileExists(atPath: log + "/log") {
            throw ValidationError("--log: '\(log)' holds no log; name an engine's data folder")
        }
    }

    func run() async throws {
        if let log {
            return try BenchRun.run("asking \(questions) questions", json) {
                try benchHistory(folder: log, questions: questions, seed: seed)
            }
        }
        try await BenchRun.run("making and asking a log of \(events) events", folder.path, json) {
            _ = try makeHistoryLog(events: events, folder: $0, seed: seed)
            return try benchHistory(folder: $0, questions: questions, seed: seed)
        }
    }
}
