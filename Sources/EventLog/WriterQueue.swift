/// Decisions that wait for their batch, in order, as the bytes that the batch will have.
struct WriterQueue: ~Copyable, Sendable {
    /// Whole decisions that go into one write.
    struct Chunk: Sendable {
        var byteCount: Int
        var recordCount: Int
    }

    /// Someone who waits until a sequence is durable.
    @safe
    struct Waiter: Sendable {
        var first: UInt64
        /// The sequence after the last one that is waited for.
        var end: UInt64
        private let continuation: UnsafeContinuation<UInt64, Never>

        /// What a waiter gets instead of its sequence when the log has failed.
        static let failed = UInt64.max

        /// Someone who waits for a ticket, or does not have one yet.
        init(_ ticket: LogTicket?, _ continuation: UnsafeContinuation<UInt64, Never>) {
            first = ticket?.first.rawValue ?? Self.failed
            end = ticket.map { $0.last.rawValue + 1 } ?? Self.failed
            // Safe: kept until `resume`, which whoever owns the waiter calls once.
            unsafe self.continuation = unsafe continuation
        }

        /// Gives it the ticket that it waits for.
        mutating func take(_ ticket: LogTicket) {
            first = ticket.first.rawValue
            end = ticket.last.rawValue + 1
        }

        /// Safe: a waiter is taken out of its queue, under the lock, before it is resumed, so each
        /// is resumed once.
        func resume(isDurable: Bool) {
            unsafe continuation.resume(returning: isDurable ? first : Self.failed)
        }
    }

    private(set) var bytes = ByteBlock(byteCount: 64 * LogFormat.blockByteCount)
    private(set) var byteCount = 0
    private(set) var recordCount = 0
    private(set) var chunks: [Chunk] = []
    /// The leaf of each record, in order: whoever queued it made it.
    private(set) var leaves: [TreeHash] = []
    /// Those who wait for these decisions, in order.
    var waiters: [Waiter] = []

    /// How many wait for them elsewhere, for whoever appended them.
    var callerCount = 0

    var isEmpty: Bool { chunks.isEmpty }

    /// Adds a decision, which is at most `writeByteCount` long, but for its leaves.
    mutating func append(_ decision: RawSpan, recordCount count: Int, writeByteCount: Int) {
        reserve(byteCount + decision.byteCount)
        bytes.copy(decision, to: byteCount)
        byteCount += decision.byteCount
        recordCount += count
        if let last = chunks.indices.last,
            chunks[last].byteCount + decision.byteCount <= writeByteCount
        {
            chunks[last].byteCount += decision.byteCount
            chunks[last].recordCount += count
        } else {
            chunks.append(Chunk(byteCount: decision.byteCount, recordCount: count))
        }
    }

    /// Adds the leaf of the next record that has none yet.
    mutating func append(leaf: TreeHash) { leaves.append(leaf) }

    /// Adds the leaves of the records that have none yet.
    mutating func append(leaves more: [TreeHash]) { leaves.append(contentsOf: more) }

    /// Empties the queue and keeps its memory.
    mutating func reset() {
        byteCount = 0
        recordCount = 0
        chunks.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        waiters.removeAll(keepingCapacity: true)
        callerCount = 0
    }

    private mutating func reserve(_ wanted: Int) {
        guard wanted > bytes.byteCount else { return }
        var larger = ByteBlock(byteCount: max(2 * bytes.byteCount, LogFormat.roundUp(wanted)))
        larger.copy(bytes.bytes.extracting(0..<byteCount), to: 0)
        bytes = larger
    }
}
