import DaybookTestSupport
import EventLog
import Foundation
import Testing

/// What `VerdictTests` shows case by case, for damage that is drawn.
@Suite struct VerdictDamageTests {
    /// One byte, a range, a file: what goes wrong with copies; some with the checksum made right.
    private static func damage(_ folder: inout VerdictFolder, using random: inout SeededGenerator) {
        let paths = folder.files.keys.sorted()
        guard let path = paths.randomElement(using: &random),
            let other = paths.randomElement(using: &random)
        else { return }
        switch random.next() % 12 {
        case 0: folder.files[path] = nil
        case 1: folder.files[path] = folder.files[other]
        case 2: folder.change(path) { $0.removeLast(Int(random.next() % UInt64($0.count + 1))) }
        case 3:
            folder.change(path) { $0 += [UInt8](repeating: UInt8(random.next() % 2), count: 4_096) }
        case 4: folder.change(path) { zero(&$0, [1, 512, 4_096], using: &random) }
        case 5, 6, 7: forge(&folder, path, using: &random)
        default: folder.change(path) { flip(&$0, using: &random) }
        }
    }

    private static func zero(
        _ bytes: inout [UInt8], _ sizes: [Int], using random: inout SeededGenerator
    ) {
        let size = sizes[Int(random.next() % UInt64(sizes.count))]
        guard bytes.count > size else { return }
        let start = Int(random.next() % UInt64(bytes.count / size)) * size
        for place in start..<min(start + size, bytes.count) { bytes[place] = 0 }
    }

    /// Flips a bit, more often than not of a byte that says something.
    private static func flip(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        var place = Int.random(in: 0..<bytes.count, using: &random)
        for _ in 0..<8 where bytes[place] == 0 {
            place = Int.random(in: 0..<bytes.count, using: &random)
        }
        bytes[place] ^= 1 << UInt8(random.next() % 8)
    }

    /// Changes a field, and makes the checksums over it right.
    private static func forge(
        _ folder: inout VerdictFolder, _ path: String, using random: inout SeededGenerator
    ) {
        let mask = UInt8(1) << UInt8(random.next() % 8)
        folder.change(path) { bytes in
            if path.hasSuffix(".log"), bytes.count >= 8_192 {
                let batches = SegmentForging.batches(bytes)
                guard random.next() % 4 > 0, let batch = batches.randomElement(using: &random)
                else {
                    bytes[Int(random.next() % 120)] ^= mask
                    SegmentForging.fixHeader(&bytes)
                    return
                }
                bytes[batch + 8 + Int(random.next() % 70)] ^= mask
                SegmentForging.fixBatch(&bytes, at: batch, following: random.next() % 2 == 0)
            } else if path.hasSuffix(".lz4"), bytes.count > 300,
                (0..<(bytes.count - 40)).contains(SegmentForging.footer(bytes))
            {
                let payload = SegmentForging.footer(bytes) + 8
                if random.next() % 3 == 0 {
                    bytes[8 + Int(random.next() % 90)] ^= mask
                    SegmentForging.fixIdentity(&bytes)
                } else {
                    let span = UInt64(bytes.count - 16 - payload)
                    bytes[payload + Int(random.next() % span)] ^= mask
                    SegmentForging.fixFooter(&bytes)
                }
            } else if path.hasSuffix(".idx"), bytes.count > 68 {
                bytes[Int(random.next() % UInt64(bytes.count - 4))] ^= mask
                SegmentForging.fixIndex(&bytes)
            }
        }
    }

    @Test("both programs say the same of folders with drawn damage")
    func drawn() async throws {
        let bases = [
            try VerdictSample.folder("active", checkpoints: [20]),
            try VerdictSample.folder("sealed", seed: 9, seal: 0..<100, checkpoints: [20, 44]),
            try VerdictSample.folder(
                "mixed", seed: 10, seal: 0..<3, keep: [1], checkpoints: [9, 30], witnessed: [9]),
        ]
        let start = ProcessInfo.processInfo.environment["DAYBOOK_SEED"].flatMap { UInt64($0) } ?? 1
        let count = ProcessInfo.processInfo.environment["DAYBOOK_CASES"].flatMap { Int($0) } ?? 360
        let folders = (0..<UInt64(count)).map { number -> VerdictFolder in
            var random = SeededGenerator(seed: start &+ number)
            var folder = bases[Int(number) % bases.count]
            folder.name = "seed \(start &+ number), \(folder.name)"
            folder.expected = nil
            for _ in 0...(random.next() % 3) { Self.damage(&folder, using: &random) }
            // Only what is verified: an empty folder is no data folder.
            folder.files["log/keep"] = []
            return folder
        }
        try await PythonVerdict.compare(
            folders, job: { .init(path: $1, key: [], witness: $0.witnesses) },
            with: { folder, path in
                LogVerifier.verify(
                    folder: path, disk: RealDisk(),
                    witnesses: try folder.witnesses.map { try VerifierKey(parsing: $0) },
                    threads: 2)
            })
    }

    @Test("tiles are compared with the records, and one that speaks of more is evidence")
    func tiles() async throws {
        let records = (0..<65_600).map { [UInt8($0 & 0x7F), UInt8($0 >> 8 & 0x7F)] }
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 16 * 4_096))
        for start in stride(from: 0, to: records.count, by: 1_600) {
            try store.write(Array(records[start..<min(start + 1_600, records.count)]))
        }
        try store.close()
        let tree = TreeReference(leaves: records.map(TreeReference.leaf))
        let tile = (0..<256).flatMap { tree.root((256 * $0)..<(256 * $0 + 256)).bytes }
        var log = VerdictFolder(name: "tiles", files: [:], expected: [])
        for path in disk.paths where path.hasPrefix("/data/log/") {
            log.files[String(path.dropFirst(6))] = disk.contents(of: path)
        }
        log.files["tree/tile/1/000"] = tile
        let folders = [
            log.damaged("a good tile", []) { _ in },
            log.damaged("a wrong tile", [.tileMismatch]) {
                $0.change("tree/tile/1/000") { $0[8_000] ^= 1 }
                $0.files["tree/tile/1/001"] = tile
                // Of another length: ignored.
                $0.files["tree/tile/2/000"] = [1]
                $0.files["tree/tile/1/x123/000"] = Array(tile.dropLast())
            },
            log.damaged("a short tile", []) { $0.change("tree/tile/1/000") { $0.removeLast() } },
            log.damaged("tiles behind a gap", [.segmentMissing]) {
                $0.files[$0.paths(".log")[1]] = nil
            },
            log.damaged("retired", []) { $0.files[$0.paths(".log")[0]] = nil },
        ]
        try await PythonVerdict.compare(
            folders, job: { _, path in .init(path: path) },
            with: { _, path in LogVerifier.verify(folder: path, disk: RealDisk(), threads: 2) })
    }

    @Test("progress rises to all records and bytes, and the threads do not change the verdict")
    func progress() throws {
        let sample = try SealedSample(seed: 11, count: 200, byteCountMax: 4_000)
        try sample.seal(Array(try sample.pending.prefix(4)))
        let log = ProgressLog()
        let one = LogVerifier.verify(
            folder: LogFixture.folder, disk: sample.disk, threads: 1, progress: { log.add($0) })
        let steps = log.steps
        #expect(steps.last?.records == UInt64(sample.records.count))
        #expect(steps.last?.bytes == steps.last?.totalBytes)
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.records <= $1.records })
        #expect(one.isGood && one.records == UInt64(sample.records.count))
        for threads in 2...8 {
            let many = LogVerifier.verify(
                folder: LogFixture.folder, disk: sample.disk, threads: threads)
            #expect(many == one)
        }
    }

    @Test("beside a writer only what is proved durable is read, and nothing looks torn")
    func besideWriter() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        for number in 0..<30 as Range<UInt64> {
            try store.write([LogFixture.record(number, byteCount: 2_000)])
            let beside = disk.copy()
            let path = try #require(beside.paths.last { $0.hasSuffix(".log") })
            var bytes = try #require(beside.contents(of: path))
            let verify = {
                LogVerifier.verify(
                    folder: LogFixture.folder, disk: beside, trust: .provedDurable)
            }
            // The last batch is not proved before something follows it, or a segment does.
            let known = verify()
            #expect(known.isGood && known.records >= number && known.records <= number + 1)
            // The next one, half written: no matter.
            let batches = SegmentForging.batches(bytes)
            if let last = batches.last, last + 12_288 <= bytes.count {
                for place in (last + 4_096)..<(last + 5_000) { bytes[place] = 0xA5 }
                beside.setContents(of: path, bytes)
                #expect(verify() == known)
            }
        }
        #expect(try store.commitMark())
        let all = LogVerifier.verify(
            folder: LogFixture.folder, disk: disk, trust: .provedDurable)
        #expect(all.isGood && all.records == 30)
        try store.close()
    }
}

/// What a verification reported.
private final class ProgressLog: Sendable {
    private let state = TestLocked<[VerificationProgress]>([])
    var steps: [VerificationProgress] { state.value }
    func add(_ step: VerificationProgress) { state.change { $0.append(step) } }
}

/// A value behind a lock.
private final class TestLocked<Value: Sendable>: @unchecked Sendable {
    // Unchecked: every access holds the lock.
    private let lock = NSLock()
    private var stored: Value
    init(_ value: Value) { stored = value }
    var value: Value { lock.withLock { stored } }
    func change(_ body: (inout Value) -> Void) { lock.withLock { body(&stored) } }
}
