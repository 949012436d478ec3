import EventLog
import SystemPackage

/// A file's bytes as a reader sees them, and as the medium has them.
///
/// Unchecked: it is reachable only through the state of one disk, which is behind that disk's lock.
final class SimulatedFile: @unchecked Sendable {
    var bytes: [UInt8] = []
    var durableBytes: [UInt8] = []
    /// The sectors that were written since they were synced.
    var dirty: Set<Int> = []
    /// The least size that it was cut to since it was synced.
    var cutByteCount: Int?
    static let sectorByteCount = 512

    init() {}

    init(synced bytes: [UInt8]) {
        self.bytes = bytes
        durableBytes = bytes
    }

    func copied() -> SimulatedFile {
        let other = SimulatedFile()
        other.bytes = bytes
        other.durableBytes = durableBytes
        other.dirty = dirty
        other.cutByteCount = cutByteCount
        return other
    }

    func write(_ source: [UInt8], at offset: Int) {
        let end = offset + source.count
        if bytes.count < end {
            bytes += [UInt8](repeating: 0, count: end - bytes.count)
        }
        Self.copy(source[...], into: &bytes, at: offset)
        let sectors = (offset / Self.sectorByteCount)...((end - 1) / Self.sectorByteCount)
        dirty.formUnion(sectors)
    }

    func cut(to byteCount: Int) {
        guard byteCount < bytes.count else { return }
        bytes.removeLast(bytes.count - byteCount)
        cutByteCount = min(cutByteCount ?? byteCount, byteCount)
    }

    /// Far quicker than `replaceSubrange` in a build for debugging, where most tests run.
    private static func copy(
        _ source: ArraySlice<UInt8>, into target: inout [UInt8], at offset: Int
    ) {
        source.withUnsafeBytes { from in
            target.withUnsafeMutableBytes { to in
                UnsafeMutableRawBufferPointer(rebasing: to[offset...]).copyMemory(from: from)
            }
        }
    }

    /// Stores the dirty sectors for which `keeps` says so, and a cut likewise.
    func store(where keeps: () -> Bool = { true }) {
        if let cut = cutByteCount, cut < durableBytes.count, keeps() {
            durableBytes.removeLast(durableBytes.count - cut)
        }
        cutByteCount = nil
        // In order, so that a seed gives the same outcome each time.
        for sector in dirty.sorted() where keeps() {
            let start = sector * Self.sectorByteCount
            let end = min(start + Self.sectorByteCount, bytes.count)
            guard start < end else { continue }
            if durableBytes.count < end {
                durableBytes += [UInt8](repeating: 0, count: end - durableBytes.count)
            }
            Self.copy(bytes[start..<end], into: &durableBytes, at: start)
        }
        dirty.removeAll()
    }
}

/// Everything that a simulated disk has.
struct SimulatedDiskState: Sendable {
    struct Failure: Sendable {
        var call: Int
        var mode: SimulatedDisk.FailureMode
        var errno: Errno
    }

    /// A change to folders that is not durable yet; each is atomic (a journal's transaction).
    enum EntryChange: Sendable {
        case add(String, SimulatedFile)
        case remove(String)
        /// It moves this file: where the making of its old name was lost, an older file of that
        /// name stays out of it.
        case rename(String, String, SimulatedFile)
        case addFolder(String)

        var folders: [String] {
            switch self {
            case .add(let path, _), .remove(let path), .addFolder(let path): [parent(path)]
            case .rename(let from, let to, _): [parent(from), parent(to)]
            }
        }

        var paths: [String] {
            switch self {
            case .add(let path, _), .remove(let path), .addFolder(let path): [path]
            case .rename(let from, let to, _): [from, to]
            }
        }

        private func parent(_ path: String) -> String { SimulatedDiskState.parent(of: path) }
    }

    var files: [String: SimulatedFile] = [:]
    var folders: Set<String> = ["", "/", "."]
    var durableFiles: [String: SimulatedFile] = [:]
    var durableFolders: Set<String> = ["", "/", "."]
    var pending: [EntryChange] = []
    var handles: [Int32: SimulatedFile] = [:]
    var locks: [String: Int32] = [:]
    var nextHandle: Int32 = 3
    var failure: Failure?
    var syncsLie = false
    var hook: (@Sendable (String) -> Void)?
    var capacity = Int.max
    var callCount = 0

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    var usedByteCount: Int { files.values.reduce(0) { $0 + $1.bytes.count } }

    func copied() -> SimulatedDiskState {
        var other = SimulatedDiskState()
        other.files = files.mapValues { $0.copied() }
        other.folders = folders
        // A copy is a medium of its own: what was readable is what it has.
        for file in other.files.values { file.store() }
        other.durableFiles = other.files
        other.durableFolders = folders
        return other
    }

    /// A copy with all that is not durable yet, as it is.
    func cloned() -> SimulatedDiskState {
        var clones: [ObjectIdentifier: SimulatedFile] = [:]
        func clone(_ file: SimulatedFile) -> SimulatedFile {
            if let known = clones[ObjectIdentifier(file)] { return known }
            let made = file.copied()
            clones[ObjectIdentifier(file)] = made
            return made
        }
        var other = SimulatedDiskState()
        other.files = files.mapValues(clone)
        other.durableFiles = durableFiles.mapValues(clone)
        other.folders = folders
        other.durableFolders = durableFolders
        other.pending = pending.map { change in
            switch change {
            case .add(let path, let file): .add(path, clone(file))
            case .rename(let from, let to, let file): .rename(from, to, clone(file))
            case .remove, .addFolder: change
            }
        }
        return other
    }

    mutating func dropHandles() {
        handles.removeAll()
        locks.removeAll()
    }

    mutating func crash(_ keeps: () -> Bool) {
        dropHandles()
        for change in pending where keeps() { apply(change) }
        pending.removeAll()
        let all = Array(durableFiles).sorted { $0.key < $1.key }
        for (_, file) in all { file.store(where: keeps) }
        for (_, file) in all { file.bytes = file.durableBytes }
        files = durableFiles
        folders = durableFolders
    }

    /// Makes a folder's own changes durable, and no more than what they need: earlier changes of
    /// the same names.
    mutating func syncFolder(_ path: String) {
        var names: Set<String> = []
        var stored: [EntryChange] = []
        var rest: [EntryChange] = []
        for change in pending.reversed() {
            if change.folders.contains(path) || !names.isDisjoint(with: change.paths) {
                names.formUnion(change.paths)
                stored.append(change)
            } else {
                rest.append(change)
            }
        }
        for change in stored.reversed() { apply(change) }
        pending = rest.reversed()
    }

    private mutating func apply(_ change: EntryChange) {
        switch change {
        case .add(let path, let file): durableFiles[path] = file
        case .remove(let path): durableFiles[path] = nil
        case .rename(let from, let to, let file):
            durableFiles[from] = nil
            durableFiles[to] = file
        case .addFolder(let path): durableFolders.insert(path)
        }
    }
}
