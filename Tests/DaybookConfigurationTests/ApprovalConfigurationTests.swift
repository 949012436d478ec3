import DaybookConfiguration
import Events
import Testing

/// What is pushed, what a person approves, and which acts need a second one.
@Suite struct ApprovalConfigurationTests {
    private func load(_ dependency: String) throws -> LoadResult {
        let folder = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - jobId: pay
                    cadence: 0 1 * * *
                    targetPipeline: run
                    dependencies: [\(dependency)]
                """, file: "a.yaml")
        try folder.write("contacts.yaml", "contacts: { finance: { log: true } }")
        return try folder.load()
    }

    @Test("A status that is pushed, and an approval with a time of day or a delay")
    func read() throws {
        let loaded = try load(
            """
            { type: pushed, name: warehouse-load, maxDelayMinutes: 90 },
            { type: approval, name: sign-off, by: "09:00", onExpiry: skip, recipients: [finance] },
            { type: approval, name: second }
            """)
        #expect(loaded.problems.map(\.description) == [])
        let read = try #require(loaded.set).definitions[0].dependencies
        #expect(read.map(\.kind) == ["approval", "approval", "pushed"])
        let signOff = try #require(read.first { $0.name == "sign-off" })
        #expect(signOff.by == "09:00" && signOff.delayMinutesMax == 0)
        #expect(signOff.recipients == ["finance"] && signOff.expiry == "skip")
        #expect(read.first { $0.name == "second" }?.delayMinutesMax == 60)
        #expect(read.first { $0.name == "warehouse-load" }?.delayMinutesMax == 90)
    }

    @Test(
        "What does not go together is an error",
        arguments: [
            (#"{ type: pushed, name: "a b" }"#, "cannot be reported"),
            ("{ type: pushed, name: a, on: failure }", "has no other end"),
            ("{ type: pushed, name: a, by: \"09:00\" }", "only an approval"),
            ("{ type: pushed, name: a, recipients: [finance] }", "only an approval"),
            ("{ type: approval, name: a, on: end }", "has no other end"),
            ("{ type: approval, name: a, by: \"9 o'clock\" }", "no time of day"),
            ("{ type: approval, name: a, by: \"24:00\" }", "no time of day"),
            ("{ type: approval, name: a, by: \"09:00\", maxDelayMinutes: 5 }", "already"),
            ("{ type: approval, name: a, recipients: [nobody] }", "nobody"),
            ("{ type: approval, name: a }, { type: pushed, name: a }", "waited for twice"),
        ])
    func errors(dependency: String, expected: String) throws {
        let loaded = try load(dependency)
        #expect(loaded.set == nil)
        #expect(
            loaded.problems.contains { $0.description.contains(expected) },
            "\(loaded.problems.map(\.description))")
    }

    @Test("Acts that need a second person, in the file and in a variable")
    func fourEyes() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: [{ jobId: a, every: 1h, targetPipeline: run }]")
        try folder.write("daybook.yaml", "fourEyes: [run, cancel]\napprovalMinutes: 60\n")
        let settings = try #require(try folder.load().set).settings
        #expect(settings.fourEyes == ["run", "cancel"] && settings.approvalMinutes == 60)
        let other = try folder.load(variables: ["DAYBOOK_FOUR_EYES": "requeue, pause"])
        #expect(try #require(other.set).settings.fourEyes == ["pause", "requeue"])
        let none = try folder.load(variables: ["DAYBOOK_FOUR_EYES": ""])
        #expect(try #require(none.set).settings.fourEyes == [])
        try folder.write("daybook.yaml", "fourEyes: [delete]\n")
        #expect(try folder.load().problems.contains { $0.description.contains("delete") })
    }
}
