import Foundation
import Testing

/// Questions about the past beside an engine that runs.
@Suite(.serialized) struct PastServiceTests {
    @Test("why-not and availability answer by the API, and by the command from the same log")
    func api() async throws {
        let engine = try ServedEngine()
        try ServiceTests.configure(
            engine,
            jobs: """
                jobs:
                  - { jobId: quick, cadence: "0 0 1 1 *", targetPipeline: quick }
                """)
        try engine.start()
        let answer = await engine.call(
            "POST", "/v1/schedules/quick/run",
            ServiceTests.ticket.merging(["scheduled": "2027-01-01T05:00:00Z"]) { $1 })
        let run = ServiceTests.number(answer, "run")
        #expect(await ServiceTests.waitForEnd(engine, run) == "succeeded")
        let path = "/v1/schedules/quick/why-not?at="
        let ran = await engine.call("GET", path + "2027-01-01T05:00:00Z")
        let item = try #require((ran?.object["items"] as? [[String: Any]])?.first)
        #expect(item["verdict"] as? String == "ran")
        #expect((item["run"] as? NSNumber)?.uint64Value == run)
        let never = await engine.call("GET", path + "2001-01-01")
        #expect(
            ((never?.object["items"] as? [[String: Any]])?.first)?["verdict"] as? String
                == "notThere")
        #expect(await engine.call("GET", path + "noon")?.status == 400)
        #expect(await engine.call("GET", "/v1/schedules/quick/why-not")?.status == 400)
        #expect(
            await engine.call("GET", "/v1/schedules/nope/why-not?at=2027-01-01")?.status == 404)
        #expect(await engine.call("GET", path + "2027-01-01", token: "wrong")?.status == 401)

        let month = await engine.call("GET", "/v1/availability")
        #expect(month?.status == 200)
        #expect((month?.object["outages"] as? [Any])?.count == 0)
        let percent = (month?.object["availabilityPercent"] as? NSNumber)?.doubleValue
        #expect(percent == nil || percent == 100)
        #expect(await engine.call("GET", "/v1/availability?month=2027-13")?.status == 400)
        #expect(try engine.stop() == 0)
        try engine.start()
        #expect(try engine.stop() == 0)
        let text = try engine.command("availability", "--data", engine.dataFolder, "--json")
        #expect(text.code == 0 && text.output.contains("\"cause\":\"stopped\""), "\(text.output)")
        let why = try engine.command(
            "why-not", "quick", "--at", "2027-01-01T05:00:00Z", "--data", engine.dataFolder)
        #expect(why.code == 0 && why.output.contains("It was asked for by hand"), "\(why.output)")
        try ServiceTests.audit(engine)
    }
}
