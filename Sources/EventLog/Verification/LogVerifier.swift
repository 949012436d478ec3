import Glibc
import Synchronization

/// Verifies a data folder: checksums, chain, order, seals, both forms, and the tree against every
/// stored checkpoint, tile and index.
///
/// It writes nothing and needs no lock. Segments are read by several threads at once, each from the
/// frontier that it states for its start; the results are joined in order, so that the verdict does
/// not depend on the threads.
///
/// Memory, for each thread: a window of 1 to 4 MiB, one batch or frame; and 48 bytes for each 256
/// records of the segments that wait for an older one, where there are tiles to compare. (Segments
/// have one size, so the threads stay close together.)
public enum LogVerifier {
    /// Verifies a data folder; never fails: what could not be read is a problem in the verdict.
    ///
    /// Blocks until every byte of every segment was read.
    /// - Parameters:
    ///   - keys: the log's verifier keys (type 1); where there are none, those of
    ///     `checkpoints/keys`, with a remark.
    ///   - witnesses: verifier keys of witnesses (type 4).
    ///   - trust: `provedDurable` beside a running engine, so that its last batches are not taken
    ///     for torn ones; else `everything`.
    ///   - threads: how many read, at least 1; as many as there are processors where nil.
    ///   - progress: called about once a MiB, on one of the threads, one call at a time, with
    ///     numbers that only rise.
    /// - Complexity: O(bytes), one SHA-256 for each record and one for each node.
    public static func verify(
        folder: String, disk: any Disk, keys: [VerifierKey] = [], witnesses: [VerifierKey] = [],
        trust: LogReader.Trust = .everything, threads: Int? = nil,
        progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) -> Verdict {
        var verdict = Verdict(.data)
        let paths = LogPaths(data: folder)
        do throws(DiskError) {
            // Before the segments: beside a running engine these may only be older than they.
            let checkpoints = try StoredCheckpoints(
                paths: paths, disk: disk, keys: keys, witnesses: witnesses, &verdict)
            let tiles = storedTiles(paths, disk, &verdict)
            var entries = Set(try disk.listIfFolder(paths.log))
            // A folder that changes while it is listed may show neither of a segment's two names
            // (readdir(3)).
            if trust == .provedDurable { entries.formUnion(try disk.listIfFolder(paths.log)) }
            let indexes = list(entries.sorted(), &verdict)
            let forms = SegmentForms.of(Array(entries))
            var join = LogJoin(
                paths: paths, disk: disk, checkpoints: checkpoints, tiles: tiles, indexes: indexes,
                verdict)
            join.begin(oldest: forms.first?.name)
            let meter = VerificationMeter(
                totalBytes: progress == nil ? 0 : totalByteCount(forms, paths, disk),
                report: progress)
            let reading = SegmentReading(
                paths: paths, disk: disk, trust: trust, claimedEnd: checkpoints.sizes.last ?? 0,
                wanted: checkpoints.sizes, keepsSubtrees: !tiles.isEmpty, meter: meter)
            let work = VerificationWork(forms, reading, join)
            work.run(threads: threads ?? processorCount)
            return work.finish()
        } catch {
            verdict.add(.segmentDamaged, "", "not verified to the end: \(error)")
            verdict.finish()
            return verdict
        }
    }

    /// Whether a folder is one that `verify` is for: one with `log`, `checkpoints` or `tree`.
    ///
    /// Blocks: it lists up to three folders. What cannot be listed counts: the verdict will say so.
    public static func isDataFolder(_ folder: String, disk: any Disk) -> Bool {
        ["log", "checkpoints", "tree"].contains { name in
            do throws(DiskError) { return try disk.list(folder + "/" + name) != nil } catch {
                return error.errno != .notDirectory
            }
        }
    }

    private static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private static func storedTiles(
        _ paths: LogPaths, _ disk: any Disk, _ verdict: inout Verdict
    ) -> StoredTiles {
        do throws(FolderWalk.Failure) { return try StoredTiles(paths: paths, disk: disk) } catch {
            verdict.add(.tileMismatch, "tree", error.description)
            return StoredTiles(noneOf: paths, disk: disk)
        }
    }

    /// The segments that have an index, by the names in the log's folder; remarks on what is no
    /// part of the log.
    private static func list(
        _ entries: [String], _ verdict: inout Verdict
    ) -> Set<SequenceNumber> {
        var indexes: Set<SequenceNumber> = []
        var others: [String] = []
        for entry in entries {
            func name(_ suffix: String) -> SequenceNumber? {
                LogFormat.firstSequence(ofSegmentNamed: entry, suffix: suffix)
            }
            if let name = name(LogFormat.indexSuffix) {
                indexes.insert(name)
            } else if name(LogFormat.activeSuffix) == nil, name(LogFormat.sealedSuffix) == nil {
                others.append("log/" + entry)
            }
        }
        verdict.remark("files in log/ that are not part of the log", of: others)
        return indexes
    }

    private static func totalByteCount(
        _ forms: [SegmentForms], _ paths: LogPaths, _ disk: any Disk
    ) -> UInt64 {
        var total: UInt64 = 0
        for form in forms {
            if form.hasActive { total += byteCount(paths.segment(form.name), disk) }
            if form.hasSealed { total += byteCount(paths.sealed(form.name), disk) }
        }
        return total
    }

    /// What cannot be opened has no bytes here; reading it says why.
    private static func byteCount(_ path: String, _ disk: any Disk) -> UInt64 {
        guard let file = try? disk.open(path, .read) else { return 0 }
        defer { disk.close(file) }
        return UInt64(max(0, (try? disk.byteCount(of: file)) ?? 0))
    }
}

/// Segments that several threads read, and the join that takes what they found in order.
private final class VerificationWork: Sendable {
    private let segments: [SegmentForms]
    private let reading: SegmentReading
    private let state: Mutex<State>

    private struct State: Sendable {
        var claimed = 0
        var joined = 0
        /// What was found in segments that wait for an older one.
        var waiting: [Int: SegmentFinding] = [:]
        var join: LogJoin
    }

    init(_ segments: [SegmentForms], _ reading: SegmentReading, _ join: LogJoin) {
        self.segments = segments
        self.reading = reading
        state = Mutex(State(join: join))
    }

    /// Reads all of them, on this thread and others.
    func run(threads: Int) {
        var helpers: [LogThread] = []
        for _ in 1..<max(1, min(threads, segments.count)) {
            // With fewer threads it takes longer, no more.
            guard let helper = try? LogThread({ self.work() }) else { break }
            helpers.append(helper)
        }
        work()
        for helper in helpers { helper.join() }
    }

    func finish() -> Verdict { state.withLock { $0.join.finish(segments) } }

    private func work() {
        while let number = claim() {
            let finding = reading.read(
                segments[number], isLast: number == segments.count - 1)
            state.withLock { state in
                state.waiting[number] = finding
                while let next = state.waiting.removeValue(forKey: state.joined) {
                    state.join.add(next, isLast: state.joined == segments.count - 1)
                    state.joined += 1
                }
            }
        }
    }

    private func claim() -> Int? {
        state.withLock { state in
            guard state.claimed < segments.count else { return nil }
            state.claimed += 1
            return state.claimed - 1
        }
    }
}
