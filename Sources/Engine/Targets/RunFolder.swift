import Foundation
import Glibc
import SystemPackage

/// The folder of one attempt: `runs/<run>-<attempt>` below the data folder.
///
/// It is made for one launch and removed when the attempt's outcome is durable. That it can be
/// made once only is a lock of its own: an attempt that was not reconciled cannot be launched
/// a second time.
///
/// - `output`: what the program writes to standard output and standard error
/// - `result.json`: where the program may leave a result
/// - `progress`: where the program of a worker may say how far it is
/// - `files`: the input files that were found for it, one absolute path in a line
/// - `began`: made by the wrapper after the gate, just before the program
/// - `status`: the program's exit status and a newline, written by the wrapper after the program
struct RunFolder: Sendable {
    let path: String

    init(data: FilePath, run: UInt64, attempt: UInt64) {
        path = data.string + "/runs/\(run)-\(attempt)"
    }

    private init(path: String) {
        self.path = path
    }

    /// The folders that are there, by name.
    ///
    /// Blocks.
    static func all(in runs: String) -> [(name: String, folder: RunFolder)] {
        guard let entries = opendir(runs) else { return [] }
        defer { closedir(entries) }
        var folders: [(name: String, folder: RunFolder)] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.first?.isNumber == true else { continue }
            folders.append((name, RunFolder(path: runs + "/" + name)))
        }
        return folders
    }

    var output: String { path + "/output" }
    var result: String { path + "/result.json" }
    var progress: String { path + "/progress" }
    var fileList: String { path + "/files" }
    var began: String { path + "/began" }
    var status: String { path + "/status" }

    /// Makes the folder; an errno where that fails, `EEXIST` where it is there.
    func create() -> Int32? {
        mkdir(path, 0o700) == 0 ? nil : errno
    }

    /// Writes the list of input files; an errno where that fails.
    func writeFileList(_ files: [String]) -> Int32? {
        let fd = open(fileList, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard fd >= 0 else { return errno }
        defer { close(fd) }
        let bytes = Array(files.map { $0 + "\n" }.joined().utf8)
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                write(fd, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
            }
            if written >= 0 {
                offset += written
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }

    /// Removes it with all that is in it; an errno where that fails.
    func remove() -> Int32? {
        for name in [output, result, progress, fileList, began, status] where unlink(name) != 0 {
            guard errno == ENOENT || errno == EISDIR else { return errno }
        }
        if rmdir(path) == 0 || errno == ENOENT { return nil }
        // The program left something else here.
        guard errno == ENOTEMPTY else { return errno }
        do {
            try FileManager.default.removeItem(atPath: path)
            return nil
        } catch {
            return EIO
        }
    }

    var hasBegun: Bool { access(began, F_OK) == 0 }

    /// The program's exit status.
    ///
    /// Nil where there is none, or only a part of one: the wrapper was killed while it wrote, so
    /// nobody knows.
    func exitStatus() -> Int64? {
        guard let bytes = try? Self.smallFile(status, limit: 16), bytes.last == 10 else {
            return nil
        }
        return Int64(String(decoding: bytes.dropLast(), as: UTF8.self))
    }

    /// How long the program took, by the times of its files; for one that nobody watched.
    func duration() -> Duration {
        var first = stat()
        var last = stat()
        guard stat(began, &first) == 0, stat(status, &last) == 0 else { return .zero }
        let seconds = last.st_mtim.tv_sec - first.st_mtim.tv_sec
        let nanoseconds = last.st_mtim.tv_nsec - first.st_mtim.tv_nsec
        return max(.seconds(seconds) + .nanoseconds(nanoseconds), .zero)
    }

    /// The bytes of a regular file of at most `limit` bytes.
    ///
    /// Never waits: the program may have left a FIFO there, or a link to one.
    static func smallFile(_ path: String, limit: Int) throws(SmallFileError) -> [UInt8] {
        let fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard fd >= 0 else {
            if errno == ENOENT { throw .missing }
            throw errno == ELOOP ? .notRegular : .unreadable(errno)
        }
        defer { close(fd) }
        var info = stat()
        guard fstat(fd, &info) == 0 else { throw .unreadable(errno) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count <= limit {
            let more = bytes.withUnsafeMutableBytes { buffer in
                read(fd, buffer.baseAddress.map { $0 + count }, limit + 1 - count)
            }
            if more < 0 { throw .unreadable(errno) }
            if more == 0 { break }
            count += more
        }
        guard count <= limit else { throw .tooLarge }
        return Array(bytes[..<count])
    }
}

/// Why a small file was not read.
enum SmallFileError: Error {
    case missing
    case notRegular
    case tooLarge
    case unreadable(Int32)
}
