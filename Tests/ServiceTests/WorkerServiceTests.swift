import DaybookTestSupport
import EventLog
import Events
import Foundation
import Glibc
import Testing

/// An engine and real workers, which are killed and stopped.
@Suite(.serialized) struct WorkerServiceTests {
    private static let blocks =
        """
        echo "$DAYBOOK_FENCING_TOKEN" >>begun
        read line <gate
        echo over >finished
        """
    private static let ends = "echo \"$DAYBOOK_FENCING_TOKEN\" >>begun; echo done"

    private static func configure(_ engine: ServedEngine) throws {
        try engine.write(
            "config/daybook.yaml",
            """
            shutdownGrace: 5s
            digestInterval: 2s
            workerLease: 3s

            """)
        try engine.write(
            "config/schedules/jobs.yaml",
            """
            jobs:
              - { jobId: remote, cadence: "0 0 1 1 *", targetPipeline: remote,
                  maxRetries: 5, retryDelays: [1s] }
            """)
        try engine.write(
            "config/targets.yaml",
            """
            targets:
              remote:
                worker:
                  command: ["./job.sh"]
                  capabilities: [linux]
                  environment: { KEY: "${secret:edge-key}" }
                  grace: 1s
                  leaseWait: 5m
            """)
    }

    /// Asks the engine again and again until something is so; a minute at the most.
    private static func until(
        _ engine: ServedEngine, _ path: String,
        _ isSo: ([String: Any]) -> Bool
    ) async -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let answer = await engine.call("GET", path), isSo(answer.object) { return true }
        }
        return false
    }

    private static func runNow(_ engine: ServedEngine) async -> UInt64 {
        let answer = await engine.call(
            "POST", "/v1/schedules/remote/run", ServiceTests.ticket)
        return ServiceTests.number(answer, "run")
    }

    private static func hasStatus(_ status: String) -> ([String: Any]) -> Bool {
        { $0["status"] as? String == status }
    }

    /// The events of a type about a run.
    private static func events<P: EventPayload>(
        _ type: P.Type, _ engine: ServedEngine
    ) throws -> [(Envelope, P)] {
        var found: [(Envelope, P)] = []
        var reader = try LogReader.open(
            folder: engine.dataFolder, disk: RealDisk(), trust: .everything)
        try reader.forEach { _, bytes in
            let record = (0..<bytes.byteCount).map {
                bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
            }
            if let event = try? Event(decoding: record), let payload = event.payload as? P {
                found.append((event.envelope, payload))
            }
            return true
        }
        return found
    }

    /// Stops the engine, and checks its log as an auditor does, and with `verify` and `replay`.
    private static func audit(_ engine: ServedEngine) throws {
        #expect(try engine.stop() == 0)
        try ServiceTests.audit(engine)
        #expect(try engine.command("verify", engine.dataFolder).code == 0)
        let replay = try engine.command("replay", "--data", engine.dataFolder, "--compare")
        #expect(replay.code == 0, "\(replay.output)")
    }

    @Test("a worker killed in the middle takes its program with it, and another does the run once")
    func killed() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine)
        try engine.start()
        let first = try WorkerProcess("first", of: engine, program: Self.blocks)
        let run = await Self.runNow(engine)
        #expect(await Self.until(engine, "/v1/runs/\(run)") { _ in first.hasFile("begun") })
        let known = await engine.call("GET", "/v1/runs/\(run)")
        #expect(known?.object["status"] as? String == "started")
        let pid = pid_t(truncatingIfNeeded: ServiceTests.number(known, "pid"))
        try #require(pid > 0)
        first.send(SIGKILL)
        _ = first.waitForExit()
        #expect(await Self.until(engine, "/health") { _ in kill(pid, 0) != 0 })
        #expect(!first.hasFile("finished"))
        let second = try WorkerProcess("second", of: engine, program: Self.ends)
        #expect(await Self.until(engine, "/v1/runs/\(run)", Self.hasStatus("succeeded")))
        second.send(SIGTERM)
        #expect(second.waitForExit() == 0)
        #expect(second.read("begun").split(separator: "\n").count == 1)
        try Self.audit(engine)
        #expect(try Self.events(RunSucceeded.self, engine).count == 1)
        #expect(try Self.events(RunFailed.self, engine).map(\.1.failureClass) == ["lease"])
        let grants = try Self.events(WorkerLeaseGranted.self, engine)
        #expect(grants.map(\.1.worker) == ["first", "second"])
        let gone = try Self.events(WorkerOffline.self, engine)
        #expect(gone.map(\.1.reason) == ["silent", "stopped"])
        // The output stays with the worker, under its digest.
        let output = try #require(Self.events(RunSucceeded.self, engine).first?.1.output)
        #expect(output.path == "worker:second/files/\(output.sha256)" && output.byteCount == 5)
        let file = second.dataFolder + "/files/" + output.sha256
        #expect(FileManager.default.contents(atPath: file) == Data("done\n".utf8))
    }

    @Test("a worker that comes back from the dead cannot complete what was given to another")
    func fenced() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine)
        try engine.start()
        let first = try WorkerProcess("first", of: engine, program: Self.blocks)
        let run = await Self.runNow(engine)
        #expect(await Self.until(engine, "/health") { _ in first.hasFile("begun") })
        first.send(SIGSTOP)
        let second = try WorkerProcess("second", of: engine, program: Self.ends)
        #expect(await Self.until(engine, "/v1/runs/\(run)", Self.hasStatus("succeeded")))
        // Its program, which nobody could end, comes to its end too.
        #expect(await Self.until(engine, "/health") { _ in first.openGate() })
        #expect(await Self.until(engine, "/health") { _ in first.hasFile("finished") })
        first.send(SIGCONT)
        #expect(first.waitForLine(containing: "its end was refused"))
        for worker in [first, second] {
            worker.send(SIGTERM)
            #expect(worker.waitForExit() == 0)
        }
        try Self.audit(engine)
        #expect(try Self.events(RunSucceeded.self, engine).count == 1)
        let ignored = try Self.events(RunCompletionIgnored.self, engine)
        #expect(ignored.count == 1 && ignored.first?.1.reason == "stale")
        #expect(ignored.first?.0.actor == "worker:first")
        // The tokens that the programs saw rise.
        let tokens = [first, second].compactMap {
            UInt64($0.read("begun").trimmingCharacters(in: .newlines))
        }
        #expect(tokens.count == 2 && tokens[0] < tokens[1])
    }

    @Test("a worker reports progress, ends what is cancelled, and outlives an engine's restart")
    func manners() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine)
        try engine.start()
        let worker = try WorkerProcess(
            "edge", of: engine,
            program: """
                [ "$KEY" = hush ] || exit 9
                echo '40% half of it' >"$DAYBOOK_PROGRESS_FILE"
                echo "$DAYBOOK_RUN" >>begun
                read line <gate
                """, options: ["--slots", "2"])
        let first = await Self.runNow(engine)
        func leases(_ object: [String: Any]) -> [[String: Any]] {
            let workers = object["workers"] as? [[String: Any]] ?? []
            return workers.first?["leases"] as? [[String: Any]] ?? []
        }
        #expect(
            await Self.until(engine, "/v1/workers") {
                leases($0).first?["percent"] as? Int == 40
                    && leases($0).first?["progress"] as? String == "half of it"
            })
        let listed = try engine.command("workers", "--data", engine.dataFolder)
        #expect(listed.code == 0 && listed.output.contains("\(first) remote 40%"))
        let cancel = await engine.call("POST", "/v1/runs/\(first)/cancel", ServiceTests.ticket)
        #expect(cancel?.status == 200)
        #expect(await Self.until(engine, "/v1/runs/\(first)", Self.hasStatus("cancelled")))
        // A stop of the engine does not wait for a worker's run, which goes on meanwhile.
        let second = await Self.runNow(engine)
        #expect(
            await Self.until(engine, "/health") { _ in
                worker.read("begun").contains("\(second)\n")
            })
        #expect(try engine.stop() == 0)
        try engine.start()
        #expect(await Self.until(engine, "/health") { _ in worker.openGate() })
        #expect(await Self.until(engine, "/v1/runs/\(second)", Self.hasStatus("succeeded")))
        worker.send(SIGTERM)
        #expect(worker.waitForExit() == 0)
        #expect(
            await Self.until(engine, "/v1/workers") {
                let workers = $0["workers"] as? [[String: Any]]
                return workers?.first?["offlineReason"] as? String == "stopped"
            })
        try Self.audit(engine)
        #expect(try Self.events(RunFailed.self, engine).count == 1)
        #expect(try Self.events(WorkerRegistered.self, engine).count == 1)
    }

    @Test("the API refuses what is no worker's, without a trap and without an event")
    func refusals() async throws {
        let engine = try ServedEngine()
        try Self.configure(engine)
        try engine.start()
        let good: [String: Any] = ["name": "w", "instance": "i", "slots": 1]
        for (field, value) in [
            ("name", "a b"), ("name", ""), ("slots", 0), ("slots", 101), ("slots", -1),
            ("slots", 1e300), ("capabilities", "linux"), ("capabilities", ["a/b"]),
            ("instance", ""), ("held", [1]), ("held", [["run": 1]]),
        ] as [(String, Any)] {
            var body = good
            body[field] = value
            let answer = await engine.call("POST", "/v1/workers", body)
            #expect(answer?.status == 400, "\(field) \(value)")
        }
        let stranger = await engine.call("POST", "/v1/workers", good, token: "no")
        #expect(stranger?.status == 401)
        let absent = await engine.call("POST", "/v1/workers/x/heartbeat", ["session": 1])
        #expect(absent?.status == 404)
        let session = ServiceTests.number(
            await engine.call("POST", "/v1/workers", good), "session")
        let other = await engine.call(
            "POST", "/v1/workers", good.merging(["instance": "j"]) { $1 })
        #expect(other?.status == 409)
        let old = await engine.call(
            "POST", "/v1/workers/w/lease", ["session": session - 1, "waitSeconds": 30])
        #expect(old?.status == 409)
        let none = await engine.call("POST", "/v1/workers/w/lease", ["session": session])
        #expect(none?.status == 200 && none?.object["lease"] == nil)
        for what in ["started", "progress", "completed"] {
            let path = "/v1/workers/w/runs/99999/\(what)"
            let empty = await engine.call("POST", path, [:])
            #expect(empty?.status == 400, "\(what)")
            let unknown = await engine.call(
                "POST", path, ["attempt": 1, "token": 2, "status": "succeeded"])
            #expect([404, 409].contains(unknown?.status), "\(what)")
        }
        let lie = await engine.call(
            "POST", "/v1/workers/w/runs/9/completed",
            ["attempt": 1, "token": 2, "status": "failed", "failureClass": "lost"])
        #expect(lie?.status == 400)
        try Self.audit(engine)
        #expect(try Self.events(WorkerRegistered.self, engine).count == 1)
    }
}
