import Foundation
import Glibc
import Testing

/// One job for many teams, with the whole program and real processes.
@Suite(.serialized) struct FanOutServiceTests {
    private static func configure(_ engine: ServedEngine, teams: String) throws {
        try ServiceTests.configure(
            engine,
            jobs: """
                jobs:
                  - jobId: pipeline
                    cadence: "0 0 1 1 *"
                    targetPipeline: team
                    maxRetries: 0
                    parameters: { Team: "${team}" }
                    folders:
                      input: "inputs/${team}"
                      output: "outputs/${team}/${scheduledDate}"
                    files: { in: input, pattern: "loans_*.csv", onNone: skip }
                    forEach: { as: team, file: teams.txt, none: true }
                """)
        try engine.write("config/lists/teams.txt", teams)
        try engine.write(
            "config/targets.yaml",
            """
            targets:
              team:
                process:
                  command: ["/bin/sh", "-c", "while read f; do cp \\"$f\\" \\"$DAYBOOK_FOLDER_OUTPUT\\"; done <$DAYBOOK_FILE_LIST; echo $DAYBOOK_PARAM_TEAM $DAYBOOK_ELEMENT $DAYBOOK_FILE_COUNT"]
            """)
    }

    private static func runs(_ answer: (status: UInt, object: [String: Any])?) -> [UInt64] {
        (answer?.object["runs"] as? [NSNumber] ?? []).map(\.uint64Value)
    }

    @Test("each team runs in folders of its own; what one is given no other sees")
    func teams() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine, teams: "north\nsouth\n")
        let work = engine.dataFolder + "/work"
        try engine.write("data/work/inputs/north/loans_7.csv", "north's\n")
        for folder in ["", "/inputs", "/inputs/north"] { chmod(work + folder, 0o700) }
        try engine.start()
        let answer = await engine.call(
            "POST", "/v1/schedules/pipeline/run",
            ServiceTests.ticket.merging(["scheduled": "2026-11-20"]) { $1 })
        #expect(answer?.status == 200)
        let runs = Self.runs(answer)
        #expect(runs.count == 3, "\(answer?.object ?? [:])")
        var ends: [String: String] = [:]
        for run in runs {
            let status = await Self.waitForEnd(engine, run)
            let job = await engine.call("GET", "/v1/runs/\(run)")?.object["jobId"] as? String
            ends[job ?? ""] = status
        }
        #expect(
            ends == [
                "pipeline[none]": "skipped", "pipeline[north]": "succeeded",
                "pipeline[south]": "skipped",
            ])
        #expect(engine.read("data/work/outputs/north/2026-11-20/loans_7.csv") == "north's\n")
        let others = try FileManager.default.contentsOfDirectory(
            atPath: work + "/outputs/south/2026-11-20")
        #expect(others == [".daybook-run"])
        let log = try engine.command("log", "cat", "--data", engine.dataFolder)
        #expect(!log.output.contains("loans_7"), "a file's name is in the log")
        try await Self.history(engine)
        try await Self.acts(engine)
        #expect(try engine.stop() == 0)
        let all = try engine.command(
            "history", "--data", engine.dataFolder, "--job", "pipeline", "--json")
        #expect(all.output.matches(of: /"element":"/).count == 4, "\(all.output)")
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0, "\(verified.output)")
        try ServiceTests.audit(engine)
    }

    private static func waitForEnd(_ engine: ServedEngine, _ run: UInt64) async -> String {
        for _ in 0..<5_000 {
            let answer = await engine.call("GET", "/v1/runs/\(run)")
            let status = answer?.object["status"] as? String ?? ""
            if ["succeeded", "dead", "cancelled", "skipped"].contains(status) { return status }
        }
        return "never"
    }

    /// By job all elements, by element one.
    private static func history(_ engine: ServedEngine) async throws {
        func jobs(_ path: String) async -> Set<String> {
            let runs = await engine.call("GET", path)?.object["runs"] as? [[String: Any]] ?? []
            return Set(runs.compactMap { $0["jobId"] as? String })
        }
        let all: Set = ["pipeline[none]", "pipeline[north]", "pipeline[south]"]
        #expect(await jobs("/v1/runs?job=pipeline") == all)
        #expect(await jobs("/v1/runs?job=pipeline&element=north") == ["pipeline[north]"])
        #expect(await jobs("/v1/runs?element=south") == ["pipeline[south]"])
        #expect(await engine.call("GET", "/v1/runs?element=../x")?.status == 400)
        var found: Set<String> = []
        for _ in 0..<5_000 where found != all { found = await jobs("/v1/history?job=pipeline") }
        #expect(found == all)
        #expect(await jobs("/v1/history?element=north") == ["pipeline[north]"])
        let skipped = await jobs("/v1/history?job=pipeline&status=skipped")
        #expect(skipped == ["pipeline[none]", "pipeline[south]"])
        let command = try engine.command(
            "history", "--data", engine.dataFolder, "--job", "pipeline", "--element", "north")
        #expect(command.output.contains("pipeline[north]"), "\(command.output)")
        #expect(!command.output.contains("south"), "\(command.output)")
    }

    /// Pausing the job pauses all; a list that changes touches only what it names.
    private static func acts(_ engine: ServedEngine) async throws {
        let data = engine.dataFolder
        let one = try engine.command(
            "pause", "pipeline", "--element", "south", "--ticket", "CHG-7", "--reason", "x",
            "--data", data)
        #expect(one.code == 0, "\(one.output)")
        let rest = try engine.command(
            "pause", "pipeline", "--ticket", "CHG-7", "--reason", "x", "--data", data)
        #expect(rest.output.contains("done for 2 of the 3 elements"), "\(rest.output)")
        let again = try engine.command(
            "pause", "pipeline", "--ticket", "CHG-7", "--reason", "x", "--data", data)
        #expect(again.code == 1, "\(again.output)")
        let resumed = try engine.command(
            "resume", "pipeline", "--ticket", "CHG-7", "--reason", "x", "--data", data)
        #expect(resumed.output.contains("done for 3 of the 3"), "\(resumed.output)")
        let skip = try engine.command(
            "skip-next", "pipeline", "--ticket", "CHG-7", "--reason", "x", "--data", data)
        #expect(skip.code == 1 && skip.output.contains("name it with --element"), "\(skip.output)")
        let unknown = try engine.command(
            "pause", "pipelin", "--ticket", "CHG-7", "--reason", "x", "--data", data)
        #expect(unknown.code == 1)
        try engine.write("config/lists/teams.txt", "north\nwest\n")
        engine.send(signal: SIGHUP)
        #expect(engine.waitForLine(containing: "1 created, 0 updated, 1 removed, 2 unchanged"))
        let west = try engine.command(
            "schedules", "--data", data, "--job", "pipeline", "--element", "west")
        #expect(west.output.contains("pipeline[west]"), "\(west.output)")
        #expect(!west.output.contains("north"))
        let path = "/v1/schedules/pipeline%5Bwest%5D/run"
        let run = ServiceTests.number(await engine.call("POST", path, ServiceTests.ticket), "run")
        #expect(await waitForEnd(engine, run) == "skipped")
    }

    @Test("what a target writes is in no event, alert or log line, and its folders are its own")
    func privacy() async throws {
        let engine = try ServedEngine()
        try ServiceTests.configure(
            engine,
            jobs: """
                jobs:
                  - { jobId: talk, cadence: "0 0 1 1 *", targetPipeline: talk, maxRetries: 0,
                      folders: { out: "talk/${scheduledDate}" },
                      alerts: { onFailure: [ops] } }
                """, settings: "outputDays: 30\nworkDays: 30\n")
        try engine.write("config/contacts.yaml", "contacts: { ops: { log: true } }")
        try engine.write(
            "config/targets.yaml",
            """
            targets:
              talk: { process: { command: ["/bin/sh", "-c", "echo Jane-$((6*7))-Doe; exit 3"] } }
            """)
        // What was kept for a run long ago.
        let old = "data/files/" + String(repeating: "a", count: 64)
        try engine.write(old, "old")
        let time = timespec(tv_sec: 1_600_000_000, tv_nsec: 0)
        utimensat(AT_FDCWD, engine.root + "/" + old, [time, time], 0)
        try engine.start()
        #expect(engine.waitForLine(containing: "retention: 1 outputs and 0 folders"))
        #expect(access(engine.root + "/" + old, F_OK) != 0)
        let run = ServiceTests.number(
            await engine.call("POST", "/v1/schedules/talk/run", ServiceTests.ticket), "run")
        #expect(await Self.waitForEnd(engine, run) == "dead")
        let alerts = try engine.command("alerts", "list", "--data", engine.dataFolder, "--json")
        #expect(alerts.output.contains("talk") && !alerts.output.contains("Jane-42"))
        #expect(try engine.stop() == 0)
        #expect(!engine.lines.contains { $0.contains("Jane-42") })
        let log = try engine.command("log", "cat", "--data", engine.dataFolder)
        #expect(log.output.contains("\"path\":\"files/"), "the log does not say where it is")
        #expect(log.output.contains("\"sha256\":") && !log.output.contains("Jane-42"))
        let outputs = try FileManager.default.contentsOfDirectory(
            atPath: engine.dataFolder + "/files")
        #expect(outputs.count == 1)
        #expect(engine.read("data/files/" + (outputs.first ?? "")) == "Jane-42-Doe\n")
        for folder in ["runs", "work", "work/talk"] {
            var status = stat()
            #expect(lstat(engine.dataFolder + "/" + folder, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o700, "\(folder)")
        }
        try ServiceTests.audit(engine)
    }
}
