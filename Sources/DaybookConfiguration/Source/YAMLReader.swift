import Yams

/// Reads YAML through Yams into the same tree as JSON.
///
/// Refused before Yams sees the text: aliases. They are how a file of a hundred bytes becomes a
/// thousand million values ("billion laughs"), and Yams hashes keys through them. What nests deeper
/// than 1,000 levels libyaml refuses by itself, what nests deeper than ours is refused here.
enum YAMLReader {
    /// The tree of a file's text; `null` for a file with nothing in it.
    static func read(_ text: String, file: String) throws(SourceError) -> SourceNode {
        try refuseAliases(text, file: file)
        let root: Node?
        do {
            root = try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch {
            throw translated(error, file: file)
        }
        guard let root else { return SourceNode(.null, SourcePlace(file, 1, 1)) }
        var nodeCount = 0
        return try converted(root, file: file, depth: 0, nodeCount: &nodeCount)
    }

    /// Throws where a name stands after `&` and after `*`.
    ///
    /// Whatever precedes them, no alias can work without both. A text that merely looks so is
    /// refused too, which is rare and is said.
    private static func refuseAliases(_ text: String, file: String) throws(SourceError) {
        let bytes = Array(text.utf8)
        let ampersand = UInt8(ascii: "&")
        guard bytes.contains(ampersand) else { return }
        var anchors: Set<[UInt8]> = []
        for (offset, byte) in bytes.enumerated() where byte == ampersand {
            anchors.insert(name(in: bytes, after: offset))
        }
        var line = 1
        var lineStart = 0
        for (offset, byte) in bytes.enumerated() {
            if byte == 0x0A {
                line += 1
                lineStart = offset + 1
            } else if byte == UInt8(ascii: "*") {
                let name = name(in: bytes, after: offset)
                guard !name.isEmpty, anchors.contains(name) else { continue }
                throw SourceError(
                    SourcePlace(file, line, offset - lineStart + 1),
                    "YAML aliases (&name and *name) are not read",
                    "write the value out where it is used")
            }
        }
    }

    private static func name(in bytes: [UInt8], after offset: Int) -> [UInt8] {
        // 128 bytes: the anchors of a file are compared by what they start with; a longer common
        // start is refused as well.
        Array(
            bytes[(offset + 1)...].prefix(128).prefix { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x80...0xFF: true
                default: false
                }
            })
    }

    private static func converted(
        _ node: Node, file: String, depth: Int, nodeCount: inout Int
    ) throws(SourceError) -> SourceNode {
        let place = SourcePlace(file, node.mark?.line ?? 0, node.mark?.column ?? 0)
        nodeCount += 1
        if nodeCount > Limits.nodeCountMax {
            throw SourceError(
                place, "the file holds more than \(Limits.nodeCountMax) values",
                "split it into several files")
        }
        if depth > Limits.nestingDepthMax {
            throw SourceError(
                place, "values are nested deeper than \(Limits.nestingDepthMax)",
                "remove the inner levels")
        }
        switch node {
        case .scalar(let scalar):
            return SourceNode(value(scalar), place)
        case .sequence(let sequence):
            var items: [SourceNode] = []
            items.reserveCapacity(sequence.count)
            for item in sequence {
                items.append(
                    try converted(item, file: file, depth: depth + 1, nodeCount: &nodeCount))
            }
            return SourceNode(.list(items), place)
        case .mapping(let mapping):
            var members: [SourceMember] = []
            members.reserveCapacity(mapping.count)
            for (key, item) in mapping {
                let keyPlace = SourcePlace(file, key.mark?.line ?? 0, key.mark?.column ?? 0)
                guard let scalar = key.scalar else {
                    throw SourceError(keyPlace, "a key must be text", "write a name before the ':'")
                }
                if scalar.string == "<<" {
                    throw SourceError(
                        keyPlace, "YAML merge keys (<<) are not read",
                        "write the values out where they are used")
                }
                members.append(
                    SourceMember(
                        key: scalar.string, place: keyPlace,
                        value: try converted(
                            item, file: file, depth: depth + 1, nodeCount: &nodeCount)))
            }
            return SourceNode(.map(members), place)
        case .alias:
            throw SourceError(
                place, "YAML aliases are not read", "write the value out where it is used")
        }
    }

    /// YAML 1.2's core schema: in a plain scalar `null`, `true`, `false` and decimal numbers mean
    /// what they mean in JSON; `yes`, `on`, `0x10` and dates are text.
    private static func value(_ scalar: Node.Scalar) -> SourceNode.Value {
        guard scalar.style == .plain else { return .text(scalar.string) }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return isNumber(scalar.string) ? .number(scalar.string) : .text(scalar.string)
        }
    }

    /// Whether a text is a number as JSON writes it.
    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == 0x2D || (0x30...0x39).contains(first),
            text.utf8.count <= 64, let node = try? JSONReader.read(Array(text.utf8), file: ""),
            case .number = node.value
        else { return false }
        return true
    }

    private static func translated(_ error: any Error, file: String) -> SourceError {
        let remedy = "mend the YAML; a value with * & : # { } [ ] in it goes between quotes"
        guard let error = error as? YamlError else {
            return SourceError(SourcePlace(file), "the YAML cannot be read: \(error)", remedy)
        }
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let detail = context.map { "\($0.text): " } ?? ""
            return SourceError(
                SourcePlace(file, mark.line, mark.column), "this is not YAML: \(detail)\(problem)",
                remedy)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { shown($0) }.joined(separator: ", ")
            return SourceError(
                SourcePlace(file, context.mark.line, context.mark.column),
                "the same key stands twice in one map: \(names)", "keep one of the two")
        case .reader(let problem, _, _, _):
            return SourceError(
                SourcePlace(file),
                "the file holds a character that YAML does not allow: \(problem)",
                "remove the control characters")
        case .memory, .no, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return SourceError(SourcePlace(file), "the YAML cannot be read", remedy)
        }
    }
}
