import AsyncHTTPClient
import Foundation
import Hummingbird
import NIOCore
import Synchronization
import Testing

/// An HTTP target that answers 202 and completes by callback.
@Suite(.serialized) struct CallbackTests {
    /// What the target was sent, and the port that it listens on.
    private struct Seen: Sendable {
        var body: [String: String] = [:]
        var key = ""
    }

    @Test("a 202 waits for the run's own completion; another's token, and a second, change nothing")
    func callback() async throws {
        let seen = Mutex(Seen())
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let router = Router()
        router.post("job") { request, _ in
            let buffer = try await request.body.collect(upTo: 1 << 20)
            let object =
                try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView))
                as? [String: Any]
            let callback = object?["callback"] as? [String: Any]
            seen.withLock { seen in
                seen.body["url"] = callback?["url"] as? String
                seen.body["token"] = callback?["token"] as? String
                seen.key =
                    request.headers.first { $0.name.canonicalName == "idempotency-key" }?.value
                    ?? ""
            }
            arrived.yield()
            return Response(status: .accepted)
        }
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in ready.yield(channel.localAddress?.port ?? 0) })
        let server = Task { try await app.run() }
        defer { server.cancel() }
        var port = ports.makeAsyncIterator()
        let targetPort = try #require(await port.next())

        let engine = try ServedEngine()
        try ServiceTests.configure(
            engine, jobs: "jobs: [ { jobId: call, cadence: \"0 0 1 1 *\", targetPipeline: call } ]")
        try engine.write(
            "config/targets.yaml",
            """
            targets:
              call:
                http: { url: "http://127.0.0.1:\(targetPort)/job", callbackTimeout: 1m }
            """)
        try engine.start()
        let answer = await engine.call("POST", "/v1/schedules/call/run", ServiceTests.ticket)
        let run = ServiceTests.number(answer, "run")
        var arrival = arrivals.makeAsyncIterator()
        _ = await arrival.next()
        let (body, key) = seen.withLock { ($0.body, $0.key) }
        #expect(key.hasPrefix("default/call/"))
        #expect(body["url"]?.hasSuffix("/v1/runs/\(run)/complete") == true)

        let path = "/v1/runs/\(run)/complete"
        let completion: [String: Any] = [
            "attempt": 1, "status": "succeeded", "result": ["rows": 3],
        ]
        let wrong = await engine.call("POST", path, completion, token: "0")
        #expect(wrong?.status == 401)
        let taken = await engine.call("POST", path, completion, token: body["token"])
        #expect(taken?.status == 200, "\(String(describing: taken))")
        #expect(await ServiceTests.waitForEnd(engine, run) == "succeeded")
        let again = await engine.call("POST", path, completion, token: body["token"])
        #expect(again?.status == 200)
        #expect((again?.object["message"] as? String)?.contains("ignored") == true)
        #expect(try engine.stop() == 0)
        let log = try engine.command("log", "cat", "--data", engine.dataFolder)
        #expect(log.output.contains("completion_ignored"))
        #expect(!log.output.contains(body["token"] ?? "?"), "the token stands in the log")
        try ServiceTests.audit(engine)
    }
}
