import DaybookTestSupport
import EventLog
import Testing

/// Every byte of a small sealed segment is flipped, and every truncation tried.
@Suite struct SealedDamageTests {
    /// Several sealed segments, and the index of the one that is damaged.
    private func sample() throws -> (SealedSample, path: String, whole: [UInt8]) {
        let sample = try SealedSample(seed: 5, count: 40, byteCountMax: 900)
        try sample.seal()
        #expect(sample.paths(".lz4").count >= 3)
        let path = sample.paths(".lz4")[1]
        return (sample, path, try #require(sample.disk.contents(of: path)))
    }

    @Test("a flipped byte anywhere in a sealed segment is found, and no record is ever wrong")
    func everyFlip() throws {
        let (sample, path, whole) = try sample()
        var random = SeededGenerator(seed: 12)
        for offset in whole.indices {
            let bit = Int(random.next() % 8)
            sample.disk.flipBit(bit, at: offset, of: path)
            try judge(sample, path, "bit \(bit) of byte \(offset)")
            sample.disk.setContents(of: path, whole)
        }
        try sample.expectWhole()
    }

    @Test("a sealed segment that is cut short anywhere, or continued, is refused")
    func everyTruncation() throws {
        let (sample, path, whole) = try sample()
        for count in whole.indices {
            sample.disk.setContents(of: path, Array(whole[..<count]))
            let isRefused = try judge(sample, path, "\(count) bytes")
            #expect(isRefused, "\(count) bytes")
        }
        for more in [[0], [UInt8](repeating: 0, count: 4_096), whole] as [[UInt8]] {
            sample.disk.setContents(of: path, whole + more)
            let isRefused = try judge(sample, path, "\(more.count) more")
            #expect(isRefused, "\(more.count) bytes more")
        }
        sample.disk.setContents(of: path, whole)
        try sample.expectWhole()
    }

    @Test(
        "bytes that were changed on purpose, with all CRCs made right, never give a wrong record",
        arguments: 0..<4)
    func forged(part: UInt64) throws {
        let (sample, path, whole) = try sample()
        let footer = whole.count - Int(LogFormatText.load(whole, whole.count - 12, 4))
        let frame = Int(LogFormatText.load(whole, footer + 8 + 88, 8))
        for seed in (part * 400)..<(part * 400 + 400) {
            var random = SeededGenerator(seed: seed)
            var bytes = whole
            for _ in 0...(random.next() % 3) {
                // Anywhere but in the checksums that are made right below.
                let place =
                    random.next() % 2 == 0
                    ? Int.random(in: frame..<footer, using: &random)
                    : Int.random(in: (footer + 8)..<(whole.count - 16), using: &random)
                bytes[place] =
                    [0, 1, 0x7F, 0x80, 0xFF, UInt8(random.next() & 0xFF)][
                        Int(random.next() % 6)]
            }
            LogFormatText.fixChecksums(&bytes, footer: footer, frame: frame)
            sample.disk.setContents(of: path, bytes)
            let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
            // What passes for good has the same records: the tree says so.
            if report.verdict == .clean {
                try LogFixture.expect(sample.records, on: sample.disk)
            } else {
                #expect(!report.isUsable, "seed \(seed): \(report)")
                // A reader checks no tree; it must not trap, and must end.
                _ = try? LogFixture.records(sample.disk)
            }
        }
    }

    @Test("an identity that is good, but not the one that was sealed, is refused")
    func otherIdentity() throws {
        let (sample, path, whole) = try sample()
        let count = Int(LogFormatText.load(whole, 4, 4))
        // The time of creation, and the term: nothing else speaks of them.
        for offset in [8 + 40, 8 + 48] {
            var bytes = whole
            bytes[offset] ^= 1
            let payload = Array(bytes[8..<(8 + count - 4)])
            LogFixture.store(Checksum.crc32c(payload.span.bytes), &bytes, at: 8 + count - 4)
            sample.disk.setContents(of: path, bytes)
            let isRefused = try judge(sample, path, "byte \(offset)")
            #expect(isRefused)
        }
    }

    @Test("other records under the footer's tree are refused, though every checksum is right")
    func otherRecords() throws {
        let (sample, path, whole) = try sample()
        let name = try #require(UInt64(path.dropFirst(10).prefix(20)))
        let other = try SealedSample(
            seed: 5, count: 40, byteCountMax: 900, flipping: Int(name) + 1)
        try other.seal()
        var forged = try #require(other.disk.contents(of: path))
        #expect(forged != whole)
        // Frontier and root of the true segment.
        let end = try #require(sample.paths(".lz4").dropFirst(2).first)
        let peaks = try #require(UInt64(end.dropFirst(10).prefix(20))).nonzeroBitCount
        let count = 32 * peaks + 32
        let crc = forged.count - 16
        forged.replaceSubrange(
            (crc - count)..<crc, with: whole[(whole.count - 16 - count)..<(whole.count - 16)])
        let footer = forged.count - Int(LogFormatText.load(forged, forged.count - 12, 4)) + 8
        let payload = Array(forged[footer..<crc])
        LogFixture.store(Checksum.crc32c(payload.span.bytes), &forged, at: crc)
        sample.disk.setContents(of: path, forged)
        // Its two ends cannot tell; its records can.
        let quick = try LogInspection.inspect(
            folder: LogFixture.folder, disk: sample.disk, scope: .lastSegment)
        #expect(quick.verdict == .clean, "\(quick)")
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
        #expect(report.verdict == .damaged && report.segment == path, "\(report)")
        #expect(report.detail?.contains("tree") == true)
        sample.disk.setContents(of: path, whole)
        try sample.expectWhole()
    }

    /// Checks that damage is seen, and that whatever can still be read is right.
    @discardableResult
    private func judge(_ sample: SealedSample, _ path: String, _ place: String) throws -> Bool {
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
        #expect(!report.isUsable, "\(place): \(report)")
        #expect(report.segment == path, "\(place): \(report)")
        #expect(report.remedy?.contains("daybook log repair --data /data --from COPY") == true)
        #expect(report.firstSequenceAtRisk != nil && report.lastSequenceAtRisk != nil)
        let quick = try LogInspection.inspect(
            folder: LogFixture.folder, disk: sample.disk, scope: .lastSegment)
        for trust in [LogReader.Trust.everything, .provedDurable] {
            var found: [[UInt8]] = []
            do throws(EventLogError) {
                var reader = try LogReader.open(
                    folder: LogFixture.folder, disk: sample.disk, trust: trust)
                try reader.forEach { _, bytes in
                    found.append(bytes.withUnsafeBytes { Array($0) })
                    return true
                }
                Issue.record("\(place): the reader did not see it")
            } catch {
                #expect(error.code == .damaged || error.code == .foreignOrMissing, "\(place)")
            }
            #expect(found.elementsEqual(sample.records.prefix(found.count)), "\(place)")
        }
        return !quick.isUsable
    }
}

/// The few places of a sealed segment that tests change.
enum LogFormatText {
    static func load(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        LogFixture.load(bytes, offset, count)
    }

    /// The checksum of the first frame in the footer, then the footer's own.
    static func fixChecksums(_ bytes: inout [UInt8], footer: Int, frame: Int) {
        let first = Array(bytes[frame..<footer])
        LogFixture.store(Checksum.crc32c(first.span.bytes), &bytes, at: footer + 8 + 88 + 28)
        let crcOffset = bytes.count - 16
        let payload = Array(bytes[(footer + 8)..<crcOffset])
        LogFixture.store(Checksum.crc32c(payload.span.bytes), &bytes, at: crcOffset)
    }
}
