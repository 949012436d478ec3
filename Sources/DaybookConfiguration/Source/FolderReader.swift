import Foundation
import Glibc

/// Reads the files of a configuration folder, within limits that hold for whatever stands there.
struct FolderReader {
    /// The configuration folder.
    let folder: String
    private var byteCount = 0
    private var fileCount = 0

    init(folder: String) { self.folder = folder }

    /// What stands at a path of the folder.
    enum Kind { case missing, file, folder, other }

    /// What stands at a path; symbolic links are followed (a mounted configuration consists of
    /// them), and a loop of them counts as `other`.
    func kind(_ path: String) -> Kind {
        var status = stat()
        guard stat(full(path), &status) == 0 else { return errno == ENOENT ? .missing : .other }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// The names in a subfolder, sorted, hidden ones left out; empty where there is no such folder.
    mutating func names(in path: String, _ log: inout ProblemLog) -> [String] {
        switch kind(path) {
        case .missing: return []
        case .folder: break
        case .file, .other:
            log.error(
                SourcePlace(path), "", "this is not a folder",
                "make it a folder, or remove it; a loop of symbolic links is not followed")
            return []
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: full(path))
        } catch {
            log.error(
                SourcePlace(path), "", "the folder cannot be read: \(error.localizedDescription)",
                "give the user that runs daybook the right to read it")
            return []
        }
        fileCount += names.count
        if fileCount > Limits.fileCountMax {
            log.error(
                SourcePlace(path), "", "there are more than \(Limits.fileCountMax) files",
                "put several schedules into one file")
            return []
        }
        return names.filter { !$0.hasPrefix(".") }.sorted(by: precedes)
    }

    /// The tree of a file; `nil` after a problem was noted.
    mutating func tree(_ path: String, _ log: inout ProblemLog) -> SourceNode? {
        do throws(SourceError) {
            let isJSON = path.hasSuffix(".json")
            let limit = isJSON ? Limits.jsonByteCountMax : Limits.yamlByteCountMax
            var bytes = try contents(path, limit)
            try count(bytes, path)
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw SourceError(
                    SourcePlace(path, firstBadLine(bytes)), "the file is not UTF-8 text",
                    "save it as UTF-8")
            }
            return isJSON
                ? try JSONReader.read(bytes, file: path) : try YAMLReader.read(text, file: path)
        } catch {
            log.error(error.place, "", error.message, error.remedy)
            return nil
        }
    }

    /// The bytes of a file that is neither JSON nor YAML; `nil` after a problem was noted.
    mutating func bytes(_ path: String, _ limit: Int, _ log: inout ProblemLog) -> [UInt8]? {
        do throws(SourceError) {
            let bytes = try contents(path, limit)
            try count(bytes, path)
            return bytes
        } catch {
            log.error(error.place, "", error.message, error.remedy)
            return nil
        }
    }

    private mutating func count(_ bytes: [UInt8], _ path: String) throws(SourceError) {
        byteCount += bytes.count
        if byteCount > Limits.totalByteCountMax {
            throw SourceError(
                SourcePlace(path),
                "all files together have more than \(Limits.totalByteCountMax) bytes",
                "leave schedules to the API, or split the configuration")
        }
    }

    private func full(_ path: String) -> String { path.isEmpty ? folder : folder + "/" + path }

    private func firstBadLine(_ bytes: [UInt8]) -> Int {
        var line = 1
        for piece in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if String(validating: piece, as: UTF8.self) == nil { return line }
            line += 1
        }
        return 0
    }

    /// The bytes of a regular file of at most `limit` bytes.
    private func contents(_ path: String, _ limit: Int) throws(SourceError) -> [UInt8] {
        do {
            return try BoundedFile.read(full(path), byteCountMax: limit)
        } catch {
            throw SourceError(SourcePlace(path), error.message, error.remedy)
        }
    }
}

/// Reads a whole file without trusting what it says of itself.
enum BoundedFile {
    /// Why a file was not read.
    struct Failure: Error {
        var message: String
        var remedy: String
    }

    /// The bytes of a regular file; a pipe or device is refused without waiting for it
    /// (`O_NONBLOCK`, open(2)), and a file that grows while it is read stops at the limit.
    static func read(_ path: String, byteCountMax: Int) throws(Failure) -> [UInt8] {
        let fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard fd >= 0 else { throw failure("opened", errno) }
        defer { close(fd) }
        var status = stat()
        guard fstat(fd, &status) == 0 else { throw failure("read", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(
                message: "this is not a regular file", remedy: "put a file there, or remove it")
        }
        let tooLarge = Failure(
            message: "the file has more than \(byteCountMax) bytes",
            remedy: "split it, or check that it is the right file")
        guard status.st_size <= byteCountMax else { throw tooLarge }
        var result: [UInt8] = []
        result.reserveCapacity(Int(status.st_size))
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(fd, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", errno)
            }
            if count == 0 { return result }
            result.append(contentsOf: buffer[..<count])
            guard result.count <= byteCountMax else { throw tooLarge }
        }
    }

    private static func failure(_ verb: String, _ code: Int32) -> Failure {
        Failure(
            message: "the file cannot be \(verb): \(String(cString: strerror(code)))",
            remedy: code == ELOOP
                ? "break the loop of symbolic links"
                : "check its path, and that the user that runs daybook may read it")
    }
}
