import Events
import Projections
import Timetable

extension RunState {
    /// Whether a decision put it off: it waits for a blackout's end, its turn, the time that a
    /// person moved it to, or the end of a pause.
    var isPutOff: Bool {
        status == .held
            && ["blackout", "spread", "deferred", EngineCore.movedGate, EngineCore.pausedGate]
                .contains(gate)
    }

    /// Whether the engine made it by itself and has not called its target yet: such a run may be
    /// left out.
    var isUntouched: Bool {
        attempt == 0 && (trigger == "schedule" || trigger == "catchUp" || isReminder)
    }
}

/// Blackouts: times in which nothing is dispatched, by tenant, tag, target or job.
extension EngineCore {
    /// How soon a wait that nobody knows the end of is looked at again, µs.
    static let putOffLook: Int64 = 3_600_000_000

    /// The blackout that covers a moment for a schedule: one that skips before one that defers,
    /// then the one that ends last.
    func blackout(for schedule: CompiledSchedule, at instant: Instant) -> BlackoutInForce? {
        var found: BlackoutInForce?
        for blackout in blackouts where blackout.concerns(schedule) {
            guard let end = blackout.window.end(covering: instant, in: blackout.zone) else {
                continue
            }
            let candidate = BlackoutInForce(
                definition: blackout.definition, end: end, zone: blackout.zone)
            if found.map({ candidate.goesBefore($0) }) ?? true { found = candidate }
        }
        return found
    }

    /// The blackout gate.
    ///
    /// - Returns: whether the run is held here, or over.
    mutating func blackoutHolds(_ run: RunState, _ schedule: CompiledSchedule) throws -> Bool {
        if run.passesBlackouts { return false }
        guard let blackout = blackout(for: schedule, at: Instant(microseconds: now)) else {
            return false
        }
        // What was attempted is not skipped: its target may have begun. Nor is what a person asked
        // for: it waits.
        if blackout.definition.action == "skip" && run.isUntouched {
            try skip(run.run, "blackout", blackout.sentence)
            return true
        }
        var until: Int64 = 0
        if case .at(let end) = blackout.end {
            let spread = Int64(clamping: blackout.definition.spreadSeconds)
            until = end.microseconds &+ offset(of: schedule, within: spread)
        }
        if run.gate != "blackout" || run.retryAt != until {
            try putOff(run.run, until: until, gate: "blackout", blackout.sentence)
        } else if until > 0 {
            addTimer(.takeUp(run: run.run), of: run, at: until)
        }
        if blackout.definition.action == "deferCoalesced" && run.isUntouched {
            try coalesce(into: run)
        }
        return true
    }

    /// How long after a blackout's end a job's runs start, µs, within so many seconds: spread by
    /// the job, the same each time.
    private func offset(of schedule: CompiledSchedule, within seconds: Int64) -> Int64 {
        TriggerSet.Jitter.microseconds(
            of: schedule.key.jobId, most: UInt64(min(seconds, 31 * 86_400)) * 1_000_000)
    }

    /// Puts a waiting run off, until a moment or (0) until somebody ends what holds it.
    mutating func putOff(
        _ number: UInt64, until: Int64, gate: String, _ reason: String
    ) throws {
        guard let run = state.openRuns[number] else { return }
        var deferred = RunDeferred()
        deferred.run = number
        deferred.jobId = run.jobId
        deferred.until = until
        deferred.gate = gate
        deferred.reason = reason
        try emit(deferred, cause: run.lastSequence)
        if until > 0 { addTimer(.takeUp(run: number), of: run, at: until) }
    }

    /// Of the runs of a schedule that a blackout put off only the newest goes on.
    private mutating func coalesce(into run: RunState) throws {
        for number in (openOfJob[run.schedule] ?? []).sorted() where number < run.run {
            guard let older = state.openRuns[number], older.isUntouched, older.isPutOff,
                older.gate == "blackout", older.fanOutKey == run.fanOutKey
            else { continue }
            try skip(number, "coalesced", "into run \(run.run), for \(run.scheduledLocal)")
        }
    }

    /// Refuses what a person asks for in a blackout.
    func refuseInBlackout(_ schedule: CompiledSchedule) throws(Rejection) {
        guard let blackout = blackout(for: schedule, at: Instant(microseconds: now)) else { return }
        throw Rejection(
            .conflict,
            "'\(schedule.key.jobId)' is in \(blackout.sentence); wait for its end, lift it, or "
                + "make a run that passes it: daybook run-now --past-blackouts")
    }

    // MARK: Declaring and lifting

    /// Declares a blackout, or changes one that was declared so.
    mutating func declare(
        _ blackout: BlackoutDefinition, _ tenant: String, _ who: Authority
    ) throws {
        guard !blackout.reason.isEmpty else {
            throw Rejection(.invalid, "a blackout needs a reason")
        }
        let key = ScheduleKey(tenant, blackout.name)
        _ = try CompiledBlackout(key, 0, blackout, zones)
        let known = state.blackouts[key]?.blackout
        if let known, known.source == "config" {
            throw Rejection(
                .conflict,
                "blackout '\(blackout.name)' stands in the configuration; choose another name, or "
                    + "change it there")
        }
        if known == blackout {
            return reply("blackout '\(blackout.name)' is declared so already")
        }
        authority = who
        self.tenant = tenant
        try emitDeclared(blackout, before: known)
        authority = .engine
        try blackoutsChanged(tenant)
        reply("blackout '\(blackout.name)' is declared")
    }

    /// Ends a blackout that was declared by hand.
    mutating func lift(_ key: ScheduleKey, _ reason: String, _ who: Authority) throws {
        guard let known = state.blackouts[key]?.blackout else {
            throw Rejection(.notFound, "there is no blackout '\(key.jobId)'")
        }
        guard known.source != "config" else {
            throw Rejection(
                .conflict,
                "blackout '\(key.jobId)' stands in the configuration; take it out there")
        }
        guard !reason.isEmpty else {
            throw Rejection(.invalid, "lifting a blackout needs a reason")
        }
        authority = who
        tenant = key.tenant
        try emitLifted(key.jobId, reason)
        authority = .engine
        try blackoutsChanged(key.tenant)
        reply("blackout '\(key.jobId)' is lifted: what it held goes on")
    }

    /// A blackout that was declared until a moment is over.
    mutating func blackoutEnded(_ declared: UInt64) throws {
        guard let known = state.blackouts.sorted().first(where: { $0.sequence == declared }),
            let definition = known.blackout
        else { return }
        tenant = known.tenant
        try emitLifted(definition.name, "its time is over")
        // What it held has a timer of its own.
        try readBlackouts()
    }

    mutating func emitDeclared(
        _ blackout: BlackoutDefinition, before: BlackoutDefinition?, stage: UInt64 = 0
    ) throws {
        var declared = BlackoutDeclared()
        declared.blackout = blackout
        declared.changes = before.map { FieldChanges.between($0, blackout) } ?? []
        try emit(declared, stage: stage)
    }

    mutating func emitLifted(_ name: String, _ reason: String, stage: UInt64 = 0) throws {
        var lifted = BlackoutLifted()
        lifted.name = name
        lifted.reason = reason
        try emit(lifted, stage: stage)
    }

    /// After a change: sets the ends' timers, and lets go on, or holds, what waits.
    mutating func blackoutsChanged(_ tenant: String) throws {
        try readBlackouts()
        for run in state.openRuns.sorted() where run.tenant == tenant {
            // An end before may have been the end of this one, too.
            guard let run = state.openRuns[run.run], run.gate == "blackout" else { continue }
            self.tenant = tenant
            let schedule = try pinnedSchedule(run)
            if try blackoutHolds(run, schedule) { continue }
            try putOff(
                run.run, until: now + offset(of: schedule, within: 60), gate: "spread",
                "the blackout is over")
        }
    }

    /// Makes the blackouts ready that are declared, and sets the timers of those that end by
    /// themselves.
    ///
    /// One that this machine cannot take (its zone data lack its zone) is reported, until it can.
    mutating func readBlackouts() throws {
        blackouts = []
        var faults: [ScheduleKey: String] = [:]
        for known in state.blackouts.sorted() {
            guard let definition = known.blackout else { continue }
            do throws(Rejection) {
                blackouts.append(
                    try CompiledBlackout(known.key, known.sequence, definition, zones))
            } catch {
                faults[known.key] = "\(error.message); it does not hold until this is put right"
                continue
            }
            if definition.source != "config" && definition.until > 0 {
                timers.add(.blackoutEnd(declared: known.sequence), at: definition.until)
            }
        }
        try report(faults)
        tenant = "default"
    }

    /// Raises an alert for each blackout that cannot be taken, once; clears those that are over.
    private mutating func report(_ faults: [ScheduleKey: String]) throws {
        var reported: Set<ScheduleKey> = []
        for alert in state.alerts.sorted() where alert.kind == "blackout" {
            let key = ScheduleKey(alert.tenant, alert.subject)
            if faults[key] == alert.message {
                reported.insert(key)
                continue
            }
            tenant = alert.tenant
            try clear(alert, "the blackout can be taken, or is gone")
        }
        for known in state.blackouts.sorted() {
            guard let message = faults[known.key], !reported.contains(known.key) else { continue }
            tenant = known.tenant
            try raise(
                about: known.key.jobId, kind: "blackout", severity: "critical", message)
        }
    }
}

extension BlackoutInForce {
    /// Whether this one decides before another.
    fileprivate func goesBefore(_ other: BlackoutInForce) -> Bool {
        let (skips, otherSkips) = (definition.action == "skip", other.definition.action == "skip")
        if skips != otherSkips { return skips }
        switch (end, other.end) {
        case (.open, .at): return true
        case (.at(let mine), .at(let others)): return mine > others
        case (_, .open): return false
        }
    }
}
