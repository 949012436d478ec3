/// One Swift file, taken apart into lines of code, of comments, and of both.
///
/// It is a lexer of the few things that matter here: comments (nested), strings (with hashes,
/// over several lines, with interpolations) and everything else.
struct SourceText {
    /// The path in the repository.
    let path: String
    /// The lines as they stand.
    let lines: [String]
    /// The lines with comments and the contents of strings as spaces.
    let code: [String]
    /// The lines with everything but comments as spaces.
    let comments: [String]

    init(path: String, text: String) {
        self.path = path
        self.lines = Self.split(text)
        var lexer = SourceLexer(text)
        lexer.run()
        self.code = Self.split(lexer.code)
        self.comments = Self.split(lexer.comments)
        self.data = lexer.dataLines
    }

    /// The module of a file under `Sources`.
    var module: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    private static func split(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The lines that lie within a string of several lines: data, not code.
    let data: Set<Int>

    /// Whether a line has a comment that says something.
    func hasComment(_ index: Int) -> Bool {
        comments.indices.contains(index) && comments[index].contains { $0.isLetter }
    }
}

/// Walks over the characters of a Swift file and sorts them.
private struct SourceLexer {
    private let characters: [Unicode.Scalar]
    private var position = 0
    private var codeScalars = String.UnicodeScalarView()
    private var commentScalars = String.UnicodeScalarView()

    private var lineIndex = 0
    private(set) var dataLines: Set<Int> = []

    var code: String { String(codeScalars) }
    var comments: String { String(commentScalars) }

    init(_ text: String) { characters = Array(text.unicodeScalars) }

    private func starts(_ text: String) -> Bool {
        characters[position...].starts(with: text.unicodeScalars)
    }

    /// Takes characters into one of the outputs, and as many blanks into the other.
    private mutating func take(_ count: Int, isCode: Bool = false, isComment: Bool = false) {
        for character in characters[position..<min(position + count, characters.count)] {
            let blank: Unicode.Scalar = character == "\n" ? "\n" : " "
            if character == "\n" { lineIndex += 1 }
            codeScalars.append(isCode ? character : blank)
            commentScalars.append(isComment ? character : blank)
        }
        position = min(position + count, characters.count)
    }

    mutating func run() {
        while position < characters.count { takeCode(untilParenthesis: false) }
    }

    /// Takes code up to the end, or up to the parenthesis that ends an interpolation.
    private mutating func takeCode(untilParenthesis: Bool) {
        var depth = 1
        while position < characters.count {
            switch characters[position] {
            case "/" where starts("//"): takeLineComment()
            case "/" where starts("/*"): takeBlockComment()
            case "#" where stringStart() != nil: takeString(hashes: stringStart() ?? 0)
            case "\"": takeString(hashes: 0)
            case let character:
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                if untilParenthesis && depth == 0 { return }
                take(1, isCode: true)
            }
        }
    }

    private mutating func takeLineComment() {
        while position < characters.count && characters[position] != "\n" {
            take(1, isComment: true)
        }
    }

    private mutating func takeBlockComment() {
        var depth = 0
        while position < characters.count {
            if starts("/*") {
                depth += 1
                take(2, isComment: true)
            } else if starts("*/") {
                depth -= 1
                take(2, isComment: true)
                if depth == 0 { return }
            } else {
                take(1, isComment: true)
            }
        }
    }

    /// The number of hashes before a string's quote, or nil where no string starts.
    private func stringStart() -> Int? {
        var index = position
        while index < characters.count && characters[index] == "#" { index += 1 }
        guard index < characters.count && characters[index] == "\"" else { return nil }
        return index - position
    }

    private mutating func takeString(hashes: Int) {
        let fence = String(repeating: "#", count: hashes)
        take(hashes)
        let quote = starts("\"\"\"") ? "\"\"\"" : "\""
        take(quote.count)
        let firstLine = lineIndex
        defer { if lineIndex > firstLine { dataLines.formUnion(firstLine + 1...lineIndex) } }
        while position < characters.count {
            if starts(quote + fence) {
                take(quote.count + hashes)
                return
            }
            if quote == "\"" && characters[position] == "\n" { return }
            if starts("\\" + fence + "(") {
                take(hashes + 2)
                takeCode(untilParenthesis: true)
                take(1)
            } else if starts("\\" + fence) {
                take(hashes + 2)
            } else {
                take(1)
            }
        }
    }
}

extension String {
    /// Whether the bytes of `needle` stand in this text; quicker than a regular expression, which
    /// then looks only at the few lines that pass.
    func holds(_ needle: StaticString) -> Bool {
        var copy = self
        return copy.withUTF8 { bytes in
            let count = needle.utf8CodeUnitCount
            guard bytes.count >= count else { return false }
            return needle.withUTF8Buffer { wanted in
                (0...(bytes.count - count)).contains { start in
                    bytes[start] == wanted[0]
                        && bytes[start..<(start + count)].elementsEqual(wanted)
                }
            }
        }
    }
}
