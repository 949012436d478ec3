import Crypto
import DaybookTestSupport
import Foundation
import Testing

/// Alerts and notifications as operations meet them: a real mail server, a real receiver.
@Suite(.serialized) struct AlertServiceTests {
    private static let jobs = """
        jobs:
          - jobId: broken
            cadence: "0 0 1 1 *"
            targetPipeline: broken
            maxRetries: 0
            alerts: { onStart: [ops], onFailure: [ops] }
          - jobId: quick
            cadence: "0 0 1 1 *"
            targetPipeline: quick
            alerts: { onSuccess: [lead] }
        """

    private static func configure(
        _ engine: ServedEngine, contacts: String, settings: String = ""
    ) throws {
        try ServiceTests.configure(
            engine, jobs: jobs,
            settings: """
                \(settings)
                secrets:
                  hook: { file: secrets/hook }
                  smtp: { file: secrets/smtp }

                """)
        try engine.write("secrets/hook", "whsec_c2VjcmV0LXRoYXQtc2lnbnM=")
        try engine.write("secrets/smtp", "open-sesame")
        try engine.write("config/contacts.yaml", contacts)
        try engine.write(
            "config/targets.yaml",
            """
            targets:
              quick: { process: { command: ["/bin/sh", "-c", "echo done"] } }
              broken: { process: { command: ["/bin/sh", "-c", "printf PATI; echo ENT; exit 3"] } }
            """)
    }

    private static func act(_ engine: ServedEngine, _ words: String...) throws -> (Int32, String) {
        let result = try engine.command(
            words + ["--ticket", "INC-7", "--reason", "vendor called", "--actor", "ada"]
                + ["--data", engine.dataFolder])
        return (result.code, result.output)
    }

    /// The open alerts, asked until one of them is as it should be; at most so often.
    private static func alert(
        _ engine: ServedEngine, where isWanted: ([String: Any]) -> Bool
    ) async throws -> [String: Any] {
        for _ in 0..<5_000 {
            let answer = await engine.call("GET", "/v1/alerts")
            let alerts = answer?.object["alerts"] as? [[String: Any]] ?? []
            if let found = alerts.first(where: isWanted) { return found }
        }
        throw ServedEngine.Failure(description: "no alert came to be as it should")
    }

    private static func statuses(_ alert: [String: Any]) -> [String] {
        let deliveries = alert["deliveries"] as? [[String: Any]] ?? []
        return deliveries.map { $0["status"] as? String ?? "" }
    }

    private static func log(_ engine: ServedEngine, _ type: String) throws -> [String] {
        let result = try engine.command(
            "log", "cat", "--data", engine.dataFolder, "--type", "scheduler.\(type)")
        return result.output.split(separator: "\n").map(String.init)
    }

    @Test("a failure is mailed and posted, escalates, is acknowledged, cleared, and in the log")
    func whole() async throws {
        let engine = try ServedEngine()
        let mailer = try await MailServerProcess(certificateFolder: engine.root)
        let hooks = try await HookReceiver()
        try Self.configure(
            engine,
            contacts: """
                mail:
                  host: 127.0.0.1
                  port: \(mailer.port)
                  from: daybook@example.org
                  user: daybook
                  password: ${secret:smtp}
                  caFile: ca.pem
                contacts:
                  ops: { email: ops@example.org, escalateTo: [lead] }
                  lead:
                    webhook: http://127.0.0.1:\(hooks.port)/hook
                    signingSecret: ${secret:hook}
                """,
            settings: "escalateHigh: 1s\nplaybookURL: https://wiki.example.org/p\n")
        try engine.start()
        #expect(try Self.act(engine, "run-now", "broken").0 == 0)
        let (one, two) = (try await mailer.nextMail(), try await mailer.nextMail())
        let mails = [one, two].sorted {
            $0.content.contains("onStart") && !$1.content.contains("onStart")
        }
        #expect(
            mails.allSatisfy { $0.isTLS && $0.user == "daybook" && $0.to == ["ops@example.org"] })
        #expect(Set([one, two].compactMap { $0.header("Subject") }).count == 2)
        let failure = [one, two].first { $0.header("Subject")?.contains("onFailure") == true }
        #expect(failure?.body.contains("https://wiki.example.org/p/OP-SCH-001.md") == true)
        #expect(failure?.body.contains("PATIENT") == false)
        let number = try await Self.alert(engine) { $0["kind"] as? String == "onFailure" }["alert"]
        let alert = (number as? NSNumber)?.uint64Value ?? 0

        let hook = try await hooks.next()
        #expect(hook.type == "alert.escalated" && hook.data("alert") == "\(alert)")
        let key = SymmetricKey(data: Data("secret-that-signs".utf8))
        let signed = Data("\(hook.id).\(hook.timestamp).".utf8) + Data(hook.body)
        let mac = Data(HMAC<SHA256>.authenticationCode(for: signed, using: key))
        #expect(hook.signature == "v1," + mac.base64EncodedString())
        #expect(try await mailer.nextMail().header("Subject")?.contains("nobody") == true)

        let listed = try engine.command("alerts", "--data", engine.dataFolder)
        #expect(listed.code == 0 && listed.output.contains("escalated"), "\(listed.output)")
        let (code, said) = try Self.act(engine, "alerts", "ack", "\(alert)")
        #expect(code == 0 && said.contains("is acknowledged"), "\(said)")
        let again = try Self.act(engine, "alerts", "ack", "\(alert)")
        #expect(again.0 == 1 && again.1.contains("by user:ada"), "\(again.1)")
        let taken = try await Self.alert(engine) { $0["acknowledgedBy"] != nil }
        #expect(taken["note"] as? String == "vendor called")

        #expect(try Self.act(engine, "run-now", "quick").0 == 0)
        #expect(try await hooks.next().type == "run.notice")
        #expect(try engine.stop() == 0)
        #expect(try Self.log(engine, "alert.acknowledged").first?.contains("INC-7") == true)
        #expect(try Self.log(engine, "alert.escalated").count == 1)
        #expect(try Self.log(engine, "notification.failed") == [])
        let whole = try engine.command("log", "cat", "--data", engine.dataFolder)
        for secret in ["open-sesame", "whsec_", "ops@example.org", "/hook", "PATIENT"] {
            #expect(!whole.output.contains(secret), "\(secret) stands in the log")
        }
        try ServiceTests.audit(engine)
        let replay = try engine.command("replay", "--data", engine.dataFolder, "--compare")
        #expect(replay.code == 0, "\(replay.output)")
    }

    @Test("killed while a channel fails, it tells by that channel after its start, and only by it")
    func killed() async throws {
        let engine = try ServedEngine()
        let hooks = try await HookReceiver(status: 503)
        let other = try await HookReceiver()
        try Self.configure(
            engine,
            contacts: """
                contacts:
                  ops:
                    webhook: http://127.0.0.1:\(hooks.port)/hook
                    push:
                      url: http://127.0.0.1:\(other.port)/hook
                      body: '{"type": "push", "data": {"kind": "${kind}"}}'
                  lead: { log: true }
                """)
        try engine.start()
        #expect(try Self.act(engine, "run-now", "broken").0 == 0)
        // Of the start, and of the failure.
        let before = [try await hooks.next(), try await hooks.next()]
        let kinds = [try await other.next().data("kind"), try await other.next().data("kind")]
        #expect(Set(kinds) == ["onStart", "onFailure"])
        _ = try await Self.alert(engine) {
            Self.statuses($0).sorted() == ["retrying", "sent", "sent"]
        }
        engine.kill()
        hooks.answer(200)
        try engine.start()
        var after: Set<String> = []
        while after != Set(before.map(\.id)) { after.insert(try await hooks.next().id) }
        _ = try await Self.alert(engine) { Self.statuses($0) == ["sent", "sent", "sent"] }
        #expect(try engine.stop() == 0)
        let sent = try Self.log(engine, "notification.sent")
        #expect(sent.count { $0.contains("\"webhook\"") } == 2, "\(sent)")
        #expect(sent.count { $0.contains("\"push\"") } == 2, "\(sent)")
        #expect(try Self.log(engine, "notification.failed").count >= 1)
        try engine.start()
        #expect(try engine.stop() == 0)
        #expect(try Self.log(engine, "notification.sent").count == sent.count)
        try ServiceTests.audit(engine)
    }
}
