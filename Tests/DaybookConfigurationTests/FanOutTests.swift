import DaybookConfiguration
import Events
import Foundation
import Testing

@Suite struct FanOutTests {
    private static let base = """
        jobs:
          - jobId: pipeline
            cadence: "0 2 * * *"
            targetPipeline: run
            parameters: { Team: "${team}", Region: all }
            folders:
              input: inputs/sales_team_${team}/files_required
              output: outputs/sales_team_${team}/output/${scheduledDate}
            files: { in: input, pattern: "loans_*.csv" }

        """

    /// The base with this `forEach`.
    private func load(_ forEach: String, _ more: String = "") throws -> LoadResult {
        try TemporaryFolder.with(jobs: Self.base + "    forEach: \(forEach)\n" + more).load()
    }

    @Test("each element has a schedule of its own, with what it says itself")
    func elements() throws {
        let result = try load(
            """
            {as: team, list: [north, 7, {name: south, enabled: false, parameters: {Region: S},
                  timeZone: Europe/Berlin, alerts: {onFailure: [south-lead]}}],
                  none: {folders: {input: inputs/files_required, output: outputs/output}}}
            """)
        #expect(result.errors == [])
        let definitions = try #require(result.set).definitions
        #expect(
            definitions.map(\.jobId) == [
                "pipeline[7]", "pipeline[none]", "pipeline[north]", "pipeline[south]",
            ])
        let north = try #require(result.job("pipeline[north]"))
        #expect(north.rules?.fanOutOf == "pipeline" && north.rules?.element == "north")
        #expect(north.parameters.map(\.value) == ["all", "north"] && north.isEnabled)
        #expect(
            north.rules?.folders.map(\.path) == [
                "inputs/sales_team_north/files_required",
                "outputs/sales_team_north/output/${scheduledDate}",
            ])
        #expect(north.rules?.files?.pattern == "loans_*.csv")
        let south = try #require(result.job("pipeline[south]"))
        #expect(!south.isEnabled && south.zone == "Europe/Berlin")
        #expect(south.parameters.map(\.value) == ["S", "south"])
        #expect(south.alerts.map(\.recipients) == [["south-lead"]])
        let none = try #require(result.job("pipeline[none]"))
        #expect(none.rules?.folders.map(\.path) == ["inputs/files_required", "outputs/output"])
    }

    @Test("a list, and files of every kind, give the same schedules")
    func files() throws {
        let wanted = try #require(
            try load("{as: team, list: [north, {name: south, parameters: {Region: S}}]}").set)
        let files = [
            "teams.yaml": "- north\n- { name: south, parameters: { Region: S } }\n",
            "teams.json": #"["north", {"name": "south", "parameters": {"Region": "S"}}]"#,
            "teams.csv": "name,parameters.Region\r\nnorth,\r\n\"south\", S\r\n",
        ]
        for (name, text) in files {
            let folder = try TemporaryFolder.with(
                jobs: Self.base + "    forEach: {as: team, file: \(name)}\n")
            try folder.write("lists/\(name)", text)
            let result = try folder.load()
            #expect(result.problems.map(\.description) == [])
            #expect(result.set?.definitions == wanted.definitions, "\(name)")
        }
        let folder = try TemporaryFolder.with(
            jobs: Self.base + "    forEach: {as: team, file: teams.txt}\n")
        try folder.write("lists/teams.txt", "# teams\n north \n\nsouth\r\n")
        let names = try folder.load().set?.definitions.compactMap { $0.rules?.element }
        #expect(names == ["north", "south"])
        // An overlay's list takes the place of the base's.
        try folder.write("environments/dev/lists/teams.txt", "test\n")
        let dev = try folder.load(environment: "dev").set?.definitions.map(\.jobId)
        #expect(dev == ["pipeline[test]"])
    }

    @Test("a table's cells become flags, numbers and lists of names")
    func table() throws {
        let folder = try TemporaryFolder.with(
            jobs: Self.base + "    forEach: {as: team, file: t.csv}\n")
        try folder.write(
            "lists/t.csv",
            "name,enabled,slaMinutes,alerts.onFailure,tags,description\n"
                + "1,false,30,a;b c,x y,\"one, \"\"two\"\"\"\n")
        let definition = try #require(try folder.load().job("pipeline[1]"))
        #expect(!definition.isEnabled && definition.slaMinutes == 30)
        #expect(definition.alerts.map(\.recipients) == [["a", "b", "c"]])
        #expect(definition.tags == ["x", "y"] && definition.description == "one, \"two\"")
    }

    @Test("adding, removing or changing an element changes only its definition")
    func onlyIt() throws {
        func bytes(_ list: String) throws -> [String: [UInt8]] {
            let set = try #require(try load("{as: team, list: [\(list)]}").set)
            return Dictionary(
                uniqueKeysWithValues: set.definitions.map { ($0.jobId, $0.encoded()) })
        }
        let before = try bytes("a, b, c")
        let after = try bytes("b, {name: c, enabled: false}, d")
        #expect(before["pipeline[b]"] == after["pipeline[b]"])
        #expect(before["pipeline[c]"] != after["pipeline[c]"])
        #expect(Set(after.keys) == ["pipeline[b]", "pipeline[c]", "pipeline[d]"])
    }

    @Test(
        "what is wrong with elements is said, with its line",
        arguments: [
            ("{as: team, list: [a, a]}", "the element 'a' stands twice"),
            ("{as: team, list: [../x]}", "is no name of an element"),
            ("{as: team, list: [.x]}", "is no name of an element"),
            ("{as: team, list: [\"a b\"]}", "is no name of an element"),
            ("{as: team, list: [none]}", "not named none"),
            ("{as: team, list: [{enabled: true}]}", "the field name is missing"),
            ("{as: team, list: [{name: a, jobId: b}]}", "the field 'jobId' is not known"),
            ("{as: team, list: [a], file: b.txt}", "list and file both stand"),
            ("{as: team}", "nothing says what it is for"),
            ("{as: team, file: b.txt}", "there is no list 'b.txt'"),
            ("{as: team, file: ../b.txt}", "or a '/'"),
            ("{as: environment, list: [a]}", "means something in templates already"),
            ("{as: month end, list: [a]}", "letters, digits and _"),
            ("{list: [a]}", "does not name the element"),
            ("{as: team, list: [a], none: {folders: {input: \"inputs/sales_team_a\"}}}", "share"),
            (
                "{as: team, list: [a], none: {folders: {input: \"inputs/sales_team_a/x/y\"}}}",
                "share"
            ),
            (
                "{as: team, list: [a], none: {folders: {input: \"${scheduledDate}/in\"}}}",
                "begins with a date"
            ),
        ])
    func wrong(_ forEach: String, _ message: String) throws {
        let result = try load(forEach)
        #expect(result.set == nil)
        let found = result.problems.filter { $0.message.contains(message) }
        #expect(!found.isEmpty, "\(result.problems)")
        #expect(found.allSatisfy { $0.line > 0 && $0.file == "schedules/jobs.yaml" })
    }

    @Test(
        "paths that lead elsewhere, or name a date before the element, are refused",
        arguments: [
            ("/etc/${team}", "is absolute"), ("../${team}", "begins with a dot"),
            ("a/../${team}", "begins with a dot"), ("a//${team}", "has an empty part"),
            ("${team}/.hidden", "begins with a dot"), ("a\\\\b/${team}", "backslash"),
            ("${scheduledDate}/${team}", "a date stands before"),
            ("a/${team}-${scheduledDate}", "a date stands before"), ("a/$${team}", "does not name"),
        ])
    func paths(_ path: String, _ message: String) throws {
        let result = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - jobId: j
                    every: 1h
                    targetPipeline: run
                    forEach: { as: team, list: [a, b] }
                    folders: { out: "\(path)" }
                """
        ).load()
        #expect(result.errors.contains { $0.contains(message) }, "\(result.problems)")
        // Once, not for each element.
        #expect(result.errors.count == 1)
        #expect(result.problems.first?.line == 6)
    }

    @Test("a schedule without elements has folders and files too, and their rules hold")
    func places() throws {
        func load(_ more: String) throws -> LoadResult {
            try TemporaryFolder.with(
                jobs: "jobs: [ { jobId: j, every: 1h, targetPipeline: run, \(more) } ]"
            ).load()
        }
        let good = try load(
            "folders: { in: a/b }, files: {in: in, pattern: \"*\", onNone: skip, min: 2}")
        let files = try #require(good.job("j")?.rules?.files)
        #expect(files.onNone == "skip" && files.countMin == 2 && files.folder == "in")
        for (more, message) in [
            ("files: { in: in, pattern: x }", "there is no folder 'in'"),
            ("folders: { in: a }, files: { in: in, pattern: b/c }", "without /"),
            ("folders: { in: a }, files: { in: in, pattern: \"${x}\" }", "unknown"),
            ("folders: { in: a }, files: { in: in }", "the field pattern is missing"),
            ("folders: { a-b: a, a_b: b }", "become the same variable"),
            ("folders: { in: a }, parameters: { folder.in: b }", "made of folders and files"),
            ("folders: { \"in/x\": a }", "a folder's name"),
        ] {
            let result = try load(more)
            #expect(result.errors.contains { $0.contains(message) }, "\(result.problems)")
        }
        let bracket = try TemporaryFolder.with(
            jobs: "jobs: [ { jobId: \"a[b]\", every: 1h, targetPipeline: run } ]"
        ).load()
        #expect(bracket.errors.first?.contains("an element of 'a'") == true)
    }

    @Test("tables that cannot be read say where")
    func badTables() throws {
        for (text, line, message) in [
            ("team\nnorth\n", 1, "no column 'name'"), ("name,a,a\n", 1, "stands twice"),
            ("name\nnorth,x\n", 2, "has 2 cells"), ("name\n\"north\n", 2, "is not closed"),
            ("name\n\"a\"b\n", 2, "follows a quoted cell"),
            ("name,colour\nnorth,red\n", 2, "'colour' is not known"),
        ] {
            let folder = try TemporaryFolder.with(
                jobs: Self.base + "    forEach: {as: team, file: t.csv}\n")
            try folder.write("lists/t.csv", text)
            let result = try folder.load()
            let problem = result.problems.first { $0.file == "lists/t.csv" }
            #expect(problem?.line == line, "\(result.problems)")
            #expect(problem?.message.contains(message) == true, "\(result.problems)")
        }
        let folder = try TemporaryFolder.with(jobs: "jobs: []")
        try folder.write("lists/unused.txt", "a\n")
        try folder.write("lists/notes.md", "a\n")
        #expect(
            try folder.load().places == [
                "lists/notes.md:0: warning: ", "lists/unused.txt:0: warning: ",
            ])
    }

    @Test("a mistake in the job is said once, however many elements it has")
    func once() throws {
        let list = (0..<500).map { "t\($0)" }.joined(separator: ", ")
        let result = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - { jobId: j, every: 1x, targetPipeline: rum, calendar: c,
                      forEach: { list: [\(list)] } }
                """
        ).load()
        #expect(result.errors.count == 3, "\(result.errors.prefix(5))")
    }

    @Test("a job has at most 10,000 elements, and its ids at most 128 bytes")
    func many() throws {
        let folder = try TemporaryFolder.with(
            jobs: "jobs: [ { jobId: j, every: 1h, targetPipeline: run, forEach: {file: l.txt} } ]")
        try folder.write("lists/l.txt", (0..<10_000).map { "e\($0)\n" }.joined())
        #expect(try folder.load().set?.definitions.count == 10_000)
        try folder.write("lists/l.txt", (0...10_000).map { "e\($0)\n" }.joined())
        #expect(try folder.load().errors.first?.contains("10001 elements") == true)
        let long = String(repeating: "x", count: 100)
        let result = try TemporaryFolder.with(
            jobs: """
                jobs: [ { jobId: \(long), every: 1h, targetPipeline: run,
                  forEach: { list: [\(String(repeating: "y", count: 64))] } } ]
                """
        ).load()
        #expect(result.errors.first?.contains("more than 128 bytes") == true)
    }

    @Test("a dependency on a job means the same element where there is one, else all of them")
    func dependencies() throws {
        let result = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - { jobId: up, every: 1h, targetPipeline: run,
                      forEach: { list: [a, b, { name: off, enabled: false }] } }
                  - { jobId: down, every: 1h, targetPipeline: other,
                      forEach: { list: [a, z] }, dependencies: [{ type: job, name: up }] }
                  - { jobId: report, every: 1h, targetPipeline: other,
                      dependencies: [{ type: pipeline, name: run }] }
                  - { jobId: one, every: 1h, targetPipeline: other,
                      dependencies: [{ type: job, name: "up[b]" }] }
                """,
            targets: """
                targets: { run: { process: { command: [/bin/true] } },
                  other: { process: { command: [/bin/true] } } }
                """
        ).load()
        #expect(result.problems.map(\.description) == [])
        func names(_ job: String) -> [String]? { result.job(job)?.dependencies.map(\.name) }
        #expect(names("down[a]") == ["up[a]"])
        #expect(names("down[z]") == ["up[a]", "up[b]"])
        #expect(names("report") == ["up[a]", "up[b]"])
        #expect(names("one") == ["up[b]"])
        let circle = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - { jobId: x, every: 1h, targetPipeline: run, forEach: { list: [a] },
                      dependencies: [{ type: job, name: y }] }
                  - { jobId: y, every: 1h, targetPipeline: run, forEach: { list: [a] },
                      dependencies: [{ type: job, name: x }] }
                """
        ).load()
        #expect(circle.errors.first?.contains("x[a] -> y[a] -> x[a]") == true, "\(circle.errors)")
        let list = (0..<1_000).map { "e\($0)" }.joined(separator: ", ")
        let tooMany = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - { jobId: x, every: 1h, targetPipeline: run, forEach: { list: [\(list)] } }
                  - { jobId: y, every: 1h, targetPipeline: run,
                      dependencies: [{ type: job, name: x }] }
                """
        ).load()
        #expect(tooMany.errors.first?.contains("a record holds") == true)
    }

    @Test("an overlay changes the job of all elements, and its elements by a map of its own")
    func overlay() throws {
        let folder = try TemporaryFolder.with(
            jobs: Self.base + "    forEach: {as: team, list: [a]}\n")
        try folder.write(
            "environments/dev/schedules/dev.yaml",
            "overrides: [ { jobId: pipeline, every: 2m, forEach: { list: [b, c] } } ]")
        let dev = try #require(try folder.load(environment: "dev").set)
        #expect(dev.definitions.map(\.jobId) == ["pipeline[b]", "pipeline[c]"])
        #expect(dev.definitions.allSatisfy { $0.every == "2m" && $0.cadence.isEmpty })
    }

    @Test(
        "the work folder is none of the engine's own", arguments: ["log", "files/x", "..", ".", ""])
    func workFolder(_ path: String) throws {
        let folder = try TemporaryFolder.with(jobs: "jobs: []")
        try folder.write("daybook.yaml", "workFolder: \"\(path)\"\n")
        #expect(try folder.load().problems.map(\.field) == ["workFolder"])
    }
}
