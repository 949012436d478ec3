import Foundation
import Hummingbird
import NIOCore
import Synchronization
import Testing

/// Targets that misbehave, before the whole program: each run has its outcome, and the log is good.
@Suite(.serialized) struct DownstreamServiceTests {
    /// An endpoint for each kind of trouble.
    private static func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.post("hang") { _, _ in
            let (never, _) = AsyncStream.makeStream(of: Void.self)
            // Until the client goes away, which cancels this.
            for await _ in never {}
            return Response(status: .ok)
        }
        router.post("flood") { _, _ in
            let block = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 16)
            return Response(
                status: .ok,
                body: ResponseBody { writer in while true { try await writer.write(block) } })
        }
        router.post("redirect") { _, _ in
            Response(status: .temporaryRedirect, headers: [.location: "/redirect"])
        }
        router.post("garbage") { _, _ in
            Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "{\"a\":")))
        }
        return router
    }

    /// Serves a router on a free port while `body` runs.
    static func serving(
        _ router: Router<BasicRequestContext>, _ body: (Int) async throws -> Void
    ) async throws {
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in ready.yield(channel.localAddress?.port ?? 0) })
        let server = Task { try await app.run() }
        defer { server.cancel() }
        var port = ports.makeAsyncIterator()
        try await body(try #require(await port.next()))
    }

    @Test("hanging, flooding, redirecting and garbled targets end as they should, side by side")
    func troubles() async throws {
        try await Self.serving(Self.router()) { port in
            let engine = try ServedEngine()
            let expected = [
                "p-flood": "succeeded", "p-daemon": "succeeded", "p-garbage": "succeeded",
                "p-stubborn": "dead", "h-hang": "dead", "h-flood": "succeeded",
                "h-redirect": "dead", "h-garbage": "succeeded",
            ]
            let jobs = expected.keys.sorted().map {
                "  - { jobId: \($0), cadence: \"0 0 1 1 *\", targetPipeline: \($0), "
                    + "maxRetries: 0 }\n"
            }
            try ServiceTests.configure(engine, jobs: "jobs:\n" + jobs.joined())
            func program(_ script: String, _ more: String = "") -> String {
                "{ process: { command: [\"/bin/sh\", \"-c\", \"\(script)\"]\(more) } }"
            }
            // One that answers has its time, however busy the machine is.
            func endpoint(_ path: String, timeout: String = "60s") -> String {
                "{ http: { url: \"http://127.0.0.1:\(port)/\(path)\", timeout: \(timeout) } }"
            }
            try engine.write(
                "config/targets.yaml",
                """
                targets:
                  p-flood: \(program("head -c 100000000 /dev/zero"))
                  p-daemon: \(program("(setsid sleep 1000 &); exit 0"))
                  p-garbage: \(program("echo nonsense > $DAYBOOK_RESULT_FILE"))
                  p-stubborn: \(program(
                    "trap '' TERM; while :; do sleep 1; done", ", timeout: 1s, grace: 1s"))
                  h-hang: \(endpoint("hang", timeout: "2s"))
                  h-flood: \(endpoint("flood"))
                  h-redirect: \(endpoint("redirect"))
                  h-garbage: \(endpoint("garbage"))
                """)
            try engine.start()
            var runs: [String: UInt64] = [:]
            for job in expected.keys.sorted() {
                let answer = await engine.call(
                    "POST", "/v1/schedules/\(job)/run", ServiceTests.ticket)
                runs[job] = ServiceTests.number(answer, "run")
            }
            for (job, status) in expected {
                let run = try #require(runs[job])
                #expect(await ServiceTests.waitForEnd(engine, run) == status, "\(job)")
            }
            let stubborn = await engine.call("GET", "/v1/runs/\(runs["p-stubborn"] ?? 0)")
            #expect(stubborn?.object["failureClass"] as? String == "timeout")
            let hang = await engine.call("GET", "/v1/runs/\(runs["h-hang"] ?? 0)")
            #expect(hang?.object["failureClass"] as? String == "timeout")
            #expect(try engine.stop() == 0)
            try ServiceTests.audit(engine)
        }
    }

    /// The tokens that a target was given, by run.
    private final class Tokens: Sendable {
        let byRun = Mutex<[UInt64: String]>([:])
    }

    /// A target that accepts, and keeps its tokens.
    private static func callbacks(
        _ tokens: Tokens, _ arrived: AsyncStream<Void>.Continuation
    ) -> Router<BasicRequestContext> {
        let router = Router()
        router.post("job") { request, _ in
            let buffer = try await request.body.collect(upTo: 1 << 20)
            let object =
                try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView))
                as? [String: Any]
            let callback = object?["callback"] as? [String: Any]
            let run = (object?["run"] as? NSNumber)?.uint64Value ?? 0
            tokens.byRun.withLock { $0[run] = callback?["token"] as? String }
            arrived.yield()
            return Response(status: .accepted)
        }
        return router
    }

    @Test("completions that are garbled, too long, of another run or attempt, or contrary")
    func completions() async throws {
        let tokens = Tokens()
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        try await Self.serving(Self.callbacks(tokens, arrived)) { port in
            let engine = try ServedEngine()
            try ServiceTests.configure(
                engine,
                jobs: """
                    jobs:
                      - { jobId: a, cadence: "0 0 1 1 *", targetPipeline: call }
                      - { jobId: b, cadence: "0 0 1 1 *", targetPipeline: call }
                    """)
            try engine.write(
                "config/targets.yaml",
                """
                targets:
                  call: { http: { url: "http://127.0.0.1:\(port)/job", callbackTimeout: 5m } }
                """)
            try engine.start()
            var arrival = arrivals.makeAsyncIterator()
            var runs: [UInt64] = []
            for job in ["a", "b"] {
                let answer = await engine.call(
                    "POST", "/v1/schedules/\(job)/run", ServiceTests.ticket)
                runs.append(ServiceTests.number(answer, "run"))
                _ = await arrival.next()
            }
            let own = tokens.byRun.withLock { $0[runs[0]] }
            let other = tokens.byRun.withLock { $0[runs[1]] }
            func post(_ body: [String: Any], _ token: String?) async -> UInt? {
                await engine.call(
                    "POST", "/v1/runs/\(runs[0])/complete", body, token: token)?.status
            }
            let good: [String: Any] = ["attempt": 1, "status": "succeeded"]
            #expect(await post(good, other) == 401)
            #expect(await post(["attempt": 2, "status": "succeeded"], own) == 401)
            #expect(await post(["attempt": 1, "status": "maybe"], own) == 400)
            #expect(await post(["attempt": -1, "status": "succeeded"], own) == 400)
            #expect(await post([:], own) == 400)
            let long = String(repeating: "x", count: 100_000)
            #expect(await post(good.merging(["message": long]) { $1 }, own) == 413)
            #expect(
                await post(
                    good.merging(["result": String(repeating: "x", count: 20_000)]) { $1 }, own)
                    == 400)
            let open = await engine.call("GET", "/v1/runs/\(runs[0])")
            #expect(open?.object["status"] as? String == "started")
            #expect(await post(good, own) == 200)
            #expect(await post(["attempt": 1, "status": "failed"], own) == 200)
            #expect(await ServiceTests.waitForEnd(engine, runs[0]) == "succeeded")
            // The token, and the wait, outlive the engine.
            #expect(try engine.stop() == 0)
            try engine.start()
            #expect(await post(["attempt": 1, "status": "failed"], own) == 200)
            #expect(await ServiceTests.waitForEnd(engine, runs[0]) == "succeeded")
            let late = await engine.call(
                "POST", "/v1/runs/\(runs[1])/complete", good, token: other)
            #expect(late?.status == 200)
            #expect(await ServiceTests.waitForEnd(engine, runs[1]) == "succeeded")
            #expect(try engine.stop() == 0)
            let log = try engine.command("log", "cat", "--data", engine.dataFolder)
            #expect(
                log.output.split(separator: "\n").count { $0.contains("completion_ignored") } == 2)
            try ServiceTests.audit(engine)
        }
    }
}
