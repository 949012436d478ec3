import AsyncHTTPClient
import Foundation
import Hummingbird
import NIOCore
import Synchronization

/// A receiver of webhooks on a port of loopback: it answers as it is told, and keeps what came.
final class HookReceiver: Sendable {
    struct Hook: Sendable {
        var id = ""
        var timestamp = ""
        var signature = ""
        var body: [UInt8] = []

        /// A member of `data`, as text.
        func data(_ name: String) -> String {
            let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            let data = object?["data"] as? [String: Any]
            return data?[name].map { "\($0)" } ?? ""
        }

        var type: String {
            let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            return object?["type"] as? String ?? ""
        }
    }

    let port: Int
    private let hooks: AsyncStream<Hook>
    private let server: Task<Void, any Error>

    init(status: Int = 200) async throws {
        let (hooks, arrived) = AsyncStream.makeStream(of: Hook.self)
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let kept = HeldStatus(status)
        let router = Router()
        router.post("hook") { request, _ in
            func header(_ name: String) -> String {
                request.headers.first { $0.name.canonicalName == name }?.value ?? ""
            }
            let buffer = try await request.body.collect(upTo: 1 << 20)
            arrived.yield(
                Hook(
                    id: header("webhook-id"), timestamp: header("webhook-timestamp"),
                    signature: header("webhook-signature"), body: Array(buffer.readableBytesView)))
            return Response(status: .init(code: kept.value))
        }
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in ready.yield(channel.localAddress?.port ?? 0) })
        server = Task { try await app.run() }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            throw ServedEngine.Failure(description: "the receiver did not start")
        }
        self.port = port
        self.hooks = hooks
        self.kept = kept
    }

    deinit { server.cancel() }

    private let kept: HeldStatus

    /// What is answered from now on.
    func answer(_ status: Int) { kept.set(status) }

    /// Waits for the next one.
    func next() async throws -> Hook {
        var iterator = hooks.makeAsyncIterator()
        guard let hook = await iterator.next() else {
            throw ServedEngine.Failure(description: "the receiver ended")
        }
        return hook
    }
}

private final class HeldStatus: Sendable {
    private let status: Mutex<Int>
    init(_ status: Int) { self.status = Mutex(status) }
    var value: Int { status.withLock { $0 } }
    func set(_ value: Int) { status.withLock { $0 = value } }
}
