import Events

/// Whom the names in alerts mean, and how they are reached: what `contacts.yaml` says.
public struct ContactBook: Sendable, Equatable {
    /// The contacts by name.
    public var contacts: [String: NotificationContact] = [:]
    /// Where mail is handed in; nil where there is none.
    public var mail: MailServer?
    /// What the playbooks' names are put behind, such as `https://wiki.example.org/playbooks`;
    /// empty for the path of the document.
    public var playbookURL = ""

    /// A book without contacts.
    public init() {}
}

/// Somebody who is told.
public struct NotificationContact: Sendable, Equatable {
    /// The contacts that hear of an alert, too, when it is escalated.
    public var escalateTo: [String] = []
    /// How they are reached.
    public var channels: [NotificationChannel] = []
    /// What they read.
    public var texts = NotificationTexts()

    /// A contact that cannot be reached.
    public init() {}
}

/// One way to reach somebody.
public struct NotificationChannel: Sendable, Equatable {
    /// The ways.
    public enum Way: Sendable, Equatable {
        /// The engine's own log.
        case log
        /// A POST of JSON; signed where there is a secret (Standard Webhooks).
        case webhook(url: String, signingSecret: String)
        /// An incoming webhook of Slack.
        case slack(url: String)
        /// A workflow of Microsoft Teams that posts what it is sent.
        case teams(url: String)
        /// A mail to one address.
        case mail(address: String)
        /// A request to what sends short messages or push messages.
        case adapter(HTTPAdapter)
    }

    /// Its name in events: `webhook`, `email`, and `email:2` for a contact's second address.
    public var name: String
    /// How it goes.
    public var way: Way

    /// A channel.
    public init(_ name: String, _ way: Way) {
        self.name = name
        self.way = way
    }
}

/// A request that is made of templates, to any service that takes HTTP.
public struct HTTPAdapter: Sendable, Equatable {
    /// `POST`, `PUT` or `GET`.
    public var method: String
    /// The address; it may hold `${secret:NAME}`.
    public var url: String
    /// Headers, whose values may hold `${secret:NAME}`.
    public var headers: [KeyValue]
    /// The body: a template that may hold `${secret:NAME}`, too.
    public var body: String

    /// An adapter.
    public init(method: String, url: String, headers: [KeyValue], body: String) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// Where mail is handed in.
public struct MailServer: Sendable, Equatable {
    /// How what is said to it is kept secret.
    public enum Security: String, Sendable {
        /// STARTTLS, which must succeed.
        case startTLS = "starttls"
        /// TLS from the first byte.
        case tls
        /// Nothing: for the loopback only.
        case plain
    }

    /// The server's name or address.
    public var host: String
    /// Its port.
    public var port: Int
    /// How what is said to it is kept secret.
    public var security: Security
    /// The sender's address.
    public var from: String
    /// The name to log in with; empty for none.
    public var user: String
    /// The password, as `${secret:NAME}`.
    public var password: String
    /// A file of certificates that the server's is checked against; empty for the system's.
    public var caFile: String

    /// A server.
    public init(
        host: String, port: Int, security: Security, from: String, user: String = "",
        password: String = "", caFile: String = ""
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.from = from
        self.user = user
        self.password = password
        self.caFile = caFile
    }

    /// Whether mail stays on this machine: nothing else may be said in the clear.
    public var isLoopback: Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }
}
