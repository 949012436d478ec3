import Engine
import Events
import Projections
import Testing

/// Outcomes: taken once, gathered by windows, put in files.
@Suite struct OutcomeTests {
    @Test("an outcome id is taken once for seven days, in one batch and over restarts")
    func once() throws {
        var world = try ExchangeWorld()
        let outcome = ExchangeWorld.outcome("271", id: "claim-1")
        let reply = try world.tell(.outcomes([outcome, outcome], source: "api", .engine))
        #expect(reply.taken == 1 && world.exchange.outcomes.count == 1)
        try world.restart()
        #expect(try world.tell(.outcomes([outcome], source: "api", .engine)).taken == 0)
        // Another partner's, or another type's, is another one.
        let others = [
            ExchangeWorld.outcome("271", partner: "BETA", id: "claim-1"),
            ExchangeWorld.outcome("835", id: "claim-1"),
        ]
        #expect(try world.tell(.outcomes(others, source: "api", .engine)).taken == 2)
        try world.fixture.advance(minutes: 7 * 24 * 60 + 61)
        #expect(try world.tell(.outcomes([outcome], source: "api", .engine)).taken == 1)
        try world.check()
    }

    @Test("a batch with one that may not be sent is refused whole")
    func refused() throws {
        var world = try ExchangeWorld()
        let good = ExchangeWorld.outcome("271", id: "a")
        let bad = ExchangeWorld.outcome("277CA", id: "b")
        world.refused(.invalid, .outcomes([good, bad], source: "api", .engine))
        world.refused(
            .notFound,
            .outcomes(
                [good, ExchangeWorld.outcome("271", partner: "GAMMA")], source: "api", .engine))
        world.refused(.invalid, .outcomes([], source: "api", .engine))
        let long = ExchangeWorld.outcome("271", id: String(repeating: "x", count: 300))
        world.refused(.invalid, .outcomes([good, long], source: "api", .engine))
        #expect(world.exchange.outcomes.count == 0)
    }

    @Test("outcomes wait for the end of the oldest one's window, or until a file is full")
    func windows() throws {
        var world = try ExchangeWorld()
        try world.add("271", 2)
        #expect(try world.assemble().isEmpty)
        #expect(world.fixture.all(FilesCollected.self).last?.status == "NO_DATA")
        try world.fixture.advance(to: world.fixture.now + 119 * ExchangeWorld.second)
        try world.add("271")
        #expect(try world.assemble().isEmpty)
        try world.fixture.advance(to: world.fixture.now + ExchangeWorld.second)
        #expect(try world.assemble().map(\.outcomes.count) == [3])
        // Five make a file at once, and the rest waits.
        try world.add("271", 12)
        #expect(try world.assemble().map(\.outcomes.count) == [5, 5])
        #expect(world.exchange.outcomes.count == 2)
        // A window of none is over at once.
        try world.add("TA1")
        #expect(try world.assemble().map(\.file.transactionType) == ["TA1"])
        try world.check()
    }

    @Test("the shortest windows go first, and the order of outcomes is that of their coming")
    func priority() throws {
        var world = try ExchangeWorld()
        try world.add("835")
        try world.add("271", 2)
        try world.add("999")
        try world.add("TA1", partner: "BETA")
        try world.fixture.advance(minutes: 24 * 60)
        let orders = try world.assemble()
        #expect(orders.map(\.file.transactionType) == ["TA1", "999", "271", "835"])
        let numbers = try #require(orders.first { $0.file.transactionType == "271" }).file.outcomes
        #expect(numbers == numbers.sorted() && numbers.count == 2)
    }

    @Test("types, partners and the number of files bound what a run takes; it says what is left")
    func limits() throws {
        var world = try ExchangeWorld()
        for partner in ["ALPHA", "BETA"] {
            try world.add("271", 5, partner: partner)
            try world.add("TA1", 1, partner: partner)
        }
        let run = try world.run()
        let first = try world.collect(run, types: ["271"], partners: ["BETA"])
        #expect(first.orders.map(\.file.partner) == ["BETA"] && !first.hasMore)
        let second = try world.collect(run, filesMax: 2)
        #expect(second.orders.map(\.file.transactionType) == ["TA1", "TA1"] && second.hasMore)
        let third = try world.collect(run, filesMax: 2)
        #expect(third.orders.map(\.file.partner) == ["ALPHA"] && !third.hasMore)
        #expect(try world.collect(run).orders.isEmpty)
        world.refused(
            .notFound, .collect(run: 999_999, types: [], partners: [], filesMax: 10))
        try world.check()
    }

    @Test("two runs never have the same file in hand; what one leaves the next finishes")
    func inHand() throws {
        var world = try ExchangeWorld()
        try world.add("TA1")
        let (one, two) = (try world.run(), try world.run("other"))
        let orders = try world.collect(one).orders
        let file = try #require(orders.first?.file.file)
        #expect(try world.collect(two).orders.isEmpty)
        // It failed: its own run is not given it again, and no other one while that works.
        try world.tell(
            .failed(file: file, step: "write", reason: "full", attempts: 3, isGivenUp: false))
        #expect(try world.collect(one).orders.isEmpty && world.collect(two).orders.isEmpty)
        try world.end(one, isSuccess: false)
        let again = try world.collect(two)
        #expect(again.orders.map(\.file.file) == [file])
        #expect(again.orders[0].outcomes.count == 1)
        #expect(world.fixture.all(FilesCollected.self).last?.resumedCount == 1)
        try world.write(again.orders)
        #expect(world.alerts("fileFailed").count == 1)
        try world.publish(again.orders)
        #expect(world.alerts("fileFailed").isEmpty)
        try world.check()
    }

    @Test("after a kill files are taken up where they were: to be made, or to be published")
    func restart() throws {
        var world = try ExchangeWorld()
        try world.add("TA1")
        try world.add("TA1", partner: "BETA")
        var run = try world.run()
        let orders = try world.collect(run).orders
        #expect(orders.count == 2)
        try world.write([orders[0]])
        try world.restart()
        run = try world.run("other")
        let again = try world.collect(run).orders
        #expect(again.map(\.file.file) == orders.map(\.file.file))
        #expect(again.map(\.file.numbers) == orders.map(\.file.numbers))
        #expect(again.map(\.file.status) == [.assembled, .acquired])
        #expect(again.map(\.outcomes.count) == [0, 1])
        try world.write([again[1]])
        try world.publish(again)
        #expect(world.exchange.outcomes.count == 0)
        try world.check()
    }

    @Test("a partner that is gone, or is sent a type no more, is told nothing, and nothing stops")
    func partnerGone() throws {
        var world = try ExchangeWorld()
        try world.add("271", 5)
        try world.add("TA1")
        try world.add("TA1", partner: "BETA")
        try world.configure([
            ExchangeWorld.partner("ALPHA") { $0.sends = ["TA1"] }
        ])
        #expect(try world.assemble().map(\.file.partner) == ["ALPHA"])
        #expect(world.exchange.outcomes.count == 6)
        world.refused(
            .notFound,
            .outcomes([ExchangeWorld.outcome("TA1", partner: "BETA")], source: "api", .engine))
        try world.restart()
        #expect(try world.assemble().isEmpty)
        // They come back, and what waited goes out.
        try world.configure([ExchangeWorld.partner("ALPHA"), ExchangeWorld.partner("BETA")])
        #expect(try world.assemble().map(\.outcomes.count).sorted() == [1, 5])
        try world.check()
    }

    @Test("outcomes that are held are told of once for each partner and type, until they go")
    func held() throws {
        var world = try ExchangeWorld()
        try world.add("271", 3)
        try world.add("TA1", partner: "BETA")
        let noTypes = ExchangeWorld.partner("ALPHA") { $0.sends = ["TA1"] }
        try world.configure([noTypes])
        #expect(
            world.alerts("outcomesHeld").map(\.subject)
                == ["outcomes ALPHA 271", "outcomes BETA TA1"])
        #expect(world.alerts("outcomesHeld").map(\.recipients) == [["edi"], []])
        let messages = world.alerts("outcomesHeld").map(\.message)
        #expect(messages[0].hasPrefix("3 outcomes (271) for ALPHA wait: "))
        #expect(messages[1].hasPrefix("1 outcome (TA1) for BETA waits: "))
        // Not once more, by a run or after a restart.
        try world.assemble()
        try world.restart()
        try world.assemble()
        try world.configure([noTypes, ExchangeWorld.partner("GAMMA")])
        #expect(world.alerts("outcomesHeld").count == 2)
        // One is back, then the other.
        try world.configure([noTypes, ExchangeWorld.partner("BETA")])
        #expect(world.alerts("outcomesHeld").map(\.subject) == ["outcomes ALPHA 271"])
        try world.configure([ExchangeWorld.partner("ALPHA"), ExchangeWorld.partner("BETA")])
        #expect(world.alerts("outcomesHeld").isEmpty)
        try world.fixture.advance(minutes: 2)
        #expect(try world.assemble().map(\.outcomes.count).sorted() == [1, 3])
        try world.check()
    }

    @Test("an assembly at once is no error where one runs already")
    func now() throws {
        var world = try ExchangeWorld()
        try world.tell(.assembleNow(ExchangeWorld.key, reason: "outcomes that wait for nothing"))
        #expect(world.fixture.core.state.openRuns.count == 1)
        try world.tell(.assembleNow(ExchangeWorld.key, reason: "outcomes that wait for nothing"))
        #expect(world.fixture.core.state.openRuns.count == 1)
        world.refused(.notFound, .assembleNow(ScheduleKey("default", "none"), reason: "r"))
    }

    @Test("a full disk, and a stop, refuse what is new, and let what is begun end")
    func closed() throws {
        var world = try ExchangeWorld()
        try world.add("TA1", 1)
        let run = try world.run()
        let orders = try world.collect(run).orders
        try world.fixture.handle(.drain)
        world.refused(
            .stopping, .outcomes([ExchangeWorld.outcome("271")], source: "api", .engine))
        world.refused(.stopping, .collect(run: run, types: [], partners: [], filesMax: 1))
        let file = world.file("000000001")
        world.refused(.stopping, .receive(file, .engine))
        try world.write(orders)
        try world.publish(orders)
        try world.check()
    }
}
