import DaybookTestSupport
import Foundation
import Hummingbird
import NIOCore
import Synchronization
import Testing

/// Run records of a real engine, which is killed, and of a collector that fails.
@Suite(.serialized) struct RunRecordServiceTests {
    private static let jobs =
        (0..<20).map {
            "  - { jobId: beat-\($0), every: 1s, targetPipeline: quick, maxRetries: 0, "
                + "tags: [beat] }\n"
        }.joined()
        + "  - { jobId: once, cadence: '0 0 1 1 *', targetPipeline: quick, tags: [beat] }\n"

    /// What the command makes of the whole log.
    private static func lines(_ engine: ServedEngine) throws -> [String] {
        let answer = try engine.command("records", "--data", engine.dataFolder, "--json")
        #expect(answer.code == 0, "\(answer.output)")
        return answer.output.split(separator: "\n").map(String.init)
    }

    private static func filed(_ engine: ServedEngine) throws -> [String] {
        let folder = engine.dataFolder + "/records"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".jsonl") }.sorted()
        return names.flatMap {
            engine.read("data/records/" + $0).split(separator: "\n").map(String.init)
        }
    }

    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("Killed again and again, the files have each line of the log once, and are private")
    func killed() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        var random = SeededGenerator(seed: seed)
        let engine = try ServedEngine()
        try ServiceTests.configure(
            engine, jobs: "jobs:\n" + Self.jobs, settings: "runRecords: file\n")
        for _ in 0..<6 {
            try engine.start()
            // The instant of the kill: after so many runs were acknowledged.
            for number in 0..<Int.random(in: 1...60, using: &random) {
                _ = await engine.call(
                    "POST", "/v1/schedules/beat-\(number % 20)/run", ServiceTests.ticket)
            }
            engine.kill()
        }
        try engine.start()
        let answer = await engine.call("POST", "/v1/schedules/once/run", ServiceTests.ticket)
        let run = ServiceTests.number(answer, "run")
        #expect(await ServiceTests.waitForEnd(engine, run) == "succeeded")
        #expect(try engine.stop() == 0)
        let filed = try Self.filed(engine)
        #expect(filed == (try Self.lines(engine)), "seed \(seed)")
        #expect(filed.count > 7, "seed \(seed)")
        let last = filed.last { $0.contains("\"run\":\(run),") } ?? ""
        #expect(last.contains("\"status\":\"succeeded\""), "seed \(seed)")
        #expect(last.contains("\"ticket\":\"CHG-7\"") && last.contains("\"tags\":[\"beat\"]"))
        #expect(!filed.contains { $0.contains("redelivered") }, "seed \(seed)")
        let folder = engine.dataFolder + "/records"
        #expect(try Self.mode(folder) == 0o700)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            #expect(try Self.mode(folder + "/" + name) == 0o600)
        }
        // A range is a part of the whole.
        let rest = last.components(separatedBy: "\"sequence\":").last ?? ""
        let sequence = rest.prefix { $0 != "," }
        let one = try engine.command(
            "records", "--data", engine.dataFolder, "--first", String(sequence), "--last",
            String(sequence))
        #expect(one.code == 0 && one.output == last + "\n", "\(one.output)")
        try ServiceTests.audit(engine)
    }

    /// A collector: what it was sent, and how it answers.
    private final class Collector: Sendable {
        struct State {
            var lines: [String] = []
            var requests = 0
            var tokens: Set<String> = []
            /// How many more requests are answered 503, after their lines were kept.
            var failures = 0
            /// Whether requests are kept waiting for ever.
            var isSilent = false
        }

        let state = Mutex(State())
        let arrivals: AsyncStream<Void>
        private let arrived: AsyncStream<Void>.Continuation
        /// Requests that are kept waiting.
        let held: AsyncStream<Void>
        private let holds: AsyncStream<Void>.Continuation

        init() {
            (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
            (held, holds) = AsyncStream.makeStream(of: Void.self)
        }

        func take(_ body: String, token: String) -> Bool {
            let isGood = state.withLock { state in
                state.requests += 1
                state.tokens.insert(token)
                state.lines += body.split(separator: "\n").map(String.init)
                state.failures -= 1
                return state.failures < 0
            }
            arrived.yield()
            return isGood
        }

        func router() -> Router<BasicRequestContext> {
            let router = Router()
            router.post("runs") { request, _ in
                let body = String(buffer: try await request.body.collect(upTo: 1 << 24))
                let token =
                    request.headers.first { $0.name.canonicalName == "authorization" }?.value ?? ""
                let isGood = self.take(body, token: token)
                if self.state.withLock({ $0.isSilent }) {
                    self.holds.yield()
                    // Until the server is ended: nothing is ever sent on this stream.
                    let (never, nobody) = AsyncStream.makeStream(of: Void.self)
                    for await _ in never {}
                    nobody.finish()
                }
                return Response(status: isGood ? .noContent : .serviceUnavailable)
            }
            return router
        }
    }

    @Test("A collector that fails, and an engine that is killed while it waits: marked, complete")
    func collector() async throws {
        let collector = Collector()
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let app = Application(
            router: collector.router(),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in ready.yield(channel.localAddress?.port ?? 0) })
        let server = Task { try await app.run() }
        defer { server.cancel() }
        var port = ports.makeAsyncIterator()
        let address = "http://127.0.0.1:\(try #require(await port.next()))/runs"
        let engine = try ServedEngine()
        try ServiceTests.configure(
            engine, jobs: "jobs:\n" + Self.jobs,
            settings: """
                runRecords: http
                runRecordsURL: \(address)
                runRecordsKey: collector
                secrets: { collector: { file: token } }

                """)
        try engine.write("token", "secret-token\n")
        // The first requests are kept, and answered with an error.
        collector.state.withLock { $0.failures = 2 }
        try engine.start()
        var arrivals = collector.arrivals.makeAsyncIterator()
        for _ in 0..<4 { _ = await arrivals.next() }
        // The next ones are kept, and never answered: the engine is killed while it waits.
        collector.state.withLock { $0.isSilent = true }
        var held = collector.held.makeAsyncIterator()
        _ = await held.next()
        engine.kill()
        collector.state.withLock { $0.isSilent = false }
        try engine.start()
        let answer = await engine.call("POST", "/v1/schedules/once/run", ServiceTests.ticket)
        #expect(
            await ServiceTests.waitForEnd(engine, ServiceTests.number(answer, "run"))
                == "succeeded")
        #expect(try engine.stop() == 0)
        // A stop waits for a collector only so long; on a busy machine the rest comes next time.
        for _ in 0..<5 {
            let wanted = Set(try Self.lines(engine).map { $0.dropLast() })
            let there = collector.state.withLock { Set($0.lines.map { $0.dropLast() }) }
            if wanted.isSubset(of: there) { break }
            try engine.start()
            #expect(try engine.stop() == 0)
        }
        let mark = ",\"redelivered\":true}"
        var firsts: [String] = []
        var seen: Set<String> = []
        var repeats = 0
        let (lines, tokens) = collector.state.withLock { ($0.lines, $0.tokens) }
        for line in lines {
            let isMarked = line.hasSuffix(mark)
            let plain = isMarked ? line.dropLast(mark.count) + "}" : line
            if seen.insert(plain).inserted {
                firsts.append(plain)
            } else {
                repeats += 1
                #expect(isMarked, "a line came again without a mark: \(line)")
            }
        }
        #expect(firsts == (try Self.lines(engine)))
        #expect(repeats >= 2)
        #expect(tokens == ["Bearer secret-token"])
        let log = try engine.command("log", "cat", "--data", engine.dataFolder)
        #expect(!log.output.contains("secret-token"))
        try ServiceTests.audit(engine)
    }
}
