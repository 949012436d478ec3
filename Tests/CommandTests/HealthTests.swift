import Engine
import Projections
import Server
import Testing
import Timetable

/// What `/health` says.
@Suite struct HealthTests {
    @Test("on a full disk no work is taken, and why is said; with room it is well again")
    func disk() throws {
        var core = EngineCore(
            state: ProjectedState(), zones: try ZoneCatalog(), settings: DecisionSettings())
        var now: Int64 = 1_772_409_600_000_000
        var facts = StartFacts()
        facts.version = "test"
        _ = try core.start(facts, now: now)
        for (space, takesWork) in [("low", true), ("full", false), ("ample", true)] {
            now += 1_000_000
            _ = try core.handle(
                .spaceChanged(space: space, free: 3 << 20, wanted: 1 << 30), now: now)
            let health = Health(core.state, version: "1.0")
            #expect(health.takesWork == takesWork, "\(space)")
            #expect(health.json.contains("\"status\":\"ok\"") == takesWork, "\(health.json)")
            #expect(health.json.contains("\"version\":\"1.0\""))
            #expect(health.json.contains("\"reason\":\"the disk of the log is full") != takesWork)
            if !takesWork { #expect(health.json.contains("\"scheduling\":false")) }
        }
    }
}
