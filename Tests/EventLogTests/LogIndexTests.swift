import DaybookTestSupport
import EventLog
import Testing

/// Records that belong to stories: one byte how many keys, then for each key eight bytes: the
/// sequence with which it began.
private struct StoryVocabulary: RecordVocabulary {
    var version: UInt64 { 9 }

    static func stories(_ bytes: [UInt8]) -> [UInt64] {
        guard let count = bytes.first, bytes.count >= 1 + 8 * Int(count) else { return [] }
        return (0..<Int(count)).map { LogFixture.load(bytes, 1 + 8 * $0, 8) }
    }

    func describe(_ record: RawSpan, into description: inout RecordDescription) {
        let stories = Self.stories(record.withUnsafeBytes { Array($0) })
        description.time = stories.last.map { Int64($0) }
        for story in stories {
            description.add(key: "story \(story)", since: SequenceNumber(story).rawValue)
            description.add(key: "parity \(story % 2)")
        }
    }
}

/// A log of stories that go on for any time, in many segments.
private struct StoryLog {
    let disk = SimulatedDisk()
    var records: [[UInt8]] = []

    init(seed: UInt64, count: Int, sealing: Int = .max) throws {
        var random = SeededGenerator(seed: seed)
        var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 4 * 4_096))
        while records.count < count {
            let number = UInt64(records.count)
            var stories = [number]
            if number > 0, random.next() % 2 == 0 {
                // Near ones mostly, and some from long ago.
                let reach = random.next() % 5 == 0 ? number : min(number, 12)
                stories.append(number - 1 - random.next() % reach)
            }
            if random.next() % 3 == 0 { stories.removeFirst() }
            var bytes = [UInt8(stories.count)]
            for story in stories {
                bytes += (0..<8).map { UInt8(truncatingIfNeeded: story >> (8 * $0)) }
            }
            bytes += (0..<random.next() % 300).map { _ in UInt8(random.next() & 0xFF) }
            try store.write([bytes])
            records.append(bytes)
        }
        try store.close()
        disk.killProcess()
        let pending = try SegmentSealing.pending(folder: LogFixture.folder, disk: disk)
        for name in pending.prefix(sealing) { try seal(name) }
    }

    func seal(_ name: SequenceNumber) throws {
        let outcome = try SegmentSealing(
            segment: name, folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary()
        ).run()
        #expect(outcome.indexFailure == nil)
    }

    func open(isPaged: Bool) throws -> LogIndex {
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary())
        if isPaged { index.wholeIndexByteCountMax = 0 }
        return index
    }

    /// What a search of every record gives.
    func expected(_ story: UInt64, _ range: Range<Int>) -> [UInt64] {
        range.filter { StoryVocabulary.stories(records[$0]).contains(story) }.map { UInt64($0) }
    }
}

@Suite struct LogIndexTests {
    @Test(
        "all records of a key that says when it began are found, however far apart",
        arguments: [true, false])
    func stories(isPaged: Bool) throws {
        for seed in 0..<4 as Range<UInt64> {
            let log = try StoryLog(seed: seed, count: 400)
            var index = try log.open(isPaged: isPaged)
            let end = Int(index.indexedEnd.rawValue)
            #expect(index.segmentCount > 10 && end > 300)
            for story in 0..<UInt64(end) {
                let found = try index.sequences(
                    ofKey: "story \(story)", since: SequenceNumber(story),
                    in: .zero..<index.indexedEnd)
                #expect(
                    found.map(\.rawValue) == log.expected(story, 0..<end), "seed \(seed) \(story)")
                let half = SequenceNumber(story + 50)
                let later = try index.sequences(
                    ofKey: "story \(story)", since: SequenceNumber(story),
                    in: half..<max(half, index.indexedEnd))
                #expect(later == found.filter { $0 >= half }, "seed \(seed) \(story)")
            }
            #expect(index.problems.isEmpty)
            try LogFixture.expect(log.records, on: log.disk)
        }
    }

    @Test("a run of one key over many pages of an index gives what the whole index gives")
    func pages() throws {
        var random = SeededGenerator(seed: 5)
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 256 * 4_096))
        var written: [UInt64] = []
        for _ in 0..<60 {
            let decision = (0..<80).map { number -> [UInt8] in
                let story = UInt64(written.count + number)
                return [1] + (0..<8).map { UInt8(truncatingIfNeeded: story >> (8 * $0)) }
                    + (0..<random.next() % 90).map { _ in UInt8(random.next() & 0xFF) }
            }
            try store.write(decision)
            written += decision.map { LogFixture.load($0, 1, 8) }
        }
        try store.endSegment()
        try store.close()
        disk.killProcess()
        for name in try SegmentSealing.pending(folder: LogFixture.folder, disk: disk) {
            _ = try SegmentSealing(
                segment: name, folder: LogFixture.folder, disk: disk,
                vocabulary: StoryVocabulary()
            ).run()
        }
        var whole = try LogIndex.open(
            folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary())
        whole.wholeIndexByteCountMax = .max
        var paged = whole
        paged.wholeIndexByteCountMax = 0
        let all = SequenceNumber.zero..<whole.indexedEnd
        #expect(whole.indexedEnd.rawValue == 4_800)
        for story in 0..<5_000 {
            for key in ["story \(story)", "parity \(story)"] {
                let expected = try whole.sequences(
                    ofKey: key, in: all, order: .newestFirst, limit: .max)
                let found = try paged.sequences(
                    ofKey: key, in: all, order: .newestFirst, limit: .max)
                #expect(found == expected, "\(key)")
            }
        }
        #expect(whole.problems.isEmpty && paged.problems.isEmpty)
        let path = try #require(disk.paths.first { $0.hasSuffix(".idx") })
        let bytes = try #require(disk.contents(of: path))
        #expect(bytes.count > 20 * 4_096)
        // Any byte changed: the same answers, from this file or from one that is made again.
        for seed in 0..<40 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let offset = Int(random.next() % UInt64(bytes.count - 4))
            disk.flipBit(Int(seed % 8), at: offset, of: path)
            var index = try LogIndex.open(
                folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary())
            index.wholeIndexByteCountMax = 0
            for story in stride(from: 0, to: 4_800, by: 97) {
                let found = try index.sequences(
                    ofKey: "story \(story)", in: all, order: .oldestFirst, limit: 9)
                #expect(found.map(\.rawValue) == [UInt64(story)], "byte \(offset)")
            }
            disk.setContents(of: path, bytes)
        }
    }

    @Test("records at any sequences are those that were written, and each frame is read once")
    func records() throws {
        let log = try StoryLog(seed: 11, count: 300)
        var index = try log.open(isPaged: true)
        let end = Int(index.indexedEnd.rawValue)
        var random = SeededGenerator(seed: 12)
        for _ in 0..<50 {
            let wanted = Set((0..<20).map { _ in Int(random.next() % UInt64(end)) }).sorted()
            var found: [[UInt8]] = []
            let frames = try index.forEachRecord(
                at: wanted.map { SequenceNumber(UInt64($0)) }, mapping: { $0 }
            ) { (_, bytes) throws(EventLogError) in
                found.append(bytes.withUnsafeBytes { Array($0) })
            }
            #expect(found == wanted.map { log.records[$0] })
            #expect(frames <= index.segmentCount)
        }
        #expect(throws: EventLogError.self) {
            _ = try index.forEachRecord(at: [index.indexedEnd], mapping: { $0 }) {
                (_, _) throws(EventLogError) in
            }
        }
        let last = SequenceNumber(.max)
        #expect(throws: EventLogError.self) {
            _ = try index.forEachRecord(at: [last], mapping: { $0 }) {
                (_, _) throws(EventLogError) in
            }
        }
    }

    @Test("an index that is open takes note of each segment that is sealed since")
    func refresh() throws {
        let log = try StoryLog(seed: 13, count: 200, sealing: 3)
        var index = try log.open(isPaged: false)
        #expect(index.segmentCount == 3)
        for name in try SegmentSealing.pending(folder: LogFixture.folder, disk: log.disk) {
            #expect(index.indexedEnd == name)
            try log.seal(name)
            try index.refresh()
            let end = Int(index.indexedEnd.rawValue)
            for story in 0..<UInt64(end) {
                let found = try index.sequences(
                    ofKey: "story \(story)", since: SequenceNumber(story),
                    in: .zero..<index.indexedEnd)
                #expect(found.map(\.rawValue) == log.expected(story, 0..<end))
            }
        }
        let again = try log.open(isPaged: false)
        #expect(again.indexedEnd == index.indexedEnd)
        #expect(again.segmentCount == index.segmentCount)
    }

    @Test("no record after a time is older than its upper bound, and little is left out")
    func upperBounds() throws {
        let sample = try SealedSample(seed: 14, count: 120)
        try sample.seal()
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: sample.disk, vocabulary: TestVocabulary())
        let times = sample.records.map(KeyedRecord.time)
        let last = try #require(times.last)
        for time in stride(from: 999_000, through: last + 1_000, by: 250) {
            let bound = Int(try index.upperBound(of: time).rawValue)
            let end = Int(index.indexedEnd.rawValue)
            #expect(times[bound..<end].allSatisfy { $0 > time }, "time \(time)")
        }
    }

    @Test("an index that is missing or of another vocabulary is named, to be renewed")
    func outdated() throws {
        let sample = try SealedSample(seed: 15, count: 60)
        try sample.seal()
        let names = try sample.paths(".lz4").map {
            SequenceNumber(try #require(UInt64($0.dropFirst(10).prefix(20))))
        }
        func outdated(_ version: UInt64) throws -> [SequenceNumber] {
            try SegmentIndex.outdated(
                folder: LogFixture.folder, disk: sample.disk,
                vocabulary: TestVocabulary(version: version))
        }
        #expect(try outdated(7).isEmpty && outdated(8) == names)
        sample.disk.erase(sample.paths(".idx")[1])
        #expect(try outdated(7) == [names[1]])
        for name in names {
            try SegmentIndex.renew(
                name, folder: LogFixture.folder, disk: sample.disk,
                vocabulary: TestVocabulary(version: 8))
        }
        #expect(try outdated(8).isEmpty)
        try sample.expectWhole()
    }
}
