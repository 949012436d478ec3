import DaybookTestSupport
import EventLog
import Events
import Replay
import Server
import Testing
import Timetable

@Suite("why a job did not run") struct WhyNotTests {
    private let world: WhyNotWorld

    init() throws { world = try WhyNotWorld() }

    /// Asks before and after the log is sealed: both must give the same answer.
    private func both(
        _ job: String, _ at: String, now: String = "2026-03-29T08:00:00Z",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> WhyNot {
        let open = try world.ask(job, at, now: now)
        try world.seal()
        let sealed = try world.ask(job, at, now: now)
        #expect(sealed.json == open.json, sourceLocation: sourceLocation)
        return sealed
    }

    private func only(_ answer: WhyNot) throws -> WhyNot.Item {
        try #require(answer.items.count == 1 ? answer.items.first : nil, "\(answer.json)")
    }

    @Test("it ran: its run, and what `why` says")
    func ran() throws {
        let item = try only(both("one", "2026-03-28T22:20:00Z"))
        #expect(item.verdict == .ran)
        #expect(item.run != nil)
        #expect(item.headline.hasSuffix("succeeded."), "\(item.headline)")
        #expect(item.sentences.first?.text.hasPrefix("It became due") == true)
        #expect(item.sentences.dropLast().allSatisfy { $0.sequence != nil && $0.time != nil })
    }

    @Test("it is not over")
    func open() throws {
        let item = try only(both("slow", "2026-03-28T23:00:00Z"))
        #expect(item.verdict == .open)
        #expect(item.headline.contains("is not over"), "\(item.headline)")
    }

    @Test("it was skipped in a pause: who paused it, under which ticket, and why")
    func paused() throws {
        for at in ["2026-03-28T23:20:00Z", "2026-03-28T23:40:00Z"] {
            let item = try only(both("one", at))
            #expect(item.verdict == .skipped)
            let pause = item.sentences.last
            #expect(
                pause?.text
                    == "The schedule was paused by user:anna, ticket CHG-1: maintenance.")
            #expect(pause?.sequence != nil)
        }
    }

    @Test("in a pause longer than what is looked at it says how far it looked")
    func longPause() throws {
        for isSealed in [false, true] {
            if isSealed { try world.seal() }
            let item = try only(world.ask("one", "2026-03-28T23:40:00Z", recordsMax: 1))
            #expect(item.verdict == .skipped)
            let limit = item.sentences.last
            let words = "The schedule's last 2 records before were looked at"
            #expect(limit?.text.hasPrefix(words) == true, "\(item.sentences)")
            let first = try only(world.ask("one", "2026-03-28T23:20:00Z"))
            #expect(limit?.sequence == first.run)
            // What it looked at is enough for all else.
            let all = try only(world.ask("one", "2026-03-28T23:40:00Z", recordsMax: 10))
            #expect(all.sentences.last?.text.contains("paused by user:anna") == true)
            #expect(try world.ask("one", "2026-03-28T22:20:00Z", recordsMax: 1).items.count == 1)
        }
    }

    @Test("it was skipped in a blackout, or because a run before it was not over")
    func skipped() throws {
        let dark = try only(both("dark", "2026-03-28T23:00:00Z"))
        #expect(dark.verdict == .skipped)
        #expect(dark.headline.contains("(blackout)"), "\(dark.headline)")
        #expect(dark.headline.contains("freeze"), "\(dark.headline)")
        let overlap = try only(both("slow", "2026-03-28T23:30:00Z"))
        #expect(overlap.verdict == .skipped)
        #expect(overlap.headline.contains("(overlap)"), "\(overlap.headline)")
    }

    @Test("it was coalesced, or missed, with others while the engine was down")
    func outage() throws {
        let coalesced = try only(both("one", "2026-03-29T03:40:00Z"))
        #expect(coalesced.verdict == .skipped)
        #expect(coalesced.run == nil)
        #expect(coalesced.headline.contains("occurrences of 'one' from"), "\(coalesced.headline)")
        #expect(coalesced.headline.contains("(coalesced): into the occurrence of"))
        #expect(coalesced.sentences.last?.text == "The engine had stopped: SIGTERM.")
        let missed = try only(both("missed", "2026-03-29T03:00:00Z"))
        #expect(missed.verdict == .missed)
        #expect(missed.headline.contains("missed (engineDown): catchUp is none."))
    }

    @Test("it is no occurrence of the definition that held then: which, by whom, and what is near")
    func noOccurrence() throws {
        // 05:40 was one of the first definition, and is none of the second.
        let item = try only(both("one", "2026-03-29T05:40:00Z"))
        #expect(item.verdict == .noOccurrence)
        #expect(item.sentences.first?.text.hasPrefix("The schedule got this definition") == true)
        #expect(item.sentences.first?.text.contains("an author") == true)
        #expect(item.sentences.first?.sequence != nil)
        let near = try #require(item.sentences.last?.text)
        #expect(near.contains("before is 2026-03-29T05:30:00+00:00"), "\(near)")
        #expect(near.contains("after it 2026-03-29T06:00:00+00:00"), "\(near)")
        let before = try only(both("one", "2026-03-28T22:30:00Z"))
        #expect(before.sentences.first?.text.hasPrefix("The schedule was created") == true)
    }

    @Test("a roll moved it to another day, by the calendar of back then")
    func rolled() throws {
        // A Saturday.
        let item = try only(both("banked", "2026-03-28T23:00:00Z"))
        #expect(item.verdict == .noOccurrence)
        #expect(item.sentences.contains { $0.text.contains("no business day of bank") })
        #expect(item.sentences.last?.text.contains("after it 2026-03-30T23:00") == true)
    }

    @Test("the schedule was not there yet, not any more, or switched off")
    func notThere() throws {
        let early = try only(both("one", "2026-03-28T22:00:00Z"))
        #expect(early.verdict == .notThere)
        #expect(early.headline.contains("did not exist yet"))
        #expect(early.sentences.first?.text.hasPrefix("The schedule was created") == true)
        let late = try only(both("gone", "2026-03-29T05:15:00Z"))
        #expect(late.verdict == .notThere)
        #expect(late.sentences.first?.text.hasPrefix("The schedule was removed") == true)
        #expect(try only(both("gone", "2026-03-28T23:15:00Z")).verdict == .ran)
        let off = try only(both("off", "2026-03-28T23:00:00Z"))
        #expect(off.verdict == .disabled)
        let error = try #require(throws: ReplayError.self) {
            try world.ask("never", "2026-03-28T23:00:00Z")
        }
        #expect(error.code == .notFound)
    }

    @Test("the engine was down, and has not been up since; or the moment is still to come")
    func downAndFuture() throws {
        let down = try only(both("one", "2026-03-29T06:30:00Z"))
        #expect(down.verdict == .engineDown)
        #expect(down.headline.contains("has not been up since"))
        #expect(down.sentences.last?.text.contains("last sign of life") == true)
        let next = try only(both("one", "2026-03-29T08:30:00Z"))
        #expect(next.verdict == .future)
        #expect(next.headline.contains("is still to come"))
        let none = try only(both("one", "2026-03-29T08:31:00Z"))
        #expect(none.verdict == .future)
        #expect(none.headline.contains("is no occurrence"))
    }

    @Test("a local time is of the schedule's zone, and a gap or an overlap of its clock is told")
    func localTimes() throws {
        // 02:30 did not come in Berlin on that day: the gap ends at 03:00+02:00.
        let answer = try both("berlin", "2026-03-29T02:30")
        #expect(answer.zone == "Europe/Berlin")
        #expect(answer.remarks.first?.contains("did not come") == true)
        #expect(try only(answer).local == "2026-03-29T03:00:00+02:00")
        #expect(try only(answer).verdict == .ran)
        let twice = try both("berlin", "2026-10-25T02:30")
        #expect(twice.items.map(\.verdict) == [.future, .future])
        #expect(throws: TimetableError.self) { try world.ask("one", "yesterday") }
    }

    @Test("a date is all of its occurrences, by the definitions that held in it")
    func dates() throws {
        let answer = try both("one", "2026-03-29")
        // Every 20 minutes until 05:12, every 30 from then on: the last are still to come.
        let expected = (0..<16).map { 20 * $0 } + (11..<48).map { 30 * $0 }
        let midnight = try WhyNotWorld.moment("2026-03-29T00:00:00Z")
        #expect(
            answer.items.map { ($0.at - midnight) / 60_000_000 } == expected.map { Int64($0) },
            "\(answer.json)")
        #expect(answer.more == 0)
        #expect(answer.items[0].verdict == .ran)
        #expect(answer.items[6].verdict == .skipped)
        #expect(answer.items.last?.verdict == .future)
        #expect(answer.items.contains { $0.verdict == .engineDown })
        let none = try both("banked", "2026-03-28")
        #expect(none.remarks.first?.hasPrefix("No occurrence") == true)
        #expect(none.items.count == 1)
    }

    @Test("of a date with many occurrences the first hundred are told of, and how many more")
    func bounded() throws {
        let answer = try both("beat", "2026-03-29")
        #expect(answer.items.count == WhyNot.itemsMax)
        #expect(answer.more == 1_440 - WhyNot.itemsMax)
        #expect(answer.items.allSatisfy { $0.verdict == .ran || $0.verdict == .skipped })
        #expect(answer.remarks.last?.hasPrefix("Only the first 100") == true)
    }

    @Test("the command answers in sentences, and refuses what is no time and no job")
    func command() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let text = try await Program.run(
                "why-not", "two", "--at", "2026-03-29T00:30", "--data", folder)
            #expect(text.code == 0, "\(text.errors)")
            #expect(text.lines.count > 2, "\(text.output)")
            let json = try await Program.run(
                "why-not", "two", "--at", "2026-03-29T00:31", "--data", folder, "--json"
            ).json()
            let items = json["items"] as? [[String: Any]]
            #expect(items?.first?["verdict"] as? String == "noOccurrence")
            expectMisuse(
                try await Program.run("why-not", "two", "--at", "noon", "--data", folder), "--at")
            expectNo(
                try await Program.run(
                    "why-not", "nope", "--at", "2026-03-29T00:30", "--data", folder),
                "no schedule 'nope'")
        }
    }
}
