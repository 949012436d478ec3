import DaybookTestSupport
import Engine
import Events
import Projections
import Testing

/// Workers in the core: leases, their fencing tokens, and what ends them.
@Suite struct WorkerTests {
    typealias Fixture = CoreFixture

    static let second: Int64 = 1_000_000

    static func job(
        _ jobId: String, needs capabilities: [String] = ["linux"],
        _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) -> ScheduleDefinition {
        Fixture.job(jobId, cadence: "0 1 * * *") { job in
            job.target?.kind = "worker"
            job.target?.capabilities = capabilities
            job.target?.leaseWaitSeconds = 600
            change(&job)
        }
    }

    static func registration(
        _ name: String, _ capabilities: [String] = ["linux"], slots: UInt64 = 1,
        instance: String = "", held: [HeldLease] = []
    ) -> Command {
        var registration = WorkerRegistration()
        registration.name = name
        registration.capabilities = capabilities
        registration.slots = slots
        registration.instance = instance.isEmpty ? "folder-of-\(name)" : instance
        registration.held = held
        return .worker(.register(registration))
    }

    /// A core in which a run of `j` waits for a worker.
    static func waiting(
        _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) throws -> Fixture {
        var fixture = try Fixture()
        try fixture.apply(job("j", change))
        try fixture.advance(minutes: 60)
        #expect(fixture.all(RunDispatched.self).map(\.targetKind) == ["worker"])
        return fixture
    }

    @discardableResult
    static func register(
        _ name: String, _ fixture: inout Fixture, slots: UInt64 = 1,
        capabilities: [String] = ["linux"]
    ) throws -> UInt64 {
        let reply = try fixture.handle(registration(name, capabilities, slots: slots))
        return try #require(reply.worker).session
    }

    static func lease(
        _ name: String, _ session: UInt64, _ fixture: inout Fixture, held: [HeldLease] = []
    ) throws -> HeldLease? {
        let reply = try fixture.handle(.worker(.lease(worker: name, session: session, held)))
        return reply.worker?.granted.map {
            HeldLease(run: $0.request.run, attempt: $0.request.attempt, token: $0.token)
        }
    }

    static func start(_ name: String, _ lease: HeldLease, _ fixture: inout Fixture) throws {
        try fixture.handle(
            .worker(.started(worker: name, lease, pid: 7, startTicks: 8, bootId: "b")))
    }

    static func complete(
        _ name: String, _ lease: HeldLease, _ fixture: inout Fixture, succeeds: Bool = true
    ) throws -> Reply {
        var result = AttemptResult()
        result.isSuccess = succeeds
        result.exitCode = succeeds ? 0 : 3
        result.failureClass = succeeds ? "" : "exit"
        result.isDefinite = !succeeds
        return try fixture.handle(.worker(.completed(worker: name, lease, result)))
    }

    static func beat(
        _ name: String, _ session: UInt64, _ held: [HeldLease], _ fixture: inout Fixture
    ) throws -> WorkerAnswer {
        let reply = try fixture.handle(.worker(.heartbeat(worker: name, session: session, held)))
        return try #require(reply.worker)
    }

    /// Lets time pass with heartbeats.
    static func beat(
        _ name: String, _ session: UInt64, _ held: [HeldLease], seconds: Int64,
        _ fixture: inout Fixture
    ) throws {
        for _ in 0..<(seconds / 20) {
            _ = try beat(name, session, held, &fixture)
            try fixture.advance(to: fixture.now + 20 * second)
        }
    }

    /// Every test ends so: the log leads to the state, with the digest that the core has.
    static func verify(_ fixture: Fixture) throws {
        var replayed = ProjectedState()
        for record in fixture.records { try replayed.apply(record.span.bytes) }
        var known = fixture.core.state
        #expect(replayed.digest() == known.digest())
    }

    @Test("a worker that is able leases the run, starts it and ends it, under one token")
    func wholeLife() throws {
        var fixture = try Self.waiting()
        let other = try Self.register("w0", &fixture, capabilities: ["windows"])
        #expect(try Self.lease("w0", other, &fixture) == nil)
        let session = try Self.register("w1", &fixture, capabilities: ["sftp", "linux"])
        let lease = try #require(try Self.lease("w1", session, &fixture))
        let granted = try #require(fixture.all(WorkerLeaseGranted.self).first)
        #expect(granted.worker == "w1" && granted.session == session && granted.attempt == 1)
        #expect(fixture.events.last?.envelope.sequence == lease.token)
        #expect(fixture.events.last?.envelope.actor == "worker:w1")
        // It does not run here: a stop of the engine does not wait for it.
        #expect(fixture.core.activeRunCount == 0)
        try Self.start("w1", lease, &fixture)
        let started = try #require(fixture.events.last)
        #expect(started.type == .runStarted && started.envelope.cause == lease.token)
        // Reported again, it is not recorded again.
        try Self.start("w1", lease, &fixture)
        #expect(fixture.all(RunStarted.self).count == 1)
        #expect(try !(Self.complete("w1", lease, &fixture).worker?.isIgnored ?? false))
        #expect(fixture.core.state.finishedRuns[lease.run]?.status == .succeeded)
        #expect(fixture.core.state.workers["w1"]?.leases.isEmpty == true)
        // So is the end.
        let count = fixture.events.count
        #expect(try Self.complete("w1", lease, &fixture).message.contains("before"))
        #expect(fixture.events.count == count)
        try Self.verify(fixture)
    }

    @Test("heartbeats renew what they name, and are no events")
    func renewal() throws {
        var fixture = try Self.waiting()
        let session = try Self.register("w1", &fixture)
        let lease = try #require(try Self.lease("w1", session, &fixture))
        try Self.start("w1", lease, &fixture)
        let count = fixture.events.count
        for _ in 0..<10 {
            #expect(try Self.beat("w1", session, [lease], &fixture).lost.isEmpty)
            try fixture.advance(to: fixture.now + 50 * Self.second)
        }
        let others = fixture.events.dropFirst(count).filter {
            $0.type != .engineAlive && $0.type != .digestRecorded
        }
        #expect(others.isEmpty)
        #expect(try Self.complete("w1", lease, &fixture).worker == nil)
        try Self.verify(fixture)
    }

    @Test("a lease that ends before the start goes to another worker, as the same attempt")
    func expiryBeforeStart() throws {
        var fixture = try Self.waiting()
        let session = try Self.register("w1", &fixture)
        let lost = try #require(try Self.lease("w1", session, &fixture))
        // It is there, and does not know of the lease: the answer did not reach it.
        try Self.beat("w1", session, [], seconds: 80, &fixture)
        let expired = try #require(fixture.all(WorkerLeaseExpired.self).first)
        #expect(expired.reason == "expired" && expired.token == lost.token)
        #expect(fixture.core.state.openRuns[lost.run]?.status == .dispatched)
        #expect(fixture.all(RunFailed.self).isEmpty)
        let other = try Self.register("w2", &fixture)
        let taken = try #require(try Self.lease("w2", other, &fixture))
        #expect(taken.run == lost.run && taken.attempt == 1 && taken.token > lost.token)
        // The first one must not begin any more.
        #expect(throws: Rejection.self) { try Self.start("w1", lost, &fixture) }
        try Self.start("w2", taken, &fixture)
        let refused = try Self.complete("w1", lost, &fixture)
        #expect(refused.worker?.isIgnored == true)
        #expect(fixture.all(RunCompletionIgnored.self).map(\.reason) == ["stale"])
        _ = try Self.complete("w2", taken, &fixture)
        #expect(fixture.all(RunSucceeded.self).count == 1)
        try Self.verify(fixture)
    }

    @Test("what was granted and not heard of is told again, with the same token")
    func toldAgain() throws {
        var fixture = try Self.waiting()
        let session = try Self.register("w1", &fixture)
        let lease = try #require(try Self.lease("w1", session, &fixture))
        #expect(try Self.lease("w1", session, &fixture) == lease)
        #expect(try Self.lease("w1", session, &fixture, held: [lease]) == nil)
        #expect(fixture.all(WorkerLeaseGranted.self).count == 1)
        try Self.verify(fixture)
    }

    @Test("a silent worker is offline: what it ran fails as lease, not definite, and is retried")
    func silence() throws {
        var fixture = try Self.waiting()
        let session = try Self.register("w1", &fixture)
        let lost = try #require(try Self.lease("w1", session, &fixture))
        try Self.start("w1", lost, &fixture)
        try fixture.advance(to: fixture.now + 61 * Self.second)
        let offline = try #require(fixture.all(WorkerOffline.self).first)
        #expect(offline.reason == "silent" && offline.runs == [lost.run])
        #expect(fixture.all(WorkerLeaseExpired.self).map(\.reason) == ["offline"])
        let failed = try #require(fixture.all(RunFailed.self).first)
        #expect(failed.failureClass == "lease" && !failed.isDefinite)
        #expect(fixture.all(RunRetryScheduled.self).map(\.execution) == [1])
        // Back from the dead: it must register, and what it held is refused.
        #expect(throws: Rejection.self) { try Self.beat("w1", session, [lost], &fixture) }
        let again = try Self.register("w1", &fixture)
        #expect(try Self.beat("w1", again, [lost], &fixture).lost == [lost.token])
        #expect(try Self.complete("w1", lost, &fixture).worker?.isIgnored == true)
        try Self.beat("w1", again, [], seconds: 300, &fixture)
        let taken = try #require(try Self.lease("w1", again, &fixture))
        #expect(taken.attempt == 2)
        let keys = fixture.all(RunDispatched.self).map(\.runKey)
        #expect(keys.count == 2 && keys[0] == keys[1])
        _ = try Self.complete("w1", taken, &fixture)
        #expect(fixture.all(RunSucceeded.self).count == 1)
        try Self.verify(fixture)
    }

    @Test("where no worker takes it in time, the attempt fails as noWorker, definitely")
    func noWorker() throws {
        var fixture = try Self.waiting()
        try fixture.advance(minutes: 11)
        let failed = try #require(fixture.all(RunFailed.self).first)
        #expect(failed.failureClass == "noWorker" && failed.isDefinite)
        #expect(fixture.all(RunRetryScheduled.self).map(\.execution) == [2])
        try Self.verify(fixture)
    }

    @Test("after a restart every live lease and every wait gets one full length again")
    func restart() throws {
        var fixture = try Self.waiting()
        let session = try Self.register("w1", &fixture)
        let lease = try #require(try Self.lease("w1", session, &fixture))
        try Self.start("w1", lease, &fixture)
        // Ten hours later: the engine was down, and the worker has not been.
        fixture = try fixture.restarted(after: 600 * Fixture.minute)
        try fixture.advance(to: fixture.now + 59 * Self.second)
        #expect(fixture.all(WorkerOffline.self).isEmpty)
        #expect(try Self.beat("w1", session, [lease], &fixture).lost.isEmpty)
        try fixture.advance(to: fixture.now + 59 * Self.second)
        #expect(try Self.complete("w1", lease, &fixture).worker == nil)
        #expect(fixture.all(RunSucceeded.self).map(\.run) == [lease.run])
        // And without a word it is over one length after the start.
        try fixture.advance(to: fixture.now + 61 * Self.second)
        #expect(fixture.all(WorkerOffline.self).map(\.reason) == ["silent"])
        try Self.verify(fixture)

        var waiting = try Self.waiting().restarted(after: 600 * Fixture.minute)
        try waiting.advance(minutes: 9)
        #expect(waiting.all(RunFailed.self).isEmpty)
        try waiting.advance(minutes: 2)
        #expect(waiting.all(RunFailed.self).map(\.failureClass) == ["noWorker"])
        try Self.verify(waiting)
    }

    @Test("a cancelled run ends at once while it waits, and is ended by its worker afterwards")
    func cancel() throws {
        var fixture = try Self.waiting()
        let run = fixture.all(RunDispatched.self)[0].run
        try fixture.handle(.cancel(run: run, reason: "a mistake", Fixture.who))
        #expect(fixture.core.state.finishedRuns[run]?.status == .cancelled)
        try Self.verify(fixture)

        fixture = try Self.waiting()
        let session = try Self.register("w1", &fixture)
        let lease = try #require(try Self.lease("w1", session, &fixture))
        try Self.start("w1", lease, &fixture)
        try fixture.handle(.cancel(run: lease.run, reason: "a mistake", Fixture.who))
        let answer = try Self.beat("w1", session, [lease], &fixture)
        #expect(answer.endings.map(\.lease) == [lease] && !answer.endings[0].isForced)
        _ = try Self.complete("w1", lease, &fixture, succeeds: false)
        #expect(fixture.core.state.finishedRuns[lease.run]?.status == .cancelled)
        #expect(try Self.beat("w1", session, [], &fixture).endings.isEmpty)
        try Self.verify(fixture)

        // Where the worker is gone, the end of its lease is the end of the run.
        fixture = try Self.waiting()
        let other = try Self.register("w1", &fixture)
        let gone = try #require(try Self.lease("w1", other, &fixture))
        try fixture.handle(.cancel(run: gone.run, reason: "a mistake", Fixture.who))
        #expect(throws: Rejection.self) { try Self.start("w1", gone, &fixture) }
        try fixture.advance(minutes: 2)
        #expect(fixture.core.state.finishedRuns[gone.run]?.status == .cancelled)
        try Self.verify(fixture)
    }

    @Test("a worker that leaves gives back; one that comes back in its folder drops what it lost")
    func leaving() throws {
        var fixture = try Self.waiting()
        let session = try Self.register("w1", &fixture)
        let lease = try #require(try Self.lease("w1", session, &fixture))
        try fixture.handle(.worker(.leave(worker: "w1", session: session)))
        #expect(fixture.all(WorkerOffline.self).map(\.reason) == ["stopped"])
        #expect(fixture.core.state.openRuns[lease.run]?.status == .dispatched)
        let again = try Self.register("w1", &fixture)
        let taken = try #require(try Self.lease("w1", again, &fixture))
        try Self.start("w1", taken, &fixture)
        // Another folder under this name is refused while it is there.
        #expect(throws: Rejection.self) {
            try fixture.handle(Self.registration("w1", instance: "another"))
        }
        // The same one came back after a crash, with its end in hand; then without.
        try fixture.handle(Self.registration("w1", held: [taken]))
        #expect(fixture.core.state.workers["w1"]?.leases.map(\.token) == [taken.token])
        try fixture.handle(Self.registration("w1"))
        #expect(fixture.all(WorkerLeaseExpired.self).last?.reason == "dropped")
        #expect(fixture.all(RunFailed.self).map(\.failureClass) == ["lease"])
        try Self.verify(fixture)
    }

    @Test("a worker gets no more than its slots, those of a higher priority first")
    func slots() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Self.job("a"), Self.job("b"),
            Self.job("c") { job in
                var rules = RunRules()
                rules.priority = 9
                job.rules = rules
            })
        try fixture.advance(minutes: 60)
        let session = try Self.register("w1", &fixture, slots: 2)
        let first = try #require(try Self.lease("w1", session, &fixture))
        let second = try #require(try Self.lease("w1", session, &fixture, held: [first]))
        #expect(fixture.all(WorkerLeaseGranted.self).map(\.jobId) == ["c", "a"])
        #expect(try Self.lease("w1", session, &fixture, held: [first, second]) == nil)
        _ = try Self.complete("w1", first, &fixture)
        #expect(try Self.lease("w1", session, &fixture, held: [second]) != nil)
        try Self.verify(fixture)
    }

    @Test("what waits for a worker is not granted in a pause or a blackout that began since")
    func gates() throws {
        var fixture = try Self.waiting()
        let session = try Self.register("w1", &fixture)
        let key = ScheduleKey("default", "j")
        try fixture.handle(.pause(key, reason: "an audit", Fixture.who))
        #expect(try Self.lease("w1", session, &fixture) == nil)
        try fixture.handle(.resume(key, reason: "it is over", Fixture.who))
        var blackout = BlackoutDefinition()
        blackout.name = "night"
        blackout.reason = "maintenance"
        blackout.action = "defer"
        blackout.from = fixture.now
        blackout.until = fixture.now + 5 * Fixture.minute
        blackout.zone = "UTC"
        blackout.source = "api"
        try fixture.handle(.declareBlackout(blackout, tenant: "default", Fixture.who))
        #expect(try Self.lease("w1", session, &fixture) == nil)
        try Self.beat("w1", session, [], seconds: 320, &fixture)
        #expect(try Self.lease("w1", session, &fixture) != nil)
        try Self.verify(fixture)
    }

    @Test("an engine that stops grants nothing, and leaves with workers what they have")
    func draining() throws {
        var fixture = try Self.waiting()
        let session = try Self.register("w1", &fixture)
        try fixture.handle(.drain)
        #expect(try Self.lease("w1", session, &fixture) == nil)
        try fixture.handle(.endActive(reason: "SIGTERM"))
        #expect(fixture.all(RunCancelRequested.self).isEmpty)
        #expect(fixture.core.state.openRuns.count == 1)
        try Self.verify(fixture)
    }

    @Test("a forecast has runs of workers begin and end as any others")
    func forecast() throws {
        let forecast = try ForecastTests.forecast(
            [Self.job("j") { $0.target?.leaseWaitSeconds = 1 }],
            durations: ["j": 7_200 * Self.second])
        #expect(forecast.rows.map(\.outcome) == [.runs])
        #expect(forecast.rows.first?.expectedEnd == Fixture.start + 180 * Fixture.minute)
    }

    @Test("a log without workers has no projection of them")
    func absent() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("j", cadence: "0 1 * * *"))
        try fixture.advance(minutes: 60)
        var state = fixture.core.state
        #expect(!state.digest().projections.contains { $0.name == "workers" })
        try Self.register("w1", &fixture)
        state = fixture.core.state
        let names = state.digest().projections.map(\.name)
        #expect(names.contains("workers") && names == names.sorted())
    }
}
