import DaybookTestSupport
import EventLog
import Foundation
import Glibc
import Testing

/// The whole program as operations meet it.
@Suite(.serialized) struct ServiceTests {
    static let ticket = ["ticket": "CHG-7", "reason": "test", "actor": "tester"]

    static func configure(_ engine: ServedEngine, jobs: String, settings: String = "") throws {
        try engine.write("config/daybook.yaml", "shutdownGrace: 5s\n" + settings)
        try engine.write("config/schedules/jobs.yaml", jobs)
        try engine.write(
            "config/targets.yaml",
            """
            targets:
              quick: { process: { command: ["/bin/sh", "-c", "echo done"] } }
              slow: { process: { command: ["/bin/sh", "-c", "read x < fifo"], grace: 1s } }
            """)
    }

    static let manual = """
        jobs:
          - { jobId: quick, cadence: "0 0 1 1 *", targetPipeline: quick }
          - { jobId: slow, cadence: "0 0 1 1 *", targetPipeline: slow }
        """

    /// Ends the engine and checks its log as an auditor does.
    static func audit(_ engine: ServedEngine) throws {
        var audit = LogAudit()
        try audit.read(RealDisk(), folder: engine.dataFolder)
        try audit.check()
        let report = try LogInspection.inspect(folder: engine.dataFolder, disk: RealDisk())
        #expect(report.verdict == .clean)
    }

    /// Waits until a run is over: by asking until the answer says so, at most so often.
    static func waitForEnd(_ engine: ServedEngine, _ run: UInt64) async -> String {
        for _ in 0..<5_000 {
            let answer = await engine.call("GET", "/v1/runs/\(run)")
            let status = answer?.object["status"] as? String ?? ""
            if ["succeeded", "dead", "cancelled"].contains(status) { return status }
        }
        return "never"
    }

    static func number(_ answer: (status: UInt, object: [String: Any])?, _ name: String) -> UInt64 {
        (answer?.object[name] as? NSNumber)?.uint64Value ?? 0
    }

    @Test("run-now needs a ticket, runs once for one request key, and its life can be asked")
    func runNow() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine, jobs: Self.manual)
        try engine.start()
        let path = "/v1/schedules/quick/run"
        let without = await engine.call("POST", path, ["reason": "x"])
        #expect(without?.status == 400)
        let wrong = await engine.call("POST", path, ["ticket": "no ticket", "reason": "x"])
        #expect(wrong?.status == 400)
        let stranger = await engine.call("POST", path, Self.ticket, token: "no")
        #expect(stranger?.status == 401)
        let first = await engine.call("POST", path, Self.ticket)
        #expect(first?.status == 200)
        let run = Self.number(first, "run")
        #expect(await Self.waitForEnd(engine, run) == "succeeded")
        let runs = try engine.command("runs", "--data", engine.dataFolder, "--job", "quick")
        #expect(runs.code == 0 && runs.output.contains("succeeded"))
        try await Self.askHistory(engine, run)
        #expect(try engine.stop() == 0)
        let life = try engine.command(
            "history", "--data", engine.dataFolder, "--run", String(run), "--json")
        #expect(life.code == 0 && life.output.contains("CHG-7"), "\(life.output)")
        try Self.audit(engine)
    }

    /// The log shows a batch once a later one says that it is durable, so ask until it does.
    private static func askHistory(_ engine: ServedEngine, _ run: UInt64) async throws {
        var found: UInt64 = 0
        for _ in 0..<5_000 where found != run {
            let page = await engine.call("GET", "/v1/history?job=quick&status=succeeded&limit=1")
            #expect(page?.status == 200)
            let runs = page?.object["runs"] as? [[String: Any]]
            found = (runs?.first?["run"] as? NSNumber)?.uint64Value ?? 0
        }
        #expect(found == run)
        let events = await engine.call("GET", "/v1/events?ticket=CHG-7")
        let first = (events?.object["events"] as? [[String: Any]])?.last
        #expect(first?["ticket"] as? String == "CHG-7")
        for wrong in ["events", "events?ticket=a&actor=b", "history?from=soon", "history?by=size"] {
            #expect(await engine.call("GET", "/v1/" + wrong)?.status == 400, "\(wrong)")
        }
        #expect(await engine.call("GET", "/v1/history?cursor=x")?.status == 400)
    }

    @Test("SIGHUP applies a good configuration, and a bad one changes nothing")
    func reload() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine, jobs: Self.manual)
        try engine.start()
        try engine.write(
            "config/schedules/jobs.yaml",
            Self.manual + "\n  - { jobId: third, cadence: \"0 0 2 1 *\", targetPipeline: quick }")
        engine.send(signal: SIGHUP)
        #expect(engine.waitForLine(containing: "1 created, 0 updated, 0 removed, 2 unchanged"))
        try engine.write("config/schedules/jobs.yaml", "jobs: [ { jobId: broken } ]")
        engine.send(signal: SIGHUP)
        #expect(engine.waitForLine(containing: "the configuration in force stays"))
        let schedules = try engine.command("schedules", "--data", engine.dataFolder, "--json")
        #expect(schedules.output.contains("third"))
        #expect(!schedules.output.contains("broken"))
        #expect(try engine.stop() == 0)
        try Self.audit(engine)
    }

    @Test("a second engine on the same data is refused, and so is a port that is taken")
    func refusals() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine, jobs: Self.manual)
        try engine.start()
        let second = try engine.command(
            "serve", "--config", engine.root + "/config", "--data", engine.dataFolder)
        #expect(second.code == 1)
        #expect(second.output.contains("LOCK"), "\(second.output)")
        let port = try engine.command(
            ["serve", "--config", engine.root + "/config", "--data", engine.root + "/other"],
            port: engine.port)
        #expect(port.code == 1, "\(port.output)")
        // Said at once, with what to do: no log is begun, and no configuration applied.
        #expect(port.output.hasPrefix("daybook: the API cannot listen at "), "\(port.output)")
        #expect(port.output.contains("DAYBOOK_PORT"), "\(port.output)")
        #expect(!FileManager.default.fileExists(atPath: engine.root + "/other/log"))
        #expect(try engine.stop() == 0)
        try Self.audit(engine)
    }

    @Test("a damaged log is refused: where, what is at risk, what to do; it stays as it was")
    func damagedLog() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine, jobs: Self.manual)
        try engine.start()
        #expect(try engine.stop() == 0)
        try Self.audit(engine)
        let path = engine.dataFolder + "/log/00000000000000000000.log"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[4_096 + 100] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let refused = try engine.command(
            "serve", "--config", engine.root + "/config", "--data", engine.dataFolder)
        #expect(refused.code == 1)
        let lines = refused.output.split(separator: "\n")
        #expect(lines.first == "daybook: verdict: damaged", "\(refused.output)")
        #expect(lines.contains { $0.contains("offset: 4096") }, "\(refused.output)")
        #expect(lines.contains { $0.contains("what to do:") }, "\(refused.output)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test("a clean stop ends what outlives its grace, and says so in the log")
    func stopWithGrace() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine, jobs: Self.manual, settings: "digestInterval: 1m\n")
        try engine.write("config/daybook.yaml", "shutdownGrace: 1s\n")
        mkfifo(engine.root + "/fifo", 0o600)
        try engine.start()
        let answer = await engine.call("POST", "/v1/schedules/slow/run", Self.ticket)
        #expect(Self.number(answer, "run") > 0)
        #expect(try engine.stop() == 0)
        let log = try engine.command(
            "log", "cat", "--data", engine.dataFolder, "--type", "scheduler.run.cancelled")
        #expect(log.output.contains("\"slow\""), "\(log.output)")
        try Self.audit(engine)
    }

    @Test("with scheduling off nothing is decided, and reads and runs by hand still work")
    func schedulingOff() async throws {
        let engine = try ServedEngine()
        try Self.configure(
            engine, jobs: "jobs: [ { jobId: beat, every: 1s, targetPipeline: quick } ]",
            settings: "scheduling: off\n")
        try engine.start()
        let health = await engine.call("GET", "/health")
        #expect(health?.object["scheduling"] as? Bool == false)
        let answer = await engine.call("POST", "/v1/schedules/beat/run", Self.ticket)
        #expect(await Self.waitForEnd(engine, Self.number(answer, "run")) == "succeeded")
        #expect(try engine.stop() == 0)
        let due = try engine.command(
            "log", "cat", "--data", engine.dataFolder, "--type", "scheduler.run.due")
        #expect(due.output.split(separator: "\n").count == 1, "\(due.output)")
        try Self.audit(engine)
    }
}
