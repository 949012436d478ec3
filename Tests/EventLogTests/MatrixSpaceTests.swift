import DaybookTestSupport
import EventLog
import Testing

/// A full disk, at every call and at every size; and checkpoints, whose calls fail in turn.
@Suite struct MatrixSpaceTests {
    static let configuration = LogConfiguration(segmentByteCount: 4 * 4_096)

    /// A life of every kind of call: opening, rolling, a reserve, marks, a seal, a checkpoint.
    struct Life {
        let disk = SimulatedDisk()
        var acknowledged: [[UInt8]] = []
        var inDoubt: [[UInt8]] = []
        /// The tree of the checkpoint that was stored.
        var checkpoint: TreeHead?

        init() throws {
            var store = try LogFixture.open(disk, MatrixSpaceTests.configuration)
            try write(&store)
            disk.killProcess()
        }

        mutating func live() throws(EventLogError) {
            var store = try LogFixture.open(disk, MatrixSpaceTests.configuration)
            for number in 0..<7 {
                if number == 2, let reservation = store.reservation {
                    store.adoptReserve(try reservation.run())
                }
                if number == 4 { try store.prepareNextSegment() }
                if number == 6 { try store.commitMark() }
                try write(&store)
            }
            try addCheckpoint(store.treeHead)
            let names = try SegmentSealing.pending(folder: LogFixture.folder, disk: disk)
            for name in names { _ = try LogFixture.sealing(name, disk).run() }
            try write(&store)
            try store.close()
        }

        private mutating func write(_ store: inout LogStore) throws(EventLogError) {
            let number = UInt64(acknowledged.count)
            inDoubt = [LogFixture.record(number, byteCount: 3_000 * Int(number % 3))]
            try store.write(inDoubt)
            acknowledged += inDoubt
            inDoubt = []
        }

        private mutating func addCheckpoint(_ head: TreeHead) throws(EventLogError) {
            let note: CheckpointNote
            let signer: NoteSigner
            do throws(NoteError) {
                signer = try NoteFixture.logSigner()
                let checkpoint = Checkpoint(
                    origin: try KeyName(NoteFixture.origin), size: head.size, root: head.root)
                note = try CheckpointNote(checkpoint, signer: signer)
            } catch { throw .code(.configurationInvalid) }
            let store = CheckpointStore(folder: LogFixture.folder, disk: disk)
            try store.addKey(signer.verifierKey)
            try store.add(note)
            checkpoint = head
        }

        /// After a crash: everything acknowledged, and a checkpoint that was stored, is whole.
        func check(_ place: String) throws {
            let checkpoints = CheckpointStore(folder: LogFixture.folder, disk: disk)
            let sizes = try checkpoints.sizes()
            for size in sizes {
                _ = try checkpoints.note(size: size).verify(keys: checkpoints.keys())
            }
            if let checkpoint { #expect(sizes == [checkpoint.size], "\(place)") }
            let paths = disk.paths.filter { $0.hasSuffix(".idx") }
            for path in paths { try checkIndex(path, place) }
            let store = try LogFixture.open(disk, MatrixSpaceTests.configuration)
            let count = Int(store.nextSequence.rawValue)
            try store.close()
            let both = acknowledged + inDoubt
            #expect(count == acknowledged.count || count == both.count, "\(place)")
            try LogFixture.expect(Array(both.prefix(count)), on: disk)
        }

        /// An index under its name is whole: what was synced before it was renamed.
        private func checkIndex(_ path: String, _ place: String) throws {
            let name = try #require(UInt64(path.dropFirst(10).prefix(20)))
            let isRenewed = try SegmentIndex.renew(
                SequenceNumber(name), folder: LogFixture.folder, disk: disk,
                vocabulary: TestVocabulary())
            #expect(!isRenewed, "\(place): \(path) was not whole")
        }
    }

    @Test(
        "whichever call of a whole life fails, what was acknowledged is there",
        arguments: SimulatedDisk.FailureMode.allCases, [0, 50, 100])
    func everyCall(mode: SimulatedDisk.FailureMode, keep: Int) throws {
        var call = 1
        var reached = true
        while reached {
            // A full disk, and one that fails.
            for isFull in [true, false] {
                var life = try Life()
                let start = life.disk.callCount
                let place = "call \(call), \(mode), full: \(isFull), keeping \(keep)"
                life.disk.failCall(call, mode, errno: isFull ? .noSpace : .ioError)
                do throws(EventLogError) { try life.live() } catch {
                    #expect(error.isFailureOfCall || error.code == .noSpace, "\(place): \(error)")
                }
                reached = life.disk.callCount - start >= call
                life.disk.heal()
                var random = SeededGenerator(seed: UInt64(call))
                life.disk.crash(using: &random, keep: keep)
                try life.check(place)
            }
            call += 1
        }
        #expect(call > 150)
    }

    @Test("whatever room a disk has, the log stops before it, and goes on when there is more")
    func everySize() throws {
        var stopped = 0
        for blocks in 0..<24 {
            let disk = SimulatedDisk()
            var store = try LogFixture.open(disk, Self.configuration)
            disk.setCapacity(SpaceTests.used(disk) + blocks * 4_096)
            var records: [[UInt8]] = []
            var code: EventLogError.Code?
            while records.count < 20, code == nil {
                let record = LogFixture.record(UInt64(records.count), byteCount: 3_000)
                do throws(EventLogError) {
                    try store.write([record])
                    records.append(record)
                } catch { code = error.code }
            }
            if code != nil {
                #expect(code == .noSpace, "\(blocks) blocks")
                #expect(!disk.paths.contains { $0.hasSuffix("next.preparing") }, "\(blocks) blocks")
                stopped += 1
            }
            // Nothing was written, so nothing is in doubt.
            #expect(records.count == min(20, 2 + blocks / 4 * 3), "\(blocks) blocks")
            let crashed = disk.copy()
            try LogFixture.open(crashed, Self.configuration).close()
            try LogFixture.expect(records, on: crashed)
            disk.setCapacity(.max)
            try store.write([[1], [2]])
            try store.close()
            try LogFixture.expect(records + [[1], [2]], on: disk)
        }
        #expect(stopped > 20)
    }

    @Test("a batch that fills its last block to the byte is followed directly by the next one")
    func fullBlock() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        let record = LogFixture.record(1, byteCount: 4_096 - 68 - 2)
        try store.write([record])
        try store.write([[1]])
        try store.close()
        let bytes = try #require(disk.contents(of: MatrixTailTests.path))
        #expect(bytes[(3 * 4_096 - 4)..<(3 * 4_096)].allSatisfy { $0 != 0 })
        #expect(bytes[(3 * 4_096)...].starts(with: Array("DBat".utf8)))
        try LogFixture.expect([record, [1]], on: disk)
    }
}
