/// What goes round the compiler's checks has its reason beside it.
enum ReasonRules {
    /// How many lines above a comment may start and still be beside.
    static let linesAboveMax = 5

    static func violations(_ file: SourceText) -> [Violation] {
        file.code.indices.compactMap { index in
            let line = file.code[index]
            let what: String
            if line.contains(/@unchecked\s+Sendable\b/) {
                what = "@unchecked Sendable"
            } else if line.contains(/\bnonisolated\(unsafe\)/) {
                what = "nonisolated(unsafe)"
            } else if line.contains(/(^|[^@\w.(])unsafe\s+[^\s=)]/) {
                what = "unsafe"
            } else {
                return nil
            }
            guard !hasReason(file, index, isUnsafe: what == "unsafe") else { return nil }
            let example = what == "unsafe" ? "// Safe: …" : "a comment that proves it"
            return Violation(
                path: file.path, line: index + 1,
                message: "\(what) without its reason beside it (\(example))")
        }
    }

    /// A comment on the line, or a few lines above; for `unsafe` it must say "safe".
    private static func hasReason(_ file: SourceText, _ index: Int, isUnsafe: Bool) -> Bool {
        for above in 0...linesAboveMax where index - above >= 0 {
            guard file.hasComment(index - above) else { continue }
            if !isUnsafe || block(file, endingAt: index - above).lowercased().contains("safe") {
                return true
            }
        }
        return false
    }

    /// The lines of comment that end at `index`, as one text.
    private static func block(_ file: SourceText, endingAt index: Int) -> String {
        var text = ""
        var line = index
        while line >= 0 && file.hasComment(line) {
            text = file.comments[line] + text
            line -= 1
        }
        return text
    }
}
