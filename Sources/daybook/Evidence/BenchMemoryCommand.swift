import ArgumentParser
import Bench

/// `daybook bench memory`: what a million schedules take.
struct BenchMemoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Apply a configuration of many cron schedules, and measure the process's memory.",
        discussion: """
            Beside it stand the bytes of what is particular to each schedule. Nothing is written \
            to a disk.

            EXAMPLE
              daybook bench memory --schedules 1000000 --json
            """)

    @Option(help: "How many schedules, from 1 to 10000000.")
    var schedules = 1_000_000

    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1...10_000_000).contains(schedules) {
            throw ValidationError("--schedules is from 1 to 10000000")
        }
    }

    func run() async throws {
        let progress = ProgressLine(isWanted: !json.isWanted)
        progress.show("making \(schedules) schedules")
        let result: MemoryBenchResult
        do {
            result = try benchMemory(schedules: schedules)
        } catch {
            progress.clear()
            throw error
        }
        progress.clear()
        try BenchRun.print(result, json)
    }
}
