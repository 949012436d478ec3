import DaybookTestSupport
import EventLog
import Testing

/// An index beside a log that is written, rolled and sealed.
@Suite struct LogFollowerTests {
    @Test("an index that is open takes note of each segment that is sealed since")
    func refresh() throws {
        let log = try StoryLog(seed: 13, count: 200, sealing: 3)
        var index = try log.open(isPaged: false)
        let end = log.records.count
        var sealed = 3
        for name in try SegmentSealing.pending(folder: LogFixture.folder, disk: log.disk) {
            #expect(index.segmentCount == sealed && Int(index.end.rawValue) == end)
            // What was read of it before can be read though its file is gone.
            var bytes: [UInt8] = []
            try log.seal(name)
            try index.forEachRecord(at: [name], mapping: { $0 }) {
                (_, record) throws(EventLogError) in
                bytes = record.withUnsafeBytes { Array($0) }
            }
            #expect(bytes == log.records[Int(name.rawValue)])
            try index.refresh()
            sealed += 1
            for story in 0..<UInt64(end) {
                let found = try index.sequences(
                    ofKey: "story \(story)", since: SequenceNumber(story), in: .zero..<index.end)
                #expect(found.map(\.rawValue) == log.expected(story, 0..<end))
            }
        }
        let again = try log.open(isPaged: false)
        #expect(again.end == index.end)
        #expect(again.segmentCount == index.segmentCount)
    }

    @Test("segments that are sealed in any order are found by their indexes, or in memory")
    func sealedInAnyOrder() throws {
        for seed in 0..<6 as Range<UInt64> {
            let log = try StoryLog(seed: 50 + seed, count: 200, sealing: 0)
            var random = SeededGenerator(seed: seed)
            var names = try SegmentSealing.pending(folder: LogFixture.folder, disk: log.disk)
            names.shuffle(using: &random)
            var kept = try log.open(isPaged: true)
            for name in names {
                try log.seal(name)
                try kept.refresh()
                var opened = try log.open(isPaged: true)
                #expect(opened.segmentCount >= kept.segmentCount)
                for story in 0..<200 as Range<UInt64> {
                    let wanted = log.expected(story, 0..<200)
                    for order in [LogIndex.Order.oldestFirst, .newestFirst] {
                        let found = [
                            try kept.sequences(
                                ofKey: "story \(story)", in: .zero..<SequenceNumber(200),
                                order: order, limit: .max),
                            try opened.sequences(
                                ofKey: "story \(story)", in: .zero..<SequenceNumber(200),
                                order: order, limit: .max),
                        ].map { $0.map(\.rawValue).sorted() }
                        #expect(found == [wanted, wanted], "seed \(seed) story \(story)")
                    }
                }
            }
            try LogFixture.expect(log.records, on: log.disk)
        }
    }

    @Test(
        "an index follows a writer: after each refresh it knows what a reader would read",
        arguments: [LogReader.Trust.everything, .provedDurable])
    func follows(trust: LogReader.Trust) throws {
        for seed in 0..<4 as Range<UInt64> {
            var random = SeededGenerator(seed: 70 + seed)
            let disk = SimulatedDisk()
            var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 4 * 4_096))
            var records: [[UInt8]] = []
            func write() throws {
                let batch = (0..<(1 + random.next() % 4)).map { step -> [UInt8] in
                    let story = UInt64(records.count) + step
                    return [1] + (0..<8).map { UInt8(truncatingIfNeeded: story >> (8 * $0)) }
                        + (0..<random.next() % 200).map { _ in UInt8(random.next() & 0xFF) }
                }
                try store.write(batch)
                records += batch
            }
            try write()
            var index = try LogIndex.open(
                folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary(), trust: trust)
            for _ in 0..<60 {
                switch random.next() % 6 {
                case 0: try store.endSegment()
                case 1:
                    let pending = try SegmentSealing.pending(folder: LogFixture.folder, disk: disk)
                    if let name = pending.first {
                        _ = try SegmentSealing(
                            segment: name, folder: LogFixture.folder, disk: disk,
                            vocabulary: StoryVocabulary()
                        ).run()
                    }
                default: try write()
                }
                if random.next() % 3 == 0 { continue }
                try index.refresh()
                var reader = try LogReader.open(
                    folder: LogFixture.folder, disk: disk, trust: trust)
                var count: UInt64 = 0
                try reader.forEach { sequence, _ in
                    count = sequence.rawValue + 1
                    return true
                }
                #expect(index.end.rawValue == count, "seed \(seed)")
                var found: [[UInt8]] = []
                for story in 0..<UInt64(records.count) {
                    let places = try index.sequences(
                        ofKey: "story \(story)", since: SequenceNumber(story),
                        in: .zero..<index.end)
                    #expect(places.map(\.rawValue) == (story < count ? [story] : []))
                    try index.forEachRecord(at: places, mapping: { $0 }) {
                        (_, bytes) throws(EventLogError) in
                        found.append(bytes.withUnsafeBytes { Array($0) })
                    }
                    if story < count {
                        let time = try index.firstSequence(atOrAfter: Int64(story))
                        #expect(time?.rawValue == story)
                        let bound = try index.upperBound(of: Int64(story)).rawValue
                        #expect(bound > story && bound <= count)
                    }
                }
                #expect(found == Array(records.prefix(Int(count))), "seed \(seed)")
            }
            try store.close()
            disk.killProcess()
            try LogFixture.expect(records, on: disk)
        }
    }

    /// A log of five records in the end, one in each batch, and an index that follows it.
    private static func followed(
        _ body: (SimulatedDisk, inout LogStore, inout LogIndex) throws -> Void
    ) throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 8 * 4_096))
        for _ in 0..<3 { try store.write([[0]]) }
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: disk, vocabulary: StoryVocabulary(),
            trust: .provedDurable)
        try body(disk, &store, &index)
        try store.close()
        disk.killProcess()
        try LogFixture.expect(Array(repeating: [0], count: 5), on: disk)
    }

    @Test("an index that follows an empty segment waits for its first record")
    func emptySegment() throws {
        try Self.followed { disk, store, index in
            try store.endSegment()
            for _ in 0..<3 {
                try index.refresh()
                #expect(index.end == SequenceNumber(3))
            }
            try store.write([[0]])
            try store.write([[0]])
            try index.refresh()
            #expect(index.end == SequenceNumber(4))
        }
    }

    @Test("a batch that is damaged while it is followed is an error once the log goes on")
    func damagedWhileFollowed() throws {
        // On a real disk: the simulated one leaves an open file as it was.
        try TemporaryFolder.with { folder in
            let disk = RealDisk()
            var store = try LogStore.open(
                folder: folder, disk: disk,
                configuration: LogConfiguration(segmentByteCount: 8 * 4_096),
                sources: LogFixture.sources)
            for _ in 0..<3 { try store.write([[0]]) }
            var index = try LogIndex.open(
                folder: folder, disk: disk, vocabulary: StoryVocabulary(), trust: .provedDurable)
            try store.write([[0]])
            // How many records the fourth batch has, behind the segment's header, a mark and three
            // batches.
            func setCount(_ count: UInt8) throws {
                let path = folder + "/log/00000000000000000000.log"
                let file = try disk.open(path, .readWrite)
                defer { disk.close(file) }
                try disk.write(file, at: 5 * 4_096 + 20, [count].span.bytes)
            }
            try setCount(7)
            try index.refresh()
            try store.endSegment()
            try store.write([[0]])
            let error = try #require(throws: EventLogError.self) { try index.refresh() }
            #expect(error.code == .damaged)
            try setCount(1)
            try index.refresh()
            #expect(index.end == SequenceNumber(4))
            try store.close()
            try LogFixture.expect(Array(repeating: [0], count: 5), on: disk, folder: folder)
        }
    }

    @Test("a segment that is lost while it is followed is an error before long")
    func lostWhileFollowed() throws {
        try Self.followed { disk, store, index in
            try store.endSegment()
            try store.write([[0]])
            try store.endSegment()
            try store.write([[0]])
            let path = disk.paths.filter { $0.hasSuffix(".log") }.sorted()[1]
            let lost = try #require(disk.contents(of: path))
            disk.erase(path)
            #expect(throws: EventLogError.self) {
                for _ in 0..<300 { try index.refresh() }
            }
            disk.setContents(of: path, lost)
            try index.refresh()
            #expect(index.end == SequenceNumber(4))
        }
    }
}
