import Glibc
import Synchronization

/// Finds whatever belongs to a run, wherever it went, and ends it.
///
/// A process group is not enough: `timeout`, job control and `setsid` leave it. So a process
/// belongs to a run if it is in the session of the run's wrapper, or if its environment names the
/// run and the log. What left the session *and* wiped its environment is not found; docs/targets.md
/// says so.
///
/// Reading `/proc` costs some 10 µs for each process of the machine. So walks are shared, as syncs
/// are in group commit: whoever asks while one is under way gets the next, and after a walk that
/// took *t* the next one starts no sooner than 4*t* later, which bounds the cost to a fifth of
/// a processor, whatever the rate of runs.
final class ProcessSweeper: Sendable {
    /// What is looked for.
    struct Quarry: Sendable {
        /// The session, if the wrapper is known.
        var session: pid_t?
        /// When the wrapper started, if it is known: nothing of the run is older.
        ///
        /// Otherwise 0.
        var startTicks: UInt64
        var mark: RunMark
    }

    private let threads: TargetThreads
    private let state = Mutex(State())

    private struct State {
        var waiting: [Waiter] = []
        var isWalking = false
    }

    private struct Waiter: Sendable {
        var startTicks: UInt64
        var continuation: CheckedContinuation<[ProcessEntry], Never>
    }

    init(threads: TargetThreads) {
        self.threads = threads
    }

    /// Sends a signal once to all that is there of a run.
    func signal(_ signal: Int32, _ quarry: Quarry) async {
        let found = await find(quarry)
        Self.send(signal, found, quarry)
    }

    /// Kills all that is there of a run, and returns when nothing is.
    ///
    /// It does not give up: a process that the kernel cannot end (uninterruptible I/O) holds its
    /// run back, because a second one must not start beside it.
    func killAll(_ quarry: Quarry) async {
        var pause = Duration.milliseconds(1)
        while true {
            let found = await find(quarry)
            if found.isEmpty { return }
            Self.send(SIGKILL, found, quarry)
            await Self.pause(pause)
            pause = min(pause * 2, .milliseconds(100))
        }
    }

    private func find(_ quarry: Quarry) async -> [ProcessEntry] {
        let entries = await walk(markedSince: quarry.startTicks)
        let own = getpid()
        // A session's number is given to nobody else as long as anybody is in it. So if a younger
        // process has it, the session that is looked for is empty.
        let isReused = entries.contains {
            $0.pid == quarry.session && $0.startTicks != quarry.startTicks
        }
        return entries.filter { entry in
            guard entry.pid != own, entry.startTicks >= quarry.startTicks else { return false }
            return entry.mark == quarry.mark || !isReused && entry.session == quarry.session
        }
    }

    private static func send(_ signal: Int32, _ found: [ProcessEntry], _ quarry: Quarry) {
        // The wrapper's group first, in one step: no fork can slip between (kill(2)). The group's
        // number is the wrapper's own as long as anybody is in it.
        if let session = quarry.session, found.contains(where: { $0.group == session }) {
            kill(-session, signal)
        }
        for entry in found where entry.group != quarry.session {
            // Its number may have been given to another since: the start time tells.
            guard ProcessTable.entry(entry.pid)?.startTicks == entry.startTicks else { continue }
            kill(entry.pid, signal)
        }
    }

    // MARK: Shared walks

    private func walk(markedSince startTicks: UInt64) async -> [ProcessEntry] {
        await withCheckedContinuation { continuation in
            let mustStart = state.withLock { state in
                state.waiting.append(
                    Waiter(startTicks: startTicks, continuation: continuation))
                defer { state.isWalking = true }
                return !state.isWalking
            }
            if mustStart {
                Task { await self.walkWhileAsked() }
            }
        }
    }

    private func walkWhileAsked() async {
        while true {
            let waiters = state.withLock { state in
                defer { state.waiting = [] }
                if state.waiting.isEmpty { state.isWalking = false }
                return state.waiting
            }
            guard let since = waiters.map(\.startTicks).min() else { return }
            let clock = ContinuousClock()
            let began = clock.now
            var entries: [ProcessEntry]?
            while true {
                entries = await threads.run { ProcessTable.scan(markedSince: since) }
                // Not to know is not to say that nothing is there: until it can be read again.
                if entries != nil { break }
                await Self.pause(.milliseconds(100))
            }
            let took = clock.now - began
            for waiter in waiters {
                waiter.continuation.resume(returning: entries ?? [])
            }
            await Self.pause(min(took * 4, .milliseconds(50)))
        }
    }

    /// A pause that no cancellation cuts short.
    ///
    /// It waits for the kernel, so it takes no clock.
    private static func pause(_ duration: Duration) async {
        await Task { try? await Task.sleep(for: duration) }.value
    }
}
