import DaybookTestSupport
import Engine
import Events
import Projections
import Replay
import Testing

@Suite struct HistoryTests {
    private func history() throws -> History { History(Fixture.data(try Fixture.smallLog())) }

    @Test("Runs come newest first, in pages that join without a gap or a repetition")
    func pages() throws {
        let history = try history()
        var query = History.Query()
        query.limit = 1_000
        let all = try history.runs(query)
        #expect(all.nextCursor == nil)
        #expect(all.runs.count > 15)
        let times = all.runs.map(\.scheduled)
        #expect(times == times.sorted(by: >))
        for limit in [1, 3, 7] {
            query.limit = limit
            query.cursor = nil
            var joined: [RunSummary] = []
            repeat {
                let page = try history.runs(query)
                #expect(page.runs.count <= limit)
                joined += page.runs
                query.cursor = page.nextCursor
            } while query.cursor != nil
            #expect(joined == all.runs, "pages of \(limit)")
        }
        query.cursor = "nonsense"
        #expect(throws: ReplayError.self) { try history.runs(query) }
    }

    @Test("A range, a schedule and a status pick runs; both ends are inclusive")
    func filters() throws {
        let history = try history()
        var query = History.Query()
        query.jobId = "one"
        query.from = try Fixture.moment("2026-03-28T22:20:00Z")
        query.to = try Fixture.moment("2026-03-28T23:00:00Z")
        #expect(
            try history.runs(query).runs.map(\.scheduledLocal) == [
                "2026-03-28T23:00:00+00:00", "2026-03-28T22:40:00+00:00",
                "2026-03-28T22:20:00+00:00",
            ])
        query = History.Query()
        query.jobId = "one"
        query.statuses = [.skipped]
        let skipped = try history.runs(query).runs
        #expect(!skipped.isEmpty)
        #expect(skipped.allSatisfy { $0.status == .skipped && $0.reason == "paused" })
        query.jobId = "two"
        query.statuses = [.dead]
        let dead = try history.runs(query).runs
        #expect(dead.count == 1)
        #expect(dead.first?.attempts == 2)
        #expect(dead.first?.retries == 1)
        query.clock = .event
        query.from = dead.first?.endedAt
        query.to = dead.first?.endedAt
        #expect(try history.runs(query).runs == dead)
        query.tenant = "another"
        #expect(try history.runs(query).runs.isEmpty)
    }

    @Test("A run's life is every event of it, and the words for it name who, what and why")
    func lifeAndWhy() throws {
        let history = try history()
        var query = History.Query()
        query.jobId = "two"
        query.statuses = [.dead]
        let dead = try #require(try history.runs(query).runs.first?.run)
        let life = try history.life(of: dead)
        let names = life.events.map { $0.type }
        #expect(names.first == .runDue)
        #expect(names.filter { $0 == .runDispatched }.count == 2)
        #expect(names.contains(.runDead))
        #expect(names.contains(.alertRaised))
        #expect(life.summary.status == .dead)
        let why = Why(life)
        #expect(why.headline.hasSuffix("failed for good: the program ended with exit code 3."))
        #expect(why.sentences.count == life.events.count)
        #expect(
            why.sentences.contains { $0.text.hasPrefix("Attempt 1 failed (exit) with exit code 3") }
        )
        query.statuses = []
        let manual = try #require(
            try history.runs(query).runs.first { $0.trigger == "manual" }?.run)
        let story = Why(try history.life(of: manual))
        #expect(
            story.sentences.first?.text.contains("It was asked for by hand") == true
                && story.sentences.first?.text.hasSuffix("(by user:anna, ticket CHG-1).") == true)
        #expect(story.headline.hasSuffix("succeeded."))
    }

    @Test("A number that is not a run's is not found")
    func notARun() throws {
        let history = try history()
        for number in [UInt64(0), 1, 99_999] {
            let error = try #require(throws: ReplayError.self) {
                try history.life(of: number)
            }
            #expect(error.code == .notFound)
        }
    }

    @Test("The state and the history agree on every run that is in both")
    func agreesWithState() throws {
        let disk = try Fixture.smallLog()
        let state = try Replayer(Fixture.data(disk)).run().state
        var query = History.Query()
        query.limit = 1_000
        let runs = try History(Fixture.data(disk)).runs(query).runs
        var checked = 0
        for run in runs {
            guard let number = run.run else { continue }
            let known = state.finishedRuns[number] ?? state.deadRuns[number]
            #expect(known?.status == run.status)
            #expect(known?.attempt == run.attempts)
            #expect(known?.endedAt == run.endedAt)
            #expect(known?.runKey == run.runKey)
            #expect(known?.startedAt == run.startedAt)
            #expect(known?.lastSequence == run.lastSequence)
            #expect(known?.isLate == run.isLate)
            checked += 1
        }
        #expect(checked == state.finishedRuns.count + state.deadRuns.count)
    }
}
