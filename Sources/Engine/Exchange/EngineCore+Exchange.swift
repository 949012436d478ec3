import Events
import Projections
import Timetable

/// The exchange of files with partners: which command is whose, and what time alone brings.
extension EngineCore {
    /// The kind of target that the exchange carries out.
    public static let exchangeKind = "exchange"
    /// Duplicates that nobody settles for so long are told, µs.
    static let duplicateAge: Int64 = 86_400_000_000
    /// More alerts of one kind are not open at once: the lists have all.
    private static let alertsMax = 100

    /// Carries out what is asked of the exchange.
    mutating func exchange(_ command: ExchangeCommand, tenant: String) throws {
        self.tenant = tenant
        switch command {
        case .lookUp(let keys): try lookUp(keys)
        case .receive(let file, let who): try receive(file, who)
        case .outcomes(let outcomes, let source, let who):
            try takeOutcomes(outcomes, source: source, who)
        case .collect(let run, let types, let partners, let filesMax):
            try collect(run: run, types: types, partners: partners, filesMax: filesMax)
        case .written(let files): try written(files)
        case .setAside(let file): try setAside(file)
        case .published(let files, let channel, let attempts):
            try published(files, channel, attempts)
        case .failed(let file, let step, let reason, let attempts, let isGivenUp):
            try stepFailed(file, step, reason, attempts, isGivenUp: isGivenUp)
        case .reassemble(let file, let partner, let outcomes, let reason, let who):
            try reassemble(file, partner, outcomes, reason, who)
        case .assembleNow(let key, let reason): try assembleNow(key, reason)
        case .sweepFound(let ingestion, let original, let kind, let partner, let number):
            try found(
                ingestion: ingestion, original: original, kind: kind, partner, number,
                finder: "sweep")
        case .resolveDuplicate(let number, let resolution, let reason, let who):
            try resolve(number, resolution, reason, who)
        case .moved(let files):
            try Self.checkPaths(files.map(\.path))
            try Self.checkPaths(files.map(\.newPath).filter { !$0.isEmpty })
            for file in files { try emit(file) }
            reply("\(counted(files.count, "file", one: "is", many: "are")) recorded as moved")
        case .placeHold(let hold, let who): try place(hold, who)
        case .releaseHold(let name, let reason, let who): try release(name, reason, who)
        }
    }

    /// Makes the indexes, and sets the timers of what is still to come.
    mutating func takeUpExchange() {
        notePartnerNumbers()
        for outcome in state.exchange.outcomes.sorted() where outcome.file == 0 {
            let group = ExchangeIndex.Group(
                tenant: outcome.tenant, partner: outcome.partner, type: outcome.transactionType)
            exchangeIndex.waiting[group, default: ExchangeIndex.Queue()].append(outcome.outcome)
        }
        state.exchange.files.forEach { file in
            switch file.status {
            case .acquired, .assembled: exchangeIndex.unfinished.insert(file.file)
            case .published: break
            case .quarantined, .failed: return
            }
            exchangeIndex.note(sent: file)
        }
        for alert in state.alerts.sorted() where Self.overdueKinds.contains(alert.kind) {
            let words = alert.subject.split(separator: " ")
            guard words.count > 1, let number = UInt64(words[1]) else { continue }
            exchangeIndex.overdueAlerts[number, default: []].insert(alert.alert)
        }
        state.exchange.received.forEach { armAnswer($0.ingestion, $0.answers.firstDue) }
        state.exchange.files.forEach { armAnswer($0.file, $0.answers.firstDue) }
        state.exchange.duplicates.forEach {
            armAnswer($0.duplicate, $0.foundAt + Self.duplicateAge)
        }
    }

    // MARK: in time

    private static let overdueKinds: Set<String> = [
        "answerOverdue", "acknowledgmentOverdue", "duplicateOpen",
    ]

    /// Sets the timer of an answer; not in a forecast, in which nothing is exchanged.
    mutating func armAnswer(_ number: UInt64, _ time: Int64?) {
        guard let time, settings.tellsOfRuns else { return }
        timers.add(.answerDue(number: number), at: time)
    }

    /// The time of an answer has come: whatever is still to come is told, once.
    mutating func answerDue(_ number: UInt64) throws {
        if let file = state.exchange.received[number] {
            tenant = file.tenant
            try tellOverdue(
                number, file.answers, kind: "answerOverdue", subject: "ingestion \(number)",
                contacts(file.partner)
            ) {
                "received file \(number) of \(file.partner) is not answered with its \($0) in time"
            }
        } else if let file = state.exchange.files[number] {
            tenant = file.tenant
            try tellOverdue(
                number, file.answers, kind: "acknowledgmentOverdue", subject: "file \(number)",
                contacts(file.partner)
            ) {
                "\(file.partner) has not answered file \(number) (\(file.transactionType), ISA13 "
                    + "\(Self.isa13(file))) with a \($0) in time"
            }
        } else if let duplicate = state.exchange.duplicates[number] {
            tenant = duplicate.tenant
            var answer = PendingAnswer()
            answer.dueAt = duplicate.foundAt + Self.duplicateAge
            try tellOverdue(
                number, [answer], kind: "duplicateOpen", subject: "duplicate \(number)",
                contacts(duplicate.partner)
            ) { _ in
                "duplicate \(number) of \(duplicate.partner) (\(duplicate.kind)) is not settled "
                    + "for a day: daybook x12 duplicates"
            }
        }
    }

    private func contacts(_ partner: String) -> [String] {
        state.exchange.partners[ScheduleKey(tenant, partner)]?.partner?.contacts ?? []
    }

    private mutating func tellOverdue(
        _ number: UInt64, _ answers: [PendingAnswer], kind: String, subject: String,
        _ recipients: [String], _ message: (String) -> String
    ) throws {
        for answer in answers where answer.dueAt != 0 {
            if answer.dueAt > now {
                armAnswer(number, answer.dueAt)
                continue
            }
            let about = answer.type.isEmpty ? subject : "\(subject) \(answer.type)"
            let told = exchangeIndex.overdueAlerts[number] ?? []
            if told.contains(where: { state.alerts[$0]?.subject == about }) { continue }
            let alert = state.nextSequence
            try tell(
                about: about, kind: kind, severity: kind == "duplicateOpen" ? "medium" : "high",
                recipients, cause: number, message(answer.type))
            if state.alerts[alert] != nil {
                exchangeIndex.overdueAlerts[number, default: []].insert(alert)
            }
        }
    }

    /// Raises an alert about something of the exchange, where none of this kind is open about it,
    /// and not too many of this kind are.
    mutating func tell(
        about subject: String, kind: String, severity: String, _ recipients: [String],
        cause: UInt64, _ message: String
    ) throws {
        var (openCount, isTold) = (0, false)
        state.alerts.forEach { alert in
            guard alert.kind == kind else { return }
            openCount += 1
            if alert.subject == subject && alert.tenant == tenant { isTold = true }
        }
        guard openCount < Self.alertsMax, !isTold else { return }
        let asker = authority
        authority = .engine
        defer { authority = asker }
        var raised = AlertRaised()
        raised.kind = kind
        raised.severity = severity
        raised.subject = subject
        raised.message = message
        raised.recipients = recipients
        try raise(raised, cause: cause)
    }

    /// What was overdue of a file has come, but for some of it.
    mutating func clearOverdue(
        _ number: UInt64, _ reason: String, cause: UInt64, but pending: [PendingAnswer] = []
    ) throws {
        guard let told = exchangeIndex.overdueAlerts.removeValue(forKey: number) else { return }
        for alert in told.sorted() {
            guard let known = state.alerts[alert] else { continue }
            if pending.contains(where: { known.subject.hasSuffix(" \(number) \($0.type)") }) {
                exchangeIndex.overdueAlerts[number, default: []].insert(alert)
            } else {
                try clear(known, reason, cause: cause)
            }
        }
    }

    /// A person took on what cannot come to an end by itself: a file that is not made anew, one
    /// that was received and cannot be read, an answer that was a refusal.
    mutating func clearTakenOn(_ alert: AlertState) throws {
        guard ["fileQuarantined", "fileRejected"].contains(alert.kind) else { return }
        let words = alert.subject.split(separator: " ")
        let file = words.last.flatMap { UInt64($0) } ?? 0
        if words.first == "file", state.exchange.files[file] != nil { return }
        try clear(alert, "a person took it on")
    }

    /// Clears the alerts of a kind about something.
    mutating func clearTold(
        _ subject: String, kind: String, _ reason: String, cause: UInt64
    ) throws {
        guard state.alerts.count > 0 else { return }
        for alert in state.alerts.sorted()
        where alert.kind == kind && alert.subject == subject && alert.tenant == tenant {
            try clear(alert, reason, cause: cause)
        }
    }

    // MARK: assembly at once

    /// Outcomes are here that wait for nothing: their assembly runs now, where it does not already.
    private mutating func assembleNow(_ key: ScheduleKey, _ reason: String) throws {
        do {
            try runNow(key, nil, reason, .engine)
        } catch let rejection as Rejection where rejection.code == .conflict {
            // It runs, or may not run now: then its next run takes them.
            reply("not now: \(rejection.message)")
        }
    }

    // MARK: legal holds

    private mutating func place(_ hold: LegalHoldPlaced, _ who: Authority) throws {
        guard (1...64).contains(hold.name.utf8.count), !hold.reason.isEmpty else {
            throw Rejection(.invalid, "a legal hold has a name of 1 to 64 bytes, and a reason")
        }
        for (field, day) in [("from", hold.from), ("through", hold.through)] where !day.isEmpty {
            guard let date = try? CivilDate(parsing: day), "\(date)" == day else {
                throw Rejection(.invalid, "field '\(field)' is a day, YYYY-MM-DD")
            }
        }
        guard hold.from.isEmpty || hold.through.isEmpty || hold.from <= hold.through else {
            throw Rejection(.invalid, "field 'through' is a day before 'from'")
        }
        if !hold.partner.isEmpty { _ = try partner(hold.partner) }
        guard state.exchange.holds[ScheduleKey(tenant, hold.name)] == nil else {
            throw Rejection(.conflict, "legal hold '\(hold.name)' is placed already")
        }
        authority = who
        try emit(hold)
        reply("legal hold '\(hold.name)' is placed")
    }

    private mutating func release(_ name: String, _ reason: String, _ who: Authority) throws {
        guard state.exchange.holds[ScheduleKey(tenant, name)] != nil else {
            throw Rejection(.notFound, "there is no legal hold '\(name)'")
        }
        guard !reason.isEmpty else { throw Rejection(.invalid, "a release needs a reason") }
        authority = who
        var event = LegalHoldReleased()
        event.name = name
        event.reason = reason
        try emit(event)
        reply("legal hold '\(name)' is released")
    }
}
