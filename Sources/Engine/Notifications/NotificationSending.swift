/// Sends one notification by one channel, once: whether to try again is not its decision.
public protocol NotificationSending: Sendable {
    /// Sends a message; returns when the other side took it, refused it, or its time is over.
    ///
    /// - Parameters:
    ///   - channel: any way but the engine's own log.
    ///   - mail: where mail is handed in, if that is known.
    func send(
        _ message: NotificationMessage, by channel: NotificationChannel, mail: MailServer?
    ) async -> NotificationResult
}

/// What came of one attempt to tell somebody.
public enum NotificationResult: Sendable, Equatable {
    /// The other side took it.
    case sent
    /// It did not, or nobody knows.
    case failed(NotificationFailure)
}

/// Why an attempt to tell somebody failed.
public struct NotificationFailure: Error, Sendable, Equatable {
    /// The kinds of failure.
    public enum Kind: String, Sendable {
        /// Nobody took the connection, or it broke.
        case connection
        /// No complete answer in time.
        case timeout
        /// The other side answered that it cannot, for now or at all.
        case status
        /// The other side refuses this message, login or address: it would do so again.
        case refused
        /// What the configuration says cannot be sent.
        case configuration
        /// There was no room among those that wait.
        case dropped
        /// The alert was cleared while it waited to be sent again.
        case withdrawn
    }

    /// The kind.
    public let kind: Kind
    /// One sentence; never an address, a secret, or what the other side said.
    public let message: String
    /// How long the other side asks to be left alone; nil where it says nothing.
    public let retryAfter: Duration?

    /// A failure.
    public init(_ kind: Kind, _ message: String, retryAfter: Duration? = nil) {
        self.kind = kind
        self.message = message
        self.retryAfter = retryAfter
    }

    /// Whether it makes no sense to try again.
    public var isFinal: Bool {
        switch kind {
        case .connection, .timeout, .status: false
        case .refused, .configuration, .dropped, .withdrawn: true
        }
    }
}
