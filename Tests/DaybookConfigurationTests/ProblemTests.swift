import DaybookConfiguration
import Foundation
import Testing

@Suite struct ProblemTests {
    /// A folder with something wrong in every file.
    private static func brokenFolder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("daybook.yaml", "port: 70000\ndefaultTimezone: UTC\nscheduling: maybe\n")
        try folder.write(
            "targets.yaml",
            """
            targets:
              run:
                process: { command: [] }
              both:
                process: { command: [/bin/true] }
                http: { url: "https://a.example.org" }
              web:
                http:
                  url: ftp://a.example.org
                  headers: { Authorization: abc }
              good:
                process: { command: [/bin/true] }
            """)
        try folder.write("contacts.yaml", "contacts: { ops: { email: nobody } }\n")
        try folder.write(
            "schedules/a.json",
            """
            { "jobs": [
              { "jobId": "one", "cadance": "0 1 * * *", "targetPipeline": "good" },
              { "jobId": "two", "cadence": "61 1 * * *", "targetPipeline": "god",
                "timeZone": "Europe/Berlim", "calendar": "holidays",
                "parameters": { "a": "${scheduleDate}", "b": [1] },
                "slaMinutes": "60", "catchUp": "always",
                "alerts": { "onFailure": ["opps"] } }
            ] }
            """)
        try folder.write(
            "schedules/b.yaml",
            """
            jobs:
              - jobId: two
                every: 5 minutes
                targetPipeline: good
                dependencies:
                  - { type: job, name: thre }
              - jobId: three
                every: 5m
                cadence: "@daily"
                target: { type: x, name: good, params: {} }
            """)
        try folder.write("schedules/blackouts.yaml", "blackouts: []\n")
        try folder.write("tenants/a.yaml", "a: 1\n")
        return folder
    }

    @Test("All problems of all files are reported in one pass, by file and line")
    func allInOnePass() throws {
        let folder = try Self.brokenFolder()
        let result = try folder.load()
        #expect(result.set == nil)
        #expect(
            result.places == [
                "contacts.yaml:1: error: contacts.ops",
                "contacts.yaml:1: error: contacts.ops.email",
                "daybook.yaml:1: error: port",
                "daybook.yaml:2: error: defaultTimezone",
                "daybook.yaml:3: error: scheduling",
                "schedules/a.json:2: error: jobs[0].cadence",
                "schedules/a.json:2: error: jobs[0].cadance",
                "schedules/a.json:3: error: jobs[1].cadence",
                "schedules/a.json:3: error: jobs[1].targetPipeline",
                "schedules/a.json:4: error: jobs[1].timeZone",
                "schedules/a.json:4: error: jobs[1].calendar",
                "schedules/a.json:5: error: jobs[1].parameters.a",
                "schedules/a.json:5: error: jobs[1].parameters.b",
                "schedules/a.json:6: error: jobs[1].slaMinutes",
                "schedules/a.json:6: error: jobs[1].catchUp",
                "schedules/a.json:7: error: jobs[1].alerts.onFailure",
                "schedules/b.yaml:2: error: jobs[0].jobId",
                "schedules/b.yaml:3: error: jobs[0].every",
                "schedules/b.yaml:6: error: jobs[0].dependencies[0].name",
                "schedules/b.yaml:7: error: jobs[1].every",
                "schedules/b.yaml:10: error: jobs[1].target.params",
                "targets.yaml:3: error: targets.run.process.command",
                "targets.yaml:5: error: targets.both",
                "targets.yaml:9: error: targets.web.http.url",
                "targets.yaml:10: error: targets.web.http.headers.Authorization",
                "tenants:0: warning: ",
            ])
        for problem in result.problems {
            #expect(!problem.message.hasSuffix(".") && !problem.remedy.hasSuffix("."))
            #expect(!problem.remedy.isEmpty)
        }
    }

    /// What is written, and what it is taken for.
    static let suggestions: [(String, String)] = [
        ("cadance: 1", "cadence"), ("CADENCE: 1", "cadence"), ("cron: 1", "cadence"),
        ("time_zone: 1", "timeZone"), ("timezone: 1", "timeZone"), ("retires: 1", "maxRetries"),
        ("maxretrys: 1", "maxRetries"), ("dependancies: 1", "dependencies"),
        ("sla: 1", "slaMinutes"), ("tag: 1", "tags"), ("params: 1", "parameters"),
    ]

    @Test("An unknown field is an error that names the nearest known one", arguments: suggestions)
    func nearest(_ line: String, _ expected: String) throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs:\n  - jobId: a\n    every: 5m\n    targetPipeline: run\n    \(line)\n")
        let result = try folder.load()
        if line == "retires: 1" {
            // "retries" is meant, which is not a field either: the list of fields is shown.
            #expect(result.problems.first?.remedy.contains("maxRetries") == true)
        } else {
            #expect(result.problems.map(\.remedy) == ["did you mean \(expected)?"])
        }
        #expect(result.problems.first?.line == 5)
    }

    @Test("What is far from everything gets the list of fields")
    func far() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs:\n  - jobId: a\n    every: 5m\n    targetPipeline: run\n    zzz: 1\n")
        #expect(try folder.load().problems.first?.remedy.hasPrefix("use one of jobId, ") == true)
    }

    @Test("A cycle is an error that shows its path, once")
    func cycle() throws {
        let folder = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - { jobId: a, every: 5m, targetPipeline: run, dependencies: [{type: job, name: b}] }
                  - { jobId: b, every: 5m, targetPipeline: run, dependencies: [{type: job, name: c}] }
                  - { jobId: c, every: 5m, targetPipeline: run, dependencies: [{type: job, name: a}] }
                  - { jobId: d, every: 5m, targetPipeline: run, dependencies: [{type: job, name: d}] }
                """)
        let result = try folder.load()
        #expect(
            result.errors == [
                "schedules wait for each other: a -> b -> c -> a",
                "schedules wait for each other: d -> d",
            ])
        #expect(result.problems.map(\.line) == [4, 5])
    }

    @Test("A chain of ten thousand schedules is not a cycle, and takes no deep stack")
    func longChain() throws {
        var text = "{\"jobs\":["
        for index in 0..<10_000 {
            let wait =
                index == 0
                ? "" : ",\"dependencies\":[{\"type\":\"job\",\"name\":\"j\(index - 1)\"}]"
            text +=
                (index == 0 ? "" : ",")
                + "{\"jobId\":\"j\(index)\",\"every\":\"5m\",\"targetPipeline\":\"run\"\(wait)}"
        }
        let folder = try TemporaryFolder.with(jobs: text + "]}", file: "jobs.json")
        let result = try folder.load()
        #expect(result.problems == [])
        #expect(result.set?.definitions.count == 10_000)
    }

    @Test("A duplicate jobId names both places, in one file, in two, and in an overlay")
    func duplicates() throws {
        let job = "jobs: [{ jobId: twin, every: 5m, targetPipeline: run }]\n"
        let folder = try TemporaryFolder.with(jobs: job)
        try folder.write("schedules/other.yml", "\n" + job)
        try folder.write("environments/dev/schedules/x.yaml", job)
        let result = try folder.load(environment: "dev")
        #expect(
            result.problems.map { "\($0.file):\($0.line) \($0.message)" } == [
                "environments/dev/schedules/x.yaml:1 the jobId 'twin' stands twice, "
                    + "first in schedules/jobs.yaml:1",
                "schedules/other.yml:2 the jobId 'twin' stands twice, "
                    + "first in schedules/jobs.yaml:1",
            ])
    }

    @Test("Two ids that differ only in their Unicode form are one")
    func unicode() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs:\n  - { jobId: \"caf\u{E9}\", every: 5m, targetPipeline: run }\n"
                + "  - { jobId: \"cafe\u{301}\", every: 5m, targetPipeline: run }\n")
        #expect(try folder.load().errors.count == 1)
    }

    @Test("Control characters of keys and files do not reach the terminal")
    func controlCharacters() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: [{ jobId: a, every: 5m, targetPipeline: run, \"x\\e[31m\": 1 }]")
        try folder.write("a\u{1B}b", "")
        let result = try folder.load()
        #expect(result.problems.map(\.file) == ["a?b", "schedules/jobs.yaml"])
        #expect(result.problems.last?.field == "jobs[0].x?[31m")
    }

    static let badAddresses = [
        "https://a.example.org/${environment}", "https://", "a.example.org", "https://a b",
        "https://a.example.org/#x", "https://u:p@a.example.org", "file:///etc/passwd",
    ]

    @Test("An address that cannot be asked is refused", arguments: badAddresses)
    func addresses(_ address: String) throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: []", targets: "targets: { a: { http: { url: \"\(address)\" } } }")
        let result = try folder.load()
        #expect(result.set == nil)
        #expect(result.problems.contains { $0.field == "targets.a.http.url" })
    }

    static let badNames = [
        "''", "'a/b'", "\"a\\u0007\"", "'\(String(repeating: "x", count: 129))'", "' a'", "'..'",
        "12", "\"a\\u2028b\"",
    ]

    @Test("A name that cannot be kept is refused", arguments: badNames)
    func names(_ name: String) throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs:\n  - jobId: \(name)\n    every: 5m\n    targetPipeline: run\n")
        let result = try folder.load()
        #expect(result.set == nil)
        #expect(result.places == ["schedules/jobs.yaml:2: error: jobs[0].jobId"])
    }

    @Test("A dependency is bound to what is external, else to the schedule that runs it")
    func dependencies() throws {
        let folder = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - { jobId: up, every: 5m, targetPipeline: load }
                  - jobId: down
                    every: 5m
                    targetPipeline: run
                    dependencies:
                      - { type: pipeline, name: load, maxDelayMinutes: 5 }
                      - { type: pipeline, name: outside }
                """,
            targets: """
                targets:
                  run: { process: { command: [/bin/true] } }
                  load: { process: { command: [/bin/true] } }
                  outside: { external: { process: { command: [/bin/echo, READY] } }, every: 10s }
                """)
        let result = try folder.load()
        #expect(result.problems == [])
        let dependencies = try #require(result.job("down")?.dependencies)
        #expect(dependencies.map(\.kind) == ["external", "job"])
        #expect(dependencies.map(\.name) == ["outside", "up"])
        #expect(dependencies.map(\.delayMinutesMax) == [60, 5])
        #expect(dependencies[0].pollSeconds == 10)
        #expect(dependencies[0].probe?.command == ["/bin/echo", "READY"])
        #expect(dependencies[1].probe == nil)
    }

    @Test("An external name cannot run, a program cannot be waited for, two cannot be chosen from")
    func wrongBindings() throws {
        let folder = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - { jobId: a, every: 5m, targetPipeline: outside }
                  - { jobId: b, every: 5m, targetPipeline: run, dependencies: [{type: pipeline, name: idle}] }
                  - { jobId: c, every: 5m, targetPipeline: run, dependencies: [{type: pipeline, name: run}] }
                """,
            targets: """
                targets:
                  run: { process: { command: [/bin/true] } }
                  idle: { process: { command: [/bin/true] } }
                  outside: { external: { http: { url: "https://a.example.org" } } }
                """)
        #expect(
            try folder.load().errors == [
                "'outside' is external (targets.yaml:4): it is asked, not run",
                "'idle' is neither an external target (targets.yaml:3 is not external) "
                    + "nor run by a schedule",
                "several schedules run 'run': b, c",
            ])
    }

    @Test("Without contacts.yaml a recipient is a warning; with it, an unknown one is an error")
    func contacts() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: [{ jobId: a, every: 5m, targetPipeline: run, alerts: { onFailure: [x] } }]"
        )
        let without = try folder.load()
        #expect(without.set != nil)
        #expect(without.problems.map(\.severity.rawValue) == ["warning"])
        try folder.write("contacts.yaml", "contacts: { y: { email: y@example.org } }\n")
        #expect(try folder.load().errors == ["contacts.yaml does not say who 'x' is"])
    }

    @Test("A definition that does not fit its record is refused")
    func tooLarge() throws {
        let long = String(repeating: "x", count: 17_000)
        let folder = try TemporaryFolder.with(
            jobs: "jobs:\n  - { jobId: a, every: 5m, targetPipeline: run, description: \(long) }\n")
        #expect(try folder.load().errors.first?.contains("a record holds 16384") == true)
    }

    @Test("A folder that is no configuration is said to be none")
    func noConfiguration() throws {
        let folder = try TemporaryFolder()
        #expect(try folder.load().places == ["daybook.yaml:0: error: "])
        let missing = try TemporaryFolder.wrapping(folder.path + "/nothing").load()
        #expect(missing.set == nil && missing.problems.count == 1)
    }
}
