import EventLog
import Events
import Foundation
import Projections
import Synchronization
import Timetable

/// Carries out effects in the world and reports what came of them.
public protocol EffectPort: Sendable {
    /// Begins an effect; must not block. What comes of it is told by `report`, from any thread.
    func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void)
}

/// The engine on a thread of its own: takes commands, decides by the core, appends to the log, and
/// lets replies, reads and effects out when what they stand on is durable.
///
/// The one loop: commands and timers → decide → append → (durable) → act. Nothing blocks it but the
/// wait for work; the log's writer has another thread, effects run elsewhere.
public final class EngineRuntime: Sendable {
    /// The log that it writes.
    public let log: LogWriter
    /// What came of the configuration of this start.
    public let applied: Reply
    /// The sequence of the snapshot that this start went on from; nil where it read the whole log.
    public let startedFrom: UInt64?
    /// What was wrong with snapshots that this start removed.
    public let droppedSnapshots: [SnapshotError]
    private let mailbox: EngineMailbox
    private let clock: any WallClock
    private let port: any EffectPort

    /// Starts the engine over an open log and the state that was rebuilt from it.
    ///
    /// `mailbox` wakes must come from the log's `onDurable`; see `open`.
    private init(
        log: LogWriter, mailbox: EngineMailbox, clock: any WallClock, port: any EffectPort,
        applied: Reply, start: EngineStart
    ) {
        startedFrom = start.snapshot
        droppedSnapshots = start.dropped
        self.log = log
        self.applied = applied
        self.mailbox = mailbox
        self.clock = clock
        self.port = port
    }

    /// What an engine is made of.
    public struct Parts: Sendable {
        /// The data folder.
        public var folder: String
        /// The disk.
        public var disk: any Disk = RealDisk()
        /// The log's sizes.
        public var logConfiguration = LogConfiguration()
        /// The clock.
        public var clock: any WallClock = SystemClock()
        /// The zone data.
        public var zones: ZoneCatalog
        /// The key that signs checkpoints, named for the log's origin; nil for no checkpoints.
        public var checkpointSigner: NoteSigner?
        /// How often a checkpoint is signed.
        public var checkpointInterval = Duration.seconds(3_600)
        /// How often every sealed segment is read again; nil for never.
        public var scrubInterval: Duration? = .seconds(30 * 86_400)
        /// How fast that is, in bytes a second.
        public var scrubBytesPerSecond = 4 << 20
        /// Where run records go; nil for none.
        public var runRecords: RunRecordSettings?
        /// What decisions depend on.
        public var settings = DecisionSettings()
        /// What the start event says.
        public var facts = StartFacts()
        /// What the schedules are to be: applied before anything is decided, so that what is no
        /// longer wanted does not run once more.
        public var configuration: ConfigurationInput?
        /// Carries out effects; made when the log is open, since it needs its identity.
        public var port: @Sendable (_ log: LogIdentity) throws -> any EffectPort
        /// Called when the outcome of a write is unknown: the process must end.
        public var onFatal: @Sendable (any Error) -> Void

        /// Parts.
        public init(
            folder: String, zones: ZoneCatalog,
            port: @escaping @Sendable (LogIdentity) throws -> any EffectPort,
            onFatal: @escaping @Sendable (any Error) -> Void
        ) {
            self.folder = folder
            self.zones = zones
            self.port = port
            self.onFatal = onFatal
        }
    }

    /// Opens the log (recovering it), rebuilds the state from the newest good snapshot and what
    /// follows it, starts the thread.
    ///
    /// Blocks while it reads.
    /// - Throws: `EventLogError` where the log cannot be opened, `ProjectionError` where it cannot
    ///   be applied, and what `port` throws.
    public static func open(_ parts: Parts) throws -> EngineRuntime {
        let mailbox = EngineMailbox()
        let care = LogCare { _ = mailbox.put(.command($0, nil)) }
        let log = try LogWriter.open(
            folder: parts.folder, disk: parts.disk, configuration: parts.logConfiguration,
            evidence: try Snapshot.durabilityClaims(
                dataFolder: parts.folder, disk: parts.disk),
            callbacks: LogWriter.Callbacks(
                onDurable: {
                    mailbox.wake()
                    care.durable(through: $0)
                },
                onSpace: { report in
                    let command = Command.spaceChanged(
                        space: report.space.rawValue, free: UInt64(clamping: report.freeByteCount),
                        wanted: UInt64(clamping: report.wantedByteCount))
                    _ = mailbox.put(.command(command, nil))
                },
                onRoll: { care.segmentIsFull() },
                onFatal: { parts.onFatal($0) }))
        let (state, start) = try EngineStart.rebuild(
            log: log.identity, end: log.nextSequence.rawValue, folder: parts.folder,
            disk: parts.disk)
        let status = state.status
        try care.prepare(parts, log, ordinal: status.originOrdinal)
        var core = EngineCore(
            state: consume state, zones: parts.zones, settings: parts.settings,
            snapshot: start.snapshot)
        var decisions = [try core.start(facts(parts, log), now: parts.clock.now())]
        if let configuration = parts.configuration {
            decisions.append(
                try core.handle(.applyConfiguration(configuration), now: parts.clock.now()))
        }
        let runtime = EngineRuntime(
            log: log, mailbox: mailbox, clock: parts.clock, port: try parts.port(log.identity),
            applied: decisions.last?.reply ?? Reply(), start: start)
        let handover = CoreHandover(consume core)
        let first = decisions
        let thread = Thread {
            guard let core = handover.take() else { return }
            let loop = EngineLoop(
                core: core, log: log, mailbox: mailbox, clock: parts.clock,
                port: runtime.port, onSnapshot: { care.save($0) },
                onClosed: { care.finish($0) }, onFatal: parts.onFatal)
            loop.run(startingWith: first)
        }
        thread.name = "daybook-engine"
        thread.stackSize = 8 << 20
        thread.start()
        let age = max(0, parts.clock.now() - status.scrubbedAt)
        try care.start(parts, log, scrubAge: status.scrubbedAt == 0 ? nil : .microseconds(age))
        return runtime
    }

    /// What the start event says, of the log too.
    private static func facts(_ parts: Parts, _ log: LogWriter) -> StartFacts {
        var facts = parts.facts
        facts.term = log.term
        facts.logIdentity = "\(log.identity)"
        facts.verdict = log.recovery.verdict.rawValue
        facts.recovered = log.recovery.quarantined.map { set in
            var event = EngineRecovered()
            event.verdict = log.recovery.verdict.rawValue
            event.segment = set.segment
            event.offset = UInt64(clamping: set.offset)
            event.byteCount = UInt64(clamping: set.byteCount)
            event.quarantine = set.path ?? ""
            return event
        }
        return facts
    }

    /// Carries out a command; returns when what it wrote is durable.
    ///
    /// - Throws: `Rejection`, when what it was decided on is durable; `EngineUnavailable`.
    public func submit(_ command: Command) async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            if !mailbox.put(.command(command, continuation), mayRefuse: true) {
                continuation.resume(throwing: EngineUnavailable())
            }
        }
    }

    /// Gives a command without waiting for its reply; reports of targets come so.
    public func tell(_ command: Command) { _ = mailbox.put(.command(command, nil)) }

    /// Looks at the state; returns when all that it shows is durable.
    ///
    /// - Parameter body: runs on the engine's thread: keep it short.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (ProjectedState) -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = mailbox.put(
                .read { state in
                    let result = body(state)
                    return { error in
                        if let error {
                            continuation.resume(throwing: error)
                        } else {
                            continuation.resume(returning: result)
                        }
                    }
                }, mayRefuse: true)
            if !isTaken { continuation.resume(throwing: EngineUnavailable()) }
        }
    }

    /// Stops cleanly: starts nothing new, waits for what runs, ends it when `grace` is over, writes
    /// the last events and closes the log.
    ///
    /// - Returns: the runs that are left open, for the next start.
    public func stop(reason: String, grace: Duration) async throws -> [UInt64] {
        _ = try await submit(.drain)
        let timer = Task {
            try await Task.sleep(for: grace)
            _ = try await self.submit(.endActive(reason: reason))
        }
        await withCheckedContinuation { continuation in
            if !mailbox.put(.whenIdle(continuation)) { continuation.resume() }
        }
        timer.cancel()
        let left = try await read { state -> [UInt64] in
            var runs: [UInt64] = []
            state.openRuns.forEach { runs.append($0.run) }
            return runs.sorted()
        }
        _ = try await submit(.stop(reason: reason))
        await withCheckedContinuation { continuation in
            if !mailbox.put(.end(continuation)) { continuation.resume() }
        }
        return left
    }
}

/// The engine is stopping, or has more to do than it can take.
public struct EngineUnavailable: Error, Sendable, CustomStringConvertible {
    /// What to do.
    public var description: String {
        "the engine is stopping, or has too much waiting; try again shortly"
    }
}
