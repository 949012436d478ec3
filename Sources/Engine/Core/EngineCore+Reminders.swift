import Events
import Projections
import Timetable

/// Reminders: runs of their own, some time before an occurrence of their schedule.
///
/// A reminder is of an occurrence that is still to come and was not decided ahead of its time. It
/// has its schedule's key and definition, and counts as none of that one's runs.
extension EngineCore {
    static let reminderTrigger = "reminder"
    /// At most so many are decided at once, which must fit one write; the rest at once after.
    static let reminderBatch = 20
    /// Where the disk is full, it is looked at again after so long, µs.
    static let reminderPause: Int64 = 60_000_000

    /// Reminders of moments through this one are decided, or came before the definition.
    private func remindedThrough(_ schedule: ScheduleState) -> Int64 {
        max(schedule.remindedThrough, schedule.definedAt)
    }

    /// Sets the timer of a schedule's next reminders, where it has any.
    ///
    /// Of several timers for one moment the first decides, and sets the next one; to the others
    /// nothing is left.
    mutating func armReminders(_ schedule: CompiledSchedule, tenant: UInt16) {
        guard !schedule.reminders.isEmpty, schedule.definition.isEnabled,
            settings.isSchedulingOn, let known = state.schedules[schedule.key], !known.isRemoved,
            let next = schedule.reminders(after: remindedThrough(known))
        else { return }
        timers.add(
            .reminder(definition: schedule.definitionSequence, tenant: tenant), at: next.moment,
            lane: lanes.lane(tenant, limit: ""))
    }

    /// A schedule's reminders are due: decides every one through now, and sets the next timer.
    mutating func remindersDue(_ definition: UInt64, tenant number: UInt16) throws {
        guard !isDraining, let key = try key(ofDefinition: definition, tenant: number),
            let known = state.schedules[key], !known.isRemoved,
            known.definitionSequence == definition, let schedule = try current(key)
        else { return }
        if isDiskFull {
            return timers.add(
                .reminder(definition: definition, tenant: number), at: now + Self.reminderPause,
                lane: lanes.lane(number, limit: ""))
        }
        tenant = key.tenant
        var after = remindedThrough(known)
        var count = 0
        while count < Self.reminderBatch, let next = schedule.reminders(after: after),
            next.moment <= now
        {
            for (reminder, occurrence) in next.due {
                try remind(schedule, reminder, occurrence, at: next.moment)
            }
            count += next.due.count
            after = next.moment
        }
        if count > 0 { armReminders(schedule, tenant: number) }
    }

    private mutating func remind(
        _ schedule: CompiledSchedule, _ reminder: CompiledReminder, _ occurrence: Occurrence,
        at moment: Int64
    ) throws {
        let (due, fault) = reminderEvent(reminder, occurrence, at: moment)
        let run = try makeRun(due)
        if occurrence.instant.microseconds <= now || now - moment > reminder.grace {
            return try missReminder(run)
        }
        if let reason = dropReason(schedule.key, occurrence.instant) {
            return try skip(run, reason.reason, reason.detail)
        }
        if let refusal = refusal(schedule, occurrence) {
            return try skip(run, refusal.reason, refusal.detail)
        }
        if let fault { return try skip(run, "calendarExpired", fault) }
        try passGates(run)
    }

    /// The `run due` event of a reminder: its schedule's parameters for the occurrence, and what
    /// it speaks of.
    private func reminderEvent(
        _ reminder: CompiledReminder, _ occurrence: Occurrence, at moment: Int64
    ) -> (event: RunDue, fault: String?) {
        var (due, fault) = dueEvent(
            reminder.schedule, occurrence, trigger: Self.reminderTrigger)
        let own = Occurrence(at: Instant(microseconds: moment), in: reminder.schedule.zone)
        let shift = moment - due.scheduled
        due.scheduled = moment
        due.scheduledLocal = own.localText
        due.fold = UInt64(own.fold)
        due.rolledFrom = ""
        if due.startBy > 0 { due.startBy += shift }
        due.fanOutKey = reminder.fanOutKey(occurrence)
        due.parameters.append(KeyValue("before", reminder.rule.before))
        due.parameters.append(KeyValue("channel", reminder.rule.channel))
        due.parameters.append(KeyValue("occurrence", occurrence.localText))
        return (due, fault)
    }

    /// Why nobody is to be reminded of an occurrence any more, if so.
    private func dropReason(
        _ key: ScheduleKey, _ occurrence: Instant
    ) -> (reason: String, detail: String)? {
        guard let known = state.schedules[key], !known.isRemoved else {
            return ("removed", "the schedule was removed")
        }
        if let decided = known.lastDecided(""), decided >= occurrence.microseconds {
            return ("occurrence", "the occurrence that it speaks of was decided before")
        }
        if known.isPaused, known.pausedUntil == 0 || known.pausedUntil > now {
            return ("paused", known.pauseReason)
        }
        return occurrence.microseconds <= now
            ? ("occurrence", "the occurrence that it speaks of has begun") : nil
    }

    /// The first gate of a reminder, at each attempt: what it speaks of is still to come.
    ///
    /// - Returns: whether the run is over.
    mutating func reminderIsOver(_ run: RunState) throws -> Bool {
        guard run.isReminder else { return false }
        guard let (_, occurrence) = CompiledReminder.parts(run.fanOutKey),
            let drop = dropReason(run.schedule, occurrence)
        else { return false }
        if run.status == .retryScheduled {
            try endCancelled(run, drop.detail, cause: run.lastSequence)
        } else {
            try skip(run.run, drop.reason, drop.detail)
        }
        return true
    }

    private mutating func missReminder(_ number: UInt64) throws {
        guard let run = state.openRuns[number] else { return }
        var missed = RunMissed()
        missed.run = number
        missed.jobId = run.jobId
        missed.reason = "engineDown"
        missed.detail = "its time was over before the engine could send it"
        missed.scheduled = run.scheduled
        missed.scheduledLocal = run.scheduledLocal
        missed.zone = run.zone
        missed.fold = run.fold
        missed.fanOutKey = run.fanOutKey
        missed.businessDate = run.businessDate
        missed.reference = run.reference
        try emit(missed, cause: number)
        try runEnded(run)
    }

    /// The `run due` event that puts a dead reminder in again.
    ///
    /// - Throws: a rejection where its schedule has no such reminder any more.
    func requeuedReminder(
        _ dead: RunState, _ schedule: CompiledSchedule
    ) throws(Rejection) -> RunDue {
        guard schedule.reminder(dead.fanOutKey) != nil else {
            throw Rejection(
                .conflict, "'\(dead.jobId)' has no such reminder any more: \(dead.fanOutKey)")
        }
        var due = RunDue()
        due.jobId = dead.jobId
        due.scheduled = dead.scheduled
        due.scheduledLocal = dead.scheduledLocal
        due.zone = dead.zone
        due.fold = dead.fold
        due.fanOutKey = dead.fanOutKey
        due.businessDate = dead.businessDate
        due.trigger = Self.reminderTrigger
        due.definition = schedule.definitionSequence
        due.parameters = dead.parameters
        due.reference = dead.reference
        return due
    }
}
