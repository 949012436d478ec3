import Events
import Projections

/// What an external dependency of a run answered last.
struct KnownAnswer: Sendable {
    /// The status; empty where it was asked and has not answered yet.
    var status = ""
    /// How often in a row it gave that answer.
    var count = 0
}

/// The gate of dependencies: what a run waits for, by its business date.
extension EngineCore {
    static let dependencyGate = "dependency"

    /// How a dependency stands to a run.
    enum Readiness {
        case ready(String)
        case waiting
        /// It will not come any more: the run is skipped, or fails.
        case lost(isSkipped: Bool, String)
    }

    /// Whether a run waits for its dependencies, or is over by one of them.
    ///
    /// All must be ready, or any of them, as the definition says. Of any, one that is lost counts
    /// for nothing as long as another may come.
    mutating func dependenciesHold(_ run: RunState, _ schedule: CompiledSchedule) throws -> Bool {
        let dependencies = schedule.definition.dependencies
        let isAny = schedule.definition.rules?.dependencyMode == "any"
        if dependencies.isEmpty { return false }
        if isAny && !run.satisfied.isEmpty {
            try closeApprovals(of: run, "another dependency was enough")
            return false
        }
        var waiting: [Dependency] = []
        var lost: (dependency: Dependency, isSkipped: Bool, message: String)?
        for dependency in dependencies where !run.satisfied.contains(dependency.name) {
            switch readiness(run, dependency) {
            case .ready(let detail):
                try satisfied(run, dependency.name, detail)
                if isAny {
                    try closeApprovals(of: run, "another dependency was enough")
                    return false
                }
            case .waiting: waiting.append(dependency)
            case .lost(let isSkipped, let message):
                if lost == nil { lost = (dependency, isSkipped, message) }
            }
        }
        if let lost, !isAny || waiting.isEmpty {
            try giveUp(run, lost.dependency.name, "upstream", lost.isSkipped, lost.message)
            return true
        }
        if waiting.isEmpty { return false }
        for dependency in waiting { try wait(for: dependency, run, schedule) }
        try hold(
            run.run, gate: Self.dependencyGate,
            detail: waiting.map(\.name).joined(separator: ", "),
            until: waiting.map { dependencyEnd(run, schedule, $0) }.max() ?? 0)
        return true
    }

    private func readiness(_ run: RunState, _ dependency: Dependency) -> Readiness {
        switch dependency.kind {
        case "job": break
        case Self.approvalKind:
            return settings.assumedStatus == "READY" ? .ready("assumed") : .waiting
        default: return reported(run, dependency)
        }
        let key = ScheduleKey(run.tenant, dependency.name)
        let known = state.schedules[key]
        if known?.isRemoved ?? true {
            let elements = elements(of: key)
            if !elements.isEmpty { return readiness(of: elements, dependency, run.businessDate) }
        }
        return Self.readiness(known, dependency.name, dependency.condition, run.businessDate)
    }

    /// How a schedule stands to a run of a business date that waits for it.
    static func readiness(
        _ known: ScheduleState?, _ name: String, _ condition: String, _ date: String
    ) -> Readiness {
        let hasSucceeded = known?.lastSuccessDate == date
        let last = known?.lastBusinessDate == date ? known?.lastStatus : nil
        switch condition {
        case "failure":
            if hasSucceeded { return .lost(isSkipped: true, "'\(name)' succeeded for \(date)") }
            switch last {
            case RunStatus.dead.rawValue: return .ready("it failed for \(date)")
            case RunStatus.skipped.rawValue, RunStatus.cancelled.rawValue:
                return .lost(isSkipped: true, "'\(name)' did not run for \(date)")
            default: return .waiting
            }
        case "end":
            if hasSucceeded { return .ready("it succeeded for \(date)") }
            return last.map { .ready("it is \($0) for \(date)") } ?? .waiting
        default:
            if hasSucceeded { return .ready("it succeeded for \(date)") }
            switch last {
            case RunStatus.skipped.rawValue:
                return .lost(isSkipped: true, "'\(name)' was skipped")
            case RunStatus.dead.rawValue:
                return .lost(isSkipped: false, "'\(name)' failed for \(date)")
            default: return .waiting
            }
        }
    }

    /// A run waits for a dependency: it is told when a job of that name ends, or asks.
    private mutating func wait(
        for dependency: Dependency, _ run: RunState, _ schedule: CompiledSchedule
    ) throws {
        switch dependency.kind {
        case "job": wait(run, for: ScheduleKey(run.tenant, dependency.name))
        case Self.approvalKind: try requestApproval(dependency, run, schedule)
        default:
            wait(run, for: Self.reportKey(ScheduleKey(run.tenant, dependency.name)))
            if lastAnswer[run.run]?[dependency.name] == nil, let probe = dependency.probe {
                lastAnswer[run.run, default: [:]][dependency.name] = KnownAnswer()
                act(.probe(try attemptRequest(of: run), name: dependency.name, probe))
            }
        }
        addTimer(.holdEnd(run: run.run), of: run, at: dependencyEnd(run, schedule, dependency))
    }

    mutating func satisfied(_ run: RunState, _ name: String, _ detail: String) throws {
        var event = DependencySatisfied()
        event.run = run.run
        event.jobId = run.jobId
        event.name = name
        event.detail = detail
        try emit(event, cause: run.lastSequence)
    }

    /// What a run waits for will not come: it is skipped, or fails.
    mutating func giveUp(
        _ run: RunState, _ name: String, _ reason: String, _ isSkipped: Bool, _ message: String
    ) throws {
        if isSkipped { return try skip(run.run, Self.dependencyGate, message) }
        var event = DependencyFailed()
        event.run = run.run
        event.jobId = run.jobId
        event.name = name
        event.reason = reason
        let cause = try emit(event, cause: run.lastSequence)
        var failed = RunFailed()
        failed.run = run.run
        failed.jobId = run.jobId
        failed.attempt = run.attempt
        failed.failureClass = Self.dependencyGate
        failed.message = message
        failed.isDefinite = true
        let failure = try emit(failed, cause: cause)
        try die(run, reason: Self.dependencyGate, message, cause: failure)
    }

    /// An external dependency answered.
    mutating func dependencyAnswer(
        _ number: UInt64, _ name: String, _ status: String, _ detail: String
    ) throws {
        guard let run = state.openRuns[number], run.status == .held || run.status == .due else {
            return
        }
        tenant = run.tenant
        let schedule = try pinnedSchedule(run)
        let dependencies = schedule.definition.dependencies
        guard let place = dependencies.firstIndex(where: { $0.name == name }),
            !run.satisfied.contains(name)
        else { return }
        let dependency = dependencies[place]
        var answer = lastAnswer[number]?[name] ?? KnownAnswer()
        let isNew = answer.status != status
        answer = KnownAnswer(status: status, count: isNew ? 1 : answer.count + 1)
        lastAnswer[number, default: [:]][name] = answer
        if isNew {
            var event = DependencyStatusRead()
            event.run = number
            event.jobId = run.jobId
            event.name = name
            event.status = status
            event.detail = detail
            try emit(event, cause: run.lastSequence)
        }
        if status == "READY" {
            try satisfied(run, name, "it answered READY")
            return try passGates(number)
        }
        let until = max(run.scheduled + schedule.dependencyDelay(dependency), run.dueAt)
        if now >= until { return try expireHold(number) }
        let pause = Self.pollPause(dependency, after: answer.count)
        // A record of 65,535 bytes holds fewer of them than this number counts.
        let dependencyPlace = UInt16(clamping: place)
        addTimer(
            .poll(run: number, dependency: dependencyPlace), of: run, at: min(now + pause, until))
    }

    /// How long an external dependency is left alone after the same answer so often, µs: at first
    /// `pollSeconds`, twice as long each time, ten times as long at the most.
    static func pollPause(_ dependency: Dependency, after count: Int) -> Int64 {
        let first = Int64(clamping: min(max(dependency.pollSeconds, 1), 86_400)) * 1_000_000
        return first * min(1 << Int64(min(max(count - 1, 0), 4)), 10)
    }

    /// An external dependency is to be asked again.
    mutating func poll(_ number: UInt64, _ place: UInt16) throws {
        guard let run = state.openRuns[number], run.status == .held else { return }
        let schedule = try pinnedSchedule(run)
        let dependencies = schedule.definition.dependencies
        guard dependencies.indices.contains(Int(place)) else { return }
        let dependency = dependencies[Int(place)]
        if run.satisfied.contains(dependency.name) { return }
        if let probe = dependency.probe {
            act(.probe(try attemptRequest(of: run), name: dependency.name, probe))
        }
    }

    /// A held run's wait for one of its dependencies is over.
    mutating func expireHold(_ number: UInt64) throws {
        guard let run = state.openRuns[number], run.status == .held, run.gate == Self.dependencyGate
        else { return }
        tenant = run.tenant
        let schedule = try pinnedSchedule(run)
        let isAny = schedule.definition.rules?.dependencyMode == "any"
        var expired: [Dependency] = []
        var mayCome = false
        for dependency in schedule.definition.dependencies
        where !run.satisfied.contains(dependency.name) {
            let until = dependencyEnd(run, schedule, dependency)
            guard now >= until else {
                addTimer(.holdEnd(run: number), of: run, at: until)
                mayCome = true
                continue
            }
            // An external dependency is asked at least once, however late the run came.
            if lastAnswer[number]?[dependency.name]?.status == "" {
                mayCome = true
                continue
            }
            expired.append(dependency)
        }
        for approval in expired where approval.kind == Self.approvalKind {
            try expireApproval(approval.name, of: run)
        }
        guard let first = expired.first, !isAny || !mayCome else { return }
        for dependency in expired where dependency.expiry == "run" {
            try satisfied(run, dependency.name, "it did not come, and onExpiry is run")
        }
        guard let last = expired.first(where: { $0.expiry != "run" }),
            !isAny || first.expiry != "run"
        else { return try passGates(number) }
        try giveUp(
            run, last.name, "expired", last.expiry == "skip",
            last.kind == Self.approvalKind
                ? "nobody approved '\(last.name)' in time"
                : "dependency '\(last.name)' was not ready "
                    + "\(schedule.dependencyDelay(last) / 60_000_000) minutes after the "
                    + "scheduled time")
    }

    /// When the wait for a dependency is over, µs: counted from the scheduled time, or from the end
    /// of what put the run off.
    func dependencyEnd(
        _ run: RunState, _ schedule: CompiledSchedule, _ dependency: Dependency
    ) -> Int64 {
        if dependency.kind == Self.approvalKind {
            return approvalEnd(run, schedule, dependency)
        }
        return max(
            max(run.scheduled, run.retryAt) + schedule.dependencyDelay(dependency), run.dueAt)
    }
}
