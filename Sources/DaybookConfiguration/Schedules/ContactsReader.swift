/// Whom a name in `alerts` means.
public struct Contact: Sendable, Equatable {
    /// The name.
    public var name: String
    /// What it is, in words.
    public var description: String
    /// Addresses to mail to.
    public var emails: [String]
    /// An address to POST to, which may hold `${secret:NAME}`; empty for none.
    public var webhook: String
    /// The secret that signs the POST (Standard Webhooks), as a reference; empty for none.
    public var signingSecret: String

    /// Makes a contact.
    public init(
        name: String, description: String = "", emails: [String] = [], webhook: String = "",
        signingSecret: String = ""
    ) {
        self.name = name
        self.description = description
        self.emails = emails
        self.webhook = webhook
        self.signingSecret = signingSecret
    }
}

/// Reads `contacts.yaml`.
enum ContactsReader {
    static let fileFields = [
        FieldSpec("contacts", Schema.any, "Whom the names in alerts mean."),
        FieldSpec("$schema", Schema.text, "For editors; not read."),
    ]
    static let fields = [
        FieldSpec("description", Schema.text, "Who it is, in words."),
        FieldSpec("email", Schema.any, "An address, or a list of them."),
        FieldSpec(
            "webhook", Schema.text, "An address that is sent a POST; it may hold ${secret:NAME}."),
        FieldSpec(
            "signingSecret", Schema.text, "The secret that signs the POST, as ${secret:NAME}."),
    ]

    /// The contacts of one file, which replace those of the same name that stood before.
    static func read(
        _ node: SourceNode, secrets: [String], into contacts: inout [Contact],
        _ log: inout ProblemLog
    ) {
        if case .null = node.value { return }
        guard let file = FieldReader(node, "", fileFields, &log) else { return }
        for member in file.map("contacts", &log) ?? [] {
            let path = "contacts.\(member.key)"
            guard let name = Values.identifier(member.key, member.place, path, &log),
                let reader = FieldReader(member.value, path, fields, &log)
            else { continue }
            var contact = Contact(name: name)
            contact.description = reader.text("description", &log) ?? ""
            contact.emails = emails(reader, &log)
            contact.webhook = webhook(reader, secrets, &log)
            contact.signingSecret = reader.text("signingSecret", &log) ?? ""
            if !contact.signingSecret.isEmpty {
                TargetsReader.check(
                    contact.signingSecret, reader.place(of: "signingSecret"),
                    path + ".signingSecret", secrets, &log)
            }
            if contact.emails.isEmpty, contact.webhook.isEmpty {
                log.error(
                    member.value.place, path, "this contact has no way to be reached",
                    "give it email or webhook")
            }
            contacts.removeAll { $0.name == name }
            contacts.append(contact)
        }
        contacts.sort { precedes($0.name, $1.name) }
    }

    private static func emails(_ reader: FieldReader, _ log: inout ProblemLog) -> [String] {
        guard let node = reader.node("email", &log) else { return [] }
        let items: [SourceNode]
        if case .list(let list) = node.value { items = list } else { items = [node] }
        var result: [String] = []
        for item in items {
            guard let text = Values.text(item, reader.full("email"), &log) else { continue }
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            let isAddress =
                parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
                && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
            if isAddress {
                result.append(text)
            } else {
                log.error(
                    item.place, reader.full("email"), "this is not a mail address",
                    "write for example on-call@example.org")
            }
        }
        return result
    }

    private static func webhook(
        _ reader: FieldReader, _ secrets: [String], _ log: inout ProblemLog
    ) -> String {
        guard let text = reader.text("webhook", &log) else { return "" }
        let place = reader.place(of: "webhook")
        TargetsReader.check(text, place, reader.full("webhook"), secrets, &log)
        // An address whose path is a secret can be judged only with the secret in its place.
        if !SecretReference.names(text).isEmpty { return text }
        if let fault = URLRule.fault(text) {
            log.error(
                place, reader.full("webhook"), fault, "write for example https://alerts.example.org"
            )
        }
        return text
    }
}
