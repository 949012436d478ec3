import Events
import Projections

/// Which command is whose: what each needs in authority, and who decides it.
extension EngineCore {
    /// Checks the authority that a command needs, and carries it out or has it approved.
    mutating func decide(_ command: Command) throws {
        switch command {
        case .approve(_, _, let who), .refuse(_, _, let who):
            try settings.tickets.check(who.ticket)
        case .pause(_, _, _, let who), .resume(_, _, let who), .runNow(_, _, _, let who, _),
            .skipNext(_, _, let who), .moveNext(_, _, _, let who), .retryNow(_, _, let who),
            .backfill(_, _, _, let who), .cancelBackfill(_, _, let who),
            .cancel(_, _, let who), .requeue(_, _, let who), .declareBlackout(_, _, let who),
            .liftBlackout(_, _, let who), .acknowledge(_, _, let who):
            try settings.tickets.check(who.ticket)
        case .defineJobType(_, _, let who), .removeJobType(_, _, let who):
            try settings.tickets.check(who.ticket)
        case .defineSchedules(_, let who, _, _), .removeSchedule(_, _, let who),
            .cancelReference(_, _, _, let who, _):
            var rule = settings.tickets
            rule.isRequired = rule.isRequired && settings.schedulesNeedTicket
            try rule.check(who.ticket)
        case .control(let act, _) where act.isManual || !act.authority.ticket.isEmpty:
            try settings.tickets.check(act.authority.ticket)
        case .exchange(let act, _):
            if let who = act.manualAuthority { try settings.tickets.check(who.ticket) }
        default: break
        }
        if try !isAskedFor(command) { try carryOut(command) }
    }

    /// Carries out a command whose authority was checked.
    mutating func carryOut(_ command: Command) throws {
        switch command {
        case .control(let act, let tenant): try control(act, tenant: tenant)
        case .exchange(let command, let tenant): try exchange(command, tenant: tenant)
        case .approve(let number, let reason, let who): try approve(number, reason, who)
        case .refuse(let number, let reason, let who): try refuse(number, reason, who)
        case .reportDependency(let key, let date, let status, let who):
            try report(key, date, status, who)
        case .applyConfiguration(let input): try applyConfiguration(input)
        case .defineSchedules, .removeSchedule, .cancelReference, .defineJobType, .removeJobType:
            try decideByAPI(command)
        case .pause(let key, let until, let reason, let who):
            try pause(key, until: until, reason, who)
        case .skipNext(let key, let reason, let who): try skipNext(key, reason, who)
        case .moveNext(let key, let time, let reason, let who):
            try moveNext(key, to: time, reason, who)
        case .retryNow(let run, let reason, let who): try retryNow(run, reason, who)
        case .backfill(let key, let stretch, let reason, let who):
            try backfill(key, stretch, reason, who)
        case .cancelBackfill(let number, let reason, let who):
            try cancelBackfill(number, reason, who)
        case .resume(let key, let reason, let who): try resume(key, reason, who)
        case .runNow(let key, let scheduled, let reason, let who, let passesBlackouts):
            try runNow(key, scheduled, reason, who, passesBlackouts: passesBlackouts)
        case .declareBlackout(let blackout, let tenant, let who):
            try declare(blackout, tenant, who)
        case .liftBlackout(let key, let reason, let who): try lift(key, reason, who)
        case .cancel(let run, let reason, let who): try cancel(run, reason, who)
        case .requeue(let run, let reason, let who): try requeue(run, reason, who)
        case .processReady(let run, let attempt, let pid, let startTicks, let bootId):
            try processReady(run, attempt, pid, startTicks, bootId)
        case .accepted(let run, let attempt): try accepted(run, attempt)
        case .ended(let run, let attempt, let result): try ended(run, attempt, result)
        case .complete(let run, let attempt, let result, let who):
            try complete(run, attempt, result, who)
        case .dependencyAnswer(let run, let name, let status, let detail):
            try dependencyAnswer(run, name, status, detail)
        case .acknowledge(let alert, let reason, let who): try acknowledge(alert, reason, who)
        case .notified(let outcome): try notified(outcome)
        case .clockStepped(let kind, let expected, let seen):
            try clockStepped(kind, expected, seen)
        case .spaceChanged(let space, let free, let wanted):
            try spaceChanged(space, free, wanted)
        case .checkpointSigned(let signed): try checkpointSigned(signed)
        case .checkpointKeyChanged(let key): try checkpointKeyChanged(key)
        case .scrubCompleted(let scrub): try scrubCompleted(scrub)
        case .logTrouble(let kind, let message): try logTrouble(kind, message)
        case .logTroubleOver(let kind, let reason): try logTroubleOver(kind, reason)
        case .worker(let command): try decide(command)
        case .drain: isDraining = true
        case .endActive(let reason): try endActive(reason)
        case .stop(let reason): try stop(reason)
        }
    }

    private mutating func decideByAPI(_ command: Command) throws {
        switch command {
        case .defineSchedules(let definitions, let who, let replaces, let tenant):
            try defineSchedules(definitions, replaces: replaces, tenant: tenant, who)
        case .removeSchedule(let key, let reason, let who):
            try removeSchedule(key, reason, who)
        case .cancelReference(let reference, let pauses, let reason, let who, let tenant):
            try cancelReference(reference, tenant: tenant, pauses: pauses, reason, who)
        case .defineJobType(let key, let fields, let who):
            try defineJobType(key, fields, who)
        case .removeJobType(let key, let reason, let who):
            try removeJobType(key, reason, who)
        default: break  // the others are decided by the caller
        }
    }
}
