import Synchronization

/// What workers last said of the progress of their runs: in memory alone, never in an event.
///
/// Bounded by who writes: only for a lease that is live, one entry a run; and an entry counts only
/// as long as its token is that of the run's lease.
public final class ProgressBoard: Sendable {
    /// How far an attempt is.
    public struct Progress: Sendable, Equatable {
        /// The fencing token of the lease under which it was said.
        public var token: UInt64
        /// How much is done, 0 to 100; nil where that was not said.
        public var percent: UInt64?
        /// In words, for people who look now.
        public var message: String
        /// When it was said, µs.
        public var at: Int64

        /// A progress.
        public init(token: UInt64, percent: UInt64?, message: String, at: Int64) {
            self.token = token
            self.percent = percent
            self.message = message
            self.at = at
        }
    }

    private let entries = Mutex<[UInt64: Progress]>([:])

    /// An empty board.
    public init() {}

    /// Takes what was said of a run, and drops the runs that are in no lease any more.
    ///
    /// - Parameter live: the runs that are leased.
    public func set(_ run: UInt64, _ progress: Progress, live: Set<UInt64>) {
        entries.withLock { entries in
            entries[run] = progress
            if entries.count > live.count { entries = entries.filter { live.contains($0.key) } }
        }
    }

    /// What was said of a run under a lease; nil for nothing.
    public func progress(ofRun run: UInt64, token: UInt64) -> Progress? {
        entries.withLock { $0[run] }.flatMap { $0.token == token ? $0 : nil }
    }
}
