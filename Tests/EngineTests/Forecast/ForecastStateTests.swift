import DaybookTestSupport
import Engine
import Events
import Projections
import Testing
import Timetable

/// Forecasts from the state of an engine that has run: what is open, overdue, paused, or full.
@Suite struct ForecastStateTests {
    typealias Fixture = CoreFixture
    static let minute = Fixture.minute

    private func forecast(
        _ fixture: Fixture, days: Int = 1, later: Int64 = 0, _ input: ConfigurationInput? = nil,
        durations: [String: Int64] = [:]
    ) throws -> Forecast {
        let subject = ForecastSubject(
            state: fixture.core.state, configuration: input, zones: ForecastTests.zones)
        let options = ForecastOptions(from: fixture.now + later, days: days)
        return try Forecast.make(of: subject, options) { durations[$0.jobId] }
    }

    @Test("what runs goes on until its usual time is over, and what waits goes on to wait")
    func open() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("long", cadence: "0 1 * * *") { $0.slaMinutes = 60 },
            Fixture.job("waits", cadence: "5 1 * * *") {
                $0.dependencies = [ForecastTests.dependency("job", "long", minutes: 120)]
            })
        try fixture.advance(minutes: 60)
        let request = try #require(fixture.lastRequest)
        try fixture.handle(
            .processReady(run: request.run, attempt: 1, pid: 9, startTicks: 9, bootId: "b"))
        try fixture.advance(minutes: 30)
        let start = Fixture.start + 60 * Self.minute
        let forecast = try forecast(fixture, durations: ["long": 75 * Self.minute])
        let (long, waits) = (forecast.rows[0], forecast.rows[1])
        #expect(long.openRun == request.run)
        #expect(long.expectedStart == start)
        #expect(long.expectedEnd == start + 75 * Self.minute)
        #expect(long.alerts == [.sla])
        #expect(long.reason == "it was open when the forecast begins (started)")
        #expect(waits.outcome == .held)
        #expect(waits.expectedStart == start + 75 * Self.minute)
        #expect(waits.reason.hasSuffix("until 2026-03-02T02:15:00+00:00, then runs"))
    }

    @Test("what fell due while no engine ran is caught up at the start, or missed")
    func overdue() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("latest", cadence: "0 * * * *"),
            Fixture.job("none", cadence: "30 * * * *") { $0.catchUp = "none" })
        let forecast = try forecast(fixture, later: 5 * 60 * Self.minute + 50 * Self.minute)
        let run = try #require(forecast.rows.first { $0.trigger == "catchUp" })
        #expect(run.expectedStart == fixture.now + 350 * Self.minute - 1)
        #expect(run.reason.contains("for 5 occurrences"))
        let missed = try #require(forecast.rows.first { $0.outcome == .missed })
        #expect(missed.jobId == "none" && missed.occurrences == 5)
        #expect(missed.reason == "it is missed (engineDown): catchUp is none")
        #expect(forecast.summary.alerts.map(\.kind) == ["onMissed", "onMissed"])
        #expect(forecast.summary.counts[.skipped] == 4)
    }

    @Test("what is overdue by less than its grace runs at once, and says how late")
    func withinGrace() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("hourly", cadence: "0 * * * *"))
        let forecast = try forecast(fixture, later: 65 * Self.minute + 1)
        let row = try #require(forecast.rows.first)
        #expect(row.scheduledLocal == "2026-03-02T01:00:00+00:00")
        #expect(row.outcome == .runs && row.trigger == "schedule")
        #expect(row.reason == "it runs 300.0 seconds after its scheduled time")
        #expect(row.alerts.isEmpty)
    }

    @Test("a pause skips with its reason, as far as the days reach")
    func paused() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("hourly", cadence: "0 * * * *"))
        let key = ScheduleKey("default", "hourly")
        try fixture.handle(.pause(key, reason: "the partner is closed", Fixture.who))
        let forecast = try forecast(fixture)
        #expect(forecast.rows.count == 23)
        #expect(
            forecast.rows.allSatisfy {
                $0.reason == "it is skipped (paused): the partner is closed"
            })
    }

    @Test("a full disk is taken to have room, and says that it is")
    func fullDisk() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("hourly", cadence: "0 * * * *"))
        try fixture.handle(.spaceChanged(space: "full", free: 1 << 20, wanted: 1 << 30))
        let forecast = try forecast(fixture)
        #expect(forecast.summary.counts == [.runs: 23])
        #expect(forecast.assumptions.contains { $0.contains("has room again") })
    }

    @Test("a completion that is awaited comes after the usual time; an endpoint answers at its end")
    func endpoints() throws {
        func job(_ jobId: String, _ cadence: String) -> ScheduleDefinition {
            Fixture.job(jobId, cadence: cadence) {
                $0.target?.kind = "http"
                $0.target?.timeoutSeconds = 30
                $0.target?.callbackTimeoutSeconds = 3_600
                $0.startDelayMinutes = 1
            }
        }
        var fixture = try Fixture()
        try fixture.apply(job("awaits", "0 1 * * *"), job("answers", "0 3 * * *"))
        try fixture.advance(minutes: 60)
        let request = try #require(fixture.lastRequest)
        try fixture.handle(.accepted(run: request.run, attempt: 1))
        try fixture.advance(minutes: 1)
        let forecast = try forecast(
            fixture, durations: ["awaits": 10 * Self.minute, "answers": 20_000_000])
        #expect(forecast.rows.map(\.outcome) == [.runs, .runs, .runs])
        #expect(forecast.rows.map(\.jobId) == ["awaits", "answers", "awaits"])
        let started = Fixture.start + 60 * Self.minute
        #expect(forecast.rows[0].expectedEnd == started + 10 * Self.minute)
        let answered = try #require(forecast.rows[1].expectedEnd)
        #expect(answered == Fixture.start + 180 * Self.minute + 20_000_000)
        // It is accepted at once, since it needs longer than a request may take.
        #expect(forecast.rows[2].alerts.isEmpty)
    }

    @Test("a schedule that is removed takes its waiting run with it; a zone must be known")
    func removed() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("waits", cadence: "0 1 * * *") {
                $0.dependencies = [ForecastTests.dependency("job", "never", minutes: 120)]
            }, Fixture.job("stays", cadence: "0 2 * * *"))
        try fixture.advance(minutes: 61)
        let input = ForecastTests.input([Fixture.job("stays", cadence: "0 2 * * *")])
        let forecast = try forecast(fixture, input)
        #expect(forecast.rows.map(\.outcome) == [.cancelled, .runs])
        #expect(forecast.rows[0].reason == "it is cancelled: the schedule was removed")
        #expect(forecast.summary.idle.isEmpty)
        let wrong = ForecastTests.input([
            Fixture.job("stays", cadence: "0 2 * * *") { $0.zone = "Mars/Olympus" }
        ])
        #expect(throws: Rejection.self) { try self.forecast(fixture, wrong) }
    }

    @Test("rows before the first moment that is told are left out, however early the engine starts")
    func laterStart() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("hourly", cadence: "0 * * * *"))
        let subject = ForecastSubject(state: fixture.core.state, zones: ForecastTests.zones)
        var options = ForecastOptions(from: fixture.now + 86_400_000_000, days: 1)
        options.start = fixture.now
        let forecast = try Forecast.make(of: subject, options)
        #expect(forecast.rows.count == 24)
        #expect(forecast.rows.first?.scheduledLocal == "2026-03-03T00:00:00+00:00")
        #expect(forecast.summary.load.busiest.allSatisfy { $0.start >= options.from })
    }
}
