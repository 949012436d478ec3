import Engine
import Events
import Replay
import Timetable

/// A question why a schedule did not run at a moment, and where its answer comes from.
public struct WhyNotQuestion: Sendable {
    /// Finds a calendar by its name, as it stood at a moment (µs).
    public typealias Calendars =
        @Sendable (_ name: String, _ moment: Int64) throws(ReplayError) -> CalendarDefinition?

    let history: History
    let zones: ZoneCatalog
    let now: Int64
    let recordsMax: Int
    let calendars: Calendars

    /// A question of a log.
    ///
    /// - Parameters:
    ///   - now: the present, µs since 1970 UTC: what is after it is still to come.
    ///   - recordsMax: about so many of the schedule's records are looked at for a pause.
    ///   - calendars: asked only where a definition's times depend on its calendar; by default the
    ///     state of that moment is rebuilt from the log.
    public init(
        _ history: History, zones: ZoneCatalog, now: Int64,
        recordsMax: Int = JobMoment.recordsMax, calendars: Calendars? = nil
    ) {
        self.history = history
        self.zones = zones
        self.now = now
        self.recordsMax = recordsMax
        if let calendars {
            self.calendars = calendars
        } else {
            let folder = history.folder
            self.calendars = { (name, moment) throws(ReplayError) in
                try Self.calendar(name, at: moment, in: folder)
            }
        }
    }

    /// A calendar as the log up to a moment has it.
    private static func calendar(
        _ name: String, at moment: Int64, in folder: DataFolder
    ) throws(ReplayError) -> CalendarDefinition? {
        var options = Replayer.Options()
        options.start = .snapshot
        options.untilTime = moment
        let state = try Replayer(folder, options).run().state
        return state.calendars.sorted().first {
            $0.tenant == "default" && $0.calendar?.name == name
        }?.calendar
    }

    /// Answers in sentences.
    ///
    /// Blocks while it reads.
    ///
    /// - Parameters:
    ///   - job: the schedule's id.
    ///   - text: a moment with its offset, a local time of the schedule's zone, or a date: then
    ///     every occurrence of that date, the first `WhyNot.itemsMax`.
    /// - Throws: `TimetableError` where the text is none of these; `ReplayError`: `notFound` where
    ///   the log never had such a schedule, `log`, `notApplicable`.
    /// - Complexity: that of `History.job` and `History.runs` for one moment; for a date the
    ///   occurrences of that date besides.
    public func answer(_ job: String, at text: String) throws -> WhyNot {
        let value = try ISO8601.parse(text)
        let latest = try history.job(job, before: .max, recordsMax: recordsMax)
        guard let change = latest.change else {
            throw ReplayError.noSchedule(job)
        }
        // A local time is one of the zone that held then, which the time itself decides.
        var zone = try zone(of: change, job)
        if case .instant = value {
        } else {
            let start = Self.moments(of: value, in: zone).first ?? Instant(microseconds: 0)
            let then = try history.job(
                job, before: start.microseconds, recordsMax: recordsMax
            ).change
            if let then { zone = try self.zone(of: then, job) }
        }
        var answer = WhyNot(
            jobId: job, zone: zone.name, isEngineRunning: history.folder.isEngineRunning)
        var desk = WhyNotDesk(self, job, zone)
        if case .date(let date) = value {
            try desk.answer(date, &answer)
            return answer
        }
        let moments = Self.moments(of: value, in: zone)
        if moments.count > 1 {
            answer.remarks.append("That local time came twice: the clock was put back.")
        }
        if case .local(let local) = value, case .gap(_, _, let end) = zone.resolve(local) {
            answer.remarks.append(
                "That local time did not come: the clock was put forward. The end of the gap is "
                    + "meant, \(Occurrence(at: end, in: zone).localText).")
        }
        for moment in moments { answer.items += try desk.answer(moment.microseconds) }
        return answer
    }

    /// The moments that a text means in a zone: two for a local time that comes twice.
    private static func moments(of value: ISO8601.Value, in zone: Zone) -> [Instant] {
        let local: CivilDateTime
        switch value {
        case .instant(let instant): return [instant]
        case .local(let time): local = time
        case .date(let date): local = CivilDateTime(date: date, time: .midnight)
        }
        switch zone.resolve(local) {
        case .unique(let instant): return [instant]
        case .gap(_, _, let end): return [end]
        case .overlap(let first, let second): return [first, second]
        }
    }

    /// The zone of a definition; of a schedule that was removed, of its last one.
    private func zone(of change: JobMoment.Change, _ job: String) throws -> Zone {
        var name = change.definition?.zone
        if name == nil {
            name = try history.job(
                job, before: change.time, recordsMax: recordsMax
            ).change?.definition?.zone
        }
        return try zones.zone(name ?? "UTC")
    }
}

/// What answers, with what it has looked up.
struct WhyNotDesk {
    let question: WhyNotQuestion
    let job: String
    let zone: Zone
    /// What was compiled, by the definition's sequence.
    private var compiled: [UInt64: Result<ScheduleTimes, Rejection>] = [:]
    private var end: EngineTrace?

    init(_ question: WhyNotQuestion, _ job: String, _ zone: Zone) {
        self.question = question
        self.job = job
        self.zone = zone
    }

    /// When a definition fires, by its calendar as it was at a moment.
    mutating func times(
        of change: JobMoment.Change, _ definition: ScheduleDefinition, at moment: Int64
    ) throws(ReplayError) -> Result<ScheduleTimes, Rejection> {
        if let known = compiled[change.sequence] { return known }
        var calendar: CalendarDefinition?
        if !definition.calendar.isEmpty, Self.needsCalendar(definition) {
            calendar = try question.calendars(definition.calendar, moment)
        }
        let made: Result<ScheduleTimes, Rejection>
        do throws(Rejection) {
            made = .success(
                try ScheduleTimes(definition, zones: question.zones, calendar: calendar))
        } catch { made = .failure(error) }
        compiled[change.sequence] = made
        return made
    }

    private static func needsCalendar(_ definition: ScheduleDefinition) -> Bool {
        let kind = TriggerSource.Kind.businessDay.rawValue
        return !definition.roll.isEmpty || definition.triggers.contains { $0.kind == kind }
            || definition.exclusions.contains { $0.trigger?.kind == kind }
    }

    /// The last that the log has of its engine.
    mutating func engineEnd() throws(ReplayError) -> EngineTrace {
        if let end { return end }
        let found = try question.history.engine()
        end = found
        return found
    }

    func local(_ moment: Int64) -> String {
        Occurrence(at: Instant(microseconds: moment), in: zone).localText
    }
}
