/// Calls that are banned outside the places that are meant for them.
struct BannedCall: Sendable {
    let name: String
    /// Bytes that every match holds.
    let needle: StaticString
    let pattern: String
    /// What to use instead.
    let instead: String
    /// Where it is banned; elsewhere nobody looks.
    var folders = ["Sources/", "Tests/"]
    /// Where it stands all the same, and why.
    var allowed: [String: String] = [:]

    /// A path is covered where it starts with the key.
    func isAllowed(_ path: String) -> Bool {
        allowed.keys.contains { path.hasPrefix($0) }
    }
}

enum CallRules {
    static let banned: [BannedCall] = [
        BannedCall(
            name: "the machine's clock", needle: "Date",
            pattern: #"\b(Date\(\)|Date\.now\b|Date\(timeIntervalSinceNow)"#,
            instead: "the clock that is passed in (nothing below main reads one by itself)"),
        BannedCall(
            name: "fatalError", needle: "fatalError", pattern: #"\bfatalError\("#,
            instead: "a typed error, or precondition with a message for a programmer's error"),
        BannedCall(
            name: "try!", needle: "try!", pattern: #"\btry!"#,
            instead: "do and catch, or a throwing function"),
        BannedCall(
            name: "a sleep of the thread", needle: "sleep(",
            pattern:
                #"(?:^|[=({;,]|\btry|\bunsafe|\breturn|\bGlibc\.)\s*(sleep|usleep|nanosleep)\("#,
            instead: "a signal, a condition or the clock that is passed in"),
        BannedCall(
            name: "Thread.sleep", needle: "Thread", pattern: #"\bThread\.sleep\b"#,
            instead: "a signal, a condition or the clock that is passed in"),
        BannedCall(
            name: "a sleeping test", needle: "sleep",
            pattern: #"\b(Task\.sleep|ContinuousClock\(\)\.sleep)\b"#,
            instead: "waiting for a signal, or a virtual clock", folders: ["Tests/"]),
        BannedCall(
            name: "print", needle: "print(", pattern: #"(?:^|[^A-Za-z_.])print\("#,
            instead: "the logger, or a value that the caller prints", folders: ["Sources/"],
            allowed: [
                "Sources/daybook/": "the command line speaks to people",
                "Sources/Bench/": "benchmarks print their figures",
            ]),
        BannedCall(
            name: "@testable", needle: "@testable", pattern: #"@testable\b"#,
            instead: "package access: tests run in release too"),
    ]

    static func violations(_ file: SourceText, _ rules: [BannedCall] = banned) -> [Violation] {
        var violations: [Violation] = []
        for rule in rules where rule.folders.contains(where: { file.path.hasPrefix($0) }) {
            guard !rule.isAllowed(file.path), let regex = try? Regex(rule.pattern) else { continue }
            for (index, line) in file.code.enumerated()
            where line.holds(rule.needle) && line.contains(regex) {
                violations.append(
                    Violation(
                        path: file.path, line: index + 1,
                        message: "\(rule.name) is banned here; use \(rule.instead)"))
            }
        }
        return violations
    }

    /// Notes to oneself, which belong in an issue.
    static func leftNotes(_ file: SourceText) -> [Violation] {
        // A string, into which the rule does not look, so that this file does not match itself.
        guard let mark = try? Regex(#"\b(TODO|FIXME|XXX)\b"#) else { return [] }
        return zip(file.code, file.comments).enumerated().compactMap { index, texts in
            // Every line with a mark holds one of these.
            guard
                file.lines[index].holds("TO") || file.lines[index].holds("XX")
                    || file.lines[index].holds("FIX"),
                texts.0.contains(mark) || texts.1.contains(mark)
            else { return nil }
            return Violation(
                path: file.path, line: index + 1, message: "a note to oneself; open an issue")
        }
    }
}
