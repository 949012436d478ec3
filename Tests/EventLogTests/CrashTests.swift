import DaybookTestSupport
import EventLog
import Testing

/// A log that lives through crashes; each life is drawn from a seed.
@Suite struct CrashTests {
    static let configuration = LogConfiguration(segmentByteCount: 6 * 4_096)

    /// Parts of the seeds, so that they run beside each other.
    static let parts: Range<UInt64> = 0..<16

    /// `DAYBOOK_CRASH_RUNS` runs, or 20,000, from `DAYBOOK_CRASH_SEED` on.
    ///
    /// A seed that fails is named; with it, and one run, the same happens again.
    @Test("what was acknowledged survives every crash, whole decisions only", arguments: parts)
    func crashes(part: UInt64) throws {
        let count = FuzzBudget.number("DAYBOOK_CRASH_RUNS") ?? 20_000
        let first = FuzzBudget.number("DAYBOOK_CRASH_SEED") ?? 0
        for number in stride(from: part, to: count, by: Self.parts.count) {
            var life = CrashingLog(seed: first + number)
            do {
                for _ in 0..<4 { try life.liveOnce() }
                try life.finish()
            } catch {
                Issue.record("DAYBOOK_CRASH_SEED=\(first + number): \(error)")
            }
        }
    }

    @Test("a disk that lies about its syncs may lose what was acknowledged, and no one can tell")
    func lyingDisk() throws {
        var lost = 0
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let disk = SimulatedDisk()
            try LogFixture.open(disk, Self.configuration).close()
            var store = try LogFixture.open(disk, Self.configuration)
            disk.setLying(true)
            let records = (0..<6).map { LogFixture.record($0, byteCount: 900) }
            for record in records { try store.write([record]) }
            disk.crash(using: &random)
            disk.setLying(false)
            do throws(EventLogError) {
                try LogFixture.open(disk, Self.configuration).close()
                let found = try LogFixture.records(disk).map(\.1)
                // Documented in docs/format/log.md: a loss at the very end leaves no trace. What is
                // there is true all the same.
                #expect(found.elementsEqual(records.prefix(found.count)), "seed \(seed)")
                if found.count < records.count { lost += 1 }
            } catch {
                #expect(error.code == .damaged || error.code == .foreignOrMissing, "seed \(seed)")
            }
        }
        #expect(lost > 0)
    }
}

/// A log, what it acknowledged, and what it was asked when it died.
struct CrashingLog {
    let seed: UInt64
    var random: SeededGenerator
    let disk = SimulatedDisk()
    var acknowledged: [[UInt8]] = []
    /// The records of decisions whose outcome is not known: at most one decision.
    var inDoubt: [[UInt8]] = []
    var term: UInt64 = 0

    init(seed: UInt64) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
    }

    /// Bytes to cut records from: none is zero, and no two records are the same.
    private static let noise = LogFixture.record(1, byteCount: 8_192)

    /// Opens, writes, and dies: at a call that fails, or between two.
    mutating func liveOnce() throws {
        if random.next() % 4 != 0 {
            let mode = SimulatedDisk.FailureMode.allCases[Int(random.next() % 2)]
            disk.failCall(Int(random.next() % 60) + 1, mode)
        }
        do throws(EventLogError) {
            var store = try LogFixture.open(disk, CrashTests.configuration)
            try settle(next: store.nextSequence, term: store.term)
            try writeSome(&store)
            if random.next() % 4 == 0 { try store.close() }
        } catch {
            #expect(error.isFailureOfCall, "seed \(seed): \(error)")
        }
        disk.heal()
        if random.next() % 5 == 0 { disk.killProcess() } else { disk.crash(using: &random) }
    }

    private mutating func writeSome(_ store: inout LogStore) throws(EventLogError) {
        for _ in 0..<(random.next() % 25) {
            switch random.next() % 16 {
            case 0: try store.commitMark()
            case 1: prepare(&store)
            case 2: seal()
            case 3 where seed % 8 == 0: addCheckpoint(store.treeHead)
            default: try writeOne(&store)
            }
        }
    }

    // What follows runs beside the writer: where it fails nothing is in doubt, and the log goes on.

    private mutating func prepare(_ store: inout LogStore) {
        do throws(EventLogError) {
            if random.next() % 3 == 0, let reservation = store.reservation {
                store.adoptReserve(try reservation.run())
            } else {
                try store.prepareNextSegment()
            }
        } catch {
            #expect(error.code == .inputOutput, "seed \(seed)")
        }
    }

    private func seal() {
        do throws(EventLogError) {
            let pending = try SegmentSealing.pending(folder: LogFixture.folder, disk: disk)
            for name in pending.prefix(2) {
                _ = try SegmentSealing(segment: name, folder: LogFixture.folder, disk: disk).run()
            }
        } catch {
            #expect(error.isFailureOfCall, "seed \(seed): \(error)")
        }
    }

    /// Signs what is durable: evidence that no crash may contradict.
    private func addCheckpoint(_ head: TreeHead) {
        let checkpoints = CheckpointStore(folder: LogFixture.folder, disk: disk)
        do {
            let signer = try NoteFixture.logSigner()
            try checkpoints.addKey(signer.verifierKey)
            let checkpoint = Checkpoint(
                origin: try KeyName(NoteFixture.origin), size: head.size, root: head.root)
            try checkpoints.add(CheckpointNote(checkpoint, signer: signer))
        } catch {
            let isOfDisk = (error as? EventLogError)?.isFailureOfCall
            #expect(isOfDisk == true, "seed \(seed): \(error)")
        }
    }

    private mutating func writeOne(_ store: inout LogStore) throws(EventLogError) {
        let first = UInt64(acknowledged.count)
        let hasZeros = random.next() % 6 == 0
        let decision = (0...(random.next() % 4)).map { number in
            let start = Int(random.next() % 4_096)
            let count = Int(random.next() % 3_000)
            var record = Array("\(first + number) ".utf8) + Self.noise[start..<(start + count)]
            if hasZeros { record += [UInt8](repeating: 0, count: 1_100) + [7] }
            return record
        }
        inDoubt = decision
        do throws(EventLogError) {
            let ticket = try store.write(decision)
            #expect(ticket.first.rawValue == first, "seed \(seed)")
        } catch {
            // Refused before it was written: known not to be there.
            if error.code == .inputOutput { inDoubt = [] }
            throw error
        }
        acknowledged += decision
        inDoubt = []
    }

    /// After an opening: what was in doubt is there whole, or not at all.
    private mutating func settle(
        next: SequenceNumber, term: UInt64
    ) throws(EventLogError) {
        let count = Int(next.rawValue)
        if count == acknowledged.count + inDoubt.count { acknowledged += inDoubt }
        inDoubt = []
        #expect(count == acknowledged.count, "seed \(seed)")
        #expect(term > self.term, "seed \(seed)")
        self.term = term
        let found = try LogFixture.records(disk)
        #expect(found.map(\.1) == acknowledged, "seed \(seed)")
    }

    /// A last, quiet life, and the check that ends every test.
    mutating func finish() throws {
        let store = try LogFixture.open(disk, CrashTests.configuration)
        try settle(next: store.nextSequence, term: store.term)
        try store.close()
        if seed % 4 == 0 { seal() }
        try LogFixture.expect(acknowledged, on: disk)
    }
}
