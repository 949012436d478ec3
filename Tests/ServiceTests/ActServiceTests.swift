import Foundation
import Testing

/// Acts on single occurrences and runs as operations meet them.
@Suite(.serialized) struct ActServiceTests {
    private static let jobs = """
        jobs:
          - { jobId: quick, cadence: "0 0 1 1 *", targetPipeline: quick }
          - { jobId: broken, cadence: "0 0 1 1 *", targetPipeline: broken, maxRetries: 0 }
        """

    private func serve() throws -> ServedEngine {
        let engine = try ServedEngine()
        try ServiceTests.configure(engine, jobs: Self.jobs)
        try engine.write(
            "config/targets.yaml",
            """
            targets:
              quick: { process: { command: ["/bin/sh", "-c", "echo done"] } }
              broken: { process: { command: ["/bin/false"] } }
            """)
        try engine.start()
        return engine
    }

    private func act(
        _ engine: ServedEngine, _ arguments: String...
    ) throws -> (code: Int32, output: String) {
        try engine.command(
            arguments + ["--ticket", "CHG-7", "--reason", "a test", "--data", engine.dataFolder])
    }

    /// The number of a run, of JSON that a command printed.
    private func run(_ answer: (code: Int32, output: String)) throws -> UInt64 {
        let parsed = try JSONSerialization.jsonObject(with: Data(answer.output.utf8))
        let object = try #require(parsed as? [String: Any], "\(answer.output)")
        return (object["run"] as? NSNumber)?.uint64Value ?? 0
    }

    @Test(
        "the next occurrence is skipped or moved, a moved one goes on at once, a pause has an end")
    func occurrences() async throws {
        let engine = try serve()
        let skipped = try act(engine, "skip-next", "quick")
        #expect(skipped.code == 0 && skipped.output.contains("is skipped; its next occurrence"))
        let past = try act(engine, "move-next", "quick", "--to", "2020-01-01T00:00:00Z")
        #expect(past.code == 2 && past.output.contains("field 'to'"))
        let moved = try act(
            engine, "move-next", "quick", "--to", "2099-01-01T00:00:00Z", "--json")
        #expect(moved.code == 0)
        let run = try run(moved)
        #expect(try act(engine, "retry", "\(run)").code == 0)
        #expect(await ServiceTests.waitForEnd(engine, run) == "succeeded")
        let paused = try act(engine, "pause", "quick", "--until", "2099-06-01")
        #expect(paused.code == 0 && paused.output.contains("until 2099-06-01"))
        let refused = try act(engine, "skip-next", "quick")
        #expect(refused.code == 1 && refused.output.contains("paused"))
        #expect(try act(engine, "resume", "quick").code == 0)
        #expect(try engine.stop() == 0)
        try ServiceTests.audit(engine)
    }

    @Test("a stretch of the past is tried, filled, and ended as one")
    func backfill() async throws {
        let engine = try serve()
        func fill(_ more: String...) throws -> (code: Int32, output: String) {
            try engine.command(
                [
                    "backfill", "quick", "--from", "2020-01-01", "--through", "2022-01-01",
                    "--ticket", "CHG-7", "--reason", "a test", "--data", engine.dataFolder,
                ] + more)
        }
        let tried = try fill("--dry-run")
        #expect(tried.code == 0 && tried.output.contains("would make 3 runs"))
        let first = try run(try fill("--json"))
        #expect(await ServiceTests.waitForEnd(engine, first) == "succeeded")
        for run in first + 1..<first + 3 {
            #expect(await ServiceTests.waitForEnd(engine, run) == "succeeded")
        }
        let over = try act(engine, "cancel", "--backfill", "\(first)")
        #expect(over.code == 1 && over.output.contains("has no open run"))
        #expect(try fill("--lanes", "500").code == 2)
        #expect(try engine.stop() == 0)
        try ServiceTests.audit(engine)
    }

    @Test("dead runs are put in again by query, and one query too wide is refused")
    func requeue() async throws {
        let engine = try serve()
        for _ in 0..<2 {
            let made = try run(try act(engine, "run-now", "broken", "--json"))
            #expect(await ServiceTests.waitForEnd(engine, made) == "dead")
        }
        let none = try act(engine, "requeue", "--job", "quick")
        #expect(none.code == 0 && none.output.contains("0 runs were put in again"))
        let all = try act(engine, "requeue", "--job", "broken", "--failure-class", "exit")
        #expect(all.code == 0 && all.output.contains("2 runs were put in again, 0 were refused"))
        let wide = await engine.call("POST", "/v1/dead-letters/requeue", ServiceTests.ticket)
        #expect(wide?.status == 400)
        #expect(try act(engine, "requeue").code == 2)
        #expect(try engine.stop() == 0)
        try ServiceTests.audit(engine)
    }
}
