import Engine
import Events
import Projections
import Testing

/// What follows an occurrence that is due while a run of its schedule is open.
@Suite struct OverlapTests {
    typealias Fixture = CoreFixture

    /// A schedule of every ten minutes whose first run has started and does not end.
    private func running(_ overlap: OverlapPolicy) throws -> (Fixture, first: UInt64) {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("slow", every: "10m") { $0.overlap = overlap.rawValue })
        try fixture.advance(minutes: 10)
        let request = try #require(fixture.lastRequest)
        try start(request, &fixture)
        return (fixture, request.run)
    }

    private func start(_ request: AttemptRequest, _ fixture: inout Fixture) throws {
        try fixture.handle(
            .processReady(
                run: request.run, attempt: request.attempt, pid: 9, startTicks: 9, bootId: "b"))
    }

    private func end(_ run: UInt64, _ fixture: inout Fixture, success: Bool = true) throws {
        var result = AttemptResult()
        result.isSuccess = success
        result.failureClass = success ? "" : "cancelled"
        try fixture.handle(.ended(run: run, attempt: 1, result))
    }

    private func dispatched(_ fixture: Fixture) -> [UInt64] {
        fixture.all(RunDispatched.self).map(\.run)
    }

    @Test("skip: the next is skipped, with the reason")
    func skip() throws {
        var (fixture, first) = try running(.skip)
        try fixture.advance(minutes: 20)
        #expect(fixture.all(RunSkipped.self).map(\.reason) == ["overlap", "overlap"])
        #expect(dispatched(fixture) == [first])
    }

    @Test("bufferOne: one waits, the next is skipped, and it goes when the first has ended")
    func bufferOne() throws {
        var (fixture, first) = try running(.bufferOne)
        try fixture.advance(minutes: 25)
        let due = fixture.all(RunDue.self).map(\.run)
        #expect(due.count == 3)
        #expect(fixture.all(RunHeld.self).map(\.gate) == ["overlap"])
        #expect(fixture.all(RunSkipped.self).map(\.run) == [due[2]])
        try end(first, &fixture)
        #expect(dispatched(fixture) == [first, due[1]])
    }

    @Test("bufferAll: all wait, and go one after the other, after a restart too")
    func bufferAll() throws {
        var (fixture, first) = try running(.bufferAll)
        try fixture.advance(minutes: 20)
        let due = fixture.all(RunDue.self).map(\.run)
        #expect(due.count == 3 && fixture.all(RunSkipped.self).isEmpty)
        fixture = try fixture.restarted(after: Fixture.minute)
        try fixture.advance(minutes: 0)
        #expect(dispatched(fixture).isEmpty)
        try end(first, &fixture)
        #expect(dispatched(fixture) == [due[1]])
        try start(try #require(fixture.lastRequest), &fixture)
        try end(due[1], &fixture)
        #expect(dispatched(fixture) == [due[1], due[2]])
    }

    @Test("cancelOther: the open run is ended, with time to end well, and the next follows it")
    func cancelOther() throws {
        var (fixture, first) = try running(.cancelOther)
        try fixture.advance(minutes: 10)
        let second = try #require(fixture.all(RunDue.self).last?.run)
        #expect(fixture.all(RunCancelRequested.self).map(\.run) == [first])
        #expect(terminations(fixture) == [false])
        #expect(dispatched(fixture) == [first])
        try end(first, &fixture, success: false)
        #expect(fixture.all(RunCancelled.self).map(\.run) == [first])
        #expect(dispatched(fixture) == [first, second])
    }

    @Test("cancelOther: of those that wait only the newest is left")
    func cancelOtherNewest() throws {
        var (fixture, first) = try running(.cancelOther)
        try fixture.advance(minutes: 30)
        let due = fixture.all(RunDue.self).map(\.run)
        #expect(fixture.all(RunCancelled.self).map(\.run) == [due[1], due[2]])
        #expect(fixture.all(RunCancelRequested.self).map(\.run) == [first])
        try end(first, &fixture, success: false)
        #expect(dispatched(fixture) == [first, due[3]])
    }

    @Test("terminateOther: the open run is killed, even where its end was asked for before")
    func terminateOther() throws {
        var (fixture, first) = try running(.terminateOther)
        try fixture.handle(.cancel(run: first, reason: "it hangs", Fixture.who))
        #expect(terminations(fixture) == [false])
        try fixture.advance(minutes: 10)
        #expect(terminations(fixture) == [false, true])
        try end(first, &fixture, success: false)
        #expect(dispatched(fixture).count == 2)
    }

    @Test("allowAll: both run")
    func allowAll() throws {
        var (fixture, _) = try running(.allowAll)
        try fixture.advance(minutes: 10)
        #expect(dispatched(fixture).count == 2)
    }

    @Test("a run by hand waits where the policy lets it wait")
    func byHand() throws {
        var (fixture, first) = try running(.bufferOne)
        let reply = try fixture.handle(
            .runNow(
                ScheduleKey("default", "slow"), scheduled: nil, reason: "again", Fixture.who))
        #expect(dispatched(fixture) == [first])
        try end(first, &fixture)
        #expect(dispatched(fixture).last == reply.run)
    }

    @Test("a policy of another build is refused, and said")
    func unknown() throws {
        var fixture = try Fixture()
        #expect(throws: Rejection.self) {
            try fixture.apply(Fixture.job("slow", every: "10m") { $0.overlap = "mergeAll" })
        }
    }

    private func terminations(_ fixture: Fixture) -> [Bool] {
        fixture.effects.compactMap { effect in
            if case .terminate(_, _, let isForced) = effect { isForced } else { nil }
        }
    }
}
