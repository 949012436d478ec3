import EventLog
import Events

/// Why a state file cannot be written or used.
public struct StateFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable {
        /// A call to the disk failed.
        case inputOutput
        /// There is no such file.
        case absent
        /// Its checksum or its shape is not right: it is to be ignored.
        case damaged
        /// It is of another log, another sequence or an unknown version.
        case foreign
        /// The state of an empty log has no file.
        case empty
    }

    /// The kind of failure; equality looks at this alone.
    public let code: Code
    /// The file, or the folder.
    public let path: String
    /// One sentence.
    public let message: String

    init(_ code: Code, path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    init(_ error: DiskError) {
        self.init(
            error.errno == .noSuchFileOrDirectory ? .absent : .inputOutput, path: error.path,
            error.description)
    }

    /// Two errors are equal when their codes are.
    public static func == (a: StateFileError, b: StateFileError) -> Bool { a.code == b.code }

    /// The path and the message.
    public var description: String { "\(path): \(message)" }
}

/// The state beside a recorded digest, entry by entry, so that a comparison can name the key that
/// differs: `snapshots/<sequence>.state`, derived, and allowed to be missing.
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 8 | magic, `DAYBSTAT` |
/// | 8 | 4 | version, 1 |
/// | 12 | 4 | zero |
/// | 16 | 8 | the sequence whose state it is |
/// | 24 | 16 | the log's identity |
/// | 40 | 32 | the state digest's total |
/// | 72 | 8 | number of entries |
/// | 80 | … | entries: `StateEntry`, each with its length before it as a varint |
/// | end | 32 | SHA-256 of all bytes before |
public enum StateFile {
    /// How many files are kept, the newest ones.
    public static let keptCount = 3
    /// What the file starts with.
    static let magic = Array("DAYBSTAT".utf8)
    /// The version that this build writes, and the only one that it reads.
    static let version: UInt32 = 1
    static let headerByteCount = 80
    static let digestByteCount = 32
    private static let suffix = ".state"

    /// The folder of a data folder that state files stand in.
    public static func folder(dataFolder: String) -> String { dataFolder + "/snapshots" }

    /// The file of a sequence.
    public static func path(dataFolder: String, sequence: UInt64) -> String {
        folder(dataFolder: dataFolder) + "/" + name(sequence)
    }

    private static func name(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits + suffix
    }

    /// The sequences of the state files that stand there, oldest first; none is checked.
    public static func sequences(
        dataFolder: String, disk: any Disk
    ) throws(StateFileError) -> [UInt64] {
        let names: [String]
        do throws(DiskError) {
            names = try disk.list(folder(dataFolder: dataFolder)) ?? []
        } catch {
            throw StateFileError(error)
        }
        return names.compactMap { name in
            guard name.utf8.count == 20 + suffix.utf8.count, name.hasSuffix(suffix),
                let sequence = UInt64(name.dropLast(suffix.count)), Self.name(sequence) == name
            else { return nil }
            return sequence
        }.sorted()
    }

    /// Writes the file of a state under a temporary name, syncs it, renames it, syncs the folder,
    /// and removes all but the newest `keptCount`.
    ///
    /// Call it only when the log is durable through the state's last sequence: a valid file is
    /// evidence that it was.
    ///
    /// - Returns: the path.
    /// - Complexity: O(n log n); blocks, and syncs three times.
    @discardableResult
    public static func write(
        _ state: ProjectedState, log: LogIdentity, dataFolder: String, disk: any Disk
    ) throws(StateFileError) -> String {
        var state = state
        let digest = state.digest()
        guard let sequence = digest.sequence else {
            throw StateFileError(
                .empty, path: folder(dataFolder: dataFolder), "an empty log has no state to write")
        }
        let path = path(dataFolder: dataFolder, sequence: sequence)
        do throws(DiskError) {
            let folder = folder(dataFolder: dataFolder)
            if try disk.createFolder(folder) { try disk.syncFolder(dataFolder) }
            let preparing = folder + "/next.preparing"
            if try disk.list(folder)?.contains("next.preparing") == true {
                try disk.remove(preparing)
            }
            try fill(preparing, state, digest, sequence, log, disk)
            try disk.rename(preparing, to: path)
            try disk.syncFolder(folder)
        } catch {
            throw StateFileError(error)
        }
        try removeOld(dataFolder: dataFolder, disk: disk)
        return path
    }

    private static func fill(
        _ path: String, _ state: ProjectedState, _ digest: StateDigest, _ sequence: UInt64,
        _ log: LogIdentity, _ disk: any Disk
    ) throws(DiskError) {
        var file = try HashedFile(creating: path, on: disk)
        try file.append(magic)
        try file.append(bytes(UInt64(version)))
        try file.append(bytes(sequence))
        try file.append(bytes(log.low))
        try file.append(bytes(log.high))
        try file.append(digest.total)
        try file.append(bytes(UInt64(state.entryCount)))
        var writer = WireWriter(reservingByteCount: 4_096)
        try state.forEachStateEntry { entry throws(DiskError) in
            writer.removeAll()
            writer.appendDelimited(entry)
            try file.append(writer.bytes)
        }
        try file.appendDigest()
        _ = try file.finish()
    }

    private static func removeOld(dataFolder: String, disk: any Disk) throws(StateFileError) {
        let old = try sequences(dataFolder: dataFolder, disk: disk).dropLast(keptCount)
        do throws(DiskError) {
            for sequence in old {
                try disk.remove(path(dataFolder: dataFolder, sequence: sequence))
            }
        } catch {
            throw StateFileError(error)
        }
    }

    private static func bytes(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
