import DaybookTestSupport
import Engine
import EventLog
import Events
import Foundation
import Projections
import Replay
import Testing

@Suite struct ExportTests {
    /// A job of four runs a day around 2026-03-29, when Berlin's clocks go forward.
    ///
    /// - the run of the 28th, 18:00, ends at 00:05 of the 29th;
    /// - 00:00 is skipped, since that run is open;
    /// - 06:00 succeeds; 12:00 fails for good; 18:00 ends at 00:10 of the 30th.
    ///
    /// And `berlin`, at 02:30 local time, which that day does not have: it runs at 03:00, which is
    /// 01:00 UTC.
    private func threeDays() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        var open: [AttemptRequest] = []
        var maker = try Fixture.maker(disk, at: "2026-03-28T17:30:00Z") { request in
            if request.jobId == "berlin" { return Fixture.success(milliseconds: 40) }
            if request.scheduled.contains("T18:00") {
                open.append(request)
                return nil
            }
            return request.scheduled.contains("T12:00")
                ? Fixture.failure() : Fixture.success(milliseconds: 2_000)
        }
        try maker.handle(
            .applyConfiguration(
                Fixture.configuration([
                    Fixture.definition("berlin", "30 2 * * *", zone: "Europe/Berlin"),
                    Fixture.definition("six-hourly", "0 */6 * * *"),
                ])))
        try maker.advance(to: try Fixture.moment("2026-03-29T00:05:00Z"))
        try maker.end(run: open[0].run, attempt: 1, Fixture.success(milliseconds: 9_999))
        let who = Authority(actor: "user:anna", ticket: "CHG-7")
        try maker.advance(to: try Fixture.moment("2026-03-29T13:00:00Z"))
        try maker.handle(.pause(ScheduleKey("default", "berlin"), reason: "audit", who))
        try maker.handle(.resume(ScheduleKey("default", "berlin"), reason: "audit over", who))
        try maker.advance(to: try Fixture.moment("2026-03-30T00:10:00Z"))
        try maker.end(run: open[1].run, attempt: 1, Fixture.success())
        try maker.close()
        return disk
    }

    private func text(_ disk: SimulatedDisk, _ path: String) throws -> String {
        String(decoding: try #require(disk.contents(of: path)), as: UTF8.self)
    }

    private let day = "/out/metadata/scheduler/2026/03/29"

    private func exporter(_ disk: SimulatedDisk, out: SimulatedDisk) -> Exporter {
        Exporter(Fixture.data(disk), out: "/out", outDisk: out)
    }

    @Test("A day checked by hand: runs over midnight, a skip, a failure, a clock change")
    func handChecked() throws {
        let disk = try threeDays()
        let out = SimulatedDisk()
        let result = try exporter(disk, out: out).export(day: UTCDay(parsing: "2026-03-29"))
        #expect(result.isComplete)
        #expect(result.folder == day)
        #expect(result.files.map(\.name) == ["runs.jsonl", "summary.json", "manifest.json"])
        #expect(
            out.paths.filter { $0.hasPrefix("/out") }.sorted() == [
                "\(day)/manifest.json", "\(day)/runs.jsonl", "\(day)/summary.json",
            ])
        let lines = try text(out, "\(day)/runs.jsonl").split(separator: "\n")
        let told = lines.map { line in
            let status = line.split(separator: "\"status\":\"")[1].prefix { $0 != "\"" }
            let local = line.split(separator: "\"local\":\"")[1].prefix { $0 != "\"" }
            return "\(local) \(status)"
        }
        #expect(
            told == [
                "2026-03-29T00:00:00+00:00 skipped", "2026-03-28T18:00:00+00:00 succeeded",
                "2026-03-29T03:00:00+02:00 succeeded", "2026-03-29T06:00:00+00:00 succeeded",
                "2026-03-29T12:00:00+00:00 dead",
            ])
        #expect(lines[1].contains("\"ended\":\"2026-03-29T00:05:00.000000Z\""))
        #expect(lines[1].contains("\"durationMs\":9999"))
        #expect(lines[4].contains("\"exitCode\":3"))
        #expect(lines[4].contains("\"failureClass\":\"exit\""))
        #expect(lines.allSatisfy { $0.hasSuffix("\"phi\":false}") })
        let summary = try text(out, "\(day)/summary.json")
        #expect(
            summary.contains(
                "\"ended\":{\"succeeded\":3,\"dead\":1,\"skipped\":1,\"missed\":0,\"cancelled\":0}")
        )
        #expect(summary.contains("\"runLines\":5"))
        #expect(summary.contains("\"openRunCount\":1"))
        #expect(summary.contains("\"openRuns\":[\n{\"kind\":\"run\""))
        #expect(summary.contains("\"local\":\"2026-03-29T18:00:00+00:00\""))
        #expect(
            summary.contains(
                "\"jobId\":\"six-hourly\",\"succeeded\":2,\"dead\":1,\"skipped\":1,\"missed\":0,"
                    + "\"cancelled\":0,\"retries\":0,\"late\":0,\"slaMissed\":0,"
                    + "\"durationMinMs\":2000,\"durationMedianMs\":2000,\"durationMaxMs\":9999"))
        #expect(summary.contains("\"ticket\":\"CHG-7\""))
        #expect(summary.contains("\"complete\":true"))
    }

    @Test("The sequences of days join, and the digest is that of the day's end")
    func daysJoin() throws {
        let disk = try threeDays()
        let out = SimulatedDisk()
        let events = try Fixture.records(disk).map { try Event(decoding: $0) }
        _ = try exporter(disk, out: out).export(day: UTCDay(parsing: "2026-03-28"))
        _ = try exporter(disk, out: out).export(day: UTCDay(parsing: "2026-03-29"))
        let start = try Fixture.moment("2026-03-29T00:00:00Z")
        let end = try Fixture.moment("2026-03-30T00:00:00Z")
        let inDay = events.filter { $0.envelope.time >= start && $0.envelope.time < end }
        let first = try #require(inDay.first?.envelope.sequence)
        let last = try #require(inDay.last?.envelope.sequence)
        let summary = try text(out, "\(day)/summary.json")
        #expect(summary.contains("\"events\":\(inDay.count),"))
        #expect(summary.contains("\"firstSequence\":\(first),"))
        #expect(summary.contains("\"lastSequence\":\(last),"))
        #expect(summary.contains("\"previousLastSequence\":\(first - 1),"))
        let before = try text(out, "/out/metadata/scheduler/2026/03/28/summary.json")
        #expect(before.contains("\"lastSequence\":\(first - 1),"))
        #expect(before.contains("\"previousLastSequence\":null"))
        #expect(before.contains("\"type\":\"scheduler.configuration.applied\""))
        var options = Replayer.Options()
        options.untilSequence = last
        let state = try Replayer(Fixture.data(disk), options).run()
        #expect(summary.contains("\"digest\":\"\(state.digest.hex)\""))
        for (type, count) in Dictionary(grouping: inDay, by: \.type).mapValues(\.count) {
            #expect(summary.contains("\"\(type.name)\":\(count)"))
        }
    }

    @Test("A day's blackouts are changes, and acts by hand where a person declared them")
    func blackouts() throws {
        let disk = SimulatedDisk()
        var maker = try Fixture.maker(disk, at: "2026-03-29T01:00:00Z") { _ in Fixture.success() }
        try maker.handle(
            .applyConfiguration(Fixture.configuration([Fixture.definition("a", "0 9 * * *")])))
        var blackout = BlackoutDefinition()
        blackout.name = "bank"
        blackout.reason = "bank is down"
        blackout.action = "defer"
        blackout.source = "api"
        let who = Authority(actor: "user:anna", ticket: "CHG-7")
        try maker.handle(.declareBlackout(blackout, tenant: "default", who))
        try maker.handle(
            .liftBlackout(ScheduleKey("default", "bank"), reason: "bank is back", who))
        try maker.advance(to: try Fixture.moment("2026-03-30T00:10:00Z"))
        try maker.close()
        let out = SimulatedDisk()
        _ = try exporter(disk, out: out).export(day: UTCDay(parsing: "2026-03-29"))
        let summary = try text(out, "\(day)/summary.json")
        let parsed = try JSONSerialization.jsonObject(with: Data(summary.utf8))
        let lists = try #require(parsed as? [String: Any])
        for list in ["scheduleChanges", "manualActs"] {
            let items = try #require(lists[list] as? [[String: Any]], "\(list)")
            let types = items.compactMap { $0["type"] as? String }
            let acts = ["scheduler.blackout.declared", "scheduler.blackout.lifted"]
            #expect(types.suffix(2) == acts[...])
            #expect(items.suffix(2).allSatisfy { $0["ticket"] as? String == "CHG-7" })
        }
    }

    @Test("Twice gives the same bytes, and other bytes are never overwritten")
    func twice() throws {
        let disk = try threeDays()
        let out = SimulatedDisk()
        let asked = try UTCDay(parsing: "2026-03-29")
        let first = try exporter(disk, out: out).export(day: asked)
        let bytes = try text(out, "\(day)/summary.json")
        let second = try exporter(disk, out: out).export(day: asked)
        #expect(first.files.map(\.sha256) == second.files.map(\.sha256))
        #expect(second.files.allSatisfy { $0.wasThere })
        let other = SimulatedDisk()
        _ = try exporter(disk, out: other).export(day: asked)
        #expect(try text(other, "\(day)/summary.json") == bytes)
        other.setContents(of: "\(day)/runs.jsonl", Array("{}\n".utf8))
        other.erase("\(day)/manifest.json")
        let error = try #require(throws: ReplayError.self) {
            try exporter(disk, out: other).export(day: asked)
        }
        #expect(error.code == .wouldOverwrite)
        #expect(error.message.contains("\(day)/runs.jsonl"))
        #expect(other.contents(of: "\(day)/runs.jsonl") == Array("{}\n".utf8))
        #expect(other.contents(of: "\(day)/manifest.json") == nil)
        #expect(!other.paths.contains { $0.contains(".daybook-export") })
    }

    @Test("The manifest names every other file with its size and SHA-256")
    func manifest() throws {
        let disk = try threeDays()
        let out = SimulatedDisk()
        let result = try exporter(disk, out: out).export(day: UTCDay(parsing: "2026-03-29"))
        let manifest = try text(out, "\(day)/manifest.json")
        for file in result.files.dropLast() {
            let bytes = try #require(out.contents(of: "\(day)/\(file.name)"))
            #expect(bytes.count == file.byteCount)
            #expect(
                manifest.contains(
                    "{\"name\":\"\(file.name)\",\"bytes\":\(bytes.count),"
                        + "\"sha256\":\"\(file.sha256)\"}"))
        }
        #expect(manifest.hasPrefix("{\n\"format\":1,\n\"day\":\"2026-03-29\",\n"))
    }

    @Test("A day that is not over is refused, or written apart where that is asked for")
    func openDay() throws {
        let disk = try threeDays()
        let out = SimulatedDisk()
        let asked = try UTCDay(parsing: "2026-03-30")
        let error = try #require(throws: ReplayError.self) {
            try exporter(disk, out: out).export(day: asked)
        }
        #expect(error.code == .dayOpen)
        #expect(out.paths.allSatisfy { !$0.hasPrefix("/out") })
        let result = try exporter(disk, out: out).export(day: asked, allowOpenDay: true)
        #expect(!result.isComplete)
        let last = try Fixture.records(disk).count - 1
        let digits = String(last)
        let suffix = String(repeating: "0", count: 20 - digits.count) + digits
        #expect(result.folder == "/out/metadata/scheduler/2026/03/30.incomplete-\(suffix)")
        #expect(try text(out, "\(result.folder)/summary.json").contains("\"complete\":false"))
    }

    @Test("A day before the log is refused, and an empty day within it is a day")
    func daysWithout() throws {
        let disk = try threeDays()
        let out = SimulatedDisk()
        let error = try #require(throws: ReplayError.self) {
            try exporter(disk, out: out).export(day: UTCDay(parsing: "2026-03-01"))
        }
        #expect(error.code == .notFound)
        let state = try Replayer(Fixture.data(disk)).run().state
        var maker = try Fixture.maker(disk, at: "2026-04-02T05:00:00Z", state: state) { _ in
            Fixture.success()
        }
        try maker.advance(to: try Fixture.moment("2026-04-02T05:00:10Z"))
        try maker.close()
        let result = try exporter(disk, out: out).export(day: UTCDay(parsing: "2026-04-01"))
        let summary = try text(out, "\(result.folder)/summary.json")
        #expect(summary.contains("\"events\":0,"))
        #expect(summary.contains("\"firstSequence\":null,"))
    }

    @Test("Whichever call fails, nothing half written stands in the day's folder")
    func failures() throws {
        let disk = try threeDays()
        let asked = try UTCDay(parsing: "2026-03-29")
        let whole = SimulatedDisk()
        _ = try exporter(disk, out: whole).export(day: asked)
        let calls = whole.callCount
        for call in 1...calls {
            let out = SimulatedDisk()
            out.failCall(call, .before)
            _ = try? exporter(disk, out: out).export(day: asked)
            for name in ["runs.jsonl", "summary.json", "manifest.json"] {
                if let bytes = out.contents(of: "\(day)/\(name)") {
                    #expect(bytes == whole.contents(of: "\(day)/\(name)"), "call \(call)")
                }
            }
            out.heal()
            let result = try exporter(disk, out: out).export(day: asked)
            #expect(result.isComplete)
            #expect(!out.paths.contains { $0.contains(".daybook-export") }, "call \(call)")
        }
    }

    @Test(
        "A day is written YYYY-MM-DD and exists",
        arguments: [
            "2026-02-30", "2026-13-01", "2026-1-01", "20260101", "2026-00-10", "x026-01-01", "",
            "2026-01-01T00:00:00Z", "2026-01-0１",
        ])
    func badDays(_ text: String) {
        #expect(throws: ReplayError.self) { try UTCDay(parsing: text) }
    }

    @Test("Days and moments agree over 400 years")
    func days() throws {
        var moment: Int64 = 0
        for _ in 0..<4_000 {
            let day = UTCDay(holding: moment)
            #expect(try UTCDay(parsing: day.description) == day)
            #expect(day.start <= moment && moment < day.end)
            moment += 37 * 86_400_000_000 + 12_345
        }
        #expect(try UTCDay(parsing: "1969-12-31") == UTCDay(holding: -1))
    }
}
