import Engine
import Events
import Projections

/// What a run's life may be, told by its events alone, and by none of the engine's code.
///
/// - At most one run for an occurrence; each is decided later than the one before it.
/// - Exactly one terminal event; after it nothing.
/// - An attempt begins when the one before it is over, and never beside it.
/// - Nothing begins while a gate is closed: pause, blackout, dependency, overlap, limits.
/// - Each clock runs out once at most.
/// - What is done by workers, needs an approval, or belongs to an element: see the extensions.
struct RunModel {
    enum Stage: Equatable { case waiting, dispatched, started, failed, retrying, over }

    struct Run {
        let due: RunDue
        let job: ScheduleDefinition
        var stage = Stage.waiting
        var attempt: UInt64 = 0
        var isLate = false
        var clocks: Set<String> = []
        var satisfied: Set<String> = []

        var isActive: Bool { stage == .dispatched || stage == .started }
        var isOwn: Bool { due.trigger == "schedule" || due.trigger == "catchUp" }
    }

    private let activeRunsMax: Int
    /// The acts that two people are needed for.
    let guardedActs: Set<String>
    var runs: [UInt64: Run] = [:]
    private var decided: [String: Int64] = [:]
    var paused: Set<String> = []
    private var blackouts: [String: BlackoutDefinition] = [:]
    private var begun: [String: [Int64]] = [:]
    private(set) var counts = Counts()

    var schedules = Schedules()
    var workers: [String: Worker] = [:]
    /// The live leases, by their runs.
    var leases: [UInt64: Lease] = [:]
    var approvals = Approvals()

    /// What happened, to see that much did.
    struct Counts {
        var dispatches = 0
        var leases = 0
        var expiries = 0
        var approvals = 0
        var acts = 0
        var removals = 0
        var endings: [String: Int] = [:]
    }

    init(activeRunsMax: Int, guardedActs: Set<String>) {
        self.activeRunsMax = activeRunsMax
        self.guardedActs = guardedActs
    }

    mutating func count(_ change: (inout Counts) -> Void) { change(&counts) }

    /// The numbers of the runs that are not over.
    var open: Set<UInt64> { Set(runs.filter { $0.value.stage != .over }.keys) }

    // MARK: Events

    mutating func take(_ event: Event) throws {
        do {
            try takeDefinition(event)
            try takeSchedule(event)
            try takeWorker(event)
            try takeApproval(event)
            try takeRun(event)
        } catch let violation as ModelViolation {
            throw ModelViolation(
                "sequence \(event.envelope.sequence), \(event.type.name): \(violation.description)")
        }
    }

    private mutating func takeSchedule(_ event: Event) throws {
        switch event.payload {
        case let disabled as ScheduleDisabled: paused.insert(disabled.jobId)
        case let enabled as ScheduleEnabled: paused.remove(enabled.jobId)
        case let declared as BlackoutDeclared:
            if let blackout = declared.blackout { blackouts[blackout.name] = blackout }
        case let lifted as BlackoutLifted: blackouts[lifted.name] = nil
        case let due as RunDue: try begin(due)
        case let skipped as RunSkipped where skipped.run == 0:
            try decide(skipped.jobId, through: skipped.last)
            schedules.tallies[skipped.jobId, default: Tally()].skipped += max(skipped.count, 1)
        case let missed as RunMissed where missed.run == 0:
            try decide(missed.jobId, through: missed.last)
            schedules.tallies[missed.jobId, default: Tally()].missed += max(missed.count, 1)
        default: break
        }
    }

    private mutating func decide(_ jobId: String, through time: Int64) throws {
        if let last = decided[jobId], last >= time {
            throw ModelViolation("'\(jobId)' decides \(time) after \(last)")
        }
        decided[jobId] = time
    }

    private mutating func begin(_ due: RunDue) throws {
        let run = Run(due: due, job: try definition(of: due))
        if run.isOwn {
            try decide(due.jobId, through: due.scheduled)
            try checkOwn(due)
        }
        guard runs.updateValue(run, forKey: due.run) == nil else {
            throw ModelViolation("run \(due.run) is made twice")
        }
    }

    private mutating func takeRun(_ event: Event) throws {
        switch event.payload {
        case let dispatched as RunDispatched: try dispatch(dispatched, at: event.envelope.time)
        case let started as RunStarted:
            try checkLease(started.run, event)
            try step(started.run, from: [.dispatched], to: .started, started.attempt)
        case let failed as RunFailed:
            try endLease(failed.run, event, failed.failureClass)
            try step(
                failed.run, from: [.dispatched, .started, .waiting], to: .failed, failed.attempt)
        case let retry as RunRetryScheduled:
            try step(retry.run, from: [.failed], to: .retrying)
        case let deferred as RunDeferred: try waits(deferred.run)
        case let held as RunHeld: try waits(held.run)
        case let satisfied as DependencySatisfied:
            try checkStep(satisfied)
            runs[satisfied.run]?.satisfied.insert(satisfied.name)
        case let succeeded as RunSucceeded:
            try endLease(succeeded.run, event, "")
            try end(succeeded.run, "succeeded", from: [.dispatched, .started, .retrying])
        case let dead as RunDead: try end(dead.run, "dead", from: [.failed])
        case let skipped as RunSkipped where skipped.run != 0:
            try end(skipped.run, "skipped", from: [.waiting])
        case let cancelled as RunCancelled:
            try end(
                cancelled.run, "cancelled",
                from: [.waiting, .dispatched, .started, .failed, .retrying])
        case let late as RunLate:
            guard runs[late.run]?.isLate == false else { throw ModelViolation("late twice") }
            runs[late.run]?.isLate = true
        case let missed as RunSlaMissed:
            guard runs[missed.run]?.clocks.insert(missed.clock).inserted == true else {
                throw ModelViolation("run \(missed.run) misses its \(missed.clock) clock twice")
            }
        default: break
        }
    }

    private mutating func step(
        _ number: UInt64, from stages: [Stage], to stage: Stage, _ attempt: UInt64? = nil
    ) throws {
        guard let run = runs[number], stages.contains(run.stage) else {
            throw ModelViolation(
                "run \(number) is \(runs[number].map { "\($0.stage)" } ?? "unknown")")
        }
        guard attempt == nil || attempt == run.attempt else {
            throw ModelViolation("run \(number) is at attempt \(run.attempt), not \(attempt ?? 0)")
        }
        runs[number]?.stage = stage
    }

    private func waits(_ number: UInt64) throws {
        guard let run = runs[number], run.stage == .waiting || run.stage == .retrying else {
            throw ModelViolation("run \(number) waits, and is past that")
        }
    }

    private mutating func end(_ number: UInt64, _ how: String, from stages: [Stage]) throws {
        if let lease = leases[number] {
            throw ModelViolation("run \(number) ends, and lease \(lease.token) of it is live")
        }
        try step(number, from: stages, to: .over)
        counts.endings[how, default: 0] += 1
        if let run = runs[number] {
            schedules.tallies[run.due.jobId, default: Tally()].note(how)
        }
    }

    // MARK: Gates

    private mutating func dispatch(_ event: RunDispatched, at time: Int64) throws {
        guard let run = runs[event.run] else {
            throw ModelViolation("run \(event.run) is not known")
        }
        guard run.stage == .waiting || run.stage == .retrying, event.attempt == run.attempt + 1
        else {
            throw ModelViolation(
                "attempt \(event.attempt) of run \(event.run), which is \(run.stage) at attempt "
                    + "\(run.attempt)")
        }
        if run.isOwn && paused.contains(event.jobId) {
            throw ModelViolation("run \(event.run) begins while '\(event.jobId)' is paused")
        }
        try checkBlackouts(run, time)
        try checkDependencies(run)
        try checkApprovals(run)
        try checkElement(run, event)
        try checkOverlap(run)
        try checkLimits(run, time)
        runs[event.run]?.stage = .dispatched
        runs[event.run]?.attempt = event.attempt
        counts.dispatches += 1
    }

    func checkBlackouts(_ run: Run, _ time: Int64) throws {
        if run.due.passesBlackouts { return }
        let names = [run.due.jobId, run.job.rules?.fanOutOf ?? ""]
        for blackout in blackouts.values
        where blackout.jobs.contains(where: names.contains) && blackout.from <= time
            && (time < blackout.until || blackout.until == 0)
        {
            throw ModelViolation("run \(run.due.run) begins in blackout '\(blackout.name)'")
        }
    }

    private func checkDependencies(_ run: Run) throws {
        if run.due.backfill != 0 || run.job.dependencies.isEmpty { return }
        if run.job.rules?.dependencyMode == "any" {
            if !run.satisfied.isEmpty { return }
            throw ModelViolation("run \(run.due.run) begins without any of its dependencies")
        }
        for dependency in run.job.dependencies where !run.satisfied.contains(dependency.name) {
            throw ModelViolation("run \(run.due.run) begins without '\(dependency.name)'")
        }
    }

    private func checkOverlap(_ run: Run) throws {
        if run.job.overlap == "allowAll" || run.due.backfill != 0 { return }
        let others = runs.values.filter {
            $0.due.jobId == run.due.jobId && $0.due.run != run.due.run && $0.isActive
                && $0.due.backfill == 0
        }
        if let other = others.first {
            throw ModelViolation("run \(run.due.run) begins beside run \(other.due.run)")
        }
    }

    private mutating func checkLimits(_ run: Run, _ time: Int64) throws {
        let active = runs.values.filter(\.isActive)
        guard active.count < activeRunsMax else {
            throw ModelViolation("\(active.count) attempts run beside run \(run.due.run)")
        }
        for limit in run.job.rules?.limits ?? [] {
            let key = limit.by == RunLimit.byJob ? "\(limit.name)/\(run.due.jobId)" : limit.name
            let count = active.filter { other in
                let limits = other.job.rules?.limits ?? []
                return limits.contains { $0.name == limit.name }
                    && (limit.by.isEmpty || other.due.jobId == run.due.jobId)
            }.count
            let window = Int64(limit.windowSeconds) * 1_000_000
            let lately = begun[key, default: []].filter { $0 > time - window }.count
            if limit.concurrentMax > 0 && count >= limit.concurrentMax {
                throw ModelViolation("limit \(key): \(count) run beside run \(run.due.run)")
            }
            if limit.rateMax > 0 && lately >= limit.rateMax {
                throw ModelViolation("limit \(key): \(lately) began before run \(run.due.run)")
            }
            begun[key, default: []].append(time)
        }
        if run.due.backfill != 0 {
            let lanes = active.filter { $0.due.backfill == run.due.backfill }.count
            guard lanes < run.due.backfillLanes else {
                throw ModelViolation("backfill \(run.due.backfill): \(lanes) run already")
            }
        }
    }
}
