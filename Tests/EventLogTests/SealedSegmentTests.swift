import DaybookTestSupport
import EventLog
import Foundation
import Testing

@Suite struct SealedSegmentTests {
    @Test("lz4 -dc gives exactly the record stream")
    func standardTool() async throws {
        let sample = try SealedSample(seed: 1, count: 200, byteCountMax: 6_000)
        var stream: [UInt8] = []
        try await TemporaryFolder.with { folder in
            let outcomes = try sample.seal()
            #expect(outcomes.count > 10)
            for outcome in outcomes {
                let name = try #require(sample.paths(".lz4").first)
                let bytes = try #require(sample.disk.contents(of: name))
                sample.disk.erase(name)
                let path = folder + "/\(outcome.segment).lz4"
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                let (output, status) = try await ProgramRun.output(
                    of: "/usr/bin/env", ["lz4", "-dc", path])
                stream += output
                #expect(status == 0)
            }
            let end = Int(try #require(outcomes.last).endSequence.rawValue)
            #expect(stream == LogFixture.decision(Array(sample.records[..<end])))
        }
    }

    @Test("the bytes are those of docs/format/sealed.md, read by a parser of its own")
    func layout() throws {
        let sample = try SealedSample(seed: 2, count: 40)
        let outcome = try #require(try sample.seal().dropFirst().first)
        let path = sample.paths(".lz4")[1]
        let bytes = try #require(sample.disk.contents(of: path))
        #expect(bytes.count == outcome.storedByteCount)
        let load = { (offset: Int, count: Int) in LogFixture.load(bytes, offset, count) }
        let first = outcome.segment.rawValue
        // The identity.
        #expect(load(0, 4) == 0x184D_2A50)
        let identity = Int(load(4, 4))
        #expect(identity == 64 + 32 * first.nonzeroBitCount + 4)
        #expect(Array(bytes[8..<16]) == Array("DAYBKSEG".utf8))
        #expect(load(16, 4) == 1 && load(20, 4) == 0)
        #expect(Array(bytes[24..<40]) == Array(0..<16))
        #expect(load(40, 8) == first && load(48, 8) == 1_790_000_000_000_000)
        #expect(load(64, 8) == 0)
        let identityCRC = load(8 + identity - 4, 4)
        #expect(UInt64(Self.crc(bytes, 8..<(8 + identity - 4))) == identityCRC)
        // The footer.
        #expect(Array(bytes.suffix(8)) == Array("DAYBKEOF".utf8))
        let footerCount = Int(load(bytes.count - 12, 4))
        let footer = bytes.count - footerCount
        #expect(load(footer, 4) == 0x184D_2A5F && load(footer + 4, 4) == UInt64(footerCount - 8))
        let at = footer + 8
        #expect(Array(bytes[at..<(at + 8)]) == Array("DAYBKEND".utf8))
        let end = outcome.endSequence.rawValue
        #expect(load(at + 8, 4) == 1 && load(at + 12, 4) == 1)
        #expect(load(at + 32, 8) == first && load(at + 40, 8) == end - first)
        #expect(load(at + 48, 8) == outcome.rawByteCount)
        let times = sample.records[Int(first)..<Int(end)].map(KeyedRecord.time)
        #expect(Int64(load(at + 56, 8)) == times.first && Int64(load(at + 64, 8)) == times.last)
        #expect(load(at + 72, 8) == 1 && load(at + 80, 4) == identityCRC && load(at + 84, 4) == 0)
        // Its one frame.
        #expect(load(at + 88, 8) == UInt64(8 + identity) && load(at + 96, 8) == first)
        let frameCount = Int(load(at + 112, 4))
        let frame = 8 + identity
        #expect(frame + frameCount == footer)
        #expect(UInt64(Self.crc(bytes, frame..<footer)) == load(at + 116, 4))
        #expect(load(frame, 4) == 0x184D_2204 && load(frame + 4, 1) == 0x6C)
        #expect(load(frame + 5, 1) == 0x50 && load(frame + 6, 8) == outcome.rawByteCount)
        #expect(Int(load(frame + 15, 4) & 0x7FFF_FFFF) == frameCount - 27)
        // The tree.
        let root = at + 120 + 32 * end.nonzeroBitCount
        #expect(Array(bytes[root..<(root + 32)]) == outcome.root.bytes)
        #expect(UInt64(Self.crc(bytes, at..<(root + 32))) == load(root + 32, 4))
        #expect(root + 32 + 4 + 12 == bytes.count)
    }

    private static func crc(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
        let part = Array(bytes[range])
        return Checksum.crc32c(part.span.bytes)
    }

    @Test("a log seals to the same bytes each time")
    func deterministic() throws {
        let one = try SealedSample(seed: 3, count: 120, byteCountMax: 5_000)
        let other = SealedSample(copying: one)
        try one.seal()
        try other.seal(try other.pending.reversed())
        #expect(one.disk.paths == other.disk.paths)
        for path in one.disk.paths {
            #expect(one.disk.contents(of: path) == other.disk.contents(of: path), "\(path)")
        }
    }

    @Test("whatever is sealed, every record comes back from every start", arguments: 0..<12)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let sample = try SealedSample(
            seed: seed, count: 30 + Int(random.next() % 60),
            byteCountMax: [40, 1_500, 4_900][Int(seed % 3)])
        let originals = sample.disk.copy()
        for name in try sample.pending where random.next() % 3 > 0 {
            try sample.seal([name])
            // Some stand there in both forms, as after a crash.
            guard random.next() % 4 == 0 else { continue }
            let path = LogFixture.path(name, ".log")
            sample.disk.setContents(of: path, try #require(originals.contents(of: path)))
        }
        for trust in [LogReader.Trust.everything, .provedDurable] {
            for start in 0...sample.records.count {
                let found = try LogFixture.records(
                    sample.disk, trust: trust, from: SequenceNumber(UInt64(start)))
                #expect(found.map(\.1) == Array(sample.records[start...]), "seed \(seed): \(start)")
                #expect(found.map { Int($0.0.rawValue) } == Array(start..<sample.records.count))
            }
        }
        try sample.expectWhole()
        try sample.seal()
        #expect(sample.paths(".log").count == 1)
        try sample.expectWhole()
        let store = try LogFixture.open(sample.disk, SealedSample.configuration)
        #expect(store.nextSequence.rawValue == UInt64(sample.records.count))
        try store.close()
    }

    @Test("records that fill several frames, and the longest ones, come back")
    func largeFrames() throws {
        let configuration = LogConfiguration(segmentByteCount: 256 * 4_096)
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, configuration)
        var records: [[UInt8]] = []
        for number in 0..<40 as Range<UInt64> {
            // Incompressible: some blocks are stored as they are.
            let count = number % 5 == 0 ? 65_535 : Int(number) * 997
            let decision = [LogFixture.record(number, byteCount: count), []]
            try store.write(decision)
            records += decision
        }
        try store.close()
        disk.killProcess()
        let pending = try SegmentSealing.pending(folder: LogFixture.folder, disk: disk)
        let raw = try pending.map { try LogFixture.sealing($0, disk).run().rawByteCount }
        #expect(raw.contains { $0 > 3 * 262_144 })
        for start in stride(from: 0, through: records.count, by: 3) {
            let found = try LogFixture.records(disk, from: SequenceNumber(UInt64(start)))
            #expect(found.map(\.1) == Array(records[start...]))
        }
        try LogFixture.expect(records, on: disk)
    }

    @Test("statistics count sealed segments, their frames and their records")
    func statistics() throws {
        let sample = try SealedSample(seed: 4)
        let before = try LogStatistics.read(folder: LogFixture.folder, disk: sample.disk)
        let outcomes = try sample.seal()
        let found = try LogStatistics.read(folder: LogFixture.folder, disk: sample.disk)
        #expect(found.segmentCount == before.segmentCount)
        #expect(found.sealedSegmentCount == outcomes.count && found.frameCount == outcomes.count)
        #expect(found.recordCount == sample.records.count)
        #expect(found.rawByteCount == before.rawByteCount)
        #expect(found.firstSequence == before.firstSequence)
        #expect(found.lastSequence == before.lastSequence && found.lastTerm == before.lastTerm)
        #expect(found.batchByteCount < before.batchByteCount)
    }
}

extension SealedSample {
    init(copying other: SealedSample) {
        disk = other.disk.copy()
        records = other.records
    }
}
