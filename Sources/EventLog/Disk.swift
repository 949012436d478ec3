import SystemPackage

/// A call to the disk failed.
public struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked for, as a word: open, read, write, sync, ….
    public let operation: String
    /// The path that it was asked of.
    public let path: String
    /// The system's answer.
    public let errno: Errno

    /// A failure of `operation` on `path`.
    public init(operation: String, path: String, errno: Errno) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    /// One line: operation, path, answer.
    public var description: String { "\(operation) of \(path) failed: \(errno)" }
}

/// An open file of a disk.
public struct DiskFile: Hashable, Sendable {
    /// The disk's own number for it.
    public let descriptor: Int32
    /// The path that it was opened by.
    public let path: String

    /// The file that the disk knows as `descriptor`.
    public init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

/// What an entry of a folder is.
public enum DiskEntryKind: Hashable, Sendable {
    /// A folder.
    case folder
    /// A symbolic link to a folder.
    case linkToFolder
    /// Anything else.
    case file
}

/// How a file is opened.
public enum DiskOpenMode: Hashable, Sendable {
    /// To read; it must exist.
    case read
    /// To read and write; it must exist.
    case readWrite
    /// To read and write; it must not exist yet.
    case create
}

/// The answer to a request for a lock.
public enum DiskLock: Hashable, Sendable {
    /// The lock is ours until the file is closed.
    case acquired(DiskFile)
    /// Someone else has it; this is what they wrote into it.
    case held(by: String)
}

/// Everything that the log asks of a file system, as synchronous calls.
///
/// `RealDisk` is the machine's; tests have one that loses what was not synced, tears, flips bits,
/// fails and lies. Every call may throw `DiskError`; one that throws may or may not have happened.
public protocol Disk: Sendable {
    /// Throws (`ENOTSUP`) unless `folder` is on a local file system, naming what it is on.
    func requireLocal(_ folder: String) throws(EventLogError)
    /// The bytes that this process can still allocate on the file system of `folder`.
    func freeByteCount(of folder: String) throws(DiskError) -> Int
    /// Creates one folder; true if it was not there before. The folder above must exist.
    func createFolder(_ path: String) throws(DiskError) -> Bool
    /// The names of all entries of a folder, sorted by bytes; nil where there is no such folder.
    func list(_ folder: String) throws(DiskError) -> [String]?

    /// What stands at a path that a folder lists.
    func kind(of path: String) throws(DiskError) -> DiskEntryKind

    /// Opens a file, close-on-exec.
    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> DiskFile
    /// Closes a file. It cannot be used afterwards, whatever the answer.
    func close(_ file: DiskFile)
    /// The size of an open file, in bytes.
    func byteCount(of file: DiskFile) throws(DiskError) -> Int

    /// Reads at `offset` until `target` is full or the file ends, and returns how much was read.
    func read(
        _ file: DiskFile, at offset: Int, into target: inout MutableRawSpan
    ) throws(DiskError) -> Int
    /// Writes all of `source` at `offset`.
    func write(_ file: DiskFile, at offset: Int, _ source: RawSpan) throws(DiskError)
    /// Writes `byteCount` zeros from the start of a new file, and syncs it each `stepByteCount`
    /// bytes.
    ///
    /// Small steps, so that a sync of another file beside it does not wait for all of it.
    func fillWithZeros(
        _ file: DiskFile, byteCount: Int, stepByteCount: Int
    ) throws(DiskError)
    /// Cuts a file to its first `byteCount` bytes; durable with the next `sync`.
    ///
    /// The log never does: an acknowledged byte is never cut off.
    func truncate(_ file: DiskFile, to byteCount: Int) throws(DiskError)
    /// Makes a file's bytes and size durable (`fdatasync`).
    func sync(_ file: DiskFile) throws(DiskError)

    /// Asks the system to forget what it keeps of a file in memory, so that it is read from the
    /// medium next; a hint, which it may not follow for what is in use.
    func dropFromCache(_ file: DiskFile) throws(DiskError)

    /// Makes a folder's entries durable (`fsync` of the folder).
    func syncFolder(_ path: String) throws(DiskError)
    /// Renames within one file system, replacing what has the new name.
    func rename(_ path: String, to newPath: String) throws(DiskError)
    /// Removes a file's name.
    func remove(_ path: String) throws(DiskError)

    /// Takes the exclusive lock of a file, which is made if it is not there, without waiting;
    /// writes `holder` into it.
    func lock(_ path: String, holder: String) throws(DiskError) -> DiskLock
}

extension Disk {
    /// A folder is what can be listed: for disks that know no links.
    public func kind(of path: String) throws(DiskError) -> DiskEntryKind {
        do throws(DiskError) { return try list(path) == nil ? .file : .folder } catch {
            if error.errno == .notDirectory { return .file }
            throw error
        }
    }
}
