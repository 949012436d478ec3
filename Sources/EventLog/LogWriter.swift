import Dispatch
import Synchronization

/// The log as many callers share it: one thread writes, and what was queued while the last sync ran
/// becomes the next batch.
///
/// - `append` never blocks; it gives the place of the decision in the log, or refuses.
/// - A decision is durable once `durableThrough` has reached its last sequence. Three ways to know:
///   `durable(_:)`, `onDurable`, and asking.
/// - If writing fails, everyone who waits hears `outcomeUnknown`, and so does everyone who comes
///   later; then `onFatal` is called, where a process ends itself.
public final class LogWriter: Sendable {
    /// The bounds of the queue.
    public struct Limits: Sendable, Hashable {
        /// The bytes that may wait: 16 MiB, four of the largest writes, which any disk that is fit
        /// for this takes in well under a second.
        public var queueByteCount = 16 * 1_024 * 1_024
        /// The records that may wait: as many as one second of the fastest disk's.
        public var queueRecordCount = 1_000_000
        /// The callers that may wait for room in the queue.
        public var roomWaiterCount = 65_536
        /// How long the log is idle before a commit mark is written.
        public var idleMarkMilliseconds = 20

        /// The usual bounds.
        public init() {}
    }

    /// What a writer calls, on its own thread.
    public struct Callbacks: Sendable {
        /// Called each time that more has become durable, with the last durable sequence.
        ///
        /// It delays the next batch, so it should only pass the news on.
        public var onDurable: (@Sendable (SequenceNumber) -> Void)?
        /// Called when the room on the log's disk becomes low, full or ample.
        public var onSpace: (@Sendable (LogSpaceReport) -> Void)?
        /// Called when a segment became full, so that it can be sealed.
        public var onRoll: (@Sendable () -> Void)?
        /// Called once if the log has failed, after everyone who waits was told.
        public var onFatal: (@Sendable (EventLogError) -> Void)?

        /// Callbacks, or none.
        public init(
            onDurable: (@Sendable (SequenceNumber) -> Void)? = nil,
            onSpace: (@Sendable (LogSpaceReport) -> Void)? = nil,
            onRoll: (@Sendable () -> Void)? = nil,
            onFatal: (@Sendable (EventLogError) -> Void)? = nil
        ) {
            self.onDurable = onDurable
            self.onSpace = onSpace
            self.onRoll = onRoll
            self.onFatal = onFatal
        }
    }

    let core: WriterCore
    private let thread: LogThread
    /// What opening found.
    public let recovery: RecoveryReport
    /// The identity of the log.
    public let identity: LogIdentity
    /// How many times this log was opened for writing.
    public let term: UInt64
    /// The largest decision, in bytes.
    public let decisionByteCountMax: Int

    /// Takes over an open log and starts its thread.
    public init(
        _ store: consuming sending LogStore, limits: Limits = Limits(),
        callbacks: Callbacks = Callbacks()
    ) throws(EventLogError) {
        recovery = store.recovery
        identity = store.identity
        term = store.term
        decisionByteCountMax = store.configuration.decisionByteCountMax
        let core = WriterCore(store, limits: limits, callbacks: callbacks)
        self.core = core
        thread = try LogThread { core.run() }
    }

    deinit { _ = try? close() }

    /// Opens the log in a data folder and starts its thread; see `LogStore.open`.
    public static func open(
        folder: String, disk: any Disk = RealDisk(),
        configuration: LogConfiguration = LogConfiguration(), sources: LogSources = .system,
        evidence: [DurabilityClaim] = [], limits: Limits = Limits(),
        callbacks: Callbacks = Callbacks()
    ) throws(EventLogError) -> LogWriter {
        let store = try LogStore.open(
            folder: folder, disk: disk, configuration: configuration, sources: sources,
            evidence: evidence)
        return try LogWriter(store, limits: limits, callbacks: callbacks)
    }

    /// The last durable sequence, or nil while there is none.
    public var durableThrough: SequenceNumber? {
        SequenceNumber(core.durableEnd.load(ordering: .acquiring)).previous
    }

    /// The sequence that the next decision gets.
    public var nextSequence: SequenceNumber {
        core.state.withLock { SequenceNumber($0.nextSequence) }
    }

    /// The number of batches written so far, without commit marks.
    public var batchCount: Int { core.batchCount.load(ordering: .relaxed) }

    /// How many callers wait for room in the queue.
    package var roomWaiterCount: Int { core.state.withLock { $0.roomWaiters.count } }

    /// Queues a decision.
    ///
    /// Does not block, and may be called from any thread.
    ///
    /// - Parameter decision: a row of `varint length, bytes`.
    /// - Parameter recordCount: the number of records in it.
    /// - Parameter expectedFirst: the sequence that the caller has given to the first record, where
    ///   one caller numbers all; nil where the log does.
    /// - Parameter callerCount: how many wait for it and come back when they are told, whom the
    ///   next batch may wait for.
    /// - Precondition: `expectedFirst` is the next sequence.
    /// - Throws: `recordTooLarge`, `decisionTooLarge`, `decisionMalformed`, `queueFull`: nothing
    ///   was queued. `closed`; `outcomeUnknown` once the log has failed. Where the disk is full the
    ///   queue fills; it goes on by itself when there is room again.
    public func append(
        _ decision: RawSpan, recordCount: Int, expectedFirst: SequenceNumber? = nil,
        callerCount: Int = 0
    ) throws(EventLogError) -> LogTicket {
        try core.check(decision, recordCount: recordCount)
        return try core.append(
            decision, recordCount: recordCount, expectedFirst: expectedFirst,
            callerCount: callerCount)
    }

    /// Waits until a decision that was appended is durable.
    ///
    /// - Throws: `outcomeUnknown` or `noSpace` if the log failed before it was.
    public func durable(_ ticket: LogTicket) async throws(EventLogError) {
        try await core.waitUntilDurable(ticket)
    }

    /// Appends a decision, waiting for room in the queue if need be, and returns once it is
    /// durable.
    ///
    /// For many concurrent callers: the log numbers the records, in the order in which the calls
    /// found the queue. A caller that is cancelled does not take its records back.
    /// - Throws: as `append` and `durable` do; `queueFull` only if too many wait for room already.
    public func appendDurably(
        _ decision: [UInt8], recordCount: Int = 1
    ) async throws(EventLogError) -> LogTicket {
        // Safe: the bytes of an array that lives to the end of the call.
        try core.check(unsafe decision.span.bytes, recordCount: recordCount)
        return try await core.appendDurably(decision, recordCount: recordCount)
    }

    /// The tree over all records that are durable now.
    ///
    /// - Throws: `closed` after `close`, which gives it itself; `outcomeUnknown` or `noSpace` once
    ///   the log has failed.
    public func treeHead() async throws(EventLogError) -> TreeHead { try await core.treeHead() }

    /// Writes what is queued and a commit mark, and ends the thread.
    ///
    /// Blocks until then.
    ///
    /// Calling it again does nothing.
    /// - Returns: the tree over all records.
    /// - Throws: what the log failed with; `noSpace` where what was queued found no room.
    @discardableResult
    public func close() throws(EventLogError) -> TreeHead {
        core.beginClosing()
        thread.join()
        let (status, head) = core.state.withLock { ($0.status, $0.closedHead) }
        if case .failed(let error) = status { throw error }
        guard let head else { throw .closed }
        return head
    }
}
