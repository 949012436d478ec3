import Glibc

extension ExchangeStore {
    /// Gives a file another place; false where that was done before.
    ///
    /// It can be done again after a kill at any step. To another file system it is copied, as it
    /// stands, synced, and then removed. The folders of the new place are made.
    /// - Throws: `missing` where the file is in neither place; `exists` where another file has the
    ///   new one.
    @discardableResult
    public func move(
        _ path: ExchangePath, to newPath: ExchangePath
    ) throws(ExchangeError) -> Bool {
        guard path != newPath else { return false }
        guard let from = try folder.open(path.names.dropLast()),
            let source = try folder.openFile(path.name, in: from, path.description)
        else {
            guard try exists(newPath) else { throw .notThere(path) }
            try syncFolder(of: path)
            try syncFolder(of: newPath)
            return false
        }
        let into = try makeFolder(newPath.names.dropLast())
        var renaming = try folder.rename(
            path.name, in: from, to: newPath.name, in: into, replaces: false, newPath.description)
        if renaming == .elsewhere {
            try copy(source.0, byteCount: source.byteCount, to: newPath, in: into)
            renaming = .taken
        }
        if renaming == .taken {
            guard try isSame(path, newPath) else { throw .exists(newPath) }
            try folder.syncFolder(into, placeOfFolder(newPath))
            _ = try folder.remove(path.name, in: from, path.description)
        }
        try folder.syncFolder(into, placeOfFolder(newPath))
        try folder.syncFolder(from, placeOfFolder(path))
        return true
    }

    /// Gives a file and its sidecar another place, as `move` does.
    ///
    /// The sidecar goes first, so that a kill leaves a file that is found where it was.
    public func moveWithMetadata(
        _ path: ExchangePath, to newPath: ExchangePath
    ) throws(ExchangeError) {
        if try exists(path.sidecar) { try move(path.sidecar, to: newPath.sidecar) }
        try move(path, to: newPath)
    }

    /// Writes a file's bytes under a name on another file system, unless that is taken.
    private func copy(
        _ source: OpenDescriptor, byteCount: Int, to path: ExchangePath, in into: OpenDescriptor
    ) throws(ExchangeError) {
        let place = path.description
        let temporary = Self.temporaryName()
        let target = try folder.create(temporary, in: into, place)
        do {
            var offset = 0
            while offset < byteCount {
                let count = min(1 << 20, byteCount - offset)
                let bytes = try source.read(at: offset, byteCount: count, place)
                try folder.write(bytes[...], to: target, pieceByteCount: pieceByteCount, place)
                offset += count
            }
            try folder.sync(target, place)
            let renaming = try folder.rename(
                temporary, in: into, to: path.name, in: into, replaces: false, place)
            if renaming == .done { return }
        } catch {
            _ = try? folder.remove(temporary, in: into, place)
            throw error
        }
        _ = try folder.remove(temporary, in: into, place)
    }

    /// Whether two files have the same content.
    private func isSame(
        _ left: ExchangePath, _ right: ExchangePath
    ) throws(ExchangeError) -> Bool {
        guard let left = try openOnly(left), let right = try openOnly(right),
            left.byteCount == right.byteCount
        else { return false }
        while let chunk = try left.nextChunk() {
            guard try right.nextChunk() == chunk else { return false }
        }
        return true
    }

    private func syncFolder(of path: ExchangePath) throws(ExchangeError) {
        if let above = try folder.open(path.names.dropLast()) {
            try folder.syncFolder(above, placeOfFolder(path))
        }
    }
}
