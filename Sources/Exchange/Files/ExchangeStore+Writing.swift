import Glibc

// How a file comes to its name. Each step is one call of the system:
//
//   1. make the folders that are missing        (durable with their parent's sync)
//   2. create a temporary file beside the place
//   3. write all bytes
//   4. sync it                                  (for many files, one sync of the file system)
//   5. rename it, never replacing a file
//   6. sync the folder                          (for many files, one sync of the file system)
//
// A kill between any two leaves a temporary name, or the whole file. A sync that fails is not
// repeated for the same file, whose pages the system may have dropped: the next attempt writes
// another one from the start.
extension ExchangeStore {
    /// From how many files on one sync of the file system takes the place of one for each.
    static let manyCount = 16

    /// Writes files, and makes them durable.
    ///
    /// A file that is there already, with the same content, is fine: an attempt that was killed may
    /// have written it. With other content the error's code is `exists`, and nothing is replaced.
    /// After an error, any of the files may be in place, each of them whole; do the same again. A
    /// sidecar comes to its name before its file; one without its file is replaced.
    /// - Throws: codes `storage` (may succeed if done again), `storageRefused`, `exists`.
    /// - Complexity: O(bytes); one sync for each file and folder, or two in all for 16 or more.
    @discardableResult
    public func write(_ files: [PendingFile]) throws(ExchangeError) -> [WriteResult] {
        guard files.count <= PendingFile.countMax else {
            throw ExchangeError(
                "tooMany", "more than \(PendingFile.countMax) files at once; write them in parts")
        }
        var batch = WriteBatch(isMany: files.count >= Self.manyCount)
        do {
            for file in files { try stage(file, &batch) }
            if batch.isMany { try folder.syncAll() }
            var results: [WriteResult] = []
            for index in batch.staged.indices {
                let result = try settle(&batch.staged[index])
                if !batch.staged[index].isSidecar { results.append(result) }
            }
            if batch.isMany {
                try folder.syncAll()
            } else {
                for (place, folder) in batch.folders.sorted(by: { $0.key < $1.key }) {
                    try self.folder.syncFolder(folder, place)
                }
            }
            return results
        } catch {
            tidy(batch)
            throw error
        }
    }

    /// Writes the metadata of a file anew, in place of those that stand beside it.
    public func replaceMetadata(
        _ metadata: FileMetadata, of path: ExchangePath
    ) throws(ExchangeError) {
        var batch = WriteBatch(isMany: false)
        do {
            try stage(
                metadata.json, at: path.sidecar, isEncrypted: metadata.isConfidential,
                sidecarOf: nil, &batch)
            for index in batch.staged.indices {
                let staged = batch.staged[index]
                _ = try folder.rename(
                    staged.temporary, in: staged.folder, to: staged.path.name, in: staged.folder,
                    replaces: true, staged.path.description)
                batch.staged[index].isSettled = true
            }
            for (place, folder) in batch.folders { try self.folder.syncFolder(folder, place) }
        } catch {
            tidy(batch)
            throw error
        }
    }

    /// Files on their way to their names.
    private struct WriteBatch {
        let isMany: Bool
        var staged: [Staged] = []
        var folders: [String: OpenDescriptor] = [:]
    }

    private struct Staged {
        let path: ExchangePath
        let content: [UInt8]
        let temporary: String
        let folder: OpenDescriptor
        /// The name of the file whose sidecar this is.
        let file: String?
        /// Whether no temporary name is left.
        var isSettled = false

        var isSidecar: Bool { file != nil }
    }

    private func stage(_ file: PendingFile, _ batch: inout WriteBatch) throws(ExchangeError) {
        if var metadata = file.metadata {
            metadata.fileSize = UInt64(file.content.count)
            metadata.sha256 = Digest.sha256(file.content)
            try stage(
                metadata.json, at: file.path.sidecar, isEncrypted: metadata.isConfidential,
                sidecarOf: file.path.name, &batch)
        }
        try stage(
            file.content, at: file.path, isEncrypted: !file.isPlain, sidecarOf: nil, &batch)
    }

    private func stage(
        _ content: [UInt8], at path: ExchangePath, isEncrypted: Bool, sidecarOf file: String?,
        _ batch: inout WriteBatch
    ) throws(ExchangeError) {
        let place = path.description
        let above = placeOfFolder(path)
        let opened: OpenDescriptor
        if let known = batch.folders[above] {
            opened = known
        } else {
            opened = try makeFolder(path.names.dropLast())
            batch.folders[above] = opened
        }
        let temporary = Self.temporaryName()
        let created = try folder.create(temporary, in: opened, place)
        batch.staged.append(
            Staged(
                path: path, content: content, temporary: temporary, folder: opened, file: file))
        var bytes = content
        if !path.isDropped {
            if let cipher, isEncrypted {
                bytes = try cipher.seal(content)
            } else {
                bytes = SealedHeader.plain(content)
            }
        }
        try folder.write(bytes[...], to: created, pieceByteCount: pieceByteCount, place)
        if !batch.isMany { try folder.sync(created, place) }
    }

    /// Opens a folder; makes what is missing, and its name durable.
    func makeFolder(_ names: some Sequence<Substring>) throws(ExchangeError) -> OpenDescriptor {
        try folder.make(names) { (place, isNew, above) throws(ExchangeError) in
            // A folder that was there may be that of an attempt that did not come to this sync.
            if !isNew && known.contains(place) { return }
            known.forget(place)
            try folder.syncFolder(above, Self.above(place))
            known.add(place)
        }
    }

    private static func above(_ place: String) -> String {
        place.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(place[..<$0]) } ?? ""
    }

    /// Gives a staged file its name.
    private func settle(_ staged: inout Staged) throws(ExchangeError) -> WriteResult {
        let place = staged.path.description
        let name = staged.path.name
        var replaces = false
        if let file = staged.file {
            replaces = try folder.look(file, in: staged.folder, place) == nil
        }
        let renaming = try folder.rename(
            staged.temporary, in: staged.folder, to: name, in: staged.folder, replaces: replaces,
            place)
        if renaming == .done {
            staged.isSettled = true
            return .written
        }
        // What stands beside a file that is there was written with it, and stays.
        if !staged.isSidecar { try confirm(staged) }
        _ = try folder.remove(staged.temporary, in: staged.folder, place)
        staged.isSettled = true
        return .wasThere
    }

    /// Throws unless the file of this name is the staged one; makes it durable.
    private func confirm(_ staged: Staged) throws(ExchangeError) {
        let place = staged.path.description
        let found = try folder.openFile(staged.path.name, in: staged.folder, place)
        guard let (opened, byteCount) = found else { throw .exists(staged.path) }
        let file = try ExchangeFile(
            opened, byteCount: byteCount, cipher: cipher, isRaw: staged.path.isDropped, place)
        guard file.byteCount == staged.content.count else { throw .exists(staged.path) }
        var rest = staged.content[...]
        while let chunk = try file.nextChunk() {
            guard rest.starts(with: chunk) else { throw .exists(staged.path) }
            rest = rest.dropFirst(chunk.count)
        }
        try folder.sync(opened, place)
    }

    /// Removes the temporary names after an error; what cannot be removed now is at the next start.
    private func tidy(_ batch: WriteBatch) {
        for staged in batch.staged where !staged.isSettled {
            _ = try? folder.remove(staged.temporary, in: staged.folder, staged.path.description)
        }
    }

    /// The prefix, and 16 hexadecimal digits.
    static func temporaryName() -> String {
        let number = UInt64.random(in: .min ... .max)
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
        return ExchangePath.temporaryPrefix + Digest.text(bytes)
    }

    /// Whether a name is one that `temporaryName` gives.
    static func isTemporary(_ name: String) -> Bool {
        let prefix = ExchangePath.temporaryPrefix.utf8
        return name.utf8.starts(with: prefix) && name.utf8.count == prefix.count + 16
            && name.utf8.dropFirst(prefix.count).allSatisfy {
                (48...57).contains($0) || (97...102).contains($0)
            }
    }
}
