import Events
import Projections

/// What follows an occurrence that is due while a run of its schedule is open.
public enum OverlapPolicy: String, Sendable, CaseIterable {
    /// It is skipped.
    case skip
    /// It waits for the end of the other; one waits at most, the next is skipped.
    case bufferOne
    /// It waits for the end of the others, however many there are.
    case bufferAll
    /// The others are ended, with time to end well, and it follows them.
    case cancelOther
    /// The others are ended at once, and it follows them.
    case terminateOther
    /// It does not mind.
    case allowAll
}

/// The overlap gate.
extension EngineCore {
    /// What becomes of an occurrence that is due, by the open runs of its schedule alone.
    enum OverlapAtDue {
        case goesOn
        case skipped(detail: String)
    }

    /// Decides on an occurrence that has just become due; `ahead` is whether a run of its schedule
    /// was open before it.
    func overlapAtDue(_ schedule: CompiledSchedule, isBlocked: Bool) -> OverlapAtDue {
        guard isBlocked else { return .goesOn }
        switch schedule.overlap {
        case .skip: return .skipped(detail: "a run of this schedule is still open")
        case .bufferOne:
            let waits = (openOfJob[schedule.key] ?? []).contains { number in
                guard let run = state.openRuns[number] else { return false }
                return run.status == .held && run.gate == Self.overlapGate
            }
            return waits
                ? .skipped(detail: "a run of this schedule waits already, and overlap is bufferOne")
                : .goesOn
        case .bufferAll, .cancelOther, .terminateOther, .allowAll: return .goesOn
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
