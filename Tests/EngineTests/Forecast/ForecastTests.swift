import DaybookTestSupport
import Engine
import Events
import Projections
import Testing
import Timetable

/// What a forecast says of each kind of occurrence.
@Suite struct ForecastTests {
    typealias Fixture = CoreFixture
    /// 2026-03-02T00:00:00Z, a Monday.
    static let from = Fixture.start
    static let minute = Fixture.minute
    static let zones: ZoneCatalog = {
        do { return try ZoneCatalog() } catch { preconditionFailure("no zone data: \(error)") }
    }()

    static func input(
        _ jobs: [ScheduleDefinition], _ calendars: [CalendarDefinition] = []
    ) -> ConfigurationInput {
        var input = ConfigurationInput()
        input.definitions = jobs
        input.calendars = calendars
        return input
    }

    static func forecast(
        _ jobs: [ScheduleDefinition], _ calendars: [CalendarDefinition] = [], days: Int = 1,
        durations: [String: Int64] = [:], _ change: (inout ForecastOptions) -> Void = { _ in }
    ) throws -> Forecast {
        var options = ForecastOptions(from: from, days: days)
        change(&options)
        let subject = ForecastSubject(configuration: input(jobs, calendars), zones: zones)
        return try Forecast.make(of: subject, options) { durations[$0.jobId] }
    }

    static func dependency(_ kind: String, _ name: String, minutes: UInt64) -> Dependency {
        var dependency = Dependency()
        dependency.kind = kind
        dependency.name = name
        dependency.delayMinutesMax = minutes
        dependency.pollSeconds = 60
        dependency.probe = TargetBinding()
        return dependency
    }

    @Test("what is due at the first moment is told, what is due at the end is not")
    func window() throws {
        let forecast = try Self.forecast([Fixture.job("hourly", cadence: "0 * * * *")])
        #expect(forecast.rows.count == 24)
        let first = try #require(forecast.rows.first)
        #expect(first.scheduledLocal == "2026-03-02T00:00:00+00:00")
        #expect(first.outcome == .runs)
        #expect(first.expectedStart == Self.from)
        #expect(first.expectedEnd == Self.from + 1_000_000)
        #expect(first.reason == "it runs at its scheduled time")
        #expect(forecast.rows.last?.scheduledLocal == "2026-03-02T23:00:00+00:00")
        #expect(forecast.summary.counts == [.runs: 24])
        #expect(forecast.assumptions.contains { $0.contains("1 job without a history take 1.0 s") })
        #expect(forecast.applied.message.hasPrefix("applied: 1 created"))
        #expect(forecast.assumptions.contains { $0.hasPrefix("Its configuration: applied: 1 cre") })
    }

    @Test("a run that waits for another says for what and until when, and runs then")
    func held() throws {
        let forecast = try Self.forecast(
            [
                Fixture.job("first", cadence: "0 1 * * *"),
                Fixture.job("second", cadence: "5 1 * * *") {
                    $0.dependencies = [Self.dependency("job", "first", minutes: 60)]
                    $0.startDelayMinutes = 1
                    $0.slaMinutes = 10
                },
            ], durations: ["first": 20 * Self.minute])
        let row = try #require(forecast.rows.last)
        #expect(row.outcome == .held)
        #expect(row.expectedStart == Self.from + 80 * Self.minute)
        #expect(row.until == row.expectedStart)
        #expect(
            row.reason == "it waits at the dependency gate (first) until "
                + "2026-03-02T01:20:00+00:00, then runs")
        // It may start an hour and a minute late, since it may wait that long.
        #expect(row.alerts == [.sla])
        #expect(forecast.summary.alertCounts == [.sla: 1])
        #expect(forecast.assumptions.contains { $0.contains("1 job take the median") })
    }

    @Test("a run whose dependency does not come fails when its time is over")
    func fails() throws {
        let jobs = [
            Fixture.job("alone", cadence: "0 1 * * *") {
                $0.dependencies = [Self.dependency("job", "never", minutes: 30)]
            },
            Fixture.job("asks", cadence: "0 2 * * *") {
                $0.dependencies = [Self.dependency("external", "dw", minutes: 30)]
            },
        ]
        let forecast = try Self.forecast(jobs) { $0.externalAnswer = .wait }
        #expect(forecast.rows.map(\.outcome) == [.fails, .fails])
        #expect(forecast.rows.map(\.expectedStart) == [nil, nil])
        #expect(forecast.rows[0].expectedEnd == Self.from + 90 * Self.minute)
        #expect(forecast.rows[0].reason.hasPrefix("it fails (dependency): dependency 'never'"))
        #expect(forecast.rows[1].expectedEnd == Self.from + 150 * Self.minute)
        let ready = try Self.forecast(jobs)
        #expect(ready.rows.map(\.outcome) == [.fails, .runs])
        #expect(
            ready.rows[1].reason
                == "it waits at the dependency gate (dw), and is let through at once")
        #expect(ready.rows[1].expectedStart == Self.from + 120 * Self.minute)
    }

    @Test("calendars skip with their reason, and one that runs out is named with its schedules")
    func calendars() throws {
        var calendar = CalendarDefinition()
        calendar.name = "business"
        calendar.weekend = ["SAT", "SUN"]
        calendar.holidays = ["2026-03-03"]
        calendar.validThrough = "2026-03-05"
        var later = calendar
        later.name = "later"
        later.validThrough = "2026-03-08"
        let forecast = try Self.forecast(
            [
                Fixture.job("a", cadence: "0 6 * * *") { $0.calendar = "business" },
                Fixture.job("b", cadence: "0 7 * * *") { $0.calendar = "later" },
            ], [calendar, later], days: 7)
        let rows = forecast.rows.filter { $0.jobId == "a" }
        #expect(
            rows.map(\.outcome) == [.runs, .skipped, .runs, .runs, .skipped, .skipped, .skipped])
        #expect(rows[1].reason == "it is skipped (calendar): business: holiday")
        #expect(
            rows[4].reason
                == "it is skipped (calendarExpired): calendar 'business' says nothing after "
                + "2026-03-05")
        #expect(rows[1].expectedStart == nil && rows[1].expectedEnd == nil)
        #expect(forecast.summary.calendars.map(\.name) == ["business"])
        #expect(forecast.summary.calendars.first?.jobIds == ["a"])
    }

    @Test("a change of the clocks is told with the occurrences at its gap and in its repeated hour")
    func clocks() throws {
        func jobs(_ zone: String) -> [ScheduleDefinition] {
            [
                Fixture.job("early", cadence: "30 1 * * *") { $0.zone = zone },
                Fixture.job("gap", cadence: "30 2 * * *") { $0.zone = zone },
                Fixture.job("late", cadence: "30 4 * * *") { $0.zone = zone },
                Fixture.job("often", cadence: "*/10 * * * *") { $0.zone = zone },
            ]
        }
        // New York goes forward on 2026-03-08 at 02:00.
        let spring = try Self.forecast(jobs("America/New_York"), days: 7)
        let change = try #require(spring.summary.clockChanges.first)
        #expect(spring.summary.clockChanges.count == 1)
        #expect(change.local == "2026-03-08T03:00:00-04:00")
        #expect((change.offsetBefore, change.offsetAfter) == (-18_000, -14_400))
        #expect(change.scheduleCount == 4)
        #expect(change.touched.map(\.jobId) == ["gap", "often"])
        #expect(change.touched.first?.first.first?.how == .gapEnd)
        let gap = try #require(spring.rows.first { $0.jobId == "gap" && $0.clockChange != nil })
        #expect(gap.scheduledLocal == "2026-03-08T03:00:00-04:00")
        // It goes back on 2026-11-01 at 02:00.
        let autumn = try Self.forecast(jobs("America/New_York"), days: 2) {
            $0.from += 243 * 86_400_000_000
            $0.start = $0.from - 1
        }
        let back = try #require(autumn.summary.clockChanges.first)
        #expect(back.touched.map(\.jobId) == ["early", "often"])
        #expect(back.touched.map(\.count) == [1, 12])
        #expect(back.touched.last?.first.count == 4)
        #expect(
            autumn.rows.filter { $0.clockChange == .secondPass }.map(\.scheduledLocal)
                == ["00", "10", "20", "30", "40", "50"].map { "2026-11-01T01:\($0):00-05:00" })
    }

    @Test("load is counted by minute, and jobs without an occurrence say why")
    func loadAndIdle() throws {
        let jobs =
            (0..<5).map { number in
                Fixture.job("job-\(number)", cadence: "0 \(number < 3 ? 6 : 7) * * *")
            } + [
                Fixture.job("off", cadence: "0 1 * * *") { $0.isEnabled = false },
                Fixture.job("yearly", cadence: "0 1 1 1 *"),
            ]
        let minutes = 20 * Self.minute
        let durations = Dictionary(uniqueKeysWithValues: jobs.map { ($0.jobId, minutes) })
        let forecast = try Self.forecast(jobs, durations: durations)
        let load = forecast.summary.load
        #expect(load.busiest.map(\.count) == [3, 2])
        #expect(load.busiest.first?.start == Self.from + 360 * Self.minute)
        #expect(load.concurrencyMax == 3)
        #expect(load.concurrencyTime == Self.from + 360 * Self.minute)
        #expect(forecast.summary.idle.map(\.jobId) == ["off", "yearly"])
        #expect(
            forecast.summary.idle.map(\.reason) == [
                "it is disabled in the configuration",
                "its next occurrence is 2027-01-01T01:00:00+00:00",
            ])
    }

    @Test("room is given as the settings have it: who waits for it says so")
    func concurrency() throws {
        var subject = ForecastSubject(
            configuration: Self.input([
                Fixture.job("a", cadence: "0 6 * * *"), Fixture.job("b", cadence: "0 6 * * *"),
            ]), zones: Self.zones)
        subject.settings.activeRunsMax = 1
        let options = ForecastOptions(from: Self.from, days: 1)
        let forecast = try Forecast.make(of: subject, options)
        #expect(forecast.rows.map(\.outcome) == [.runs, .held])
        #expect(
            forecast.rows[1].reason == "it waits at the concurrency gate (the engine: one attempt "
                + "runs already) until 2026-03-02T06:00:01+00:00, then runs")
        subject.settings.isSchedulingOn = false
        let off = try Forecast.make(of: subject, options)
        #expect(off.rows.isEmpty)
        #expect(off.assumptions.contains { $0.hasPrefix("Scheduling is switched off") })
        #expect(off.summary.idle.map(\.reason).allSatisfy { $0.contains("switched off") })
    }
}
