import DaybookConfiguration
import Events
import Exchange
import Foundation
import Testing
import X12

/// What partners of a configuration mean for the interchanges that they send.
@Suite struct PartnerAnswerTests {
    private static let fixtures = repository + "/Tests/Fixtures/"

    private func partners(_ folder: String) throws -> X12Partners {
        let result = try TemporaryFolder.wrapping(folder).load()
        #expect(result.problems.map(\.description) == [])
        return X12Partners(try #require(result.set).partners)
    }

    private func results(
        _ file: String, _ partners: X12Partners, duplicates: Set<InterchangeKey> = []
    ) throws -> [InterchangeResult] {
        let bytes = try Data(contentsOf: URL(filePath: Self.fixtures + "x12/" + file))
        return try results([UInt8](bytes), partners, duplicates: duplicates)
    }

    private func results(
        _ bytes: [UInt8], _ partners: X12Partners, duplicates: Set<InterchangeKey> = []
    ) throws -> [InterchangeResult] {
        var checker = InterchangeChecker(
            partners: partners, library: try .standard(),
            isDuplicate: { duplicates.contains($0) })
        checker.consume(bytes.span)
        return checker.finish()
    }

    @Test("The partners of the fixtures answer every vector as the vectors' own partners do")
    func vectors() throws {
        let vectors = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: Self.fixtures + "x12/partners.json")))
        let json = try #require(vectors as? [String: Any])
        let senders = try #require(json["knownSenders"] as? [[String]])
        let reference = X12Partners(
            own: .init(qualifier: "ZZ", id: "DAYBOOK"), ownGroupID: "DAYBOOK",
            senders: Dictionary(
                uniqueKeysWithValues: senders.map {
                    (.init(qualifier: $0[0], id: $0[1]), .asRequested)
                }), supported: try #require(json["supported"] as? [String: String]))
        let partners = try partners(Self.fixtures + "x12-config")
        #expect(partners.senders == reference.senders && partners.own == reference.own)
        #expect(partners.supported == reference.supported)
        #expect(partners.versions == reference.versions)
        let first = try results("broken/b044_dup_first_delivery.edi", reference)
        let seen = Set(first.compactMap { $0.header.map { InterchangeKey($0) } })
        var count = 0
        for folder in ["valid", "broken"] {
            let path = Self.fixtures + "x12/" + folder
            for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            where name.hasSuffix(".edi") {
                let file = "\(folder)/\(name)"
                let duplicates = file.contains("b045") || file.contains("b046") ? seen : []
                let expected = try results(file, reference, duplicates: duplicates)
                let given = try results(file, partners, duplicates: duplicates)
                #expect(
                    InterchangeResult.json(given) == InterchangeResult.json(expected), "\(file)")
                count += 1
            }
        }
        #expect(count == 94)
    }

    private static func partner(_ name: String, _ rest: String, own: String = "US") -> String {
        """
        partner: \(name)
        own: { qualifier: ZZ, id: \(own) }
        identity: { qualifier: ZZ, id: \(name) }
        \(rest)

        """
    }

    /// A 999 for nothing: an interchange with one group of a kind, which holds one empty set.
    private static func bytes(
        _ sender: String, to receiver: String = "US", isa15: String = "P", kind: String = "HS",
        version: String = "005010X279A1", asks: Bool = false, qualifier: String = "ZZ"
    ) -> [UInt8] {
        func padded(_ text: String) -> String {
            text + String(repeating: " ", count: 15 - text.count)
        }
        let isa =
            "ISA*00*          *00*          *ZZ*\(padded(sender))*\(qualifier)*\(padded(receiver))"
            + "*260701*0100*^*00501*000000001*\(asks ? 1 : 0)*\(isa15)*:~"
        let group =
            "GS*\(kind)*\(sender)X*\(receiver)*20260701*0100*1*X*\(version)~"
            + "ST*\(kind == "HS" ? "270" : "837")*0001*\(version)~SE*2*0001~GE*1*1~IEA*1*000000001~"
        return Array((isa + group).utf8)
    }

    @Test("Each partner may send only what it accepts, as it is said to, and is answered so")
    func own() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "partners/a.yaml", Self.partner("ASKS", "accepts: [270]\nusages: [P]"))
        try folder.write(
            "partners/b.yaml", Self.partner("CLAIMS", "accepts: [837P]\nacknowledgments: always"))
        try folder.write(
            "partners/c.yaml",
            Self.partner("OTHER", "accepts: [270]\nacknowledgments: never", own: "US2"))
        let partners = try partners(folder.path)
        func errors(_ bytes: [UInt8]) throws -> [String]? {
            try results(bytes, partners).first?.groups?.first?.errors
        }
        func note(_ bytes: [UInt8]) throws -> String? {
            try results(bytes, partners).first?.fault?.note
        }
        #expect(try errors(Self.bytes("ASKS")) == [])
        #expect(try errors(Self.bytes("ASKS", kind: "HC", version: "005010X222A1")) == ["1"])
        #expect(try errors(Self.bytes("CLAIMS")) == ["1"])
        #expect(try errors(Self.bytes("CLAIMS", kind: "HC", version: "005010X222A1")) == [])
        #expect(try errors(Self.bytes("CLAIMS", kind: "HC", version: "005010X223A2")) == ["2"])
        #expect(try note(Self.bytes("ASKS", isa15: "T")) == "020")
        #expect(try note(Self.bytes("CLAIMS", isa15: "T")) == nil)
        // To the identity of ours that it has, and to no other.
        #expect(try note(Self.bytes("OTHER", to: "US2")) == nil)
        #expect(try note(Self.bytes("OTHER", to: "US")) == "009")
        #expect(try note(Self.bytes("ASKS", to: "US2")) == "009")
        #expect(try note(Self.bytes("OTHER", to: "US2", qualifier: "01")) == "007")
        #expect(try note(Self.bytes("NOBODY")) == "006")
        // By its own policy.
        #expect(try results(Self.bytes("ASKS"), partners).first?.ta1 == nil)
        #expect(try results(Self.bytes("ASKS", asks: true), partners).first?.ta1?.code == "A")
        #expect(try results(Self.bytes("CLAIMS"), partners).first?.ta1?.code == "A")
        #expect(try results(Self.bytes("OTHER", to: "US"), partners).first?.ta1 == nil)
        #expect(try results(Self.bytes("NOBODY"), partners).first?.ta1?.code == "R")
    }

    @Test("Without partners every interchange is refused")
    func none() throws {
        let result = try #require(try results(Self.bytes("ASKS"), X12Partners([])).first)
        #expect(result.fault?.note == "017" && result.groups == nil)
    }
}
