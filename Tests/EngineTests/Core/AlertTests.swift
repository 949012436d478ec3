import Engine
import Events
import Projections
import Testing

/// The life of an alert, and what people are told, under a hand-moved clock.
@Suite struct AlertTests {
    typealias Fixture = CoreFixture

    /// A fixture in which a run has failed for good, which raised an alert of severity high.
    static func failed(
        settings: DecisionSettings = DecisionSettings(),
        _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) throws -> Fixture {
        var fixture = try Fixture(settings: settings)
        try fixture.apply(
            Fixture.job("nightly", cadence: "0 1 * * *") { job in
                job.retriesMax = 0
                job.alerts = [route("onFailure", ["ops"])]
                change(&job)
            })
        try fixture.advance(minutes: 60)
        try fixture.finish(false)
        return fixture
    }

    static func route(_ event: String, _ recipients: [String]) -> AlertRoute {
        var route = AlertRoute()
        route.event = event
        route.recipients = recipients
        return route
    }

    static func alert(_ fixture: Fixture) throws -> AlertState {
        try #require(fixture.core.state.openAlerts.last)
    }

    static func requests(_ fixture: Fixture) -> [NotificationRequest] {
        fixture.effects.compactMap { if case .notify(let request) = $0 { request } else { nil } }
    }

    @Test(
        "an alert that nobody acknowledges escalates once, after the time of its severity",
        arguments: [
            ("critical", Int64(15)), ("high", 60), ("medium", 240), ("low", 1_440),
        ])
    func escalates(severity: String, minutes: Int64) throws {
        var settings = DecisionSettings()
        settings.escalation.escalationContact = "lead"
        settings.escalation.alertContact = "ops"
        var fixture = try Fixture(settings: settings)
        try Self.raise(severity, in: &fixture)
        let alert = try Self.alert(fixture)
        #expect(alert.severity == severity && alert.recipients == ["ops"])
        try fixture.advance(to: alert.raisedAt + minutes * Fixture.minute - 1)
        #expect(fixture.all(AlertEscalated.self).isEmpty)
        try fixture.advance(to: alert.raisedAt + minutes * Fixture.minute)
        let escalated = try #require(fixture.all(AlertEscalated.self).first)
        #expect(escalated.alert == alert.alert && escalated.level == 1)
        #expect(escalated.recipients == ["ops", "lead"])
        let request = try #require(Self.requests(fixture).last)
        #expect(request.occasion == .escalated && request.recipients == ["ops", "lead"])
        #expect(request.notification != alert.alert)
        try fixture.advance(minutes: 3 * 24 * 60)
        #expect(fixture.all(AlertEscalated.self).count == 1)
        let now = try Self.alert(fixture)
        #expect(now.level == 1 && now.escalatedAt == alert.raisedAt + minutes * Fixture.minute)
    }

    /// Raises an alert of a severity: a calendar's end is low, medium, high or critical by how far
    /// away it is.
    private static func raise(_ severity: String, in fixture: inout Fixture) throws {
        let days = ["critical": "2026-03-01", "high": "2026-03-07", "medium": "2026-03-27"]
        var calendar = CalendarDefinition()
        calendar.name = "bank"
        calendar.validThrough = days[severity] ?? "2026-05-20"
        var input = ConfigurationInput()
        input.calendars = [calendar]
        // Later than the daily look of the day before, so that only this look counts.
        try fixture.handle(.applyConfiguration(input))
    }

    @Test("an acknowledgement names who, ticket and reason, and stops the escalation")
    func acknowledged() throws {
        var fixture = try Self.failed()
        let alert = try Self.alert(fixture)
        try fixture.advance(minutes: 30)
        let who = Authority(actor: "user:ada", ticket: "INC-7")
        let reply = try fixture.handle(
            .acknowledge(alert: alert.alert, reason: "vendor called", who))
        #expect(reply.message.contains("is acknowledged") && reply.run == alert.run)
        let event = try #require(fixture.events.last)
        #expect(event.envelope.actor == "user:ada" && event.envelope.ticket == "INC-7")
        let payload = try #require(event.payload as? AlertAcknowledged)
        #expect(payload.note == "vendor called" && payload.jobId == "nightly")
        try fixture.advance(minutes: 10 * 60)
        #expect(fixture.all(AlertEscalated.self).isEmpty)
        let now = try Self.alert(fixture)
        #expect(now.acknowledgedBy == "user:ada" && now.acknowledgedTicket == "INC-7")
        #expect(now.acknowledgedAt == event.envelope.time && now.note == "vendor called")
    }

    @Test("what is no act: without reason or ticket, a second time, or of no open alert")
    func refused() throws {
        var fixture = try Self.failed()
        let alert = try Self.alert(fixture).alert
        let count = fixture.events.count
        func refusal(_ alert: UInt64, _ reason: String, _ who: Authority) -> Rejection.Code? {
            do {
                var copy = fixture
                try copy.handle(.acknowledge(alert: alert, reason: reason, who))
                return nil
            } catch { return (error as? Rejection)?.code }
        }
        #expect(refusal(alert, "", Fixture.who) == .invalid)
        #expect(refusal(alert, "x", Authority(actor: "user:ada")) == .invalid)
        #expect(refusal(alert, "x", Authority(actor: "user:ada", ticket: "??")) == .invalid)
        #expect(refusal(alert + 1, "x", Fixture.who) == .notFound)
        #expect(fixture.events.count == count)
        try fixture.handle(.acknowledge(alert: alert, reason: "x", Fixture.who))
        #expect(refusal(alert, "x", Fixture.who) == .conflict)
    }

    @Test("a cleared alert does not escalate, and what failed of its notifications is withdrawn")
    func cleared() throws {
        var fixture = try Self.failed()
        let alert = try Self.alert(fixture)
        fixture.forget()
        try fixture.handle(
            .runNow(
                ScheduleKey("default", "nightly"), scheduled: nil, reason: "again", Fixture.who))
        try fixture.finish(true)
        let cleared = try #require(fixture.all(AlertCleared.self).first)
        #expect(cleared.alert == alert.alert && cleared.reason == "a later run succeeded")
        let withdrawn = fixture.effects.contains {
            if case .withdraw(alert.alert) = $0 { true } else { false }
        }
        #expect(withdrawn)
        try fixture.advance(minutes: 10 * 60)
        #expect(fixture.all(AlertEscalated.self).isEmpty)
    }

    @Test("a restart keeps the timer: it escalates at its time, or at once where that has passed")
    func restart() throws {
        let fixture = try Self.failed()
        let alert = try Self.alert(fixture)
        var soon = try fixture.restarted(after: 10 * Fixture.minute)
        try soon.advance(to: alert.raisedAt + 60 * Fixture.minute - 1)
        #expect(soon.all(AlertEscalated.self).isEmpty)
        try soon.advance(minutes: 1)
        #expect(soon.all(AlertEscalated.self).count == 1)
        var late = try fixture.restarted(after: 300 * Fixture.minute)
        try late.advance(minutes: 1)
        #expect(late.all(AlertEscalated.self).map(\.alert) == [alert.alert])
        // And not once more: neither by its timer nor by another start.
        var again = try late.restarted(after: 300 * Fixture.minute)
        try again.advance(minutes: 600)
        #expect(again.all(AlertEscalated.self).isEmpty)
        var acknowledged = fixture
        try acknowledged.handle(.acknowledge(alert: alert.alert, reason: "mine", Fixture.who))
        var quiet = try acknowledged.restarted(after: 300 * Fixture.minute)
        try quiet.advance(minutes: 600)
        #expect(quiet.all(AlertEscalated.self).isEmpty)
    }

    @Test("a severity whose time is 0 never escalates")
    func never() throws {
        var settings = DecisionSettings()
        settings.escalation.high = 0
        var fixture = try Self.failed(settings: settings)
        try fixture.advance(minutes: 7 * 24 * 60)
        let own = fixture.all(AlertEscalated.self).filter { $0.severity == "high" }
        #expect(own.isEmpty)
    }

    @Test("a start and a success are told where the schedule says so, once, and raise no alert")
    func notices() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("nightly", cadence: "0 1 * * *") { job in
                job.alerts = [
                    Self.route("onStart", ["ops"]), Self.route("onSuccess", ["ops", "lead"]),
                ]
            })
        try fixture.advance(minutes: 60)
        try fixture.finish(false)
        try fixture.advance(minutes: 10)
        try fixture.finish(true)
        // The second attempt is no second start.
        let requested = fixture.all(NotificationRequested.self)
        #expect(requested.map(\.kind) == ["onStart", "onSuccess"])
        #expect(requested.map(\.recipients) == [["ops"], ["ops", "lead"]])
        #expect(fixture.all(AlertRaised.self).isEmpty && fixture.core.state.openAlerts.isEmpty)
        #expect(fixture.core.state.alerts.count == 2)
        for request in Self.requests(fixture) {
            #expect(request.occasion == .notice)
            try fixture.handle(.notified(NotificationOutcome(request)))
        }
        #expect(fixture.core.state.alerts.count == 0)
        #expect(fixture.all(NotificationSent.self).map(\.alert) == [0, 0])
    }

    @Test("outcomes add up by channel; a start takes up what has none, and only that")
    func outcomes() throws {
        var fixture = try Self.failed()
        let request = try #require(Self.requests(fixture).first)
        var webhook = NotificationOutcome(request)
        webhook.contact = "ops"
        webhook.channel = "webhook"
        webhook.attempt = 3
        webhook.failureClass = "timeout"
        webhook.message = "no complete answer within 15 s"
        webhook.retryAfter = 20_000_000
        webhook.remaining = 1
        var log = NotificationOutcome(request)
        log.remaining = 1
        try fixture.handle(.notified(log))
        try fixture.handle(.notified(webhook))
        let failed = try #require(fixture.all(NotificationFailed.self).last)
        #expect(failed.retryAt == fixture.now + 20_000_000 && failed.attempt == 3)
        var alert = try Self.alert(fixture)
        #expect(!alert.isNotified && alert.deliveries.map(\.status) == ["sent", "retrying"])

        let next = try fixture.restarted(after: Fixture.minute)
        let again = try #require(Self.requests(next).first)
        #expect(again.notification == request.notification)
        #expect(again.known.map(\.status) == ["sent", "retrying"])
        #expect(again.known.last?.attempts == 3)

        webhook.failureClass = ""
        webhook.retryAfter = nil
        webhook.attempt = 4
        webhook.remaining = 0
        try fixture.handle(.notified(webhook))
        alert = try Self.alert(fixture)
        #expect(alert.isNotified && alert.deliveries.map(\.status) == ["sent", "sent"])
        #expect(Self.requests(try fixture.restarted(after: Fixture.minute)).isEmpty)
    }

    @Test("the outcome of an escalation is its own: the alert's notification stays as it stood")
    func escalationOutcome() throws {
        var fixture = try Self.failed()
        try fixture.handle(
            .notified(NotificationOutcome(try #require(Self.requests(fixture).first))))
        try fixture.advance(minutes: 61)
        let alert = try Self.alert(fixture)
        #expect(alert.isNotified && !alert.isEscalationNotified)
        let left = Self.requests(try fixture.restarted(after: Fixture.minute))
        #expect(left.map(\.occasion) == [.escalated])
        try fixture.handle(
            .notified(NotificationOutcome(try #require(Self.requests(fixture).last))))
        #expect(try Self.alert(fixture).isEscalationNotified)
        #expect(Self.requests(try fixture.restarted(after: Fixture.minute)).isEmpty)
    }

    @Test("an outcome that comes after its alert was cleared is recorded, and changes nothing")
    func lateOutcome() throws {
        var fixture = try Self.failed()
        let request = try #require(Self.requests(fixture).first)
        try fixture.handle(
            .runNow(
                ScheduleKey("default", "nightly"), scheduled: nil, reason: "again", Fixture.who))
        try fixture.finish(true)
        try fixture.handle(.notified(NotificationOutcome(request)))
        #expect(fixture.all(NotificationSent.self).count == 1)
        #expect(fixture.core.state.alerts.count == 0)
    }

    @Test("a log with all of it replays to the same digest")
    func replayed() throws {
        var fixture = try Self.failed { job in
            job.alerts.append(Self.route("onStart", ["ops"]))
        }
        try fixture.advance(minutes: 61)
        let alert = try Self.alert(fixture).alert
        try fixture.handle(.acknowledge(alert: alert, reason: "mine", Fixture.who))
        for request in Self.requests(fixture) {
            var outcome = NotificationOutcome(request)
            outcome.contact = "ops"
            outcome.channel = "email"
            outcome.failureClass = "refused"
            try fixture.handle(.notified(outcome))
        }
        let types = Set(fixture.events.map(\.type))
        let own: Set<EventType> = [
            .alertRaised, .alertAcknowledged, .alertEscalated, .notificationFailed,
            .notificationRequested,
        ]
        #expect(own.isSubset(of: types))
        var replayed = try fixture.state { $0 }
        var live = fixture.core.state
        #expect(replayed.digest() == live.digest())
    }

    @Test("events that cannot follow the state are refused by every replay")
    func impossible() throws {
        var fixture = try Self.failed()
        let alert = try Self.alert(fixture).alert
        try fixture.handle(.acknowledge(alert: alert, reason: "mine", Fixture.who))
        #expect(throws: ProjectionError.self) {
            _ = try fixture.state { payload in
                guard var own = payload as? AlertAcknowledged else { return payload }
                own.alert += 1
                return own
            }
        }
        #expect(throws: ProjectionError.self) {
            _ = try fixture.state { payload in
                guard payload is AlertAcknowledged else { return payload }
                var escalated = AlertEscalated()
                escalated.alert = alert
                escalated.level = 2
                return escalated
            }
        }
    }
}
