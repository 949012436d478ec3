import DaybookTestSupport
import EventLog
import Testing

/// Records that belong to stories: one byte how many keys, then for each key eight bytes: the
/// sequence with which it began.
struct StoryVocabulary: RecordVocabulary {
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
struct StoryLog {
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
            folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary(), trust: .everything
        )
        if isPaged { index.wholeIndexByteCountMax = 0 }
        return index
    }

    /// The segment that is written to.
    var active: SequenceNumber? {
        disk.paths.filter { $0.hasSuffix(".log") }.compactMap {
            UInt64($0.dropFirst(10).prefix(20)).map { SequenceNumber($0) }
        }.max()
    }

    /// What a search of every record gives.
    func expected(_ story: UInt64, _ range: Range<Int>) -> [UInt64] {
        range.filter { StoryVocabulary.stories(records[$0]).contains(story) }.map { UInt64($0) }
    }
}
