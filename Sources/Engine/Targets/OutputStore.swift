import Crypto
import Glibc
import Synchronization
import SystemPackage

/// Keeps what targets write: `files/<sha256>` below the data folder.
///
/// A file is written under a temporary name, synced, renamed, and its folder synced; only then is
/// it reported, so a record never names a file that a power cut could take. The same content twice
/// is one file. Every call blocks.
struct OutputStore: Sendable {
    private let data: FilePath
    private let byteCountMax: UInt64

    private var folder: String { data.string + "/files" }
    private static let chunkByteCount = 256 << 10
    /// No output is given its name while one is taken away.
    static let tidying = Mutex(())
    private static let temporaryPrefix = ".output-"

    /// Makes the folder, and removes what an engine before this one left half written.
    init(data: FilePath, byteCountMax: UInt64) throws(TargetSetupError) {
        self.data = data
        self.byteCountMax = byteCountMax
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw TargetSetupError("\(folder): cannot be made: \(Errors.text(errno)).")
        }
        guard let entries = opendir(folder) else {
            throw TargetSetupError("\(folder): cannot be listed: \(Errors.text(errno)).")
        }
        defer { closedir(entries) }
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(Self.temporaryPrefix) {
                unlink(folder + "/" + name)
            }
        }
    }

    /// Keeps the content of a file, up to the limit.
    ///
    /// Nil where it is empty or not there.
    ///
    /// It copies and leaves the file alone, so that an engine that is killed before the outcome is
    /// durable can do it again; and what is hashed is what was written, even if the file grows.
    func keep(_ path: String) throws(OutputError) -> OutputFile? {
        let source = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard source >= 0 else {
            if errno == ENOENT { return nil }
            throw OutputError(action: "open", path: path, code: errno)
        }
        defer { close(source) }
        return try write { (buffer: UnsafeMutableRawBufferPointer) throws(OutputError) in
            while true {
                let count = read(source, buffer.baseAddress, buffer.count)
                if count >= 0 { return count }
                if errno != EINTR {
                    throw OutputError(action: "read", path: path, code: errno)
                }
            }
        }
    }

    /// Keeps bytes that are already here; `isTruncated` says that there were more.
    func keep(_ bytes: [UInt8], isTruncated: Bool) throws(OutputError) -> OutputFile? {
        var offset = 0
        var file = try write { (buffer: UnsafeMutableRawBufferPointer) throws(OutputError) in
            let count = min(buffer.count, bytes.count - offset)
            buffer.copyBytes(from: bytes[offset..<(offset + count)])
            offset += count
            return count
        }
        if isTruncated { file?.isTruncated = true }
        return file
    }

    private typealias Source = (UnsafeMutableRawBufferPointer) throws(OutputError) -> Int

    private func write(_ next: Source) throws(OutputError) -> OutputFile? {
        var chunk = [UInt8](repeating: 0, count: Self.chunkByteCount)
        var count = try fill(&chunk, next)
        if count == 0 { return nil }
        let (temporary, fd) = try makeTemporary()
        var isKept = false
        defer {
            close(fd)
            if !isKept { unlink(temporary) }
        }
        var hash = SHA256()
        var total: UInt64 = 0
        var isTruncated = false
        while count > 0 {
            if UInt64(count) > byteCountMax - total {
                count = Int(byteCountMax - total)
                isTruncated = true
            }
            chunk.withUnsafeBytes { hash.update(bufferPointer: .init(rebasing: $0[..<count])) }
            try writeAll(fd, chunk, count, temporary)
            total += UInt64(count)
            if isTruncated { break }
            count = try fill(&chunk, next)
        }
        let sha256 = Hex.text(hash.finalize())
        let path = folder + "/" + sha256
        isKept = try settle(temporary, fd, path, byteCount: total)
        return OutputFile(
            path: "files/" + sha256, byteCount: total, sha256: sha256, isTruncated: isTruncated)
    }

    /// Gives the file its name, unless there is one of that name and size.
    ///
    /// True where it was used.
    private func settle(
        _ temporary: String, _ fd: Int32, _ path: String, byteCount: UInt64
    ) throws(OutputError) -> Bool {
        // Its time is that of the last record that names it, which retention goes by.
        let isThere = Self.tidying.withLock { _ in
            var info = stat()
            return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
                && UInt64(info.st_size) == byteCount
                && utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW) == 0
        }
        if !isThere {
            guard fsync(fd) == 0 else {
                throw OutputError(action: "sync", path: temporary, code: errno)
            }
            let code = Self.tidying.withLock { _ in rename(temporary, path) == 0 ? 0 : errno }
            guard code == 0 else {
                throw OutputError(action: "rename to", path: path, code: code)
            }
        }
        // Even where it is there: who put it there may not have synced the folder yet.
        try syncFolder()
        return !isThere
    }

    private func fill(_ chunk: inout [UInt8], _ next: Source) throws(OutputError) -> Int {
        var result: Result<Int, OutputError> = .success(0)
        chunk.withUnsafeMutableBytes { buffer in
            do throws(OutputError) {
                result = .success(try next(buffer))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    private func makeTemporary() throws(OutputError) -> (String, Int32) {
        let number = UInt64.random(in: .min ... .max)
        let path = folder + "/" + Self.temporaryPrefix + String(number, radix: 16)
        let fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard fd >= 0 else { throw OutputError(action: "create", path: path, code: errno) }
        return (path, fd)
    }

    private func writeAll(
        _ fd: Int32, _ bytes: [UInt8], _ count: Int, _ path: String
    ) throws(OutputError) {
        var offset = 0
        while offset < count {
            let written = bytes.withUnsafeBytes { buffer in
                Glibc.write(fd, buffer.baseAddress.map { $0 + offset }, count - offset)
            }
            if written >= 0 {
                offset += written
            } else if errno != EINTR {
                throw OutputError(action: "write", path: path, code: errno)
            }
        }
    }

    private func syncFolder() throws(OutputError) {
        let fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard fd >= 0 else { throw OutputError(action: "open", path: folder, code: errno) }
        defer { close(fd) }
        guard fsync(fd) == 0 else {
            throw OutputError(action: "sync", path: folder, code: errno)
        }
    }
}

/// Why an output was not stored.
struct OutputError: Error {
    var action: String
    var path: String
    var code: Int32

    var text: String { "cannot \(action) \(path): \(Errors.text(code))" }
}

/// Bytes as hexadecimal digits in lower case.
enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
