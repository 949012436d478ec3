import Exchange
import Glibc
import Synchronization

/// When the simulated program is killed: at its step of this number, and dead from then on.
///
/// Steps are calls that change the disk, and those before and after each decision of the engine.
final class Fate: Sendable {
    private struct State {
        var step = 0
        var last = Int.max
        var isDead = false
    }

    private let state = Mutex(State())

    /// The program is dead.
    struct Dead: Error {}

    var isDead: Bool { state.withLock { $0.isDead } }

    /// How many steps were made.
    var stepCount: Int { state.withLock { $0.step } }

    /// A program begins, which dies at its step of this number.
    func begin(dyingAt last: Int = .max) { state.withLock { $0 = State(last: last) } }

    /// Whether the program is dead at its next step.
    func step() -> Bool {
        state.withLock { state in
            state.step += 1
            if state.step >= state.last { state.isDead = true }
            return state.isDead
        }
    }

    /// For stores.
    var hook: StorageHook { { _ in self.step() ? EIO : nil } }
}

/// A clock on which every pause is over at once.
struct InstantClock: Clock {
    struct Instant: InstantProtocol {
        var offset = Duration.zero

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (one: Instant, other: Instant) -> Bool { one.offset < other.offset }
    }

    var now: Instant { Instant() }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
    }
}

/// A clock that stands still: no pause is ever over, so that a busy machine is no late answer.
struct StoppedClock: Clock {
    typealias Instant = InstantClock.Instant

    var now: Instant { Instant() }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let (never, continuation) = AsyncStream.makeStream(of: Never.self)
        // It ends when the task is cancelled, and not before.
        for await _ in never {}
        continuation.finish()
        try Task.checkCancellation()
    }
}
