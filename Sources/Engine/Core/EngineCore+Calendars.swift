import Events
import Projections
import Timetable

/// Business calendars: what they refuse, and that they run out.
extension EngineCore {
    /// A tenant's calendar by name, made ready once; nil where there is none.
    mutating func calendar(_ name: String, of tenant: String) -> BusinessCalendar? {
        guard !name.isEmpty, let known = state.calendars[ScheduleKey(tenant, name)],
            let definition = known.calendar
        else { return nil }
        if calendars[known.sequence] == nil {
            calendars[known.sequence] = BusinessCalendar(definition)
        }
        return calendars[known.sequence]
    }

    /// Why a calendar does not let an occurrence run, if it does not.
    mutating func calendarRefusal(
        _ schedule: CompiledSchedule, _ occurrence: Occurrence
    ) -> (reason: String, detail: String)? {
        let name = schedule.definition.calendar
        if name.isEmpty { return nil }
        let tenant = schedule.key.tenant
        guard let definition = state.calendars[ScheduleKey(tenant, name)]?.calendar else {
            return ("calendarExpired", "calendar '\(name)' is not defined")
        }
        guard let calendar = calendar(name, of: tenant) else {
            return ("calendarExpired", "calendar '\(name)' cannot be read")
        }
        switch calendar.isBusinessDay(occurrence.local.date) {
        case .yes: return nil
        case .no(let reason): return ("calendar", "\(name): \(reason)")
        case .unknown:
            if definition.afterEnd == "open" { return nil }
            return (
                "calendarExpired",
                "calendar '\(name)' says nothing after \(definition.validThrough)"
            )
        }
    }

    // MARK: How far they reach

    /// The days before a calendar's end at which people hear of it, and how severe that is.
    private static let alarms: [(days: Int, severity: String)] = [
        (90, "low"), (30, "medium"), (7, "high"),
    ]

    /// Looks at the calendars now, and at every midnight UTC.
    mutating func checkCalendarsDaily() throws {
        let day: Int64 = 86_400_000_000
        timers.add(.calendars, at: (now / day + 1) * day)
        try checkCalendars()
    }

    /// Tells people of calendars that run out, once at each alarm, and that it is over once a
    /// calendar reaches further.
    mutating func checkCalendars() throws {
        for known in state.calendars.sorted() {
            guard let definition = known.calendar else { continue }
            tenant = known.tenant
            try report(definition, daysLeft: daysLeft(definition))
        }
        for alert in state.alerts.sorted() where alert.kind == "calendar" {
            if state.calendars[ScheduleKey(alert.tenant, alert.subject)] != nil { continue }
            tenant = alert.tenant
            try clear(alert, "the calendar was removed")
        }
        tenant = "default"
    }

    /// The whole days until a calendar's last day is over, negative after it; nil for no end.
    private mutating func daysLeft(_ definition: CalendarDefinition) -> Int? {
        guard let end = calendar(definition.name, of: tenant)?.validThrough else { return nil }
        let today = Zone.utc.local(at: Instant(microseconds: now)).date
        return end.daysSinceEpoch - today.daysSinceEpoch
    }

    private mutating func report(_ definition: CalendarDefinition, daysLeft: Int?) throws {
        let name = definition.name
        let open = state.alerts.sorted().filter {
            $0.kind == "calendar" && $0.subject == name && $0.tenant == tenant
        }
        var message = ""
        var severity = ""
        if let daysLeft, daysLeft < 0 {
            severity = "critical"
            message =
                "calendar '\(name)' ended on \(definition.validThrough): "
                + (definition.afterEnd == "open"
                    ? "every day counts as a business day" : "its schedules do not run")
        } else if let daysLeft, let alarm = Self.alarms.last(where: { daysLeft <= $0.days }) {
            severity = alarm.severity
            message =
                "calendar '\(name)' says nothing after \(definition.validThrough), in at most "
                + Counted.text(alarm.days, "day")
        }
        if !message.isEmpty { message += "; extend it and move its validThrough" }
        if open.contains(where: { $0.message == message }) { return }
        for alert in open {
            try clear(
                alert,
                message.isEmpty ? "the calendar reaches further" : "a later alarm takes its place")
        }
        guard !message.isEmpty else { return }
        try raise(about: name, kind: "calendar", severity: severity, message)
    }

    /// Raises an alert about what is no schedule.
    mutating func raise(
        about subject: String, kind: String, severity: String, _ message: String
    ) throws {
        var raised = AlertRaised()
        raised.kind = kind
        raised.severity = severity
        raised.subject = subject
        raised.message = message
        try raise(raised)
    }
}
