import Engine
import Events
import Projections
import Testing

/// Completions that come at the wrong time, or say the wrong thing.
@Suite struct CompletionTroubleTests {
    private static let target = Authority(actor: "target:1")

    /// An engine whose one job is at its HTTP target, which has accepted it.
    private func accepted(retries: UInt64 = 1) throws -> (world: CoreFixture, run: UInt64) {
        var world = try CoreFixture()
        try world.apply(
            CoreFixture.job("call", cadence: "0 1 * * *") { job in
                job.retriesMax = retries
                job.target?.kind = "http"
                job.target?.url = "http://127.0.0.1:1/"
                job.target?.callbackTimeoutSeconds = 600
            })
        try world.advance(minutes: 60)
        let run = try #require(world.lastRequest?.run)
        try world.handle(.accepted(run: run, attempt: 1))
        world.forget()
        return (world, run)
    }

    private func complete(
        _ world: inout CoreFixture, _ run: UInt64, attempt: UInt64 = 1, succeeds: Bool = true
    ) throws -> String {
        var result = AttemptResult()
        result.isSuccess = succeeds
        if !succeeds {
            result.failureClass = "reported"
            result.isDefinite = true
        }
        return try world.handle(
            .complete(run: run, attempt: attempt, result, Self.target)
        ).message
    }

    private func ignored(_ world: CoreFixture) -> [String] {
        world.all(RunCompletionIgnored.self).map { "\($0.reason) \($0.claimed)" }
    }

    @Test(
        "a second completion changes nothing, the same or the contrary", arguments: [true, false])
    func twice(succeeds: Bool) throws {
        var (world, run) = try accepted(retries: 0)
        #expect(try complete(&world, run, succeeds: succeeds).contains("was taken"))
        let status = succeeds ? RunStatus.succeeded : .dead
        for claim in [succeeds, !succeeds] {
            #expect(try complete(&world, run, succeeds: claim).contains("ignored (stale)"))
            let known = world.core.state.finishedRuns[run] ?? world.core.state.deadRuns[run]
            #expect(known?.status == status)
        }
        #expect(
            ignored(world)
                == [succeeds, !succeeds].map {
                    "stale " + ($0 ? "succeeded" : "failed")
                })
        #expect(world.all(RunSucceeded.self).count == (succeeds ? 1 : 0))
    }

    @Test("a completion of an attempt that is not there yet is early, and changes nothing")
    func early() throws {
        var (world, run) = try accepted()
        #expect(try complete(&world, run, attempt: 2).contains("ignored (early)"))
        #expect(world.core.state.openRuns[run]?.status == .started)
        #expect(try complete(&world, run).contains("was taken"))
        #expect(ignored(world) == ["early succeeded"])
    }

    @Test("a completion that overtakes the 202 is taken, and the 202 changes nothing afterwards")
    func beforeAcceptance() throws {
        var world = try CoreFixture()
        try world.apply(
            CoreFixture.job("call", cadence: "0 1 * * *") { job in
                job.target?.kind = "http"
                job.target?.callbackTimeoutSeconds = 600
            })
        try world.advance(minutes: 60)
        let run = try #require(world.lastRequest?.run)
        #expect(try complete(&world, run).contains("was taken"))
        world.forget()
        try world.handle(.accepted(run: run, attempt: 1))
        #expect(world.core.state.finishedRuns[run]?.status == .succeeded)
        #expect(world.all(RunStarted.self).isEmpty)
    }

    @Test(
        "the success of an attempt that timed out is taken while no other is under way, only then")
    func lateSuccess() throws {
        var (world, run) = try accepted(retries: 2)
        try world.advance(minutes: 11)
        #expect(world.core.state.openRuns[run]?.status == .retryScheduled)
        #expect(try complete(&world, run, succeeds: false).contains("ignored (stale)"))
        var other = world
        #expect(try complete(&other, run).contains("was taken"))
        #expect(other.core.state.finishedRuns[run]?.status == .succeeded)
        // The second attempt is at the target now: only its own completion counts.
        try world.advance(minutes: 10)
        #expect(world.core.state.openRuns[run]?.attempt == 2)
        #expect(try complete(&world, run).contains("ignored (stale)"))
        #expect(try complete(&world, run, attempt: 2).contains("was taken"))
    }

    @Test("a completion for a run that a person ended is stale; one for no run at all is refused")
    func ended() throws {
        var (world, run) = try accepted()
        try world.handle(.cancel(run: run, reason: "a mistake", CoreFixture.who))
        #expect(try complete(&world, run).contains("ignored (stale): the run is cancelled"))
        let error = try #require(throws: Rejection.self) {
            _ = try complete(&world, 999_999)
        }
        #expect(error.code == .notFound)
    }

    @Test("a program's exit code decides, not a completion")
    func program() throws {
        var world = try CoreFixture()
        try world.apply(CoreFixture.job("job", cadence: "0 1 * * *"))
        try world.advance(minutes: 60)
        let run = try #require(world.lastRequest?.run)
        try world.handle(
            .processReady(run: run, attempt: 1, pid: 9, startTicks: 9, bootId: "b"))
        #expect(try complete(&world, run).contains("ignored (notExpected)"))
        #expect(world.core.state.openRuns[run]?.status == .started)
    }
}
