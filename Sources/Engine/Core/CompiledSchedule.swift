import Events
import Projections
import Timetable

/// A schedule made ready to decide with: its definition decoded, its trigger parsed, its zone
/// loaded.
///
/// Derived from the state, and dropped with the definition.
struct CompiledSchedule: Sendable {
    let key: ScheduleKey
    let definitionSequence: UInt64
    let definition: ScheduleDefinition
    let trigger: Trigger
    let zone: Zone
    /// The parameters' values, parsed, in the order of the definition.
    let templates: [Template]

    /// Compiles a definition.
    ///
    /// - Throws: a rejection that names the field which this build or machine cannot take.
    init(
        _ key: ScheduleKey, _ definitionSequence: UInt64, _ definition: ScheduleDefinition,
        _ zones: ZoneCatalog
    ) throws(Rejection) {
        self.key = key
        self.definitionSequence = definitionSequence
        self.definition = definition
        do {
            self.zone = try zones.zone(definition.zone)
            if definition.every.isEmpty {
                self.trigger = .cron(try CronExpression(parsing: definition.cadence))
            } else {
                self.trigger = .every(try Interval(parsing: definition.every))
            }
            self.templates = try definition.parameters.map { try Template.parse($0.value) }
        } catch {
            throw Rejection(.invalid, "schedule '\(key.jobId)': \(error)")
        }
    }

    /// How late an occurrence may be decided and still run as usual, µs: the smaller of one hour
    /// and half the period (the time from it to the next one).
    func grace(of occurrence: Occurrence) -> Int64 {
        let hour: Int64 = 3_600_000_000
        guard let next = trigger.next(after: occurrence.instant, in: zone) else { return hour }
        return min(hour, (next.instant.microseconds - occurrence.instant.microseconds) / 2)
    }

    /// The name of the pipeline and whom to alert, for an event.
    func recipients(_ event: String) -> [String] {
        definition.alerts.first { $0.event == event }?.recipients ?? []
    }

    /// How long a run may wait for its dependencies, µs; 0 where it has none.
    var dependencyDelayMax: Int64 {
        definition.dependencies.map { dependencyDelay($0) }.max() ?? 0
    }

    /// How long a run may wait for one dependency, µs: a day where the definition does not say.
    func dependencyDelay(_ dependency: Dependency) -> Int64 {
        let minutes = dependency.delayMinutesMax == 0 ? 24 * 60 : dependency.delayMinutesMax
        return Int64(clamping: minutes) * 60_000_000
    }
}
