import DaybookTestSupport
import EventLog
import Testing

/// Tiles on disk, and the static tree.
@Suite struct ProvingTileTests {
    private static let count = 2 * 65_536 + 3_333
    private static let configuration = LogConfiguration(segmentByteCount: 64 * 4_096)
    private static let records = (0..<count).map { number in
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    private static let leaves = records.map(TreeReference.leaf)

    /// A log of many tiny records, all segments but the last sealed.
    private static func big(_ disk: SimulatedDisk) throws {
        var store = try LogFixture.open(disk, configuration)
        for start in stride(from: 0, to: count, by: 2_000) {
            try store.write(Array(records[start..<min(start + 2_000, count)]))
        }
        try store.close()
        disk.killProcess()
        for name in try SegmentSealing.pending(folder: LogFixture.folder, disk: disk) {
            _ = try LogFixture.sealing(name, disk).run()
        }
        let store2 = CheckpointStore(folder: LogFixture.folder, disk: disk)
        try store2.addKey(NoteFixture.logSigner().verifierKey)
        let tree = TreeReference(leaves: leaves)
        for size in [70_000, 131_072, count] {
            try store2.add(NoteFixture.checkpoint(tree, size: size, cosignedAt: nil))
        }
    }

    private func path(_ level: Int, _ name: String) -> String { "/data/tree/tile/\(level)/\(name)" }

    private func prove(
        _ sequence: Int, _ disk: any Disk, _ size: Int
    ) throws -> LogProver.Proof {
        let proof = try LogProver.prove(
            folder: LogFixture.folder, disk: disk, sequence: SequenceNumber(UInt64(sequence)),
            checkpointSize: UInt64(size))
        _ = try proof.file.verify(
            record: Self.records[sequence], keys: [NoteFixture.logSigner().verifierKey])
        return proof
    }

    @Test("tiles hold the tree's hashes; proofs are the same with, without and with bad ones")
    func big() throws {
        let disk = SimulatedDisk()
        try Self.big(disk)
        let tiles = TreeTiles(folder: LogFixture.folder, disk: disk)
        #expect(try tiles.extend(below: SequenceNumber(65_535)) == 0)
        #expect(try tiles.claim() == nil)
        #expect(try tiles.extend(below: SequenceNumber(65_536)) == 1)
        #expect(try tiles.extend(below: SequenceNumber(UInt64(Self.count))) == 1)
        #expect(try tiles.extend(below: SequenceNumber(UInt64(Self.count))) == 0)
        #expect(try tiles.claim()?.durableThrough.rawValue == 131_071)
        let tree = TreeReference(leaves: Self.leaves)
        for number in 0..<2 {
            let bytes = try #require(disk.contents(of: path(1, "00\(number)")))
            let expected = (0..<256).flatMap { entry -> [UInt8] in
                let first = number * 65_536 + entry * 256
                return tree.root(first..<(first + 256)).bytes
            }
            #expect(bytes == expected)
        }
        let cases = [
            (0, 70_000), (65_535, 70_000), (69_999, 131_072), (5, 131_072), (100_000, Self.count),
            (1, Self.count), (Self.count - 1, Self.count),
        ]
        let counting = CountingDisk(disk)
        var proofs: [ProofFile] = []
        for (sequence, size) in cases {
            counting.reset()
            proofs.append(try prove(sequence, counting, size).file)
            if size < Self.count, sequence < size {
                // Two frames of 256 KiB of records, a tile, a few headers.
                #expect(counting.readByteCount < 450_000, "\(sequence) of \(size)")
            }
        }
        let whole = try #require(disk.contents(of: path(1, "000")))
        for damage in 0..<4 {
            switch damage {
            case 0: disk.erase(path(1, "000"))
            case 1: disk.setContents(of: path(1, "000"), Array(whole.dropLast()))
            case 2: disk.flipBit(3, at: 32 * 200, of: path(1, "001"))
            default: disk.setContents(of: path(1, "000"), whole.reversed())
            }
            var suspects: [TilePath] = []
            for (index, (sequence, size)) in cases.enumerated() {
                let proof = try prove(sequence, disk, size)
                #expect(proof.file == proofs[index], "damage \(damage)")
                suspects += proof.suspectTiles
            }
            if damage >= 2 { #expect(!suspects.isEmpty) }
            let all = (0..<2).compactMap { TilePath(.hashes(level: 1), index: $0) }
            #expect(try tiles.renew(all).count == 1, "damage \(damage)")
            #expect(disk.contents(of: path(1, "000")) == whole)
            #expect(try tiles.renew(all).isEmpty)
        }
    }

    @Test("a tile of level 2 is made of the tiles below it, and used")
    func levelTwo() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        try store.write([[1]])
        try store.close()
        disk.killProcess()
        var random = SeededGenerator(seed: 5)
        var roots: [TreeHash] = []
        _ = try disk.createFolder("/data/tree")
        for folder in ["/data/tree/tile", "/data/tree/tile/1"] { _ = try disk.createFolder(folder) }
        for number in 0..<256 {
            let hashes = try (0..<256).map { _ in
                try #require(TreeHash(bytes: (0..<32).map { _ in UInt8(random.next() & 255) }))
            }
            roots.append(TreeReference(leaves: hashes).root(0..<256))
            let tile = try #require(TilePath(.hashes(level: 1), index: UInt64(number)))
            disk.setContents(of: "/data/tree/" + tile.text, hashes.flatMap(\.bytes))
        }
        let tiles = TreeTiles(folder: LogFixture.folder, disk: disk)
        #expect(try tiles.extend(below: SequenceNumber(1 << 24)) == 1)
        #expect(disk.contents(of: path(2, "000")) == roots.flatMap(\.bytes))
        #expect(try tiles.claim()?.durableThrough.rawValue == (1 << 24) - 1)
        let reference = TreeReference(leaves: roots)
        var tree = try LogTree.open(folder: LogFixture.folder, disk: disk, size: 1 << 24)
        for level in 0...8 {
            for index in [0, (256 >> level) - 1] {
                let range = (index << level)..<((index + 1) << level)
                let found = try tree.hash(level: 16 + level, index: UInt64(index))
                #expect(found == reference.root(range), "\(level) \(index)")
            }
        }
    }

    // MARK: the static tree

    /// Reads a static tree with paths and hashing alone, and checks all of it; its root.
    private func readBack(_ disk: SimulatedDisk, _ out: String, _ records: [[UInt8]]) throws {
        let note = String(
            decoding: try #require(disk.contents(of: out + "/checkpoint")), as: UTF8.self)
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
        let size = try #require(Int(lines[1]))
        func path(_ kind: String, _ index: Int, _ width: Int) -> String {
            let digits = String(index + 1_000_000_000).dropFirst()
            var groups = [String(digits.suffix(3))]
            if index >= 1_000 { groups.insert("x" + digits.dropLast(3).suffix(3), at: 0) }
            return out + "/tile/\(kind)/" + groups.joined(separator: "/")
                + (width < 256 ? ".p/\(width)" : "")
        }
        var hashes: [[UInt8]] = []
        for start in stride(from: 0, to: size, by: 256) {
            let width = min(256, size - start)
            let bundle = try #require(disk.contents(of: path("entries", start / 256, width)))
            let expected = records[start..<(start + width)].flatMap {
                [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0
            }
            #expect(bundle == expected)
            hashes += records[start..<(start + width)].map { TreeReference.leaf($0).bytes }
        }
        let leaves = try hashes.map { try #require(TreeHash(bytes: $0)) }
        let root = NoteFixture.text(TreeReference(leaves: leaves).root(0..<size))
        #expect(root == lines[2])
        var level = 0
        while !hashes.isEmpty {
            for start in stride(from: 0, to: hashes.count, by: 256) {
                let width = min(256, hashes.count - start)
                let tile = disk.contents(of: path(String(level), start / 256, width))
                #expect(tile == hashes[start..<(start + width)].flatMap { $0 }, "\(level) \(start)")
            }
            hashes = try stride(from: 0, to: hashes.count - hashes.count % 256, by: 256).map {
                let part = try hashes[$0..<($0 + 256)].map { try #require(TreeHash(bytes: $0)) }
                return TreeReference(leaves: part).root(0..<256).bytes
            }
            level += 1
        }
    }

    @Test("the static tree is read back by paths and hashing alone, and grows")
    func staticTree() throws {
        let sample = try ProvingFixture.sample(
            seed: 35, sizes: [1, 256, 300, 700], count: 700, byteCountMax: 60)
        try sample.seal(Array(try sample.pending.prefix(2)))
        for size in [1, 256, 300, 700] as [UInt64] {
            let progress = try StaticTiles.write(
                folder: LogFixture.folder, disk: sample.disk, out: "/out", checkpointSize: size)
            #expect(progress.recordCount == size)
            try readBack(sample.disk, "/out", sample.records)
        }
        let again = try StaticTiles.write(
            folder: LogFixture.folder, disk: sample.disk, out: "/out")
        #expect(again.writtenCount == 0 && again.unchangedCount > 7)
        // Not back to an older tree.
        #expect(throws: EventLogError.code(.damaged)) {
            try StaticTiles.write(
                folder: LogFixture.folder, disk: sample.disk, out: "/out", checkpointSize: 300)
        }
        sample.disk.flipBit(0, at: 0, of: "/out/tile/0/001")
        #expect(throws: EventLogError.code(.damaged)) {
            try StaticTiles.write(folder: LogFixture.folder, disk: sample.disk, out: "/out")
        }
    }

    @Test(
        "whichever call of the static tree fails, another run completes it",
        arguments: SimulatedDisk.FailureMode.allCases)
    func staticFaults(mode: SimulatedDisk.FailureMode) throws {
        let original = try ProvingFixture.sample(
            seed: 36, sizes: [300], count: 300, byteCountMax: 30)
        var call = 1
        while true {
            let disk = original.disk.copy()
            disk.failCall(call, mode)
            let start = disk.callCount
            _ = try? StaticTiles.write(folder: LogFixture.folder, disk: disk, out: "/out")
            let isReached = disk.callCount - start >= call
            disk.heal()
            var random = SeededGenerator(seed: UInt64(call))
            disk.crash(using: &random)
            try StaticTiles.write(folder: LogFixture.folder, disk: disk, out: "/out")
            try readBack(disk, "/out", original.records)
            guard isReached else { break }
            call += 1
        }
        #expect(call > 30)
    }
}
