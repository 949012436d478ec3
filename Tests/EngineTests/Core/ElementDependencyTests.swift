import Engine
import Events
import Projections
import Testing

@Suite("a schedule of the API that waits for a job with elements")
struct ElementDependencyTests {
    /// A transfer half an hour after the first hour, which waits for `load`.
    private static func transfer(
        _ change: (inout Dependency) -> Void = { _ in }
    ) -> ScheduleDefinition {
        APIScheduleTests.transfer("transfer", minutes: 90) { job in
            var dependency = Dependency()
            dependency.kind = "job"
            dependency.name = "load"
            dependency.delayMinutesMax = 120
            change(&dependency)
            job.dependencies = [dependency]
        }
    }

    /// A world in which `load` runs each hour for north and south, and a transfer waits for it.
    private static func world(
        _ change: (inout Dependency) -> Void = { _ in }
    ) throws -> CoreFixture {
        var fixture = try CoreFixture()
        try apply(&fixture, ["north", "south"])
        try fixture.handle(.defineSchedules([transfer(change)], CoreFixture.who))
        return fixture
    }

    private static func apply(_ fixture: inout CoreFixture, _ names: [String]) throws {
        var input = ConfigurationInput()
        // They are due after the transfer.
        input.definitions = names.map { name in
            FanOutTests.element(name) { job in
                job.cadence = "0 2 * * *"
                job.retriesMax = 0
            }
        }
        try fixture.handle(.applyConfiguration(input))
    }

    private static func end(
        _ fixture: inout CoreFixture, _ element: String, _ isSuccess: Bool = true
    ) throws {
        let due = try #require(fixture.all(RunDue.self).last { $0.fanOutKey == element })
        try fixture.handle(
            .processReady(run: due.run, attempt: 1, pid: 9, startTicks: 9, bootId: "b"))
        var result = AttemptResult()
        result.isSuccess = isSuccess
        result.failureClass = isSuccess ? "" : "exit"
        try fixture.handle(.ended(run: due.run, attempt: 1, result))
    }

    private static func began(_ fixture: CoreFixture) -> Bool {
        fixture.all(RunDispatched.self).contains { $0.jobId == "transfer" }
    }

    @Test("it begins when each element has succeeded for the business date, a restart between")
    func all() throws {
        var fixture = try Self.world()
        try fixture.advance(minutes: 120)
        #expect(fixture.all(RunHeld.self).map(\.gate) == ["dependency"])
        try Self.end(&fixture, "south")
        #expect(!Self.began(fixture))
        let due = fixture.all(RunDue.self)
        fixture = try fixture.restarted(after: CoreFixture.minute)
        try fixture.advance(minutes: 1)
        #expect(!Self.began(fixture) && fixture.core.indexCounts["elementsOfJob"] == 2)
        let north = try #require(due.first { $0.fanOutKey == "north" })
        var result = AttemptResult()
        result.isSuccess = true
        try fixture.handle(.ended(run: north.run, attempt: 1, result))
        #expect(Self.began(fixture))
        #expect(
            fixture.all(DependencySatisfied.self).map(\.detail)
                == ["its 2 elements are through for 2026-03-02"])
    }

    @Test("it fails as soon as one element has")
    func failed() throws {
        var fixture = try Self.world()
        try fixture.advance(minutes: 120)
        try Self.end(&fixture, "south", false)
        let dead = fixture.all(RunDead.self)
        #expect(dead.map(\.jobId) == ["load[south]", "transfer"])
        #expect(dead.last?.message.contains("load[south]") == true)
    }

    @Test("it does not wait for an element that was removed, and waits for one that came")
    func changes() throws {
        var fixture = try Self.world()
        try fixture.advance(minutes: 120)
        try Self.end(&fixture, "north")
        #expect(!Self.began(fixture))
        try Self.apply(&fixture, ["north", "west"])
        try fixture.advance(minutes: 1)
        #expect(!Self.began(fixture))
        try Self.apply(&fixture, ["north"])
        #expect(Self.began(fixture))
    }

    @Test("without an element it is refused, or waits where they went, until its time is over")
    func none() throws {
        var fixture = try CoreFixture()
        let refused = #expect(throws: Rejection.self) {
            try fixture.handle(.defineSchedules([Self.transfer()], CoreFixture.who))
        }
        #expect(refused?.code == .invalid)
        var other = try Self.world { $0.expiry = "skip" }
        try Self.apply(&other, [])
        try other.advance(minutes: 100)
        #expect(other.all(RunHeld.self).map(\.gate) == ["dependency"])
        try other.advance(minutes: 120)
        #expect(other.all(RunSkipped.self).map(\.jobId) == ["transfer"])
        #expect(other.core.indexCounts["waitingForJob"] == 0)
    }
}
