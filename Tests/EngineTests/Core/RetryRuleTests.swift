import Engine
import Events
import Projections
import Testing

/// What of a failure is tried again, when, and when a schedule is paused for it.
@Suite struct RetryRuleTests {
    typealias Fixture = CoreFixture

    private func fixture(_ change: (inout RunRules) -> Void) throws -> Fixture {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("nightly", cadence: "0 * * * *") { job in
                var rules = RunRules()
                change(&rules)
                job.rules = rules
                job.retriesMax = 5
            })
        try fixture.advance(minutes: 60)
        return fixture
    }

    @Test("delays grow by their factor up to the longest, less a part that is the run's own")
    func backoff() throws {
        var fixture = try fixture { rules in
            var backoff = RetryBackoff()
            backoff.firstSeconds = 60
            backoff.longestSeconds = 300
            rules.backoff = backoff
        }
        var delays: [Int64] = []
        for _ in 0..<5 {
            try fixture.finish(false)
            let at = try #require(fixture.all(RunRetryScheduled.self).last?.at)
            delays.append((at - fixture.now) / 1_000_000)
            try fixture.advance(to: at)
        }
        #expect(delays == [60, 120, 240, 300, 300])
        try fixture.finish(false)
        #expect(fixture.all(RunDead.self).map(\.reason) == ["retriesExhausted"])
    }

    @Test("what is taken off at random stays within its part, and is the same in a replay")
    func jitter() throws {
        var delays: Set<Int64> = []
        for number in 0..<20 {
            var fixture = try Fixture()
            try fixture.apply(
                Fixture.job("j\(number)", cadence: "0 1 * * *") { job in
                    var backoff = RetryBackoff()
                    backoff.firstSeconds = 1_000
                    backoff.jitterPercent = 20
                    job.rules = RunRules()
                    job.rules?.backoff = backoff
                })
            for _ in 0..<number {
                try fixture.handle(
                    .pause(ScheduleKey("default", "j\(number)"), reason: "x", Fixture.who))
                try fixture.handle(
                    .resume(ScheduleKey("default", "j\(number)"), reason: "x", Fixture.who))
            }
            try fixture.advance(minutes: 60)
            try fixture.finish(false)
            let delay = try #require(fixture.all(RunRetryScheduled.self).last?.at) - fixture.now
            #expect((800_000_000...1_000_000_000).contains(delay))
            delays.insert(delay)
        }
        #expect(delays.count > 10)
    }

    @Test("a class that is not tried again goes to the dead-letter queue at once")
    func classes() throws {
        for (change, isRetried) in [
            ({ (rules: inout RunRules) in rules.finalClasses = ["exit"] }, false),
            ({ $0.retriedClasses = ["timeout"] }, false),
            ({ $0.retriedClasses = ["exit", "timeout"] }, true),
        ] {
            var fixture = try fixture(change)
            try fixture.finish(false)
            #expect(fixture.all(RunRetryScheduled.self).isEmpty != isRetried)
            #expect(fixture.all(RunDead.self).map(\.reason) == (isRetried ? [] : ["notRetried"]))
        }
    }

    @Test("after so many failures in a row a schedule is paused, once, and a success starts anew")
    func pause() throws {
        var fixture = try fixture { rules in
            rules.pauseAfterFailures = 2
            rules.finalClasses = ["exit"]
        }
        for isSuccess in [false, true, false, false] {
            try fixture.finish(isSuccess)
            try fixture.advance(minutes: 60)
        }
        #expect(fixture.all(RunDead.self).map(\.failuresInRow) == [1, 1, 2])
        let disabled = fixture.all(ScheduleDisabled.self)
        #expect(disabled.map(\.reason) == ["2 runs in a row failed for good"])
        #expect(fixture.all(AlertRaised.self).filter { $0.kind == "paused" }.count == 1)
        #expect(fixture.all(RunSkipped.self).map(\.reason) == ["paused"])
        // It survives a restart, and being resumed starts the count anew.
        fixture = try fixture.restarted(after: Fixture.minute)
        try fixture.handle(
            .resume(ScheduleKey("default", "nightly"), reason: "mended", Fixture.who))
        try fixture.advance(minutes: 60)
        try fixture.finish(false)
        #expect(fixture.all(ScheduleDisabled.self).isEmpty)
    }
}
