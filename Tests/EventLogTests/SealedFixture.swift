import DaybookTestSupport
import EventLog
import Testing

/// Records of several segments, on a disk in memory; what of them is sealed is for the test to say.
struct SealedSample {
    let disk: SimulatedDisk
    var records: [[UInt8]] = []
    /// Small, so that each segment has only a few records.
    static let configuration = LogConfiguration(segmentByteCount: 6 * 4_096)

    /// About `count` records, in decisions of one to four, of sizes drawn from the seed.
    ///
    /// - Parameter flipping: the record of which one bit is another.
    init(
        seed: UInt64, count: Int = 60, disk: SimulatedDisk = SimulatedDisk(),
        configuration: LogConfiguration = configuration, byteCountMax: Int = 1_500,
        flipping: Int? = nil
    ) throws {
        self.disk = disk
        var random = SeededGenerator(seed: seed)
        var store = try LogFixture.open(disk, configuration)
        while records.count < count {
            var decision = (0...Int(random.next() % 4)).map { number in
                KeyedRecord(UInt64(records.count + number), using: &random, byteCountMax).bytes
            }
            if let flipping, decision.indices.contains(flipping - records.count) {
                decision[flipping - records.count][0] ^= 1
            }
            try store.write(decision)
            records += decision
        }
        try store.close()
        disk.killProcess()
    }

    var pending: [SequenceNumber] {
        get throws { try SegmentSealing.pending(folder: LogFixture.folder, disk: disk) }
    }

    /// Seals these segments, or all that can be.
    @discardableResult
    func seal(_ names: [SequenceNumber]? = nil) throws -> [SegmentSealing.Outcome] {
        try (names ?? pending).map { name in
            let outcome = try LogFixture.sealing(name, disk).run()
            #expect(outcome.indexFailure == nil)
            return outcome
        }
    }

    /// The paths of files whose names end so.
    func paths(_ suffix: String) -> [String] { disk.paths.filter { $0.hasSuffix(suffix) } }

    /// Ends a test: the log is clean, and holds exactly these records.
    func expectWhole(location: SourceLocation = #_sourceLocation) throws {
        try LogFixture.expect(records, on: disk, sourceLocation: location)
    }
}

/// A record that has a time and keys, which `TestVocabulary` finds in it.
struct KeyedRecord {
    let bytes: [UInt8]

    /// Time (8 bytes), number of keys (1), one byte for each key, filler.
    init(_ number: UInt64, using random: inout SeededGenerator, _ byteCountMax: Int) {
        let time = 1_000_000 + Int64(number / 3) * 500
        var bytes = (0..<8).map { UInt8(truncatingIfNeeded: time >> (8 * $0)) }
        let keys = (0..<(random.next() % 4)).map { _ in UInt8(random.next() % 40) }
        bytes.append(UInt8(keys.count))
        bytes += keys
        var count = Int(random.next() % UInt64(byteCountMax))
        if random.next() % 9 == 0 { count = 0 }
        // Some of it compresses, some does not, some is zeros.
        let alphabet = [1, 3, 26, 255][Int(random.next() % 4)] as UInt64
        while bytes.count < count { bytes.append(UInt8(random.next() % alphabet)) }
        self.bytes = bytes
    }

    static func time(_ record: [UInt8]) -> Int64 {
        (0..<8).reduce(0) { $0 | Int64(record[$1]) << Int64(8 * $1) }
    }

    static func keys(_ record: [UInt8]) -> Set<UInt8> {
        Set(record[9..<(9 + Int(record[8]))])
    }
}

/// What `KeyedRecord` says.
struct TestVocabulary: RecordVocabulary {
    var version: UInt64 = 7

    func describe(_ record: RawSpan, into description: inout RecordDescription) {
        let bytes = record.withUnsafeBytes { Array($0) }
        guard bytes.count >= 9, bytes.count >= 9 + Int(bytes[8]) else { return }
        description.time = KeyedRecord.time(bytes)
        for key in bytes[9..<(9 + Int(bytes[8]))] { description.add(key: "key \(key)") }
    }
}

extension LogFixture {
    static func sealing(_ name: SequenceNumber, _ disk: any Disk) -> SegmentSealing {
        SegmentSealing(
            segment: name, folder: folder, disk: disk, vocabulary: TestVocabulary())
    }

    static func expect(
        _ expected: [[UInt8]], on disk: any Disk, sourceLocation: SourceLocation
    ) throws {
        try expect(expected, on: disk, location: sourceLocation)
    }

    /// The path of a segment's file.
    static func path(_ name: SequenceNumber, _ suffix: String) -> String {
        let digits = String(name.rawValue)
        return "/data/log/" + String(repeating: "0", count: 20 - digits.count) + digits + suffix
    }

    static func load(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }

    /// Gives an index that was edited its checksums again, as a writer would: those of pages and
    /// tail where its sizes still say where they stand, and the last in any case.
    static func fixIndex(_ bytes: inout [UInt8]) {
        guard bytes.count >= 80 else { return }
        let paged = indexTail(bytes)
        let pages = (paged + 4_095) / 4_096
        let table = bytes.count - 12 - 4 * pages
        if table >= paged {
            for page in 0..<pages {
                let part = Array(bytes[(4_096 * page)..<min(4_096 * (page + 1), paged)])
                store(Checksum.crc32c(part.span.bytes), &bytes, at: table + 4 * page)
            }
            let covered = Array(bytes[..<64]) + bytes[paged..<(bytes.count - 8)]
            store(Checksum.crc32c(covered.span.bytes), &bytes, at: bytes.count - 8)
        }
        let all = Array(bytes.dropLast(4))
        store(Checksum.crc32c(all.span.bytes), &bytes, at: bytes.count - 4)
    }

    /// Where an index's postings end, by its header.
    static func indexTail(_ bytes: [UInt8]) -> Int {
        64 + 16 * Int(load(bytes, 56, 4)) + Int(load(bytes, 60, 4))
    }
}
