import Crypto
import Glibc
import Synchronization

/// All access to the files of the exchange folder.
///
/// What `write` has returned for is on disk, whole, under its name, and the names of its folders
/// too. A file's content never changes under its name. Every call blocks; calls from several tasks
/// at once are safe. Folders have the mode 0700, files 0600; no link below the root is followed.
public struct ExchangeStore: Sendable {
    let folder: ExchangeFolder
    let cipher: FileCipher?
    let known: KnownFolders
    /// How many bytes one call writes.
    let pieceByteCount: Int

    /// The store of a folder, which is made where it is missing; the folder above is there.
    ///
    /// - Parameter cipher: encrypts what is written from now on; nil leaves it plain. What is there
    ///   is read as it was written.
    public init(root: String, cipher: FileCipher?) throws(ExchangeError) {
        try self.init(root: root, cipher: cipher, pieceByteCount: 1 << 20, hook: nil)
    }

    /// As above, with what tests set, and what messages call the folder.
    package init(
        root: String, cipher: FileCipher?, pieceByteCount: Int, hook: StorageHook?,
        title: String = "the exchange folder"
    ) throws(ExchangeError) {
        guard mkdir(root, 0o700) == 0 || errno == EEXIST else {
            throw .root("make", title, errno)
        }
        folder = try ExchangeFolder(root: root, title: title, hook: hook)
        self.cipher = cipher
        self.pieceByteCount = pieceByteCount
        known = KnownFolders()
    }

    /// Opens a file, in its tier or in a later one, where `Lifecycle` may have moved it.
    ///
    /// The error's code is `missing` where it is in none; `wrongKey`, `truncated`, `extended`,
    /// `altered` or `reordered` where it is encrypted and cannot be read.
    public func open(_ path: ExchangePath) throws(ExchangeError) -> ExchangeFile {
        // Once more from the front: a move between two looks may have passed it by.
        for tier in ExchangeTier.allCases + ExchangeTier.allCases {
            let place = path.inTier(tier)
            if place.tier.isBefore(path.tier) { continue }
            if let file = try openOnly(place) { return file }
        }
        throw .notThere(path)
    }

    /// Opens the file of exactly this path; nil where it is not there.
    func openOnly(_ path: ExchangePath) throws(ExchangeError) -> ExchangeFile? {
        let place = path.description
        guard let above = try folder.open(path.names.dropLast()),
            let (file, byteCount) = try folder.openFile(path.name, in: above, place)
        else { return nil }
        return try ExchangeFile(
            file, byteCount: byteCount, cipher: cipher, isRaw: path.isDropped, place)
    }

    /// A file's content, whole; its tier as for `open`.
    ///
    /// The error's code is `tooLarge` where it has more than `byteCountMax` bytes.
    public func read(
        _ path: ExchangePath, byteCountMax: Int
    ) throws(ExchangeError) -> [UInt8] {
        let file = try open(path)
        guard file.byteCount <= byteCountMax else {
            throw ExchangeError(
                "tooLarge",
                "\(path) has \(file.byteCount) bytes, more than the \(byteCountMax) that are read "
                    + "at once. Split it, or raise the limit")
        }
        return try file.read(at: 0, byteCount: file.byteCount)
    }

    /// The SHA-256 of a file's content, hex, and its size in bytes; its tier as for `open`.
    public func sha256(
        _ path: ExchangePath
    ) throws(ExchangeError) -> (sha256: String, byteCount: Int) {
        let file = try open(path)
        var hash = SHA256()
        while let chunk = try file.nextChunk() { hash.update(data: chunk) }
        return (Digest.text(hash.finalize()), file.byteCount)
    }

    /// Whether there is a file of exactly this path.
    public func exists(_ path: ExchangePath) throws(ExchangeError) -> Bool {
        guard let above = try folder.open(path.names.dropLast()),
            let info = try folder.look(path.name, in: above, path.description)
        else { return false }
        return info.st_mode & S_IFMT == S_IFREG
    }

    /// Removes a file for good; false where it is not there.
    public func remove(_ path: ExchangePath) throws(ExchangeError) -> Bool {
        guard let above = try folder.open(path.names.dropLast()) else { return false }
        let isRemoved = try folder.remove(path.name, in: above, path.description)
        // In any case: who removed it before may not have come to the sync.
        try folder.syncFolder(above, placeOfFolder(path))
        return isRemoved
    }

    /// Removes a folder in which nothing is; false where something is, or it is not there.
    func removeEmptyFolder(_ path: ExchangePath) throws(ExchangeError) -> Bool {
        guard let above = try folder.open(path.names.dropLast()),
            try folder.removeEmpty(path.name, in: above, path.text)
        else { return false }
        known.forget(path.text)
        try folder.syncFolder(above, placeOfFolder(path))
        return true
    }

    func placeOfFolder(_ path: ExchangePath) -> String { path.folder?.text ?? "" }
}

extension ExchangeTier {
    /// Whether files come to `other` after this one.
    func isBefore(_ other: ExchangeTier) -> Bool {
        let all = Self.allCases
        return (all.firstIndex(of: self) ?? 0) < (all.firstIndex(of: other) ?? 0)
    }
}

/// The folders whose names this process has made durable, so that it need not do so again.
final class KnownFolders: Sendable {
    private let places = Mutex<Set<String>>([])
    private static let countMax = 10_000

    func contains(_ place: String) -> Bool { places.withLock { $0.contains(place) } }

    func add(_ place: String) {
        places.withLock { places in
            if places.count >= Self.countMax { places.removeAll() }
            places.insert(place)
        }
    }

    func forget(_ place: String) { places.withLock { _ = $0.remove(place) } }
}
