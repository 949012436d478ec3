import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Synchronization
import Testing
import Timetable

/// Whole engines whose collector fails: an alert, cleared when it is over, and nothing waits.
@Suite struct RecordKeeperTests {
    private static let folder = "/data"

    private struct NoPort: EffectPort {
        func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void) {}
    }

    private func open(_ disk: SimulatedDisk, url: String?) throws -> EngineRuntime {
        var parts = EngineRuntime.Parts(
            folder: Self.folder, zones: try ZoneCatalog(), port: { _ in NoPort() },
            onFatal: { Issue.record("the engine failed: \($0)") })
        parts.disk = disk
        parts.logConfiguration.segmentByteCount = 1 << 20
        parts.scrubInterval = nil
        if let url {
            var settings = RunRecordSettings(.http(url: url, token: nil))
            settings.alertAfter = .zero
            settings.pauseMin = .milliseconds(1)
            settings.pauseMax = .milliseconds(10)
            settings.stopWait = .seconds(30)
            parts.runRecords = settings
        }
        return try EngineRuntime.open(parts)
    }

    private func configure(_ runtime: EngineRuntime) async throws {
        var input = ConfigurationInput()
        var definition = ScheduleDefinition()
        definition.jobId = "job"
        definition.isEnabled = true
        definition.cadence = "0 3 1 1 *"
        definition.zone = "UTC"
        var target = TargetBinding()
        target.name = "transfer"
        target.kind = "process"
        target.command = ["/usr/bin/true"]
        definition.target = target
        definition.overlap = "allowAll"
        definition.source = "config"
        input.definitions = [definition]
        _ = try await runtime.submit(.applyConfiguration(input))
    }

    /// A run that ends.
    private func run(_ runtime: EngineRuntime) async throws {
        let who = Authority(actor: "user:anna", ticket: "CHG-1")
        let reply = try await runtime.submit(
            .runNow(ScheduleKey("default", "job"), scheduled: nil, reason: "a test", who))
        let number = try #require(reply.run)
        var result = AttemptResult()
        result.isSuccess = true
        _ = try await runtime.submit(
            .processReady(
                run: number, attempt: 1, pid: 4_242, startTicks: 1_000,
                bootId: "8d1f2a60-0000-4000-8000-000000000000"))
        _ = try await runtime.submit(.ended(run: number, attempt: 1, result))
    }

    /// Asks the engine until its alert is there, or is not, so many times at most.
    private func waitForAlert(_ runtime: EngineRuntime, isThere: Bool) async throws -> String? {
        for _ in 0..<200_000 {
            let message = try await runtime.read { state in
                state.alerts.sorted().first { $0.kind == "records" }?.message
            }
            if (message != nil) == isThere { return message }
        }
        Issue.record("the alert was \(isThere ? "never raised" : "never cleared")")
        return nil
    }

    private func audit(_ disk: SimulatedDisk) throws {
        var audit = LogAudit()
        try audit.read(disk, folder: Self.folder)
        try audit.check()
        #expect(LogVerifier.verify(folder: Self.folder, disk: disk).isGood)
    }

    @Test("A collector that answers errors raises one alert, cleared with the first good answer")
    func alert() async throws {
        let isGood = Atomic(false)
        let server = try TestServer { _ in
            isGood.load(ordering: .acquiring)
                ? .answer(204) : .answer(500, body: "what a patient is called")
        }
        defer { server.close() }
        let disk = SimulatedDisk()
        let runtime = try open(disk, url: server.url + "?key=private")
        try await configure(runtime)
        for _ in 0..<5 { try await run(runtime) }
        let message = try #require(try await waitForAlert(runtime, isThere: true))
        #expect(message.contains("answered 500") && message.contains("daybook records"))
        #expect(!message.contains("patient") && !message.contains("private"))
        isGood.store(true, ordering: .releasing)
        _ = try await waitForAlert(runtime, isThere: false)
        try await run(runtime)
        _ = try await runtime.stop(reason: "a test", grace: .seconds(10))
        var seen: Set<Substring> = []
        for request in server.requests {
            #expect(request.headers["content-type"] == "application/x-ndjson")
            for line in String(decoding: request.body, as: UTF8.self).split(separator: "\n") {
                let isMarked = line.hasSuffix("\"redelivered\":true}")
                let name = line.prefix { $0 != "k" }  // up to "kind": log and sequence
                if !seen.insert(name).inserted { #expect(isMarked) }
            }
        }
        #expect(seen.count == 6)
        try audit(disk)
    }

    @Test("A collector that is not there holds up nothing; without run records the alert goes")
    func refused() async throws {
        let disk = SimulatedDisk()
        let server = try TestServer { _ in .close }
        server.close()
        let url = server.url
        let runtime = try open(disk, url: url)
        try await configure(runtime)
        for _ in 0..<5 { try await run(runtime) }
        #expect(try await waitForAlert(runtime, isThere: true)?.contains("not reached") == true)
        // A stop gives up at the first failure.
        _ = try await runtime.stop(reason: "a test", grace: .seconds(10))
        let without = try open(disk, url: nil)
        _ = try await waitForAlert(without, isThere: false)
        _ = try await without.stop(reason: "a test", grace: .seconds(10))
        try audit(disk)
    }
}
