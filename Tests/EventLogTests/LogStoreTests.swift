import DaybookTestSupport
import EventLog
import Testing

@Suite struct LogStoreTests {
    @Test("a log gives back what was written, over many segments and openings")
    func roundTrip() throws {
        let disk = SimulatedDisk()
        var written: [[UInt8]] = []
        for opening in 1...4 {
            var store = try LogFixture.open(disk)
            #expect(store.term == UInt64(opening))
            #expect(store.nextSequence.rawValue == UInt64(written.count))
            for size in 1...40 {
                let records = (0..<(size % 3 + 1)).map {
                    LogFixture.record(UInt64(written.count + $0), byteCount: size * 37)
                }
                let ticket = try store.write(records)
                #expect(ticket.first.rawValue == UInt64(written.count))
                written += records
                #expect(store.durableThrough == ticket.last)
            }
            try store.close()
        }
        #expect(disk.paths.filter { $0.hasSuffix(".log") }.count > 3)
        try LogFixture.expect(written, on: disk)
    }

    @Test("a log on the real disk gives back what was written")
    func realDisk() throws {
        try TemporaryFolder.with { folder in
            let records = (0..<50).map { LogFixture.record($0, byteCount: 3_000) }
            for half in [records[..<20], records[20...]] {
                var store = try LogStore.open(
                    folder: folder + "/data", disk: RealDisk(), configuration: LogFixture.small)
                for record in half { try store.write([record]) }
                try store.close()
            }
            try LogFixture.expect(records, on: RealDisk(), folder: folder + "/data")
        }
    }

    @Test("a record of 65,535 bytes is taken, and one more is refused before anything is written")
    func recordLimit() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 64 * 4_096))
        let largest = LogFixture.record(0, byteCount: 65_535)
        #expect(largest.count == 65_535)
        try store.write([largest])
        let calls = disk.callCount
        #expect(throws: EventLogError.code(.recordTooLarge)) {
            try store.write([largest + [1]])
        }
        #expect(disk.callCount == calls)
        try store.close()
        try LogFixture.expect([largest], on: disk)
    }

    @Test("a decision that does not fit one write is refused, and the largest one fits")
    func decisionLimit() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        let limit = store.configuration.decisionByteCountMax
        #expect(limit <= 15 * 4_096 - 68)
        let fits = LogFixture.record(0, byteCount: limit - 3)
        try store.write([fits])
        #expect(throws: EventLogError.code(.decisionTooLarge)) {
            try store.write([LogFixture.record(0, byteCount: limit - 2)])
        }
        try store.close()
        try LogFixture.expect([fits], on: disk)
    }

    @Test("the largest write of the format is 4 MiB")
    func largestWrite() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 8 << 20))
        let limit = store.configuration.decisionByteCountMax
        #expect(limit < 4 << 20 && limit > (4 << 20) - 32_768)
        let records = (0..<63).map { LogFixture.record($0, byteCount: 65_535) }
        try store.write(records)
        try store.close()
        try LogFixture.expect(records, on: disk)
    }

    @Test(
        "bytes that are not the stated records are refused",
        arguments: [
            ([], 1), ([1, 7], 2), ([2, 7], 1), ([0x80], 1), ([1, 7], 0),
            (Array(repeating: 0xFF, count: 11), 1),
        ] as [([UInt8], Int)])
    func malformed(bytes: [UInt8], count: Int) throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        var found: EventLogError?
        do throws(EventLogError) {
            _ = try store.write(bytes.span.bytes, recordCount: count)
        } catch { found = error }
        #expect(found?.code == .decisionMalformed || found?.code == .recordTooLarge)
        try store.write([[1]])
        try store.close()
        try LogFixture.expect([[1]], on: disk)
    }

    @Test("a body with a sector of zeros is stored compressed, and any other as it is")
    func zeroSectors() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        var random = SeededGenerator(seed: 3)
        var written: [[UInt8]] = []
        var expected: [BatchHeader.Codec] = []
        for round in 0..<30 {
            // A run of zeros at a place of its own within random bytes.
            var record = LogFixture.record(UInt64(round), byteCount: 6_000)
            let length = Int(random.next() % 1_500)
            let start = Int(random.next() % 4_000)
            record.replaceSubrange(start..<(start + length), with: repeatElement(0, count: length))
            try store.write([record])
            written.append(record)
            let extent = [UInt8](repeating: 1, count: 68) + LogFixture.decision([record])
            expected.append(LogFixture.hasZeroSector(extent) ? .lz4 : .plain)
        }
        try store.close()
        #expect(Set(expected).count == 2)
        var reader = try LogReader.open(
            folder: LogFixture.folder, disk: disk, trust: .everything)
        var found: [BatchHeader.Codec] = []
        while let batch = try reader.nextBatch() { found.append(batch.codec) }
        #expect(found == expected)
        for path in disk.paths where path.hasSuffix(".log") {
            try LogFixture.expectNoZeroSectors(in: try #require(disk.contents(of: path)))
        }
        try LogFixture.expect(written, on: disk)
    }

    @Test("a commit mark is written once after a batch, and says that it is durable")
    func commitMark() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        #expect(try store.commitMark() == false)
        try store.write([[1], [2]])
        let before = try LogFixture.records(disk, trust: .provedDurable)
        #expect(before.isEmpty)
        #expect(try store.commitMark())
        #expect(try store.commitMark() == false)
        #expect(try LogFixture.records(disk, trust: .provedDurable).map(\.1) == [[1], [2]])
        try store.close()
        try LogFixture.expect([[1], [2]], on: disk)
    }

    @Test("a second opening is refused, and names the holder")
    func lock() throws {
        let disk = SimulatedDisk()
        let store = try LogFixture.open(disk)
        do throws(EventLogError) {
            _ = try LogFixture.open(disk)
            Issue.record("the lock was given twice")
        } catch {
            #expect(error.code == .locked)
            #expect(error.message.contains("pid 7, host test"))
        }
        try store.close()
        try LogFixture.open(disk).close()
        try LogFixture.expect([], on: disk)
    }

    @Test("a full disk refuses what needs a new segment, and goes on when there is room")
    func noSpace() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        disk.setCapacity(disk.paths.reduce(0) { $0 + (disk.contents(of: $1)?.count ?? 0) } + 8_192)
        #expect(throws: EventLogError.code(.noSpace)) { try store.prepareNextSegment() }
        var written: [[UInt8]] = []
        var refusal: EventLogError?
        while refusal == nil {
            let record = LogFixture.record(UInt64(written.count), byteCount: 5_000)
            do throws(EventLogError) {
                try store.write([record])
                written.append(record)
            } catch { refusal = error }
        }
        #expect(refusal?.code == .noSpace)
        #expect(written.count == 7)
        disk.setCapacity(.max)
        try store.write([[1]])
        try store.close()
        try LogFixture.expect(written + [[1]], on: disk)
    }

    @Test("a size that cannot be is refused", arguments: [0, 4_096, 10_000, -8_192])
    func configuration(byteCount: Int) throws {
        #expect(throws: EventLogError.code(.configurationInvalid)) {
            _ = try LogFixture.open(SimulatedDisk(), LogConfiguration(segmentByteCount: byteCount))
        }
    }

    @Test("the tree's root is that of RFC 6962")
    func treeRoot() throws {
        // The test vectors of certificate-transparency's merkletree reference.
        let leaves: [[UInt8]] = [
            [], [0], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
            Array(0x50...0x57), Array(0x60...0x6F),
        ]
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        for leaf in leaves[..<3] { try store.write([leaf]) }
        try store.close()
        store = try LogFixture.open(disk)
        for leaf in leaves[3...] { try store.write([leaf]) }
        #expect(
            store.treeHead.root.bytes
                == LogFixture.bytes(
                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"))
        try store.close()
        try LogFixture.expect(leaves, on: disk)
    }
}
