import Events
import Timetable

/// When a schedule fires, by its definition alone: what previews show.
public struct ScheduleTimes: Sendable {
    /// Everything that makes it fire, or keeps it from it.
    public let triggers: TriggerSet
    /// Its zone.
    public let zone: Zone

    /// Compiles a definition as the engine does.
    ///
    /// - Parameter calendar: the calendar that it names, where that is known.
    /// - Throws: `Rejection` that names what this machine cannot take.
    /// - Complexity: O(bytes); a calendar is read anew.
    public init(
        _ definition: ScheduleDefinition, zones: ZoneCatalog, calendar: CalendarDefinition?
    ) throws(Rejection) {
        var cache = TriggerCache()
        do {
            zone = try zones.zone(definition.zone)
            triggers = try TriggerSet(
                definition, in: zone, calendar: calendar.flatMap { BusinessCalendar($0) }, &cache)
        } catch {
            throw Rejection(.invalid, "schedule '\(definition.jobId)': \(error)")
        }
    }

    /// The first occurrence strictly after a moment; nil where there is none, or where it follows
    /// the end of a run.
    ///
    /// How many runs there were does not matter here.
    public func next(after moment: Instant) -> Occurrence? {
        var triggers = triggers
        triggers.runsMax = nil
        return triggers.next(after: moment, in: zone)
    }
}
