import CFiles
import Glibc

/// An open descriptor, closed with its last use.
final class OpenDescriptor: Sendable {
    let number: CInt

    init(_ number: CInt) { self.number = number }

    deinit { close(number) }
}

/// Which file or folder something is, whatever its name.
struct FileIdentity: Sendable, Equatable {
    private let device: dev_t
    private let inode: ino_t

    init(_ open: OpenDescriptor, _ place: String) throws(ExchangeError) {
        var info = stat()
        guard fstat(open.number, &info) == 0 else { throw .root("look at", place, errno) }
        (device, inode) = (info.st_dev, info.st_ino)
    }
}

/// The calls of the system that the store makes, below one root.
///
/// Every folder is opened from the one above it and never through a link, so no path leads out of
/// the root. Calls that change something ask the hook before.
struct ExchangeFolder: Sendable {
    let root: String
    /// What messages call it.
    let title: String
    let hook: StorageHook?
    /// The root as it was found first.
    private let identity: FileIdentity

    private static let folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

    /// The folder of a root that is there.
    init(root: String, title: String, hook: StorageHook?) throws(ExchangeError) {
        self.root = root
        self.title = title
        self.hook = hook
        identity = try FileIdentity(try Self.openRoot(root, title), title)
    }

    /// Opens a folder, which is the root where `names` is empty; nil where it is not there.
    func open(_ names: some Sequence<Substring>) throws(ExchangeError) -> OpenDescriptor? {
        var folder = try openRoot()
        var place = ""
        for name in names {
            place += (place.isEmpty ? "" : "/") + name
            let number = openat(folder.number, String(name), Self.folderFlags)
            guard number >= 0 else {
                if errno == ENOENT { return nil }
                throw .storage("open", place, of: title, errno)
            }
            folder = OpenDescriptor(number)
        }
        return folder
    }

    /// Opens a folder, and makes those that are missing.
    ///
    /// - Parameter made: is told each folder, and whether it was made just now, while the folder
    ///   above is open, so that its name there can be made durable.
    func make(
        _ names: some Sequence<Substring>,
        made: (_ place: String, _ isNew: Bool, _ above: OpenDescriptor) throws(ExchangeError)
            -> Void
    ) throws(ExchangeError) -> OpenDescriptor {
        var folder = try openRoot()
        var place = ""
        for name in names {
            place += (place.isEmpty ? "" : "/") + name
            var isNew = false
            var number = openat(folder.number, String(name), Self.folderFlags)
            if number < 0 && errno == ENOENT {
                try ask(.makeFolder, place)
                isNew = mkdirat(folder.number, String(name), 0o700) == 0
                guard isNew || errno == EEXIST else {
                    throw .storage("make", place, of: title, errno)
                }
                number = openat(folder.number, String(name), Self.folderFlags)
            }
            guard number >= 0 else { throw .storage("open", place, of: title, errno) }
            try made(place, isNew, folder)
            folder = OpenDescriptor(number)
        }
        return folder
    }

    /// Opens the root, unless it is another folder than at first: what is written below a mount
    /// point that was unmounted is lost to everybody.
    private func openRoot() throws(ExchangeError) -> OpenDescriptor {
        let folder = try Self.openRoot(root, title)
        guard try FileIdentity(folder, title) == identity else {
            throw ExchangeError(
                "storage",
                "\(title) is another folder than the one that was there when Daybook started "
                    + "(unmounted, or replaced), and nothing is read or written there. Mount it "
                    + "again; where that does not help, or where the other one is meant, restart "
                    + "Daybook")
        }
        return folder
    }

    private static func openRoot(
        _ root: String, _ title: String
    ) throws(ExchangeError) -> OpenDescriptor {
        let number = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .root("open", title, errno) }
        return OpenDescriptor(number)
    }

    /// Throws where a test wants this step to fail.
    func ask(_ kind: StorageStep.Kind, _ place: String) throws(ExchangeError) {
        if let number = hook?(StorageStep(kind, place)) {
            throw .storage(kind.rawValue, place, of: title, number)
        }
    }

    /// Makes a new file.
    func create(
        _ name: String, in folder: OpenDescriptor, _ place: String
    ) throws(ExchangeError) -> OpenDescriptor {
        try ask(.create, place)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let number = openat(folder.number, name, flags, 0o600)
        guard number >= 0 else { throw .storage("create", place, of: title, errno) }
        return OpenDescriptor(number)
    }

    /// Opens a file to read; nil where it is not there.
    func openFile(
        _ name: String, in folder: OpenDescriptor, _ place: String
    ) throws(ExchangeError) -> (OpenDescriptor, byteCount: Int)? {
        // Non-blocking, so that a pipe that someone put there cannot hold the caller up.
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let number = openat(folder.number, name, flags)
        guard number >= 0 else {
            if errno == ENOENT { return nil }
            throw .storage("open", place, of: title, errno)
        }
        let file = OpenDescriptor(number)
        var info = stat()
        guard fstat(number, &info) == 0 else { throw .storage("look at", place, of: title, errno) }
        guard info.st_mode & S_IFMT == S_IFREG else {
            throw ExchangeError(
                "storageRefused", "\(place) of \(title) is no file; remove it")
        }
        return (file, Int(info.st_size))
    }

    /// Whether somebody has a file open to write; false where that is not known: it is another
    /// user's, or its file system has no leases.
    func isWritten(
        _ name: String, in folder: OpenDescriptor, _ place: String
    ) throws(ExchangeError) -> Bool {
        guard let (file, _) = try openFile(name, in: folder, place) else { return false }
        // A read lease is given where nobody has the file open to write (fcntl(2)). Who opens it
        // in the moment before it is given back is told of to us by a signal: by one that does
        // nothing, for SIGIO would end the program.
        let (setSignal, setLease): (CInt, CInt) = (10, 1_024)  // F_SETSIG, F_SETLEASE
        guard fcntl(file.number, setSignal, SIGURG) == 0 else { return false }
        guard fcntl(file.number, setLease, CInt(F_RDLCK)) == 0 else { return errno == EAGAIN }
        _ = fcntl(file.number, setLease, CInt(F_UNLCK))
        return false
    }

    /// Writes all bytes, some at a time.
    func write(
        _ bytes: ArraySlice<UInt8>, to file: OpenDescriptor, pieceByteCount: Int, _ place: String
    ) throws(ExchangeError) {
        var rest = bytes
        while !rest.isEmpty {
            try ask(.write, place)
            let count = rest.withUnsafeBytes {
                Glibc.write(file.number, $0.baseAddress, min($0.count, pieceByteCount))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw .storage("write", place, of: title, count == 0 ? EIO : errno)
            }
        }
    }

    /// Makes a file's bytes and size durable.
    func sync(_ file: OpenDescriptor, _ place: String) throws(ExchangeError) {
        try ask(.sync, place)
        guard fdatasync(file.number) == 0 else { throw .storage("sync", place, of: title, errno) }
    }

    /// Makes everything on the file system of the root durable (syncfs, Linux 5.8 and later tell
    /// of errors).
    func syncAll() throws(ExchangeError) {
        try ask(.syncAll, "")
        let folder = try openRoot()
        guard syncfs(folder.number) == 0 else { throw .storage("sync", "all", of: title, errno) }
    }

    /// Makes the names in a folder durable.
    func syncFolder(_ folder: OpenDescriptor, _ place: String) throws(ExchangeError) {
        try ask(.syncFolder, place)
        guard fsync(folder.number) == 0 else { throw .storage("sync", place, of: title, errno) }
    }

    /// What became of a rename.
    enum Renaming {
        case done
        /// The new name is taken.
        case taken
        /// The new name is on another file system.
        case elsewhere
    }

    /// Gives a file another name; it replaces what has that name only where `replaces` is set.
    func rename(
        _ name: String, in folder: OpenDescriptor, to newName: String, in newFolder: OpenDescriptor,
        replaces: Bool, _ place: String
    ) throws(ExchangeError) -> Renaming {
        var number = hook?(StorageStep(.rename, place))
        if number == nil {
            let noReplace: CUnsignedInt = 1
            let flags = replaces ? 0 : noReplace
            if renameat2(folder.number, name, newFolder.number, newName, flags) == 0 {
                return .done
            }
            number = errno
        }
        if number == EEXIST { return .taken }
        if number == EXDEV { return .elsewhere }
        throw .storage("rename to", place, of: title, number ?? EIO)
    }

    /// Takes a file's name away; false where it is not there.
    func remove(
        _ name: String, in folder: OpenDescriptor, _ place: String
    ) throws(ExchangeError) -> Bool {
        try ask(.remove, place)
        if unlinkat(folder.number, name, 0) == 0 { return true }
        if errno == ENOENT { return false }
        throw .storage("remove", place, of: title, errno)
    }

    /// Takes a folder's name away where nothing is in it; whether it did.
    func removeEmpty(
        _ name: String, in folder: OpenDescriptor, _ place: String
    ) throws(ExchangeError) -> Bool {
        try ask(.remove, place)
        if unlinkat(folder.number, name, AT_REMOVEDIR) == 0 { return true }
        if errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT { return false }
        throw .storage("remove", place, of: title, errno)
    }

    /// What stands at a name, a link itself too; nil where nothing does.
    func look(
        _ name: String, in folder: OpenDescriptor, _ place: String
    ) throws(ExchangeError) -> stat? {
        var info = stat()
        if fstatat(folder.number, name, &info, AT_SYMLINK_NOFOLLOW) == 0 { return info }
        if errno == ENOENT { return nil }
        throw .storage("look at", place, of: title, errno)
    }

    /// The names in a folder, `.` and `..` left out, until `body` answers false.
    func names(
        in folder: OpenDescriptor, _ place: String,
        body: (String) throws(ExchangeError) -> Bool
    ) throws(ExchangeError) {
        // Opened again: the position of a directory's descriptor is shared with its duplicates.
        let number = openat(folder.number, ".", Self.folderFlags)
        guard number >= 0 else { throw .storage("open", place, of: title, errno) }
        guard let entries = fdopendir(number) else {
            let reason = errno
            close(number)
            throw .storage("list", place, of: title, reason)
        }
        defer { closedir(entries) }
        while true {
            errno = 0
            guard let entry = readdir(entries) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            if try !body(name) { return }
        }
        guard errno == 0 else { throw .storage("list", place, of: title, errno) }
    }
}
