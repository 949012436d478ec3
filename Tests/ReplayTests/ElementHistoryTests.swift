import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Replay
import Testing

@Suite struct ElementHistoryTests {
    /// Three days of two elements of one job, and of a job with a similar name.
    private func log() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        var answers = SeededGenerator(seed: 5)
        var maker = try LogMaker.start(
            folder: Fixture.folder, disk: disk,
            configuration: LogConfiguration(segmentByteCount: 8 * 4_096),
            sources: Fixture.sources, state: ProjectedState(), settings: DecisionSettings(),
            now: try Fixture.moment("2026-03-25T22:10:00Z"), batchByteCount: 2_000,
            zones: Fixture.zones
        ) { _ in answers.next() % 4 == 0 ? Fixture.failure() : Fixture.success() }
        let definitions = ["north", "south"].map { element in
            var definition = Fixture.definition("load[\(element)]", "*/20 * * * *")
            var rules = RunRules()
            rules.fanOutOf = "load"
            rules.element = element
            definition.rules = rules
            return definition
        }
        try maker.handle(
            .applyConfiguration(
                Fixture.configuration(definitions + [Fixture.definition("loader", "0 * * * *")])))
        let key = ScheduleKey("default", "load[south]")
        let who = Authority(actor: "user:anna", ticket: "CHG-1")
        try maker.advance(to: maker.now + 86_400_000_000)
        try maker.handle(.pause(key, reason: "x", who))
        try maker.advance(to: maker.now + 86_400_000_000 / 2)
        try maker.handle(.resume(key, reason: "x", who))
        try maker.advance(to: maker.now + 86_400_000_000)
        try maker.handle(
            .runNow(key, scheduled: maker.now - 40 * 3_600_000_000, reason: "late", who))
        try maker.handle(.stop(reason: "SIGTERM"))
        try maker.close()
        return disk
    }

    private func pages(
        _ history: History, _ job: String?, _ element: String?, _ statuses: Set<RunStatus>
    ) throws -> [RunSummary] {
        var query = History.Query()
        query.jobId = job
        query.element = element
        query.statuses = statuses
        query.limit = 70
        var joined: [RunSummary] = []
        repeat {
            let page = try history.runs(query)
            joined += page.runs
            query.cursor = page.nextCursor
        } while query.cursor != nil
        return joined
    }

    @Test("by job all of its elements are found, by element one, sealed or not")
    func elements() throws {
        let disk = try log()
        let data = Fixture.data(disk)
        let all = try pages(History(data), nil, nil, [])
        #expect(all.contains { $0.jobId == "loader" })
        func check(_ history: History) throws {
            for statuses in [[], [.dead], [.skipped], [.succeeded]] as [Set<RunStatus>] {
                func wanted(_ takes: (RunSummary) -> Bool) -> [String] {
                    all.filter { takes($0) && (statuses.isEmpty || statuses.contains($0.status)) }
                        .map(\.json)
                }
                func found(_ job: String?, _ element: String?) throws -> [String] {
                    try pages(history, job, element, statuses).map(\.json)
                }
                let both = wanted { $0.jobId != "loader" }
                let north = wanted { $0.jobId == "load[north]" }
                #expect(try found("load", nil) == both)
                #expect(try found("load", "north") == north)
                #expect(try found("load[north]", nil) == north)
                #expect(try found(nil, "north") == north)
                #expect(try found(nil, "west").isEmpty && found("loa", nil).isEmpty)
            }
        }
        try check(History(data))
        let pending = try SegmentSealing.pending(folder: Fixture.folder, disk: disk)
        #expect(pending.count > 3)
        for name in pending {
            _ = try SegmentSealing(
                segment: name, folder: Fixture.folder, disk: disk, vocabulary: EventVocabulary()
            ).run()
        }
        try check(History(data))
        #expect(all.allSatisfy { $0.jobId == "loader" || $0.jobId == "load[\($0.fanOutKey)]" })
    }
}
