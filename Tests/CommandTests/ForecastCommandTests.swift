import DaybookTestSupport
import Foundation
import Testing

@Suite("forecast and plan")
struct ForecastCommandTests {
    /// A configuration of three jobs, one with a calendar that runs out.
    private static func configure(_ folder: String, second: String = "30 2 * * *") throws {
        let calendars = "\(folder)/schedules/calendars"
        try FileManager.default.createDirectory(
            atPath: calendars, withIntermediateDirectories: true)
        try "targets:\n  transfer: { process: { command: [/usr/bin/true] } }\n"
            .write(toFile: "\(folder)/targets.yaml")
        try "{\"holidays\": [\"2026-03-30\"], \"validThrough\": \"2026-03-31\"}"
            .write(toFile: "\(calendars)/bank.json")
        try """
        jobs:
          - { jobId: first, cadence: "0 2 * * *", timeZone: Europe/Berlin, targetPipeline: transfer }
          - jobId: second
            cadence: "\(second)"
            timeZone: Europe/Berlin
            calendar: bank
            targetPipeline: transfer
          - { jobId: often, every: 30m, timeZone: UTC, targetPipeline: transfer }

        """.write(toFile: "\(folder)/schedules/jobs.yaml")
    }

    private static let window = ["--from", "2026-03-28", "--days", "4"]

    private static func files(_ folder: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            found[name] = FileManager.default.contents(atPath: "\(folder)/\(name)")
        }
        return found
    }

    @Test("forecast lists what will run and what will not, why, and what it takes for granted")
    func forecast() async throws {
        try await TemporaryFolder.with { folder in
            try Self.configure(folder)
            let text = try await Program.shell(
                "$daybook forecast --config \(folder) \(Self.window.joined(separator: " "))")
            #expect(text.code == 0, "\(text.errors)")
            #expect(text.lines.contains { $0.hasPrefix("-- Every attempt succeeds.") })
            let second = text.lines.filter { $0.contains("  second  ") }
            #expect(second.count == 4)
            #expect(
                second.allSatisfy { $0.contains("2026-03-31T02:30") != $0.contains("skipped") })
            #expect(text.output.contains("it is skipped (calendar): bank: holiday"))
            #expect(text.lines.count { $0.contains("it runs 48 times, the last at ") } == 4)
            #expect(text.output.contains("200 occurrences: 197 runs, 3 skipped\n"))
            #expect(
                text.output.contains(
                    "clocks go forward in Europe/Berlin at 2026-03-29T03:00:00+02:00, from +01:00 "
                        + "to +02:00: 2 schedules, 2 touched\n"))
            #expect(
                text.output.contains(
                    "  first: 2026-03-29T03:00:00+02:00 (at the end of the gap)\n"))
            #expect(text.output.contains("calendar 'bank' says nothing after 2026-03-31: second"))
            let all = try await Program.shell(
                "$daybook forecast --config \(folder) --all \(Self.window.joined(separator: " "))")
            #expect(all.lines.count { $0.contains("  often  ") } == 192)
        }
    }

    @Test("forecast gives every run as JSON; one job alone; a limit that is reached is said")
    func json() async throws {
        try await TemporaryFolder.with { folder in
            try Self.configure(folder)
            let command =
                "$daybook forecast --config \(folder) \(Self.window.joined(separator: " ")) --json"
            let result = try await Program.shell(command)
            #expect(result.code == 0 && result.errors.isEmpty)
            let object = try result.json()
            let rows = try #require(object["rows"] as? [[String: Any]])
            #expect(rows.count == 200)
            #expect(object["from"] as? String == "2026-03-28T00:00:00.000000Z")
            #expect(object["cutShort"] as? Bool == false)
            let first = try #require(rows.first { $0["jobId"] as? String == "first" })
            #expect(first["scheduledLocal"] as? String == "2026-03-28T02:00:00+01:00")
            #expect(first["expectedEnd"] as? String == "2026-03-28T01:00:01.000000Z")
            #expect(first["businessDate"] as? String == "2026-03-28")
            let one = try await Program.shell(command + " --job second")
            #expect(try (one.json()["rows"] as? [Any])?.count == 4)
            let short = try await Program.shell(command + " --limit 20")
            #expect(short.code == 0)
            #expect(try short.json()["cutShort"] as? Bool == true)
            #expect(short.errors.contains("the limit on runs was reached at 2026-03-28T"))
        }
    }

    @Test("forecast starts from the state and the history of a log, and changes nothing of it")
    func fromLog() async throws {
        try await TemporaryFolder.with { folder in
            let (config, data) = ("\(folder)/config", "\(folder)/data")
            try Self.configure(config)
            try LogFixture.write(to: data)
            let before = try Self.files(data)
            let command =
                "$daybook forecast --config \(config) --data \(data) --days 2 --json --from "
            let result = try await Program.shell(command + "2026-03-30")
            #expect(result.code == 0, "\(result.errors)")
            let assumptions = try #require(try result.json()["assumptions"] as? [String])
            // The log's own jobs are not in the configuration, and end with it.
            #expect(assumptions.contains { $0.contains("3 jobs without a history take 1.0 s") })
            #expect(try Self.files(data) == before)
            let early = try await Program.shell(command + "2026-03-29T00:00:00Z")
            expectMisuse(early, "--from: the log in \(data) goes on to 2026-03-29T04:05:00")
        }
    }

    @Test("plan says what a configuration would change of a log's schedules, and which runs")
    func plan() async throws {
        try await TemporaryFolder.with { folder in
            let (config, data) = ("\(folder)/config", "\(folder)/data")
            try Self.configure(config)
            try LogFixture.write(to: data)
            let before = try Self.files(data)
            let result = try await Program.run("plan", "--config", config, "--data", data)
            #expect(result.code == 1, "\(result.errors)")
            for line in ["+ schedule first", "- schedule one", "+ calendar bank"] {
                #expect(result.lines.contains(line), "\(result.output)")
            }
            #expect(result.lines.contains { $0.contains(" new, 0 otherwise, ") })
            #expect(result.lines.contains { $0.hasPrefix("+  ") && $0.contains("  first  ") })
            #expect(result.lines.contains { $0.hasPrefix("-  ") && $0.contains("  two  ") })
            let json = try await Program.run(
                "plan", "--config", config, "--data", data, "--days", "2", "--json")
            #expect(json.code == 1 && json.errors.isEmpty)
            let object = try json.json()
            #expect(object["created"] as? [String] == ["first", "often", "second"])
            #expect(object["removed"] as? [String] == ["one", "two"])
            let runs = try #require(object["runs"] as? [String: Any])
            #expect((runs["onlyAfter"] as? [Any])?.isEmpty == false)
            #expect(try Self.files(data) == before)
        }
    }

    @Test(
        "both refuse what cannot be meant",
        arguments: [
            "forecast", "forecast --config ''", "forecast --config CONFIG --days 0",
            "forecast --config CONFIG --days 367", "forecast --config CONFIG --days -1",
            "forecast --config CONFIG --days 99999999999999999999",
            "forecast --config CONFIG --limit 0", "forecast --config CONFIG --limit 1000001",
            "forecast --config CONFIG --from soon", "forecast --config CONFIG --from ''",
            "forecast --config CONFIG --job ''", "forecast --config CONFIG --external maybe",
            "forecast --config CONFIG --data ''", "forecast --config CONFIG --data /dev/null",
            "forecast --config CONFIG --data CONFIG", "forecast --config CONFIG --data /no/such",
            "plan --config CONFIG", "plan --data CONFIG", "plan --config CONFIG --data CONFIG",
            "plan --config CONFIG --data /no/such", "plan --config CONFIG --data CONFIG --days 0",
        ])
    func misuse(words: String) async throws {
        try await TemporaryFolder.with { folder in
            try Self.configure(folder)
            let words = words.replacing("CONFIG", with: folder)
            expectMisuse(try await Program.shell("$daybook \(words)"))
        }
    }

    @Test("both say no to a configuration that cannot be read, and to a job that is not there")
    func refusals() async throws {
        try await TemporaryFolder.with { folder in
            try Self.configure(folder, second: "0 25 * * *")
            for command in ["forecast", "plan --data /no/such"] {
                let result = try await Program.shell("$daybook \(command) --config \(folder)")
                expectNo(result, "daybook check --config")
            }
            expectNo(
                try await Program.run("forecast", "--config", "/no/such/folder"), "/no/such/folder")
            try Self.configure(folder)
            expectNo(
                try await Program.run("forecast", "--config", folder, "--job", "nix"),
                "there is no schedule 'nix'")
        }
    }
}
