import DaybookTestSupport
import Events
import Exchange
import Foundation
import Projections
import Synchronization
import Testing

/// Senders that write on into a file: nothing of it is lost, and people hear of it.
@Suite struct InboundGrowthTests {
    private static let partner = InboundWorld.partner("CLINICA")

    private static func append(_ bytes: [UInt8], _ path: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    @Test("a file that its sender has open is left alone until it is closed, then taken whole")
    func open() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let warnings = InboundWorld.Warnings()
            let service = try InboundWorld.service(world, warnings)
            try InboundWorld.drop(
                InboundWorld.inquiry(80, from: "CLINICA"), world.root, partner: "CLINICA")
            let path = world.root + "/inbound/partner=CLINICA/file.edi"
            let sender = try #require(FileHandle(forWritingAtPath: path))
            try sender.seekToEnd()
            await service.pass()
            await service.pass()
            #expect(try await InboundWorld.events(world, FileReceived.self).isEmpty)
            #expect(
                InboundWorld.files(world.root, below: "inbound")
                    == ["inbound/partner=CLINICA/file.edi"])
            #expect(warnings.all.count == 1)
            try sender.write(contentsOf: Data(InboundWorld.inquiry(81, from: "CLINICA")))
            try sender.close()
            await service.pass()
            #expect(try await InboundWorld.events(world, FileReceived.self).count == 1)
            let interchanges = try await InboundWorld.events(world, InterchangeReceived.self)
            #expect(interchanges.map(\.controlNumber) == ["000000080", "000000081"])
            #expect(interchanges.map(\.code) == ["A", "A"])
            try await world.verify()
        }
    }

    @Test(
        "what is written into a file after it was recorded is received too, and told; after a kill",
        arguments: [false, true])
    func grown(isKilled: Bool) async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let isDone = Mutex(false)
            let root = world.root
            // The sender still has the file, wherever it was moved to.
            let service = try InboundWorld.service(world) { step in
                guard step == .recorded, !isDone.withLock({ $0 }) else { return }
                isDone.withLock { $0 = true }
                let taken = try #require(
                    InboundWorld.files(root, below: "inbound/_taken").first)
                try Self.append(
                    InboundWorld.inquiry(81, from: "CLINICA"), root + "/" + taken)
                if isKilled { throw Fate.Dead() }
            }
            try InboundWorld.drop(
                InboundWorld.inquiry(80, from: "CLINICA"), root, partner: "CLINICA")
            await service.pass()
            let next = isKilled ? try InboundWorld.service(world) : service
            if isKilled { await next.pass() }
            #expect(
                InboundWorld.files(root, below: "inbound")
                    == ["inbound/partner=CLINICA/file.edi"])
            let alerts = try await world.read { state in
                state.alerts.sorted().map { "\($0.kind) \($0.subject)" }
            }
            #expect(alerts == ["fileGrew inbound/partner=CLINICA"])
            await next.pass()
            let interchanges = try await InboundWorld.events(world, InterchangeReceived.self)
            #expect(
                interchanges.map(\.controlNumber) == ["000000080", "000000080", "000000081"])
            #expect(interchanges.map(\.note) == ["000", "025", "000"])
            #expect(try await InboundWorld.events(world, FileReceived.self).count == 2)
            #expect(InboundWorld.files(root, below: "inbound").isEmpty)
            try await world.verify()
        }
    }

    @Test("a time that was set by hand is no change: the file is received once")
    func touched() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let root = world.root
            let service = try InboundWorld.service(world) { step in
                guard step == .recorded else { return }
                let taken = try #require(
                    InboundWorld.files(root, below: "inbound/_taken").first)
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 1_000)],
                    ofItemAtPath: root + "/" + taken)
            }
            try InboundWorld.drop(
                InboundWorld.inquiry(80, from: "CLINICA"), root, partner: "CLINICA")
            await service.pass()
            await service.pass()
            #expect(try await InboundWorld.events(world, FileReceived.self).count == 1)
            #expect(InboundWorld.files(root, below: "inbound").isEmpty)
            try await world.verify()
        }
    }

    @Test("lines written into a file of outcomes after it was recorded are taken, each once")
    func outcomes() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let lines = (1...2).map { number in
                OutboundPartners.outcome("CLINICA", kind: 5, number).encoded() + [0x0A]
            }
            try InboundWorld.write(lines[0], world.root + "/spool", "outcomes.jsonl")
            let sender = try #require(
                FileHandle(forWritingAtPath: world.root + "/spool/outcomes.jsonl"))
            try sender.seekToEnd()
            let service = try InboundWorld.service(world)
            await service.pass()
            #expect(try await InboundWorld.events(world, OutcomeReceived.self).isEmpty)
            try sender.write(contentsOf: Data(lines[1]))
            try sender.close()
            await service.pass()
            let outcomes = try await InboundWorld.events(world, OutcomeReceived.self)
            #expect(outcomes.map(\.outcomeId) == ["OUT-1", "OUT-2"])
            try await world.verify()
        }
    }
}
