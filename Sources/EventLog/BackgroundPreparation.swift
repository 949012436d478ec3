import Synchronization

/// Runs the preparation of the next segment, and of the reserve, on a thread beside the writer's.
final class BackgroundPreparation: Sendable {
    private enum Kind { case next, reserve }

    private struct State {
        var thread: LogThread?
        var kind = Kind.next
        var isDone = false
        var outcome: SegmentPreparation.Prepared?
    }
    private let state = Mutex(State())

    /// Starts a preparation when it is time, takes over what is ready, and waits for one that is
    /// running if the next batch cannot do without it.
    ///
    /// - Parameter free: what is free on the disk; where that is too little, none is begun.
    func advance(_ store: inout LogStore, bodyByteCount: Int, free: Int) {
        let mustRoll = store.mayRoll(bodyByteCount: bodyByteCount)
        collect(&store, waits: mustRoll)
        guard !mustRoll, store.isPreparationTimely, state.withLock({ $0.thread == nil }) else {
            return
        }
        let wanted = store.configuration.segmentByteCount
        if let next = store.preparation {
            if free > wanted { start(next, .next) }
        } else if let reserve = store.reservation {
            if free > wanted + store.configuration.fullSpaceByteCount { start(reserve, .reserve) }
        }
    }

    private func start(_ preparation: SegmentPreparation, _ kind: Kind) {
        // No thread to be had is no failure either.
        let thread = try? LogThread { [self] in
            // A failure here is not one yet: the roll tries again itself, and says what is wrong.
            let outcome = try? preparation.run()
            state.withLock { state in
                state.outcome = outcome
                state.isDone = true
            }
        }
        state.withLock { state in
            state.thread = thread
            state.kind = kind
        }
    }

    /// Waits for what runs, so that nothing is left behind.
    func finish(_ store: inout LogStore) { collect(&store, waits: true) }

    private func collect(_ store: inout LogStore, waits: Bool) {
        let (thread, isDone) = state.withLock { ($0.thread, $0.isDone) }
        guard let thread, waits || isDone else { return }
        thread.join()
        let (prepared, kind) = state.withLock { state in
            defer { state = State() }
            return (state.outcome, state.kind)
        }
        guard let prepared else { return }
        switch kind {
        case .next: store.adopt(prepared)
        case .reserve: store.adoptReserve(prepared)
        }
    }
}
