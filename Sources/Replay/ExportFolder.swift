import Crypto
import EventLog
import Events
import Glibc
import Projections

/// Where an export goes: files are made aside and put in their places when all are whole.
struct ExportFolder {
    let out: String
    let disk: any Disk
    private let prefix: String

    /// Makes the folder where it is missing, and removes what killed exports left.
    init(_ out: String, _ disk: any Disk) throws(DiskError) {
        self.out = out
        self.disk = disk
        prefix = ".daybook-export-\(getpid())-"
        try Self.create(out, disk)
        try removeLeftovers()
    }

    /// Starts a file under a temporary name.
    func file(_ name: String) throws(DiskError) -> OutputFile {
        try OutputFile("\(out)/\(prefix)\(name)", on: disk)
    }

    /// Removes the temporary files of this process, as far as that is possible.
    func removeTemporaryFiles() throws(DiskError) {
        for name in try disk.list(out) ?? [] where name.hasPrefix(prefix) {
            try disk.remove("\(out)/\(name)")
        }
    }

    private func removeLeftovers() throws(DiskError) {
        try removeTemporaryFiles()
        for name in try disk.list(out) ?? [] where name.hasPrefix(".daybook-export-") {
            let digits = name.dropFirst(".daybook-export-".count).prefix { $0 != "-" }
            guard let owner = pid_t(digits), kill(owner, 0) != 0, errno == ESRCH else { continue }
            try disk.remove("\(out)/\(name)")
        }
    }

    /// Creates a folder and those above it.
    private static func create(_ path: String, _ disk: any Disk) throws(DiskError) {
        var whole = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") where part != "." {
            let parent = whole.isEmpty ? "/" : whole
            whole = whole == "." ? String(part) : "\(whole)/\(part)"
            if try disk.createFolder(whole) {
                try disk.syncFolder(parent)
            }
        }
    }

    /// Puts finished files in their places, in this order, each only if no file with other bytes
    /// stands there; checks all before it moves any.
    ///
    /// - Returns: for each, whether the same file was there before.
    func install(
        _ files: [(name: String, file: OutputFile)], in folder: String
    ) throws(ReplayError) -> [Bool] {
        do throws(DiskError) {
            try Self.create("\(out)/\(folder)", disk)
        } catch {
            throw .output(error)
        }
        let target = "\(out)/\(folder)"
        var known: [Bool] = []
        for (name, file) in files {
            known.append(try isThere("\(target)/\(name)", file))
        }
        do throws(DiskError) {
            for (index, (name, file)) in files.enumerated() where !known[index] {
                // The one that names the others comes after them on the disk, too.
                if index == files.count - 1 { try disk.syncFolder(target) }
                try disk.rename(file.temporaryPath, to: "\(target)/\(name)")
            }
            try disk.syncFolder(target)
        } catch {
            throw .output(error)
        }
        return known
    }

    /// Whether a file with the same bytes is there.
    private func isThere(_ path: String, _ file: OutputFile) throws(ReplayError) -> Bool {
        do throws(DiskError) {
            var stream = try FileStream(opening: path, on: disk)
            var hash = SHA256()
            let count = try stream.forEachPiece(stream.byteCount) { hash.update(data: $0) }
            if count == file.byteCount, JSONText.hex(hash.finalize()) == file.sha256 { return true }
        } catch {
            if error.errno == .noSuchFileOrDirectory { return false }
            throw .output(error)
        }
        throw ReplayError(
            .wouldOverwrite,
            "\(path) exists with other bytes, and an export is never overwritten. Choose another "
                + "folder, and compare the two: the same log gives the same bytes.")
    }
}

extension ReplayError {
    /// An output cannot be written.
    static func output(_ error: DiskError) -> ReplayError {
        ReplayError(.output, "the export cannot be written: \(error)")
    }
}
