import ArgumentParser
import DaybookConfiguration
import Events
import Foundation

/// Schedules: those that there are, and those that come by the API.
struct SchedulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules",
        abstract: "List the schedules, or make, change and remove those of the API.",
        discussion: """
            EXAMPLE
              daybook schedules --data sample/data
              daybook schedules put transfer.yaml --ticket CHG-1234
            """,
        subcommands: [
            SchedulesListCommand.self, SchedulesPutCommand.self, SchedulesRemoveCommand.self,
        ],
        defaultSubcommand: SchedulesListCommand.self)
}

/// Makes schedules, or changes them.
struct SchedulesPutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Make the schedules of a file, or change them: all of them, or none.",
        discussion: """
            The file is one as in schedules/, a list of schedules, or one schedule, in JSON or YAML; - \
            reads JSON from standard input. Schedules of the configuration cannot be changed so.

            EXAMPLE
              daybook schedules put transfer.yaml --ticket CHG-1234
            """)

    @Argument(help: "The file.")
    var file: String

    @Option(
        name: .customLong("request"), help: "An idempotency key; it is recorded with each event.")
    var request: String?

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let data =
            file == "-"
            ? FileHandle.standardInput.readDataToEndOfFile()
            : FileManager.default.contents(atPath: file)
        guard let data else { throw CommandFailure.misuse("\(file) cannot be read") }
        let schedules: [String]
        do {
            schedules = try ScheduleNames.schedules(
                inFile: file == "-" ? "standard input" : file, Array(data))
        } catch {
            throw CommandFailure.misuse("\(error)")
        }
        // As text: numbers stay as they were written.
        let acts = act.body.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { ",\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }.joined()
        let body =
            "{\"schedules\":[\(schedules.joined(separator: ","))],\"replace\":true\(acts)}"
        let answer = try await engine.send("POST", "/v1/schedules", text: body, request: request)
        var output = Output()
        if json.isWanted { try output.json(answer.text) } else { try output.line(answer.message) }
        try output.finish()
    }
}

/// Removes a schedule of the API.
struct SchedulesRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a schedule that came by the API; what waits of it ends.",
        discussion: """
            EXAMPLE
              daybook schedules remove transfer-104233 --ticket CHG-1234 --reason "it was a mistake"
            """)

    @Argument(help: "The schedule's jobId.")
    var job: String

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let acts = act.body.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
        let answer = try await engine.send(
            "DELETE", "/v1/schedules/\(queryText(job))",
            text: "{\(acts.joined(separator: ","))}")
        var output = Output()
        if json.isWanted { try output.json(answer.text) } else { try output.line(answer.message) }
        try output.finish()
    }
}
