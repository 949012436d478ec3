import DaybookConfiguration
import Engine

extension ContactBook {
    /// What a configuration says of contacts, as the engine's notifications take it.
    ///
    /// - Parameter base: what relative paths are relative to: the folder that holds `config`.
    public init(_ set: ConfigurationSet, base: String) {
        self.init()
        playbookURL = set.settings.playbookURL
        mail = set.contactsFile.mail.map { MailServer($0, base: base) }
        let file = set.contactsFile
        for contact in file.contacts {
            contacts[contact.name] = NotificationContact(contact, in: file)
        }
    }
}

extension MailServer {
    init(_ mail: ContactMail, base: String) {
        let isRelative = !mail.caFile.isEmpty && !mail.caFile.hasPrefix("/")
        self.init(
            host: mail.host, port: mail.port,
            // The reader lets nothing else through.
            security: Security(rawValue: mail.security) ?? .startTLS,
            from: mail.from, user: mail.user, password: mail.password,
            caFile: isRelative ? "\(base)/\(mail.caFile)" : mail.caFile)
    }
}

extension NotificationContact {
    init(_ contact: Contact, in file: ContactsFile) {
        self.init()
        escalateTo = contact.escalateTo
        if contact.usesLog { channels.append(NotificationChannel("log", .log)) }
        if !contact.webhook.isEmpty {
            channels.append(
                NotificationChannel(
                    "webhook",
                    .webhook(url: contact.webhook, signingSecret: contact.signingSecret)))
        }
        if !contact.slack.isEmpty {
            channels.append(NotificationChannel("slack", .slack(url: contact.slack)))
        }
        if !contact.teams.isEmpty {
            channels.append(NotificationChannel("teams", .teams(url: contact.teams)))
        }
        for (index, address) in contact.emails.enumerated() {
            // One mail for each address: one that is refused keeps no other from its mail.
            let name = index == 0 ? "email" : "email:\(index + 1)"
            channels.append(NotificationChannel(name, .mail(address: address)))
        }
        for (name, adapter) in [("sms", contact.sms), ("push", contact.push)] {
            guard let adapter else { continue }
            channels.append(
                NotificationChannel(
                    name,
                    .adapter(
                        HTTPAdapter(
                            method: adapter.method, url: adapter.url, headers: adapter.headers,
                            body: adapter.body))))
        }
        let subjects = [contact.subject, file.subject, NotificationTexts.subjectDefault]
        let bodies = [contact.body, file.body, NotificationTexts.bodyDefault]
        texts = NotificationTexts(
            subject: subjects.first { !$0.isEmpty } ?? "",
            body: bodies.first { !$0.isEmpty } ?? "")
    }
}
