import AsyncHTTPClient
import Foundation
import NIOCore

/// How a worker speaks to the engine: one POST after the other, with the API's bearer token.
public struct WorkerLink: Sendable {
    /// What came back.
    struct Answer: Sendable {
        let status: UInt
        let data: Data

        /// The sentence of an answer that is an error; or that there was none.
        var message: String {
            struct Body: Decodable {
                struct Inner: Decodable { var message: String }
                var error: Inner
            }
            let body = try? JSONDecoder().decode(Body.self, from: data)
            return body?.error.message ?? "it answered with status \(status)"
        }
    }

    /// The engine's address, without a slash at its end.
    let address: String
    /// Reads the token, each time anew, so that another one takes effect at once.
    let token: @Sendable () throws -> String
    private let client: HTTPClient
    private static let answerByteCountMax = 1 << 20

    /// A link to an engine.
    public init(address: String, token: @escaping @Sendable () throws -> String) {
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.token = token
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends its connections.
    public func shutdown() async throws { try await client.shutdown() }

    func post(
        _ path: String, _ message: some Encodable & Sendable, within time: Duration
    ) async throws -> Answer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try await post(path, data: try encoder.encode(message), within: time)
    }

    /// Posts JSON; throws where no answer came in time.
    func post(_ path: String, data: Data, within time: Duration) async throws -> Answer {
        var request = HTTPClientRequest(url: address + path)
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(try token())")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: data))
        let (seconds, attoseconds) = time.components
        let response = try await client.execute(
            request,
            timeout: .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
        let body = try await response.body.collect(upTo: Self.answerByteCountMax)
        return Answer(status: response.status.code, data: Data(body.readableBytesView))
    }
}
