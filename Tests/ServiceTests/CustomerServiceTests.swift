import Foundation
import Testing

/// Customers' schedules as their bank's system meets them.
@Suite(.serialized) struct CustomerServiceTests {
    private func serve() throws -> ServedEngine {
        let engine = try ServedEngine()
        try ServiceTests.configure(
            engine, jobs: ServiceTests.manual, settings: "scheduleTickets: off\n")
        try engine.write(
            "config/targets.yaml",
            """
            targets:
              quick: { process: { command: ["/bin/sh", "-c", "echo done"] } }
              slow: { process: { command: ["/bin/sh", "-c", "read x < fifo"], grace: 1s } }
              poor:
                process:
                  command:
                    - /bin/sh
                    - -c
                    - echo '{"failureClass":"insufficientFunds"}' > "$DAYBOOK_RESULT_FILE"; exit 3
            """)
        try engine.start()
        return engine
    }

    /// A moment so long after the engine's present one, which a forecast begins with.
    private func moment(_ engine: ServedEngine, seconds: Double) async throws -> String {
        let forecast = await engine.call("GET", "/v1/forecast?days=1&limit=1")
        let from = try #require(forecast?.object["from"] as? String)
        let format = ISO8601DateFormatter()
        let now = try #require(format.date(from: "\(from.prefix(19))Z"))
        return format.string(from: now.addingTimeInterval(seconds))
    }

    private func transfer(_ jobId: String, _ at: String, _ reference: String) -> [String: Any] {
        [
            "jobId": jobId, "at": at, "targetPipeline": "quick", "reference": reference,
            "parameters": ["amount": 100],
        ]
    }

    private func message(_ answer: (status: UInt, object: [String: Any])?) -> String {
        let error = answer?.object["error"] as? [String: Any]
        return answer?.object["message"] as? String ?? error?["message"] as? String
            ?? "\(answer as Any)"
    }

    /// The runs of a reference, asked for until one stands so.
    private func runs(
        _ engine: ServedEngine, _ reference: String, until status: String
    ) async -> [[String: Any]] {
        var found: [[String: Any]] = []
        for _ in 0..<20_000 {
            let answer = await engine.call("GET", "/v1/runs?reference=\(reference)")
            found = answer?.object["runs"] as? [[String: Any]] ?? []
            if found.contains(where: { $0["status"] as? String == status }) { return found }
        }
        Issue.record("no run of \(reference) is \(status): \(found)")
        return found
    }

    @Test("a thousand transfers outlive a kill, are made once, and end by reference")
    func thousand() async throws {
        let engine = try serve()
        let at = "2099-01-04T10:00:00Z"
        let batches = (0..<2).map { batch in
            (0..<500).map { transfer("t-\(batch * 500 + $0)", at, "C-\($0 % 50)") }
        }
        for batch in batches {
            let made = await engine.call("POST", "/v1/schedules", ["schedules": batch])
            #expect(made?.status == 200 && message(made).contains("500 created"))
        }
        engine.kill()
        try engine.start()
        for batch in batches {
            let again = await engine.call("POST", "/v1/schedules", ["schedules": batch])
            #expect(message(again) == "schedules: 0 created, 0 changed, 500 stand so already")
            #expect(again?.object["sequence"] == nil)
        }
        let found = await engine.call("GET", "/v1/schedules/t-17")
        let definition = found?.object["definition"] as? [String: Any]
        #expect(definition?["source"] as? String == "api")
        try await edit(engine, at)
        let cancelled = await engine.call(
            "POST", "/v1/references/C-7/cancel", ["reason": "the account closes"])
        #expect(message(cancelled).contains("20 schedules removed"), "\(message(cancelled))")
        let again = await engine.call("POST", "/v1/references/C-7/cancel", ["reason": "x"])
        #expect(again?.status == 404)
        engine.send(signal: SIGHUP)
        #expect(engine.waitForLine(containing: "nothing changed"))
        engine.kill()
        try engine.start()
        #expect(await engine.call("GET", "/v1/schedules/t-7")?.status == 404)
        #expect(await engine.call("GET", "/v1/schedules/t-8")?.status == 200)
        #expect(try engine.stop() == 0)
        let events = try engine.command(
            "history", "--data", engine.dataFolder, "--key", "reference:default/C-7")
        #expect(events.output.components(separatedBy: "scheduler.schedule.removed").count == 21)
        #expect(try engine.command("verify", engine.dataFolder).code == 0)
        try ServiceTests.audit(engine)
    }

    private func edit(_ engine: ServedEngine, _ at: String) async throws {
        var changed = transfer("t-18", "2099-02-04T10:00:00Z", "C-18")
        let replaced = await engine.call("PUT", "/v1/schedules/t-18", changed)
        #expect(message(replaced) == "schedule 't-18': changed")
        let asNew = await engine.call(
            "POST", "/v1/schedules", ["schedules": [transfer("t-18", at, "C-18")]])
        #expect(asNew?.status == 409)
        changed["jobId"] = "quick"
        let configured = await engine.call("PUT", "/v1/schedules/quick", changed)
        #expect(configured?.status == 409 && message(configured).contains("configuration"))
        changed["at"] = "soon"
        let wrong = await engine.call("POST", "/v1/schedules", ["schedules": [changed]])
        #expect(wrong?.status == 400 && message(wrong).contains("field 'schedules[0].at'"))
        let removed = await engine.call("DELETE", "/v1/schedules/t-19", ["reason": "a mistake"])
        #expect(removed?.status == 200)
        #expect(await engine.call("DELETE", "/v1/schedules/t-19")?.status == 404)
        #expect(await engine.call("DELETE", "/v1/schedules/quick")?.status == 409)
    }

    @Test("a transfer runs and is gone; one that fails says its class and what the customer can do")
    func outcomes() async throws {
        let engine = try serve()
        let type: [String: Any] = [
            "ticket": "CHG-7", "noRetryOn": ["insufficientFunds"],
            "failureAdvice": ["insufficientFunds": "Pay in first."],
        ]
        #expect(await engine.call("PUT", "/v1/job-types/pay", type)?.status == 200)
        let bad = await engine.call("PUT", "/v1/job-types/pay", ["ticket": "CHG-7", "every": "1d"])
        #expect(bad?.status == 400 && message(bad).contains("every"))
        let goodAt = try await moment(engine, seconds: 10)
        let good = await engine.call(
            "PUT", "/v1/schedules/good", transfer("good", goodAt, "C-1"))
        #expect(good?.status == 200, "\(message(good))")
        let poorAt = try await moment(engine, seconds: 10)
        var poor = transfer("poor", poorAt, "C-2")
        poor["targetPipeline"] = "poor"
        poor["jobType"] = "pay"
        #expect(await engine.call("PUT", "/v1/schedules/poor", poor)?.status == 200)
        _ = await runs(engine, "C-1", until: "succeeded")
        #expect(await engine.call("GET", "/v1/schedules/good")?.status == 404)
        let dead = try #require(await runs(engine, "C-2", until: "dead").first)
        #expect(dead["failureClass"] as? String == "insufficientFunds")
        #expect(dead["advice"] as? String == "Pay in first.")
        #expect(dead["attempt"] as? Int == 1)
        #expect(await engine.call("GET", "/v1/schedules/poor")?.status == 200)
        let types = await engine.call("GET", "/v1/job-types")
        #expect((types?.object["jobTypes"] as? [[String: Any]])?.count == 1)
        #expect(
            await engine.call("DELETE", "/v1/job-types/pay", ["ticket": "CHG-7"])?.status == 200)
        #expect(await engine.call("GET", "/v1/job-types/pay")?.status == 404)
        #expect(try engine.stop() == 0)
        let history = try engine.command(
            "history", "--data", engine.dataFolder, "--reference", "C-2", "--json")
        #expect(history.output.contains("Pay in first.") && !history.output.contains("\"good\""))
        try ServiceTests.audit(engine)
    }

    @Test("a reminder is sent before its transfer, and none after both are cancelled")
    func reminder() async throws {
        let engine = try serve()
        let rentAt = try await moment(engine, seconds: 63)
        let lateAt = try await moment(engine, seconds: 3_700)
        var rent = transfer("rent", rentAt, "C-3")
        rent["reminders"] = [["before": "PT1M", "target": "quick", "channel": "sms"]]
        #expect(await engine.call("PUT", "/v1/schedules/rent", rent)?.status == 200)
        var late = transfer("late", lateAt, "C-3")
        late["reminders"] = [["before": "PT1H", "target": "quick", "channel": "sms"]]
        let file = engine.root + "/late.json"
        try JSONSerialization.data(withJSONObject: late).write(to: URL(fileURLWithPath: file))
        let put = try engine.command("schedules", "put", file, "--data", engine.dataFolder)
        #expect(put.code == 0 && put.output.contains("'late': created"), "\(put.output)")
        let sent = try #require(await runs(engine, "C-3", until: "succeeded").first)
        #expect(sent["trigger"] as? String == "reminder")
        #expect((sent["fanOutKey"] as? String)?.hasPrefix("PT1M@") == true)
        let cancelled = try engine.command(
            "cancel", "--reference", "C-3", "--reason", "closed", "--data", engine.dataFolder)
        #expect(cancelled.code == 0 && cancelled.output.contains("2 schedules removed"))
        let gone = try engine.command(
            "schedules", "remove", "rent", "--data", engine.dataFolder)
        #expect(gone.code == 1)
        let listed = try engine.command("schedules", "--data", engine.dataFolder)
        #expect(listed.code == 0 && !listed.output.contains("rent"))
        #expect(try engine.stop() == 0)
        let why = try engine.command(
            "history", "--data", engine.dataFolder, "--reference", "C-3", "--json")
        #expect(why.output.contains("\"reminder\":\"PT1M@"))
        try ServiceTests.audit(engine)
    }
}
