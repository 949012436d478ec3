import Events
import Projections
import Timetable

/// What people do to single occurrences and runs.
extension EngineCore {
    static let movedGate = "moved"
    /// A backfill makes at most so many runs: they are one decision, which must fit one write.
    static let backfillRunsMax = 500

    // MARK: Pauses

    static let pausedGate = "paused"

    /// The first gate: while its schedule is paused a run does not begin, nor is it tried again;
    /// what a person asked for passes.
    ///
    /// - Returns: whether the run waits here.
    mutating func pauseHolds(_ run: RunState) throws -> Bool {
        guard isPaused(run) else { return false }
        let reason = state.schedules[run.schedule]?.pauseReason ?? ""
        try hold(run.run, gate: Self.pausedGate, detail: reason, until: 0)
        return true
    }

    /// Whether a pause keeps a run from beginning.
    func isPaused(_ run: RunState) -> Bool {
        state.schedules[run.schedule]?.isPaused == true
            && (run.trigger == "schedule" || run.trigger == "catchUp")
    }

    /// A schedule is resumed: what waited for that goes on.
    mutating func takeUpAfterPause(_ key: ScheduleKey) throws {
        for number in (openOfJob[key] ?? []).sorted() {
            guard let run = state.openRuns[number] else { continue }
            let isWaiting =
                run.status == .held
                ? run.gate == Self.pausedGate : run.status == .retryScheduled && run.retryAt <= now
            if isWaiting { try passGates(number) }
        }
    }

    mutating func armPauseEnd(_ key: ScheduleKey, at time: Int64) {
        timers.add(.pauseEnd(number: UInt64(pausesWithEnd.count)), at: time)
        pausesWithEnd.append(key)
    }

    /// A pause's end has come, unless it ended before or was made longer.
    mutating func pauseEnded(_ number: UInt64) throws {
        let key = pausesWithEnd[Int(number)]
        guard let known = state.schedules[key], known.isPaused, !known.isRemoved,
            known.pausedUntil > 0, known.pausedUntil <= now
        else { return }
        tenant = key.tenant
        guard let schedule = try current(key) else {
            return try resumeByItself(key)
        }
        _ = try endPause(schedule, known)
    }

    /// Ends a pause whose time is over: what fell due before its end is still the pause's.
    ///
    /// - Returns: the schedule as it stands then.
    mutating func endPause(
        _ schedule: CompiledSchedule, _ known: ScheduleState
    ) throws -> ScheduleState {
        // One that was disabled meanwhile has no occurrences.
        if schedule.definition.isEnabled, settings.isSchedulingOn {
            try skipPaused(
                schedule, known, Instant(microseconds: decidedThrough(known)),
                Instant(microseconds: known.pausedUntil - 1))
        }
        try resumeByItself(schedule.key)
        return state.schedules[schedule.key] ?? known
    }

    private mutating func resumeByItself(_ key: ScheduleKey) throws {
        var enabled = ScheduleEnabled()
        enabled.jobId = key.jobId
        enabled.reason = "the time of the pause is over"
        try emit(enabled)
        try takeUpAfterPause(key)
    }

    /// When a schedule runs next, for the end of a sentence.
    mutating func nextSentence(_ key: ScheduleKey) throws -> String {
        guard let schedule = try current(key), let known = state.schedules[key] else { return "" }
        let after = Instant(microseconds: max(decidedThrough(known), now))
        guard let next = nextOccurrence(schedule, after: after) else {
            return "; it has no next occurrence"
        }
        return "; its next occurrence is that of \(next.localText)"
    }

    // MARK: The next occurrence

    /// The next occurrence that is not decided yet, which a person speaks of.
    private mutating func upcoming(
        _ key: ScheduleKey, _ reason: String
    ) throws -> (CompiledSchedule, Occurrence) {
        let known = try known(key)
        guard !reason.isEmpty else { throw Rejection(.invalid, "this needs a reason") }
        guard let schedule = try current(key) else {
            throw Rejection(.conflict, "'\(key.jobId)' cannot be run: see `daybook check`")
        }
        guard !known.isPaused, schedule.definition.isEnabled else {
            throw Rejection(
                .conflict, "'\(key.jobId)' is paused or disabled, so none of its occurrences runs")
        }
        let after = Instant(microseconds: max(decidedThrough(known), now))
        guard let next = nextOccurrence(schedule, after: after) else {
            throw Rejection(.conflict, "'\(key.jobId)' has no next occurrence")
        }
        return (schedule, next)
    }

    /// Decides what is due by now, before anything later is.
    private mutating func decideDue(_ schedule: CompiledSchedule) throws {
        if let known = state.schedules[schedule.key] { try decideDue(schedule, known) }
    }

    /// Decides the next occurrence ahead of its time: it is skipped.
    mutating func skipNext(_ key: ScheduleKey, _ reason: String, _ who: Authority) throws {
        if repliesAgain("skip-next", key, who) { return }
        let (schedule, next) = try upcoming(key, reason)
        try decideDue(schedule)
        authority = who
        tenant = key.tenant
        try skipRange(schedule, count: 1, next, next, reason: "asked", detail: reason)
        authority = .engine
        try rearm(key)
        reply("the occurrence of \(next.localText) is skipped\(try nextSentence(key))")
        answeredActs.note("skip-next", key, who.request, replySoFar)
    }

    /// Answers a request that was answered before as it was then; false for any other.
    private mutating func repliesAgain(
        _ act: String, _ key: ScheduleKey, _ who: Authority
    ) -> Bool {
        guard let again = answeredActs.reply(act, key, who.request) else { return false }
        reply(run: again.run, "\(again.message) (asked for with this key before)")
        return true
    }

    /// Decides the next occurrence ahead of its time: its run waits until another.
    ///
    /// Its clocks move with it; what it is for, and its business date, stay.
    mutating func moveNext(
        _ key: ScheduleKey, to time: Int64, _ reason: String, _ who: Authority
    ) throws {
        try checkRoom()
        if repliesAgain("move-next", key, who) { return }
        guard time > now else {
            throw Rejection(.invalid, "field 'to': that moment is over; give a later one")
        }
        let (schedule, next) = try upcoming(key, reason)
        if let refusal = calendarRefusal(schedule, next) {
            throw Rejection(
                .conflict, "the occurrence of \(next.localText) would not run: \(refusal.detail)")
        }
        if let fault = dueEvent(schedule, next, trigger: "schedule").fault {
            throw Rejection(.conflict, fault)
        }
        try decideDue(schedule)
        var due = dueEvent(schedule, next, trigger: "schedule").event
        let shift = time - due.scheduled
        if due.startBy > 0 { due.startBy += shift }
        if due.finishBy > 0 { due.finishBy += shift }
        due.reason = reason
        authority = who
        tenant = key.tenant
        let run = try makeRun(due)
        try putOff(run, until: time, gate: Self.movedGate, reason)
        authority = .engine
        try rearm(key)
        reply(
            run: run,
            "run \(run), the occurrence of \(next.localText), is moved to "
                + UTCText.of(microseconds: time))
        answeredActs.note("move-next", key, who.request, replySoFar)
    }

    // MARK: Runs

    /// Lets a run go on that waits for the time of its next attempt, or of its turn.
    mutating func retryNow(_ number: UInt64, _ reason: String, _ who: Authority) throws {
        guard let run = state.openRuns[number] else {
            throw Rejection(
                .notFound,
                "run \(number) is not open; a dead one is put in again with daybook requeue")
        }
        let isWaiting =
            run.status == .retryScheduled
            || (run.isPutOff && (run.gate == "spread" || run.gate == Self.movedGate))
        guard isWaiting else {
            throw Rejection(
                .conflict, "run \(number) is \(run.statusText) and waits for no time of its own")
        }
        try checkRoom()
        tenant = run.tenant
        authority = who
        var deferred = RunDeferred()
        deferred.run = number
        deferred.jobId = run.jobId
        deferred.until = now
        deferred.gate = "retry"
        deferred.reason = reason
        try emit(deferred, cause: run.lastSequence)
        authority = .engine
        try passGates(number)
        reply(run: number, "run \(number) goes on now, as far as its gates let it")
    }

    // MARK: Backfills

    /// Makes a run for each occurrence of a stretch of the past, in a lane of their own.
    ///
    /// They pass pause, misfire, overlap and dependencies (which know the last dates alone), and
    /// wait at blackouts and limits, with the lowest priority.
    mutating func backfill(
        _ key: ScheduleKey, _ stretch: BackfillStretch, _ reason: String, _ who: Authority
    ) throws {
        let (from, through, lanes) = (stretch.from, stretch.through, stretch.lanes)
        if isDraining { throw Rejection(.stopping, "the engine is stopping") }
        try checkRoom()
        _ = try known(key)
        if !stretch.isTrial, let again = sameRequest(key, who, "backfill") {
            guard (from...max(from, through)).contains(again.scheduled) else {
                throw Rejection(
                    .conflict,
                    "this idempotency key was used for another stretch, by backfill "
                        + "\(again.backfill); use a new key")
            }
            return reply(
                run: again.backfill,
                "backfill \(again.backfill) of '\(key.jobId)' was made for this request before")
        }
        let half = UInt64(max(settings.activeRunsMax / 2, 1))
        guard (1...half).contains(lanes) else {
            throw Rejection(
                .invalid,
                "field 'lanes': 1 to \(half) are possible, so that other runs find room too")
        }
        guard from <= through, through <= now else {
            throw Rejection(.invalid, "a backfill is for the past: from, then through, until now")
        }
        guard let schedule = try current(key) else {
            throw Rejection(.conflict, "'\(key.jobId)' cannot be run: see `daybook check`")
        }
        let found = try pastOccurrences(schedule, from, through)
        guard !found.isEmpty else {
            throw Rejection(.conflict, "'\(key.jobId)' has no occurrence in that time")
        }
        for occurrence in found {
            if let fault = dueEvent(schedule, occurrence, trigger: "backfill").fault {
                throw Rejection(.conflict, fault)
            }
        }
        if stretch.isTrial {
            return reply(
                "a backfill would make \(found.count) runs: "
                    + found.map(\.localText).joined(separator: ", "))
        }
        authority = who
        tenant = key.tenant
        let number = state.nextSequence
        var runs: [UInt64] = []
        for occurrence in found {
            var due = dueEvent(schedule, occurrence, trigger: "backfill").event
            due.reason = reason
            due.startBy = 0
            due.finishBy = 0
            due.backfill = number
            due.backfillLanes = lanes
            runs.append(try makeRun(due))
        }
        authority = .engine
        for run in runs { try passGates(run) }
        reply(
            run: number,
            "backfill \(number) of '\(key.jobId)': \(runs.count) runs, from "
                + "\(found[0].localText) to \(found[found.count - 1].localText)")
    }

    /// The occurrences of a stretch that calendar lets run, oldest first.
    private mutating func pastOccurrences(
        _ schedule: CompiledSchedule, _ from: Int64, _ through: Int64
    ) throws -> [Occurrence] {
        var found: [Occurrence] = []
        var after = Instant(microseconds: from - 1)
        while let next = schedule.triggers.next(after: after, in: schedule.zone),
            next.instant.microseconds <= through
        {
            after = next.instant
            if calendarRefusal(schedule, next) != nil { continue }
            found.append(next)
            if found.count > Self.backfillRunsMax {
                throw Rejection(
                    .invalid,
                    "there are more than \(Self.backfillRunsMax) occurrences in that time; give a "
                        + "shorter one")
            }
        }
        return found
    }

    /// Ends all that is open of a backfill.
    mutating func cancelBackfill(
        _ number: UInt64, _ reason: String, _ who: Authority
    ) throws {
        var open: [RunState] = []
        state.openRuns.forEach { if $0.backfill == number && number != 0 { open.append($0) } }
        guard !open.isEmpty else {
            throw Rejection(.notFound, "backfill \(number) has no open run")
        }
        authority = who
        // Those that wait first: the end of an active one would let them go on.
        open.sort { ($0.status.isActive ? 1 : 0, $0.run) < ($1.status.isActive ? 1 : 0, $1.run) }
        for run in open {
            guard let run = state.openRuns[run.run], !run.isCancelRequested else { continue }
            tenant = run.tenant
            try requestEnd(run, reason)
        }
        reply("\(open.count) runs of backfill \(number) are cancelled, or will be")
    }
}
