import DaybookTestSupport
import EventLog
import Testing

/// Segments, active and sealed, and indexes, changed at random, with their checksums made right
/// again so that the deeper checks are reached.
///
/// Nothing may trap or hang; what is read is in order and whole; a verdict and a reader agree; an
/// opening that is refused changes nothing.
@Suite struct FuzzLogTests {
    /// Bytes that lengths, counts and sequences stumble over.
    private static let telling: [UInt8] = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF, 0x40, 0x10]

    /// One to four changes of up to eight bytes each, in a range.
    private static func change(
        _ bytes: inout [UInt8], in range: Range<Int>, _ random: inout SeededGenerator
    ) {
        for _ in 0...(random.next() % 4) {
            let place = Int.random(in: range, using: &random)
            let end = min(range.upperBound, place + 1 + Int(random.next() % 8))
            switch random.next() % 4 {
            case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
            case 1:
                let value = telling[Int(random.next() % UInt64(telling.count))]
                for offset in place..<end { bytes[offset] = value }
            case 2: for offset in place..<end { bytes[offset] = UInt8(random.next() & 255) }
            default:
                let from = Int.random(in: range.lowerBound...(range.upperBound - 1), using: &random)
                for offset in 0..<min(end - place, range.upperBound - from) {
                    bytes[place + offset] = bytes[from + offset]
                }
            }
        }
    }

    /// Where batches start, by the magic alone.
    private static func batches(_ bytes: [UInt8]) -> [Int] {
        stride(from: 4_096, to: bytes.count, by: 4_096).filter {
            bytes[$0...].starts(with: [0x44, 0x42, 0x61, 0x74])
        }
    }

    @Test("the reader of active segments and the decoder of batches withstand what is forged")
    func active() throws {
        let sample = try MatrixSample(isClosed: true)
        // A larger one behind it, with a compressed body too.
        let disk = sample.disk.copy()
        var store = try LogFixture.open(disk)
        try store.write([LogFixture.record(76, byteCount: 9_000)])
        try store.write([[UInt8](repeating: 0, count: 2_000) + [1], [], [5]])
        try store.write([LogFixture.record(77, byteCount: 5_000)])
        try store.close()
        disk.killProcess()
        let path = try #require(disk.paths.last { $0.hasSuffix(".log") })
        let whole = try #require(disk.contents(of: path))
        let starts = Self.batches(whole)
        #expect(starts.count >= 3)
        try FuzzBudget(cases: 3_000).run("active segments") { seed in
            var random = SeededGenerator(seed: seed)
            var bytes = whole
            let start = starts[Int(random.next() % UInt64(starts.count))]
            switch random.next() % 8 {
            case 0: Self.change(&bytes, in: 0..<4_096, &random)
            case 1, 2: Self.change(&bytes, in: start..<min(start + 4_096, bytes.count), &random)
            case 3: Self.change(&bytes, in: 0..<bytes.count, &random)
            case 4: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            default: Self.change(&bytes, in: (start + 8)..<(start + 68), &random)
            }
            if random.next() % 8 != 0 { Self.repair(&bytes, start, from: whole) }
            disk.setContents(of: path, bytes)
            return try Self.judge(disk, path)
        }
    }

    /// Makes the checksums of a header, a body and a batch right again, and later chains too.
    private static func repair(_ bytes: inout [UInt8], _ start: Int, from whole: [UInt8]) {
        guard bytes.count == whole.count else { return }
        let checked = Array(bytes[..<4_092])
        LogFixture.store(Checksum.crc32c(checked.span.bytes), &bytes, at: 4_092)
        bytes.replaceSubrange(start..<(start + 4), with: [0x44, 0x42, 0x61, 0x74])
        let stored = Int(LogFixture.load(bytes, start + 8, 4))
        if stored <= bytes.count - start - 68 {
            let body = Array(bytes[(start + 68)..<(start + 68 + stored)])
            LogFixture.store(Checksum.crc32c(body.span.bytes), &bytes, at: start + 16)
        }
        var last = start
        for batch in batches(bytes) where batch >= start {
            if batch > start {
                bytes.replaceSubrange(
                    (batch + 48)..<(batch + 52), with: Array(bytes[(last + 4)..<(last + 8)]))
            }
            LogFixture.sealHeader(&bytes, at: batch)
            last = batch
        }
    }

    /// Everything that reads a log, over one that may be anything.
    private static func judge(_ disk: SimulatedDisk, _ path: String) throws -> Bool {
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
        let (found, error) = MatrixSample.read(disk)
        let (proved, _) = MatrixSample.read(disk, .provedDurable)
        try FuzzFinding.unless(
            proved.count <= found.count || error != nil, "more is proved than is there")
        if report.isUsable {
            try FuzzFinding.unless(error == nil, "\(report), but a reader says \(error as Any)")
            try FuzzFinding.unless(
                UInt64(found.count) == report.nextSequence?.rawValue, "\(report), \(found.count)")
        }
        _ = try? LogStatistics.read(folder: LogFixture.folder, disk: disk)
        let copy = disk.copy()
        var refusal: EventLogError?
        do throws(EventLogError) {
            try LogFixture.open(copy, MatrixSample.configuration).close()
        } catch { refusal = error }
        if let refusal {
            let codes: [EventLogError.Code] = [.damaged, .foreignOrMissing, .noSpace]
            try FuzzFinding.unless(codes.contains(refusal.code), "an opening: \(refusal)")
            try FuzzFinding.unless(
                disk.contents(of: path) == copy.contents(of: path), "a refused opening wrote")
        } else if report.isUsable {
            try FuzzFinding.unless(
                MatrixSample.read(copy).0 == found, "an opening changed the records")
        }
        return report.isUsable || report.offset.map { $0 > 4_096 } ?? false
    }

    @Test("the reader of sealed segments withstands what is forged, and gives no wrong record")
    func sealed() throws {
        let sample = try MatrixSample(isClosed: true)
        let path = sample.paths(".lz4")[1]
        let whole = try #require(sample.disk.contents(of: path))
        let footer = whole.count - Int(LogFixture.load(whole, whole.count - 12, 4))
        let identityEnd = 8 + Int(LogFixture.load(whole, 4, 4))
        try FuzzBudget(cases: 3_000).run("sealed segments") { seed in
            var random = SeededGenerator(seed: seed)
            var bytes = whole
            switch random.next() % 8 {
            case 0: Self.change(&bytes, in: 0..<bytes.count, &random)
            case 1: bytes.removeSubrange(Self.range(bytes.count, &random))
            case 2: Self.change(&bytes, in: 8..<identityEnd, &random)
            case 3, 4: Self.change(&bytes, in: identityEnd..<footer, &random)
            default: Self.change(&bytes, in: (footer + 8)..<(bytes.count - 16), &random)
            }
            let isRepaired = bytes.count == whole.count && random.next() % 8 != 0
            if isRepaired { Self.repairSealed(&bytes, identityEnd, footer) }
            sample.disk.setContents(of: path, bytes)
            let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
            let (found, error) = MatrixSample.read(sample.disk)
            if report.isUsable {
                // The tree speaks for the records; nothing speaks for times.
                try FuzzFinding.unless(
                    error == nil && found == sample.records, "\(report): wrong records")
            } else if !isRepaired {
                try FuzzFinding.unless(
                    found.elementsEqual(sample.records.prefix(found.count)), "a wrong record")
            }
            _ = try? Self.index(sample.disk)
            _ = try? SegmentVerification.verify(
                SequenceNumber(UInt64(path.dropFirst(10).prefix(20)) ?? 0),
                folder: LogFixture.folder, disk: sample.disk)
            return isRepaired
        }
    }

    private static func range(_ count: Int, _ random: inout SeededGenerator) -> Range<Int> {
        let start = Int.random(in: 0..<count, using: &random)
        return start..<min(count, start + 1 + Int(random.next() % 64))
    }

    /// The checksums of identity, first frame and footer, and the copy of the first in the last.
    private static func repairSealed(_ bytes: inout [UInt8], _ identityEnd: Int, _ footer: Int) {
        let identity = Array(bytes[8..<(identityEnd - 4)])
        let crc = Checksum.crc32c(identity.span.bytes)
        LogFixture.store(crc, &bytes, at: identityEnd - 4)
        LogFixture.store(crc, &bytes, at: footer + 8 + 80)
        LogFormatText.fixChecksums(&bytes, footer: footer, frame: identityEnd)
    }

    /// What the index gives for each key.
    private static func index(_ disk: SimulatedDisk) throws -> [[SequenceNumber]] {
        var index = try LogIndex.open(
            folder: LogFixture.folder, disk: disk, vocabulary: TestVocabulary(), trust: .everything)
        return try (0..<40).map {
            try index.sequences(
                ofKey: "key \($0)", in: .zero..<SequenceNumber(1_000), order: .oldestFirst,
                limit: 1_000)
        }
    }

    @Test("the reader of indexes withstands what is forged, and gives only sequences there are")
    func index() throws {
        let sample = try MatrixSample(isClosed: true)
        let path = sample.paths(".idx")[0]
        let whole = try #require(sample.disk.contents(of: path))
        let end = UInt64(sample.records.count)
        try FuzzBudget(cases: 4_000).run("indexes") { seed in
            var random = SeededGenerator(seed: seed)
            var bytes = whole
            let isShifted = random.next() % 6 == 0
            if isShifted { bytes.removeSubrange(Self.range(bytes.count, &random)) }
            if bytes.count > 5 { Self.change(&bytes, in: 0..<(bytes.count - 4), &random) }
            let isRepaired = bytes.count > 5 && random.next() % 8 != 0
            if isRepaired { LogFixture.fixIndex(&bytes) }
            sample.disk.setContents(of: path, bytes)
            let found = try Self.index(sample.disk)
            for sequences in found {
                let isAscending = zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 }
                try FuzzFinding.unless(isAscending, "a sequence twice, or out of order")
                let isThere = sequences.last.map { $0.rawValue < end } ?? true
                try FuzzFinding.unless(isThere, "no such sequence")
            }
            // An index is never a reason not to open, nor a wrong record.
            let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
            try FuzzFinding.unless(report.verdict == .clean, "\(report)")
            return isRepaired
        }
    }
}
