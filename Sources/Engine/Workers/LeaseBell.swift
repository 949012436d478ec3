import Synchronization

/// Wakes the long polls of workers when a run waits to be leased.
///
/// It rings for everybody: who has room and is able asks the engine again, and the engine gives the
/// run to the first. A run is never in here, so nothing is lost with a poll whose worker is gone.
public final class LeaseBell: Sendable {
    private struct State {
        var count: UInt64 = 0
        var nextId: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// A bell that has not rung.
    public init() {}

    /// How often it rang: read before the engine is asked, so that no ring is missed.
    public var count: UInt64 { state.withLock { $0.count } }

    /// Whether nobody may wait any more.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Wakes all that wait.
    public func ring() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.count &+= 1
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Wakes all that wait; whoever comes later does not wait.
    public func close() {
        state.withLock { $0.isClosed = true }
        ring()
    }

    /// Waits until it rang after `count` was read, until a time is over, or until the task is
    /// cancelled.
    public func wait(after count: UInt64, atMost time: Duration) async {
        let id = state.withLock { state in
            defer { state.nextId &+= 1 }
            return state.nextId
        }
        let timer = Task {
            // Cancelled: it rang before.
            try? await Task.sleep(for: time)
            wake(id)
        }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.count != count || state.isClosed || Task.isCancelled { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            wake(id)
        }
    }

    private func wake(_ id: UInt64) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
    }
}
