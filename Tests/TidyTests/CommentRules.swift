/// Every public declaration says what it is.
enum CommentRules {
    /// Names whose meaning a protocol gives.
    static let exceptions: Set<String> = [
        "fields", "unknownFields", "==", "<", "description", "debugDescription", "hash",
        "errorDescription", "encode", "type", "deinit",
    ]

    /// Breaches in one file; `requirements` are names that a protocol of the module explains.
    static func violations(
        _ file: SourceText, requirements: Set<String> = []
    ) -> [Violation] {
        guard file.path.hasPrefix("Sources/") else { return [] }
        let exceptions = exceptions.union(requirements)
        return file.code.indices.compactMap { index in
            guard let name = publicName(file.code[index]), !exceptions.contains(name),
                !isFieldVisitorWitness(file.code, index), !isDocumented(file, index)
            else { return nil }
            return Violation(
                path: file.path, line: index + 1, message: "public \(name) has no comment")
        }
    }

    /// The names that the protocols of a file require, with a comment of their own there.
    static func requirements(_ file: SourceText) -> Set<String> {
        var names: Set<String> = []
        var depth = 0
        var protocolDepth: Int?
        for (index, line) in file.code.enumerated() {
            if line.holds("protocol"), line.contains(/\bprotocol\s+\w+/) { protocolDepth = depth }
            if let protocolDepth, depth == protocolDepth + 1, isDocumented(file, index),
                let match = line.firstMatch(of: /\b(?:func|var)\s+(?<name>\w+)/)
            {
                names.insert(String(match.output.name))
            }
            for character in line where character == "{" || character == "}" {
                depth += character == "{" ? 1 : -1
                if character == "}" && depth == protocolDepth { protocolDepth = nil }
            }
        }
        return names
    }

    /// The name that a line declares as public, or nil.
    static func publicName(_ line: String) -> String? {
        guard line.holds("public") || line.holds("open") else { return nil }
        // Attributes, modifiers, `public`, modifiers, what it is, and its name.
        let pattern =
            #/
            ^\s* (?:@\w+(?:\([^)]*\))?\s+)*
            (?:(?:static|final|indirect|nonisolated|override|convenience|required)\s+)*
            (?:public|open) \s+
            (?:[a-z]+(?:\([a-z]+\))?\s+)*?
            (?:
                (?:func|var|let|struct|class|enum|actor|protocol|typealias|case)\s+
                (?<name>[^\s(<:=]+ | [<=]+)
                | (?<kind>init|subscript)\b
            )
            /#
        guard let match = line.firstMatch(of: pattern) else { return nil }
        return (match.output.name ?? match.output.kind).map(String.init)
    }

    /// The methods of `FieldVisitor` are explained where the protocol declares them.
    private static func isFieldVisitorWitness(_ code: [String], _ index: Int) -> Bool {
        let signature = code[index..<min(index + 3, code.count)].joined(separator: " ")
        return signature.contains(/\(\s*_ number: Int, _ name: StaticString,/)
    }

    /// Whether a doc comment stands above, attributes aside.
    private static func isDocumented(_ file: SourceText, _ index: Int) -> Bool {
        var above = index - 1
        while above >= 0 {
            let line = file.lines[above].drop { $0 == " " }
            if line.hasPrefix("///") || line.hasSuffix("*/") { return true }
            guard line.hasPrefix("@") || line.hasPrefix("//") || line.hasPrefix("#if") else {
                return false
            }
            above -= 1
        }
        return false
    }
}
