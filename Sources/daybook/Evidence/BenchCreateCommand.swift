import ArgumentParser
import Bench

/// `daybook bench create`: schedules made by many callers at once, each durable.
struct BenchCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make schedules from many callers at once, each durable before it is answered.",
        discussion: """
            Beside it stands the limit: appends of as many bytes from as many callers, without an \
            engine.

            EXAMPLE
              daybook bench create --callers 64 --seconds 5 --json
            """)

    @Option(help: "Concurrent callers, from 1 to 1024.")
    var callers = 64

    @Option(help: "How long to measure, from 0.01 to 600 seconds.")
    var seconds = 5.0

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1...1_024).contains(callers) { throw ValidationError("--callers is from 1 to 1024") }
        // Written so that what is no number is refused as well.
        if !(seconds >= 0.01 && seconds <= 600) {
            throw ValidationError("--seconds is from 0.01 to 600")
        }
    }

    func run() async throws {
        try await BenchRun.run("making schedules from \(callers) callers", folder.path, json) {
            try await benchCreation(callers: callers, seconds: seconds, folder: $0)
        }
    }
}
