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
        try decideDue(schedule, known)
        armNext(schedule, tenant: number)
    }

    /// Decides every occurrence of a schedule through now.
    mutating func decideDue(_ schedule: CompiledSchedule, _ known: ScheduleState) throws {
        guard schedule.definition.isEnabled, settings.isSchedulingOn, !isDraining, !isDiskFull
        else { return }
        tenant = schedule.key.tenant
        let after = Instant(microseconds: decidedThrough(known))
        let through = Instant(microseconds: now)
        if known.isPaused {
            try skipPaused(schedule, known, after, through)
        } else {
            try decideWindow(schedule, after, through)
        }
    }

    /// Decides what fell due under a definition that is about to go: as it says, or as skipped.
    mutating func settle(_ key: ScheduleKey, _ skipReason: String?) throws {
        guard let schedule = try current(key), let known = state.schedules[key] else { return }
        guard let reason = skipReason else { return try decideDue(schedule, known) }
        guard schedule.definition.isEnabled, settings.isSchedulingOn else { return }
        let span = schedule.trigger.latest(
            notAfter: Instant(microseconds: now),
            after: Instant(microseconds: decidedThrough(known)), in: schedule.zone)
        guard let first = span.first, let last = span.last else { return }
        try skipRange(
            schedule, count: span.count, first, last, reason: "removed", detail: reason)
    }

    private mutating func skipPaused(
        _ schedule: CompiledSchedule, _ known: ScheduleState, _ after: Instant, _ through: Instant
    ) throws {
        let span = schedule.trigger.latest(notAfter: through, after: after, in: schedule.zone)
        guard let first = span.first, let last = span.last else { return }
        if span.count == 1 {
            let run = try due(schedule, first, trigger: "schedule")
            return try skip(run, "paused", known.pauseReason)
        }
        try skipRange(
            schedule, count: span.count, first, last, reason: "paused", detail: known.pauseReason)
    }

    /// Decides the occurrences of a window: usually one, more after a stop.
    private mutating func decideWindow(
        _ schedule: CompiledSchedule, _ after: Instant, _ through: Instant
    ) throws {
        guard let first = schedule.trigger.next(after: after, in: schedule.zone),
            first.instant <= through
        else { return }
        let newest = newestOccurrence(schedule, first, through)
        let isOnTime =
            now - newest.instant.microseconds <= schedule.grace(of: newest)
        if first.instant == newest.instant && isOnTime {
            return try runOccurrence(schedule, newest, trigger: "schedule")
        }
        let before = Instant(microseconds: newest.instant.microseconds - 1)
        let missed = schedule.trigger.latest(
            notAfter: isOnTime ? before : through, after: after, in: schedule.zone)
        switch schedule.definition.catchUp {
        case "none":
            try missRange(schedule, missed)
            if isOnTime { try runOccurrence(schedule, newest, trigger: "schedule") }
        default:
            try catchUp(schedule, after, newest)
        }
    }

    /// The last occurrence through a moment, where `first` is one: usually the same.
    private func newestOccurrence(
        _ schedule: CompiledSchedule, _ first: Occurrence, _ through: Instant
    ) -> Occurrence {
        let second = schedule.trigger.next(after: first.instant, in: schedule.zone)
        guard let second, second.instant <= through else { return first }
        return schedule.trigger.previous(atOrBefore: through, in: schedule.zone) ?? second
    }

    /// One run for the latest occurrence that its calendar allows; it says for which it stands.
    ///
    /// The others end as coalesced.
    private mutating func catchUp(
        _ schedule: CompiledSchedule, _ after: Instant, _ newest: Occurrence
    ) throws {
        var chosen = newest
        for _ in 0..<EngineCore.occurrencesListedMax {
            if calendarRefusal(schedule, chosen) == nil { break }
            let before = Instant(microseconds: chosen.instant.microseconds - 1)
            guard
                let earlier = schedule.trigger.previous(atOrBefore: before, in: schedule.zone),
                earlier.instant > after
            else { break }
            chosen = earlier
        }
        let before = Instant(microseconds: chosen.instant.microseconds - 1)
        let older = schedule.trigger.latest(notAfter: before, after: after, in: schedule.zone)
        if let first = older.first, let last = older.last {
            try skipRange(
                schedule, count: older.count, first, last, reason: "coalesced",
                detail: "into the occurrence of \(chosen.localText)")
        }
        try runOccurrence(
            schedule, chosen, trigger: "catchUp", standsFor: older.count + 1,
            standsForFirst: older.first ?? chosen)
        let younger = schedule.trigger.latest(
            notAfter: newest.instant, after: chosen.instant, in: schedule.zone)
        if let first = younger.first, let last = younger.last {
            let refusal = calendarRefusal(schedule, newest)
            try skipRange(
                schedule, count: younger.count, first, last,
                reason: refusal?.reason ?? "coalesced", detail: refusal?.detail ?? "")
        }
    }

    private mutating func skipRange(
        _ schedule: CompiledSchedule, count: Int, _ first: Occurrence, _ last: Occurrence,
        reason: String, detail: String
    ) throws {
        var skipped = RunSkipped()
        skipped.jobId = schedule.key.jobId
        skipped.reason = reason
        skipped.detail = detail
        skipped.zone = schedule.definition.zone
        skipped.scheduledLocal = last.localText
        skipped.count = UInt64(count)
        skipped.first = first.instant.microseconds
        skipped.last = last.instant.microseconds
        try emit(skipped)
    }

    private mutating func missRange(
        _ schedule: CompiledSchedule, _ span: OccurrenceSpan
    ) throws {
        guard let first = span.first, let last = span.last else { return }
        var missed = RunMissed()
        missed.jobId = schedule.key.jobId
        missed.reason = "engineDown"
        missed.detail = "catchUp is none"
        missed.zone = schedule.definition.zone
        missed.scheduledLocal = last.localText
        missed.count = UInt64(span.count)
        missed.first = first.instant.microseconds
        missed.last = last.instant.microseconds
        let sequence = try emit(missed)
        try raise(
            schedule, run: 0, kind: "onMissed", severity: "high", cause: sequence,
            "\(span.count) occurrence\(span.count == 1 ? "" : "s") of '\(schedule.key.jobId)' "
                + "from \(first.localText) to \(last.localText) were missed: the engine was "
                + "not running, and catchUp is none")
    }

    /// Makes a run of an occurrence and takes it through its gates.
    private mutating func runOccurrence(
        _ schedule: CompiledSchedule, _ occurrence: Occurrence, trigger: String,
        standsFor: Int = 1, standsForFirst: Occurrence? = nil
    ) throws {
        let overlapping = state.schedules[schedule.key]?.open ?? 0
        let run = try due(
            schedule, occurrence, trigger: trigger, standsFor: standsFor,
            standsForFirst: standsForFirst)
        if let refusal = calendarRefusal(schedule, occurrence) {
            return try skip(run, refusal.reason, refusal.detail)
        }
        if schedule.definition.overlap != "allowAll" && overlapping > 0 {
            return try skip(run, "overlap", "a run of this schedule is still open")
        }
        try passGates(run)
    }

    /// Why a calendar does not let an occurrence run, if it does not.
    private mutating func calendarRefusal(
        _ schedule: CompiledSchedule, _ occurrence: Occurrence
    ) -> (reason: String, detail: String)? {
        let name = schedule.definition.calendar
        if name.isEmpty { return nil }
        let key = ScheduleKey(schedule.key.tenant, name)
        guard let known = state.calendars[key], let definition = known.calendar else {
            return ("calendarExpired", "calendar '\(name)' is not defined")
        }
        if calendars[known.sequence] == nil {
            calendars[known.sequence] = BusinessCalendar(definition)
        }
        guard let calendar = calendars[known.sequence] else {
            return ("calendarExpired", "calendar '\(name)' cannot be read")
        }
        switch calendar.isBusinessDay(occurrence.local.date) {
        case .yes: return nil
        case .no(let reason): return ("calendar", "\(name): \(reason)")
        case .unknown:
            return (
                "calendarExpired",
                "calendar '\(name)' says nothing after \(definition.validThrough)"
            )
        }
    }

    /// The event that makes a run of an occurrence.
    private mutating func due(
        _ schedule: CompiledSchedule, _ occurrence: Occurrence, trigger: String,
        standsFor: Int = 1, standsForFirst: Occurrence? = nil
    ) throws -> UInt64 {
        var due = dueEvent(schedule, occurrence, trigger: trigger)
        if standsFor > 1 {
            due.standsFor = UInt64(standsFor)
            due.standsForFirst = (standsForFirst ?? occurrence).instant.microseconds
        }
        return try makeRun(due)
    }

    /// Makes a run, and sets the clocks that run from its scheduled time.
    mutating func makeRun(_ due: RunDue, cause: UInt64 = 0) throws -> UInt64 {
        let number = try emit(due, cause: cause)
        if let run = state.openRuns[number] { armClocks(run) }
        return number
    }

    /// Fills a `run due` event: parameters rendered, clocks set, the run's number the next
    /// sequence.
    func dueEvent(
        _ schedule: CompiledSchedule, _ occurrence: Occurrence, trigger: String
    ) -> RunDue {
        let definition = schedule.definition
        let scheduled = occurrence.instant.microseconds
        var due = RunDue()
        due.run = state.nextSequence
        due.jobId = schedule.key.jobId
        due.scheduled = scheduled
        due.scheduledLocal = occurrence.localText
        due.zone = definition.zone
        due.fold = UInt64(occurrence.fold)
        due.businessDate = "\(occurrence.local.date)"
        due.trigger = trigger
        due.definition = schedule.definitionSequence
        let values = Template.Values(
            scheduled: occurrence, environment: definition.environment,
            scheduledDate: occurrence.local.date)
        due.parameters = zip(definition.parameters, schedule.templates).map {
            KeyValue($0.name, $1.render(values))
        }
        let minute: Int64 = 60_000_000
        if definition.startDelayMinutes > 0 {
            due.startBy =
                scheduled + Int64(clamping: definition.startDelayMinutes) * minute
                + schedule.dependencyDelayMax
        }
        if definition.slaMinutes > 0 {
            due.finishBy = scheduled + Int64(clamping: definition.slaMinutes) * minute
        }
        due.durationMicrosecondsMax = definition.durationMinutesMax &* UInt64(minute)
        return due
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
        try emit(skipped, cause: run)
        try runEnded(known)
    }
}
