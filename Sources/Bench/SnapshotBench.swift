import EventLog
import Events
import Glibc
import Projections

/// What the snapshot benchmark measured.
public struct SnapshotBenchResult: Codable, Sendable {
    /// Schedules in the state, each with a definition.
    public var schedules: Int
    /// Open runs in it.
    public var openRuns: Int
    /// The size of the snapshot.
    public var fileBytes: Int
    /// How long the writing took, beside appends.
    public var writeSeconds: Double
    /// Writing and syncing the same bytes in the same steps, alone.
    public var writeLimitSeconds: Double
    /// How long the loading took, checks and digest included: the best of three.
    public var loadSeconds: Double
    /// The processor time of both threads for it: what a busy machine does not change.
    public var loadProcessorSeconds: Double
    /// Reading the same bytes once: the best of three.
    public var loadLimitSeconds: Double
    /// Computing the digest of the whole state from nothing, on one thread.
    public var digestSeconds: Double
    /// The longest time until an append was durable, while the snapshot was written, ms.
    public var appendMaxMilliseconds: Double
    /// Ninety-nine in a hundred appends then, ms.
    public var appendP99Milliseconds: Double
    /// The longest time until an append was durable without a snapshot, ms: the disk's own.
    public var appendLimitMilliseconds: Double
    /// The longest time that one decision held the engine's thread, while it was written, ms.
    public var holdMaxMilliseconds: Double
    /// The longest without a snapshot, ms.
    public var holdLimitMilliseconds: Double
    /// How long the copy of the state took, ms.
    public var copyMilliseconds: Double
    /// How long the digest before the copy took, of what changed since the one before, ms.
    public var changedDigestMilliseconds: Double
    /// Appends while the snapshot was written.
    public var appends: Int
    /// The digest, hex.
    public var digest: String
    /// The kernel, the processor, how many of them.
    public var machine: [String: String]

    enum CodingKeys: String, CodingKey {
        case schedules, appends, digest, machine
        case openRuns = "open_runs"
        case fileBytes = "file_bytes"
        case writeSeconds = "write_seconds"
        case writeLimitSeconds = "write_limit_seconds"
        case loadSeconds = "load_seconds"
        case loadProcessorSeconds = "load_cpu_seconds"
        case loadLimitSeconds = "load_limit_seconds"
        case digestSeconds = "digest_seconds"
        case appendMaxMilliseconds = "append_max_ms"
        case appendP99Milliseconds = "append_p99_ms"
        case appendLimitMilliseconds = "append_limit_max_ms"
        case holdMaxMilliseconds = "hold_max_ms"
        case holdLimitMilliseconds = "hold_limit_max_ms"
        case copyMilliseconds = "copy_ms"
        case changedDigestMilliseconds = "changed_digest_ms"
    }
}

/// Makes a state of so many schedules, writes its snapshot beside an engine's loop of decisions
/// and durable appends, and loads it.
public func benchSnapshot(
    schedules: Int, openRuns: Int, folder: String
) throws -> SnapshotBenchResult {
    let disk = RealDisk()
    let clock = ContinuousClock()
    let loop = try SnapshotBenchLoop(
        folder: folder, disk: disk,
        state: try SnapshotBenchState.make(schedules: schedules, openRuns: openRuns))
    let log = loop.log
    let digestSeconds = (clock.measure { _ = loop.digest() }).elapsedSeconds
    // The loop alone, for as long as a second: what disk and machine do by themselves.
    let alone = try loop.run { (clock.now - $0).elapsedSeconds < 1 }
    let changedDigest = (clock.measure { _ = loop.digest() }).elapsedSeconds
    let start = clock.now
    let writing = SnapshotBenchWriting(loop.state, log.identity, folder, disk)
    let copySeconds = (clock.now - start).elapsedSeconds
    try writing.begin()
    let beside = try loop.run { _ in !writing.isDone }
    let written = try writing.finish()
    try log.close()
    let path = Snapshot.path(dataFolder: folder, sequence: written.sequence)
    let fileBytes = try SnapshotBenchFile.byteCount(path, disk)
    var load = (seconds: Double.infinity, processor: Double.infinity, digest: "")
    var limit = Double.infinity
    for _ in 0..<3 {
        limit = min(limit, try SnapshotBenchFile.read(path, disk))
        let (start, processor) = (clock.now, SnapshotBenchTimes.processorSeconds())
        let found = try Snapshot.newest(
            log: log.identity, within: .init(), dataFolder: folder, disk: disk)
        load.seconds = min(load.seconds, (clock.now - start).elapsedSeconds)
        load.processor = min(load.processor, SnapshotBenchTimes.processorSeconds() - processor)
        guard found.sequence == written.sequence else {
            throw found.unusable.first ?? SnapshotBenchError(message: "no snapshot was found")
        }
        var state = found.state
        load.digest = state.digest().hex
    }
    guard load.digest == written.digest else {
        throw SnapshotBenchError(message: "the loaded state is not the one that was written")
    }
    return SnapshotBenchResult(
        schedules: schedules, openRuns: openRuns, fileBytes: fileBytes,
        writeSeconds: written.seconds,
        writeLimitSeconds: try SnapshotBenchFile.writeOnce(fileBytes, folder, disk),
        loadSeconds: load.seconds, loadProcessorSeconds: load.processor, loadLimitSeconds: limit,
        digestSeconds: digestSeconds,
        appendMaxMilliseconds: beside.appends.max, appendP99Milliseconds: beside.appends.p99,
        appendLimitMilliseconds: alone.appends.max, holdMaxMilliseconds: beside.holds.max,
        holdLimitMilliseconds: alone.holds.max, copyMilliseconds: copySeconds * 1_000,
        changedDigestMilliseconds: changedDigest * 1_000, appends: beside.appends.count,
        digest: load.digest, machine: MachineFacts.read())
}

/// The benchmark found what must not be.
struct SnapshotBenchError: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}

/// Times in milliseconds, all of them.
struct SnapshotBenchTimes {
    private var all: [Double] = []

    /// The processor time of the whole process so far, in seconds.
    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    mutating func add(_ seconds: Double) { all.append(seconds * 1_000) }

    var count: Int { all.count }
    var max: Double { all.max() ?? 0 }
    var p99: Double {
        let sorted = all.sorted()
        return sorted.isEmpty ? 0 : sorted[Swift.min(sorted.count - 1, sorted.count * 99 / 100)]
    }
}

extension Duration {
    var elapsedSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

/// The snapshot's file, read and written as plainly as can be.
enum SnapshotBenchFile {
    private static let stepByteCount = 1 << 20

    static func byteCount(_ path: String, _ disk: RealDisk) throws -> Int {
        let file = try disk.open(path, .read)
        defer { disk.close(file) }
        return try disk.byteCount(of: file)
    }

    /// Reads the file once in steps; returns how long it took, in seconds.
    static func read(_ path: String, _ disk: RealDisk) throws -> Double {
        let file = try disk.open(path, .read)
        defer { disk.close(file) }
        let byteCount = try disk.byteCount(of: file)
        var buffer = [UInt8](repeating: 0, count: stepByteCount)
        let start = ContinuousClock.now
        var offset = 0
        while offset < byteCount {
            var span = buffer.mutableSpan
            var bytes = span.mutableBytes
            let count = try disk.read(file, at: offset, into: &bytes)
            if count == 0 { break }
            offset += count
        }
        return (ContinuousClock.now - start).elapsedSeconds
    }

    /// Writes as many bytes in steps with a sync each; returns how long it took, in seconds.
    static func writeOnce(_ byteCount: Int, _ folder: String, _ disk: RealDisk) throws -> Double {
        let path = folder + "/limit"
        let file = try disk.open(path, .create)
        defer { disk.close(file) }
        let bytes = [UInt8](repeating: 0xA5, count: stepByteCount)
        let start = ContinuousClock.now
        var offset = 0
        while offset < byteCount {
            let count = min(stepByteCount, byteCount - offset)
            try disk.write(file, at: offset, bytes.span.bytes.extracting(0..<count))
            try disk.sync(file)
            offset += count
        }
        let seconds = (ContinuousClock.now - start).elapsedSeconds
        try disk.remove(path)
        return seconds
    }
}
