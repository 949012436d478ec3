import DaybookTestSupport
import Foundation
import Testing

@Suite("check, init and next")
struct ConfigurationCommandTests {
    @Test(
        "init writes a sample that passes the check, says what comes next, and overwrites nothing")
    func sample() async throws {
        try await TemporaryFolder.with { folder in
            let place = "\(folder)/my sample"
            let made = try await Program.run("init", place)
            #expect(made.code == 0)
            #expect(made.lines.contains("wrote \(place)/config/daybook.yaml"))
            #expect(made.lines.contains("  daybook check --config '\(place)/config'"))
            #expect(made.output.contains("daybook serve --config '\(place)/config' --data "))
            expectNo(try await Program.run("init", place), "Nothing was written")
            let check = try await Program.run("check", "--config", "\(place)/config", "--json")
            #expect(check.code == 0)
            let json = try check.json()
            #expect(json["errors"] as? Int == 0)
            #expect((json["schedules"] as? Int ?? 0) >= 6)
            expectMisuse(try await Program.run("init", ""), "folder")
            expectMisuse(try await Program.run("init"))
        }
    }

    @Test("check lists every problem with file, line and remedy, and counts them")
    func problems() async throws {
        try await TemporaryFolder.with { folder in
            _ = try await Program.run("init", folder)
            try "port: 99999\nhots: x\n".write(toFile: "\(folder)/config/daybook.yaml")
            try "jobs:\n  - jobId: a\n    cadence: 0 25 * * *\n    targetPipeline: no_such\n"
                .write(toFile: "\(folder)/config/schedules/bad.yaml")
            let text = try await Program.run("check", "--config", "\(folder)/config/")
            #expect(text.code == 1)
            let shape = /.*\/config\/[a-z\/.]+:\d+(:\d+)?: (error|warning): .*; .*/
            #expect(text.lines.count > 3)
            for line in text.lines.dropLast() {
                #expect(line.wholeMatch(of: shape) != nil, "\(line)")
            }
            let json = try await Program.run("check", "--config", "\(folder)/config", "--json")
            #expect(json.code == 1)
            let object = try json.json()
            let errors = try #require(object["errors"] as? Int)
            let warnings = try #require(object["warnings"] as? Int)
            let list = try #require(object["problems"] as? [[String: Any]])
            #expect(errors >= 3)
            #expect(list.count == errors + warnings)
            #expect(text.lines.last?.hasPrefix("\(errors) errors, \(warnings) warning") == true)
            #expect(object["schedules"] is NSNull)
            #expect(list.contains { $0["file"] as? String == "schedules/bad.yaml" })
        }
    }

    @Test("check says no to a folder that is missing, and refuses wrong use")
    func noFolder() async throws {
        let result = try await Program.run("check", "--config", "/no/such/folder")
        #expect(result.code == 1)
        #expect(result.lines.last == "1 error, 0 warnings")
        expectMisuse(try await Program.run("check"), "--config")
        expectMisuse(try await Program.run("check", "--config", ""), "empty")
        let sample = try await Program.run(
            "check", "--config", "/", "--environment", "../../etc")
        #expect(sample.code == 1)
    }

    @Test("next gives local time and UTC over a change of clocks, as text and as JSON")
    func next() async throws {
        let text = try await Program.run(
            "next", "30 2 * * *", "--tz", "Europe/Berlin", "--after", "2026-03-28", "--count", "3")
        #expect(text.code == 0)
        #expect(
            text.lines == [
                "-- Runs at 02:30 every day. At a clock change: times that a clock change leaves "
                    + "out run once, at its end (of three hours or more: not at all); of two equal "
                    + "times the first runs.",
                "2026-03-28T02:30:00+01:00  2026-03-28T01:30:00Z",
                "-- clocks go forward at 2026-03-29T03:00:00+02:00: from +01:00 to +02:00",
                "2026-03-29T03:00:00+02:00  2026-03-29T01:00:00Z  "
                    + "(for the times that the clock change leaves out)",
                "2026-03-30T02:30:00+02:00  2026-03-30T00:30:00Z",
            ])
        let json = try await Program.run(
            "next", "0 3 * * *", "--tz", "Europe/Berlin", "--after", "2026-03-28T12:00:00Z",
            "--count", "1", "--json")
        #expect(
            json.output == #"{"zone":"Europe/Berlin","instants":[{"utc":"2026-03-29T01:00:00Z","#
                + #""local":"2026-03-29T03:00:00+02:00"}]}"# + "\n")
    }

    @Test("next stops where there is no more, and starts from now where it is not told")
    func ends() async throws {
        let rare = try await Program.run(
            "next", "0 0 29 2 *", "--after", "9995-01-01", "--count", "5", "--json")
        #expect(rare.code == 0)
        let instants = try #require(try rare.json()["instants"] as? [[String: String]])
        #expect(instants.map { $0["utc"] } == ["9996-02-29T00:00:00Z"])
        let now = try await Program.run("next", "@hourly")
        #expect(now.code == 0)
        #expect(now.lines.count == 11)
        #expect(now.lines.dropFirst().allSatisfy { $0.hasSuffix(":00:00Z") })
    }

    @Test("next takes an interval or a configured job instead of an expression")
    func subjects() async throws {
        let every = try await Program.run(
            "next", "--every", "15m", "--after", "2026-01-01T00:00:00Z", "--count", "1")
        #expect(
            every.lines.dropFirst() == ["2026-01-01T00:15:00+00:00  2026-01-01T00:15:00Z"])
        try await TemporaryFolder.with { folder in
            _ = try await Program.run("init", folder)
            let config = "\(folder)/config"
            let job = try await Program.run(
                "next", "--job", "834-nightly", "--config", config, "--after", "2026-01-01",
                "--count", "1")
            #expect(
                job.lines.dropFirst() == ["2026-01-01T01:00:00+00:00  2026-01-01T01:00:00Z"])
            expectNo(
                try await Program.run("next", "--job", "nix", "--config", config), "no job 'nix'")
            try "port: x\n".write(toFile: "\(config)/daybook.yaml")
            expectNo(
                try await Program.run("next", "--job", "834-nightly", "--config", config),
                "daybook.yaml:1")
        }
    }

    @Test("next takes a recurrence rule from its start on, six fields, and a single moment")
    func kinds() async throws {
        let rule = try await Program.run(
            "next", "--rrule", "FREQ=DAILY;COUNT=4", "--start", "19970902T090000", "--tz",
            "America/New_York", "--exdate", "19970903T090000", "--rdate", "19970910T120000",
            "--count", "9", "--json")
        #expect(rule.code == 0)
        let instants = try #require(try rule.json()["instants"] as? [[String: String]])
        #expect(
            instants.map { $0["local"] } == [
                "1997-09-02T09:00:00-04:00", "1997-09-04T09:00:00-04:00",
                "1997-09-05T09:00:00-04:00", "1997-09-10T12:00:00-04:00",
            ])
        let six = try await Program.run(
            "next", "*/30 0 12 * * *", "--seconds", "--after", "2026-01-01", "--count", "2")
        #expect(
            six.lines.dropFirst() == [
                "2026-01-01T12:00:00+00:00  2026-01-01T12:00:00Z",
                "2026-01-01T12:00:30+00:00  2026-01-01T12:00:30Z",
            ])
        let gap = try await Program.run(
            "next", "30 2 * * *", "--on-gap", "sameOffset", "--tz", "Europe/Berlin", "--after",
            "2026-03-29", "--count", "1", "--json")
        #expect(gap.output.contains("2026-03-29T03:30:00+02:00"))
        let once = try await Program.run(
            "next", "--at", "2026-01-01T12:00:00Z", "--after", "2026-01-01")
        #expect(
            once.lines.dropFirst() == [
                "2026-01-01T12:00:00+00:00  2026-01-01T12:00:00Z",
                "-- no more until the end of the year 9999",
            ])
        let wrong = try await Program.run(
            "next", "--rrule", "FREQ=DAILY;COUNT=0", "--start", "19970902T090000")
        expectMisuse(wrong, "COUNT")
        expectMisuse(try await Program.run("next", "--rrule", "FREQ=DAILY"), "--start")
        expectMisuse(try await Program.run("next", "--every", "5m", "--seconds"), "--seconds")
    }

    @Test("next takes rules for clock changes with a recurrence rule, unless it counts time")
    func clockRules() async throws {
        func first(_ rule: String, _ options: String...) async throws -> [String] {
            let arguments = ["next", "--rrule", rule, "--start", "20261025T023000", "--json"]
            let result = try await Program.run(
                arguments: arguments + ["--tz", "Europe/Berlin", "--count", "2"] + options)
            let instants = try #require(try result.json()["instants"] as? [[String: String]])
            return instants.compactMap { $0["utc"] }
        }
        let (one, two) = ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")
        #expect(try await first("FREQ=DAILY;COUNT=1") == [one])
        #expect(try await first("FREQ=DAILY;COUNT=1", "--on-overlap", "second") == [two])
        #expect(try await first("FREQ=DAILY;COUNT=1", "--on-overlap", "both") == [one, two])
        expectMisuse(
            try await Program.run(
                "next", "--rrule", "FREQ=HOURLY", "--start", "20261025T023000", "--on-gap", "skip"),
            "elapsed time")
        expectMisuse(
            try await Program.run("next", "--every", "5m", "--on-gap", "skip"), "--rrule")
    }

    @Test("next takes a working day of each month, by a calendar of either kind or by none")
    func workingDay() async throws {
        try await TemporaryFolder.with { folder in
            try #"{"ics":"c.ics","validThrough":"2026-12-31","holidays":["2026-04-30"]}"#
                .write(toFile: "\(folder)/us.json")
            try
                ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:20260331\r\n"
                + "END:VEVENT\r\nEND:VCALENDAR\r\n").write(toFile: "\(folder)/c.ics")
            let options = ["--after", "2026-03-01", "--count", "2", "--json"]
            func locals(_ calendar: [String]) async throws -> [String] {
                let arguments = ["next", "--business-day", "-1", "--time", "17:00"]
                let result = try await Program.run(arguments: arguments + options + calendar)
                let instants = try #require(try result.json()["instants"] as? [[String: String]])
                return instants.compactMap { $0["local"]?.prefix(10).description }
            }
            #expect(try await locals([]) == ["2026-03-31", "2026-04-30"])
            #expect(
                try await locals(["--calendar", "\(folder)/c.ics"]) == ["2026-03-30", "2026-04-30"])
            #expect(
                try await locals(["--calendar", "\(folder)/us.json"])
                    == ["2026-03-30", "2026-04-29"])
            let range = ["--from", "2026-04-01", "--through", "2026-04-30", "--json"]
            let shown = try await Program.run(
                arguments: ["calendar", "\(folder)/us.json"] + range)
            #expect(shown.lines == [#"{"holidays":["2026-04-30"]}"#])
            try #"{"union":["eu"]}"#.write(toFile: "\(folder)/eu2.json")
            expectNo(
                try await Program.run(
                    arguments: ["calendar", "\(folder)/eu2.json"] + range), "no calendar 'eu'")
        }
        expectMisuse(try await Program.run("next", "--business-day", "1"), "--time")
        expectMisuse(
            try await Program.run("next", "--business-day", "0", "--time", "17:00"),
            "--business-day")
        expectMisuse(
            try await Program.run("next", "--business-day", "1", "--time", "25:00"), "--time")
    }

    @Test("next points at what is wrong in an expression")
    func caret() async throws {
        let result = try await Program.run("next", "0 25 * * *")
        expectMisuse(result, "hour, column 3")
        #expect(Array(result.errorLines.dropFirst()) == ["    0 25 * * *", "      ^"])
        expectMisuse(try await Program.run("next", "--every", "7x"), "every, column 2")
        let long = try await Program.run(
            "next", String(repeating: "0,", count: 400) + "99 * * * *")
        expectMisuse(long, "minute, column 801")
        #expect(long.errorLines.allSatisfy { $0.count < 200 })
    }

    @Test(
        "next refuses whatever else is wrong",
        arguments: [
            [], [""], ["--count", "0", "@daily"], ["--count", "-1", "@daily"],
            ["--count", "100001", "@daily"],
            ["--count", "99999999999999999999999999", "@daily"],
            ["--tz", "Europe/Berln", "@daily"], ["--tz", "../../etc/passwd", "@daily"],
            ["--tz", "", "@daily"], ["--after", "", "@daily"], ["--after", "soon", "@daily"],
            ["--after", "2026-02-30", "@daily"], ["--after", "99999-01-01", "@daily"],
            ["--every", ""], ["--every", "15m", "@daily"], ["--every", "99999999999999999999d"],
            ["--job", "a"], ["--config", "x", "@daily"], ["--environment", "x", "@daily"],
            ["--job", "a", "--config", "x", "--tz", "UTC"], ["0", "1", "*", "*", "*"],
            ["0 0 30 2 *"], ["\u{1B}[2J * * * *"],
        ])
    func misuse(arguments: [String]) async throws {
        let words = arguments.map { "'\($0)'" }.joined(separator: " ")
        let result = try await Program.shell("$daybook next \(words)")
        expectMisuse(result)
        #expect(!result.errors.contains("\u{1B}"))
    }
}
