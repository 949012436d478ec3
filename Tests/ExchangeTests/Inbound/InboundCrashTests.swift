import DaybookTestSupport
import Engine
import Events
import Exchange
import Testing

/// Reception is killed at every step, and goes on: each file received once.
@Suite struct InboundCrashTests {
    private static let partner = InboundWorld.partner("CLINICA")

    @Test("killed at any one step, of the disk or of the engine, a dropped file is received once")
    func everyStep() async throws {
        let count = try await receive(dyingAt: .max)
        #expect(count > 20)
        for step in 1...count { _ = try await receive(dyingAt: step) }
    }

    /// Receives a file, killed at a step, then once more; how many steps it took.
    private func receive(dyingAt step: Int) async throws -> Int {
        try await TemporaryFolder.with { folder in
            let comment: Comment = "killed at step \(step)"
            let world = try OutboundWorld(folder: folder, partners: [Self.partner])
            try await world.begin()
            try InboundWorld.drop(
                InboundWorld.inquiry(7, from: "CLINICA", asksTA1: true)
                    + InboundWorld.inquiry(8, from: "CLINICA"),
                world.root, partner: "CLINICA")
            world.fate.begin(dyingAt: step)
            do {
                await (try InboundWorld.service(world)).pass()
            } catch is ExchangeError {
                #expect(world.fate.isDead, comment)
            }
            let count = world.fate.stepCount
            try await world.begin()
            await (try InboundWorld.service(world)).pass()
            let received = try await InboundWorld.events(world, FileReceived.self)
            #expect(received.count == 1, comment)
            let interchanges = try await InboundWorld.events(world, InterchangeReceived.self)
            #expect(interchanges.map(\.note) == ["000", "000"], comment)
            let outcomes = try await InboundWorld.events(world, OutcomeReceived.self)
            #expect(outcomes.map(\.transactionType) == ["TA1", "999", "999"], comment)
            #expect(try await InboundWorld.events(world, DuplicateFound.self).isEmpty, comment)
            #expect(InboundWorld.files(world.root, below: "inbound").isEmpty, comment)
            let kept = InboundWorld.files(world.root, below: "received")
            let path = received.first?.path ?? ""
            #expect(kept == [path, path + ".json"], comment)
            let store = try ExchangeStore(root: world.root, cipher: nil)
            for outcome in outcomes {
                let (sha256, _) = try store.sha256(try ExchangePath(outcome.path))
                #expect(sha256 == outcome.sha256, comment)
            }
            try await world.verify()
            return count
        }
    }

    @Test("killed at any one step, outcomes of business are taken once")
    func outcomesEveryStep() async throws {
        let count = try await takeOutcomes(dyingAt: .max)
        #expect(count > 10)
        for step in 1...count { _ = try await takeOutcomes(dyingAt: step) }
    }

    private func takeOutcomes(dyingAt step: Int) async throws -> Int {
        try await TemporaryFolder.with { folder in
            let comment: Comment = "killed at step \(step)"
            let world = try OutboundWorld(folder: folder, partners: [Self.partner])
            try await world.begin()
            let lines = (0..<3).flatMap { (number) -> [UInt8] in
                OutboundPartners.outcome("CLINICA", kind: 5, number).encoded() + [0x0A]
            }
            try InboundWorld.write(lines, world.root + "/spool", "outcomes.jsonl")
            world.fate.begin(dyingAt: step)
            do {
                await (try InboundWorld.service(world)).pass()
            } catch is ExchangeError {
                #expect(world.fate.isDead, comment)
            }
            let count = world.fate.stepCount
            try await world.begin()
            await (try InboundWorld.service(world)).pass()
            let outcomes = try await InboundWorld.events(world, OutcomeReceived.self)
            #expect(outcomes.map(\.outcomeId) == ["OUT-0", "OUT-1", "OUT-2"], comment)
            #expect(InboundWorld.files(world.root, below: "spool").isEmpty, comment)
            try await world.verify()
            return count
        }
    }

    @Test("a file of outcomes with a bad line is refused as a whole, with line and field")
    func refused() async throws {
        try await TemporaryFolder.with { folder in
            let world = try OutboundWorld(folder: folder, partners: [Self.partner])
            try await world.begin()
            let warnings = InboundWorld.Warnings()
            let service = try InboundWorld.service(world, warnings)
            let good = OutboundPartners.outcome("CLINICA", kind: 5, 1).encoded() + [0x0A]
            let bad = Array("{\"partner\":\"CLINICA\",\"type\":\"271\",\"secret\":\"DOE\"}\n".utf8)
            try InboundWorld.write(good + bad, world.root + "/spool", "mixed.jsonl")
            await service.pass()
            #expect(try await InboundWorld.events(world, OutcomeReceived.self).isEmpty)
            let refused = InboundWorld.files(world.root, below: "spool/_refused")
            #expect(refused.count == 2 && refused.contains { $0.hasSuffix(".reason.json") })
            #expect(InboundWorld.files(world.root, below: "outcomes").isEmpty)
            let line = try #require(warnings.all.first)
            #expect(line.contains("line 2") && !line.contains("DOE"))
            try await world.verify()
        }
    }
}
