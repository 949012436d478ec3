import Events

/// Tells from the log why a run is what it is: one sentence for each event.
public struct Why: Sendable {
    /// One event in words.
    public struct Sentence: Sendable, Equatable {
        /// The event's sequence.
        public let sequence: UInt64
        /// Its time, µs since 1970 UTC.
        public let time: Int64
        /// What happened, by whom and why.
        public let text: String
    }

    /// The run.
    public let run: UInt64
    /// What it came to, in one sentence.
    public let headline: String
    /// Its events in words, in order.
    public let sentences: [Sentence]

    /// Puts a run's life into words.
    public init(_ life: RunLife) {
        run = life.run
        headline = Self.headline(of: life.summary)
        sentences = life.events.map { event in
            Sentence(
                sequence: event.envelope.sequence, time: event.envelope.time,
                text: Self.sentence(event, of: life.run) + Self.authority(event.envelope) + ".")
        }
    }

    /// The story as one JSON object.
    public var json: String {
        var text = JSONText()
        text.member("run", json: String(run))
        text.member("headline", text: headline)
        let items = sentences.map { sentence in
            var item = JSONText()
            item.member("sequence", json: String(sentence.sequence))
            item.member("time", text: UTCText.of(microseconds: sentence.time))
            item.member("text", text: sentence.text)
            return item.object
        }
        text.member("sentences", json: "[" + items.joined(separator: ",") + "]")
        return text.object
    }

    /// What a run came to, in one sentence.
    public static func headline(of run: RunSummary) -> String {
        let name = "Run \(run.run ?? 0) of '\(run.jobId)' for \(run.scheduledLocal)"
        switch run.status {
        case .succeeded:
            return "\(name) succeeded" + (run.attempts > 1 ? " at attempt \(run.attempts)." : ".")
        case .dead:
            let next = run.requeuedAs == 0 ? "" : " It was put in again as run \(run.requeuedAs)."
            return "\(name) failed for good: \(ended(run.failure))\(next)"
        case .skipped: return "\(name) was skipped (\(run.reason)): \(ended(run.detail))"
        case .missed: return "\(name) was missed (\(run.reason))."
        case .cancelled: return "\(name) was cancelled: \(ended(run.reason))"
        default: return "\(name) is not over: it is \(run.status.rawValue)."
        }
    }

    private static func ended(_ text: String) -> String {
        text.isEmpty || text.hasSuffix(".") ? text : text + "."
    }

    /// Who did it, where it was not the engine.
    private static func authority(_ envelope: Envelope) -> String {
        if envelope.actor == "engine" || envelope.actor.isEmpty { return "" }
        let ticket = envelope.ticket.isEmpty ? "" : ", ticket \(envelope.ticket)"
        return " (by \(envelope.actor)\(ticket))"
    }

    private static func sentence(_ event: Event, of run: UInt64) -> String {
        switch event.payload {
        case let due as RunDue:
            due.run == run ? self.due(due) : "Run \(due.run) was made in its place"
        case let held as RunHeld: self.held(held)
        case let deferred as RunDeferred:
            "It was put off until \(moment(deferred.until)): \(deferred.reason)"
        case let skipped as RunSkipped:
            "It was skipped (\(skipped.reason))" + more(skipped.detail)
        case let missed as RunMissed: "It was missed (\(missed.reason))" + more(missed.detail)
        case let dispatched as RunDispatched:
            "Attempt \(dispatched.attempt) was dispatched to \(dispatched.targetKind) "
                + "'\(dispatched.targetName)' with the key \(dispatched.runKey)"
        case let started as RunStarted: self.started(started)
        case let succeeded as RunSucceeded: self.succeeded(succeeded)
        case let failed as RunFailed: self.failed(failed)
        case let retry as RunRetryScheduled:
            "Attempt \(retry.attempt) was scheduled for \(moment(retry.at))"
        case let dead as RunDead:
            "It went to the dead-letter queue (\(dead.reason))" + more(dead.message)
        case let requeued as RunRequeued:
            "It was put in again as run \(requeued.newRun)" + more(requeued.reason)
        case let cancelled as RunCancelled: "It was cancelled" + more(cancelled.reason)
        default: other(event)
        }
    }

    private static func other(_ event: Event) -> String {
        switch event.payload {
        case let requested as RunCancelRequested:
            "Its end was asked for" + more(requested.reason)
        case let ignored as RunCompletionIgnored:
            "A completion of attempt \(ignored.attempt) that claimed '\(ignored.claimed)' was "
                + "ignored (\(ignored.reason))"
        case let late as RunLate: "It was late: it should have started by \(moment(late.due))"
        case let missed as RunSlaMissed:
            "Its \(missed.clock) clock ran out at \(moment(missed.due))"
        case let risk as RunSlaAtRisk:
            "It was expected to end at \(moment(risk.expected)), after its SLA at "
                + moment(risk.due)
        case let satisfied as DependencySatisfied:
            "Dependency '\(satisfied.name)' was satisfied" + more(satisfied.detail)
        case let failed as DependencyFailed:
            "Dependency '\(failed.name)' failed (\(failed.reason))"
        case let read as DependencyStatusRead:
            "Dependency '\(read.name)' answered \(read.status)" + more(read.detail)
        case let raised as AlertRaised:
            "Alert \(raised.alert) (\(raised.kind), \(raised.severity)) was raised"
                + (raised.recipients.isEmpty
                    ? "" : " for " + raised.recipients.joined(separator: ", "))
        case let cleared as AlertCleared:
            "Alert \(cleared.alert) was cleared" + more(cleared.reason)
        case let granted as WorkerLeaseGranted:
            "Worker '\(granted.worker)' was granted the lease of attempt \(granted.attempt) for "
                + "\(granted.leaseSeconds) s, with the fencing token \(event.envelope.sequence)"
        case let expired as WorkerLeaseExpired:
            "The lease \(expired.token) of worker '\(expired.worker)' ended (\(expired.reason))"
        default: decided(event)
        }
    }

    /// What people were asked, and said.
    private static func decided(_ event: Event) -> String {
        switch event.payload {
        case let requested as ApprovalRequested:
            "Approval \(requested.approval) of '\(requested.name)' was requested, until "
                + moment(requested.until) + more(requested.act?.reason ?? "")
        case let granted as ApprovalGranted:
            "Approval \(granted.approval) of '\(granted.name)' was granted"
                + (granted.requester.isEmpty ? "" : " to \(granted.requester)")
                + more(granted.reason)
        case let refused as ApprovalRefused:
            "Approval \(refused.approval) of '\(refused.name)' was refused"
                + more(refused.reason)
        case let expired as ApprovalExpired:
            "Approval \(expired.approval) of '\(expired.name)' expired" + more(expired.reason)
        default: told(event)
        }
    }

    /// What became of alerts, and who was told.
    private static func told(_ event: Event) -> String {
        switch event.payload {
        case let acknowledged as AlertAcknowledged:
            "Alert \(acknowledged.alert) was acknowledged by \(event.envelope.actor)"
                + more(acknowledged.note)
        case let escalated as AlertEscalated:
            "Nobody acknowledged alert \(escalated.alert), so it was escalated"
                + (escalated.recipients.isEmpty
                    ? "" : " to " + escalated.recipients.joined(separator: ", "))
        case let requested as NotificationRequested:
            "\(requested.recipients.joined(separator: ", ")) were to be told (\(requested.kind))"
        case let sent as NotificationSent:
            "\(notification(sent.alert)) went out by \(way(sent.channel, sent.contact))"
        case let failed as NotificationFailed:
            "\(notification(failed.alert)) did not go out by "
                + "\(way(failed.channel, failed.contact)) (\(failed.failureClass))"
                + more(failed.message)
                + (failed.retryAt == 0 ? "" : ", tried again at \(moment(failed.retryAt))")
        default: "\(event.type.name) was recorded"
        }
    }

    private static func notification(_ alert: UInt64) -> String {
        alert == 0 ? "The notification" : "The notification of alert \(alert)"
    }

    private static func way(_ channel: String, _ contact: String) -> String {
        contact.isEmpty ? channel : "\(channel) to \(contact)"
    }

    private static func due(_ due: RunDue) -> String {
        let place = "for \(due.scheduledLocal) (\(due.zone), business date \(due.businessDate))"
        switch due.trigger {
        case "manual": return "It was asked for by hand, \(place)" + more(due.reason)
        case "backfill":
            return "It belongs to backfill \(due.backfill), \(place)" + more(due.reason)
        case "requeue":
            return "It was made in the place of run \(due.originRun), \(place)" + more(due.reason)
        case "catchUp":
            let first = due.standsFor > 1 ? " from \(moment(due.standsForFirst)) on" : ""
            return "It became due \(place) to catch up; it stands for \(max(due.standsFor, 1)) "
                + "occurrences\(first)"
        case "reminder":
            return "It reminds of what is to run \(due.fanOutKey.replacing("@", with: " before "))"
        default: return "It became due \(place), by definition \(due.definition)"
        }
    }

    private static func held(_ held: RunHeld) -> String {
        let until = held.until == 0 ? "" : ", until \(moment(held.until)) at the latest"
        return "It was held at the \(held.gate) gate" + more(held.detail) + until
    }

    private static func started(_ started: RunStarted) -> String {
        if started.isWaitingForCallback {
            return "Attempt \(started.attempt) was accepted; its completion is awaited until "
                + moment(started.callbackBy)
        }
        let process = started.processId == 0 ? "" : " as process \(started.processId)"
        return "Attempt \(started.attempt) started\(process)"
    }

    private static func succeeded(_ event: RunSucceeded) -> String {
        "Attempt \(event.attempt) succeeded after \(event.durationMicroseconds / 1_000) ms"
            + answer(event.exitCode, event.httpStatus) + output(event.output) + more(event.note)
    }

    private static func failed(_ event: RunFailed) -> String {
        let what = event.attempt == 0 ? "It failed" : "Attempt \(event.attempt) failed"
        return "\(what) (\(event.failureClass))" + answer(event.exitCode, event.httpStatus)
            + output(event.output) + more(event.message)
            + (event.advice.isEmpty ? "" : ". Advice for the customer: \(event.advice)")
    }

    private static func answer(_ exitCode: Int64?, _ httpStatus: Int64?) -> String {
        (exitCode.map { " with exit code \($0)" } ?? "")
            + (httpStatus.map { " with HTTP status \($0)" } ?? "")
    }

    private static func output(_ output: OutputReference?) -> String {
        output.map { ", its output (\($0.byteCount) bytes) in \($0.path)" } ?? ""
    }

    private static func more(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        return ": " + (text.hasSuffix(".") ? String(text.dropLast()) : text)
    }

    private static func moment(_ microseconds: Int64) -> String {
        UTCText.of(microseconds: microseconds)
    }
}
