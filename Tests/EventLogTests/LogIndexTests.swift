import DaybookTestSupport
import EventLog
import Testing

@Suite struct LogIndexTests {
    @Test(
        "all records of a key that says when it began are found, however far apart",
        arguments: [true, false])
    func stories(isPaged: Bool) throws {
        for seed in 0..<4 as Range<UInt64> {
            let log = try StoryLog(seed: seed, count: 400)
            var index = try log.open(isPaged: isPaged)
            let end = Int(index.end.rawValue)
            #expect(index.segmentCount > 10 && end > 300)
            for story in 0..<UInt64(end) {
                let found = try index.sequences(
                    ofKey: "story \(story)", since: SequenceNumber(story),
                    in: .zero..<index.end)
                #expect(
                    found.map(\.rawValue) == log.expected(story, 0..<end), "seed \(seed) \(story)")
                let half = SequenceNumber(story + 50)
                let later = try index.sequences(
                    ofKey: "story \(story)", since: SequenceNumber(story),
                    in: half..<max(half, index.end))
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
            folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary(), trust: .everything
        )
        whole.wholeIndexByteCountMax = .max
        var paged = try LogIndex.open(
            folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary(),
            trust: .everything)
        paged.wholeIndexByteCountMax = 0
        let all = SequenceNumber.zero..<whole.end
        #expect(whole.end.rawValue == 4_800)
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
                folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary(),
                trust: .everything)
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
        let end = Int(index.end.rawValue)
        let active = try #require(log.active.map { Int($0.rawValue) })
        #expect(end == log.records.count && active < end)
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
            // Behind the sealed segments each record has a batch of its own.
            let single = wanted.count { $0 >= active }
            #expect(frames <= index.segmentCount + single)
        }
        #expect(throws: EventLogError.self) {
            _ = try index.forEachRecord(at: [index.end], mapping: { $0 }) {
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

    /// Records of very different lengths, in some twenty frames, all sealed.
    private static func uneven(
        seed: UInt64
    ) throws -> (disk: SimulatedDisk, records: [[UInt8]], random: SeededGenerator) {
        var random = SeededGenerator(seed: seed)
        let disk = SimulatedDisk()
        let configuration = LogConfiguration(segmentByteCount: 256 * 4_096)
        var store = try LogFixture.open(disk, configuration)
        var records: [[UInt8]] = []
        for _ in 0..<70 {
            let longest: UInt64 = random.next() % 3 == 0 ? 60_000 : 90
            let decision = (0..<(1 + random.next() % 30)).map { _ in
                (0..<(1 + random.next() % longest)).map { _ in UInt8(random.next() & 3) }
            }
            try store.write(decision)
            records += decision
        }
        try store.close()
        disk.killProcess()
        _ = try LogStore.sealAll(
            folder: LogFixture.folder, disk: disk, configuration: configuration,
            vocabulary: NoVocabulary())
        return (disk, records, random)
    }

    @Test(
        "records are read no further than they are wanted, whatever their lengths, by two threads",
        arguments: 0..<4 as Range<UInt64>)
    func uneven(seed: UInt64) throws {
        var (disk, records, random) = try Self.uneven(seed: seed)
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: disk, vocabulary: NoVocabulary(), trust: .everything)
        for round in 0..<40 {
            let share = 1 + random.next() % 40
            var wanted = records.indices.filter { _ in random.next() % share == 0 }
            if round % 2 == 0 { wanted.reverse() }
            var found: [Int] = []
            try index.forEachRecord(
                at: wanted.map { SequenceNumber(UInt64($0)) }, mapping: { $0 }
            ) { (sequence, bytes) throws(EventLogError) in
                let number = Int(sequence.rawValue)
                found.append(number)
                #expect(bytes.withUnsafeBytes { Array($0) } == records[number])
            }
            #expect(found == wanted, "seed \(seed) round \(round)")
        }
        try LogFixture.expect(records, on: disk)
    }

    @Test("what stands before a damaged frame is given, then the damage is told")
    func damagedFrame() throws {
        let (disk, records, _) = try Self.uneven(seed: 9)
        let last = try #require(disk.paths.filter { $0.hasSuffix(".lz4") }.max())
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: disk, vocabulary: NoVocabulary(), trust: .everything)
        disk.flipBit(3, at: 5_000, of: last)
        let name = try #require(UInt64(last.dropFirst(10).prefix(20)))
        var found: [UInt64] = []
        let error = try #require(throws: EventLogError.self) {
            _ = try index.forEachRecord(
                at: records.indices.map { SequenceNumber(UInt64($0)) }, mapping: { $0 }
            ) { (sequence, _) throws(EventLogError) in
                found.append(sequence.rawValue)
            }
        }
        #expect(error.code == .damaged && found == Array(0..<name))
    }

    @Test("no record after a time is older than its upper bound, and little is left out")
    func upperBounds() throws {
        let sample = try SealedSample(seed: 14, count: 120)
        try sample.seal()
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: sample.disk, vocabulary: TestVocabulary(),
            trust: .everything)
        let times = sample.records.map(KeyedRecord.time)
        let last = try #require(times.last)
        for time in stride(from: 999_000, through: last + 1_000, by: 250) {
            let bound = Int(try index.upperBound(of: time).rawValue)
            let end = Int(index.end.rawValue)
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
