import Dispatch
import EventLog
import Projections
import Synchronization

/// A log that is written on a thread of its own and, where wanted, sealed on another, while the
/// maker goes on.
///
/// Batches are written as they come, one after the other, so that the same batches give the same
/// segments. Both threads are bounded: the maker waits when `batchesMax` are queued, the writer
/// when `segmentsMax` wait to be sealed. An error ends the writing; whoever calls next hears of it.
final class BackgroundSink: BatchSink, Sendable {
    /// Some 32 MiB at a MiB each.
    private static let batchesMax = 32
    /// Unsealed segments beside the one that is written: 256 MiB.
    private static let segmentsMax = 4

    private enum Job: Sendable {
        case write([UInt8], recordCount: Int)
        case reopen
        case settle
        case close
    }

    private struct State {
        var jobs: [Job] = []
        var identity: LogIdentity?
        var term: UInt64 = 0
        var head: TreeHead?
        var failure: (any Error)?
        var sealedByteCount = 0
    }

    private let place: LogPlace
    private let isSealing: Bool
    private let state = Mutex(State())
    private let threads = Mutex<[LogThread]>([])
    private let isClosed = Mutex(false)
    /// How many more batches may be queued, and how many are.
    private let free = DispatchSemaphore(value: BackgroundSink.batchesMax)
    private let queued = DispatchSemaphore(value: 0)
    /// Signalled after each job that someone waits for.
    private let answered = DispatchSemaphore(value: 0)
    /// How many more segments may wait to be sealed, and how many do.
    private let room = DispatchSemaphore(value: BackgroundSink.segmentsMax)
    private let full = DispatchSemaphore(value: 0)
    private let isEnding = Atomic(false)

    /// Opens the log and starts the threads.
    init(_ place: LogPlace, seals: Bool) throws {
        self.place = place
        isSealing = seals
        let writing = try LogThread { [self] in write() }
        threads.withLock { $0.append(writing) }
        answered.wait()
        if let failure = state.withLock({ $0.failure }) {
            writing.join()
            throw failure
        }
        if seals {
            let sealing = try LogThread { [self] in seal() }
            threads.withLock { $0.append(sealing) }
        }
    }

    var identity: LogIdentity {
        state.withLock { $0.identity } ?? LogIdentity(low: 0, high: 0)
    }

    var term: UInt64 { state.withLock { $0.term } }

    func write(_ body: [UInt8], recordCount: Int) throws {
        free.wait()
        do {
            try put(.write(body, recordCount: recordCount))
        } catch {
            free.signal()
            throw error
        }
    }

    func reopen() throws {
        try put(.reopen)
        try waitForAnswer()
    }

    func settle() throws -> TreeHead {
        try put(.settle)
        try waitForAnswer()
        guard let head = state.withLock({ $0.head }) else {
            throw BenchFailure(description: "the log is closed")
        }
        return head
    }

    /// Closes the log and ends both threads; what is full is sealed first.
    func close() throws {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        state.withLock { $0.jobs.append(.close) }
        queued.signal()
        answered.wait()
        isEnding.store(true, ordering: .releasing)
        full.signal()
        for thread in threads.withLock({ $0 }) { thread.join() }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private func put(_ job: Job) throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        state.withLock { $0.jobs.append(job) }
        queued.signal()
    }

    private func waitForAnswer() throws {
        answered.wait()
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private func fail(_ error: any Error) {
        state.withLock { state in
            if state.failure == nil { state.failure = error }
        }
    }

    // MARK: the writing thread

    private func open() throws(EventLogError) -> LogStore {
        let store = try place.open()
        state.withLock { state in
            state.identity = store.identity
            state.term = store.term
        }
        return store
    }

    private func write() {
        var store: LogStore?
        do throws(EventLogError) { store = try open() } catch { fail(error) }
        let isOpen = store != nil
        answered.signal()
        guard isOpen else { return }
        while true {
            queued.wait()
            let job = state.withLock { $0.jobs.removeFirst() }
            let isClosing = if case .close = job { true } else { false }
            do throws(EventLogError) { try carryOut(job, &store) } catch { fail(error) }
            if case .write = job { free.signal() } else { answered.signal() }
            if isClosing { return }
        }
    }

    private func carryOut(_ job: Job, _ store: inout LogStore?) throws(EventLogError) {
        switch job {
        case .write(let body, let recordCount):
            // After a failure batches are taken and dropped, so that nobody waits for ever.
            if state.withLock({ $0.failure != nil }) { return }
            let before = store?.segmentFirstSequence
            _ = try store?.write(body.span.bytes, recordCount: recordCount)
            if store?.segmentFirstSequence != before { segmentIsFull() }
        case .settle:
            let head = store?.treeHead
            state.withLock { $0.head = head }
        case .reopen:
            try end(&store, sealsLast: false)
            store = try open()
        case .close:
            try end(&store, sealsLast: isSealing)
        }
    }

    /// Closes the log while no segment is being sealed: an opening removes what sealing left
    /// unfinished, which it must not do to one that is under way.
    private func end(_ store: inout LogStore?, sealsLast: Bool) throws(EventLogError) {
        if sealsLast, state.withLock({ $0.failure == nil }), try store?.endSegment() == true {
            segmentIsFull()
        }
        if let open = store.take() { try open.close() }
        for _ in 0..<Self.segmentsMax { room.wait() }
        for _ in 0..<Self.segmentsMax { room.signal() }
    }

    private func segmentIsFull() {
        guard isSealing else { return }
        room.wait()
        full.signal()
    }

    // MARK: the sealing thread

    private func seal() {
        while true {
            full.wait()
            if isEnding.load(ordering: .acquiring) { return }
            do { try sealOldest() } catch { fail(error) }
            room.signal()
        }
    }

    private func sealOldest() throws {
        let pending = try SegmentSealing.pending(folder: place.folder, disk: place.disk)
        guard let segment = pending.first, state.withLock({ $0.failure == nil }) else { return }
        let sealing = SegmentSealing(
            segment: segment, folder: place.folder, disk: place.disk,
            vocabulary: EventVocabulary())
        let outcome = try sealing.run()
        if let failure = outcome.indexFailure { throw BenchFailure(description: failure) }
        state.withLock { $0.sealedByteCount += outcome.storedByteCount }
    }
}
