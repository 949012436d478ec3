import DaybookConfiguration
import Foundation
import Glibc
import Testing

/// Input that is meant to do harm: each must be refused by name, within the time limit.
@Suite(.timeLimit(.minutes(1))) struct HostileTests {
    /// Loads a folder with one schedule file, and expects one error in it.
    private func refused(_ file: String, _ data: Data) throws -> ConfigurationProblem {
        let folder = try TemporaryFolder()
        try folder.write("schedules/\(file)", data)
        let result = try folder.load()
        #expect(result.set == nil)
        return try #require(result.problems.first)
    }

    private func refused(_ file: String, _ text: String) throws -> ConfigurationProblem {
        try refused(file, Data(text.utf8))
    }

    @Test("A bomb of aliases is refused before it is read")
    func aliasBomb() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let references = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(references)]\n"
        }
        let problem = try refused("bomb.yaml", text)
        #expect(problem.message == "YAML aliases (&name and *name) are not read")
        #expect(problem.line == 2)
        // As a key, where Yams would hash it through.
        #expect(try refused("key.yaml", text + "? *a30\n: 1\n").line == 2)
    }

    @Test("An asterisk and an ampersand in text and cron are not aliases")
    func notAliases() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs:\n  - { jobId: a, cadence: 0 */4 * * *, targetPipeline: run, "
                + "description: \"R&D *all* of it\" }\n")
        #expect(try folder.load().problems == [])
    }

    @Test(
        "A file larger than the limit is refused without being read whole",
        arguments: [
            "large.json", "large.yaml",
        ])
    func large(_ name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("schedules/\(name)", "")
        // Sparse: 100 MB that take no room.
        #expect(truncate(folder.path + "/schedules/" + name, 100 << 20) == 0)
        let result = try folder.load()
        #expect(result.errors.first?.hasPrefix("the file has more than ") == true)
    }

    static let deep: [(String, String)] = [
        ("deep.json", String(repeating: "[", count: 100_000)),
        ("deep.json", String(repeating: "{\"a\":", count: 100_000)),
        ("deep.yaml", String(repeating: "[", count: 100_000)),
        ("deep.yaml", String(repeating: "{a: ", count: 100_000)),
        ("deep.yaml", String(repeating: "- ", count: 100_000) + "x"),
        ("deep.yaml", String(repeating: "? ", count: 100_000) + "x"),
        (
            "deep.yaml",
            (0..<2_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        ),
        ("deep.yaml", String(repeating: "[", count: 900) + String(repeating: "]", count: 900)),
    ]

    @Test("Deep nesting is refused, in JSON and in each of YAML's forms", arguments: deep.indices)
    func nesting(_ index: Int) throws {
        let (name, text) = Self.deep[index]
        #expect(try refused(name, text).severity == .error)
    }

    @Test("What is not UTF-8 is refused with its line")
    func notUTF8() throws {
        let problem = try refused(
            "a.yaml", Data("jobs:\n  - jobId: ".utf8) + Data([0xFF, 0xFE, 0x0A]))
        #expect(problem.message == "the file is not UTF-8 text" && problem.line == 2)
        #expect(try refused("a.json", Data([0x22, 0xC3, 0x28, 0x22])).line == 1)
    }

    static let badJSON: [(String, Int, Int, String)] = [
        ("", 1, 1, "the file ends where a value is expected"),
        ("{\n  \"jobs\": [],\n}", 3, 1, "a key in quotation marks is expected"),
        ("{\n  \"jobs\": [1,]\n}", 2, 14, "this is not the start of a JSON value"),
        ("{ jobs: [] }", 1, 3, "a key in quotation marks is expected"),
        ("{ \"jobs\": [] } x", 1, 16, "something follows the end of the JSON value"),
        ("{ \"jobs\": [], // no\n}", 1, 15, "a key in quotation marks is expected"),
        ("{ \"a\": 01 }", 1, 9, "a ',' or '}' is expected"),
        ("{ \"a\": .5 }", 1, 8, "this is not the start of a JSON value"),
        ("{ \"a\": \"\\x\" }", 1, 9, "an unknown escape stands in a text"),
        ("{ \"a\": \"\\ud800\" }", 1, 15, "half of a surrogate pair stands alone"),
        (
            "{ \"a\": \"\u{1}\" }", 1, 9,
            "a control character stands in a text without being escaped"
        ),
        ("{ \"a\": NaN }", 1, 8, "this is not the start of a JSON value"),
        ("{ \"a\": 'b' }", 1, 8, "this is not the start of a JSON value"),
        ("{ \"\u{E9}\u{1F600}\": 1, \"b\" }", 1, 16, "a ':' is expected after the key"),
        ("{\"jobs\": [],\n \"jobs\": []}", 2, 2, "the key 'jobs' stands twice (first on line 1)"),
        (
            "{\"jobs\": [],\n \"\\u006aobs\": []}", 2, 2,
            "the key 'jobs' stands twice (first on line 1)"
        ),
    ]

    @Test("A .json file must be strict JSON, without duplicate keys", arguments: badJSON.indices)
    func strictJSON(_ index: Int) throws {
        let (text, line, column, message) = Self.badJSON[index]
        let problem = try refused("a.json", text)
        #expect(problem.message == message)
        #expect(problem.line == line && problem.column == column)
    }

    @Test("Duplicate keys and several documents in YAML are refused")
    func duplicateYAML() throws {
        let twice = try refused("a.yaml", "jobs: []\nother: 1\njobs: []\n")
        #expect(twice.message == "the same key stands twice in one map: 'jobs'")
        #expect(try refused("a.yaml", "jobs: []\n---\njobs: []\n").line == 2)
        #expect(try refused("a.yaml", "a:\n  <<: { b: 1 }\n").line == 2)
        #expect(try refused("a.yaml", "[a, b]: 1\n").message == "a key must be text")
        #expect(try refused("a.yaml", "jobs:\n\t- x\n").line == 2)
    }

    @Test("A loop of links, a pipe and a folder in a file's place are refused without waiting")
    func notFiles() throws {
        let folder = try TemporaryFolder()
        try folder.write("schedules/ok.json", "{\"jobs\": []}")
        #expect(symlink("loop.json", folder.path + "/schedules/loop.json") == 0)
        #expect(mkfifo(folder.path + "/schedules/pipe.json", 0o600) == 0)
        #expect(mkdir(folder.path + "/targets.yaml", 0o700) == 0)
        #expect(symlink(".", folder.path + "/environments") == 0)
        #expect(
            try folder.load(environment: "schedules").places == [
                "environments/schedules/loop.json:0: warning: ",
                "environments/schedules/ok.json:0: warning: ",
                "environments/schedules/pipe.json:0: warning: ",
                "schedules/loop.json:0: error: ", "schedules/pipe.json:0: error: ",
                "targets.yaml:0: error: ",
            ])
        #expect(symlink("calendars", folder.path + "/schedules/calendars") == 0)
        #expect(try folder.load().places.contains("schedules/calendars:0: error: "))
    }

    @Test("A hundred thousand unknown fields, and as many wrong names, end in bounded time")
    func manyProblems() throws {
        var text = "{\"jobs\":[{\"jobId\":\"x\""
        for index in 0..<100_000 { text += ",\"field\(index)\":1" }
        #expect(try refused("a.json", text + "}]}").severity == .error)
        text = "{\"jobs\":["
        for index in 0..<3_000 {
            text +=
                (index == 0 ? "" : ",") + "{\"jobId\":\"job\(index)\",\"every\":\"5m\","
                + "\"targetPipeline\":\"rum\",\"dependencies\":"
                + "[{\"type\":\"job\",\"name\":\"jib\(index)\"}]}"
        }
        let folder = try TemporaryFolder.with(jobs: text + "]}", file: "jobs.json")
        let result = try folder.load()
        #expect(result.problems.count == 1_001)
        #expect(result.problems.last?.message == "5000 more problems are not listed")
    }

    @Test("No text of random bytes, and no damaged file, stops the reader")
    func random() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix(state: seed)
        let whole = try Data(
            contentsOf: URL(
                fileURLWithPath: repository
                    + "/Tests/Fixtures/config/requirement/schedules/edi-outbound.json"))
        let alphabet = Array("{}[]:,\"'&*?-#|>!%@`\\\n\t aj0\u{E9}".utf8)
        for round in 0..<300 {
            var bytes = [UInt8](whole)
            if round % 2 == 0 {
                bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? 0
                }
            } else {
                for _ in 0..<Int.random(in: 1...5, using: &generator) {
                    let index = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[index] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            let folder = try TemporaryFolder()
            try folder.write(round % 4 < 2 ? "schedules/a.json" : "schedules/a.yaml", Data(bytes))
            let result = try folder.load()
            let isSound = result.set != nil || result.problems.contains { $0.severity == .error }
            #expect(isSound, "seed \(seed), round \(round)")
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a seeded generator for tests.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
