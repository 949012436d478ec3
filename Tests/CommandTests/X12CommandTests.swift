import DaybookTestSupport
import Foundation
import Testing

/// `daybook x12` by the partners of a configuration.
@Suite("x12 by partners")
struct X12CommandTests {
    private static let fixtures = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures").path

    private static let config = fixtures + "/x12-config"

    @Test("ack reads a folder that holds nothing but partners, and answers by it")
    func answers() async throws {
        let file = Self.fixtures + "/x12/broken/b001_iea02_mismatch.edi"
        let result = try await Program.run("x12", "ack", file, "--config", Self.config, "--json")
        #expect(result.code == 0)
        let list = try #require(try result.json()["interchanges"] as? [[String: Any]])
        let answer = try #require(list.first?["ta1"] as? [String: Any])
        #expect(list.count == 1 && answer["note"] as? String == "001")
        let check = try await Program.run("x12", "check", file, "--config", Self.config)
        #expect(check.code == 1 && check.lines.first?.contains("TA105 001") == true)
    }

    @Test("A partner may send only what it accepts, in an environment as its overlay says")
    func accepts() async throws {
        try await TemporaryFolder.with { folder in
            let manager = FileManager.default
            for path in ["partners", "environments/dev/partners"] {
                try manager.createDirectory(
                    atPath: "\(folder)/\(path)", withIntermediateDirectories: true)
            }
            try """
            partner: CLINICA
            own: { qualifier: ZZ, id: DAYBOOK }
            identity: { qualifier: ZZ, id: CLINICA }
            accepts: [837P]

            """.write(
                toFile: "\(folder)/partners/clinica.yaml")
            try "partner: CLINICA\naccepts: [270]\n".write(
                toFile: "\(folder)/environments/dev/partners/clinica.yaml")
            let file = Self.fixtures + "/x12/valid/v02_270_dependent.edi"
            let base = try await Program.run("x12", "check", file, "--config", folder)
            #expect(base.code == 1 && base.output.contains("AK905 1"))
            let dev = try await Program.run(
                "x12", "check", file, "--config", folder, "--environment", "dev")
            #expect(dev.code == 0)
            let counts = try await Program.run("check", "--config", folder)
            #expect(counts.lines == ["0 errors, 0 warnings, 0 schedules, 1 partner"])
        }
    }

    @Test("check and show print no content, though it stands where codes and numbers should")
    func content() async throws {
        try await TemporaryFolder.with { folder in
            let text = try String(
                contentsOfFile: Self.fixtures + "/x12/valid/v02_270_dependent.edi",
                encoding: .utf8)
            let changes = [
                ("ST*270*0001*", "ST*SECRET*0001*", "    set unknown 0001: R, IK502 6"),
                ("ST*270*0001*", "ST*270*SECRET*", "    set 270 unknown: R"),
                ("GS*HS*", "GS*SECRET*", "  group unknown 102: R, 0 of 1 set accepted"),
                ("*1530*102*X*", "*1530*SECRET*X*", "  group HS unknown: R"),
                ("*00501*000000102*", "*00501*SECRET102*", "interchange unknown: rejected"),
                ("EQ*30~", "SECRET~", ": IK304 "),
            ]
            for (place, content, line) in changes {
                let file = "\(folder)/claims.edi"
                try text.replacing(place, with: content).write(toFile: file)
                let check = try await Program.run("x12", "check", file, "--config", Self.config)
                #expect(check.code == 1, "\(content): \(check.output)")
                #expect(check.output.contains(line), "\(content): \(check.output)")
                let show = try await Program.run("x12", "show", file)
                #expect(show.code == 0)
                for result in [check, show] {
                    #expect(!(result.output + result.errors).contains("SECRET"), "\(content)")
                }
            }
        }
    }

    @Test("a file in which no interchange begins is a no, a folder is misuse; neither is silent")
    func noInterchange() async throws {
        try await TemporaryFolder.with { folder in
            let file = "\(folder)/other"
            for text in ["", "these are no interchanges"] {
                try text.write(toFile: file)
                expectNo(
                    try await Program.run("x12", "show", file), "no interchange begins in \(file)")
                expectNo(
                    try await Program.run("x12", "ack", file, "--config", Self.config),
                    "no interchange begins in \(file)")
                let check = try await Program.run("x12", "check", file, "--config", Self.config)
                #expect(check.code == 1 && check.lines.count == 1)
            }
            expectMisuse(try await Program.run("x12", "show", "\(folder)/none"), "cannot be read")
            for words in [
                ["show", folder], ["check", folder, "--config", Self.config],
                ["ack", folder, "--config", Self.config],
            ] {
                expectMisuse(
                    try await Program.run(arguments: ["x12"] + words), "\(folder) is a folder")
            }
            expectMisuse(
                try await Program.run(
                    "control", "resend", folder, "--partner", "A", "--type", "271", "--url",
                    "http://127.0.0.1:1"), "\(folder) is a folder")
        }
    }

    @Test("check says that the engine sets a file of too many interchanges aside")
    func tooMany() async throws {
        try await TemporaryFolder.with { folder in
            let text = try String(
                contentsOfFile: Self.fixtures + "/x12/valid/v02_270_dependent.edi",
                encoding: .utf8)
            let file = "\(folder)/many.edi"
            for (count, code) in [(500, 0), (501, 1)] as [(Int, Int32)] {
                // Each has a number of its own: the same number again would be a duplicate.
                let texts = (0..<count).map {
                    text.replacing("000000102", with: String(100_000_000 + $0))
                }
                try texts.joined().write(toFile: file)
                let check = try await Program.run("x12", "check", file, "--config", Self.config)
                #expect(check.code == code, "\(count): \(check.lines.first ?? "")")
                #expect(
                    check.output.contains("501 interchanges: the engine answers at most 500")
                        == (count > 500))
            }
        }
    }

    @Test("Without partners, or with errors, nothing is answered, and it is said what to do")
    func refusals() async throws {
        try await TemporaryFolder.with { folder in
            let file = Self.fixtures + "/x12/valid/v02_270_dependent.edi"
            try "port: 1\n".write(toFile: "\(folder)/daybook.yaml")
            expectNo(
                try await Program.run("x12", "ack", file, "--config", folder), "has no partners")
            try "port: x\n".write(toFile: "\(folder)/daybook.yaml")
            expectNo(
                try await Program.run("x12", "ack", file, "--config", folder), "daybook.yaml:1")
            expectMisuse(
                try await Program.run("x12", "ack", "\(folder)/none", "--config", Self.config),
                "cannot be read")
        }
    }
}
