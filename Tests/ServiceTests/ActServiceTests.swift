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

    /// When the schedule runs next, as the API says.
    private func next(_ engine: ServedEngine) async -> String {
        await engine.call("GET", "/v1/schedules/quick")?.object["next"] as? String ?? ""
    }

    @Test("what an act does not know, or cannot mean, is refused by its name, and nothing is done")
    func bodies() async throws {
        let engine = try serve()
        let (quick, who) = ("/v1/schedules/quick/", "\"ticket\":\"CHG-7\"")
        let why = "\"reason\":\"r\""
        let stretch = "\"from\":\"2020-01-01\",\"through\":\"2022-01-01\""
        let reset = "\"allocator\":\"ISA/A/B\""
        let bad = [
            ("/v1/blackouts", "\(who),\(why),\"name\":\"b\",\"job\":[\"x\"]", "mean 'jobs'?"),
            (
                "/v1/dead-letters/requeue", "\(who),\"jobs\":\"x\",\"failureClass\":\"exit\"",
                "field 'jobs' is not known here; did you mean 'job'?"
            ),
            ("/v1/x12/holds", "\(who),\(why),\"form\":\"2026-01-01\"", "mean 'from'?"),
            (
                quick + "pause", "\(who),\(why),\"colour\":1",
                "known are actor, reason, ticket, until"
            ),
            (quick + "pause", "\(who),\(why),\(why)", "member 'reason' stands twice"),
            (quick + "pause", "\(who),\"reason\":\" \\t \"", "needs a reason"),
            (quick + "run", "\(who),\"pastBlackouts\":1", "'pastBlackouts' must be true or false"),
            (quick + "run", "\(who),\"scheduled\":\"9999-12-31\"", "at most 366 days ahead"),
            (
                quick + "backfill", "\(who),\(why),\(stretch),\"lanes\":true",
                "'lanes' must be a whole"
            ),
            (
                "/v1/control-numbers/reset", "\(who),\(why),\(reset),\"next\":0",
                "'next' is a number"
            ),
            ("/v1/control-numbers/reset", "\(who),\(why),\(reset),\"next\":null", "'next' is a"),
        ]
        for (path, body, message) in bad {
            let answer = try #require(await engine.send("POST", path, Data("{\(body)}".utf8)))
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.status == 400 && text.contains(message), "\(path) \(body): \(text)")
        }
        let list = await engine.send("POST", quick + "pause", Data("[1]".utf8))
        #expect(list?.status == 400)
        let blackouts = await engine.call("GET", "/v1/blackouts")
        #expect((blackouts?.object["blackouts"] as? [Any])?.isEmpty == true)
        let schedule = await engine.call("GET", "/v1/schedules/quick")
        #expect(schedule?.object["status"] as? String == "enabled")
        let health = await engine.send("HEAD", "/health")
        #expect(health?.status == 200 && health?.body.isEmpty == true)
        #expect(try engine.stop() == 0)
        try ServiceTests.audit(engine)
    }

    @Test(
        "the next occurrence is skipped or moved, a moved one goes on at once, a pause has an end")
    func occurrences() async throws {
        let engine = try serve()
        let skipped = try act(engine, "skip-next", "quick")
        #expect(skipped.code == 0 && skipped.output.contains("is skipped; its next occurrence"))
        let next = await self.next(engine)
        #expect(!next.isEmpty && skipped.output.contains("is that of \(next)"), "\(next)")
        let past = try act(engine, "move-next", "quick", "--to", "2020-01-01T00:00:00Z")
        #expect(past.code == 2 && past.output.contains("field 'to'"))
        let moved = try act(
            engine, "move-next", "quick", "--to", "2099-01-01T00:00:00Z", "--json")
        #expect(moved.code == 0)
        let run = try run(moved)
        #expect(try act(engine, "retry", "\(run)").code == 0)
        #expect(await ServiceTests.waitForEnd(engine, run) == "succeeded")
        #expect(await self.next(engine) > next)
        let paused = try act(engine, "pause", "quick", "--until", "2099-06-01")
        #expect(paused.code == 0 && paused.output.contains("until 2099-06-01"))
        let refused = try act(engine, "skip-next", "quick")
        #expect(refused.code == 1 && refused.output.contains("paused"))
        #expect(try act(engine, "resume", "quick").code == 0)
        // The same key skips no other one.
        let keyed = try act(engine, "skip-next", "quick", "--request", "k1", "--json")
        let after = await self.next(engine)
        let again = try act(engine, "skip-next", "quick", "--request", "k1", "--json")
        #expect(keyed.code == 0 && again.code == 0, "\(again.output)")
        #expect(await self.next(engine) == after)
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
        let unknown = try act(engine, "requeue", "--job", "nope")
        #expect(unknown.code == 1 && unknown.output.contains("there is no schedule 'nope'"))
        let all = try act(engine, "requeue", "--job", "broken", "--failure-class", "exit")
        #expect(all.code == 0 && all.output.contains("2 runs were put in again, 0 were refused"))
        let wide = await engine.call("POST", "/v1/dead-letters/requeue", ServiceTests.ticket)
        #expect(wide?.status == 400)
        #expect(try act(engine, "requeue").code == 2)
        #expect(try engine.stop() == 0)
        try ServiceTests.audit(engine)
    }
}
