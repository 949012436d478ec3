import DaybookTestSupport
import Foundation
import Server
import Testing

/// What cannot be meant is refused before an engine is asked, with what to write instead.
@Suite("refusals")
struct RefusalTests {
    /// Nobody answers there.
    private static let url = ["--url", "http://127.0.0.1:1"]

    @Test("an empty name is none of the engine's: it is said to be empty")
    func emptyNames() async throws {
        for words in [
            ["pause", ""], ["resume", ""], ["run-now", ""], ["skip-next", ""],
            ["cancel", "--reference", ""], ["blackout", "lift", ""],
            ["x12", "hold", "release", ""], ["schedules", "remove", ""],
        ] {
            let result = try await Program.run(
                arguments: words + ["--ticket", "CHG-1", "--reason", "x"] + Self.url)
            expectMisuse(result, "a name is empty")
        }
    }

    @Test("a key of a request has 1 to 256 bytes")
    func emptyKeys() async throws {
        try await TemporaryFolder.with { folder in
            let file = "\(folder)/claims.edi"
            try "ISA".write(toFile: file)
            let long = String(repeating: "k", count: 257)
            for key in ["", long] {
                for words in [
                    ["x12", "send", file, "--partner", "A"],
                    ["run-now", "a", "--ticket", "CHG-1", "--reason", "x"],
                ] {
                    let result = try await Program.run(
                        arguments: words + ["--request", key] + Self.url)
                    expectMisuse(result, "--request is a key of 1 to 256 bytes")
                }
            }
        }
    }

    @Test("a negative value is told how to be written, and then what is possible")
    func negativeValues() async throws {
        let separate = try await Program.run("forecast", "--config", "x", "--days", "-1")
        expectMisuse(separate, "A value that begins with '-' is written --days=-1.")
        let joined = try await Program.run("forecast", "--config", "x", "--days=-1")
        expectMisuse(joined, "--days is from 1 to ")
        let absent = try await Program.run("forecast", "--config", "x", "--days")
        expectMisuse(absent, "Missing value for")
        #expect(!absent.errors.contains("begins with"))
    }

    @Test("control reset and persist say one default each, and take no 0 for it")
    func defaults() async throws {
        for (command, told) in [
            ("reset", "(default: the allocator's start)"),
            ("persist", "(default: the present one)"),
        ] {
            let help = try await Program.run("control", command, "--help")
            // Lines are broken where the terminal ends.
            let text = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(help.code == 0 && text.contains(told), "\(text)")
            #expect(!text.contains("(default: 0)"), "\(text)")
        }
        expectMisuse(
            try await Program.run(
                arguments: ["control", "reset", "ISA/A/B", "--next", "0"] + Self.url),
            "--next is 1 or more")
        expectMisuse(
            try await Program.run(
                arguments: [
                    "control", "fail", "ISA/A/B", "--numbers", "1", "--generation", "0",
                ] + Self.url), "--generation is 1 or more")
    }

    @Test("serve names a configuration that is not there, and nothing before it")
    func missingConfiguration() async throws {
        try await TemporaryFolder.with { folder in
            let result = try await Program.run(
                "serve", "--config", "\(folder)/nope", "--data", "\(folder)/data")
            expectNo(result, "is not applied")
            #expect(
                result.errorLines.contains { $0.hasPrefix("    error: '/") },
                "\(result.errors)")
        }
    }

    @Test("no engine is made where the exchange folder is one of its own")
    func foldersOfTheEngine() throws {
        try TemporaryFolder.with { folder in
            let config = "\(folder)/config"
            try FileManager.default.createDirectory(
                atPath: config, withIntermediateDirectories: true)
            try "exchangeFolder: \(folder)/data/log\n".write(toFile: "\(config)/daybook.yaml")
            let options = DaybookService.Options(
                configurationFolder: config, dataFolder: "\(folder)/data", environmentName: nil,
                version: "test")
            let error = #expect(throws: ServiceError.self) { try DaybookService(options) }
            #expect(error?.description.contains("lies in the folder 'log'") == true)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/data"))
        }
    }

    @Test("a worker's token that is too short is not the engine's to be removed")
    func workerToken() async throws {
        try await TemporaryFolder.with { folder in
            let file = "\(folder)/token"
            try "short".write(toFile: file)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: file)
            let result = try await Program.run(
                "worker", "--name", "edge-1", "--server", "http://127.0.0.1:1", "--token-file",
                file, "--data", "\(folder)/data")
            expectNo(result, "is too short for a token; put the engine's token into it")
        }
    }
}
