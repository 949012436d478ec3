import AsyncHTTPClient
import Foundation
import Glibc
import NIOCore
import Synchronization

/// Reads lines on a thread of its own, so that whoever writes them never waits.
final class LineReader: Sendable {
    private struct State {
        var lines: [String] = []
        var isAtEnd = false
    }

    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)

    init(_ handle: FileHandle) {
        let thread = Thread { [self] in
            var unread = Data()
            while true {
                let more = handle.availableData
                if more.isEmpty { break }
                unread += more
                while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
                    unread = Data(unread[(end + 1)...])
                    state.withLock { $0.lines.append(line) }
                    changed.signal()
                }
            }
            state.withLock { $0.isAtEnd = true }
            changed.signal()
        }
        thread.start()
    }

    var lines: [String] { state.withLock { $0.lines } }

    /// Waits for a line; false where the end comes first.
    func waitForLine(containing text: String) -> Bool {
        while true {
            let (isThere, isAtEnd) = state.withLock { state in
                (state.lines.contains { $0.contains(text) }, state.isAtEnd)
            }
            if isThere { return true }
            if isAtEnd { return false }
            changed.wait()
        }
    }
}

/// A real `daybook serve` on a folder of its own, driven as a person would: by its command line,
/// its API and signals.
final class ServedEngine {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What a start took until the engine said that it was ready.
    struct Start {
        /// By the clock: this grows with whatever else the machine does.
        let wallSeconds: Double
        /// Of processors, by the engine's own threads.
        let processorSeconds: Double
    }

    let root: String
    let port: Int
    private var process: Process?
    private let client: HTTPClient
    private var errors = LineReader(FileHandle.nullDevice)
    /// What the engine wrote to standard error since its start.
    var lines: [String] { errors.lines }

    var dataFolder: String { root + "/data" }

    /// The program that was built beside the tests.
    static var program: String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: own ?? CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("daybook").path
    }

    init() throws {
        let template = FileManager.default.temporaryDirectory.path + "/daybook-service-XXXXXX"
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else { throw Failure(description: "mkdtemp failed") }
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        root = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        port = try Self.freePort()
    }

    deinit {
        kill()
        try? client.syncShutdown()
        try? FileManager.default.removeItem(atPath: root)
    }

    /// A port of the loopback that nobody listens on at this moment.
    private static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard bound else { throw Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    func write(_ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: root + "/" + path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func read(_ path: String) -> String {
        String(
            decoding: FileManager.default.contents(atPath: root + "/" + path) ?? Data(),
            as: UTF8.self)
    }

    /// Starts the engine; returns when it says that it is ready, with what that took.
    @discardableResult
    func start() throws -> Start {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["serve", "--config", root + "/config", "--data", dataFolder]
        var environment = ProcessInfo.processInfo.environment
        environment["DAYBOOK_PORT"] = String(port)
        process.environment = environment
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        let before = ContinuousClock.now
        try process.run()
        self.process = process
        errors = LineReader(pipe.fileHandleForReading)
        guard errors.waitForLine(containing: "ready at") else {
            throw Failure(description: "it did not start:\n\(lines.joined(separator: "\n"))")
        }
        let processorSeconds = try Self.processorSeconds(process.processIdentifier)
        let (seconds, attoseconds) = (ContinuousClock.now - before).components
        return Start(
            wallSeconds: Double(seconds) + Double(attoseconds) / 1e18,
            processorSeconds: processorSeconds)
    }

    /// What a process has used of the processors, in user and system mode, without its children.
    static func processorSeconds(_ pid: pid_t) throws -> Double {
        let path = "/proc/\(pid)/stat"
        let text = String(
            decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        // Behind the name, which may hold anything, stands the third field; `utime` and `stime` are
        // the 14th and the 15th, in ticks of the clock (proc(5)).
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13])
        else { throw Failure(description: "\(path) cannot be read: \(text)") }
        return (user + system) / Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
    }

    /// The most memory that was resident since the engine started (`VmHWM`, proc(5)), in bytes.
    func peakMemory() throws -> Int {
        let path = "/proc/\(process?.processIdentifier ?? 0)/status"
        let text = String(
            decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        guard let kibibytes = Int(line.filter(\.isNumber)), line.hasSuffix(" kB") else {
            throw Failure(description: "\(path) cannot be read: \(text)")
        }
        return kibibytes << 10
    }

    /// `SIGKILL`, and waits for the end.
    func kill() {
        guard let process, process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    /// Waits for a line of standard error; false where the engine ends before it.
    func waitForLine(containing text: String) -> Bool { errors.waitForLine(containing: text) }

    func send(signal: Int32) {
        if let process { Glibc.kill(process.processIdentifier, signal) }
    }

    /// `SIGTERM`, and waits; returns the exit code.
    func stop() throws -> Int32 {
        guard let process else { throw Failure(description: "it does not run") }
        Glibc.kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        self.process = nil
        return process.terminationStatus
    }

    /// Runs a command of the program to its end.
    func command(_ arguments: String...) throws -> (code: Int32, output: String) {
        try command(arguments)
    }

    /// - Parameter port: where a `serve` among them would listen; 0 for one that is free.
    func command(
        _ arguments: [String], port: Int = 0
    ) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["DAYBOOK_PORT"] = String(port)
        process.environment = environment
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// Asks the API; nil where the engine is gone or does not answer.
    func call(
        _ method: String, _ path: String, _ body: [String: Any]? = nil, token: String? = nil
    ) async -> (status: UInt, object: [String: Any])? {
        do {
            let data = try body.map { try JSONSerialization.data(withJSONObject: $0) }
            guard let answer = await send(method, path, data, token: token) else { return nil }
            let object = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
            return (answer.status, object ?? [:])
        } catch {
            return nil
        }
    }

    /// The same with the bytes of the bodies.
    func send(
        _ method: String, _ path: String, _ body: Data? = nil, token: String? = nil
    ) async -> (status: UInt, body: Data)? {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .init(rawValue: method)
        let bearer =
            token ?? read("data/token").trimmingCharacters(in: .whitespacesAndNewlines)
        request.headers.add(name: "Authorization", value: "Bearer \(bearer)")
        do {
            if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
            let response = try await client.execute(request, timeout: .seconds(20))
            let data = Data(try await response.body.collect(upTo: 1 << 24).readableBytesView)
            return (response.status.code, data)
        } catch {
            return nil
        }
    }
}
