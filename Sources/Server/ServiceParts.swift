import Dispatch
import Engine
import Foundation
import Synchronization

/// Signals as a stream, each handled in turn.
final class SignalStream: Sendable {
    let stream: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation
    // Unsafe only in name: set once here, and kept so that the sources live; nobody reads it.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    private let ending = Mutex(false)

    /// Takes these signals over from their default handling.
    init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        self.continuation = continuation
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    /// Whether a signal asked for the end.
    var isEnding: Bool { ending.withLock { $0 } }

    func noteEnding() { ending.withLock { $0 = true } }

    func finish() { continuation.finish() }
}

/// Hands out of a closure what was made in it.
final class Made: Sendable {
    /// What calls targets.
    struct Targets: Sendable {
        let process: ProcessTarget
        let http: HTTPTarget
        let token: CallbackToken
        let notifications: NotificationPort
        let sender: ChannelSender
        let bell: LeaseBell
    }

    private let value = Mutex<Targets?>(nil)

    func set(_ targets: Targets) { value.withLock { $0 = targets } }

    func get() -> Targets? { value.withLock { $0 } }
}

/// Where the engine of a data folder can be reached: `DATA/endpoint`, one line.
public struct Endpoint: Sendable {
    private let path: String

    /// The endpoint of a data folder.
    public init(dataFolder: String) { path = dataFolder + "/endpoint" }

    /// Writes it; commands then need no address.
    ///
    /// A failure only means that they need one.
    func write(_ address: String) {
        do {
            try Data((address + "\n").utf8).write(
                to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            FileHandle.standardError.write(
                Data("daybook: \(path) was not written; give commands --url: \(error)\n".utf8))
        }
    }

    /// The address that the last engine wrote; nil where there is none.
    public func read() -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }
}
