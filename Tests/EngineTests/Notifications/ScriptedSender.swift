import Engine
import Events
import Projections
import Synchronization

/// A sender that does what a test says, and says what it was asked for.
final class ScriptedSender: NotificationSending {
    typealias Script =
        @Sendable (_ message: NotificationMessage, _ channel: NotificationChannel, _ count: Int)
        async -> NotificationResult

    private let script: Script
    private let seen = Mutex<[String]>([])

    init(_ script: @escaping Script) { self.script = script }

    /// `contact/channel` of every attempt, in order.
    var attempts: [String] { seen.withLock { $0 } }

    func send(
        _ message: NotificationMessage, by channel: NotificationChannel, mail: MailServer?
    ) async -> NotificationResult {
        let name = "\(message.contact)/\(channel.name)"
        let count = seen.withLock { seen in
            seen.append(name)
            return seen.count { $0 == name }
        }
        return await script(message, channel, count)
    }
}

/// What a port reports, as a stream.
struct Outcomes {
    let report: NotificationPort.Report
    private var iterator: AsyncStream<NotificationOutcome>.Iterator

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: NotificationOutcome.self)
        report = { continuation.yield($0) }
        iterator = stream.makeAsyncIterator()
    }

    /// The next outcomes, so many of them.
    mutating func next(_ count: Int) async -> [NotificationOutcome] {
        var found: [NotificationOutcome] = []
        while found.count < count, let next = await iterator.next() { found.append(next) }
        return found
    }
}

/// A gate that tests open.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

enum Notices {
    static func alert(
        _ number: UInt64, severity: String = "high", recipients: [String] = ["ops"],
        isNotice: Bool = false
    ) -> AlertState {
        var alert = AlertState()
        alert.alert = number
        alert.tenant = "default"
        alert.jobId = "nightly"
        alert.run = 7
        alert.kind = isNotice ? "onSuccess" : "onFailure"
        alert.severity = isNotice ? "" : severity
        alert.message = "run 7 of 'nightly' failed for good"
        alert.recipients = recipients
        alert.raisedAt = 1_772_409_600_000_000
        alert.isNotice = isNotice
        return alert
    }

    static func book(_ contacts: [String: [NotificationChannel]]) -> ContactBook {
        var book = ContactBook()
        for (name, channels) in contacts {
            var contact = NotificationContact()
            contact.channels = channels
            book.contacts[name] = contact
        }
        return book
    }

    static let webhook = NotificationChannel(
        "webhook", .webhook(url: "http://127.0.0.1:9/", signingSecret: ""))
    static let slack = NotificationChannel("slack", .slack(url: "http://127.0.0.1:9/"))
}
