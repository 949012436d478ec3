import Synchronization

/// Carries out runs whose target is of kind `exchange`: assembly and its like.
public protocol ExchangePort: Sendable {
    /// Does what a run's binding names, and says how it ended; a cancelled task ends soon.
    func deliver(_ delivery: Delivery) async -> TargetOutcome
}

/// Holds the exchange, which needs the engine that needs it: runs that come before it is there wait
/// for it.
public final class ExchangeSlot: Sendable {
    private enum State {
        case empty([CheckedContinuation<any ExchangePort, Never>])
        case filled(any ExchangePort)
    }

    private let state = Mutex(State.empty([]))

    /// An empty slot.
    public init() {}

    /// Puts the exchange in; runs that wait go on.
    public func fill(_ port: any ExchangePort) {
        let waiting = state.withLock { state -> [CheckedContinuation<any ExchangePort, Never>] in
            defer { state = .filled(port) }
            if case .empty(let waiting) = state { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume(returning: port) }
    }

    func deliver(_ delivery: Delivery) async -> TargetOutcome {
        let port = await withCheckedContinuation { continuation in
            let known = state.withLock { state -> (any ExchangePort)? in
                switch state {
                case .filled(let port): return port
                case .empty(let waiting):
                    state = .empty(waiting + [continuation])
                    return nil
                }
            }
            if let known { continuation.resume(returning: known) }
        }
        return await port.deliver(delivery)
    }
}
