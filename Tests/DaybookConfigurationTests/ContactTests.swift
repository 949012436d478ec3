import DaybookConfiguration
import Foundation
import Testing

/// `contacts.yaml`: who is told, and how.
@Suite struct ContactTests {
    private static let secrets = """
        secrets:
          slack: { env: SLACK }
          sms: { env: SMS }
        """

    private static func folder(_ contacts: String, settings: String = "") throws -> TemporaryFolder
    {
        let folder = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - jobId: a
                    every: 5m
                    targetPipeline: run
                    alerts: { onStart: [ops], onSuccess: [ops], onFailure: [ops] }

                """)
        try folder.write("daybook.yaml", settings + secrets)
        try folder.write("contacts.yaml", contacts)
        return folder
    }

    @Test("all that a contact may say is read")
    func whole() throws {
        let folder = try Self.folder(
            """
            mail: { host: smtp.example.org, from: daybook@example.org, security: tls }
            templates: { subject: "${headline}!", body: "${message}\\n" }
            contacts:
              ops:
                log: true
                email: [a@example.org, b@example.org]
                webhook: https://alerts.example.org
                signingSecret: ${secret:slack}
                slack: https://hooks.slack.com/services/${secret:slack}
                teams: https://example.org/${secret:slack}
                sms:
                  url: https://sms.example.org
                  method: PUT
                  headers: { Authorization: "Bearer ${secret:sms}", Content-Type: text/plain }
                  body: "${text} $${x} ${secret:sms}"
                escalateTo: [lead]
              lead: { email: c@example.org, subject: "${job}", body: "${playbook}" }
            """, settings: "alertContact: ops\nescalationContact: lead\n")
        let result = try folder.load()
        #expect(result.problems.map(\.description) == [])
        let file = try #require(result.set?.contactsFile)
        #expect(file.mail?.port == 465 && file.mail?.security == "tls")
        #expect(file.subject == "${headline}!")
        let ops = try #require(file.contacts.last)
        #expect(ops.name == "ops" && ops.usesLog && ops.emails.count == 2)
        #expect(ops.sms?.method == "PUT" && ops.sms?.headers.map(\.name).count == 2)
        #expect(ops.escalateTo == ["lead"] && file.contacts.first?.body == "${playbook}")
        let routes = result.job("a")?.alerts.map(\.event)
        #expect(routes == ["onStart", "onSuccess", "onFailure"])
    }

    @Test(
        "what is wrong is said, with what to do",
        arguments: [
            ("ops: { log: false }", "this contact has no way to be reached"),
            ("ops: { slack: https://x.example.org/abc }", "whoever knows this address"),
            ("ops: { teams: https://x.example.org/abc }", "whoever knows this address"),
            ("ops: { email: \"a@b.org, c@d.org\" }", "this is not a mail address"),
            ("ops: { email: \"a@b.org\\nBcc: c@d.org\" }", "this is not a mail address"),
            ("ops: { log: true, subject: \"${jop}\" }", "nothing is known that ${'jop'}"),
            ("ops: { log: true, subject: \"a\\nb\" }", "a subject is one line"),
            ("ops: { log: true, body: \"${job\" }", "a ${ is not closed"),
            ("ops: { log: true, escalateTo: [nobody] }", "does not say who 'nobody' is"),
            ("ops: { sms: { body: x } }", "the field url is missing"),
            (
                "ops: { sms: { url: https://x.org, method: GET, body: x } }",
                "a GET has no body"
            ),
            (
                "ops: { sms: { url: https://x.org, headers: { Host: a } } }",
                "this is not a name for one of the headers"
            ),
            (
                "ops: { push: { url: https://x.org, body: \"${secret:none}\" } }",
                "nothing is known that ${'secret:none'}"
            ),
        ])
    func wrong(contact: String, message: String) throws {
        let errors = try Self.folder("contacts: { \(contact) }\n").load().errors
        #expect(errors.contains { $0.contains(message) }, "\(errors)")
    }

    @Test(
        "a mail server that cannot be used is refused",
        arguments: [
            ("host: smtp.example.org, from: a@b.org, security: plain", "stays on this machine"),
            ("host: \"smtp://x\", from: a@b.org", "this is not the name of a server"),
            ("host: localhost, from: \"A <a@b.org>\"", "this is not a mail address"),
            ("host: localhost, from: a@b.org, user: x", "user and password go together"),
            ("host: localhost", "the field from is missing"),
        ])
    func wrongServer(mail: String, message: String) throws {
        let errors = try Self.folder(
            "mail: { \(mail) }\ncontacts: { ops: { log: true } }\n"
        ).load().errors
        #expect(errors.contains { $0.contains(message) }, "\(errors)")
        let local = try Self.folder(
            """
            mail: { host: localhost, from: a@b.org, security: plain, port: 25 }
            contacts: { ops: { email: a@b.org } }
            """
        ).load()
        #expect(local.problems.map(\.description) == [])
    }

    @Test("mail without a server is a warning; a contact of the settings that is none, an error")
    func names() throws {
        let warned = try Self.folder("contacts: { ops: { email: a@b.org } }\n").load()
        #expect(warned.errors == [] && warned.problems.map(\.severity.rawValue) == ["warning"])
        for setting in ["alertContact", "escalationContact"] {
            let wrong = try Self.folder(
                "contacts: { ops: { log: true } }\n", settings: "\(setting): opps\n"
            ).load()
            #expect(wrong.errors == ["contacts.yaml does not say who 'opps' is"])
        }
    }
}
