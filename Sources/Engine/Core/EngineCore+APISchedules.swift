import Events
import Projections
import Timetable

/// Schedules that come by the API: made, changed and removed there alone.
extension EngineCore {
    /// One request makes at most so many: they are one decision.
    package static let definitionsMax = 1_000
    /// Their definitions have at most so many bytes together, so that they fit one write.
    static let definitionsByteCountMax = 2 << 20

    /// A definition that can be taken.
    private struct Accepted {
        let definition: ScheduleDefinition
        let schedule: CompiledSchedule
        /// What changes, where the schedule is there already.
        let changes: [FieldChange]?
    }

    /// Makes schedules, or changes them: all of them, or none where one cannot be taken.
    ///
    /// One that stands already as it is given stays; asked again, nothing is written.
    ///
    /// - Parameter replaces: whether one that stands otherwise is changed; else it is a conflict.
    /// - Complexity: O(1) for each schedule, and O(what it waits for) where it has dependencies.
    mutating func defineSchedules(
        _ definitions: [ScheduleDefinition], replaces: Bool, tenant: String, _ who: Authority
    ) throws {
        try checkRoom()
        guard (1...Self.definitionsMax).contains(definitions.count) else {
            throw Rejection(
                .invalid, "1 to \(Self.definitionsMax) schedules are possible in one request")
        }
        let number = try tenants.number(tenant)
        var accepted: [Accepted] = []
        var ids: Set<String> = []
        var byteCount = 0
        for definition in definitions {
            if !ids.insert(definition.jobId).inserted {
                throw Rejection(.invalid, "jobId '\(definition.jobId)' stands twice")
            }
            guard
                let item = try accept(
                    definition, replaces: replaces, tenant: tenant, &byteCount)
            else { continue }
            accepted.append(item)
        }
        guard byteCount <= Self.definitionsByteCountMax else {
            throw Rejection(
                .invalid,
                "these schedules take \(byteCount) bytes in the log, and one request may take "
                    + "\(Self.definitionsByteCountMax): make it smaller")
        }
        try checkDependencies(accepted.map(\.definition), ids, tenant)
        self.tenant = tenant
        for item in accepted { try define(item, number, tenant, who) }
        try recordZones(Set(accepted.lazy.map(\.definition.zone)))
        tellOfDefinitions(definitions, accepted)
    }

    private mutating func tellOfDefinitions(
        _ definitions: [ScheduleDefinition], _ accepted: [Accepted]
    ) {
        let updated = accepted.count { $0.changes != nil }
        let unchanged = definitions.count - accepted.count
        if definitions.count == 1 {
            let what = unchanged == 1 ? "stands so already" : updated == 1 ? "changed" : "created"
            return reply("schedule '\(definitions[0].jobId)': \(what)")
        }
        reply(
            "schedules: \(accepted.count - updated) created, \(updated) changed, "
                + "\(unchanged) stand so already")
    }

    /// Checks a definition against what stands under its id; nil where nothing changes.
    private mutating func accept(
        _ given: ScheduleDefinition, replaces: Bool, tenant: String, _ byteCount: inout Int
    ) throws -> Accepted? {
        var definition = given
        definition.source = "api"
        let key = ScheduleKey(tenant, definition.jobId)
        let bytes = definition.encoded()
        var changes: [FieldChange]?
        if let known = state.schedules[key], !known.isRemoved {
            guard known.isFromAPI else {
                throw Rejection(
                    .conflict,
                    "schedule '\(key.jobId)' stands in the configuration (event "
                        + "\(known.definitionSequence)); change it there, or choose another jobId")
            }
            let before = state.definitions[known.definitionSequence]?.definition ?? []
            if before == bytes { return nil }
            guard replaces else {
                throw Rejection(
                    .conflict,
                    "schedule '\(key.jobId)' is there already and says something else (event "
                        + "\(known.definitionSequence)); change it with PUT, or choose another "
                        + "jobId")
            }
            changes = FieldChanges.between(
                try ScheduleDefinition(decoding: before), definition)
        }
        let size = (changes ?? []).reduce(bytes.count) { $0 + $1.encoded().count + 4 }
        guard size <= Self.recordByteCountMax - 2_048 else {
            throw Rejection(
                .invalid, "schedule '\(key.jobId)' would take \(size) bytes in the log")
        }
        byteCount += size + 256
        let schedule = try CompiledSchedule(
            key, 0, definition, zones, calendar: calendar(definition.calendar, of: tenant),
            &triggers)
        let next = schedule.triggers.next(after: Instant(microseconds: now), in: schedule.zone)
        if next == nil && !schedule.triggers.followsCompletion {
            throw Rejection(
                .invalid,
                "schedule '\(key.jobId)' would never run: its last time is over. Give a later one")
        }
        return Accepted(definition: definition, schedule: schedule, changes: changes)
    }

    /// What schedules wait for is there, and none waits for itself.
    private func checkDependencies(
        _ definitions: [ScheduleDefinition], _ ids: Set<String>, _ tenant: String
    ) throws {
        let given = Dictionary(
            definitions.map { ($0.jobId, $0) }, uniquingKeysWith: { first, _ in first })
        func upstream(_ jobId: String) throws -> [String] {
            var definition = given[jobId]
            if definition == nil, let known = state.schedules[ScheduleKey(tenant, jobId)],
                !known.isRemoved, let kept = state.definitions[known.definitionSequence]
            {
                definition = try ScheduleDefinition(decoding: kept.definition)
            }
            return (definition?.dependencies ?? []).filter { $0.kind == "job" }.map(\.name)
        }
        for definition in definitions where !definition.dependencies.isEmpty {
            for name in try upstream(definition.jobId) where !ids.contains(name) {
                let key = ScheduleKey(tenant, name)
                guard state.schedules[key]?.isRemoved == false || !elements(of: key).isEmpty
                else {
                    throw Rejection(
                        .invalid,
                        "schedule '\(definition.jobId)': there is no schedule '\(name)' to wait "
                            + "for")
                }
            }
            var seen: Set<String> = []
            var waiting = try upstream(definition.jobId)
            while let name = waiting.popLast(), seen.count < 10_000 {
                guard name != definition.jobId else {
                    throw Rejection(
                        .invalid, "schedule '\(definition.jobId)' would wait for itself")
                }
                if seen.insert(name).inserted { waiting += try upstream(name) }
            }
        }
    }

    private mutating func define(
        _ item: Accepted, _ number: UInt16, _ tenant: String, _ who: Authority
    ) throws {
        let definition = item.definition
        let key = ScheduleKey(tenant, definition.jobId)
        let sequence: UInt64
        if let changes = item.changes {
            // What fell due is still decided by the definition before.
            try settle(key, definition.isEnabled ? nil : "the schedule was disabled")
            // With its last occurrence the schedule may be gone: then this is a new one.
            if state.schedules[key]?.isRemoved == false {
                var updated = ScheduleUpdated()
                updated.jobId = definition.jobId
                updated.definition = definition
                updated.changes = changes
                sequence = try emit(updated, by: who)
            } else {
                sequence = try emitCreated(definition, who)
            }
        } else {
            sequence = try emitCreated(definition, who)
        }
        references.add(tenant, definition.rules?.reference ?? "", definition: sequence)
        let schedule = item.schedule.at(sequence)
        compiled.insert(schedule)
        armNext(schedule, tenant: number)
        armReminders(schedule, tenant: number)
    }

    private mutating func emitCreated(
        _ definition: ScheduleDefinition, _ who: Authority
    ) throws -> UInt64 {
        var created = ScheduleCreated()
        created.jobId = definition.jobId
        created.definition = definition
        return try emit(created, by: who)
    }

    /// Emits an event of somebody's, among those of the engine.
    @discardableResult
    mutating func emit<P: EventPayload>(
        _ payload: P, by who: Authority, cause: UInt64 = 0
    ) throws -> UInt64 {
        let before = authority
        authority = who
        defer { authority = before }
        return try emit(payload, cause: cause)
    }

    // MARK: Removed

    /// Removes a schedule that came by the API; what waits of it ends, what runs goes on.
    mutating func removeSchedule(
        _ key: ScheduleKey, _ reason: String, _ who: Authority
    ) throws {
        guard try known(key).isFromAPI else {
            throw Rejection(
                .conflict,
                "schedule '\(key.jobId)' stands in the configuration; remove it there, or pause "
                    + "it")
        }
        try remove(key, reason.isEmpty ? "it was asked for" : reason, who)
        reply("schedule '\(key.jobId)' is removed")
    }

    /// Removes a schedule of the API that is there.
    mutating func remove(_ key: ScheduleKey, _ reason: String, _ who: Authority) throws {
        tenant = key.tenant
        try settle(key, "the schedule was removed")
        let waiting = (openOfJob[key] ?? []).union(remindersOfJob[key] ?? [])
        if state.schedules[key]?.isRemoved == false {
            let cause = try emitRemoved(key, reason, who)
            try clearAlerts(key, cause: cause, "the schedule was removed")
        }
        for number in waiting.sorted() {
            // The end of one may have been the end of another that waited for it.
            guard let run = state.openRuns[number], !run.status.isActive else { continue }
            try endCancelled(run, "the schedule was removed", cause: run.lastSequence)
        }
    }

    private mutating func emitRemoved(
        _ key: ScheduleKey, _ reason: String, _ who: Authority
    ) throws -> UInt64 {
        var removed = ScheduleRemoved()
        removed.jobId = key.jobId
        removed.reason = reason
        removed.reference = reference(of: state.schedules[key]?.definitionSequence ?? 0)
        return try emit(removed, by: who)
    }

    /// The reference of a definition; empty for none.
    func reference(of definition: UInt64) -> String {
        let bytes = state.definitions[definition]?.definition ?? []
        return (try? DefinitionFacts(bytes.span.bytes, (0, bytes.count)).reference) ?? ""
    }

    /// Removes a schedule of the API that has no more occurrences, when the last one is decided and
    /// its run is over: half a million of them may come each day.
    ///
    /// It stays as long as somebody has to see to it: while a run of it is in the dead-letter
    /// queue, or an alert of it is open.
    mutating func retireIfSpent(_ key: ScheduleKey) throws {
        guard let known = state.schedules[key], known.isFromAPI, !known.isRemoved,
            known.open == 0, alertsOfJob[key] == nil, !known.isPaused, settings.isSchedulingOn,
            let decided = known.lastDecided(""), decided <= now,
            let schedule = try current(key), schedule.definition.isEnabled,
            !schedule.triggers.followsCompletion,
            nextOccurrence(schedule, after: Instant(microseconds: decidedThrough(known))) == nil
        else { return }
        if known.dead > 0, hasDeadRun(key) { return }
        tenant = key.tenant
        _ = try emitRemoved(key, "it has no more occurrences", .engine)
        for number in (remindersOfJob[key] ?? []).sorted() {
            guard let run = state.openRuns[number], !run.status.isActive else { continue }
            try endCancelled(run, "the schedule was removed", cause: run.lastSequence)
        }
    }

    private func hasDeadRun(_ key: ScheduleKey) -> Bool {
        var isFound = false
        state.deadRuns.forEach { run in
            if !isFound && !run.isReminder && run.schedule == key { isFound = true }
        }
        return isFound
    }

    /// The alerts of a schedule that has no more occurrences were all taken on: they are cleared,
    /// and it may go.
    mutating func retireAfterAcknowledgement(_ key: ScheduleKey) throws {
        guard state.schedules[key]?.isFromAPI == true,
            let alerts = alertsOfJob[key], let schedule = try current(key),
            let known = state.schedules[key], known.open == 0, !known.isRemoved,
            alerts.allSatisfy({ state.alerts[$0].map { $0.acknowledgedAt > 0 } ?? true }),
            !schedule.triggers.followsCompletion,
            nextOccurrence(schedule, after: Instant(microseconds: decidedThrough(known))) == nil
        else { return }
        if known.dead > 0, hasDeadRun(key) { return }
        authority = .engine
        try clearAlerts(key, cause: 0, "its schedule has no more occurrences")
        try retireIfSpent(key)
    }
}
