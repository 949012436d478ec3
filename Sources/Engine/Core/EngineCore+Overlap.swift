import Events
import Projections

/// The overlap gate.
extension EngineCore {
    /// Why an occurrence that has just become due is skipped, where a run of its schedule was open
    /// before it; nil where it goes on to its gates.
    func overlapRefusal(_ schedule: CompiledSchedule) -> String? {
        switch schedule.overlap {
        case .skip: return "a run of this schedule is still open"
        case .bufferOne:
            let isAnotherWaiting = (openOfJob[schedule.key] ?? []).contains { number in
                guard let run = state.openRuns[number] else { return false }
                return run.status == .held && run.gate == Self.overlapGate
            }
            return isAnotherWaiting
                ? "a run of this schedule waits already, and overlap is bufferOne" : nil
        case .bufferAll, .cancelOther, .terminateOther, .allowAll: return nil
        }
    }

    static let overlapGate = "overlap"

    /// The overlap gate, before a run's first attempt: others of the schedule may be open.
    ///
    /// - Returns: whether the run is held here, or over.
    mutating func overlapHolds(_ run: RunState, _ schedule: CompiledSchedule) throws -> Bool {
        guard schedule.overlap != .allowAll, run.attempt == 0, run.backfill == 0 else {
            return false
        }
        if !isBlocked(run) { return false }
        if run.isUntouched, schedule.overlap == .skip,
            run.trigger != "catchUp" || schedule.definition.catchUp != "all"
        {
            try skip(run.run, Self.overlapGate, "a run of this schedule is still open")
            return true
        }
        if schedule.overlap == .cancelOther || schedule.overlap == .terminateOther {
            try endOthers(run, schedule)
            // Those that had not begun are gone already.
            if state.openRuns[run.run] == nil { return true }
            if !isBlocked(run) { return false }
        }
        wait(run, for: run.schedule)
        try hold(
            run.run, gate: Self.overlapGate, detail: "a run of this schedule is still open",
            until: 0)
        return true
    }

    /// Whether an open run of the same schedule keeps this one from starting: one that is active or
    /// is to be tried again, or an older one that is not put off.
    private func isBlocked(_ run: RunState) -> Bool {
        (openOfJob[run.schedule] ?? []).contains { number in
            guard number != run.run, let other = state.openRuns[number], other.backfill == 0
            else { return false }
            return other.status.isActive || other.status == .retryScheduled
                || (other.run < run.run && !other.isPutOff)
        }
    }

    /// Ends the older runs of a schedule, so that a new one may follow.
    private mutating func endOthers(_ run: RunState, _ schedule: CompiledSchedule) throws {
        let isForced = schedule.overlap == .terminateOther
        let reason = "run \(run.run) takes its place (overlap: \(schedule.overlap.rawValue))"
        for number in (openOfJob[run.schedule] ?? []).sorted() where number < run.run {
            guard let other = state.openRuns[number], !other.isPutOff, other.backfill == 0
            else { continue }
            if !other.isCancelRequested {
                try requestEnd(other, reason, isForced: isForced)
            } else if isForced {
                act(.terminate(run: number, attempt: other.attempt, isForced: true))
            }
        }
    }
}
