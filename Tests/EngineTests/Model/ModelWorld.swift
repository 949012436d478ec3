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
    private(set) var kills = 0
    private var pending: [Decision] = []
    private var attempts: [UInt64: Attempt] = [:]
    private var random: SeededGenerator
    private let settings: DecisionSettings
    private let zones: ZoneCatalog
    let jobs: [ScheduleDefinition]

    init(seed: UInt64, zones: ZoneCatalog) throws {
        var random = SeededGenerator(seed: seed)
        self.zones = zones
        jobs = ModelJobs.make(using: &random)
        var settings = DecisionSettings()
        settings.activeRunsMax = Int.random(in: 1...6, using: &random)
        self.settings = settings
        self.random = random
        core = EngineCore(state: ProjectedState(), zones: zones, settings: settings)
        try begin()
        var input = ConfigurationInput()
        input.definitions = jobs
        try handle(.applyConfiguration(input))
    }

    var activeRunsMax: Int { settings.activeRunsMax }

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
                now + Int64.random(in: 1...4, using: &random) * Self.minute)
            now = max(now, min(next, end))
            while let decision = try core.tick(now: now) { try take(decision) }
            try endAttempts()
            if Int.random(in: 0..<6, using: &random) == 0 { try act() }
            if Int.random(in: 0..<40, using: &random) == 0 { try kill() }
        }
        try flush()
    }

    private mutating func take(_ decision: Decision) throws {
        pending.append(decision)
        // Now and then something stays undurable for a while, and a kill loses it.
        if Int.random(in: 0..<8, using: &random) > 0 { try flush() }
    }

    /// What was decided becomes durable, and only then takes effect.
    private mutating func flush() throws {
        while !pending.isEmpty {
            let decisions = pending
            pending = []
            for decision in decisions {
                records += ModelLog.records(of: decision)
            }
            for effect in decisions.flatMap(\.effects) { try carryOut(effect) }
        }
    }

    @discardableResult
    private mutating func handle(_ command: Command) throws -> Reply {
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

    // MARK: People

    /// Somebody does something, sensible or not: what is refused must change nothing.
    private mutating func act() throws {
        let before = core.state.lastSequence
        do {
            try handle(command())
        } catch let rejection as Rejection {
            guard core.state.lastSequence == before else {
                throw ModelViolation(
                    "refused (\(rejection.message)), and yet something was decided")
            }
        }
    }

    private mutating func command() -> Command {
        let who = Authority(actor: "user:model", ticket: "CHG-1")
        let name = jobs.randomElement(using: &random)?.jobId ?? ""
        let key = ScheduleKey("default", name)
        let open = core.state.openRuns.sorted().map(\.run)
        let run = open.randomElement(using: &random) ?? 0
        let later = now + Int64.random(in: -1...20, using: &random) * Self.minute
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return .pause(key, reason: "model", who)
        case 1: return .pause(key, until: later, reason: "model", who)
        case 2, 3: return .resume(key, reason: "model", who)
        case 4: return .runNow(key, scheduled: nil, reason: "model", who)
        case 5: return .cancel(run: run, reason: "model", who)
        case 6: return .skipNext(key, reason: "model", who)
        case 7: return .moveNext(key, to: later, reason: "model", who)
        case 8: return .retryNow(run: run, reason: "model", who)
        case 9:
            let stretch = BackfillStretch(from: later - 30 * Self.minute, through: now)
            return .backfill(key, stretch, reason: "model", who)
        case 10:
            let dead = core.state.deadRuns.sorted().map(\.run)
            return .requeue(
                run: dead.randomElement(using: &random) ?? 0, reason: "model", who)
        default:
            var blackout = BlackoutDefinition()
            blackout.name = "model"
            blackout.action =
                ["skip", "defer", "deferCoalesced"].randomElement(using: &random) ?? ""
            blackout.source = "api"
            blackout.reason = "model"
            blackout.jobs = [name]
            blackout.from = now
            blackout.until = max(later, now + 1)
            return .declareBlackout(blackout, tenant: "default", who)
        }
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

/// Random schedules.
enum ModelJobs {
    static func make(using random: inout SeededGenerator) -> [ScheduleDefinition] {
        let limits = ["a", "b"].map { name in
            var limit = RunLimit()
            limit.name = name
            limit.by = Bool.random(using: &random) ? "" : RunLimit.byJob
            limit.concurrentMax = UInt64.random(in: 1...3, using: &random)
            if Bool.random(using: &random) {
                limit.rateMax = UInt64.random(in: 1...4, using: &random)
                limit.windowSeconds = UInt64.random(in: 10...300, using: &random)
            }
            return limit
        }
        return (0..<6).map { number in
            let period = Int.random(in: 2...15, using: &random)
            return CoreFixture.job("job-\(number)", every: "\(period)m") { job in
                job.overlap = OverlapPolicy.allCases.randomElement(using: &random)?.rawValue ?? ""
                job.catchUp = ["latest", "all", "none"].randomElement(using: &random) ?? ""
                job.retriesMax = UInt64.random(in: 0...3, using: &random)
                job.retryDelaysSeconds = [30, 120]
                job.slaMinutes = UInt64.random(in: 0...5, using: &random)
                job.startDelayMinutes = UInt64.random(in: 0...3, using: &random)
                job.durationMinutesMax = UInt64.random(in: 0...6, using: &random)
                var rules = RunRules()
                rules.priority = UInt64.random(in: 0...9, using: &random)
                rules.limits = limits.filter { _ in Bool.random(using: &random) }
                rules.pauseAfterFailures = UInt64.random(in: 0...3, using: &random)
                if Bool.random(using: &random) { rules.finalClasses = ["timeout"] }
                job.rules = rules
                guard number > 3 else { return }
                var dependency = Dependency()
                dependency.kind = "job"
                dependency.name = "job-\(number - 4)"
                dependency.delayMinutesMax = 4
                dependency.condition = ["", "failure", "end"].randomElement(using: &random) ?? ""
                dependency.expiry = ["", "skip", "run"].randomElement(using: &random) ?? ""
                job.dependencies = [dependency]
            }
        }
    }
}
