import Engine
import Events
import Projections
import Testing

/// Reminders: sent before an occurrence, dropped with it, never twice and never too late.
@Suite struct ReminderTests {
    typealias Fixture = CoreFixture
    private static let day: Int64 = 24 * 60
    private static let key = ScheduleKey("default", "rent")

    private static func reminders(_ befores: String...) -> [ReminderRule] {
        befores.map { before in
            var rule = ReminderRule()
            rule.before = before
            switch before {
            case "P3D": rule.days = 3
            case "P1D": rule.days = 1
            default: rule.seconds = 3_600
            }
            rule.channel = "sms"
            var target = TargetBinding()
            target.name = "notify"
            target.kind = "process"
            target.command = ["/bin/true"]
            rule.target = target
            return rule
        }
    }

    /// A transfer on the fifth day at noon.
    private static func transfer(
        zone: String = "UTC", _ befores: [ReminderRule] = reminders("P3D", "P1D", "PT1H")
    ) -> ScheduleDefinition {
        APIScheduleTests.transfer("rent", minutes: 5 * day + 720) { job in
            job.zone = zone
            job.parameters = [KeyValue("amount", "100"), KeyValue("on", "${scheduledDate}")]
            var rules = RunRules()
            rules.reference = "C-9"
            rules.reminders = befores
            job.rules = rules
        }
    }

    private func made(
        _ befores: [ReminderRule] = reminders("P3D", "P1D", "PT1H")
    ) throws -> Fixture {
        var fixture = try Fixture()
        try fixture.handle(.defineSchedules([Self.transfer(befores)], Fixture.who))
        return fixture
    }

    private func reminded(_ fixture: Fixture) -> [String] {
        fixture.all(RunDue.self).filter { $0.trigger == "reminder" }.map {
            "\($0.fanOutKey.prefix { $0 != "@" }) \($0.scheduledLocal.dropFirst(8).prefix(8))"
        }
    }

    @Test("each is a run of its own, in time, with the parameters and what it speaks of")
    func sent() throws {
        var fixture = try made()
        try fixture.finishAll(minutes: 3 * Self.day)
        fixture = try fixture.restarted(after: Fixture.minute)
        #expect(reminded(fixture).isEmpty)
        try fixture.finishAll(minutes: 3 * Self.day)
        #expect(reminded(fixture) == ["P1D 06T12:00", "PT1H 07T11:00"])
        let due = try #require(fixture.all(RunDue.self).first)
        #expect(due.scheduledLocal == "2026-03-06T12:00:00+00:00" && due.reference == "C-9")
        #expect(
            due.parameters.map { "\($0.name)=\($0.value)" } == [
                "amount=100", "on=2026-03-07", "before=P1D", "channel=sms",
                "occurrence=2026-03-07T12:00:00+00:00",
            ])
        let dispatched = fixture.all(RunDispatched.self)
        #expect(dispatched.map(\.targetName) == ["notify", "notify", "pl"])
        #expect(Set(dispatched.map(\.runKey)).count == 3)
        // Reminders count as no runs of the schedule, which is gone with its only one.
        #expect(fixture.all(RunSucceeded.self).count == 3)
        #expect(fixture.core.state.schedules.count == 0)
        #expect(fixture.core.state.definitions.count == 0)
    }

    @Test("what it speaks of is skipped, moved or paused: it is dropped, and says so")
    func dropped() throws {
        for act in ["skip", "move", "pause"] {
            var fixture = try made(Self.reminders("P1D"))
            try fixture.finishAll(minutes: 2 * Self.day)
            switch act {
            case "skip":
                try fixture.handle(.skipNext(Self.key, reason: "no", Fixture.who))
            case "move":
                try fixture.handle(
                    .moveNext(
                        Self.key, to: Fixture.start + 9 * Self.day * Fixture.minute,
                        reason: "later", Fixture.who))
            default: try fixture.handle(.pause(Self.key, reason: "hold", Fixture.who))
            }
            fixture = try fixture.restarted(after: Fixture.minute)
            try fixture.finishAll(minutes: 5 * Self.day)
            #expect(reminded(fixture) == ["P1D 06T12:00"], "\(act)")
            let skipped = fixture.all(RunSkipped.self).first { !$0.fanOutKey.isEmpty }
            #expect(skipped?.reason == (act == "pause" ? "paused" : "occurrence"), "\(act)")
            #expect(!fixture.all(RunDispatched.self).contains { $0.targetName == "notify" })
        }
    }

    @Test("nobody is reminded of what was removed, nor late, nor of what is over")
    func notSent() throws {
        var fixture = try made()
        try fixture.handle(.removeSchedule(Self.key, reason: "closed", Fixture.who))
        try fixture.finishAll(minutes: 6 * Self.day)
        #expect(reminded(fixture).isEmpty && fixture.all(RunDue.self).isEmpty)
        // Down until two hours after the second: it is missed. Twelve minutes after the third:
        // sent.
        fixture = try made()
        try fixture.finishAll(minutes: 3 * Self.day)
        fixture = try fixture.restarted(after: (Self.day + 14 * 60) * Fixture.minute)
        try fixture.finishAll(minutes: 1)
        #expect(fixture.all(RunMissed.self).map(\.reference) == ["C-9"])
        #expect(!fixture.all(RunDispatched.self).contains { $0.targetName == "notify" })
        fixture = try fixture.restarted(after: (21 * 60 + 10) * Fixture.minute)
        try fixture.finishAll(minutes: 1)
        #expect(reminded(fixture) == ["PT1H 07T11:00"])
        #expect(fixture.all(RunSucceeded.self).count == 1)
    }

    @Test("one that fails is tried again, is given up with its occurrence, and hurts nothing else")
    func failing() throws {
        var fixture = try made(Self.reminders("PT1H"))
        try fixture.advance(minutes: 5 * Self.day + 661)
        try fixture.finish(false)
        try fixture.advance(minutes: 5)
        try fixture.finish(false)
        #expect(fixture.all(RunFailed.self).count == 2)
        try fixture.advance(minutes: 15)
        try fixture.finish(false)
        // The last retry failed: it is dead, and the transfer runs all the same.
        let dead = try #require(fixture.core.state.deadRuns.sorted().first)
        #expect(dead.isReminder)
        #expect(fixture.core.state.schedules[Self.key]?.dead == 0)
        try fixture.handle(.requeue(run: dead.run, reason: "gateway is back", Fixture.who))
        #expect(fixture.lastRequest?.binding.name == "notify")
        try fixture.finish(true)
        try fixture.finishAll(minutes: 60)
        #expect(fixture.all(RunSucceeded.self).count == 2)
        #expect(fixture.core.state.deadRuns.count == 0)
        _ = try fixture.restarted(after: Fixture.minute)
    }

    @Test("calendar days keep the time of day over a change of clocks")
    func clockChange() throws {
        // The United States go forward on 2026-03-08.
        var fixture = try Fixture()
        let daily = Fixture.job("rent", cadence: "30 9 9 3 *") { job in
            job.zone = "America/New_York"
            var rules = RunRules()
            rules.reminders = Self.reminders("P3D", "P1D", "PT1H")
            job.rules = rules
        }
        try fixture.apply(daily)
        try fixture.finishAll(minutes: 9 * Self.day)
        let moments = fixture.all(RunDue.self).map(\.scheduledLocal)
        #expect(
            moments == [
                "2026-03-06T09:30:00-05:00", "2026-03-08T09:30:00-04:00",
                "2026-03-09T08:30:00-04:00", "2026-03-09T09:30:00-04:00",
            ])
    }

    @Test("recurring schedules remind of every occurrence, once each, over restarts")
    func recurring() throws {
        var fixture = try Fixture()
        let daily = Fixture.job("rent", cadence: "0 12 * * *") { job in
            var rules = RunRules()
            rules.reminders = Self.reminders("P3D", "PT1H")
            job.rules = rules
        }
        try fixture.apply(daily)
        var seen: [String] = []
        for _ in 0..<10 {
            try fixture.finishAll(minutes: Self.day - 7)
            seen += fixture.all(RunDue.self).filter { $0.trigger == "reminder" }.map(\.fanOutKey)
            fixture.forget()
            fixture = try fixture.restarted(after: 7 * Fixture.minute)
        }
        // From 2 March on: an hour before each of ten days, three days before each from the 5th.
        #expect(seen.count == 20 && Set(seen).count == 20)
        #expect(seen.contains("PT1H@2026-03-02T12:00:00+00:00"))
        #expect(seen.contains("P3D@2026-03-05T12:00:00+00:00"))
    }
}
