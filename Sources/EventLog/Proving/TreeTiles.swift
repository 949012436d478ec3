/// Makes and keeps the tiles of level 1 and up of a data folder: full ones only, over records that
/// are durable.
///
/// Derived: whatever is missing is made again from the records. docs/format/tree.md specifies the
/// files. One maker at a time; readers need no lock.
public struct TreeTiles: Sendable {
    private let paths: LogPaths
    private let disk: any Disk
    private let stored: TileFiles

    /// The tiles of a data folder, which need not have any.
    public init(folder: String, disk: any Disk) {
        paths = LogPaths(data: folder)
        self.disk = disk
        stored = TileFiles(paths, disk: disk)
    }

    /// Makes every tile that is missing and whole below `end`: that covers no record from `end` on.
    ///
    /// All records below `end` must be durable; say the start of the active segment. Blocks: it
    /// reads 65,536 records for each tile of level 1 that is missing, and syncs each new file, so
    /// that a crash leaves no tile that is not whole. It can be stopped anywhere and run again.
    /// - Returns: the number of tiles that were made.
    /// - Throws: as `LogReader` does; `noSpace`, `inputOutput`.
    @discardableResult
    public func extend(below end: SequenceNumber) throws(EventLogError) -> Int {
        var writer = FolderWriter(disk: disk, root: paths.tree)
        var made = 0
        let width = UInt64(TilePath.fullWidth)
        guard end.rawValue >= width * width else { return 0 }
        let first = try LogReader.segments(paths, disk).first?.rawValue ?? 0
        var leaves = try LeafReader(folder: paths.data, disk: disk)
        for level in 1...TilePath.levelMax {
            let span: UInt64 = level == TilePath.levelMax ? 0 : 1 << UInt64(8 * (level + 1))
            guard span > 0, end.rawValue >= span else { break }
            let present = Set(try indexes(level: level))
            // What retired segments held cannot be made again; its tiles are kept.
            let start = first / span + (first % span == 0 ? 0 : 1)
            for index in start..<max(start, end.rawValue / span) where !present.contains(index) {
                guard let tile = TilePath(.hashes(level: level), index: index) else { break }
                guard let hashes = try make(tile, level, &leaves) else { continue }
                try write(hashes, tile, &writer)
                made += 1
            }
        }
        return made
    }

    /// Compares tiles with the records, and makes those again that differ or are not whole.
    ///
    /// Blocks, and reads all records that they cover.
    /// - Returns: those that were made again.
    /// - Throws: as `extend`.
    @discardableResult
    public func renew(_ tiles: [TilePath]) throws(EventLogError) -> [TilePath] {
        var writer = FolderWriter(disk: disk, root: paths.tree)
        var leaves = try LeafReader(folder: paths.data, disk: disk)
        var renewed: [TilePath] = []
        // From the records up, so that those above are made of what is good.
        let ordered = tiles.filter { !$0.isPartial && $0.level > 0 }
            .sorted { ($0.level, $0.index) < ($1.level, $1.index) }
        for tile in ordered {
            guard let hashes = try make(tile, tile.level, &leaves) else { continue }
            do throws(DiskError) {
                if try stored.read(tile) == hashes { continue }
            } catch { throw EventLogError(disk: error) }
            try write(hashes, tile, &writer)
            renewed.append(tile)
        }
        return renewed
    }

    /// What the tiles say of durability: a full one of level 1 is made only over durable records.
    ///
    /// Blocks: it lists the folders of level 1, and opens a file.
    /// - Throws: `inputOutput`.
    public func claim() throws(EventLogError) -> DurabilityClaim? {
        for index in try indexes(level: 1).sorted(by: >) {
            guard let tile = TilePath(.hashes(level: 1), index: index),
                let end = tile.endSequence, end > 0
            else { continue }
            do throws(DiskError) {
                guard try stored.read(tile) != nil else { continue }
            } catch { throw EventLogError(disk: error) }
            return DurabilityClaim(
                name: "the tile \(paths.tree)/\(tile.text)",
                durableThrough: SequenceNumber(end - 1))
        }
        return nil
    }

    private func indexes(level: Int) throws(EventLogError) -> [UInt64] {
        do throws(DiskError) { return try stored.indexes(level: level) } catch {
            throw EventLogError(disk: error)
        }
    }

    private func write(
        _ hashes: [TreeHash], _ tile: TilePath, _ writer: inout FolderWriter
    ) throws(EventLogError) {
        do throws(DiskError) {
            try writer.write(hashes.flatMap(\.bytes), to: tile.text)
        } catch { throw EventLogError(disk: error) }
    }

    /// The hashes of a tile: of level 1 from records, of a higher one from the tiles below; nil
    /// where those are not all there.
    private func make(
        _ tile: TilePath, _ level: Int, _ leaves: inout LeafReader
    ) throws(EventLogError) -> [TreeHash]? {
        let width = UInt64(TilePath.fullWidth)
        var hashes: [TreeHash] = []
        hashes.reserveCapacity(TilePath.fullWidth)
        for number in (tile.index * width)..<(tile.index * width + width) {
            if level == 1 {
                var subtree = TreeFrontier()
                let count = try leaves.read(from: number * width, count: TilePath.fullWidth) {
                    subtree.append(leaf: TreeHash.leaf($0))
                }
                guard count == TilePath.fullWidth else { return nil }
                hashes.append(subtree.root)
                continue
            }
            guard let below = TilePath(.hashes(level: level - 1), index: number) else { return nil }
            var found: [TreeHash]?
            do throws(DiskError) { found = try stored.read(below) } catch {
                throw EventLogError(disk: error)
            }
            if found == nil { found = try make(below, level - 1, &leaves) }
            guard let found else { return nil }
            hashes.append(found.completeRoot)
        }
        return hashes
    }
}

extension TilePath {
    /// The level of a tile; 0 for an entry bundle too.
    var level: Int { if case .hashes(let level) = content { level } else { 0 } }
}
