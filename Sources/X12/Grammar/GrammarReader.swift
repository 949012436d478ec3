/// Reads the tables.
///
/// A table is lines of words. `set ST01 GS08 GS01` begins one; its segments and loops follow, and
/// what belongs to a loop stands deeper than the loop's line.
///
///     REF S 5 1:G1,9F 2! 3=A,B      a segment, `R`equired or `S`ituational, at most 5 times
///     2400 R 50                     a loop (its name begins with a digit); `*` is without limit
///     block NAME … end, use NAME    lines with a name, and those lines again, at this depth
///     each NM1 10- 8=XX,MI          what holds of every segment with an id in a set, but where its
///                                   own line says something of the same element
///
/// Then the elements that are more than the dictionary says of them (`5.2` is a component):
///
///     1:G1,9F   the key: the segment is this one only where the element has one of the codes
///     2!        it must stand                 2=A,B   it has one of the codes
///     2!=A,B    both                          4-      it must not stand
struct GrammarReader {
    private(set) var knownIDs: Set<UInt32> = []
    private var elementTypes: [String: (kind: ElementKind, min: UInt16, max: UInt16)] = [:]
    private var commonCodes: [String: [String]] = [:]
    private var dictionary: [String: Template] = [:]
    private var blocks: [String: [Line]] = [:]

    /// A segment or a composite of the dictionary.
    struct Template {
        var elements: [(number: String, isRequired: Bool, repeatCountMax: UInt8)] = []
        var relations: [GrammarRelation] = []
    }

    /// A line of a table.
    struct Line {
        var number: Int
        var depth: Int
        var words: [Substring]
    }

    init() throws(X12Error) {
        for entry in DataElements.text.split(whereSeparator: { $0 == ";" || $0 == "\n" }) {
            let words = entry.split(separator: " ")
            guard words.count == 4, let min = UInt16(words[2]), let max = UInt16(words[3]),
                let kind = Self.kind(words[0], words[1])
            else { throw Self.invalid("data elements", String(entry)) }
            elementTypes[String(words[0])] = (kind, min, max)
        }
        for line in DataElements.codes.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            commonCodes[words[0]] = Array(words.dropFirst())
        }
        for line in SegmentDictionary.text.split(separator: "\n") {
            let words = line.split(separator: " ")
            dictionary[String(words[0])] = try Self.template(words)
        }
        for id in dictionary.keys { knownIDs.insert(Packed.id(id)) }
        for id in SegmentDictionary.others.split(whereSeparator: \.isWhitespace) {
            knownIDs.insert(Packed.id(String(id)))
        }
    }

    static func invalid(_ table: String, _ text: String) -> X12Error {
        X12Error(.grammarInvalid, "the table of \(table) cannot be read at '\(text)'; correct it")
    }

    private static func kind(_ number: Substring, _ type: Substring) -> ElementKind? {
        if number == "1251" { return .formatted }
        return switch type {
        case "AN", "ID": .text
        case "N0", "N2": .integer
        case "R": .decimal
        case "DT": .date
        case "TM": .time
        default: nil
        }
    }

    private static func template(_ words: [Substring]) throws(X12Error) -> Template {
        var template = Template()
        var isRelation = false
        for word in words.dropFirst() {
            if word == "|" {
                isRelation = true
            } else if isRelation {
                template.relations.append(try relation(word))
            } else {
                let parts = word.split(separator: "*")
                let isRequired = parts[0].hasSuffix("!")
                let repeats = parts.count > 1 ? UInt8(parts[1]) : 1
                guard let repeats else { throw invalid("segments", String(word)) }
                template.elements.append(
                    (String(parts[0].prefix { $0 != "!" }), isRequired, repeats))
            }
        }
        return template
    }

    private static func relation(_ word: Substring) throws(X12Error) -> GrammarRelation {
        let kinds: [Character: GrammarRelation.Kind] = [
            "P": .pair, "R": .atLeastOne, "E": .atMostOne, "C": .conditional, "L": .listConditional,
        ]
        var digits = word.dropFirst()
        guard let letter = word.first, let kind = kinds[letter], digits.count % 2 == 0 else {
            throw invalid("relations", String(word))
        }
        var numbers: [Int] = []
        while !digits.isEmpty {
            guard let number = Int(digits.prefix(2)), number > 0 else {
                throw invalid("relations", String(word))
            }
            numbers.append(number)
            digits = digits.dropFirst(2)
        }
        return GrammarRelation(
            kind: kind, mask: numbers.reduce(0) { $0 | 1 << UInt64($1 - 1) },
            first: Int32(numbers[0]))
    }

    /// Reads the sets of a text; blocks stay known for the texts after it.
    mutating func read(_ text: String) throws(X12Error) -> [Grammar] {
        var sets: [(words: [Substring], lines: [Line], common: [Substring: [Substring]])] = []
        var block: String?
        for (index, line) in text.split(separator: "\n").enumerated() {
            let depth = line.prefix { $0 == " " }.count
            let words = line.split(separator: " ")
            switch words[0] {
            case "block": block = words.last.map(String.init)
            case "end": block = nil
            case "set": sets.append((words, [], [:]))
            case "each":
                guard !sets.isEmpty, words.count > 2 else {
                    throw Self.invalid("sets", String(line))
                }
                sets[sets.count - 1].common[words[1], default: []] += words.dropFirst(2)
            case "use":
                guard let lines = blocks[String(words[1])] else {
                    throw Self.invalid("blocks", String(line))
                }
                let shifted = lines.map {
                    Line(number: $0.number, depth: $0.depth + depth, words: $0.words)
                }
                if let block {
                    blocks[block, default: []] += shifted
                } else {
                    sets[sets.count - 1].lines += shifted
                }
            default:
                let read = Line(number: index + 1, depth: depth, words: words)
                if let block {
                    blocks[block, default: []].append(read)
                } else {
                    guard !sets.isEmpty else { throw Self.invalid("sets", String(line)) }
                    sets[sets.count - 1].lines.append(read)
                }
            }
        }
        var grammars: [Grammar] = []
        for set in sets { grammars.append(try grammar(set.words, set.lines, set.common)) }
        return grammars
    }

    private func grammar(
        _ words: [Substring], _ lines: [Line], _ common: [Substring: [Substring]]
    ) throws(X12Error) -> Grammar {
        guard words.count == 4 else { throw Self.invalid("sets", words.joined(separator: " ")) }
        var builder = GrammarBuilder(
            table: "\(words[1]) \(words[2])", elementTypes: elementTypes, commonCodes: commonCodes,
            commonWords: common, dictionary: dictionary)
        try builder.build(lines)
        return Grammar(
            setID: String(words[1]), version: String(words[2]), functionalID: String(words[3]),
            layout: builder.layout,
            hasVersionInHeader: !lines[0].words.contains("3-"))
    }
}
