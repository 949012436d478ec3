import Engine
import Events
import Projections
import Testing
import Timetable

/// What follows a stop, a calendar's end, and new zone data.
@Suite struct CatchUpTests {
    typealias Fixture = CoreFixture

    private func stopped(
        hours: Int64, _ change: (inout ScheduleDefinition) -> Void
    ) throws -> Fixture {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("job", cadence: "0 * * * *", change))
        return try fixture.restarted(after: hours * 60 * Fixture.minute)
    }

    @Test("with all, each missed occurrence runs, oldest first, one after the other, one alert")
    func all() throws {
        var fixture = try stopped(hours: 5) { $0.catchUp = "all" }
        try fixture.advance(minutes: 1)
        #expect(fixture.all(RunDue.self).count == 5)
        #expect(fixture.all(RunDispatched.self).count == 1)
        #expect(fixture.all(RunHeld.self).allSatisfy { $0.gate == "overlap" })
        var order: [String] = []
        while let request = fixture.lastRequest, order.last != request.scheduled {
            order.append(request.scheduled)
            try fixture.finish(true)
        }
        #expect(order.map { $0.prefix(13) } == (1...5).map { "2026-03-02T0\($0)" })
        #expect(fixture.all(AlertRaised.self).filter { $0.kind == "onMissed" }.count == 1)
        #expect(fixture.core.state.openRuns.count == 0)
        #expect(fixture.core.indexCounts["openOfJob"] == 0)
    }

    @Test("a cap leaves the oldest missed; a spread sets the starts apart")
    func cap() throws {
        var fixture = try stopped(hours: 50) {
            $0.catchUp = "all"
            $0.misfire = MisfireRules()
            $0.misfire?.runsMax = 30
            $0.misfire?.spreadSeconds = 60
            $0.overlap = "allowAll"
        }
        try fixture.advance(minutes: 40)
        #expect(fixture.all(RunMissed.self).map(\.count) == [20])
        let starts = fixture.events.compactMap {
            $0.payload is RunDispatched ? $0.envelope.time : nil
        }
        #expect(starts.count == 30)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= Fixture.minute })
        #expect(fixture.all(AlertRaised.self).filter { $0.kind == "onMissed" }.count == 1)
    }

    @Test("what is made up for stops at the number of runs that is allowed")
    func bounded() throws {
        var fixture = try stopped(hours: 9) {
            $0.catchUp = "all"
            $0.runsMax = 4
            $0.overlap = "allowAll"
        }
        try fixture.finishAll(minutes: 24 * 60)
        #expect(fixture.all(RunSucceeded.self).count == 4)
        #expect(fixture.all(RunDue.self).count == 4)
    }

    @Test("a grace of its own decides what still runs as usual")
    func grace() throws {
        for (seconds, missed) in [(UInt64(7_200), 0), (60, 1)] {
            var fixture = try Fixture()
            try fixture.apply(
                Fixture.job("job", cadence: "0 1 * * *") {
                    $0.catchUp = "none"
                    $0.misfire = MisfireRules()
                    $0.misfire?.graceSeconds = seconds
                })
            var other = try fixture.restarted(after: 150 * Fixture.minute)
            try other.advance(minutes: 1)
            #expect(other.all(RunMissed.self).count == missed)
            #expect(other.all(RunDispatched.self).count == 1 - missed)
        }
    }

    @Test("people hear 90, 30 and 7 days before a calendar ends, and at its end, once each")
    func calendarEnds() throws {
        var calendar = CalendarDefinition()
        calendar.name = "bank"
        calendar.weekend = ["SAT", "SUN"]
        calendar.validThrough = "2026-06-30"
        var fixture = try Fixture()
        var input = ConfigurationInput()
        input.definitions = [
            Fixture.job("job", cadence: "0 9 * * *") { $0.calendar = "bank" }
        ]
        input.calendars = [calendar]
        try fixture.handle(.applyConfiguration(input))
        var seen: [String] = []
        for _ in 0..<10 {
            try fixture.finishAll(minutes: 13 * 24 * 60)
            seen += fixture.all(AlertRaised.self).filter { $0.kind == "calendar" }.map(\.severity)
            // A restart says nothing again.
            fixture = try fixture.restarted(after: 0)
        }
        #expect(seen == ["low", "medium", "high", "critical"])
        #expect(fixture.core.state.alerts.sorted().map(\.subject) == ["bank"])
        #expect(fixture.core.state.schedules[ScheduleKey("default", "job")]?.skipped ?? 0 > 30)
        input.calendars[0].validThrough = "2027-12-31"
        input.calendars[0].holidays = ["2026-12-24"]
        try fixture.handle(.applyConfiguration(input))
        #expect(fixture.core.state.alerts.count == 0)
        input.calendars[0].holidays = ["2026-12-25"]
        try fixture.handle(.applyConfiguration(input))
        let change = try #require(fixture.all(CalendarDefined.self).last?.changes.first)
        #expect(change.before == #"["2026-12-24"]"# && change.after == #"["2026-12-25"]"#)
    }

    @Test("with afterEnd open every day is a business day after the calendar's end")
    func calendarOpen() throws {
        var calendar = CalendarDefinition()
        calendar.name = "bank"
        calendar.weekend = ["SAT", "SUN"]
        calendar.validThrough = "2026-03-05"
        calendar.afterEnd = "open"
        var fixture = try Fixture()
        var input = ConfigurationInput()
        input.definitions = [Fixture.job("job", cadence: "0 9 * * *") { $0.calendar = "bank" }]
        input.calendars = [calendar]
        try fixture.handle(.applyConfiguration(input))
        try fixture.finishAll(minutes: 7 * 24 * 60)
        #expect(fixture.all(RunSucceeded.self).count == 7)
    }

    @Test("new zone data are recorded, and the occurrences that they moved are listed")
    func zoneData() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("berlin", cadence: "30 2 * * *") { $0.zone = "Europe/Berlin" },
            Fixture.job("utc", cadence: "30 2 * * *"))
        #expect(fixture.all(ZoneRecorded.self).map(\.zone) == ["Europe/Berlin"])
        // The log of an engine whose Berlin had the rules of Moscow.
        let moscow = try ZoneCatalog().data("Europe/Moscow")
        let state = try fixture.state { payload in
            guard var zone = payload as? ZoneRecorded else { return payload }
            zone.data = moscow
            return zone
        }
        let after = try CoreFixture(state: state, now: fixture.now + Fixture.minute)
        let changed = try #require(after.all(ZoneDataChanged.self).first)
        #expect(changed.zones == ["Europe/Berlin"])
        #expect(changed.movedCount > 360 && changed.moved.count == 200)
        #expect(changed.moved.allSatisfy { $0.jobId == "berlin" })
        // The first has no counterpart: in Moscow it was over already.
        let second = changed.moved[1]
        #expect(second.after - second.before == Int64(7_200_000_000))
        #expect(after.all(ZoneRecorded.self).map(\.zone) == ["Europe/Berlin"])
        #expect(after.core.state.zones["Europe/Berlin"]?.data != moscow)
        // A log of before zones were recorded gets them at the start.
        let old = try fixture.state { $0 is ZoneRecorded ? EngineAlive() : $0 }
        let begun = try CoreFixture(state: old, now: fixture.now + Fixture.minute)
        #expect(begun.all(ZoneRecorded.self).map(\.zone) == ["Europe/Berlin"])
        #expect(begun.all(ZoneDataChanged.self).isEmpty)
    }
}
