import Glibc
import Synchronization

/// A program behind its gate, or running, or ended: one attempt that this engine watches.
///
/// It is in one of two forms. A *child* was launched by this engine; an *adopted* one by an engine
/// that is gone. Both end the same way: the wrapper's end is awaited, whatever is left of the run
/// is killed, and the truth is read from the run's folder.
public final class LaunchedProcess: Sendable {
    /// What finds it again; written in `run started` before ``proceed()``.
    public let identity: ProcessIdentity

    /// What an attempt needs from its surroundings.
    struct Context: Sendable {
        var folder: RunFolder
        var mark: RunMark
        var timeout: Duration?
        var grace: Duration
        var clock: any Clock<Duration>
        var sweeper: ProcessSweeper
        var threads: TargetThreads
        var store: OutputStore
        /// Whether the wrapper and its program end when this process is gone: the gate stays open
        /// until then.
        var isTethered = false
    }

    private enum Ending {
        case timeout
        case cancelled
    }

    private struct State {
        /// The engine's end of the gate; nil once it was used or closed, and for an adopted one.
        var gate: Int32?
        /// The same end, kept open behind the gate; nil where the program is not tethered.
        var tether: Int32?
        var hasProceeded: Bool
        var ending: Ending?
        var hasExited = false
        var timer: Task<Void, Never>?
        var elapsed: @Sendable () -> Duration
    }

    private let context: Context
    private let state: Mutex<State>
    /// Set once in `init`, which is why it is in a box.
    private let supervision = Mutex<Task<TargetOutcome, Never>?>(nil)

    private var quarry: ProcessSweeper.Quarry {
        .init(session: identity.pid, startTicks: identity.startTicks, mark: context.mark)
    }

    /// A child at its gate.
    ///
    /// `exit` is true when the wrapper has ended and was reaped, false when that cannot be known
    /// (any more).
    init(
        child identity: ProcessIdentity, gate: Int32, context: Context,
        exit: @escaping @Sendable () async -> Bool
    ) {
        self.identity = identity
        self.context = context
        state = Mutex(
            State(gate: gate, hasProceeded: false, elapsed: Stopwatch(context.clock).elapsed))
        supervision.withLock { $0 = Task { await self.supervise(exit) } }
    }

    /// One that an engine before this one let pass the gate.
    init(
        adopted identity: ProcessIdentity, context: Context,
        exit: @escaping @Sendable () async -> Bool
    ) {
        self.identity = identity
        self.context = context
        let age = ProcessTable.age(startTicks: identity.startTicks)
        let since = Stopwatch(context.clock).elapsed
        state = Mutex(State(gate: nil, hasProceeded: true, elapsed: { since() + age }))
        supervision.withLock { $0 = Task { await self.supervise(exit) } }
        startTimer()
    }

    /// Opens the gate: the program begins.
    ///
    /// Call it once, after `run started` is durable.
    ///
    /// Throws where the wrapper is gone or ``terminate(grace:)`` came first; then the program has
    /// not begun and never will, and ``outcome()`` says the same.
    public func proceed() throws(TargetFailure) {
        let errno = state.withLock { state -> Int32? in
            guard let gate = state.gate else { return state.hasProceeded ? nil : ECANCELED }
            state.gate = nil
            state.hasProceeded = true
            state.elapsed = Stopwatch(context.clock).elapsed
            if context.isTethered { state.tether = gate }
            defer { if !context.isTethered { close(gate) } }
            // A socket, so that a wrapper that is gone gives an error and no SIGPIPE.
            let line = Array("go\n".utf8)
            let sent = send(gate, line, line.count, Int32(MSG_NOSIGNAL))
            return sent == line.count ? nil : Glibc.errno
        }
        if let errno {
            throw .spawn("the program was not started: its wrapper is gone: \(Errors.text(errno)).")
        }
        startTimer()
    }

    /// How it ended.
    ///
    /// Returns when nothing of the run is alive and its output is on disk. Asked again, it says the
    /// same.
    public func outcome() async -> TargetOutcome {
        guard let task = supervision.withLock({ $0 }) else {
            preconditionFailure("set in init")
        }
        return await task.value
    }

    /// Ends it and returns when nothing of the run is alive.
    ///
    /// SIGTERM, then, after `grace`, SIGKILL. Without a `grace` it is the binding's. A program
    /// behind its gate never begins.
    public func terminate(grace: Duration? = nil) async {
        await end(.cancelled, grace: grace ?? context.grace)
        _ = await outcome()
    }

    // MARK: Ending

    private func startTimer() {
        guard let timeout = context.timeout else { return }
        state.withLock { state in
            guard !state.hasExited, state.timer == nil else { return }
            let remaining = max(timeout - state.elapsed(), .zero)
            state.timer = Task {
                do {
                    try await context.clock.sleep(for: remaining)
                } catch {
                    return  // Cancelled: the program ended in time.
                }
                await self.end(.timeout, grace: context.grace)
            }
        }
    }

    private func end(_ ending: Ending, grace: Duration) async {
        let isNew = state.withLock { state in
            guard !state.hasExited else { return false }
            if let gate = state.gate {
                // End of file at the gate: the wrapper leaves without running the program.
                close(gate)
                state.gate = nil
            }
            // Who asks later may still shorten the grace; the reason is the first one.
            if state.ending == nil { state.ending = ending }
            return true
        }
        guard isNew else { return }
        await context.sweeper.signal(SIGTERM, quarry)
        let killer = Task {
            do {
                try await context.clock.sleep(for: grace)
            } catch {
                return  // Cancelled: all have gone within the grace.
            }
            await context.sweeper.signal(SIGKILL, self.quarry)
        }
        _ = await outcome()
        killer.cancel()
    }

    private func supervise(_ exit: @Sendable () async -> Bool) async -> TargetOutcome {
        let hasEnded = await exit()
        let (ending, timer, gates, elapsed) = state.withLock { state in
            defer {
                state.hasExited = true
                state.gate = nil
                state.tether = nil
            }
            let gates = [state.gate, state.tether].compactMap { $0 }
            return (state.ending, state.timer, gates, state.elapsed())
        }
        timer?.cancel()
        for gate in gates { close(gate) }
        guard hasEnded else {
            return .failed(
                TargetFailure(
                    failureClass: TargetFailureClass.lost,
                    message: "this engine no longer watches process \(identity.pid); the next "
                        + "start reconciles it.",
                    isDefinite: false, duration: elapsed))
        }
        // Children that the program left behind, and all of it where the wrapper was killed.
        await context.sweeper.killAll(quarry)
        let conclusion = Conclusion(ending: Self.failureClass(ending), duration: elapsed)
        let (folder, store) = (context.folder, context.store)
        return await context.threads.run { conclusion.outcome(folder: folder, store: store) }
    }

    private static func failureClass(_ ending: Ending?) -> String? {
        switch ending {
        case .timeout: TargetFailureClass.timeout
        case .cancelled: TargetFailureClass.cancelled
        case nil: nil
        }
    }
}
