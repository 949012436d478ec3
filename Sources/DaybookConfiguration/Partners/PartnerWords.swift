import X12

extension Values {
    /// A word that YAML takes for a number where it stands without quotes: `271`, `30`.
    static func word(_ node: SourceNode, _ path: String, _ log: inout ProblemLog) -> String? {
        if case .number(let text) = node.value { return text }
        return text(node, path, &log)
    }
}

extension FieldReader {
    /// A word of a list, with its place.
    struct Word {
        let text: String
        let place: SourcePlace
        let path: String
    }

    func word(_ name: String, _ log: inout ProblemLog) -> String? {
        guard let node = node(name, &log) else { return nil }
        return Values.word(node, full(name), &log)
    }

    /// The words of a list; nil where it does not stand.
    func words(_ name: String, _ log: inout ProblemLog) -> [Word]? {
        guard let items = list(name, &log) else { return nil }
        var result: [Word] = []
        for (index, item) in items.enumerated() {
            let path = "\(full(name))[\(index)]"
            guard let text = Values.word(item, path, &log) else { continue }
            result.append(Word(text: text, place: item.place, path: path))
        }
        return result
    }

    /// The words of a list that are some of those that are known, in the order of these.
    func words(
        _ name: String, of known: [String], default usual: [String], _ log: inout ProblemLog
    ) -> [String] {
        guard let words = words(name, &log) else { return usual }
        for word in words where !known.contains(word.text) {
            let hint = log.nearest(word.text, among: known)
            log.error(
                word.place, word.path, "\(shown(word.text)) is none of the values of \(name)",
                hint.map { "did you mean \($0)?" } ?? "use some of \(known.joined(separator: ", "))"
            )
        }
        if words.isEmpty {
            log.error(
                place(of: name), full(name), "the list is empty, so that nothing is taken",
                "name some of \(known.joined(separator: ", ")), or remove it")
        }
        return known.filter { value in words.contains { $0.text == value } }
    }
}

extension TransactionType {
    /// The types that files are assembled of, in the order of the documentation.
    static let assembled: [TransactionType] = [
        .interchangeAcknowledgment, .implementationAcknowledgment, .eligibilityResponse,
        .claimAcknowledgment, .enrollment, .remittance,
    ]
    /// What every partner may send, and is sent.
    static let acknowledgments: [TransactionType] = [
        .interchangeAcknowledgment, .implementationAcknowledgment,
    ]

    /// The type that a word names; nil after a problem was noted.
    static func read(
        _ text: String, _ place: SourcePlace, _ path: String, _ log: inout ProblemLog
    ) -> TransactionType? {
        if let type = TransactionType(rawValue: text) { return type }
        let words = allCases.map(\.rawValue)
        // Types differ by a digit, so that the nearest one is not what was meant: only one that is
        // written otherwise, or goes on, is.
        func folded(_ word: String) -> String {
            word.uppercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
        }
        let meant = words.filter {
            !text.isEmpty && (folded($0) == folded(text) || $0.hasPrefix(folded(text)))
        }
        log.error(
            place, path, "\(shown(text)) is no type of transaction",
            meant.isEmpty
                ? "use one of \(words.joined(separator: ", "))"
                : "did you mean \(meant.joined(separator: " or "))?")
        return nil
    }

    /// Some types, each once, in the order of all.
    static func sorted(_ types: some Sequence<TransactionType>) -> [TransactionType] {
        let types = Set(types)
        return allCases.filter { types.contains($0) }
    }
}
