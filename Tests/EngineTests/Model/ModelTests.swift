import DaybookTestSupport
import Engine
import Events
import Foundation
import Projections
import Testing
import Timetable

/// Random worlds, each checked against a reference model of a run's life.
///
/// `DAYBOOK_CASES` makes it more of them, `DAYBOOK_SEED` begins elsewhere; each world has a seed of
/// its own, so that one can be lived alone.
@Suite struct ModelTests {
    @Test(
        "whatever happens, a run lives as the model has it, and the log replays to the same state")
    func worlds() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = TestSeed.fromEnvironment() ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let cases = environment["DAYBOOK_CASES"].flatMap(UInt64.init) ?? 1_000
        print("model: DAYBOOK_SEED=\(seed), \(cases) worlds")
        let zones = try ZoneCatalog()
        var total = Totals()
        for number in 0..<cases { try live(seed &+ number, zones, &total) }
        print("model: \(total)")
        // A world in which nothing happens would show nothing.
        #expect(total.dispatches > cases * 20 && total.kills > cases / 2)
        #expect(total.leases > cases && total.expiries > cases / 10 && total.ignored > 0)
        #expect(total.approvals > cases / 2 && total.acts > cases / 20)
        #expect(total.removals > cases / 2)
        #expect(Set(total.endings.keys) == ["succeeded", "dead", "skipped", "cancelled"])
    }

    /// Seeds that once found a fault.
    @Test("what once went wrong goes well", arguments: [UInt64(6), 16, 20, 21])
    func found(seed: UInt64) throws {
        var total = Totals()
        try live(seed, try ZoneCatalog(), &total)
    }

    private struct Totals {
        var dispatches: UInt64 = 0
        var kills: UInt64 = 0
        var leases: UInt64 = 0
        var expiries: UInt64 = 0
        var ignored: UInt64 = 0
        var approvals: UInt64 = 0
        var acts: UInt64 = 0
        var removals: UInt64 = 0
        var endings: [String: Int] = [:]

        mutating func add(_ counts: RunModel.Counts, of world: ModelWorld) {
            dispatches += UInt64(counts.dispatches)
            kills += UInt64(world.kills)
            leases += UInt64(counts.leases)
            expiries += UInt64(counts.expiries)
            ignored += UInt64(world.ignoredCount)
            approvals += UInt64(counts.approvals)
            acts += UInt64(counts.acts)
            removals += UInt64(counts.removals)
            endings.merge(counts.endings) { $0 + $1 }
        }
    }

    private func live(_ seed: UInt64, _ zones: ZoneCatalog, _ total: inout Totals) throws {
        do {
            var world = try ModelWorld(seed: seed, zones: zones)
            try world.live(minutes: 90)
            var model = RunModel(
                activeRunsMax: world.settings.activeRunsMax, guardedActs: world.settings.fourEyes)
            var state = ProjectedState()
            for (index, record) in world.records.enumerated() {
                try model.take(try Event(decoding: record))
                try state.apply(record.span.bytes)
                if world.ends.contains(index + 1) { try model.endDecision() }
            }
            var lived = world.core.state
            guard state.digest() == lived.digest() else {
                throw ModelViolation("the log does not replay to the state that was lived in")
            }
            guard model.open == Set(state.openRuns.sorted().map(\.run)) else {
                throw ModelViolation("other runs are open than the model has")
            }
            try model.checkSchedules(state)
            try model.checkWorkers(state)
            try model.checkApprovals(state)
            total.add(model.counts, of: world)
        } catch {
            Issue.record("DAYBOOK_SEED=\(seed) DAYBOOK_CASES=1: \(error)")
        }
    }
}
