import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Replay
import Testing

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
        "the indexes of a log, sealed or not, answer as a reading of the whole log does",
        arguments: 1...4 as ClosedRange<UInt64>)
    func sameRuns(seed: UInt64) throws {
        let log = try HistoryLog(seed: seed, days: 4)
        let data = Fixture.data(log.disk)
        var random = SeededGenerator(seed: seed)
        let queries = (0..<40).map { _ in log.query(&random) }
        let all = try log.everything()
        let expected = queries.map { HistoryLog.chosen(all, $0) }
        #expect(expected.contains { $0.count > 50 })
        #expect(expected.joined().contains { $0.status == .missed })
        #expect(expected.joined().contains { $0.requeuedAs != 0 })
        let kept = HistoryIndex()
        for keeping in [.max, 12, 0] {
            try log.seal(keeping: keeping)
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

    @Test("a log of which all is sealed answers one question after the other")
    func allSealed() throws {
        let log = try HistoryLog(seed: 41, days: 1)
        let expected = HistoryLog.chosen(try log.everything(), History.Query()).prefix(100)
        _ = try LogStore.sealAll(
            folder: Fixture.folder, disk: log.disk,
            configuration: LogConfiguration(segmentByteCount: 8 * 4_096),
            vocabulary: EventVocabulary())
        let history = History(Fixture.data(log.disk), index: HistoryIndex())
        for _ in 0..<3 {
            #expect(try history.runs(History.Query()).runs.map(\.json) == expected.map(\.json))
        }
    }

    @Test("questions that are asked at the same time are answered as one after the other")
    func together() async throws {
        let log = try HistoryLog(seed: 51, days: 2)
        try log.seal(keeping: 4)
        let data = Fixture.data(log.disk)
        var random = SeededGenerator(seed: 51)
        let queries = (0..<24).map { _ in log.query(&random) }
        let expected = try queries.map { try History(data).runs($0).json }
        let history = History(data, index: HistoryIndex())
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for round in 0..<4 {
                for (query, wanted) in zip(queries, expected).dropFirst(round) {
                    group.addTask { try history.runs(query).json == wanted }
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test("the next change of a schedule is found to the microsecond, sealed or not")
    func nextChange() throws {
        let disk = SimulatedDisk()
        let start = try Fixture.moment("2026-03-25T22:10:00Z")
        var maker = try LogMaker.start(
            folder: Fixture.folder, disk: disk,
            configuration: LogConfiguration(segmentByteCount: 8 * 4_096),
            sources: Fixture.sources, settings: DecisionSettings(), now: start,
            batchByteCount: 20_000, zones: Fixture.zones
        ) { _ in Fixture.success() }
        for number in 0..<40 {
            var definition = Fixture.definition("one", "* * * * *")
            definition.description = "version \(number)"
            try maker.handle(.applyConfiguration(Fixture.configuration([definition])))
            try maker.advance(to: maker.now + Int64(7 + number) * 60_000_000)
        }
        try maker.close()
        disk.killProcess()
        let changes = try Fixture.records(disk).map { try Event(decoding: $0) }.filter {
            [.scheduleCreated, .scheduleUpdated].contains($0.type)
        }.map(\.envelope)
        #expect(changes.count == 40)
        let pending = try SegmentSealing.pending(folder: Fixture.folder, disk: disk)
        #expect(pending.count > 3)
        for round in 0..<2 {
            let history = History(Fixture.data(disk))
            for moment in changes.flatMap({ [$0.time - 1, $0.time, $0.time + 1] }) {
                let wanted = changes.first { $0.time >= moment }?.sequence
                let found = try history.change(of: "one", from: moment, before: .max)?.sequence
                #expect(found == wanted, "round \(round), moment \(moment)")
            }
            guard round == 0 else { break }
            for name in pending {
                _ = try SegmentSealing(
                    segment: name, folder: Fixture.folder, disk: disk,
                    vocabulary: EventVocabulary()
                ).run()
            }
        }
    }
}
