import Dispatch
import EventLog
import Events
import Synchronization

/// Signs checkpoints of the log: on a schedule, when a segment was sealed, and at a clean stop.
///
/// Each is stored durably in `checkpoints/` and then recorded as an event; the one at the stop is
/// not, since nothing may follow `engine stopped`.
final class CheckpointKeeper: Sendable {
    private let store: CheckpointStore
    private let signer: NoteSigner
    private let interval: Duration
    private let report: @Sendable (Command) -> Void
    private let log: LogWriter
    private let schedule = Mutex<Task<Void, Never>?>(nil)
    /// Files are written here, not on the shared pool.
    private let queue = DispatchQueue(label: "daybook-checkpoints")

    /// The least that a scheduled checkpoint must add: its own event alone is no news.
    private static let recordCountMin: UInt64 = 2

    /// A keeper for an open log.
    init(
        log: LogWriter, store: CheckpointStore, signer: NoteSigner, interval: Duration,
        report: @escaping @Sendable (Command) -> Void
    ) {
        self.log = log
        self.store = store
        self.signer = signer
        self.interval = interval
        self.report = report
    }

    /// The key for a log's present origin: after an accepted loss it signs under another name, so
    /// that no origin ever has two histories.
    static func signer(_ signer: NoteSigner, ordinal: UInt64) throws(NoteError) -> NoteSigner {
        guard ordinal > 0 else { return signer }
        return try signer.renamed("\(signer.verifierKey.name)/successor-\(ordinal)")
    }

    /// Refuses a key of another origin, before anything is decided; adds it to the known ones.
    func prepare() throws {
        let key = signer.verifierKey
        for known in try store.keys() where known.name != key.name && !isSuccessor(of: known) {
            throw EngineSetupError(
                "the key of checkpoints is named \(key.name), and this log's checkpoints are "
                    + "signed as \(known.name); a log keeps its origin: make the key with "
                    + "`daybook log key --name \(known.name)`")
        }
        try store.addKey(key)
    }

    /// Begins: says which key signs, then signs each interval; the first time soon, where there is
    /// no checkpoint yet.
    func start() throws {
        report(.checkpointKeyChanged(signer.verifierKey.text))
        let first = try store.sizes().isEmpty ? min(interval, .seconds(10)) : interval
        let task = Task { [self] in
            var pause = first
            while !Task.isCancelled {
                do { try await Task.sleep(for: pause) } catch { return }
                await sign(reason: "schedule")
                pause = interval
            }
        }
        schedule.withLock { $0 = task }
    }

    private func isSuccessor(of known: VerifierKey) -> Bool {
        signer.verifierKey.name.description.hasPrefix("\(known.name)/successor-")
            || known.name.description.contains("/successor-")
    }

    /// Signs the tree as it is now, unless nothing happened since the last one.
    func sign(reason: String) async {
        let head: TreeHead
        // A log that has failed or is closed says so itself.
        do throws(EventLogError) { head = try await log.treeHead() } catch { return }
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                sign(head, reason: reason)
                continuation.resume()
            }
        }
    }

    /// Signs the tree of a log that was closed; blocks.
    func finish(_ head: TreeHead) {
        schedule.withLock { $0?.cancel() }
        queue.sync { sign(head, reason: "stop") }
    }

    private func sign(_ head: TreeHead, reason: String) {
        do {
            let newest = try store.sizes().last ?? 0
            let isNews =
                reason == "stop" ? head.size > newest : head.size >= newest + Self.recordCountMin
            guard isNews else { return }
            let checkpoint = Checkpoint(
                origin: signer.verifierKey.name, size: head.size, root: head.root)
            guard try store.add(CheckpointNote(checkpoint, signer: signer)), reason != "stop" else {
                return
            }
            var signed = CheckpointSigned()
            signed.treeSize = head.size
            signed.root = head.root.bytes
            signed.origin = "\(checkpoint.origin)"
            signed.keyId = String(signer.verifierKey.id, radix: 16)
            signed.reason = reason
            report(.checkpointSigned(signed))
        } catch {
            report(
                .logTrouble(
                    kind: "checkpoint", message: "a checkpoint could not be stored: \(error)"))
        }
    }
}

/// The engine cannot start as it is set up.
public struct EngineSetupError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, and what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}
