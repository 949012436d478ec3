import Events

/// Whom a name in `alerts` means.
public struct Contact: Sendable, Equatable {
    /// The name.
    public var name: String
    /// What it is, in words.
    public var description = ""
    /// Whether it is told in the engine's own log.
    public var usesLog = false
    /// Addresses to mail to.
    public var emails: [String] = []
    /// An address to POST to, which may hold `${secret:NAME}`; empty for none.
    public var webhook = ""
    /// The secret that signs the POST (Standard Webhooks), as a reference; empty for none.
    public var signingSecret = ""
    /// An incoming webhook of Slack, which holds `${secret:NAME}`; empty for none.
    public var slack = ""
    /// A workflow of Microsoft Teams, which holds `${secret:NAME}`; empty for none.
    public var teams = ""
    /// What sends short messages.
    public var sms: ContactAdapter?
    /// What sends push messages.
    public var push: ContactAdapter?
    /// The contacts that hear of an alert, too, when it is escalated.
    public var escalateTo: [String] = []
    /// The template of the subject; empty for the file's.
    public var subject = ""
    /// The template of the body; empty for the file's.
    public var body = ""

    /// Makes a contact.
    public init(name: String) { self.name = name }

    /// Whether there is any way to reach it.
    var isReachable: Bool {
        usesLog || !emails.isEmpty || sms != nil || push != nil
            || ![webhook, slack, teams].allSatisfy(\.isEmpty)
    }
}

/// A request, made of templates, to a service that takes HTTP.
public struct ContactAdapter: Sendable, Equatable {
    /// `POST`, `PUT` or `GET`.
    public var method = "POST"
    /// The address; it may hold `${secret:NAME}`.
    public var url = ""
    /// Headers, whose values may hold `${secret:NAME}`; sorted by name.
    public var headers: [KeyValue] = []
    /// The body: a template that may hold `${secret:NAME}`, too.
    public var body = ""

    /// An empty adapter.
    public init() {}
}

/// Where mail is handed in.
public struct ContactMail: Sendable, Equatable {
    /// The server's name or address.
    public var host = ""
    /// Its port.
    public var port = 587
    /// `starttls`, `tls` or `plain`; the last for the loopback only.
    public var security = "starttls"
    /// The sender's address.
    public var from = ""
    /// The name to log in with; empty for none.
    public var user = ""
    /// The password, as `${secret:NAME}`; empty for none.
    public var password = ""
    /// A file of certificates that the server's is checked against; empty for the system's.
    public var caFile = ""

    /// A server without a name.
    public init() {}
}

/// What `contacts.yaml` says, whole.
public struct ContactsFile: Sendable, Equatable {
    /// The contacts, sorted by name.
    public var contacts: [Contact] = []
    /// Where mail is handed in; nil for none.
    public var mail: ContactMail?
    /// The template of subjects; empty for the default.
    public var subject = ""
    /// The template of bodies; empty for the default.
    public var body = ""

    /// A file without contacts.
    public init() {}
}
