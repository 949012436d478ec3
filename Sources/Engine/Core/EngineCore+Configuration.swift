import Events
import Projections
import Timetable

/// Makes the schedules what a configuration says.
extension EngineCore {
    /// A part of a staged decision is ended when it is this large: well within one write.
    static let partByteCountMax = 1 << 20

    /// Nothing changed: nothing is appended.
    mutating func applyConfiguration(_ input: ConfigurationInput) throws {
        tenant = input.tenant
        let plan = try ConfigurationPlan(input, state, zones)
        guard !plan.isEmpty || plan.digest != state.status.configurationDigest else {
            return reply("the configuration is the one in force: nothing changed")
        }
        let number = try tenants.number(input.tenant)
        let isStaged = plan.estimatedByteCount > EngineCore.partByteCountMax
        // An envelope takes some more; growing would copy what is there, again and again.
        let changeCount = plan.created.count + plan.updated.count
        if isStaged { reserve(byteCount: plan.estimatedByteCount + 128 * changeCount) }
        for key in plan.removed { try settle(key, "the schedule was removed") }
        for (place, _) in plan.updated {
            let definition = input.definitions[place]
            let key = ScheduleKey(input.tenant, definition.jobId)
            try settle(key, definition.isEnabled ? nil : "the schedule was disabled")
        }
        authority = Authority(
            actor: input.commit.isEmpty ? "config" : "config:\(input.commit)")
        let stage = isStaged ? state.nextSequence + 1 : 0
        try emitChanges(plan, input, stage)
        var applied = ConfigurationApplied()
        applied.digest = plan.digest
        applied.commit = input.commit
        applied.author = input.author
        applied.isDirty = input.isDirty
        applied.created = UInt64(plan.created.count)
        applied.updated = UInt64(plan.updated.count)
        applied.removed = UInt64(plan.removed.count)
        applied.unchanged = UInt64(plan.unchangedCount)
        applied.stage = stage
        applied.environment = input.environment
        applied.settings = input.settings
        try emit(applied)
        authority = .engine
        try recordZones(Set(plan.created.map { input.definitions[$0].zone }))
        try recordZones(Set(plan.updated.map { input.definitions[$0.place].zone }))
        try endWaiting(plan.removed)
        if isStaged { timers.reserve(changeCount) }
        for place in plan.created { try arm(input.definitions[place], number, input.tenant) }
        for (place, _) in plan.updated {
            try arm(input.definitions[place], number, input.tenant)
        }
        notePartnerNumbers()
        try calendarsChanged(plan, input.tenant, number)
        if !plan.blackouts.isEmpty || !plan.blackoutsLifted.isEmpty {
            try blackoutsChanged(input.tenant)
        }
        try elementsChanged(plan.removed + plan.updated.map { key(input, $0.place) })
        reply(
            "applied: \(plan.created.count) created, \(plan.updated.count) updated, "
                + "\(plan.removed.count) removed, \(plan.unchangedCount) unchanged"
                + Self.others(plan))
    }

    /// What changed beside the schedules, in words; empty where nothing did.
    private static func others(_ plan: ConfigurationPlan) -> String {
        var text = ""
        for (noun, changed, removed) in [
            ("calendar", plan.calendars.count, plan.calendarsRemoved.count),
            ("partner", plan.partners.count, plan.partnersRemoved.count),
            ("blackout", plan.blackouts.count, plan.blackoutsLifted.count),
        ] {
            if changed > 0 { text += ", \(counted(changed, noun)) new or changed" }
            if removed > 0 { text += ", \(counted(removed, noun)) removed" }
        }
        return text
    }

    private func key(_ input: ConfigurationInput, _ place: Int) -> ScheduleKey {
        ScheduleKey(input.tenant, input.definitions[place].jobId)
    }

    private mutating func emitChanges(
        _ plan: ConfigurationPlan, _ input: ConfigurationInput, _ stage: UInt64
    ) throws {
        for (calendar, changes) in plan.calendars {
            var defined = CalendarDefined()
            defined.calendar = calendar
            defined.changes = changes
            try emitPart(defined, stage)
        }
        for (partner, changes) in plan.partners {
            var defined = PartnerDefined()
            defined.partner = partner
            defined.changes = changes
            try emitPart(defined, stage)
        }
        for name in plan.partnersRemoved {
            var removed = PartnerRemoved()
            removed.name = name
            try emitPart(removed, stage)
        }
        for (blackout, before) in plan.blackouts {
            try emitDeclared(blackout, before: before, stage: stage)
        }
        for name in plan.blackoutsLifted {
            try emitLifted(name, "it is no longer in the configuration", stage: stage)
        }
        for place in plan.created {
            let definition = input.definitions[place]
            var created = ScheduleCreated()
            created.jobId = definition.jobId
            created.definition = definition
            created.author = input.author
            try emitPart(created, stage)
        }
        for (place, changes) in plan.updated {
            let definition = input.definitions[place]
            var updated = ScheduleUpdated()
            updated.jobId = definition.jobId
            updated.definition = definition
            updated.changes = changes
            updated.author = input.author
            try emitPart(updated, stage)
        }
        for key in plan.removed {
            var removed = ScheduleRemoved()
            removed.jobId = key.jobId
            removed.reason = "it is no longer in the configuration"
            removed.author = input.author
            try emitPart(removed, stage)
        }
        for name in plan.calendarsRemoved {
            var removed = CalendarRemoved()
            removed.name = name
            try emitPart(removed, stage)
        }
    }

    private mutating func emitPart<P: EventPayload>(_ payload: P, _ stage: UInt64) throws {
        if stage != 0 && partByteCount > EngineCore.partByteCountMax { endPart() }
        try emit(payload, stage: stage)
    }

    /// Sets the timer of a schedule whose definition was just applied.
    private mutating func arm(
        _ definition: ScheduleDefinition, _ number: UInt16, _ tenant: String
    ) throws {
        guard let known = state.schedules[ScheduleKey(tenant, definition.jobId)] else { return }
        try arm(
            ScheduleOutline(definition), definition: known.definitionSequence, tenant: number,
            after: decidedThrough(known))
    }

    /// Calendars say something else: what was read from them is out of date, and schedules that
    /// roll by them or count their days have another next moment.
    private mutating func calendarsChanged(
        _ plan: ConfigurationPlan, _ tenant: String, _ number: UInt16
    ) throws {
        let names = Set(plan.calendars.map { $0.0.name } + plan.calendarsRemoved)
        if names.isEmpty { return }
        calendars = [:]
        compiled = ScheduleCache()
        var moved: [ScheduleKey] = []
        var fault: WireError?
        state.schedules.forEach { schedule in
            guard fault == nil, !schedule.isRemoved, schedule.tenant == tenant,
                let bytes = state.definitions[schedule.definitionSequence]?.definition
            else { return }
            do throws(WireError) {
                let outline = try ScheduleOutline(decoding: bytes)
                if outline.isExtended && names.contains(outline.calendar) {
                    moved.append(schedule.key)
                }
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        for key in moved.sorted(by: { $0.jobId.utf8.lexicographicallyPrecedes($1.jobId.utf8) }) {
            try rearm(key)
        }
        try checkCalendars()
    }

    /// Schedules were removed: their waiting runs end, and their timers lose their sense.
    private mutating func endWaiting(_ removed: [ScheduleKey]) throws {
        if removed.isEmpty { return }
        let keys = Set(removed)
        var waiting: [RunState] = []
        state.openRuns.forEach { run in
            if keys.contains(run.schedule) && !run.status.isActive { waiting.append(run) }
        }
        waiting.sort { a, b in
            if a.jobId == b.jobId { return a.run < b.run }
            return a.jobId.utf8.lexicographicallyPrecedes(b.jobId.utf8)
        }
        for run in waiting {
            // The end of one may have been the end of another that waited for it.
            guard let run = state.openRuns[run.run], !run.status.isActive else { continue }
            try endCancelled(run, "the schedule was removed", cause: run.lastSequence)
        }
    }
}
