import Foundation
import Testing

/// Forecasts and plans beside an engine that runs.
@Suite(.serialized) struct ForecastServiceTests {
    private static let hourly = """
        jobs:
          - { jobId: quick, cadence: "0 * * * *", timeZone: UTC, targetPipeline: quick }
        """

    @Test("the API forecasts from the running engine's state: days, one job, a limit")
    func api() async throws {
        let engine = try ServedEngine()
        try ServiceTests.configure(engine, jobs: Self.hourly)
        try engine.start()
        let path = "/v1/forecast"
        let found = await engine.call("GET", path + "?days=2")
        #expect(found?.status == 200)
        let rows = try #require(found?.object["rows"] as? [[String: Any]])
        #expect(rows.count { $0["openRun"] is NSNull } == 48)
        #expect(rows.allSatisfy { $0["jobId"] as? String == "quick" })
        let summary = try #require(found?.object["summary"] as? [String: Any])
        let outcomes = try #require(summary["outcomes"] as? [String: Int])
        #expect(outcomes["runs"] == 48)
        let ticket = ServiceTests.ticket
        let paused = await engine.call("POST", "/v1/schedules/quick/pause", ticket)
        #expect(paused?.status == 200)
        let skipped = await engine.call("GET", path + "?days=1&job=quick")
        let reasons = (skipped?.object["rows"] as? [[String: Any]])?.map {
            $0["reason"] as? String
        }
        #expect(reasons == Array(repeating: "it is skipped (paused): test", count: 24))
        let short = await engine.call("GET", path + "?limit=3")
        #expect(short?.object["cutShort"] as? Bool == true)
        for wrong in ["days=0", "days=367", "days=x", "limit=0", "limit=100001"] {
            #expect(await engine.call("GET", path + "?" + wrong)?.status == 400, "\(wrong)")
        }
        #expect(await engine.call("GET", path + "?job=nix")?.status == 404)
        #expect(await engine.call("GET", path, token: "wrong")?.status == 401)
        #expect(try engine.stop() == 0)
        try ServiceTests.audit(engine)
    }

    @Test("plan says yes where nothing changes, and no with the runs where something does")
    func plan() async throws {
        let engine = try ServedEngine()
        try ServiceTests.configure(engine, jobs: Self.hourly)
        try engine.start()
        #expect(try engine.stop() == 0)
        let (config, data) = (engine.root + "/config", engine.dataFolder)
        let same = try engine.command("plan", "--config", config, "--data", data)
        #expect(same.code == 0, "\(same.output)")
        #expect(same.output.hasPrefix("the configuration is the one in force\n"))
        let later = Self.hourly.replacing("0 * * * *", with: "30 */2 * * *")
        try ServiceTests.configure(engine, jobs: later)
        let changed = try engine.command(
            "plan", "--config", config, "--data", data, "--days", "1")
        #expect(changed.code == 1, "\(changed.output)")
        #expect(changed.output.contains("~ schedule quick\n"))
        #expect(changed.output.contains("    cadence: \"0 * * * *\" -> \"30 */2 * * *\"\n"))
        #expect(changed.output.contains(": 24 no longer, 12 new, 0 otherwise, 0 the same\n"))
    }

    @Test("plan shows partners that say something else, are gone or are new")
    func partners() throws {
        let engine = try ExchangeServiceTests.engine(assembles: false)
        try engine.start()
        #expect(engine.lines.contains { $0.contains("partners: 6 added, 0 changed, 0 removed") })
        #expect(try engine.stop() == 0)
        let plan = ["plan", "--config", engine.root + "/config", "--data", engine.dataFolder]
        let same = try engine.command(plan)
        #expect(same.code == 0, "\(same.output)")
        let folder = "config/partners/"
        let clinic = engine.read(folder + "clinica.yaml")
        try engine.write(folder + "clinica.yaml", clinic + "duplicateDays: 7\n")
        try FileManager.default.moveItem(
            atPath: engine.root + "/" + folder + "hospb.yaml", toPath: engine.root + "/hospb")
        let changed = try engine.command(plan)
        #expect(changed.code == 1, "\(changed.output)")
        for line in ["~ partner CLINICA\n", "    duplicateDays: 30 -> 7\n", "- partner HOSPB\n"] {
            #expect(changed.output.contains(line), "\(changed.output)")
        }
        let json = try engine.command(plan + ["--json"])
        #expect(json.code == 1 && json.output.contains("\"partnersRemoved\":[\"HOSPB\"]"))
        #expect(json.output.contains("\"partners\":[{\"name\":\"CLINICA\",\"new\":false,"))
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0, "\(verified.output)")
    }
}
