import Events

/// Events of a day as the summary lists them, each as one JSON object.
enum DayEvents {
    /// A change of schedules, calendars, blackouts or configuration: who, with which ticket, what.
    static func change(_ event: Event) -> String? {
        var text = JSONText()
        head(event, &text)
        switch event.payload {
        case let created as ScheduleCreated:
            text.member("jobId", text: created.jobId)
            author(created.author, &text)
        case let updated as ScheduleUpdated:
            text.member("jobId", text: updated.jobId)
            author(updated.author, &text)
            changes(updated.changes, &text)
        case let removed as ScheduleRemoved:
            text.member("jobId", text: removed.jobId)
            author(removed.author, &text)
            reason(removed.reason, &text)
        case let enabled as ScheduleEnabled:
            text.member("jobId", text: enabled.jobId)
            reason(enabled.reason, &text)
        case let disabled as ScheduleDisabled:
            text.member("jobId", text: disabled.jobId)
            reason(disabled.reason, &text)
        case let defined as CalendarDefined:
            text.member("calendar", text: defined.calendar?.name ?? "")
            changes(defined.changes, &text)
        case let removed as CalendarRemoved:
            text.member("calendar", text: removed.name)
        case let declared as BlackoutDeclared:
            text.member("blackout", text: declared.blackout?.name ?? "")
            reason(declared.blackout?.reason ?? "", &text)
            changes(declared.changes, &text)
        case let lifted as BlackoutLifted:
            text.member("blackout", text: lifted.name)
            reason(lifted.reason, &text)
        case let defined as JobTypeDefined:
            text.member("jobType", text: defined.name)
            text.member("fields", json: defined.fieldsJSON)
        case let removed as JobTypeRemoved:
            text.member("jobType", text: removed.name)
            reason(removed.reason, &text)
        case let acknowledged as AlertAcknowledged:
            text.member("alert", json: String(acknowledged.alert))
            reason(acknowledged.note, &text)
        case let applied as ConfigurationApplied:
            text.append(applied)
        default:
            return nil
        }
        return text.object
    }

    /// What a person did; nil for what the engine did by itself, or a worker for it.
    static func manualAct(_ event: Event) -> String? {
        let actor = event.envelope.actor
        if actor.isEmpty || actor == "engine" || actor == "config" || actor.hasPrefix("config:")
            || actor.hasPrefix("worker:")
        {
            return nil
        }
        var text = JSONText()
        head(event, &text)
        switch event.payload {
        case let due as RunDue:
            run(due.run, due.jobId, due.reason, &text)
        case let requested as RunCancelRequested:
            run(requested.run, requested.jobId, requested.reason, &text)
        case let cancelled as RunCancelled:
            run(cancelled.run, cancelled.jobId, cancelled.reason, &text)
        case let requeued as RunRequeued:
            run(requeued.run, requeued.jobId, requeued.reason, &text)
            text.member("newRun", json: String(requeued.newRun))
        case let enabled as ScheduleEnabled:
            text.member("jobId", text: enabled.jobId)
            reason(enabled.reason, &text)
        case let disabled as ScheduleDisabled:
            text.member("jobId", text: disabled.jobId)
            reason(disabled.reason, &text)
        case let declared as BlackoutDeclared:
            text.member("blackout", text: declared.blackout?.name ?? "")
            reason(declared.blackout?.reason ?? "", &text)
        case let lifted as BlackoutLifted:
            text.member("blackout", text: lifted.name)
            reason(lifted.reason, &text)
        case let requested as ApprovalRequested:
            approval(requested.approval, requested.name, requested.run, requested.jobId, &text)
            reason(requested.act?.reason ?? "", &text)
        case let granted as ApprovalGranted:
            approval(granted.approval, granted.name, granted.run, granted.jobId, &text)
            reason(granted.reason, &text)
        case let refused as ApprovalRefused:
            approval(refused.approval, refused.name, refused.run, refused.jobId, &text)
            reason(refused.reason, &text)
        // What programs do with control numbers is no act of a person.
        case let explained as ControlNumbersExplained: text.append(explained)
        case let reset as ControlAllocatorReset: text.append(reset)
        case let resent as ControlNumbersResent: text.append(resent)
        default:
            return nil
        }
        return text.object
    }

    /// An alert raised, acknowledged, escalated or cleared.
    static func alert(_ event: Event) -> String? {
        var text = JSONText()
        head(event, &text)
        switch event.payload {
        case let raised as AlertRaised: text.append(raised)
        case let cleared as AlertCleared: text.append(cleared)
        case let acknowledged as AlertAcknowledged: text.append(acknowledged)
        case let escalated as AlertEscalated: text.append(escalated)
        default: return nil
        }
        return text.object
    }

    private static func head(_ event: Event, _ text: inout JSONText) {
        text.member("sequence", json: String(event.envelope.sequence))
        text.member("time", text: UTCText.of(microseconds: event.envelope.time))
        text.member("type", text: event.type.name)
        text.member("tenant", text: event.envelope.tenant)
        text.member("actor", text: event.envelope.actor)
        if !event.envelope.ticket.isEmpty { text.member("ticket", text: event.envelope.ticket) }
        if !event.envelope.request.isEmpty { text.member("request", text: event.envelope.request) }
    }

    private static func author(_ author: String, _ text: inout JSONText) {
        if !author.isEmpty { text.member("author", text: author) }
    }

    private static func reason(_ reason: String, _ text: inout JSONText) {
        if !reason.isEmpty { text.member("reason", text: reason) }
    }

    private static func changes(_ changes: [FieldChange], _ text: inout JSONText) {
        let items = changes.map { change in
            var item = JSONText()
            item.member("field", text: change.field)
            item.member("before", json: change.before.isEmpty ? "null" : change.before)
            item.member("after", json: change.after.isEmpty ? "null" : change.after)
            return item.object
        }
        text.member("changes", json: "[" + items.joined(separator: ",") + "]")
    }

    private static func approval(
        _ number: UInt64, _ name: String, _ run: UInt64, _ jobId: String, _ text: inout JSONText
    ) {
        text.member("approval", json: String(number))
        text.member("name", text: name)
        if run != 0 { text.member("run", json: String(run)) }
        if !jobId.isEmpty { text.member("jobId", text: jobId) }
    }

    private static func run(
        _ run: UInt64, _ jobId: String, _ why: String, _ text: inout JSONText
    ) {
        text.member("run", json: String(run))
        text.member("jobId", text: jobId)
        reason(why, &text)
    }
}
