import Events

extension FileLife {
    /// Its events in words, in order: one sentence for each.
    public var sentences: [Why.Sentence] {
        events.map { event in
            let envelope = event.envelope
            var by = ""
            if !envelope.actor.isEmpty && envelope.actor != "engine" {
                by =
                    " (by \(envelope.actor)"
                    + (envelope.ticket.isEmpty ? "" : ", ticket \(envelope.ticket)") + ")"
            }
            return Why.Sentence(
                sequence: envelope.sequence, time: envelope.time,
                text: Self.sentence(event) + by + ".")
        }
    }

    private static func sentence(_ event: Event) -> String {
        let number = event.envelope.sequence
        switch event.payload {
        case let file as FileReceived:
            return "File \(number) of \(file.partner) was received (\(file.source), "
                + "\(file.byteCount) bytes), and is kept as \(file.path)"
                + (file.trouble.isEmpty ? "" : "; it cannot be read: \(file.trouble)")
        case let interchange as InterchangeReceived:
            let number = interchange.controlNumber
            return "Interchange \(number.isEmpty ? "?" : number) was checked: TA1 "
                + "\(interchange.code) \(interchange.note), "
                + Counted.text(interchange.groupCount, "group")
        case let duplicate as DuplicateFound:
            return "File \(duplicate.ingestion) repeats file \(duplicate.original) "
                + "(\(duplicate.kind)): duplicate \(number)"
        case let resolved as DuplicateResolved:
            return "Duplicate \(resolved.duplicate) was settled (\(resolved.resolution)): "
                + resolved.reason
        case let outcome as OutcomeReceived:
            return "Outcome \(number), a \(outcome.transactionType) for \(outcome.partner), came "
                + "from \(outcome.source)"
        default: return made(event)
        }
    }

    private static func made(_ event: Event) -> String {
        switch event.payload {
        case let file as FileGrouped:
            return "File \(event.envelope.sequence), a \(file.transactionType) for "
                + "\(file.partner), was begun with " + Counted.text(file.outcomes.count, "outcome")
                + (file.run == 0 ? "" : " by run \(file.run)")
                + (file.reassembles == 0 ? "" : ", in the place of file \(file.reassembles)")
        case let numbers as ControlNumbersIssued:
            return "It got \(numbers.name) \(numbers.first)"
                + (numbers.count > 1 ? " to \(numbers.first &+ numbers.count &- 1)" : "")
        case let built as FileBuilt:
            return "File \(built.file) was built: "
                + "\(Counted.text(built.setCount, "set")), "
                + "\(Counted.text(built.segmentCount, "segment")), "
                + Counted.text(built.byteCount, "byte")
        case let checked as FileChecked:
            return "File \(checked.file) was checked: "
                + (checked.isGood ? "it is good" : checked.findings.joined(separator: "; "))
        case let file as FileAssembled:
            return "File \(file.file) was written as \(file.path), ISA13 \(file.controlNumber)"
        case let file as FilePublished:
            return "File \(file.file) was published (\(file.channel)) at attempt \(file.attempts)"
        case let failed as FileFailed:
            return "Step \(failed.step) of file \(failed.file) failed "
                + Counted.text(failed.attempts, "time") + ": "
                + failed.reason + (failed.isGivenUp ? "; it was given up" : "")
        case let aside as FileQuarantined:
            return "File \(aside.file == 0 ? aside.ingestion : aside.file) was set aside "
                + "(\(aside.reason)) as \(aside.path)"
        case let said as FileAcknowledged:
            return "Received file \(said.ingestion) answered "
                + (said.file == 0 ? "a file that is not known" : "file \(said.file)") + " with "
                + [said.kind, said.code, said.note].filter { !$0.isEmpty }.joined(separator: " ")
        default: return told(event)
        }
    }

    /// A channel, and the contact that it leads to.
    private static func way(_ channel: String, _ contact: String) -> String {
        contact.isEmpty ? channel : "\(channel) to \(contact)"
    }

    private static func told(_ event: Event) -> String {
        switch event.payload {
        case let raised as AlertRaised:
            return "Alert \(raised.alert) (\(raised.kind), \(raised.severity)) was raised"
                + (raised.recipients.isEmpty
                    ? "" : " for " + raised.recipients.joined(separator: ", "))
        case let cleared as AlertCleared:
            return "Alert \(cleared.alert) was cleared: \(cleared.reason)"
        case let acknowledged as AlertAcknowledged:
            return "Alert \(acknowledged.alert) was taken on: \(acknowledged.note)"
        case let escalated as AlertEscalated:
            return "Nobody took alert \(escalated.alert) on, so it was escalated"
                + (escalated.recipients.isEmpty
                    ? "" : " to " + escalated.recipients.joined(separator: ", "))
        case let sent as NotificationSent:
            return "The notification of alert \(sent.alert) went out by "
                + way(sent.channel, sent.contact)
        case let failed as NotificationFailed:
            return "The notification of alert \(failed.alert) did not go out by "
                + "\(way(failed.channel, failed.contact)) (\(failed.failureClass))"
                + (failed.message.isEmpty ? "" : ": \(failed.message)")
                + (failed.retryAt == 0
                    ? "" : "; tried again at \(UTCText.of(microseconds: failed.retryAt))")
        default: return "\(event.type.name) was recorded"
        }
    }
}
