import Events
import Glibc
import Synchronization

/// The folders that runs work in, below one work folder: made before an attempt starts, each in its
/// own place, and never reached by a link.
///
/// A folder that is made here has the mode 0700. One that was there is used as it is, unless others
/// may enter it.
public struct WorkFolders: Sendable {
    /// The work folder, absolute.
    let root: String
    private let threads: TargetThreads

    /// A folder whose name has a date bears this file: it may be removed when it is old enough.
    static let mark = ".daybook-run"
    /// No folder is made ready while one is taken away.
    static let tidying = Mutex(())
    /// More files than these are not listed.
    static let fileCountMax = 10_000
    /// A folder with more entries than these is not searched.
    private static let entryCountMax = 1_000_000

    /// The folders below a work folder, which need not be there yet; the one that holds it must.
    public init(root: String, threads: TargetThreads) {
        self.root = root
        self.threads = threads
    }

    /// Makes the folders that a delivery wants, looks for its files, and puts both into it.
    ///
    /// - Throws: a failure of class `folder` or `noInput`; nothing was started.
    package func prepare(_ delivery: inout Delivery) async throws(TargetFailure) {
        let wanted = delivery.wanted
        if wanted.folders.isEmpty { return }
        let made = await threads.run { [self] in
            Result { () throws(TargetFailure) in try ready(wanted.folders, wanted.files) }
        }
        (delivery.folders, delivery.files) = try made.get()
    }

    /// Blocks.
    private func ready(
        _ wanted: [WorkFolder], _ wantedFiles: FileDiscovery?
    ) throws(TargetFailure) -> (folders: [KeyValue], files: [String]?) {
        // All of them are there before files are looked for: whoever brings some finds a place.
        for folder in wanted { close(try open(folder)) }
        let folders = wanted.map { KeyValue($0.name, root + "/" + $0.path) }
        guard let wantedFiles, let folder = wanted.first(where: { $0.name == wantedFiles.folder })
        else { return (folders, nil) }
        let fd = try open(folder)
        defer { close(fd) }
        let names = try Self.names(wantedFiles, in: fd)
        return (folders, names.map { root + "/" + folder.path + "/" + $0 })
    }

    // MARK: Folders

    /// A descriptor of a folder, which is made where it is not there.
    private func open(_ folder: WorkFolder) throws(TargetFailure) -> Int32 {
        if let fault = FolderPath.fault(folder.path) {
            throw Self.failure("the path of the folder '\(folder.name)' \(fault)")
        }
        let result = Self.tidying.withLock { _ in
            Result { () throws(TargetFailure) in try openAll(folder) }
        }
        return try result.get()
    }

    private func openAll(_ folder: WorkFolder) throws(TargetFailure) -> Int32 {
        if mkdir(root, 0o700) != 0, errno != EEXIST {
            throw Self.failure("the work folder \(root) cannot be made: \(Errors.text(errno))")
        }
        var fd = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard fd >= 0 else {
            throw Self.failure("the work folder \(root) cannot be opened: \(Errors.text(errno))")
        }
        for part in folder.path.split(separator: "/") {
            let name = String(part)
            if mkdirat(fd, name, 0o700) != 0, errno != EEXIST {
                let code = errno
                close(fd)
                throw Self.failure(
                    "the folder '\(folder.name)' cannot be made: \(Errors.text(code))")
            }
            let next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let code = errno
            close(fd)
            guard next >= 0 else {
                let isLink = code == ELOOP || code == ENOTDIR
                throw Self.failure(
                    isLink
                        ? "a part of the folder '\(folder.name)' is a link or no folder; remove it"
                        : "the folder '\(folder.name)' cannot be opened: \(Errors.text(code))")
            }
            fd = next
        }
        var status = stat()
        guard fstat(fd, &status) == 0, status.st_mode & 0o007 == 0 else {
            close(fd)
            throw Self.failure(
                "others may enter the folder '\(folder.name)'; take that away (chmod o-rwx)")
        }
        if folder.isDated, let code = Self.touchMark(in: fd) {
            close(fd)
            throw Self.failure(
                "the folder '\(folder.name)' cannot be written to: \(Errors.text(code))")
        }
        return fd
    }

    /// Makes the mark, or makes it new; an errno where that fails.
    private static func touchMark(in folder: Int32) -> Int32? {
        let fd = openat(folder, mark, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard fd >= 0 else { return errno }
        defer { close(fd) }
        return futimens(fd, nil) == 0 ? nil : errno
    }

    private static func failure(_ message: String) -> TargetFailure {
        TargetFailure(
            failureClass: TargetFailureClass.folder, message: message + ".", isDefinite: true)
    }

    // MARK: Files

    /// The names of the regular files of a folder that match, sorted.
    ///
    /// A message counts them and names none: a file's name may be a person's.
    private static func names(
        _ wanted: FileDiscovery, in folder: Int32
    ) throws(TargetFailure) -> [String] {
        func fewer(_ what: String) -> TargetFailure {
            TargetFailure(
                failureClass: TargetFailureClass.noInput, message: what + ".", isDefinite: true)
        }
        let pattern = NamePattern(wanted.pattern)
        // The listing closes its descriptor.
        let own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0, let entries = fdopendir(own) else {
            let code = errno
            if own >= 0 { close(own) }
            throw failure("the folder '\(wanted.folder)' cannot be listed: \(Errors.text(code))")
        }
        defer { closedir(entries) }
        var names: [String] = []
        var entryCount = 0
        while let entry = readdir(entries) {
            entryCount += 1
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if entryCount <= entryCountMax, let name = String(validating: bytes, as: UTF8.self),
                pattern.matches(name), isFile(name, in: folder)
            {
                names.append(name)
            }
            if names.count > fileCountMax || entryCount > entryCountMax {
                throw fewer(
                    "the folder '\(wanted.folder)' holds more than \(fileCountMax) files of its "
                        + "pattern, or more than \(entryCountMax) entries; tidy it up")
            }
        }
        let least = max(wanted.countMin, 1)
        if names.count < Int(clamping: least), wanted.onNone != "run" {
            throw fewer(
                "\(names.count) files of the folder '\(wanted.folder)' match its pattern, and "
                    + "\(least) are wanted")
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func isFile(_ name: String, in folder: Int32) -> Bool {
        var status = stat()
        return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
            && status.st_mode & S_IFMT == S_IFREG
    }
}

/// A pattern of file names: `*` stands for any text, `?` for one character, all else for itself.
///
/// Hidden names match only where the pattern begins with a dot; names with control characters
/// never.
package struct NamePattern {
    private let pattern: [UnicodeScalar]

    /// Reads a pattern; every text is one.
    package init(_ text: String) { pattern = Array(text.unicodeScalars) }

    /// Whether a name matches.
    ///
    /// - Complexity: O(length of the pattern × length of the name).
    package func matches(_ name: String) -> Bool {
        let name = Array(name.unicodeScalars)
        if name.first == ".", pattern.first != "." { return false }
        if name.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
            return false
        }
        var (place, at) = (0, 0)
        // Where the last star stands, and what it has taken so far.
        var star: (place: Int, end: Int)?
        while at < name.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, at)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == name[at] {
                place += 1
                at += 1
            } else if let last = star {
                star = (last.place, last.end + 1)
                place = last.place + 1
                at = last.end + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
