/// Bounds on lines, functions and files.
enum SizeRules {
    static let columnsMax = 100
    static let functionLinesMax = 70
    static let fileLinesMax = 400

    /// Files that may be longer, each with the reason.
    static let longFiles: [String: String] = [:]

    static func lineLengths(_ file: SourceText) -> [Violation] {
        file.lines.enumerated().compactMap { index, line in
            // Bytes first: they are quicker to count, and never fewer. A string of several lines
            // is data, whose lines end where they must.
            // A row of a table in a comment cannot be broken.
            if line.drop(while: { $0 == " " }).hasPrefix("/// |") { return nil }
            guard line.utf8.count > columnsMax, line.count > columnsMax, !file.data.contains(index)
            else { return nil }
            return Violation(
                path: file.path, line: index + 1,
                message: "\(line.count) columns; at most \(columnsMax)")
        }
    }

    static func fileLength(_ file: SourceText) -> [Violation] {
        // The text ends with a newline, so the last line is empty and does not count.
        let count = file.lines.count - (file.lines.last == "" ? 1 : 0)
        guard count > fileLinesMax && longFiles[file.path] == nil else { return [] }
        return [
            Violation(
                path: file.path, line: 0,
                message: "\(count) lines; at most \(fileLinesMax): split it, or say why in "
                    + "SizeRules.longFiles")
        ]
    }

    static func functionLengths(_ file: SourceText) -> [Violation] {
        var violations: [Violation] = []
        for (index, line) in file.code.enumerated() {
            guard line.holds("func") || line.holds("init") || line.holds("subscript"),
                line.contains(/(^|\s)(func\s+\S|init[?!]?[(<]|deinit\b|subscript[(<])/)
            else { continue }
            guard let end = bodyEnd(file.code, from: index) else { continue }
            let count = end - index + 1
            guard count > functionLinesMax else { continue }
            violations.append(
                Violation(
                    path: file.path, line: index + 1,
                    message: "a function of \(count) lines; at most \(functionLinesMax)"))
        }
        return violations
    }

    /// The line on which the body that starts at or after `start` ends; nil where none starts.
    private static func bodyEnd(_ code: [String], from start: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in start..<code.count {
            if index > start && braces == 0 && parentheses == 0
                && code[index].contains(/\b(func|var|let|case|init|deinit|subscript|struct)\b/)
            {
                return nil  // A requirement without a body, and the next declaration.
            }
            for character in code[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where parentheses == 0 || braces > 0: braces += 1
                case "}" where parentheses == 0 || braces > 0:
                    if braces <= 1 { return braces == 1 ? index : nil }
                    braces -= 1
                default: break
                }
            }
        }
        return nil
    }
}
