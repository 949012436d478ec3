import Engine
import Events
import Projections
import Testing
import Timetable

/// How the core fires what is more than a cadence or an interval.
@Suite struct TriggerTests {
    typealias Fixture = CoreFixture

    static func trigger(
        _ kind: String, _ text: String, _ change: (inout TriggerDefinition) -> Void = { _ in }
    ) -> TriggerDefinition {
        var trigger = TriggerDefinition()
        trigger.kind = kind
        trigger.text = text
        change(&trigger)
        return trigger
    }

    /// Runs a job for some minutes, each run ending well at once, and gives its local times.
    private func times(
        _ minutes: Int64, calendars: [CalendarDefinition] = [],
        _ change: (inout ScheduleDefinition) -> Void
    ) throws -> [String] {
        var fixture = try Fixture()
        var input = ConfigurationInput()
        input.definitions = [Fixture.job("job", change)]
        input.calendars = calendars
        try fixture.handle(.applyConfiguration(input))
        try fixture.finishAll(minutes: minutes)
        let skipped = fixture.all(RunSkipped.self)
        #expect(skipped.isEmpty, "\(skipped)")
        return fixture.all(RunDue.self).map { String($0.scheduledLocal.prefix(16)) }
    }

    @Test("several triggers fire in order, what is excluded does not, and bounds hold")
    func several() throws {
        let times = try times(3 * 24 * 60) { job in
            job.triggers = [
                Self.trigger("cadence", "0 6,18 * * *"), Self.trigger("at", "2026-03-02T07:30:00"),
                Self.trigger("every", "12h") { $0.start = "2026-03-02T05:00:00" },
            ]
            var days = ExclusionDefinition()
            days.from = "2026-03-03"
            days.through = "2026-03-03"
            var six = ExclusionDefinition()
            six.trigger = Self.trigger("cadence", "0 18 * * *")
            job.exclusions = [days, six]
            job.endsAt = Fixture.start + (2 * 24 * 60 + 17 * 60) * Fixture.minute
        }
        #expect(
            times == [
                "2026-03-02T05:00", "2026-03-02T06:00", "2026-03-02T07:30", "2026-03-02T17:00",
                "2026-03-04T05:00", "2026-03-04T06:00", "2026-03-04T17:00",
            ])
    }

    @Test("a rule fires from its start on, and only so often as maxRuns says")
    func rules() throws {
        let times = try times(10 * 24 * 60) { job in
            job.triggers = [
                Self.trigger("rrule", "FREQ=DAILY;BYHOUR=9,10") { $0.start = "2026-03-03T09:00:00" }
            ]
            job.runsMax = 3
        }
        #expect(times == ["2026-03-03T09:00", "2026-03-03T10:00", "2026-03-04T09:00"])
    }

    @Test("a delay after completion counts from the end of the run, and survives a pause")
    func afterCompletion() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("job") { $0.triggers = [Self.trigger("afterCompletion", "10m")] })
        try fixture.advance(minutes: 10)
        #expect(fixture.all(RunDue.self).count == 1)
        try fixture.advance(minutes: 25)
        #expect(fixture.all(RunDue.self).count == 1)
        try fixture.finish(true)
        try fixture.advance(minutes: 9)
        #expect(fixture.all(RunDue.self).count == 1)
        try fixture.advance(minutes: 1)
        #expect(fixture.all(RunDue.self).count == 2)
        try fixture.finish(true)
        let key = ScheduleKey("default", "job")
        try fixture.handle(.pause(key, reason: "maintenance", Fixture.who))
        try fixture.advance(minutes: 60)
        #expect(fixture.all(RunSkipped.self).allSatisfy { $0.reason == "paused" })
        try fixture.handle(.resume(key, reason: "it is over", Fixture.who))
        let count = fixture.all(RunDispatched.self).count
        try fixture.finishAll(minutes: 40)
        #expect(fixture.all(RunDispatched.self).count == count + 4)
        // A restart changes nothing of it.
        var other = try fixture.restarted(after: 0)
        try other.finishAll(minutes: 20)
        #expect(other.all(RunDispatched.self).count == 2)
    }

    @Test("a delay after completion is never over before it is decided, so it never falls silent")
    func afterCompletionGoesOn() throws {
        var fixture = try Fixture()
        func apply(_ delay: String, start: String = "") throws {
            try fixture.apply(
                Fixture.job("job") { job in
                    job.triggers = [Self.trigger("afterCompletion", delay) { $0.start = start }]
                    job.catchUp = "none"
                })
        }
        // A start that is over when the schedule comes, then a shorter delay long after a run.
        try apply("10m", start: "2026-03-01T00:00:00")
        try fixture.finishAll(minutes: 11)
        #expect(fixture.all(RunSucceeded.self).count == 1)
        try apply("600m")
        try fixture.finishAll(minutes: 100)
        try apply("10m")
        try fixture.finishAll(minutes: 21)
        #expect(fixture.all(RunSucceeded.self).count == 3)
        // A start to come is waited for; what fell in a stop runs once, and nothing is missed.
        try apply("10m", start: "2026-03-02T05:00:00")
        try fixture.finishAll(minutes: 5 * 60 - 133)
        #expect(fixture.all(RunSucceeded.self).count == 3)
        try fixture.finishAll(minutes: 5)
        #expect(fixture.all(RunSucceeded.self).count == 4)
        var other = try fixture.restarted(after: 3 * 24 * 60 * Fixture.minute)
        try other.finishAll(minutes: 15)
        #expect(other.all(RunMissed.self).isEmpty)
        #expect(other.all(RunSucceeded.self).count == 2)
    }

    @Test("jitter moves the start, not the occurrence, and the same job always by as much")
    func jitter() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("job", cadence: "0 1 * * *") {
                $0.jitterSeconds = 600
                $0.startDelayMinutes = 1
            })
        let moved = TriggerSet.Jitter.microseconds(of: "job", most: 600_000_000)
        try fixture.finishAll(minutes: 3 * 24 * 60)
        let due = fixture.all(RunDue.self)
        #expect(
            due.map { $0.scheduled }
                == (0..<3).map { Fixture.start + (60 + $0 * 1_440) * Fixture.minute })
        #expect(due.allSatisfy { $0.startBy == $0.scheduled + moved + Fixture.minute })
        let starts = fixture.events.compactMap { $0.payload is RunDue ? $0.envelope.time : nil }
        #expect(zip(starts, due).allSatisfy { $0 == $1.scheduled + moved })
        #expect(fixture.all(RunLate.self).isEmpty)
    }

    @Test(
        "occurrences roll to business days, those on one instant once; the record says from where")
    func roll() throws {
        var calendar = CalendarDefinition()
        calendar.name = "bank"
        calendar.weekend = ["SAT", "SUN"]
        calendar.holidays = ["2026-03-09"]
        calendar.validThrough = "2026-12-31"
        var fixture = try Fixture()
        var input = ConfigurationInput()
        input.definitions = [
            Fixture.job("job", cadence: "0 9 * * *") {
                $0.calendar = "bank"
                $0.roll = "following"
            }
        ]
        input.calendars = [calendar]
        try fixture.handle(.applyConfiguration(input))
        try fixture.finishAll(minutes: 9 * 24 * 60)
        let due = fixture.all(RunDue.self)
        #expect(
            due.map(\.businessDate) == [
                "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-10",
            ])
        #expect(due.last?.rolledFrom == "2026-03-07T09:00:00+00:00")
        #expect(due.first?.rolledFrom == "2026-02-28T09:00:00+00:00")
        #expect(due.dropFirst().dropLast().allSatisfy { $0.rolledFrom.isEmpty })
        // Tomorrow becomes a holiday: the timer that was set moves.
        input.calendars[0].holidays = ["2026-03-09", "2026-03-11"]
        try fixture.handle(.applyConfiguration(input))
        fixture.forget()
        try fixture.finishAll(minutes: 3 * 24 * 60)
        #expect(fixture.all(RunDue.self).map(\.businessDate) == ["2026-03-12", "2026-03-13"])
        #expect(fixture.all(RunSkipped.self).isEmpty)
    }

    @Test("working days are counted by the calendar, and follow it when it changes")
    func businessDay() throws {
        var calendar = CalendarDefinition()
        calendar.name = "bank"
        calendar.weekend = ["SAT", "SUN"]
        let times = try times(60 * 24 * 60, calendars: [calendar]) { job in
            job.calendar = "bank"
            job.triggers = [Self.trigger("businessDay", "-1") { $0.time = "17:00" }]
        }
        #expect(times == ["2026-03-31T17:00", "2026-04-30T17:00"])
    }

    @Test("dates are reckoned in parameters; where the calendar ends, the run is skipped")
    func arithmetic() throws {
        var calendar = CalendarDefinition()
        calendar.name = "bank"
        calendar.weekend = ["SAT", "SUN"]
        calendar.validThrough = "2026-03-05"
        calendar.afterEnd = "open"
        var fixture = try Fixture()
        var input = ConfigurationInput()
        input.definitions = [
            Fixture.job("job", cadence: "0 9 * * *") {
                $0.calendar = "bank"
                $0.allowsDateArithmetic = true
                $0.parameters = [KeyValue("settles", "${scheduledDate + 1 business day}")]
            }
        ]
        input.calendars = [calendar]
        try fixture.handle(.applyConfiguration(input))
        try fixture.finishAll(minutes: 4 * 24 * 60)
        let due = fixture.all(RunDue.self)
        #expect(
            due.prefix(3).map { $0.parameters.first?.value } == [
                "2026-03-03", "2026-03-04", "2026-03-05",
            ])
        #expect(fixture.all(RunSkipped.self).map(\.reason) == ["calendarExpired"])
    }
}
