import Events
import Projections
import Timetable

/// A schedule made ready to decide with: its definition decoded, its triggers parsed, its zone
/// loaded.
///
/// Derived from the state when an occurrence is decided, and kept for a while (`ScheduleCache`).
final class CompiledSchedule: Sendable {
    let key: ScheduleKey
    let definitionSequence: UInt64
    let definition: ScheduleDefinition
    let triggers: TriggerSet
    let zone: Zone
    let calendar: BusinessCalendar?
    /// The parameters' values, parsed, in the order of the definition.
    let templates: [Template]
    /// The templates of its folders and of the pattern of its files.
    let places: [Place]
    /// What follows an occurrence that is due while a run is open.
    let overlap: OverlapPolicy
    /// The first limit that it names; empty for none.
    let limit: String
    /// What is sent before each occurrence.
    let reminders: [CompiledReminder]

    /// Compiles a definition.
    ///
    /// - Parameter calendar: the calendar that it names, where that is known.
    /// - Throws: a rejection that names the field which this build or machine cannot take.
    init(
        _ key: ScheduleKey, _ definitionSequence: UInt64, _ definition: ScheduleDefinition,
        _ zones: ZoneCatalog, calendar: BusinessCalendar?, _ cache: inout TriggerCache
    ) throws(Rejection) {
        self.key = key
        self.definitionSequence = definitionSequence
        self.definition = definition
        self.calendar = calendar
        let policy = definition.overlap.isEmpty ? "skip" : definition.overlap
        guard let overlap = OverlapPolicy(rawValue: policy) else {
            throw Rejection(
                .invalid,
                "schedule '\(key.jobId)': overlap is '\(policy)', which this build "
                    + "does not know; use the daybook that wrote it, or a newer one")
        }
        self.overlap = overlap
        self.limit = definition.rules?.limits.first?.name ?? ""
        do {
            self.zone = try zones.zone(definition.zone)
            self.triggers = try TriggerSet(definition, in: zone, calendar: calendar, &cache)
            self.templates = try definition.parameters.map {
                try Template.parse(
                    $0.value, allowsArithmetic: definition.allowsDateArithmetic)
            }
            self.places = try Self.places(definition)
        } catch {
            throw Rejection(.invalid, "schedule '\(key.jobId)': \(error)")
        }
        var reminders: [CompiledReminder] = []
        for rule in definition.rules?.reminders ?? [] {
            reminders.append(
                try CompiledReminder(
                    rule, of: key, definitionSequence, definition, zones, calendar: calendar,
                    &cache))
        }
        self.reminders = reminders
    }

    private init(_ other: CompiledSchedule, _ sequence: UInt64) {
        key = other.key
        definitionSequence = sequence
        definition = other.definition
        triggers = other.triggers
        zone = other.zone
        calendar = other.calendar
        templates = other.templates
        places = other.places
        overlap = other.overlap
        limit = other.limit
        reminders = other.reminders.map { $0.at(sequence) }
    }

    /// The same schedule, when its definition has its sequence.
    func at(_ sequence: UInt64) -> CompiledSchedule { CompiledSchedule(self, sequence) }

    /// How long after its scheduled time a run starts, µs: the same for every run of the job.
    var jitter: Int64 { triggers.jitter?.microseconds ?? 0 }

    /// How late an occurrence may be decided and still run as usual, µs: what the definition says,
    /// else the smaller of one hour and half the period (the time from it to the next one).
    func grace(of occurrence: Occurrence) -> Int64 {
        let hour: Int64 = 3_600_000_000
        if let own = definition.misfire?.graceSeconds, own > 0 {
            return Int64(clamping: own) * 1_000_000
        }
        guard let next = triggers.next(after: occurrence.instant, in: zone) else { return hour }
        return min(hour, (next.instant.microseconds - occurrence.instant.microseconds) / 2)
    }

    /// The name of the pipeline and whom to alert, for an event.
    func recipients(_ event: String) -> [String] {
        definition.alerts.first { $0.event == event }?.recipients ?? []
    }

    /// How long the run of an occurrence may wait for its dependencies, µs; 0 where it has none.
    func dependencyDelayMax(_ occurrence: Occurrence) -> Int64 {
        let scheduled = occurrence.instant.microseconds
        return definition.dependencies.map { dependency in
            guard let moment = moment(of: dependency.by, on: occurrence.local.date) else {
                return dependencyDelay(dependency)
            }
            return max(moment - scheduled, 0)
        }.max() ?? 0
    }

    /// When the zone's clocks show a time, `HH:MM`, on a date, µs: the first of two such moments,
    /// the end of a gap; nil for no such time.
    func moment(of text: String, on date: CivilDate) -> Int64? {
        guard let time = CivilTime(hourAndMinute: text) else { return nil }
        switch zone.resolve(CivilDateTime(date: date, time: time)) {
        case .unique(let instant), .overlap(let instant, _): return instant.microseconds
        case .gap(_, _, let end): return end.microseconds
        }
    }

    /// How long a run may wait for one dependency, µs: a day where the definition does not say.
    func dependencyDelay(_ dependency: Dependency) -> Int64 {
        let minutes = dependency.delayMinutesMax == 0 ? 24 * 60 : dependency.delayMinutesMax
        return Int64(clamping: minutes) * 60_000_000
    }
}

extension ScheduleDefinition {
    /// Whether more than cadence, interval and zone says when it fires.
    var isExtended: Bool {
        !triggers.isEmpty || !exclusions.isEmpty || startsAt != 0 || endsAt != 0 || runsMax != 0
            || jitterSeconds != 0 || !roll.isEmpty || rules?.reminders.isEmpty == false
    }
}

/// What a schedule's timer needs of its definition, read in place.
///
/// Setting a million timers at a start decodes nothing else.
struct ScheduleOutline {
    /// The schedule's id, as the definition has it.
    var jobId = ""
    /// Whether configuration has it switched on.
    var isEnabled = false
    /// A cron expression, or empty.
    var cadence = ""
    /// An interval, or empty.
    var every = ""
    /// The zone's name.
    var zone = ""
    /// The calendar's name, or empty.
    var calendar = ""
    /// Whether more than cadence, interval and zone says when it fires: then the whole definition
    /// is needed.
    var isExtended = false
    /// The customer's reference; empty for none.
    var reference = ""
    /// The first limit that it names; empty for none.
    var limit = ""

    /// Of `isExtended` above, by field number.
    private static let extendedFields = 22...28

    /// Reads the fields of a definition's bytes, by the numbers of `ScheduleDefinition.fields`.
    init(decoding bytes: [UInt8]) throws(WireError) {
        var cursor = WireCursor(bytes.span.bytes)
        while let field = try cursor.next() {
            if field.number == 3 && field.wireType == 0 { isEnabled = field.value != 0 }
            if Self.extendedFields.contains(field.number) { isExtended = true }
            if field.number == 31 {
                let facts = try DefinitionFacts(bytes.span.bytes, (0, bytes.count))
                reference = facts.reference
                limit = facts.limit
                if facts.hasReminders { isExtended = true }
            }
            guard field.wireType == 2, field.number == 1 || (4...7).contains(field.number) else {
                continue
            }
            let content = bytes[field.offset..<(field.offset + field.byteCount)]
            let text = String(decoding: content, as: UTF8.self)
            switch field.number {
            case 1: jobId = text
            case 4: cadence = text
            case 5: every = text
            case 6: zone = text
            default: calendar = text
            }
        }
    }

    /// The same of a definition that is decoded already.
    init(_ definition: ScheduleDefinition) {
        jobId = definition.jobId
        isEnabled = definition.isEnabled
        cadence = definition.cadence
        every = definition.every
        zone = definition.zone
        calendar = definition.calendar
        isExtended = definition.isExtended
        reference = definition.rules?.reference ?? ""
        limit = definition.rules?.limits.first?.name ?? ""
    }
}
