import Dispatch
import Synchronization

/// The part of a writer that its thread keeps alive.
final class WriterCore: Sendable {
    let state: Mutex<WriterState>
    /// The number of durable records.
    ///
    /// Written by the thread, read by anyone.
    let durableEnd: Atomic<UInt64>
    let batchCount = Atomic<Int>(0)
    /// Held by the thread for as long as it runs.
    private let store: Mutex<LogStore?>
    private let signal = DispatchSemaphore(value: 0)
    private let callbacks: LogWriter.Callbacks
    private let configuration: LogConfiguration
    private let idleMarkMilliseconds: Int

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
        _ decision: RawSpan, recordCount: Int, expectedFirst: SequenceNumber?
    ) throws(EventLogError) -> LogTicket {
        let (ticket, wakes) = try state.withLock {
            state throws(EventLogError) -> (LogTicket, Bool) in
            if let refusal = state.refusal { throw refusal }
            precondition(
                expectedFirst == nil || expectedFirst?.rawValue == state.nextSequence,
                "one caller numbers the records, and its number is the next")
            let hasRoom = state.hasRoom(byteCount: decision.byteCount, recordCount: recordCount)
            guard hasRoom, state.roomWaiters.isEmpty else {
                throw .queueFull(
                    "\(state.queue.byteCount) bytes and \(state.queue.recordCount) records wait")
            }
            let ticket = state.enqueue(decision, recordCount: recordCount)
            return (ticket, state.takeSleeper())
        }
        if wakes { signal.signal() }
        return ticket
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
        // Safe: as above: one resume, by the queue or by the refusal.
        let first = unsafe await withUnsafeContinuation { continuation in
            let waiter = unsafe WriterQueue.Waiter(nil, continuation)
            let wakes = state.withLock { state in
                refusal = state.enqueue(decision, recordCount, waiter)
                return state.takeSleeper()
            }
            if wakes { signal.signal() }
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

    // MARK: the thread

    /// Writes until it is closed or fails.
    func run() {
        store.withLock { store in
            guard var open = store.take() else { return }
            do throws(EventLogError) {
                try writeAll(&open)
                try open.close()
                state.withLock { $0.status = .closed }
            } catch {
                fail(error)
            }
        }
    }

    private func writeAll(_ store: inout LogStore) throws(EventLogError) {
        var batch = WriterQueue()
        var gathering = Gathering()
        let preparing = BackgroundPreparation()
        defer { preparing.finish(&store) }
        while true {
            switch takeQueue(&batch, gathering.wanted, isMarkDue: store.isMarkDue) {
            case .close: return
            case .gather:
                let outcome = signal.wait(timeout: gathering.deadline())
                gathering.end(isComplete: outcome == .success)
            case .sleep(let deadline):
                if signal.wait(timeout: deadline) == .timedOut { try store.commitMark() }
            case .write:
                let start = DispatchTime.now()
                let waiterCount = batch.waiters.count
                try write(&batch, &store, preparing)
                gathering.begin(waiterCount: waiterCount, since: start)
            }
        }
    }

    private enum Next {
        case write
        /// Wait a little for those who were just told, since they are likely to come back.
        case gather
        case sleep(DispatchTime)
        case close
    }

    private func takeQueue(
        _ batch: inout WriterQueue, _ gathered: Int, isMarkDue: Bool
    ) -> Next {
        state.withLock { state in
            state.isSleeping = false
            if gathered > state.queue.recordCount, case .running = state.status {
                state.isSleeping = true
                state.wakeRecordCount = gathered
                return .gather
            }
            state.wakeRecordCount = 1
            guard state.queue.isEmpty else {
                swap(&state.queue, &batch)
                state.admitRoomWaiters()
                return .write
            }
            if case .closing = state.status { return .close }
            state.isSleeping = true
            return .sleep(isMarkDue ? .now() + .milliseconds(idleMarkMilliseconds) : .distantFuture)
        }
    }

    private func write(
        _ batch: inout WriterQueue, _ store: inout LogStore, _ preparing: BackgroundPreparation
    ) throws(EventLogError) {
        var offset = 0
        var nextWaiter = 0
        defer { batch.reset() }
        do throws(EventLogError) {
            for chunk in batch.chunks {
                preparing.advance(&store, bodyByteCount: chunk.byteCount)
                let body = batch.bytes.bytes.extracting(offset..<(offset + chunk.byteCount))
                let ticket = try store.writeChecked(body, recordCount: chunk.recordCount)
                offset += chunk.byteCount
                batchCount.add(1, ordering: .relaxed)
                announce(ticket.last, batch.waiters, &nextWaiter)
            }
        } catch {
            // These are no longer in the queue, so no one else tells them.
            let waiters = batch.waiters[nextWaiter...]
            state.withLock { $0.lateWaiters.append(contentsOf: waiters) }
            throw error
        }
    }

    /// Everything through `last` is durable: tells everyone who waits for it.
    private func announce(
        _ last: SequenceNumber, _ waiters: [WriterQueue.Waiter], _ nextWaiter: inout Int
    ) {
        let end = last.rawValue + 1
        durableEnd.store(end, ordering: .releasing)
        let late = state.withLock { $0.takeLateWaiters(durableEnd: end) }
        callbacks.onDurable?(last)
        while nextWaiter < waiters.count, waiters[nextWaiter].end <= end {
            waiters[nextWaiter].resume(isDurable: true)
            nextWaiter += 1
        }
        for waiter in late { waiter.resume(isDurable: true) }
    }

    private func fail(_ error: EventLogError) {
        let waiters = state.withLock { $0.fail(error) }
        for waiter in waiters { waiter.resume(isDurable: false) }
        callbacks.onFatal?(error)
    }
}
