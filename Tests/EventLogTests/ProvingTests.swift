import DaybookTestSupport
import EventLog
import Testing

/// Proofs from small logs in every form.
@Suite struct ProvingTests {
    static let sizes = [1, 2, 7, 16, 33, 60]

    private func check(_ sample: SealedSample) throws {
        let keys = [try NoteFixture.logSigner().verifierKey]
        for size in Self.sizes {
            for sequence in 0..<size {
                let proof = try LogProver.prove(
                    folder: LogFixture.folder, disk: sample.disk,
                    sequence: SequenceNumber(UInt64(sequence)), checkpointSize: UInt64(size))
                #expect(proof.record == sample.records[sequence])
                #expect(proof.file.index == UInt64(sequence))
                let signatures = try proof.file.verify(record: proof.record, keys: keys)
                #expect(signatures.count == 1)
                #expect(proof.suspectTiles.isEmpty && proof.remarks.isEmpty)
            }
        }
        let tree = ProvingFixture.tree(sample.records)
        for old in Self.sizes {
            for new in Self.sizes where new >= old {
                let proof = try LogProver.consistency(
                    folder: LogFixture.folder, disk: sample.disk, old: UInt64(old),
                    new: UInt64(new))
                #expect(
                    proof.verify(oldRoot: tree.root(0..<old), newRoot: tree.root(0..<new)))
            }
        }
    }

    @Test("every record is proved at every checkpoint, from active, mixed and sealed segments")
    func everyRecord() throws {
        let sample = try ProvingFixture.sample(seed: 31, sizes: Self.sizes)
        try check(sample)
        let pending = try sample.pending
        try sample.seal(Array(pending.prefix(pending.count / 2)))
        try check(sample)
        try sample.seal()
        try check(sample)
    }

    @Test("the newest checkpoint that the log's key signed, and that covers the record, is taken")
    func newest() throws {
        let sample = try ProvingFixture.sample(seed: 32, sizes: [10, 40])
        let store = CheckpointStore(folder: LogFixture.folder, disk: sample.disk)
        func prove(_ sequence: UInt64) throws(EventLogError) -> LogProver.Proof {
            try LogProver.prove(
                folder: LogFixture.folder, disk: sample.disk, sequence: SequenceNumber(sequence))
        }
        #expect(try prove(3).file.checkpoint.checkpoint.size == 40)
        #expect(throws: EventLogError.code(.sequenceAbsent)) { _ = try prove(40) }
        sample.disk.setContents(of: store.path(size: 50), [1, 2])
        let proof = try prove(3)
        #expect(proof.file.checkpoint.checkpoint.size == 40)
        #expect(proof.remarks.count == 1)
        sample.disk.flipBit(0, at: 100, of: store.path(size: 40))
        #expect(try prove(3).file.checkpoint.checkpoint.size == 10)
        #expect(throws: EventLogError.code(.sequenceAbsent)) { _ = try prove(12) }
        #expect(throws: EventLogError.code(.sequenceAbsent)) {
            _ = try LogProver.prove(
                folder: LogFixture.folder, disk: sample.disk, sequence: SequenceNumber(12),
                checkpointSize: 10)
        }
        #expect(throws: EventLogError.code(.sequenceAbsent)) {
            _ = try LogProver.consistency(
                folder: LogFixture.folder, disk: sample.disk, old: 10, new: 11)
        }
    }

    @Test("a checkpoint of other records is damage, and so is one of more than there are")
    func mismatch() throws {
        let sample = try ProvingFixture.sample(seed: 33, sizes: [20])
        var other = sample.records
        other[4].append(1)
        try ProvingFixture.checkpoints([30], of: other, on: sample.disk)
        #expect(throws: EventLogError.code(.damaged)) {
            _ = try LogProver.prove(
                folder: LogFixture.folder, disk: sample.disk, sequence: .zero)
        }
        #expect(throws: EventLogError.code(.damaged)) {
            _ = try LogProver.consistency(
                folder: LogFixture.folder, disk: sample.disk, old: 20, new: 30)
        }
        let more = sample.records + sample.records
        try ProvingFixture.checkpoints([more.count], of: more, on: sample.disk)
        #expect(throws: EventLogError.code(.sequenceAbsent)) {
            _ = try LogProver.prove(
                folder: LogFixture.folder, disk: sample.disk, sequence: .zero)
        }
    }

    @Test("the frontiers of later headers are not believed where they contradict the checkpoint")
    func wrongFrontier() throws {
        let sample = try ProvingFixture.sample(seed: 34, sizes: [55])
        // A header that is valid in itself, with another tree.
        let name = try #require(try sample.pending.last)
        let path = LogFixture.path(name, ".log")
        var bytes = try #require(sample.disk.contents(of: path))
        bytes[80] ^= 1
        let crc = Checksum.crc32c(Array(bytes[..<4_092]).span.bytes)
        LogFixture.store(crc, &bytes, at: 4_092)
        sample.disk.setContents(of: path, bytes)
        // Records in front of that segment are still proved, though not those within it, whose
        // chain starts with the frontier.
        let size = Int(name.rawValue)
        try ProvingFixture.checkpoints([size], of: sample.records, on: sample.disk)
        for sequence in 0..<UInt64(size) {
            let proof = try LogProver.prove(
                folder: LogFixture.folder, disk: sample.disk, sequence: SequenceNumber(sequence),
                checkpointSize: UInt64(size))
            _ = try proof.file.verify(
                record: sample.records[Int(sequence)],
                keys: [NoteFixture.logSigner().verifierKey])
        }
    }
}
