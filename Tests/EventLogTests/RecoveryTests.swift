import DaybookTestSupport
import EventLog
import Foundation
import Testing

/// The rows of the table of verdicts, one by one.
@Suite struct RecoveryTests {
    static let path = "/data/log/00000000000000000000.log"

    /// Header, mark, then two batches of three blocks each, and no mark behind them.
    private func sample() throws -> (SimulatedDisk, [[UInt8]]) {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        let records = (0..<2).map { LogFixture.record($0, byteCount: 9_000) }
        for record in records { try store.write([record]) }
        disk.killProcess()
        return (disk, records)
    }

    private static let lastBatch = 5 * 4_096

    private func edit(_ disk: SimulatedDisk, _ change: (inout [UInt8]) -> Void) throws {
        var bytes = try #require(disk.contents(of: Self.path))
        change(&bytes)
        disk.setContents(of: Self.path, bytes)
    }

    private func inspect(
        _ disk: SimulatedDisk, evidence: [DurabilityClaim] = []
    ) throws -> RecoveryReport {
        let report = try LogInspection.inspect(
            folder: LogFixture.folder, disk: disk, evidence: evidence)
        // The report survives as JSON.
        let json = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(RecoveryReport.self, from: json) == report)
        return report
    }

    @Test(
        "a lost sector in the last batch is a tear: set aside, overwritten, and the log goes on",
        arguments: 0..<18)
    func torn(sector: Int) throws {
        let (disk, records) = try sample()
        let start = Self.lastBatch + sector * 512
        try edit(disk) {
            $0.replaceSubrange(start..<(start + 512), with: repeatElement(0, count: 512))
        }
        let before = try #require(disk.contents(of: Self.path))
        let report = try inspect(disk)
        #expect(report.verdict == .torn, "\(report)")
        #expect(report.offset == Self.lastBatch)

        var store = try LogFixture.open(disk)
        #expect(store.recovery.verdict == .torn)
        let piece = try #require(store.recovery.quarantined.first)
        let setAside = try #require(piece.path)
        let copy = try #require(disk.contents(of: setAside))
        #expect(copy == Array(before[Self.lastBatch..<(Self.lastBatch + piece.byteCount)]))
        #expect(store.nextSequence.rawValue == 1)
        try store.write([[7]])
        try store.close()
        try LogFixture.expect([records[0], [7]], on: disk)
    }

    @Test(
        "the same loss in a batch that a later one follows is damage",
        arguments: [0, 1, 5])
    func damagedInTheMiddle(sector: Int) throws {
        let (disk, _) = try sample()
        let start = 2 * 4_096 + sector * 512
        try edit(disk) {
            $0.replaceSubrange(start..<(start + 512), with: repeatElement(0, count: 512))
        }
        let report = try inspect(disk)
        #expect(report.verdict == .damaged, "\(report)")
        #expect(report.firstSequenceAtRisk == .zero)
        #expect(throws: EventLogError.code(.damaged)) { _ = try LogFixture.open(disk).close() }
    }

    @Test("a tear that something says was durable is damage")
    func evidence() throws {
        let (disk, _) = try sample()
        try edit(disk) {
            $0.replaceSubrange(
                (Self.lastBatch + 512)..<(Self.lastBatch + 1_024),
                with: repeatElement(0, count: 512))
        }
        let claim = { (last: UInt64) in
            DurabilityClaim(name: "checkpoint 9", durableThrough: SequenceNumber(last))
        }
        #expect(try inspect(disk, evidence: [claim(0)]).verdict == .torn)
        let report = try inspect(disk, evidence: [claim(0), claim(1)])
        #expect(report.verdict == .damaged)
        #expect(report.detail?.contains("checkpoint 9") == true)
        #expect(report.lastSequenceAtRisk == SequenceNumber(1))
        let empty = SimulatedDisk()
        do throws(EventLogError) {
            _ = try LogFixture.open(empty, evidence: [claim(3)])
            Issue.record("an empty folder was opened in spite of a checkpoint")
        } catch { #expect(error.code == .foreignOrMissing) }
    }

    @Test(
        "an unknown codec, flag, key or version is named, not guessed at",
        arguments: [(52, 2), (53, 2), (54, 1), (56, 1), (67, 1)])
    func unknown(offset: Int, value: UInt8) throws {
        let (disk, _) = try sample()
        try edit(disk) { bytes in
            bytes[Self.lastBatch + offset] = value
            LogFixture.sealHeader(&bytes, at: Self.lastBatch)
        }
        let report = try inspect(disk)
        #expect(report.verdict == .foreignOrMissing, "\(report)")
        try edit(disk) { bytes in
            bytes[8] = 2
            let checked = Array(bytes[..<4_092])
            LogFixture.store(Checksum.crc32c(checked.span.bytes), &bytes, at: 4_092)
        }
        let version = try inspect(disk)
        #expect(version.verdict == .foreignOrMissing)
        #expect(version.detail?.contains("version 2") == true)
    }

    @Test(
        "a step in sequence or term, or a broken chain, is foreign",
        arguments: [(24, 2), (24, 200), (40, 0), (48, 1)])
    func outOfOrder(offset: Int, value: UInt8) throws {
        let (disk, _) = try sample()
        try edit(disk) { bytes in
            bytes[Self.lastBatch + offset] = value
            LogFixture.sealHeader(&bytes, at: Self.lastBatch)
        }
        let report = try inspect(disk)
        #expect(report.verdict == .foreignOrMissing, "\(report)")
        #expect(report.offset == Self.lastBatch)
    }

    @Test("a segment of another log is foreign")
    func otherLog() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 3 * 4_096))
        for number in 0..<3 as Range<UInt8> { try store.write([[number]]) }
        try store.close()
        let other = SimulatedDisk()
        var sources = LogFixture.sources
        sources.newIdentity = { LogIdentity(low: 1, high: 2) }
        var second = try LogStore.open(
            folder: LogFixture.folder, disk: other,
            configuration: LogConfiguration(segmentByteCount: 3 * 4_096), sources: sources)
        for number in 0..<3 as Range<UInt8> { try second.write([[number]]) }
        try second.close()
        let last = try #require(disk.paths.last { $0.hasSuffix(".log") })
        disk.setContents(of: last, try #require(other.contents(of: last)))
        #expect(try inspect(disk).verdict == .foreignOrMissing)
        #expect(throws: EventLogError.code(.foreignOrMissing)) {
            _ = try LogFixture.open(disk).close()
        }
        #expect(throws: EventLogError.code(.foreignOrMissing)) { try LogFixture.records(disk) }
    }

    @Test("a new segment with a bad header and nothing else is set aside whole")
    func tornRoll() throws {
        let (disk, records) = try sample()
        let next = "/data/log/00000000000000000002.log"
        disk.setContents(of: next, [9] + [UInt8](repeating: 0, count: 16 * 4_096 - 1))
        #expect(try inspect(disk).verdict == .tornRoll)
        #expect(try LogFixture.records(disk).map(\.1) == records)
        // Had the segment before not reached this far, something would be gone.
        let torn = try #require(disk.contents(of: next))
        disk.setContents(of: "/data/log/00000000000000000003.log", torn)
        disk.erase(next)
        #expect(try inspect(disk).verdict == .damaged)
        disk.setContents(of: next, torn)
        disk.erase("/data/log/00000000000000000003.log")

        let store = try LogFixture.open(disk)
        #expect(store.recovery.verdict == .tornRoll)
        #expect(disk.paths.contains("/data/quarantine/00000000000000000002.log.1"))
        try store.close()
        try LogFixture.expect(records, on: disk)
    }

    @Test("a record that holds a copy of this log's own batches does not look like a later batch")
    func recordsThatLookLikeBatches() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        try store.write([[1]])
        let copied = Array(try #require(disk.contents(of: Self.path))[8_192..<8_192 + 300])
        // Placed so that the copy stands at the start of a block within the next batch.
        let record =
            LogFixture.record(1, byteCount: 4_096 - 68 - 2) + copied
            + LogFixture.record(2, byteCount: 2_000)
        try store.write([record])
        disk.killProcess()
        #expect(disk.contents(of: Self.path)?[(4 * 4_096)..<(4 * 4_096 + 4)] == [68, 66, 97, 116])
        // Its first sector is lost: only what stands behind shows that something was written.
        try edit(disk) { $0.replaceSubrange(12_288..<12_800, with: repeatElement(0, count: 512)) }
        #expect(try inspect(disk).verdict == .torn)
        try LogFixture.open(disk).close()
        try LogFixture.expect([[1]], on: disk)
    }
}

extension LogFixture {
    static func store(_ value: UInt32, _ bytes: inout [UInt8], at offset: Int) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
    }

    /// Gives a batch header that was edited its checksum again, as a writer would.
    static func sealHeader(_ bytes: inout [UInt8], at offset: Int) {
        let seeded = Array(bytes[16..<40])
        let seed = Checksum.crc32c(seeded.span.bytes)
        let header = Array(bytes[(offset + 8)..<(offset + 68)])
        store(Checksum.crc32c(header.span.bytes, seed: seed), &bytes, at: offset + 4)
    }
}
