import AsyncHTTPClient
import Dispatch
import EventLog
import NIOCore
import NIOHTTP1
import Synchronization

/// Run records as POSTs to a collector: up to some hundred lines a request, as NDJSON.
///
/// Any 2xx means that the collector has them all; whatever else it answers, they are sent again,
/// marked, since it may have kept some.
struct RecordHTTPSink: RecordSink {
    let name = "http"
    let isExact = false
    private let url: String
    private let token: (@Sendable () throws -> String)?
    private let client: HTTPClient
    private var log = ""

    /// A collector that does not answer for so long has not taken them.
    private static let timeout = TimeAmount.seconds(30)

    /// The address as messages show it: a query may hold what nobody is to read.
    private var place: Substring { url.prefix { $0 != "?" } }

    /// A sink that posts to an address; whoever makes one calls `end`.
    init(url: String, token: (@Sendable () throws -> String)?) {
        self.url = url
        self.token = token
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(5)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    mutating func begin(log: LogIdentity) -> UInt64? {
        self.log = "\(log)"
        return nil
    }

    mutating func end() {
        // Nothing is under way here; what else could fail is of no consequence.
        do { try client.syncShutdown() } catch {}
    }

    mutating func write(
        _ lines: [OutgoingLine], givesUp: @escaping @Sendable () -> Bool
    ) throws(RecordFailure) {
        guard let first = lines.first, let last = lines.last else { return }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-ndjson")
        request.headers.add(name: "X-Daybook-Log", value: log)
        request.headers.add(name: "X-Daybook-First-Sequence", value: "\(first.line.sequence)")
        request.headers.add(name: "X-Daybook-Last-Sequence", value: "\(last.line.sequence)")
        if let token {
            do {
                let value = try token()
                request.headers.add(name: "Authorization", value: "Bearer \(value)")
            } catch {
                throw RecordFailure("\(error)", mayHaveArrived: false)
            }
        }
        request.body = .bytes(ByteBuffer(bytes: lines.flatMap(\.bytes)))
        let status = try send(request, givesUp).get()
        guard (200...299).contains(status) else {
            throw RecordFailure(
                "the collector \(place) answered \(status)", mayHaveArrived: true)
        }
    }

    /// Sends a request and waits for the status of the answer; its body is not read.
    private func send(
        _ request: HTTPClientRequest, _ givesUp: @escaping @Sendable () -> Bool
    ) -> Result<UInt, RecordFailure> {
        let answered = DispatchSemaphore(value: 0)
        let (client, place) = (client, place)
        let box = Answer()
        let task = Task {
            do {
                let response = try await client.execute(request, timeout: Self.timeout)
                box.set(.success(response.status.code))
            } catch {
                let failure = HTTPFailures.failure(error)
                box.set(
                    .failure(
                        RecordFailure(
                            "the collector \(place) was not reached: \(failure.message)",
                            mayHaveArrived: !failure.isDefinite)))
            }
            answered.signal()
        }
        while answered.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
            if givesUp() { task.cancel() }
        }
        return box.get()
    }

    /// What a request came to, from the task that made it.
    private final class Answer: Sendable {
        private let value = Mutex<Result<UInt, RecordFailure>>(
            .failure(RecordFailure("no answer was kept", mayHaveArrived: true)))

        func set(_ result: Result<UInt, RecordFailure>) { value.withLock { $0 = result } }

        func get() -> Result<UInt, RecordFailure> { value.withLock { $0 } }
    }
}
