import DaybookTestSupport
import EventLog
import Testing

@Suite struct TilePathTests {
    @Test(
        "a path is written as C2SP tlog-tiles says, and read back",
        arguments: [
            (TilePath.Content.hashes(level: 0), 0, 256, "tile/0/000"),
            (.hashes(level: 0), 273, 112, "tile/0/273.p/112"),
            (.hashes(level: 1), 1_234_067, 256, "tile/1/x001/x234/067"),
            (.hashes(level: 2), 999, 1, "tile/2/999.p/1"),
            (.hashes(level: 2), 1_000, 255, "tile/2/x001/000.p/255"),
            (.entries, 1_234_067, 256, "tile/entries/x001/x234/067"),
            (.entries, 1_234_067, 8, "tile/entries/x001/x234/067.p/8"),
            (.hashes(level: 7), 0, 255, "tile/7/000.p/255"),
        ] as [(TilePath.Content, UInt64, Int, String)])
    func text(content: TilePath.Content, index: UInt64, width: Int, text: String) throws {
        let tile = try #require(TilePath(content, index: index, width: width))
        #expect(tile.text == text)
        #expect(TilePath(parsing: text) == tile)
        #expect(tile.isPartial == (width < 256))
    }

    @Test(
        "a path that is not exactly a tile's is refused",
        arguments: [
            "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000",
            "tile/0/x000/000", "tile/0/x001", "tile/0/001/000", "tile/0/x001/x000", "tile/00/000",
            "tile/01/000", "tile/8/000", "tile/63/000", "tile/-1/000", "tile/+1/000", "tile//000",
            "/tile/0/000", "tile/0/000/", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0",
            "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/-1", "tile/0/.p/1",
            "tile/0/000.p/1/1", "tile/0/000/1", "tile/0/../000", "tile/0/X001/000",
            "tile/0/x01a/000", "Tile/0/000", "tile/entries", "tile/entries/", "tile/data/000",
            "tile/7/000", "tile/7/001.p/1", "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            "tile/entries/x018/x446/x744/x073/x709/x551/616", "tile/0/000\n", "tile/0/００0",
        ])
    func refused(text: String) { #expect(TilePath(parsing: text) == nil) }

    @Test("the last tiles of the largest tree have paths, and the ones behind them do not exist")
    func edges() throws {
        for level in 0...TilePath.levelMax {
            let content = TilePath.Content.hashes(level: level)
            let count = TilePath.count(content, treeSize: .max)
            let last = try #require(TilePath(content, index: count - 1, treeSize: .max))
            #expect(last.width == 255)
            #expect(TilePath(parsing: last.text) == last)
            #expect(TilePath(content, index: count - 1) == nil)
            #expect(TilePath(content, index: count, width: 1) == nil)
            #expect(TilePath(content, index: count, treeSize: .max) == nil)
            #expect(TilePath(content, index: .max) == nil)
        }
        for width in [Int.min, -1, 0, 257, .max] {
            #expect(TilePath(.entries, index: 0, width: width) == nil)
        }
        for level in [Int.min, -1, 8, .max] {
            #expect(TilePath(.hashes(level: level), index: 0) == nil)
            #expect(TilePath(.hashes(level: level), index: 0, treeSize: 9) == nil)
            #expect(TilePath.count(.hashes(level: level), treeSize: 9) == 0)
        }
    }

    @Test("a tree of 70,000 records has the tiles that C2SP tlog-tiles counts")
    func example() {
        let counts = (0...3).map { TilePath.count(.hashes(level: $0), treeSize: 70_000) }
        #expect(counts == [274, 2, 1, 0])
        #expect(TilePath.count(.entries, treeSize: 70_000) == 274)
        let paths = [(0, 272), (0, 273), (1, 0), (1, 1), (2, 0)].map { level, index in
            TilePath(.hashes(level: level), index: index, treeSize: 70_000)?.text
        }
        #expect(
            paths == [
                "tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1",
            ])
        #expect(TilePath(.hashes(level: 0), index: 274, treeSize: 70_000) == nil)
        #expect(TilePath.count(.hashes(level: 0), treeSize: 0) == 0)
        #expect(TilePath.count(.hashes(level: 0), treeSize: 256) == 1)
        #expect(TilePath(.hashes(level: 1), index: 0, treeSize: 256)?.width == 1)
    }

    @Test("any text is a tile's path to the byte, or none")
    func hostile() throws {
        let good = Array("tile/entries/x001/x234/067.p/112".utf8)
        var accepted = 0
        for seed in 0..<20_000 as Range<UInt64> {
            let text = String(decoding: HostileBytes.changed(good, seed: seed), as: UTF8.self)
            guard let tile = TilePath(parsing: text) else { continue }
            accepted += 1
            #expect(tile.text.utf8.elementsEqual(text.utf8), "seed \(seed)")
        }
        #expect(accepted > 0)
    }
}

@Suite struct EntryBundleTests {
    static let records: [[UInt8]] = [
        [], [0], Array(repeating: 7, count: 255), Array(repeating: 8, count: 256), [1, 2, 3],
        Array(repeating: 9, count: LogFormat.recordByteCountMax),
    ]

    @Test("a bundle gives back its records, with their lengths big-endian before them")
    func roundTrip() throws {
        let bundle = try EntryBundle(records: Self.records)
        #expect(bundle.bytes.prefix(5) == [0, 0, 0, 1, 0])
        #expect(bundle.bytes[5..<7] == [0, 255])
        #expect(bundle.records == Self.records)
        let parsed = try EntryBundle.parse(bundle.bytes, width: Self.records.count)
        #expect(parsed == bundle)
    }

    @Test("a bundle takes 256 records of the largest size, and no more")
    func limits() throws {
        let largest = [UInt8](repeating: 1, count: LogFormat.recordByteCountMax)
        var bundle = try EntryBundle(records: Array(repeating: largest, count: 256))
        #expect(bundle.bytes.count == EntryBundle.byteCountMax)
        let full = bundle
        let empty: [UInt8] = []
        #expect(throws: NoteError(code: .bundleMalformed)) { try bundle.append(empty.span.bytes) }
        #expect(bundle == full)
        bundle.removeAll()
        #expect(bundle == EntryBundle())
        let tooLong = largest + [1]
        #expect(throws: NoteError(code: .bundleMalformed)) {
            try bundle.append(tooLong.span.bytes)
        }
        #expect(bundle == EntryBundle())
    }

    @Test("every truncation, another width and bytes behind the last record are refused")
    func truncated() throws {
        let records = Array(Self.records.dropLast())
        let bytes = try EntryBundle(records: records).bytes
        for count in 0..<bytes.count {
            #expect(throws: NoteError(code: .bundleMalformed), "\(count) bytes") {
                try EntryBundle.parse(Array(bytes.prefix(count)), width: records.count)
            }
        }
        for width in [Int.min, -1, 0, 1, records.count - 1, records.count + 1, 256, 257, .max] {
            #expect(throws: NoteError(code: .bundleMalformed), "width \(width)") {
                try EntryBundle.parse(bytes, width: width)
            }
        }
        #expect(throws: NoteError(code: .bundleMalformed)) {
            try EntryBundle.parse(bytes + [0], width: records.count)
        }
    }

    @Test("whatever is read as a bundle is written the same")
    func hostile() throws {
        let records = [[1, 2, 3], [], [4], Array(repeating: 5, count: 300)] as [[UInt8]]
        let good = try EntryBundle(records: records).bytes
        var accepted = 0
        for seed in 0..<20_000 as Range<UInt64> {
            let bytes = HostileBytes.changed(good, seed: seed)
            guard let bundle = try? EntryBundle.parse(bytes, width: 4) else { continue }
            accepted += 1
            #expect(try EntryBundle(records: bundle.records).bytes == bytes, "seed \(seed)")
        }
        #expect(accepted > 0)
    }
}
