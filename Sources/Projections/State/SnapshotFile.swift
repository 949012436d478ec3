import EventLog
import Events

/// A snapshot that is open to be read: its head is checked, its groups are found.
///
/// Safe to use from several threads: it never changes.
package final class SnapshotFile: Sendable {
    /// The file.
    package let path: String
    /// What it says of itself.
    package let head: SnapshotHead
    let groups: [SnapshotGroup]
    private let disk: any Disk
    private let file: DiskFile

    /// Opens the snapshot of a sequence: checks shape, version, identity (nil: any) and head, and
    /// finds the groups by their headers.
    ///
    /// What the groups hold is checked by who reads it.
    ///
    /// - Throws: `absent`, `damaged`, `foreign`, `inputOutput`.
    /// - Complexity: O(groups), a small read for each.
    package init(
        dataFolder: String, sequence: UInt64, log: LogIdentity?, disk: any Disk
    ) throws(SnapshotError) {
        let path = Snapshot.path(dataFolder: dataFolder, sequence: sequence)
        self.path = path
        self.disk = disk
        do throws(DiskError) { file = try disk.open(path, .read) } catch {
            throw SnapshotError(error)
        }
        do throws(SnapshotError) {
            let fileByteCount = try Self.byteCount(file, disk)
            let (head, end) = try Self.readHead(file, disk, fileByteCount)
            try Self.check(head, path, sequence, log)
            groups = try Self.findGroups(file, disk, head, from: end, to: fileByteCount)
            self.head = head
        } catch {
            disk.close(file)
            throw error
        }
    }

    deinit { disk.close(file) }

    /// The sequence whose state it is.
    package var sequence: UInt64 { head.sequence }

    /// How many entries each projection has, as the groups say; not more than could stand there.
    var entryCounts: [Int] {
        var counts = head.projections.map { _ in 0 }
        for group in groups { counts[group.projection] += min(group.entryCount, group.byteCount) }
        return counts
    }

    /// Checks every group's checksum.
    ///
    /// - Throws: `damaged`, `inputOutput`.
    /// - Complexity: O(bytes): it reads the file once.
    package func verify() throws(SnapshotError) {
        for group in groups { _ = try bytes(of: group) }
    }

    /// The bytes of a group's entries, whose checksum is right.
    func bytes(of group: SnapshotGroup) throws(SnapshotError) -> [UInt8] {
        let bytes = try Self.read(file, disk, at: group.offset, group.byteCount)
        guard group.checksum(bytes) == group.crc else {
            throw SnapshotError(
                .damaged, path: path,
                "the bytes at offset \(group.offset) do not match their CRC-32C")
        }
        return bytes
    }

    /// The entries of one bucket, in the order of their keys; none where the bucket is empty.
    ///
    /// - Throws: `damaged`, `inputOutput`.
    package func entries(
        projection: String, bucket: Int
    ) throws(SnapshotError) -> [StateEntry] {
        guard let number = head.projections.firstIndex(where: { $0.name == projection }),
            let group = groups.first(where: { $0.projection == number && $0.bucket == bucket })
        else { return [] }
        let loading = StateLoading(
            projections: head.projections.map(\.name),
            entryCounts: head.projections.map { _ in 0 })
        guard let found = loading.entries(projection, group, try bytes(of: group)) else {
            throw SnapshotError(
                .damaged, path: path, "the entries at offset \(group.offset) cannot be read")
        }
        return found
    }
}

// MARK: reading

extension SnapshotFile {
    private static func byteCount(
        _ file: DiskFile, _ disk: any Disk
    ) throws(SnapshotError) -> Int {
        do throws(DiskError) { return try disk.byteCount(of: file) } catch {
            throw SnapshotError(error)
        }
    }

    /// Reads so many bytes, or says that the file ends before.
    private static func read(
        _ file: DiskFile, _ disk: any Disk, at offset: Int, _ byteCount: Int
    ) throws(SnapshotError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var span = bytes.mutableSpan
        // Safe: every byte of the array is initialised, and any byte may be stored in it.
        var target = unsafe span.mutableBytes
        let count: Int
        do throws(DiskError) { count = try disk.read(file, at: offset, into: &target) } catch {
            throw SnapshotError(error)
        }
        guard count == byteCount else { throw damaged(file, "it ends at \(offset + count)") }
        return bytes
    }

    private static func damaged(_ file: DiskFile, _ message: String) -> SnapshotError {
        SnapshotError(.damaged, path: file.path, message)
    }

    /// - Returns: the head, and the offset after it.
    private static func readHead(
        _ file: DiskFile, _ disk: any Disk, _ fileByteCount: Int
    ) throws(SnapshotError) -> (SnapshotHead, Int) {
        guard fileByteCount >= Snapshot.prefixByteCount else {
            throw damaged(file, "it is not a snapshot")
        }
        let prefix = try read(file, disk, at: 0, Snapshot.prefixByteCount)
        guard prefix.starts(with: Snapshot.magic) else {
            throw damaged(file, "it is not a snapshot")
        }
        let version = LittleEndian.integer(prefix, 8, 4)
        guard version == Snapshot.version else {
            throw SnapshotError(
                .foreign, path: file.path,
                "its version is \(version); this build reads \(Snapshot.version)")
        }
        let byteCount = LittleEndian.integer(prefix, 12, 4)
        let rest = fileByteCount - Snapshot.prefixByteCount
        guard byteCount <= UInt64(min(Snapshot.headByteCountMax, rest)) else {
            throw damaged(file, "its head would have \(byteCount) bytes")
        }
        let message = try read(file, disk, at: Snapshot.prefixByteCount, Int(byteCount))
        let start = Array(prefix[..<16])
        // Safe: every byte of both arrays is initialised.
        let seed = Checksum.crc32c(unsafe start.span.bytes)
        // Safe: as above.
        let crc = Checksum.crc32c(unsafe message.span.bytes, seed: seed)
        guard UInt64(crc) == LittleEndian.integer(prefix, 16, 4) else {
            throw damaged(file, "its head does not match its CRC-32C")
        }
        do throws(WireError) {
            return (
                try SnapshotHead(decoding: message), Snapshot.prefixByteCount + message.count
            )
        } catch {
            throw damaged(file, "its head cannot be read: \(error)")
        }
    }

    private static func check(
        _ head: SnapshotHead, _ path: String, _ sequence: UInt64, _ log: LogIdentity?
    ) throws(SnapshotError) {
        guard head.sequence == sequence else {
            throw SnapshotError(
                .foreign, path: path, "it says that it is of sequence \(head.sequence)")
        }
        guard let identity = head.identity, log == nil || log == identity else {
            throw SnapshotError(.foreign, path: path, "it is of another log")
        }
        guard head.projections.map(SnapshotHead.kind) == head.kinds else {
            throw SnapshotError(
                .foreign, path: path, "its projections are not those of this build, by version")
        }
    }

    private static func findGroups(
        _ file: DiskFile, _ disk: any Disk, _ head: SnapshotHead, from start: Int, to end: Int
    ) throws(SnapshotError) -> [SnapshotGroup] {
        var groups: [SnapshotGroup] = []
        var offset = start
        while offset < end {
            let (entries, overflows) = offset.addingReportingOverflow(
                SnapshotGroup.headerByteCount)
            guard !overflows, entries <= end, UInt64(groups.count) < head.groupCount else {
                throw damaged(file, "it goes on after its last group, at offset \(offset)")
            }
            let header = try read(file, disk, at: offset, SnapshotGroup.headerByteCount)
            guard
                let group = SnapshotGroup(header: header, offset: entries, fileByteCount: end),
                group.projection < head.projections.count,
                group.bucket < head.projections[group.projection].buckets.count / 8,
                groups.last.map({ $0.precedes(group) }) ?? true
            else { throw damaged(file, "the group at offset \(offset) is not well formed") }
            groups.append(group)
            offset = entries + group.byteCount
        }
        guard UInt64(groups.count) == head.groupCount else {
            throw damaged(file, "it has \(groups.count) groups, not \(head.groupCount)")
        }
        return groups
    }
}
