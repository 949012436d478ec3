#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The one place of the module that touches the file system: reads a small file whole.
enum ZoneFile {
    /// The bytes of a regular file; `nil` where there is no such file (or it is a folder).
    ///
    /// Opens, reads and closes; blocks on the disk. `O_NONBLOCK` keeps a named pipe from hanging.
    static func read(
        path: String, byteCountMax: Int
    ) throws(TimetableError) -> [UInt8]? {
        let fd = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard fd >= 0 else {
            if errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG { return nil }
            throw unreadable(path, "open failed with error \(errno)")
        }
        defer { close(fd) }
        var status = stat()
        guard fstat(fd, &status) == 0 else {
            throw unreadable(path, "fstat failed with error \(errno)")
        }
        if status.st_mode & S_IFMT == S_IFDIR { return nil }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw unreadable(path, "it is not a regular file")
        }
        guard status.st_size <= byteCountMax else {
            throw unreadable(path, "it has more than \(byteCountMax) bytes")
        }
        return try readAll(fd, byteCount: Int(status.st_size), path: path)
    }

    private static func readAll(
        _ fd: Int32, byteCount: Int, path: String
    ) throws(TimetableError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var filled = 0
        while filled < byteCount {
            let offset = filled
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(fd, buffer.baseAddress?.advanced(by: offset), byteCount - offset, offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw unreadable(path, "read failed with error \(errno)")
            }
            guard count > 0 else { break }  // The file became shorter meanwhile.
            filled += count
        }
        bytes.removeLast(byteCount - filled)
        return bytes
    }

    private static func unreadable(
        _ path: String, _ what: String
    ) -> TimetableError {
        TimetableError(
            .unreadableZoneData,
            "cannot read \(path): \(what). Check the file, or install the tzdata package again.",
            field: "zone")
    }
}
