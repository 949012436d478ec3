import Events
import Projections

/// The life of an alert: raised, acknowledged, escalated, cleared; and what people are told.
extension EngineCore {
    // MARK: Raised and cleared

    /// Raises an alert, has people told of it, and sets the timer of its escalation.
    ///
    /// The alert's number is filled in here.
    mutating func raise(_ alert: AlertRaised, cause: UInt64 = 0) throws {
        var raised = alert
        raised.alert = state.nextSequence
        if raised.recipients.isEmpty && !settings.escalation.alertContact.isEmpty {
            raised.recipients = [settings.escalation.alertContact]
        }
        try emit(raised, cause: cause)
        if !raised.jobId.isEmpty {
            alertsOfJob[ScheduleKey(tenant, raised.jobId), default: []].insert(raised.alert)
        }
        guard let known = state.alerts[raised.alert] else { return }
        act(.notify(.raised(known)))
        armEscalation(known)
    }

    /// Clears an alert: what it spoke of is over, so nobody is told of it once more.
    mutating func clear(_ alert: AlertState, _ reason: String, cause: UInt64 = 0) throws {
        var cleared = AlertCleared()
        cleared.alert = alert.alert
        cleared.jobId = alert.jobId
        cleared.reason = reason
        try emit(cleared, cause: cause == 0 ? alert.alert : cause)
        act(.withdraw(alert: alert.alert))
    }

    // MARK: Acknowledged and escalated

    /// A person takes an alert on: it does not escalate any more.
    mutating func acknowledge(_ number: UInt64, _ note: String, _ who: Authority) throws {
        guard let alert = state.alerts[number], !alert.isNotice else {
            throw Rejection(
                .notFound, "alert \(number) is not open: daybook alerts shows those that are")
        }
        guard alert.acknowledgedAt == 0 else {
            throw Rejection(
                .conflict, "alert \(number) was acknowledged already, by \(alert.acknowledgedBy)")
        }
        guard !note.isEmpty else {
            throw Rejection(.invalid, "an acknowledgement needs a reason: what is being done")
        }
        authority = who
        tenant = alert.tenant
        var acknowledged = AlertAcknowledged()
        acknowledged.alert = number
        acknowledged.jobId = alert.jobId
        acknowledged.run = alert.run
        acknowledged.note = note
        try emit(acknowledged, cause: number)
        reply(run: alert.run == 0 ? nil : alert.run, "alert \(number) is acknowledged")
        try clearTakenOn(alert)
        if !alert.jobId.isEmpty {
            try retireAfterAcknowledgement(ScheduleKey(alert.tenant, alert.jobId))
        }
    }

    /// Sets the timer of an alert's escalation, where it has one before it.
    private mutating func armEscalation(_ alert: AlertState) {
        guard let moment = settings.escalation.time(of: alert) else { return }
        timers.add(.escalation(alert: alert.alert), at: moment)
    }

    /// The time of an alert's escalation has come; where it was acknowledged or cleared, nothing
    /// happens.
    mutating func escalate(_ number: UInt64) throws {
        guard let alert = state.alerts[number],
            let moment = settings.escalation.time(of: alert), moment <= now
        else { return }
        tenant = alert.tenant
        var escalated = AlertEscalated()
        escalated.alert = number
        escalated.jobId = alert.jobId
        escalated.run = alert.run
        escalated.level = alert.level + 1
        escalated.severity = alert.severity
        escalated.recipients = alert.recipients
        let contact = settings.escalation.escalationContact
        if !contact.isEmpty && !alert.recipients.contains(contact) {
            escalated.recipients.append(contact)
        }
        try emit(escalated, cause: number)
        if let known = state.alerts[number] { act(.notify(.escalated(known))) }
    }

    // MARK: Told

    /// Takes up, at a start, what an engine before this one left: timers, and notifications that
    /// have no outcome.
    mutating func takeUpAlerts() {
        for alert in state.alerts.sorted() {
            if !alert.isNotice && !alert.jobId.isEmpty {
                let key = ScheduleKey(alert.tenant, alert.jobId)
                alertsOfJob[key, default: []].insert(alert.alert)
            }
            if !alert.isNotified { act(.notify(.raised(alert))) }
            if alert.level > 0 && !alert.isEscalationNotified { act(.notify(.escalated(alert))) }
            armEscalation(alert)
        }
    }

    /// Has people told of a run's start, not of retries; once more where it begins anew because it
    /// was lost with its engine, for nobody knows how far the attempt before came.
    mutating func tellOfStart(_ run: RunState, cause: UInt64) throws {
        guard run.failures == 0 else { return }
        try tell(try pinnedSchedule(run), "onStart", run, cause: cause)
    }

    /// Has people told of a run that goes as it should, where its schedule says so.
    mutating func tell(
        _ schedule: CompiledSchedule, _ kind: String, _ run: RunState, cause: UInt64
    ) throws {
        let recipients = schedule.recipients(kind)
        guard !recipients.isEmpty, settings.tellsOfRuns else { return }
        var requested = NotificationRequested()
        requested.notification = state.nextSequence
        requested.jobId = run.jobId
        requested.run = run.run
        requested.kind = kind
        requested.message =
            "run \(run.run) of '\(run.jobId)' for \(run.scheduledLocal) "
            + (kind == "onStart" ? "started" : "succeeded")
        requested.recipients = recipients
        try emit(requested, cause: cause)
        if let notice = state.alerts[requested.notification] { act(.notify(.raised(notice))) }
    }

    /// What came of a notification by one channel.
    mutating func notified(_ outcome: NotificationOutcome) throws {
        tenant = outcome.tenant
        guard outcome.failureClass.isEmpty else { return try notifyFailed(outcome) }
        var sent = NotificationSent()
        sent.alert = outcome.alert
        sent.channel = outcome.channel
        sent.recipients = outcome.recipients
        sent.jobId = outcome.jobId
        sent.run = outcome.run
        sent.notification = outcome.notification
        sent.contact = outcome.contact
        sent.attempt = outcome.attempt
        sent.remaining = outcome.remaining
        try emit(sent, cause: outcome.notification)
    }

    private mutating func notifyFailed(_ outcome: NotificationOutcome) throws {
        var failed = NotificationFailed()
        failed.alert = outcome.alert
        failed.channel = outcome.channel
        failed.jobId = outcome.jobId
        failed.run = outcome.run
        failed.notification = outcome.notification
        failed.contact = outcome.contact
        failed.attempt = outcome.attempt
        failed.remaining = outcome.remaining
        failed.failureClass = outcome.failureClass
        failed.message = outcome.message
        if let pause = outcome.retryAfter { failed.retryAt = now + pause }
        try emit(failed, cause: outcome.notification)
    }
}
