import DaybookTestSupport
import EventLog
import SystemPackage
import Testing

/// What a reader ahead gives is what a `LogReader` gives: records, errors, and their order.
@Suite struct LogReadAheadTests {
    /// What came out of a log, in order.
    enum Item: Equatable {
        case record(UInt64, [UInt8])
        case error(String)
    }

    static let trusts = [LogReader.Trust.everything, .provedDurable]

    /// Paces for small logs: with the first, every batch is a block of its own.
    static let paces = [pace(1, 1), pace(1, 3_000), pace(2_000, 9_000), ReadAheadPace()]

    static func pace(_ first: Int, _ block: Int) -> ReadAheadPace {
        var pace = ReadAheadPace()
        (pace.firstByteCount, pace.blockByteCount) = (first, block)
        return pace
    }

    /// A log of many segments: the first ones sealed, every second one sealed, or none.
    static func sample(seed: UInt64, sealing: Int, count: Int = 60) throws -> SealedSample {
        let sample = try SealedSample(seed: seed, count: count)
        let pending = try sample.pending
        let chosen = pending.indices.filter {
            switch sealing {
            case 0: false
            case 1: $0 % 2 == 0
            case 2: $0 < pending.count / 2
            default: true
            }
        }
        try sample.seal(chosen.map { pending[$0] })
        return sample
    }

    /// All that a `LogReader` gives; after an error it is asked again, three times at most.
    static func read(
        _ disk: SimulatedDisk, trust: LogReader.Trust = .everything, from: SequenceNumber? = nil,
        ahead pace: ReadAheadPace?
    ) -> [Item] {
        var items: [Item] = []
        do throws(EventLogError) {
            var reader = try LogReader.open(folder: LogFixture.folder, disk: disk, trust: trust)
            if let from { try reader.seek(to: from) }
            if let pace {
                readAhead(LogReadAhead(reader, pace: pace, noting: note), &items)
            } else {
                readPlainly(reader, &items)
            }
        } catch { items.append(.error("opening: \(error)")) }
        return items
    }

    private static func readPlainly(_ reader: consuming LogReader, _ items: inout [Item]) {
        for _ in 0..<3 {
            do throws(EventLogError) {
                while try reader.nextBatch() != nil {
                    reader.forEachRecord { sequence, bytes in
                        items.append(
                            .record(sequence.rawValue, bytes.withUnsafeBytes { Array($0) }))
                    }
                }
                return
            } catch { items.append(.error("\(error.code): \(error)")) }
        }
    }

    private static func readAhead(_ reader: consuming LogReadAhead, _ items: inout [Item]) {
        for _ in 0..<3 {
            do throws(EventLogError) {
                while try reader.nextBlock() {
                    let before = items.count
                    reader.forEachRecord { sequence, bytes, noted in
                        items.append(
                            .record(sequence.rawValue, bytes.withUnsafeBytes { Array($0) }))
                        let words = noted.indices.map { noted[$0] }
                        #expect(words == noteWords(bytes), "what was noted of this record")
                    }
                    // A block may begin before what is wanted.
                    #expect(items.count - before <= reader.recordCount)
                    if case .record(let last, _) = items.last {
                        #expect(reader.position == SequenceNumber(last + 1))
                    }
                }
                return
            } catch { items.append(.error("\(error.code): \(error)")) }
        }
    }

    /// Some words for each record, which say which it is; for some records none.
    private static func noteWords(_ record: RawSpan) -> [UInt64] {
        let bytes = record.withUnsafeBytes { Array($0) }
        return bytes.prefix(bytes.count % 4).map { UInt64($0) << 8 | UInt64(bytes.count) }
    }

    private static let note: RecordNote = { record, words, start in
        let more = noteWords(record)
        words.removeSubrange(min(start, words.count)...)
        words += more
        return more.count
    }

    @Test("every sequence is a place to start, sealed or not", arguments: trusts, 0..<4)
    func everySequence(trust: LogReader.Trust, sealing: Int) throws {
        let sample = try Self.sample(seed: 31, sealing: sealing)
        for start in 0...(sample.records.count + 1) {
            let from = SequenceNumber(UInt64(start))
            let expected = sample.records.indices.dropFirst(start).map {
                Item.record(UInt64($0), sample.records[$0])
            }
            for pace in Self.paces {
                let found = Self.read(sample.disk, trust: trust, from: from, ahead: pace)
                #expect(found == expected, "from \(start), pace \(pace)")
            }
        }
        #expect(sample.disk.openFileCount == 0)
        try sample.expectWhole()
    }

    @Test(
        "a disk that fails at any call gives the same error behind the same record",
        arguments: trusts)
    func faults(trust: LogReader.Trust) throws {
        let sample = try Self.sample(seed: 32, sealing: 2, count: 200)
        var errors = 0
        var isPast = false
        for call in 1..<1_000 where !isPast {
            for mode in SimulatedDisk.FailureMode.allCases {
                let results = [nil, Self.pace(1, 1), Self.pace(1, 3_000)].map { pace in
                    let disk = sample.disk.copy()
                    let start = disk.callCount
                    disk.failCall(call, mode)
                    let items = Self.read(disk, trust: trust, ahead: pace)
                    isPast = disk.callCount < start + call
                    // An opening that fails after it was done leaves its file open on this disk.
                    return (items: items, openFileCount: disk.openFileCount)
                }
                for result in results.dropFirst() {
                    #expect(result.items == results[0].items, "call \(call), \(mode)")
                    #expect(result.openFileCount == results[0].openFileCount)
                }
                let isError = results[0].items.contains { item in
                    if case .error = item { true } else { false }
                }
                if isError { errors += 1 }
                #expect(!isPast || !isError, "call \(call), \(mode)")
            }
        }
        #expect(isPast && errors > 20, "\(errors) errors")
        try sample.expectWhole()
    }

    @Test("damage gives the same error behind the same record", arguments: 0..<4)
    func damage(sealing: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let sample = try Self.sample(seed: 33, sealing: sealing)
        let paths = sample.paths(".log") + sample.paths(".lz4")
        var errors = 0
        for _ in 0..<150 {
            let disk = sample.disk.copy()
            let path = paths[Int(random.next() % UInt64(paths.count))]
            let byteCount = try #require(disk.contents(of: path)).count
            let offset = Int(random.next() % UInt64(byteCount))
            disk.flipBit(Int(random.next() % 8), at: offset, of: path)
            for trust in Self.trusts {
                let expected = Self.read(disk, trust: trust, ahead: nil)
                let pace = Self.pace(1, Int(random.next() % 8_000) + 1)
                let found = Self.read(disk, trust: trust, ahead: pace)
                #expect(found == expected, "seed \(seed), byte \(offset) of \(path)")
                if case .error = expected.last { errors += 1 }
            }
        }
        #expect(errors > 0, "seed \(seed)")
        try sample.expectWhole()
    }

    @Test("it can be stopped anywhere, and leaves no file open")
    func stops() throws {
        struct Stop: Error {}
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let sample = try Self.sample(seed: 34, sealing: 2, count: 120)
        for _ in 0..<300 {
            let pace = Self.pace(
                Int(random.next() % 3_000) + 1, Int(random.next() % 12_000) + 1)
            let stop = random.next() % UInt64(sample.records.count + 1)
            // Some leave a block early and go on with the next one.
            let skips = random.next() % 3 == 0
            var reader = LogReadAhead(
                try LogReader.open(
                    folder: LogFixture.folder, disk: sample.disk, trust: .everything), pace: pace)
            var next: UInt64 = 0
            while next < stop, try reader.nextBlock() {
                #expect(next + UInt64(reader.recordCount) == reader.position.rawValue)
                do throws(Stop) {
                    try reader.forEachRecord { (sequence, bytes) throws(Stop) in
                        if sequence.rawValue == stop { throw Stop() }
                        #expect(sequence.rawValue == next, "seed \(seed)")
                        #expect(
                            bytes.withUnsafeBytes { Array($0) } == sample.records[Int(next)],
                            "seed \(seed)")
                        next += 1
                        if skips, random.next() % 8 == 0 { throw Stop() }
                    }
                } catch {}
                next = reader.position.rawValue
            }
        }
        #expect(sample.disk.openFileCount == 0, "seed \(seed)")
        try sample.expectWhole()
    }

    @Test("beside a live writer it goes on where there is more, thread or not")
    func live() throws {
        for pace in Self.paces {
            let disk = SimulatedDisk()
            var store = try LogFixture.open(disk)
            var reader = LogReadAhead(
                try LogReader.open(
                    folder: LogFixture.folder, disk: disk, trust: .provedDurable), pace: pace)
            #expect(reader.identity == LogFixture.sources.newIdentity())
            var written: [[UInt8]] = []
            var seen: [[UInt8]] = []
            for number in 0..<60 as Range<UInt64> {
                for part in 0...(number % 4) {
                    let record = LogFixture.record(number * 10 + part, byteCount: 1_500)
                    try store.write([record])
                    written.append(record)
                }
                try store.commitMark()
                try reader.forEach { _, bytes in
                    seen.append(bytes.withUnsafeBytes { Array($0) })
                    return true
                }
                #expect(seen == written)
                #expect(try reader.nextBlock() == false)
                #expect(reader.position == store.nextSequence)
            }
            try store.close()
            try LogFixture.expect(written, on: disk)
        }
    }

    @Test("records of every length of length are given whole, sealed or not")
    func lengths() throws {
        let lengths = [0, 1, 126, 127, 128, 129, 16_383, 16_384, 16_385, 65_535, 0, 2]
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 128 * 4_096))
        let records = lengths.enumerated().map { number, length in
            [UInt8](LogFixture.record(UInt64(number), byteCount: length).prefix(length))
        }
        try store.write(records)
        try store.endSegment()
        try store.write(records)
        try store.close()
        disk.killProcess()
        for name in try SegmentSealing.pending(folder: LogFixture.folder, disk: disk) {
            _ = try LogFixture.sealing(name, disk).run()
        }
        #expect(disk.paths.contains { $0.hasSuffix(".lz4") })
        let expected = (records + records).enumerated().map { Item.record(UInt64($0), $1) }
        for pace in [nil] + Self.paces.map(Optional.some) {
            #expect(Self.read(disk, ahead: pace) == expected)
        }
        try LogFixture.expect(records + records, on: disk)
    }

    @Test("at its usual pace it reads a log of several MiB on the real disk")
    func realDisk() throws {
        try TemporaryFolder.with { folder in
            let disk = RealDisk()
            var store = try LogStore.open(
                folder: folder, disk: disk,
                configuration: LogConfiguration(segmentByteCount: 1_024 * 1_024))
            var records: [[UInt8]] = []
            for number in 0..<200 as Range<UInt64> {
                let decision = (0..<4).map {
                    LogFixture.record(number * 4 + $0, byteCount: 8_000 + Int(number) * 7)
                }
                try store.write(decision)
                records += decision
            }
            try store.close()
            for name in try SegmentSealing.pending(folder: folder, disk: disk).prefix(4) {
                _ = try SegmentSealing(
                    segment: name, folder: folder, disk: disk, vocabulary: TestVocabulary()
                ).run()
            }
            for from in [0, 1, 333, records.count - 1, records.count] {
                var reader = try LogReadAhead.open(
                    folder: folder, disk: disk, trust: .everything,
                    from: SequenceNumber(UInt64(from)))
                var found: [[UInt8]] = []
                try reader.forEach { sequence, bytes in
                    #expect(sequence.rawValue == UInt64(from + found.count))
                    found.append(bytes.withUnsafeBytes { Array($0) })
                    return true
                }
                #expect(found == Array(records[from...]))
            }
            try LogFixture.expect(records, on: disk, folder: folder)
        }
    }
}
