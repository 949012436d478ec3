import Events
import Projections
import Timetable

/// The schedules of a forecast as they stand at its end: what follows from them rather than from
/// their runs.
struct ForecastSurvey {
    /// A schedule, and why it might have no occurrence.
    private struct Schedule {
        let key: ScheduleKey
        let reason: String
    }

    private var schedules: [Schedule] = []
    /// How many enabled schedules each zone has.
    private var zones: [String: Int] = [:]
    /// Calendars that run out before the end, by name.
    private(set) var calendars: [ForecastCalendar] = []

    /// Looks at every schedule of a core.
    ///
    /// - Parameter end: the end of what is told, µs.
    /// - Complexity: O(schedules), each of them decoded.
    init(_ core: inout EngineCore, _ options: ForecastOptions, end: Int64) throws {
        var users: [String: ForecastCalendar] = [:]
        let calendars = core.state.calendars
        var isKnown = false
        for known in core.state.schedules.sorted() where !known.isRemoved {
            if let job = options.job,
                job.tenant != known.tenant || !ElementId.matches(known.jobId, job: job.jobId)
            {
                continue
            }
            isKnown = true
            guard let schedule = try compiled(known.key, &core) else { continue }
            let definition = schedule.definition
            schedules.append(
                Schedule(key: known.key, reason: Self.reason(schedule, core.settings, end)))
            guard definition.isEnabled else { continue }
            zones[definition.zone, default: 0] += 1
            guard
                let calendar = calendars[ScheduleKey(known.tenant, definition.calendar)]?.calendar,
                !calendar.validThrough.isEmpty
            else { continue }
            let last = schedule.zone.local(at: Instant(microseconds: end - 1)).date
            guard calendar.validThrough < "\(last)" else { continue }
            users[calendar.name, default: ForecastCalendar(calendar)].jobIds.append(known.jobId)
        }
        if let job = options.job, !isKnown {
            throw Rejection(
                .notFound,
                "there is no schedule '\(job.jobId)'; look for its jobId in `daybook schedules`, "
                    + "or in the configuration's folder")
        }
        self.calendars = users.values.sorted { $0.name < $1.name }
    }

    /// The schedule made ready; nil where this machine cannot take it, which is then told.
    private mutating func compiled(
        _ key: ScheduleKey, _ core: inout EngineCore
    ) throws -> CompiledSchedule? {
        guard let known = core.state.schedules[key] else { return nil }
        do {
            return try core.schedule(key, definition: known.definitionSequence)
        } catch let rejection as Rejection {
            schedules.append(Schedule(key: key, reason: rejection.message))
            return nil
        }
    }

    private static func reason(
        _ schedule: CompiledSchedule, _ settings: DecisionSettings, _ end: Int64
    ) -> String {
        if !schedule.definition.isEnabled { return "it is disabled in the configuration" }
        if !settings.isSchedulingOn { return "scheduling is switched off in the settings" }
        let last = Instant(microseconds: end - 1)
        if schedule.triggers.followsCompletion { return "its next run follows the end of one" }
        guard let next = schedule.triggers.next(after: last, in: schedule.zone) else {
            return "it has no occurrence any more"
        }
        return "its next occurrence is \(next.localText)"
    }

    /// The schedules that have no row, by id.
    func idle(_ rows: [ForecastRow]) -> [ForecastIdle] {
        var seen: Set<ScheduleKey> = []
        for row in rows where row.openRun == nil { seen.insert(row.schedule) }
        return schedules.filter { !seen.contains($0.key) }
            .map { ForecastIdle(jobId: $0.key.jobId, reason: $0.reason) }
    }

    /// The changes of the clocks of all zones, with the occurrences that they touch.
    ///
    /// - Parameter rows: in the order of time.
    func clockChanges(
        _ clocks: inout ForecastClocks, _ rows: [ForecastRow], _ options: ForecastOptions
    ) throws -> [ForecastClockChange] {
        var found: [ClockKey: Gathering] = [:]
        for (name, count) in zones {
            let entry = try clocks.entry(name)
            for change in entry.changes
            where (options.from..<options.to).contains(change.instant.microseconds) {
                found[ClockKey(name, change)] = Gathering(entry.zone, change, count)
            }
        }
        for row in rows where row.clockChange != nil {
            let entry = try clocks.entry(row.zone)
            guard let (how, change) = entry.touch(row.scheduled) else { continue }
            let none = Gathering(entry.zone, change, zones[row.zone] ?? 0)
            found[ClockKey(row.zone, change), default: none].add(row, how)
        }
        return found.values.map(\.ordered).sorted {
            $0.time != $1.time ? $0.time < $1.time : $0.zone < $1.zone
        }
    }

    private struct ClockKey: Hashable {
        let zone: String
        let time: Int64

        init(_ zone: String, _ change: Zone.Transition) {
            self.zone = zone
            time = change.instant.microseconds
        }
    }

    /// A change of the clocks, and what was found to be touched so far.
    private struct Gathering {
        private var change: ForecastClockChange
        private var places: [String: Int] = [:]

        init(_ zone: Zone, _ change: Zone.Transition, _ scheduleCount: Int) {
            self.change = ForecastClockChange(
                zone: zone.name, time: change.instant.microseconds,
                local: zone.string(change.instant), offsetBefore: change.offsetBefore,
                offsetAfter: change.offsetAfter, scheduleCount: scheduleCount)
        }

        mutating func add(_ row: ForecastRow, _ how: ForecastRow.ClockChange) {
            let place = places[row.jobId] ?? change.touched.count
            if place == change.touched.count {
                places[row.jobId] = place
                change.touched.append(.init(jobId: row.jobId, count: 0, first: []))
            }
            change.touched[place].count += 1
            if change.touched[place].first.count < ForecastClockChange.firstMax {
                change.touched[place].first.append((row.scheduledLocal, how))
            }
        }

        var ordered: ForecastClockChange {
            var ordered = change
            ordered.touched.sort { $0.jobId.utf8.lexicographicallyPrecedes($1.jobId.utf8) }
            return ordered
        }
    }
}

extension ForecastCalendar {
    fileprivate init(_ calendar: CalendarDefinition) {
        self.init(name: calendar.name, validThrough: calendar.validThrough, jobIds: [])
    }
}
