import DaybookTestSupport
import Engine
import Events
import Projections
import Testing
import Timetable

/// Bounds of forecasts, what they refuse, and what differs between two of them.
@Suite struct ForecastLimitTests {
    typealias Fixture = CoreFixture

    @Test("a forecast stops at the limit on runs, and says at which moment")
    func limit() throws {
        let jobs = ["a", "b", "c"].map { Fixture.job($0, cadence: "*/10 * * * *") }
        let forecast = try ForecastTests.forecast(jobs) { $0.runsMax = 10 }
        #expect(forecast.isCutShort)
        #expect(forecast.rows.count == 9)
        #expect(forecast.end == Fixture.start + 30 * Fixture.minute)
        #expect(
            forecast.remark == "the limit on runs was reached at 2026-03-02T00:30:00.000000Z: what "
                + "is due from then on is not told; ask for fewer days, or raise the limit")
        #expect(forecast.json.contains("\"cutShort\":true"))
        let whole = try ForecastTests.forecast(jobs) { $0.runsMax = 1_000 }
        #expect(whole.remark == nil)
        #expect(whole.rows.count == 3 * 144)
    }

    @Test("one job alone is told, with the load of all")
    func job() throws {
        let jobs = ["a", "b", "c"].map { Fixture.job($0, cadence: "0 * * * *") }
        let key = ScheduleKey("default", "b")
        let forecast = try ForecastTests.forecast(jobs) { $0.job = key }
        #expect(forecast.rows.count == 24)
        #expect(forecast.rows.allSatisfy { $0.jobId == "b" })
        #expect(forecast.summary.counts == [.runs: 24])
        #expect(forecast.summary.load.busiest.first?.count == 3)
        let error = #expect(throws: Rejection.self) {
            try ForecastTests.forecast(jobs) { $0.job = ScheduleKey("default", "nix") }
        }
        #expect(error?.code == .notFound)
    }

    @Test(
        "days and limits that cannot be meant are refused",
        arguments: [(0, 1), (-1, 1), (367, 1), (.max, 1), (1, 0), (1, -5)])
    func misuse(days: Int, runs: Int) throws {
        let error = #expect(throws: Rejection.self) {
            try ForecastTests.forecast([]) {
                $0.days = days
                $0.runsMax = runs
            }
        }
        #expect(error?.code == .invalid)
    }

    @Test("a year of nothing is a forecast too")
    func empty() throws {
        let forecast = try ForecastTests.forecast([], days: ForecastOptions.daysMax)
        #expect(forecast.rows.isEmpty)
        let summary = forecast.summary
        #expect(summary.counts.isEmpty && summary.alertCounts.isEmpty)
        #expect(summary.clockChanges.isEmpty && summary.calendars.isEmpty)
        #expect(summary.idle.isEmpty && summary.alerts.isEmpty)
        #expect(summary.load.busiest.isEmpty && summary.load.concurrencyTime == nil)
        #expect(forecast.json.hasSuffix("\"rows\":[]}"))
    }

    @Test("two forecasts differ by the runs that only one has, and by those that go otherwise")
    func difference() throws {
        let before = try ForecastTests.forecast([
            Fixture.job("same", cadence: "0 1 * * *"), Fixture.job("gone", cadence: "0 2 * * *"),
            Fixture.job("moves", cadence: "0 3 * * *"), Fixture.job("waits", cadence: "0 4 * * *"),
        ])
        let after = try ForecastTests.forecast([
            Fixture.job("same", cadence: "0 1 * * *"), Fixture.job("moves", cadence: "30 3 * * *"),
            Fixture.job("waits", cadence: "0 4 * * *") {
                $0.dependencies = [ForecastTests.dependency("job", "never", minutes: 10)]
            },
        ])
        let difference = ForecastDifference(from: before, to: after)
        #expect(difference.onlyBefore.map(\.jobId) == ["gone", "moves"])
        #expect(difference.onlyAfter.map(\.jobId) == ["moves"])
        #expect(difference.changed.map(\.after.jobId) == ["waits"])
        #expect(difference.changed.first?.before.outcome == .runs)
        #expect(difference.changed.first?.after.outcome == .fails)
        #expect(
            difference.changed.first?.fields == [
                "outcome", "until", "expectedStart", "expectedEnd", "reason",
            ])
        #expect(difference.unchangedCount == 1)
        #expect(!difference.isEmpty)
        #expect(difference.json.contains("\"unchanged\":1"))
        #expect(ForecastDifference(from: before, to: before).isEmpty)
    }

    @Test("what one forecast does not reach is not compared")
    func differenceOfShort() throws {
        let jobs = [Fixture.job("a", cadence: "0 * * * *")]
        let long = try ForecastTests.forecast(jobs)
        let short = try ForecastTests.forecast(jobs) { $0.runsMax = 6 }
        let difference = ForecastDifference(from: long, to: short)
        #expect(difference.isEmpty)
        #expect(difference.end == short.end)
        #expect(difference.unchangedCount == short.rows.count)
    }
}
