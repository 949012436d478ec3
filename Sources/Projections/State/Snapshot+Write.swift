import EventLog
import Events

extension Snapshot {
    /// Writes the snapshot of a state under a temporary name, syncs it, renames it, syncs the
    /// folder, and removes all older ones but the newest `keptCount`.
    ///
    /// A crash at any step leaves the snapshots that were there, or those and this one. Call it
    /// only when the log is durable through the state's last sequence, with which a valid file is
    /// evidence that it was; and on a thread that nobody waits for, with a copy of the state.
    ///
    /// - Returns: the path.
    /// - Throws: `notReady` for the state of an empty log and while a stage is open, whose records
    ///   are in no projection; `inputOutput`.
    /// - Complexity: O(n log n); blocks, and syncs once for each MiB, so that the sync of a batch
    ///   of the log beside it does not wait for all of it.
    @discardableResult
    public static func write(
        _ state: ProjectedState, log: LogIdentity, dataFolder: String, disk: any Disk
    ) throws(SnapshotError) -> String {
        var state = state
        let folder = folder(dataFolder: dataFolder)
        guard let sequence = state.lastSequence, !state.isStageOpen else {
            throw SnapshotError(
                .notReady, path: folder,
                state.isStageOpen
                    ? "a stage is open at sequence \(state.nextSequence)"
                    : "an empty log has no state to write")
        }
        let head = SnapshotHead(state, state.digest(), log: log)
        let path = path(dataFolder: dataFolder, sequence: sequence)
        let preparing = folder + "/" + preparingName
        do throws(DiskError) {
            if try disk.createFolder(folder) { try disk.syncFolder(dataFolder) }
            // What a crash left of an earlier one.
            if try disk.list(folder)?.contains(preparingName) == true {
                try disk.remove(preparing)
            }
            do throws(DiskError) {
                try fill(preparing, state, head, disk)
                try disk.rename(preparing, to: path)
            } catch {
                // Where the disk is full, what was written must not keep it so. Where it cannot be
                // removed now, the next writing does it.
                _ = try? disk.remove(preparing)
                throw error
            }
            try disk.syncFolder(folder)
        } catch {
            throw SnapshotError(error)
        }
        try removeOld(before: sequence, dataFolder: dataFolder, disk: disk)
        return path
    }

    private static func fill(
        _ path: String, _ state: ProjectedState, _ head: SnapshotHead, _ disk: any Disk
    ) throws(DiskError) {
        var writer = SnapshotWriter(file: try SteadyFile(creating: path, on: disk))
        try writer.append(head)
        try state.visitProjections(&writer)
        try writer.file.finish()
    }

    private static func removeOld(
        before sequence: UInt64, dataFolder: String, disk: any Disk
    ) throws(SnapshotError) {
        let old = try sequences(dataFolder: dataFolder, disk: disk)
            .filter { $0 <= sequence }.dropLast(keptCount)
        do throws(DiskError) {
            for sequence in old {
                try disk.remove(path(dataFolder: dataFolder, sequence: sequence))
            }
        } catch {
            throw SnapshotError(error)
        }
    }
}

/// Writes a snapshot's head and groups.
private struct SnapshotWriter: ProjectionVisitor {
    let file: SteadyFile
    private var projection = 0
    private var writer = WireWriter(reservingByteCount: 1 << 16)

    init(file: SteadyFile) { self.file = file }

    mutating func append(_ head: SnapshotHead) throws(DiskError) {
        let message = head.encoded()
        let start =
            Snapshot.magic + LittleEndian.bytes(Snapshot.version, 4)
            + LittleEndian.bytes(UInt64(message.count), 4)
        // Safe: every byte of both arrays is initialised.
        let seed = Checksum.crc32c(unsafe start.span.bytes)
        // Safe: as above.
        let crc = Checksum.crc32c(unsafe message.span.bytes, seed: seed)
        try file.append(start + LittleEndian.bytes(UInt64(crc), 4) + message)
    }

    mutating func visit<Entry: ProjectionEntry>(
        _ name: String, _ map: BucketedMap<Entry>
    ) throws(DiskError) {
        for (bucket, slots) in map.slotsByBucket().enumerated() where !slots.isEmpty {
            writer.removeAll()
            for entry in map.sorted(slots) { writer.appendDelimited(entry) }
            var group = SnapshotGroup()
            group.projection = projection
            group.bucket = bucket
            group.byteCount = writer.bytes.count
            group.entryCount = slots.count
            group.crc = group.checksum(writer.bytes)
            try file.append(group.header)
            try file.append(writer.bytes)
        }
        projection += 1
    }
}

/// A new file that is written from start to end, and synced as it grows.
final class SteadyFile {
    /// How much is written between two syncs: as for a sealed segment.
    private static let syncByteCount = 1 << 20

    private let disk: any Disk
    private let file: DiskFile
    private var piece: [UInt8] = []
    private var offset = 0

    /// Creates the file; it must not exist yet.
    init(creating path: String, on disk: any Disk) throws(DiskError) {
        self.disk = disk
        file = try disk.open(path, .create)
        piece.reserveCapacity(Self.syncByteCount)
    }

    deinit { disk.close(file) }

    /// Appends bytes; writes and syncs what has gathered to a piece.
    func append(_ bytes: [UInt8]) throws(DiskError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.syncByteCount - piece.count)
            piece += part
            rest = rest.dropFirst(part.count)
            if piece.count == Self.syncByteCount { try flush() }
        }
    }

    /// Writes what is left and makes the file's bytes durable (not its name).
    func finish() throws(DiskError) {
        if piece.isEmpty { return }
        try flush()
    }

    private func flush() throws(DiskError) {
        let bytes = piece
        piece = []
        // Safe: every byte of the array is initialised.
        try disk.write(file, at: offset, unsafe bytes.span.bytes)
        try disk.sync(file)
        offset += bytes.count
    }
}
