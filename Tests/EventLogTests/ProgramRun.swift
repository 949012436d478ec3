import DaybookTestSupport
import Foundation

/// A program that runs while its test waits without a thread of the pool.
struct ProgramRun {
    private let process = Process()
    private let ended = AsyncSignal()

    /// Starts a program whose output goes into a file.
    ///
    /// Not into a pipe, whose end may be inherited by a process that another test starts just then.
    init(_ program: String, _ arguments: [String], output: String? = nil) throws {
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        if let output {
            try Data().write(to: URL(filePath: output))
            process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        }
        process.terminationHandler = { [ended] _ in ended.signal() }
        try process.run()
    }

    /// Waits for its end, once; the exit code.
    func end() async -> Int32 {
        await ended.wait()
        return process.terminationStatus
    }

    /// Runs a program to its end: what it printed, and its exit code.
    static func output(
        of program: String, _ arguments: [String]
    ) async throws -> (output: Data, status: Int32) {
        try await TemporaryFolder.with { folder in
            let run = try ProgramRun(program, arguments, output: folder + "/output")
            let status = await run.end()
            return (try Data(contentsOf: URL(filePath: folder + "/output")), status)
        }
    }
}
