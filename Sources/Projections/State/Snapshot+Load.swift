import EventLog
import Events
import Synchronization

extension Snapshot {
    /// Up to where a snapshot may reach.
    public struct Bound: Sendable {
        /// The last sequence.
        public var sequence = UInt64.max
        /// The last event time, µs.
        public var time = Int64.max

        /// No bound.
        public init() {}
    }

    /// What there is to start from.
    public struct Found: Sendable {
        /// The state of the newest good snapshot; that of an empty log where there is none.
        public let state: ProjectedState
        /// Its sequence; nil where there is none.
        public let sequence: UInt64?
        /// The snapshots that were passed over for what is wrong with them, newest first.
        public let unusable: [SnapshotError]
    }

    /// Loads the newest good snapshot of this log within a bound.
    ///
    /// One that cannot be used, for whatever reason, is passed over: a snapshot is never needed.
    /// Blocks.
    /// - Throws: `inputOutput` where the folder cannot be read.
    /// - Complexity: O(bytes of a snapshot), on two threads.
    public static func newest(
        log: LogIdentity, within bound: Bound, dataFolder: String, disk: any Disk
    ) throws(SnapshotError) -> Found {
        var unusable: [SnapshotError] = []
        let sequences = try sequences(dataFolder: dataFolder, disk: disk)
        for sequence in sequences.reversed() where sequence <= bound.sequence {
            do throws(SnapshotError) {
                let file = try SnapshotFile(
                    dataFolder: dataFolder, sequence: sequence, log: log, disk: disk)
                if file.head.time > bound.time { continue }
                return Found(state: try file.load(), sequence: sequence, unusable: unusable)
            } catch {
                unusable.append(error)
            }
        }
        return Found(state: ProjectedState(), sequence: nil, unusable: unusable)
    }

    /// Removes a snapshot that cannot be used; one that is gone is no error.
    ///
    /// - Throws: `inputOutput`.
    public static func remove(_ unusable: SnapshotError, disk: any Disk) throws(SnapshotError) {
        do throws(DiskError) { try disk.remove(unusable.path) } catch {
            if error.errno == .noSuchFileOrDirectory { return }
            throw SnapshotError(error)
        }
    }
}

extension SnapshotFile {
    /// The state that the snapshot holds, after its checksums and its digest were checked.
    ///
    /// The digest is computed anew from the bytes of the entries, which stand in its order: it
    /// costs one SHA-256 over the file, no encoding and no sorting. Blocks; a second thread helps.
    /// - Throws: `damaged`, `inputOutput`.
    /// - Complexity: O(bytes); memory for the state and two groups.
    package func load() throws(SnapshotError) -> ProjectedState {
        let work = LoadingWork(self)
        // Small ones are done before a thread has begun.
        let helper: LogThread?
        do throws(EventLogError) {
            helper = head.entryCount > 10_000 ? try LogThread { work.run() } : nil
        } catch {
            helper = nil  // the system allows no more threads: this one does all
        }
        work.run()
        helper?.join()
        if let failure = work.failure { throw failure }
        var state = work.maps.finish(lastSequence: head.sequence, lastTime: head.time)
        let digest = state.digest()
        guard digest.total == head.digest, digest.projections == head.projections,
            UInt64(state.entryCount) == head.entryCount
        else {
            throw SnapshotError(
                .damaged, path: path,
                "its entries have the digest \(digest.hex), which is not the one that it names")
        }
        return state
    }
}

/// The groups of a snapshot, to be loaded by whoever has time.
private final class LoadingWork: Sendable {
    let maps: StateLoading
    private let file: SnapshotFile
    /// Groups of different projections in turn, so that two threads seldom want the same map.
    private let order: [SnapshotGroup]
    private let next = Atomic(0)
    private let failed: Mutex<SnapshotError?> = Mutex(nil)

    init(_ file: SnapshotFile) {
        self.file = file
        maps = StateLoading(
            projections: file.head.projections.map(\.name), entryCounts: file.entryCounts)
        var seen = [Int](repeating: 0, count: file.head.projections.count)
        let places = file.groups.map { group -> (Int, SnapshotGroup) in
            seen[group.projection] += 1
            return (seen[group.projection], group)
        }
        order = places.sorted { ($0.0, $0.1.projection) < ($1.0, $1.1.projection) }.map(\.1)
    }

    var failure: SnapshotError? { failed.withLock { $0 } }

    /// Takes one group after the other until none is left, or one is bad.
    func run() {
        while failure == nil {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < order.count else { return }
            do throws(SnapshotError) { try load(order[index]) } catch {
                failed.withLock { $0 = $0 ?? error }
            }
        }
    }

    private func load(_ group: SnapshotGroup) throws(SnapshotError) {
        let problem = maps.load(group, try file.bytes(of: group))
        if let problem {
            throw SnapshotError(
                .damaged, path: file.path, "the group at offset \(group.offset): \(problem)")
        }
    }
}
