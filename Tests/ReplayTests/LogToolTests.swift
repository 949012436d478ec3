import Bench
import DaybookTestSupport
import EventLog
import Events
import Projections
import Replay
import Testing

@Suite struct LogToolTests {
    @Test("Statistics count every record, batch and mark, and types that are not known")
    func statistics() throws {
        let records = try Fixture.records(try Fixture.smallLog())
        let disk = SimulatedDisk()
        let all = records + [Fixture.unknownRecord(records.count)]
        try Fixture.write(all, perBatch: 10, to: disk)
        let statistics = try LogContents.gather(Fixture.data(disk))
        #expect(statistics.records == UInt64(all.count))
        #expect(statistics.batches == (all.count + 9) / 10)
        // One mark at the opening, one at the close.
        #expect(statistics.commitMarks == 2)
        #expect(statistics.segments == 1)
        #expect(statistics.unknownTypeCounts == ["999": 1])
        #expect(statistics.eventCounts.values.reduce(0, +) == UInt64(records.count))
        #expect(statistics.eventCounts["scheduler.engine.started"] == 1)
        #expect(statistics.firstTime == "2026-03-28T22:10:00.000000Z")
        #expect(statistics.lastSequence == UInt64(all.count - 1))
        #expect(
            statistics.recordBytes == all.reduce(0) { $0 + $1.count + ($1.count < 128 ? 1 : 2) })
        #expect(statistics.bytes % 4_096 == 0)
    }

    private func lines(_ disk: SimulatedDisk, _ filter: LogCat.Filter) throws -> [String] {
        var lines: [String] = []
        _ = try LogCat.run(Fixture.data(disk), filter) { line in
            lines.append(line)
            return true
        }
        return lines
    }

    @Test("Cat prints each record as its JSON, and passes over what it does not know")
    func cat() throws {
        let records = try Fixture.records(try Fixture.smallLog())
        let disk = SimulatedDisk()
        let count = records.count
        let malformed: [UInt8] = [0x08]
        try Fixture.write(
            records + [Fixture.unknownRecord(count), malformed], perBatch: 10, to: disk)
        var found: [String] = []
        let result = try LogCat.run(Fixture.data(disk), LogCat.Filter()) { line in
            found.append(line)
            return true
        }
        #expect(result.printed == count + 2)
        #expect(result.unknown == 1)
        #expect(result.malformed == 1)
        #expect(found[..<count].elementsEqual(try records.map { try Event(decoding: $0).json }))
        #expect(
            found[count].hasPrefix("{\"sequence\":\(count),\"type\":\"unknown\",\"number\":999,"))
        #expect(found[count + 1].contains("\"type\":\"malformed\""))
    }

    @Test("Cat filters by sequence, type and schedule, and stops when asked to")
    func catFilters() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk).map { try Event(decoding: $0) }
        var filter = LogCat.Filter()
        filter.from = 5
        filter.to = 9
        #expect(try lines(disk, filter) == records[5...9].map(\.json))
        filter = LogCat.Filter()
        filter.types = try LogCat.types(named: "run.started")
        #expect(
            try lines(disk, filter) == records.filter { $0.type == .runStarted }.map(\.json))
        #expect(try LogCat.types(named: "schedule").count == 5)
        #expect(try LogCat.types(named: "scheduler.run.dead") == [.runDead])
        #expect(throws: ReplayError.self) { try LogCat.types(named: "nothing") }
        filter = LogCat.Filter()
        filter.jobId = "two"
        let two = try lines(disk, filter)
        #expect(two.count > 10)
        #expect(two.allSatisfy { $0.contains("\"jobId\":\"two\"") })
        var printed = 0
        let result = try LogCat.run(Fixture.data(disk), LogCat.Filter()) { _ in
            printed += 1
            return printed < 3
        }
        #expect(result.printed == 3)
    }

    @Test("The benchmark's log is valid, and the same count gives the same events")
    func bench() throws {
        try TemporaryFolder.with { path in
            let first = try benchReplay(events: 3_000, folder: path + "/a")
            let second = try benchReplay(events: 3_000, folder: path + "/b")
            #expect(first.events >= 3_000)
            #expect(first.events == second.events)
            #expect(first.eventsPerSecond > 0)
            let report = try LogInspection.inspect(folder: path + "/a", disk: RealDisk())
            #expect(report.verdict == .clean)
        }
    }
}
