import Events
import Timetable

extension TriggerSource {
    /// The source that a record holds.
    ///
    /// - Throws: `TimetableError` where its kind is none that this build knows.
    init(_ definition: TriggerDefinition) throws(TimetableError) {
        guard let kind = Kind(rawValue: definition.kind) else {
            throw TimetableError(
                .invalidExpression,
                "'\(definition.kind)' is no kind of trigger. Use one of "
                    + Kind.allCases.map(\.rawValue).joined(separator: ", ") + ".",
                field: "triggers")
        }
        self.init(kind, definition.text)
        hasSeconds = definition.hasSeconds
        start = definition.start
        excluded = definition.excluded
        additional = definition.additional
        time = definition.time
        onGap = definition.onGap
        onOverlap = definition.onOverlap
    }
}

extension TriggerSet {
    /// Everything that makes a schedule fire, or keeps it from it.
    ///
    /// - Parameter calendar: the schedule's calendar, where it is known.
    /// - Throws: `TimetableError` with the field and the column.
    init(
        _ definition: ScheduleDefinition, in zone: Zone, calendar: BusinessCalendar?,
        _ cache: inout TriggerCache
    ) throws(TimetableError) {
        self.init([])
        if definition.triggers.isEmpty || !(definition.cadence + definition.every).isEmpty {
            triggers.append(try cache.trigger(definition.cadence, definition.every))
        }
        for trigger in definition.triggers {
            triggers.append(try TriggerSource(trigger).trigger(in: zone, calendar: calendar))
        }
        for exclusion in definition.exclusions {
            exclusions.append(try Exclusion(exclusion, in: zone, calendar: calendar))
        }
        if definition.startsAt != 0 { startsAt = Instant(microseconds: definition.startsAt) }
        if definition.endsAt != 0 { endsAt = Instant(microseconds: definition.endsAt) }
        if definition.runsMax != 0 { runsMax = Int(clamping: definition.runsMax) }
        if definition.jitterSeconds != 0 {
            jitter = try Jitter(
                microsecondsMax: Int64(clamping: definition.jitterSeconds) * 1_000_000,
                jobId: definition.jobId)
        }
        guard !definition.roll.isEmpty else { return }
        guard let convention = RollConvention(rawValue: definition.roll), let calendar else {
            throw TimetableError(
                .invalidExpression,
                "'\(definition.roll)' does not say where other days go. Use "
                    + RollConvention.allCases.map(\.rawValue).joined(separator: ", ")
                    + ", and name a calendar.",
                field: "roll")
        }
        roll = Roll(convention, calendar)
    }
}

extension TriggerSet.Exclusion {
    fileprivate init(
        _ definition: ExclusionDefinition, in zone: Zone, calendar: BusinessCalendar?
    ) throws(TimetableError) {
        if let trigger = definition.trigger {
            self = .trigger(try TriggerSource(trigger).trigger(in: zone, calendar: calendar))
        } else {
            self = .dates(
                try CivilDate(parsing: definition.from),
                through: try CivilDate(parsing: definition.through))
        }
    }
}
