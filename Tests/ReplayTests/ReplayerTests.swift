import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Replay
import Synchronization
import Testing

@Suite struct ReplayerTests {
    @Test("The digest is the same for one batch an event, for one batch in all, and as written")
    func batching() throws {
        let original = try Fixture.smallLog()
        let records = try Fixture.records(original)
        let expected = try Replayer(Fixture.data(original)).run()
        #expect(expected.events == UInt64(records.count))
        #expect(expected.isWholeLog)
        for perBatch in [1, 2, 7, records.count] {
            let disk = SimulatedDisk()
            try Fixture.write(records, perBatch: perBatch, to: disk)
            let result = try Replayer(Fixture.data(disk)).run()
            #expect(result.digest == expected.digest, "\(perBatch) records a batch")
        }
        let large = try Fixture.smallLog(batchByteCount: 1 << 20)
        #expect(try Replayer(Fixture.data(large)).run().digest == expected.digest)
    }

    @Test("A restart at every sequence of a small log gives the same digest")
    func restartAtEverySequence() throws {
        let original = try Fixture.smallLog()
        let records = try Fixture.records(original)
        let expected = try Replayer(Fixture.data(original)).run().digest
        for cut in stride(from: 1, to: records.count, by: 1) {
            var options = Replayer.Options()
            options.untilSequence = UInt64(cut - 1)
            let prefix = try Replayer(Fixture.data(original), options).run()
            #expect(prefix.lastSequence == UInt64(cut - 1))
            #expect(!prefix.isWholeLog)
            var state = prefix.state
            for record in records[cut...] { try state.apply(record.span.bytes) }
            #expect(state.digest() == expected, "cut before \(cut)")
        }
        // The same through the disk: the log is closed and opened again in the middle.
        let disk = SimulatedDisk()
        try Fixture.write(Array(records[..<40]), perBatch: 3, to: disk)
        let middle = try Replayer(Fixture.data(disk)).run()
        #expect(middle.lastSequence == 39)
        try Fixture.write(Array(records[40...]), perBatch: 5, to: disk)
        #expect(try Replayer(Fixture.data(disk)).run().digest == expected)
    }

    @Test("A replay until a time takes the events of that time in, and no later one")
    func untilTime() throws {
        let disk = try Fixture.smallLog()
        let events = try Fixture.records(disk).map { try Event(decoding: $0) }
        let moment = try Fixture.moment("2026-03-29T00:20:00Z")
        var options = Replayer.Options()
        options.untilTime = moment
        let result = try Replayer(Fixture.data(disk), options).run()
        let expected = events.last { $0.envelope.time <= moment }
        #expect(result.lastSequence == expected?.envelope.sequence)
        #expect(result.lastTime == moment)
        options.untilTime = moment - 1
        let before = try Replayer(Fixture.data(disk), options).run()
        #expect((before.lastSequence ?? 0) < (result.lastSequence ?? 0))
    }

    @Test("A restarted engine goes on from the rebuilt state, and its log replays")
    func continued() throws {
        let disk = try Fixture.smallLog()
        let rebuilt = try Replayer(Fixture.data(disk)).run()
        var maker = try Fixture.maker(
            disk, at: "2026-03-29T04:30:00Z", state: rebuilt.state
        ) { _ in Fixture.success() }
        try maker.advance(to: try Fixture.moment("2026-03-29T06:00:00Z"))
        try maker.handle(.stop(reason: "SIGTERM"))
        var state = maker.core.state
        let live = state.digest()
        try maker.close()
        var options = Replayer.Options()
        options.comparison = .every
        let result = try Replayer(Fixture.data(disk), options).run()
        #expect(result.digest == live)
        #expect(result.outcome == .agrees)
        #expect(result.checks.count > 2)
    }

    @Test("An event type that this build does not know is refused by number and sequence")
    func unknownType() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        let changed = SimulatedDisk()
        try Fixture.write(records + [unknownRecord(records.count)], perBatch: 4, to: changed)
        let error = try #require(throws: ReplayError.self) {
            try Replayer(Fixture.data(changed)).run()
        }
        #expect(error.code == .unknownEventType)
        #expect(error.sequence == UInt64(records.count))
        #expect(error.message.contains("event type 999"))
        var options = Replayer.Options()
        options.untilSequence = UInt64(records.count - 1)
        #expect(try Replayer(Fixture.data(changed), options).run().events == UInt64(records.count))
    }

    @Test("Damage gives the log's own error, with the segment and the offset")
    func damage() throws {
        let disk = try Fixture.smallLog()
        let path = "/data/log/00000000000000000000.log"
        disk.flipBit(3, at: 3 * 4_096 + 100, of: path)
        let error = try #require(throws: ReplayError.self) {
            try Replayer(Fixture.data(disk)).run()
        }
        #expect(error.code == .log)
        #expect(error.log?.code == .damaged)
        #expect(error.log?.segment == path)
        #expect(error.log?.offset == 3 * 4_096)
    }

    @Test("Progress is told, and beside a running engine only what is proved durable is read")
    func progressAndTrust() throws {
        let disk = try Fixture.smallLog()
        let count = try Fixture.records(disk).count
        var options = Replayer.Options()
        options.progressRecordCount = 50
        let told = Told()
        options.progress = { told.add($0.records) }
        let result = try Replayer(Fixture.data(disk), options).run()
        #expect(told.records == stride(from: 50, through: count, by: 50).map { UInt64($0) })
        #expect(result.trust == .everything)
        let beside = DataFolder(path: Fixture.folder, disk: disk, trust: .provedDurable)
        #expect(beside.isEngineRunning)
        let proved = try Replayer(beside).run()
        // The clean stop wrote a commit mark, so everything is proved.
        #expect(proved.events == UInt64(count))
        #expect(proved.json.contains("\"engineRunning\":true"))
    }

    @Test("A folder whose lock is held is read as far as it is proved, and the lock is left alone")
    func lockProbe() throws {
        try TemporaryFolder.with { path in
            #expect(try !DataFolder.onThisMachine(path).isEngineRunning)
            let store = try LogStore.open(
                folder: path, disk: RealDisk(), configuration: Fixture.log)
            #expect(try DataFolder.onThisMachine(path).isEngineRunning)
            try store.close()
            #expect(try !DataFolder.onThisMachine(path).isEngineRunning)
        }
    }

    /// A record whose payload has the number 999.
    private func unknownRecord(_ sequence: Int) -> [UInt8] { Fixture.unknownRecord(sequence) }
}

extension Fixture {
    /// A record whose payload has the number 999.
    static func unknownRecord(_ sequence: Int) -> [UInt8] {
        var envelope = Envelope()
        envelope.sequence = UInt64(sequence)
        envelope.time = 1_774_780_000_000_000
        envelope.tenant = "default"
        envelope.actor = "engine"
        return envelope.encoded() + varint(999 << 3 | 2) + [0]
    }
}

/// What a progress closure was told.
private final class Told: Sendable {
    private let list = Mutex<[UInt64]>([])

    func add(_ count: UInt64) { list.withLock { $0.append(count) } }

    var records: [UInt64] { list.withLock { $0 } }
}
