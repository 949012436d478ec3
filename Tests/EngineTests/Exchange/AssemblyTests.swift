import Engine
import Events
import Projections
import Testing

/// Files of ours: their numbers, and what becomes of them.
@Suite struct AssemblyTests {
    private static let isa = "ISA/ZZ:US/ZZ:ALPHA"

    private static func allocator(
        _ world: ExchangeWorld, _ name: String
    ) throws -> ControlAllocatorState {
        let all = world.fixture.core.state.control.allocators(partner: "", transactionType: "")
        return try #require(all.first { $0.name == name })
    }

    @Test("a file gets one ISA13, a GS06 a group, a ST02 an outcome; a TA1 only the first")
    func numbers() throws {
        var world = try ExchangeWorld()
        try world.add("271", 2)
        try world.add("271", 2, group: "CLINIC")
        try world.add("271")
        try world.add("TA1")
        let orders = try world.assemble()
        let file = try #require(orders.first { $0.file.transactionType == "271" }).file
        #expect(file.numbers("ISA") == [2] && file.numbers("GS") == [1, 2])
        #expect(file.numbers("ST") == [1, 2, 3, 4, 5])
        #expect(
            file.numbers.map(\.allocator)
                == [Self.isa, "GS/ZZ:US/ZZ:ALPHA/HB", "ST/ALPHA/271"])
        let ta1 = try #require(orders.first { $0.file.transactionType == "TA1" }).file
        #expect(ta1.numbers.map(\.allocator) == [Self.isa] && ta1.numbers("ISA") == [1])
        // ISA13 is shared by all types of a sender and receiver, and never used twice.
        #expect(!ta1.requestsAcknowledgment && file.requestsAcknowledgment)
        for name in [Self.isa, "ST/ALPHA/271"] {
            let place = try Self.allocator(world, name)
            #expect(place.open == 0 && place.missing == 0 && place.persisted == place.issued)
        }
        let assembled = world.fixture.all(FileAssembled.self).map(\.controlNumber)
        #expect(assembled == ["000000001", "000000002"])
        try world.check()
    }

    @Test("a partner's range of numbers stands before the settings', and follows its definition")
    func ranges() throws {
        var settings = DecisionSettings()
        settings.controlNumbers.start = 50
        func range(_ kind: String, _ type: String, start: UInt64) -> PartnerNumberRange {
            var range = PartnerNumberRange()
            range.kind = kind
            range.type = type
            range.start = start
            return range
        }
        var world = try ExchangeWorld(settings: settings) { partners in
            partners[0].numbers = [
                range("ST", "", start: 7_000), range("ST", "271", start: 9_000),
                range("ISA", "", start: 600),
            ]
        }
        try world.add("271", 5)
        try world.add("TA1", partner: "BETA")
        let orders = try world.assemble()
        let alpha = try #require(orders.first { $0.file.partner == "ALPHA" }).file
        #expect(alpha.numbers("ST").first == 9_000 && alpha.numbers("ISA") == [600])
        #expect(alpha.numbers("GS") == [50])
        #expect(orders.first { $0.file.partner == "BETA" }?.file.numbers("ISA") == [50])
        try world.restart()
        try world.add("999")
        try world.fixture.advance(minutes: 1)
        #expect(try world.assemble().first?.file.numbers("ST") == [7_000])
        try world.check()
    }

    @Test("numbers that have run out stop one partner, with one alert, and no other")
    func rollover() throws {
        var world = try ExchangeWorld { partners in
            var range = PartnerNumberRange()
            range.kind = "ISA"
            range.start = 1
            range.last = 1
            range.wrap = "off"
            partners[0].numbers = [range]
        }
        for partner in ["ALPHA", "BETA"] { try world.add("TA1", 2, partner: partner) }
        #expect(try world.assemble().map(\.file.partner) == ["ALPHA", "BETA"])
        for partner in ["ALPHA", "BETA"] { try world.add("TA1", partner: partner) }
        let run = try world.run()
        let reply = try world.collect(run)
        #expect(reply.orders.map(\.file.partner) == ["BETA"])
        #expect(reply.exhausted == ["ALPHA TA1"])
        _ = try world.collect(run)
        #expect(world.alerts("ROLLOVER_REQUIRED").map(\.subject) == [Self.isa])
        #expect(world.fixture.all(FilesCollected.self).last?.status == "")
        try world.restart()
        let next = try world.run("other")
        #expect(try world.collect(next).orders.map(\.file.partner) == ["BETA"])
        #expect(world.alerts("ROLLOVER_REQUIRED").count == 1)
        // A person resets, and what waited goes out.
        try world.fixture.handle(
            .control(
                .reset(allocator: Self.isa, next: 1, reason: "agreed", ExchangeWorld.who),
                tenant: "default"))
        #expect(world.alerts("ROLLOVER_REQUIRED").isEmpty)
        #expect(try world.collect(next).orders.map(\.file.partner) == ["ALPHA"])
        try world.check()
    }

    @Test("an outcome that names the partner's own group stands with those that name none")
    func ownGroup() throws {
        var world = try ExchangeWorld()
        try world.add("271", 3)
        try world.add("271", 2, group: "ALPHA")
        let file = try #require(try world.assemble().first).file
        #expect(file.numbers("GS").count == 1 && file.numbers("ST").count == 5)
        try world.check()
    }

    @Test("what others call a file when they ask for numbers is no file of ours")
    func foreignNumbers() throws {
        var world = try ExchangeWorld()
        try world.add("TA1")
        let run = try world.run()
        let file = try #require(try world.collect(run).orders.first).file
        let wish = try NumberRequest(
            .interchange, sender: "ZZ:US", receiver: "ZZ:ALPHA", partner: "ALPHA",
            transactionType: "TA1", file: String(file.file))
        try world.fixture.handle(
            .control(.issue([wish], Authority(actor: "worker:other")), tenant: "default"))
        #expect(world.exchange.files[file.file]?.numbers == file.numbers)
        try world.check()
    }

    @Test("a file that fails its check is set aside: its numbers fail, and nothing is sent")
    func setAside() throws {
        var world = try ExchangeWorld()
        let ingestion = try world.receive("000000001", answers: ["271"])
        try world.add("271", 5, ingestion: ingestion)
        let run = try world.run()
        let order = try #require(try world.collect(run).orders.first)
        let number = order.file.file
        let findings = Array(repeating: String(repeating: "ö", count: 5_000), count: 500)
        let aside = SetAsideFile(
            file: number, path: "outbound/_quarantine/x.edi", reason: "check",
            findings: findings)
        try world.tell(.setAside(aside))
        #expect(world.exchange.files[number]?.status == .quarantined)
        #expect(world.exchange.outcomes.count == 5)
        let place = try Self.allocator(world, Self.isa)
        #expect(place.missing == 1 && place.open == 0)
        let alert = try #require(world.alerts("fileQuarantined").first)
        #expect(alert.subject == "file \(number)")
        // It is over: no step of it comes again, and no run gets it.
        world.refused(.conflict, .setAside(aside))
        world.refused(.conflict, .published([number], channel: "folder", attempts: 1))
        #expect(try world.collect(run).orders.isEmpty)
        // The partner still waits for its answer.
        #expect(world.exchange.received[ingestion] != nil)
        // A person takes it on; it ends when another file is made.
        try world.fixture.handle(
            .acknowledge(alert: alert.alert, reason: "it is looked at", ExchangeWorld.who))
        #expect(world.alerts("fileQuarantined").count == 1)
        try world.check()
    }

    @Test("numbers of which somebody else spoke before do not keep a file from its end")
    func settledByOthers() throws {
        var world = try ExchangeWorld()
        try world.add("TA1", 3)
        let run = try world.run()
        let orders = try world.collect(run).orders
        try world.add("TA1")
        let second = try #require(try world.collect(run).orders.first)
        let isa = try #require(orders.first).file.numbers[0]
        let numbers = [
            IssuedNumbers(allocator: isa.allocator, generation: 1, first: isa.first, count: 1)
        ]
        let other = Authority(actor: "worker:other", ticket: "CHG-9")
        try world.fixture.handle(
            .control(.persist(numbers, file: "x", other), tenant: "default"))
        try world.tell(
            .failed(
                file: orders[0].file.file, step: "write", reason: "bad", attempts: 1,
                isGivenUp: true))
        #expect(world.exchange.files[orders[0].file.file]?.status == .failed)
        let next = second.file.numbers[0]
        try world.fixture.handle(
            .control(
                .fail(
                    [
                        IssuedNumbers(
                            allocator: next.allocator, generation: 1, first: next.first, count: 1)
                    ], reason: "r", other), tenant: "default"))
        try world.write([second])
        #expect(world.exchange.files[second.file.file]?.status == .assembled)
        try world.check()
    }

    @Test("steps come in their order, each once, all or none of a batch")
    func order() throws {
        var world = try ExchangeWorld()
        try world.add("TA1")
        try world.add("TA1", partner: "BETA")
        let run = try world.run()
        let orders = try world.collect(run).orders
        let numbers = orders.map(\.file.file)
        func written(_ file: UInt64, path: String = "outbound/x.edi") -> WrittenFile {
            WrittenFile(
                file: file, path: path, sha256: "ab", byteCount: 1, segmentCount: 1, setCount: 1)
        }
        world.refused(.conflict, .published(numbers, channel: "folder", attempts: 1))
        world.refused(.conflict, .written([written(numbers[0]), written(999_999)]))
        world.refused(.invalid, .written([written(numbers[0]), written(numbers[0])]))
        world.refused(
            .invalid, .written([written(numbers[0], path: String(repeating: "x", count: 5_000))]))
        try world.write([orders[0]])
        world.refused(.conflict, .written([written(numbers[1]), written(numbers[0])]))
        world.refused(.conflict, .published(numbers, channel: "folder", attempts: 1))
        world.refused(
            .invalid,
            .published([numbers[0], numbers[0]], channel: "folder", attempts: 1))
        world.refused(
            .conflict,
            .failed(
                file: numbers[0], step: "publish", reason: "r", attempts: 1, isGivenUp: true))
        try world.write([orders[1]])
        try world.publish(orders)
        world.refused(.conflict, .published([numbers[0]], channel: "folder", attempts: 1))
        // Nothing is expected of them, so nothing of them is left.
        #expect(world.files.isEmpty && world.exchange.outcomes.count == 0)
        try world.check()
    }

    @Test("what is moved is recorded by its paths, which are bounded")
    func moved() throws {
        var world = try ExchangeWorld()
        var move = FileMoved()
        move.path = "outbound/x.edi"
        move.tier = "cool"
        move.newPath = "cool/outbound/x.edi"
        var bad = move
        bad.newPath = String(repeating: "x", count: 2_000)
        world.refused(.invalid, .moved([move, bad]))
        try world.tell(.moved([move]))
        #expect(world.fixture.all(FileMoved.self) == [move])
        try world.check()
    }
}
