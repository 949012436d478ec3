import Events
import Foundation

/// Looks for missing numbers in files that exist.
struct GapReconciliation {
    let engine: EngineConnection
    let act: ActOptions
    let partner: String
    let type: String
    let query: String
    let isTrial: Bool

    /// What the engine misses of one allocator, in one generation.
    private struct Gap {
        let first: UInt64
        let last: UInt64
        let generation: UInt64
        let partners: [String]
        let types: [String]
    }

    /// As many ranges as fit into one request.
    private static let rangesMax = 300
    private static let gapsMax = 100_000

    /// Numbers that a file has and the engine misses.
    private struct Closed {
        let file: String
        let numbers: FoundNumbers
    }

    func run(_ folder: String, _ json: JSONOption) async throws {
        let gaps = try await missing()
        var closed: [Closed] = []
        var unread: [String] = []
        for path in try Self.files(folder) {
            guard let interchanges = try? EnvelopeNumbers.read(folder + "/" + path) else {
                unread.append(path)
                continue
            }
            let found = interchanges.filter(\.isWhole).flatMap { matches($0, gaps) }
            if found.isEmpty { continue }
            closed += found.map { Closed(file: path, numbers: $0) }
            if !isTrial { try await persist(found, path) }
        }
        try show(closed, unread, json)
    }

    /// The paths of the files in a folder and below, relative to it, in order.
    private static func files(_ folder: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
            isFolder.boolValue, FileManager.default.isReadableFile(atPath: folder),
            let walk = FileManager.default.enumerator(atPath: folder)
        else {
            throw CommandFailure.misuse("\(folder) is not a folder that can be read")
        }
        var files: [String] = []
        for case let path as String in walk {
            var isFolder: ObjCBool = false
            let isThere = FileManager.default.fileExists(
                atPath: folder + "/" + path, isDirectory: &isFolder)
            if isThere, !isFolder.boolValue { files.append(path) }
        }
        return files.sorted()
    }

    /// Everything that is open or missing, by allocator.
    private func missing() async throws -> [String: [Gap]] {
        let answer = try await engine.get(
            "/v1/control-numbers/gaps?days=0&open=true&limit=\(Self.gapsMax)\(query)")
        var gaps: [String: [Gap]] = [:]
        for item in answer.list("gaps") {
            func number(_ name: String) -> UInt64 { (item[name] as? NSNumber)?.uint64Value ?? 0 }
            gaps[item.cell("allocator"), default: []].append(
                Gap(
                    first: number("first"), last: number("last"),
                    generation: number("generation"),
                    partners: item["partners"] as? [String] ?? [],
                    types: item["types"] as? [String] ?? []))
        }
        return gaps
    }

    /// The numbers of an interchange that are missing.
    ///
    /// Its sets are looked for under the partner and the type that its own number, or its group's,
    /// was given out for.
    private func matches(
        _ interchange: EnvelopeNumbers, _ gaps: [String: [Gap]]
    ) -> [FoundNumbers] {
        var (partner, type) = (partner, type)
        for number in interchange.numbers(partner: "", type: "") {
            guard let (_, gap) = gap(number.names, number.first, gaps) else { continue }
            if partner.isEmpty, gap.partners.count == 1 { partner = gap.partners[0] }
            if type.isEmpty, gap.types.count == 1 { type = gap.types[0] }
        }
        var found: [FoundNumbers] = []
        for range in interchange.numbers(partner: partner, type: type) {
            for number in range.first..<(range.first + range.count) {
                guard let (name, gap) = gap(range.names, number, gaps) else { continue }
                if let last = found.last, last.names[0] == name, last.first + last.count == number,
                    last.generation == gap.generation
                {
                    found[found.count - 1].count += 1
                } else {
                    found.append(
                        FoundNumbers(
                            names: [name], first: number, count: 1, generation: gap.generation))
                }
            }
        }
        return found
    }

    /// The gap that a number is in, and its allocator; nil where it is in none, or in those of
    /// several generations, between which a file does not tell.
    private func gap(
        _ names: [String], _ number: UInt64, _ gaps: [String: [Gap]]
    ) -> (String, Gap)? {
        for name in names {
            let found = (gaps[name] ?? []).filter { $0.first <= number && number <= $0.last }
            if found.count == 1 { return (name, found[0]) }
        }
        return nil
    }

    private func persist(_ found: [FoundNumbers], _ file: String) async throws {
        for start in stride(from: 0, to: found.count, by: Self.rangesMax) {
            let ranges = found[start..<min(start + Self.rangesMax, found.count)].map(\.body)
            _ = try await engine.post(
                "/v1/control-numbers/persisted",
                (act.body as [String: any Sendable]).merging(
                    ["numbers": ranges, "file": String(file.suffix(256))]
                ) { _, new in new })
        }
    }

    private func show(_ closed: [Closed], _ unread: [String], _ json: JSONOption) throws {
        var output = Output()
        if json.isWanted {
            let rows = closed.map { row -> [String: Any] in
                [
                    "file": row.file, "allocator": row.numbers.names[0],
                    "generation": row.numbers.generation, "first": row.numbers.first,
                    "count": row.numbers.count,
                ]
            }
            let data = try JSONSerialization.data(
                withJSONObject: ["closed": rows, "dryRun": isTrial, "unread": unread],
                options: [.sortedKeys, .withoutEscapingSlashes])
            try output.json(String(decoding: data, as: UTF8.self))
            return try output.finish()
        }
        var table = Table()
        table.add("FILE", "ALLOCATOR", "GENERATION", "FIRST", "LAST")
        for row in closed {
            let numbers = row.numbers
            table.add(
                row.file, numbers.names[0], String(numbers.generation), String(numbers.first),
                String(numbers.first + numbers.count - 1))
        }
        if closed.isEmpty {
            try output.line("no missing number stands in a whole file there")
        } else {
            try output.table(table)
            let count = closed.reduce(0) { $0 + $1.numbers.count }
            try output.line(
                isTrial
                    ? "\(Counted.text(count, "number")) would be persisted"
                    : "\(Counted.are(count, "number")) persisted")
        }
        for path in unread { try output.line("\(path) could not be read") }
        try output.finish()
    }
}
