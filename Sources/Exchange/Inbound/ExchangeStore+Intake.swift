import Crypto
import Glibc

/// A copy of a file under a temporary name, synced: what is kept once it has a name.
struct StagedCopy: Sendable {
    /// Its temporary name.
    let name: String
    /// The SHA-256 of its content, hex.
    let sha256: String
    /// The size of its content in bytes.
    let byteCount: UInt64
    fileprivate let folderNames: [Substring]
    /// The file that it was made of, as it was then.
    fileprivate let source: FileStamp
}

/// Whether a file may go of which a copy is kept.
enum SourceFate: Sendable {
    /// It went, or was not there any more.
    case removed
    /// It was written to after it was copied, so it is where its sender put it once more: all of it
    /// is taken again.
    case putBack
}

// Large files that come in: copied chunk by chunk, so that memory stays flat.
extension ExchangeStore {
    /// Copies a dropped file into a folder, and shows each chunk on the way.
    ///
    /// It blocks. What is checked and kept is the copy.
    /// - Throws: `changed` where somebody wrote to the file meanwhile; do it again.
    func stage(
        _ path: ExchangePath, into folderName: String, each: (Span<UInt8>) -> Void
    ) throws(ExchangeError) -> StagedCopy {
        guard let file = try openOnly(path) else { throw .notThere(path) }
        let source = try file.stamp()
        let names = folderName.split(separator: "/")
        let into = try makeFolder(names)
        let temporary = Self.temporaryName()
        let place = path.description
        let target = try folder.create(temporary, in: into, place)
        var hash = SHA256()
        do throws(ExchangeError) {
            let sealer = cipher?.sealer(byteCount: file.byteCount)
            if let sealer {
                let header = sealer.header.bytes
                try folder.write(header[...], to: target, pieceByteCount: pieceByteCount, place)
            }
            var index = 0
            while let chunk = try file.nextChunk() {
                hash.update(data: chunk)
                each(chunk.span)
                let bytes = try sealer?.seal(chunk[...], index: index) ?? Self.plain(chunk, index)
                try folder.write(bytes[...], to: target, pieceByteCount: pieceByteCount, place)
                index += 1
            }
            if index == 0, let sealer {
                let bytes = try sealer.seal([], index: 0)
                try folder.write(bytes[...], to: target, pieceByteCount: pieceByteCount, place)
            }
            try folder.sync(target, place)
            let isWhole = !path.isDropped || source.byteCount == file.byteCount
            let isUnchanged = try file.stamp() == source
            guard isWhole && isUnchanged else {
                throw ExchangeError(
                    "changed",
                    "\(place) was written to while it was read; it is read again when nobody does")
            }
        } catch {
            _ = try? folder.remove(temporary, in: into, place)
            throw error
        }
        return StagedCopy(
            name: temporary, sha256: Digest.text(hash.finalize()),
            byteCount: UInt64(file.byteCount), folderNames: names, source: source)
    }

    /// Whether somebody has a dropped file open to write; false where that is not known.
    func isWritten(_ path: ExchangePath) throws(ExchangeError) -> Bool {
        guard let above = try folder.open(path.names.dropLast()) else { return false }
        return try folder.isWritten(path.name, in: above, path.description)
    }

    /// Throws `changed` where somebody has a dropped file open to write.
    func refuseWritten(_ path: ExchangePath) throws(ExchangeError) {
        guard try isWritten(path) else { return }
        throw ExchangeError(
            "changed", "\(path) is open to write; it is read when its sender has closed it")
    }

    /// Ends the reception of a file that was copied: it is removed, or, where it was written to
    /// after that, put back into the folder where it was dropped.
    ///
    /// It blocks. A file that is put back and whose name is taken by another one gets `name` after
    /// its key.
    func release(
        _ path: ExchangePath, copiedAs copy: StagedCopy, backTo folder: ExchangePath,
        _ taken: TakenFile
    ) throws(ExchangeError) -> SourceFate {
        guard let file = try openOnly(path) else { return .removed }
        // A time that was set by hand is no change.
        var isUnchanged = try file.stamp() == copy.source
        if !isUnchanged { isUnchanged = try sha256(path).sha256 == copy.sha256 }
        if isUnchanged {
            _ = try remove(path)
            return .removed
        }
        try putBack(path, to: folder, taken)
        return .putBack
    }

    /// Puts a taken file back where its sender dropped it.
    func putBack(
        _ path: ExchangePath, to folder: ExchangePath, _ taken: TakenFile
    ) throws(ExchangeError) {
        let name = taken.originalName.isEmpty ? taken.key : taken.originalName
        do throws(ExchangeError) {
            try move(path, to: try folder.appending(name))
        } catch let error where error.code == "exists" {
            try move(path, to: try folder.appending("\(taken.key)~\(name)"))
        }
    }

    private static func plain(_ chunk: [UInt8], _ index: Int) -> [UInt8] {
        index == 0 ? SealedHeader.plain(chunk) : chunk
    }

    /// Gives a copy its name, durably; one that stands there with the same content stays.
    func place(_ copy: StagedCopy, at path: ExchangePath) throws(ExchangeError) {
        let place = path.description
        guard let from = try folder.open(copy.folderNames) else { throw .notThere(path) }
        do throws(ExchangeError) {
            let into = try makeFolder(path.names.dropLast())
            let renaming = try folder.rename(
                copy.name, in: from, to: path.name, in: into, replaces: false, place)
            if renaming != .done {
                guard try sha256(path).sha256 == copy.sha256 else { throw .exists(path) }
                _ = try folder.remove(copy.name, in: from, place)
            }
            try folder.syncFolder(into, placeOfFolder(path))
        } catch {
            _ = try? folder.remove(copy.name, in: from, place)
            throw error
        }
    }

    /// Writes a small file in place of the one that is there, durably: one or the other is there at
    /// any moment.
    func replace(_ path: ExchangePath, _ bytes: [UInt8]) throws(ExchangeError) {
        let into = try makeFolder(path.names.dropLast())
        let temporary = Self.temporaryName()
        let place = path.description
        do throws(ExchangeError) {
            let file = try folder.create(temporary, in: into, place)
            try folder.write(bytes[...], to: file, pieceByteCount: pieceByteCount, place)
            try folder.sync(file, place)
            _ = try folder.rename(
                temporary, in: into, to: path.name, in: into, replaces: true, place)
            try folder.syncFolder(into, placeOfFolder(path))
        } catch {
            _ = try? folder.remove(temporary, in: into, place)
            throw error
        }
    }

    /// Takes a copy away that is not to be kept.
    func discard(_ copy: StagedCopy) throws(ExchangeError) {
        guard let from = try folder.open(copy.folderNames) else { return }
        _ = try folder.remove(copy.name, in: from, "received")
    }
}

/// A file that comes in pieces, under a temporary name until it is whole.
///
/// One caller at a time writes it; each call blocks.
final class IncomingFile {
    private let store: ExchangeStore
    private let above: OpenDescriptor
    private let file: OpenDescriptor
    private let temporary: String
    private let path: ExchangePath
    private(set) var byteCount = 0
    private var isSettled = false

    /// A file that comes to `path`, which is one of those that others write too (`isDropped`).
    init(_ store: ExchangeStore, to path: ExchangePath) throws(ExchangeError) {
        self.store = store
        self.path = path
        above = try store.makeFolder(path.names.dropLast())
        temporary = ExchangeStore.temporaryName()
        file = try store.folder.create(temporary, in: above, path.description)
    }

    /// Adds bytes.
    func write(_ bytes: [UInt8]) throws(ExchangeError) {
        try store.folder.write(
            bytes[...], to: file, pieceByteCount: store.pieceByteCount, path.description)
        byteCount += bytes.count
    }

    /// Syncs it and gives it its name; false where that is taken, and then it is gone.
    func finish() throws(ExchangeError) -> Bool {
        try store.folder.sync(file, path.description)
        let renaming = try store.folder.rename(
            temporary, in: above, to: path.name, in: above, replaces: false, path.description)
        if renaming == .done {
            isSettled = true
            try store.folder.syncFolder(above, store.placeOfFolder(path))
            return true
        }
        discard()
        return false
    }

    /// Takes it away; what cannot be taken away now is at the next start.
    func discard() {
        if isSettled { return }
        isSettled = true
        _ = try? store.folder.remove(temporary, in: above, path.description)
    }

    deinit { discard() }
}
