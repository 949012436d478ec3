import ArgumentParser
import Bench
import Foundation

/// `daybook bench snapshot`: writing a large snapshot beside appends, and loading it.
struct BenchSnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Write the snapshot of a large state beside appends, and load it.",
        discussion: """
            Beside each figure stands its limit: the same loop of decisions and appends without a \
            snapshot, and reading and writing as many bytes.

            EXAMPLE
              daybook bench snapshot --schedules 1000000 --open-runs 10000 --json
            """)

    @Option(help: "How many schedules, from 1 to 10000000.")
    var schedules = 1_000_000

    @Option(help: "How many of them have an open run, from 0 to the number of schedules.")
    var openRuns = 10_000

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1...10_000_000).contains(schedules) {
            throw ValidationError("--schedules is from 1 to 10000000")
        }
        if !(0...schedules).contains(openRuns) {
            throw ValidationError("--open-runs is from 0 to the number of schedules")
        }
    }

    func run() async throws {
        try await BenchRun.run("making a state of \(schedules) schedules", folder.path, json) {
            try benchSnapshot(schedules: schedules, openRuns: openRuns, folder: $0)
        }
    }
}
