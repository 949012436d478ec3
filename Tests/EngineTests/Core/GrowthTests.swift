import DaybookTestSupport
import Engine
import Events
import Projections
import Testing

/// What the engine keeps in memory does not add up over time.
@Suite struct GrowthTests {
    typealias Fixture = CoreFixture

    /// Few signs of life and digests: they are not what is looked at.
    private static var settings: DecisionSettings {
        var settings = DecisionSettings()
        settings.aliveInterval = 86_400_000_000
        settings.digestInterval = 86_400_000_000
        return settings
    }

    /// What is counted: the engine's indexes, and the state's entries but for the dead letters.
    private static func counts(_ fixture: CoreFixture) -> [String: Int] {
        let state = fixture.core.state
        var counts = fixture.core.indexCounts
        counts["openRuns"] = state.openRuns.count
        counts["definitions"] = state.definitions.count
        counts["schedules"] = state.schedules.count
        counts["alerts"] = state.alerts.count
        counts["deadRuns"] = state.deadRuns.count
        return counts
    }

    @Test("after ninety days the engine keeps no more than after thirty-five")
    func noGrowth() throws {
        var fixture = try Fixture(settings: Self.settings)
        var early: [String: Int] = [:]
        for day in 0..<90 {
            try Self.configure(&fixture, day)
            for hour in 0..<24 {
                try fixture.advance(minutes: 60)
                try Self.answer(&fixture, day, hour)
            }
            try Self.disturb(&fixture)
            if day == 34 { early = Self.counts(fixture) }
        }
        let late = Self.counts(fixture)
        #expect(fixture.core.state.finishedRuns.count <= FinishedRuns.countMax)
        #expect(early["timers"] ?? 0 > 4)
        // Timers without sense are dropped when they are as many as those with.
        #expect(late["timers"] ?? 0 < TimerQueue.sweepCountMin + 20)
        for (name, count) in late where name != "timers" {
            #expect(count <= (early[name] ?? 0) + 3, "\(name): \(early) became \(late)")
        }
    }

    /// Jobs of which one changes each day, and one waits for a job that never runs again.
    private static func configure(_ fixture: inout CoreFixture, _ day: Int) throws {
        var input = ConfigurationInput()
        var calendar = CalendarDefinition()
        calendar.name = "work"
        calendar.holidays = ["2026-03-0\(1 + day % 9)"]
        input.calendars = [calendar]
        var dependency = Dependency()
        dependency.kind = "job"
        dependency.name = "gone"
        dependency.delayMinutesMax = 100_000
        var external = Dependency()
        external.kind = "external"
        external.name = "warehouse"
        external.pollSeconds = 60
        external.probe = TargetBinding()
        input.definitions = [
            Fixture.job("six-hourly", cadence: "0 */6 * * *") { $0.slaMinutes = 30 },
            Fixture.job("daily", cadence: "30 1 * * *") { job in
                job.calendar = "work"
                job.slaMinutes = UInt64(60 + day % 2)
                job.durationMinutesMax = 5
            },
            Fixture.job("monthly", cadence: "15 3 L * *"),
            Fixture.job("asks", cadence: "20 4 * * *") { $0.dependencies = [external] },
            Fixture.job("waits", cadence: "40 5 * * *") { job in
                job.dependencies = [dependency]
                job.overlap = "allowAll"
            },
        ]
        if day == 0 { input.definitions.append(Fixture.job("gone", every: "2000d")) }
        try fixture.handle(.applyConfiguration(input))
    }

    /// Every attempt is answered: the first of each run fails on odd days.
    private static func answer(_ fixture: inout CoreFixture, _ day: Int, _ hour: Int) throws {
        var isQuiet = false
        while !isQuiet {
            let effects = fixture.effects
            fixture.forget()
            isQuiet = true
            for effect in effects {
                switch effect {
                case .deliver(let request):
                    isQuiet = false
                    try fixture.handle(
                        .processReady(
                            run: request.run, attempt: request.attempt, pid: 9, startTicks: 9,
                            bootId: "b"))
                    var result = AttemptResult()
                    result.isSuccess = day % 2 == 0 || request.attempt > 1
                    try fixture.handle(
                        .ended(run: request.run, attempt: request.attempt, result))
                case .probe(let request, let name, _):
                    isQuiet = false
                    try fixture.handle(
                        .dependencyAnswer(
                            run: request.run, name: name, status: hour % 3 == 2 ? "READY" : "WAIT",
                            detail: ""))
                default: break
                }
            }
        }
    }

    /// A pause, a full disk, and the end of what waits.
    private static func disturb(_ fixture: inout CoreFixture) throws {
        for name in ["six-hourly", "daily"] {
            let key = ScheduleKey("default", name)
            try fixture.handle(.pause(key, reason: "source is down", Fixture.who))
            try fixture.handle(.resume(key, reason: "it is back", Fixture.who))
        }
        for space in ["full", "ample"] {
            try fixture.handle(.spaceChanged(space: space, free: 1 << 30, wanted: 2 << 30))
            try fixture.advance(minutes: 1)
        }
        for run in fixture.core.state.openRuns.sorted() where run.gate == "dependency" {
            try fixture.handle(.cancel(run: run.run, reason: "not wanted", Fixture.who))
        }
        fixture.forget()
    }

    @Test("a pause that ends, and a disk that was full, leave one timer for each schedule")
    func oneTimer() throws {
        // Escalations have timers of their own, which are dropped when there are twice as many.
        var settings = Self.settings
        settings.escalation.critical = 0
        var fixture = try Fixture(settings: settings)
        try fixture.apply(Fixture.job("hourly", cadence: "0 * * * *"))
        let before = fixture.core.indexCounts["timers"]
        let key = ScheduleKey("default", "hourly")
        for _ in 0..<20 {
            try fixture.handle(.pause(key, reason: "x", Fixture.who))
            try fixture.handle(.resume(key, reason: "y", Fixture.who))
            try fixture.handle(.spaceChanged(space: "full", free: 0, wanted: 1))
            try fixture.handle(.spaceChanged(space: "ample", free: 1, wanted: 1))
        }
        #expect(fixture.core.indexCounts["timers"] == before)
        // It is the right one, and it fires.
        try fixture.advance(minutes: 60)
        #expect(fixture.all(RunDue.self).count == 1)
        #expect(fixture.core.indexCounts["timers"] == before)
    }

    @Test("a run that waited for a job and is cancelled is not waited with any more")
    func waitingForJob() throws {
        var fixture = try Fixture()
        var dependency = Dependency()
        dependency.kind = "job"
        dependency.name = "upstream"
        try fixture.apply(
            Fixture.job("upstream", cadence: "0 23 * * *"),
            Fixture.job("downstream", cadence: "0 1 * * *") { $0.dependencies = [dependency] })
        try fixture.advance(minutes: 61)
        #expect(fixture.core.indexCounts["waitingForJob"] == 1)
        let run = try #require(fixture.all(RunDue.self).first)
        try fixture.handle(.cancel(run: run.run, reason: "not needed", Fixture.who))
        #expect(fixture.core.indexCounts["waitingForJob"] == 0)
        #expect(fixture.core.indexCounts["upstreamsOfRun"] == 0)
    }

    @Test(
        "a definition that a run follows is there for its end, though it was replaced and forgotten"
    )
    func pinnedDefinition() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("nightly", cadence: "0 1 * * *") { job in
                var route = AlertRoute()
                route.event = "onFailure"
                route.recipients = ["first-team"]
                job.alerts = [route]
                job.retriesMax = 0
            })
        try fixture.advance(minutes: 60)
        let request = try #require(fixture.lastRequest)
        // More schedules than are kept ready, each of them decided once.
        var input = ConfigurationInput()
        input.definitions = (0..<5_000).map { Fixture.job("other-\($0)", cadence: "30 1 * * *") }
        input.definitions.append(Fixture.job("nightly", cadence: "0 2 * * *"))
        try fixture.handle(.applyConfiguration(input))
        while let decision = try fixture.core.tick(now: fixture.now + 31 * Fixture.minute) {
            _ = decision
        }
        var result = AttemptResult()
        result.failureClass = "exit"
        let decision = try fixture.core.handle(
            .ended(run: request.run, attempt: request.attempt, result),
            now: fixture.now + 32 * Fixture.minute)
        let recipients = decision.effects.compactMap { effect -> [String]? in
            if case .notify(let alert) = effect { alert.recipients } else { nil }
        }
        #expect(recipients == [["first-team"]])
        #expect(fixture.core.state.definitions.count == 5_001)
    }

    @Test(
        "timers come out by time, equal times in the order of adding",
        arguments: 0..<8 as Range<UInt64>)
    func timerOrder(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var queue = TimerQueue()
        var model: [(time: Int64, order: Int, kind: TimerKind)] = []
        let kinds: [(UInt64) -> TimerKind] = [
            { .occurrence(definition: $0, tenant: UInt16(truncatingIfNeeded: $0)) },
            { .retry(run: $0) }, { .takeUp(run: $0) }, { .holdEnd(run: $0) },
            { .poll(run: $0, dependency: UInt16(truncatingIfNeeded: $0 &* 7)) },
            { .startBy(run: $0) }, { .finishBy(run: $0) }, { .duration(run: $0) },
            { .callback(run: $0) }, { .foresight(run: $0) }, { _ in .alive }, { _ in .digest },
        ]
        var sweeps = 0
        for order in 0..<4_000 {
            if Int.random(in: 0..<3, using: &random) > 0 {
                let time = Int64.random(in: -50..<50, using: &random)
                let number = UInt64.random(in: 0..<(1 << 58), using: &random)
                let kind = kinds[Int.random(in: kinds.indices, using: &random)](number)
                queue.add(kind, at: time, lane: 7)
                model.append((time, order, kind))
            } else if order % 100 == 99 {
                // It looks only where the queue has doubled, and then drops what it should.
                let count = queue.count
                queue.sweep { $0 != .alive }
                if queue.count < count {
                    model.removeAll { $0.kind == .alive }
                    sweeps += 1
                }
            } else {
                let now = Int64.random(in: -60..<60, using: &random)
                let next = model.enumerated().filter { $0.element.time <= now }
                    .min {
                        ($0.element.time, $0.element.order) < ($1.element.time, $1.element.order)
                    }
                #expect(queue.take(through: now) == next?.element.kind, "seed \(seed)")
                if let next { model.remove(at: next.offset) }
            }
            #expect(queue.count == model.count, "seed \(seed)")
        }
        #expect(queue.firstTime == model.map(\.time).min(), "seed \(seed)")
        #expect(sweeps > 0, "seed \(seed)")
    }
}
