import DaybookTestSupport
import EventLog
import Testing

@Suite struct SegmentIndexTests {
    private func open(_ sample: SealedSample, version: UInt64 = 7) throws -> LogIndex {
        try LogIndex.open(
            folder: LogFixture.folder, disk: sample.disk,
            vocabulary: TestVocabulary(version: version), trust: .everything)
    }

    /// What a search of every record gives.
    private func expected(
        _ sample: SealedSample, _ key: UInt8, _ range: Range<Int>, _ end: Int
    ) -> [Int] {
        (0..<end).filter {
            range.contains($0) && KeyedRecord.keys(sample.records[$0]).contains(key)
        }
    }

    @Test("an index gives what a search of every record gives", arguments: 0..<6)
    func bruteForce(seed: UInt64) throws {
        let sample = try SealedSample(seed: 100 + seed, count: 150, byteCountMax: 700)
        try sample.seal()
        var random = SeededGenerator(seed: seed)
        var index = try open(sample)
        let end = Int(index.end.rawValue)
        #expect(end == sample.records.count && index.segmentCount > 5)
        for key in 0..<42 as Range<UInt8> {
            let low = Int(random.next() % 150)
            let range = low..<(low + Int(random.next() % 150))
            let limit = Int(random.next() % 20) + (random.next() % 2 == 0 ? 1_000 : 0)
            let wanted = expected(sample, key, range, end)
            let sequences =
                SequenceNumber(
                    UInt64(range.lowerBound))..<SequenceNumber(UInt64(range.upperBound))
            let forward = try index.sequences(
                ofKey: "key \(key)", in: sequences, order: .oldestFirst, limit: limit)
            #expect(forward.map { Int($0.rawValue) } == Array(wanted.prefix(limit)), "key \(key)")
            let back = try index.sequences(
                ofKey: "key \(key)", in: sequences, order: .newestFirst, limit: limit)
            #expect(back.map { Int($0.rawValue) } == Array(wanted.reversed().prefix(limit)))
        }
        #expect(index.problems.isEmpty)
        try sample.expectWhole()
    }

    @Test("the first record at or after any time is found, sealed or not", arguments: [0, 3, 100])
    func times(sealedCount: Int) throws {
        let sample = try SealedSample(seed: 200, count: 90)
        try sample.seal(Array(try sample.pending.prefix(sealedCount)))
        var index = try open(sample)
        let times = sample.records.map(KeyedRecord.time)
        let last = try #require(times.last)
        for time in stride(from: 999_000, through: last + 1_000, by: 250) {
            let found = try index.firstSequence(atOrAfter: time)
            let wanted = times.firstIndex { $0 >= time }
            #expect(found.map { Int($0.rawValue) } == wanted, "time \(time)")
        }
    }

    @Test("an index that is missing, bad, of another segment or vocabulary is made again")
    func rebuilt() throws {
        let sample = try SealedSample(seed: 300, count: 60, byteCountMax: 500)
        try sample.seal()
        let paths = sample.paths(".idx")
        let wholes = try paths.map { try #require(sample.disk.contents(of: $0)) }
        let all = SequenceNumber.zero..<SequenceNumber(1_000)
        var good = try open(sample)
        let end = Int(good.end.rawValue)
        func check(_ version: UInt64 = 7, _ place: String) throws {
            var index = try open(sample, version: version)
            for key in 0..<40 as Range<UInt8> {
                let found = try index.sequences(
                    ofKey: "key \(key)", in: all, order: .oldestFirst, limit: 1_000)
                let wanted = expected(sample, key, 0..<1_000, end)
                #expect(found.map { Int($0.rawValue) } == wanted, "\(place)")
            }
            #expect(!index.problems.isEmpty, "\(place)")
            #expect(try inspectIsClean(sample), "\(place)")
        }
        _ = try good.sequences(ofKey: "key 1", in: all, order: .oldestFirst, limit: 5)
        for offset in wholes[0].indices {
            sample.disk.flipBit(offset % 8, at: offset, of: paths[0])
            var index = try open(sample)
            _ = try index.sequences(ofKey: "key 1", in: all, order: .oldestFirst, limit: 1_000)
            #expect(index.problems.count == 1, "byte \(offset)")
            sample.disk.setContents(of: paths[0], Array(wholes[0][..<offset]))
            var cut = try open(sample)
            _ = try cut.sequences(ofKey: "key 1", in: all, order: .oldestFirst, limit: 1_000)
            #expect(cut.problems.count == 1, "\(offset) bytes")
            sample.disk.setContents(of: paths[0], wholes[0])
        }
        try check(8, "another vocabulary")
        var unbound = wholes[0]
        unbound[12] ^= 1
        LogFixture.fixIndex(&unbound)
        sample.disk.setContents(of: paths[0], unbound)
        try check(7, "bound to another footer")
        sample.disk.setContents(of: paths[0], wholes[1])
        try check(7, "of another segment")
        sample.disk.erase(paths[0])
        try check(7, "missing")
        #expect(
            try SegmentIndex.missing(folder: LogFixture.folder, disk: sample.disk) == [.zero])
        #expect(try renew(sample, 7) == 1)
        #expect(sample.disk.contents(of: paths[0]) == wholes[0])
        #expect(try renew(sample, 7) == 0)
        #expect(try renew(sample, 8) == paths.count)
        #expect(try renew(sample, 7) == paths.count)
        #expect(try paths.map { try #require(sample.disk.contents(of: $0)) } == wholes)
    }

    private func inspectIsClean(_ sample: SealedSample) throws -> Bool {
        try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk).verdict == .clean
    }

    private func renew(_ sample: SealedSample, _ version: UInt64) throws -> Int {
        try sample.paths(".lz4").filter { path in
            let name = try #require(UInt64(path.dropFirst(10).prefix(20)))
            return try SegmentIndex.renew(
                SequenceNumber(name), folder: LogFixture.folder, disk: sample.disk,
                vocabulary: TestVocabulary(version: version))
        }.count
    }

    @Test("index bytes that were changed on purpose, with the CRC made right, never trap")
    func forged() throws {
        let sample = try SealedSample(seed: 400, count: 60, byteCountMax: 300)
        try sample.seal()
        let path = try #require(sample.paths(".idx").first)
        let whole = try #require(sample.disk.contents(of: path))
        let all = SequenceNumber.zero..<SequenceNumber(1_000)
        for seed in 0..<1_500 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var bytes = whole
            for _ in 0...(random.next() % 3) {
                let place = Int.random(in: 0..<(bytes.count - 4), using: &random)
                bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][Int(random.next() % 5)]
            }
            LogFixture.fixIndex(&bytes)
            sample.disk.setContents(of: path, bytes)
            var index = try open(sample)
            for key in 0..<40 as Range<UInt8> {
                let found = try index.sequences(
                    ofKey: "key \(key)", in: all, order: .oldestFirst, limit: 1_000)
                // Whatever it names is a record of the log.
                #expect(found.allSatisfy { $0 < index.end }, "seed \(seed)")
            }
        }
    }

    @Test("a vocabulary that knows nothing gives neither times nor keys")
    func nothingKnown() throws {
        let sample = try SealedSample(seed: 500)
        for name in try sample.pending {
            _ = try SegmentSealing(
                segment: name, folder: LogFixture.folder, disk: sample.disk
            ).run()
        }
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: sample.disk, vocabulary: NoVocabulary(),
            trust: .everything)
        #expect(try index.firstSequence(atOrAfter: .min) == nil)
        let found = try index.sequences(
            ofKey: "key 1", in: .zero..<index.end, order: .oldestFirst, limit: 9)
        #expect(found.isEmpty && index.problems.isEmpty)
        try sample.expectWhole()
    }
}
