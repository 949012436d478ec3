import DaybookTestSupport
import Engine
import Foundation
import Projections
import Testing

/// Mail, to a real SMTP server.
@Suite struct MailTests {
    private static func sender(timeout: Duration = .seconds(15)) -> ChannelSender {
        var settings = ChannelSender.Settings(
            clock: ContinuousClock(), now: { 1_772_409_600 },
            secrets: { $0 == "smtp" ? "open-sesame" : "wrong" })
        settings.timeout = timeout
        return ChannelSender(settings)
    }

    private static func send(
        _ message: NotificationMessage, to address: String, by server: MailServer?,
        timeout: Duration = .seconds(15)
    ) async throws -> NotificationResult {
        let sender = sender(timeout: timeout)
        let result = await sender.send(
            message, by: NotificationChannel("email", .mail(address: address)), mail: server)
        try await sender.shutdown()
        return result
    }

    private static func message(
        _ texts: NotificationTexts = NotificationTexts(), _ alert: AlertState = Notices.alert(42)
    ) -> NotificationMessage {
        NotificationMessage(
            .raised(alert), contact: "ops", texts: texts, playbookURL: "", log: "f00d")
    }

    private static func plain(_ server: MailServerProcess) -> MailServer {
        MailServer(
            host: "127.0.0.1", port: server.port, security: .plain, from: "daybook@example.org")
    }

    @Test("a mail arrives whole: headers, text of any language, and what to do")
    func arrives() async throws {
        let server = try await MailServerProcess()
        var alert = Notices.alert(42)
        alert.message = "Lauf 7 für „nightly“ ist gescheitert.\n.\nQUIT"
        let message = Self.message(NotificationTexts(), alert)
        #expect(
            try await Self.send(message, to: "ops@example.org", by: Self.plain(server)) == .sent)
        let mail = try await server.nextMail()
        #expect(mail.from == "daybook@example.org" && mail.to == ["ops@example.org"])
        #expect(mail.header("Subject") == "Daybook: high alert 42, onFailure of nightly")
        #expect(mail.header("Date") == "Mon, 02 Mar 2026 00:00:00 +0000")
        #expect(mail.header("Message-ID") == "<f00d.42@example.org>")
        #expect(mail.header("Auto-Submitted") == "auto-generated")
        #expect(mail.body.contains(alert.message))
        #expect(mail.body.contains("docs/playbooks/OP-SCH-001.md"))
        #expect(mail.body == message.body)
    }

    @Test(
        "no value can add a header, or end the message",
        arguments: ["\r\n", "\n", "\r", "\u{2028}"])
    func injection(lineBreak: String) async throws {
        let server = try await MailServerProcess()
        let evil =
            "x\(lineBreak)Bcc: all@example.org\(lineBreak)\(lineBreak)body\(lineBreak).\(lineBreak)"
        var alert = Notices.alert(42)
        alert.jobId = evil
        alert.kind = evil
        alert.message = evil
        for subject in [NotificationTexts.subjectDefault, "${message} ü ${kind}"] {
            let message = Self.message(NotificationTexts(subject: subject), alert)
            #expect(
                try await Self.send(message, to: "ops@example.org", by: Self.plain(server))
                    == .sent)
            let mail = try await server.nextMail()
            #expect(
                mail.headerNames == [
                    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
                    "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
                ])
            #expect(mail.to == ["ops@example.org"])
            #expect(mail.body == message.body)
        }
    }

    @Test(
        "an address that means more than an address is refused before anything is sent",
        arguments: [
            "a@b.org\r\nBcc: c@d.org", "a@b.org>\r\nRCPT TO:<c@d.org", "a b@c.org",
            "a@b.org,c@d.org",
            "<a@b.org>", "a@", "@b", "a", "ä@b.org", "\"a\"@b.org",
        ])
    func addresses(address: String) async throws {
        let server = try await MailServerProcess()
        let result = try await Self.send(Self.message(), to: address, by: Self.plain(server))
        guard case .failed(let failure) = result else {
            Issue.record("it was sent")
            return
        }
        #expect(failure.kind == .configuration)
        #expect(address.count < 3 || !failure.message.contains(address))
        var sender = Self.plain(server)
        sender.from = address
        let other = try await Self.send(Self.message(), to: "ops@example.org", by: sender)
        #expect(other == result)
    }

    @Test("a long subject of any language is folded into words that come back whole")
    func longSubject() async throws {
        let server = try await MailServerProcess()
        let subject = String(repeating: "Überweisungsbestätigung 💶 ", count: 7)
        let message = Self.message(NotificationTexts(subject: subject))
        _ = try await Self.send(message, to: "ops@example.org", by: Self.plain(server))
        let mail = try await server.nextMail()
        let lines = mail.content.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        let words = (mail.header("Subject") ?? "").split(separator: " ").map { word in
            Data(base64Encoded: String(word.dropFirst("=?utf-8?B?".count).dropLast(2))) ?? Data()
        }
        let text = String(decoding: words.reduce(Data(), +), as: UTF8.self)
        #expect(text == message.subject && words.count > 3)
    }

    @Test("STARTTLS, a certificate that is checked, and a login: all of them, or nothing is sent")
    func startTLS() async throws {
        try await TemporaryFolder.with { folder in
            let server = try await MailServerProcess(certificateFolder: folder)
            var good = MailServer(
                host: "127.0.0.1", port: server.port, security: .startTLS,
                from: "daybook@example.org", user: "daybook", password: "${secret:smtp}",
                caFile: folder + "/ca.pem")
            #expect(try await Self.send(Self.message(), to: "ops@example.org", by: good) == .sent)
            let mail = try await server.nextMail()
            #expect(mail.isTLS && mail.user == "daybook")

            var bad = good
            bad.caFile = ""
            #expect(try await Self.kind(bad) == .connection)
            bad = good
            bad.password = "${secret:other}"
            #expect(try await Self.kind(bad) == .status)
            bad = good
            bad.security = .tls
            #expect(try await Self.kind(bad) == .connection)
            // Whoever promises TLS and does not have it is told nothing.
            let naked = try await MailServerProcess()
            good.port = naked.port
            #expect(try await Self.kind(good) == .connection)
        }
    }

    private static func kind(_ server: MailServer) async throws -> NotificationFailure.Kind? {
        let result = try await send(message(), to: "ops@example.org", by: server)
        guard case .failed(let failure) = result else { return nil }
        #expect(!failure.message.contains("sesame") && !failure.message.contains("127.0.0.1"))
        return failure.kind
    }

    @Test("what a server refuses for ever is not tried again; what it refuses for now is")
    func refused() async throws {
        let server = try await MailServerProcess()
        for (receiver, kind) in [
            ("refused", NotificationFailure.Kind.refused), ("later", .status), ("hang", .timeout),
        ] {
            let result = try await Self.send(
                Self.message(), to: "\(receiver)@example.org", by: Self.plain(server),
                timeout: .seconds(1))
            guard case .failed(let failure) = result else {
                Issue.record("\(receiver): it was sent")
                continue
            }
            #expect(failure.kind == kind, "\(receiver): \(failure)")
            #expect(!failure.message.contains("PATIENT"))
        }
        server.stop()
        _ = await server.nextLine()
        while await server.nextLine() != nil {}
        #expect(try await Self.kind(Self.plain(server)) == .connection)
    }

    @Test("without a server, or in the clear to another machine, no mail leaves")
    func configuration() async throws {
        let message = Self.message()
        let other = MailServer(host: "192.0.2.1", port: 25, security: .plain, from: "a@b.org")
        for server in [nil, other] {
            let result = try await Self.send(message, to: "ops@example.org", by: server)
            guard case .failed(let failure) = result else {
                Issue.record("it was sent")
                continue
            }
            #expect(failure.kind == .configuration)
        }
    }
}
