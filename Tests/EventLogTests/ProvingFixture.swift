import DaybookTestSupport
import EventLog
import Synchronization
import Testing

/// What the tests of proofs and repairs share: signed checkpoints, and a disk that counts.
enum ProvingFixture {
    static let folder = LogFixture.folder

    static func tree(_ records: [[UInt8]]) -> TreeReference {
        TreeReference(leaves: records.map(TreeReference.leaf))
    }

    /// Signs and stores checkpoints of these sizes.
    static func checkpoints(
        _ sizes: [Int], of records: [[UInt8]], on disk: any Disk, folder: String = folder
    ) throws {
        let tree = tree(records)
        let store = CheckpointStore(folder: folder, disk: disk)
        try store.addKey(NoteFixture.logSigner().verifierKey)
        for size in sizes {
            try store.add(NoteFixture.checkpoint(tree, size: size, cosignedAt: nil))
        }
    }

    /// A sample of several segments with checkpoints.
    static func sample(
        seed: UInt64, sizes: [Int], count: Int = 60, byteCountMax: Int = 1_500
    ) throws -> SealedSample {
        let sample = try SealedSample(seed: seed, count: count, byteCountMax: byteCountMax)
        try checkpoints(sizes, of: sample.records, on: sample.disk)
        return sample
    }

    /// All files that are a part of the log, or set aside: what may never be destroyed.
    static func kept(_ disk: SimulatedDisk) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for path in disk.paths where !path.hasSuffix("LOCK") {
            files[path] = disk.contents(of: path)
        }
        return files
    }
}

/// A disk that counts the bytes that are read.
final class CountingDisk: Disk {
    let base: SimulatedDisk
    private let count = Mutex(0)

    init(_ base: SimulatedDisk) { self.base = base }

    var readByteCount: Int { count.withLock { $0 } }
    func reset() { count.withLock { $0 = 0 } }

    func dropFromCache(_ file: DiskFile) throws(DiskError) { try base.dropFromCache(file) }

    func requireLocal(_ folder: String) throws(EventLogError) {}
    func freeByteCount(of folder: String) throws(DiskError) -> Int {
        try base.freeByteCount(of: folder)
    }
    func createFolder(_ path: String) throws(DiskError) -> Bool { try base.createFolder(path) }
    func list(_ folder: String) throws(DiskError) -> [String]? { try base.list(folder) }
    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> DiskFile {
        try base.open(path, mode)
    }
    func close(_ file: DiskFile) { base.close(file) }
    func byteCount(of file: DiskFile) throws(DiskError) -> Int { try base.byteCount(of: file) }
    func read(
        _ file: DiskFile, at offset: Int, into target: inout MutableRawSpan
    ) throws(DiskError) -> Int {
        let read = try base.read(file, at: offset, into: &target)
        count.withLock { $0 += read }
        return read
    }
    func write(_ file: DiskFile, at offset: Int, _ source: RawSpan) throws(DiskError) {
        try base.write(file, at: offset, source)
    }
    func fillWithZeros(
        _ file: DiskFile, byteCount: Int, stepByteCount: Int
    ) throws(DiskError) {
        try base.fillWithZeros(file, byteCount: byteCount, stepByteCount: stepByteCount)
    }
    func truncate(_ file: DiskFile, to byteCount: Int) throws(DiskError) {
        try base.truncate(file, to: byteCount)
    }
    func sync(_ file: DiskFile) throws(DiskError) { try base.sync(file) }
    func syncFolder(_ path: String) throws(DiskError) { try base.syncFolder(path) }
    func rename(_ path: String, to newPath: String) throws(DiskError) {
        try base.rename(path, to: newPath)
    }
    func remove(_ path: String) throws(DiskError) { try base.remove(path) }
    func lock(_ path: String, holder: String) throws(DiskError) -> DiskLock {
        try base.lock(path, holder: holder)
    }
}
