import Events

/// Reads `contacts.yaml`.
enum ContactsReader {
    static let fileFields = [
        FieldSpec("contacts", Schema.any, "Whom the names in alerts mean."),
        FieldSpec("mail", Schema.any, "The server that mail is handed in at."),
        FieldSpec("templates", Schema.any, "What is written to whoever has no texts of its own."),
        FieldSpec("$schema", Schema.text, "For editors; not read."),
    ]
    static let fields = [
        FieldSpec("description", Schema.text, "Who it is, in words."),
        FieldSpec("log", Schema.flag, "Whether runs that start or succeed are told in the log."),
        FieldSpec("email", Schema.any, "An address, or a list of them."),
        FieldSpec(
            "webhook", Schema.text, "An address that is sent a POST; it may hold ${secret:NAME}."),
        FieldSpec(
            "signingSecret", Schema.text, "The secret that signs the POST, as ${secret:NAME}."),
        FieldSpec(
            "slack", Schema.text, "An incoming webhook of Slack; its path is a ${secret:NAME}."),
        FieldSpec(
            "teams", Schema.text,
            "A workflow of Microsoft Teams that posts to a channel; it holds a ${secret:NAME}."),
        FieldSpec("sms", Schema.any, "A request to what sends short messages."),
        FieldSpec("push", Schema.any, "A request to what sends push messages."),
        FieldSpec(
            "escalateTo", Schema.identifiers,
            "The contacts that hear of an alert, too, when nobody acknowledges it."),
        FieldSpec("subject", Schema.text, "The template of its subjects."),
        FieldSpec("body", Schema.text, "The template of its bodies."),
    ]
    static let templateFields = [
        FieldSpec("subject", Schema.text, "The template of subjects; one line."),
        FieldSpec("body", Schema.text, "The template of bodies."),
    ]

    /// What stands for a value in a template, as `Engine` has it (a test compares the two).
    static let variables = [
        "headline", "message", "occasion", "alert", "severity", "kind", "job", "run", "subject",
        "tenant", "time", "contact", "playbook",
    ]

    /// What one file says; a contact replaces that of the same name that stood before.
    static func read(
        _ node: SourceNode, secrets: [String], into known: inout ContactsFile,
        _ log: inout ProblemLog
    ) {
        if case .null = node.value { return }
        guard let file = FieldReader(node, "", fileFields, &log) else { return }
        if file.has("mail") { known.mail = MailReader.read(file, secrets, &log) ?? known.mail }
        if let node = file.node("templates", &log),
            let reader = FieldReader(node, "templates", templateFields, &log)
        {
            known.subject = subject(reader, &log) ?? known.subject
            known.body = template(reader, "body", variables, &log) ?? known.body
        }
        for member in file.map("contacts", &log) ?? [] {
            guard let contact = contact(member, secrets, &log) else { continue }
            known.contacts.removeAll { $0.name == contact.name }
            known.contacts.append(contact)
        }
        known.contacts.sort { precedes($0.name, $1.name) }
    }

    private static func contact(
        _ member: SourceMember, _ secrets: [String], _ log: inout ProblemLog
    ) -> Contact? {
        let path = "contacts.\(member.key)"
        guard let name = Values.identifier(member.key, member.place, path, &log),
            let reader = FieldReader(member.value, path, fields, &log)
        else { return nil }
        var contact = Contact(name: name)
        contact.description = reader.text("description", &log) ?? ""
        contact.usesLog = reader.bool("log", &log) ?? false
        contact.emails = emails(reader, &log)
        contact.webhook = address(reader, "webhook", secrets, &log)
        contact.slack = secretAddress(reader, "slack", secrets, &log)
        contact.teams = secretAddress(reader, "teams", secrets, &log)
        contact.sms = AdapterReader.read(reader, "sms", secrets, &log)
        contact.push = AdapterReader.read(reader, "push", secrets, &log)
        contact.escalateTo = reader.identifiers("escalateTo", &log)
        contact.subject = subject(reader, &log) ?? ""
        contact.body = template(reader, "body", variables, &log) ?? ""
        contact.signingSecret = reader.text("signingSecret", &log) ?? ""
        if !contact.signingSecret.isEmpty {
            TargetsReader.check(
                contact.signingSecret, reader.place(of: "signingSecret"),
                path + ".signingSecret", secrets, &log)
        }
        let ways = ["log", "email", "webhook", "slack", "teams", "sms", "push"]
        if !contact.isReachable {
            log.error(
                member.value.place, path, "this contact has no way to be reached",
                "give it one of \(ways.joined(separator: ", "))")
        }
        return contact
    }

    /// Looks up the names of `escalateTo`, and that there is a server for mail.
    static func check(_ file: ContactsFile, _ log: inout ProblemLog) {
        let names = file.contacts.map(\.name)
        for contact in file.contacts {
            let path = "contacts.\(contact.name)"
            for next in contact.escalateTo where !names.contains(next) {
                let hint = log.nearest(next, among: names)
                log.error(
                    SourcePlace("contacts.yaml"), path + ".escalateTo",
                    "contacts.yaml does not say who \(shown(next)) is",
                    hint.map { "did you mean \($0)?" } ?? "add it under contacts:")
            }
        }
        if file.mail == nil, let first = file.contacts.first(where: { !$0.emails.isEmpty }) {
            log.warning(
                SourcePlace("contacts.yaml"), "contacts.\(first.name).email",
                "no mail can be sent: there is no server for it",
                "add mail: with host and from to contacts.yaml")
        }
    }

    // MARK: Values

    private static func emails(_ reader: FieldReader, _ log: inout ProblemLog) -> [String] {
        guard let node = reader.node("email", &log) else { return [] }
        let items: [SourceNode]
        if case .list(let list) = node.value { items = list } else { items = [node] }
        var result: [String] = []
        for item in items {
            guard let text = Values.text(item, reader.full("email"), &log) else { continue }
            if isAddress(text) {
                result.append(text)
            } else {
                log.error(
                    item.place, reader.full("email"), "this is not a mail address",
                    "write for example on-call@example.org")
            }
        }
        return result
    }

    /// Whether a text is one address that needs no quotes: printable ASCII, one `@`, and nothing
    /// that means something in a header.
    static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let special = Set("\"(),:;<>[\\]".utf8)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !special.contains($0) }
    }

    /// An address that may hold secrets.
    static func address(
        _ reader: FieldReader, _ field: String, _ secrets: [String], _ log: inout ProblemLog
    ) -> String {
        guard let text = reader.text(field, &log) else { return "" }
        let place = reader.place(of: field)
        TargetsReader.check(text, place, reader.full(field), secrets, &log)
        // An address whose path is a secret can be judged only with the secret in its place.
        if !SecretReference.names(text).isEmpty { return text }
        if let fault = URLRule.fault(text) {
            log.error(
                place, reader.full(field), fault, "write for example https://alerts.example.org")
        }
        return text
    }

    /// An address that lets whoever has it write: it is a secret itself.
    private static func secretAddress(
        _ reader: FieldReader, _ field: String, _ secrets: [String], _ log: inout ProblemLog
    ) -> String {
        let text = address(reader, field, secrets, &log)
        if !text.isEmpty && SecretReference.names(text).isEmpty {
            log.error(
                reader.place(of: field), reader.full(field),
                "whoever knows this address can write there, and it stands here as it is",
                "name it under secrets: in daybook.yaml and write ${secret:NAME}")
        }
        return text
    }

    private static func subject(_ reader: FieldReader, _ log: inout ProblemLog) -> String? {
        guard let text = template(reader, "subject", variables, &log) else { return nil }
        if text.contains(where: \.isNewline) {
            log.error(
                reader.place(of: "subject"), reader.full("subject"), "a subject is one line",
                "remove the line feed")
        }
        return text
    }

    /// A template, whose names must be known.
    static func template(
        _ reader: FieldReader, _ field: String, _ names: [String], _ log: inout ProblemLog
    ) -> String? {
        guard let text = reader.text(field, &log) else { return nil }
        var rest = text.replacing("$${", with: "")[...]
        while let start = rest.firstRange(of: "${") {
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: "}") else {
                log.error(
                    reader.place(of: field), reader.full(field), "a ${ is not closed",
                    "close it with a }, or write $${ for the characters themselves")
                break
            }
            let name = String(rest[..<end])
            rest = rest[rest.index(after: end)...]
            if names.contains(name) { continue }
            let hint = log.nearest(name, among: names)
            log.error(
                reader.place(of: field), reader.full(field),
                "nothing is known that ${\(shown(name))} could stand for",
                hint.map { "did you mean ${\($0)}?" }
                    ?? "use one of \(names.joined(separator: ", "))")
        }
        return text
    }
}
