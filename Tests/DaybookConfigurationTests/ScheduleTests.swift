import DaybookConfiguration
import Events
import Foundation
import Testing

@Suite struct ScheduleTests {
    @Test("The same meaning gives the same bytes, in JSON and YAML, in any order and spelling")
    func canonical() throws {
        let json = """
            { "jobs": [ { "jobId": "cafe\u{301}", "cadence": "0  1 * * *", "targetPipeline": "run",
              "parameters": { "b": "2", "a": true, "c": 1.50 }, "tags": ["y", "x", "y"],
              "retryDelays": ["90s", "PT5M", 3600],
              "dependencies": [ { "type": "job", "name": "z" }, { "type": "job", "name": "m" } ],
              "alerts": { "onMissed": ["q", "p"], "onFailure": ["o"] } },
              { "jobId": "z", "every": 300, "targetPipeline": "run" },
              { "jobId": "m", "every": "PT5M", "targetPipeline": "run" } ] }
            """
        let yaml = """
            jobs:
              - { every: 5m, target: { name: run, type: whatever }, jobId: m }
              - { every: 300s, targetPipeline: run, jobId: z }
              - alerts: { onFailure: [o], onMissed: [p, q] }
                dependencies: [{ name: m, type: job, maxDelayMinutes: 60 }, { name: z, type: pipeline }]
                retryDelays: [1m30s, 300, 1h]
                tags: [x, y]
                target: { name: run, parameters: { c: 1.50, b: "2", a: true } }
                cadence: 0 1 * * *
                jobId: "caf\u{E9}"
                enabled: true
                maxRetries: 3
                catchUp: latest
                overlap: skip
                timeZone: UTC
                startDelayMinutes: 1
            """
        let contacts = "contacts: { o: { log: true }, p: { log: true }, q: { log: true } }"
        let left = try TemporaryFolder.with(jobs: json, file: "a.json")
        let right = try TemporaryFolder.with(jobs: yaml, file: "b.yml")
        try left.write("contacts.yaml", contacts)
        try right.write("contacts.yaml", contacts)
        let one = try left.load()
        let two = try right.load()
        #expect(one.problems.map(\.description) == [] && two.problems.map(\.description) == [])
        let first = try #require(one.set).definitions
        let second = try #require(two.set).definitions
        #expect(first.map { $0.encoded() } == second.map { $0.encoded() })
        #expect(first.map(\.jobId) == ["caf\u{E9}", "m", "z"])
        #expect(Array(first[0].jobId.utf8) == Array("caf\u{E9}".utf8))
        #expect(
            first[0].parameters == [
                KeyValue("a", "true"), KeyValue("b", "2"), KeyValue("c", "1.50"),
            ])
        #expect(first[0].retryDelaysSeconds == [90, 300, 3_600])
        #expect(first[1].every == "5m")
    }

    @Test("An overlay changes schedules by override and adds its own")
    func overlay() throws {
        let folder = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - jobId: a
                    description: base
                    cadence: 0 1 * * *
                    targetPipeline: run
                    parameters: { x: "1", y: "2" }
                    slaMinutes: 60
                    tags: [base]
                  - { jobId: b, every: 5m, target: { name: run, parameters: { x: "1" } } }
                """)
        try folder.write(
            "environments/test/schedules/o.json",
            """
            { "overrides": [
              { "jobId": "a", "every": "10m", "slaMinutes": null, "tags": ["test"],
                "target": { "name": "other", "parameters": { "x": "3" } } },
              { "jobId": "b", "parameters": { "z": "${environment}" }, "enabled": false }
            ], "jobs": [ { "jobId": "c", "every": "1m", "targetPipeline": "other" } ] }
            """)
        try folder.write(
            "environments/test/targets.yaml",
            """
            targets:
              other: { process: { command: [/bin/false] } }
              run: { http: { url: "https://test.example.org" } }
            """)
        let base = try folder.load()
        #expect(base.problems == [] && base.set?.definitions.count == 2)
        #expect(base.job("a")?.environment == "")
        let test = try folder.load(environment: "test")
        #expect(test.problems.map(\.description) == [])
        let a = try #require(test.job("a"))
        #expect(a.cadence == "" && a.every == "10m" && a.slaMinutes == 0 && a.tags == ["test"])
        #expect(a.description == "base" && a.environment == "test")
        #expect(a.target?.command == ["/bin/false"])
        #expect(a.parameters == [KeyValue("x", "3"), KeyValue("y", "2")])
        let b = try #require(test.job("b"))
        #expect(b.parameters == [KeyValue("x", "1"), KeyValue("z", "${environment}")])
        #expect(b.target?.kind == "http" && !b.isEnabled)
        #expect(test.job("c")?.target?.name == "other")
    }

    @Test("An override that changes nothing that there is, or twice, is an error")
    func badOverrides() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: [{ jobId: nightly, every: 5m, targetPipeline: run }]")
        try folder.write(
            "environments/t/schedules/o.yaml",
            """
            overrides:
              - { jobId: nightl, enabled: false }
              - { enabled: false }
              - { jobId: nightly, enabled: false }
              - { jobId: nightly, enabled: true }
              - x
            """)
        let result = try folder.load(environment: "t")
        #expect(
            result.errors == [
                "there is no schedule 'nightl' to change", "an override names no schedule",
                "the schedule 'nightly' is overridden twice, first in "
                    + "environments/t/schedules/o.yaml:4",
                "an override names no schedule",
            ])
        #expect(result.problems.map(\.line) == [2, 3, 5, 6])
        try folder.write(
            "environments/t/schedules/o.yaml", "overrides: [{ jobId: nightly, enabeld: false }]")
        #expect(try folder.load(environment: "t").problems.first?.remedy == "did you mean enabled?")
        try folder.write("schedules/p.yaml", "jobs: []\noverrides: []\n")
        #expect(try folder.load().places == ["schedules/p.yaml:2: error: overrides"])
    }

    @Test("Calendars have names, weekends and holidays, and an overlay's takes the base's place")
    func calendars() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "schedules/calendars/us.json",
            #"{ "holidays": ["2027-01-01", {"date":"2026-12-25","name":"x"}],"#
                + #" "validThrough": "2027-12-31" }"#
        )
        try folder.write(
            "schedules/calendars/x.yaml",
            "name: middle-east\nweekend: [sat, FRI]\nholidays: []\nvalidThrough: 2027-12-31\n")
        try folder.write(
            "environments/e/schedules/calendars/us.json", #"{"validThrough":"2026-12-31"}"#)
        let base = try folder.load()
        #expect(base.problems == [])
        #expect(
            base.set?.calendars.map(JSONText.of) == [
                #"{"name":"middle-east","weekend":["FRI","SAT"],"validThrough":"2027-12-31"}"#,
                #"{"name":"us","weekend":["SAT","SUN"],"holidays":["2026-12-25","2027-01-01"],"#
                    + #""validThrough":"2027-12-31","names":[{"name":"2026-12-25","value":"x"}]}"#,
            ])
        #expect(try folder.load(environment: "e").set?.calendars[1].holidays == [])
    }

    @Test("A calendar that cannot be kept says where")
    func badCalendars() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "schedules/calendars/a.json",
            """
            { "weekend": ["MON","TUE","WED","THU","FRI","SAT","SUN"],
              "holidays": ["2026-02-30", { "name": "x" }, "2026-01-01", "2026-01-01",
              5], "name": "b" }
            """)
        try folder.write("schedules/calendars/b.json", "{\"validThrough\": \"2026\"}")
        try folder.write("schedules/calendars/c.ics", "BEGIN:VCALENDAR")
        #expect(
            try folder.load().places == [
                "schedules/calendars/a.json:1: warning: validThrough",
                "schedules/calendars/a.json:1: error: weekend",
                "schedules/calendars/a.json:2: error: holidays[0]",
                "schedules/calendars/a.json:2: error: holidays[1].date",
                "schedules/calendars/a.json:2: warning: holidays[3]",
                "schedules/calendars/a.json:3: error: holidays[4]",
                "schedules/calendars/b.json:1: error: name",
                "schedules/calendars/b.json:1: error: validThrough",
                "schedules/calendars/c.ics:0: error: ",
            ])
    }

    @Test("What changed is said field by field, in JSON")
    func differences() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: [{ jobId: a, every: 5m, targetPipeline: run, slaMinutes: 60 }]")
        let old = try #require(try folder.load().job("a"))
        #expect(FieldChanges.between(old, old) == [])
        var new = old
        new.every = ""
        new.cadence = "0 1 * * \"x"
        new.isEnabled = false
        new.slaMinutes = 90
        new.parameters = [KeyValue("a", "b")]
        new.target?.command = ["/bin/false"]
        let changes = FieldChanges.between(old, new)
        #expect(
            changes.map { "\($0.field): \($0.before) -> \($0.after)" } == [
                "enabled: true -> ", #"cadence:  -> "0 1 * * \"x""#, #"every: "5m" -> "#,
                #"target: {"name":"run","kind":"process","command":["/bin/true"],"#
                    + #""timeoutSeconds":3600,"graceSeconds":10} -> "#
                    + #"{"name":"run","kind":"process","command":["/bin/false"],"#
                    + #""timeoutSeconds":3600,"graceSeconds":10}"#,
                #"parameters:  -> [{"name":"a","value":"b"}]"#, "slaMinutes: 60 -> 90",
            ])
    }
}
