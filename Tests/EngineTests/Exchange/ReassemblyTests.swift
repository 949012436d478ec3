import Engine
import Events
import Projections
import Testing

/// Files that are made in the place of others, with numbers of their own.
@Suite struct ReassemblyTests {
    private static func outcomes(_ order: AssemblyOrder) -> [NewOutcome] {
        order.outcomes.map {
            var outcome = ExchangeWorld.outcome(
                $0.transactionType, partner: $0.partner, group: $0.group, ingestion: $0.ingestion)
            outcome.path = $0.path
            return outcome
        }
    }

    private static func command(
        _ file: UInt64, _ outcomes: [NewOutcome], partner: String = "ALPHA",
        reason: String = "the cause is mended"
    ) -> ExchangeCommand {
        .reassemble(
            file: file, partner: partner, outcomes: outcomes, reason: reason, ExchangeWorld.who)
    }

    /// A file of five that was set aside.
    private static func quarantined(
        _ world: inout ExchangeWorld, ingestion: UInt64 = 0
    ) throws -> AssemblyOrder {
        try world.add("271", 5, ingestion: ingestion)
        let run = try world.run()
        let order = try #require(try world.collect(run).orders.first)
        try world.tell(
            .setAside(
                SetAsideFile(
                    file: order.file.file, path: "outbound/_quarantine/x.edi", reason: "check",
                    findings: [])))
        try world.end(run)
        return order
    }

    @Test("one in quarantine is made anew: new numbers, the same content, and its alert is over")
    func fromQuarantine() throws {
        var world = try ExchangeWorld()
        let ingestion = try world.receive("000000001", answers: ["271"])
        let order = try Self.quarantined(&world, ingestion: ingestion)
        let number = order.file.file
        let reply = try world.tell(Self.command(number, Self.outcomes(order)))
        let file = try #require(reply.file)
        #expect(world.files.map(\.file) == [file] && world.exchange.outcomes.count == 5)
        #expect(world.alerts("fileQuarantined").isEmpty)
        let grouped = try #require(world.fixture.all(FileGrouped.self).last)
        #expect(grouped.reassembles == number && grouped.ingestions == [ingestion])
        let event = try #require(
            world.fixture.events.last { $0.payload is FileGrouped })
        #expect(event.envelope.ticket == "CHG-1" && event.envelope.actor == "user:test")
        // Twice at once is refused, over a restart too.
        try world.restart()
        world.refused(.conflict, Self.command(number, Self.outcomes(order)))
        let made = try world.assemble()
        #expect(made.map(\.file.file) == [file] && made[0].outcomes.count == 5)
        #expect(made[0].file.numbers("ISA") == [2])
        #expect(made[0].file.numbers("ST") == [6, 7, 8, 9, 10])
        #expect(world.exchange.received[ingestion] == nil && world.exchange.outcomes.count == 0)
        try world.check()
    }

    @Test("one that was published is made anew; an acknowledgment of the old one changes nothing")
    func fromPublished() throws {
        var world = try ExchangeWorld()
        try world.add("271", 5)
        let order = try #require(try world.assemble().first)
        let reply = try world.tell(Self.command(order.file.file, Self.outcomes(order)))
        let file = try #require(reply.file)
        #expect(world.files.map(\.file) == [file])
        try world.acknowledge("TA1", of: order.file.numbers("ISA")[0])
        #expect(world.fixture.all(FileAcknowledged.self).last?.file == 0)
        #expect(try world.assemble().map(\.file.file) == [file])
        try world.check()
    }

    @Test("with too few numbers nothing is written but one alert")
    func tooFewNumbers() throws {
        var world = try ExchangeWorld { partners in
            var range = PartnerNumberRange()
            range.kind = "ISA"
            range.last = 1
            range.wrap = "off"
            partners[0].numbers = [range]
        }
        let order = try Self.quarantined(&world)
        world.fixture.forget()
        let command = Self.command(order.file.file, Self.outcomes(order))
        try world.tell(command)
        #expect(world.fixture.refusal?.code == .rolloverRequired)
        #expect(world.fixture.events.map { "\(type(of: $0.payload))" } == ["AlertRaised"])
        // And with the alert open, nothing at all.
        world.refused(.rolloverRequired, command)
        #expect(world.exchange.outcomes.count == 5)
        #expect(world.exchange.files[order.file.file]?.status == .quarantined)
        try world.check()
    }

    @Test("what may not be made anew is refused before anything is written")
    func refusals() throws {
        var world = try ExchangeWorld()
        let order = try Self.quarantined(&world)
        let (number, outcomes) = (order.file.file, Self.outcomes(order))
        world.refused(.invalid, Self.command(number, outcomes, reason: ""))
        world.refused(.invalid, Self.command(number, []))
        world.refused(
            .invalid, Self.command(number, outcomes + [ExchangeWorld.outcome("835")]))
        world.refused(.invalid, Self.command(number, outcomes + outcomes))
        world.refused(.conflict, Self.command(number, outcomes, partner: "BETA"))
        world.refused(.conflict, Self.command(number, [ExchangeWorld.outcome("835")]))
        world.refused(.notFound, Self.command(0, outcomes))
        world.refused(.notFound, Self.command(999_999, outcomes))
        var long = outcomes
        long[0].path = String(repeating: "x", count: 2_000)
        world.refused(.invalid, Self.command(number, long))
        // One that is being made is finished by a run.
        try world.add("271", 5)
        let run = try world.run()
        let open = try #require(try world.collect(run).orders.first)
        world.refused(.conflict, Self.command(open.file.file, outcomes))
        try world.configure([ExchangeWorld.partner("BETA")])
        world.refused(.notFound, Self.command(number, outcomes))
        try world.check()
    }
}
