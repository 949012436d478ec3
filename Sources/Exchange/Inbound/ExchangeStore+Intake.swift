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
}

// Large files that come in: copied chunk by chunk, so that memory stays flat.
extension ExchangeStore {
    /// Copies a dropped file into a folder, and shows each chunk on the way.
    ///
    /// It blocks. The sender may still hold the dropped file open: what is checked and kept is the
    /// copy.
    func stage(
        _ path: ExchangePath, into folderName: String, each: (Span<UInt8>) -> Void
    ) throws(ExchangeError) -> StagedCopy {
        guard let file = try openOnly(path) else { throw .notThere(path) }
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
        } catch {
            _ = try? folder.remove(temporary, in: into, place)
            throw error
        }
        return StagedCopy(
            name: temporary, sha256: Digest.text(hash.finalize()),
            byteCount: UInt64(file.byteCount), folderNames: names)
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
