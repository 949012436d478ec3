import Events
import Projections

/// Acts that a person asks for and another one approves before they are carried out.
extension EngineCore {
    /// So many acts wait for their approval at once.
    static let askedActsMax = 1_000

    /// Notes an act that another person is to approve first.
    ///
    /// - Returns: whether it was noted, and so is not carried out now.
    mutating func isAskedFor(_ command: Command) throws -> Bool {
        guard let (act, key, who) = command.act, needsApproval(act) else { return false }
        try checkRoom()
        let about = try subject(of: act, key)
        var open: [ApprovalState] = []
        state.approvals.forEach { if $0.act != nil { open.append($0) } }
        let same = open.first {
            $0.act == act && $0.tenant == about.tenant && $0.requester == who.actor
                && $0.ticket == who.ticket
        }
        if let same {
            reply(
                run: same.run == 0 ? nil : same.run, approval: same.approval,
                "approval \(same.approval) was requested for this already")
            return true
        }
        guard open.count < Self.askedActsMax else {
            throw Rejection(
                .conflict,
                "\(Self.askedActsMax) acts wait for an approval; decide some of them first")
        }
        try request(act, about, who)
        return true
    }

    /// Whether an act is carried out by two people alone: it, or what it does to runs and
    /// schedules, is one that the settings name.
    private func needsApproval(_ act: ActRequest) -> Bool {
        settings.fourEyes.contains(act.act)
            || ActRequest.parts(of: act.act).contains { settings.fourEyes.contains($0) }
    }

    /// What an act is about: it must be there when it is asked for.
    private func subject(
        of act: ActRequest, _ key: ScheduleKey?
    ) throws -> (tenant: String, jobId: String, run: UInt64) {
        if let key {
            switch act.act {
            case "declare-blackout": return (key.tenant, "", 0)
            case "lift-blackout":
                guard state.blackouts[key] != nil else {
                    throw Rejection(.notFound, "there is no blackout '\(key.jobId)'")
                }
                return (key.tenant, "", 0)
            case ActRequest.cancelReference, ActRequest.pauseReference:
                _ = try referenced(
                    key.jobId, key.tenant, pauses: act.act == ActRequest.pauseReference)
                return (key.tenant, "", 0)
            default:
                _ = try known(key)
                return (key.tenant, key.jobId, 0)
            }
        }
        if act.act == "cancel-backfill" {
            var found: RunState?
            state.openRuns.forEach { if $0.backfill == act.run && act.run != 0 { found = $0 } }
            guard let found else {
                throw Rejection(.notFound, "backfill \(act.run) has no open run")
            }
            return (found.tenant, found.jobId, 0)
        }
        let isRequeue = act.act == "requeue"
        guard let run = isRequeue ? state.deadRuns[act.run] : state.openRuns[act.run] else {
            throw Rejection(
                .notFound,
                isRequeue
                    ? "run \(act.run) is not in the dead-letter queue"
                    : "run \(act.run) is not open")
        }
        return (run.tenant, run.jobId, run.run)
    }

    private mutating func request(
        _ act: ActRequest, _ about: (tenant: String, jobId: String, run: UInt64), _ who: Authority
    ) throws {
        authority = who
        tenant = about.tenant
        var requested = ApprovalRequested()
        requested.approval = state.nextSequence
        requested.jobId = about.jobId
        requested.run = about.run
        requested.name = act.act
        requested.until = now + settings.approvalInterval
        requested.requester = who.actor
        requested.act = act
        try emit(requested)
        authority = .engine
        guard let approval = state.approvals[requested.approval] else { return }
        keep(approval)
        let subject =
            about.run > 0 ? "run \(about.run)" : act.subject.isEmpty ? act.act : act.subject
        try tell(
            of: approval, [],
            "\(who.actor) asks for the act '\(act.act)' on \(subject), until "
                + "\(UTCText.of(microseconds: approval.until)): "
                + "daybook approve \(approval.approval)")
        reply(
            run: about.run == 0 ? nil : about.run, approval: approval.approval,
            "the act '\(act.act)' waits for another person: approval \(approval.approval), until "
                + UTCText.of(microseconds: approval.until))
    }

    /// Carries out an act that is approved, with the authority of who asked for it.
    ///
    /// - Throws: `Rejection` where it cannot be carried out now; the approval stays open.
    mutating func carryOut(_ act: ActRequest, of approval: ApprovalState) throws -> Reply {
        let who = Authority(
            actor: approval.requester, ticket: approval.ticket, request: approval.request)
        guard let command = act.command(tenant: approval.tenant, who) else {
            throw Rejection(
                .conflict,
                "this build does not know the act '\(act.act)'; use the daybook that wrote it, or "
                    + "a newer one")
        }
        do {
            try carryOut(command)
        } catch let rejection as Rejection {
            let isOfEngine = rejection.code == .stopping || rejection.code == .diskFull
            throw Rejection(
                isOfEngine ? rejection.code : .conflict,
                "the act '\(act.act)' cannot be carried out: \(rejection.message); approval "
                    + "\(approval.approval) stays open until "
                    + UTCText.of(microseconds: approval.until))
        }
        return replySoFar
    }
}

extension Command {
    /// The act of a person that this is, as an approval records it, with the key of what it is
    /// about where that is no run; nil for any other command.
    fileprivate var act: (request: ActRequest, key: ScheduleKey?, who: Authority)? {
        var act = ActRequest()
        let key: ScheduleKey?
        let by: Authority
        switch self {
        case .pause(let of, let until, let reason, let who):
            (act.act, act.time, act.reason, key, by) = ("pause", until ?? 0, reason, of, who)
        case .resume(let of, let reason, let who):
            (act.act, act.reason, key, by) = ("resume", reason, of, who)
        case .runNow(let of, let scheduled, let reason, let who, let passesBlackouts):
            (act.act, act.time, act.reason, key, by) = ("run", scheduled ?? 0, reason, of, who)
            act.passesBlackouts = passesBlackouts
        case .skipNext(let of, let reason, let who):
            (act.act, act.reason, key, by) = ("skip-next", reason, of, who)
        case .moveNext(let of, let time, let reason, let who):
            (act.act, act.time, act.reason, key, by) = ("move-next", time, reason, of, who)
        case .retryNow(let run, let reason, let who):
            (act.act, act.run, act.reason, key, by) = ("retry", run, reason, nil, who)
        case .backfill(let of, let stretch, let reason, let who):
            // One that only says what it would make writes nothing.
            if stretch.isTrial { return nil }
            (act.act, act.reason, key, by) = ("backfill", reason, of, who)
            (act.from, act.through, act.lanes) = (stretch.from, stretch.through, stretch.lanes)
        case .cancelBackfill(let number, let reason, let who):
            (act.act, act.run, act.reason, key, by) = ("cancel-backfill", number, reason, nil, who)
        case .cancel(let run, let reason, let who):
            (act.act, act.run, act.reason, key, by) = ("cancel", run, reason, nil, who)
        case .requeue(let run, let reason, let who):
            (act.act, act.run, act.reason, key, by) = ("requeue", run, reason, nil, who)
        case .declareBlackout(let blackout, let tenant, let who):
            (act.act, act.blackout, act.reason) = ("declare-blackout", blackout, blackout.reason)
            (key, by) = (ScheduleKey(tenant, blackout.name), who)
        case .liftBlackout(let of, let reason, let who):
            (act.act, act.reason, key, by) = ("lift-blackout", reason, of, who)
        case .cancelReference(let reference, let pauses, let reason, let who, let tenant):
            act.act = pauses ? ActRequest.pauseReference : ActRequest.cancelReference
            (act.reason, key, by) = (reason, ScheduleKey(tenant, reference), who)
        default: return nil
        }
        act.subject = key?.jobId ?? ""
        return (act, key, by)
    }
}

extension ActRequest {
    /// The command that carries it out; nil where this build does not know it.
    fileprivate func command(tenant: String, _ who: Authority) -> Command? {
        let key = ScheduleKey(tenant, subject)
        let moment = time == 0 ? nil : time
        switch act {
        case "pause": return .pause(key, until: moment, reason: reason, who)
        case "resume": return .resume(key, reason: reason, who)
        case "run":
            return .runNow(
                key, scheduled: moment, reason: reason, who, passesBlackouts: passesBlackouts)
        case "skip-next": return .skipNext(key, reason: reason, who)
        case "move-next": return .moveNext(key, to: time, reason: reason, who)
        case "retry": return .retryNow(run: run, reason: reason, who)
        case "backfill":
            let stretch = BackfillStretch(from: from, through: through, lanes: lanes)
            return .backfill(key, stretch, reason: reason, who)
        case "cancel-backfill": return .cancelBackfill(run, reason: reason, who)
        case "cancel": return .cancel(run: run, reason: reason, who)
        case "requeue": return .requeue(run: run, reason: reason, who)
        case "declare-blackout":
            return blackout.map { .declareBlackout($0, tenant: tenant, who) }
        case "lift-blackout": return .liftBlackout(key, reason: reason, who)
        case Self.cancelReference, Self.pauseReference:
            return .cancelReference(
                subject, pauses: act == Self.pauseReference, reason: reason, who, tenant: tenant)
        default: return nil
        }
    }
}
