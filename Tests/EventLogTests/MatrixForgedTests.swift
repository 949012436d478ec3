import DaybookTestSupport
import EventLog
import Testing

/// Files that are good in themselves, with every checksum right, and yet not this log's.
@Suite struct MatrixForgedTests {
    static let configuration = LogConfiguration(segmentByteCount: 4 * 4_096)

    /// Two openings, so terms 1 and 2; the second segment was made in term 2.
    private func sample(
        changing mask: UInt8 = 0
    ) throws -> (disk: SimulatedDisk, last: String, records: [[UInt8]]) {
        let disk = SimulatedDisk()
        var records = (0..<3).map { LogFixture.record($0, byteCount: 200) }
        for number in records.indices { records[number][20] ^= mask }
        var store = try LogFixture.open(disk, Self.configuration)
        try store.write([records[0]])
        disk.killProcess()
        store = try LogFixture.open(disk, Self.configuration)
        for record in records.dropFirst() { try store.write([record]) }
        try store.close()
        disk.killProcess()
        let last = try #require(disk.paths.last { $0.hasSuffix(".log") })
        #expect(last == LogFixture.path(SequenceNumber(1), ".log"))
        return (disk, last, records)
    }

    private func expect(
        _ verdict: RecoveryReport.Verdict, _ disk: SimulatedDisk, reads: Int,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
        #expect(report.verdict == verdict, "\(report)", sourceLocation: location)
        #expect(MatrixSample.read(disk).0.count == reads, sourceLocation: location)
    }

    private func edit(
        _ disk: SimulatedDisk, _ path: String, _ change: (inout [UInt8]) throws -> Void
    ) throws {
        var bytes = try #require(disk.contents(of: path))
        try change(&bytes)
        disk.setContents(of: path, bytes)
    }

    /// Gives a segment's header, and its batches from the first on, their checksums and chains.
    private func seal(_ bytes: inout [UInt8]) throws {
        let checked = Array(bytes[..<4_092])
        LogFixture.store(Checksum.crc32c(checked.span.bytes), &bytes, at: 4_092)
        let peaks = UInt64(LogFixture.load(bytes, 64, 8)).nonzeroBitCount
        let chain = TreeHash.sha256(Array(bytes[64..<(72 + 32 * peaks)])).bytes
        bytes.replaceSubrange((4_096 + 48)..<(4_096 + 52), with: chain[..<4])
        var offset = 4_096
        while offset < bytes.count, bytes[offset...].starts(with: Array("DBat".utf8)) {
            LogFixture.sealHeader(&bytes, at: offset)
            let next = offset + 4_096
            if next < bytes.count, bytes[next] != 0 {
                bytes.replaceSubrange(
                    (next + 48)..<(next + 52), with: Array(bytes[(offset + 4)..<(offset + 8)]))
            }
            offset = next
        }
    }

    @Test("the forger of these tests makes a good segment of one that it leaves as it was")
    func forger() throws {
        let (disk, last, records) = try sample()
        let before = disk.contents(of: last)
        try edit(disk, last) { try seal(&$0) }
        #expect(disk.contents(of: last) == before)
        try LogFixture.expect(records, on: disk)
    }

    @Test("a segment whose tree is not that of the records before it is foreign")
    func otherTree() throws {
        let (disk, last, _) = try sample()
        try edit(disk, last) { bytes in
            bytes[72 + 5] ^= 1
            try seal(&bytes)
        }
        try expect(.foreignOrMissing, disk, reads: 3)
        #expect(throws: EventLogError.code(.damaged)) {
            _ = try LogFixture.sealing(.zero, disk).run()
        }
    }

    @Test("a segment whose term is below that of the last batch before it is foreign")
    func earlierTerm() throws {
        let (disk, last, _) = try sample()
        try edit(disk, last) { bytes in
            bytes[56] = 1
            try seal(&bytes)
        }
        try expect(.foreignOrMissing, disk, reads: 3)
        #expect(throws: EventLogError.code(.damaged)) {
            _ = try LogFixture.sealing(.zero, disk).run()
        }
    }

    @Test("a term after which no opening can count on is damage", arguments: [56, 3 * 4_096 + 40])
    func lastTerm(offset: Int) throws {
        let (disk, last, _) = try sample()
        try edit(disk, last) { bytes in
            for place in offset..<(offset + 8) { bytes[place] = 255 }
            try seal(&bytes)
        }
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
        #expect(report.verdict == .damaged, "\(report)")
        #expect(throws: EventLogError.code(.damaged)) {
            _ = try LogFixture.open(disk, Self.configuration).close()
        }
    }

    @Test("a batch whose term is below that of the batch before it is foreign")
    func earlierBatchTerm() throws {
        let (disk, last, _) = try sample()
        try edit(disk, last) { bytes in
            bytes[2 * 4_096 + 40] = 1
            try seal(&bytes)
        }
        try expect(.foreignOrMissing, disk, reads: 2)
    }

    @Test("a batch that says of its own records that they were durable contradicts itself")
    func durableTooFar() throws {
        let (disk, last, _) = try sample()
        try edit(disk, last) { bytes in
            bytes[2 * 4_096 + 32] = bytes[2 * 4_096 + 24]
            try seal(&bytes)
        }
        try expect(.damaged, disk, reads: 2)
    }

    @Test(
        "a batch that holds another number of records than it says is damaged, to readers too",
        arguments: [0, 2, 3])
    func otherCount(count: UInt8) async throws {
        let (disk, last, records) = try sample()
        try edit(disk, last) { bytes in
            bytes[2 * 4_096 + 20] = count
            // The mark behind it starts with the sequence that then follows.
            bytes[3 * 4_096 + 24] = 2 + count
            try seal(&bytes)
        }
        try expect(.damaged, disk, reads: 2)
        let (proved, _) = MatrixSample.read(disk, .provedDurable)
        #expect(proved.elementsEqual(records.prefix(min(2, proved.count))))
        // And so say the two programs that verify.
        var folder = VerdictFolder(
            name: "\(count) records", files: [:], expected: [.segmentDamaged])
        for path in disk.paths where !path.hasSuffix("LOCK") {
            folder.files[String(path.dropFirst(LogFixture.folder.count + 1))] =
                disk.contents(of: path)
        }
        try await PythonVerdict.compare(
            [folder], job: { .init(path: $1) },
            with: { _, path in LogVerifier.verify(folder: path, disk: RealDisk(), threads: 1) })
    }

    @Test("no index is made of a frame that holds fewer records than its footer says")
    func otherCountSealed() throws {
        let (disk, _, _) = try sample()
        _ = try LogFixture.sealing(.zero, disk).run()
        try edit(disk, LogFixture.path(.zero, ".lz4")) { bytes in
            // One record; a tree of two has as many peaks.
            let footer = bytes.count - Int(LogFixture.load(bytes, bytes.count - 12, 4))
            try #require(LogFixture.load(bytes, footer + 8 + 40, 8) == 1)
            bytes[footer + 8 + 40] = 2
            let payload = Array(bytes[(footer + 8)..<(bytes.count - 16)])
            LogFixture.store(
                Checksum.crc32c(payload.span.bytes), &bytes, at: bytes.count - 16)
        }
        #expect(throws: EventLogError.code(.damaged)) {
            try SegmentIndex.renew(
                .zero, folder: LogFixture.folder, disk: disk, vocabulary: TestVocabulary())
        }
    }

    @Test("a length that is not in its shortest form is refused, by writer and reader")
    func longLength() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, Self.configuration)
        let record = LogFixture.record(1, byteCount: 200)
        let decision = [0xC8, 0x81, 0x00] + record
        var refused: EventLogError.Code?
        do throws(EventLogError) {
            _ = try store.write(decision.span.bytes, recordCount: 1)
        } catch { refused = error.code }
        #expect(refused == .decisionMalformed)
        try store.write([record])
        disk.killProcess()
        try LogFixture.expect([record], on: disk)
        try edit(disk, MatrixTailTests.path) { bytes in
            let start = 2 * 4_096
            bytes.replaceSubrange((start + 68)..<(start + 68 + 203), with: decision)
            bytes[start + 8] += 1
            bytes[start + 12] += 1
            LogFixture.store(Checksum.crc32c(decision.span.bytes), &bytes, at: start + 16)
            try seal(&bytes)
        }
        try expect(.damaged, disk, reads: 0)
    }

    @Test("bytes further behind the log's end than one write reaches are damage, nearer they tear")
    func strayBytes() throws {
        let disk = SimulatedDisk()
        let configuration = LogConfiguration(segmentByteCount: 5 * 1_024 * 1_024)
        var store = try LogFixture.open(disk, configuration)
        try store.write([[5]])
        disk.killProcess()
        let end = 3 * 4_096
        let limit = end + LogFormat.writeByteCountMax
        for (place, verdict) in [(limit - 1, .torn), (limit, .damaged), (limit + 9_000, .damaged)]
            as [(Int, RecoveryReport.Verdict)]
        {
            try edit(disk, MatrixTailTests.path) { $0[place] = 1 }
            try expect(verdict, disk, reads: 1)
            try edit(disk, MatrixTailTests.path) { $0[place] = 0 }
        }
        try LogFixture.expect([[5]], on: disk)
    }

    @Test("a good sealed form of other records does not replace the active one")
    func sealedOfOthers() throws {
        let (disk, _, records) = try sample()
        let name = LogFixture.path(.zero, ".lz4")
        let other = try sample(changing: 1).disk
        // The same identity, and the same number of records, sealed by itself.
        let names = try SegmentSealing.pending(folder: LogFixture.folder, disk: other)
        #expect(names == [.zero])
        _ = try LogFixture.sealing(.zero, other).run()
        disk.setContents(of: name, try #require(other.contents(of: name)))
        let made = try LogFixture.sealing(.zero, disk).run()
        #expect(!made.wasSealed && made.endSequence == SequenceNumber(1))
        try LogFixture.expect(records, on: disk)
    }

    @Test("a sealed form that nobody synced is synced before the active one goes")
    func sealedUnsynced() throws {
        let (disk, _, records) = try sample()
        let path = LogFixture.path(.zero, ".lz4")
        let other = disk.copy()
        _ = try LogFixture.sealing(.zero, other).run()
        let bytes = try #require(other.contents(of: path))
        let file = try disk.open(path, .create)
        try disk.write(file, at: 0, bytes.span.bytes)
        disk.close(file)
        let made = try LogFixture.sealing(.zero, disk).run()
        #expect(made.wasSealed && !disk.paths.contains(LogFixture.path(.zero, ".log")))
        var random = SeededGenerator(seed: 1)
        disk.crash(using: &random, keep: 0)
        try LogFixture.expect(records, on: disk)
    }

    @Test(
        "a footer whose root is not that of its frontier, or of its records, is refused",
        arguments: [[1], [1, 33]])
    func otherRoot(changed: [Int]) throws {
        let (disk, _, _) = try sample()
        _ = try LogFixture.sealing(.zero, disk).run()
        // One record, so the frontier is one hash, and the root is the same behind it.
        try edit(disk, LogFixture.path(.zero, ".lz4")) { bytes in
            let crcOffset = bytes.count - 16
            for place in changed { bytes[crcOffset - place] ^= 1 }
            let footer = bytes.count - Int(LogFixture.load(bytes, bytes.count - 12, 4))
            let payload = Array(bytes[(footer + 8)..<crcOffset])
            LogFixture.store(Checksum.crc32c(payload.span.bytes), &bytes, at: crcOffset)
        }
        let whole = try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
        #expect(whole.verdict == .damaged, "\(whole)")
        let ends = try LogInspection.inspect(
            folder: LogFixture.folder, disk: disk, scope: .lastSegment)
        #expect(ends.verdict == (changed.count == 1 ? .damaged : .foreignOrMissing), "\(ends)")
    }

    @Test("bytes between the last frame and the footer are refused, with every checksum right")
    func strayBetween() throws {
        let (disk, _, _) = try sample()
        _ = try LogFixture.sealing(.zero, disk).run()
        try edit(disk, LogFixture.path(.zero, ".lz4")) { bytes in
            let footer = bytes.count - Int(LogFixture.load(bytes, bytes.count - 12, 4))
            bytes.insert(contentsOf: [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0], at: footer)
        }
        let report = try LogInspection.inspect(
            folder: LogFixture.folder, disk: disk, scope: .lastSegment)
        #expect(report.verdict == .damaged, "\(report)")
    }
}
