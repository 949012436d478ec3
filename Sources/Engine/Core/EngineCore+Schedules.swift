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
        let made = try CompiledSchedule(key, sequence, definition, zones, &triggers)
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
        try schedule(run.schedule, definition: run.definition)
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
    /// - Throws: `Rejection` where this machine cannot take the cadence or the zone.
    mutating func arm(
        _ outline: ScheduleOutline, definition sequence: UInt64, tenant: UInt16, after: Int64
    ) throws(Rejection) {
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
                .occurrence(definition: sequence, tenant: tenant), at: next.instant.microseconds)
        }
    }

    /// Sets the timer of a schedule whose occurrences through now were decided.
    ///
    /// Only whoever took its timer may call this: a schedule has one.
    mutating func armNext(_ schedule: CompiledSchedule, tenant: UInt16) {
        guard let known = state.schedules[schedule.key] else { return }
        let after = Instant(microseconds: decidedThrough(known))
        if let next = schedule.trigger.next(after: after, in: schedule.zone) {
            timers.add(
                .occurrence(definition: schedule.definitionSequence, tenant: tenant),
                at: next.instant.microseconds)
        }
    }

    /// Occurrences through this moment are decided, or came before the definition.
    func decidedThrough(_ schedule: ScheduleState) -> Int64 {
        max(schedule.lastDecided("") ?? .min, schedule.definedAt)
    }
}

extension EngineCore {
    /// How many of everything there are that the engine keeps beside the state: what a long run
    /// must not let grow.
    package var indexCounts: [String: Int] {
        [
            "timers": timers.count,
            "activeRuns": activeRuns.count,
            "waitingForRoom": waitingForRoom.count,
            "waitingForJob": waitingForJob.values.reduce(0) { $0 + $1.count },
            "upstreamsOfRun": upstreamsOfRun.count,
            "lastAnswer": lastAnswer.count,
            "alertsOfJob": alertsOfJob.values.reduce(0) { $0 + $1.count },
            "calendars": calendars.count,
            "heldBack": heldBack.count,
        ]
    }
}
