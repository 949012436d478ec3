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
