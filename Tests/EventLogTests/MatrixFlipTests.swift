import DaybookTestSupport
import EventLog
import Testing

/// Every byte of a small log is changed, and every length tried, of every file.
@Suite struct MatrixFlipTests {
    /// Which part of the offsets a test case takes, so that they run beside each other.
    static let parts = 0..<4

    @Test(
        "every byte of the segments but the last, changed in any way, is found",
        arguments: [".lz4", ".log"], parts)
    func older(suffix: String, part: Int) throws {
        let sample = try MatrixSample(isClosed: true)
        for path in sample.paths(suffix).prefix(suffix == ".lz4" ? 2 : 1) {
            try flipEach(sample, path, part) { _ in [.damaged, .foreignOrMissing] }
        }
    }

    @Test(
        "every byte of the last segment, changed in any way, gives the verdict of the table",
        arguments: [true, false], parts)
    func last(isClosed: Bool, part: Int) throws {
        let sample = try MatrixSample(isClosed: isClosed)
        let (path, end) = try sample.last()
        try flipEach(sample, path, part) { offset in
            // Behind the last batch nothing was written: a lost first sector of a write, unless the
            // first sector is there itself, and then no sector of it is zeros.
            offset < end + 512 ? [.damaged] : [.torn]
        }
    }

    @Test("an index may have any byte changed, and any length: it is made anew", arguments: parts)
    func index(part: Int) throws {
        let sample = try MatrixSample(isClosed: true)
        for path in sample.paths(".idx") {
            let whole = try #require(sample.disk.contents(of: path))
            let key = "key \(try #require(sample.records.flatMap(KeyedRecord.keys).first))"
            let expected = try Self.search(sample, key)
            #expect(!expected.isEmpty)
            for offset in whole.indices where offset % Self.parts.count == part {
                for changed in [Self.changed(whole, offset), Array(whole[..<offset])] {
                    let problem = try sample.problem(path, changed, expected: [.clean])
                    if let problem { Issue.record("byte \(offset) of \(path): \(problem)") }
                    sample.disk.setContents(of: path, changed)
                    let found = try Self.search(sample, key)
                    if found != expected { Issue.record("byte \(offset) of \(path): \(found)") }
                }
            }
            sample.disk.setContents(of: path, whole)
        }
    }

    @Test("every length of every segment but its own is refused", arguments: parts)
    func lengths(part: Int) throws {
        let sample = try MatrixSample(isClosed: false)
        for path in sample.paths(".lz4") + sample.paths(".log") {
            let whole = try #require(sample.disk.contents(of: path))
            for count in whole.indices where count % Self.parts.count == part {
                try expect(sample, path, Array(whole[..<count]), "\(count) bytes")
            }
            for more in [1, 511, 512, 4_096, 40_960] where more % Self.parts.count == part {
                let zeros = [UInt8](repeating: 0, count: more)
                try expect(sample, path, whole + zeros, "\(more) zeros more")
            }
        }
        #expect(MatrixSample.read(sample.disk).0 == sample.records)
    }

    private func expect(
        _ sample: MatrixSample, _ path: String, _ changed: [UInt8], _ place: String
    ) throws {
        let problem = try sample.problem(path, changed, expected: [.damaged, .foreignOrMissing])
        if let problem { Issue.record("\(place) of \(path): \(problem)") }
    }

    private func flipEach(
        _ sample: MatrixSample, _ path: String, _ part: Int,
        _ expected: (Int) -> Set<RecoveryReport.Verdict>
    ) throws {
        let whole = try #require(sample.disk.contents(of: path))
        for offset in whole.indices where offset % Self.parts.count == part {
            let changed = Self.changed(whole, offset)
            let problem = try sample.problem(path, changed, expected: expected(offset))
            if let problem { Issue.record("byte \(offset) of \(path): \(problem)") }
        }
        #expect(MatrixSample.read(sample.disk).0 == sample.records)
    }

    /// One byte changed: in one bit, or to any other value, as its offset says.
    static func changed(_ whole: [UInt8], _ offset: Int) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(offset))
        var bytes = whole
        let mask = UInt8(truncatingIfNeeded: random.next())
        bytes[offset] ^= random.next() % 2 == 0 ? 1 << (mask & 7) : max(1, mask)
        return bytes
    }

    private static func search(_ sample: MatrixSample, _ key: String) throws -> [SequenceNumber] {
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: sample.disk, vocabulary: TestVocabulary(),
            trust: .everything)
        return try index.sequences(
            ofKey: key, in: .zero..<SequenceNumber(1_000), order: .oldestFirst, limit: 1_000)
    }
}
