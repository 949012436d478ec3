import Engine
import Events
import Projections
import Testing

/// What the core decides, gate by gate.
@Suite struct CoreTests {
    typealias Fixture = CoreFixture

    @Test("an occurrence is due once, dispatched before its target is called, and ends once")
    func happyPath() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("nightly", cadence: "0 1 * * *") { $0.slaMinutes = 60 })
        try fixture.advance(minutes: 60)
        let due = try #require(fixture.all(RunDue.self).first)
        #expect(due.scheduledLocal == "2026-03-02T01:00:00+00:00")
        #expect(due.businessDate == "2026-03-02")
        #expect(due.finishBy == due.scheduled + 60 * Fixture.minute)
        #expect(fixture.lastRequest?.runKey == "default/nightly/2026-03-02T01:00:00+00:00//1")
        try fixture.finish(true)
        #expect(fixture.all(RunSucceeded.self).map(\.run) == [due.run])
        try fixture.advance(minutes: 120)
        #expect(fixture.all(RunDue.self).count == 1)
        #expect(fixture.all(RunSlaMissed.self).isEmpty)
        #expect(fixture.core.state.openRuns.count == 0)
    }

    @Test("a failed run is tried again after 5 and 15 minutes, then it is dead and people hear")
    func retries() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("nightly", cadence: "0 1 * * *") { job in
                var route = AlertRoute()
                route.event = "onFailure"
                route.recipients = ["ops-oncall"]
                job.alerts = [route]
            })
        try fixture.advance(minutes: 60)
        let first = fixture.now
        try fixture.finish(false)
        try fixture.advance(minutes: 5)
        try fixture.finish(false, definite: false)
        try fixture.advance(minutes: 15)
        try fixture.finish(false)
        #expect(
            fixture.all(RunRetryScheduled.self).map { ($0.at - first) / Fixture.minute } == [5, 20])
        // A definite failure raises the execution, one that is not keeps the key.
        #expect(fixture.all(RunDispatched.self).map(\.execution) == [1, 2, 2])
        #expect(fixture.all(RunDead.self).map(\.reason) == ["retriesExhausted"])
        let alert = try #require(fixture.all(AlertRaised.self).first { $0.kind == "onFailure" })
        #expect(alert.recipients == ["ops-oncall"])
        let dead = try #require(fixture.all(RunDead.self).first)
        let reply = try fixture.handle(
            .requeue(run: dead.run, reason: "source is back", Fixture.who))
        #expect(reply.run != nil && reply.run != dead.run)
        try fixture.finish(true)
        #expect(fixture.core.state.deadRuns.count == 0)
        #expect(fixture.all(AlertCleared.self).contains { $0.alert == alert.alert })
    }

    @Test("after a stop the latest occurrence stands for those that were missed")
    func catchUpLatest() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("hourly", cadence: "0 * * * *"))
        try fixture.advance(minutes: 60)
        try fixture.finish(true)
        var later = try fixture.restarted(after: 5 * 60 * Fixture.minute + 40 * Fixture.minute)
        try later.advance(minutes: 0)
        let due = try #require(later.all(RunDue.self).first)
        #expect(due.trigger == "catchUp")
        #expect(due.standsFor == 5)
        #expect(due.scheduledLocal == "2026-03-02T06:00:00+00:00")
        let skipped = try #require(later.all(RunSkipped.self).first)
        #expect(skipped.reason == "coalesced" && skipped.count == 4)
    }

    @Test("with catchUp none a stop misses occurrences with one alert, and says how many")
    func catchUpNone() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("pay", every: "1s") { $0.catchUp = "none" })
        var later = try fixture.restarted(after: 10 * 86_400 * 1_000_000 + 700_000)
        try later.advance(to: later.now)
        let missed = try #require(later.all(RunMissed.self).first)
        #expect(missed.count == 864_000)
        #expect(later.all(RunMissed.self).count == 1)
        #expect(later.all(AlertRaised.self).filter { $0.kind == "onMissed" }.count == 1)
        #expect(later.all(RunDue.self).isEmpty)
    }

    @Test("pause skips with the reason, resume goes on, and both need a ticket")
    func pauseAndResume() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("hourly", cadence: "0 * * * *"))
        let key = ScheduleKey("default", "hourly")
        #expect(
            throws: Rejection(
                .invalid, "this act needs a change ticket (--ticket, or \"ticket\" in the request)")
        ) {
            try fixture.handle(.pause(key, reason: "x", Authority(actor: "user:test")))
        }
        try fixture.handle(.pause(key, reason: "source is down", Fixture.who))
        try fixture.advance(minutes: 60)
        #expect(fixture.all(RunSkipped.self).map(\.detail) == ["source is down"])
        try fixture.handle(.resume(key, reason: "it is back", Fixture.who))
        try fixture.advance(minutes: 60)
        #expect(fixture.all(RunDispatched.self).count == 1)
        let envelope = fixture.events.first { $0.type == .scheduleDisabled }?.envelope
        #expect(envelope?.ticket == "CHG-1" && envelope?.actor == "user:test")
    }

    @Test("a holiday and a weekend are skipped; a calendar that ran out fails closed")
    func calendars() throws {
        var fixture = try Fixture()
        var input = ConfigurationInput()
        input.definitions = [
            Fixture.job("daily", cadence: "0 1 * * *") { $0.calendar = "work" }
        ]
        var calendar = CalendarDefinition()
        calendar.name = "work"
        calendar.weekend = ["SAT", "SUN"]
        calendar.holidays = ["2026-03-03"]
        calendar.names = [KeyValue("2026-03-03", "Town Day")]
        calendar.validThrough = "2026-03-08"
        input.calendars = [calendar]
        try fixture.handle(.applyConfiguration(input))
        for _ in 0..<8 {
            try fixture.advance(minutes: 1_440)
            try fixture.finish(true)
        }
        #expect(
            fixture.all(RunSkipped.self).map(\.reason)
                == ["calendar", "calendar", "calendar", "calendarExpired"])
        #expect(fixture.all(RunSkipped.self).first?.detail == "work: holiday (Town Day)")
        #expect(fixture.all(RunSucceeded.self).count == 4)
    }

    @Test("a dependency that does not come fails the run at its deadline, after a restart too")
    func dependencyExpires() throws {
        var fixture = try Fixture()
        var dependency = Dependency()
        dependency.kind = "job"
        dependency.name = "upstream"
        dependency.delayMinutesMax = 30
        try fixture.apply(
            Fixture.job("upstream", cadence: "0 5 * * *"),
            Fixture.job("down", cadence: "0 1 * * *") { $0.dependencies = [dependency] })
        try fixture.advance(minutes: 70)
        #expect(fixture.all(RunHeld.self).map(\.gate) == ["dependency"])
        var later = try fixture.restarted(after: Fixture.minute)
        try later.advance(minutes: 30)
        #expect(later.all(DependencyFailed.self).map(\.reason) == ["expired"])
        #expect(later.all(RunDead.self).map(\.reason) == ["dependency"])
    }

    @Test("a job that waits for another goes when that has succeeded for its business date")
    func dependencyOnAJob() throws {
        var fixture = try Fixture()
        var dependency = Dependency()
        dependency.kind = "job"
        dependency.name = "upstream"
        dependency.delayMinutesMax = 120
        try fixture.apply(
            Fixture.job("upstream", cadence: "0 2 * * *"),
            Fixture.job("down", cadence: "0 1 * * *") { $0.dependencies = [dependency] })
        try fixture.advance(minutes: 120)
        #expect(fixture.all(RunDispatched.self).map(\.jobId) == ["upstream"])
        try fixture.finish(true)
        #expect(fixture.all(RunDispatched.self).map(\.jobId) == ["upstream", "down"])
        #expect(fixture.all(DependencySatisfied.self).count == 1)
    }

    @Test("late and SLA are reported once each, while the run is held too")
    func clocks() throws {
        var fixture = try Fixture()
        var dependency = Dependency()
        dependency.kind = "job"
        dependency.name = "upstream"
        dependency.delayMinutesMax = 200
        try fixture.apply(
            Fixture.job("upstream", cadence: "0 5 * * *"),
            Fixture.job("down", cadence: "0 1 * * *") { job in
                job.dependencies = [dependency]
                job.startDelayMinutes = 1
                job.slaMinutes = 10
            })
        try fixture.advance(minutes: 80)
        #expect(fixture.all(RunSlaMissed.self).map(\.clock) == ["finishBy"])
        var later = try fixture.restarted(after: Fixture.minute)
        try later.advance(minutes: 300)
        #expect(later.all(RunSlaMissed.self).isEmpty)
        #expect(fixture.all(RunLate.self).count + later.all(RunLate.self).count == 0)
    }

    @Test("an attempt lost with its engine is repeated under the same key and does not count")
    func lostAttempt() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("nightly", cadence: "0 1 * * *") { $0.retriesMax = 0 })
        try fixture.advance(minutes: 60)
        let request = try #require(fixture.lastRequest)
        var later = try fixture.restarted(after: 1_000_000)
        var result = AttemptResult()
        result.failureClass = "lost"
        try later.handle(.ended(run: request.run, attempt: 1, result))
        try later.advance(minutes: 0)
        let again = try #require(later.lastRequest)
        #expect(again.attempt == 2 && again.runKey == request.runKey)
        var killed = AttemptResult()
        killed.failureClass = "killed"
        try later.handle(.ended(run: request.run, attempt: 2, killed))
        #expect(later.all(RunDead.self).count == 1)
    }

    @Test(
        "a configuration applied twice appends nothing the second time; a change says what changed")
    func idempotentConfiguration() throws {
        var fixture = try Fixture()
        let job = Fixture.job("nightly", cadence: "0 1 * * *")
        try fixture.apply(job)
        fixture.forget()
        try fixture.apply(job)
        #expect(fixture.events.isEmpty)
        try fixture.apply(Fixture.job("nightly", cadence: "0 2 * * *"))
        let changes = try #require(fixture.all(ScheduleUpdated.self).first).changes
        #expect(changes.map(\.field) == ["cadence"])
        #expect(changes.map(\.before) == ["\"0 1 * * *\""])
        #expect(changes.map(\.after) == ["\"0 2 * * *\""])
        try fixture.apply()
        #expect(fixture.all(ScheduleRemoved.self).count == 1)
        try fixture.advance(minutes: 1_440)
        #expect(fixture.all(RunDue.self).isEmpty)
    }

    @Test("a decision too large for one write is staged, and shows only when its end is there")
    func stagedConfiguration() throws {
        var fixture = try Fixture()
        var input = ConfigurationInput()
        for index in 0..<8_000 {
            input.definitions.append(
                Fixture.job("job-\(index)", cadence: "0 1 * * *") {
                    $0.description = String(repeating: "text ", count: 20)
                })
        }
        let decision = try fixture.core.handle(.applyConfiguration(input), now: fixture.now)
        #expect(decision.parts.count > 1)
        #expect(fixture.core.state.schedules.count == 8_000)
        var cut = try Fixture()
        let whole = try cut.core.handle(.applyConfiguration(input), now: cut.now)
        var state = ProjectedState()
        for record in cut.records { try state.apply(record.span.bytes) }
        var events = 0
        for record in Self.records(whole.body).dropLast() {
            try state.apply(record.span.bytes)
            events += 1
        }
        #expect(events == 8_000)
        #expect(state.schedules.count == 0)
        let restarted = try CoreFixture(state: state, now: cut.now + 1)
        #expect(restarted.core.state.schedules.count == 0)
    }

    private static func records(_ body: [UInt8]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var index = 0
        while index < body.count {
            var length = 0
            var shift = 0
            while body[index] >= 0x80 {
                length |= Int(body[index] & 0x7F) << shift
                shift += 7
                index += 1
            }
            length |= Int(body[index]) << shift
            index += 1
            result.append(Array(body[index..<(index + length)]))
            index += length
        }
        return result
    }

    @Test("a calendar too large for a record is refused before anything is decided")
    func tooLarge() throws {
        var fixture = try Fixture()
        var input = ConfigurationInput()
        var calendar = CalendarDefinition()
        calendar.name = "work"
        calendar.holidays = (0..<3_000).map { "2\(String($0 + 1_000).dropFirst())-01-01" }
        input.calendars = [calendar]
        try fixture.handle(.applyConfiguration(input))
        calendar.holidays.removeLast()
        input.calendars = [calendar]
        fixture.forget()
        try fixture.handle(.applyConfiguration(input))
        #expect(fixture.all(CalendarDefined.self).count == 1)
        calendar.holidays += calendar.holidays + calendar.holidays
        input.calendars = [calendar]
        fixture.forget()
        #expect(throws: Rejection.self) { try fixture.handle(.applyConfiguration(input)) }
        #expect(fixture.events.isEmpty)
        try fixture.apply()
    }

    @Test("a schedule removed while the engine was down does not run once more")
    func removedWhileDown() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("hourly", cadence: "0 * * * *"))
        try fixture.advance(minutes: 30)
        var later = try fixture.restarted(after: 60 * Fixture.minute)
        try later.apply()
        try later.advance(minutes: 120)
        #expect(later.all(RunDue.self).isEmpty)
        #expect(later.all(RunSkipped.self).map(\.reason) == ["removed"])
        #expect(later.all(ScheduleRemoved.self).count == 1)
    }

    @Test("cancel ends a waiting run at once and a running one when its target has ended")
    func cancel() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("nightly", cadence: "0 1 * * *"))
        try fixture.advance(minutes: 60)
        let request = try #require(fixture.lastRequest)
        try fixture.handle(
            .processReady(run: request.run, attempt: 1, pid: 9, startTicks: 9, bootId: "b"))
        try fixture.handle(.cancel(run: request.run, reason: "wrong input", Fixture.who))
        #expect(fixture.all(RunCancelled.self).isEmpty)
        var result = AttemptResult()
        result.failureClass = "signal"
        try fixture.handle(.ended(run: request.run, attempt: 1, result))
        #expect(fixture.all(RunCancelled.self).map(\.reason) == ["wrong input"])
        #expect(fixture.all(RunRetryScheduled.self).isEmpty)
    }
}
