import CChecksum
import Dispatch
import Synchronization

// What the writer's thread does, and no other.

extension WriterCore {
    /// What the thread has at hand.
    private struct Work: ~Copyable {
        var batch = WriterQueue()
        var gathering = Gathering()
        let preparing = BackgroundPreparation()
        var watch: SpaceWatch
    }

    /// Writes until it is closed or fails.
    func run() {
        store.withLock { store in
            guard var open = store.take() else { return }
            do throws(EventLogError) {
                try writeAll(&open)
                let head = try open.close()
                let waiters = state.withLock { state in
                    state.closedHead = head
                    state.status = .closed
                    return state.takeHeadWaiters()
                }
                for waiter in waiters { waiter.resume(head) }
            } catch {
                fail(error)
            }
        }
    }

    private func writeAll(_ store: inout LogStore) throws(EventLogError) {
        var work = Work(watch: SpaceWatch(configuration))
        defer { work.preparing.finish(&store) }
        var recentWaiterCount = 0
        while true {
            switch takeQueue(&work.batch, work.gathering.wanted, isMarkDue: store.isMarkDue) {
            case .close: return
            case .heads(let waiters):
                for waiter in waiters { waiter.resume(store.treeHead) }
            case .gather:
                let outcome = signal.wait(timeout: work.gathering.deadline())
                work.gathering.end(isComplete: outcome == .success)
            case .idle:
                isQueued.store(false, ordering: .releasing)
                if !lookAWhile(for: recentWaiterCount) { try rest(&store, &work) }
            case .write:
                let start = DispatchTime.now()
                recentWaiterCount = work.batch.waiters.count
                let callerCount = recentWaiterCount + work.batch.callerCount
                look(&work.watch, store)
                try write(&store, &work)
                work.gathering.begin(waiterCount: callerCount, since: start)
            }
        }
    }

    private enum Next {
        case write
        /// Wait a little for those who were just told, since they are likely to come back.
        case gather
        /// Somebody asks for the tree.
        case heads([WriterState.HeadWaiter])
        case idle
        case close
    }

    private func takeQueue(
        _ batch: inout WriterQueue, _ gathered: Int, isMarkDue: Bool
    ) -> Next {
        state.withLock { state in
            state.isSleeping = false
            if !state.headWaiters.isEmpty { return .heads(state.takeHeadWaiters()) }
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
            return .idle
        }
    }

    /// Looks for what a few callers, who were just told, bring back: waking a thread costs two
    /// callers of the system and some 10 µs, a good part of a sync.
    ///
    /// - Returns: whether something came.
    private func lookAWhile(for waiterCount: Int) -> Bool {
        guard (1..<Gathering.waiterCountMin).contains(waiterCount) else { return false }
        let end = DispatchTime.now().uptimeNanoseconds + Self.lookNanoseconds
        while DispatchTime.now().uptimeNanoseconds < end {
            for _ in 0..<32 {
                if isQueued.load(ordering: .acquiring) { return true }
                daybook_relax()
            }
        }
        return false
    }

    /// Twice what a caller that comes back at once takes.
    private static let lookNanoseconds: UInt64 = 30_000

    /// Rests until something is queued; writes a mark when it is idle.
    private func rest(_ store: inout LogStore, _ work: inout Work) throws(EventLogError) {
        let maySleep = state.withLock { state in
            guard state.queue.isEmpty, state.headWaiters.isEmpty, case .running = state.status
            else { return false }
            state.isSleeping = true
            return true
        }
        guard maySleep else { return }
        var deadline = DispatchTime.distantFuture
        var isForMark = false
        if work.watch.isShort {
            deadline = .now() + .milliseconds(SpaceWatch.lookMilliseconds)
        }
        if store.isMarkDue, !work.watch.isOutOfSegments, idleMarkDeadline() < deadline {
            deadline = idleMarkDeadline()
            isForMark = true
        }
        guard signal.wait(timeout: deadline) == .timedOut else { return }
        look(&work.watch, store)
        guard isForMark || work.watch.isOutOfSegments else { return }
        do throws(EventLogError) {
            try store.commitMark()
            noteRoom(&work.watch, store)
        } catch {
            // A mark only adds evidence: without room for a segment it waits.
            guard error.code == .noSpace else { throw error }
            tell(work.watch.noteOutOfSegments())
        }
    }

    private func idleMarkDeadline() -> DispatchTime {
        .now() + .milliseconds(idleMarkMilliseconds)
    }

    private func write(_ store: inout LogStore, _ work: inout Work) throws(EventLogError) {
        var offset = 0
        var record = 0
        var nextWaiter = 0
        defer { work.batch.reset() }
        do throws(EventLogError) {
            for chunk in work.batch.chunks {
                work.preparing.advance(
                    &store, bodyByteCount: chunk.byteCount, free: work.watch.freeByteCount)
                let range = offset..<(offset + chunk.byteCount)
                let segment = store.segmentFirstSequence
                let ticket = try write(chunk, range, &store, &work)
                offset = range.upperBound
                batchCount.add(1, ordering: .relaxed)
                announce(ticket.last, work.batch.waiters, &nextWaiter)
                if store.segmentFirstSequence != segment { callbacks.onRoll?() }
                // While those who were told come back.
                store.add(leaves: work.batch.leaves[record..<(record + chunk.recordCount)])
                record += chunk.recordCount
            }
        } catch {
            // These are no longer in the queue, so no one else tells them.
            let waiters = work.batch.waiters[nextWaiter...]
            state.withLock { $0.lateWaiters.append(contentsOf: waiters) }
            throw error
        }
    }

    /// Writes one batch; where there is no room for it, as soon as there is.
    private func write(
        _ chunk: WriterQueue.Chunk, _ range: Range<Int>, _ store: inout LogStore,
        _ work: inout Work
    ) throws(EventLogError) -> LogTicket {
        while true {
            do throws(EventLogError) {
                let ticket = try store.writeChecked(
                    work.batch.bytes.bytes.extracting(range), recordCount: chunk.recordCount)
                noteRoom(&work.watch, store)
                return ticket
            } catch {
                // `noSpace` means that nothing was written, so trying again repeats nothing.
                guard error.code == .noSpace else { throw error }
                let isClosing = state.withLock { state in
                    state.isOutOfSpace = true
                    if case .running = state.status { return false }
                    return true
                }
                if isClosing { throw error }
                tell(work.watch.noteOutOfSegments())
                _ = signal.wait(timeout: .now() + .milliseconds(SpaceWatch.lookMilliseconds))
                look(&work.watch, store, isDue: true)
            }
        }
    }

    /// Looks how much room there is, from time to time.
    private func look(
        _ watch: inout SpaceWatch, _ store: borrowing LogStore, isDue: Bool = false
    ) {
        tell(watch.look(store.disk, folder: store.paths.data, isDue: isDue))
    }

    /// Something was written: if there was no room before, there is now.
    private func noteRoom(_ watch: inout SpaceWatch, _ store: borrowing LogStore) {
        guard watch.isOutOfSegments else { return }
        state.withLock { $0.isOutOfSpace = false }
        watch.isOutOfSegments = false
        look(&watch, store, isDue: true)
    }

    private func tell(_ report: LogSpaceReport?) {
        if let report { callbacks.onSpace?(report) }
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
        let (waiters, heads) = state.withLock { ($0.fail(error), $0.takeHeadWaiters()) }
        for waiter in waiters { waiter.resume(isDurable: false) }
        for waiter in heads { waiter.resume(nil) }
        callbacks.onFatal?(error)
    }
}
