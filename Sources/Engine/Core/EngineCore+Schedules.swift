import Events
import Projections
import Timetable

/// Schedules as decisions need them: made ready when they are asked for, and their timers.
extension EngineCore {
    /// The schedule that a definition makes, from those that were used lately or made ready.
    ///
    /// - Throws: `Rejection` where this machine cannot take it; `ProjectionError` where the
    ///   definition's bytes cannot be read.
    mutating func schedule(
        _ key: ScheduleKey, definition sequence: UInt64
    ) throws -> CompiledSchedule {
        if let known = compiled.schedule(sequence), known.key == key { return known }
        let definition: ScheduleDefinition
        do {
            definition = try ScheduleDefinition(
                decoding: state.definitions[sequence]?.definition ?? [])
        } catch {
            throw ProjectionError(error, sequence: sequence)
        }
        let made = try CompiledSchedule(
            key, sequence, definition, zones,
            calendar: calendar(definition.calendar, of: key.tenant), &triggers)
        compiled.insert(made)
        return made
    }

    /// The schedule that is in force under a key; nil where there is none, or this machine cannot
    /// take it.
    mutating func current(_ key: ScheduleKey) throws -> CompiledSchedule? {
        guard let known = state.schedules[key], !known.isRemoved else { return nil }
        do {
            return try schedule(key, definition: known.definitionSequence)
        } catch is Rejection {
            return nil
        }
    }

    /// The schedule as it was when a run was made, however it changed since.
    mutating func pinnedSchedule(_ run: RunState) throws -> CompiledSchedule {
        let schedule = try schedule(run.schedule, definition: run.definition)
        guard run.isReminder else { return schedule }
        guard let reminder = schedule.reminder(run.fanOutKey) else {
            throw Rejection(
                .invalid, "'\(run.jobId)' has no reminder '\(run.fanOutKey)' in its definition")
        }
        return reminder.schedule
    }

    /// The key of the schedule whose timer names this definition; nil where the definition is no
    /// longer there.
    mutating func key(ofDefinition sequence: UInt64, tenant: UInt16) throws -> ScheduleKey? {
        if let known = compiled.schedule(sequence) { return known.key }
        guard let definition = state.definitions[sequence], definition.isCurrent else {
            return nil
        }
        do {
            let outline = try ScheduleOutline(decoding: definition.definition)
            return ScheduleKey(tenants[tenant], outline.jobId)
        } catch {
            throw ProjectionError(error, sequence: sequence)
        }
    }

    /// Sets the timer of a schedule's next occurrence: the first after the last decided one and
    /// after the definition took effect.
    ///
    /// - Throws: `Rejection` where this machine cannot take a trigger or the zone.
    mutating func arm(
        _ outline: ScheduleOutline, definition sequence: UInt64, tenant: UInt16, after: Int64
    ) throws {
        references.add(tenants[tenant], outline.reference, definition: sequence)
        noteElement(outline, tenant: tenants[tenant])
        if outline.isExtended {
            let key = ScheduleKey(tenants[tenant], outline.jobId)
            let schedule = try schedule(key, definition: sequence)
            armNext(schedule, tenant: tenant)
            return armReminders(schedule, tenant: tenant)
        }
        let trigger: Trigger
        let zone: Zone
        do {
            zone = try zones.zone(outline.zone)
            trigger = try triggers.trigger(outline.cadence, outline.every)
        } catch {
            throw Rejection(.invalid, "schedule '\(outline.jobId)': \(error)")
        }
        guard outline.isEnabled, settings.isSchedulingOn else { return }
        if let next = trigger.next(after: Instant(microseconds: after), in: zone) {
            timers.add(
                .occurrence(definition: sequence, tenant: tenant), at: next.instant.microseconds,
                lane: lanes.lane(tenant, limit: outline.limit))
        }
    }

    /// Sets the timer of a schedule whose occurrences through now were decided.
    ///
    /// A schedule has one timer, so only whoever took it may call this. Those whose next moment
    /// may change before it comes are noted in `armedAt`: of their timers the one noted holds.
    mutating func armNext(_ schedule: CompiledSchedule, tenant: UInt16) {
        guard schedule.definition.isEnabled, settings.isSchedulingOn,
            let known = state.schedules[schedule.key], !known.isRemoved
        else { return }
        let definition = schedule.definitionSequence
        let next = nextOccurrence(
            schedule, after: Instant(microseconds: decidedThrough(known)))
        var time = next.map { schedule.triggers.startInstant(of: $0).microseconds }
        // The last occurrence was decided ahead of its time: when that comes, the schedule goes.
        if time == nil, known.isFromAPI, let decided = known.lastDecided(""), decided > now {
            time = decided
        }
        if schedule.triggers.isMovable {
            if schedule.triggers.followsCompletion { completionFollowers.insert(schedule.key) }
            if armedAt[definition] == time { return }
            armedAt[definition] = time
        }
        guard let time else { return }
        timers.add(
            .occurrence(definition: definition, tenant: tenant), at: time,
            lane: lanes.lane(tenant, limit: schedule.limit))
    }

    /// Sets a timer of a run, in the lane of its schedule's occurrences: of one schedule the
    /// earlier comes first, whatever it is.
    ///
    /// Where its definition cannot be read, among the clocks: whoever takes the timer says so.
    mutating func addTimer(_ kind: TimerKind, of run: RunState, at time: Int64) {
        var lane: Int?
        if let limit = try? limit(ofDefinition: run.definition),
            let number = try? tenants.number(run.tenant)
        {
            lane = lanes.lane(number, limit: limit)
        }
        timers.add(kind, at: time, lane: lane)
    }

    /// The first limit that a definition names; empty for none.
    mutating func limit(ofDefinition sequence: UInt64) throws(ProjectionError) -> String {
        if let known = compiled.schedule(sequence) { return known.limit }
        do throws(WireError) {
            return try ScheduleOutline(
                decoding: state.definitions[sequence]?.definition ?? []
            ).limit
        } catch {
            throw ProjectionError(error, sequence: sequence)
        }
    }

    /// Sets the timer anew of a schedule whose next moment may be another now.
    mutating func rearm(_ key: ScheduleKey) throws {
        guard let schedule = try current(key) else { return }
        let number = try tenants.number(key.tenant)
        armNext(schedule, tenant: number)
        armReminders(schedule, tenant: number)
    }

    /// The first occurrence strictly after a moment, by what is known of the schedule's runs.
    func nextOccurrence(_ schedule: CompiledSchedule, after: Instant) -> Occurrence? {
        let facts = runFacts(schedule)
        return schedule.triggers.next(
            after: after, in: schedule.zone, runCount: facts.count, completedAt: facts.completedAt)
    }

    /// The last occurrence at or before a moment.
    func previousOccurrence(_ schedule: CompiledSchedule, atOrBefore: Instant) -> Occurrence? {
        schedule.triggers.previous(
            atOrBefore: atOrBefore, in: schedule.zone,
            completedAt: runFacts(schedule).completedAt)
    }

    /// The occurrences after one moment, up to and including another.
    func occurrences(
        _ schedule: CompiledSchedule, after: Instant, notAfter: Instant
    ) -> OccurrenceSpan {
        let facts = runFacts(schedule)
        if let most = schedule.triggers.runsMax, facts.count >= most { return .none }
        return schedule.triggers.latest(
            notAfter: notAfter, after: after, in: schedule.zone, completedAt: facts.completedAt)
    }

    /// How many runs there were, and when the last one was over, for triggers that ask.
    ///
    /// Nothing follows a completion while a run is open. A delay never counts from before the
    /// definition took effect, or the moment that it leads to might be over by then.
    func runFacts(_ schedule: CompiledSchedule) -> (count: Int, completedAt: Instant?) {
        let set = schedule.triggers
        guard set.runsMax != nil || set.followsCompletion,
            let known = state.schedules[schedule.key]
        else { return (0, nil) }
        let count = Int(clamping: known.succeeded + known.dead + known.cancelled + known.open)
        if known.open > 0 { return (count, Instant(microseconds: .max)) }
        let ended = max(known.lastEndedAt, known.lastDecided ?? 0)
        return (count, Instant(microseconds: max(ended, known.definedAt)))
    }

    /// Occurrences through this moment are decided, or came before the definition.
    func decidedThrough(_ schedule: ScheduleState) -> Int64 {
        max(schedule.lastDecided ?? .min, schedule.definedAt)
    }
}

extension EngineCore {
    /// How many of everything there are that the engine keeps beside the state: what a long run
    /// must not let grow.
    package var indexCounts: [String: Int] {
        [
            "timers": timers.count,
            "activeRuns": activeRuns.count,
            "waitingForRoom": room.waitingCount,
            "recentStarts": room.recentCount,
            "waitingForJob": waitingForJob.values.reduce(0) { $0 + $1.count },
            "upstreamsOfRun": upstreamsOfRun.count,
            "lastAnswer": lastAnswer.count,
            "approvalsOfRun": approvalsOfRun.count,
            "alertsOfJob": alertsOfJob.values.reduce(0) { $0 + $1.count },
            "calendars": calendars.count,
            "heldBack": heldBack.count,
            "elementsOfJob": elementsOfJob.values.reduce(0) { $0 + $1.count },
            "armedAt": armedAt.count,
            "completionFollowers": completionFollowers.count,
            "references": references.count,
            "remindersOfJob": remindersOfJob.values.reduce(0) { $0 + $1.count },
            "openOfJob": openOfJob.values.reduce(0) { $0 + $1.count },
        ]
    }
}
