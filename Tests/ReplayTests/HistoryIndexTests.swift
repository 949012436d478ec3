import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Replay
import Testing

/// A log of some days with everything that makes history hard: failures, requeues, pauses, runs by
/// hand for other times, an engine that was away, runs that stay open, in very small segments.
struct HistoryLog {
    let disk = SimulatedDisk()
    let first: Int64
    let last: Int64
    static let jobs = ["one", "two", "three"]
    static let tickets = ["CHG-1", "CHG-2"]

    init(seed: UInt64, days: Int64) throws {
        var random = SeededGenerator(seed: seed)
        first = try Fixture.moment("2026-03-25T22:10:00Z")
        last = first + days * 86_400_000_000
        var state = ProjectedState()
        var now = first
        var isFirst = true
        while now < last {
            let away = Int64(random.next() % 9) * 3_600_000_000
            let start = isFirst ? now : now + away
            let end = min(start + 12 * 3_600_000_000, last)
            var maker = try Self.maker(disk, state, start, &random)
            if isFirst { try maker.handle(.applyConfiguration(Self.configuration)) }
            isFirst = false
            try Self.live(&maker, until: end, &random)
            now = max(end, start + 1)
            try maker.handle(.stop(reason: "SIGTERM"))
            try maker.close()
            disk.killProcess()
            state = try Replayer(Fixture.data(disk)).run().state
        }
    }

    private static let configuration = Fixture.configuration([
        payment,
        Fixture.definition("two", "15 */2 * * *", zone: "Europe/Berlin", retries: 1),
        Fixture.definition("three", "0 3 * * *"),
    ])

    /// What the engine was away for is missed, not made up for.
    private static var payment: ScheduleDefinition {
        var definition = Fixture.definition("one", "*/30 * * * *")
        definition.catchUp = "none"
        return definition
    }

    private static func maker(
        _ disk: SimulatedDisk, _ state: ProjectedState, _ start: Int64,
        _ random: inout SeededGenerator
    ) throws -> LogMaker {
        var answers = SeededGenerator(seed: random.next())
        var settings = DecisionSettings()
        settings.aliveInterval = 3_600_000_000
        settings.digestInterval = 3_600_000_000
        return try LogMaker.start(
            folder: Fixture.folder, disk: disk,
            configuration: LogConfiguration(segmentByteCount: 8 * 4_096),
            sources: Fixture.sources, state: state, settings: settings, now: start,
            batchByteCount: 2_000, zones: Fixture.zones
        ) { _ in
            switch answers.next() % 8 {
            case 0, 1: Fixture.failure()
            case 2: nil
            default: Fixture.success()
            }
        }
    }

    /// People's acts at any times; what the engine refuses is refused.
    private static func live(
        _ maker: inout LogMaker, until end: Int64, _ random: inout SeededGenerator
    ) throws {
        while maker.now < end {
            try maker.advance(
                to: min(end, maker.now + Int64(random.next() % 120) * 60_000_000 + 1))
            let key = ScheduleKey("default", jobs[Int(random.next() % 3)])
            var who = Authority(actor: random.next() % 2 == 0 ? "user:anna" : "user:b")
            who.ticket = tickets[Int(random.next() % 2)]
            let shift = Int64(random.next() % 200) - 100
            let open = maker.core.state.openRuns.sorted().last
            let dead = maker.core.state.deadRuns.sorted().first
            do {
                switch random.next() % 7 {
                case 0: try maker.handle(.pause(key, reason: "maintenance", who))
                case 1, 2: try maker.handle(.resume(key, reason: "done", who))
                case 3:
                    try maker.handle(
                        .runNow(
                            key, scheduled: maker.now + shift * 3_600_000_000, reason: "a test",
                            who))
                case 4:
                    guard let dead else { break }
                    try maker.handle(.requeue(run: dead.run, reason: "again", who))
                case 5:
                    guard let open, open.attempt > 0 else { break }
                    try maker.end(run: open.run, attempt: open.attempt, Fixture.success())
                default:
                    guard let open else { break }
                    try maker.handle(.cancel(run: open.run, reason: "no longer", who))
                }
            } catch is Rejection {}
        }
    }

    /// The same log with all of its full segments sealed but the newest `keeping`.
    func seal(keeping: Int = 0) throws {
        let pending = try SegmentSealing.pending(folder: Fixture.folder, disk: disk)
        for name in pending.dropLast(keeping) {
            let outcome = try SegmentSealing(
                segment: name, folder: Fixture.folder, disk: disk, vocabulary: EventVocabulary()
            ).run()
            #expect(outcome.indexFailure == nil)
        }
    }

    /// Any question about runs.
    func query(_ random: inout SeededGenerator) -> History.Query {
        var query = History.Query()
        if random.next() % 4 != 0 { query.jobId = Self.jobs[Int(random.next() % 3)] }
        if random.next() % 2 == 0 { query.from = moment(&random) }
        if random.next() % 2 == 0 { query.to = moment(&random) }
        query.clock = random.next() % 3 == 0 ? .event : .scheduled
        for _ in 0..<(random.next() % 3) {
            query.statuses.insert(
                RunStatus.allCases[Int(random.next() % UInt64(RunStatus.allCases.count))])
        }
        query.limit = [1, 2, 5, 20, 1_000][Int(random.next() % 5)]
        return query
    }

    func moment(_ random: inout SeededGenerator) -> Int64 {
        first + Int64(random.next() % UInt64(last - first))
    }
}

@Suite struct HistoryIndexTests {
    /// All pages of a question.
    private func pages(_ history: History, _ query: History.Query) throws -> [RunSummary] {
        var query = query
        var joined: [RunSummary] = []
        repeat {
            let page = try history.runs(query)
            #expect(page.runs.count <= query.limit)
            joined += page.runs
            query.cursor = page.nextCursor
        } while query.cursor != nil
        return joined
    }

    @Test(
        "the indexes of a sealed log answer as a reading of the whole log does",
        arguments: 1...4 as ClosedRange<UInt64>)
    func sameRuns(seed: UInt64) throws {
        let log = try HistoryLog(seed: seed, days: 4)
        let data = Fixture.data(log.disk)
        var random = SeededGenerator(seed: seed)
        let queries = (0..<40).map { _ in log.query(&random) }
        // Nothing is sealed: every record is looked at.
        let expected = try queries.map { try pages(History(data), $0) }
        #expect(expected.contains { $0.count > 50 })
        #expect(expected.joined().contains { $0.status == .missed })
        #expect(expected.joined().contains { $0.requeuedAs != 0 })
        for keeping in [12, 0] {
            try log.seal(keeping: keeping)
            let kept = HistoryIndex()
            for (query, wanted) in zip(queries, expected) {
                for history in [History(data), History(data, index: kept)] {
                    let found = try pages(history, query)
                    #expect(
                        found.map(\.json) == wanted.map(\.json),
                        "seed \(seed), keeping \(keeping): \(query)")
                }
            }
        }
    }

    @Test(
        "a run's life is the same from indexes, however long it lasted",
        arguments: 11...12 as ClosedRange<UInt64>)
    func sameLives(seed: UInt64) throws {
        let log = try HistoryLog(seed: seed, days: 4)
        let data = Fixture.data(log.disk)
        var query = History.Query()
        query.limit = 100_000
        let numbers = try History(data).runs(query).runs.compactMap(\.run)
        #expect(numbers.count > 100)
        let expected = try numbers.map { try History(data).life(of: $0).json }
        for keeping in [7, 0] {
            try log.seal(keeping: keeping)
            let history = History(data, index: HistoryIndex())
            for (number, wanted) in zip(numbers, expected) {
                #expect(try history.life(of: number).json == wanted, "seed \(seed) run \(number)")
            }
            let runs = Set(numbers)
            for number in 0..<UInt64(300) where !runs.contains(number) {
                let error = try #require(throws: ReplayError.self) {
                    try history.life(of: number)
                }
                #expect(error.code == .notFound)
            }
            for number in [UInt64.max, 1 << 40] {
                #expect(throws: ReplayError.self) { try history.life(of: number) }
            }
        }
    }

    @Test("everything of one actor, one ticket and any key is found, newest first, in pages")
    func events() throws {
        let log = try HistoryLog(seed: 21, days: 5)
        let data = Fixture.data(log.disk)
        let all = try Fixture.records(log.disk).map { try Event(decoding: $0) }
        let numbers = all.filter { $0.type == .runDue }.map(\.envelope.sequence)
        let run = try #require(numbers.first)
        let from = log.first + 20 * 3_600_000_000
        let to = log.first + 60 * 3_600_000_000
        func check(_ keeping: Int) throws {
            let history = History(data, index: HistoryIndex())
            try expect(history, EventVocabulary.key(actor: "user:anna")) {
                $0.envelope.actor == "user:anna"
            }
            try expect(history, EventVocabulary.key(ticket: "CHG-2"), from: from, to: to) {
                $0.envelope.ticket == "CHG-2" && (from...to).contains($0.envelope.time)
            }
            let cancelled = try #require(
                EventVocabulary.key(tenant: "default", jobId: "one", ended: "cancelled"))
            try expect(history, cancelled) { event in
                (event.payload as? RunCancelled)?.jobId == "one"
            }
            try expect(history, EventVocabulary.key(alert: 1)) { _ in false }
            let life = try history.life(of: run).events
            let own = life.filter { ![.alertCleared, .notificationSent].contains($0.type) }
            let sequences = Set(own.map(\.envelope.sequence))
            try expect(history, EventVocabulary.key(run: run)) {
                sequences.contains($0.envelope.sequence)
            }
        }
        func expect(
            _ history: History, _ key: String, from: Int64? = nil, to: Int64? = nil,
            _ isWanted: (Event) -> Bool
        ) throws {
            let wanted = all.filter(isWanted).reversed().map(\.json)
            for limit in [3, 1_000] {
                var query = History.EventQuery(key: key)
                query.limit = limit
                query.from = from
                query.to = to
                var found: [String] = []
                repeat {
                    let page = try history.events(query)
                    #expect(page.events.count <= limit)
                    found += page.events.map(\.json)
                    query.cursor = page.nextCursor
                } while query.cursor != nil
                #expect(found == wanted, "\(key)")
            }
        }
        try check(.max)
        for keeping in [9, 0] {
            try log.seal(keeping: keeping)
            try check(keeping)
        }
        var query = History.EventQuery(key: "actor:user:anna")
        query.cursor = "nonsense"
        #expect(throws: ReplayError.self) { try History(data).events(query) }
    }

    @Test("an index that is kept notices what is sealed, and what is appended, since")
    func kept() throws {
        let log = try HistoryLog(seed: 31, days: 3)
        let data = Fixture.data(log.disk)
        let history = History(data, index: HistoryIndex())
        var query = History.Query()
        query.limit = 50
        let expected = try History(data).runs(query).runs
        for keeping in stride(from: 30, through: 0, by: -3) {
            try log.seal(keeping: keeping)
            #expect(try history.runs(query).runs == expected, "keeping \(keeping)")
        }
    }
}
