import Events

/// How a notification stands with one channel.
public struct DeliveryState: WireMessage {
    /// The sequence of the notification's intent.
    public var notification: UInt64 = 0
    /// The contact; empty for the engine's own log.
    public var contact = ""
    /// By what: `log`, `webhook`, `slack`, `teams`, `email`, `sms` or `push`.
    public var channel = ""
    /// The attempts so far.
    public var attempts: UInt64 = 0
    /// `sent`, `failed`, or `retrying`.
    public var status = ""
    /// Why the last attempt failed.
    public var failureClass = ""
    /// When it is tried again, µs; 0 where it is not.
    public var retryAt: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// A delivery with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "notification", &notification)
        try v.text(2, "contact", &contact)
        try v.text(3, "channel", &channel)
        try v.uint(4, "attempts", &attempts)
        try v.text(5, "status", &status)
        try v.text(6, "failureClass", &failureClass)
        try v.instant(7, "retryAt", &retryAt)
    }
}

/// An alert that is open; or a notice, which is a notification of no alert, until it is settled.
public struct AlertState: ProjectionEntry {
    /// The alert's number: the sequence of its `alert raised` event, or of a notice's `notification
    /// requested`.
    public var alert: UInt64 = 0
    /// The tenant.
    public var tenant = ""
    /// The schedule.
    public var jobId = ""
    /// The run, if one.
    public var run: UInt64 = 0
    /// What it is about.
    public var kind = ""
    /// `critical`, `high`, `medium` or `low`; empty for a notice.
    public var severity = ""
    /// One sentence.
    public var message = ""
    /// Who hears of it.
    public var recipients: [String] = []
    /// When it was raised, µs.
    public var raisedAt: Int64 = 0
    /// Whether its notification is settled: every channel has it, or failed for good.
    public var isNotified = false
    /// What it is about where that is no schedule: a calendar's name, or a blackout's.
    public var subject = ""
    /// When it was acknowledged, µs; 0 for not yet.
    public var acknowledgedAt: Int64 = 0
    /// By whom.
    public var acknowledgedBy = ""
    /// With which ticket.
    public var acknowledgedTicket = ""
    /// What they said.
    public var note = ""
    /// How often it was escalated.
    public var level: UInt64 = 0
    /// The sequence of the last escalation, which is its notification's intent.
    public var escalation: UInt64 = 0
    /// When that was, µs.
    public var escalatedAt: Int64 = 0
    /// Who hears of the escalation.
    public var escalatedTo: [String] = []
    /// Whether the escalation's notification is settled.
    public var isEscalationNotified = false
    /// Whether this is a notice: no alert, and gone once its notification is settled.
    public var isNotice = false
    /// How the notifications stand, by channel.
    public var deliveries: [DeliveryState] = []
    public var unknownFields: [UInt8] = []

    /// An empty alert.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "alert", &alert)
        try v.text(2, "tenant", &tenant)
        try v.text(3, "jobId", &jobId)
        try v.uint(4, "run", &run)
        try v.text(5, "kind", &kind)
        try v.text(6, "severity", &severity)
        try v.text(7, "message", &message)
        try v.texts(8, "recipients", &recipients)
        try v.instant(9, "raisedAt", &raisedAt)
        try v.bool(10, "notified", &isNotified)
        try v.text(11, "subject", &subject)
        try v.instant(12, "acknowledgedAt", &acknowledgedAt)
        try v.text(13, "acknowledgedBy", &acknowledgedBy)
        try v.text(14, "acknowledgedTicket", &acknowledgedTicket)
        try v.text(15, "note", &note)
        try v.uint(16, "level", &level)
        try v.uint(17, "escalation", &escalation)
        try v.instant(18, "escalatedAt", &escalatedAt)
        try v.texts(19, "escalatedTo", &escalatedTo)
        try v.bool(20, "escalationNotified", &isEscalationNotified)
        try v.bool(21, "notice", &isNotice)
        try v.messages(22, "deliveries", &deliveries)
    }

    public var key: UInt64 { alert }

    public static func keyBytes(_ key: UInt64) -> [UInt8] { RunState.keyBytes(key) }

    public static func keyText(_ key: UInt64) -> String { "alert \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }

    /// Takes the outcome of one channel.
    ///
    /// - Returns: whether all of that notification's channels have one now.
    mutating func take(_ delivery: DeliveryState, remaining: UInt64) -> Bool {
        let known = deliveries.firstIndex {
            $0.notification == delivery.notification && $0.contact == delivery.contact
                && $0.channel == delivery.channel
        }
        if let known { deliveries[known] = delivery } else { deliveries.append(delivery) }
        guard remaining == 0 else { return false }
        if escalation != 0 && delivery.notification == escalation {
            isEscalationNotified = true
        } else {
            isNotified = true
        }
        return true
    }
}

extension ProjectedState {
    /// The alerts that are open, in the order in which they were raised; without notices.
    ///
    /// - Complexity: O(n log n).
    public var openAlerts: [AlertState] { alerts.sorted().filter { !$0.isNotice } }

    mutating func applyAlert(_ type: EventType, _ view: borrowing EventView) throws {
        let number = view.uint(1)
        switch type {
        case .alertRaised:
            guard number == view.sequence else {
                throw impossible(view, "an alert's number is its event's sequence")
            }
            var alert = AlertState()
            alert.alert = number
            alert.tenant = try view.tenant
            alert.jobId = try view.text(2)
            alert.run = view.uint(3)
            alert.kind = try view.text(4)
            alert.severity = try view.text(5)
            alert.message = try view.text(6)
            alert.recipients = try view.texts(7)
            alert.raisedAt = view.time
            alert.subject = try view.text(8)
            if view.isText(4, "failures"), let schedule = try place(ofSchedule: view) {
                schedules[schedule].recentFailures = []
            }
            alerts.insert(alert)
        case .alertCleared:
            guard alerts[number]?.isNotice == false, alerts.remove(number) != nil else {
                throw impossible(view, "alert \(number) is not open")
            }
        case .alertAcknowledged, .alertEscalated:
            try applyToOpen(type, number, view)
        case .notificationRequested:
            guard number == view.sequence else {
                throw impossible(view, "a notification's number is its event's sequence")
            }
            var notice = AlertState()
            notice.alert = number
            notice.tenant = try view.tenant
            notice.jobId = try view.text(2)
            notice.run = view.uint(3)
            notice.kind = try view.text(4)
            notice.message = try view.text(5)
            notice.recipients = try view.texts(6)
            notice.raisedAt = view.time
            notice.isNotice = true
            alerts.insert(notice)
        default:
            try applyDelivery(type, number, view)
        }
    }

    private mutating func applyToOpen(
        _ type: EventType, _ number: UInt64, _ view: borrowing EventView
    ) throws {
        guard var alert = alerts[number], !alert.isNotice else {
            throw impossible(view, "alert \(number) is not open")
        }
        if type == .alertAcknowledged {
            guard alert.acknowledgedAt == 0 else {
                throw impossible(view, "alert \(number) is acknowledged")
            }
            alert.acknowledgedAt = view.time
            alert.acknowledgedBy = try view.actor
            alert.acknowledgedTicket = try view.ticket
            alert.note = try view.text(4)
        } else {
            let level = view.uint(4)
            guard level == alert.level + 1 else {
                throw impossible(view, "alert \(number) is at level \(alert.level)")
            }
            alert.level = level
            alert.escalation = view.sequence
            alert.escalatedAt = view.time
            alert.escalatedTo = try view.texts(6)
            alert.isEscalationNotified = false
        }
        alerts.insert(alert)
    }

    /// A channel's outcome; it may come after the alert was cleared.
    private mutating func applyDelivery(
        _ type: EventType, _ number: UInt64, _ view: borrowing EventView
    ) throws {
        let notification = view.uint(6)
        guard notification != 0 else {
            // Of a build that told only the log of alerts.
            _ = alerts.modify(number) { $0.isNotified = true }
            return
        }
        let key = number == 0 ? notification : number
        guard var alert = alerts[key] else { return }
        var delivery = DeliveryState()
        delivery.notification = notification
        delivery.channel = try view.text(2)
        delivery.contact = try view.text(7)
        delivery.attempts = view.uint(8)
        delivery.status = "sent"
        if type == .notificationFailed {
            delivery.failureClass = try view.text(10)
            delivery.retryAt = view.int(12)
            delivery.status = delivery.retryAt == 0 ? "failed" : "retrying"
        }
        let isSettled = alert.take(delivery, remaining: view.uint(9))
        if isSettled && alert.isNotice {
            _ = alerts.remove(key)
        } else {
            alerts.insert(alert)
        }
    }
}
