import DaybookConfiguration
import Foundation
import Testing

@Suite struct SecretTests {
    @Test("A secret comes from a file, a variable, a systemd credential or a command")
    func sources() throws {
        let folder = try TemporaryFolder()
        try folder.write("keys/a", "from-file\n\n")
        try folder.write("credentials/c", "from-systemd")
        try folder.write(
            "config/daybook.yaml",
            """
            secrets:
              a: { file: keys/a }
              b: { env: B_VALUE }
              c: { systemdCredential: c }
              d: { command: [sh, -c, "printf '%s\\\\n' from-command"], timeout: 5s }
            """)
        let result = try TemporaryFolder.wrapping(folder.path + "/config").load()
        let settings = try #require(result.set).settings
        #expect(settings.secrets.map(\.name) == ["a", "b", "c", "d"])
        let store = SecretStore(
            definitions: settings.secrets, baseFolder: folder.path,
            processEnvironment: [
                "B_VALUE": "from-variable", "CREDENTIALS_DIRECTORY": folder.path + "/credentials",
                "PATH": "/usr/bin:/bin",
            ])
        // One line feed at the end is taken off, not two.
        #expect(try store.value(of: "a") == "from-file\n")
        #expect(
            try store.resolve("Bearer ${secret:b}.${secret:c}/${secret:d}$")
                == "Bearer from-variable.from-systemd/from-command$")
        try folder.write("keys/a", "rotated")
        #expect(try store.value(of: "a") == "rotated")
    }

    @Test("What fails is named by secret and source, never by value")
    func failures() throws {
        let folder = try TemporaryFolder()
        try folder.write("binary", Data([0xFF, 0xFE]))
        try folder.write("large", String(repeating: "s", count: 70_000))
        let store = SecretStore(
            definitions: [
                SecretDefinition(name: "file", source: .file("nothing")),
                SecretDefinition(name: "binary", source: .file("binary")),
                SecretDefinition(name: "large", source: .file("large")),
                SecretDefinition(name: "folder", source: .file("/")),
                SecretDefinition(name: "env", source: .variable("NOT_SET")),
                SecretDefinition(name: "systemd", source: .systemdCredential("x")),
                SecretDefinition(
                    name: "fails",
                    source: .command(
                        ["sh", "-c", "echo hush; echo hush >&2; exit 3"], timeoutSeconds: 5)),
                SecretDefinition(
                    name: "hangs", source: .command(["sleep", "60"], timeoutSeconds: 1)),
                SecretDefinition(
                    name: "floods",
                    source: .command(["sh", "-c", "yes hush"], timeoutSeconds: 20)),
                SecretDefinition(
                    name: "missing", source: .command(["no-such-program"], timeoutSeconds: 1)),
            ],
            baseFolder: folder.path, processEnvironment: ["PATH": "/usr/bin:/bin"])
        let names = [
            "file", "binary", "large", "folder", "env", "systemd", "fails", "hangs", "floods",
            "missing",
        ]
        let start = ContinuousClock.now
        for name in names {
            let error = #expect(throws: SecretError.self) { try store.value(of: name) }
            #expect(error?.code == .unavailable && error?.name == name)
            #expect(error?.message.contains("hush") == false)
        }
        #expect(ContinuousClock.now - start < .seconds(30))
        let unknown = #expect(throws: SecretError.self) { try store.value(of: "other") }
        #expect(unknown?.code == .unknown)
        for text in ["${other}", "${secret:", "${secret:}", "${secret:a b}"] {
            let error = #expect(throws: SecretError.self) { try store.resolve(text) }
            #expect(error?.code == .badReference)
        }
    }

    static let literals = [
        "headers: { Authorization: abc }", "headers: { X-Api-Key: abc }",
        "headers: { X-Note: ghp_abcdefghijklmnopqrstuvwxyz0123 }",
        "headers: { X-Note: AKIAABCDEFGHIJKLMNOP }", "signingSecret: whsec_abc",
        "headers: { X-Note: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijk }",
        "headers: { X-Note: -----BEGIN RSA PRIVATE KEY----- }",
        "headers: { client-secret: 12345 }", "headers: { refresh_token: x }",
    ]

    @Test("A literal secret is an error that does not repeat it", arguments: literals)
    func literal(_ line: String) throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: [{ jobId: a, every: 5m, targetPipeline: run }]",
            targets:
                "targets:\n  run:\n    http:\n      url: https://a.example.org\n      \(line)\n")
        let result = try folder.load()
        let problem = try #require(result.problems.first { $0.message.contains("literal secret") })
        #expect(problem.severity == .error && problem.line == 5)
        #expect(problem.remedy.contains("${secret:NAME}"))
        for word in ["abc", "12345", "AKIA"] { #expect(!problem.description.contains(word)) }
    }

    @Test("A reference is no literal; one that names nothing is an error with the nearest name")
    func references() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: [{ jobId: a, every: 5m, targetPipeline: run }]",
            targets: """
                targets:
                  run:
                    http:
                      url: https://a.example.org
                      headers: { Authorization: "Bearer ${secret:api-token}" }
                      signingSecret: ${secret:signing}
                """)
        try folder.write(
            "daybook.yaml", "secrets: { api-token: { env: A }, signing: { file: /b } }\n")
        let result = try folder.load()
        #expect(result.problems.map(\.description) == [])
        let target = try #require(result.job("a")?.target)
        #expect(target.settings.map(\.value) == ["Bearer ${secret:api-token}"])
        #expect(target.signingSecret == "${secret:signing}")
        try folder.write(
            "daybook.yaml", "secrets: { api-tokn: { env: A }, signing: { file: /b } }\n")
        #expect(try folder.load().problems.map(\.remedy) == ["did you mean api-tokn?"])
    }

    @Test("Where a secret is, is no secret")
    func whereabouts() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: [{ jobId: a, every: 5m, targetPipeline: run }]",
            targets: """
                targets:
                  run:
                    process:
                      command: [/bin/true]
                      environment: { PASSWORD_FILE: /run/secrets/a, TOKEN_URL: "https://a.example.org" }
                """)
        #expect(try folder.load().problems == [])
    }

    @Test("A secret in a parameter is refused, as a reference too: parameters stand in the log")
    func parameters() throws {
        let folder = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - jobId: a
                    every: 5m
                    targetPipeline: run
                    parameters: { Password: "${secret:a}", Token: abc }
                """)
        try folder.write("daybook.yaml", "secrets: { a: { env: A } }\n")
        #expect(
            try folder.load().errors == [
                "parameters stand in the log, and secrets never do",
                "the value of a field with this name looks like a literal secret",
            ])
    }

    @Test("A definition of a secret has one source and a name that can be referred to")
    func definitions() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "daybook.yaml",
            """
            secrets:
              two: { env: A, file: b }
              none: {}
              "a b": { env: A }
              late: { env: A, timeout: 5s }
              empty: { command: [] }
              path: { systemdCredential: ../a }
            """)
        #expect(
            try folder.load().problems.map(\.line) == [2, 3, 4, 5, 6, 7])
    }
}
