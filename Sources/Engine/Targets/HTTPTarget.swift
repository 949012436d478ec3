import AsyncHTTPClient
import Events
import Foundation
import NIOCore
import NIOHTTP1
import SystemPackage

/// Delivers runs to HTTP endpoints, and asks them whether dependencies are ready.
///
/// One POST is one attempt; nothing is tried again here and redirects are not followed, for the
/// engine must know how often a target was asked. What an answer means:
///
/// | answer | outcome | definite |
/// |---|---|---|
/// | 202 | accepted: a completion will come | |
/// | any other 2xx | succeeded | |
/// | any other status, 408, 429, 5xx and redirects too | failed, `httpStatus` | yes: the target answered, and its answer is no |
/// | no address, connection refused, no TLS | failed, `connection` | yes: no request was sent |
/// | the connection broke, or the answer is not HTTP | failed, `connection` | no: it may have been done |
/// | no answer in time | failed, `timeout` | no |
///
/// A 502 or 504 of a gateway is a "no" of somebody who may not know; a target behind such a gateway
/// relies on the idempotency key's execution only if it answers for itself.
public final class HTTPTarget: Sendable {
    private let settings: Settings
    private let secrets: SecretReferences
    private let threads: TargetThreads
    private let store: OutputStore
    private let client: HTTPClient

    /// What requests need.
    public struct Settings: Sendable {
        /// The data folder, absolute.
        public var data: FilePath
        /// Measures timeouts.
        public var clock: any Clock<Duration>
        /// The time of day in seconds since 1970, for signatures.
        public var now: @Sendable () -> Int64
        /// Resolves `${secret:NAME}`.
        public var secrets: SecretResolver

        /// Settings.
        public init(
            data: FilePath, clock: any Clock<Duration>, now: @escaping @Sendable () -> Int64,
            secrets: @escaping SecretResolver
        ) {
            self.data = data
            self.clock = clock
            self.now = now
            self.secrets = secrets
        }
    }

    /// Of an answer no more than this is read.
    static let bodyByteCountMax = 64 << 10
    /// A request without a `timeoutSeconds` gets this one: nothing waits for ever.
    public static let timeoutDefault = Duration.seconds(60)

    /// A client of its own.
    ///
    /// Whoever makes one calls ``shutdown()``.
    public init(_ settings: Settings, threads: TargetThreads) throws(TargetSetupError) {
        self.settings = settings
        self.threads = threads
        secrets = SecretReferences(resolve: settings.secrets)
        store = try OutputStore(
            data: settings.data, byteCountMax: UInt64(Self.bodyByteCountMax))
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        // Refused is refused: whether and when to try again is the engine's decision.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A server that closes an idle connection just when it is used again makes a failure that
        // is not definite. So connections are used again only within a burst.
        configuration.connectionPool.idleTimeout = .seconds(1)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the client's connections.
    ///
    /// Requests under way fail.
    public func shutdown() async throws {
        try await client.shutdown()
    }

    /// Posts one attempt and says how it went.
    ///
    /// The output is on disk when this returns.
    public func deliver(_ delivery: Delivery) async -> TargetOutcome {
        let request: HTTPClientRequest
        do throws(TargetFailure) {
            request = try HTTPRequest.post(delivery, secrets: secrets, now: settings.now())
        } catch {
            return .failed(error)
        }
        let watch = Stopwatch(settings.clock)
        let answer = await answer(request, timeoutSeconds: delivery.binding.timeoutSeconds)
        let duration = watch.elapsed()
        switch answer {
        case .success(let answer):
            return await outcome(answer, duration)
        case .failure(var failure):
            failure.duration = duration
            return .failed(failure)
        }
    }

    /// Asks with a GET: the body is `READY` or `WAIT`, as text or as `{"status": "READY"}`.
    public func probe(_ request: ProbeRequest) async -> ProbeAnswer {
        do throws(TargetFailure) {
            let answer = await answer(
                try HTTPRequest.get(request, secrets: secrets),
                timeoutSeconds: request.binding.timeoutSeconds)
            return Self.meaning(of: try answer.get())
        } catch {
            return .failed(error.message)
        }
    }

    // MARK: Answers

    /// What came back.
    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
        var isTruncated: Bool
    }

    private func answer(
        _ request: HTTPClientRequest, timeoutSeconds: UInt64
    ) async -> Result<Answer, TargetFailure> {
        let timeout =
            timeoutSeconds == 0
            ? Self.timeoutDefault : .bounded(seconds: timeoutSeconds)
        let clock = settings.clock
        return await withTaskGroup(of: Result<Answer, TargetFailure>?.self) { group in
            group.addTask { await self.exchange(request) }
            group.addTask {
                do {
                    try await clock.sleep(for: timeout)
                } catch {
                    return nil  // Cancelled: the answer came first.
                }
                return .failure(
                    TargetFailure(
                        failureClass: TargetFailureClass.timeout,
                        message: "no complete answer within \(timeout.components.seconds) s.",
                        isDefinite: false))
            }
            defer { group.cancelAll() }
            while let result = await group.next() {
                if let result { return result }
            }
            // The timer was cancelled from outside, and so was the exchange.
            return .failure(HTTPFailures.cancelled)
        }
    }

    /// One request.
    ///
    /// The client's own deadline is not used: it ends with the head of the answer.
    private func exchange(_ request: HTTPClientRequest) async -> Result<Answer, TargetFailure> {
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            var answer = Answer(status: Int(response.status.code), body: [], isTruncated: false)
            for try await part in response.body {
                let room = Self.bodyByteCountMax - answer.body.count
                answer.body.append(contentsOf: part.readableBytesView.prefix(room))
                if part.readableBytes > room {
                    answer.isTruncated = true
                    break
                }
            }
            return .success(answer)
        } catch {
            return .failure(HTTPFailures.failure(error))
        }
    }

    private func outcome(_ answer: Answer, _ duration: Duration) async -> TargetOutcome {
        if answer.status == 202 { return .accepted }
        let kept = await threads.run { [store] in
            Result { () throws(OutputError) in
                try store.keep(answer.body, isTruncated: answer.isTruncated)
            }
        }
        let status = Int64(answer.status)
        guard (200...299).contains(answer.status) else {
            var failure = TargetFailure(
                failureClass: TargetFailureClass.httpStatus, code: status,
                message: "the target answered \(status).", isDefinite: true, duration: duration)
            failure.statedClass = ResultText.statedClass(Self.result(answer).json)
            switch kept {
            case .success(let file): failure.output = file
            case .failure(let error):
                failure.note = "The answer could not be stored: \(error.text)."
            }
            return .failed(failure)
        }
        switch kept {
        case .success(let file):
            let result = Self.result(answer)
            return .succeeded(
                Completion(
                    exitCode: nil, httpStatus: status, output: file, resultJSON: result.json,
                    note: result.note, duration: duration))
        case .failure(let error):
            return .failed(
                TargetFailure(
                    failureClass: TargetFailureClass.output, code: status,
                    message: "the target answered \(status). The answer could not be stored: "
                        + "\(error.text).", isDefinite: false, duration: duration))
        }
    }

    /// A body that is JSON is the result; any other body is output, and nothing is wrong with it.
    private static func result(_ answer: Answer) -> (json: String, note: String) {
        let first = answer.body.first { !($0 == 32 || (9...13).contains($0)) }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return ("", "") }
        return ResultText.check(answer.body, called: "answer's body")
    }

    static func meaning(of answer: Answer) -> ProbeAnswer {
        guard (200...299).contains(answer.status) else {
            return .failed("the probe was answered with status \(answer.status).")
        }
        struct Status: Decodable {
            var status: String
        }
        if let object = try? JSONDecoder().decode(Status.self, from: Data(answer.body)) {
            return ProcessProbe.meaning(of: Array(object.status.utf8))
        }
        return ProcessProbe.meaning(of: answer.body.filter { $0 != UInt8(ascii: "\"") })
    }
}

/// Counts on a clock from when it is made.
package struct Stopwatch: Sendable {
    package let elapsed: @Sendable () -> Duration

    package init(_ clock: any Clock<Duration>) {
        func started<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
            let start = clock.now
            return { start.duration(to: clock.now) }
        }
        elapsed = started(clock)
    }
}
