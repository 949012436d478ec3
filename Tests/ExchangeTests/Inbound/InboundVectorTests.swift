import DaybookTestSupport
import Engine
import Events
import Exchange
import Foundation
import Projections
import Testing
import X12

/// The whole corpus comes in: it is answered as the vectors say, and nothing of it leaves the
/// folder's content files.
@Suite struct InboundVectorTests {
    /// The folder of the vectors, from the place of this file.
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/x12").path

    /// A file of the corpus, and what it is answered with.
    struct Vector {
        let file: String
        let bytes: [UInt8]
        let isStrict: Bool
        let interchanges: [[String: Any]]

        /// The folder that it is dropped in: its sender's, or that of a partner who is none.
        var partner: String {
            let text = String(decoding: bytes, as: UTF8.self)
            return InboundWorld.vectorPartners.map(\.name).first {
                text.prefix(60).contains($0.replacing("TAX-", with: ""))
            } ?? "CLINICA"
        }
    }

    static func vectors() throws -> [Vector] {
        let lines = try String(contentsOfFile: folder + "/expected.jsonl", encoding: .utf8)
        return try lines.split(separator: "\n").map { line in
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let file = try #require(object["file"] as? String)
            let bytes = try #require(FileManager.default.contents(atPath: folder + "/" + file))
            return Vector(
                file: file, bytes: [UInt8](bytes), isStrict: object["strict"] as? Bool == true,
                interchanges: object["interchanges"] as? [[String: Any]] ?? [])
        }
    }

    /// What a file is answered with: the elements of TA1s, and AK1, AK2, IK5 and AK9 of 999s.
    private static func expected(_ vector: Vector) -> [[String]] {
        var segments: [[String]] = []
        for interchange in vector.interchanges {
            if let ta1 = interchange["expectTA1"] as? [String: Any] {
                segments.append(
                    ["TA1"]
                        + ["ta101", "ta102", "ta103", "code", "note"].map {
                            ta1[$0] as? String ?? ""
                        })
            }
            for group in interchange["expect999"] as? [[String: Any]] ?? [] {
                segments.append(["AK1"] + (group["ak1"] as? [String] ?? []))
                for set in group["sets"] as? [[String: Any]] ?? [] {
                    segments.append(["AK2"] + (set["ak2"] as? [String] ?? []))
                    let ik5 = set["ik5"] as? [String: Any] ?? [:]
                    segments.append(
                        ["IK5", ik5["code"] as? String ?? ""] + (ik5["errors"] as? [String] ?? []))
                }
                let ak9 = group["ak9"] as? [String: Any] ?? [:]
                segments.append(
                    ["AK9", ak9["code"] as? String ?? ""]
                        + ["included", "received", "accepted"].map { "\(ak9[$0] ?? "")" }
                        + (ak9["errors"] as? [String] ?? []))
            }
        }
        return segments.map(trimmed)
    }

    private static func trimmed(_ segment: [String]) -> [String] {
        var segment = segment
        while segment.last?.isEmpty == true { segment.removeLast() }
        return segment
    }

    /// What was made of a file.
    private static func answers(_ outcomes: [OutcomeReceived], _ root: String) throws -> [[String]]
    {
        let store = try ExchangeStore(root: root, cipher: nil)
        let names: Set = ["AK1", "AK2", "IK5", "AK9"]
        return try outcomes.flatMap { outcome -> [[String]] in
            let file = try store.open(try ExchangePath(outcome.path))
            let line = try file.read(
                at: Int(outcome.offset), byteCount: Int(outcome.byteCount))
            switch try Outcome(line[...], types: Outcome.ownTypes).body {
            case .interchangeAcknowledgment(let ta1):
                return [["TA1", ta1.controlNumber, ta1.date, ta1.time, ta1.code, ta1.note]]
            case .implementationAcknowledgment(let segments):
                return segments.filter { names.contains($0.first ?? "") }
            default: return []
            }
        }.map(trimmed)
    }

    @Test("every strict vector is answered with the TA1 and 999s that must come out")
    func answered() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, InboundWorld.vectorPartners)
            let warnings = InboundWorld.Warnings()
            let service = try InboundWorld.service(world, warnings)
            var seen = 0
            for vector in try Self.vectors() {
                try InboundWorld.drop(vector.bytes, world.root, partner: vector.partner)
                await service.pass()
                let outcomes = try await InboundWorld.events(world, OutcomeReceived.self)
                let answers = try Self.answers(Array(outcomes[seen...]), world.root)
                seen = outcomes.count
                if vector.isStrict {
                    #expect(answers == Self.expected(vector), "\(vector.file)")
                }
            }
            // Those of them that acknowledge name files that we never sent; nothing else is told.
            #expect(!warnings.all.isEmpty)
            #expect(warnings.all.allSatisfy { $0.contains("no file of ours that waits for") })
            let count = try await InboundWorld.events(world, FileReceived.self).count
            #expect(count == (try Self.vectors().count))
            try await world.verify()
        }
    }

    @Test("no name, number or date of a patient stands in the log, or is told to people")
    func noPatientData() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, InboundWorld.vectorPartners)
            let warnings = InboundWorld.Warnings()
            let service = try InboundWorld.service(world, warnings)
            var secrets: Set<String> = []
            for vector in try Self.vectors() {
                secrets.formUnion(PatientData.of(vector.bytes))
                try InboundWorld.drop(
                    vector.bytes, world.root, partner: vector.partner, name: "DOE JOHN.edi")
                await service.pass()
            }
            #expect(secrets.count > 100)
            // Files of ours are made of it, and what that leaves in the log too.
            try await world.run(try world.target(), attempts: 3)
            secrets.insert("DOE JOHN")
            var text = warnings.all.joined(separator: "\n")
            for event in try await world.events() { text += event.json + "\n" }
            #expect(PatientData.found(secrets, in: Array(text.utf8)).map(\.utf8.count) == [])
            try await world.verify()
        }
    }
}
