import DaybookTestSupport
import EventLog
import Events
import Projections
import Replay
import Testing

/// Replays that go on from a snapshot.
@Suite struct SnapshotReplayTests {
    private func replay(
        _ disk: SimulatedDisk, _ change: (inout Replayer.Options) -> Void
    ) throws -> ReplayResult {
        var options = Replayer.Options()
        options.start = .snapshot
        change(&options)
        return try Replayer(Fixture.data(disk), options).run()
    }

    /// A small log with snapshots in the first, second and last third.
    private func sample() throws -> (SimulatedDisk, records: [[UInt8]], at: [UInt64]) {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        let at = [records.count / 4, records.count / 2, records.count - 2].map { UInt64($0) }
        var state = ProjectedState()
        for (number, record) in records.enumerated() {
            try state.apply(record.span.bytes)
            guard at.contains(UInt64(number)) else { continue }
            try Snapshot.write(
                state, log: Fixture.sources.newIdentity(), dataFolder: Fixture.folder,
                disk: disk)
        }
        return (disk, records, at)
    }

    @Test("From a snapshot or from nothing, up to any sequence, the state is the same")
    func everySequence() throws {
        let (disk, records, at) = try sample()
        for sequence in 0..<UInt64(records.count) {
            let from = try replay(disk) { $0.untilSequence = sequence }
            let whole = try replay(disk) {
                $0.untilSequence = sequence
                $0.start = .nothing
            }
            #expect(from.digest == whole.digest)
            #expect(from.snapshot == at.last { $0 <= sequence })
            #expect(whole.snapshot == nil)
            #expect(from.events == sequence - (from.snapshot ?? 0) + (from.snapshot == nil ? 1 : 0))
            #expect(from.json.contains("\"snapshot\":\(from.snapshot.map(String.init) ?? "null")"))
        }
    }

    @Test("A moment takes the newest snapshot at or before it")
    func everyMoment() throws {
        let (disk, records, at) = try sample()
        var times: [Int64] = []
        for record in records { times.append(try Event(decoding: record).envelope.time) }
        for time in Set(times.flatMap { [$0 - 1, $0] }) {
            let from = try replay(disk) { $0.untilTime = time }
            let whole = try replay(disk) {
                $0.untilTime = time
                $0.start = .nothing
            }
            #expect(from.digest == whole.digest)
            #expect(from.snapshot == at.last { times[Int($0)] <= time })
        }
    }

    @Test("A comparison starts before the digest that it compares")
    func compares() throws {
        let (disk, records, at) = try sample()
        let last = try replay(disk) { $0.comparison = .last }
        #expect(last.outcome == .agrees)
        #expect(last.snapshot == at[2])
        #expect(last.checks.map(\.sequence) == [UInt64(records.count - 1)])
        let whole = try replay(disk) {
            $0.comparison = .every
            $0.start = .nothing
        }
        let every = try replay(disk) {
            $0.comparison = .every
            $0.untilSequence = at[2] - 1
        }
        #expect(every.outcome == .agrees)
        #expect(every.snapshot == at[1])
        let tail = whole.checks.map(\.sequence).filter { $0 > at[1] && $0 < at[2] }
        #expect(every.checks.map(\.sequence) == tail)
        // Up to just before a later snapshot the last digest may be older than that snapshot.
        for sequence in at {
            let bounded = try replay(disk) {
                $0.comparison = .last
                $0.untilSequence = sequence
            }
            #expect(bounded.outcome == .agrees)
            #expect(bounded.checks.first.map(\.sequence).map { $0 <= sequence } == true)
        }
    }

    @Test("A bad snapshot is passed over, said, and left where it is")
    func bad() throws {
        let (disk, _, at) = try sample()
        let path = Snapshot.path(dataFolder: Fixture.folder, sequence: at[2])
        disk.flipBit(0, at: 30, of: path)
        let result = try replay(disk) { _ in }
        #expect(result.snapshot == at[1])
        #expect(result.unusableSnapshots.map(\.path) == [path])
        #expect(disk.contents(of: path) != nil)
        let whole = try replay(disk) { $0.start = .nothing }
        #expect(result.digest == whole.digest)
    }
}
