import Events
import Projections
import Timetable

/// What becomes of the occurrences of a schedule when their time has come, or has passed.
extension EngineCore {
    /// At most this many occurrences are looked at one by one after a stop; older ones are taken
    /// together, so that a one-second job that was down for a year costs no more.
    static let occurrencesListedMax = 500

    /// A schedule's timer: decides every occurrence through now, and sets the next timer.
    mutating func occurrencesDue(_ definition: UInt64, tenant number: UInt16) throws {
        guard let key = try self.key(ofDefinition: definition, tenant: number),
            let known = state.schedules[key], !known.isRemoved,
            known.definitionSequence == definition
        else { return }
        // Another timer of it holds: the moment of this one is no longer right.
        if let holds = armedAt[definition], now < holds { return }
        // While the engine drains, what is due stays undecided: the next start finds it; while the
        // disk is full, the moment when there is room.
        if isDraining { return }
        if isDiskFull { return heldBack.append((definition, number)) }
        let schedule: CompiledSchedule
        do {
            schedule = try self.schedule(key, definition: definition)
        } catch let rejection as Rejection {
            return try reportUnusable(key, rejection)
        }
        armedAt[definition] = nil
        try decideDue(schedule, known)
        try retireIfSpent(key)
        armNext(schedule, tenant: number)
    }

    /// Decides every occurrence of a schedule through a moment: through now less its jitter where
    /// none is given.
    mutating func decideDue(
        _ schedule: CompiledSchedule, _ known: ScheduleState, through end: Instant? = nil
    ) throws {
        guard schedule.definition.isEnabled, settings.isSchedulingOn, !isDraining, !isDiskFull
        else { return }
        tenant = schedule.key.tenant
        var known = known
        if known.isPaused, known.pausedUntil > 0, known.pausedUntil <= now {
            known = try endPause(schedule, known)
        }
        let after = Instant(microseconds: decidedThrough(known))
        // Runs of a job with jitter start so long after their time.
        let through = end ?? Instant(microseconds: now - schedule.jitter)
        if known.isPaused {
            try skipPaused(schedule, known, after, through)
        } else {
            try decideWindow(schedule, after, through)
        }
    }

    /// Decides what fell due under a definition that is about to go: as it says, or as skipped.
    mutating func settle(_ key: ScheduleKey, _ skipReason: String?) throws {
        guard let schedule = try current(key), let known = state.schedules[key] else { return }
        // All of it, jitter or not: the next definition decides only what comes after now.
        let through = Instant(microseconds: now)
        guard let reason = skipReason else {
            return try decideDue(schedule, known, through: through)
        }
        guard schedule.definition.isEnabled, settings.isSchedulingOn else { return }
        let span = occurrences(
            schedule, after: Instant(microseconds: decidedThrough(known)), notAfter: through)
        guard let first = span.first, let last = span.last else { return }
        try skipRange(
            schedule, count: span.count, first, last, reason: "removed", detail: reason)
    }

    mutating func skipPaused(
        _ schedule: CompiledSchedule, _ known: ScheduleState, _ after: Instant, _ through: Instant
    ) throws {
        let span = occurrences(schedule, after: after, notAfter: through)
        guard let first = span.first, let last = span.last else { return }
        if span.count == 1 {
            let run = try makeRun(dueEvent(schedule, first, trigger: "schedule").event)
            return try skip(run, "paused", known.pauseReason)
        }
        try skipRange(
            schedule, count: span.count, first, last, reason: "paused", detail: known.pauseReason)
    }

    /// Decides the occurrences of a window: usually one, more after a stop.
    private mutating func decideWindow(
        _ schedule: CompiledSchedule, _ after: Instant, _ through: Instant
    ) throws {
        guard let first = nextOccurrence(schedule, after: after), first.instant <= through else {
            return
        }
        let newest = newestOccurrence(schedule, first, through)
        let isOnTime = isOnTime(schedule, newest, through)
        if first.instant == newest.instant && isOnTime {
            return try runOccurrence(schedule, newest, trigger: "schedule")
        }
        let before = Instant(microseconds: newest.instant.microseconds - 1)
        switch schedule.definition.catchUp {
        case "none":
            let missed = occurrences(
                schedule, after: after, notAfter: isOnTime ? before : through)
            try missRange(schedule, missed, "catchUp is none")
            if isOnTime { try runOccurrence(schedule, newest, trigger: "schedule") }
        case "all":
            try catchUpAll(schedule, after, newest, isOnTime: isOnTime)
        default:
            try catchUp(schedule, after, newest)
        }
    }

    /// Whether an occurrence is decided within its grace: after its time, or after the end of a
    /// blackout that would have put it off.
    ///
    /// A delay after a completion has no time that it could miss.
    private func isOnTime(
        _ schedule: CompiledSchedule, _ occurrence: Occurrence, _ through: Instant
    ) -> Bool {
        let completedAt = runFacts(schedule).completedAt
        if schedule.triggers.isAfterCompletion(occurrence, completedAt: completedAt) { return true }
        let grace = schedule.grace(of: occurrence)
        let scheduled = occurrence.instant.microseconds
        if through.microseconds - scheduled <= grace { return true }
        guard let blackout = blackout(for: schedule, at: occurrence.instant),
            blackout.definition.action != "skip", case .at(let end) = blackout.end
        else { return false }
        return through.microseconds - end.microseconds <= grace
    }

    /// The last occurrence through a moment, where `first` is one: usually the same.
    private func newestOccurrence(
        _ schedule: CompiledSchedule, _ first: Occurrence, _ through: Instant
    ) -> Occurrence {
        let second = nextOccurrence(schedule, after: first.instant)
        guard let second, second.instant <= through else { return first }
        return previousOccurrence(schedule, atOrBefore: through) ?? second
    }

    /// One run for the latest occurrence that calendar and blackouts allow; it says for which it
    /// stands.
    ///
    /// The others end as coalesced.
    private mutating func catchUp(
        _ schedule: CompiledSchedule, _ after: Instant, _ newest: Occurrence
    ) throws {
        var chosen = newest
        for _ in 0..<EngineCore.occurrencesListedMax {
            if refusal(schedule, chosen) == nil { break }
            let before = Instant(microseconds: chosen.instant.microseconds - 1)
            guard let earlier = previousOccurrence(schedule, atOrBefore: before),
                earlier.instant > after
            else { break }
            chosen = earlier
        }
        let before = Instant(microseconds: chosen.instant.microseconds - 1)
        let older = occurrences(schedule, after: after, notAfter: before)
        if let first = older.first, let last = older.last {
            let skipped = try skipRange(
                schedule, count: older.count, first, last, reason: "coalesced",
                detail: "into the occurrence of \(chosen.localText)")
            try reportMissed(
                schedule, older.count, first, last, cause: skipped, severity: "medium",
                "one run, for \(chosen.localText), stands for them")
        }
        try runOccurrence(
            schedule, chosen, trigger: "catchUp", standsFor: older.count + 1,
            standsForFirst: older.first ?? chosen)
        let younger = occurrences(schedule, after: chosen.instant, notAfter: newest.instant)
        if let first = younger.first, let last = younger.last {
            let refusal = refusal(schedule, newest)
            try skipRange(
                schedule, count: younger.count, first, last,
                reason: refusal?.reason ?? "coalesced", detail: refusal?.detail ?? "")
        }
    }

    /// So many runs are made up for where a definition does not say.
    static let catchUpDefault = 100
    /// At most so many are made in one decision, which must fit one write; the rest at once after.
    static let catchUpBatch = 20

    /// A run for each of the newest occurrences, oldest first; those before end as missed.
    private mutating func catchUpAll(
        _ schedule: CompiledSchedule, _ after: Instant, _ newest: Occurrence, isOnTime: Bool
    ) throws {
        let bound = schedule.definition.misfire?.runsMax ?? 0
        let most = bound == 0 ? Self.catchUpDefault : Int(clamping: bound)
        var chosen = [newest]
        while chosen.count < most, let last = chosen.last,
            let earlier = previousOccurrence(
                schedule, atOrBefore: Instant(microseconds: last.instant.microseconds - 1)),
            earlier.instant > after
        { chosen.append(earlier) }
        let oldest = chosen.last ?? newest
        let before = Instant(microseconds: oldest.instant.microseconds - 1)
        try missRange(
            schedule, occurrences(schedule, after: after, notAfter: before),
            "more than \(most) were missed, and catchUpMax is \(most)")
        if chosen.count > 1 || !isOnTime {
            try reportMissed(
                schedule, chosen.count, oldest, newest, cause: 0, severity: "medium",
                "each is made up for now")
        }
        for occurrence in chosen.reversed().prefix(Self.catchUpBatch) {
            // Each of them counts: the last that is allowed may be among them.
            if let runsMax = schedule.triggers.runsMax, runFacts(schedule).count >= runsMax {
                break
            }
            try runOccurrence(schedule, occurrence, trigger: "catchUp")
        }
    }

    @discardableResult
    mutating func skipRange(
        _ schedule: CompiledSchedule, count: Int, _ first: Occurrence, _ last: Occurrence,
        reason: String, detail: String
    ) throws -> UInt64 {
        var skipped = RunSkipped()
        skipped.jobId = schedule.key.jobId
        skipped.reason = reason
        skipped.detail = detail
        skipped.zone = schedule.definition.zone
        skipped.fanOutKey = schedule.element
        skipped.scheduledLocal = last.localText
        skipped.count = UInt64(count)
        skipped.first = first.instant.microseconds
        skipped.last = last.instant.microseconds
        skipped.reference = schedule.definition.rules?.reference ?? ""
        return try emit(skipped)
    }

    /// Makes a run of an occurrence and takes it through its gates.
    private mutating func runOccurrence(
        _ schedule: CompiledSchedule, _ occurrence: Occurrence, trigger: String,
        standsFor: Int = 1, standsForFirst: Occurrence? = nil
    ) throws {
        // Runs that are made up for wait for one another instead.
        let waits = trigger == "catchUp" && schedule.definition.catchUp == "all"
        let overlap = !waits && isOverlapping(schedule) ? overlapRefusal(schedule) : nil
        var (due, fault) = dueEvent(schedule, occurrence, trigger: trigger)
        if standsFor > 1 {
            due.standsFor = UInt64(standsFor)
            due.standsForFirst = (standsForFirst ?? occurrence).instant.microseconds
        }
        let run = try makeRun(due)
        if let refusal = refusal(schedule, occurrence) {
            return try skip(run, refusal.reason, refusal.detail)
        }
        if let fault { return try skip(run, "calendarExpired", fault) }
        if let overlap { return try skip(run, Self.overlapGate, overlap) }
        let spread = Int64(clamping: schedule.definition.misfire?.spreadSeconds ?? 0) * 1_000_000
        // The others, beside this one.
        let ahead = waits && spread > 0 ? (openOfJob[schedule.key]?.count ?? 1) - 1 : 0
        if ahead > 0 {
            return try putOff(
                run, until: now + Int64(ahead) * spread, gate: "spread",
                "it waits its turn among the runs that are made up for")
        }
        try passGates(run)
    }

    /// Whether an open run of a schedule keeps another from starting: one that a blackout put off
    /// does not, both will meet at the gate again.
    private func isOverlapping(_ schedule: CompiledSchedule) -> Bool {
        openOfJob[schedule.key]?.contains {
            state.openRuns[$0].map { !$0.isPutOff && $0.backfill == 0 } ?? false
        } ?? false
    }

    /// Why a calendar or a blackout does not let an occurrence run, if one does not.
    mutating func refusal(
        _ schedule: CompiledSchedule, _ occurrence: Occurrence
    ) -> (reason: String, detail: String)? {
        if let refusal = calendarRefusal(schedule, occurrence) { return refusal }
        guard let blackout = blackout(for: schedule, at: occurrence.instant),
            blackout.definition.action == "skip"
        else { return nil }
        return ("blackout", blackout.sentence)
    }

    /// Makes a run, and sets the clocks that run from its scheduled time.
    mutating func makeRun(_ due: RunDue, cause: UInt64 = 0) throws -> UInt64 {
        let number = try emit(due, cause: cause)
        if let run = state.openRuns[number] {
            if run.isReminder {
                remindersOfJob[run.schedule, default: []].insert(number)
            } else {
                openOfJob[run.schedule, default: []].insert(number)
            }
            armClocks(run)
        }
        return number
    }

    /// Fills a `run due` event: parameters rendered, clocks set, the run's number the next
    /// sequence.
    ///
    /// Where a parameter cannot be rendered, because its calendar has run out, all are left empty,
    /// and the fault says so: such a run must not be dispatched.
    func dueEvent(
        _ schedule: CompiledSchedule, _ occurrence: Occurrence, trigger: String
    ) -> (event: RunDue, fault: String?) {
        let definition = schedule.definition
        let scheduled = occurrence.instant.microseconds
        var due = RunDue()
        due.run = state.nextSequence
        due.jobId = schedule.key.jobId
        due.scheduled = scheduled
        due.scheduledLocal = occurrence.localText
        due.zone = definition.zone
        due.fanOutKey = schedule.element
        due.fold = UInt64(occurrence.fold)
        due.businessDate = "\(occurrence.local.date)"
        due.trigger = trigger
        due.definition = schedule.definitionSequence
        due.reference = definition.rules?.reference ?? ""
        var fault: String?
        do throws(TimetableError) {
            due.parameters = try schedule.rendered(occurrence)
        } catch {
            fault = error.message
        }
        if let origin = schedule.triggers.origins(of: occurrence, in: schedule.zone).first {
            due.rolledFrom = origin.localText
        }
        let minute: Int64 = 60_000_000
        if definition.startDelayMinutes > 0 {
            due.startBy =
                scheduled + schedule.jitter + Int64(clamping: definition.startDelayMinutes) * minute
                + schedule.dependencyDelayMax(occurrence)
        }
        if definition.slaMinutes > 0 {
            due.finishBy = scheduled + Int64(clamping: definition.slaMinutes) * minute
        }
        due.durationMicrosecondsMax = definition.durationMinutesMax &* UInt64(minute)
        return (due, fault)
    }

    /// Ends a waiting run as skipped.
    mutating func skip(_ run: UInt64, _ reason: String, _ detail: String) throws {
        guard let known = state.openRuns[run] else { return }
        var skipped = RunSkipped()
        skipped.run = run
        skipped.jobId = known.jobId
        skipped.reason = reason
        skipped.detail = detail
        skipped.scheduled = known.scheduled
        skipped.scheduledLocal = known.scheduledLocal
        skipped.zone = known.zone
        skipped.fold = known.fold
        skipped.fanOutKey = known.fanOutKey
        skipped.businessDate = known.businessDate
        skipped.reference = known.reference
        try emit(skipped, cause: run)
        try runEnded(known)
    }
}
