import Dispatch
import EventLog
import Projections
import Synchronization

/// Writes snapshots on a thread of its own with a small claim to the processor.
///
/// It is given a copy of the state, which shares everything with the engine's own but what changes
/// afterwards. Of states that come while one is being written, only the newest is kept.
final class SnapshotKeeper: Sendable {
    private struct State {
        var next: ProjectedState?
        var isClosing = false
    }

    private let log: LogIdentity
    private let folder: String
    private let disk: any Disk
    private let report: @Sendable (Command) -> Void
    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    private let thread: Mutex<LogThread?> = Mutex(nil)

    /// Starts the thread.
    ///
    /// - Throws: `inputOutput` where the system allows no more threads.
    init(
        log: LogIdentity, folder: String, disk: any Disk,
        report: @escaping @Sendable (Command) -> Void
    ) throws(EventLogError) {
        self.log = log
        self.folder = folder
        self.disk = disk
        self.report = report
        let started = try LogThread { [self] in
            LogThread.yieldToOthers()
            run()
        }
        thread.withLock { $0 = started }
    }

    /// Has a state written, which must be durable; returns at once.
    func save(_ projected: ProjectedState) {
        // What it takes the place of is released outside the lock: that may take a while.
        let replaced = state.withLock { state in
            defer { state.next = projected }
            return state.next
        }
        signal.signal()
        _ = consume replaced
    }

    /// Writes what waits, and ends the thread; blocks until then.
    func finish() {
        state.withLock { $0.isClosing = true }
        signal.signal()
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private func run() {
        while true {
            signal.wait()
            let (next, isClosing) = state.withLock { state in
                defer { state.next = nil }
                return (state.next, state.isClosing)
            }
            if let next { write(next) }
            if isClosing { return }
        }
    }

    private func write(_ projected: ProjectedState) {
        do throws(SnapshotError) {
            try Snapshot.write(projected, log: log, dataFolder: folder, disk: disk)
            report(.logTroubleOver(kind: "snapshot", reason: "a snapshot was written"))
        } catch {
            report(
                .logTrouble(
                    kind: "snapshot",
                    message: "a snapshot of the state could not be written: \(error); "
                        + "a start will read more of the log, or all of it"))
        }
    }
}
