import Engine
import Events
import Projections
import Testing

/// What is reported of a dependency from outside, and polling that grows slower.
@Suite struct ReportedDependencyTests {
    typealias Fixture = CoreFixture

    private static let name = "warehouse-load"
    private static let date = "2026-03-02"
    private static let machine = Authority(actor: "user:warehouse")

    private static func job(
        _ kind: String = "pushed", _ change: (inout Dependency) -> Void = { _ in }
    ) -> ScheduleDefinition {
        Fixture.job("down", cadence: "0 1 * * *") { job in
            var dependency = Dependency()
            dependency.kind = kind
            dependency.name = name
            dependency.delayMinutesMax = 120
            if kind == "external" {
                dependency.probe = TargetBinding()
                dependency.pollSeconds = 60
            }
            change(&dependency)
            job.dependencies = [dependency]
        }
    }

    @discardableResult
    private func push(
        _ fixture: inout Fixture, _ status: String, on date: String = date,
        name: String = name
    ) throws -> Reply {
        try fixture.handle(
            .reportDependency(
                ScheduleKey("default", name), businessDate: date, status: status, Self.machine))
    }

    private func rejection(
        _ fixture: inout Fixture, _ status: String, on date: String = date, name: String = name
    ) -> Rejection.Code? {
        do {
            try push(&fixture, status, on: date, name: name)
            return nil
        } catch {
            return (error as? Rejection)?.code
        }
    }

    @Test("reported before the run is due, it goes on at once, and its record names who said so")
    func before() throws {
        var fixture = try Fixture()
        try fixture.apply(Self.job())
        try push(&fixture, "READY")
        try fixture.advance(minutes: 60)
        #expect(fixture.all(RunDispatched.self).count == 1)
        #expect(
            fixture.all(DependencySatisfied.self).map(\.detail)
                == ["user:warehouse reported READY for \(Self.date)"])
        let event = try #require(fixture.events.first { $0.payload is DependencyReported })
        #expect(event.envelope.actor == "user:warehouse")
    }

    @Test("reported after, it wakes the run that waits; another date and another name do not")
    func after() throws {
        var fixture = try Fixture()
        try fixture.apply(Self.job())
        try fixture.advance(minutes: 60)
        #expect(fixture.all(RunHeld.self).map(\.detail) == [Self.name])
        try push(&fixture, "READY", on: "2026-03-01")
        try push(&fixture, "READY", name: "other")
        try push(&fixture, "WAIT")
        #expect(fixture.all(RunDispatched.self).isEmpty)
        try push(&fixture, "READY")
        #expect(fixture.all(RunDispatched.self).count == 1)
    }

    @Test("only a change is recorded, and WAIT takes back only what no run has used")
    func changes() throws {
        var fixture = try Fixture()
        let dependencies = Self.job().dependencies
        try fixture.apply(
            Self.job(),
            Fixture.job("later", cadence: "0 2 * * *") { $0.dependencies = dependencies })
        try push(&fixture, "READY")
        #expect(try push(&fixture, "READY").sequence == nil)
        try fixture.advance(minutes: 60)
        try push(&fixture, "WAIT")
        #expect(fixture.all(DependencyReported.self).map(\.status) == ["READY", "WAIT"])
        // The run that had it goes on through its retries; the one that comes after waits.
        try fixture.finish(false)
        try fixture.advance(minutes: 60)
        let dispatched = fixture.all(RunDispatched.self)
        #expect(dispatched.allSatisfy { $0.jobId == "down" } && dispatched.count > 1)
        #expect(fixture.all(RunHeld.self).map(\.jobId) == ["later"])
    }

    @Test("what was reported, and who waits for it, survives a restart")
    func restart() throws {
        var fixture = try Fixture()
        try fixture.apply(Self.job())
        try push(&fixture, "READY", on: "2026-03-03")
        try fixture.advance(minutes: 60)
        var other = try fixture.restarted(after: Fixture.minute)
        try other.apply(Self.job())
        try other.advance(minutes: 1)
        #expect(other.all(RunDispatched.self).isEmpty)
        try push(&other, "READY")
        #expect(other.all(RunDispatched.self).count == 1)
        try other.finish(true)
        try other.advance(to: Fixture.start + 25 * 60 * Fixture.minute)
        #expect(other.all(RunDispatched.self).count == 2)
    }

    @Test("a report counts for a dependency that is asked, too")
    func polled() throws {
        var fixture = try Fixture()
        try fixture.apply(Self.job("external"))
        try fixture.advance(minutes: 60)
        let run = try #require(fixture.all(RunDue.self).first?.run)
        try fixture.handle(
            .dependencyAnswer(run: run, name: Self.name, status: "WAIT", detail: ""))
        try push(&fixture, "READY")
        #expect(fixture.all(RunDispatched.self).count == 1)
    }

    @Test("pauses between questions double to ten times the first; a new answer resets them")
    func backoff() throws {
        var fixture = try Fixture()
        try fixture.apply(Self.job("external") { $0.delayMinutesMax = 600 })
        try fixture.advance(minutes: 60)
        let run = try #require(fixture.all(RunDue.self).first?.run)
        func pause(_ status: String) throws -> Int64 {
            try fixture.handle(
                .dependencyAnswer(run: run, name: Self.name, status: status, detail: ""))
            fixture.forget()
            let asked = fixture.now
            while !fixture.effects.contains(where: { if case .probe = $0 { true } else { false } })
            {
                try fixture.advance(to: fixture.core.nextTimer ?? .max)
            }
            return (fixture.now - asked) / Fixture.minute
        }
        #expect(try (0..<6).map { _ in try pause("WAIT") } == [1, 2, 4, 8, 10, 10])
        #expect(try (0..<2).map { _ in try pause("ERROR") } == [1, 2])
    }

    @Test("bad names, dates and statuses are refused; the newest 62 dates are kept")
    func refused() throws {
        var fixture = try Fixture()
        #expect(rejection(&fixture, "READY", name: "a b") == .invalid)
        #expect(rejection(&fixture, "READY", name: "") == .invalid)
        #expect(rejection(&fixture, "DONE") == .invalid)
        #expect(rejection(&fixture, "READY", on: "2026-02-30") == .invalid)
        #expect(rejection(&fixture, "READY", on: "20260302") == .invalid)
        #expect(rejection(&fixture, "READY", on: "2062-03-02") == .invalid)
        #expect(fixture.core.state.dependencies.count == 0)
        for day in 1...31 {
            let text = day < 10 ? "0\(day)" : "\(day)"
            try push(&fixture, "READY", on: "2026-03-\(text)")
            try push(&fixture, "READY", on: "2026-05-\(text)")
        }
        #expect(rejection(&fixture, "READY", on: "2026-02-28") == .conflict)
        try push(&fixture, "READY", on: "2026-04-01")
        let known = fixture.core.state.dependencies.sorted()[0]
        #expect(known.dates.count == DependencyState.datesMax)
        #expect(known.dates.first?.businessDate == "2026-03-02")
        #expect(known.report(for: "2026-04-01")?.status == "READY")
    }

    @Test("10,000 names are kept, and not one more")
    func names() throws {
        var fixture = try Fixture()
        for number in 0..<10_000 { try push(&fixture, "WAIT", name: "n\(number)") }
        #expect(rejection(&fixture, "WAIT", name: "one-more") == .conflict)
        try push(&fixture, "READY", name: "n9")
    }
}
