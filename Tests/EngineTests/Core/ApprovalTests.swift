import Engine
import Events
import Projections
import Testing

/// Approvals as a step of a run.
@Suite struct ApprovalTests {
    typealias Fixture = CoreFixture

    private static let boss = Authority(actor: "user:boss", ticket: "CHG-2")

    private static func job(
        by: String = "03:00", expiry: String = "", mode: String = ""
    ) -> ScheduleDefinition {
        Fixture.job("pay", cadence: "0 1 * * *") { job in
            var step = Dependency()
            step.kind = "approval"
            step.name = "sign-off"
            step.by = by
            step.expiry = expiry
            step.recipients = ["finance"]
            if by.isEmpty { step.delayMinutesMax = 30 }
            job.dependencies = [step]
            job.startDelayMinutes = 1
            if !mode.isEmpty {
                var pushed = Dependency()
                pushed.kind = "pushed"
                pushed.name = "released"
                pushed.delayMinutesMax = 120
                job.dependencies.append(pushed)
                job.rules = RunRules()
                job.rules?.dependencyMode = mode
            }
        }
    }

    private func held(_ job: ScheduleDefinition = job()) throws -> Fixture {
        var fixture = try Fixture()
        try fixture.apply(job)
        try fixture.advance(minutes: 60)
        return fixture
    }

    private func approval(_ fixture: Fixture) throws -> UInt64 {
        try #require(fixture.core.state.approvals.sorted().first?.approval)
    }

    @Test("it is asked for once, people are told, and a person lets the run go on")
    func granted() throws {
        var fixture = try held()
        let requested = try #require(fixture.all(ApprovalRequested.self).first)
        #expect(requested.name == "sign-off" && requested.requester == "" && requested.act == nil)
        #expect(requested.until == Fixture.start + 180 * Fixture.minute)
        #expect(fixture.all(NotificationRequested.self).map(\.recipients) == [["finance"]])
        #expect(fixture.all(RunHeld.self).map(\.detail) == ["sign-off"])
        try fixture.advance(minutes: 10)
        #expect(fixture.all(ApprovalRequested.self).count == 1)
        try fixture.handle(.approve(requested.approval, reason: "checked", Self.boss))
        let granted = try #require(fixture.events.first { $0.payload is ApprovalGranted })
        #expect(granted.envelope.actor == "user:boss" && granted.envelope.ticket == "CHG-2")
        #expect(fixture.all(DependencySatisfied.self).map(\.detail) == ["user:boss approved it"])
        #expect(fixture.all(RunDispatched.self).count == 1)
        #expect(fixture.core.state.approvals.count == 0)
        #expect(throws: Rejection.self) {
            try fixture.handle(.approve(requested.approval, reason: "", Self.boss))
        }
        // The start was not late: the wait belongs to the schedule.
        try fixture.finish(true)
        #expect(fixture.all(RunLate.self).isEmpty)
    }

    @Test(
        "a refusal ends the run, as it says",
        arguments: [
            ("", "scheduler.run.dead"), ("skip", "scheduler.run.skipped"),
            ("run", "scheduler.run.dead"),
        ])
    func refused(expiry: String, expected: String) throws {
        var fixture = try held(Self.job(expiry: expiry))
        let number = try approval(fixture)
        #expect(throws: Rejection.self) {
            try fixture.handle(.refuse(number, reason: "", Self.boss))
        }
        try fixture.handle(.refuse(number, reason: "the figures are wrong", Self.boss))
        let names = fixture.events.map(\.type.name)
        #expect(names.contains(expected))
        #expect(fixture.core.state.openRuns.count == 0)
        let message = "user:boss refused 'sign-off': the figures are wrong"
        #expect(
            fixture.all(RunSkipped.self).map(\.detail) == [message]
                || fixture.all(RunDead.self).map(\.message) == [message])
    }

    @Test(
        "at the deadline it expires, and the run fails, is skipped, or runs",
        arguments: [
            ("", "scheduler.run.dead"), ("skip", "scheduler.run.skipped"),
            ("run", "scheduler.run.dispatched"),
        ])
    func expired(expiry: String, expected: String) throws {
        var fixture = try held(Self.job(expiry: expiry))
        let number = try approval(fixture)
        try fixture.advance(minutes: 119)
        #expect(fixture.core.state.openRuns.count == 1)
        try fixture.advance(minutes: 1)
        #expect(fixture.all(ApprovalExpired.self).map(\.approval) == [number])
        #expect(fixture.events.map(\.type.name).contains(expected))
        #expect(throws: Rejection.self) {
            try fixture.handle(.approve(number, reason: "", Self.boss))
        }
    }

    @Test("after a restart it is still open, asked for once, and expires in time")
    func restart() throws {
        let fixture = try held()
        let number = try approval(fixture)
        var other = try fixture.restarted(after: Fixture.minute)
        try other.apply(Self.job())
        try other.advance(minutes: 5)
        #expect(other.all(ApprovalRequested.self).isEmpty)
        var late = other
        try other.handle(.approve(number, reason: "", Self.boss))
        #expect(other.all(RunDispatched.self).count == 1)
        try late.advance(minutes: 120)
        #expect(late.all(ApprovalExpired.self).map(\.approval) == [number])
        #expect(late.all(RunDead.self).count == 1)
    }

    @Test("whoever makes a run by hand cannot approve it, and it waits though the hour is past")
    func byHand() throws {
        var fixture = try Fixture()
        try fixture.apply(Self.job(by: "00:30"))
        try fixture.advance(minutes: 40)
        try fixture.handle(
            .runNow(
                ScheduleKey("default", "pay"), scheduled: nil, reason: "again", Fixture.who))
        let number = try approval(fixture)
        #expect(throws: Rejection.self) {
            try fixture.handle(.approve(number, reason: "", Fixture.who))
        }
        #expect(fixture.all(ApprovalGranted.self).isEmpty)
        try fixture.advance(minutes: 600)
        try fixture.handle(.approve(number, reason: "", Self.boss))
        #expect(fixture.all(RunDispatched.self).count == 1)
    }

    @Test("an occurrence that comes when the hour is past expires at once")
    func late() throws {
        let fixture = try held(Self.job(by: "00:30"))
        #expect(fixture.all(ApprovalRequested.self).isEmpty)
        #expect(fixture.all(RunDead.self).map(\.message) == ["nobody approved 'sign-off' in time"])
    }

    @Test("what is not needed any more is closed: the run is over, or another was enough")
    func closed() throws {
        var cancelled = try held()
        let run = try #require(cancelled.all(RunDue.self).first?.run)
        try cancelled.handle(.cancel(run: run, reason: "not today", Fixture.who))
        #expect(cancelled.all(ApprovalExpired.self).map(\.reason) == ["run \(run) is over"])
        var any = try held(Self.job(mode: "any"))
        try any.handle(
            .reportDependency(
                ScheduleKey("default", "released"), businessDate: "2026-03-02", status: "READY",
                Authority(actor: "user:m")))
        #expect(any.all(RunDispatched.self).count == 1)
        #expect(any.core.state.approvals.count == 0)
        #expect(any.all(ApprovalExpired.self).count == 1)
    }

    @Test("without a time of day the deadline counts from the scheduled time")
    func delay() throws {
        let fixture = try held(Self.job(by: ""))
        #expect(
            fixture.all(ApprovalRequested.self).map(\.until)
                == [Fixture.start + 90 * Fixture.minute])
    }
}
