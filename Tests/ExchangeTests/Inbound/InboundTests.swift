import DaybookTestSupport
import Engine
import Events
import Exchange
import Foundation
import NIOCore
import Projections
import Testing
import X12

/// Files of partners come in: kept, checked, answered, once.
@Suite struct InboundTests {
    private static let partner = InboundWorld.partner("CLINICA")

    @Test("a dropped file is kept with its sidecar, recorded, and answered")
    func dropped() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let service = try InboundWorld.service(world)
            let bytes = InboundWorld.inquiry(7, from: "CLINICA", asksTA1: true)
            try InboundWorld.drop(bytes, world.root, partner: "CLINICA", name: "Erika.edi")
            try InboundWorld.drop(bytes, world.root, partner: "CLINICA", name: "later.edi.tmp")
            await service.pass()
            let received = try #require(
                try await InboundWorld.events(world, FileReceived.self).first)
            #expect(received.partner == "CLINICA" && received.source == "folder")
            #expect(received.sha256 == Digests.sha256(bytes))
            #expect(received.byteCount == UInt64(bytes.count) && received.trouble.isEmpty)
            #expect(
                received.path
                    == "received/partner=CLINICA/date=2026-03-02/\(received.sha256).edi")
            let store = try ExchangeStore(root: world.root, cipher: nil)
            let path = try ExchangePath(received.path)
            #expect(try store.read(path, byteCountMax: 1 << 20) == bytes)
            let metadata = try store.metadata(of: path)
            #expect(metadata.originalName == "Erika.edi" && metadata.isa13 == "000000007")
            #expect(metadata.sha256 == received.sha256 && metadata.ingestionId != nil)
            let interchange = try #require(
                try await InboundWorld.events(world, InterchangeReceived.self).first)
            #expect(interchange.sender == "ZZ:CLINICA" && interchange.receiver == "ZZ:DAYBOOK")
            #expect(interchange.code == "A" && interchange.note == "000" && interchange.isLast)
            #expect(interchange.answers.map(\.type) == ["TA1", "999", "271"])
            #expect(interchange.groups.first?.accepted == 1)
            let outcomes = try await InboundWorld.events(world, OutcomeReceived.self)
            #expect(outcomes.map(\.transactionType) == ["TA1", "999"])
            #expect(InboundWorld.files(world.root, below: "inbound/_taken").isEmpty)
            #expect(
                InboundWorld.files(world.root, below: "inbound")
                    == ["inbound/partner=CLINICA/later.edi.tmp"])
            try await world.verify()
        }
    }

    @Test("whoever drops files finds the folders there, before the first file")
    func folders() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            await (try InboundWorld.service(world)).pass()
            for name in ["inbound/partner=CLINICA", "spool", "members"] {
                var isFolder: ObjCBool = false
                let path = world.root + "/" + name
                #expect(FileManager.default.fileExists(atPath: path, isDirectory: &isFolder))
                #expect(isFolder.boolValue, "\(name)")
            }
            try await world.verify()
        }
    }

    @Test("a number that comes again is answered R 025; the same content is told; both wait")
    func duplicates() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let service = try InboundWorld.service(world)
            let first = InboundWorld.inquiry(7, from: "CLINICA")
            let other = InboundWorld.inquiry(7, from: "CLINICA", groups: 2)
            for (name, bytes) in [("1", first), ("2", first), ("3", other)] {
                try InboundWorld.drop(bytes, world.root, partner: "CLINICA", name: name)
                await service.pass()
            }
            let interchanges = try await InboundWorld.events(world, InterchangeReceived.self)
            #expect(interchanges.map(\.code) == ["A", "R", "R"])
            #expect(interchanges.map(\.note) == ["000", "025", "025"])
            #expect(interchanges[1].answers.map(\.type) == ["TA1"])
            let duplicates = try await InboundWorld.events(world, DuplicateFound.self)
            #expect(duplicates.map(\.kind) == ["content", "controlNumber", "controlNumber"])
            #expect(Set(duplicates.map(\.original)).count == 1)
            #expect(duplicates.allSatisfy { $0.finder == "receipt" })
            try await world.verify()
        }
    }

    @Test("a file in another partner's folder is answered R 006")
    func stranger() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(
                folder, [Self.partner, InboundWorld.partner("HOSPB")])
            let service = try InboundWorld.service(world)
            try InboundWorld.drop(
                InboundWorld.inquiry(7, from: "CLINICA"), world.root, partner: "HOSPB")
            await service.pass()
            let interchange = try #require(
                try await InboundWorld.events(world, InterchangeReceived.self).first)
            #expect(interchange.partner == "HOSPB" && interchange.sender.isEmpty)
            #expect(interchange.code == "R" && interchange.note == "006")
            try await world.verify()
        }
    }

    @Test("a file that was rejected for our reason is processed when it comes again as it is")
    func sentAgain() async throws {
        try await TemporaryFolder.with { folder in
            var unknown = Self.partner
            unknown.partner?.id = "CLINICB"
            let world = try await InboundWorld.world(folder, [unknown])
            let service = try InboundWorld.service(world)
            let bytes = InboundWorld.inquiry(7, from: "CLINICA")
            try InboundWorld.drop(bytes, world.root, partner: "CLINICA")
            await service.pass()
            try await world.configure([Self.partner])
            try InboundWorld.drop(bytes, world.root, partner: "CLINICA")
            await service.pass()
            let interchanges = try await InboundWorld.events(world, InterchangeReceived.self)
            #expect(interchanges.map(\.code) == ["R", "A"])
            #expect(interchanges.map(\.note) == ["006", "000"])
            #expect(interchanges.last?.answers.map(\.type) == ["999", "271"])
            #expect(try await InboundWorld.events(world, DuplicateFound.self).isEmpty)
            // It lies under one name, and its sidecar speaks of the one that was accepted.
            let received = try await InboundWorld.events(world, FileReceived.self)
            #expect(received.map(\.isRejected) == [true, false])
            let store = try ExchangeStore(root: world.root, cipher: nil)
            let metadata = try store.metadata(of: try ExchangePath(received[1].path))
            #expect(metadata.accepted == ["000000007"])
            #expect(metadata.ingestionId == interchanges[1].ingestion)
            try await world.verify()
        }
    }

    @Test("what is no interchange is set aside with its reason, and nobody is answered")
    func unreadable() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let service = try InboundWorld.service(world)
            let good = InboundWorld.inquiry(7, from: "CLINICA")
            let many = (1...501).flatMap { InboundWorld.inquiry($0, from: "CLINICA") }
            let groups = InboundWorld.inquiry(8, from: "CLINICA", groups: 1_000)
            let cases: [(String, [UInt8], String)] = [
                ("1", [], "empty"), ("2", Array("name,date\n".utf8), "notX12"),
                ("3", good + Array("rest".utf8), "endsInOtherBytes"),
                ("4", many, "tooManyInterchanges"), ("5", groups, "tooManyGroups"),
            ]
            for (name, bytes, _) in cases {
                try InboundWorld.drop(bytes, world.root, partner: "CLINICA", name: name)
                await service.pass()
            }
            let received = try await InboundWorld.events(world, FileReceived.self)
            #expect(received.map(\.trouble) == cases.map(\.2))
            #expect(received.allSatisfy { $0.path.hasPrefix("received/_quarantine/") })
            let quarantined = try await InboundWorld.events(world, FileQuarantined.self)
            #expect(quarantined.map(\.reason) == cases.map(\.2))
            // What was whole before the other bytes is answered all the same.
            let interchanges = try await InboundWorld.events(world, InterchangeReceived.self)
            #expect(interchanges.map(\.controlNumber) == ["000000007"])
            let reasons = InboundWorld.files(world.root, below: "received").filter {
                $0.hasSuffix(".reason.json")
            }
            #expect(reasons.count == cases.count)
            try await world.verify()
        }
    }

    @Test("by the API a key is one file, and the answer says what was found")
    func byAPI() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let service = try InboundWorld.service(world)
            let bytes = InboundWorld.inquiry(7, from: "CLINICA")
            func send(
                _ key: String, other: [UInt8]? = nil
            ) async throws -> Ingestion.Report {
                let body = AsyncStream<ByteBuffer> { continuation in
                    for byte in other ?? bytes { continuation.yield(ByteBuffer(bytes: [byte])) }
                    continuation.finish()
                }
                return try await service.receive(
                    partner: "CLINICA", key: key, body, OutboundWorld.who)
            }
            let first = try await send("monday")
            #expect(!first.wasKnown && first.file.interchanges.first?.code == "A")
            let again = try await send("monday")
            #expect(again.wasKnown && again.ingestion == first.ingestion)
            // Another file under the same key is not taken for the first.
            for other in [InboundWorld.inquiry(8, from: "CLINICA"), bytes + bytes] {
                do {
                    _ = try await send("monday", other: other)
                    Issue.record("another file was taken for the first")
                } catch let error as ExchangeError {
                    #expect(error.code == "keyTaken")
                }
            }
            let other = try await send("")
            #expect(!other.wasKnown && other.file.interchanges.first?.isDuplicate == true)
            #expect(try await InboundWorld.events(world, FileReceived.self).count == 2)
            await #expect(throws: Rejection.self) {
                let body = AsyncStream<ByteBuffer> { $0.finish() }
                _ = try await service.receive(
                    partner: "NOBODY", key: "", body, OutboundWorld.who)
            }
            #expect(InboundWorld.files(world.root, below: "inbound").isEmpty)
            try await world.verify()
        }
    }

    @Test("encrypted at rest, a file that is larger than a chunk is kept and read back")
    func encrypted() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let key = try FileKey(text: String(repeating: "0f", count: 32), name: "key")
            let cipher = try FileCipher(keys: [key])
            let service = try InboundWorld.service(world, cipher: cipher)
            let bytes = (1...400).flatMap { InboundWorld.inquiry($0, from: "CLINICA") }
            try InboundWorld.drop(bytes, world.root, partner: "CLINICA")
            await service.pass()
            let received = try #require(
                try await InboundWorld.events(world, FileReceived.self).first)
            let store = try ExchangeStore(root: world.root, cipher: cipher)
            #expect(
                try store.read(try ExchangePath(received.path), byteCountMax: 1 << 24) == bytes)
            for (path, bytes) in filesOnDisk(world.root) {
                #expect(!bytes.contains("MUSTERFRAU"), "\(path)")
            }
            try await world.verify()
        }
    }

    @Test("answers of a partner find the file of ours that they name, and only its own")
    func acknowledgments() async throws {
        try await TemporaryFolder.with { folder in
            // What is sent to it waits for an answer.
            var clinic = Self.partner
            for place in clinic.rules.indices {
                clinic.rules[place].acknowledgedWithinSeconds = 900
            }
            let world = try await InboundWorld.world(
                folder, [clinic, InboundWorld.partner("HOSPB")])
            let warnings = InboundWorld.Warnings()
            let service = try InboundWorld.service(world, warnings)
            try await world.give([OutboundPartners.outcome("CLINICA", kind: 5, 1)])
            try await world.run(try world.target())
            let file = try #require(
                try await InboundWorld.events(world, FileAssembled.self).first)
            func answer(_ partner: String, _ number: Int) -> [UInt8] {
                let padded = partner + String(repeating: " ", count: 15 - partner.utf8.count)
                return Array(
                    ("ISA*00*          *00*          *ZZ*\(padded)*ZZ*DAYBOOK        "
                        + "*260302*0100*^*00501*00000000\(number)*0*P*:~"
                        + "TA1*\(file.controlNumber)*260302*0100*A*000~IEA*0*00000000\(number)~")
                        .utf8)
            }
            try InboundWorld.drop(answer("HOSPB", 1), world.root, partner: "HOSPB")
            await service.pass()
            try InboundWorld.drop(answer("CLINICA", 2), world.root, partner: "CLINICA")
            await service.pass()
            let told = try await InboundWorld.events(world, FileAcknowledged.self)
            #expect(told.map(\.kind) == ["TA1", "TA1"] && told.map(\.note) == ["000", "000"])
            #expect(told.map(\.file) == [0, file.file])
            #expect(warnings.all.count == 1, "\(warnings.all)")
            #expect(warnings.all.first?.hasPrefix("1 acknowledgment in received file") == true)
            // A TA1 is never answered with one.
            #expect(try await InboundWorld.events(world, OutcomeReceived.self).count == 1)
            try await world.verify()
        }
    }
}

extension [UInt8] {
    /// Whether a text stands anywhere in these bytes.
    fileprivate func contains(_ text: String) -> Bool {
        Data(self).range(of: Data(text.utf8)) != nil
    }
}
