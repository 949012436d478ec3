import Events
import Projections
import Timetable

/// A reminder of a schedule made ready: when it is due, and the schedule that its runs follow.
struct CompiledReminder: Sendable {
    let rule: ReminderRule
    /// The schedule as a reminder's run needs it: another target and limits, no dependencies, no
    /// overlap, no SLA.
    let schedule: CompiledSchedule

    private static let hour: Int64 = 3_600_000_000

    /// - Throws: a rejection that names what this build or machine cannot take.
    init(
        _ rule: ReminderRule, of key: ScheduleKey, _ sequence: UInt64,
        _ definition: ScheduleDefinition, _ zones: ZoneCatalog, calendar: BusinessCalendar?,
        _ cache: inout TriggerCache
    ) throws(Rejection) {
        self.rule = rule
        var derived = definition
        derived.target = rule.target
        derived.dependencies = []
        derived.overlap = OverlapPolicy.allowAll.rawValue
        derived.slaMinutes = 0
        derived.durationMinutesMax = 0
        derived.jitterSeconds = 0
        derived.alerts = definition.alerts.filter { $0.event == "onFailure" }
        var rules = definition.rules ?? RunRules()
        rules.reminders = []
        rules.limits = rule.limits
        rules.pauseAfterFailures = 0
        derived.rules = rules
        schedule = try CompiledSchedule(
            key, sequence, derived, zones, calendar: calendar, &cache)
    }

    private init(_ rule: ReminderRule, _ schedule: CompiledSchedule) {
        self.rule = rule
        self.schedule = schedule
    }

    /// The same under another definition's sequence.
    func at(_ sequence: UInt64) -> CompiledReminder {
        CompiledReminder(rule, schedule.at(sequence))
    }

    /// How long before an occurrence it is, as far as that is the same for each, µs.
    private var offset: Int64 {
        let seconds = rule.days > 0 ? min(rule.days, 4_000) * 86_400 : rule.seconds
        return Int64(clamping: min(seconds, 1_000_000_000)) * 1_000_000
    }

    /// When it is due before an occurrence, µs: so many calendar days at the same time of day (the
    /// end of a gap, the first of two equal times), or so much elapsed time.
    func moment(of occurrence: Occurrence) -> Int64 {
        guard rule.days > 0 else { return occurrence.instant.microseconds - offset }
        let local = CivilDateTime(
            date: occurrence.local.date.adding(days: -Int(clamping: min(rule.days, 4_000))),
            time: occurrence.local.time)
        switch schedule.zone.resolve(local) {
        case .unique(let instant), .overlap(let instant, _), .gap(_, _, let instant):
            return instant.microseconds
        }
    }

    /// How late it may be and still be sent, µs: what the definition says, else a quarter of the
    /// time that is left before the occurrence, an hour at most.
    var grace: Int64 {
        if let own = schedule.definition.misfire?.graceSeconds, own > 0 {
            return Int64(clamping: own) * 1_000_000
        }
        return min(Self.hour, offset / 4)
    }

    /// The first occurrence whose reminder is due after a moment, µs; nil where there is none.
    ///
    /// - Complexity: O(1) searches, and of calendar days one for each occurrence of two days.
    func next(after moment: Int64) -> Occurrence? {
        let (start, overflow) = moment.addingReportingOverflow(offset)
        if overflow { return nil }
        // A change of the clock, or of the date line, moves calendar days by a day at the most.
        let slack = rule.days > 0 ? 26 * Self.hour : 0
        var found = schedule.triggers.next(
            after: Instant(microseconds: start - slack), in: schedule.zone)
        for _ in 0..<10_000 {
            guard let occurrence = found else { return nil }
            if self.moment(of: occurrence) > moment { return occurrence }
            found = schedule.triggers.next(after: occurrence.instant, in: schedule.zone)
        }
        return nil
    }

    /// What tells its run from others of the schedule: how long before which occurrence.
    func fanOutKey(_ occurrence: Occurrence) -> String {
        "\(rule.before)@\(occurrence.localText)"
    }

    /// The reminder and the moment of the occurrence that a `fanOutKey` names.
    static func parts(_ fanOutKey: String) -> (before: Substring, occurrence: Instant)? {
        guard let sign = fanOutKey.firstIndex(of: "@"),
            case .instant(let instant)? = try? ISO8601.parse(
                String(fanOutKey[fanOutKey.index(after: sign)...]))
        else { return nil }
        return (fanOutKey[..<sign], instant)
    }
}

/// The reminders of one schedule that are due at one moment, each with its occurrence.
struct DueReminders {
    let moment: Int64
    let due: [(CompiledReminder, Occurrence)]
}

extension CompiledSchedule {
    /// The reminders that are due next after a moment, µs: of all rules those with the earliest.
    func reminders(after moment: Int64) -> DueReminders? {
        let first = reminders.compactMap { reminder in
            reminder.next(after: moment).map { (reminder, $0) }
        }
        guard let earliest = first.map({ $0.0.moment(of: $0.1) }).min() else { return nil }
        var due: [(CompiledReminder, Occurrence)] = []
        for (reminder, start) in first {
            var next: Occurrence? = start
            // In a gap the reminders of several occurrences have one moment.
            while let occurrence = next, reminder.moment(of: occurrence) == earliest {
                due.append((reminder, occurrence))
                next = triggers.next(after: occurrence.instant, in: zone)
            }
        }
        return DueReminders(moment: earliest, due: due)
    }

    /// The schedule that a reminder's run follows; nil where the definition has no such reminder.
    func reminder(_ fanOutKey: String) -> CompiledReminder? {
        guard let (before, _) = CompiledReminder.parts(fanOutKey) else { return nil }
        return reminders.first { $0.rule.before == before }
    }
}
