import DaybookTestSupport
import Events
import Exchange
import Foundation
import Projections
import Testing

/// Files that are not taken in: people are told, each time, and told when it is over.
@Suite struct ReceptionAlertTests {
    private static let partner = InboundWorld.partner("CLINICA")

    private static func open(_ world: OutboundWorld) async throws -> [String] {
        try await world.read { state in
            state.alerts.sorted().map { "\($0.kind) \($0.subject)" }
        }
    }

    @Test("where files cannot be kept one alert is raised; it ends when they are received")
    func stuck() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let received = world.root + "/received"
            let warnings = InboundWorld.Warnings()
            let first = try InboundWorld.service(world, warnings)
            await first.pass()
            try FileManager.default.createSymbolicLink(
                atPath: received, withDestinationPath: folder)
            try InboundWorld.drop(
                InboundWorld.inquiry(7, from: "CLINICA"), world.root, partner: "CLINICA")
            await first.pass()
            let told = ["receptionStuck inbound/partner=CLINICA"]
            #expect(try await Self.open(world) == told)
            #expect(warnings.all.count == 1)
            // Not told again after a restart, as long as it lasts.
            await (try InboundWorld.service(world)).pass()
            #expect(try await Self.open(world) == told)
            #expect(
                try await InboundWorld.events(world, AlertRaised.self).map(\.severity) == ["high"])
            try FileManager.default.removeItem(atPath: received)
            await (try InboundWorld.service(world)).pass()
            #expect(try await InboundWorld.events(world, FileReceived.self).count == 1)
            #expect(try await Self.open(world).isEmpty)
            try await world.verify()
        }
    }

    @Test("another folder in the place of the exchange folder is left empty, and told each time")
    func unmounted() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let warnings = InboundWorld.Warnings()
            let service = try InboundWorld.service(world, warnings)
            await service.pass()
            let store = try ExchangeStore(root: world.root, cipher: nil)
            let files = FileManager.default
            for outage in 1...2 {
                try files.moveItem(atPath: world.root, toPath: folder + "/away")
                try files.createDirectory(
                    atPath: world.root, withIntermediateDirectories: false)
                await service.pass()
                await service.pass()
                #expect(try await Self.open(world) == ["receptionStuck inbound"])
                #expect(warnings.all.count == outage)
                do throws(ExchangeError) {
                    _ = try store.exists(try ExchangePath("received/a"))
                    Issue.record("another folder was taken for the first")
                } catch {
                    #expect(error.code == "storage")
                    #expect(error.message.contains("is another folder than"))
                }
                #expect(try files.contentsOfDirectory(atPath: world.root).isEmpty)
                try files.removeItem(atPath: world.root)
                try files.moveItem(atPath: folder + "/away", toPath: world.root)
                await service.pass()
                #expect(try await Self.open(world).isEmpty)
            }
            try await world.verify()
        }
    }

    @Test("a refused file of outcomes is an alert until the next one is taken, and once more then")
    func refused() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let service = try InboundWorld.service(world)
            func give(_ bytes: [UInt8]) async throws -> [String] {
                try InboundWorld.write(bytes, world.root + "/spool", "outcomes.jsonl")
                await service.pass()
                return try await Self.open(world)
            }
            let good = OutboundPartners.outcome("CLINICA", kind: 5, 1).encoded() + [0x0A]
            let told = ["outcomesRefused spool"]
            #expect(try await give(Array("{}\n".utf8)) == told)
            #expect(try await give(Array("[]\n".utf8)) == told)
            #expect(try await give(good) == [])
            #expect(try await give(Array("{}\n".utf8)) == told)
            #expect(try await InboundWorld.events(world, AlertRaised.self).count == 2)
            try await world.verify()
        }
    }

    @Test("an id that was taken for something else, of a person, or for no file, is refused")
    func badOutcomes() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let warnings = InboundWorld.Warnings()
            let service = try InboundWorld.service(world, warnings)
            func give(_ bytes: [UInt8]) async throws -> String {
                try InboundWorld.write(bytes, world.root + "/spool", "outcomes.jsonl")
                let before = warnings.all.count
                await service.pass()
                return warnings.all.dropFirst(before).joined()
            }
            func line(_ id: String, _ number: Int, ingestion: UInt64? = nil) -> [UInt8] {
                Outcome(
                    partner: "CLINICA", id: id, ingestion: ingestion,
                    body: Samples.eligibility(number)
                ).encoded() + [0x0A]
            }
            #expect(try await give(line("ELG-1", 1)).isEmpty)
            let other = try await give(line("ELG-1", 2))
            #expect(other.contains("line 1, field 'id': another outcome"), "\(other)")
            // The same, written otherwise, is known.
            #expect(try await give(Array("{ ".utf8) + line("ELG-1", 1).dropFirst()).isEmpty)
            let person = try await give(line("SSN-123-45-6789", 3))
            #expect(person.contains("social security") && !person.contains("6789"), "\(person)")
            #expect(try await give(line("A1123-45-6789", 4)).isEmpty)
            let never = try await give(line("ELG-5", 5, ingestion: 99_999))
            #expect(never.contains("field 'ingestion': no file was received"), "\(never)")
            let outcomes = try await InboundWorld.events(world, OutcomeReceived.self)
            #expect(outcomes.map(\.outcomeId) == ["ELG-1", "A1123-45-6789"])
            try await world.verify()
        }
    }

    @Test("folders of inbound/ that are no partner's are told once; their names may be a person's")
    func strangers() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let warnings = InboundWorld.Warnings()
            let service = try InboundWorld.service(world, warnings)
            for name in ["CLINICA", "Partner=CLINICA", "SMITHFOLDER", "partner=X Y"] {
                try InboundWorld.write([1], world.root + "/inbound/" + name, "file")
            }
            try InboundWorld.write([1], world.root + "/inbound/partner=HOSPB", "file")
            await service.pass()
            await service.pass()
            let lines = warnings.all
            #expect(lines.count == 2)
            #expect(lines.contains { $0.hasPrefix("nothing is taken from 4 folders in inbound/") })
            #expect(lines.contains { $0.hasPrefix("inbound/partner=HOSPB of the exchange") })
            #expect(!lines.contains { $0.contains("SMITH") })
            try await world.verify()
        }
    }

    @Test("a partner's folder that somebody removed is made again, and told")
    func removed() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let warnings = InboundWorld.Warnings()
            let service = try InboundWorld.service(world, warnings)
            await service.pass()
            let path = world.root + "/inbound/partner=CLINICA"
            try FileManager.default.removeItem(atPath: path)
            await service.pass()
            await service.pass()
            #expect(FileManager.default.fileExists(atPath: path))
            #expect(warnings.all.count == 1)
            #expect(
                warnings.all.first?.hasPrefix("inbound/partner=CLINICA/ of the exchange") == true)
            try await world.verify()
        }
    }

    @Test("what is wrong with the folder of publications is said of that folder")
    func publishFolder() throws {
        try TemporaryFolder.with { folder in
            let path = folder + "/published"
            try Data().write(to: URL(fileURLWithPath: path))
            do throws(ExchangeError) {
                _ = try Publisher(folder: path, webhook: nil)
                Issue.record("a file was taken for a folder")
            } catch {
                #expect(error.message.hasPrefix("cannot open the folder publishFolder: "))
            }
        }
    }
}
