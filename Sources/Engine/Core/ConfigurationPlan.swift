import Crypto
import Events
import Projections
import Timetable

/// What applying a configuration would change.
///
/// It names definitions by their places in `ConfigurationInput.definitions`, so that a plan for a
/// million schedules holds no second copy of them.
public struct ConfigurationPlan {
    /// New schedules: the places of their definitions, in the order of the ids as UTF-8 bytes.
    public private(set) var created: [Int] = []
    /// Schedules that say something else: the places of their definitions, and what changed.
    public private(set) var updated: [(place: Int, changes: [FieldChange])] = []
    /// Schedules that are no longer there, in the order of their ids.
    public private(set) var removed: [ScheduleKey] = []
    /// How many stay as they are.
    public private(set) var unchangedCount = 0
    /// Calendars that are new or say something else.
    public private(set) var calendars: [(CalendarDefinition, changes: [FieldChange])] = []
    /// Partners that are new or say something else.
    public private(set) var partners: [(PartnerDefinition, changes: [FieldChange])] = []
    /// How many of them are new.
    public private(set) var partnersAddedCount = 0
    /// Partners that are no longer there.
    public private(set) var partnersRemoved: [String] = []
    /// Calendars that are no longer there.
    public private(set) var calendarsRemoved: [String] = []
    /// Blackouts that are new or say something else, with what they said before.
    public private(set) var blackouts: [(BlackoutDefinition, before: BlackoutDefinition?)] = []
    /// Blackouts that are no longer there.
    public private(set) var blackoutsLifted: [String] = []
    /// SHA-256 over the canonical bytes of every definition, calendar, blackout and setting, hex.
    public private(set) var digest = ""
    /// About how many bytes the events will take.
    public private(set) var estimatedByteCount = 0

    /// Whether no schedule, no calendar, no partner and no blackout changes.
    public var isEmpty: Bool {
        created.isEmpty && updated.isEmpty && removed.isEmpty && calendars.isEmpty
            && calendarsRemoved.isEmpty && blackouts.isEmpty && blackoutsLifted.isEmpty
            && partners.isEmpty && partnersRemoved.isEmpty
    }

    /// What applying it comes to, in one line: schedules, and partners where any of them changes.
    var summary: String {
        let schedules =
            "applied: \(created.count) created, \(updated.count) updated, "
            + "\(removed.count) removed, \(unchangedCount) unchanged"
        var others = ""
        if !partners.isEmpty || !partnersRemoved.isEmpty {
            others += "; partners: \(partnersAddedCount) added, "
            others += "\(partners.count - partnersAddedCount) changed, "
            others += "\(partnersRemoved.count) removed"
        }
        for (noun, changed, removed) in [
            ("calendars", calendars.count, calendarsRemoved.count),
            ("blackouts", blackouts.count, blackoutsLifted.count),
        ] where changed + removed > 0 {
            others += "; \(noun): \(changed) added or changed, \(removed) removed"
        }
        return schedules + others
    }

    /// Compares a configuration with a state.
    ///
    /// - Throws: a rejection where a definition cannot be taken on this machine.
    /// - Complexity: O(n log n) in the definitions, and O(schedules of the state).
    public init(
        _ input: ConfigurationInput, _ state: ProjectedState, _ zones: ZoneCatalog
    ) throws {
        var hash = SHA256()
        var triggers = TriggerCache()
        let calendars = Dictionary(
            input.calendars.map { ($0.name, BusinessCalendar($0)) },
            uniquingKeysWith: { first, _ in first })
        var knownCount = 0
        var before: String?
        try Self.checkJobTypes(input, state)
        for place in Self.order(of: input.definitions) {
            let definition = input.definitions[place]
            let key = ScheduleKey(input.tenant, definition.jobId)
            if let before, before.utf8.elementsEqual(definition.jobId.utf8) {
                throw Rejection(.invalid, "jobId '\(definition.jobId)' stands twice")
            }
            before = definition.jobId
            _ = try CompiledSchedule(
                key, 0, definition, zones, calendar: calendars[definition.calendar] ?? nil,
                &triggers)
            let bytes = definition.encoded()
            hash.update(data: bytes)
            var known = state.schedules[key]
            if known?.isRemoved == true { known = nil }
            if known != nil { knownCount += 1 }
            if let known, known.isFromAPI { throw Self.clash(definition.jobId, input, known) }
            try compare(definition, at: place, bytes, known, state)
        }
        findRemoved(input, state, knownCount)
        try compareCalendars(input, state, &hash)
        try compareBlackouts(input, state, zones, &hash)
        try comparePartners(input, state, &hash)
        for setting in input.settings { hash.update(data: setting.encoded()) }
        digest = JSONText.hex(hash.finalize())
    }

    /// The places of definitions in the order of their ids, as UTF-8 bytes.
    private static func order(of definitions: [ScheduleDefinition]) -> [Int] {
        func isBefore(_ a: Int, _ b: Int) -> Bool {
            definitions[a].jobId.utf8.lexicographicallyPrecedes(definitions[b].jobId.utf8)
        }
        var places = Array(definitions.indices)
        // Files are read in order as a rule.
        let isSorted = places.dropFirst().allSatisfy { !isBefore($0, $0 - 1) }
        if !isSorted { places.sort(by: isBefore) }
        return places
    }

    /// Finds the schedules that no definition names, where the state has more than `knownCount`.
    private mutating func findRemoved(
        _ input: ConfigurationInput, _ state: ProjectedState, _ knownCount: Int
    ) {
        var liveCount = 0
        state.schedules.forEach { schedule in
            if !schedule.isRemoved && !schedule.isFromAPI && schedule.tenant == input.tenant {
                liveCount += 1
            }
        }
        if liveCount == knownCount { return }
        let wanted = Set(input.definitions.lazy.map { Array($0.jobId.utf8) })
        state.schedules.forEach { schedule in
            guard !schedule.isRemoved, !schedule.isFromAPI, schedule.tenant == input.tenant,
                !wanted.contains(Array(schedule.jobId.utf8))
            else { return }
            removed.append(schedule.key)
        }
        removed.sort { $0.jobId.utf8.lexicographicallyPrecedes($1.jobId.utf8) }
    }

    /// A schedule of the configuration has the id of one that came by the API.
    private static func clash(
        _ jobId: String, _ input: ConfigurationInput, _ known: ScheduleState
    ) -> Rejection {
        let place = input.places[jobId].map { " (\($0))" } ?? ""
        return Rejection(
            .conflict,
            "schedule '\(jobId)' of the configuration\(place) is there already by the API (event "
                + "\(known.definitionSequence)); rename the one, or remove the other with: "
                + "daybook schedules remove \(jobId)")
    }

    /// No job type of the configuration has the name of one that the API defined.
    private static func checkJobTypes(
        _ input: ConfigurationInput, _ state: ProjectedState
    ) throws(Rejection) {
        for name in input.jobTypes {
            guard let known = state.jobTypes[ScheduleKey(input.tenant, name)] else { continue }
            throw Rejection(
                .conflict,
                "job type '\(name)' of the configuration is there already by the API (event "
                    + "\(known.sequence)); rename the one, or remove the other with: "
                    + "DELETE /v1/job-types/\(name)")
        }
    }

    private mutating func compare(
        _ definition: ScheduleDefinition, at place: Int, _ bytes: [UInt8],
        _ known: ScheduleState?, _ state: ProjectedState
    ) throws {
        guard let known else {
            try Self.checkSize(bytes.count, [], "schedule '\(definition.jobId)'")
            created.append(place)
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
        updated.append((place, changes))
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

    private mutating func compareBlackouts(
        _ input: ConfigurationInput, _ state: ProjectedState, _ zones: ZoneCatalog,
        _ hash: inout SHA256
    ) throws {
        let wanted = Set(input.blackouts.map(\.name))
        let sorted = input.blackouts.sorted {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        for blackout in sorted {
            let key = ScheduleKey(input.tenant, blackout.name)
            _ = try CompiledBlackout(key, 0, blackout, zones)
            let bytes = blackout.encoded()
            hash.update(data: bytes)
            let known = state.blackouts[key]?.blackout
            if known == blackout { continue }
            try Self.checkSize(3 * bytes.count, [], "blackout '\(blackout.name)'")
            blackouts.append((blackout, known))
            estimatedByteCount += 3 * bytes.count + 100
        }
        for known in state.blackouts.sorted() where known.tenant == input.tenant {
            if let old = known.blackout, old.source == "config", !wanted.contains(old.name) {
                blackoutsLifted.append(old.name)
            }
        }
    }

    private mutating func comparePartners(
        _ input: ConfigurationInput, _ state: ProjectedState, _ hash: inout SHA256
    ) throws {
        let sorted = input.partners.sorted {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        for partner in sorted {
            try EngineCore.check(partner)
            let bytes = partner.encoded()
            hash.update(data: bytes)
            let known = state.exchange.partners[ScheduleKey(input.tenant, partner.name)]?.partner
            if known == partner { continue }
            if known == nil { partnersAddedCount += 1 }
            let changes = Self.shortened(known.map { FieldChanges.between($0, partner) } ?? [])
            try Self.checkSize(bytes.count, changes, "partner '\(partner.name)'")
            partners.append((partner, changes))
            estimatedByteCount += 2 * bytes.count + 100
        }
        let wanted = Set(input.partners.map(\.name))
        for known in state.exchange.partners.sorted() where known.tenant == input.tenant {
            if let name = known.partner?.name, !wanted.contains(name) {
                partnersRemoved.append(name)
            }
        }
    }

    /// What changed of a calendar; of its holidays those that went and those that came.
    private static func changes(
        _ before: CalendarDefinition, _ after: CalendarDefinition
    ) -> [FieldChange] {
        let (old, new) = (Set(before.holidays), Set(after.holidays))
        return FieldChanges.between(before, after).map { change in
            guard change.field == "holidays" else { return change }
            func list(_ dates: Set<String>) -> String {
                dates.isEmpty
                    ? ""
                    : "[" + dates.sorted().map(JSONText.quoted).joined(separator: ",") + "]"
            }
            var change = change
            change.before = list(old.subtracting(new))
            change.after = list(new.subtracting(old))
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
            let changes = Self.shortened(known.map { Self.changes($0, calendar) } ?? [])
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
