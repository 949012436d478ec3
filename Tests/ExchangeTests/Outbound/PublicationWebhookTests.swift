import DaybookTestSupport
import Engine
import Exchange
import Synchronization
import Testing

/// Files are told of by HTTP, as Standard Webhooks 1.0 has it.
@Suite struct PublicationWebhookTests {
    @Test("each message is posted once, signed, under the file's id; a no is tried again")
    func posts() async throws {
        // Three messages, each the first time: however they are sent side by side.
        let refused = Mutex<Set<String>>([])
        let server = try TestServer { request in
            let id = request.headers["webhook-id"] ?? ""
            let isRefused = refused.withLock { $0.count < 3 && $0.insert(id).inserted }
            return .answer(isRefused ? 503 : 204)
        }
        defer { server.close() }
        let signature = try #require(WebhookSignature(secret: "whsec_c2VjcmV0"))
        let webhook = PublicationWebhook(
            url: server.url, signature: signature, now: { 1_772_409_600 },
            clock: ContinuousClock())
        let publisher = try Publisher(folder: nil, webhook: webhook)
        #expect(publisher.channel == "webhook,log")
        let messages = (0..<40).map { PublicationMessage(PublisherTests.file($0 + 1)) }
        let answers = await publisher.publish(messages, clock: InstantClock())
        let attempts = try answers.map { try $0.get() }
        #expect(attempts.count { $0 == 2 } == 3 && attempts.count { $0 == 1 } == 37)
        try await webhook.shutdown()
        let requests = server.requests
        #expect(requests.count == 43)
        #expect(Set(requests.map { $0.headers["webhook-id"] }).count == 40)
        for request in requests {
            let id = try #require(request.headers["webhook-id"])
            #expect(request.line == "POST /hook HTTP/1.1")
            #expect(
                request.headers["webhook-signature"]
                    == signature.sign(id: id, timestamp: 1_772_409_600, body: request.body))
            #expect(
                String(decoding: request.body, as: UTF8.self)
                    == messages[(Int(id) ?? 1) - 1].json)
        }
    }

    @Test("an address that nobody serves is a failure that says what to look at")
    func refused() async throws {
        let server = try TestServer { _ in .hang }
        let url = server.url
        server.close()
        let webhook = PublicationWebhook(
            url: url, signature: nil, now: { 0 }, clock: ContinuousClock())
        let errors = await webhook.send([PublicationMessage(PublisherTests.file(1))])
        #expect(errors.first??.message.contains("publishURL cannot be reached") == true)
        try await webhook.shutdown()
    }

    @Test("an answer that does not come in ten seconds is none")
    func silence() async throws {
        let server = try TestServer { _ in .hang }
        defer { server.close() }
        let webhook = PublicationWebhook(
            url: server.url, signature: nil, now: { 0 }, clock: InstantClock())
        let errors = await webhook.send([PublicationMessage(PublisherTests.file(1))])
        #expect(errors.first??.message.contains("did not answer in 10 s") == true)
        try await webhook.shutdown()
    }
}
