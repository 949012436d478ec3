import Projections

/// What people are to be told, as its intent has it.
public struct NotificationRequest: Sendable, Equatable {
    /// Why people are told.
    public enum Occasion: String, Sendable {
        /// An alert was raised.
        case raised
        /// Nobody acknowledged an alert in time.
        case escalated
        /// A run started or succeeded: no alert.
        case notice
    }

    /// The sequence of the intent.
    public var notification: UInt64
    /// Why people are told.
    public var occasion: Occasion
    /// The alert, or the notice.
    public var alert: AlertState
    /// The contacts that are told.
    public var recipients: [String]
    /// What an engine before this one did of it, by channel.
    public var known: [DeliveryState]

    /// The notification of an alert that was raised, or of a notice.
    public static func raised(_ alert: AlertState) -> NotificationRequest {
        NotificationRequest(
            notification: alert.alert, occasion: alert.isNotice ? .notice : .raised,
            alert: alert, recipients: alert.recipients)
    }

    /// The notification of an alert's last escalation.
    public static func escalated(_ alert: AlertState) -> NotificationRequest {
        NotificationRequest(
            notification: alert.escalation, occasion: .escalated, alert: alert,
            recipients: alert.escalatedTo)
    }

    private init(
        notification: UInt64, occasion: Occasion, alert: AlertState, recipients: [String]
    ) {
        self.notification = notification
        self.occasion = occasion
        self.recipients = recipients
        known = alert.deliveries.filter { $0.notification == notification }
        self.alert = alert
        self.alert.deliveries = []
    }
}

/// What came of a notification by one channel.
public struct NotificationOutcome: Sendable, Equatable {
    /// The sequence of the intent.
    public var notification: UInt64 = 0
    /// The alert; 0 for a notice.
    public var alert: UInt64 = 0
    /// The tenant.
    public var tenant = "default"
    /// The schedule.
    public var jobId = ""
    /// The run, if one.
    public var run: UInt64 = 0
    /// By what: `log`, `webhook`, `slack`, `teams`, `email`, `sms` or `push`.
    public var channel = "log"
    /// The contact; empty for the engine's own log.
    public var contact = ""
    /// Who was told, by name.
    public var recipients: [String] = []
    /// Which attempt it was, 1 for the first; 0 where none was made.
    public var attempt: UInt64 = 1
    /// The class of a failure; empty where it went out.
    public var failureClass = ""
    /// One sentence on a failure; never an address, a secret, or what the other side said.
    public var message = ""
    /// How long it is until it is tried again, µs; nil where it is not.
    public var retryAfter: Int64?
    /// How many channels of the notification have no outcome yet.
    public var remaining: UInt64 = 0

    /// It went out by the engine's own log, and by nothing else.
    public init(_ request: NotificationRequest) {
        notification = request.notification
        alert = request.occasion == .notice ? 0 : request.alert.alert
        tenant = request.alert.tenant
        jobId = request.alert.jobId
        run = request.alert.run
        recipients = request.recipients
    }
}
