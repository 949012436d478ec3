import Projections

extension NotificationPort {
    /// One channel of one notification.
    struct Delivery: Sendable {
        let request: NotificationRequest
        /// The contact; empty for the engine's own log.
        let contact: String
        let channel: NotificationChannel
        /// The attempts so far, those of engines before this one too.
        var attempts: UInt64 = 0

        /// How much it matters: 0 for a notice, 4 for a critical alert.
        var rank: Int {
            if request.occasion == .notice { return 0 }
            return switch request.alert.severity {
            case "critical": 4
            case "high": 3
            case "medium": 2
            default: 1
            }
        }

        /// That it went out.
        func sent(attempt: UInt64, remaining: UInt64) -> NotificationOutcome {
            var outcome = NotificationOutcome(request)
            outcome.channel = channel.name
            outcome.contact = contact
            if !contact.isEmpty { outcome.recipients = [contact] }
            outcome.attempt = attempt
            outcome.remaining = remaining
            return outcome
        }

        /// That it did not; tried again after a pause, or never.
        func outcome(
            _ failure: NotificationFailure, remaining: UInt64, again pause: Duration? = nil
        ) -> NotificationOutcome {
            var outcome = sent(attempt: attempts, remaining: remaining)
            outcome.failureClass = failure.kind.rawValue
            outcome.message = failure.message
            outcome.retryAfter = pause.map { pause in
                let (seconds, attoseconds) = pause.components
                return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
            }
            return outcome
        }
    }
}

/// Which deliveries a notification makes, by the contacts that are known now.
struct DeliveryPlan {
    /// What is to be done.
    private(set) var deliveries: [NotificationPort.Delivery] = []
    /// What an engine before this one had begun, and the contacts have no longer.
    private(set) var gone: [NotificationPort.Delivery] = []

    /// How far `escalateTo` is followed.
    static let contactCountMax = 100

    init(_ request: NotificationRequest, _ book: ContactBook) {
        var all: [NotificationPort.Delivery] = []
        let isAlert = request.occasion != .notice
        let ownLog = NotificationPort.Delivery(
            request: request, contact: "", channel: NotificationChannel("log", .log))
        if isAlert { all.append(ownLog) }
        for name in Self.contacts(request, book) {
            let unknown = [NotificationChannel("unknown", .webhook(url: "", signingSecret: ""))]
            for channel in book.contacts[name]?.channels ?? unknown {
                if channel.way == .log {
                    if !all.contains(where: { $0.channel.way == .log }) { all.append(ownLog) }
                    continue
                }
                all.append(
                    NotificationPort.Delivery(request: request, contact: name, channel: channel))
            }
        }
        var known = request.known
        for delivery in all {
            var delivery = delivery
            let index = known.firstIndex {
                $0.contact == delivery.contact && $0.channel == delivery.channel.name
            }
            if let index {
                let before = known.remove(at: index)
                if before.status != "retrying" { continue }
                delivery.attempts = before.attempts
            }
            deliveries.append(delivery)
        }
        gone = known.filter { $0.status == "retrying" }.map { before in
            NotificationPort.Delivery(
                request: request, contact: before.contact,
                channel: NotificationChannel(before.channel, .log), attempts: before.attempts)
        }
        // Everything is done but the word that it is: the log is told once more.
        if deliveries.isEmpty && gone.isEmpty { deliveries.append(ownLog) }
    }

    /// The contacts that are told, each once; of an escalation, those that it goes on to, too.
    private static func contacts(
        _ request: NotificationRequest, _ book: ContactBook
    ) -> [String] {
        var names: [String] = []
        for name in request.recipients where !names.contains(name) { names.append(name) }
        guard request.occasion == .escalated else { return names }
        var index = 0
        while index < names.count {
            for next in book.contacts[names[index]]?.escalateTo ?? []
            where !names.contains(next) && names.count < contactCountMax {
                names.append(next)
            }
            index += 1
        }
        return names
    }
}
