import EventLog
import Events
import Projections
import Synchronization

/// How an engine came to the state that it starts from.
package struct EngineStart: Sendable {
    /// The snapshot that it went on from; nil where the whole log was read.
    package var snapshot: UInt64?
    /// What was wrong with snapshots that were removed, or could not be.
    package var dropped: [SnapshotError]

    /// Loads the newest good snapshot and applies what follows it; without one, the whole log.
    ///
    /// Snapshots that cannot be used are removed: no later start is to try them again. Blocks.
    ///
    /// - Parameter end: how many records the log holds; it is open to be written, so all of them
    ///   are durable.
    /// - Throws: `EventLogError`; `ProjectionError` where the log cannot be applied;
    ///   `SnapshotError` where the folder of snapshots cannot be read.
    package static func rebuild(
        log: LogIdentity, end: UInt64, folder: String, disk: any Disk
    ) throws -> (ProjectedState, EngineStart) {
        var bound = Snapshot.Bound()
        // Later ones were refused as evidence when the log was opened, where they are valid.
        bound.sequence = end > 0 ? end - 1 : 0
        let found = try Snapshot.newest(
            log: log, within: bound, dataFolder: folder, disk: disk)
        var start = EngineStart(snapshot: found.sequence, dropped: found.unusable)
        for unusable in found.unusable { start.remove(unusable, disk) }
        var state = found.state
        // No other copy of the maps may be alive while they change.
        _ = consume found
        do {
            try applyTail(to: &state, folder, disk)
        } catch let error as ProjectionError {
            // Is it the log, or a snapshot whose digest is right and whose state is wrong? The log
            // alone decides.
            guard let sequence = start.snapshot else { throw error }
            state = ProjectedState()
            try applyTail(to: &state, folder, disk)
            start.snapshot = nil
            let wrong = SnapshotError(
                .damaged, path: Snapshot.path(dataFolder: folder, sequence: sequence),
                "the log does not follow from its state: \(error)")
            start.dropped.append(wrong)
            start.remove(wrong, disk)
        }
        return (state, start)
    }

    private mutating func remove(_ unusable: SnapshotError, _ disk: any Disk) {
        do throws(SnapshotError) { try Snapshot.remove(unusable, disk: disk) } catch {
            dropped.append(error)
        }
    }

    private static func applyTail(
        to state: inout ProjectedState, _ folder: String, _ disk: any Disk
    ) throws {
        let first = state.nextSequence
        var records = try LogReadAhead.open(
            folder: folder, disk: disk, trust: .everything,
            from: first > 0 ? SequenceNumber(first) : nil, noting: EventFields.note)
        while try records.nextBlock() {
            try records.forEachRecord { _, bytes, noted in
                try state.apply(bytes, noted: noted)
            }
        }
    }
}

/// Hands the core over to its thread, so that nobody else keeps a copy of the state: each change
/// would have to copy what the two share.
final class CoreHandover: Sendable {
    private let core: Mutex<EngineCore?>

    init(_ core: consuming EngineCore) { self.core = Mutex(core) }

    /// The core, once.
    func take() -> EngineCore? { core.withLock { $0.take() } }
}
