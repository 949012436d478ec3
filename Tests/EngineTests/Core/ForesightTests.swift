import Engine
import Events
import Projections
import Testing

/// What is said before it is too late, and runs that must be unique.
@Suite struct ForesightTests {
    typealias Fixture = CoreFixture

    /// A job that is due each hour with an SLA of 30 minutes, and eight runs of it that took ten
    /// minutes each.
    private func seasoned(
        _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) throws -> Fixture {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("settle", cadence: "0 * * * *") { job in
                job.slaMinutes = 30
                job.startDelayMinutes = 0
                change(&job)
            })
        for _ in 0..<8 { try run(&fixture, minutes: 10) }
        return fixture
    }

    /// The next hour's run, which takes so long.
    private func run(_ fixture: inout Fixture, minutes: Int64) throws {
        try begin(&fixture)
        try fixture.advance(minutes: minutes)
        try end(&fixture)
    }

    private func begin(_ fixture: inout Fixture) throws {
        let hour = 60 * Fixture.minute
        try fixture.advance(to: (fixture.now / hour + 1) * hour)
        let request = try #require(fixture.lastRequest)
        try fixture.handle(
            .processReady(
                run: request.run, attempt: request.attempt, pid: 9, startTicks: 9, bootId: "b"))
    }

    private func end(_ fixture: inout Fixture, failureClass: String = "") throws {
        let request = try #require(fixture.lastRequest)
        var result = AttemptResult()
        result.isSuccess = failureClass.isEmpty
        result.failureClass = failureClass
        try fixture.handle(.ended(run: request.run, attempt: request.attempt, result))
    }

    private func warnings(_ fixture: Fixture) -> [AlertRaised] {
        fixture.all(AlertRaised.self).filter { $0.kind == "slaAtRisk" }
    }

    @Test("how long runs usually take is learnt of those that succeed, and stands in the log")
    func usual() throws {
        let fixture = try seasoned()
        let key = ScheduleKey("default", "settle")
        let usual = try #require(fixture.core.state.schedules[key]).usual
        #expect(usual.count == 8)
        #expect(usual.microseconds == 600_000_000)
        let last = try #require(fixture.all(RunSucceeded.self).last)
        #expect(last.usualDeviation == usual.deviation)
        let longest = try #require(usual.longest)
        #expect((600_000_000...1_200_000_000).contains(longest))
        #expect(warnings(fixture).isEmpty)
        var replayed = try fixture.state { $0 }
        var state = fixture.core.state
        #expect(replayed.digest() == state.digest())
    }

    @Test("a run that takes much longer than usual is warned of once, before its SLA is over")
    func slow() throws {
        var fixture = try seasoned()
        fixture.forget()
        try begin(&fixture)
        try fixture.advance(minutes: 29)
        let warning = try #require(warnings(fixture).first)
        #expect(warnings(fixture).count == 1)
        #expect(warning.message.contains("will probably end at"))
        #expect(fixture.all(RunSlaMissed.self).isEmpty)
        let risk = try #require(fixture.all(RunSlaAtRisk.self).first)
        #expect(risk.expected >= risk.due)
        try fixture.advance(minutes: 10)
        #expect(fixture.all(RunSlaMissed.self).count == 1)
        #expect(fixture.all(RunSlaAtRisk.self).count == 1)
    }

    @Test("a run that cannot begin in time is warned of while it waits, and not again by a restart")
    func waiting() throws {
        var fixture = try seasoned()
        fixture.forget()
        try fixture.handle(
            .declareBlackout(blackout(), tenant: "default", Fixture.who))
        let hour = 60 * Fixture.minute
        try fixture.advance(to: (fixture.now / hour + 1) * hour)
        try fixture.advance(minutes: 25)
        #expect(fixture.all(RunSlaAtRisk.self).count == 1)
        var later = try fixture.restarted(after: Fixture.minute)
        try later.advance(minutes: 2)
        #expect(later.all(RunSlaAtRisk.self).isEmpty)
    }

    private func blackout() -> BlackoutDefinition {
        var blackout = BlackoutDefinition()
        blackout.name = "closed"
        blackout.action = "defer"
        blackout.reason = "a test"
        blackout.jobs = ["settle"]
        return blackout
    }

    @Test("nobody is warned where the schedule says so, or where few runs are known")
    func silent() throws {
        var off = try seasoned { job in
            job.rules = RunRules()
            job.rules?.isWarningOff = true
        }
        off.forget()
        try begin(&off)
        try off.advance(minutes: 40)
        #expect(off.all(RunSlaAtRisk.self).isEmpty)
        #expect(off.all(RunSlaMissed.self).count == 1)
        var young = try Fixture()
        try young.apply(Fixture.job("settle", cadence: "0 * * * *") { $0.slaMinutes = 30 })
        try begin(&young)
        try young.advance(minutes: 40)
        #expect(young.all(RunSlaAtRisk.self).isEmpty)
    }

    @Test("so many failed attempts in a while raise one alert; then the count begins anew")
    func failures() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("flaky", cadence: "0 * * * *") { job in
                job.retriesMax = 0
                var threshold = FailureThreshold()
                threshold.count = 3
                threshold.windowSeconds = 4 * 3_600
                job.rules = RunRules()
                job.rules?.failureAlert = threshold
            })
        func alerts(_ fixture: Fixture) -> Int {
            fixture.all(AlertRaised.self).count { $0.kind == "failures" }
        }
        for number in 1...7 {
            try begin(&fixture)
            try end(&fixture, failureClass: "exit")
            #expect(alerts(fixture) == number / 3)
            if number == 2 { fixture = try fixture.restarted(after: 1) }
        }
    }

    @Test("failures that are further apart than the window raise none")
    func sparse() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("flaky", cadence: "0 * * * *") { job in
                job.retriesMax = 0
                var threshold = FailureThreshold()
                threshold.count = 3
                threshold.windowSeconds = 3_600
                job.rules = RunRules()
                job.rules?.failureAlert = threshold
            })
        for _ in 1...6 {
            try begin(&fixture)
            try end(&fixture, failureClass: "exit")
        }
        #expect(!fixture.all(AlertRaised.self).contains { $0.kind == "failures" })
    }

    @Test("of open runs with the same parameters one runs, across jobs of a type, restarts too")
    func unique() throws {
        var fixture = try Fixture()
        func job(_ name: String, _ account: String) -> ScheduleDefinition {
            Fixture.job(name, cadence: "0 * * * *") { job in
                job.parameters = [KeyValue("account", account)]
                job.rules = RunRules()
                job.rules?.jobType = "transfer"
                job.rules?.uniqueBy = ["account"]
            }
        }
        try fixture.apply(job("a", "1"), job("b", "1"), job("c", "2"))
        try fixture.advance(minutes: 60)
        let skipped = fixture.all(RunSkipped.self)
        #expect(skipped.map(\.reason) == ["unique"])
        #expect(fixture.all(RunDispatched.self).count == 2)
        var later = try fixture.restarted(after: 60 * Fixture.minute)
        try later.advance(minutes: 1)
        #expect(later.all(RunSkipped.self).contains { $0.reason == "unique" && $0.jobId == "b" })
    }
}
