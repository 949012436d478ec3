import Dispatch
import Logging
import Projections
import Synchronization

/// Tells people: takes notifications whose intents are durable, and reports what came of each
/// channel.
///
/// Each channel of each notification is a *delivery* with a task of its own, so a slow channel
/// delays no other, and none delays the engine. A delivery that failed is tried again after a
/// growing pause, a bounded number of times. To one contact by one channel go at most
/// `laneWidth` at once. At most `waitingMax` deliveries are kept: beyond that the least severe and
/// oldest that waits is dropped, and its outcome says so.
///
/// What is not over when the engine ends is in no memory but the log: the next start takes up
/// every notification that is not settled. So a message may come twice, with the same identity.
public final class NotificationPort: Sendable {
    /// The bounds of delivery.
    public struct Rules: Sendable {
        /// How often a delivery is tried.
        public var attemptsMax: UInt64 = 10
        /// The pause after the first failure; each one after it is twice as long.
        public var pauseFirst = Duration.seconds(5)
        /// The longest pause, unless the other side asks for a longer one.
        public var pauseMax = Duration.seconds(600)
        /// How many deliveries are kept.
        public var waitingMax = 1_000
        /// How many deliveries go to one contact by one channel at once.
        public var laneWidth = 4

        /// The defaults.
        public init() {}

        /// The pause after so many failures.
        func pause(after attempts: UInt64, _ failure: NotificationFailure) -> Duration {
            let doublings = min(attempts > 0 ? attempts - 1 : 0, 20)
            let own = min(pauseFirst * (1 << Int(doublings)), pauseMax)
            return max(own, failure.retryAfter ?? .zero)
        }
    }

    /// Reports outcomes to the engine.
    public typealias Report = @Sendable (NotificationOutcome) -> Void

    let rules: Rules
    let clock: any Clock<Duration>
    private let log: String
    private let logger: Logger
    private let sender: any NotificationSending
    private let book: Mutex<ContactBook>
    private let desk: DeliveryDesk
    // A reader of the log that is stuck must hold neither the engine nor another channel.
    private let lines = DispatchQueue(label: "daybook-notifications")

    /// A port.
    ///
    /// - Parameter log: the log's identity, which makes the identities of messages.
    public init(
        _ book: ContactBook, log: String, sender: any NotificationSending, logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(), rules: Rules = Rules()
    ) {
        self.book = Mutex(book)
        self.log = log
        self.sender = sender
        self.logger = logger
        self.clock = clock
        self.rules = rules
        desk = DeliveryDesk(waitingMax: rules.waitingMax, laneWidth: rules.laneWidth)
    }

    /// Takes another configuration: what is sent from now on goes by it.
    public func replace(_ book: ContactBook) { self.book.withLock { $0 = book } }

    /// How many deliveries have no outcome yet.
    public var waitingCount: Int { desk.count }

    /// Begins to tell people; does not block.
    public func take(_ request: NotificationRequest, report: @escaping Report) {
        let book = book.withLock { $0 }
        let plan = DeliveryPlan(request, book)
        desk.open(request.notification, count: UInt64(plan.deliveries.count + plan.gone.count))
        for gone in plan.gone {
            let remaining = desk.settle(request.notification)
            report(
                gone.outcome(
                    NotificationFailure(
                        .configuration, "the configuration has this channel no longer"),
                    remaining: remaining))
        }
        for delivery in plan.deliveries { begin(delivery, book, report) }
    }

    /// An alert is over: what failed of its notifications is not tried again.
    public func withdraw(alert: UInt64) { desk.withdraw(alert: alert) }

    /// Waits until what is for the engine's own log is written.
    ///
    /// Blocks.
    public func drain() { lines.sync {} }

    /// Ends: nothing is sent or reported any more.
    public func close() { desk.close() }

    // MARK: Deliveries

    private func begin(_ delivery: Delivery, _ book: ContactBook, _ report: @escaping Report) {
        let refusal = desk.enter(delivery) { delivery, failure, remaining in
            report(delivery.outcome(failure, remaining: remaining))
        }
        switch refusal {
        case .entered(let ticket):
            if delivery.channel.way == .log {
                lines.async {
                    self.write(delivery)
                    guard let remaining = self.desk.leave(ticket) else { return }
                    report(delivery.sent(attempt: delivery.attempts + 1, remaining: remaining))
                }
                return
            }
            let task = Task { await self.deliver(delivery, ticket, book, report) }
            desk.keep(task, ticket)
        case .refused(let remaining):
            report(delivery.outcome(DeliveryDesk.noRoom, remaining: remaining))
        }
    }

    /// Tries until it is sent, refused, or has failed too often.
    private func deliver(
        _ delivery: Delivery, _ ticket: UInt64, _ book: ContactBook, _ report: Report
    ) async {
        var delivery = delivery
        let contact = book.contacts[delivery.contact]
        guard let texts = contact?.texts else {
            guard let remaining = desk.leave(ticket) else { return }
            let failure = NotificationFailure(
                .configuration, "contacts.yaml does not say who this is")
            return report(delivery.outcome(failure, remaining: remaining))
        }
        let message = NotificationMessage(
            delivery.request, contact: delivery.contact, texts: texts,
            playbookURL: book.playbookURL, log: log)
        while await desk.waitForTurn(ticket) {
            let result = await sender.send(message, by: delivery.channel, mail: book.mail)
            delivery.attempts += 1
            guard case .failed(let failure) = result else {
                guard let remaining = desk.leave(ticket) else { return }
                return report(delivery.sent(attempt: delivery.attempts, remaining: remaining))
            }
            let isLast = failure.isFinal || delivery.attempts >= rules.attemptsMax
            guard !isLast, let remaining = desk.rest(ticket, delivery) else {
                guard let remaining = desk.leave(ticket) else { return }
                return report(delivery.outcome(failure, remaining: remaining))
            }
            let pause = rules.pause(after: delivery.attempts, failure)
            report(delivery.outcome(failure, remaining: remaining, again: pause))
            do {
                try await clock.sleep(for: pause)
            } catch {
                return  // Withdrawn, dropped, or the end: whoever cancelled it has said so.
            }
        }
    }

    private func write(_ delivery: Delivery) {
        let request = delivery.request
        let alert = request.alert
        let people = request.recipients.joined(separator: ", ")
        let suffix = people.isEmpty ? "" : " (for \(people))"
        let line: Logger.Message =
            switch request.occasion {
            case .raised: "alert \(alert.alert), \(alert.severity): \(alert.message)\(suffix)"
            case .escalated:
                """
                alert \(alert.alert), \(alert.severity), escalated, for nobody acknowledged it: \
                \(alert.message)\(suffix)
                """
            case .notice: "\(alert.kind): \(alert.message)\(suffix)"
            }
        if request.occasion == .notice { return logger.notice(line) }
        switch alert.severity {
        case "critical", "high": logger.error(line)
        default: logger.warning(line)
        }
    }
}
