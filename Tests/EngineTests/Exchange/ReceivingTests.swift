import Engine
import Events
import Projections
import Testing

/// Partners' files: taken in once, known again, answered.
@Suite struct ReceivingTests {
    @Test("a file is taken in once under its key, over restarts, and says what it is to get")
    func once() throws {
        var world = try ExchangeWorld()
        let file = world.file("000000001", outcomes: ["TA1", "999"])
        let first = try #require(try world.tell(.receive(file, .engine)).ingestion)
        let state = try #require(world.exchange.received[first])
        #expect(state.answers.map(\.type) == ["TA1", "999"])
        #expect(
            state.answers.map { $0.dueAt - world.fixture.now } == [300_000_000, 900_000_000])
        #expect(world.exchange.outcomes.sorted().map(\.ingestion) == [first, first])
        try world.restart()
        let count = world.fixture.records.count
        #expect(try world.tell(.receive(file, .engine)).ingestion == first)
        #expect(world.fixture.records.count == count && world.exchange.outcomes.count == 2)
        try world.check()
    }

    @Test("an interchange is a duplicate by its number, a file by its content, both of a partner")
    func duplicates() throws {
        var world = try ExchangeWorld()
        let first = try world.receive("000000001")
        let key = ExchangeKey.interchange("ZZ:ALPHA", "ZZ:US", "000000001")
        #expect(try world.tell(.lookUp([key, "none"])).known == [first, 0])
        // Whoever asked before another came in must ask again.
        let unasked = world.file("000000001")
        world.refused(.conflict, .receive(unasked, .engine))
        let second = try world.receive("000000001", answers: ["TA1"]) {
            $0.interchanges[0].isDuplicate = true
            $0.interchanges[0].code = "R"
            $0.interchanges[0].note = "025"
        }
        let third = try world.receive("000000002") { $0.sha256 = "content-1" }
        let found = world.exchange.duplicates.sorted()
        #expect(found.map(\.kind) == ["controlNumber", "content"])
        #expect(found.map(\.ingestion) == [second, third])
        #expect(found.map(\.original) == [first, first])
        #expect(found.first?.controlNumber == "000000001")
        // Of another partner the same number and the same content are no duplicates.
        try world.receive("000000001", from: "BETA") { $0.sha256 = "content-1" }
        #expect(world.exchange.duplicates.count == 2)
        // After the partner's days they are none either.
        try world.fixture.advance(minutes: 31 * 24 * 60)
        #expect(try world.tell(.lookUp([key])).known == [0])
        try world.receive("000000001") { $0.sha256 = "content-1" }
        #expect(world.exchange.duplicates.count == 2)
        try world.check()
    }

    @Test("what was rejected may come again with its number; two of one file are no surprise")
    func rejected() throws {
        var world = try ExchangeWorld()
        try world.receive("000000001") {
            $0.interchanges[0].code = "R"
            $0.interchanges[0].note = "021"
        }
        let again = try world.receive("000000001")
        #expect(world.exchange.duplicates.count == 0)
        #expect(world.exchange.received[again] != nil)
        let twice = try world.receive("000000007") { file in
            file.interchanges.append(file.interchanges[0])
            file.interchanges[1].isDuplicate = true
            file.interchanges[1].code = "R"
        }
        let found = try #require(world.exchange.duplicates.sorted().first)
        #expect(found.ingestion == twice && found.original == twice)
        #expect(world.exchange.received[twice]?.answers.map(\.count) == [2, 2])
        try world.check()
    }

    @Test("a file that was rejected whole may come again as it is; one of which a part was not")
    func rejectedContent() throws {
        var world = try ExchangeWorld()
        func reject(_ file: inout ReceivedFile, _ content: String) {
            file.sha256 = content
            file.interchanges[0].code = "R"
            file.interchanges[0].note = "006"
        }
        for _ in 0..<2 { try world.receive("000000001") { reject(&$0, "whole") } }
        #expect(world.fixture.all(FileReceived.self).map(\.isRejected) == [true, true])
        // Its partner is put right, and it is taken as it is; from then on it is known.
        try world.receive("000000001") { $0.sha256 = "whole" }
        try world.restart()
        #expect(world.exchange.duplicates.count == 0)
        let again = try world.receive("000000002") { $0.sha256 = "whole" }
        #expect(world.exchange.duplicates.sorted().map(\.ingestion) == [again])
        for number in ["000000003", "000000004"] {
            try world.receive(number) { file in
                reject(&file, "part")
                file.interchanges.append(file.interchanges[0])
                file.interchanges[1].controlNumber = number
                file.interchanges[1].code = "A"
            }
        }
        #expect(world.exchange.duplicates.sorted().map(\.kind) == ["content", "content"])
        try world.check()
    }

    @Test("one that cannot be read is told of once, and is answered with nothing")
    func unreadable() throws {
        var world = try ExchangeWorld()
        let ingestion = try world.receive("") {
            $0.interchanges = []
            $0.trouble = "notX12"
            $0.path = "received/_quarantine/x.edi"
        }
        #expect(world.exchange.received[ingestion] == nil)
        #expect(world.fixture.all(FileQuarantined.self).map(\.ingestion) == [ingestion])
        let alert = try #require(world.alerts("fileQuarantined").first)
        #expect(alert.subject == "ingestion \(ingestion)" && alert.recipients == ["edi"])
        // Nothing ends it but a person who takes it on.
        try world.fixture.handle(
            .acknowledge(alert: alert.alert, reason: "asked for it again", ExchangeWorld.who))
        #expect(world.alerts("fileQuarantined").isEmpty)
        try world.check()
    }

    @Test("what no record could hold, or nobody may say, is refused before anything is written")
    func refusals() throws {
        var world = try ExchangeWorld()
        func refused(
            _ code: Rejection.Code = .invalid,
            sourceLocation: SourceLocation = #_sourceLocation,
            _ change: (inout ReceivedFile) -> Void
        ) {
            let file = world.file("000000001", change)
            world.refused(code, .receive(file, .engine), sourceLocation: sourceLocation)
        }
        let long = String(repeating: "x", count: 2_000)
        refused { $0.key = "" }
        refused { $0.key = long }
        refused(.notFound) { $0.partner = "GAMMA" }
        refused { $0.path = long }
        refused { $0.interchanges[0].answers = Array(repeating: "999", count: 3_000) }
        refused { $0.interchanges[0].controlNumber = long }
        refused {
            var group = ReceivedGroup()
            group.version = long
            $0.interchanges[0].groups = [group]
        }
        refused {
            $0.interchanges = Array(
                repeating: $0.interchanges[0], count: ReceivedFile.interchangesMax + 1)
        }
        refused { $0.outcomes = [ExchangeWorld.outcome("277CA")] }
        refused { file in
            file.outcomes = [ExchangeWorld.outcome("999")]
            file.outcomes[0].path = long
        }
        let keys = Array(repeating: "x", count: 10_001)
        world.refused(.invalid, .lookUp(keys))
        // The most that is taken fits into its records.
        try world.receive("000000002") { file in
            file.interchanges[0].answers = Array(repeating: "999", count: 2_000)
            file.interchanges[0].groups = Array(repeating: ReceivedGroup(), count: 2_000)
        }
        let recorded = try #require(world.fixture.all(InterchangeReceived.self).last)
        #expect(recorded.groups.count == 64 && recorded.groupCount == 2_000)
        try world.check()
    }

    @Test("a person settles a duplicate; a sweep finds one once, and not what is settled by then")
    func settled() throws {
        var world = try ExchangeWorld()
        let (first, second) = (try world.receive("000000001"), try world.receive("000000002"))
        let sweep = ExchangeCommand.sweepFound(
            ingestion: second, original: first, kind: "content", partner: "ALPHA",
            controlNumber: "")
        try world.tell(sweep)
        try world.tell(sweep)
        let duplicate = try #require(world.exchange.duplicates.sorted().first)
        #expect(world.exchange.duplicates.count == 1)
        world.refused(
            .invalid,
            .resolveDuplicate(
                duplicate.duplicate, resolution: "lost", reason: "r", ExchangeWorld.who))
        world.refused(
            .invalid,
            .resolveDuplicate(
                duplicate.duplicate, resolution: "ignored", reason: "", ExchangeWorld.who))
        world.refused(
            .notFound,
            .resolveDuplicate(9_999, resolution: "ignored", reason: "r", ExchangeWorld.who))
        try world.tell(
            .resolveDuplicate(
                duplicate.duplicate, resolution: "resent", reason: "r", ExchangeWorld.who))
        #expect(world.exchange.duplicates.count == 0)
        let event = try #require(world.fixture.events.last)
        #expect(event.envelope.ticket == "CHG-1" && event.payload is DuplicateResolved)
        try world.tell(sweep)
        #expect(world.exchange.duplicates.count == 0)
        try world.check()
    }

    @Test("acts of persons need a ticket where the rule says so")
    func tickets() throws {
        var settings = DecisionSettings()
        settings.tickets.isRequired = true
        var world = try ExchangeWorld(settings: settings)
        var hold = LegalHoldPlaced()
        hold.name = "case-7"
        hold.reason = "a claim"
        let nobody = Authority(actor: "user:anna")
        world.refused(.invalid, .placeHold(hold, nobody))
        world.refused(.invalid, .releaseHold("case-7", reason: "r", nobody))
        world.refused(
            .invalid, .resolveDuplicate(1, resolution: "ignored", reason: "r", nobody))
        world.refused(
            .invalid,
            .reassemble(
                file: 1, partner: "ALPHA", outcomes: [ExchangeWorld.outcome("271")], reason: "r",
                nobody))
        try world.tell(.placeHold(hold, ExchangeWorld.who))
    }
}
