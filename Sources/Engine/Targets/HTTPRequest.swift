import AsyncHTTPClient
import Events
import Foundation
import NIOCore
import NIOHTTP1

/// Makes requests from deliveries.
enum HTTPRequest {
    /// The JSON of a delivery; its keys are sorted, so that the same delivery has the same bytes.
    private struct Body: Encodable {
        struct Callback: Encodable {
            var url: String
            var token: String
        }

        var run: UInt64
        var job: String
        var tenant: String
        var attempt: UInt64
        var execution: UInt64
        var runKey: String
        var scheduled: String
        var businessDate: String
        var environment: String
        var parameters: [String: String]
        var element: String?
        var folders: [String: String]?
        var files: [String]?
        var callback: Callback
    }

    /// Headers that are the engine's or the connection's own.
    private static let reserved: Set<String> = [
        "idempotency-key", "content-length", "transfer-encoding", "host", "connection",
        "webhook-id", "webhook-timestamp", "webhook-signature",
    ]

    /// The POST of one attempt.
    static func post(
        _ delivery: Delivery, secrets: SecretReferences, now: Int64
    ) throws(TargetFailure) -> HTTPClientRequest {
        let binding = delivery.binding
        var request = try request(binding, secrets)
        let body = try body(delivery)
        request.method = .POST
        request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        try add("Idempotency-Key", delivery.runKey, to: &request)
        if !binding.signingSecret.isEmpty {
            let secret = try secrets.value(
                of: binding.signingSecret, named: "signingSecret of target \(binding.name)")
            guard let signature = WebhookSignature(secret: secret) else {
                throw .binding(
                    "signingSecret of target \(binding.name) is empty, or whsec_ without Base64.")
            }
            // "A unique identifier for the message, the same when it is sent again": the run key.
            try add("webhook-id", delivery.runKey, to: &request)
            try add("webhook-timestamp", String(now), to: &request)
            try add(
                "webhook-signature",
                signature.sign(id: delivery.runKey, timestamp: now, body: body), to: &request)
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    /// The GET of a probe.
    static func get(
        _ probe: ProbeRequest, secrets: SecretReferences
    ) throws(TargetFailure) -> HTTPClientRequest {
        var request = try request(probe.binding, secrets)
        request.method = .GET
        let own = [
            ("Daybook-Dependency", probe.dependency), ("Daybook-Job", probe.jobId),
            ("Daybook-Tenant", probe.tenant), ("Daybook-Scheduled", probe.scheduled),
            ("Daybook-Business-Date", probe.businessDate),
            ("Daybook-Environment", probe.environmentName),
        ]
        for (name, value) in own {
            try add(name, value, to: &request)
        }
        return request
    }

    private static func request(
        _ binding: TargetBinding, _ secrets: SecretReferences
    ) throws(TargetFailure) -> HTTPClientRequest {
        guard let url = URL(string: binding.url), let host = url.host, !host.isEmpty,
            url.scheme == "http" || url.scheme == "https"
        else {
            throw .binding("url of target \(binding.name) is not an http or https address.")
        }
        var request = HTTPClientRequest(url: binding.url)
        request.headers.add(name: "User-Agent", value: "daybook")
        for setting in binding.settings {
            guard !reserved.contains(setting.name.lowercased()) else {
                throw .binding(
                    "setting \(setting.name) of target \(binding.name): this header is the "
                        + "engine's own.")
            }
            guard isToken(setting.name) else {
                throw .binding(
                    "setting \(setting.name) of target \(binding.name) is not a header's name.")
            }
            try add(setting.name, try secrets.value(of: setting), to: &request)
        }
        return request
    }

    private static func add(
        _ name: String, _ value: String, to request: inout HTTPClientRequest
    ) throws(TargetFailure) {
        // RFC 9110, 5.5: no control characters; what is not ASCII is passed as UTF-8.
        guard value.utf8.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
            throw .binding("header \(name): its value holds a control character.")
        }
        request.headers.replaceOrAdd(name: name, value: value)
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ name: String) -> Bool {
        let others = Set("!#$%&'*+-.^_`|~".utf8)
        return !name.isEmpty
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || others.contains($0)
            }
    }

    private static func body(_ delivery: Delivery) throws(TargetFailure) -> [UInt8] {
        var parameters: [String: String] = [:]
        for parameter in delivery.parameters {
            parameters[parameter.name] = parameter.value
        }
        let body = Body(
            run: delivery.run, job: delivery.jobId, tenant: delivery.tenant,
            attempt: delivery.attempt, execution: delivery.execution, runKey: delivery.runKey,
            scheduled: delivery.scheduled, businessDate: delivery.businessDate,
            environment: delivery.environmentName, parameters: parameters,
            element: delivery.element.isEmpty ? nil : delivery.element,
            folders: delivery.folders.isEmpty
                ? nil
                : Dictionary(
                    delivery.folders.map { ($0.name, $0.value) },
                    uniquingKeysWith: { first, _ in first }),
            files: delivery.files,
            callback: .init(url: delivery.callbackURL, token: delivery.callbackToken))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(body))
        } catch {
            throw .binding("run \(delivery.run) cannot be written as JSON.")
        }
    }
}
