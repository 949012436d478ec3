import ArgumentParser
import Bench

/// `daybook bench next`: how many instants of a trigger are found a second.
struct BenchNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Find the instants of cron expressions and recurrence rules.",
        discussion: """
            Beside it stands the limit: a bare loop that turns seconds into dates and times.

            EXAMPLE
              daybook bench next --json
            """)

    @Option(help: "How many instants of each kind, from 1000 to 100000000.")
    var instants = 1_000_000

    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1_000...100_000_000).contains(instants) {
            throw ValidationError("--instants is from 1000 to 100000000")
        }
    }

    func run() async throws {
        try BenchRun.run("finding \(instants) instants of each kind", json) {
            try benchNext(instants: instants)
        }
    }
}
