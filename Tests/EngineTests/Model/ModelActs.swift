import DaybookTestSupport
import Engine
import Events
import Projections

/// What people do, sensible or not.
extension ModelWorld {
    /// Somebody does something: what is refused must change nothing.
    mutating func act() throws { try attempt(command()) }

    /// Somebody decides what waits for an approval.
    mutating func decideApproval() throws {
        let open = core.state.approvals.sorted().map(\.approval)
        let number = open.randomElement(using: &random) ?? 0
        let who = Authority(
            actor: Bool.random(using: &random) ? "user:model" : "user:second", ticket: "CHG-2")
        try attempt(
            Int.random(in: 0..<4, using: &random) > 0
                ? .approve(number, reason: "model", who)
                : .refuse(number, reason: "model", who))
    }

    private mutating func attempt(_ command: Command) throws {
        let before = core.state.lastSequence
        do {
            try handle(command)
        } catch let rejection as Rejection {
            guard core.state.lastSequence == before else {
                throw ModelViolation(
                    "refused (\(rejection.message)), and yet something was decided")
            }
        }
    }

    /// The configuration anew: elements come and go, are disabled, and change with their job.
    private mutating func configuration() -> ConfigurationInput {
        var input = ConfigurationInput()
        let priority = UInt64.random(in: 0...2, using: &random)
        for job in jobs {
            var job = job
            if job.rules?.fanOutOf.isEmpty == false {
                if Int.random(in: 0..<3, using: &random) == 0 { continue }
                job.isEnabled = Int.random(in: 0..<4, using: &random) > 0
                job.rules?.priority = priority
            }
            input.definitions.append(job)
        }
        return input
    }

    private mutating func command() -> Command {
        let who = Authority(actor: "user:model", ticket: "CHG-1")
        let name = jobs.randomElement(using: &random)?.jobId ?? ""
        let key = ScheduleKey("default", name)
        let open = core.state.openRuns.sorted().map(\.run)
        let run = open.randomElement(using: &random) ?? 0
        let later = now + Int64.random(in: -1...20, using: &random) * Self.minute
        switch Int.random(in: 0..<14, using: &random) {
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
        case 11, 12:
            return .applyConfiguration(configuration())
        default:
            var blackout = BlackoutDefinition()
            blackout.name = "model"
            blackout.action =
                ["skip", "defer", "deferCoalesced"].randomElement(using: &random) ?? ""
            blackout.source = "api"
            blackout.reason = "model"
            blackout.jobs = [name.hasPrefix("fan[") && Bool.random(using: &random) ? "fan" : name]
            blackout.from = now
            blackout.until = max(later, now + 1)
            return .declareBlackout(blackout, tenant: "default", who)
        }
    }
}
