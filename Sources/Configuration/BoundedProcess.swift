import Foundation
import Glibc

/// Runs a program for its output, within a time and a size.
enum BoundedProcess {
    /// Why there is no output.
    enum Failure: Error {
        case notFound
        case notStarted(String)
        case timedOut
        case tooLong
        case failed(status: Int32)
    }

    /// What a program printed, where it ended with 0 in time. Blocks for at most the timeout.
    ///
    /// Its errors go nowhere, since they may hold what must not be shown.
    static func run(
        _ command: [String], environment: [String: String], workingFolder: String?,
        timeoutSeconds: Int, byteCountMax: Int
    ) throws(Failure) -> [UInt8] {
        guard let name = command.first,
            let program = program(name, environment["PATH"] ?? "/usr/bin:/bin", workingFolder)
        else { throw .notFound }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = Array(command.dropFirst())
        process.environment = environment
        if let workingFolder {
            process.currentDirectoryURL = URL(fileURLWithPath: workingFolder)
        }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        do { try process.run() } catch { throw .notStarted(error.localizedDescription) }
        // Our copy of the end that is written to must go, or the end of the output never comes.
        try? pipe.fileHandleForWriting.close()
        let fd = pipe.fileHandleForReading.fileDescriptor
        do throws(Failure) {
            let output = try collect(fd, deadline, byteCountMax)
            process.waitUntilExit()
            guard process.terminationReason == .exit, process.terminationStatus == 0 else {
                throw .failed(status: process.terminationStatus)
            }
            return output
        } catch {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
            throw error
        }
    }

    private static func program(_ name: String, _ path: String, _ folder: String?) -> String? {
        if name.hasPrefix("/") { return isProgram(name) ? name : nil }
        if name.contains("/") {
            let full = (folder ?? ".") + "/" + name
            return isProgram(full) ? full : nil
        }
        return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool { access(path, X_OK) == 0 }

    private static func collect(
        _ fd: Int32, _ deadline: ContinuousClock.Instant, _ byteCountMax: Int
    ) throws(Failure) -> [UInt8] {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            if left <= .zero { throw .timedOut }
            let milliseconds = left.components.seconds * 1_000 + 1
                + left.components.attoseconds / 1_000_000_000_000_000
            var request = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
            let ready = poll(&request, 1, Int32(clamping: milliseconds))
            if ready <= 0 { continue }
            let count = read(fd, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count <= 0 { return output }
            output.append(contentsOf: buffer[..<count])
            if output.count > byteCountMax { throw .tooLong }
        }
    }
}
