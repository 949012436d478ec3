import CMail
import Foundation

/// Hands mail in at a server, on threads of its own: libcurl blocks.
final class MailSender: Sendable {
    private let timeout: Duration
    // At most so many at once: one server that hangs holds no other channel.
    private let threads: OperationQueue

    /// How many mails are under way at once, at most.
    static let concurrentMax = 8

    init(timeout: Duration) {
        self.timeout = timeout
        threads = OperationQueue()
        threads.name = "daybook-mail"
        threads.maxConcurrentOperationCount = Self.concurrentMax
    }

    /// Sends a message to one address.
    ///
    /// Waits without blocking the caller's thread.
    func send(
        _ message: NotificationMessage, to address: String, by server: MailServer?,
        _ secrets: SecretReferences, now: Int64
    ) async throws(NotificationFailure) {
        guard let server else {
            throw NotificationFailure(
                .configuration, "contacts.yaml names no mail server; add mail: with host and from")
        }
        guard server.security != .plain || server.isLoopback else {
            throw NotificationFailure(
                .configuration, "mail in the clear stays on this machine; use starttls or tls")
        }
        guard
            let text = MailMessage(
                from: server.from, to: address, subject: message.subject, body: message.body,
                id: message.id, date: now)
        else {
            throw NotificationFailure(
                .configuration, "the sender's or the receiver's address cannot stand in a mail")
        }
        let password: String
        do throws(TargetFailure) {
            password =
                server.user.isEmpty
                ? "" : try secrets.value(of: server.password, named: "the mail server's password")
        } catch {
            throw NotificationFailure(.configuration, error.message)
        }
        let isPlain = [server.user, password].allSatisfy { text in
            text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
        guard isPlain else {
            throw NotificationFailure(
                .configuration, "the mail server's user or password holds a control character")
        }
        let mail = Mail(server, to: address, text.text, password, timeout)
        let result = await withCheckedContinuation { continuation in
            threads.addOperation { continuation.resume(returning: mail.send()) }
        }
        try Self.check(result)
    }

    private static func check(
        _ result: daybook_mail_result
    ) throws(NotificationFailure) {
        let status = result.status
        let answered = status > 0 ? "; the server's last answer was \(status)" : ""
        switch daybook_mail_kind_of(result) {
        case DAYBOOK_MAIL_SENT: return
        case DAYBOOK_MAIL_TIMEOUT:
            throw NotificationFailure(.timeout, "the mail server took too long\(answered)")
        case DAYBOOK_MAIL_TLS:
            throw NotificationFailure(
                .connection, "the mail server gave no TLS that can be trusted\(answered)")
        case DAYBOOK_MAIL_LOGIN:
            throw NotificationFailure(
                .status, "the mail server did not take user and password\(answered)")
        case DAYBOOK_MAIL_REFUSED:
            // RFC 5321, 4.2.1: 4 for now, 5 for ever.
            throw NotificationFailure(
                status >= 500 ? .refused : .status, "the mail server answered \(status)")
        default:
            throw NotificationFailure(
                .connection, "no connection to the mail server, or it broke\(answered)")
        }
    }
}

/// One mail as C takes it.
private struct Mail: Sendable {
    private let url: String
    private let isTLSRequired: Bool
    private let caFile: String
    private let user: String
    private let password: String
    private let from: String
    private let to: String
    private let message: String
    private let timeoutMilliseconds: Int

    init(
        _ server: MailServer, to address: String, _ message: String, _ password: String,
        _ timeout: Duration
    ) {
        let scheme = server.security == .tls ? "smtps" : "smtp"
        let host = server.host.contains(":") ? "[\(server.host)]" : server.host
        url = "\(scheme)://\(host):\(server.port)/daybook"
        isTLSRequired = server.security != .plain
        caFile = server.caFile
        user = server.user
        self.password = password
        from = "<\(server.from)>"
        to = "<\(address)>"
        self.message = message
        timeoutMilliseconds = max(1, Int(timeout.components.seconds) * 1_000)
    }

    /// Sends it; blocks.
    func send() -> daybook_mail_result {
        var mail = daybook_mail()
        mail.requires_tls = isTLSRequired ? 1 : 0
        mail.connect_timeout_ms = min(10_000, timeoutMilliseconds)
        mail.timeout_ms = timeoutMilliseconds
        mail.message_byte_count = message.utf8.count
        return url.withCString { url in
            mail.url = url
            return from.withCString { from in
                mail.from = from
                return to.withCString { to in
                    mail.to = to
                    return message.withCString { message in
                        mail.message = message
                        return withLogin(&mail)
                    }
                }
            }
        }
    }

    private func withLogin(_ mail: inout daybook_mail) -> daybook_mail_result {
        var filled = mail
        return user.withCString { user in
            if !self.user.isEmpty { filled.user = user }
            return password.withCString { password in
                if !self.user.isEmpty { filled.password = password }
                return caFile.withCString { file in
                    if !self.caFile.isEmpty { filled.ca_file = file }
                    return daybook_mail_send(&filled)
                }
            }
        }
    }
}
