import DaybookTestSupport
import Engine
import Events
import Foundation
import Logging
import Projections
import Synchronization
import Testing

/// What really goes over the wire, to servers that take, refuse, hang and answer slowly.
@Suite struct ChannelSenderTests {
    private static let secrets = [
        "sign": "whsec_c2VjcmV0LXRoYXQtc2lnbnM=", "path": "T1/B2/x y", "token": "t0k3n",
        "line": "a\r\nEvil: yes",
    ]

    private static func sender(timeout: Duration = .seconds(15)) -> ChannelSender {
        var settings = ChannelSender.Settings(
            clock: ContinuousClock(), now: { 1_772_409_600 },
            secrets: { name in
                guard let value = secrets[name] else { throw CancellationError() }
                return value
            })
        settings.timeout = timeout
        return ChannelSender(settings)
    }

    private static func message(
        _ alert: AlertState = Notices.alert(42), texts: NotificationTexts = NotificationTexts()
    ) -> NotificationMessage {
        NotificationMessage(
            .raised(alert), contact: "ops", texts: texts,
            playbookURL: "https://wiki.example.org/p", log: "f00d")
    }

    private static func send(
        _ way: NotificationChannel.Way, _ message: NotificationMessage = message(),
        timeout: Duration = .seconds(15)
    ) async throws -> NotificationResult {
        let sender = sender(timeout: timeout)
        let result = await sender.send(
            message, by: NotificationChannel("webhook", way), mail: nil)
        try await sender.shutdown()
        return result
    }

    private static func object(_ body: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
    }

    @Test("a webhook is signed JSON, with one identity for every attempt")
    func webhook() async throws {
        let server = try TestServer { _ in .answer(204) }
        defer { server.close() }
        let way = NotificationChannel.Way.webhook(
            url: server.url, signingSecret: "${secret:sign}")
        for _ in 1...2 { #expect(try await Self.send(way) == .sent) }
        let requests = server.requests
        let first = try #require(requests.first)
        #expect(first.line.hasPrefix("POST /hook"))
        #expect(first.headers["content-type"] == "application/json")
        let object = try Self.object(first.body)
        #expect(object["type"] as? String == "alert.raised")
        let data = try #require(object["data"] as? [String: Any])
        #expect(data["jobId"] as? String == "nightly" && data["alert"] as? Int == 42)
        #expect(data["playbook"] as? String == "https://wiki.example.org/p/OP-SCH-001.md")
        let id = try #require(first.headers["webhook-id"])
        #expect(requests.map { $0.headers["webhook-id"] } == [id, id])
        let signature = try #require(WebhookSignature(secret: Self.secrets["sign"] ?? ""))
        #expect(
            first.headers["webhook-signature"]
                == signature.sign(id: id, timestamp: 1_772_409_600, body: first.body))
    }

    @Test("Slack and Teams get their own JSON, with Slack's characters escaped")
    func chat() async throws {
        let server = try TestServer { _ in .answer(200, body: "ok") }
        defer { server.close() }
        var alert = Notices.alert(42)
        alert.message = "a < b & \"c\" > d"
        let message = Self.message(alert)
        #expect(try await Self.send(.slack(url: server.url), message) == .sent)
        #expect(try await Self.send(.teams(url: server.url), message) == .sent)
        let slack = try Self.object(server.requests[0].body)["text"] as? String
        #expect(slack?.contains("a &lt; b &amp; \"c\" &gt; d") == true)
        let teams = try Self.object(server.requests[1].body)
        let card = (teams["attachments"] as? [[String: Any]])?.first
        #expect(card?["contentType"] as? String == "application/vnd.microsoft.card.adaptive")
        let blocks = (card?["content"] as? [String: Any])?["body"] as? [[String: Any]]
        #expect((blocks?.last?["text"] as? String)?.contains(alert.message) == true)
    }

    @Test("an adapter's values are escaped as its body's type needs it; secrets are filled in")
    func adapter() async throws {
        let server = try TestServer { _ in .answer(200) }
        defer { server.close() }
        var alert = Notices.alert(42)
        alert.message = "say \"hi\" & go\nnow"
        let json = HTTPAdapter(
            method: "PUT", url: server.url,
            headers: [KeyValue("Authorization", "Bearer ${secret:token}")],
            body: #"{"to":"1","text":"${message}","key":"${secret:token}","price":"$${5}"}"#)
        #expect(try await Self.send(.adapter(json), Self.message(alert)) == .sent)
        let form = HTTPAdapter(
            method: "POST", url: server.url,
            headers: [KeyValue("Content-Type", "application/x-www-form-urlencoded")],
            body: "to=1&text=${message}")
        #expect(try await Self.send(.adapter(form), Self.message(alert)) == .sent)
        let first = server.requests[0]
        #expect(first.line.hasPrefix("PUT ") && first.headers["authorization"] == "Bearer t0k3n")
        let object = try Self.object(first.body)
        #expect(object["text"] as? String == alert.message && object["key"] as? String == "t0k3n")
        #expect(object["price"] as? String == "${5}")
        let text = String(decoding: server.requests[1].body, as: UTF8.self)
        #expect(text == "to=1&text=say%20%22hi%22%20%26%20go%0Anow")
    }

    @Test("a secret with a line break cannot begin another header: nothing is sent")
    func headerInjection() async throws {
        let server = try TestServer { _ in .answer(200) }
        defer { server.close() }
        let adapter = HTTPAdapter(
            method: "POST", url: server.url, headers: [KeyValue("X-Key", "${secret:line}")],
            body: "")
        guard case .failed(let failure) = try await Self.send(.adapter(adapter)) else {
            Issue.record("it was sent")
            return
        }
        #expect(failure.kind == .configuration && !failure.message.contains("Evil"))
        #expect(server.requests.isEmpty)
    }

    @Test(
        "what an answer means",
        arguments: [
            (200, "", nil), (202, "", nil), (302, "refused", nil), (400, "refused", nil),
            (404, "refused", nil), (408, "status", nil), (429, "status", Int64(120)),
            (500, "status", nil), (503, "status", nil),
        ])
    func answers(status: Int, kind: String, pause: Int64?) async throws {
        let headers = pause.map { ["Retry-After": String($0)] } ?? [:]
        let server = try TestServer { _ in .answer(status, headers: headers, body: "PATIENT") }
        defer { server.close() }
        switch try await Self.send(.webhook(url: server.url, signingSecret: "")) {
        case .sent: #expect(kind.isEmpty)
        case .failed(let failure):
            #expect(failure.kind.rawValue == kind)
            #expect(failure.retryAfter == pause.map { .seconds($0) })
            #expect(failure.message == "it answered \(status)")
        }
    }

    @Test("a server that is gone, closes, hangs or stalls is a failure that may pass")
    func broken() async throws {
        for (reply, kind) in [
            (TestServer.Reply.close, NotificationFailure.Kind.connection), (.hang, .timeout),
            (.stall, .timeout),
        ] {
            let server = try TestServer { _ in reply }
            let result = try await Self.send(
                .slack(url: server.url), timeout: .milliseconds(200))
            guard case .failed(let failure) = result else {
                Issue.record("\(kind): it was sent")
                continue
            }
            #expect(failure.kind == kind && !failure.isFinal)
            server.close()
        }
        let gone = try TestServer { _ in .answer(200) }
        gone.close()
        guard case .failed(let failure) = try await Self.send(.slack(url: gone.url)) else {
            Issue.record("nobody listens, and it was sent")
            return
        }
        #expect(failure.kind == .connection && !failure.message.contains("127.0.0.1"))
    }

    @Test("an unknown secret, or one that makes no address, is named, and never shown")
    func badSecrets() async throws {
        for url in ["http://x/${secret:nope}", "${secret:token}", "ftp://x/${secret:path}"] {
            guard case .failed(let failure) = try await Self.send(.slack(url: url)) else {
                Issue.record("\(url): it was sent")
                continue
            }
            #expect(failure.kind == .configuration && failure.isFinal)
            for secret in Self.secrets.values { #expect(!failure.message.contains(secret)) }
        }
    }

    @Test("through the port: a hanging server delays neither a slow nor a quick one")
    func together() async throws {
        let (stalled, quick) = (try TestServer { _ in .hang }, try TestServer { _ in .answer(200) })
        let slow = try TestServer { _ in .answer(200, body: String(repeating: "x", count: 200_000))
        }
        defer { for server in [stalled, quick, slow] { server.close() } }
        let book = Notices.book([
            "ops": [stalled, slow, quick].enumerated().map { index, server in
                NotificationChannel(
                    "webhook:\(index)", .webhook(url: server.url, signingSecret: ""))
            }
        ])
        let sender = Self.sender(timeout: .seconds(2))
        var rules = NotificationPort.Rules()
        rules.attemptsMax = 1
        let port = NotificationPort(
            book, log: "f00d", sender: sender,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, rules: rules)
        var outcomes = Outcomes()
        port.take(.raised(Notices.alert(1, isNotice: true)), report: outcomes.report)
        let all = await outcomes.next(3)
        #expect(Set(all.prefix(2).map(\.channel)) == ["webhook:1", "webhook:2"])
        #expect(all.last?.channel == "webhook:0" && all.last?.failureClass == "timeout")
        try await sender.shutdown()
    }
}
