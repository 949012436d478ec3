/// Rules for everything that is text.
enum TextRules {
    /// Folders of one machine; no file of ours may know them.
    static func machinePaths(_ file: SourceText) -> [Violation] {
        file.lines.enumerated().compactMap { index, line in
            // Quick looks first; spelled so that this file does not match itself.
            guard line.holds("work") || line.holds("home") || line.holds("/wt") else { return nil }
            let pattern = /(?:^|[^\w.\/)-])\/(?:work\/\w|tmp\/wt\b|home\/)/
            guard let match = line.firstMatch(of: pattern) else { return nil }
            return Violation(
                path: file.path, line: index + 1,
                message: "a path of one machine: \(match.output)")
        }
    }

    /// What the manifest depends on and the page of dependencies does not name, and the reverse.
    static func dependencies(manifest: SourceText, page: SourceText) -> [Violation] {
        let needed = manifest.lines.enumerated().compactMap { index, line -> (Int, String)? in
            let pattern = /^\s*\.package\(\s*url:\s*"[^"]*\/(?<name>[^"\/]+?)(?:\.git)?"/
            return line.firstMatch(of: pattern).map { (index + 1, String($0.output.name)) }
        }
        let described = page.lines.enumerated().compactMap { index, line -> (Int, String)? in
            line.firstMatch(of: /^### (?<name>[\w-]+)$/).map { (index + 1, String($0.output.name)) }
        }
        let neededNames = Set(needed.map(\.1))
        let describedNames = Set(described.map(\.1))
        return needed.filter { !describedNames.contains($0.1) }.map {
            Violation(
                path: manifest.path, line: $0.0,
                message: "\($0.1) has no section in \(page.path): what it replaces, what it costs")
        }
            + described.filter { !neededNames.contains($0.1) }.map {
                Violation(
                    path: page.path, line: $0.0, message: "\($0.1) is not in \(manifest.path)")
            }
    }
}
