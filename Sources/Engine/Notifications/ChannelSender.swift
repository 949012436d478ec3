import AsyncHTTPClient
import Events
import Foundation
import NIOCore
import NIOHTTP1

/// Sends notifications for real: by HTTP to webhooks, Slack, Teams and adapters, by SMTP as mail.
///
/// Redirects are not followed. What an answer means: any 2xx is sent; 408, 425, 429 and 5xx may be
/// tried again, after the pause that `Retry-After` asks for; any other status is a refusal.
public final class ChannelSender: NotificationSending {
    /// What sending needs.
    public struct Settings: Sendable {
        /// Measures timeouts.
        public var clock: any Clock<Duration>
        /// The time of day in seconds since 1970, for signatures and dates.
        public var now: @Sendable () -> Int64
        /// Resolves `${secret:NAME}`.
        public var secrets: SecretResolver
        /// How long an answer may take.
        public var timeout = Duration.seconds(15)

        /// Settings.
        public init(
            clock: any Clock<Duration>, now: @escaping @Sendable () -> Int64,
            secrets: @escaping SecretResolver
        ) {
            self.clock = clock
            self.now = now
            self.secrets = secrets
        }
    }

    private let settings: Settings
    private let secrets: SecretReferences
    private let client: HTTPClient
    private let mail: MailSender

    /// A sender with a client of its own.
    ///
    /// Whoever makes one calls ``shutdown()``.
    public init(_ settings: Settings) {
        self.settings = settings
        secrets = SecretReferences(resolve: settings.secrets)
        mail = MailSender(timeout: settings.timeout)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(1)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the client's connections; requests under way fail.
    public func shutdown() async throws { try await client.shutdown() }

    public func send(
        _ message: NotificationMessage, by channel: NotificationChannel, mail server: MailServer?
    ) async -> NotificationResult {
        do throws(NotificationFailure) {
            if case .mail(let address) = channel.way {
                try await mail.send(
                    message, to: address, by: server, secrets, now: settings.now())
            } else {
                try await exchange(try request(message, channel))
            }
            return .sent
        } catch {
            return .failed(error)
        }
    }

    // MARK: Requests

    private func request(
        _ message: NotificationMessage, _ channel: NotificationChannel
    ) throws(NotificationFailure) -> HTTPClientRequest {
        let builder = ChannelRequest(secrets: secrets, now: settings.now(), channel: channel.name)
        do throws(TargetFailure) {
            return try builder.request(message, channel.way)
        } catch {
            // These sentences name settings and secrets by name only.
            throw NotificationFailure(.configuration, error.message)
        }
    }

    private func exchange(_ request: HTTPClientRequest) async throws(NotificationFailure) {
        let clock = settings.clock
        let timeout = settings.timeout
        let result = await withTaskGroup(of: NotificationResult?.self) { group in
            group.addTask { await self.answer(request) }
            group.addTask {
                do {
                    try await clock.sleep(for: timeout)
                } catch {
                    return nil  // Cancelled: the answer came first.
                }
                return .failed(
                    NotificationFailure(
                        .timeout, "no complete answer within \(timeout.components.seconds) s"))
            }
            defer { group.cancelAll() }
            while let result = await group.next() {
                if let result { return result }
            }
            return .failed(NotificationFailure(.connection, "the engine stops"))
        }
        if case .failed(let failure) = result { throw failure }
    }

    /// The answer's status; its body is read as far as a connection can be used again, and dropped.
    private func answer(_ request: HTTPClientRequest) async -> NotificationResult {
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            let status = Int(response.status.code)
            var byteCount = 0
            for try await part in response.body {
                byteCount += part.readableBytes
                if byteCount > 64 << 10 { break }
            }
            return Self.meaning(status, response.headers.first(name: "Retry-After"))
        } catch {
            let failure = HTTPFailures.failure(error)
            return .failed(
                NotificationFailure(
                    .connection,
                    failure.isDefinite
                        ? "no connection, so nothing was sent" : "the connection broke"))
        }
    }

    /// The longest pause that another side may ask for.
    static let retryAfterMax: Int64 = 3_600

    static func meaning(_ status: Int, _ retryAfter: String?) -> NotificationResult {
        switch status {
        case 200...299: return .sent
        case 408, 425, 429, 500...599:
            let pause = retryAfter.flatMap { Int64($0) }.map { min(max($0, 0), retryAfterMax) }
            return .failed(
                NotificationFailure(
                    .status, "it answered \(status)", retryAfter: pause.map { .seconds($0) }))
        default:
            return .failed(NotificationFailure(.refused, "it answered \(status)"))
        }
    }
}

/// Makes the request of a notification, by the rules of each channel.
struct ChannelRequest {
    let secrets: SecretReferences
    let now: Int64
    let channel: String

    func request(
        _ message: NotificationMessage, _ way: NotificationChannel.Way
    ) throws(TargetFailure) -> HTTPClientRequest {
        switch way {
        case .webhook(let url, let signingSecret):
            return try webhook(message, url, signingSecret)
        case .slack(let url):
            // Slack's own three characters, as its documentation has them escaped.
            let text = "*\(message.subject)*\n\(message.body)"
                .replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                .replacing(">", with: "&gt;")
            return try json("{\"text\":\(JSONText.quoted(text))}", url)
        case .teams(let url):
            return try json(Self.teamsCard(message), url)
        case .adapter(let adapter):
            return try self.adapter(message, adapter)
        case .log, .mail:
            throw .binding("\(channel) is no channel of HTTP.")
        }
    }

    /// Standard Webhooks 1.0: type, timestamp and data, with a signature where there is a secret.
    private func webhook(
        _ message: NotificationMessage, _ url: String, _ signingSecret: String
    ) throws(TargetFailure) -> HTTPClientRequest {
        let body = Array(Self.webhookBody(message).utf8)
        var request = try self.request(url, body)
        // The same for each attempt, and another for each contact.
        let id = "\(message.id).\(message.contact).\(channel)"
        try add("webhook-id", id, to: &request)
        try add("webhook-timestamp", String(now), to: &request)
        if !signingSecret.isEmpty {
            let secret = try secrets.value(of: signingSecret, named: "signingSecret")
            guard let signature = WebhookSignature(secret: secret) else {
                throw .binding("signingSecret is empty, or whsec_ without Base64.")
            }
            try add(
                "webhook-signature", signature.sign(id: id, timestamp: now, body: body),
                to: &request)
        }
        return request
    }

    static func webhookBody(_ message: NotificationMessage) -> String {
        let alert = message.request.alert
        var data = JSONText()
        data.member("notification", json: String(message.request.notification))
        if message.request.occasion != .notice { data.member("alert", json: String(alert.alert)) }
        data.member("tenant", text: alert.tenant)
        if !alert.jobId.isEmpty { data.member("jobId", text: alert.jobId) }
        if alert.run != 0 { data.member("run", json: String(alert.run)) }
        if !alert.subject.isEmpty { data.member("subject", text: alert.subject) }
        data.member("kind", text: alert.kind)
        if !alert.severity.isEmpty { data.member("severity", text: alert.severity) }
        data.member("level", json: String(alert.level))
        data.member("message", text: alert.message)
        data.member("contact", text: message.contact)
        data.member("title", text: message.subject)
        data.member("text", text: message.body)
        data.member("playbook", text: message.playbook)
        var text = JSONText()
        text.member("type", text: Self.type(message.request.occasion))
        text.member("timestamp", text: UTCText.of(microseconds: alert.raisedAt))
        text.member("data", json: data.object)
        return text.object
    }

    private static func type(_ occasion: NotificationRequest.Occasion) -> String {
        switch occasion {
        case .raised: "alert.raised"
        case .escalated: "alert.escalated"
        case .notice: "run.notice"
        }
    }

    /// An Adaptive Card, which a workflow "when a webhook request is received" posts.
    private static func teamsCard(_ message: NotificationMessage) -> String {
        let block = "{\"type\":\"TextBlock\",\"wrap\":true,"
        return "{\"type\":\"message\",\"attachments\":[{"
            + "\"contentType\":\"application/vnd.microsoft.card.adaptive\",\"content\":{"
            + "\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\","
            + "\"type\":\"AdaptiveCard\",\"version\":\"1.2\",\"body\":["
            + block + "\"weight\":\"Bolder\",\"text\":\(JSONText.quoted(message.subject))},"
            + block + "\"text\":\(JSONText.quoted(message.body))}]}}]}"
    }

    private func adapter(
        _ message: NotificationMessage, _ adapter: HTTPAdapter
    ) throws(TargetFailure) -> HTTPClientRequest {
        let type = adapter.headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
        let isForm = type.lowercased().hasPrefix("application/x-www-form-urlencoded")
        let isJSON = type.isEmpty || type.lowercased().contains("json")
        let body = try message.render(
            adapter.body, isJSON ? .json : isForm ? .form : .none, secrets)
        var request = try self.request(adapter.url, Array(body.utf8))
        request.method = .init(rawValue: adapter.method)
        if adapter.body.isEmpty { request.body = nil }
        for header in adapter.headers {
            try add(header.name, try secrets.value(of: header), to: &request)
        }
        return request
    }

    private func json(_ body: String, _ url: String) throws(TargetFailure) -> HTTPClientRequest {
        try request(url, Array(body.utf8))
    }

    private func request(
        _ url: String, _ body: [UInt8]
    ) throws(TargetFailure) -> HTTPClientRequest {
        let address = try secrets.value(of: url, named: "the address of \(channel)")
        guard let parsed = URL(string: address), let host = parsed.host, !host.isEmpty,
            parsed.scheme == "http" || parsed.scheme == "https"
        else { throw .binding("the address of \(channel) is not one of http or https.") }
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(name: "User-Agent", value: "daybook")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    private func add(
        _ name: String, _ value: String, to request: inout HTTPClientRequest
    ) throws(TargetFailure) {
        // RFC 9110, 5.5: no control characters, so no value can begin another header.
        guard value.utf8.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
            throw .binding("header \(name): its value holds a control character.")
        }
        request.headers.replaceOrAdd(name: name, value: value)
    }
}
