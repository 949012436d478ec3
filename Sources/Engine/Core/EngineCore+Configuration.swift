import Crypto
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
        for key in plan.removed { try settle(key, "the schedule was removed") }
        for (definition, _) in plan.updated {
            let key = ScheduleKey(input.tenant, definition.jobId)
            try settle(key, definition.isEnabled ? nil : "the schedule was disabled")
        }
        let isStaged = plan.estimatedByteCount > EngineCore.partByteCountMax
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
        for key in plan.removed { try forget(key) }
        for definition in plan.created + plan.updated.map({ $0.definition }) {
            if let schedule = state.schedules[ScheduleKey(input.tenant, definition.jobId)] {
                try compile(schedule)
            }
        }
        reply(
            "applied: \(plan.created.count) created, \(plan.updated.count) updated, "
                + "\(plan.removed.count) removed, \(plan.unchangedCount) unchanged")
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
        for definition in plan.created {
            var created = ScheduleCreated()
            created.jobId = definition.jobId
            created.definition = definition
            created.author = input.author
            try emitPart(created, stage)
        }
        for (definition, changes) in plan.updated {
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

    /// A schedule was removed: its waiting runs end, its timers lose their sense.
    private mutating func forget(_ key: ScheduleKey) throws {
        if let slot = slots.removeValue(forKey: key) { compiled[slot] = nil }
        var waiting: [RunState] = []
        state.openRuns.forEach { run in
            if run.schedule == key && !run.status.isActive { waiting.append(run) }
        }
        for run in waiting.sorted(by: { $0.run < $1.run }) {
            try endCancelled(run, "the schedule was removed", cause: run.lastSequence)
        }
    }
}

/// What applying a configuration would change.
public struct ConfigurationPlan: Sendable {
    /// Definitions of new schedules.
    public private(set) var created: [ScheduleDefinition] = []
    /// Definitions of schedules that say something else, with what changed.
    public private(set) var updated: [(definition: ScheduleDefinition, changes: [FieldChange])] =
        []
    /// Schedules that are no longer there.
    public private(set) var removed: [ScheduleKey] = []
    /// How many stay as they are.
    public private(set) var unchangedCount = 0
    /// Calendars that are new or say something else.
    public private(set) var calendars: [(CalendarDefinition, changes: [FieldChange])] = []
    /// Calendars that are no longer there.
    public private(set) var calendarsRemoved: [String] = []
    /// SHA-256 over the canonical bytes of every definition, calendar and setting, hex.
    public private(set) var digest = ""
    /// About how many bytes the events will take.
    public private(set) var estimatedByteCount = 0

    /// Whether no schedule and no calendar changes.
    public var isEmpty: Bool {
        created.isEmpty && updated.isEmpty && removed.isEmpty && calendars.isEmpty
            && calendarsRemoved.isEmpty
    }

    /// Compares a configuration with a state.
    ///
    /// - Throws: a rejection where a definition cannot be taken on this machine.
    public init(
        _ input: ConfigurationInput, _ state: ProjectedState, _ zones: ZoneCatalog
    ) throws {
        var hash = SHA256()
        var wanted: Set<String> = []
        let definitions = input.definitions.sorted {
            $0.jobId.utf8.lexicographicallyPrecedes($1.jobId.utf8)
        }
        for definition in definitions {
            let key = ScheduleKey(input.tenant, definition.jobId)
            guard wanted.insert(definition.jobId).inserted else {
                throw Rejection(.invalid, "jobId '\(definition.jobId)' stands twice")
            }
            _ = try CompiledSchedule(key, 0, definition, zones)
            let bytes = definition.encoded()
            hash.update(data: bytes)
            try compare(definition, bytes, state.schedules[key], state)
        }
        state.schedules.forEach { schedule in
            guard !schedule.isRemoved, schedule.tenant == input.tenant,
                !wanted.contains(schedule.jobId)
            else { return }
            removed.append(schedule.key)
        }
        removed.sort { $0.jobId.utf8.lexicographicallyPrecedes($1.jobId.utf8) }
        try compareCalendars(input, state, &hash)
        for setting in input.settings { hash.update(data: setting.encoded()) }
        digest = JSONText.hex(hash.finalize())
    }

    private mutating func compare(
        _ definition: ScheduleDefinition, _ bytes: [UInt8], _ known: ScheduleState?,
        _ state: ProjectedState
    ) throws {
        guard let known, !known.isRemoved else {
            try Self.checkSize(bytes.count, [], "schedule '\(definition.jobId)'")
            created.append(definition)
            estimatedByteCount += bytes.count + 100
            return
        }
        let before = state.definitions[known.definitionSequence]?.definition ?? []
        if before == bytes {
            unchangedCount += 1
            return
        }
        let old = try ScheduleDefinition(decoding: before)
        let changes = FieldChanges.between(old, definition)
        try Self.checkSize(
            bytes.count, changes, "schedule '\(definition.jobId)' and what changed of it")
        updated.append((definition, changes))
        estimatedByteCount += 2 * bytes.count + 100
    }

    /// What a record takes beside its definition and changes, at the most.
    private static let envelopeByteCountMax = 2_048

    /// Refuses what would not fit a record, before anything is decided.
    private static func checkSize(
        _ byteCount: Int, _ changes: [FieldChange], _ what: String
    ) throws {
        let total = changes.reduce(byteCount) { $0 + $1.encoded().count + 4 }
        let limit = EngineCore.recordByteCountMax - envelopeByteCountMax
        guard total <= limit else {
            throw Rejection(
                .invalid, "\(what) would take \(total) bytes in the log; the limit is \(limit)")
        }
    }

    /// Long lists become their lengths: the definition itself stands in the record, whole.
    private static func shortened(_ changes: [FieldChange]) -> [FieldChange] {
        changes.map { change in
            var change = change
            if change.before.utf8.count + change.after.utf8.count > 8_192 {
                change.before = "\"\(change.before.utf8.count) bytes of JSON\""
                change.after = "\"\(change.after.utf8.count) bytes of JSON\""
            }
            return change
        }
    }

    private mutating func compareCalendars(
        _ input: ConfigurationInput, _ state: ProjectedState, _ hash: inout SHA256
    ) throws {
        var wanted: Set<String> = []
        let sorted = input.calendars.sorted {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        for calendar in sorted {
            wanted.insert(calendar.name)
            hash.update(data: calendar.encoded())
            let known = state.calendars[ScheduleKey(input.tenant, calendar.name)]?.calendar
            if known == calendar { continue }
            let changes = Self.shortened(known.map { FieldChanges.between($0, calendar) } ?? [])
            try Self.checkSize(
                calendar.encoded().count, changes, "calendar '\(calendar.name)'")
            calendars.append((calendar, changes))
            estimatedByteCount += calendar.encoded().count + 100
        }
        for known in state.calendars.sorted() where known.tenant == input.tenant {
            if let name = known.calendar?.name, !wanted.contains(name) {
                calendarsRemoved.append(name)
            }
        }
    }
}
