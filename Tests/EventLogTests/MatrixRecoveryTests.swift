import DaybookTestSupport
import EventLog
import Testing

/// Each call of an opening fails in turn, for each state that an opening may find.
@Suite struct MatrixRecoveryTests {
    static let configuration = LogConfiguration(segmentByteCount: 4 * 4_096)
    static let path = "/data/log/00000000000000000000.log"

    /// What an opening may find.
    enum Found: String, CaseIterable {
        case nothing
        /// A last write that lost a sector, or its first one.
        case torn, tornAtItsStart
        /// A next segment of which only a part of the header arrived.
        case tornRoll
        /// A write whose sync failed: the cache shows it, the disk does not have it.
        case unsynced
        /// A segment that was made, with no batch in it yet.
        case emptySegment
        /// What was being made, and a reserve.
        case leftOvers
        /// A sealed and an active form of one segment, and a segment that is sealed.
        case bothForms
        /// A checkpoint, and one that was being made.
        case checkpoints
    }

    /// A disk in a state, with what was acknowledged, and what an opening must not lose.
    struct Start {
        let disk: SimulatedDisk
        var records: [[UInt8]] = []
        /// The record of a write that was not acknowledged.
        var inDoubt: [[UInt8]] = []
        /// Bytes that are to be set aside, from an offset of a file on.
        var torn: (path: String, offset: Int, bytes: [UInt8])?

        init(_ found: Found) throws {
            disk = SimulatedDisk()
            if found == .nothing { return }
            var store = try LogFixture.open(disk, MatrixRecoveryTests.configuration)
            // Header, mark, this one, and room for one more block.
            try write(&store, 1)
            switch found {
            case .torn, .tornAtItsStart:
                try store.write([LogFixture.record(9, byteCount: 3_000)])
                tear(at: 3 * 4_096, sector: found == .torn ? 2 : 0)
            case .unsynced:
                disk.failCall(2, .before)
                inDoubt = [LogFixture.record(9, byteCount: 3_000)]
                _ = try? store.write(inDoubt)
                disk.heal()
            case .emptySegment: try roll(&store)
            case .tornRoll:
                try store.write([LogFixture.record(9, byteCount: 3_000)])
                records.append(LogFixture.record(9, byteCount: 3_000))
                let path = LogFixture.path(SequenceNumber(UInt64(records.count)), ".log")
                let bytes = [7, 7] + [UInt8](repeating: 0, count: 4 * 4_096 - 2)
                disk.setContents(of: path, bytes)
                torn = (path, 0, bytes)
            case .leftOvers:
                if let reservation = store.reservation {
                    store.adoptReserve(try reservation.run())
                }
                try store.prepareNextSegment()
                disk.setContents(of: LogFixture.path(.zero, ".sealing"), [1])
            case .bothForms: try write(&store, 6)
            case .checkpoints: try addCheckpoint(store.treeHead)
            case .nothing: break
            }
            if found == .bothForms { try store.close() }
            disk.killProcess()
            if found == .bothForms { try seal() }
        }

        private mutating func write(_ store: inout LogStore, _ count: Int) throws(EventLogError) {
            for _ in 0..<count {
                let record = LogFixture.record(UInt64(records.count), byteCount: 500)
                try store.write([record])
                records.append(record)
            }
        }

        /// Fills the segment, and dies before the first batch of the next one is written.
        private mutating func roll(_ store: inout LogStore) throws {
            try write(&store, 1)
            let path = LogFixture.path(SequenceNumber(UInt64(records.count)), ".log")
            disk.setHook { [disk] _ in
                if disk.paths.contains(path) { disk.failCall(1, .before) }
            }
            inDoubt = [LogFixture.record(9, byteCount: 3_000)]
            _ = try? store.write(inDoubt)
            disk.setHook(nil)
            disk.heal()
        }

        private mutating func tear(at offset: Int, sector: Int) {
            guard var bytes = disk.contents(of: MatrixRecoveryTests.path) else { return }
            for place in 0..<512 { bytes[offset + 512 * sector + place] = 0 }
            disk.setContents(of: MatrixRecoveryTests.path, bytes)
            torn = (MatrixRecoveryTests.path, offset, Array(bytes[offset...]))
        }

        private func addCheckpoint(_ head: TreeHead) throws {
            let signer = try NoteFixture.logSigner()
            let store = CheckpointStore(folder: LogFixture.folder, disk: disk)
            try store.addKey(signer.verifierKey)
            let checkpoint = Checkpoint(
                origin: try KeyName(NoteFixture.origin), size: head.size, root: head.root)
            try store.add(CheckpointNote(checkpoint, signer: signer))
            disk.setContents(of: "/data/checkpoints/checkpoint.making", [1])
        }

        private func seal() throws {
            let names = try SegmentSealing.pending(folder: LogFixture.folder, disk: disk)
            let first = try #require(names.first)
            let active = try #require(disk.contents(of: LogFixture.path(first, ".log")))
            for name in names { _ = try LogFixture.sealing(name, disk).run() }
            disk.setContents(of: LogFixture.path(first, ".log"), active)
        }

        /// Whether the bytes that were torn are still there, or in quarantine, whole.
        var hasTornBytes: Bool {
            guard let torn else { return true }
            if disk.contents(of: torn.path)?.dropFirst(torn.offset).elementsEqual(torn.bytes)
                == true
            {
                return true
            }
            let used = (torn.bytes.lastIndex { $0 != 0 } ?? -1) + 1
            return disk.paths.contains { path in
                guard path.hasPrefix("/data/quarantine/"), let copy = disk.contents(of: path)
                else { return false }
                return copy.count >= used && torn.bytes.starts(with: copy)
            }
        }
    }

    @Test(
        "whichever call of an opening fails, the next one finds all, and torn bytes are never lost",
        arguments: Found.allCases, SimulatedDisk.FailureMode.allCases)
    func everyCall(found: Found, mode: SimulatedDisk.FailureMode) throws {
        for (isFull, keep) in [(false, 0), (false, 100), (false, nil), (true, 0)] as [(Bool, Int?)]
        {
            var call = 1
            var reached = true
            while reached {
                let start = try Start(found)
                let disk = start.disk
                let place = "\(found), call \(call), \(mode), \(isFull), keeping \(keep ?? -1)"
                let before = disk.callCount
                disk.failCall(call, mode, errno: isFull ? .noSpace : .ioError)
                do throws(EventLogError) {
                    try LogFixture.open(disk, Self.configuration).close()
                } catch {
                    // A header that could not be read once, and then is bad, is taken for damage.
                    let isMisread = found == .tornRoll && error.code == .damaged
                    let isOfCall = error.isFailureOfCall || error.code == .noSpace
                    #expect(isOfCall || isMisread, "\(place): \(error)")
                }
                reached = disk.callCount - before >= call
                disk.heal()
                var random = SeededGenerator(seed: UInt64(call))
                disk.crash(using: &random, keep: keep)
                #expect(start.hasTornBytes, "\(place)")
                try expectWhole(start, place)
                call += 1
            }
            #expect(call > 15)
        }
    }

    @Test("a crash at any call of an opening leaves the same", arguments: Found.allCases)
    func everyCrash(found: Found) throws {
        var call = 1
        while true {
            let start = try Start(found)
            let random = Box(SeededGenerator(seed: UInt64(call)))
            let count = Box(0)
            let crashed = Box<[SimulatedDisk]>([])
            start.disk.setHook { [disk = start.disk, call] _ in
                count.value += 1
                guard count.value == call else { return }
                crashed.value = (0..<8).map { _ in disk.crashedCopy(using: &random.value) }
            }
            try LogFixture.open(start.disk, Self.configuration).close()
            start.disk.setHook(nil)
            if crashed.value.isEmpty { break }
            for disk in crashed.value {
                let after = Start(start, on: disk)
                #expect(after.hasTornBytes, "\(found), before call \(call)")
                try expectWhole(after, "\(found), a crash before call \(call)")
            }
            call += 1
        }
        #expect(call > 15)
    }

    /// All that was acknowledged, and of what was in doubt all or nothing; then one more record.
    private func expectWhole(_ start: Start, _ place: String) throws {
        var store = try LogFixture.open(start.disk, Self.configuration)
        let count = Int(store.nextSequence.rawValue)
        try store.write([[7]])
        try store.close()
        let all = start.records + start.inDoubt
        #expect(count == start.records.count || count == all.count, "\(place)")
        var random = SeededGenerator(seed: 1)
        start.disk.crash(using: &random, keep: 0)
        try LogFixture.expect(all.prefix(count) + [[7]], on: start.disk)
    }
}

extension MatrixRecoveryTests.Start {
    init(_ other: Self, on disk: SimulatedDisk) {
        self.disk = disk
        (records, inDoubt, torn) = (other.records, other.inDoubt, other.torn)
    }
}
