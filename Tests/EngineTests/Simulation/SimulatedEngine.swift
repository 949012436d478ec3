import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Timetable

/// A whole engine over a simulated disk and a virtual clock: the real core, the real log, the real
/// recovery; only the thread, the targets and the passing of time are simulated.
final class SimulatedEngine {
    static let folder = "/sim/data"

    let disk: SimulatedDisk
    let zones: ZoneCatalog
    let settings: DecisionSettings
    var targets: VirtualTargets
    var random: SeededGenerator
    /// The virtual clock, µs.
    var now: Int64
    /// Sequences that somebody outside saw acknowledged.
    private(set) var acknowledgedThrough: UInt64?
    private(set) var crashes = 0
    /// Starts that went on from a snapshot.
    private(set) var startsFromSnapshot = 0
    /// Snapshots that a start could not use.
    private(set) var droppedSnapshots: [SnapshotError] = []
    /// Snapshots that could not be written, the disk having failed.
    private(set) var failedSnapshots = 0
    private var identity = LogIdentity(low: 0, high: 0)
    private var core: EngineCore?
    private var store: LogStore?
    private var queue: [Effect] = []
    private var undurable: [Effect] = []
    private var pending: [UInt8] = []
    private var pendingCount = 0

    init(seed: UInt64, start: Int64, settings: DecisionSettings = DecisionSettings()) throws {
        disk = SimulatedDisk()
        _ = try disk.createFolder("/sim")
        try disk.syncFolder("/")
        zones = try ZoneCatalog()
        self.settings = settings
        targets = VirtualTargets(seed: seed &+ 1)
        random = SeededGenerator(seed: seed)
        now = start
    }

    var state: ProjectedState { core?.state ?? ProjectedState() }

    /// Opens the log, rebuilds the state, starts the engine.
    func start() throws {
        var configuration = LogConfiguration()
        configuration.segmentByteCount = 8 << 20
        let clock = now
        let sources = LogSources(
            nowMicroseconds: { clock }, newIdentity: { LogIdentity(low: 7, high: 11) },
            holder: "simulation")
        let opened = try LogStore.open(
            folder: Self.folder, disk: disk, configuration: configuration, sources: sources,
            evidence: try Snapshot.durabilityClaims(dataFolder: Self.folder, disk: disk))
        let term = opened.term
        let (state, began) = try EngineStart.rebuild(
            log: opened.identity, end: opened.nextSequence.rawValue, folder: Self.folder,
            disk: disk)
        identity = opened.identity
        store = consume opened
        startsFromSnapshot += began.snapshot == nil ? 0 : 1
        droppedSnapshots += began.dropped
        try compare(state)
        if let acknowledged = acknowledgedThrough {
            guard let last = state.lastSequence, last >= acknowledged else {
                throw VirtualTargets.Violation(
                    description: "acknowledged through \(acknowledged), but the log ends at "
                        + "\(state.lastSequence.map(String.init) ?? "nothing")")
            }
        }
        var core = EngineCore(
            state: state, zones: zones, settings: settings, snapshot: began.snapshot)
        var facts = StartFacts()
        facts.version = "simulation"
        facts.bootId = "boot"
        facts.term = term
        let decision = try core.start(facts, now: now)
        self.core = core
        try commit(decision)
    }

    /// A start from a snapshot and the tail has the state that the whole log gives.
    private func compare(_ state: ProjectedState) throws {
        var (state, whole) = (state, try Self.rebuild(disk))
        guard state.digest() == whole.digest(), state.lastTime == whole.lastTime else {
            throw VirtualTargets.Violation(
                description: "the state of a snapshot and the tail is not that of the log at "
                    + "sequence \(whole.lastSequence.map(String.init) ?? "nothing")")
        }
    }

    /// The state that follows from what is on the disk.
    static func rebuild(_ disk: SimulatedDisk) throws -> ProjectedState {
        var state = ProjectedState()
        var reader = try LogReader.open(folder: folder, disk: disk, trust: .everything)
        while try reader.nextBatch() != nil {
            try reader.forEachRecord { _, bytes in try state.apply(bytes) }
        }
        return state
    }

    func handle(_ command: Command) throws {
        guard let decision = try core?.handle(command, now: now) else { return }
        try commit(decision)
        if case .stop = command { try flush() }
    }

    /// Takes a decision into the next write, as the log's writer does for a group.
    private func commit(_ decision: Decision) throws {
        undurable += decision.effects
        guard decision.recordCount > 0 else { return }
        var byte = 0
        var record = 0
        for part in decision.parts {
            if pending.count + part.byteCount - byte > 1 << 21 { try write() }
            pending += decision.body[byte..<part.byteCount]
            pendingCount += part.recordCount - record
            byte = part.byteCount
            record = part.recordCount
        }
    }

    private func write() throws {
        guard pendingCount > 0 else { return }
        let ticket = try store?.write(pending.span.bytes, recordCount: pendingCount)
        acknowledgedThrough = ticket?.last.rawValue
        pending.removeAll(keepingCapacity: true)
        pendingCount = 0
    }

    /// Makes durable what was decided; only then do its effects join the queue.
    private func flush() throws {
        try write()
        queue += undurable
        undurable = []
    }

    /// Carries out what is due through a moment.
    func run(until end: Int64) throws {
        while true {
            try drainEffects()
            let next = min(core?.nextTimer ?? .max, targets.nextEnd ?? .max)
            guard next <= end else { break }
            now = max(now, next)
            while let decision = try core?.tick(now: now) { try commit(decision) }
            for process in targets.takeEnded(through: now) {
                try handle(
                    .ended(
                        run: process.request.run, attempt: process.request.attempt,
                        Self.result(process)))
            }
        }
        now = max(now, end)
    }

    private static func result(_ process: VirtualTargets.Process) -> AttemptResult {
        var result = AttemptResult()
        result.isSuccess = process.willSucceed
        result.exitCode = process.willSucceed ? 0 : 1
        if !process.willSucceed {
            result.failureClass = "exit"
            result.message = "it exited with 1"
            result.isDefinite = true
        }
        return result
    }

    private func drainEffects() throws {
        try flush()
        while !queue.isEmpty {
            let effects = queue
            queue = []
            for effect in effects { try carryOut(effect) }
            try flush()
        }
    }

    private func carryOut(_ effect: Effect) throws {
        switch effect {
        case .deliver(let request):
            let pid = try targets.launch(request)
            try handle(
                .processReady(
                    run: request.run, attempt: request.attempt, pid: pid, startTicks: pid,
                    bootId: "boot"))
        case .proceed(let run, let attempt):
            targets.proceed(run, attempt, now: now)
        case .terminate(let run, let attempt, _):
            targets.end(run, attempt)
            var result = AttemptResult()
            result.failureClass = "signal"
            try handle(.ended(run: run, attempt: attempt, result))
        case .reconcile(let request, _, let pid, _, _):
            try reconcile(request, pid)
        case .probe(let request, let name, _):
            try handle(
                .dependencyAnswer(
                    run: request.run, name: name,
                    status: Bool.random(using: &random) ? "READY" : "WAIT", detail: ""))
        case .notify(let request):
            try handle(.notified(NotificationOutcome(request)))
        case .discard, .withdraw:
            break
        case .saveState(let state):
            do throws(SnapshotError) {
                try Snapshot.write(state, log: identity, dataFolder: Self.folder, disk: disk)
            } catch {
                failedSnapshots += 1  // the disk failed: a snapshot is never needed
            }
        }
    }

    /// As the real targets do: adopt what lives, report what ended, say what is gone.
    private func reconcile(_ request: AttemptRequest, _ pid: UInt64) throws {
        let known = targets.process(request.run, request.attempt)
        if let (process, isAlive) = known, process.began, isAlive {
            guard process.pid == pid else {
                throw VirtualTargets.Violation(description: "a process began before its start")
            }
            return  // adopted: its end is reported when it comes
        }
        var result = AttemptResult()
        result.failureClass = "lost"
        result.message = "the engine was killed"
        if let (process, _) = known, process.began { result = Self.result(process) }
        try handle(.ended(run: request.run, attempt: request.attempt, result))
    }

    /// The machine loses power, or the process is killed, at a random instant within one write.
    func crash() throws {
        crashes += 1
        if Bool.random(using: &random) {
            // In the middle of a write: one of the next calls of the disk fails.
            let ahead = Int.random(in: 1...4, using: &random)
            disk.failCall(
                disk.callCount + ahead, Bool.random(using: &random) ? .before : .after)
            do {
                try run(until: now + 3_600_000_000)
            } catch let error as EventLogError {
                _ = error  // the outcome is unknown: the process stops here
            }
            disk.heal()
        }
        queue = []
        undurable = []
        pending = []
        pendingCount = 0
        core = nil
        store = nil
        if Bool.random(using: &random) {
            disk.crash(using: &random)
        } else {
            disk.killProcess()
        }
        targets.engineDied()
        now += Int64.random(in: 1...1_800, using: &random) * 1_000_000
    }

    /// A clean stop.
    func stop() throws {
        try handle(.drain)
        try handle(.endActive(reason: "shutdown"))
        try drainEffects()
        try handle(.stop(reason: "the end of the simulation"))
        core = nil
        if let open = store.take() { try open.close() }
    }
}
