/// The tiles in `tree/`, each compared once the tree has grown over it.
struct StoredTiles: Sendable {
    private let paths: LogPaths
    private let disk: any Disk
    private var stored: Set<TilePath> = []
    private var growing: [Int: (first: Int, hashes: [TreeHash])] = [:]
    private var missing: [String] = []
    private var ignored: [String] = []
    private var notTiles: [String] = []

    private static let folder = "tree"
    private static let tileByteCount = 32 * TilePath.fullWidth

    /// The tiles of a data folder, by their names; nothing is read.
    init(paths: LogPaths, disk: any Disk) throws(FolderWalk.Failure) {
        self.paths = paths
        self.disk = disk
        let base = paths.data + "/" + Self.folder
        var found: Set<TilePath> = []
        var others: [String] = []
        try FolderWalk.walk(base, disk: disk) { folder in
            for name in folder.files {
                let text = String((folder.path + "/" + name).dropFirst(base.count + 1))
                if let tile = TilePath(parsing: text), !tile.isPartial,
                    case .hashes(let level) = tile.content, level >= 1
                {
                    found.insert(tile)
                } else {
                    others.append(Self.folder + "/" + text)
                }
            }
        }
        stored = found
        notTiles = others
    }

    /// None, of a folder that cannot be listed.
    init(noneOf paths: LogPaths, disk: any Disk) {
        self.paths = paths
        self.disk = disk
    }

    /// Whether there is nothing to compare.
    var isEmpty: Bool { stored.isEmpty }

    private static func path(_ tile: TilePath) -> String { folder + "/" + tile.text }

    private func contents(_ tile: TilePath) -> [UInt8]? {
        let bytes = try? disk.contents(
            of: paths.data + "/" + Self.path(tile), byteCountMax: Self.tileByteCount)
        guard let bytes, bytes.count == Self.tileByteCount else { return nil }
        return bytes
    }

    /// Takes the next hash of a level; at the last one of a tile that is compared.
    mutating func add(_ subtree: TileSubtree, _ verdict: inout Verdict) {
        let entry = Int(subtree.index & 255)
        // Of the first tile, entries may lie before the first record that is here.
        growing[subtree.level, default: (entry, [])].hashes.append(subtree.hash)
        guard entry == 255, let (first, hashes) = growing.removeValue(forKey: subtree.level),
            let tile = TilePath(.hashes(level: subtree.level), index: subtree.index >> 8)
        else { return }
        guard stored.remove(tile) != nil else {
            missing.append(Self.path(tile))
            return
        }
        guard let bytes = contents(tile) else {
            ignored.append(Self.path(tile))
            return
        }
        if bytes[(32 * first)...] != hashes.flatMap(\.bytes)[...] {
            verdict.add(
                .tileMismatch, Self.path(tile), "its hashes are not those of the records")
        }
    }

    /// Judges those that the tree did not reach: they say that there were more records.
    ///
    /// - Parameter isWhole: whether the tree goes on to the end of the log.
    func finish(first: UInt64, size: UInt64, isWhole: Bool, _ verdict: inout Verdict) {
        var ignored = ignored
        for tile in stored.sorted(by: { $0.text < $1.text }) {
            let path = Self.path(tile)
            guard case .hashes(let level) = tile.content else { continue }
            // A tile is no `TilePath` where this would overflow.
            let end = (tile.index + 1) * UInt64(TilePath.fullWidth) << UInt64(8 * level)
            if isWhole, end > first, end > size, contents(tile) != nil {
                verdict.add(.tileMismatch, path, "it speaks of \(end) records")
            } else {
                ignored.append(path)
            }
        }
        verdict.remark("full tiles are missing", of: missing)
        verdict.remark("tiles were not compared", of: ignored)
        verdict.remark("files in tree/ are not tiles of level 1 and up", of: notTiles)
    }
}
