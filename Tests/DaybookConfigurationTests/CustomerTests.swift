import DaybookConfiguration
import Events
import Testing

/// What schedules of customers say, in files and in requests.
@Suite struct CustomerTests {
    private static let jobs = """
        jobs:
          - jobId: rent
            jobType: payment
            monthDay: 31
            time: "09:00"
            timeZone: Europe/Berlin
            reference: C-104233
            targetPipeline: run
            failureAdvice: { insufficientFunds: "Pay in first.", permanent: CALL }
            reminders:
              - { before: P3D, target: run, channel: sms, limits: [gateway] }
              - { before: PT1H, target: run }
          - { jobId: other, jobType: slow, every: 1d, targetPipeline: run }
        """
    private static let types = """
        limits: { gateway: { rate: 100, per: 1s } }
        jobTypes:
          payment: { noRetryOn: [permanent, insufficientFunds] }
          slow: { maxRetries: 1 }
        """

    private func load(_ jobs: String = jobs) throws -> LoadResult {
        let folder = try TemporaryFolder.with(jobs: jobs)
        try folder.write("jobs/types.yaml", Self.types)
        return try folder.load()
    }

    private func refusal(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return ""
    }

    @Test("reference, advice, reminders and the catch-up of payments are read")
    func fields() throws {
        let result = try load()
        #expect(result.errors == [])
        let rent = try #require(result.job("rent"))
        let rules = try #require(rent.rules)
        #expect(rent.catchUp == "none" && result.job("other")?.catchUp == "latest")
        #expect(rent.triggers.first?.kind == "monthDay" && rent.triggers.first?.text == "31")
        #expect(rules.reference == "C-104233")
        #expect(rules.failureAdvice.map(\.name) == ["insufficientFunds", "permanent"])
        #expect(rules.reminders.map(\.before) == ["P3D", "PT1H"])
        #expect(rules.reminders.map(\.days) == [3, 0])
        #expect(rules.reminders.map(\.seconds) == [0, 3_600])
        #expect(rules.reminders.first?.target?.name == "run")
        #expect(rules.reminders.first?.limits.map(\.name) == ["gateway"])
        #expect(result.set?.places["rent"] == "schedules/jobs.yaml:2")
    }

    @Test(
        "what cannot be is said with its field",
        arguments: [
            ("reference: \"\"", "reference"), ("reminders: [{ before: P3D }]", "target"),
            ("reminders: [{ before: P400D, target: run }]", "before"),
            ("reminders: [{ before: soon, target: run }]", "before"),
            ("reminders: [{ before: P3D, target: nope }]", "reminders[0].target"),
            ("reminders: [{ before: P3D, target: run }], maxRuns: 3", "reminders"),
            (
                "reminders: [{ before: P3D, target: run }], parameters: { channel: x }",
                "reminders"
            ),
            ("failureAdvice: { a: \"\" }", "failureAdvice.a"),
        ])
    func faults(_ fields: String, _ field: String) throws {
        let result = try load(
            "jobs: [{ jobId: a, every: 1d, targetPipeline: run, \(fields) }]")
        #expect(result.set == nil)
        #expect(result.errors.contains { $0.contains(field) } || !result.problems.isEmpty)
        #expect(result.problems.contains { $0.field.contains(field) }, "\(result.problems)")
    }

    @Test("a request is read as a file is, and its faults name the field")
    func requests() throws {
        let names = try #require(try load().set).names
        let body =
            Array(
                #"{"ticket":"CHG-1","at":"2027-01-04T10:00:00Z","jobType":"payment","#.utf8
            ) + Array(#""targetPipeline":"run","parameters":{"amount":12.50}}"#.utf8)
        let draft = try names.draft(body, jobId: "t-1")
        #expect(draft.jobTypes == ["payment"])
        let definition = try #require(try names.definitions(draft, types: [:]).first)
        #expect(definition.jobId == "t-1" && definition.source == "api")
        #expect(definition.catchUp == "none" && definition.target?.name == "run")
        #expect(definition.parameters.map(\.value) == ["12.50"])
        #expect(definition.rules?.finalClasses == ["insufficientFunds", "permanent"])
        let list = try names.draft(
            Array(#"{"schedules":[{"jobId":"a","every":"1d","targetPipeline":"nope"}]}"#.utf8))
        let fault = refusal { _ = try names.definitions(list, types: [:]) }
        #expect(fault.contains("field 'schedules[0].targetPipeline'"), "\(fault)")
        for (text, part) in [
            ("[1]", "map"), ("{", "JSON"), ("{\"schedules\":1}", "list"),
            ("{\"schedules\":[],\"x\":1}", "'x'"),
        ] {
            let said = refusal {
                let draft = try names.draft(Array(text.utf8))
                _ = try names.definitions(draft, types: [:])
            }
            #expect(said.contains(part), "\(text): \(said)")
        }
        let other = refusal { _ = try names.draft(Array(#"{"jobId":"b"}"#.utf8), jobId: "a") }
        #expect(other.contains("field 'jobId'"))
    }

    @Test("job types of the API are read, checked and taken, those of the configuration not theirs")
    func jobTypes() throws {
        let names = try #require(try load().set).names
        #expect(names.jobTypeNames == ["payment", "slow"])
        let fields = try names.jobType(
            Array(#"{"ticket":"CHG-1","retryOn":["transient"],"maxRetries":7}"#.utf8), name: "quick"
        )
        #expect(fields == #"{"maxRetries":7,"retryOn":["transient"]}"#)
        for (text, part) in [
            (#"{"maxRetries":"7"}"#, "maxRetries"), (#"{"every":"1d"}"#, "every"),
            (#"{"limits":["nope"]}"#, "limits"), (#"{"calendar":"nope"}"#, "calendar"),
        ] {
            let said = refusal { _ = try names.jobType(Array(text.utf8), name: "quick") }
            #expect(said.contains(part), "\(text): \(said)")
        }
        let draft = try names.draft(
            Array(#"{"every":"1d","jobType":"quick","targetPipeline":"run"}"#.utf8), jobId: "a")
        let made = try names.definitions(draft, types: ["quick": fields])
        #expect(made.first?.retriesMax == 7 && made.first?.rules?.jobType == "quick")
        #expect(
            refusal { _ = try names.definitions(draft, types: [:]) }.contains("jobType"))
    }

    @Test("a file of schedules becomes a request, in either format")
    func files() throws {
        let yaml = try ScheduleNames.schedules(
            inFile: "a.yaml", Array("jobs: [{ jobId: a, every: 1d }]".utf8))
        #expect(yaml == [#"{"every":"1d","jobId":"a"}"#])
        #expect(try ScheduleNames.schedules(inFile: "-", Array("[{},{}]".utf8)).count == 2)
        #expect(
            refusal { _ = try ScheduleNames.schedules(inFile: "a.json", [0xFF]) }
                .contains("UTF-8"))
    }
}
