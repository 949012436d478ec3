import Events
import Projections

/// The templates of what people read: `${NAME}` stands for a value, `$${` for a `${`.
public struct NotificationTexts: Sendable, Equatable {
    /// The subject; one line.
    public var subject: String
    /// The body.
    public var body: String

    /// The names that may stand in a template, with what each stands for.
    public static let variables: [(name: String, meaning: String)] = [
        ("headline", "The severity, the kind and the job, in one line."),
        ("message", "What happened, in one sentence."),
        ("occasion", "raised, escalated, or notice."),
        ("alert", "The alert's number."),
        ("severity", "critical, high, medium or low."),
        ("kind", "onFailure, onMissedSla, onMissed, onStart and so on."),
        ("job", "The schedule's jobId."),
        ("run", "The run's number."),
        ("subject", "What it is about where that is no schedule: a calendar, a blackout."),
        ("tenant", "The tenant."),
        ("time", "When it happened, in UTC."),
        ("contact", "Who is told."),
        ("playbook", "Where the playbook is."),
    ]

    /// The templates where nothing else is said.
    public static let subjectDefault = "Daybook: ${headline}"
    /// The templates where nothing else is said.
    public static let bodyDefault = """
        ${message}

        What to do: ${playbook}

        Alert: ${alert} (${severity}, ${kind}, ${occasion})
        Job: ${job}
        Run: ${run}
        Time: ${time}

        """

    /// Templates.
    public init(
        subject: String = NotificationTexts.subjectDefault,
        body: String = NotificationTexts.bodyDefault
    ) {
        self.subject = subject
        self.body = body
    }

    /// How values are put into a template.
    public enum Escaping: Sendable {
        /// As they are.
        case none
        /// As the inside of a JSON string.
        case json
        /// As a value of a form (RFC 3986's unreserved characters stay).
        case form
    }

    /// A template with its names replaced; a name that `value` does not know stays as it is.
    static func render<Failure: Error>(
        _ template: String, _ escaping: Escaping, value: (String) throws(Failure) -> String?
    ) throws(Failure) -> String {
        var result = ""
        var rest = Substring(template)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${"), let end = rest.firstIndex(of: "}") {
                let name = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end])
                if let value = try value(name) {
                    result += escaped(value, escaping)
                } else {
                    result += rest[...end]
                }
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }

    private static func escaped(_ text: String, _ escaping: Escaping) -> String {
        switch escaping {
        case .none: return text
        case .json: return String(JSONText.quoted(text).dropFirst().dropLast())
        case .form:
            var result = ""
            for byte in text.utf8 {
                let isPlain =
                    (48...57).contains(byte) || (65...90).contains(byte)
                    || (97...122).contains(byte) || [45, 46, 95, 126].contains(byte)
                let digits = String(byte, radix: 16, uppercase: true)
                result +=
                    isPlain
                    ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
            }
            return result
        }
    }
}

/// What one contact is told, as text and as fields.
public struct NotificationMessage: Sendable, Equatable {
    /// The notification's number, and the log that it is of: what a receiver knows it by when it is
    /// sent again.
    public let id: String
    /// The subject: one line, without control characters.
    public let subject: String
    /// The body.
    public let body: String
    /// The request that it is made of.
    public let request: NotificationRequest
    /// The contact.
    public let contact: String
    /// Where the playbook is.
    public let playbook: String
    private let values: [String: String]

    /// The longest subject, in characters.
    static let subjectLengthMax = 200

    package init(
        _ request: NotificationRequest, contact: String, texts: NotificationTexts,
        playbookURL: String, log: String
    ) {
        let alert = request.alert
        self.request = request
        self.contact = contact
        id = "\(log).\(request.notification)"
        playbook = Playbook.of(alert.kind).link(playbookURL)
        let values = [
            "headline": Self.headline(request), "message": alert.message,
            "occasion": request.occasion.rawValue,
            "alert": request.occasion == .notice ? "-" : String(alert.alert),
            "severity": alert.severity.isEmpty ? "-" : alert.severity, "kind": alert.kind,
            "job": alert.jobId.isEmpty ? "-" : alert.jobId,
            "run": alert.run == 0 ? "-" : String(alert.run),
            "subject": alert.subject.isEmpty ? "-" : alert.subject, "tenant": alert.tenant,
            "time": UTCText.of(microseconds: alert.raisedAt), "contact": contact,
            "playbook": playbook,
        ]
        self.values = values
        subject = Self.line(Self.text(texts.subject, values))
        body = Self.text(texts.body, values)
    }

    /// A template of an adapter with the message's values, and its secrets, in their places.
    func render(
        _ template: String, _ escaping: NotificationTexts.Escaping, _ secrets: SecretReferences
    ) throws(TargetFailure) -> String {
        try NotificationTexts.render(template, escaping) { name throws(TargetFailure) in
            if name.hasPrefix("secret:") {
                return try secrets.value(of: "${\(name)}", named: "the body")
            }
            return values[name] ?? (name == "text" ? "\(subject)\n\n\(body)" : nil)
        }
    }

    private static func text(_ template: String, _ values: [String: String]) -> String {
        NotificationTexts.render(template, .none) { name in values[name] }
    }

    /// One line of printable characters.
    ///
    /// Whatever else stands in it becomes a blank, so no value can end a header and begin another.
    static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            let isBreak = scalar.value == 0x2028 || scalar.value == 0x2029
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            return isBreak || isControl ? " " : scalar
        }
        var line = String.UnicodeScalarView()
        line.append(contentsOf: scalars)
        return String(String(line).prefix(subjectLengthMax))
    }

    private static func headline(_ request: NotificationRequest) -> String {
        let alert = request.alert
        let about = alert.jobId.isEmpty ? alert.subject : alert.jobId
        let suffix = about.isEmpty ? "" : " of \(about)"
        switch request.occasion {
        case .raised: return "\(alert.severity) alert \(alert.alert), \(alert.kind)\(suffix)"
        case .escalated:
            return "nobody acknowledged \(alert.severity) alert \(alert.alert), "
                + "\(alert.kind)\(suffix)"
        case .notice: return "\(alert.kind)\(suffix)"
        }
    }
}

/// The documents that say what to do.
public struct Playbook: Sendable, Equatable {
    /// Its name, such as `OP-SCH-001`.
    public let name: String

    /// The playbook for an alert's kind.
    public static func of(_ kind: String) -> Playbook {
        switch kind {
        case "onMissed": Playbook(name: "OP-SCH-002")
        case "blackout": Playbook(name: "OP-SCH-003")
        case "controlNumberGap", "controlNumberSync": Playbook(name: "OP-CTL-001")
        case "controlNumberLimit", "ROLLOVER_REQUIRED": Playbook(name: "OP-CTL-002")
        case "fileQuarantined", "fileFailed": Playbook(name: "OP-X12-002")
        case "fileRejected", "answerOverdue", "acknowledgmentOverdue":
            Playbook(name: "OP-X12-004")
        case "duplicateOpen": Playbook(name: "OP-X12-005")
        case "outcomesHeld": Playbook(name: "OP-X12-006")
        case "receptionStuck", "outcomesRefused", "fileGrew": Playbook(name: "OP-X12-007")
        default: Playbook(name: "OP-SCH-001")
        }
    }

    /// Where it is: behind an address, or its path in this repository where that is empty.
    public func link(_ base: String) -> String {
        if base.isEmpty { return "docs/playbooks/\(name).md" }
        return base.hasSuffix("/") ? "\(base)\(name).md" : "\(base)/\(name).md"
    }
}
