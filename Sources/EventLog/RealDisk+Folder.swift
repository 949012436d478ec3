import CStatfs
import Glibc
import SystemPackage

// What concerns the data folder as a whole: what it lies on, and who holds it.

extension RealDisk {
    /// Refuses network file systems, by the magic number that `statfs` gives (statfs(2)).
    ///
    /// Their syncs, locks and caches do not promise what the log needs.
    public func requireLocal(_ folder: String) throws(EventLogError) {
        var status = statfs()
        // Safe: statfs fills the structure that it is given.
        guard unsafe statfs(folder, &status) == 0 else {
            throw EventLogError(
                disk: DiskError(
                    operation: "status", path: folder, errno: Errno(rawValue: errno)))
        }
        let magic = UInt32(truncatingIfNeeded: status.f_type)
        guard let name = Self.networkFileSystem(magic: magic) else { return }
        throw EventLogError(
            .networkFileSystem,
            "\(folder) is on \(name), a network file system, which cannot promise that a synced "
                + "write is durable. Put the data folder on a local disk.")
    }

    /// What `lstat` says, and `stat` of what a link leads to.
    public func kind(of path: String) throws(DiskError) -> DiskEntryKind {
        var status = stat()
        // Safe: lstat fills the structure that it is given.
        guard unsafe lstat(path, &status) == 0 else {
            throw DiskError(operation: "status", path: path, errno: Errno(rawValue: errno))
        }
        if status.st_mode & S_IFMT == S_IFDIR { return .folder }
        guard status.st_mode & S_IFMT == S_IFLNK else { return .file }
        // Safe: as above. A link that leads nowhere is no folder.
        guard unsafe stat(path, &status) == 0 else { return .file }
        return status.st_mode & S_IFMT == S_IFDIR ? .linkToFolder : .file
    }

    /// What `statfs` says is available to who is not root.
    public func freeByteCount(of folder: String) throws(DiskError) -> Int {
        var status = statfs()
        // Safe: statfs fills the structure that it is given.
        guard unsafe statfs(folder, &status) == 0 else {
            throw DiskError(operation: "status", path: folder, errno: Errno(rawValue: errno))
        }
        let (bytes, overflow) = Int(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int(status.f_bsize))
        return overflow ? .max : bytes
    }

    /// The name of a file system that may be remote, or nil for any other (magic.h; statfs(2)).
    ///
    /// FUSE counts as remote: sshfs and the object-store mounts all report its number.
    package static func networkFileSystem(magic: UInt32) -> String? {
        switch magic {
        case 0x6969: "NFS"
        case 0x517B: "SMB"
        case 0xFF53_4D42: "CIFS"
        case 0xFE53_4D42: "SMB2"
        case 0x6573_5546: "FUSE (sshfs and the like)"
        case 0x5346_414F: "AFS"
        case 0x6B41_4653: "AFS"
        case 0x7375_7245: "Coda"
        case 0x00C3_6400: "Ceph"
        case 0x0102_1997: "9P"
        case 0x4750_4653: "GPFS"
        case 0x0BD0_0BD0: "Lustre"
        case 0x0116_1970: "GFS2"
        case 0x7461_636F: "OCFS2"
        default: nil
        }
    }

    /// Locks with `flock`, exclusively and without waiting.
    ///
    /// The lock belongs to the open file: it ends with the process, and a child that is started
    /// does not inherit it (close-on-exec).
    public func lock(_ path: String, holder: String) throws(DiskError) -> DiskLock {
        // Safe: the path is passed as a C string for the call only.
        let descriptor = repeating { unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else {
            throw DiskError(operation: "opening", path: path, errno: Errno(rawValue: errno))
        }
        let file = DiskFile(descriptor: descriptor, path: path)
        guard repeating({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
            let answer = Errno(rawValue: errno)
            defer { close(file) }
            guard answer == .wouldBlock else {
                throw DiskError(operation: "locking", path: path, errno: answer)
            }
            return .held(by: try contents(of: file))
        }
        do throws(DiskError) {
            guard ftruncate(descriptor, 0) == 0 else {
                throw DiskError(operation: "truncating", path: path, errno: Errno(rawValue: errno))
            }
            let name = Array(holder.utf8)
            // Safe: bytes of an array, which lives to the end of the call.
            try write(file, at: 0, unsafe name.span.bytes)
            return .acquired(file)
        } catch {
            close(file)
            throw error
        }
    }

    /// The first bytes of a file as one line of text.
    private func contents(of file: DiskFile) throws(DiskError) -> String {
        var block = ByteBlock(byteCount: LogFormat.sectorByteCount)
        var bytes = block.mutableBytes
        let count = try read(file, at: 0, into: &bytes)
        let text = String(decoding: block.bytes.extracting(0..<count).copied(), as: UTF8.self)
        return text.split(separator: "\n").joined(separator: ", ")
    }
}
