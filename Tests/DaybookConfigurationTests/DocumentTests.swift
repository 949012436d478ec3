import DaybookConfiguration
import Foundation
import Testing

@Suite struct DocumentTests {
    /// The blocks of one language in `docs/configuration.md`, in order.
    private func blocks(_ language: String) throws -> [String] {
        let text = try String(
            contentsOfFile: repository + "/docs/configuration.md", encoding: .utf8)
        var blocks: [String] = []
        var block: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let open = block {
                block = line == "```" ? nil : open + line + "\n"
                if block == nil { blocks.append(open) }
            } else if line == "```\(language)" {
                block = ""
            }
        }
        return blocks
    }

    @Test("The examples of the documentation load together, with the overlay too")
    func examples() throws {
        let yaml = try blocks("yaml")
        let json = try blocks("json")
        try #require(yaml.count == 13 && json.count == 3)
        let folder = try TemporaryFolder()
        try folder.write("daybook.yaml", yaml[0] + yaml[1])
        try folder.write("schedules/a.yaml", yaml[2])
        let target = json[0].dropFirst().trimmingCharacters(in: .whitespacesAndNewlines)
        try folder.write(
            "schedules/b.json",
            "{\"jobs\": [{\"jobId\": \"834-nightly\", \"every\": \"1d\", " + target + "]}")
        try folder.write("schedules/c.yaml", yaml[3])
        try folder.write("schedules/d.yaml", yaml[4])
        // The calendars that are made of others have names of the reader's: yaml[5], json[2].
        try folder.write("jobs/types.yaml", yaml[6])
        try folder.write("schedules/blackouts.yaml", yaml[7])
        for name in ["standard-business", "target2"] {
            try folder.write("schedules/calendars/\(name).json", json[1])
        }
        try folder.write(
            "targets.yaml",
            yaml[9] + """
                  pl_aggregate_277ca: { process: { command: [a] } }
                  pl_heartbeat: { process: { command: [a] } }
                  pl_loans: { process: { command: [a] } }
                  pl_settle: { process: { command: [a] } }

                """)
        try folder.write(
            "contacts.yaml", yaml[10] + "  edi-lead: { email: edi@example.org }\n")
        try folder.write("partners/partnera.yaml", yaml[11])
        try folder.write("environments/dev/targets.yaml", yaml[8])
        try folder.write("environments/dev/schedules/dev.yaml", yaml[12])
        // One reference in the examples is left to the reader to name.
        let missing = "there is no secret 'chat-room' under secrets: in daybook.yaml"
        #expect(try folder.load().errors == [missing])
        try folder.write(
            "daybook.yaml", yaml[0] + yaml[1] + "  chat-room: { env: CHAT_ROOM }\n")
        let base = try folder.load()
        #expect(base.problems.map(\.description) == [])
        #expect(
            base.job("834-nightly")?.parameters.map(\.value) == [
                "7", "true", "all", "${scheduledDate}",
            ])
        #expect(base.job("loan-pipeline[north]")?.rules?.files?.onNone == "skip")
        #expect(base.set?.definitions.count { $0.rules?.fanOutOf == "loan-pipeline" } == 4)
        #expect(base.set?.partners.first?.rule(for: "999")?.acknowledgedWithinSeconds == 600)
        let dev = try folder.load(environment: "dev")
        #expect(dev.problems.map(\.description) == [])
        #expect(dev.job("834-nightly")?.every == "2m" && dev.job("dev-only") != nil)
    }
}
