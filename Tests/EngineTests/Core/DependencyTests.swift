import Engine
import Events
import Projections
import Testing

/// Which end of another job is waited for, how many, and what follows a wait that is over.
@Suite struct DependencyTests {
    typealias Fixture = CoreFixture

    private static func waiting(
        on condition: String = "", expiry: String = "", mode: String = "",
        for names: [String] = ["up"]
    ) -> ScheduleDefinition {
        Fixture.job("down", cadence: "0 1 * * *") { job in
            job.dependencies = names.map { name in
                var dependency = Dependency()
                dependency.kind = "job"
                dependency.name = name
                dependency.delayMinutesMax = 30
                dependency.condition = condition
                dependency.expiry = expiry
                return dependency
            }
            job.rules = RunRules()
            job.rules?.dependencyMode = mode
        }
    }

    /// The upstream jobs run at one o'clock too and end as said; nil: they do not end.
    private func run(
        _ down: ScheduleDefinition, _ ends: [(String, Bool?)], minutes: Int64 = 61
    ) throws -> Fixture {
        var fixture = try Fixture()
        let ups = ends.map { name, _ in
            Fixture.job(name, cadence: "0 1 * * *") { $0.retriesMax = 0 }
        }
        var input = ConfigurationInput()
        input.definitions = [down] + ups
        try fixture.handle(.applyConfiguration(input))
        try fixture.advance(minutes: 60)
        for (name, isSuccess) in ends {
            let run = fixture.core.state.openRuns.sorted().first { $0.jobId == name }
            guard let isSuccess, let run else { continue }
            var result = AttemptResult()
            result.isSuccess = isSuccess
            result.failureClass = isSuccess ? "" : "exit"
            try fixture.handle(
                .processReady(run: run.run, attempt: 1, pid: 9, startTicks: 9, bootId: "b"))
            try fixture.handle(.ended(run: run.run, attempt: 1, result))
        }
        try fixture.advance(minutes: minutes - 60)
        return fixture
    }

    private func outcome(_ fixture: Fixture) -> String {
        let down = fixture.events.filter { event in
            switch event.payload {
            case let run as RunDispatched: run.jobId == "down"
            case let run as RunSkipped: run.jobId == "down"
            case let run as RunDead: run.jobId == "down"
            default: false
            }
        }
        return down.map(\.type.name).joined(separator: " ")
    }

    @Test(
        "success, failure and any end of another job",
        arguments: [
            ("", true, "scheduler.run.dispatched"), ("", false, "scheduler.run.dead"),
            ("failure", true, "scheduler.run.skipped"),
            ("failure", false, "scheduler.run.dispatched"),
            ("end", true, "scheduler.run.dispatched"), ("end", false, "scheduler.run.dispatched"),
        ])
    func conditions(condition: String, isSuccess: Bool, expected: String) throws {
        let fixture = try run(Self.waiting(on: condition), [("up", isSuccess)])
        #expect(outcome(fixture) == expected)
    }

    @Test(
        "when the wait is over the run fails, is skipped, or runs",
        arguments: [
            ("", "scheduler.run.dead"), ("skip", "scheduler.run.skipped"),
            ("run", "scheduler.run.dispatched"),
        ])
    func expiry(expiry: String, expected: String) throws {
        let fixture = try run(Self.waiting(expiry: expiry), [("up", nil)], minutes: 91)
        #expect(outcome(fixture) == expected)
        #expect(fixture.all(RunHeld.self).map(\.detail) == ["up"])
    }

    @Test("any: one that is ready is enough, one that is lost is not the end, all lost are")
    func any() throws {
        let names = ["a", "b"]
        let down = Self.waiting(mode: "any", for: names)
        #expect(outcome(try run(down, [("a", false), ("b", true)])) == "scheduler.run.dispatched")
        #expect(outcome(try run(down, [("a", true), ("b", nil)])) == "scheduler.run.dispatched")
        #expect(outcome(try run(down, [("a", false), ("b", nil)])) == "")
        #expect(outcome(try run(down, [("a", false), ("b", false)])) == "scheduler.run.dead")
        #expect(
            outcome(try run(down, [("a", false), ("b", nil)], minutes: 91)) == "scheduler.run.dead")
    }

    @Test("all: one that is lost ends the wait for the others")
    func all() throws {
        let down = Self.waiting(for: ["a", "b"])
        #expect(outcome(try run(down, [("a", nil), ("b", false)])) == "scheduler.run.dead")
        #expect(outcome(try run(down, [("a", true), ("b", true)])) == "scheduler.run.dispatched")
        let held = try run(down, [("a", nil), ("b", nil)]).all(RunHeld.self)
        #expect(held.map(\.detail) == ["a, b"])
    }
}
