import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Replay
import Testing

@Suite struct CompareTests {
    private func compared(
        _ disk: SimulatedDisk, _ comparison: Replayer.Comparison = .last
    ) throws -> ReplayResult {
        var options = Replayer.Options()
        options.comparison = comparison
        return try Replayer(Fixture.data(disk), options).run()
    }

    @Test("The digest recorded at a clean stop agrees, and every one recorded before it")
    func agrees() throws {
        let disk = try Fixture.smallLog()
        let last = try compared(disk)
        #expect(last.outcome == .agrees)
        #expect(last.checks.count == 1)
        #expect(last.checks.first?.sequence == last.lastSequence)
        let all = try compared(disk, .every)
        #expect(all.outcome == .agrees)
        #expect(all.checks.count == 6)
        #expect(try compared(disk, .none).outcome == .notAsked)
    }

    @Test("The last digest is found within the bounds, also segments back")
    func bounds() throws {
        let disk = try Fixture.smallLog()
        let sequences = try compared(disk, .every).checks.map(\.sequence)
        for (index, sequence) in sequences.enumerated() {
            var options = Replayer.Options()
            options.comparison = .last
            options.untilSequence = sequence
            let at = try Replayer(Fixture.data(disk), options).run()
            #expect(at.checks.map(\.sequence) == [sequence])
            options.untilSequence = sequence - 1
            let before = try Replayer(Fixture.data(disk), options).run()
            #expect(before.checks.map(\.sequence) == (index == 0 ? [] : [sequences[index - 1]]))
            if index == 0 { #expect(before.outcome == .nothingRecorded) }
        }
        let small = SimulatedDisk()
        let records = try Fixture.records(disk)
        var store = try LogStore.open(
            folder: Fixture.folder, disk: small,
            configuration: LogConfiguration(segmentByteCount: 6 * 4_096),
            sources: Fixture.sources)
        for record in records.prefix(records.count - 1) {
            let bytes = Fixture.varint(record.count) + record
            _ = try store.write(bytes.span.bytes, recordCount: 1)
        }
        try store.close()
        #expect(small.paths.filter { $0.hasSuffix(".log") }.count > 10)
        #expect(try compared(small).checks.map(\.sequence) == [sequences[sequences.count - 2]])
    }

    /// A log whose last digest was recorded by an engine that saw another pause reason.
    private func tampered(snapshot: Bool) throws -> (SimulatedDisk, other: ProjectedState) {
        let records = try Fixture.records(try Fixture.smallLog())
        var other = ProjectedState()
        for record in records.dropLast() {
            var event = try Event(decoding: record)
            if var due = event.payload as? RunDue, due.trigger == "manual" {
                due.businessDate = "1999-12-31"
                event.payload = due
            }
            try other.apply(event.encoded().span.bytes)
        }
        let digest = other.digest()
        var last = try Event(decoding: records[records.count - 1])
        var recorded = try #require(last.payload as? DigestRecorded)
        recorded.digest = digest.total
        recorded.projections = digest.projections
        last.payload = recorded
        let disk = SimulatedDisk()
        try Fixture.write(records.dropLast() + [last.encoded()], perBatch: 9, to: disk)
        if snapshot {
            try Snapshot.write(
                other, log: Fixture.sources.newIdentity(), dataFolder: Fixture.folder, disk: disk)
        }
        return (disk, other)
    }

    @Test("A difference names the projection and the first key, with both sides")
    func namesTheKey() throws {
        let (disk, _) = try tampered(snapshot: true)
        let result = try compared(disk)
        #expect(result.outcome == .differs)
        let differences = try #require(result.checks.first).differences
        #expect(differences.map(\.projection) == ["finished-runs"])
        let key = try #require(differences.first?.key)
        #expect(key.key.hasPrefix("run "))
        #expect(key.engine?.contains("1999-12-31") == true)
        #expect(key.rebuilt?.contains("2026-03-29") == true)
        #expect(differences.first?.buckets.count == 1)
        #expect(result.json.contains("\"comparison\":\"differs\""))
    }

    @Test("Without the snapshot, the projection and the bucket are named, and why no key is")
    func withoutSnapshot() throws {
        let (disk, _) = try tampered(snapshot: false)
        let result = try compared(disk)
        #expect(result.outcome == .differs)
        let difference = try #require(result.checks.first?.differences.first)
        #expect(difference.projection == "finished-runs")
        #expect(difference.buckets.count == 1)
        #expect(difference.key == nil)
        #expect(difference.note?.contains("without the snapshot") == true)
    }

    @Test("A snapshot that is damaged or of another digest names no key")
    func badSnapshot() throws {
        let (disk, other) = try tampered(snapshot: true)
        let sequence = try #require(other.lastSequence)
        let path = Snapshot.path(dataFolder: Fixture.folder, sequence: sequence)
        disk.flipBit(2, at: 200, of: path)
        let note = try compared(disk).checks.first?.differences.first?.note
        #expect(note?.contains("does not match its CRC-32C") == true)
        // The snapshot of the right state, but not of the recorded digest.
        var right = ProjectedState()
        for record in try Fixture.records(disk).dropLast() {
            try right.apply(record.span.bytes)
        }
        try Snapshot.write(
            right, log: Fixture.sources.newIdentity(), dataFolder: Fixture.folder, disk: disk)
        let second = try compared(disk).checks.first?.differences.first
        #expect(second?.key == nil)
        #expect(second?.note?.contains("is not of this digest") == true)
    }

    @Test("A projection in another version, or on one side only, is not comparable, by name")
    func notComparable() throws {
        let records = try Fixture.records(try Fixture.smallLog())
        var last = try Event(decoding: records[records.count - 1])
        var recorded = try #require(last.payload as? DigestRecorded)
        recorded.projections[0].version = 2
        recorded.projections[0].digest = [1, 2, 3]
        recorded.projections[1].name = "control-numbers"
        last.payload = recorded
        let disk = SimulatedDisk()
        try Fixture.write(records.dropLast() + [last.encoded()], perBatch: 9, to: disk)
        let result = try compared(disk)
        #expect(result.outcome == .notComparable)
        let check = try #require(result.checks.first)
        #expect(check.differences.isEmpty)
        #expect(
            check.notComparable == [
                "alerts (version 2 and 1)", "control-numbers (only recorded)",
                "blackouts (only here)",
            ])
    }
}
