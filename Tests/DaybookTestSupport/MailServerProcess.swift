import Foundation
import Glibc
import Synchronization

/// A real SMTP server in a process of its own: Debian's aiosmtpd, by `Tests/Fixtures/smtp`.
public final class MailServerProcess: Sendable {
    /// One mail as the server took it.
    public struct Mail: Decodable, Sendable {
        /// The envelope's sender.
        public let from: String
        /// The envelope's receivers.
        public let to: [String]
        /// Whether it came over TLS.
        public let isTLS: Bool
        /// Who had logged in.
        public let user: String
        /// The whole of it, headers too.
        public let content: String

        /// A header's lines, unfolded; nil where there is none.
        public func header(_ name: String) -> String? {
            let head = content.components(separatedBy: "\r\n\r\n")[0]
                .replacingOccurrences(of: "\r\n ", with: " ")
            return head.components(separatedBy: "\r\n")
                .first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }

        /// The names of its headers, in order.
        public var headerNames: [String] {
            content.components(separatedBy: "\r\n\r\n")[0].components(separatedBy: "\r\n")
                .filter { !$0.hasPrefix(" ") }
                .map { String($0.prefix { $0 != ":" }) }
        }

        /// The body, decoded from its Base64.
        public var body: String {
            let parts = content.components(separatedBy: "\r\n\r\n")
            let data = Data(base64Encoded: parts[1], options: .ignoreUnknownCharacters) ?? Data()
            return String(decoding: data, as: UTF8.self)
        }
    }

    /// What keeps a server from starting.
    public struct Failure: Error, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// The port of loopback that it listens on.
    public let port: Int
    private let process: Mutex<Process?>
    private let lines: PipeLines
    private let output: Pipe

    /// Starts a server and waits until it listens.
    ///
    /// - Parameter folder: where the certificate of a server with STARTTLS goes, as `ca.pem`; nil
    ///   for one that speaks in the clear.
    public init(certificateFolder folder: String? = nil) async throws {
        let process = Process()
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/smtp/server.py").path
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [script] + (folder.map { ["starttls", $0] } ?? ["plain"])
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        output = pipe
        self.process = Mutex(process)
        lines = PipeLines(pipe.fileHandleForReading)
        let first = Data((await lines.next() ?? "").utf8)
        port = (try? JSONDecoder().decode([String: Int].self, from: first))?["port"] ?? 0
        if port == 0 {
            stop()
            throw Failure(description: "the SMTP server did not start: see scripts/setup.sh")
        }
    }

    deinit { stop() }

    /// Ends it, and waits for its end: nobody listens on its port any more.
    ///
    /// Blocks.
    public func stop() {
        process.withLock { process in
            // Never a process that is over: its number may be another's by now.
            guard let own = process, own.isRunning else { return }
            kill(own.processIdentifier, SIGKILL)
            own.waitUntilExit()
            process = nil
        }
    }

    /// Waits for the next line that the server says; nil when it is gone.
    public func nextLine() async -> String? { await lines.next() }

    /// Waits for the next mail.
    public func nextMail() async throws -> Mail {
        guard let line = await lines.next() else {
            throw Failure(description: "the SMTP server ended")
        }
        return try JSONDecoder().decode(Mail.self, from: Data(line.utf8))
    }
}

/// Lines of a pipe, for one reader after another.
final class PipeLines: Sendable {
    private struct State {
        var lines: [String] = []
        var waiting: [CheckedContinuation<String?, Never>] = []
        var isAtEnd = false
    }

    private let state = Mutex(State())

    init(_ handle: FileHandle) {
        Thread.detachNewThread { [weak self] in
            var unread = Data()
            while true {
                let more = handle.availableData
                if more.isEmpty { break }
                unread += more
                while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                    self?.add(
                        String(decoding: unread[unread.startIndex..<end], as: UTF8.self))
                    unread = Data(unread[(end + 1)...])
                }
            }
            self?.finish()
        }
    }

    private func add(_ line: String) {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.lines.append(line)
            } else {
                state.waiting.removeFirst().resume(returning: line)
            }
        }
    }

    private func finish() {
        state.withLock { state in
            state.isAtEnd = true
            for waiting in state.waiting { waiting.resume(returning: nil) }
            state.waiting = []
        }
    }

    func next() async -> String? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if !state.lines.isEmpty {
                    continuation.resume(returning: state.lines.removeFirst())
                } else if state.isAtEnd {
                    continuation.resume(returning: nil)
                } else {
                    state.waiting.append(continuation)
                }
            }
        }
    }
}
