import DaybookTestSupport
import Engine
import Events
import Foundation
import Synchronization
import SystemPackage
import Testing

/// Endpoints that misbehave: what becomes of their runs.
@Suite(.timeLimit(.minutes(2)))
struct HTTPTroubleTests {
    @Test("an answer that comes byte by byte for ever ends at the timeout, and is not definite")
    func drip() async throws {
        try await with({ _ in .drip }) { target, clock, delivery in
            async let outcome = target.deliver(delivery)
            await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            let failure = try failure(await outcome)
            #expect(failure.failureClass == TargetFailureClass.timeout)
            #expect(!failure.isDefinite)
        }
    }

    @Test("an answer without an end is cut at 64 KiB, and the connection given up")
    func flood() async throws {
        try await with({ _ in .flood }) { target, _, delivery in
            guard case .succeeded(let completion) = await target.deliver(delivery) else {
                Issue.record("no success")
                return
            }
            #expect(completion.output?.byteCount == 65_536)
            #expect(completion.output?.isTruncated == true)
            #expect(completion.resultJSON == "")
        }
    }

    @Test("a redirect is a definite failure and is not followed", arguments: [301, 303, 307, 308])
    func redirect(status: Int) async throws {
        let count = Counter()
        try await with({ _ in
            count.add()
            return .answer(status, headers: ["Location": "/hook"])
        }) { target, _, delivery in
            let failure = try failure(await target.deliver(delivery))
            #expect(failure.failureClass == TargetFailureClass.httpStatus)
            #expect(failure.code == Int64(status))
            #expect(failure.isDefinite)
            #expect(count.value == 1)
        }
    }

    @Test(
        "an answer that is no HTTP, or whose head is too long, is not definite",
        arguments: [
            "NONSENSE\r\n\r\n", "HTTP/1.1 abc X\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 300_000) + "\r\n\r\n",
        ])
    func noHTTP(answer: String) async throws {
        try await with({ _ in .raw(Array(answer.utf8)) }) { target, _, delivery in
            let failure = try failure(await target.deliver(delivery))
            #expect(failure.failureClass == TargetFailureClass.connection, "\(failure.message)")
            #expect(!failure.isDefinite)
        }
    }

    @Test("a body that looks like JSON and is none, or is no UTF-8, is output and no result")
    func garbageBody() async throws {
        for (body, why) in [
            (Array(#"{"a":"#.utf8), "not valid JSON"),
            (Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8), "not UTF-8"),
        ] {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n"
            try await with({ _ in .raw(Array(head.utf8) + body) }) { target, _, delivery in
                guard case .succeeded(let completion) = await target.deliver(delivery) else {
                    Issue.record("no success")
                    return
                }
                #expect(completion.resultJSON == "")
                #expect(completion.note.contains(why), "\(completion.note)")
                #expect(completion.output?.byteCount == UInt64(body.count))
            }
        }
    }

    @Test("of two answers to one request the first counts, and the next request has its own")
    func twoAnswers() async throws {
        let count = Counter()
        let first = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
        let second = "HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\n2"
        try await with({ _ in
            count.add()
            return count.value == 1
                ? .raw(Array((first + second).utf8)) : .answer(200, body: "3")
        }) { target, _, delivery in
            for _ in 0..<2 {
                guard case .succeeded(let completion) = await target.deliver(delivery) else {
                    Issue.record("no success")
                    return
                }
                #expect(completion.httpStatus == 200)
            }
            #expect(count.value == 2)
        }
    }

    // MARK: around a test

    /// Counts on the threads of a server.
    private final class Counter: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func add() { count.withLock { $0 += 1 } }
    }

    private struct Unexpected: Error {
        var outcome: TargetOutcome
    }

    private func failure(_ outcome: TargetOutcome) throws -> TargetFailure {
        guard case .failed(let failure) = outcome else { throw Unexpected(outcome: outcome) }
        return failure
    }

    private func with(
        _ answer: @escaping @Sendable (TestServer.Request) -> TestServer.Reply,
        _ body: (HTTPTarget, ManualClock, Delivery) async throws -> Void
    ) async throws {
        try await TargetFixture.with { fixture in
            let server = try TestServer(answer)
            defer { server.close() }
            let settings = HTTPTarget.Settings(
                data: FilePath(fixture.data), clock: fixture.clock, now: { 1_614_265_330 },
                secrets: { _ in throw TargetFixture.NoSecret() })
            let target = try HTTPTarget(settings, threads: fixture.threads)
            var binding = TargetBinding()
            binding.name = "hook"
            binding.kind = "http"
            binding.url = server.url
            binding.timeoutSeconds = 30
            let delivery = TargetFixture.delivery(run: 1, binding: binding, log: fixture.log)
            do {
                try await body(target, fixture.clock, delivery)
            } catch {
                try await target.shutdown()
                throw error
            }
            try await target.shutdown()
        }
    }
}
