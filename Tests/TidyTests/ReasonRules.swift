/// What goes round the compiler's checks has its reason beside it.
enum ReasonRules {
    /// How many lines above a comment may start and still be beside.
    static let linesAboveMax = 5

    static func violations(_ file: SourceText) -> [Violation] {
        file.code.indices.compactMap { index in
            let line = file.code[index]
            guard line.holds("unsafe") || line.holds("@unchecked") else { return nil }
            if line.contains(/@unchecked\s+Sendable\b/) {
                return hasReason(file, index)
                    ? nil : violation(file, index, "@unchecked Sendable", "a comment proves it")
            }
            if line.contains(/\bnonisolated\(unsafe\)/) {
                return hasReason(file, index)
                    ? nil : violation(file, index, "nonisolated(unsafe)", "a comment proves it")
            }
            if line.contains(/(^|[^@\w.(])unsafe\s+[^\s=)]/) {
                return hasSafeReason(file, index)
                    ? nil : violation(file, index, "unsafe", "`// Safe: …`, in the function")
            }
            return nil
        }
    }

    private static func violation(
        _ file: SourceText, _ index: Int, _ what: String, _ remedy: String
    ) -> Violation {
        Violation(
            path: file.path, line: index + 1,
            message: "\(what) without its reason beside it (\(remedy))")
    }

    /// A comment on the line, or a few lines above.
    private static func hasReason(_ file: SourceText, _ index: Int) -> Bool {
        (0...linesAboveMax).contains { file.hasComment(index - $0) }
    }

    /// A comment that speaks of safety, on the line or above it in the same function: one reason
    /// may cover several expressions.
    private static func hasSafeReason(_ file: SourceText, _ index: Int) -> Bool {
        var line = index
        while line >= 0 {
            if file.comments[line].lowercased().holds("safe") { return true }
            let code = file.code[line]
            let isDeclaration =
                (code.holds("func ") || code.holds("init") || code.holds("deinit")
                    || code.holds("var "))
                && code.contains(/^\s*(?:[a-z@(]+\)?\s+)*(func\s|init[?(<]|deinit\b|var\s.*\{$)/)
            if isDeclaration { return hasSafeComment(file, endingAt: line - 1) }
            line -= 1
        }
        return false
    }

    /// Whether the comment that ends at `index` speaks of safety.
    private static func hasSafeComment(_ file: SourceText, endingAt index: Int) -> Bool {
        var line = index
        while line >= 0 && file.hasComment(line) {
            if file.comments[line].lowercased().holds("safe") { return true }
            line -= 1
        }
        return false
    }
}
