/// Writes the static tree that other programs read (C2SP tlog-tiles): `checkpoint`, `tile/L/N`,
/// `tile/entries/N`.
///
/// docs/format/tree.md names the files. Everything is computed from the records. A file that is
/// there already must have the same bytes; so it can be stopped anywhere and run again, and a later
/// run with a newer checkpoint adds what is new. Partial tiles of an older tree may stay.
public struct StaticTiles: ~Copyable {
    /// How far a run is.
    public struct Progress: Sendable, Hashable {
        /// The number of records that were read.
        public var recordCount: UInt64 = 0
        /// The number of records in the tree.
        public var treeSize: UInt64
        /// How many files were written.
        public var writtenCount = 0
        /// How many files stood there already, with the same bytes.
        public var unchangedCount = 0
        /// What was passed over, a line each.
        public var remarks: [String] = []
    }

    private var files: FolderWriter
    private let note: CheckpointNote
    private var progress: Progress
    private var frontier = TreeFrontier()
    private var bundle = EntryBundle()
    /// For each level the hashes of the tile that is being filled, and how many there were before.
    private var levels: [(hashes: [TreeHash], tileCount: UInt64)]

    /// The most bytes that a file of the tree has: those of an entry bundle.
    private static let fileByteCountMax = EntryBundle.byteCountMax

    /// Writes the tree of a stored checkpoint into the folder `out`, which is made if it is not
    /// there.
    ///
    /// Blocks: it reads all records of the tree, and syncs each file that it writes. Needs no lock.
    /// - Parameter checkpointSize: the tree size of a stored checkpoint; nil for the newest one
    ///   that a key in `checkpoints/keys` signed.
    /// - Parameter report: called about each 65,536 records, and at the end.
    /// - Returns: the last progress.
    /// - Throws: `sequenceAbsent` where there is no such checkpoint, or records of the tree are not
    ///   there; `damaged` where a file in `out` has other bytes, or the records do not lead to the
    ///   checkpoint's root (then `checkpoint` is not written); as `LogReader` does; `noSpace`,
    ///   `inputOutput`.
    @discardableResult
    public static func write(
        folder: String, disk: any Disk, out: String, checkpointSize: UInt64? = nil,
        report: (Progress) -> Void = { _ in }
    ) throws(EventLogError) -> Progress {
        let store = CheckpointStore(folder: folder, disk: disk)
        var remarks: [String] = []
        let note: CheckpointNote?
        if let checkpointSize {
            note = try store.note(size: checkpointSize)
        } else {
            note = try LogProver.newest(store, &remarks) { _ in true }
        }
        guard let note else {
            throw EventLogError(
                .sequenceAbsent,
                "there is no checkpoint in \(folder)/checkpoints to write a tree for. Run the "
                    + "engine until it has made one."
                    + remarks.map { " (" + $0 + ")" }.joined())
        }
        var tiles = StaticTiles(note, FolderWriter(disk: disk, root: out), remarks)
        try tiles.run(folder, disk, report)
        report(tiles.progress)
        return tiles.progress
    }

    private init(_ note: CheckpointNote, _ files: FolderWriter, _ remarks: [String]) {
        self.note = note
        self.files = files
        progress = Progress(treeSize: note.checkpoint.size, remarks: remarks)
        levels = Array(repeating: ([], 0), count: TilePath.levelMax + 1)
    }

    private mutating func run(
        _ folder: String, _ disk: any Disk, _ report: (Progress) -> Void
    ) throws(EventLogError) {
        do throws(DiskError) { _ = try disk.createFolder(files.root) } catch {
            throw EventLogError(disk: error)
        }
        try checkStanding()
        let size = note.checkpoint.size
        if size > 0 {
            var leaves = try LeafReader(folder: folder, disk: disk)
            while frontier.size < size {
                try addBundle(&leaves, count: min(size - frontier.size, 256), folder)
                progress.recordCount = frontier.size
                if frontier.size % 65_536 == 0 { report(progress) }
            }
        }
        guard frontier.root == note.checkpoint.root else {
            throw EventLogError(
                .damaged,
                "the records in \(folder)/log do not lead to the root of the checkpoint for "
                    + "\(size) records. Run `daybook verify \(folder)`, and remove \(files.root) "
                    + "before the tree is written again.")
        }
        for level in 0...TilePath.levelMax where !levels[level].hashes.isEmpty {
            try put(tile(.hashes(level: level)), levels[level].hashes.flatMap(\.bytes))
        }
        // Last: from now on readers take the rest for complete.
        let standing = try read("checkpoint")
        if standing == note.bytes { return progress.unchangedCount += 1 }
        do throws(DiskError) {
            try disk.replaceFile(
                "checkpoint", in: files.root, via: "checkpoint.making", with: note.bytes)
        } catch { throw EventLogError(disk: error) }
        progress.writtenCount += 1
    }

    /// Refuses to go back to a smaller tree, or over to another log's.
    private func checkStanding() throws(EventLogError) {
        guard let bytes = try read("checkpoint") else { return }
        let path = files.root + "/checkpoint"
        do throws(NoteError) {
            let standing = try CheckpointNote.parse(bytes).checkpoint
            guard standing.origin == note.checkpoint.origin else {
                throw NoteError(.originMismatch, "it is of another log")
            }
            guard standing.size <= note.checkpoint.size else {
                throw NoteError(
                    .checkpointMalformed,
                    "it is for \(standing.size) records, more than \(note.checkpoint.size)")
            }
        } catch {
            throw EventLogError(
                .damaged,
                "\(path) cannot be replaced: \(error). Choose another folder for the tree.",
                segment: path)
        }
    }

    private mutating func addBundle(
        _ leaves: inout LeafReader, count: UInt64, _ folder: String
    ) throws(EventLogError) {
        bundle.removeAll()
        var bundle = bundle
        var hashes: [TreeHash] = []
        var failure: NoteError?
        let found = try leaves.read(from: frontier.size, count: Int(count)) { record in
            do throws(NoteError) { try bundle.append(record) } catch { failure = error }
            hashes.append(TreeHash.leaf(record))
        }
        if let failure { throw EventLogError(.damaged, "\(failure). This is a fault in Daybook.") }
        guard found == Int(count) else {
            throw EventLogError(
                .sequenceAbsent,
                "record \(frontier.size + UInt64(found)) is not in \(folder)/log, though a "
                    + "checkpoint covers it. Run `daybook verify \(folder)`.")
        }
        let index = frontier.size / UInt64(TilePath.fullWidth)
        for hash in hashes { frontier.append(leaf: hash) }
        guard let path = TilePath(.entries, index: index, width: found) else { return }
        try put(path, bundle.bytes)
        self.bundle = bundle
        levels[0].hashes = hashes
        try fold()
    }

    /// Writes the tiles that are full, from the lowest level up.
    private mutating func fold() throws(EventLogError) {
        for level in 0...TilePath.levelMax
        where levels[level].hashes.count == TilePath.fullWidth {
            let hashes = levels[level].hashes
            try put(tile(.hashes(level: level)), hashes.flatMap(\.bytes))
            levels[level].hashes.removeAll(keepingCapacity: true)
            levels[level].tileCount += 1
            if level < TilePath.levelMax { levels[level + 1].hashes.append(hashes.completeRoot) }
        }
    }

    private func tile(_ content: TilePath.Content) -> TilePath? {
        guard case .hashes(let level) = content else { return nil }
        return TilePath(
            content, index: levels[level].tileCount, width: levels[level].hashes.count)
    }

    private mutating func put(_ path: TilePath?, _ bytes: [UInt8]) throws(EventLogError) {
        guard let path else { return }
        if let standing = try read(path.text) {
            guard standing == bytes else {
                throw EventLogError(
                    .damaged,
                    "\(files.root)/\(path.text) has other bytes than this log's tree. Choose "
                        + "another folder, or remove this one if nobody reads it.",
                    segment: files.root + "/" + path.text)
            }
            return progress.unchangedCount += 1
        }
        do throws(DiskError) { try files.write(bytes, to: path.text) } catch {
            throw EventLogError(disk: error)
        }
        progress.writtenCount += 1
    }

    private func read(_ path: String) throws(EventLogError) -> [UInt8]? {
        do throws(DiskError) {
            return try files.read(path, byteCountMax: Self.fileByteCountMax)
        } catch { throw EventLogError(disk: error) }
    }
}
