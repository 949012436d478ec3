import Engine
import Events
import Projections
import Testing
import Timetable

/// Times in which nothing is dispatched.
@Suite struct BlackoutTests {
    typealias Fixture = CoreFixture

    private func hours(_ hours: Int64) -> Int64 { Fixture.start + hours * 60 * Fixture.minute }

    private func blackout(
        _ action: String, _ from: Int64, _ until: Int64,
        _ change: (inout BlackoutDefinition) -> Void = { _ in }
    ) -> BlackoutDefinition {
        var blackout = BlackoutDefinition()
        blackout.name = "freeze"
        blackout.reason = "month end"
        blackout.action = action
        blackout.from = hours(from)
        blackout.until = hours(until)
        blackout.source = "config"
        change(&blackout)
        return blackout
    }

    private func apply(
        _ fixture: inout Fixture, _ blackouts: [BlackoutDefinition], _ jobs: ScheduleDefinition...
    ) throws {
        var input = ConfigurationInput()
        input.definitions = jobs
        input.blackouts = blackouts
        try fixture.handle(.applyConfiguration(input))
    }

    @Test("what falls due in it is skipped, by tenant, tag, target or job, and nothing else")
    func skip() throws {
        var fixture = try Fixture()
        var scoped = blackout("skip", 2, 4)
        scoped.jobs = ["by-job"]
        scoped.tags = ["edi"]
        scoped.targets = ["bank"]
        try apply(
            &fixture, [scoped], Fixture.job("by-job", cadence: "0 3 * * *"),
            Fixture.job("by-tag", cadence: "0 3 * * *") { $0.tags = ["edi", "x"] },
            Fixture.job("by-target", cadence: "0 3 * * *") { $0.target?.name = "bank" },
            Fixture.job("free", cadence: "0 3 * * *"),
            Fixture.job("before", cadence: "59 1 * * *") { $0.tags = ["edi"] },
            Fixture.job("after", cadence: "0 4 * * *") { $0.tags = ["edi"] })
        try fixture.finishAll(minutes: 5 * 60)
        let skipped = fixture.all(RunSkipped.self)
        #expect(skipped.map(\.jobId).sorted() == ["by-job", "by-tag", "by-target"])
        #expect(skipped.allSatisfy { $0.reason == "blackout" && $0.detail.contains("month end") })
        #expect(
            fixture.all(RunSucceeded.self).map(\.jobId).sorted() == ["after", "before", "free"])
    }

    @Test(
        "what is deferred starts after its end, spread, and is neither late nor missed"
    )
    func deferred() throws {
        var fixture = try Fixture()
        try apply(
            &fixture, [blackout("defer", 2, 4) { $0.spreadSeconds = 600 }],
            Fixture.job("one", cadence: "0 3 * * *") { $0.startDelayMinutes = 1 },
            Fixture.job("two", cadence: "0 3 * * *"),
            Fixture.job("often", cadence: "30 * * * *") { $0.overlap = "allowAll" })
        try fixture.finishAll(minutes: 3 * 60 + 59)
        #expect(fixture.all(RunDeferred.self).count == 4)
        #expect(fixture.core.state.openRuns.count == 4)
        var other = try fixture.restarted(after: Fixture.minute / 2)
        try other.finishAll(minutes: 60)
        let dispatched = other.events.compactMap { event -> (String, Int64)? in
            (event.payload as? RunDispatched).map { ($0.jobId, event.envelope.time) }
        }
        #expect(dispatched.map(\.0).sorted() == ["often", "often", "often", "one", "two"])
        let moments = dispatched.filter { $0.0 == "one" || $0.0 == "two" }.map(\.1)
        #expect(moments.allSatisfy { $0 >= hours(4) && $0 <= hours(4) + 10 * Fixture.minute })
        #expect(Set(moments).count == 2)
        #expect(other.all(RunLate.self).isEmpty && other.all(RunMissed.self).isEmpty)
        #expect(other.all(RunSkipped.self).isEmpty)
        #expect(other.core.state.openRuns.count == 0)
    }

    @Test("of coalesced runs the newest goes on, the others end in it")
    func coalesced() throws {
        var fixture = try Fixture()
        try apply(
            &fixture, [blackout("deferCoalesced", 2, 4)],
            Fixture.job("job", cadence: "*/30 * * * *"))
        try fixture.finishAll(minutes: 5 * 60)
        // That of 04:00 meets the one that goes on.
        let skipped = fixture.all(RunSkipped.self)
        #expect(skipped.map(\.reason) == ["coalesced", "coalesced", "coalesced", "overlap"])
        let late = fixture.events.compactMap { event -> String? in
            guard let run = event.payload as? RunDispatched, event.envelope.time >= hours(4) else {
                return nil
            }
            return String(run.runKey.dropFirst("default/job/".count).prefix(16))
        }
        #expect(late.first == "2026-03-02T03:30")
    }

    @Test("with overlap skip the first of the deferred runs goes, and the others are skipped")
    func overlap() throws {
        var fixture = try Fixture()
        try apply(
            &fixture, [blackout("defer", 2, 4)], Fixture.job("job", cadence: "*/30 2,3 * * *"))
        try fixture.advance(minutes: 4 * 60 + 2)
        #expect(fixture.all(RunDispatched.self).count == 1)
        #expect(fixture.all(RunSkipped.self).map(\.reason) == ["overlap", "overlap", "overlap"])
        try fixture.finish(true)
        #expect(fixture.core.state.openRuns.count == 0)
    }

    @Test("a blackout that recurs holds in each of its windows, in its zone")
    func recurring() throws {
        var fixture = try Fixture()
        var weekly = blackout("skip", 0, 0)
        (weekly.from, weekly.until) = (0, 0)
        weekly.trigger = TriggerTests.trigger("cadence", "0 1 * * 2")
        weekly.durationSeconds = 2 * 3_600
        weekly.zone = "Europe/Berlin"
        try apply(&fixture, [weekly], Fixture.job("job", cadence: "0 * * * *"))
        try fixture.finishAll(minutes: 3 * 24 * 60)
        #expect(
            fixture.all(RunSkipped.self).map { String($0.scheduledLocal.prefix(16)) }
                == ["2026-03-03T00:00", "2026-03-03T01:00"])
    }

    @Test("an emergency blackout needs a ticket, holds until it is lifted, and a retry waits too")
    func emergency() throws {
        var fixture = try Fixture()
        try apply(&fixture, [], Fixture.job("job", cadence: "0 1 * * *"))
        try fixture.advance(minutes: 60)
        try fixture.finish(false)
        var stop = blackout("skip", 0, 0)
        (stop.source, stop.until) = ("api", 0)
        #expect(throws: Rejection.self) {
            try fixture.handle(
                .declareBlackout(stop, tenant: "default", Authority(actor: "user:test")))
        }
        try fixture.handle(.declareBlackout(stop, tenant: "default", Fixture.who))
        try fixture.advance(minutes: 26 * 60)
        // The retry was attempted before: it waits; the next day's occurrence is skipped.
        #expect(fixture.all(RunDispatched.self).count == 1)
        #expect(fixture.all(RunSkipped.self).map(\.reason) == ["blackout"])
        let key = ScheduleKey("default", "job")
        #expect(throws: Rejection.self) {
            try fixture.handle(
                .runNow(key, scheduled: nil, reason: "now", Fixture.who))
        }
        try fixture.handle(
            .liftBlackout(ScheduleKey("default", "freeze"), reason: "mended", Fixture.who))
        try fixture.advance(minutes: 2)
        #expect(fixture.all(RunDispatched.self).count == 2)
        try fixture.finish(true)
        #expect(fixture.core.state.blackouts.count == 0)
        #expect(fixture.core.state.openRuns.count == 0)
    }

    @Test("a run by hand passes a blackout only where that is said, its retries too")
    func override() throws {
        var fixture = try Fixture()
        try apply(&fixture, [blackout("defer", 0, 10)], Fixture.job("job", cadence: "0 23 * * *"))
        let key = ScheduleKey("default", "job")
        try fixture.handle(
            .runNow(key, scheduled: nil, reason: "now", Fixture.who, passesBlackouts: true))
        try fixture.finish(false)
        try fixture.advance(minutes: 5)
        try fixture.finish(true)
        #expect(fixture.all(RunSucceeded.self).count == 1)
    }

    @Test("what a person asked for is neither skipped nor coalesced: it waits")
    func asked() throws {
        for action in ["skip", "deferCoalesced"] {
            var fixture = try Fixture()
            var waits = Dependency()
            waits.kind = "job"
            waits.name = "upstream"
            waits.delayMinutesMax = 600
            try apply(
                &fixture, [blackout(action, 1, 3)],
                Fixture.job("upstream", cadence: "30 0 * * *"),
                Fixture.job("job", cadence: "30 1 * * *") {
                    $0.dependencies = [waits]
                    $0.overlap = "allowAll"
                })
            let key = ScheduleKey("default", "job")
            let reply = try fixture.handle(
                .runNow(key, scheduled: nil, reason: "now", Fixture.who))
            try fixture.advance(minutes: 65)
            // The upstream run ends in the blackout, and the run by hand meets its gate then.
            try fixture.finish(true)
            try fixture.finishAll(minutes: 60)
            #expect(fixture.all(RunSkipped.self).allSatisfy { $0.run != reply.run })
            #expect(fixture.all(RunDeferred.self).contains { $0.run == reply.run })
            try fixture.finishAll(minutes: 60)
            #expect(fixture.all(RunSucceeded.self).contains { $0.run == reply.run })
        }
    }

    @Test("one that this machine cannot take is an alert until it can, and holds nothing")
    func unusable() throws {
        var fixture = try Fixture()
        try apply(&fixture, [blackout("skip", 0, 9)], Fixture.job("job", cadence: "0 * * * *"))
        let state = try fixture.state { payload in
            guard var declared = payload as? BlackoutDeclared else { return payload }
            declared.blackout?.zone = "Nowhere/None"
            return declared
        }
        var broken = try CoreFixture(state: state, now: fixture.now)
        let alerts = broken.all(AlertRaised.self)
        #expect(alerts.map(\.kind) == ["blackout"] && alerts.first?.subject == "freeze")
        try broken.finishAll(minutes: 60)
        #expect(broken.all(RunSucceeded.self).count == 1)
        try apply(&broken, [blackout("skip", 0, 9)], Fixture.job("job", cadence: "0 * * * *"))
        #expect(broken.core.state.alerts.count == 0)
        try broken.finishAll(minutes: 60)
        #expect(broken.all(RunSkipped.self).map(\.reason) == ["blackout"])
    }

    @Test("one that was declared until a moment ends by itself, one of the configuration stays")
    func ends() throws {
        var fixture = try Fixture()
        try apply(
            &fixture, [blackout("skip", 1, 2) { $0.name = "planned" }],
            Fixture.job("job", cadence: "0 * * * *"))
        try fixture.handle(
            .declareBlackout(
                blackout("defer", 0, 3) { $0.source = "api" }, tenant: "default", Fixture.who))
        var other = try fixture.restarted(after: 0)
        try other.finishAll(minutes: 4 * 60)
        #expect(other.all(BlackoutLifted.self).map(\.name) == ["freeze"])
        #expect(other.core.state.blackouts.sorted().map(\.blackout?.name) == ["planned"])
        #expect(throws: Rejection.self) {
            try other.handle(
                .liftBlackout(ScheduleKey("default", "planned"), reason: "x", Fixture.who))
        }
        try apply(&other, [], Fixture.job("job", cadence: "0 * * * *"))
        #expect(other.core.state.blackouts.count == 0)
    }

    @Test("after a stop that outlasted the blackout, what it would have put off is no misfire")
    func stopped() throws {
        var fixture = try Fixture()
        try apply(
            &fixture, [blackout("defer", 2, 6)],
            Fixture.job("job", cadence: "0 3 * * *") { $0.catchUp = "none" })
        try fixture.advance(minutes: 60)
        var other = try fixture.restarted(after: 5 * 60 * Fixture.minute + Fixture.minute)
        try other.finishAll(minutes: 10)
        #expect(other.all(RunMissed.self).isEmpty)
        #expect(other.all(RunSucceeded.self).count == 1)
    }
}
