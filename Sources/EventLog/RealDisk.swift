import Glibc
import SystemPackage

/// The machine's own file systems.
///
/// Each call is the system call of the same name, repeated where a signal interrupted it (`EINTR`),
/// but never a sync: after a failed one the kernel has marked the pages clean (fsync(2); LWN
/// 752063).
public struct RealDisk: Disk {
    /// The machine's disk.
    public init() {}

    /// Creates one folder, mode 0700.
    public func createFolder(_ path: String) throws(DiskError) -> Bool {
        // Safe: the string is passed as a terminated copy for the call.
        if unsafe mkdir(path, 0o700) == 0 { return true }
        let answer = Errno(rawValue: errno)
        if answer == .fileExists { return false }
        throw DiskError(operation: "creation", path: path, errno: answer)
    }

    /// Lists a folder.
    public func list(_ folder: String) throws(DiskError) -> [String]? {
        // Safe: the stream is closed before the function ends, and each entry is copied before the
        // next call of readdir.
        guard let stream = unsafe opendir(folder) else {
            let answer = Errno(rawValue: errno)
            if answer == .noSuchFileOrDirectory { return nil }
            throw DiskError(operation: "listing", path: folder, errno: answer)
        }
        defer { _ = unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        if errno != 0 {
            throw DiskError(operation: "listing", path: folder, errno: Errno(rawValue: errno))
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Opens a file.
    public func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> DiskFile {
        let flags =
            switch mode {
            // Not to wait for the other end of a pipe; of regular files it asks nothing (open(2)).
            case .read: O_RDONLY | O_NONBLOCK
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        // Safe: the path is passed as a C string for the call only.
        let descriptor = repeating { unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600) }
        if descriptor < 0 {
            throw DiskError(operation: "opening", path: path, errno: Errno(rawValue: errno))
        }
        return DiskFile(descriptor: descriptor, path: path)
    }

    /// Closes a file.
    public func close(_ file: DiskFile) {
        // An error here says nothing that a sync before it has not said; Linux frees the descriptor
        // in any case (close(2)).
        _ = Glibc.close(file.descriptor)
    }

    /// The size of an open file.
    public func byteCount(of file: DiskFile) throws(DiskError) -> Int {
        var status = stat()
        // Safe: fstat fills the structure that it is given.
        guard unsafe fstat(file.descriptor, &status) == 0 else {
            throw DiskError(operation: "status", path: file.path, errno: Errno(rawValue: errno))
        }
        return status.st_size
    }

    /// Reads with `pread` until the target is full or the file ends.
    public func read(
        _ file: DiskFile, at offset: Int, into target: inout MutableRawSpan
    ) throws(DiskError) -> Int {
        // Safe: pread is told the size of the buffer, which lives for the call.
        let outcome = unsafe target.withUnsafeMutableBytes { buffer -> (Int, Errno?) in
            var done = 0
            while done < buffer.count {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                let count = repeating {
                    unsafe pread(
                        file.descriptor, rest.baseAddress, rest.count, off_t(offset + done))
                }
                if count < 0 { return (done, Errno(rawValue: errno)) }
                if count == 0 { break }
                done += count
            }
            return (done, nil)
        }
        if let answer = outcome.1 {
            throw DiskError(operation: "reading", path: file.path, errno: answer)
        }
        return outcome.0
    }

    /// Writes with `pwrite` until all is written.
    public func write(_ file: DiskFile, at offset: Int, _ source: RawSpan) throws(DiskError) {
        // Safe: pwrite is told the size of the buffer, which lives for the call.
        let answer = unsafe source.withUnsafeBytes { buffer -> Errno? in
            var done = 0
            while done < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count = repeating {
                    unsafe pwrite(
                        file.descriptor, rest.baseAddress, rest.count, off_t(offset + done))
                }
                if count < 0 { return Errno(rawValue: errno) }
                if count == 0 { return .noSpace }
                done += count
            }
            return nil
        }
        if let answer {
            throw DiskError(operation: "writing", path: file.path, errno: answer)
        }
    }

    /// Fills with zeros, in parts that are synced one by one.
    public func fillWithZeros(
        _ file: DiskFile, byteCount: Int, stepByteCount: Int
    ) throws(DiskError) {
        let zeros = ByteBlock(byteCount: min(byteCount, stepByteCount, 1_024 * 1_024))
        var offset = 0
        var unsyncedByteCount = 0
        while offset < byteCount {
            let count = min(zeros.byteCount, byteCount - offset)
            try write(file, at: offset, zeros.bytes.extracting(0..<count))
            offset += count
            unsyncedByteCount += count
            guard unsyncedByteCount >= stepByteCount || offset == byteCount else { continue }
            try sync(file)
            unsyncedByteCount = 0
        }
    }

    /// Cuts with `ftruncate`.
    public func truncate(_ file: DiskFile, to byteCount: Int) throws(DiskError) {
        guard repeating({ ftruncate(file.descriptor, off_t(byteCount)) }) == 0 else {
            throw DiskError(operation: "cutting", path: file.path, errno: Errno(rawValue: errno))
        }
    }

    /// Syncs with `fdatasync`, which also makes the size durable (fdatasync(2)).
    public func sync(_ file: DiskFile) throws(DiskError) {
        guard fdatasync(file.descriptor) == 0 else {
            throw DiskError(operation: "syncing", path: file.path, errno: Errno(rawValue: errno))
        }
    }

    /// Calls `posix_fadvise` with `POSIX_FADV_DONTNEED` for the whole file.
    public func dropFromCache(_ file: DiskFile) throws(DiskError) {
        let answer = posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
        guard answer == 0 else {
            throw DiskError(
                operation: "advising", path: file.path, errno: Errno(rawValue: answer))
        }
    }

    /// Syncs a folder with `fsync`.
    public func syncFolder(_ path: String) throws(DiskError) {
        // Safe: the path is passed as a C string for the call only.
        let descriptor = repeating { unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw DiskError(operation: "opening", path: path, errno: Errno(rawValue: errno))
        }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw DiskError(operation: "syncing", path: path, errno: Errno(rawValue: errno))
        }
    }

    /// Renames with `rename`.
    public func rename(_ path: String, to newPath: String) throws(DiskError) {
        // Safe: the strings are passed as terminated copies for the call.
        guard unsafe Glibc.rename(path, newPath) == 0 else {
            throw DiskError(operation: "renaming", path: path, errno: Errno(rawValue: errno))
        }
    }

    /// Removes an empty folder with `rmdir`; the log itself never does.
    public func removeFolder(_ path: String) throws(DiskError) {
        // Safe: the string is passed as a terminated copy for the call.
        guard unsafe rmdir(path) == 0 else {
            throw DiskError(operation: "removing", path: path, errno: Errno(rawValue: errno))
        }
    }

    /// Removes with `unlink`.
    public func remove(_ path: String) throws(DiskError) {
        // Safe: the string is passed as a terminated copy for the call.
        guard unsafe unlink(path) == 0 else {
            throw DiskError(operation: "removing", path: path, errno: Errno(rawValue: errno))
        }
    }
}

/// Repeats a call that a signal interrupted.
@inline(__always)
func repeating<Answer: FixedWidthInteger & SignedInteger>(_ call: () -> Answer) -> Answer {
    while true {
        let answer = call()
        if answer >= 0 || errno != EINTR { return answer }
    }
}
