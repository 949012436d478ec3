import DaybookConfiguration
import Events
import Testing

/// Targets that do the work of the exchange of files.
@Suite struct ExchangeTargetTests {
    private func load(_ target: String) throws -> LoadResult {
        let folder = try TemporaryFolder()
        try folder.write(
            "schedules/jobs.yaml", "jobs: [{ jobId: a, every: 1m, targetPipeline: t }]\n")
        try folder.write("targets.yaml", "targets:\n  t: { exchange: { \(target) } }\n")
        try folder.write("partners/clinic.yaml", PartnerTests.least)
        try folder.write(
            "partners/plan.yaml",
            PartnerTests.least.replacing("CLINIC", with: "PLAN") + "sends: [834]\n")
        return try folder.load()
    }

    private func binding(_ target: String) throws -> TargetBinding {
        let result = try load(target)
        #expect(result.problems.map(\.description) == [])
        return try #require(result.set?.definitions.first?.target)
    }

    @Test("The task is the command, and what it needs are sorted settings")
    func read() throws {
        let all = try binding("task: assemble")
        #expect(all.kind == "exchange" && all.command == ["assemble"] && all.name == "t")
        #expect(all.settings == [] && all.timeoutSeconds == 3_600)
        let some = try binding(
            "task: assemble, types: [999, TA1, \"999\"], partners: [PLAN, CLINIC], timeout: 5m")
        #expect(
            some.settings == [KeyValue("partners", "CLINIC,PLAN"), KeyValue("types", "TA1,999")])
        #expect(some.timeoutSeconds == 300)
        #expect(try binding("task: sweep").command == ["sweep"])
        #expect(try binding("task: tidy").command == ["tidy"])
        let enroll = try binding(
            "task: enroll, partner: PLAN, members: plans/a.jsonl, membersMax: 10, "
                + "sponsor: { name: A Sponsor, id: 123456789 }, "
                + "payer: { name: A Payer, qualifier: 94, id: P-1 }")
        #expect(
            enroll.settings == [
                KeyValue("members", "plans/a.jsonl"), KeyValue("membersMax", "10"),
                KeyValue("mode", "delta"), KeyValue("partner", "PLAN"),
                KeyValue("payerID", "P-1"), KeyValue("payerName", "A Payer"),
                KeyValue("payerQualifier", "94"), KeyValue("sponsorID", "123456789"),
                KeyValue("sponsorName", "A Sponsor"), KeyValue("sponsorQualifier", "FI"),
            ])
    }

    @Test("Without partners such a target is a warning")
    func noPartners() throws {
        let folder = try TemporaryFolder()
        try folder.write("daybook.yaml", "")
        try folder.write("targets.yaml", "targets: { t: { exchange: { task: sweep } } }\n")
        let result = try folder.load()
        #expect(result.set != nil)
        #expect(result.places == ["targets.yaml:1: warning: targets.t.exchange"])
    }

    private static let parties =
        "sponsor: { name: A, id: 12 }, payer: { name: B, id: 34 }, members: a.jsonl"

    @Test(
        "What is wrong with such a target is said, by its field",
        arguments: [
            ("types: [271]", "task"), ("task: asemble", "task"),
            ("task: assemble, types: [270]", "types[0]"),
            ("task: assemble, types: []", "types"),
            ("task: assemble, partners: [CLINIK]", "partners"),
            ("task: assemble, mode: full", "mode"), ("task: sweep, types: [271]", "types"),
            ("task: tidy, days: 3", "days"), ("task: tidy, timeout: 0s", "timeout"),
            ("task: enroll, partner: PLAN, \(parties), membersMax: 0", "membersMax"),
            ("task: enroll, partner: PLAN, \(parties), mode: all", "mode"),
            ("task: enroll, \(parties)", "partner"),
            ("task: enroll, partner: CLINIC, \(parties)", "partner"),
            ("task: enroll, partner: NONE, \(parties)", "partner"),
            (
                "task: enroll, partner: PLAN, sponsor: { name: A, id: 12 }, members: a, "
                    + "payer: { name: B, qualifier: 24, id: 34 }", "payer.qualifier"
            ),
            (
                "task: enroll, partner: PLAN, payer: { name: B, id: 34 }, members: ../a, "
                    + "sponsor: { name: A, id: 12 }", "members"
            ),
            (
                "task: enroll, partner: PLAN, payer: { name: B, id: 34 }, members: a, "
                    + "sponsor: { name: A, id: 1 }", "sponsor.id"
            ),
        ])
    func problems(_ target: String, _ field: String) throws {
        let result = try load(target)
        #expect(
            result.problems.map(\.field).contains("targets.t.exchange." + field),
            "\(result.problems)")
        #expect(result.set == nil)
    }
}
