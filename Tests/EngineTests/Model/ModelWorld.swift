import DaybookTestSupport
import Engine
import Events
import Projections
import Timetable

/// An engine's core in a world that is random from end to end: what it is configured to do, how its
/// targets behave, what people ask for, and when it is killed.
///
/// A kill loses what was decided and not yet durable; what a target was told is never lost.
struct ModelWorld {
    static let start: Int64 = 1_772_409_600_000_000
    static let minute: Int64 = 60_000_000

    /// An attempt that a target has.
    private struct Attempt {
        let request: AttemptRequest
        var endsAt: Int64
        var isSuccess: Bool
    }

    private(set) var core: EngineCore
    private(set) var now = ModelWorld.start
    /// The log: what is durable.
    private(set) var records: [[UInt8]] = []
    /// The ends of its decisions, as counts of records.
    private(set) var ends: Set<Int> = []
    private(set) var kills = 0
    private var pending: [Decision] = []
    private var attempts: [UInt64: Attempt] = [:]
    var random: SeededGenerator
    let settings: DecisionSettings
    private let zones: ZoneCatalog
    let jobs: [ScheduleDefinition]
    var workers: [ModelWorker]
    /// The newest fencing token that a worker was told, by its run.
    var tokens: [UInt64: UInt64] = [:]
    /// The last completion of a run that a worker was told to be taken.
    var taken: [UInt64: (worker: String, lease: HeldLease)] = [:]
    /// Whether the last thing that a worker asked for was refused.
    var wasRefused = false
    /// How many completions came under a lease that was over.
    var ignoredCount = 0

    init(seed: UInt64, zones: ZoneCatalog) throws {
        var random = SeededGenerator(seed: seed)
        self.zones = zones
        jobs = ModelJobs.make(using: &random)
        var settings = DecisionSettings()
        settings.activeRunsMax = Int.random(in: 2...8, using: &random)
        settings.workerLease = Int64.random(in: 45...180, using: &random) * 1_000_000
        settings.approvalInterval = Int64.random(in: 2...30, using: &random) * Self.minute
        if Bool.random(using: &random) {
            settings.fourEyes = Set(Self.guardedActs.filter { _ in Bool.random(using: &random) })
        }
        self.settings = settings
        workers = ModelWorker.make(
            Int.random(in: 0...3, using: &random), now: now, using: &random)
        self.random = random
        core = EngineCore(state: ProjectedState(), zones: zones, settings: settings)
        try begin()
        var input = ConfigurationInput()
        input.definitions = jobs
        try handle(.applyConfiguration(input))
    }

    /// The acts that two people may be needed for.
    static let guardedActs = [
        "pause", "resume", "run", "cancel", "requeue", "backfill", "declare-blackout",
    ]

    /// Whether all that was decided is durable.
    var isDurable: Bool { pending.isEmpty }

    private mutating func begin() throws {
        var facts = StartFacts()
        facts.version = "model"
        try take(core.start(facts, now: now))
    }

    // MARK: Time

    /// Lives through so many minutes.
    mutating func live(minutes: Int64) throws {
        let end = Self.start + minutes * Self.minute
        while now < end {
            let next = min(
                core.nextTimer ?? end, attempts.values.map(\.endsAt).min() ?? end,
                workers.map(\.nextAt).min() ?? end,
                now + Int64.random(in: 1...4, using: &random) * Self.minute)
            now = max(now, min(next, end))
            while let decision = try core.tick(now: now) { try take(decision) }
            try endAttempts()
            try moveWorkers()
            if Int.random(in: 0..<10, using: &random) == 0 { try act() }
            if core.state.approvals.count > 0, Int.random(in: 0..<8, using: &random) == 0 {
                try decideApproval()
            }
            if Int.random(in: 0..<80, using: &random) == 0 { try kill() }
        }
        while let decision = try core.tick(now: now) { try take(decision) }
        try flush()
    }

    private mutating func take(_ decision: Decision) throws {
        pending.append(decision)
        // Now and then something stays undurable for a while, and a kill loses it.
        if Int.random(in: 0..<8, using: &random) > 0 { try flush() }
    }

    /// What was decided becomes durable, and only then takes effect.
    mutating func flush() throws {
        while !pending.isEmpty {
            let decisions = pending
            pending = []
            for decision in decisions {
                records += ModelLog.records(of: decision)
                ends.insert(records.count)
            }
            for effect in decisions.flatMap(\.effects) { try carryOut(effect) }
        }
    }

    @discardableResult
    mutating func handle(_ command: Command) throws -> Reply {
        let decision = try core.handle(command, now: now)
        try take(decision)
        return decision.reply
    }

    /// The engine is killed, and starts again on what is durable.
    private mutating func kill() throws {
        kills += 1
        pending = []
        var state = ProjectedState()
        for record in records { try state.apply(record.span.bytes) }
        now += Int64.random(in: 0...8, using: &random) * Self.minute
        core = EngineCore(state: state, zones: zones, settings: settings)
        try begin()
    }

    // MARK: Targets

    private mutating func carryOut(_ effect: Effect) throws {
        switch effect {
        case .deliver(let request):
            // It waits to be leased.
            if request.binding.kind == "worker" { return }
            attempts[request.run] = Attempt(
                request: request,
                endsAt: now + Int64.random(in: 1...900, using: &random) * 1_000_000,
                isSuccess: Int.random(in: 0..<3, using: &random) > 0)
            try handle(
                .processReady(
                    run: request.run, attempt: request.attempt, pid: 7, startTicks: 7, bootId: "b"))
        case .terminate(let run, let attempt, _):
            guard attempts[run]?.request.attempt == attempt else { return }
            attempts[run]?.endsAt = now
            attempts[run]?.isSuccess = false
        case .reconcile(let request, _, _, _, _):
            if request.binding.kind == "worker" { return }
            if attempts[request.run]?.request.attempt == request.attempt { return }
            var result = AttemptResult()
            result.failureClass = "lost"
            try handle(.ended(run: request.run, attempt: request.attempt, result))
        case .probe(let request, let name, _):
            try handle(
                .dependencyAnswer(
                    run: request.run, name: name,
                    status: Bool.random(using: &random) ? "READY" : "WAIT", detail: ""))
        case .proceed, .notify, .withdraw, .discard, .saveState: break
        }
    }

    private mutating func endAttempts() throws {
        for (run, attempt) in attempts.sorted(by: { $0.key < $1.key }) where attempt.endsAt <= now {
            attempts[run] = nil
            try report(attempt)
            // A target may answer twice.
            if Int.random(in: 0..<10, using: &random) == 0 { try report(attempt) }
        }
    }

    private mutating func report(_ attempt: Attempt) throws {
        var result = AttemptResult()
        result.isSuccess = attempt.isSuccess
        if !attempt.isSuccess {
            result.failureClass = Bool.random(using: &random) ? "exit" : "timeout"
            result.isDefinite = Bool.random(using: &random)
            result.message = "it failed"
        }
        try handle(
            .ended(run: attempt.request.run, attempt: attempt.request.attempt, result))
    }
}

/// What must not be.
struct ModelViolation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The records of a decision, one by one.
enum ModelLog {
    static func records(of decision: Decision) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var offset = 0
        while offset < decision.body.count {
            var length = 0
            var shift = 0
            while true {
                let byte = Int(decision.body[offset])
                offset += 1
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            found.append(Array(decision.body[offset..<(offset + length)]))
            offset += length
        }
        return found
    }
}
