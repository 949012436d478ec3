import DaybookTestSupport
import EventLog
import Events
import Foundation
import Projections
import Testing

/// The whole program on a real disk, killed again and again.
@Suite(.serialized) struct KillTests {
    static let jobCount = 200
    static let killCount = 30

    @Test("killed thirty times with two hundred jobs a second due, it loses and doubles nothing")
    func killedThirtyTimes() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        var random = SeededGenerator(seed: seed)
        let engine = try ServedEngine()
        try Self.configure(engine)
        var acknowledged: [UInt64: String] = [:]
        var seen: UInt64 = 0
        var starts: [ServedEngine.Start] = []
        for _ in 0..<Self.killCount {
            starts.append(try engine.start())
            // The instant of the kill: after so many answers, while more are asked for.
            let answers = Int.random(in: 1...400, using: &random)
            try await withThrowingTaskGroup(of: (UInt64, UInt64?, String)?.self) { group in
                for number in 0..<answers {
                    let job = "beat-\(Int.random(in: 0..<Self.jobCount, using: &random))"
                    group.addTask { [engine = Unchecked(engine)] in
                        await Self.ask(engine.value, job, number)
                    }
                }
                let enough = Int.random(in: 0...answers, using: &random)
                var count = 0
                while count < enough, let answer = try await group.next() {
                    count += 1
                    guard let (sequence, run, job) = answer else { continue }
                    seen = max(seen, sequence)
                    if let run { acknowledged[run] = job }
                }
                engine.kill()
                for try await answer in group {
                    guard let (sequence, run, job) = answer else { continue }
                    seen = max(seen, sequence)
                    if let run { acknowledged[run] = job }
                }
            }
        }
        starts.append(try engine.start())
        #expect(try engine.stop() == 0, "seed \(seed)")
        let walls = starts.map(\.wallSeconds).sorted()
        let processor = starts.map(\.processorSeconds).sorted()
        // Ready within a second of work, in the middle. The clock would measure the machine's load.
        let middle = processor[processor.count / 2]
        #expect(middle < 1, "seed \(seed)")
        print(
            "kill test: seed \(seed), \(acknowledged.count) runs; a start took \(middle) s of "
                + "processors and \(walls[walls.count / 2]) s, the slowest \(walls.last ?? 0) s")
        try Self.check(engine, acknowledged, seen, "seed \(seed)")
    }

    /// Carries a reference into a task; the tasks only call functions that touch no state.
    private struct Unchecked: @unchecked Sendable {
        // Safe: `call` reads the root and the port, which never change.
        let value: ServedEngine
        init(_ value: ServedEngine) { self.value = value }
    }

    /// Asks for a run, or for the health; what was answered must be in the log.
    private static func ask(
        _ engine: ServedEngine, _ job: String, _ number: Int
    ) async -> (UInt64, UInt64?, String)? {
        if number % 3 == 0 {
            guard let health = await engine.call("GET", "/health"), health.status == 200,
                let sequence = health.object["sequence"] as? NSNumber
            else { return nil }
            return (sequence.uint64Value, nil, "")
        }
        let body = ["ticket": "CHG-1", "reason": "kill test", "actor": "tester"]
        guard let answer = await engine.call("POST", "/v1/schedules/\(job)/run", body),
            answer.status == 200, let run = answer.object["run"] as? NSNumber,
            let sequence = answer.object["sequence"] as? NSNumber
        else { return nil }
        return (sequence.uint64Value, run.uint64Value, job)
    }

    /// Two hundred one-second jobs whose program holds a lock for as long as it lives.
    static func configure(_ engine: ServedEngine) throws {
        try engine.write(
            "config/daybook.yaml",
            """
            digestInterval: 2s
            shutdownGrace: 20s
            logLevel: info
            # Small segments, so that some are sealed, and signed for, while the engine is killed.
            segmentMegabytes: 1
            scrubDays: 1
            scrubMegabytesPerSecond: 100
            checkpointInterval: 1s
            checkpointKey: log-key
            secrets: { log-key: { file: log.key } }

            """)
        _ = try CheckpointServiceTests.makeKey(engine, name: "daybook.test/killed")
        var jobs: [String] = []
        for index in 0..<jobCount {
            jobs.append(
                """
                {"jobId":"beat-\(index)","every":"1s","targetPipeline":"beat",
                 "maxRetries":3,"retryDelays":["1s"],"overlap":"allowAll",
                 "startDelayMinutes":1}
                """)
        }
        try engine.write(
            "config/schedules/beats.json", "{\"jobs\":[\(jobs.joined(separator: ","))]}")
        try engine.write(
            "config/targets.yaml",
            """
            targets:
              beat:
                process:
                  command: ["/bin/sh", "programs/beat.sh"]
                  timeout: 30s
            """)
        try engine.write(
            "programs/beat.sh",
            """
            # The kernel gives the lock back when this process is gone, however it went.
            exec 9>"locks/$DAYBOOK_RUN" || exit 3
            flock -n 9 || echo "$DAYBOOK_RUN" >> violations
            echo "$DAYBOOK_RUN $DAYBOOK_ATTEMPT $DAYBOOK_EXECUTION $DAYBOOK_RUN_KEY" >> starts
            """)
        try engine.write("locks/.keep", "")
        try engine.write("violations", "")
        try engine.write("starts", "")
    }

    private static func check(
        _ engine: ServedEngine, _ acknowledged: [UInt64: String], _ seen: UInt64,
        _ comment: Comment
    ) throws {
        #expect(engine.read("violations") == "", comment)
        var keys: [String: Set<Substring>] = [:]
        var attempts: Set<String> = []
        for line in engine.read("starts").split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 4 else { continue }
            keys["\(parts[0])/\(parts[2])", default: []].insert(parts[3])
            #expect(
                attempts.insert("\(parts[0])/\(parts[1])").inserted,
                "run \(parts[0]), attempt \(parts[1]) began twice; \(comment)")
        }
        #expect(keys.count > 100, comment)
        #expect(keys.values.allSatisfy { $0.count == 1 }, comment)
        var audit = LogAudit()
        try audit.read(RealDisk(), folder: engine.dataFolder)
        try audit.check()
        #expect(UInt64(audit.eventCount) > seen, comment)
        for (run, job) in acknowledged {
            #expect(audit.jobOfRun[run] == job, "run \(run) was acknowledged; \(comment)")
        }
        let replay = try engine.command(
            "replay", "--data", engine.dataFolder, "--compare", "--json")
        #expect(replay.code == 0, "\(replay.output); \(comment)")
        #expect(replay.output.contains("agrees"), "\(replay.output); \(comment)")
        let report = try LogInspection.inspect(folder: engine.dataFolder, disk: RealDisk())
        #expect(report.verdict == .clean, comment)
        let verdict = try engine.command("verify", engine.dataFolder, "--json")
        #expect(verdict.code == 0, "\(verdict.output); \(comment)")
        #expect(verdict.output.contains("\"self-signed\""), "\(verdict.output); \(comment)")
        let sealed = try FileManager.default.contentsOfDirectory(atPath: engine.dataFolder + "/log")
            .filter { $0.hasSuffix(".lz4") }
        #expect(!sealed.isEmpty, comment)
    }
}
