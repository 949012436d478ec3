import DaybookTestSupport
import Engine
import Events
import Projections
import Testing

/// What is due beside thousands of others that a limit holds.
@Suite struct FloodTests {
    typealias Fixture = CoreFixture

    private static let floodCount = 2_000
    private static let rate = 500
    private static let second: Int64 = 1_000_000
    private static let hour = Fixture.start + 60 * Fixture.minute

    /// Jobs under a rate that are all due at 01:00, and behind them one that is due each second
    /// from then on.
    private static func fixture(
        _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) throws -> Fixture {
        var settings = DecisionSettings()
        settings.activeRunsMax = .max
        var fixture = try Fixture(settings: settings)
        var input = ConfigurationInput()
        input.definitions = (0..<floodCount).map { number in
            Fixture.job("flood-\(number)", cadence: "0 1 * * *") {
                $0.rules = rules("shared", rate: rate)
            }
        }
        input.definitions.append(
            Fixture.job("other", every: "1s") { job in
                job.startsAt = hour
                change(&job)
            })
        try fixture.handle(.applyConfiguration(input))
        try fixture.advance(to: hour - 1)
        fixture.forget()
        return fixture
    }

    private static func rules(_ limit: String, rate: Int) -> RunRules {
        var bound = RunLimit()
        bound.name = limit
        bound.rateMax = UInt64(rate)
        bound.windowSeconds = 1
        var rules = RunRules()
        rules.limits = [bound]
        return rules
    }

    /// Ends the other job's run that was dispatched, and says how many events and timers it took
    /// until then.
    private static func finishOther(
        _ fixture: inout Fixture
    ) throws -> (timers: Int, events: Int) {
        var timers = 0
        let before = fixture.events.count
        while true {
            let first = fixture.effects.count
            guard try fixture.tick() else { break }
            timers += 1
            for case .deliver(let request) in fixture.effects[first...]
            where request.jobId == "other" {
                let events = fixture.events.count - before
                var result = AttemptResult()
                result.isSuccess = true
                try fixture.handle(
                    .ended(run: request.run, attempt: request.attempt, result))
                return (timers, events)
            }
        }
        Issue.record("no run of it was dispatched")
        return (0, 0)
    }

    @Test("a job beside a flood is dispatched after a few timers, while most of it is undecided")
    func undecided() throws {
        var fixture = try Self.fixture()
        for second in 0..<5 {
            fixture.now = Self.hour + Int64(second) * Self.second
            let taken = try Self.finishOther(&fixture)
            #expect(taken.timers <= 4 && taken.events <= 12, "second \(second): \(taken)")
            // The engine gets no further with the flood in this second.
            for _ in 0..<300 { _ = try fixture.tick() }
        }
        try check(&fixture)
    }

    @Test("and while as many as a window lets begin are to go on at once")
    func windowMovesOn() throws {
        var fixture = try Self.fixture()
        fixture.now = Self.hour
        _ = try Self.finishOther(&fixture)
        while try fixture.tick() {}
        #expect(fixture.all(RunDispatched.self).count == Self.rate + 1)
        for second in 1..<4 {
            fixture.now = Self.hour + Int64(second) * Self.second
            let taken = try Self.finishOther(&fixture)
            #expect(taken.timers <= 4 && taken.events <= 12, "second \(second): \(taken)")
            while try fixture.tick() {}
            #expect(
                fixture.all(RunDispatched.self).count == (Self.rate + 1) * (second + 1),
                "second \(second)")
        }
        try check(&fixture)
    }

    @Test("a job under another limit is not delayed either")
    func otherLimit() throws {
        var fixture = try Self.fixture { $0.rules = Self.rules("own", rate: 10) }
        fixture.now = Self.hour
        let taken = try Self.finishOther(&fixture)
        #expect(taken.timers <= 4 && taken.events <= 12, "\(taken)")
        try check(&fixture)
    }

    /// Lets all of it run, and checks that each ran once, in order, and no more in a second than
    /// may.
    private func check(_ fixture: inout Fixture) throws {
        try fixture.advance(to: fixture.now + 10 * Self.second)
        var begun: [(run: UInt64, time: Int64)] = []
        for event in fixture.events {
            guard let dispatched = event.payload as? RunDispatched,
                dispatched.jobId.hasPrefix("flood-")
            else { continue }
            begun.append((dispatched.run, event.envelope.time))
        }
        #expect(begun.count == Self.floodCount)
        // Who has waited longest goes first; newcomers do not overtake.
        #expect(zip(begun, begun.dropFirst()).allSatisfy { $0.run < $1.run })
        #expect(
            zip(begun, begun.dropFirst(Self.rate)).allSatisfy { $0.time + Self.second <= $1.time })
        var replayed = try fixture.state { $0 }
        var kept = fixture.core.state
        #expect(replayed.digest().total == kept.digest().total)
    }

    @Test(
        "of lanes that are due each has its turn, and within one the earlier timer comes first",
        arguments: 0..<8 as Range<UInt64>)
    func turns(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var queue = TimerQueue()
        var model: [(time: Int64, number: UInt64, lane: Int)] = []
        // How many timers were taken since each lane that is due had its turn, or became due.
        var since: [Int: Int] = [:]
        var now: Int64 = 0
        for number in 0..<4_000 as Range<UInt64> {
            if Int.random(in: 0..<2, using: &random) > 0 {
                let time = now + Int64.random(in: -20..<50, using: &random)
                let lane = Int.random(in: 0..<5, using: &random)
                queue.add(.retry(run: number), at: time, lane: lane)
                model.append((time, number, lane))
            } else {
                now += Int64.random(in: 0..<8, using: &random)
                let due = Set(model.filter { $0.time <= now }.map(\.lane))
                since = since.filter { due.contains($0.key) }
                for lane in due { since[lane, default: 0] += 1 }
                guard case .retry(let taken) = queue.take(through: now) else {
                    #expect(due.isEmpty, "seed \(seed)")
                    continue
                }
                let place = try #require(model.firstIndex { $0.number == taken })
                let (time, _, lane) = model.remove(at: place)
                #expect(due.contains(lane), "seed \(seed)")
                #expect(
                    model.allSatisfy { $0.lane != lane || (time, taken) < ($0.time, $0.number) },
                    "seed \(seed)")
                #expect(since[lane, default: 0] <= 5, "seed \(seed)")
                since[lane] = 0
            }
            #expect(queue.count == model.count, "seed \(seed)")
            #expect(queue.firstTime == model.map(\.time).min(), "seed \(seed)")
        }
    }
}
