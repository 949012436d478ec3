/// The tree of a data folder, as far as tiles, headers and records give it.
///
/// A tile that stands there, and a frontier in a segment's header, are taken as they are: whoever
/// asks compares what comes out with a root that is signed, and asks again with less trust where it
/// differs. Changes nothing; needs no lock.
package struct LogTree: ~Copyable, TreeSource {
    /// What is believed.
    package enum Trust: Sendable, CaseIterable {
        /// Tiles, the frontiers in the headers of segments, and records.
        case everything
        /// Frontiers and records.
        case withoutTiles
        /// Records only.
        case recordsOnly
    }

    /// The number of records that are looked at.
    package let size: UInt64
    private let paths: LogPaths
    private let disk: any Disk
    private let trust: Trust
    private let tiles: TileFiles
    private var leaves: LeafReader
    /// The first sequences of the segments, ascending.
    private let starts: [UInt64]
    /// The leaves of the bundles that were read last, by their numbers.
    private var bundles: [UInt64: [TreeHash]] = [:]
    private var tileCache: [TilePath: [TreeHash]?] = [:]
    private var frontierCache: [UInt64: TreeFrontier?] = [:]
    /// Tiles that were used.
    private(set) var usedTiles: Set<TilePath> = []

    /// How many tiles are kept (256 KiB and less), and how many frontiers.
    private static let tileCountMax = 32
    private static let frontierCountMax = 512
    private static let bundleCountMax = 4

    /// The tree over the first `size` records of a data folder.
    ///
    /// - Throws: as `LogReader.open` does.
    package static func open(
        folder: String, disk: any Disk, size: UInt64, trust: Trust = .everything
    ) throws(EventLogError) -> LogTree {
        let paths = LogPaths(data: folder)
        let starts = try LogReader.segments(paths, disk).map(\.rawValue)
        let leaves = try LeafReader(folder: folder, disk: disk)
        return LogTree(paths, disk, size, trust, starts, leaves)
    }

    private init(
        _ paths: LogPaths, _ disk: any Disk, _ size: UInt64, _ trust: Trust, _ starts: [UInt64],
        _ leaves: consuming LeafReader
    ) {
        self.paths = paths
        self.disk = disk
        self.size = size
        self.trust = trust
        self.starts = starts
        self.leaves = leaves
        tiles = TileFiles(paths, disk: disk)
    }

    /// The root of a complete subtree within the tree.
    ///
    /// - Throws: `sequenceAbsent` where records that it needs are not there; as `LogReader` does.
    package mutating func hash(level: Int, index: UInt64) throws(EventLogError) -> TreeHash {
        do throws(DiskError) {
            if trust == .everything, level >= 8, let hash = try stored(level, index) {
                return hash
            }
            if trust != .recordsOnly, let hash = try peak(level, index) { return hash }
        } catch { throw EventLogError(disk: error) }
        guard level > 8 else { return try fromRecords(level, index) }
        let left = try hash(level: level - 1, index: 2 * index)
        return TreeHash.node(left, try hash(level: level - 1, index: 2 * index + 1))
    }

    /// The bytes of one record.
    ///
    /// - Throws: `sequenceAbsent`; as `LogReader` does.
    package mutating func record(_ sequence: UInt64) throws(EventLogError) -> [UInt8] {
        // With its neighbours: a proof needs their hashes, from the same frame.
        let bytes = try readBundle(sequence / UInt64(TilePath.fullWidth), keeping: sequence)
        guard let bytes else { throw Self.absent(sequence, paths) }
        return bytes
    }

    // MARK: tiles

    private mutating func stored(_ level: Int, _ index: UInt64) throws(DiskError) -> TreeHash? {
        let within = level % 8
        let tile = TilePath(.hashes(level: level / 8), index: index >> UInt64(8 - within))
        guard let tile, let hashes = try hashes(of: tile) else { return nil }
        let first = Int((index << UInt64(within)) & UInt64(TilePath.fullWidth - 1))
        return Array(hashes[first..<(first + 1 << within)]).completeRoot
    }

    private mutating func hashes(of tile: TilePath) throws(DiskError) -> [TreeHash]? {
        if let known = tileCache[tile] { return known }
        if tileCache.count >= Self.tileCountMax { tileCache.removeAll() }
        let hashes = try tiles.read(tile)
        tileCache[tile] = .some(hashes)
        if hashes != nil { usedTiles.insert(tile) }
        return hashes
    }

    // MARK: frontiers

    /// A subtree's root as the header of a later segment has it: one that starts so soon behind the
    /// subtree that this is still a peak of the tree there.
    ///
    /// A right child never is: there it is part of its parent.
    private mutating func peak(_ level: Int, _ index: UInt64) throws(DiskError) -> TreeHash? {
        guard index & 1 == 0 else { return nil }
        let end = (index + 1) << UInt64(level)
        let (limit, overflow) = end.addingReportingOverflow(1 << UInt64(level))
        let number = starts.partitioningIndex { $0 >= end }
        guard number < starts.count, overflow || starts[number] < limit,
            let frontier = try frontier(at: starts[number])
        else { return nil }
        // One peak for each set bit of the size, the largest first.
        let above = level == 63 ? 0 : frontier.size >> UInt64(level + 1)
        return frontier.peaks[above.nonzeroBitCount]
    }

    private mutating func frontier(at start: UInt64) throws(DiskError) -> TreeFrontier? {
        if let known = frontierCache[start] { return known }
        if frontierCache.count >= Self.frontierCountMax { frontierCache.removeAll() }
        let frontier = try Self.frontier(at: SequenceNumber(start), paths, disk)
        frontierCache[start] = .some(frontier)
        return frontier
    }

    /// The frontier in a segment's header, or in the identity of its sealed form; reads a block.
    private static func frontier(
        at name: SequenceNumber, _ paths: LogPaths, _ disk: any Disk
    ) throws(DiskError) -> TreeFrontier? {
        for path in [paths.segment(name), paths.sealed(name)] {
            let file: DiskFile
            do throws(DiskError) { file = try disk.open(path, .read) } catch {
                if error.errno == .noSuchFileOrDirectory { continue }
                throw error
            }
            defer { disk.close(file) }
            var block = ByteBlock(byteCount: LogFormat.blockByteCount)
            var target = block.mutableBytes
            let count = try disk.read(file, at: 0, into: &target)
            let bytes = block.bytes.extracting(0..<count)
            let header =
                (try? SegmentHeader.decode(bytes)) ?? (try? SealedIdentity.decode(bytes))?.0
            if let header, header.firstSequence == name { return header.frontier }
        }
        return nil
    }

    // MARK: records

    /// A subtree of at most 256 records.
    private mutating func fromRecords(
        _ level: Int, _ index: UInt64
    ) throws(EventLogError) -> TreeHash {
        let width = UInt64(TilePath.fullWidth)
        let first = index << UInt64(level)
        let number = first / width
        if bundles[number] == nil { _ = try readBundle(number, keeping: first) }
        let place = Int(first % width)
        guard let hashes = bundles[number], place + 1 << level <= hashes.count else {
            throw Self.absent(number * width + UInt64(bundles[number]?.count ?? 0), paths)
        }
        return Array(hashes[place..<(place + 1 << level)]).completeRoot
    }

    /// Reads the records of a bundle, as far as the tree has them; the bytes of one of them.
    private mutating func readBundle(
        _ number: UInt64, keeping sequence: UInt64
    ) throws(EventLogError) -> [UInt8]? {
        let width = UInt64(TilePath.fullWidth)
        let start = number * width
        let wanted = min(width, max(size, sequence + 1) - start)
        var hashes: [TreeHash] = []
        hashes.reserveCapacity(TilePath.fullWidth)
        var bytes: [UInt8]?
        _ = try leaves.read(from: start, count: Int(wanted)) { record in
            if start + UInt64(hashes.count) == sequence { bytes = record.copied() }
            hashes.append(TreeHash.leaf(record))
        }
        if bundles.count >= Self.bundleCountMax { bundles.removeAll() }
        bundles[number] = hashes
        return bytes
    }

    private static func absent(_ sequence: UInt64, _ paths: LogPaths) -> EventLogError {
        EventLogError(
            .sequenceAbsent,
            "record \(sequence) is not in \(paths.log), which ends before it. "
                + "Run `daybook verify \(paths.data)` to see what is missing.")
    }
}

extension [UInt64] {
    /// The place of the first element for which `belongs` holds, as it does for all after it.
    func partitioningIndex(where belongs: (UInt64) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
