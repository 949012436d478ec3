import DaybookTestSupport
import Engine
import Events
import Exchange
import Foundation
import Projections
import Synchronization
import Testing
import X12

/// Outcomes become files: numbered, checked, durable, told of.
@Suite struct AssemblyTests {
    static let partners = [
        OutboundPartners.partner("PARTNERA"), OutboundPartners.partner("PARTNER_B"),
    ]

    private struct Result: Decodable {
        struct File: Decodable {
            var file: UInt64
            var partner: String
            var type: String
            var path: String
            var isa13: String
            var status: String
        }

        var status: String
        var filesCreated: Int
        var filesSetAside: Int
        var files: [File]
    }

    private func result(_ outcome: TargetOutcome?) throws -> Result {
        guard case .succeeded(let completion)? = outcome else {
            throw Failure(description: "it did not succeed: \(String(describing: outcome))")
        }
        return try JSONDecoder().decode(Result.self, from: Data(completion.resultJSON.utf8))
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private func failure(_ outcome: TargetOutcome?) -> TargetFailure? {
        if case .failed(let failure)? = outcome { return failure }
        return nil
    }

    @Test("outcomes of every type become files, groups and sets in order, under their names")
    func everyType() async throws {
        try await TemporaryFolder.with { folder in
            let world = try OutboundWorld(folder: folder, partners: Self.partners)
            try await world.begin()
            for partner in ["PARTNERA", "PARTNER_B"] {
                for kind in 0..<6 {
                    try await world.give(
                        (0..<5).map {
                            OutboundPartners.outcome(partner, kind: kind, 10 * kind + $0)
                        })
                }
            }
            let target = try world.target()
            let result = try result(try await world.run(target))
            #expect(result.status == "SUCCESS")
            // Five outcomes of six types for two partners, at most three a file.
            #expect(result.filesCreated == 24)
            #expect(result.files.count == 24 && result.filesSetAside == 0)
            #expect(result.files.allSatisfy { $0.status == "published" && $0.isa13.count == 9 })
            for file in result.files {
                let name = try OutboundName(parsing: String(file.path.split(separator: "/").last!))
                #expect(name.partner == file.partner && name.type.rawValue == file.type)
            }
            #expect(try self.result(try await world.run(target)).status == "NO_DATA")
            try await audit(world)
        }
    }

    /// Checks and verifies everything.
    private func audit(_ world: OutboundWorld) async throws {
        try await world.verify()
        var audit = OutboundAudit(try await world.events())
        audit.checkEvents()
        try audit.checkFiles(root: world.root, messages: world.messages)
        #expect(audit.problems.isEmpty)
    }

    @Test("an outcome whose file is altered, or gone, sets its file aside, and that alone")
    func alteredOutcome() async throws {
        try await TemporaryFolder.with { folder in
            let world = try OutboundWorld(folder: folder, partners: Self.partners)
            try await world.begin()
            try await world.give([OutboundPartners.outcome("PARTNERA", kind: 2, 1)])
            await world.pass(seconds: 86_400)
            let first = try Self.files(below: world.root + "/outcomes")
            try await world.give([OutboundPartners.outcome("PARTNERA", kind: 3, 2)])
            let second = try Self.files(below: world.root + "/outcomes").filter {
                !first.contains($0)
            }
            await world.pass(seconds: 86_400)
            try await world.give([OutboundPartners.outcome("PARTNERA", kind: 5, 3)])
            var bytes = [UInt8](try Data(contentsOf: URL(filePath: first[0])))
            bytes[bytes.count / 2] ^= 1
            try Data(bytes).write(to: URL(filePath: first[0]))
            try FileManager.default.removeItem(atPath: second[0])
            let result = try result(try await world.run(try world.target()))
            #expect(result.status == "SUCCESS")
            #expect(result.filesCreated == 1 && result.filesSetAside == 2)
            let aside = result.files.filter { $0.status == "quarantined" }
            #expect(aside.allSatisfy { $0.path.hasSuffix(".edi.reason.json") })
            let reasons = try await world.events().compactMap { $0.payload as? FileQuarantined }
            #expect(reasons.map(\.reason) == ["outcome", "outcome"])
            try await audit(world)
        }
    }

    private static func files(below folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".jsonl") }.map { folder + "/" + $0 }
    }

    @Test("a file that does not pass its check is set aside with its places, and never sent")
    func badFile() async throws {
        try await TemporaryFolder.with { folder in
            let world = try OutboundWorld(folder: folder, partners: Self.partners)
            try await world.begin()
            // A set that reception would have refused: an AK9 of no known code.
            try await world.give([
                Outcome(
                    partner: "PARTNERA",
                    body: .implementationAcknowledgment([
                        ["AK1", "HC", "1", "005010X222A1"], ["AK9", "?", "1", "1", "1"],
                    ]))
            ])
            let result = try result(try await world.run(try world.target()))
            #expect(result.status == "SUCCESS" && result.filesSetAside == 1)
            let path = try #require(result.files.first?.path)
            #expect(path.hasPrefix("outbound/_quarantine/PARTNERA_999_000000001_"))
            let reason = try String(
                contentsOfFile: world.root + "/" + path + ".reason.json", encoding: .utf8)
            #expect(reason.contains("\"reason\":\"check\""))
            #expect(reason.contains("segment AK9 at 3"))
            let event = try await world.events().lazy.compactMap { $0.payload as? FileChecked }
                .first
            #expect(event?.isGood == false && event?.findings.isEmpty == false)
            try await audit(world)
        }
    }

    @Test("storage that fails three times leaves the file to a later run, under its numbers")
    func storageFails() async throws {
        try await TemporaryFolder.with { folder in
            let world = try OutboundWorld(folder: folder, partners: Self.partners)
            try await world.begin()
            try await world.give([OutboundPartners.outcome("PARTNERA", kind: 5, 1)])
            let isFull = Atomic(true)
            let store = try ExchangeStore(
                root: world.root, cipher: nil, pieceByteCount: 1 << 20
            ) { _ in isFull.load(ordering: .relaxed) ? 28 : nil }
            let target = try world.target(store: store)
            let failure = failure(try await world.run(target))
            #expect(failure?.failureClass == "FAILED" && failure?.isDefinite == true)
            let failed = try await world.events().compactMap { $0.payload as? FileFailed }
            #expect(failed.map(\.step) == ["write"] && failed.map(\.attempts) == [3])
            #expect(failed.allSatisfy { !$0.isGivenUp })
            isFull.store(false, ordering: .relaxed)
            let result = try result(try await world.run(target))
            #expect(result.filesCreated == 1 && result.files.first?.isa13 == "000000001")
            try await audit(world)
        }
    }

    @Test("a whole file of this ISA13 that stands already is taken as it is; another one never")
    func standingFile() async throws {
        try await TemporaryFolder.with { folder in
            let world = try OutboundWorld(folder: folder, partners: Self.partners)
            // Step 1 and 2 are those of the collection: it dies before anything is written.
            try await world.begin(dyingAt: 3)
            try await world.give([OutboundPartners.outcome("PARTNERA", kind: 5, 1)])
            try await world.give([OutboundPartners.outcome("PARTNER_B", kind: 5, 2)])
            let target = try world.target()
            await #expect(throws: (any Error).self) { try await world.run(target) }
            try await world.begin()
            // Another version of the program wrote the one: a line feed follows each segment.
            let files = await world.state.exchange.files.sorted()
            #expect(files.count == 2)
            for file in files {
                let name = try OutboundName(
                    partner: file.partner, type: .eligibilityResponse,
                    controlNumber: file.numbers("ISA")[0], at: file.acquiredAt)
                var bytes = Array("not X12".utf8)
                if file.partner == "PARTNERA" {
                    bytes = try await Self.composed(file, world).flatMap {
                        $0 == UInt8(ascii: "~") ? [$0, 0x0A] : [$0]
                    }
                }
                try ExchangeStore(root: world.root, cipher: nil).write([
                    PendingFile(path: .outbound(name), content: bytes, metadata: nil)
                ])
            }
            let outcome = try await world.run(try world.target())
            #expect(failure(outcome)?.message.contains("other content") == true)
            let events = try await world.events()
            let assembled = events.compactMap { $0.payload as? FileAssembled }
            #expect(assembled.map(\.partner) == ["PARTNERA"])
            #expect(events.compactMap { $0.payload as? FileFailed }.map(\.step) == ["write"])
            let stranger = await world.state.exchange.files.sorted()
            #expect(stranger.map(\.partner) == ["PARTNER_B"])
            let place = try OutboundName(
                partner: "PARTNER_B", type: .eligibilityResponse,
                controlNumber: stranger[0].numbers("ISA")[0], at: stranger[0].acquiredAt)
            _ = try ExchangeStore(root: world.root, cipher: nil).remove(.outbound(place))
            #expect(try result(try await world.run(try world.target())).filesCreated == 1)
            try await audit(world)
        }
    }

    /// The bytes that assembly makes of a file of one outcome.
    private static func composed(
        _ file: OutboundFileState, _ world: OutboundWorld
    ) async throws -> [UInt8] {
        let order = CompositionOrder(
            file: file.file, sender: try CompositionOrder.identity(file.sender),
            receiver: try CompositionOrder.identity(file.receiver),
            senderGroup: file.senderGroup, receiverGroup: file.receiverGroup,
            instant: file.acquiredAt, isaNumber: file.numbers("ISA")[0],
            groupNumbers: file.numbers("GS"), setNumbers: file.numbers("ST"))
        return try InterchangeComposer.compose(
            order, [OutboundPartners.outcome(file.partner, kind: 5, 1)]
        ).bytes
    }

    @Test("numbers that have run out end the run as ROLLOVER_REQUIRED, after all else is made")
    func rollover() async throws {
        try await TemporaryFolder.with { folder in
            var range = PartnerNumberRange()
            range.kind = "ISA"
            range.start = 1
            range.last = 2
            range.wrap = "off"
            let world = try OutboundWorld(
                folder: folder,
                partners: [
                    OutboundPartners.partner("PARTNERA", outcomesMax: 1, numbers: [range]),
                    OutboundPartners.partner("PARTNER_B", outcomesMax: 1),
                ])
            try await world.begin()
            for number in 0..<4 {
                try await world.give([
                    OutboundPartners.outcome("PARTNERA", kind: 5, number),
                    OutboundPartners.outcome("PARTNER_B", kind: 5, number),
                ])
            }
            let failure = failure(try await world.run(try world.target()))
            #expect(failure?.failureClass == "ROLLOVER_REQUIRED")
            #expect(failure?.isDefinite == true)
            #expect(failure?.message.contains("PARTNERA 271") == true)
            let made = try await world.events().compactMap { $0.payload as? FilePublished }
            #expect(made.count { $0.partner == "PARTNERA" } == 2)
            #expect(made.count { $0.partner == "PARTNER_B" } == 4)
            try await world.verify()
        }
    }

    @Test("the result names the first files, and stays below what a record holds")
    func boundedResult() async throws {
        try await TemporaryFolder.with { folder in
            let world = try OutboundWorld(
                folder: folder,
                partners: [OutboundPartners.partner("PARTNERA", outcomesMax: 1)])
            try await world.begin()
            try await world.give(
                (0..<130).map { OutboundPartners.outcome("PARTNERA", kind: 5, $0) })
            let target = try world.target(filesMax: 64)
            let outcome = try await world.run(target)
            let result = try result(outcome)
            #expect(result.filesCreated == 130)
            #expect((50...100).contains(result.files.count))
            if case .succeeded(let completion)? = outcome {
                #expect(completion.resultJSON.utf8.count <= 16 << 10)
            }
            try await audit(world)
        }
    }
}
