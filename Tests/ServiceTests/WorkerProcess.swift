import Foundation
import Glibc

/// A real `daybook worker`, with a folder and programs of its own.
final class WorkerProcess {
    let name: String
    let root: String
    private let process = Process()
    private let errors: LineReader

    var lines: [String] { errors.lines }
    var dataFolder: String { root + "/data" }
    private var base: String { root + "/base" }

    /// Starts it; returns when it has registered.
    ///
    /// - Parameter program: what `./job.sh` does on this worker's machine.
    init(
        _ name: String, of engine: ServedEngine, program: String, options: [String] = []
    ) throws {
        self.name = name
        root = engine.root + "/" + name
        for folder in ["/base", "/secrets"] {
            try FileManager.default.createDirectory(
                atPath: root + folder, withIntermediateDirectories: true)
        }
        try Data("#!/bin/sh\n\(program)\n".utf8).write(
            to: URL(fileURLWithPath: root + "/base/job.sh"))
        chmod(root + "/base/job.sh", 0o755)
        try Data("hush\n".utf8).write(to: URL(fileURLWithPath: root + "/secrets/edge-key"))
        mkfifo(root + "/base/gate", 0o600)
        process.executableURL = URL(fileURLWithPath: ServedEngine.program)
        process.arguments =
            [
                "worker", "--name", name, "--server", "http://127.0.0.1:\(engine.port)",
                "--token-file", engine.dataFolder + "/token", "--data", root + "/data",
                "--base", root + "/base", "--secrets", root + "/secrets",
                "--capability", "linux",
            ] + options
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        errors = LineReader(pipe.fileHandleForReading)
        guard errors.waitForLine(containing: "registered as") else {
            throw ServedEngine.Failure(
                description: "it did not register:\n\(lines.joined(separator: "\n"))")
        }
    }

    deinit {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func send(_ signal: Int32) { Glibc.kill(process.processIdentifier, signal) }

    func waitForLine(containing text: String) -> Bool { errors.waitForLine(containing: text) }

    /// Waits for its end; returns the exit code.
    func waitForExit() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    func hasFile(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: base + "/" + name)
    }

    func read(_ name: String) -> String {
        String(
            decoding: FileManager.default.contents(atPath: base + "/" + name) ?? Data(),
            as: UTF8.self)
    }

    /// Lets the program go on that reads `gate`; false where none has opened it yet.
    func openGate() -> Bool {
        let gate = open(base + "/gate", O_WRONLY | O_NONBLOCK)
        guard gate >= 0 else { return false }
        defer { close(gate) }
        return write(gate, "go\n", 3) == 3
    }
}
