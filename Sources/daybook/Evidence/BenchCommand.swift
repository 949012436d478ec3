import ArgumentParser
import Foundation

/// `daybook bench`: figures of this machine.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this machine.",
        discussion: """
            EXAMPLE
              daybook bench append --writers 64 --json
            """,
        subcommands: [
            BenchAppendCommand.self, BenchReplayCommand.self, BenchSealCommand.self,
            BenchVerifyCommand.self, BenchOpenCommand.self, BenchHistoryCommand.self,
            BenchSnapshotCommand.self, BenchMemoryCommand.self, BenchNextCommand.self,
            BenchX12Command.self, BenchDispatchCommand.self, BenchCreateCommand.self,
            BenchControlCommand.self, BenchCustomersCommand.self,
            BenchMakeLogCommand.self, BenchMakeGoldenCommand.self,
        ])

    func run() async throws {
        throw CommandFailure.misuse(
            "bench what? Give append, replay, seal, verify, open, history, snapshot, memory, next, "
                + "dispatch, create, customers, x12, control or make-log; "
                + "see 'daybook bench --help'.")
    }
}

/// Where a benchmark writes.
struct BenchFolderOption: ParsableArguments {
    @Option(
        name: .customLong("folder"),
        help: "An existing folder on the disk to measure; what is written there is removed.")
    var path = "."

    func validate() throws {
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if !isThere || !isFolder.boolValue {
            throw ValidationError("'\(path)' is not a folder; give one that exists with --folder")
        }
    }
}
