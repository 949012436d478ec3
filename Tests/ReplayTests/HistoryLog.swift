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

    /// All runs, and ranges that ended together, by a fold of every record.
    func everything() throws -> [(sequence: UInt64, run: RunSummary)] {
        var tracker = RunTracker()
        var found: [(sequence: UInt64, run: RunSummary)] = []
        var requeued: [UInt64: UInt64] = [:]
        for (sequence, record) in try Fixture.records(disk).enumerated() {
            let fields = try EventFields(record.span.bytes)
            let view = fields.view
            guard let type = view.type else { continue }
            if type == .runRequeued { requeued[view.uint(1)] = view.uint(3) }
            if let run = try tracker.take(type, view) {
                found.append((run.run ?? UInt64(sequence), run))
            }
        }
        found += tracker.sorted.map { ($0.run ?? 0, $0) }
        for place in found.indices {
            guard let run = found[place].run.run, let other = requeued[run] else { continue }
            found[place].run.requeuedAs = other
        }
        return found
    }

    /// What a question asks for, of everything, newest first.
    static func chosen(
        _ all: [(sequence: UInt64, run: RunSummary)], _ query: History.Query
    ) -> [RunSummary] {
        func time(_ run: RunSummary) -> Int64 {
            query.clock == .scheduled ? run.scheduled : run.lastTime
        }
        return all.filter { _, run in
            let first =
                run.run == nil && query.clock == .scheduled ? run.firstScheduled : time(run)
            return (query.jobId.map { run.jobId == $0 } ?? true)
                && (query.statuses.isEmpty || query.statuses.contains(run.status))
                && (query.from.map { time(run) >= $0 } ?? true)
                && (query.to.map { first <= $0 } ?? true)
        }.sorted { (time($0.run), $0.sequence) > (time($1.run), $1.sequence) }.map(\.run)
    }

    func moment(_ random: inout SeededGenerator) -> Int64 {
        first + Int64(random.next() % UInt64(last - first))
    }
}
