import DaybookConfiguration
import Events
import Testing

/// Job types, limits, and what a schedule says of its runs' order and retries.
@Suite struct JobTypeTests {
    private static let types = """
        limits:
          bank: { concurrent: 5, rate: 100, per: 30s }
          region: { concurrent: 2, by: region }
        jobTypes:
          transfer:
            description: money
            maxRetries: 5
            retryBackoff: { first: 30s, factorPercent: 300, max: 1h, jitterPercent: 20 }
            noRetryOn: [permanent]
            limits: [bank]
            priority: 8
            overlap: bufferOne
            alerts: { onFailure: [ops] }
            pauseAfterFailures: 3
            unique: [account]
            failureAlert: { count: 5, within: 2h }
            slaWarning: false
        """

    private func load(_ jobs: String, types: String = types) throws -> LoadResult {
        let folder = try TemporaryFolder.with(jobs: jobs)
        try folder.write("jobs/types.yaml", types)
        return try folder.load()
    }

    @Test("a schedule takes the fields of its job type that it does not say itself")
    func defaults() throws {
        let result = try load(
            """
            jobs:
              - { jobId: a, jobType: transfer, cadence: "0 1 * * *", targetPipeline: run }
              - { jobId: b, jobType: transfer, cadence: "0 1 * * *", targetPipeline: run,
                  maxRetries: 1, retryDelays: [7m], limits: [region], overlap: skip,
                  parameters: { region: eu } }
            """)
        #expect(result.errors == [])
        let a = try #require(result.job("a"))
        #expect(a.retriesMax == 5 && a.overlap == "bufferOne")
        #expect(a.alerts.map(\.recipients) == [["ops"]])
        let rules = try #require(a.rules)
        #expect(rules.jobType == "transfer" && rules.priority == 8)
        #expect(rules.pauseAfterFailures == 3 && rules.finalClasses == ["permanent"])
        #expect(rules.uniqueBy == ["account"] && rules.isWarningOff)
        #expect(rules.failureAlert?.count == 5 && rules.failureAlert?.windowSeconds == 7_200)
        #expect(rules.backoff?.firstSeconds == 30 && rules.backoff?.factorPercent == 300)
        #expect(rules.backoff?.longestSeconds == 3_600 && rules.backoff?.jitterPercent == 20)
        let bank = try #require(rules.limits.first)
        #expect(bank.name == "bank" && bank.concurrentMax == 5 && bank.by.isEmpty)
        #expect(bank.rateMax == 100 && bank.windowSeconds == 30)
        let b = try #require(result.job("b"))
        #expect(b.retriesMax == 1 && b.retryDelaysSeconds == [420] && b.overlap == "skip")
        #expect(b.rules?.backoff == nil && b.rules?.limits.map(\.name) == ["region"])
    }

    @Test("a schedule that says none of it has none of it in its definition")
    func absent() throws {
        let result = try load(
            "jobs: [{ jobId: a, cadence: \"0 1 * * *\", targetPipeline: run }]")
        #expect(result.errors == [] && result.job("a") != nil)
        #expect(result.job("a")?.rules == nil)
    }

    @Test("dependencies say which end is waited for, what follows the wait, and how many")
    func dependencies() throws {
        let result = try load(
            """
            jobs:
              - { jobId: up, cadence: "0 1 * * *", targetPipeline: run }
              - jobId: down
                cadence: "0 1 * * *"
                targetPipeline: run
                dependencyMode: any
                dependencies: [ { type: job, name: up, on: failure, onExpiry: skip } ]
            """)
        #expect(result.errors == [])
        let down = try #require(result.job("down"))
        #expect(down.dependencies.map(\.condition) == ["failure"])
        #expect(down.dependencies.map(\.expiry) == ["skip"])
        #expect(down.rules?.dependencyMode == "any")
    }

    @Test(
        "what is wrong is named with its place and the remedy",
        arguments: [
            ("jobType: transfr", "there is no job type 'transfr'"),
            ("jobType: transfr", "did you mean transfer?"),
            ("limits: [banc]", "there is no limit 'banc'"),
            ("limits: [region]", "counts by the parameter 'region', which the schedule does not"),
            ("priority: 12", "a whole number from 1 to 9 is expected"),
            ("overlap: bufferone", "did you mean bufferOne?"),
            (
                "retryBackoff: { first: 1m }, retryDelays: [1m]",
                "retryDelays and retryBackoff both stand"
            ),
            ("retryBackoff: { first: 1h, max: 1m }", "it is shorter than first"),
            ("retryBackoff: { factorPercent: 50, first: 1m }", "from 100 to 10000"),
            ("retryOn: [exit], noRetryOn: [exit]", "'exit' stands in retryOn too"),
        ])
    func faults(field: String, expected: String) throws {
        let result = try load(
            "jobs: [{ jobId: a, cadence: \"0 1 * * *\", targetPipeline: run, \(field) }]")
        let problems = result.problems.map(\.description)
        #expect(problems.contains { $0.contains(expected) }, "\(problems)")
        #expect(problems.allSatisfy { $0.hasPrefix("schedules/jobs.yaml:1:") }, "\(problems)")
    }

    @Test(
        "faults in jobs/ are named",
        arguments: [
            ("limits: { bank: {} }", "the limit bounds nothing"),
            ("limits: { bank: { concurrent: 1, per: 1m } }", "there is no rate that it belongs to"),
            ("jobTypes: { t: { cadence: '0 1 * * *' } }", "cadence"),
            ("jobTypes: { t: { targetPipeline: run } }", "targetPipeline"),
            ("jobtypes: {}", "did you mean jobTypes?"),
        ])
    func fileFaults(types: String, expected: String) throws {
        let result = try load(
            "jobs: [{ jobId: a, cadence: \"0 1 * * *\", targetPipeline: run }]", types: types)
        let problems = result.problems.map(\.description)
        #expect(problems.contains { $0.contains(expected) }, "\(problems)")
    }
}
