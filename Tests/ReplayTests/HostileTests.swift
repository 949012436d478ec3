import DaybookTestSupport
import EventLog
import Events
import Projections
import Replay
import Testing

/// Records whose checksums are right and whose bytes are not what an engine writes.
@Suite struct HostileTests {
    @Test(
        "Changed records are refused or taken, and nothing traps or hangs",
        arguments: [UInt64(1), 2, 3, 4])
    func changedRecords(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = try Fixture.records(try Fixture.smallLog())
        for round in 0..<40 {
            var changed = records
            for _ in 0...(round % 3) {
                let index = Int(random.next() % UInt64(records.count))
                change(&changed[index], &random)
            }
            let disk = SimulatedDisk()
            try Fixture.write(changed, perBatch: 50, to: disk)
            let data = Fixture.data(disk)
            let refused = outcome { _ = try Replayer(data).run() }
            // The export reads fields that no projection folds, so it may refuse more, by sequence.
            let out = SimulatedDisk()
            let export = outcome {
                let exporter = Exporter(data, out: "/out", outDisk: out)
                _ = try exporter.export(day: UTCDay(parsing: "2026-03-29"), allowOpenDay: true)
            }
            if refused == nil {
                #expect(
                    [nil, .notFound, .notApplicable].contains(export),
                    "seed \(seed), round \(round)")
            }
            _ = outcome { _ = try History(data).runs(History.Query()) }
            _ = outcome { _ = try LogContents.gather(data) }
            let cat = try LogCat.run(data, LogCat.Filter()) { _ in true }
            #expect(cat.printed == records.count, "seed \(seed), round \(round)")
        }
    }

    /// The code of the refusal; any other error is a failure of the test.
    private func outcome(_ body: () throws -> Void) -> ReplayError.Code? {
        do {
            try body()
            return nil
        } catch let error as ReplayError {
            return error.code
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    private func change(_ record: inout [UInt8], _ random: inout SeededGenerator) {
        let index = Int(random.next() % UInt64(record.count))
        switch random.next() % 4 {
        case 0: record[index] ^= 1 << UInt8(random.next() % 8)
        case 1: record[index] = 0xFF
        case 2 where record.count > 1: record.removeLast(record.count - max(index, 1))
        default: record.insert(UInt8(random.next() % 256), at: index)
        }
    }

    private func expectImpossible(_ records: [[UInt8]]) {
        var state = ProjectedState()
        let error = #expect(throws: ProjectionError.self) {
            for record in records { try state.apply(record.span.bytes) }
        }
        #expect(error?.code == .impossible)
    }

    private func record<P: EventPayload>(_ sequence: UInt64, _ payload: P) -> [UInt8] {
        var envelope = Envelope()
        envelope.sequence = sequence
        envelope.time = 1
        return Event(envelope, payload).encoded()
    }

    @Test("A run of a schedule that does not exist, and counts that overflow, are refused")
    func arithmetic() {
        var created = ScheduleCreated()
        created.jobId = "a"
        created.definition = Fixture.definition("a", "* * * * *")
        var due = RunDue()
        due.run = 1
        due.jobId = "b"
        due.trigger = "manual"
        expectImpossible([record(0, created), record(1, due)])
        var skipped = RunSkipped()
        skipped.jobId = "a"
        skipped.count = .max
        skipped.last = 10
        var again = skipped
        again.last = 20
        expectImpossible([record(0, created), record(1, skipped), record(2, again)])
    }
}
