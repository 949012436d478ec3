import DaybookTestSupport
import EventLog
import Testing

/// What the tests of the log share: records, decisions, and the check that ends each test.
enum LogFixture {
    static let folder = "/data"
    static let small = LogConfiguration(segmentByteCount: 16 * 4_096)

    /// Sources that give the same log each time.
    static let sources = LogSources(
        nowMicroseconds: { 1_790_000_000_000_000 },
        newIdentity: { LogIdentity(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908) },
        holder: "pid 7\nhost test\n")

    /// Length-delimited, as the caller of the log encodes a decision.
    static func decision(_ records: [[UInt8]]) -> [UInt8] {
        records.flatMap { record -> [UInt8] in
            var length = record.count
            var bytes: [UInt8] = []
            while length >= 0x80 {
                bytes.append(UInt8(length & 0x7F) | 0x80)
                length >>= 7
            }
            return bytes + [UInt8(length)] + record
        }
    }

    /// A record that says which one it is, with no run of zeros.
    static func record(_ number: UInt64, byteCount: Int) -> [UInt8] {
        var random = SeededGenerator(seed: number)
        var bytes = Array("record \(number) ".utf8)
        while bytes.count < byteCount { bytes.append(UInt8(random.next() % 255) + 1) }
        return bytes
    }

    static func open(
        _ disk: SimulatedDisk, _ configuration: LogConfiguration = small,
        evidence: [DurabilityClaim] = []
    ) throws(EventLogError) -> LogStore {
        try LogStore.open(
            folder: folder, disk: disk, configuration: configuration, sources: sources,
            evidence: evidence)
    }

    /// All records that a reader gives.
    static func records(
        _ disk: any Disk, folder: String = folder, trust: LogReader.Trust = .everything,
        from: SequenceNumber? = nil
    ) throws(EventLogError) -> [(SequenceNumber, [UInt8])] {
        var reader = try LogReader.open(folder: folder, disk: disk, trust: trust)
        if let from { try reader.seek(to: from) }
        var found: [(SequenceNumber, [UInt8])] = []
        try reader.forEach { sequence, bytes in
            found.append((sequence, bytes.withUnsafeBytes { Array($0) }))
            return true
        }
        return found
    }

    /// Ends a test: the whole log is clean, and holds exactly these records.
    static func expect(
        _ expected: [[UInt8]], on disk: any Disk, folder: String = folder,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let report = try LogInspection.inspect(folder: folder, disk: disk)
        #expect(report.verdict == .clean, "\(report)", sourceLocation: location)
        let found = try records(disk, folder: folder)
        #expect(found.map(\.1) == expected, sourceLocation: location)
        #expect(
            found.map(\.0.rawValue) == Array(0..<UInt64(expected.count)), sourceLocation: location)
    }
}

extension LogStore {
    /// Writes one decision of these records.
    @discardableResult
    mutating func write(_ records: [[UInt8]]) throws(EventLogError) -> LogTicket {
        let bytes = LogFixture.decision(records)
        return try write(bytes.span.bytes, recordCount: records.count)
    }
}

extension LogFixture {
    /// The bytes that hexadecimal digits stand for.
    static func bytes(_ digits: String) -> [UInt8] {
        let digits = Array(digits)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }

    /// Every byte that is not zero or stands near one, and one in 61 of the long runs of zeros.
    static func tellingOffsets(of bytes: [UInt8]) -> [Int] {
        var offsets: [Int] = []
        var lastTelling = Int.min / 2
        var next = 0
        for (offset, byte) in bytes.enumerated() {
            if byte != 0 { lastTelling = offset }
            let isNear = offset - lastTelling < 12 || offset % 512 < 2 || offset % 512 > 509
            guard isNear || offset >= next else { continue }
            offsets.append(offset)
            next = offset + 61
        }
        return offsets
    }

    static func hasZeroSector(_ extent: [UInt8]) -> Bool {
        stride(from: 0, to: extent.count, by: 512).contains { start in
            extent[start..<min(start + 512, extent.count)].allSatisfy { $0 == 0 }
        }
    }

    /// Checks, with code of its own, that no batch of a segment has a sector of zeros in its
    /// extent.
    static func expectNoZeroSectors(in segment: [UInt8]) throws {
        var offset = 4_096
        while offset < segment.count, segment[offset..<(offset + 4)] == [0x44, 0x42, 0x61, 0x74] {
            let stored = (0..<4).reduce(0) { $0 | Int(segment[offset + 8 + $1]) << (8 * $1) }
            let extent = Array(segment[offset..<(offset + 68 + stored)])
            #expect(!hasZeroSector(extent), "offset \(offset)")
            offset += (68 + stored + 4_095) / 4_096 * 4_096
        }
    }
}

extension EventLogError {
    /// An error of this kind, to compare with: equality looks at the code alone.
    static func code(_ code: Code) -> EventLogError { EventLogError(code: code) }

    /// Whether a call that failed can have led to this; what cannot be read counts as damaged.
    var isFailureOfCall: Bool {
        code == .outcomeUnknown || code == .inputOutput
            || (code == .damaged && message.contains("cannot be read"))
    }
}
