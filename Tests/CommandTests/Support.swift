import DaybookTestSupport
import Foundation
import Testing

/// How a run of the program ended.
struct CommandResult {
    let code: Int32
    let output: String
    let errors: String

    /// The lines of standard output.
    var lines: [String] { Self.lines(output) }
    /// The lines of standard error.
    var errorLines: [String] { Self.lines(errors) }

    /// Standard output as one JSON object.
    func json() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { String($0) }
    }
}

/// The program under test, beside the test bundle.
enum Program {
    static let path: String = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        return URL(fileURLWithPath: bundle ?? CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("daybook").path
    }()

    /// Runs `daybook` with these arguments and waits for its end.
    static func run(_ arguments: String...) async throws -> CommandResult {
        try await run(path, arguments)
    }

    /// The same with a list of arguments.
    static func run(arguments: [String]) async throws -> CommandResult {
        try await run(path, arguments)
    }

    /// Runs a shell command in which `$daybook` is the program.
    static func shell(_ command: String) async throws -> CommandResult {
        try await run("/bin/bash", ["-o", "pipefail", "-c", command])
    }

    private static func run(_ executable: String, _ arguments: [String]) async throws
        -> CommandResult
    {
        try await TemporaryFolder.with { folder in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: executable)
            process.arguments = arguments
            // Nothing of the tester's environment: DAYBOOK_… would change settings.
            process.environment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "daybook": path]
            process.standardInput = FileHandle.nullDevice
            let (output, errors) = ("\(folder)/output", "\(folder)/errors")
            for file in [output, errors] { try Data().write(to: URL(fileURLWithPath: file)) }
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
            process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
            try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { _ in continuation.resume() }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
            let code =
                process.terminationReason == .exit
                ? process.terminationStatus : 128 + process.terminationStatus
            return CommandResult(
                code: code, output: try String(contentsOfFile: output, encoding: .utf8),
                errors: try String(contentsOfFile: errors, encoding: .utf8))
        }
    }
}

/// Expects wrong use: exit code 2, nothing on standard output, a line that says what to do.
func expectMisuse(
    _ result: CommandResult, _ text: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(result.code == 2, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    expectSaid(result, text, sourceLocation: sourceLocation)
}

/// Expects a no: exit code 1 and a line that says why.
func expectNo(
    _ result: CommandResult, _ text: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(result.code == 1, "\(result.errors)", sourceLocation: sourceLocation)
    expectSaid(result, text, sourceLocation: sourceLocation)
}

private func expectSaid(
    _ result: CommandResult, _ text: String, sourceLocation: SourceLocation
) {
    let lines = result.errorLines
    #expect(lines.first?.hasPrefix("daybook: ") == true, sourceLocation: sourceLocation)
    #expect(
        lines.dropFirst().allSatisfy { $0.hasPrefix("    ") },
        "one line, and marks below it: \(lines)", sourceLocation: sourceLocation)
    #expect(
        text.isEmpty || result.errors.contains(text), "\(result.errors)",
        sourceLocation: sourceLocation)
}

extension String {
    /// Adds to a file, or makes it.
    func write(toFile path: String) throws {
        try write(toFile: path, atomically: false, encoding: .utf8)
    }
}
