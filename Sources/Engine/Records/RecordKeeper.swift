import Dispatch
import EventLog
import Projections
import Synchronization

/// Writes run records on a thread of its own, with a small claim to the processor, as far as the
/// log is durable.
///
/// A sink that fails is tried again after pauses that grow. It holds up nothing: the keeper lags
/// behind in the log. After a while an alert says so, and the first success clears it.
final class RecordKeeper: Sendable {
    private struct State {
        /// The number of records that are durable.
        var durableEnd: UInt64 = 0
        var isWoken = false
        /// When a stop waits no longer; nil while there is none.
        var stopBy: ContinuousClock.Instant?
    }

    private let settings: RunRecordSettings
    private let source: RecordPump.Source
    private let report: @Sendable (Command) -> Void
    private let state: Mutex<State>
    private let signal = DispatchSemaphore(value: 0)
    private let thread: Mutex<LogThread?> = Mutex(nil)

    /// The kind of its alerts.
    static let alertKind = "records"
    /// A batch is shown by the log once a later one, or a commit mark, says that it is durable.
    private static let lookAgain = DispatchTimeInterval.milliseconds(20)

    /// Starts the thread.
    ///
    /// - Throws: `inputOutput` where the system allows no more threads.
    init(
        _ settings: RunRecordSettings, _ source: RecordPump.Source,
        report: @escaping @Sendable (Command) -> Void
    ) throws(EventLogError) {
        self.settings = settings
        self.source = source
        self.report = report
        state = Mutex(State(durableEnd: source.end))
        let started = try LogThread { [self] in
            LogThread.yieldToOthers()
            run()
        }
        thread.withLock { $0 = started }
    }

    /// More of the log is durable; returns at once.
    func durable(through sequence: SequenceNumber) {
        let isNews = state.withLock { state in
            state.durableEnd = max(state.durableEnd, sequence.rawValue + 1)
            defer { state.isWoken = true }
            return !state.isWoken
        }
        if isNews { signal.signal() }
    }

    /// Writes what is not written yet, for as long as a stop may wait, and ends the thread; blocks.
    ///
    /// - Parameter end: how many records the closed log holds.
    func finish(end: UInt64) {
        state.withLock { state in
            state.durableEnd = max(state.durableEnd, end)
            state.stopBy = ContinuousClock.now + settings.stopWait
        }
        signal.signal()
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private func makeSink() -> any RecordSink {
        switch settings.target {
        case .file(let folder): RecordFileSink(folder: folder, disk: source.disk)
        case .standardOutput: RecordStreamSink()
        case .http(let url, let token): RecordHTTPSink(url: url, token: token)
        }
    }

    private func run() {
        let pump = RecordPump(source, sink: makeSink())
        var trouble = Trouble(settings)
        var isRemarked = false
        while true {
            do {
                let progress = try pump.step(givesUp: { [self] in isOverdue })
                let isOver = trouble.isOver()
                if !isRemarked, let remark = pump.remark {
                    // It stays until the next start, or until later trouble is over.
                    report(.logTrouble(kind: Self.alertKind, message: remark))
                } else if isOver {
                    report(
                        .logTroubleOver(
                            kind: Self.alertKind, reason: "run records are written"))
                }
                isRemarked = true
                if isOverdue || progress == .idle && isDone(pump.next) { break }
                if progress == .idle { wait(pump.next) }
            } catch {
                if let message = trouble.note(error) {
                    report(.logTrouble(kind: Self.alertKind, message: message))
                }
                if isStopping { break }
                pause(trouble.pause)
            }
        }
        do { try pump.finish() } catch {
            // The next start goes on from the position before; what it repeats is marked.
            report(
                .logTrouble(
                    kind: Self.alertKind,
                    message: "the position of the run records was not stored: \(error)"))
        }
    }

    private var isStopping: Bool { state.withLock { $0.stopBy != nil } }

    private var isOverdue: Bool {
        state.withLock { $0.stopBy }.map { ContinuousClock.now >= $0 } ?? false
    }

    private func isDone(_ next: UInt64) -> Bool {
        state.withLock { $0.stopBy != nil && next >= $0.durableEnd }
    }

    /// Waits until more is durable, or until what is durable may be read.
    private func wait(_ next: UInt64) {
        let isBehind = state.withLock { state in
            state.isWoken = false
            return next < state.durableEnd
        }
        if isBehind {
            _ = signal.wait(timeout: .now() + Self.lookAgain)
        } else if !isStopping {
            signal.wait()
        }
    }

    /// Waits for a time, or until it is to end.
    private func pause(_ duration: Duration) {
        let end = ContinuousClock.now + duration
        while !isStopping, ContinuousClock.now < end {
            state.withLock { $0.isWoken = false }
            _ = signal.wait(timeout: .now() + .milliseconds(100))
        }
    }
}

/// How long a sink has failed: the pauses between, and when to tell somebody.
private struct Trouble {
    private let settings: RunRecordSettings
    private var since: ContinuousClock.Instant?
    private var isTold = false
    private var isFresh = true
    private(set) var pause: Duration

    init(_ settings: RunRecordSettings) {
        self.settings = settings
        pause = settings.pauseMin
    }

    /// Notes a failure.
    ///
    /// - Returns: what an alert is to say, once it has lasted long enough.
    mutating func note(_ error: any Error) -> String? {
        let now = ContinuousClock.now
        if let since {
            pause = min(pause * 2, settings.pauseMax)
            if isTold || now - since < settings.alertAfter { return nil }
        } else {
            since = now
            pause = settings.pauseMin
            if settings.alertAfter > .zero { return nil }
        }
        isTold = true
        return "run records are not written: \(error); they are tried again, and nothing waits "
            + "for them. `daybook records` makes them from the log"
    }

    /// Notes a success.
    ///
    /// - Returns: whether an alert is over: after a failure that was told, and at first, since an
    ///   earlier life may have told of one.
    mutating func isOver() -> Bool {
        defer {
            since = nil
            isTold = false
            isFresh = false
            pause = settings.pauseMin
        }
        return isTold || isFresh
    }
}
