import DaybookTestSupport
import Engine
import Events
import Exchange
import Foundation
import NIOCore
import Projections
import Testing
import X12

/// With a key, nothing that rests in the exchange folder shows what it holds: only what others
/// dropped a moment ago, and what holds no content, is plain.
@Suite struct EncryptionAtRestTests {
    private static func cipher() throws -> FileCipher {
        try FileCipher(keys: [
            try FileKey(text: String(repeating: "0f", count: 32), name: "key")
        ])
    }

    /// How an encrypted file begins: the format's mark, and version 1.
    private static let head: [UInt8] = [0x89] + Array("DBKENC\n".utf8) + [1]

    /// Outcomes that business gives, and one bad line.
    private static func lines(_ kinds: ClosedRange<Int>) -> [UInt8] {
        kinds.flatMap { kind in
            OutboundPartners.outcome("CLINICA", kind: kind, kind).encoded() + [0x0A]
        }
    }

    private static let badLine = Array(
        #"{"partner":"CLINICA","type":"271","patient":"DOE JOHN"}"#.utf8)

    /// Everything that writes content is done once: files of the corpus, uploads, outcomes, one of
    /// them bad, members, files of ours, one of them set aside.
    private static func work(_ world: OutboundWorld, _ cipher: FileCipher) async throws -> [UInt8] {
        let service = try InboundWorld.service(world, cipher: cipher)
        for vector in try InboundVectorTests.vectors() {
            try InboundWorld.drop(
                vector.bytes, world.root, partner: vector.partner, name: "DOE JOHN.edi")
            await service.pass()
        }
        try InboundWorld.drop(badLine, world.root, partner: "CLINICA", name: "no-x12.txt")
        try InboundWorld.write(lines(2...5), world.root + "/spool", "good.jsonl")
        await service.pass()
        let refused = lines(2...5) + badLine
        try InboundWorld.write(refused, world.root + "/spool", "bad.jsonl")
        await service.pass()
        let body = AsyncStream<ByteBuffer> { continuation in
            continuation.yield(ByteBuffer(bytes: InboundWorld.inquiry(7_000, from: "CLINICA")))
            continuation.finish()
        }
        _ = try await service.receive(partner: "CLINICA", key: "", body, OutboundWorld.who)
        let enroll = ExchangeTaskTests.delivery("enroll", ExchangeTaskTests.enrollment)
        for members in [[1, 2, 3], [2, 3, 4]] {
            try ExchangeTaskTests.members(members, world.root)
            _ = try await ExchangeTaskTests.result(service, enroll)
        }
        // An AK9 of no known code: its file does not pass the check.
        let bad = Outcome(
            partner: "CLINICA",
            body: .implementationAcknowledgment([
                ["AK1", "HC", "1", "005010X222A1"], ["AK9", "?", "1", "1", "1"],
            ]))
        try await world.give([bad], cipher: cipher)
        let store = try ExchangeStore(root: world.root, cipher: cipher)
        try await world.run(try world.target(store: store), attempts: 3)
        return refused
    }

    @Test("nothing that rests shows content; the refused file is read back with the key")
    func atRest() async throws {
        try await TemporaryFolder.with { folder in
            let cipher = try Self.cipher()
            let world = try await InboundWorld.world(folder, InboundWorld.vectorPartners)
            let refused = try await Self.work(world, cipher)
            // Dropped a moment ago, and not taken yet.
            let dropped = ["inbound/partner=CLINICA/later.edi.tmp", "members/plan.jsonl"]
            try InboundWorld.drop(
                InboundWorld.inquiry(8, from: "CLINICA"), world.root, partner: "CLINICA",
                name: "later.edi.tmp")
            var secrets: Set = ["DOE JOHN", "MUSTERFRAU", "MEMBER0815"]
            for vector in try InboundVectorTests.vectors() {
                secrets.formUnion(PatientData.of(vector.bytes))
            }
            let files = filesOnDisk(world.root)
            for path in dropped { #expect(files[path] != nil, "\(path)") }
            var sealedFolders: Set<String> = []
            for (path, bytes) in files where !dropped.contains(path) {
                #expect(PatientData.found(secrets, in: bytes).isEmpty, "\(path)")
                if path.hasSuffix(".json") { continue }  // numbers, places and codes
                #expect(bytes.starts(with: Self.head), "\(path)")
                sealedFolders.insert(
                    path.split(separator: "/").prefix(2).joined(separator: "/"))
            }
            for folder in [
                "received/_quarantine", "received/partner=CLINICA", "spool/_refused",
                "members/_kept", "outbound/_quarantine", "outbound/partner=CLINICA",
            ] { #expect(sealedFolders.contains(folder), "\(folder)") }
            #expect(sealedFolders.contains { $0.hasPrefix("outcomes/") })
            for folder in ["inbound/_taken", "spool/_taken"] {
                #expect(InboundWorld.files(world.root, below: folder).isEmpty)
            }
            for (path, bytes) in filesOnDisk(world.messages) {
                #expect(PatientData.found(secrets, in: bytes).isEmpty, "\(path)")
            }
            try Self.check(refused, files, try ExchangeStore(root: world.root, cipher: cipher))
            try await world.verify()
        }
    }

    /// The refused file is what was dropped; the reasons are there for people.
    private static func check(
        _ refused: [UInt8], _ files: [String: [UInt8]], _ store: ExchangeStore
    ) throws {
        let path = try #require(files.keys.first { $0.hasSuffix("~bad.jsonl") })
        #expect(try store.read(try ExchangePath(path), byteCountMax: 1 << 20) == refused)
        let reasons = files.filter { $0.key.hasSuffix(".reason.json") }
        #expect(reasons.count >= 3)
        for (path, bytes) in reasons {
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("{\""), "\(path)")
        }
    }
}
