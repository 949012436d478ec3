import Foundation
import Testing

/// What the program says of its commands.
struct CommandTree: Decodable {
    struct Command: Decodable {
        let commandName: String
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }
        let names: [Name]?
    }

    let command: Command

    /// A command with the words that call it.
    struct Entry: CustomStringConvertible {
        let words: [String]
        /// Its long options, without those that every command has.
        let options: [String]
        let isGroup: Bool

        var description: String { (["daybook"] + words).joined(separator: " ") }
    }

    /// Every command below the root, asked from the program itself.
    static func entries() async throws -> [Entry] {
        let result = try await Program.run("--experimental-dump-help")
        #expect(result.code == 0)
        let tree = try JSONDecoder().decode(CommandTree.self, from: Data(result.output.utf8))
        return (tree.command.subcommands ?? []).flatMap { entries($0, []) }
    }

    private static func entries(_ command: Command, _ above: [String]) -> [Entry] {
        if command.commandName == "help" { return [] }
        let words = above + [command.commandName]
        let options = (command.arguments ?? []).flatMap { $0.names ?? [] }
            .filter { $0.kind == "long" && !["help", "version"].contains($0.name) }.map {
                "--\($0.name)"
            }
        let below = command.subcommands ?? []
        let isGroup = below.contains { $0.commandName != "help" }
        return [Entry(words: words, options: options, isGroup: isGroup)]
            + below.flatMap { entries($0, words) }
    }
}
