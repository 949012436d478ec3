import Crypto
import DaybookTestSupport
import Engine
import Events
import Foundation
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(2)))
struct HTTPTargetTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    @Test("the signature is that of the Standard Webhooks reference")
    func reference() throws {
        let signature = try #require(WebhookSignature(secret: Self.secret))
        let signed = signature.sign(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(WebhookSignature(secret: "whsec_%") == nil)
        #expect(WebhookSignature(secret: "") == nil)
        #expect(WebhookSignature(secret: "plain") != nil)
    }

    @Test("a 200 is a success; the request carries key, headers, body and signature")
    func success() async throws {
        try await with({ _ in .answer(200, body: #"{"sent": 3}"#) }) { http, server in
            let outcome = await http.target.deliver(
                http.delivery(server.url) { delivery in
                    delivery.parameters = [KeyValue("date", "2027-01-04")]
                    delivery.binding.settings = [KeyValue("Authorization", "Bearer ${secret:db}")]
                    delivery.binding.signingSecret = "${secret:sign}"
                })
            guard case .succeeded(let completion) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(completion.httpStatus == 200)
            #expect(completion.resultJSON == #"{"sent": 3}"#)
            #expect(try http.fixture.text(completion.output) == #"{"sent": 3}"#)
            let request = try #require(server.requests.first)
            #expect(request.line == "POST /hook HTTP/1.1")
            let key = "default/834-nightly/2027-01-04T08:00/-/1"
            #expect(request.headers["idempotency-key"] == key)
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.headers["authorization"] == "Bearer s3cret")
            #expect(
                String(decoding: request.body, as: UTF8.self) == """
                    {"attempt":1,"businessDate":"2027-01-04","callback":{"token":"token",\
                    "url":"http://127.0.0.1:1/v1/runs/1/complete"},"environment":"test",\
                    "execution":1,"job":"834-nightly","parameters":{"date":"2027-01-04"},\
                    "run":1,"runKey":"\(key)","scheduled":"2027-01-04T08:00:00+00:00",\
                    "tenant":"default"}
                    """)
            #expect(request.headers["webhook-id"] == key)
            let timestamp = try #require(request.headers["webhook-timestamp"])
            #expect(timestamp == "1614265330")
            // Checked as a receiver does it.
            let secret = try #require(Data(base64Encoded: String(Self.secret.dropFirst(6))))
            let signature = try #require(request.headers["webhook-signature"])
            let code = try #require(Data(base64Encoded: String(signature.dropFirst(3))))
            #expect(
                HMAC<SHA256>.isValidAuthenticationCode(
                    code, authenticating: Data("\(key).\(timestamp).".utf8) + request.body,
                    using: SymmetricKey(data: secret)))
        }
    }

    @Test("a 202 says that a completion will come")
    func accepted() async throws {
        try await with({ _ in .answer(202) }) { http, server in
            guard case .accepted = await http.target.deliver(http.delivery(server.url)) else {
                Issue.record("not accepted")
                return
            }
        }
    }

    @Test("any other answer is a definite failure", arguments: [302, 400, 404, 408, 429, 500, 503])
    func status(status: Int) async throws {
        try await with({ request in
            request.line.contains("/hook")
                ? .answer(status, headers: ["Location": "/other"], body: "no") : .answer(200)
        }) { http, server in
            let failure = try http.failure(await http.target.deliver(http.delivery(server.url)))
            #expect(failure.failureClass == TargetFailureClass.httpStatus)
            #expect(failure.code == Int64(status))
            #expect(failure.isDefinite)
            #expect(try http.fixture.text(failure.output) == "no")
            // Neither followed nor tried again.
            #expect(server.requests.count == 1)
        }
    }

    @Test(
        "no answer, or half of one, within the timeout is not definite", arguments: [true, false])
    func timeout(isHalf: Bool) async throws {
        try await with({ _ in isHalf ? .stall : .hang }) { http, server in
            async let outcome = http.target.deliver(
                http.delivery(server.url) { $0.binding.timeoutSeconds = 7 })
            await http.fixture.clock.sleepers(1)
            http.fixture.clock.advance(by: .seconds(7))
            let failure = try http.failure(await outcome)
            #expect(failure.failureClass == TargetFailureClass.timeout)
            #expect(!failure.isDefinite)
            #expect(failure.duration == .seconds(7))
        }
    }

    @Test("a connection that breaks after the request is not definite")
    func broken() async throws {
        try await with({ _ in .close }) { http, server in
            let failure = try http.failure(await http.target.deliver(http.delivery(server.url)))
            #expect(failure.failureClass == TargetFailureClass.connection)
            #expect(!failure.isDefinite)
            #expect(server.requests.count == 1)
        }
    }

    @Test("a connection that is refused, or a host without address, is definite")
    func refused() async throws {
        try await with({ _ in .hang }) { http, server in
            server.close()
            for url in [server.url, "http://no-such-host.invalid/"] {
                let failure = try http.failure(await http.target.deliver(http.delivery(url)))
                #expect(failure.failureClass == TargetFailureClass.connection)
                #expect(failure.isDefinite, "\(failure.message)")
            }
        }
    }

    @Test("TLS that cannot be made is definite")
    func noTLS() async throws {
        try await with({ _ in .close }) { http, server in
            let url = server.url.replacing("http:", with: "https:")
            let failure = try http.failure(await http.target.deliver(http.delivery(url)))
            #expect(failure.failureClass == TargetFailureClass.connection)
            #expect(failure.isDefinite, "\(failure.message)")
        }
    }

    @Test("a huge answer is cut at 64 KiB and is no result")
    func huge() async throws {
        let body = "[" + String(repeating: " ", count: 10_000_000) + "]"
        try await with({ _ in .answer(200, body: body) }) { http, server in
            guard
                case .succeeded(let completion) = await http.target.deliver(
                    http.delivery(server.url))
            else {
                Issue.record("no success")
                return
            }
            #expect(completion.output?.byteCount == 65536)
            #expect(completion.output?.isTruncated == true)
            #expect(completion.resultJSON == "")
            #expect(completion.note.contains("larger"))
        }
    }

    @Test("a binding that cannot be delivered is definite and sends nothing")
    func badBinding() async throws {
        try await with({ _ in .answer(200) }) { http, server in
            let changes: [(inout Delivery) -> Void] = [
                { $0.binding.url = "ftp://host/" }, { $0.binding.url = "not an address" },
                { $0.binding.settings = [KeyValue("Webhook-Id", "1")] },
                { $0.binding.settings = [KeyValue("a b", "1")] },
                { $0.binding.settings = [KeyValue("X", "a\r\nY: b")] },
                { $0.binding.settings = [KeyValue("X", "${secret:none}")] },
                { $0.binding.signingSecret = "whsec_%" },
            ]
            for change in changes {
                let failure = try http.failure(
                    await http.target.deliver(http.delivery(server.url, change)))
                #expect(failure.failureClass == TargetFailureClass.binding)
                #expect(failure.isDefinite)
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test(
        "a probe's answer is READY or WAIT, as text or JSON",
        arguments: [
            ("READY", ProbeAnswer.ready), ("WAIT\n", .wait), (#"{"status": "READY"}"#, .ready),
            (#"{"status":"WAIT","eta":5}"#, .wait), (#""READY""#, .ready),
        ])
    func probe(body: String, expected: ProbeAnswer) async throws {
        try await with({ _ in .answer(200, body: body) }) { http, server in
            #expect(await http.target.probe(http.fixture.probe(url: server.url)) == expected)
            let request = try #require(server.requests.first)
            #expect(request.line == "GET /hook HTTP/1.1")
            #expect(request.headers["daybook-business-date"] == "2027-01-04")
        }
    }

    @Test(
        "a probe that says something else, or nothing, failed",
        arguments: ["", "MAYBE", "READYISH"])
    func probeFailed(body: String) async throws {
        for status in [200, 500] {
            try await with({ _ in .answer(status, body: body) }) { http, server in
                guard
                    case .failed(let message) = await http.target.probe(
                        http.fixture.probe(url: server.url))
                else {
                    Issue.record("no failure")
                    return
                }
                #expect(body.isEmpty || !message.contains(body))
            }
        }
    }

    // MARK: Around a test

    private struct Surroundings {
        let fixture: TargetFixture
        let target: HTTPTarget

        func delivery(_ url: String, _ change: (inout Delivery) -> Void = { _ in }) -> Delivery {
            var binding = TargetBinding()
            binding.name = "hook"
            binding.kind = "http"
            binding.url = url
            var delivery = TargetFixture.delivery(run: 1, binding: binding, log: fixture.log)
            change(&delivery)
            return delivery
        }

        func failure(_ outcome: TargetOutcome) throws -> TargetFailure {
            guard case .failed(let failure) = outcome else { throw Unexpected(outcome: outcome) }
            return failure
        }
    }

    private struct Unexpected: Error {
        var outcome: TargetOutcome
    }

    private func with(
        _ answer: @escaping @Sendable (TestServer.Request) -> TestServer.Reply,
        _ body: (Surroundings, TestServer) async throws -> Void
    ) async throws {
        try await TargetFixture.with { fixture in
            let server = try TestServer(answer)
            let settings = HTTPTarget.Settings(
                data: FilePath(fixture.data), clock: fixture.clock, now: { 1_614_265_330 },
                secrets: { name in
                    switch name {
                    case "db": return "s3cret"
                    case "sign": return Self.secret
                    default: throw TargetFixture.NoSecret()
                    }
                })
            let target = try HTTPTarget(settings, threads: fixture.threads)
            do {
                try await body(Surroundings(fixture: fixture, target: target), server)
            } catch {
                try await target.shutdown()
                throw error
            }
            try await target.shutdown()
        }
    }
}
