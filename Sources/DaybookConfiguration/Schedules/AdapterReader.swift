import Events

/// Reads `sms` and `push` of a contact: a request to any service that takes HTTP.
enum AdapterReader {
    static let fields = [
        FieldSpec("url", Schema.text, "The address; it may hold ${secret:NAME}.", required: true),
        FieldSpec("method", Schema.choice(["POST", "PUT", "GET"]), "POST by default."),
        FieldSpec(
            "headers", Schema.values, "Headers; their values may hold ${secret:NAME}."),
        FieldSpec(
            "body", Schema.text,
            "The template of the body; it may hold ${secret:NAME}, and ${text}, all of it."),
    ]

    /// The adapter under a field; nil where there is none, or it cannot be read.
    static func read(
        _ reader: FieldReader, _ field: String, _ secrets: [String], _ log: inout ProblemLog
    ) -> ContactAdapter? {
        guard let node = reader.node(field, &log),
            let inner = FieldReader(node, reader.full(field), fields, &log)
        else { return nil }
        var adapter = ContactAdapter()
        adapter.url = ContactsReader.address(inner, "url", secrets, &log)
        adapter.method = inner.choice("method", ["POST", "PUT", "GET"], &log) ?? "POST"
        let references = secrets.map { "secret:\($0)" }
        adapter.body =
            ContactsReader.template(
                inner, "body", ContactsReader.variables + ["text"] + references, &log) ?? ""
        if adapter.method == "GET" && !adapter.body.isEmpty {
            log.error(
                inner.place(of: "body"), inner.full("body"), "a GET has no body",
                "remove it, or use POST")
        }
        for member in inner.map("headers", &log) ?? [] {
            let path = "\(inner.full("headers")).\(member.key)"
            guard let text = Values.scalar(member.value, path, &log) else { continue }
            guard isHeader(member.key) else {
                log.error(
                    member.place, path, "this is not a name for one of the headers",
                    "use letters, digits and '-'; Content-Length and Host are the connection's")
                continue
            }
            if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                log.error(
                    member.value.place, path, "a header is one line of printable characters",
                    "remove the line feed")
            }
            TargetsReader.check(text, member.value.place, path, secrets, &log)
            adapter.headers.append(KeyValue(member.key, text))
        }
        adapter.headers.sort { precedes($0.name, $1.name) }
        return adapter
    }

    /// A header's name that is not the connection's own.
    private static func isHeader(_ name: String) -> Bool {
        let ours = ["host", "content-length", "transfer-encoding", "connection"]
        return !name.isEmpty && name.utf8.count <= Limits.identifierByteCountMax
            && !ours.contains(name.lowercased())
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_")
            }
    }
}

/// Reads `mail` of `contacts.yaml`.
enum MailReader {
    static let securities = ["starttls", "tls", "plain"]
    static let fields = [
        FieldSpec("host", Schema.text, "The server's name or address.", required: true),
        FieldSpec("from", Schema.text, "The sender's address.", required: true),
        FieldSpec("port", Schema.count(1...65_535), "587 by default, 465 with tls."),
        FieldSpec(
            "security", Schema.choice(securities),
            "starttls (the default), tls, or plain, which only a server on this machine may have."),
        FieldSpec("user", Schema.text, "The name to log in with."),
        FieldSpec("password", Schema.text, "The password, as ${secret:NAME}."),
        FieldSpec(
            "caFile", Schema.text,
            "Certificates that the server's is checked against, if not the system's; relative to "
                + "the folder that holds config."),
    ]

    /// The server of a file; nil where it cannot be read.
    static func read(
        _ file: FieldReader, _ secrets: [String], _ log: inout ProblemLog
    ) -> ContactMail? {
        guard let node = file.node("mail", &log),
            let reader = FieldReader(node, "mail", fields, &log)
        else { return nil }
        var mail = ContactMail()
        mail.host = host(reader, &log)
        mail.security = reader.choice("security", securities, &log) ?? "starttls"
        mail.port = Int(
            reader.count("port", 1...65_535, &log) ?? (mail.security == "tls" ? 465 : 587))
        mail.from = reader.text("from", &log) ?? ""
        if !mail.from.isEmpty && !ContactsReader.isAddress(mail.from) {
            log.error(
                reader.place(of: "from"), "mail.from", "this is not a mail address",
                "write for example daybook@example.org")
        }
        mail.user = reader.text("user", &log) ?? ""
        mail.password = reader.text("password", &log) ?? ""
        mail.caFile = reader.text("caFile", &log) ?? ""
        if mail.user.isEmpty != mail.password.isEmpty {
            log.error(
                reader.place, "mail", "user and password go together", "give both, or neither")
        }
        if !mail.password.isEmpty {
            TargetsReader.check(
                mail.password, reader.place(of: "password"), "mail.password", secrets, &log)
        }
        let isLocal = ["127.0.0.1", "::1", "localhost"].contains(mail.host)
        if mail.security == "plain" && !isLocal {
            log.error(
                reader.place(of: "security"), "mail.security",
                "mail in the clear stays on this machine",
                "use starttls or tls, or the host localhost")
        }
        return mail
    }

    private static func host(_ reader: FieldReader, _ log: inout ProblemLog) -> String {
        guard let text = reader.text("host", &log) else { return "" }
        let isHost =
            !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x3A].contains(byte)
            }
        if !isHost {
            log.error(
                reader.place(of: "host"), "mail.host", "this is not the name of a server",
                "write for example smtp.example.org; the port stands under port")
        }
        return text
    }
}
