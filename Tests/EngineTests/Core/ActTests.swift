import Engine
import Events
import Projections
import Testing

/// What people do to single occurrences and runs.
@Suite struct ActTests {
    typealias Fixture = CoreFixture
    private static let key = ScheduleKey("default", "hourly")

    private func hourly(
        _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) throws -> Fixture {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("hourly", cadence: "0 * * * *", change))
        return fixture
    }

    private func due(_ fixture: Fixture) -> [String] {
        fixture.all(RunDue.self).map { String($0.scheduledLocal.dropFirst(11).prefix(5)) }
    }

    @Test("the next occurrence is skipped, with who and why, and a restart does not bring it back")
    func skipNext() throws {
        var fixture = try hourly()
        let reply = try fixture.handle(.skipNext(Self.key, reason: "bank closed", Fixture.who))
        #expect(reply.message.contains("2026-03-02T01:00:00+00:00 is skipped"))
        #expect(reply.message.contains("its next occurrence is that of 2026-03-02T02:00:00+00:00"))
        let skipped = try #require(fixture.all(RunSkipped.self).first)
        #expect(skipped.reason == "asked" && skipped.detail == "bank closed")
        #expect(fixture.events.last { $0.type == .runSkipped }?.envelope.ticket == "CHG-1")
        fixture = try fixture.restarted(after: 30 * Fixture.minute)
        try fixture.finishAll(minutes: 91)
        #expect(due(fixture) == ["02:00"])
    }

    /// Somebody who asks with an idempotency key.
    private static func asker(_ request: String) -> Authority {
        Authority(actor: "user:test", ticket: "CHG-1", request: request)
    }

    private func code(_ fixture: inout Fixture, _ command: Command) -> Rejection.Code? {
        do {
            try fixture.handle(command)
            return nil
        } catch {
            return (error as? Rejection)?.code
        }
    }

    @Test("asked again with the same key, no other occurrence is skipped")
    func skipNextAgain() throws {
        var fixture = try hourly()
        let skip = Command.skipNext(Self.key, reason: "bank closed", Self.asker("k1"))
        let first = try fixture.handle(skip)
        #expect(first.message.contains("2026-03-02T01:00:00+00:00 is skipped"))
        fixture.forget()
        let again = try fixture.handle(skip)
        #expect(again.message.hasPrefix(first.message) && fixture.events.isEmpty)
        // Another key, and another act with the same, are requests of their own.
        try fixture.handle(.skipNext(Self.key, reason: "bank closed", Self.asker("k2")))
        let second = fixture.all(RunSkipped.self).map(\.scheduledLocal)
        #expect(second == ["2026-03-02T02:00:00+00:00"])
        try fixture.finishAll(minutes: 200)
        #expect(due(fixture).suffix(1) == ["03:00"])
    }

    @Test("asked again with the same key, no other occurrence is moved")
    func moveNextAgain() throws {
        var fixture = try hourly()
        let time = fixture.now + 200 * Fixture.minute
        let move = Command.moveNext(Self.key, to: time, reason: "late", Self.asker("k1"))
        let first = try fixture.handle(move)
        fixture.forget()
        let again = try fixture.handle(move)
        #expect(again.run == first.run && fixture.events.isEmpty)
        let other = try fixture.handle(
            .moveNext(
                Self.key, to: time + 30 * Fixture.minute, reason: "late", Self.asker("k2")))
        #expect(other.run != first.run)
        // It is remembered when the run is over, and its time too.
        try fixture.finishAll(minutes: 300)
        #expect(try fixture.handle(move).run == first.run)
    }

    @Test("asked again with the same key, a backfill makes no more runs")
    func backfillAgain() throws {
        var fixture = try hourly()
        try fixture.finishAll(minutes: 300)
        var stretch = BackfillStretch(
            from: Fixture.start, through: Fixture.start + 240 * Fixture.minute, lanes: 2)
        func fill() -> Command {
            .backfill(Self.key, stretch, reason: "the source was wrong", Self.asker("k1"))
        }
        let first = try fixture.handle(fill())
        fixture = try fixture.restarted(after: Fixture.minute)
        fixture.forget()
        let again = try fixture.handle(fill())
        #expect(again.run == first.run && again.sequence == nil && fixture.events.isEmpty)
        stretch.isTrial = true
        #expect(try fixture.handle(fill()).message.contains("would make 5 runs"))
        stretch = BackfillStretch(from: Fixture.start, through: Fixture.start)
        #expect(code(&fixture, fill()) == .conflict)
    }

    @Test("a run by hand is for a time at most 366 days ahead")
    func runNowAhead() throws {
        var fixture = try hourly()
        let day = 1_440 * Fixture.minute
        func run(_ days: Int64) -> Command {
            .runNow(
                Self.key, scheduled: Fixture.start + days * day, reason: "r", Fixture.who)
        }
        #expect(code(&fixture, run(367)) == .invalid)
        #expect(code(&fixture, run(366)) == nil)
        #expect(fixture.all(RunDue.self).count == 1)
    }

    @Test("the next occurrence is moved, earlier or later: what it is for stays, its clocks move")
    func moveNext() throws {
        for minutes: Int64 in [30, 100] {
            var fixture = try hourly { $0.slaMinutes = 10 }
            let time = fixture.now + minutes * Fixture.minute
            let reply = try fixture.handle(
                .moveNext(Self.key, to: time, reason: "bank opens late", Fixture.who))
            let run = try #require(fixture.all(RunDue.self).first)
            #expect(reply.run == run.run && run.scheduledLocal == "2026-03-02T01:00:00+00:00")
            #expect(run.finishBy == time + 10 * Fixture.minute)
            #expect(fixture.all(RunDeferred.self).map(\.gate) == ["moved"])
            fixture = try fixture.restarted(after: Fixture.minute)
            try fixture.finishAll(minutes: minutes - 2)
            #expect(!fixture.all(RunDispatched.self).contains { $0.run == run.run })
            try fixture.finishAll(minutes: 30)
            #expect(fixture.all(RunDispatched.self).contains { $0.run == run.run })
            // The one after it is where it was.
            if minutes == 100 { #expect(due(fixture) == ["02:00"]) }
            #expect(fixture.all(RunLate.self).isEmpty)
        }
    }

    @Test("a pause with an end is over by itself: what fell due before it is skipped, not after it")
    func pauseUntil() throws {
        var fixture = try hourly()
        // To an occurrence's own moment: that one runs.
        let until = fixture.now + 180 * Fixture.minute
        try fixture.handle(.pause(Self.key, until: until, reason: "audit", Fixture.who))
        try fixture.finishAll(minutes: 60)
        fixture = try fixture.restarted(after: Fixture.minute)
        try fixture.finishAll(minutes: 179)
        #expect(fixture.all(RunSkipped.self).count == 1)
        #expect(fixture.all(ScheduleEnabled.self).count == 1)
        let ran = fixture.all(RunSucceeded.self).count
        #expect(ran == 2 && due(fixture).suffix(2) == ["03:00", "04:00"])
        #expect(throws: Rejection.self) {
            try fixture.handle(.pause(Self.key, until: until, reason: "x", Fixture.who))
        }
    }

    @Test("a pause that ended while the engine was down skips only what fell due before its end")
    func pauseEndsInOutage() throws {
        var fixture = try hourly { $0.catchUp = "all" }
        let until = fixture.now + 150 * Fixture.minute
        try fixture.handle(.pause(Self.key, until: until, reason: "audit", Fixture.who))
        fixture = try fixture.restarted(after: 250 * Fixture.minute)
        try fixture.finishAll(minutes: 1)
        #expect(fixture.all(RunSkipped.self).map(\.count) == [2])
        #expect(due(fixture) == ["03:00", "04:00"])
    }

    @Test("a pause that ends by itself decides nothing of a schedule that was disabled meanwhile")
    func disabledInPause() throws {
        var fixture = try hourly()
        let until = fixture.now + 200 * Fixture.minute
        try fixture.handle(.pause(Self.key, until: until, reason: "quiet", Fixture.who))
        try fixture.advance(minutes: 90)
        try fixture.apply(
            Fixture.job("hourly", cadence: "0 * * * *") { $0.isEnabled = false })
        fixture.forget()
        try fixture.advance(minutes: 120)
        #expect(fixture.all(ScheduleEnabled.self).count == 1)
        #expect(fixture.all(RunDue.self).isEmpty && fixture.all(RunSkipped.self).isEmpty)
    }

    @Test("a run that waits for its retry goes on at once when a person says so")
    func retryNow() throws {
        var fixture = try hourly()
        try fixture.advance(minutes: 60)
        let run = try #require(fixture.lastRequest?.run)
        #expect(throws: Rejection.self) {
            try fixture.handle(.retryNow(run: run, reason: "x", Fixture.who))
        }
        try fixture.finish(false)
        try fixture.handle(.retryNow(run: run, reason: "the bank is back", Fixture.who))
        #expect(fixture.all(RunDispatched.self).map(\.attempt) == [1, 2])
        try fixture.finish(true)
        // The timer of the retry that was passed over does nothing.
        try fixture.advance(minutes: 10)
        #expect(fixture.all(RunDispatched.self).count == 2)
    }

    @Test("a backfill runs in its own lane, oldest first; live runs do not wait; it ends as one")
    func backfill() throws {
        var fixture = try hourly()
        try fixture.finishAll(minutes: 300)
        fixture.forget()
        var stretch = BackfillStretch(
            from: Fixture.start, through: Fixture.start + 240 * Fixture.minute, lanes: 2,
            isTrial: true)
        let trial = try fixture.handle(
            .backfill(Self.key, stretch, reason: "the source was wrong", Fixture.who))
        #expect(trial.message.hasPrefix("a backfill would make 5 runs: 2026-03-02T00:00:00+00:00"))
        #expect(fixture.events.isEmpty)
        stretch.isTrial = false
        let reply = try fixture.handle(
            .backfill(
                Self.key, stretch, reason: "the source was wrong", Fixture.who))
        let made = fixture.all(RunDue.self)
        #expect(made.count == 5 && made.allSatisfy { $0.trigger == "backfill" })
        #expect(due(fixture) == ["00:00", "01:00", "02:00", "03:00", "04:00"])
        #expect(reply.run == made[0].run && made.allSatisfy { $0.backfill == made[0].run })
        #expect(fixture.all(RunDispatched.self).map(\.run) == made.prefix(2).map(\.run))
        #expect(Set(fixture.all(RunDispatched.self).map(\.runKey)).count == 2)
        // A live run goes beside it.
        try fixture.advance(minutes: 60)
        let live = try #require(fixture.all(RunDue.self).last)
        #expect(live.trigger == "schedule")
        #expect(fixture.all(RunDispatched.self).last?.run == live.run)
        try fixture.handle(
            .cancelBackfill(made[0].run, reason: "enough", Fixture.who))
        #expect(fixture.all(RunCancelled.self).map(\.run) == made.suffix(3).map(\.run))
        #expect(fixture.all(RunCancelRequested.self).map(\.run) == made.prefix(2).map(\.run))
        stretch.lanes = 101
        #expect(throws: Rejection.self) {
            try fixture.handle(.backfill(Self.key, stretch, reason: "x", Fixture.who))
        }
    }

    @Test("every act needs a ticket, and says so")
    func tickets() throws {
        var fixture = try hourly()
        let nobody = Authority(actor: "user:test")
        for command: Command in [
            .skipNext(Self.key, reason: "x", nobody),
            .moveNext(Self.key, to: fixture.now + 1, reason: "x", nobody),
            .retryNow(run: 1, reason: "x", nobody),
            .backfill(Self.key, BackfillStretch(from: 0, through: 0), reason: "x", nobody),
            .cancelBackfill(1, reason: "x", nobody),
        ] {
            #expect(throws: Rejection.self) { try fixture.handle(command) }
        }
        #expect(fixture.all(RunDue.self).isEmpty && fixture.all(RunSkipped.self).isEmpty)
    }
}
