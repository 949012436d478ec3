import Events
import Projections
import Timetable

/// Approvals: a step that a run waits for, and their end, whether a step's or an act's.
extension EngineCore {
    static let approvalKind = "approval"

    /// Makes what goes with open approvals: their timers, and which of them each run waits for.
    mutating func takeUpApprovals() {
        for approval in state.approvals.sorted() { keep(approval) }
    }

    /// Sets an approval's timer, and notes the run that waits for it.
    mutating func keep(_ approval: ApprovalState) {
        if approval.act == nil {
            approvalsOfRun[approval.run, default: []].insert(approval.approval)
        }
        timers.add(.approvalEnd(approval: approval.approval), at: approval.until)
    }

    // MARK: A step

    /// The approval that a run waits for under a name.
    private func openApproval(_ name: String, of run: UInt64) -> ApprovalState? {
        approvalsOfRun[run]?.lazy.compactMap { state.approvals[$0] }.first { $0.name == name }
    }

    /// When the wait for an approval is over, µs.
    ///
    /// A run that a person asked for, or that was put off, may come when the deadline is over
    /// already: it waits as long as an act does.
    func approvalEnd(
        _ run: RunState, _ schedule: CompiledSchedule, _ dependency: Dependency
    ) -> Int64 {
        if let open = openApproval(dependency.name, of: run.run) { return open.until }
        let date = try? CivilDate(parsing: run.businessDate)
        let moment = date.flatMap { schedule.moment(of: dependency.by, on: $0) }
        let deadline = moment ?? run.scheduled + schedule.dependencyDelay(dependency)
        let isAsked = run.trigger == "manual" || run.trigger == "requeue"
        let came = max(isAsked ? run.dueAt : 0, run.retryAt)
        return came >= deadline ? came + settings.approvalInterval : max(deadline, run.dueAt)
    }

    /// A run has come to a step that a person approves: people are asked, once.
    mutating func requestApproval(
        _ dependency: Dependency, _ run: RunState, _ schedule: CompiledSchedule
    ) throws {
        let until = approvalEnd(run, schedule, dependency)
        guard now < until, openApproval(dependency.name, of: run.run) == nil else { return }
        var requested = ApprovalRequested()
        requested.approval = state.nextSequence
        requested.jobId = run.jobId
        requested.run = run.run
        requested.name = dependency.name
        requested.until = until
        if run.trigger == "manual" || run.trigger == "requeue" { requested.requester = run.actor }
        try emit(requested, cause: run.lastSequence)
        guard let approval = state.approvals[requested.approval] else { return }
        keep(approval)
        try tell(
            of: approval, dependency.recipients,
            "run \(run.run) of '\(run.jobId)' for \(run.scheduledLocal) waits for the approval "
                + "'\(dependency.name)' until \(UTCText.of(microseconds: until)): "
                + "daybook approve \(approval.approval)")
    }

    /// Has people told that somebody is to decide an approval.
    mutating func tell(
        of approval: ApprovalState, _ recipients: [String], _ message: String
    ) throws {
        let usual = settings.escalation.alertContact
        let recipients = recipients.isEmpty && !usual.isEmpty ? [usual] : recipients
        guard !recipients.isEmpty, settings.tellsOfRuns else { return }
        var requested = NotificationRequested()
        requested.notification = state.nextSequence
        requested.jobId = approval.jobId
        requested.run = approval.run
        requested.kind = Self.approvalKind
        requested.message = message
        requested.recipients = recipients
        try emit(requested, cause: approval.approval)
        if let notice = state.alerts[requested.notification] { act(.notify(.raised(notice))) }
    }

    // MARK: Decided by a person

    /// An open approval that a person may decide.
    private func decidable(_ number: UInt64) throws(Rejection) -> ApprovalState {
        guard let approval = state.approvals[number] else {
            throw Rejection(
                .notFound, "approval \(number) is not open: daybook approvals shows those that are")
        }
        guard now < approval.until else {
            throw Rejection(.conflict, "the time of approval \(number) is over")
        }
        return approval
    }

    /// A person approves: the run goes on, or the act is carried out in this decision.
    mutating func approve(_ number: UInt64, _ reason: String, _ who: Authority) throws {
        let approval = try decidable(number)
        // The same name in other letters is no other person.
        guard who.actor.lowercased() != approval.requester.lowercased() else {
            throw Rejection(
                .conflict,
                "\(who.actor) asked for what approval \(number) is about; another person approves "
                    + "it")
        }
        try checkRoom()
        let outcome = try approval.act.map { try carryOut($0, of: approval) }
        authority = who
        tenant = approval.tenant
        var granted = ApprovalGranted()
        granted.approval = number
        granted.jobId = approval.jobId
        granted.run = approval.run
        granted.name = approval.name
        granted.reason = reason
        granted.requester = approval.requester
        try emit(granted, cause: number)
        authority = .engine
        forget(approval)
        if let outcome {
            return reply(
                run: outcome.run, "approval \(number) is granted: \(outcome.message)")
        }
        if let run = state.openRuns[approval.run] {
            try satisfied(run, approval.name, "\(who.actor) approved it")
            try passGates(run.run)
        }
        reply(
            run: approval.run,
            "approval \(number) is granted: run \(approval.run) goes on, as far as its gates let "
                + "it")
    }

    /// A person refuses: the act is not carried out; the run is skipped, or fails.
    ///
    /// Who asked for it may take it back so.
    mutating func refuse(_ number: UInt64, _ reason: String, _ who: Authority) throws {
        let approval = try decidable(number)
        guard !reason.isEmpty else { throw Rejection(.invalid, "a refusal needs a reason") }
        authority = who
        tenant = approval.tenant
        var refused = ApprovalRefused()
        refused.approval = number
        refused.jobId = approval.jobId
        refused.run = approval.run
        refused.name = approval.name
        refused.reason = reason
        try emit(refused, cause: number)
        authority = .engine
        forget(approval)
        if approval.act == nil, let run = state.openRuns[approval.run] {
            let step = try pinnedSchedule(run).definition.dependencies.first {
                $0.kind == Self.approvalKind && $0.name == approval.name
            }
            try giveUp(
                run, approval.name, "refused", step?.expiry == "skip",
                "\(who.actor) refused '\(approval.name)': \(reason)")
        }
        reply(
            run: approval.run == 0 ? nil : approval.run,
            "approval \(number) of '\(approval.name)' is refused")
    }

    private mutating func forget(_ approval: ApprovalState) {
        approvalsOfRun[approval.run]?.remove(approval.approval)
        if approvalsOfRun[approval.run]?.isEmpty == true { approvalsOfRun[approval.run] = nil }
    }

    // MARK: Over by itself

    private mutating func expire(_ approval: ApprovalState, _ reason: String) throws {
        var expired = ApprovalExpired()
        expired.approval = approval.approval
        expired.jobId = approval.jobId
        expired.run = approval.run
        expired.name = approval.name
        expired.reason = reason
        try emit(expired, cause: approval.approval)
        forget(approval)
    }

    /// An approval's time is over, unless it was decided before.
    mutating func approvalEnded(_ number: UInt64) throws {
        guard let approval = state.approvals[number], approval.until <= now else { return }
        tenant = approval.tenant
        try expire(approval, "nobody decided it in time")
        if approval.act == nil { try expireHold(approval.run) }
    }

    /// The wait of a run for an approval is over.
    mutating func expireApproval(_ name: String, of run: RunState) throws {
        guard let approval = openApproval(name, of: run.run) else { return }
        try expire(approval, "nobody decided it in time")
    }

    /// Nobody needs what a run waited for any more.
    mutating func closeApprovals(of run: RunState, _ reason: String) throws {
        for number in (approvalsOfRun[run.run] ?? []).sorted() {
            guard let approval = state.approvals[number] else { continue }
            try expire(approval, reason)
        }
    }
}
