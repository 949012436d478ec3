import Dispatch
import Synchronization

/// The part of a writer that its thread keeps alive: what callers do here, what the thread does in
/// `WriterCore+Thread.swift`.
final class WriterCore: Sendable {
    let state: Mutex<WriterState>
    /// The number of durable records.
    ///
    /// Written by the thread, read by anyone.
    let durableEnd: Atomic<UInt64>
    let batchCount = Atomic<Int>(0)
    /// Held by the thread for as long as it runs.
    let store: Mutex<LogStore?>
    let signal = DispatchSemaphore(value: 0)
    let callbacks: LogWriter.Callbacks
    let configuration: LogConfiguration
    let idleMarkMilliseconds: Int
    /// Raised when something was queued, for a thread that looks before it sleeps.
    let isQueued = Atomic<Bool>(false)

    init(
        _ store: consuming sending LogStore, limits: LogWriter.Limits,
        callbacks: LogWriter.Callbacks
    ) {
        let next = store.nextSequence.rawValue
        configuration = store.configuration
        state = Mutex(
            WriterState(
                nextSequence: next, limits: limits,
                writeByteCount: store.configuration.decisionByteCountMax))
        durableEnd = Atomic(next)
        idleMarkMilliseconds = limits.idleMarkMilliseconds
        self.callbacks = callbacks
        self.store = Mutex(store)
    }

    // MARK: for callers

    func check(_ decision: RawSpan, recordCount: Int) throws(EventLogError) {
        try LogStore.check(decision, recordCount: recordCount, configuration: configuration)
    }

    func append(
        _ decision: RawSpan, recordCount: Int, expectedFirst: SequenceNumber?,
        callerCount: Int
    ) throws(EventLogError) -> LogTicket {
        let leaves = leaves(of: decision, recordCount: recordCount)
        let (ticket, wakes) = try state.withLock {
            state throws(EventLogError) -> (LogTicket, Bool) in
            if let refusal = state.refusal { throw refusal }
            precondition(
                expectedFirst == nil || expectedFirst?.rawValue == state.nextSequence,
                "one caller numbers the records, and its number is the next")
            let hasRoom = state.hasRoom(byteCount: decision.byteCount, recordCount: recordCount)
            guard hasRoom, state.roomWaiters.isEmpty else {
                throw state.fullness
            }
            let ticket = state.enqueue(decision, recordCount: recordCount, leaves)
            state.queue.callerCount += callerCount
            return (ticket, state.takeSleeper())
        }
        announceQueued(wakes: wakes)
        return ticket
    }

    /// Hashes the records on the caller's thread, before it takes the lock.
    private func leaves(of decision: RawSpan, recordCount: Int) -> WriterState.Leaves {
        let scratch = recordCount > 1 ? state.withLock { $0.takeScratch() } : []
        return WriterState.Leaves(decision, recordCount: recordCount, using: scratch)
    }

    private func announceQueued(wakes: Bool) {
        isQueued.store(true, ordering: .releasing)
        if wakes { signal.signal() }
    }

    /// The tree over all that is durable, from between two batches.
    func treeHead() async throws(EventLogError) -> TreeHead {
        // Safe: the waiter is resumed once, by the thread, or here if it has ended.
        let head: TreeHead? = unsafe await withUnsafeContinuation { continuation in
            let wakes = state.withLock { state -> Bool? in
                guard state.refusal == nil else { return nil }
                state.headWaiters.append(unsafe WriterState.HeadWaiter(continuation))
                defer { state.isSleeping = false }
                return state.isSleeping
            }
            guard let wakes else {
                unsafe continuation.resume(returning: nil)
                return
            }
            announceQueued(wakes: wakes)
        }
        guard let head else { throw failure }
        return head
    }

    func waitUntilDurable(_ ticket: LogTicket) async throws(EventLogError) {
        let end = ticket.last.rawValue + 1
        if durableEnd.load(ordering: .acquiring) >= end { return }
        // Safe: the waiter is resumed once, here or by whoever takes it from the list; unchecked,
        // since a checked continuation allocates for each append.
        let answer = unsafe await withUnsafeContinuation { continuation in
            let waiter = unsafe WriterQueue.Waiter(ticket, continuation)
            let isDurable = state.withLock { state -> Bool? in
                if self.durableEnd.load(ordering: .acquiring) >= end { return true }
                if case .failed = state.status { return false }
                state.lateWaiters.append(waiter)
                return nil
            }
            if let isDurable { waiter.resume(isDurable: isDurable) }
        }
        if answer == WriterQueue.Waiter.failed { throw failure }
    }

    func appendDurably(
        _ decision: [UInt8], recordCount: Int
    ) async throws(EventLogError) -> LogTicket {
        var refusal: EventLogError?
        // Safe: the bytes of an array that lives to the end of the call.
        let leaves = leaves(of: unsafe decision.span.bytes, recordCount: recordCount)
        // Safe: as above: one resume, by the queue or by the refusal.
        let first = unsafe await withUnsafeContinuation { continuation in
            let waiter = unsafe WriterQueue.Waiter(nil, continuation)
            let wakes = state.withLock { state in
                refusal = state.enqueue(decision, recordCount, leaves, waiter)
                return state.takeSleeper()
            }
            announceQueued(wakes: wakes)
            if refusal != nil { waiter.resume(isDurable: false) }
        }
        if let refusal { throw refusal }
        if first == WriterQueue.Waiter.failed { throw failure }
        return LogTicket(first: SequenceNumber(first), count: recordCount)
    }

    /// Why waiters were let down.
    private var failure: EventLogError {
        state.withLock { $0.refusal } ?? .closed
    }

    func beginClosing() {
        state.withLock { state in
            if case .running = state.status { state.status = .closing }
        }
        signal.signal()
    }
}
