import Events
import Projections

/// Approvals, as the model has them.
///
/// - Each is decided exactly once, by another person than the one who asked.
/// - Nothing begins while an approval of it is open; one that is refused ends its run.
/// - An act that needs two people is in one decision with its approval.
extension RunModel {
    struct Approvals {
        var open: [UInt64: ApprovalRequested] = [:]
        /// The steps that a person granted, by run and name.
        var granted: Set<String> = []
        /// Runs whose step was refused in this decision.
        var refused: [UInt64] = []
        /// The act that was done in this decision, and is to be approved in it.
        var done: (act: String, actor: String)?
    }

    mutating func takeApproval(_ event: Event) throws {
        switch event.payload {
        case let requested as ApprovalRequested: try ask(requested, event)
        case let granted as ApprovalGranted:
            let asked = try decide(granted.approval, event)
            guard event.envelope.actor != asked.requester else {
                throw ModelViolation("\(asked.requester) approved what \(asked.requester) asked")
            }
            count { $0.approvals += 1 }
            guard let act = asked.act else {
                approvals.granted.insert("\(asked.run) \(asked.name)")
                return
            }
            count { $0.acts += 1 }
            if let done = approvals.done, done == (act.act, asked.requester) {
                approvals.done = nil
            }
        case let refused as ApprovalRefused:
            let asked = try decide(refused.approval, event)
            if asked.act == nil { approvals.refused.append(asked.run) }
        case let expired as ApprovalExpired: _ = try close(expired.approval)
        default: try noteAct(event)
        }
    }

    private mutating func ask(_ requested: ApprovalRequested, _ event: Event) throws {
        guard requested.approval == event.envelope.sequence,
            requested.until > event.envelope.time
        else { throw ModelViolation("approval \(requested.approval) cannot be decided") }
        if let act = requested.act {
            guard guardedActs.contains(act.act), requested.requester == event.envelope.actor
            else { throw ModelViolation("'\(act.act)' needs no approval") }
        } else {
            let isOpen = approvals.open.values.contains {
                $0.act == nil && $0.run == requested.run && $0.name == requested.name
            }
            guard !isOpen, let run = runs[requested.run], run.stage == .waiting,
                !run.satisfied.contains(requested.name),
                run.job.dependencies.contains(where: {
                    $0.kind == "approval" && $0.name == requested.name
                })
            else { throw ModelViolation("run \(requested.run) does not wait for an approval") }
        }
        approvals.open[requested.approval] = requested
    }

    private mutating func close(_ number: UInt64) throws -> ApprovalRequested {
        guard let asked = approvals.open.removeValue(forKey: number) else {
            throw ModelViolation("approval \(number) is not open")
        }
        return asked
    }

    private mutating func decide(_ number: UInt64, _ event: Event) throws -> ApprovalRequested {
        let asked = try close(number)
        guard event.envelope.actor.hasPrefix("user:"), event.envelope.time < asked.until else {
            throw ModelViolation("approval \(number) is decided by nobody, or too late")
        }
        return asked
    }

    /// A step is satisfied by a person, or goes on without one where its definition says so.
    func checkStep(_ satisfied: DependencySatisfied) throws {
        guard let run = runs[satisfied.run],
            let step = run.job.dependencies.first(where: { $0.name == satisfied.name }),
            step.kind == "approval"
        else { return }
        let isOpen = approvals.open.values.contains {
            $0.act == nil && $0.run == satisfied.run && $0.name == satisfied.name
        }
        guard !isOpen,
            approvals.granted.contains("\(satisfied.run) \(step.name)") || step.expiry == "run"
        else { throw ModelViolation("nobody approved '\(step.name)' of run \(satisfied.run)") }
    }

    func checkApprovals(_ run: Run) throws {
        if approvals.open.values.contains(where: { $0.act == nil && $0.run == run.due.run }) {
            throw ModelViolation("run \(run.due.run) begins while an approval of it is open")
        }
    }

    /// An act of a person that needs another one.
    private mutating func noteAct(_ event: Event) throws {
        let actor = event.envelope.actor
        guard actor.hasPrefix("user:") else { return }
        let act: String
        switch event.payload {
        case is ScheduleDisabled: act = "pause"
        case is ScheduleEnabled: act = "resume"
        case is RunRequeued: act = "requeue"
        case is RunCancelRequested, is RunCancelled: act = "cancel"
        case is BlackoutDeclared: act = "declare-blackout"
        case let due as RunDue where due.trigger == "manual": act = "run"
        case let due as RunDue where due.trigger == "backfill": act = "backfill"
        default: return
        }
        if guardedActs.contains(act) { approvals.done = (act, actor) }
    }

    /// A decision is whole: what must be in one stood in it.
    mutating func endDecision() throws {
        if let done = approvals.done {
            throw ModelViolation("\(done.actor) did '\(done.act)' alone")
        }
        for run in approvals.refused where runs[run]?.stage != .over {
            throw ModelViolation("run \(run) was refused, and goes on")
        }
        approvals.refused = []
        for asked in approvals.open.values
        where asked.act == nil && runs[asked.run]?.stage == .over {
            throw ModelViolation("run \(asked.run) is over, and approval \(asked.approval) open")
        }
        try checkLeases()
    }

    func checkApprovals(_ state: ProjectedState) throws {
        guard Set(state.approvals.sorted().map(\.approval)) == Set(approvals.open.keys) else {
            throw ModelViolation("other approvals are open than the model has")
        }
        for asked in approvals.open.values where asked.until <= state.lastTime {
            throw ModelViolation("approval \(asked.approval) has outlived its time")
        }
    }
}
