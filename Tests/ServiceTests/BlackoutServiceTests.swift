import Foundation
import Testing

/// Blackouts as operations meet them.
@Suite(.serialized) struct BlackoutServiceTests {
    @Test("an emergency blackout is declared, listed, passed on purpose, lifted, and in the log")
    func emergency() async throws {
        let engine = try ServedEngine()
        try ServiceTests.configure(engine, jobs: ServiceTests.manual)
        try engine.write(
            "config/schedules/blackouts.yaml",
            """
            blackouts:
              - { name: patching, reason: patches, cadence: "0 3 1 1 *", duration: 1h, jobs: [slow] }
            """)
        try engine.start()
        func act(_ arguments: String...) throws -> (code: Int32, output: String) {
            let all = [
                "--ticket", "CHG-7", "--reason", "bank is down", "--data", engine.dataFolder,
            ]
            return try engine.command(arguments + all)
        }
        let declared = try act("blackout", "declare", "bank", "--job", "quick")
        #expect(declared.code == 0 && declared.output.contains("'bank' is declared"))
        let listed = try engine.command("blackout", "list", "--data", engine.dataFolder)
        #expect(listed.output.contains("job quick") && listed.output.contains("CHG-7"))
        #expect(listed.output.contains("patching"))
        let refused = try act("run-now", "quick")
        #expect(refused.code == 1 && refused.output.contains("blackout 'bank'"))
        var body: [String: Any] = ServiceTests.ticket
        body["pastBlackouts"] = true
        let passed = await engine.call("POST", "/v1/schedules/quick/run", body)
        #expect(passed?.status == 200)
        let run = ServiceTests.number(passed, "run")
        #expect(await ServiceTests.waitForEnd(engine, run) == "succeeded")
        let planned = try act("blackout", "lift", "patching")
        #expect(planned.code == 1 && planned.output.contains("configuration"))
        #expect(try act("blackout", "lift", "bank").code == 0)
        let again = try act("run-now", "quick")
        #expect(again.code == 0 && again.output.contains("was made"))
        #expect(try engine.stop() == 0)
        let log = try engine.command("log", "cat", "--data", engine.dataFolder)
        #expect(log.output.contains("scheduler.blackout.declared"))
        #expect(log.output.contains("scheduler.blackout.lifted"))
        try ServiceTests.audit(engine)
    }
}
