import Dispatch
import Projections
import Synchronization

/// What waits for the engine's thread: commands with whoever waits for their reply, and reads.
final class EngineMailbox: Sendable {
    enum Item: Sendable {
        /// A command; the continuation hears the reply when it is durable.
        case command(Command, CheckedContinuation<Reply, any Error>?)
        /// A look at the state; what it gives is called when all that the state shows is durable,
        /// or with the error that keeps it from being so.
        case read(@Sendable (ProjectedState) -> (@Sendable ((any Error)?) -> Void))
        /// Tell when no attempt runs here any more.
        case whenIdle(CheckedContinuation<Void, Never>)
        /// The loop ends when everything is durable, and tells when the log is closed.
        case end(CheckedContinuation<Void, Never>)
    }

    private struct State {
        var items: [Item] = []
        var isSignalled = false
        var isClosed = false
    }

    /// How many commands may wait; beyond it callers are refused, not queued without bound.
    static let commandsMax = 65_536

    private let state = Mutex(State())
    private let semaphore = DispatchSemaphore(value: 0)

    /// Puts an item in and wakes the engine.
    ///
    /// - Returns: false where the mailbox is closed, or full and the item may be refused.
    func put(_ item: Item, mayRefuse: Bool = false) -> Bool {
        let (isTaken, mustSignal) = state.withLock { state -> (Bool, Bool) in
            if state.isClosed { return (false, false) }
            if mayRefuse && state.items.count >= Self.commandsMax { return (false, false) }
            state.items.append(item)
            defer { state.isSignalled = true }
            return (true, !state.isSignalled)
        }
        if mustSignal { semaphore.signal() }
        return isTaken
    }

    /// Wakes the engine: more is durable.
    func wake() {
        let mustSignal = state.withLock { state -> Bool in
            defer { state.isSignalled = true }
            return !state.isSignalled
        }
        if mustSignal { semaphore.signal() }
    }

    /// Waits until there is something, or for so long (µs); then takes everything.
    ///
    /// The flag says whether there is something; the semaphore only ends the wait. A signal that is
    /// left over from a taking without a wait makes one empty round, no more.
    func take(waitingAtMost microseconds: Int64) -> [Item] {
        if let items = takeSignalled() {
            _ = semaphore.wait(timeout: .now())
            return items
        }
        let wait = Int(clamping: min(max(microseconds, 0), 3_600_000_000))
        if wait > 0 { _ = semaphore.wait(timeout: .now() + .microseconds(wait)) }
        return takeSignalled() ?? []
    }

    private func takeSignalled() -> [Item]? {
        state.withLock { state in
            guard state.isSignalled else { return nil }
            defer { state.items = [] }
            state.isSignalled = false
            return state.items
        }
    }

    /// Waits a moment, taking nothing: for an engine whose log's queue is full.
    func waitForWriter() {
        _ = semaphore.wait(timeout: .now() + .milliseconds(1))
    }

    /// Takes nothing in any more; returns what was left.
    func close() -> [Item] {
        state.withLock { state in
            defer { state.items = [] }
            state.isClosed = true
            return state.items
        }
    }
}
