import DaybookTestSupport
import Foundation
import Testing

@Suite("replay, history and export")
struct EvidenceCommandTests {
    @Test("replay gives counts and the digest, the same at each call, and changes nothing")
    func replay() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let before = try Self.files(folder)
            let json = try await Program.run("replay", "--data", folder, "--compare", "--json")
            #expect(json.code == 0, "\(json.errors)")
            #expect(json.errors.isEmpty)
            let object = try json.json()
            let count = try LogFixture.records(folder).count
            #expect(object["events"] as? Int == count)
            #expect(object["lastSequence"] as? Int == count - 1)
            #expect(object["comparison"] as? String == "agrees")
            let digest = try #require(object["digest"] as? String)
            let text = try await Program.run("replay", "--data", folder, "--compare-every")
            #expect(text.code == 0)
            #expect(text.lines.contains("digest           \(digest)"), "\(text.output)")
            #expect(text.output.contains("agrees, with 6 recorded digests"), "\(text.output)")
            #expect(try Self.files(folder) == before)
        }
    }

    @Test("replay stops at a sequence, a moment or the end of a day")
    func until() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            func last(_ until: String) async throws -> (Int, String) {
                let result = try await Program.run(
                    "replay", "--data", folder, "--until", until, "--json")
                #expect(result.code == 0, "\(result.errors)")
                let object = try result.json()
                return (object["lastSequence"] as? Int ?? -1, object["lastTime"] as? String ?? "")
            }
            #expect(try await last("7").0 == 7)
            #expect(try await last("2026-03-28T23:30:00Z").1 == "2026-03-28T23:30:00.000000Z")
            #expect(
                try await last("2026-03-29T01:30:00+02:00").1 == "2026-03-28T23:30:00.000000Z")
            #expect(try await last("2026-03-28").1.hasPrefix("2026-03-28T23:"))
            #expect(try await last("2020-01-01").0 == -1)
            let end = try await last("2026-03-29")
            #expect(try await last(String(UInt64.max)) == end)
            let beyond = try await Program.run("replay", "--data", folder, "--until", "999999")
            #expect(beyond.errors == "daybook: the log ends before sequence 999999\n")
        }
    }

    @Test("replay --from-snapshot goes on from the snapshot, says so, and comes to the same digest")
    func fromSnapshot() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let whole = try await Program.run("replay", "--data", folder, "--json").json()
            let none = try await Program.run(
                "replay", "--data", folder, "--from-snapshot", "--json")
            #expect(try none.json()["snapshot"] is NSNull)
            let sequence = try LogFixture.writeSnapshot(folder)
            let from = try await Program.run(
                "replay", "--data", folder, "--from-snapshot", "--compare", "--json")
            #expect(from.code == 0, "\(from.errors)")
            let object = try from.json()
            #expect(object["snapshot"] as? Int == Int(sequence))
            #expect(object["events"] as? Int == 1)
            #expect(object["comparison"] as? String == "agrees")
            #expect(object["digest"] as? String == whole["digest"] as? String)
            let text = try await Program.run(
                "replay", "--data", folder, "--from-snapshot", "--until", "\(sequence)")
            #expect(
                text.output.contains("the snapshot of sequence \(sequence)"), "\(text.output)")
        }
    }

    @Test("replay --compare says no to a difference and names the projection and the first key")
    func differs() async throws {
        try await TemporaryFolder.with { folder in
            let (whole, tampered) = ("\(folder)/whole", "\(folder)/tampered")
            try LogFixture.write(to: whole)
            try LogFixture.writeTampered(whole, to: tampered)
            let text = try await Program.run("replay", "--data", tampered, "--compare")
            #expect(text.code == 1)
            #expect(text.errors.isEmpty)
            #expect(
                text.output.contains("projection 'finished-runs' differs, first at 'run "),
                "\(text.output)")
            #expect(text.output.contains("1999-12-31"))
            let json = try await Program.run("replay", "--data", tampered, "--compare", "--json")
            #expect(json.code == 1)
            #expect(try json.json()["comparison"] as? String == "differs")
            #expect(try await Program.run("replay", "--data", tampered).code == 0)
            let none = try await Program.run(
                "replay", "--data", whole, "--until", "3", "--compare")
            #expect(none.code == 1)
            #expect(none.output.contains("nothing: no digest is recorded up to here"))
        }
    }

    @Test("history lists a job's runs, newest first, page by page")
    func history() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let all = try await Program.run(
                "history", "--data", folder, "--job", "one", "--json")
            #expect(all.code == 0)
            let runs = try #require(try all.json()["runs"] as? [[String: Any]])
            #expect(runs.count == 18)
            let times = runs.compactMap { $0["scheduled"] as? String }
            #expect(times == times.sorted(by: >))
            var paged: [String] = []
            var cursor: [String] = []
            while paged.count < 100 {
                let page = try await Program.shell(
                    "$daybook history --data \(folder) --job one --limit 7 --json "
                        + cursor.joined(separator: " "))
                let object = try page.json()
                paged += (object["runs"] as? [[String: Any]] ?? [])
                    .compactMap { $0["scheduled"] as? String }
                guard let next = object["nextCursor"] as? String else { break }
                cursor = ["--cursor", next]
            }
            #expect(paged == times)
            let dead = try await Program.run(
                "history", "--data", folder, "--status", "dead", "--to", "2026-03-28")
            #expect(dead.code == 0)
            #expect(dead.lines.count == 2, "\(dead.output)")
            #expect(dead.output.contains("exit code 3"), "\(dead.output)")
            let none = try await Program.run("history", "--data", folder, "--job", "nix")
            #expect(none.code == 0)
            #expect(none.lines == ["no runs"])
        }
    }

    @Test("history --run tells the whole life of a run")
    func life() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let dead = try await Program.run(
                "history", "--data", folder, "--status", "dead", "--json")
            let runs = try #require(try dead.json()["runs"] as? [[String: Any]])
            let number = try #require(runs.first?["run"] as? Int)
            let text = try await Program.run("history", "--data", folder, "--run", "\(number)")
            #expect(text.code == 0)
            #expect(text.lines.first?.hasPrefix("Run \(number) of 'two'") == true)
            #expect(text.output.contains("Attempt 2 failed"))
            let json = try await Program.run(
                "history", "--data", folder, "--run", "\(number)", "--json")
            #expect((try json.json()["events"] as? [Any])?.isEmpty == false)
            for absent in ["0", "999999", String(UInt64.max)] {
                expectNo(
                    try await Program.run("history", "--data", folder, "--run", absent), absent)
            }
        }
    }

    @Test("history lists what one person did, or one ticket, by any key, page by page")
    func events() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            for key in ["--actor user:anna", "--ticket CHG-1", "--key actor:user:anna"] {
                let all = try await Program.shell("$daybook history --data \(folder) \(key) --json")
                #expect(all.code == 0, "\(all.errors)")
                let events = try #require(try all.json()["events"] as? [[String: Any]])
                #expect(events.first?["ticket"] as? String == "CHG-1")
                #expect(events.allSatisfy { $0["actor"] as? String == "user:anna" })
                #expect(try all.json()["nextCursor"] is NSNull)
            }
            let text = try await Program.shell("$daybook history --data \(folder) --ticket CHG-1")
            #expect(text.output.contains("scheduler.run.due"), "\(text.output)")
            let job = "$daybook history --data \(folder) --key job:default/two --limit 5"
            let page = try await Program.shell(job)
            let cursor = try #require(page.lines.last { $0.hasPrefix("more: ") }?.dropFirst(6))
            let next = try await Program.shell("\(job) \(cursor)")
            #expect(next.code == 0 && next.output != page.output)
            let none = try await Program.shell("$daybook history --data \(folder) --ticket CHG-2")
            #expect(none.code == 0 && none.lines == ["no events"])
        }
    }

    @Test("schedules --as-of says how they stood at a moment, without an engine")
    func asOf() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            func done(_ moment: String) async throws -> (Int, Int) {
                let result = try await Program.run(
                    "schedules", "--data", folder, "--as-of", moment, "--json")
                #expect(result.code == 0, "\(result.errors)")
                let list = try #require(try result.json()["schedules"] as? [[String: Any]])
                return (list.count, list.first?["succeeded"] as? Int ?? 0)
            }
            #expect(try await done("2026-03-28T22:00:00Z") == (0, 0))
            #expect(try await done("2026-03-28T22:25:00Z") == (2, 1))
            #expect(try await done("2026-03-29") > (2, 10))
            let text = try await Program.run("schedules", "--data", folder, "--as-of", "2026-03-29")
            #expect(text.output.contains("Europe/Berlin"), "\(text.output)")
        }
    }

    @Test("export writes a day, says the same twice, and never overwrites")
    func export() async throws {
        try await TemporaryFolder.with { folder in
            let (data, out) = ("\(folder)/data", "\(folder)/out")
            try LogFixture.write(to: data)
            let arguments = "export --data \(data) --out \(out)"
            let first = try await Program.shell("$daybook \(arguments) --day 2026-03-28 --json")
            #expect(first.code == 0, "\(first.errors)")
            let object = try first.json()
            let place = "\(out)/metadata/scheduler/2026/03/28"
            #expect(object["folder"] as? String == place)
            #expect(object["complete"] as? Bool == true)
            let again = try await Program.shell("$daybook \(arguments) --day 2026-03-28")
            #expect(again.code == 0)
            #expect(again.lines.first == place)
            #expect(again.lines.dropFirst().allSatisfy { $0.hasSuffix("(was there)") })
            #expect(again.lines.count == 4)
            try "other\n".write(toFile: "\(place)/summary.json")
            expectNo(
                try await Program.shell("$daybook \(arguments) --day 2026-03-28"), "other bytes")
            expectNo(try await Program.shell("$daybook \(arguments) --day 2026-03-29"), "not over")
            let open = try await Program.shell(
                "$daybook \(arguments) --day 2026-03-29 --allow-open-day")
            #expect(open.code == 0)
            #expect(open.lines.first?.contains("29.incomplete-") == true)
            expectNo(try await Program.shell("$daybook \(arguments) --day 2020-01-01"), "begins")
        }
    }

    @Test(
        "wrong use is refused before anything is read",
        arguments: [
            "replay", "replay --data ''", "replay --data /no/such/folder",
            "replay --data /etc/passwd", "log cat --data /dev/null",
            "replay --data . --until ''", "replay --data . --until -5",
            "replay --data . --until 99999999999999999999999", "replay --data . --until soon",
            "replay --data . --until 2026-03-29T01:00", "history --data /no/such/folder --job a",
            "history --data . --limit 0", "history --data . --limit 100001",
            "history --data . --status lost", "history --data . --by size",
            "history --data . --from 2026-03-29 --to 2026-03-28", "history --data . --run -1",
            "history --data . --run 1 --job a", "history --data . --file 1 --limit 3",
            "history --data . --from yesterday",
            "history --data . --run 1 --ticket a", "history --data . --actor a --ticket b",
            "history --data . --actor ''", "history --data . --key a --job b",
            "schedules --data . --as-of soon", "schedules --data . --as-of 2026-03-29 --limit 5",
            "schedules --as-of 2026-03-29 --url http://127.0.0.1", "bench history --events 9",
            "bench history --log /no/such/folder", "bench history --questions 0",
            "history --data $(mktemp -u) --cursor nonsense", "export --data . --out x",
            "export --data . --out x --day 2026-02-30", "export --data . --out '' --day 2026-02-03",
            "log stat", "log stat --data /no/such/folder", "log cat --data . --from -1",
            "log cat --data . --from 9 --to 8", "log cat --data . --type run.walked",
            "log cat --data . --from 99999999999999999999999", "bench append --writers 0",
            "bench append --writers 99999999999999999999999", "bench append --record-bytes 65536",
            "bench append --seconds nan", "bench append --seconds inf", "bench append --seconds -1",
            "bench append --seconds 1e300", "bench append --folder /no/such/folder",
            "bench replay --events 0", "bench replay --events 100000001",
            "bench make-log --folder x --years 0", "bench make-log --folder x --years nan",
            "bench make-log --folder x --ops-per-day 9", "bench make-log --folder x --seed -1",
            "bench make-log --folder x --digest-minutes 0", "bench make-log", "bench make-golden",
            "bench replay --folder /dev/null", "replay --data $'caf\\xe9'", "init $'caf\\xe9'",
        ])
    func misuse(command: String) async throws {
        expectMisuse(try await Program.shell("cd /; $daybook \(command)"))
    }

    /// The names, sizes and times of all files below a folder.
    private static func files(_ folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().map { name in
            let facts = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            return "\(name) \(facts[.size] ?? "") \(facts[.modificationDate] ?? "")"
        }
    }
}
