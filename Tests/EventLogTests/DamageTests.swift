import DaybookTestSupport
import EventLog
import Testing

/// Every byte of a small log is flipped, and every truncation tried.
@Suite struct DamageTests {
    /// Three segments of four blocks; the last has a batch, and a mark if the log was closed.
    struct Sample {
        var disk = SimulatedDisk()
        var records: [[UInt8]] = []
        let configuration = LogConfiguration(segmentByteCount: 4 * 4_096)

        init(isClosed: Bool) throws {
            var store = try LogFixture.open(disk, configuration)
            for number in 0..<6 as Range<UInt64> {
                let decision = [
                    LogFixture.record(number * 2, byteCount: 700),
                    LogFixture.record(number * 2 + 1, byteCount: 40),
                ]
                try store.write(decision)
                records += decision
            }
            if isClosed { try store.close() }
            disk.killProcess()
        }

        var segments: [String] { disk.paths.filter { $0.hasSuffix(".log") } }
    }

    @Test(
        "a flipped byte anywhere is found, and no record is ever wrong", arguments: [true, false])
    func everyFlip(isClosed: Bool) throws {
        let sample = try Sample(isClosed: isClosed)
        #expect(sample.segments.count == 3)
        var random = SeededGenerator(seed: 11)
        for path in sample.segments {
            let whole = try #require(sample.disk.contents(of: path))
            for offset in LogFixture.tellingOffsets(of: whole) {
                let bit = Int(random.next() % 8)
                sample.disk.flipBit(bit, at: offset, of: path)
                try judge(sample, path: path, "bit \(bit) of byte \(offset) of \(path)")
                sample.disk.setContents(of: path, whole)
            }
        }
        try LogFixture.expect(sample.records, on: sample.disk)
    }

    @Test(
        "a truncation anywhere is refused, and no record is ever wrong", arguments: [true, false])
    func everyTruncation(isClosed: Bool) throws {
        let sample = try Sample(isClosed: isClosed)
        for path in sample.segments {
            let whole = try #require(sample.disk.contents(of: path))
            for count in LogFixture.tellingOffsets(of: whole) {
                sample.disk.setContents(of: path, Array(whole[..<count]))
                let place = "\(count) bytes of \(path)"
                let verdict = try judge(sample, path: path, place)
                #expect(verdict == .damaged, "\(place)")
            }
            sample.disk.setContents(of: path, whole)
        }
        try LogFixture.expect(sample.records, on: sample.disk)
    }

    @Test("a segment that is gone is missed, unless nothing can tell")
    func missingSegments() throws {
        let sample = try Sample(isClosed: true)
        let segments = sample.segments
        for (index, path) in segments.enumerated() {
            let whole = try #require(sample.disk.contents(of: path))
            sample.disk.erase(path)
            let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
            // The first may have been retired. The last leaves no trace within the log itself.
            let expected: RecoveryReport.Verdict = index == 1 ? .foreignOrMissing : .clean
            #expect(report.verdict == expected, "\(path)")
            let claim = DurabilityClaim(
                name: "checkpoint", durableThrough: SequenceNumber(UInt64(sample.records.count) - 1)
            )
            let known = try LogInspection.inspect(
                folder: LogFixture.folder, disk: sample.disk, evidence: [claim])
            if index == 2 { #expect(known.verdict == .damaged) }
            sample.disk.setContents(of: path, whole)
        }
        try LogFixture.expect(sample.records, on: sample.disk)
    }

    /// Checks that damage is seen, and that whatever can still be read is right.
    @discardableResult
    private func judge(
        _ sample: Sample, path: String, _ place: String
    ) throws -> RecoveryReport.Verdict {
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
        #expect(report.verdict != .clean, "\(place)")
        let isLast = path == sample.segments.last
        if !isLast { #expect(!report.isUsable, "\(place): \(report)") }
        try expectTruth(sample, trust: .everything, place)
        try expectTruth(sample, trust: .provedDurable, place)
        guard report.isUsable else {
            #expect(report.remedy != nil && report.segment == path, "\(place): \(report)")
            return report.verdict
        }
        // What is set aside was no record: all are there after an opening.
        let copy = sample.disk.copy()
        try LogFixture.open(copy, sample.configuration).close()
        let found = try LogFixture.records(copy)
        #expect(found.map(\.1) == sample.records, "\(place): \(report)")
        #expect(copy.paths.contains { $0.hasPrefix("/data/quarantine/") }, "\(place)")
        return report.verdict
    }

    /// What a reader gives is a true record each time, whether or not it then meets the damage.
    private func expectTruth(
        _ sample: Sample, trust: LogReader.Trust, _ place: String
    ) throws {
        var found: [[UInt8]] = []
        var isOrdered = true
        do throws(EventLogError) {
            var reader = try LogReader.open(
                folder: LogFixture.folder, disk: sample.disk, trust: trust)
            try reader.forEach { sequence, bytes in
                isOrdered = isOrdered && sequence.rawValue == UInt64(found.count)
                found.append(bytes.withUnsafeBytes { Array($0) })
                return true
            }
        } catch {
            let codes: [EventLogError.Code] = [.damaged, .foreignOrMissing, .noLog]
            #expect(codes.contains(error.code), "\(place): \(error)")
        }
        let isTrue = isOrdered && found.elementsEqual(sample.records.prefix(found.count))
        #expect(isTrue, "\(place)")
    }
}
