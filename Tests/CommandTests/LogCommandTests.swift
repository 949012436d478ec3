import DaybookTestSupport
import Foundation
import Testing

@Suite("log, bench, and what all commands share")
struct LogCommandTests {
    @Test("log stat counts what log cat prints")
    func statistics() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let result = try await Program.run("log", "stat", "--data", folder, "--json")
            #expect(result.code == 0)
            let object = try result.json()
            let cat = try await Program.run("log", "cat", "--data", folder)
            #expect(cat.code == 0)
            #expect(object["records"] as? Int == cat.lines.count)
            let counts = try #require(object["eventCounts"] as? [String: Int])
            let dead = try await Program.run(
                "log", "cat", "--data", folder, "--type", "run.dead", "--json")
            #expect(dead.lines.count == counts["scheduler.run.dead"])
            let text = try await Program.run("log", "stat", "--data", folder)
            let cells = text.lines.map { $0.split(separator: " ").map { String($0) } }
            #expect(cells.contains(["records", "\(cat.lines.count)"]), "\(text.output)")
            #expect(cells.contains(["scheduler.run.dead", "\(dead.lines.count)"]))
        }
    }

    @Test("log cat prints JSON lines within bounds, of a type, of a job")
    func cat() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let range = try await Program.run(
                "log", "cat", "--data", folder, "--from", "5", "--to", "9")
            let objects = try range.lines.map { line in
                try #require(
                    try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
            #expect(objects.compactMap { $0["sequence"] as? Int } == [5, 6, 7, 8, 9])
            let some = try await Program.run(
                "log", "cat", "--data", folder, "--job", "two", "--type", "run.failed", "--type",
                "scheduler.run.dead")
            #expect(some.lines.count == 3, "\(some.output)")
            #expect(some.lines.allSatisfy { $0.contains("\"jobId\":\"two\"") })
            for far in ["999999", String(UInt64.max)] {
                let result = try await Program.run("log", "cat", "--data", folder, "--from", far)
                #expect(result.code == 0, "\(result.errors)")
                #expect(result.output.isEmpty)
            }
        }
    }

    @Test("a reader that goes away ends log cat quietly")
    func closedPipe() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let result = try await Program.shell(
                "for i in 1 2 3 4 5 6 7 8; do $daybook log cat --data \(folder) | head -n 1; done")
            #expect(result.code == 0)
            #expect(result.errors.isEmpty)
            #expect(result.lines.count == 8)
            // The answer stays the answer, though nobody reads it.
            let check = try await Program.shell("$daybook check --config /nowhere | true")
            #expect(check.code == 1)
            #expect(check.errors.isEmpty)
        }
    }

    @Test("an output that cannot be written is said, not swallowed")
    func fullDisk() async throws {
        let result = try await Program.shell("$daybook next @daily > /dev/full")
        expectNo(result, "standard output cannot be written")
        expectNo(try await Program.shell("$daybook next --help > /dev/full"), "standard output")
    }

    @Test("damage in the log is a no, with the segment and the offset, from every command")
    func damage() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let segment = "\(folder)/log/00000000000000000000.log"
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: segment))
            try file.seek(toOffset: 4_096 + 400)
            try file.write(contentsOf: Data("not what was written".utf8))
            try file.close()
            for command in [
                "replay", "log stat", "log cat", "history --job one",
                "export --day 2026-03-28 --out \(folder)/out",
            ] {
                let result = try await Program.shell("$daybook \(command) --data \(folder)")
                expectNo(result, "00000000000000000000.log")
                #expect(result.errors.contains("4096"), "\(command): \(result.errors)")
            }
        }
    }

    @Test("progress is shown on a terminal only, and never beside JSON")
    func progress() async throws {
        try await TemporaryFolder.with { folder in
            try LogFixture.write(to: folder)
            let replay = "$daybook replay --data \(folder)"
            let erase = "\r\u{1B}[K"
            let seen = try await Program.shell("script -qec \"\(replay)\" /dev/null")
            #expect(seen.code == 0)
            #expect(seen.output.contains("\(erase)reading \(folder)\(erase)"))
            for quiet in ["script -qec \"\(replay) --json\" /dev/null", replay] {
                let result = try await Program.shell(quiet)
                #expect(result.code == 0)
                #expect(!(result.output + result.errors).contains("\u{1B}"))
            }
        }
    }

    @Test("bench append gives its figures as JSON and as a table, and leaves nothing")
    func benchAppend() async throws {
        try await TemporaryFolder.with { folder in
            let arguments = "--writers 4 --seconds 0.2 --folder \(folder)"
            let json = try await Program.shell("$daybook bench append \(arguments) --json")
            #expect(json.code == 0, "\(json.errors)")
            let object = try json.json()
            for key in [
                "events_per_second", "p50_us", "p99_us", "limit_events_per_second", "ratio",
            ] {
                #expect((object[key] as? Double ?? 0) > 0, "\(key)")
            }
            #expect(object["writers"] as? Int == 4)
            #expect(object["record_bytes"] as? Int == 200)
            let text = try await Program.shell("$daybook bench append \(arguments)")
            #expect(text.code == 0)
            #expect(text.lines.first?.hasPrefix("events a second ") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test("bench replay gives the same digest for the same events, and leaves nothing")
    func benchReplay() async throws {
        try await TemporaryFolder.with { folder in
            let arguments = "--events 1000 --folder \(folder)"
            let json = try await Program.shell("$daybook bench replay \(arguments) --json")
            #expect(json.code == 0, "\(json.errors)")
            let object = try json.json()
            #expect((object["events_per_second"] as? Int ?? 0) > 0)
            #expect((object["iterate_events_per_second"] as? Int ?? 0) > 0)
            let digest = try #require(object["digest"] as? String)
            let text = try await Program.shell("$daybook bench replay \(arguments)")
            #expect(text.code == 0)
            #expect(text.output.contains(digest))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test("bench make-log keeps a log that replays, verifies and is measured, and is made once")
    func benchMakeLog() async throws {
        try await TemporaryFolder.with { folder in
            let made = "\(folder)/made"
            let make =
                "$daybook bench make-log --years 0.01 --ops-per-day 60 --seed 9 --folder \(made)"
            let first = try await Program.shell(make + " --json")
            #expect(first.code == 0, "\(first.errors)")
            let object = try first.json()
            let digest = try #require(object["digest"] as? String)
            #expect(object["days"] as? Int == 4)
            let measured = try await Program.shell("$daybook bench replay --folder \(made) --json")
            #expect(measured.code == 0, "\(measured.errors)")
            let figures = try measured.json()
            #expect(figures["digest"] as? String == digest)
            #expect(figures["events"] as? Int == object["events"] as? Int)
            #expect((figures["memory_bytes_max"] as? Int ?? 0) > 1 << 20)
            let replay = try await Program.shell("$daybook replay --data \(made) --compare-every")
            #expect(replay.code == 0)
            #expect(try await Program.shell("$daybook verify \(made)").code == 0)
            let again = try await Program.shell(make)
            #expect(again.code == 1)
            #expect(again.errors.contains("holds a log"))
        }
    }

    @Test("bench make-golden makes a folder that replays and verifies")
    func benchMakeGolden() async throws {
        try await TemporaryFolder.with { folder in
            let golden = "\(folder)/v0"
            let make = try await Program.shell("$daybook bench make-golden --out \(golden)")
            #expect(make.code == 0, "\(make.errors)")
            let replay = try await Program.shell(
                "$daybook replay --data \(golden) --compare-every")
            #expect(replay.code == 0)
            #expect(try await Program.shell("$daybook verify \(golden)").code == 0)
        }
    }
}
