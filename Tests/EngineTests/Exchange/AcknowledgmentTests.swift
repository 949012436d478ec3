import Engine
import Events
import Projections
import Testing

/// What partners say of our files, and what is told where an answer does not come in time.
@Suite struct AcknowledgmentTests {
    /// A file of 271s that was published: it waits for a TA1 and a 999.
    private static func published(
        _ world: inout ExchangeWorld, groups: [String] = [""]
    ) throws -> OutboundFileState {
        for group in groups { try world.add("271", 5 / groups.count, group: group) }
        try world.fixture.advance(minutes: 2)
        return try #require(try world.assemble().first).file
    }

    @Test("a TA1 and a 999 are matched by their numbers; then the file leaves memory")
    func matched() throws {
        var world = try ExchangeWorld()
        let file = try Self.published(&world, groups: ["", "CLINIC"])
        let state = try #require(world.exchange.files[file.file])
        #expect(state.answers.map(\.type) == ["TA1", "999"])
        #expect(state.answers.map(\.count) == [1, 2])
        try world.acknowledge("TA1", of: file.numbers("ISA")[0])
        try world.restart()
        try world.acknowledge("999", of: file.numbers("GS")[0])
        #expect(world.exchange.files[file.file]?.answers.map(\.count) == [1])
        try world.acknowledge("999", of: file.numbers("GS")[1])
        #expect(world.exchange.files.count == 0)
        // What comes for it now is of no known file, and no trouble.
        try world.acknowledge("999", of: file.numbers("GS")[1])
        #expect(world.fixture.all(FileAcknowledged.self).map(\.file).last == 0)
        #expect(world.alerts("fileRejected").isEmpty)
        try world.check()
    }

    /// A file of 271s in two groups that stands written, and of which nobody was told yet.
    private static func written(_ world: inout ExchangeWorld) throws -> AssemblyOrder {
        for group in ["", "CLINIC"] { try world.add("271", 2, group: group) }
        try world.fixture.advance(minutes: 2)
        let run = try world.run()
        let order = try #require(try world.collect(run).orders.first)
        try world.write([order])
        return order
    }

    @Test("what comes between written and published is an answer: nothing is overdue later")
    func early() throws {
        var world = try ExchangeWorld()
        let order = try Self.written(&world)
        let file = order.file
        try world.acknowledge("TA1", of: file.numbers("ISA")[0])
        try world.acknowledge("999", of: file.numbers("GS")[0])
        try world.acknowledge("277CA", of: 0) { $0.reference = String(file.file) }
        #expect(world.fixture.all(FileAcknowledged.self).map(\.isEarly) == [true, true, false])
        try world.restart()
        #expect(world.exchange.files[file.file]?.early == ["TA1", "999 1"])
        try world.publish([order])
        // The 999 of the second group is still to come.
        let state = try #require(world.exchange.files[file.file])
        #expect(state.answers.map(\.type) == ["999"] && state.answers.map(\.count) == [1])
        #expect(state.early.isEmpty)
        try world.acknowledge("999", of: file.numbers("GS")[1])
        #expect(world.exchange.files.count == 0)
        try world.fixture.advance(minutes: 600)
        #expect(world.alerts("acknowledgmentOverdue").isEmpty)
        try world.check()
    }

    @Test("a file that is answered whole before it is published leaves memory when it is")
    func earlyAndWhole() throws {
        var world = try ExchangeWorld()
        let order = try Self.written(&world)
        // A partner may repeat itself: that answers for no other group.
        for group in [0, 0, 1] {
            try world.acknowledge("999", of: order.file.numbers("GS")[group])
        }
        try world.acknowledge("TA1", of: order.file.numbers("ISA")[0])
        #expect(world.exchange.files[order.file.file]?.early == ["999 1", "999 2", "TA1"])
        try world.publish([order])
        #expect(world.exchange.files.count == 0)
        #expect(try #require(world.fixture.all(FilePublished.self).last).answers.isEmpty)
        try world.check()
    }

    @Test("a TA1 that refuses a file before it is published is told, and no 999 is waited for")
    func earlyRefusal() throws {
        var world = try ExchangeWorld()
        let order = try Self.written(&world)
        try world.acknowledge("TA1", of: order.file.numbers("ISA")[0], code: "R")
        #expect(world.alerts("fileRejected").map(\.subject) == ["file \(order.file.file)"])
        try world.publish([order])
        #expect(world.exchange.files.count == 0)
        try world.fixture.advance(minutes: 600)
        #expect(world.alerts("acknowledgmentOverdue").isEmpty)
        try world.check()
    }

    @Test("a log of before, which says of no acknowledgment that it is early, keeps its state")
    func oldLog() throws {
        var world = try ExchangeWorld()
        let order = try Self.written(&world)
        try world.acknowledge("TA1", of: order.file.numbers("ISA")[0])
        var event = try #require(world.fixture.events.last { $0.payload is FileAcknowledged })
        var payload = try #require(event.payload as? FileAcknowledged)
        payload.isEarly = false
        event.payload = payload
        var state = ProjectedState()
        for record in world.fixture.records.prefix(Int(event.envelope.sequence)) {
            try state.apply(record.span.bytes)
        }
        let before = state.exchange.files[order.file.file]
        try state.apply(event.encoded().span.bytes)
        #expect(state.exchange.files[order.file.file] == before)
    }

    @Test("no partner acknowledges the file of another one, whatever it names")
    func foreign() throws {
        var world = try ExchangeWorld()
        let file = try Self.published(&world)
        try world.acknowledge("277CA", of: 0, from: "BETA") {
            $0.reference = String(file.file)
        }
        try world.acknowledge("TA1", of: file.numbers("ISA")[0], code: "R", from: "BETA") {
            $0.sender = "ZZ:ALPHA"
        }
        #expect(world.exchange.files[file.file]?.answers.count == 2)
        #expect(world.alerts("fileRejected").allSatisfy { $0.subject.hasPrefix("ingestion ") })
        try world.check()
    }

    @Test("a refusal is told once for a file; after a TA1 that refuses no 999 is waited for")
    func rejected() throws {
        var world = try ExchangeWorld()
        let file = try Self.published(&world)
        let isa = file.numbers("ISA")[0]
        try world.acknowledge("999", of: file.numbers("GS")[0], code: "P") { $0.note = "" }
        try world.acknowledge("999", of: file.numbers("GS")[0], code: "P") { $0.note = "" }
        #expect(world.alerts("fileRejected").map(\.subject) == ["file \(file.file)"])
        // A note that does not stand leaves no blank.
        #expect(world.alerts("fileRejected").allSatisfy { $0.message.contains(" with 999 P; ") })
        try world.acknowledge("TA1", of: isa, code: "R") { $0.note = "025" }
        #expect(world.exchange.files.count == 0 && world.alerts("fileRejected").count == 1)
        try world.fixture.advance(minutes: 600)
        #expect(world.alerts("acknowledgmentOverdue").isEmpty)
        // Nobody makes it anew: whoever takes it on ends it.
        let alert = try #require(world.alerts("fileRejected").first)
        try world.fixture.handle(
            .acknowledge(alert: alert.alert, reason: "the partner is asked", ExchangeWorld.who))
        #expect(world.alerts("fileRejected").isEmpty)
        try world.check()
    }

    @Test("however many refusals come, alerts stay few")
    func flood() throws {
        var world = try ExchangeWorld()
        for number in 1...150 as ClosedRange<UInt64> {
            try world.acknowledge("TA1", of: 1_000 + number, code: "R")
        }
        #expect(world.alerts("fileRejected").count == 100)
        #expect(world.fixture.all(FileAcknowledged.self).count == 150)
    }

    @Test("an acknowledgment that does not come is told once for each kind, over restarts")
    func acknowledgmentOverdue() throws {
        var world = try ExchangeWorld()
        let file = try Self.published(&world)
        try world.fixture.advance(minutes: 119)
        #expect(world.alerts("acknowledgmentOverdue").isEmpty)
        try world.restart(after: 2 * CoreFixture.minute)
        try world.fixture.advance(minutes: 1)
        #expect(
            world.alerts("acknowledgmentOverdue").map(\.subject)
                == ["file \(file.file) TA1", "file \(file.file) 999"])
        #expect(world.alerts("acknowledgmentOverdue").allSatisfy { $0.recipients == ["edi"] })
        try world.restart(after: 600 * CoreFixture.minute)
        try world.fixture.advance(minutes: 600)
        #expect(world.alerts("acknowledgmentOverdue").count == 2)
        // Each ends when what it speaks of comes.
        try world.acknowledge("TA1", of: file.numbers("ISA")[0])
        #expect(
            world.alerts("acknowledgmentOverdue").map(\.subject) == ["file \(file.file) 999"])
        try world.acknowledge("999", of: file.numbers("GS")[0])
        #expect(world.alerts("acknowledgmentOverdue").isEmpty)
        try world.check()
    }

    @Test("an answer that we do not give in time is told once for each type, and ends when given")
    func answerOverdue() throws {
        var world = try ExchangeWorld()
        let ingestion = try world.receive(
            "000000001", answers: ["TA1", "999", "271"], outcomes: ["TA1", "999"])
        try world.fixture.advance(minutes: 6)
        #expect(world.alerts("answerOverdue").map(\.subject) == ["ingestion \(ingestion) TA1"])
        try world.fixture.advance(minutes: 10)
        try world.restart()
        try world.fixture.advance(minutes: 1)
        #expect(
            world.alerts("answerOverdue").map(\.subject)
                == ["ingestion \(ingestion) TA1", "ingestion \(ingestion) 999"])
        // What is answered ends its own alert, and only that.
        try world.assemble()
        #expect(world.alerts("answerOverdue").isEmpty)
        #expect(world.exchange.received[ingestion]?.answers.map(\.type) == ["271"])
        try world.fixture.advance(minutes: 60)
        #expect(world.alerts("answerOverdue").map(\.subject) == ["ingestion \(ingestion) 271"])
        try world.add("271", 1, ingestion: ingestion)
        try world.fixture.advance(minutes: 2)
        try world.assemble()
        #expect(world.alerts("answerOverdue").isEmpty && world.exchange.received.count == 0)
        try world.check()
    }

    @Test("a duplicate that nobody settles is told after a day, once, and ends when it is settled")
    func duplicateOpen() throws {
        var world = try ExchangeWorld()
        try world.receive("000000001", answers: [])
        try world.receive("000000002", answers: []) { $0.sha256 = "content-1" }
        let duplicate = try #require(world.exchange.duplicates.sorted().first?.duplicate)
        try world.fixture.advance(minutes: 24 * 60 - 1)
        #expect(world.alerts("duplicateOpen").isEmpty)
        try world.fixture.advance(minutes: 2)
        #expect(world.alerts("duplicateOpen").map(\.subject) == ["duplicate \(duplicate)"])
        try world.restart(after: 48 * 60 * CoreFixture.minute)
        try world.fixture.advance(minutes: 60)
        #expect(world.alerts("duplicateOpen").count == 1)
        try world.tell(
            .resolveDuplicate(
                duplicate, resolution: "ignored", reason: "sent twice", ExchangeWorld.who))
        #expect(world.alerts("duplicateOpen").isEmpty)
        try world.check()
    }

    @Test("what nobody answers or acknowledges leaves memory after 93 days")
    func old() throws {
        var world = try ExchangeWorld()
        _ = try Self.published(&world)
        try world.receive("000000001", answers: ["271"])
        try world.add("271", 5)
        let run = try world.run()
        let order = try #require(try world.collect(run).orders.first)
        try world.tell(
            .failed(
                file: order.file.file, step: "build", reason: "r", attempts: 1, isGivenUp: true))
        #expect(world.exchange.files.count == 2 && world.exchange.outcomes.count == 5)
        try world.fixture.advance(minutes: 94 * 24 * 60)
        try world.receive("000000002", answers: [])
        #expect(world.exchange.files.count == 0 && world.exchange.outcomes.count == 0)
        #expect(world.exchange.received.count == 0)
        #expect(world.exchange.keys.sorted().allSatisfy { $0.until > world.fixture.now })
        try world.check()
    }
}
