import Synchronization

/// Runs the preparation of the next segment on a thread beside the writer's.
final class BackgroundPreparation: Sendable {
    private struct State {
        var thread: LogThread?
        var outcome: SegmentPreparation.Prepared?
    }
    private let state = Mutex(State())

    /// Starts a preparation when it is time, takes over what is ready, and waits for one that is
    /// running if the next batch cannot do without it.
    func advance(_ store: inout LogStore, bodyByteCount: Int) {
        let mustRoll = store.mayRoll(bodyByteCount: bodyByteCount)
        collect(&store, waits: mustRoll)
        guard !mustRoll, store.isPreparationTimely, let preparation = store.preparation,
            state.withLock({ $0.thread == nil })
        else { return }
        // No thread to be had is no failure either.
        let thread = try? LogThread { [self] in
            // A failure here is not one yet: the roll tries again itself, and says what is wrong.
            let outcome = try? preparation.run()
            state.withLock { $0.outcome = outcome }
        }
        state.withLock { $0.thread = thread }
    }

    /// Waits for what runs, so that nothing is left behind.
    func finish(_ store: inout LogStore) { collect(&store, waits: true) }

    private func collect(_ store: inout LogStore, waits: Bool) {
        let (thread, outcome) = state.withLock { ($0.thread, $0.outcome) }
        guard let thread, waits || outcome != nil else { return }
        thread.join()
        let prepared = state.withLock { state in
            defer { state = State() }
            return state.outcome
        }
        if let prepared { store.adopt(prepared) }
    }
}
