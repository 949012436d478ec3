import AsyncHTTPClient
import Engine
import NIOCore

/// Posts a message for each file that is ready, signed as Standard Webhooks 1.0 says where there is
/// a key.
///
/// `webhook-id` is the file's id, the same for each attempt. Any status from 200 to 299 is a yes.
/// Whoever makes one calls ``shutdown()``.
public final class PublicationWebhook: PublicationChannel {
    private let url: String
    private let signature: WebhookSignature?
    private let now: @Sendable () -> Int64
    private let clock: any Clock<Duration>
    private let client: HTTPClient

    package let name = "webhook"

    /// As many requests are under way at once.
    private static let requestsMax = 16
    /// An answer that takes longer is none.
    private static let timeout = Duration.seconds(10)

    /// A channel.
    ///
    /// - Parameters:
    ///   - url: an address of http or https.
    ///   - signature: nil for messages without one.
    ///   - now: the time of day in seconds since 1970, which is signed too.
    ///   - clock: measures how long an answer takes.
    public init(
        url: String, signature: WebhookSignature?, now: @escaping @Sendable () -> Int64,
        clock: any Clock<Duration>
    ) {
        self.url = url
        self.signature = signature
        self.now = now
        self.clock = clock
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.retryConnectionEstablishment = false
        // Used again only within a burst: a server that closes an idle one would fail a request.
        configuration.connectionPool.idleTimeout = .seconds(1)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the client's connections; requests under way fail.
    public func shutdown() async throws { try await client.shutdown() }

    package func send(_ messages: [PublicationMessage]) async -> [ExchangeError?] {
        await withTaskGroup(of: (Int, ExchangeError?).self) { group in
            var errors = [ExchangeError?](repeating: nil, count: messages.count)
            for (index, message) in messages.enumerated() {
                if index >= Self.requestsMax, let (done, error) = await group.next() {
                    errors[done] = error
                }
                group.addTask { (index, await self.post(message)) }
            }
            for await (done, error) in group { errors[done] = error }
            return errors
        }
    }

    private func request(_ message: PublicationMessage) -> HTTPClientRequest {
        let body = Array(message.json.utf8)
        let id = String(message.file)
        let time = now()
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "User-Agent", value: "daybook")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "webhook-id", value: id)
        request.headers.add(name: "webhook-timestamp", value: String(time))
        if let signature {
            request.headers.add(
                name: "webhook-signature",
                value: signature.sign(id: id, timestamp: time, body: body))
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    /// Nil where it was taken.
    private func post(_ message: PublicationMessage) async -> ExchangeError? {
        let request = request(message)
        let clock = clock
        return await withTaskGroup(of: ExchangeError??.self) { group in
            group.addTask { .some(await self.answer(request)) }
            group.addTask {
                guard (try? await clock.sleep(for: Self.timeout)) != nil else { return nil }
                return .some(
                    Self.failure("did not answer in \(Self.timeout.components.seconds) s"))
            }
            defer { group.cancelAll() }
            while let answer = await group.next() {
                if let answer { return answer }
            }
            return Self.failure("was not asked: the engine stops")
        }
    }

    private func answer(_ request: HTTPClientRequest) async -> ExchangeError? {
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            // As far as a connection can be used again; it says nothing.
            var byteCount = 0
            for try await part in response.body {
                byteCount += part.readableBytes
                if byteCount > 64 << 10 { break }
            }
            if (200...299).contains(response.status.code) { return nil }
            return Self.failure("answered \(response.status.code)")
        } catch {
            return Self.failure("cannot be reached (\(type(of: error)))")
        }
    }

    private static func failure(_ what: String) -> ExchangeError {
        ExchangeError(
            "publish",
            "the address of publishURL \(what). Look at what serves it; then requeue the run")
    }
}
