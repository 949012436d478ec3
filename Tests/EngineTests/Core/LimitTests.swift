import DaybookTestSupport
import Engine
import Events
import Foundation
import Projections
import Testing

/// Limits, rates, priority and fair shares.
@Suite struct LimitTests {
    typealias Fixture = CoreFixture

    private func limited(
        _ jobId: String, _ change: (inout RunLimit) -> Void, priority: UInt64 = 0,
        region: String = "eu"
    ) -> ScheduleDefinition {
        Fixture.job(jobId, cadence: "0 1 * * *") { job in
            var limit = RunLimit()
            limit.name = "bank"
            change(&limit)
            var rules = RunRules()
            rules.limits = [limit]
            rules.priority = priority
            job.rules = rules
            job.parameters = [KeyValue("region", region)]
        }
    }

    private func input(_ jobs: [ScheduleDefinition], tenant: String = "default") -> Command {
        var input = ConfigurationInput()
        input.definitions = jobs
        input.tenant = tenant
        return .applyConfiguration(input)
    }

    private func dispatched(_ fixture: Fixture) -> [String] {
        fixture.all(RunDispatched.self).map(\.jobId)
    }

    private func end(_ run: UInt64, _ fixture: inout Fixture) throws {
        try fixture.handle(
            .processReady(run: run, attempt: 1, pid: 9, startTicks: 9, bootId: "b"))
        var result = AttemptResult()
        result.isSuccess = true
        try fixture.handle(.ended(run: run, attempt: 1, result))
    }

    @Test("a limit holds what is too much, and lets the next go when one has ended")
    func concurrent() throws {
        var fixture = try Fixture()
        try fixture.handle(
            input((1...4).map { number in limited("j\(number)", { $0.concurrentMax = 2 }) }))
        try fixture.advance(minutes: 60)
        #expect(dispatched(fixture) == ["j1", "j2"])
        let held = fixture.all(RunHeld.self)
        #expect(held.map(\.jobId) == ["j3", "j4"] && held.allSatisfy { $0.gate == "concurrency" })
        #expect(held[0].detail == "limit 'bank': 2 attempts run already")
        try end(fixture.all(RunDispatched.self)[0].run, &fixture)
        #expect(dispatched(fixture) == ["j1", "j2", "j3"])
        // It is the same after a kill: what is active is counted before anything is let in.
        fixture = try fixture.restarted(after: Fixture.minute)
        try fixture.advance(minutes: 1)
        #expect(dispatched(fixture).isEmpty)
    }

    @Test("a limit by a parameter counts each of its values by itself")
    func byParameter() throws {
        var fixture = try Fixture()
        let change: (inout RunLimit) -> Void = {
            $0.concurrentMax = 1
            $0.by = "region"
        }
        try fixture.handle(
            input([
                limited("a", change), limited("b", change, region: "us"),
                limited("c", change, region: "us"),
            ]))
        try fixture.advance(minutes: 60)
        #expect(dispatched(fixture) == ["a", "b"])
        #expect(
            fixture.all(RunHeld.self).map(\.detail) == [
                "limit 'bank' for 'us': one attempt runs already"
            ])
    }

    @Test("the higher priority goes first, and what waits long enough goes before it")
    func priority() throws {
        var fixture = try Fixture()
        let one: (inout RunLimit) -> Void = { $0.concurrentMax = 1 }
        try fixture.handle(
            input([
                limited("a", one), limited("b-low", one, priority: 1),
                limited("c", one), limited("d-high", one, priority: 9),
            ]))
        try fixture.advance(minutes: 60)
        for _ in 0..<3 { try end(try #require(fixture.lastRequest).run, &fixture) }
        #expect(dispatched(fixture) == ["a", "d-high", "c", "b-low"])
    }

    @Test("who has waited as many minutes longer as its priority is lower goes first")
    func ageing() {
        var book = RoomBook()
        let key = RoomKey(name: "x")
        let bounds = [RoomBound(key: key, concurrentMax: 1)]
        let minute = Fixture.minute
        for (run, since, priority) in [
            (UInt64(1), Int64(0), UInt64(1)), (2, 8 * minute - 1, 9), (3, 8 * minute + 1, 9),
            (4, 4 * minute, 0),
        ] {
            book.wait(
                run, at: key, needs: bounds, tenant: "t",
                rank: RoomBook.rank(since: since, priority: priority))
        }
        #expect((0..<5).map { _ in book.next(at: key) } == [2, 1, 4, 3, nil])
    }

    @Test("tenants share: the next is of the one with the fewest attempts")
    func fairShare() throws {
        var settings = DecisionSettings()
        settings.activeRunsMax = 2
        var fixture = try Fixture(settings: settings)
        let jobs = (1...6).map { Fixture.job("a\($0)", cadence: "0 1 * * *") }
        try fixture.handle(input(jobs, tenant: "large"))
        try fixture.handle(
            input((1...2).map { Fixture.job("b\($0)", cadence: "1 1 * * *") }, tenant: "small"))
        try fixture.advance(minutes: 61)
        #expect(dispatched(fixture) == ["a1", "a2"])
        for number in 0..<6 {
            try end(fixture.all(RunDispatched.self)[number].run, &fixture)
        }
        #expect(dispatched(fixture) == ["a1", "a2", "b1", "a3", "b2", "a4", "a5", "a6"])
    }

    @Test("a rate lets so many begin in a window, and the rest when it has moved on")
    func rate() throws {
        var fixture = try Fixture()
        let change: (inout RunLimit) -> Void = {
            $0.rateMax = 2
            $0.windowSeconds = 60
        }
        try fixture.handle(input((1...5).map { limited("j\($0)", change) }))
        try fixture.advance(minutes: 60)
        #expect(dispatched(fixture) == ["j1", "j2"])
        let held = try #require(fixture.all(RunHeld.self).first)
        #expect(held.gate == "rate" && held.until == fixture.now + Fixture.minute)
        try fixture.advance(to: fixture.now + Fixture.minute - 1)
        #expect(dispatched(fixture).count == 2)
        try fixture.advance(to: fixture.now + 1)
        #expect(dispatched(fixture).count == 4)
        // What began before a kill is not known: a whole window passes before the next.
        fixture = try fixture.restarted(after: 1_000_000)
        try fixture.advance(to: fixture.now + Fixture.minute - 1_000_001)
        #expect(dispatched(fixture).isEmpty)
        try fixture.advance(to: fixture.now + 1)
        #expect(dispatched(fixture) == ["j5"])
    }

    @Test("however many wait for a rate, one timer stands for them, and old starts are forgotten")
    func rateTimers() throws {
        var fixture = try Fixture()
        let change: (inout RunLimit) -> Void = {
            $0.rateMax = 1
            $0.windowSeconds = 60
            $0.by = RunLimit.byJob
        }
        let single: (inout RunLimit) -> Void = {
            $0.rateMax = 1
            $0.windowSeconds = 60
        }
        try fixture.handle(input((1...200).map { limited("j\($0)", single) }))
        try fixture.advance(minutes: 60)
        // Each schedule's own timer, those of the engine, and one for the limit.
        #expect(fixture.core.indexCounts["timers", default: 0] <= 200 + 10)
        try fixture.advance(minutes: 100)
        #expect(dispatched(fixture).count == 101)
        #expect(fixture.core.indexCounts["timers", default: 0] <= 200 + 10)
        var other = try Fixture()
        try other.handle(input((1...50).map { limited("j\($0)", change) }))
        try other.advance(minutes: 60)
        #expect(other.core.indexCounts["recentStarts"] == 50)
        try other.advance(minutes: 3)
        #expect(other.core.indexCounts["recentStarts"] == 0)
    }

    @Test("random limits are kept at every moment, and everybody's turn comes")
    func property() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["DAYBOOK_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1 << 32)
        let cases = environment["DAYBOOK_CASES"].flatMap(Int.init) ?? 60
        print("limits: DAYBOOK_SEED=\(seed), \(cases) cases")
        for number in 0..<cases { try check(seed: seed &+ UInt64(number)) }
    }

    private func check(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var settings = DecisionSettings()
        settings.activeRunsMax = Int.random(in: 1...8, using: &random)
        var limits: [RunLimit] = []
        for name in ["bank", "region", "api"] {
            var limit = RunLimit()
            limit.name = name
            limit.by = ["", "region", "job"].randomElement(using: &random) ?? ""
            if Bool.random(using: &random) {
                limit.concurrentMax = UInt64.random(in: 1...4, using: &random)
            }
            if Bool.random(using: &random) || limit.concurrentMax == 0 {
                limit.rateMax = UInt64.random(in: 1...5, using: &random)
                limit.windowSeconds = UInt64.random(in: 1...120, using: &random)
            }
            limits.append(limit)
        }
        var fixture = try Fixture(settings: settings)
        let jobs = (0..<24).map { number in
            Fixture.job("j\(number)", cadence: "0 1 * * *") { job in
                var rules = RunRules()
                rules.limits = limits.filter { _ in Bool.random(using: &random) }
                rules.priority = UInt64.random(in: 0...9, using: &random)
                job.rules = rules
                job.parameters = [
                    KeyValue("region", ["eu", "us"].randomElement(using: &random) ?? "")
                ]
            }
        }
        try fixture.handle(input(jobs))
        try fixture.advance(minutes: 60)
        var watch = LimitWatch(jobs: jobs, activeRunsMax: settings.activeRunsMax, seed: seed)
        var idle = 0
        while fixture.core.state.openRuns.count > 0, idle < 200 {
            watch.look(fixture)
            let active = fixture.core.state.openRuns.sorted().filter { $0.status == .dispatched }
            if let run = active.randomElement(using: &random), Bool.random(using: &random) {
                idle = 0
                let waiting = fixture.core.state.openRuns.sorted().filter { $0.status == .held }
                if let other = waiting.randomElement(using: &random),
                    Int.random(in: 0..<8, using: &random) == 0
                {
                    try fixture.handle(.cancel(run: other.run, reason: "test", Fixture.who))
                }
                try end(run.run, &fixture)
            } else {
                idle += 1
                try fixture.advance(
                    to: fixture.now + Int64.random(in: 1...20_000_000, using: &random))
            }
        }
        watch.look(fixture)
        #expect(fixture.core.state.openRuns.count == 0, "seed \(seed): runs wait for ever")
    }
}

/// Counts, from the events alone, what the limits bound.
private struct LimitWatch {
    let jobs: [String: ScheduleDefinition]
    let activeRunsMax: Int
    let seed: UInt64
    private var seen = 0
    private var active: [UInt64: [String]] = [:]
    private var begun: [String: [Int64]] = [:]

    init(jobs: [ScheduleDefinition], activeRunsMax: Int, seed: UInt64) {
        self.jobs = Dictionary(uniqueKeysWithValues: jobs.map { ($0.jobId, $0) })
        self.activeRunsMax = activeRunsMax
        self.seed = seed
    }

    mutating func look(_ fixture: CoreFixture) {
        for event in fixture.events[seen...] {
            switch event.payload {
            case let run as RunDispatched: begin(run, at: event.envelope.time)
            case let run as RunSucceeded: active[run.run] = nil
            default: break
            }
        }
        seen = fixture.events.count
    }

    private mutating func begin(_ run: RunDispatched, at time: Int64) {
        #expect(active.count < activeRunsMax, "seed \(seed)")
        var keys: [String] = []
        for limit in jobs[run.jobId]?.rules?.limits ?? [] {
            let value =
                limit.by == "region"
                ? jobs[run.jobId]?.parameters.first?.value ?? ""
                : limit.by == "job" ? run.jobId : ""
            let key = "\(limit.name)/\(value)"
            keys.append(key)
            let count = active.values.filter { $0.contains(key) }.count
            #expect(
                limit.concurrentMax == 0 || count < Int(limit.concurrentMax), "seed \(seed): \(key)"
            )
            let window = Int64(limit.windowSeconds) * 1_000_000
            let lately = begun[key, default: []].filter { $0 > time - window }.count
            #expect(limit.rateMax == 0 || lately < Int(limit.rateMax), "seed \(seed): \(key)")
            begun[key, default: []].append(time)
        }
        active[run.run] = keys
    }
}
