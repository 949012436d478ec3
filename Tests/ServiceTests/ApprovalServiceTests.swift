import Foundation
import Testing

/// What is reported from outside and what a second person approves, as operations meet them.
@Suite(.serialized) struct ApprovalServiceTests {
    private static let jobs = """
        jobs:
          - jobId: load
            cadence: "0 0 1 1 *"
            targetPipeline: quick
            dependencies: [{ type: pushed, name: warehouse-load, maxDelayMinutes: 600 }]
          - jobId: pay
            cadence: "0 0 1 1 *"
            targetPipeline: quick
            dependencies: [{ type: approval, name: sign-off, maxDelayMinutes: 600 }]
        """

    private func act(
        _ engine: ServedEngine, by actor: String, _ arguments: String...
    ) throws -> (code: Int32, output: String) {
        try engine.command(
            arguments + ["--ticket", "CHG-7", "--reason", "a test", "--actor", actor]
                + ["--data", engine.dataFolder])
    }

    /// A number in JSON that a command printed.
    private func number(_ output: String, _ name: String) throws -> UInt64 {
        let parsed = try JSONSerialization.jsonObject(with: Data(output.utf8))
        let object = try #require(parsed as? [String: Any], "\(output)")
        return (object[name] as? NSNumber)?.uint64Value ?? 0
    }

    private func approvals(_ engine: ServedEngine) async throws -> [[String: Any]] {
        let answer = try #require(await engine.call("GET", "/v1/approvals"))
        return answer.object["approvals"] as? [[String: Any]] ?? []
    }

    @Test("a pushed status lets the run go on, over a restart, and its life says who pushed")
    func pushed() async throws {
        let engine = try ServedEngine()
        try ServiceTests.configure(engine, jobs: Self.jobs)
        try engine.start()
        let made = try act(engine, by: "anna", "run-now", "load", "--json")
        let run = try number(made.output, "run")
        let held = try #require(await engine.call("GET", "/v1/runs/\(run)"))
        #expect(held.object["status"] as? String == "held")
        let date = try #require(held.object["businessDate"] as? String)
        let early = ["businessDate": "2020-01-01", "status": "READY", "actor": "warehouse"]
        let other = await engine.call("POST", "/v1/dependencies/warehouse-load", early)
        #expect(other?.status == 200)
        for body in [["businessDate": date, "status": "DONE"], ["status": "READY"]] {
            let bad = await engine.call("POST", "/v1/dependencies/warehouse-load", body)
            #expect(bad?.status == 400)
        }
        engine.kill()
        try engine.start()
        let push = try engine.command(
            "dependencies", "push", "warehouse-load", "--date", date, "--status", "READY",
            "--actor", "warehouse", "--data", engine.dataFolder)
        #expect(push.code == 0 && push.output.contains("is READY for \(date)"))
        #expect(await ServiceTests.waitForEnd(engine, run) == "succeeded")
        let list = try engine.command("dependencies", "--data", engine.dataFolder)
        #expect(list.code == 0 && list.output.contains("2020-01-01"))
        let known = try #require(await engine.call("GET", "/v1/dependencies?limit=1"))
        #expect((known.object["dependencies"] as? [Any])?.count == 1)
        #expect(try engine.stop() == 0)
        let life = try engine.command(
            "history", "--data", engine.dataFolder, "--run", "\(run)", "--json")
        #expect(life.output.contains("user:warehouse reported READY"), "\(life.output)")
        try ServiceTests.audit(engine)
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0)
    }

    @Test("a run waits for another person than the one who made it")
    func step() async throws {
        let engine = try ServedEngine()
        try ServiceTests.configure(engine, jobs: Self.jobs)
        try engine.start()
        let run = try number(
            try act(engine, by: "anna", "run-now", "pay", "--json").output, "run")
        let approval = try #require(try await approvals(engine).first)
        #expect(approval["requester"] as? String == "user:anna")
        let number = (approval["approval"] as? NSNumber)?.uint64Value ?? 0
        let own = try act(engine, by: "anna", "approve", "\(number)")
        #expect(own.code == 1 && own.output.contains("another person"))
        let list = try engine.command("approvals", "--data", engine.dataFolder)
        #expect(list.code == 0 && list.output.contains("sign-off (step)"))
        engine.kill()
        try engine.start()
        #expect(try act(engine, by: "boss", "approve", "\(number)").code == 0)
        #expect(await ServiceTests.waitForEnd(engine, run) == "succeeded")
        let next = try self.number(
            try act(engine, by: "anna", "run-now", "pay", "--json").output, "run")
        let second = try #require(try await approvals(engine).first)
        let refused = try act(engine, by: "boss", "refuse", "\(second["approval"] ?? "")")
        #expect(refused.code == 0)
        #expect(await ServiceTests.waitForEnd(engine, next) == "dead")
        #expect(try act(engine, by: "boss", "refuse", "\(number)").code == 1)
        #expect(try engine.stop() == 0)
        try ServiceTests.audit(engine)
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0)
    }

    @Test("an act that is chosen needs two people, and carries the first one's ticket")
    func acts() async throws {
        let engine = try ServedEngine()
        try ServiceTests.configure(
            engine, jobs: ServiceTests.manual, settings: "fourEyes: [pause, cancel]\n")
        try engine.start()
        let path = "/v1/schedules/quick/pause"
        let body = ["ticket": "CHG-1", "reason": "an audit", "actor": "anna"]
        let asked = try #require(await engine.call("POST", path, body))
        #expect(asked.status == 202)
        let number = ServiceTests.number(asked, "approval")
        let boss = ["ticket": "CHG-2", "actor": "boss"]
        let own = await engine.call("POST", "/v1/approvals/\(number)/approve", body)
        #expect(own?.status == 409)
        let approved = await engine.call("POST", "/v1/approvals/\(number)/approve", boss)
        #expect(approved?.status == 200)
        let schedule = try #require(await engine.call("GET", "/v1/schedules/quick"))
        #expect(schedule.object["status"] as? String == "paused")
        #expect(schedule.object["pausedBy"] as? String == "user:anna")
        // What cannot be carried out any more is answered so, and stays open.
        let again = try #require(await engine.call("POST", path, body))
        #expect(again.status == 202)
        let second = ServiceTests.number(again, "approval")
        let late = try #require(
            await engine.call("POST", "/v1/approvals/\(second)/approve", boss))
        #expect(late.status == 409 && "\(late.object)".contains("stays open"))
        #expect(try await approvals(engine).count == 1)
        let direct = await engine.call("POST", "/v1/schedules/quick/resume", body)
        #expect(direct?.status == 200)
        let none = await engine.call("POST", "/v1/approvals/1/approve", boss)
        #expect(none?.status == 404)
        #expect(try engine.stop() == 0)
        try ServiceTests.audit(engine)
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0)
    }
}
