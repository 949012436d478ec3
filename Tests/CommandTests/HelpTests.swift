import Foundation
import Testing

@Suite("every command explains itself")
struct HelpTests {
    @Test("help of every command exits 0 and has an example that calls it")
    func help() async throws {
        let entries = try await CommandTree.entries()
        #expect(entries.count >= 12)
        for entry in entries {
            let result = try await Program.shell(
                "$daybook \(entry.words.joined(separator: " ")) -h")
            #expect(result.code == 0, "\(entry)")
            #expect(result.errors.isEmpty, "\(entry)")
            let parts = result.output.split(separator: "EXAMPLE\n", maxSplits: 1)
            #expect(parts.count == 2, "\(entry) has no EXAMPLE")
            #expect(parts.last?.contains("\(entry)") == true, "the example does not call \(entry)")
        }
    }

    @Test("an option that no command has is wrong use, said in one line")
    func unknownOption() async throws {
        for entry in try await CommandTree.entries() {
            let words = entry.words.joined(separator: " ")
            let result = try await Program.shell("$daybook \(words) --no-such-option")
            expectMisuse(result, "'daybook ")
            #expect(result.errorLines.count == 1, "\(result.errors)")
        }
    }

    @Test("a group without its command, and a command that does not exist, are wrong use")
    func unknownCommand() async throws {
        expectMisuse(try await Program.run("log"), "stat, cat, seal, tiles, repair")
        expectMisuse(
            try await Program.run("bench"),
            "append, replay, seal, verify, open, history, snapshot, memory, next, dispatch, "
                + "create, customers, x12, control or make-log")
        expectMisuse(try await Program.run("log", "dog"))
        expectMisuse(try await Program.run("no-such-command"))
    }

    @Test("docs/commands.md names every command and every option, and no other")
    func documented() async throws {
        let page = try String(contentsOfFile: Self.page, encoding: .utf8)
        var sections: [String: String] = [:]
        for part in page.split(separator: "\n## ").dropFirst() {
            let title = part.prefix { $0 != "\n" }
            sections[title.filter { $0 != "`" }] = String(part)
        }
        let entries = try await CommandTree.entries()
        for entry in entries where !entry.isGroup {
            guard let section = sections[entry.description] else {
                Issue.record("docs/commands.md has no section ## `\(entry)`")
                continue
            }
            let named = Set(section.matches(of: /--[a-z][a-z-]*/).map { String($0.output) })
            // Examples may call other commands, so that only tables count for the other way.
            let tabled = Set(
                section.split(separator: "\n").filter { $0.hasPrefix("| `") }
                    .flatMap { $0.prefix { $0 != "," }.matches(of: /^\| `(--[a-z-]+)/) }
                    .map { String($0.output.1) })
            for option in entry.options {
                #expect(named.contains(option), "\(entry): \(option) is not documented")
                #expect(tabled.contains(option), "\(entry): \(option) has no line in the table")
            }
            for option in tabled {
                #expect(entry.options.contains(option), "\(entry) has no \(option)")
            }
            #expect(section.contains("```"), "\(entry) has no example")
            #expect(section.contains("Exit code"), "\(entry): exit codes are not documented")
        }
        let known = Set(entries.map(\.description))
        for title in sections.keys where title.hasPrefix("daybook ") {
            #expect(known.contains(title), "there is no command \(title)")
        }
    }

    /// The page, from the place of this file.
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/commands.md").path
}
