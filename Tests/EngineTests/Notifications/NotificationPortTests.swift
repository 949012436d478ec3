import Engine
import Logging
import Projections
import Testing

/// Delivery: retries, bounds, and that one channel does not wait for another.
@Suite struct NotificationPortTests {
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let failure = NotificationResult.failed(
        NotificationFailure(.connection, "no connection, so nothing was sent"))

    private static func port(
        _ book: ContactBook, _ sender: ScriptedSender,
        _ change: (inout NotificationPort.Rules) -> Void = { _ in }
    ) -> NotificationPort {
        var rules = NotificationPort.Rules()
        rules.pauseFirst = .milliseconds(1)
        rules.pauseMax = .milliseconds(4)
        change(&rules)
        return NotificationPort(book, log: "f00d", sender: sender, logger: silent, rules: rules)
    }

    @Test("every channel has an outcome, and the last one says that nothing is left")
    func all() async {
        let sender = ScriptedSender { _, _, _ in .sent }
        let port = Self.port(Notices.book(["ops": [Notices.webhook, Notices.slack]]), sender)
        var outcomes = Outcomes()
        port.take(.raised(Notices.alert(42)), report: outcomes.report)
        let all = await outcomes.next(3)
        #expect(
            Set(all.map { "\($0.contact)/\($0.channel)" }) == ["/log", "ops/webhook", "ops/slack"])
        #expect(all.map(\.remaining).sorted() == [0, 1, 2])
        #expect(all.allSatisfy { $0.failureClass.isEmpty && $0.alert == 42 && $0.run == 7 })
        #expect(port.waitingCount == 0)
    }

    @Test("a failed attempt is tried again after growing pauses, and succeeds")
    func retried() async {
        let sender = ScriptedSender { _, _, count in count < 4 ? Self.failure : .sent }
        let port = Self.port(Notices.book(["ops": [Notices.webhook]]), sender)
        var outcomes = Outcomes()
        port.take(.raised(Notices.alert(1, isNotice: true)), report: outcomes.report)
        let all = await outcomes.next(4)
        #expect(all.map(\.attempt) == [1, 2, 3, 4])
        #expect(all.map(\.retryAfter) == [1_000, 2_000, 4_000, nil])
        #expect(all.map(\.failureClass) == ["connection", "connection", "connection", ""])
        #expect(all.map(\.remaining) == [1, 1, 1, 0])
        #expect(all.allSatisfy { $0.alert == 0 && $0.notification == 1 })
    }

    @Test("after the last attempt nothing is tried again, and a refusal is the last at once")
    func bounded() async {
        let sender = ScriptedSender { _, channel, _ in
            channel.name == "slack"
                ? .failed(NotificationFailure(.refused, "it answered 404")) : Self.failure
        }
        let port = Self.port(Notices.book(["ops": [Notices.webhook, Notices.slack]]), sender) {
            $0.attemptsMax = 3
        }
        var outcomes = Outcomes()
        port.take(.raised(Notices.alert(1, isNotice: true)), report: outcomes.report)
        let all = await outcomes.next(4)
        let last = all.filter { $0.retryAfter == nil }
        #expect(last.count == 2 && all.filter { $0.channel == "slack" }.count == 1)
        #expect(last.first { $0.channel == "webhook" }?.attempt == 3)
        #expect(port.waitingCount == 0)
    }

    @Test("the other side's longer pause is kept")
    func retryAfter() async {
        let sender = ScriptedSender { _, _, _ in
            .failed(NotificationFailure(.status, "it answered 429", retryAfter: .seconds(90)))
        }
        let port = Self.port(Notices.book(["ops": [Notices.webhook]]), sender)
        var outcomes = Outcomes()
        port.take(.raised(Notices.alert(1, isNotice: true)), report: outcomes.report)
        #expect(await outcomes.next(1).map(\.retryAfter) == [90_000_000])
        port.close()
    }

    @Test("a channel that hangs delays no other, of the same contact or another")
    func independent() async {
        let gate = Gate()
        let sender = ScriptedSender { _, channel, _ in
            if channel.name == "slack" { await gate.wait() }
            return .sent
        }
        let port = Self.port(
            Notices.book(["ops": [Notices.slack, Notices.webhook], "lead": [Notices.webhook]]),
            sender)
        var outcomes = Outcomes()
        for number in 1...20 as ClosedRange<UInt64> {
            port.take(
                .raised(Notices.alert(number, recipients: ["ops", "lead"], isNotice: true)),
                report: outcomes.report)
        }
        let quick = await outcomes.next(40)
        #expect(quick.allSatisfy { $0.channel == "webhook" && $0.remaining > 0 })
        #expect(sender.attempts.count { $0 == "ops/slack" } <= 4)
        gate.open()
        let slow = await outcomes.next(20)
        #expect(slow.allSatisfy { $0.channel == "slack" && $0.remaining == 0 })
    }

    @Test("a cleared alert's retries are withdrawn, each with its last outcome")
    func withdrawn() async {
        let sender = ScriptedSender { _, _, _ in Self.failure }
        let port = Self.port(Notices.book(["ops": [Notices.webhook]]), sender) {
            $0.pauseFirst = .seconds(3_600)
            $0.pauseMax = .seconds(3_600)
        }
        var outcomes = Outcomes()
        port.take(.raised(Notices.alert(42)), report: outcomes.report)
        _ = await outcomes.next(2)
        port.withdraw(alert: 41)
        #expect(port.waitingCount == 1)
        port.withdraw(alert: 42)
        let last = await outcomes.next(1)
        #expect(last.map(\.failureClass) == ["withdrawn"] && last.map(\.remaining) == [0])
        #expect(last.first?.attempt == 1 && last.first?.retryAfter == nil)
        #expect(port.waitingCount == 0)
    }

    @Test("beyond the bound the least severe and oldest gives way, else the new one; all is said")
    func dropped() async {
        let sender = ScriptedSender { _, _, _ in Self.failure }
        let port = Self.port(Notices.book(["ops": [Notices.webhook]]), sender) {
            $0.pauseFirst = .seconds(3_600)
            $0.pauseMax = .seconds(3_600)
            $0.waitingMax = 3
        }
        var outcomes = Outcomes()
        for number in 1...3 as ClosedRange<UInt64> {
            port.take(.raised(Notices.alert(number, isNotice: true)), report: outcomes.report)
        }
        // Now all three rest.
        _ = await outcomes.next(3)
        port.take(.raised(Notices.alert(4, isNotice: true)), report: outcomes.report)
        var said = await outcomes.next(1)
        #expect(said.map(\.notification) == [4] && said.map(\.failureClass) == ["dropped"])
        #expect(said.map(\.attempt) == [0])
        // A critical alert takes two places: one for the log, for a moment, one for the webhook.
        var alert = Notices.alert(5, severity: "critical")
        alert.escalation = 6
        alert.escalatedTo = ["ops"]
        port.take(.escalated(alert), report: outcomes.report)
        said = []
        while !said.contains(where: { $0.notification == 6 && $0.channel == "webhook" }) {
            said += await outcomes.next(1)
        }
        let dropped = said.filter { $0.failureClass == "dropped" }.map(\.notification)
        #expect(dropped == (dropped.count == 1 ? [1] : [1, 2]))
        #expect(port.waitingCount <= 3)
        port.close()
    }

    @Test("what a start takes up: the channels without last outcome, attempts counted on")
    func takenUp() async {
        let sender = ScriptedSender { _, _, _ in Self.failure }
        let port = Self.port(
            Notices.book(["ops": [Notices.webhook, Notices.slack], "lead": [Notices.webhook]]),
            sender)
        var alert = Notices.alert(42, recipients: ["ops", "lead", "gone"])
        let before: [(contact: String, channel: String, status: String, attempts: UInt64)] = [
            ("", "log", "sent", 1), ("ops", "webhook", "retrying", 9),
            ("ops", "slack", "failed", 2), ("old", "sms", "retrying", 4),
        ]
        alert.deliveries = before.map { contact, channel, status, attempts in
            var known = DeliveryState()
            known.notification = 42
            known.contact = contact
            known.channel = channel
            known.status = status
            known.attempts = attempts
            return known
        }
        var outcomes = Outcomes()
        port.take(.raised(alert), report: outcomes.report)
        let all = await outcomes.next(13)
        // The tenth attempt is the last one.
        let own = all.filter { $0.contact == "ops" }
        #expect(own.map(\.attempt) == [10] && own.map(\.channel) == ["webhook"])
        #expect(all.filter { $0.contact == "lead" }.map(\.attempt) == Array(1...10))
        for contact in ["gone", "old"] {
            #expect(
                all.filter { $0.contact == contact }.map(\.failureClass) == ["configuration"])
        }
        #expect(all.filter { $0.retryAfter == nil }.map(\.remaining).sorted() == [0, 1, 2, 3])
    }

    @Test("nothing that is left is settled all the same: a word to the log ends it")
    func nothingLeft() async {
        let sender = ScriptedSender { _, _, _ in .sent }
        let port = Self.port(ContactBook(), sender)
        var alert = Notices.alert(42, recipients: [])
        var known = DeliveryState()
        known.notification = 42
        known.channel = "log"
        known.status = "sent"
        known.attempts = 1
        alert.deliveries = [known]
        var outcomes = Outcomes()
        port.take(.raised(alert), report: outcomes.report)
        #expect(await outcomes.next(1).map(\.remaining) == [0])
    }

    @Test("an escalation goes on to those whom contacts name, each once, round circles too")
    func escalateTo() async {
        let sender = ScriptedSender { _, _, _ in .sent }
        var book = Notices.book([
            "ops": [Notices.webhook], "lead": [Notices.webhook], "boss": [Notices.webhook],
        ])
        book.contacts["ops"]?.escalateTo = ["lead"]
        book.contacts["lead"]?.escalateTo = ["ops", "boss"]
        let port = Self.port(book, sender)
        var outcomes = Outcomes()
        var alert = Notices.alert(42)
        alert.escalation = 50
        alert.escalatedTo = ["ops"]
        port.take(.escalated(alert), report: outcomes.report)
        let all = await outcomes.next(4)
        #expect(Set(all.map(\.contact)) == ["", "ops", "lead", "boss"])
        #expect(all.allSatisfy { $0.notification == 50 && $0.alert == 42 })
        port.take(.raised(alert), report: outcomes.report)
        #expect(Set(await outcomes.next(2).map(\.contact)) == ["", "ops"])
    }

    @Test("after the end nothing is reported, so that the next start takes it up")
    func closed() async {
        let gate = Gate()
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let sender = ScriptedSender { _, _, _ in
            arrived.yield()
            await gate.wait()
            return .sent
        }
        let port = Self.port(Notices.book(["ops": [Notices.webhook]]), sender)
        var outcomes = Outcomes()
        port.take(.raised(Notices.alert(1, isNotice: true)), report: outcomes.report)
        var arrival = arrivals.makeAsyncIterator()
        _ = await arrival.next()
        port.close()
        gate.open()
        // Only this one is heard of.
        var other = NotificationOutcome(.raised(Notices.alert(9)))
        other.channel = "end"
        outcomes.report(other)
        #expect(await outcomes.next(1).map(\.channel) == ["end"])
    }
}
