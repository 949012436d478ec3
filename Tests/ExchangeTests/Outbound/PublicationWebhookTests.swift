import DaybookTestSupport
import Engine
import Exchange
import Synchronization
import Testing

/// Files are told of by HTTP, as Standard Webhooks 1.0 has it.
@Suite struct PublicationWebhookTests {
    @Test("each message is posted once, signed, under the file's id; a no is tried again")
    func posts() async throws {
        let refusals = Mutex(3)
        let server = try TestServer { _ in
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            return .answer(isRefused ? 503 : 204)
        }
        defer { server.close() }
        let signature = try #require(WebhookSignature(secret: "whsec_c2VjcmV0"))
        let webhook = PublicationWebhook(
            url: server.url, signature: signature, now: { 1_772_409_600 },
            clock: StoppedClock())
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
            url: url, signature: nil, now: { 0 }, clock: StoppedClock())
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
