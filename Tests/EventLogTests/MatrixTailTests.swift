import DaybookTestSupport
import EventLog
import Testing

/// The end of the log, as a crash, a disk or a hand may leave it: what is gone, and what tells.
@Suite struct MatrixTailTests {
    static let path = "/data/log/00000000000000000000.log"

    /// Sequences 0 to 5, a batch each, and no mark behind the last; the tree after each.
    struct Sample {
        let disk = SimulatedDisk()
        var records: [[UInt8]] = []
        var heads: [TreeHead] = []
        /// Where each batch's extent stands.
        var extents: [Range<Int>] = []

        init() throws {
            var store = try LogFixture.open(disk)
            for number in 0..<6 as Range<UInt64> {
                let size = number == 5 ? 4_600 : 300 * Int(number)
                records.append(LogFixture.record(number, byteCount: size))
                try store.write([records[Int(number)]])
                heads.append(store.treeHead)
            }
            disk.killProcess()
            var offset = 2 * 4_096
            for record in records {
                let end = offset + 68 + LogFixture.decision([record]).count
                extents.append(offset..<end)
                offset = (end + 4_095) / 4_096 * 4_096
            }
        }

        func bytes() throws -> [UInt8] { try #require(disk.contents(of: MatrixTailTests.path)) }

        /// Stores a checkpoint of the first `size` records, as the log's own.
        func addCheckpoint(_ size: Int, on disk: SimulatedDisk, signer: NoteSigner) throws {
            let checkpoint = Checkpoint(
                origin: try KeyName(NoteFixture.origin), size: UInt64(size),
                root: heads[size - 1].root)
            let store = CheckpointStore(folder: LogFixture.folder, disk: disk)
            try store.add(CheckpointNote(checkpoint, signer: signer))
        }
    }

    /// Opens a copy, or says why not.
    private func open(_ disk: SimulatedDisk) throws -> (found: [[UInt8]], code: EventLogError.Code?)
    {
        do throws(EventLogError) {
            try LogFixture.open(disk).close()
            return (try LogFixture.records(disk).map(\.1), nil)
        } catch { return ([], error.code) }
    }

    @Test("whichever sectors of the last write are lost, what was acknowledged before is whole")
    func everySubset() throws {
        let sample = try Sample()
        let whole = try sample.bytes()
        let extent = sample.extents[5]
        let sectors = Array(stride(from: extent.lowerBound, to: extent.upperBound, by: 512))
        #expect(sectors.count == 10)
        for kept in 0..<(1 << sectors.count) {
            var bytes = whole
            for (number, sector) in sectors.enumerated() where kept & 1 << number == 0 {
                for offset in sector..<(sector + 512) { bytes[offset] = 0 }
            }
            sample.disk.setContents(of: Self.path, bytes)
            let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
            let isWhole = kept == (1 << sectors.count) - 1
            let expected: RecoveryReport.Verdict = isWhole || kept == 0 ? .clean : .torn
            guard report.verdict == expected else {
                Issue.record("sectors \(kept): \(report)")
                continue
            }
            let disk = sample.disk.copy()
            var store = try LogFixture.open(disk)
            try store.write([[7]])
            try store.close()
            var random = SeededGenerator(seed: UInt64(kept))
            disk.crash(using: &random, keep: 0)
            try LogFixture.expect(
                Array(sample.records.prefix(isWhole ? 6 : 5)) + [[7]], on: disk)
            guard expected == .torn else { continue }
            let copies = disk.paths.filter { $0.hasPrefix("/data/quarantine/") }
            let copy = try #require(copies.first.flatMap { disk.contents(of: $0) })
            #expect(copies.count == 1 && bytes[extent.lowerBound...].starts(with: copy))
            #expect(bytes[(extent.lowerBound + copy.count)...].allSatisfy { $0 == 0 })
        }
    }

    @Test("a loss of everything from any byte on is torn, or seen by a checkpoint, or unseen")
    func everyCut() throws {
        let sample = try Sample()
        let whole = try sample.bytes()
        let end = try #require(sample.extents.last?.upperBound)
        let signer = try NoteFixture.logSigner()
        let known = sample.disk.copy()
        try CheckpointStore(folder: LogFixture.folder, disk: known).addKey(signer.verifierKey)
        try sample.addCheckpoint(6, on: known, signer: signer)
        for cut in stride(from: 2 * 4_096, through: end, by: 1) {
            let bytes = whole[..<cut] + [UInt8](repeating: 0, count: whole.count - cut)
            sample.disk.setContents(of: Self.path, Array(bytes))
            let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
            let count = sample.extents.count { $0.upperBound <= cut }
            let expected = verdict(sample, whole, cut)
            if report.verdict != expected { Issue.record("cut at \(cut): \(report)") }
            let (found, _) = MatrixSample.read(sample.disk)
            let isPrefix = found.elementsEqual(sample.records.prefix(found.count))
            if !isPrefix || found.count < count { Issue.record("cut at \(cut): wrong records") }
            guard cut % 64 == 0 || sample.extents.contains(where: { $0.upperBound == cut }) else {
                continue
            }
            let (opened, code) = try open(sample.disk.copy())
            #expect(code == (expected == .damaged ? .damaged : nil), "cut at \(cut)")
            if code == nil { #expect(opened == Array(sample.records.prefix(count))) }
            // A checkpoint of all six says that they were durable.
            known.setContents(of: Self.path, Array(bytes))
            let isLost = count < 6
            #expect(try open(known.copy()).code == (isLost ? .damaged : nil), "cut at \(cut)")
        }
    }

    /// By the words of docs/format/log.md alone: a good header, and a sector of the extent that is
    /// all zeros.
    private func verdict(
        _ sample: Sample, _ whole: [UInt8], _ cut: Int
    ) -> RecoveryReport.Verdict {
        guard let extent = sample.extents.first(where: { $0.contains(cut) }),
            cut > extent.lowerBound
        else { return .clean }
        let header = extent.lowerBound..<(extent.lowerBound + 68)
        if header.contains(cut), whole[cut..<header.upperBound].contains(where: { $0 != 0 }) {
            return .damaged
        }
        return (cut + 511) / 512 * 512 < extent.upperBound ? .torn : .damaged
    }

    @Test("the newest checkpoint that the log's own key signed counts, and no other")
    func checkpoints() throws {
        let sample = try Sample()
        let whole = try sample.bytes()
        let signer = try NoteFixture.logSigner()
        let stranger = try NoteSigner.generate(name: KeyName(NoteFixture.origin))
        let store = CheckpointStore(folder: LogFixture.folder, disk: sample.disk)
        // Without a list of keys nobody knows whose it is.
        try sample.addCheckpoint(2, on: sample.disk, signer: signer)
        try expectClaim(0, sample, whole)
        try store.addKey(signer.verifierKey)
        try expectClaim(2, sample, whole)
        try sample.addCheckpoint(4, on: sample.disk, signer: signer)
        try sample.addCheckpoint(5, on: sample.disk, signer: stranger)
        try expectClaim(4, sample, whole)
        // A later one under another name, with any byte changed, cut short or forged.
        try sample.addCheckpoint(6, on: sample.disk, signer: signer)
        try expectClaim(6, sample, whole)
        let newest = store.path(size: 6)
        let note = try #require(sample.disk.contents(of: newest))
        sample.disk.erase(newest)
        sample.disk.setContents(of: store.path(size: 7), note)
        try expectClaim(4, sample, whole)
        sample.disk.erase(store.path(size: 7))
        for offset in note.indices {
            sample.disk.setContents(of: newest, MatrixFlipTests.changed(note, offset))
            try expectClaim(4, sample, whole, counts: [4, 5])
            sample.disk.setContents(of: newest, Array(note[..<offset]))
            try expectClaim(4, sample, whole, counts: [4, 5])
        }
        sample.disk.setContents(of: newest, note)
        try expectClaim(6, sample, whole)
    }

    /// Opens the log cut at the end of each record: refused where it has fewer than claimed.
    private func expectClaim(
        _ claimed: Int, _ sample: Sample, _ whole: [UInt8], counts: [Int] = Array(0...6),
        location: SourceLocation = #_sourceLocation
    ) throws {
        for count in counts {
            let end = count == 0 ? 2 * 4_096 : sample.extents[count - 1].upperBound
            let zeros = [UInt8](repeating: 0, count: whole.count - end)
            let disk = sample.disk.copy()
            disk.setContents(of: Self.path, whole[..<end] + zeros)
            let (found, code) = try open(disk)
            let expected: EventLogError.Code? = count < claimed ? .damaged : nil
            guard code == expected, code != nil || found.count == count else {
                Issue.record(
                    "claim \(claimed), \(count) left: \(String(describing: code))",
                    sourceLocation: location)
                return
            }
        }
    }

    @Test("a last segment that is gone is missed where anything speaks of it, and only then")
    func lastSegmentGone() throws {
        let sample = try MatrixSample(isClosed: true)
        let head = try LogFixture.open(sample.disk.copy(), MatrixSample.configuration).close()
        let signer = try NoteFixture.logSigner()
        let (last, _) = try sample.last()
        let digits = try #require(Int(last.dropFirst(10).prefix(20)))
        sample.disk.erase(last)
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
        #expect(report.verdict == .clean)
        let known = sample.disk.copy()
        let store = CheckpointStore(folder: LogFixture.folder, disk: known)
        try store.addKey(signer.verifierKey)
        let checkpoint = Checkpoint(
            origin: try KeyName(NoteFixture.origin), size: head.size, root: head.root)
        try store.add(CheckpointNote(checkpoint, signer: signer))
        #expect(throws: EventLogError.code(.damaged)) {
            _ = try LogFixture.open(known, MatrixSample.configuration).close()
        }
        // Once all before it are sealed, they say so themselves. The active one was there then.
        let sealed = try MatrixSample(isClosed: true)
        for name in try SegmentSealing.pending(folder: LogFixture.folder, disk: sealed.disk) {
            _ = try LogFixture.sealing(name, sealed.disk).run()
        }
        sealed.disk.erase(last)
        let missing = try LogInspection.inspect(folder: LogFixture.folder, disk: sealed.disk)
        #expect(missing.verdict == .foreignOrMissing && missing.segment == last)
        // Nothing tells without either; what is there is true.
        try LogFixture.open(sample.disk, MatrixSample.configuration).close()
        try LogFixture.expect(Array(sample.records.prefix(digits)), on: sample.disk)
    }

    @Test("a torn end of a segment that another one follows is damage, to readers and sealers too")
    func tornInTheMiddle() throws {
        let disk = SimulatedDisk()
        let configuration = LogConfiguration(segmentByteCount: 4 * 4_096)
        var store = try LogFixture.open(disk, configuration)
        let records = (0..<4).map { LogFixture.record($0, byteCount: 3_000) }
        for record in records { try store.write([record]) }
        try store.close()
        disk.killProcess()
        // Header, mark, and two batches, of which the second loses a sector.
        var bytes = try #require(disk.contents(of: Self.path))
        for offset in (3 * 4_096 + 1_024)..<(3 * 4_096 + 1_536) { bytes[offset] = 0 }
        disk.setContents(of: Self.path, bytes)
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
        #expect(report.verdict == .damaged && report.segment == Self.path, "\(report)")
        for trust in [LogReader.Trust.everything, .provedDurable] {
            let (found, error) = MatrixSample.read(disk, trust)
            #expect(found == [records[0]] && error?.code == .damaged, "\(trust)")
        }
        #expect(throws: EventLogError.code(.damaged)) {
            _ = try LogFixture.sealing(.zero, disk).run()
        }
    }

    @Test("a reader that knows how far the log was durable says so when that goes away")
    func provedIsGone() throws {
        let disk = SimulatedDisk()
        let configuration = LogConfiguration(segmentByteCount: 64 * 4_096)
        var store = try LogFixture.open(disk, configuration)
        for number in 0..<40 as Range<UInt8> { try store.write([[number]]) }
        try store.close()
        var reader = try LogReader.open(
            folder: LogFixture.folder, disk: disk, trust: .provedDurable)
        _ = try reader.nextBatch()
        // Further on than the reader has looked: it takes 16 blocks at first.
        var bytes = try #require(disk.contents(of: Self.path))
        for offset in (30 * 4_096)..<bytes.count { bytes[offset] = 0 }
        let file = try disk.open(Self.path, .readWrite)
        try disk.write(file, at: 0, bytes.span.bytes)
        disk.close(file)
        var count = 1
        var code: EventLogError.Code?
        do throws(EventLogError) {
            while try reader.nextBatch() != nil { count += 1 }
        } catch { code = error.code }
        #expect(code == .damaged && count == 28)
    }

    @Test("a commit mark that did not arrive is no loss: the records before it are trusted anew")
    func markLost() throws {
        for mode in SimulatedDisk.FailureMode.allCases {
            for (call, keep) in [(1, 0), (2, 0), (1, 100), (2, 100)] {
                let disk = SimulatedDisk()
                var store = try LogFixture.open(disk)
                try store.write([[1], [2]])
                disk.failCall(call, mode)
                #expect(throws: EventLogError.code(.outcomeUnknown)) { try store.commitMark() }
                disk.heal()
                var random = SeededGenerator(seed: 1)
                disk.crash(using: &random, keep: keep)
                let again = try LogFixture.open(disk)
                let rewritten = again.recovery.rewrittenByteCount
                #expect(again.recovery.verdict == .clean && rewritten > 0)
                try again.close()
                try LogFixture.expect([[1], [2]], on: disk)
            }
        }
    }

    @Test("a device that lies about its syncs is found out by a checkpoint kept elsewhere")
    func lyingDisk() throws {
        var refused = 0
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let disk = SimulatedDisk()
            try LogFixture.open(disk).close()
            var store = try LogFixture.open(disk)
            disk.setLying(true)
            let records = (0..<6).map { LogFixture.record($0, byteCount: 900) }
            for record in records { try store.write([record]) }
            disk.crash(using: &random)
            disk.setLying(false)
            let claim = DurabilityClaim(name: "elsewhere", durableThrough: SequenceNumber(5))
            do throws(EventLogError) {
                try LogFixture.open(disk, evidence: [claim]).close()
                try #expect(LogFixture.records(disk).map(\.1) == records, "seed \(seed)")
            } catch {
                #expect(error.code == .damaged || error.code == .foreignOrMissing, "seed \(seed)")
                refused += 1
            }
        }
        #expect(refused > 50)
    }
}
