/// The signed checkpoints of a data folder, and the keys that signed them.
///
/// docs/format/tree.md specifies the folder. A file is written under a temporary name, synced and
/// renamed, so that a crash leaves a whole one or none.
public struct CheckpointStore: Sendable {
    let disk: any Disk
    let paths: LogPaths

    /// The checkpoints of a data folder, which need not be there yet.
    public init(folder: String, disk: any Disk) {
        self.disk = disk
        paths = LogPaths(data: folder)
    }

    private static let suffix = ".note"
    private static let temporary = "checkpoint.making"
    private static let keysName = "keys"
    /// More than ten thousand keys; a longer file is not ours.
    private static let keysByteCountMax = 1 << 20

    /// The tree sizes of the checkpoints, by their names, ascending; nothing is read.
    ///
    /// - Throws: `inputOutput`.
    public func sizes() throws(EventLogError) -> [UInt64] {
        try names().compactMap(Self.size(ofName:)).sorted()
    }

    /// The path of the checkpoint of a tree size.
    public func path(size: UInt64) -> String { paths.checkpoints + "/" + Self.name(size: size) }

    /// Reads a checkpoint; its signatures are not checked.
    ///
    /// - Throws: `damaged` where it is no checkpoint of that size, `inputOutput`.
    public func note(size: UInt64) throws(EventLogError) -> CheckpointNote {
        let path = path(size: size)
        let bytes = try read(path, byteCountMax: SignedNote.byteCountMax)
        let note: CheckpointNote
        do throws(NoteError) { note = try CheckpointNote.parse(bytes) } catch {
            throw .derivedDamaged("\(error)", path: path)
        }
        guard note.checkpoint.size == size else {
            throw .derivedDamaged(
                "it is for \(note.checkpoint.size) records, not those in its name", path: path)
        }
        return note
    }

    /// Every key that checkpoints here were signed with, oldest first.
    ///
    /// They say who claims to have signed; whether that is the right one only somebody outside
    /// knows.
    /// - Throws: `damaged` where the file is not a list of keys, `inputOutput`.
    public func keys() throws(EventLogError) -> [VerifierKey] { try keysIfPresent() ?? [] }

    /// The same; nil where there is no list of keys.
    func keysIfPresent() throws(EventLogError) -> [VerifierKey]? {
        guard try names().contains(Self.keysName) else { return nil }
        let path = paths.checkpoints + "/" + Self.keysName
        let bytes = try read(path, byteCountMax: Self.keysByteCountMax)
        var keys: [VerifierKey] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            do throws(NoteError) { keys.append(try VerifierKey.parse(Array(line))) } catch {
                throw .derivedDamaged("line \(index + 1): \(error)", path: path)
            }
        }
        return keys
    }

    /// Stores a checkpoint, durably; one of its size that is there already stays.
    ///
    /// Blocks; syncs the file and the folder.
    /// - Returns: whether it was stored.
    /// - Throws: `inputOutput`, `noSpace`.
    @discardableResult
    public func add(_ note: CheckpointNote) throws(EventLogError) -> Bool {
        let name = Self.name(size: note.checkpoint.size)
        if try names().contains(name) { return false }
        try replace(name, note.bytes)
        return true
    }

    /// Puts a checkpoint with more signatures in the place of the stored one, durably.
    ///
    /// - Throws: `damaged` where the stored one has another text; `inputOutput`, `noSpace`.
    public func replace(with note: CheckpointNote) throws(EventLogError) {
        let stored = try self.note(size: note.checkpoint.size)
        guard stored.checkpoint == note.checkpoint else {
            throw .derivedDamaged(
                "another checkpoint of \(note.checkpoint.size) records is stored",
                path: path(size: note.checkpoint.size))
        }
        try replace(Self.name(size: note.checkpoint.size), note.bytes)
    }

    /// Adds a key to the list, durably, unless it is the last one there.
    ///
    /// - Throws: as `keys`, and `noSpace`.
    public func addKey(_ key: VerifierKey) throws(EventLogError) {
        var all = try keys()
        guard all.last != key else { return }
        all.removeAll { $0 == key }
        all.append(key)
        try replace(Self.keysName, all.flatMap { Array($0.text.utf8) + [UInt8(ascii: "\n")] })
    }

    /// The newest checkpoint that one of the folder's own keys signed, as what it says of
    /// durability: a checkpoint is only signed over what is durable.
    ///
    /// One that is damaged says nothing; `daybook verify` reports it. One that cannot be read may
    /// say anything.
    /// - Throws: `inputOutput` where a call fails.
    func claim() throws(EventLogError) -> DurabilityClaim? {
        let sizes = try sizes()
        let known = try unlessDamaged { () throws(EventLogError) in try keys() }
        guard !sizes.isEmpty, let known else { return nil }
        for size in sizes.reversed() where size > 0 {
            let found = try unlessDamaged { () throws(EventLogError) in try note(size: size) }
            guard let found, (try? found.verify(keys: known)) != nil else { continue }
            return DurabilityClaim(
                name: "the checkpoint \(path(size: size))",
                durableThrough: SequenceNumber(size - 1))
        }
        return nil
    }

    private func unlessDamaged<Value>(
        _ read: () throws(EventLogError) -> Value
    ) throws(EventLogError) -> Value? {
        do throws(EventLogError) { return try read() } catch {
            if error.code == .damaged { return nil }
            throw error
        }
    }

    // MARK: files

    static func name(size: UInt64) -> String {
        let digits = String(size)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits + suffix
    }

    static func size(ofName name: String) -> UInt64? {
        guard name.utf8.count == 20 + suffix.utf8.count, name.hasSuffix(suffix),
            name.utf8.prefix(20).allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return nil }
        return UInt64(name.prefix(20))
    }

    private func names() throws(EventLogError) -> [String] {
        do throws(DiskError) { return try disk.list(paths.checkpoints) ?? [] } catch {
            throw EventLogError(disk: error)
        }
    }

    private func read(_ path: String, byteCountMax: Int) throws(EventLogError) -> [UInt8] {
        let bytes: [UInt8]?
        do throws(DiskError) {
            bytes = try disk.contents(of: path, byteCountMax: byteCountMax)
        } catch {
            throw EventLogError(disk: error)
        }
        guard let bytes else {
            throw .derivedDamaged("it has more than \(byteCountMax) bytes", path: path)
        }
        return bytes
    }

    private func replace(_ name: String, _ bytes: [UInt8]) throws(EventLogError) {
        do throws(DiskError) {
            if try disk.createFolder(paths.checkpoints) { try disk.syncFolder(paths.data) }
            try disk.replaceFile(name, in: paths.checkpoints, via: Self.temporary, with: bytes)
        } catch {
            throw EventLogError(disk: error)
        }
    }
}

extension LogPaths {
    var checkpoints: String { data + "/checkpoints" }
}

extension EventLogError {
    /// A file beside the log is not what was written.
    static func derivedDamaged(_ detail: String, path: String) -> EventLogError {
        EventLogError(
            .damaged,
            "\(path) is not what was written: \(detail). Restore it from a copy, or move it away.",
            segment: path)
    }
}
