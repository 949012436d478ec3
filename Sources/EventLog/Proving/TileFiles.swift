/// The tiles that a data folder has: which there are, and what is in them.
struct TileFiles: Sendable {
    let disk: any Disk
    /// The folder that holds `tile`.
    let root: String

    /// The bytes of a full tile.
    static let byteCount = 32 * TilePath.fullWidth

    init(_ paths: LogPaths, disk: any Disk) {
        self.disk = disk
        root = paths.tree
    }

    /// The hashes of a full tile; nil where it is missing or not of a full tile's length.
    func read(_ tile: TilePath) throws(DiskError) -> [TreeHash]? {
        let folder = FolderWriter(disk: disk, root: root)
        guard let bytes = try folder.read(tile.text, byteCountMax: Self.byteCount),
            bytes.count == Self.byteCount
        else { return nil }
        // Safe: the bytes of an array, which lives to the end of the call.
        let span = unsafe bytes.span.bytes
        return (0..<TilePath.fullWidth).map { TreeHash(span, at: 32 * $0) }
    }

    /// The full tiles of a level, by their names, in no order; nothing is opened.
    func indexes(level: Int) throws(DiskError) -> [UInt64] {
        var found: [UInt64] = []
        // The deepest path has seven groups, so the folders are walked at most that deep.
        var folders = [(path: "tile/\(level)", depth: 0)]
        while let (path, depth) = folders.popLast() {
            for name in try list(root + "/" + path) {
                let below = path + "/" + name
                if name.utf8.count == 4, name.utf8.first == UInt8(ascii: "x"), depth < 7 {
                    folders.append((below, depth + 1))
                } else if let tile = TilePath(parsing: below), !tile.isPartial {
                    found.append(tile.index)
                }
            }
        }
        return found
    }

    private func list(_ folder: String) throws(DiskError) -> [String] {
        do throws(DiskError) { return try disk.list(folder) ?? [] } catch {
            // Something that has a folder's name and is none holds no tile.
            if error.errno == .notDirectory { return [] }
            throw error
        }
    }
}

extension LogPaths {
    /// The folder of the tiles.
    var tree: String { data + "/tree" }
}

extension TilePath {
    /// The first record that the tile does not cover; all of them must be there for it to be full.
    ///
    /// Nil where no log has so many.
    var endSequence: UInt64? {
        guard case .hashes(let level) = content else { return nil }
        let (end, overflow) = (index * UInt64(Self.fullWidth) + UInt64(width))
            .multipliedReportingOverflow(by: 1 << UInt64(8 * level))
        return overflow ? nil : end
    }
}

extension [TreeHash] {
    /// The root over these hashes, whose number is a power of two.
    var completeRoot: TreeHash {
        var hashes = self
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count - 1, by: 2).map {
                TreeHash.node(hashes[$0], hashes[$0 + 1])
            }
        }
        return hashes.first ?? TreeHash.ofNothing
    }
}
