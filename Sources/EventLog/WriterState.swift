/// What the callers of a `LogWriter` and its thread share, under one lock.
///
/// It decides; it never blocks, writes or resumes anyone: that is for who holds the lock to do
/// after.
struct WriterState: ~Copyable {
    enum Status {
        case running
        case closing
        case closed
        case failed(EventLogError)
    }

    /// A decision that waits for room in the queue, and then for its sync.
    struct RoomWaiter {
        let decision: [UInt8]
        let leaves: Leaves
        let recordCount: Int
        var waiter: WriterQueue.Waiter
    }

    /// Someone who asks for the tree.
    @safe
    struct HeadWaiter: Sendable {
        private let continuation: UnsafeContinuation<TreeHead?, Never>

        init(_ continuation: UnsafeContinuation<TreeHead?, Never>) {
            // Safe: kept until `resume`, which whoever took the waiter out of its list calls once.
            unsafe self.continuation = unsafe continuation
        }

        /// Safe: a waiter is taken out of its list, under the lock, before it is resumed.
        func resume(_ head: TreeHead?) { unsafe continuation.resume(returning: head) }
    }

    var status = Status.running
    var queue = WriterQueue()
    var nextSequence: UInt64
    /// Those who wait for a ticket that they got earlier.
    var lateWaiters: [WriterQueue.Waiter] = []
    /// In the order of their arrival, which is the order that they get their sequences in.
    var roomWaiters: [RoomWaiter] = []
    var headWaiters: [HeadWaiter] = []
    private var scratches: [[TreeHash]] = []
    /// The tree at the end, once the log was closed.
    var closedHead: TreeHead?
    /// Whether nothing can be written until there is room on the disk.
    var isOutOfSpace = false
    /// Whether the thread waits for a signal.
    var isSleeping = false
    /// How many records must be queued before the thread is woken.
    var wakeRecordCount = 1
    let limits: LogWriter.Limits
    let writeByteCount: Int

    init(nextSequence: UInt64, limits: LogWriter.Limits, writeByteCount: Int) {
        self.nextSequence = nextSequence
        self.limits = limits
        self.writeByteCount = writeByteCount
    }

    /// Why nothing can be appended, or nil.
    var refusal: EventLogError? {
        switch status {
        case .running: nil
        case .closing, .closed: .closed
        case .failed(let error): error
        }
    }

    func hasRoom(byteCount: Int, recordCount: Int) -> Bool {
        // A decision always fits an empty queue.
        queue.isEmpty
            || (queue.byteCount + byteCount <= limits.queueByteCount
                && queue.recordCount + recordCount <= limits.queueRecordCount)
    }

    /// Takes out those who ask for the tree.
    mutating func takeHeadWaiters() -> [HeadWaiter] {
        defer { headWaiters.removeAll() }
        return headWaiters
    }

    /// Why the queue takes no more.
    var fullness: EventLogError {
        let waiting = "\(queue.byteCount) bytes and \(queue.recordCount) records wait"
        return .queueFull(isOutOfSpace ? waiting + " for room on the disk" : waiting)
    }

    /// The leaves of a decision, made by its caller: hashing is a good part of the work, and there
    /// are more callers than writers.
    enum Leaves {
        /// Of a decision of one record, which needs no memory of its own.
        case one(TreeHash)
        case several([TreeHash])

        /// Hashes the records of a decision that was checked.
        init(_ decision: RawSpan, recordCount: Int, using scratch: consuming [TreeHash]) {
            var splitter = RecordSplitter(decision)
            if recordCount == 1, let place = splitter.nextChecked(in: decision) {
                self = .one(TreeHash.leaf(decision.extracting(place)))
                return
            }
            scratch.reserveCapacity(recordCount)
            while let place = splitter.nextChecked(in: decision) {
                scratch.append(TreeHash.leaf(decision.extracting(place)))
            }
            self = .several(scratch)
        }
    }

    /// Memory for the leaves of decisions of several records.
    mutating func takeScratch() -> [TreeHash] { scratches.popLast() ?? [] }

    private mutating func give(back leaves: Leaves) {
        guard case .several(var scratch) = leaves, scratches.count < Self.scratchCountMax else {
            return
        }
        scratch.removeAll(keepingCapacity: true)
        scratches.append(scratch)
    }

    /// As many as callers are likely to hash at once.
    private static let scratchCountMax = 8

    /// Queues a decision and gives it its sequences.
    mutating func enqueue(
        _ decision: RawSpan, recordCount: Int, _ leaves: consuming Leaves
    ) -> LogTicket {
        queue.append(decision, recordCount: recordCount, writeByteCount: writeByteCount)
        switch leaves {
        case .one(let leaf): queue.append(leaf: leaf)
        case .several(let several): queue.append(leaves: several)
        }
        give(back: leaves)
        let first = nextSequence
        nextSequence += UInt64(recordCount)
        return LogTicket(first: SequenceNumber(first), count: recordCount)
    }

    /// Whether the thread must be woken for what was queued; asked once.
    mutating func takeSleeper() -> Bool {
        guard isSleeping, queue.recordCount >= wakeRecordCount else { return false }
        isSleeping = false
        return true
    }

    /// Queues as many of those who wait for room as now fit, in order.
    mutating func admitRoomWaiters() {
        var admitted = 0
        for var waiting in roomWaiters {
            let count = waiting.recordCount
            guard hasRoom(byteCount: waiting.decision.count, recordCount: count) else { break }
            // Safe: the bytes of an array that lives to the end of the call.
            let ticket = enqueue(
                unsafe waiting.decision.span.bytes, recordCount: count, waiting.leaves)
            waiting.waiter.take(ticket)
            queue.waiters.append(waiting.waiter)
            admitted += 1
        }
        roomWaiters.removeFirst(admitted)
    }

    /// Takes out the late waiters whose sequences are durable.
    mutating func takeLateWaiters(durableEnd: UInt64) -> [WriterQueue.Waiter] {
        guard !lateWaiters.isEmpty else { return [] }
        let done = lateWaiters.filter { $0.end <= durableEnd }
        if !done.isEmpty { lateWaiters.removeAll { $0.end <= durableEnd } }
        return done
    }

    /// Ends in failure, and takes out everyone who waits.
    mutating func fail(_ error: EventLogError) -> [WriterQueue.Waiter] {
        status = .failed(error)
        let waiters = queue.waiters + lateWaiters + roomWaiters.map(\.waiter)
        queue.reset()
        lateWaiters.removeAll()
        roomWaiters.removeAll()
        return waiters
    }

    /// Queues a decision with its waiter, or the waiter alone until there is room.
    ///
    /// - Returns: why neither is possible, or nil.
    mutating func enqueue(
        _ decision: [UInt8], _ recordCount: Int, _ leaves: Leaves, _ waiter: WriterQueue.Waiter
    ) -> EventLogError? {
        if let refusal { return refusal }
        var waiter = waiter
        if roomWaiters.isEmpty, hasRoom(byteCount: decision.count, recordCount: recordCount) {
            // Safe: the bytes of an array that lives to the end of the call.
            waiter.take(enqueue(unsafe decision.span.bytes, recordCount: recordCount, leaves))
            queue.waiters.append(waiter)
            return nil
        }
        guard roomWaiters.count < limits.roomWaiterCount else {
            return .queueFull("\(limits.roomWaiterCount) callers wait for room already")
        }
        roomWaiters.append(
            .init(decision: decision, leaves: leaves, recordCount: recordCount, waiter: waiter))
        return nil
    }
}
