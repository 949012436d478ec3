import DaybookTestSupport
import EventLog
import Testing

/// A log that lives through crashes; each life is drawn from a seed.
@Suite struct CrashTests {
    static let configuration = LogConfiguration(segmentByteCount: 6 * 4_096)

    @Test(
        "what was acknowledged survives every crash, whole decisions only, in order",
        arguments: 0..<10)
    func crashes(part: UInt64) throws {
        for seed in (part * 200)..<(part * 200 + 200) {
            var life = CrashingLog(seed: seed)
            for _ in 0..<4 { try life.liveOnce() }
            try life.finish()
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
            switch random.next() % 12 {
            case 0: try store.commitMark()
            case 1: try prepare(&store)
            default: try writeOne(&store)
            }
        }
    }

    private func prepare(_ store: inout LogStore) throws(EventLogError) {
        do throws(EventLogError) { try store.prepareNextSegment() } catch {
            // Nothing is in doubt, and the log goes on.
            #expect(error.code == .inputOutput, "seed \(seed)")
        }
    }

    private mutating func writeOne(_ store: inout LogStore) throws(EventLogError) {
        let first = UInt64(acknowledged.count)
        let hasZeros = random.next() % 6 == 0
        let decision = (0...(random.next() % 4)).map { number in
            var record = LogFixture.record(first + number, byteCount: Int(random.next() % 3_000))
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
        try LogFixture.expect(acknowledged, on: disk)
    }
}
