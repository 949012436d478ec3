import Engine
import Events
import Foundation
import Glibc
import Synchronization
import SystemPackage
import Testing

/// A data folder, a base folder and a process target of its own, for one test.
struct TargetFixture: Sendable {
    let root: String
    let threads: TargetThreads
    let target: ProcessTarget
    let clock: ManualClock

    var data: String { root + "/data" }
    var base: String { root + "/base" }
    /// A log's identity that no other test has.
    var log: String { "helper-" + base }

    /// Runs a test's body in one, and removes it.
    static func with(
        outputByteCountMax: UInt64 = 1 << 20, _ body: (TargetFixture) async throws -> Void
    ) async throws {
        let root =
            FileManager.default.temporaryDirectory.path
            + "/daybook-targets-" + UUID().uuidString
        for folder in ["/data", "/base"] {
            try FileManager.default.createDirectory(
                atPath: root + folder, withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(atPath: root) }
        let threads = try TargetThreads()
        let clock = ManualClock()
        let settings = ProcessTarget.Settings(
            data: FilePath(root + "/data"), base: FilePath(root + "/base"),
            environment: ["PATH": "/usr/bin:/bin", "HOME": root],
            outputByteCountMax: outputByteCountMax, clock: clock,
            secrets: { name in
                guard name == "db" else { throw NoSecret() }
                return "s3cret"
            })
        let fixture = TargetFixture(
            root: root, threads: threads, target: try ProcessTarget(settings, threads: threads),
            clock: clock)
        do {
            try await body(fixture)
        } catch {
            await threads.shutdown()
            throw error
        }
        await threads.shutdown()
    }

    struct NoSecret: Error {}

    /// A shell script as a target.
    func delivery(
        run: UInt64 = 1, script: String, timeout: UInt64 = 0, grace: UInt64 = 5,
        change: (inout Delivery) -> Void = { _ in }
    ) -> Delivery {
        var binding = TargetBinding()
        binding.name = "script"
        binding.kind = "process"
        binding.command = ["/bin/sh", "-c", script]
        binding.timeoutSeconds = timeout
        binding.graceSeconds = grace
        var delivery = Self.delivery(run: run, binding: binding, log: log)
        change(&delivery)
        return delivery
    }

    static func delivery(run: UInt64, binding: TargetBinding, log: String) -> Delivery {
        Delivery(
            tenant: "default", jobId: "834-nightly", run: run, attempt: 1, execution: 1,
            runKey: "default/834-nightly/2027-01-04T08:00/-/1",
            scheduled: "2027-01-04T08:00:00+00:00", businessDate: "2027-01-04",
            environmentName: "test", binding: binding, parameters: [], callbackToken: "token",
            callbackURL: "http://127.0.0.1:1/v1/runs/1/complete", logIdentity: log)
    }

    /// Launches, opens the gate and waits for the end.
    func run(_ delivery: Delivery) async throws -> TargetOutcome {
        let launched = try await target.launch(delivery)
        try launched.proceed()
        return await launched.outcome()
    }

    /// Why it is not launched; nil where it is.
    func refusal(_ delivery: Delivery) async -> TargetFailure? {
        do throws(TargetFailure) {
            _ = try await target.launch(delivery)
            return nil
        } catch {
            return error
        }
    }

    func text(_ file: OutputFile?) throws -> String {
        let file = try #require(file)
        return try String(contentsOfFile: data + "/" + file.path, encoding: .utf8)
    }

    func reconcile(
        _ identity: ProcessIdentity?, run: UInt64 = 1, timeout: UInt64 = 0
    ) async -> Reconciliation {
        await target.reconcile(
            run: run, attempt: 1, identity: identity,
            binding: delivery(script: "", timeout: timeout).binding, logIdentity: log)
    }
}

/// A clock that stands until a test moves it.
final class ManualClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (one: Instant, other: Instant) -> Bool { one.offset < other.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var next = 0
        var sleepers: [Int: (Instant, CheckedContinuation<Void, any Error>)] = [:]
        var watchers: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isOver, watchers) = state.withLock { state in
                    if Task.isCancelled || deadline <= state.now {
                        return (true, [CheckedContinuation<Void, Never>]())
                    }
                    state.sleepers[id] = (deadline, continuation)
                    let count = state.sleepers.count
                    defer { state.watchers.removeAll { $0.0 <= count } }
                    return (false, state.watchers.filter { $0.0 <= count }.map(\.1))
                }
                for watcher in watchers { watcher.resume() }
                if isOver { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.1
                .resume(throwing: CancellationError())
        }
    }

    /// Returns when so many sleep.
    func sleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let now = state.now
            let due = state.sleepers.filter { $0.value.0 <= now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.1)
        }
        for continuation in due { continuation.resume() }
    }
}

/// An engine in a process of its own, which a test can kill.
final class Helper {
    let process = Process()
    let input = Pipe()
    let output = Pipe()

    init(_ fixture: TargetFixture, run: UInt64 = 1, script: String) throws {
        process.executableURL = Self.executable
        process.arguments =
            ["launch", fixture.data, fixture.base, String(run), "/bin/sh", "-c", script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Beside the test bundle.
    private static var executable: URL {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        let folder = URL(
            fileURLWithPath: bundle ?? ProcessInfo.processInfo.arguments[0]
        ).deletingLastPathComponent()
        return folder.appendingPathComponent("target-helper")
    }

    /// The next line that it says.
    func line() throws -> String {
        var bytes: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func identity() throws -> ProcessIdentity {
        let words = try line().split(separator: " ").map(String.init)
        guard words.count == 3 else { throw NoIdentity() }
        return ProcessIdentity(
            pid: try #require(Int32(words[0])), startTicks: try #require(UInt64(words[1])),
            bootId: words[2])
    }

    struct NoIdentity: Error {}

    func proceed() throws {
        try input.fileHandleForWriting.write(contentsOf: Data("proceed\n".utf8))
        #expect(try line() == "proceeded")
    }

    /// SIGKILL, and wait.
    func kill() {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// Whether a process is there and not a zombie.
func isAlive(_ pid: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
    else { return false }
    return !text[end...].hasPrefix(") Z") && !text[end...].hasPrefix(") X")
}

/// Waits for a file's whole text, which ends in a newline; the system tells of that by no signal.
func line(of path: String) async throws -> String {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if let text = try? String(contentsOfFile: path, encoding: .utf8), text.hasSuffix("\n") {
            return String(text.dropLast())
        }
        await Task.yield()
    }
    throw TimedOut(path: path)
}

struct TimedOut: Error {
    var path: String
}
