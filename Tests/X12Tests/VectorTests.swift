import Foundation
import Testing
import X12

/// Every row of the vectors: what each file is answered with.
@Suite struct VectorTests {
    /// A row of `expected.jsonl`.
    struct Row {
        let file: String
        let isStrict: Bool
        let isQuarantined: Bool
        let alternatives: [String]
        let interchanges: [[String: Any]]
    }

    static func rows() throws -> [Row] {
        let text = try String(
            contentsOf: Vectors.folder.appending(path: "expected.jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").compactMap { line in
            let json = try Vectors.object(Data(line.utf8))
            guard let file = json["file"] as? String,
                let interchanges = json["interchanges"] as? [[String: Any]]
            else { return nil }
            return Row(
                file: file, isStrict: json["strict"] as? Bool ?? true,
                isQuarantined: json["quarantine"] as? Bool ?? false,
                alternatives: json["altTA1"] as? [String] ?? [], interchanges: interchanges)
        }
    }

    /// The interchanges that a file's duplicate check has seen: the first delivery only.
    private static func seen(_ file: String) throws -> Set<InterchangeKey> {
        guard file.contains("b045") || file.contains("b046") else { return [] }
        let first = try Vectors.results(
            Vectors.bytes("broken/b044_dup_first_delivery.edi"), partners: Vectors.partners())
        return Set(first.compactMap { $0.header.map { InterchangeKey($0) } })
    }

    @Test("every row is answered as it says, without need of its alternatives")
    func rows() throws {
        let partners = try Vectors.partners()
        let rows = try Self.rows()
        #expect(rows.count == 94)
        for row in rows {
            let seen = try Self.seen(row.file)
            let results = try Vectors.results(
                Vectors.bytes(row.file), partners: partners, isDuplicate: { seen.contains($0) })
            let json = try Vectors.object(Data(InterchangeResult.json(results).utf8))
            let interchanges = json["interchanges"] as? [[String: Any]] ?? []
            let given = interchanges.map { interchange in
                var interchange = interchange
                interchange["quarantine"] = nil
                interchange["expectTA1"] = interchange.removeValue(forKey: "ta1")
                interchange["expect999"] = interchange.removeValue(forKey: "ack999")
                return interchange
            }
            let (expected, found) = (
                Self.bare(row.interchanges) as? NSArray, Self.bare(given) as? NSArray
            )
            #expect(
                expected == found,
                "\(row.file)\n  expected \(Self.text(expected))\n  given    \(Self.text(found))")
            #expect(results.contains(where: \.isQuarantined) == row.isQuarantined, "\(row.file)")
        }
    }

    /// A value without the alternatives, and without loops at the set's own level.
    private static func bare(_ value: Any) -> Any {
        if let object = value as? [String: Any] {
            return object.filter { !$0.key.hasSuffix("Alt") }.mapValues(bare)
        }
        if let array = value as? [Any] { return array.map(bare) }
        return value
    }

    private static func text(_ value: Any?) -> String {
        guard let value,
            let data = try? JSONSerialization.data(withJSONObject: value, options: .sortedKeys)
        else { return "nothing" }
        return String(decoding: data, as: UTF8.self)
    }

    @Test("every file of the vectors has its row, and every row its file")
    func files() throws {
        let names = try ["valid", "broken"].flatMap { folder in
            try FileManager.default.contentsOfDirectory(
                atPath: Vectors.folder.appending(path: folder).path
            ).map { "\(folder)/\($0)" }
        }
        #expect(Set(names) == Set(try Self.rows().map(\.file)))
    }
}
