/// A field that a file may hold: the one place that says so, for the reader, the JSON Schema and
/// the documentation.
package struct FieldSpec: Sendable {
    /// Its name.
    package let name: String
    /// What may stand there, as a JSON Schema without its description.
    package let schema: String
    /// What it means, in one sentence.
    package let summary: String
    /// Whether it must stand.
    package let isRequired: Bool

    init(_ name: String, _ schema: String, _ summary: String, required: Bool = false) {
        self.name = name
        self.schema = schema
        self.summary = summary
        isRequired = required
    }
}

/// A map of known fields, being read: every fault becomes a problem with its place.
struct FieldReader {
    /// The map's place.
    let place: SourcePlace
    /// The path that leads to it, such as `jobs[0].target`.
    let path: String
    private let members: [String: SourceMember]

    /// Checks that a value is a map and holds only fields that are known; `nil` where it is none.
    init?(_ node: SourceNode, _ path: String, _ specs: [FieldSpec], _ log: inout ProblemLog) {
        guard let members = node.members else {
            log.error(
                node.place, path, "a map of fields is expected, and this is \(node.kindName)",
                "write fields such as \(specs.prefix(3).map(\.name).joined(separator: ", "))")
            return nil
        }
        place = node.place
        self.path = path
        self.members = Dictionary(
            members.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let known = specs.map(\.name)
        let unknown = members.filter { !known.contains($0.key) }
        if unknown.count > Limits.unknownFieldCountMax {
            log.error(
                unknown[Limits.unknownFieldCountMax].place, path,
                "\(unknown.count - Limits.unknownFieldCountMax) more fields are not known",
                "mend the first ones and check again")
        }
        for member in unknown.prefix(Limits.unknownFieldCountMax) {
            let hint = log.nearest(member.key, among: known)
            log.error(
                member.place, full(member.key), "the field \(shown(member.key)) is not known",
                hint.map { "did you mean \($0)?" }
                    ?? "use one of \(known.joined(separator: ", "))")
        }
        for spec in specs where spec.isRequired && self.members[spec.name] == nil {
            let meaning = spec.summary.prefix(1).lowercased() + spec.summary.dropFirst().dropLast()
            log.error(
                place, full(spec.name), "the field \(spec.name) is missing", "add it: \(meaning)")
        }
    }

    /// The path of one of its fields.
    func full(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Where a field stands, or the map where it does not.
    func place(of name: String) -> SourcePlace { members[name]?.value.place ?? place }

    /// Whether a field stands.
    func has(_ name: String) -> Bool { members[name] != nil }

    /// A field's value; an empty one is an error.
    func node(_ name: String, _ log: inout ProblemLog) -> SourceNode? {
        guard let member = members[name] else { return nil }
        if case .null = member.value.value {
            log.error(
                member.place, full(name), "the field \(name) has no value",
                "give it one, or remove the line")
            return nil
        }
        return member.value
    }

    func text(_ name: String, _ log: inout ProblemLog) -> String? {
        guard let node = node(name, &log) else { return nil }
        return Values.text(node, full(name), &log)
    }

    func identifier(_ name: String, _ log: inout ProblemLog) -> String? {
        guard let node = node(name, &log), let text = Values.text(node, full(name), &log) else {
            return nil
        }
        return Values.identifier(text, node.place, full(name), &log)
    }

    func bool(_ name: String, _ log: inout ProblemLog) -> Bool? {
        guard let node = node(name, &log) else { return nil }
        if case .bool(let value) = node.value { return value }
        log.error(
            node.place, full(name), "true or false is expected, and this is \(node.kindName)",
            "write true or false without quotes")
        return nil
    }

    func count(
        _ name: String, _ range: ClosedRange<UInt64>, _ log: inout ProblemLog
    ) -> UInt64? {
        guard let node = node(name, &log) else { return nil }
        if case .number(let text) = node.value, let value = UInt64(text), range.contains(value) {
            return value
        }
        log.error(
            node.place, full(name),
            "a whole number from \(range.lowerBound) to \(range.upperBound) is expected",
            "write such a number, without quotes, point or exponent")
        return nil
    }

    func choice(_ name: String, _ choices: [String], _ log: inout ProblemLog) -> String? {
        guard let node = node(name, &log), let text = Values.text(node, full(name), &log) else {
            return nil
        }
        if choices.contains(text) { return text }
        let hint = log.nearest(text, among: choices)
        log.error(
            node.place, full(name), "\(shown(text)) is none of the values of \(name)",
            hint.map { "did you mean \($0)?" } ?? "use \(choices.joined(separator: " or "))")
        return nil
    }

    func seconds(
        _ name: String, _ range: ClosedRange<UInt64>, _ log: inout ProblemLog
    ) -> UInt64? {
        guard let node = node(name, &log) else { return nil }
        return Values.seconds(node, full(name), range, &log)
    }

    func list(_ name: String, _ log: inout ProblemLog) -> [SourceNode]? {
        guard let node = node(name, &log) else { return nil }
        if case .list(let items) = node.value { return items }
        log.error(
            node.place, full(name), "a list is expected, and this is \(node.kindName)",
            "write a list, as in [a, b]")
        return nil
    }

    func map(_ name: String, _ log: inout ProblemLog) -> [SourceMember]? {
        guard let node = node(name, &log) else { return nil }
        if let members = node.members { return members }
        log.error(
            node.place, full(name), "a map is expected, and this is \(node.kindName)",
            "write names with values below it")
        return nil
    }

    /// A list of identifiers, sorted, each once.
    func identifiers(_ name: String, _ log: inout ProblemLog) -> [String] {
        var result: Set<[UInt8]> = []
        for (index, item) in (list(name, &log) ?? []).enumerated() {
            let path = "\(full(name))[\(index)]"
            guard let text = Values.text(item, path, &log),
                let identifier = Values.identifier(text, item.place, path, &log)
            else { continue }
            result.insert(Array(identifier.utf8))
        }
        return result.map { String(decoding: $0, as: UTF8.self) }.sorted(by: precedes)
    }
}
