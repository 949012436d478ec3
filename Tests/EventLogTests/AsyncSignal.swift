import Synchronization

/// A counting signal, given by any thread: whoever waits for it gives back its thread of the pool.
///
/// On a machine with two processors the pool has two threads; a test that holds one of them while
/// it waits keeps all others waiting too.
final class AsyncSignal: Sendable {
    private struct State {
        /// Signals that nobody took yet.
        var count = 0
        /// Those who wait, oldest first; empty where `count` is not 0.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Lets one through, now or later.
    func signal() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.count += 1
            return nil
        }
        waiting?.resume()
    }

    /// Waits for a signal that nobody else takes.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.count > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.count -= 1
                return true
            }
            if isThere { continuation.resume() }
        }
    }
}
