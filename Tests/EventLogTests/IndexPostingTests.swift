import DaybookTestSupport
import EventLog
import Testing

/// Postings that are not what they must be, in an index whose checksums are all right.
///
/// Each time the index must not be believed, but made anew: the answer is that of the records. They
/// are in one key, of which 24 records of the first segment tell, and 12 of the next one, which is
/// not sealed.
@Suite struct IndexPostingTests {
    struct Forgery: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// What stands in place of the last bytes of `[0, 1, 1, …]`, the steps of 24 sequences.
        let end: [UInt8]
        /// How many sequences the key then states.
        let count: UInt8
    }

    static let forgeries: [Forgery] = [
        Forgery(testDescription: "a sequence twice", end: [0, 1, 1], count: 24),
        Forgery(testDescription: "a step in two bytes, of one", end: [0x81, 0], count: 23),
        Forgery(testDescription: "a step of zero, in two bytes", end: [0x80, 0], count: 23),
        Forgery(
            testDescription: "a step whose tenth byte has no place",
            end: [0x81] + [UInt8](repeating: 0x80, count: 8) + [2], count: 15),
        Forgery(
            testDescription: "a step of eleven bytes",
            end: [0x81] + [UInt8](repeating: 0x80, count: 9) + [2], count: 14),
        Forgery(testDescription: "a sequence of the next segment", end: [2], count: 24),
        Forgery(testDescription: "a step without an end", end: [0x81], count: 24),
        Forgery(testDescription: "a sequence more than stands there", end: [1], count: 25),
        Forgery(testDescription: "a byte more than its sequences need", end: [1], count: 23),
        Forgery(testDescription: "a key without sequences", end: [1], count: 0),
    ]

    /// The disk, and the path of the one index.
    private static func sample() throws -> (disk: SimulatedDisk, path: String) {
        let disk = SimulatedDisk()
        let record = [UInt8](repeating: 1, count: 8) + [1, 7]
        let decision = [[UInt8]](repeating: record, count: 12)
        var store = try LogFixture.open(disk, MatrixForgedTests.configuration)
        for _ in 0..<3 { try store.write(decision) }
        try store.close()
        disk.killProcess()
        _ = try LogFixture.sealing(.zero, disk).run()
        return (disk, LogFixture.path(.zero, ".idx"))
    }

    /// Puts in the forged bytes, with the checksums made right.
    private static func forge(_ bytes: inout [UInt8], _ forgery: Forgery) throws {
        let end = LogFixture.indexTail(bytes)
        try #require(bytes[(end - 24)..<end].elementsEqual([0] + [UInt8](repeating: 1, count: 23)))
        try #require(LogFixture.load(bytes, 64 + 12, 4) == 24)
        bytes.replaceSubrange((end - forgery.end.count)..<end, with: forgery.end)
        bytes[64 + 12] = forgery.count
        LogFixture.fixIndex(&bytes)
    }

    private static func open(_ disk: SimulatedDisk, isPaged: Bool) throws -> LogIndex {
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: disk, vocabulary: TestVocabulary(), trust: .everything)
        index.wholeIndexByteCountMax = isPaged ? 0 : .max
        return index
    }

    private static func find(_ index: inout LogIndex) throws -> [UInt64] {
        try index.sequences(
            ofKey: "key 7", in: .zero..<SequenceNumber(100), order: .oldestFirst, limit: 100
        ).map(\.rawValue)
    }

    @Test("the forger of these tests makes a good index of one that it leaves as it was")
    func forger() throws {
        let (disk, path) = try Self.sample()
        var bytes = try #require(disk.contents(of: path))
        try Self.forge(&bytes, Forgery(testDescription: "", end: [1], count: 24))
        #expect(bytes == disk.contents(of: path))
        for isPaged in [false, true] {
            var index = try Self.open(disk, isPaged: isPaged)
            #expect(try Self.find(&index) == Array(0..<36))
            #expect(index.problems == [])
        }
    }

    @Test(
        "an index whose postings are not what they must be is not believed, but made anew",
        arguments: forgeries)
    func whole(forgery: Forgery) throws {
        let (disk, path) = try Self.sample()
        let good = try #require(disk.contents(of: path))
        var bytes = good
        try Self.forge(&bytes, forgery)
        disk.setContents(of: path, bytes)
        var index = try Self.open(disk, isPaged: false)
        #expect(try Self.find(&index) == Array(0..<36))
        #expect(index.problems.count == 1)
        #expect(
            try SegmentIndex.renew(
                .zero, folder: LogFixture.folder, disk: disk, vocabulary: TestVocabulary()))
        #expect(disk.contents(of: path) == good)
    }

    @Test(
        "the same where only a page of it is read",
        arguments: forgeries.filter { $0.testDescription != "a byte more than its sequences need" })
    func paged(forgery: Forgery) throws {
        let (disk, path) = try Self.sample()
        var bytes = try #require(disk.contents(of: path))
        try Self.forge(&bytes, forgery)
        disk.setContents(of: path, bytes)
        var index = try Self.open(disk, isPaged: true)
        #expect(try Self.find(&index) == Array(0..<36))
        #expect(index.problems.count == 1)
    }

    @Test("verify and the independent reader say of each that it cannot be")
    func verdicts() async throws {
        let (disk, _) = try Self.sample()
        var log = VerdictFolder(name: "good", files: [:], expected: [])
        for path in disk.paths where !path.hasSuffix("LOCK") {
            log.files[String(path.dropFirst(LogFixture.folder.count + 1))] = disk.contents(of: path)
        }
        let index = try #require(log.paths(".idx").first)
        let forged = try Self.forgeries.map { forgery in
            try log.damaged(forgery.testDescription, [.indexMismatch]) { folder in
                try folder.change(index) { try Self.forge(&$0, forgery) }
            }
        }
        try await PythonVerdict.compare(
            [log] + forged, job: { .init(path: $1) },
            with: { _, path in LogVerifier.verify(folder: path, disk: RealDisk(), threads: 1) })
    }
}
