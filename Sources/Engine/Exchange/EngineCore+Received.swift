import Events
import Projections

/// What comes from partners, and from the systems that tell what they are to be answered.
extension EngineCore {
    /// More groups of an interchange are counted, not recorded one by one.
    private static let groupsMax = 64
    /// More answers are not expected of one interchange: they stand in one record.
    private static let answersMax = 2_000
    /// More outcomes are not taken in one command.
    private static let outcomesMax = 10_000
    /// Outcome ids are remembered for so long, µs.
    private static let outcomeAge: Int64 = 7 * 86_400_000_000
    /// The reply is as long as this at the most.
    private static let keysMax = 10_000

    mutating func lookUp(_ keys: [String]) throws {
        guard keys.count <= Self.keysMax else {
            throw Rejection(.invalid, "at most \(Self.keysMax) keys are looked up at once")
        }
        var answer = ExchangeReply()
        answer.known = keys.map {
            state.exchange.owner(tenant: tenant, $0, at: now) ?? 0
        }
        reply(exchange: answer, "")
    }

    /// Records a partner's file, its interchanges, what answers it, and what it answers.
    mutating func receive(_ file: ReceivedFile, _ who: Authority) throws {
        guard (1...128).contains(file.key.utf8.count) else {
            throw Rejection(.invalid, "a received file has a key of 1 to 128 bytes")
        }
        if let known = state.exchange.owner(
            tenant: tenant, ExchangeKey.request(file.key), at: now)
        {
            return replyReceived(known, "it was received before under this key")
        }
        if isDraining { throw Rejection(.stopping, "the engine is stopping") }
        try checkRoom()
        let partner = try partner(file.partner)
        guard file.interchanges.count <= ReceivedFile.interchangesMax else {
            throw Rejection(
                .invalid,
                "a file has at most \(ReceivedFile.interchangesMax) interchanges; split it")
        }
        try checkDuplicates(file)
        try Self.checkSizes(file)
        for outcome in file.outcomes {
            _ = try rule(partner, outcome.type)
            try Self.check(outcome)
        }
        authority = who
        let keyUntil = now + Int64(clamping: partner.duplicateDays) * 86_400_000_000
        let content = state.exchange.owner(
            tenant: tenant, ExchangeKey.content(file.partner, file.sha256), at: now)
        let ingestion = try emit(event(file, keyUntil: keyUntil))
        authority = .engine
        if let content {
            try found(
                ingestion: ingestion, original: content, kind: "content", partner.name,
                "", finder: "receipt")
        }
        if !file.trouble.isEmpty { try quarantine(ingestion, file) }
        for (index, interchange) in file.interchanges.enumerated() {
            try record(
                interchange, index, of: file, ingestion: ingestion, partner, keyUntil: keyUntil)
        }
        for outcome in file.outcomes {
            var outcome = outcome
            if outcome.ingestion == 0 { outcome.ingestion = ingestion }
            try take(outcome, partner, source: "daybook", cause: ingestion)
        }
        var unmatchedCount = 0
        for acknowledgment in file.acknowledgments
        where try !match(acknowledgment, ingestion, partner) {
            unmatchedCount += 1
        }
        armAnswer(ingestion, state.exchange.received[ingestion]?.answers.firstDue)
        replyReceived(ingestion, "it is received as \(ingestion)", unmatchedCount)
    }

    private mutating func replyReceived(
        _ ingestion: UInt64, _ message: String, _ unmatchedCount: Int = 0
    ) {
        var answer = ExchangeReply()
        answer.ingestion = ingestion
        answer.unmatchedCount = unmatchedCount
        reply(exchange: answer, message)
    }

    /// An interchange is a duplicate exactly where it says so: whoever checked the file asked
    /// before, and must ask again where another came in between.
    private func checkDuplicates(_ file: ReceivedFile) throws(Rejection) {
        for interchange in file.interchanges where !interchange.controlNumber.isEmpty {
            let key = Self.key(interchange)
            let isKnown = state.exchange.owner(tenant: tenant, key, at: now) != nil
            if isKnown && !interchange.isDuplicate && interchange.code == "A" {
                throw Rejection(
                    .conflict, "interchange \(interchange.controlNumber) came in meanwhile")
            }
        }
    }

    /// What is recorded of a file is bounded: one that says more is no partner's.
    private static func checkSizes(_ file: ReceivedFile) throws(Rejection) {
        try checkPaths([file.path])
        guard file.outcomes.count <= outcomesMax, file.acknowledgments.count <= outcomesMax,
            file.sha256.utf8.count <= 64, file.trouble.utf8.count <= 64,
            file.interchanges.allSatisfy(isBounded)
        else {
            throw Rejection(
                .invalid,
                "an interchange has at most \(answersMax) groups that are answered, and a file at "
                    + "most \(outcomesMax) answers; split it")
        }
    }

    private static func isBounded(_ interchange: ReceivedFile.Interchange) -> Bool {
        interchange.answers.count <= answersMax
            && interchange.answers.allSatisfy { $0.utf8.count <= 16 }
            && [
                interchange.sender, interchange.receiver, interchange.controlNumber,
                interchange.code, interchange.note,
            ].allSatisfy { $0.utf8.count <= 64 }
            && interchange.groups.prefix(groupsMax).allSatisfy { group in
                [group.functionalID, group.version, group.controlNumber, group.code]
                    .allSatisfy { $0.utf8.count <= 64 }
            }
    }

    private static func key(_ interchange: ReceivedFile.Interchange) -> String {
        ExchangeKey.interchange(
            interchange.sender, interchange.receiver, interchange.controlNumber)
    }

    private func event(_ file: ReceivedFile, keyUntil: Int64) -> FileReceived {
        var event = FileReceived()
        event.partner = file.partner
        event.source = file.source
        event.path = file.path
        event.sha256 = file.sha256
        event.byteCount = file.byteCount
        event.key = file.key
        event.segmentCount = file.segmentCount
        event.interchangeCount = UInt64(file.interchanges.count)
        event.trouble = file.trouble
        event.keyUntil = keyUntil
        event.isRejected =
            !file.interchanges.isEmpty && file.interchanges.allSatisfy { $0.code == "R" }
        return event
    }

    private mutating func quarantine(_ ingestion: UInt64, _ file: ReceivedFile) throws {
        var event = FileQuarantined()
        event.ingestion = ingestion
        event.path = file.path
        event.reason = file.trouble
        let cause = try emit(event, cause: ingestion)
        try tell(
            about: "ingestion \(ingestion)", kind: "fileQuarantined", severity: "high",
            try partner(file.partner).contacts, cause: cause,
            "received file \(ingestion) of \(file.partner) cannot be read (\(file.trouble)) and "
                + "cannot be answered; it is in quarantine. Look at it: "
                + "daybook x12 files \(ingestion)")
    }

    private mutating func record(
        _ interchange: ReceivedFile.Interchange, _ index: Int, of file: ReceivedFile,
        ingestion: UInt64, _ partner: PartnerDefinition, keyUntil: Int64
    ) throws {
        var event = InterchangeReceived()
        event.ingestion = ingestion
        event.index = UInt64(index)
        event.partner = partner.name
        event.sender = interchange.sender
        event.receiver = interchange.receiver
        event.controlNumber = interchange.controlNumber
        event.code = interchange.code
        event.note = interchange.note
        event.groups = Array(interchange.groups.prefix(Self.groupsMax))
        event.groupCount = UInt64(interchange.groups.count)
        for type in interchange.answers {
            var answer = ExpectedAnswer()
            answer.type = type
            let seconds = partner.rule(for: type)?.slaSeconds ?? 0
            answer.dueAt = seconds == 0 ? 0 : now + Int64(clamping: seconds) * 1_000_000
            event.answers.append(answer)
        }
        // One that was rejected may be sent again with its number; only what was accepted is held.
        if interchange.code == "A" && !interchange.controlNumber.isEmpty {
            event.keyUntil = keyUntil
        }
        event.isLast = index == file.interchanges.count - 1
        let original = state.exchange.owner(tenant: tenant, Self.key(interchange), at: now)
        let cause = try emit(event, cause: ingestion)
        if interchange.isDuplicate {
            try found(
                ingestion: ingestion, original: original ?? ingestion, kind: "controlNumber",
                partner.name, interchange.controlNumber, finder: "receipt", cause: cause)
        }
    }

    // MARK: duplicates

    mutating func found(
        ingestion: UInt64, original: UInt64, kind: String, _ partner: String,
        _ controlNumber: String, finder: String, cause: UInt64 = 0
    ) throws {
        if finder == "sweep" {
            let key = ExchangeKey.duplicate(ingestion, of: original, kind, controlNumber)
            if state.exchange.owner(tenant: tenant, key, at: now) != nil {
                return reply("this duplicate is known")
            }
        }
        var event = DuplicateFound()
        event.ingestion = ingestion
        event.original = original
        event.kind = kind
        event.partner = partner
        event.controlNumber = controlNumber
        event.finder = finder
        let number = try emit(event, cause: cause == 0 ? ingestion : cause)
        armAnswer(number, now + Self.duplicateAge)
        reply("duplicate \(number) is found")
    }

    mutating func resolve(
        _ number: UInt64, _ resolution: String, _ reason: String, _ who: Authority
    ) throws {
        guard let duplicate = state.exchange.duplicates[number] else {
            throw Rejection(
                .notFound, "duplicate \(number) is not open: daybook x12 duplicates shows them")
        }
        guard ["ignored", "replaced", "resent"].contains(resolution) else {
            throw Rejection(
                .invalid, "field 'resolution' is 'ignored', 'replaced' or 'resent'")
        }
        guard !reason.isEmpty else { throw Rejection(.invalid, "a resolution needs a reason") }
        tenant = duplicate.tenant
        authority = who
        var event = DuplicateResolved()
        event.duplicate = number
        event.resolution = resolution
        event.reason = reason
        let cause = try emit(event, cause: number)
        try clearOverdue(number, "the duplicate is settled", cause: cause)
        reply("duplicate \(number) is settled")
    }

    // MARK: outcomes

    mutating func takeOutcomes(
        _ outcomes: [NewOutcome], source: String, _ who: Authority
    ) throws {
        guard (1...Self.outcomesMax).contains(outcomes.count) else {
            throw Rejection(.invalid, "1 to \(Self.outcomesMax) outcomes are taken at once")
        }
        if isDraining { throw Rejection(.stopping, "the engine is stopping") }
        try checkRoom()
        var partners: [String: PartnerDefinition] = [:]
        for outcome in outcomes {
            let known = try partners[outcome.partner] ?? partner(outcome.partner)
            partners[outcome.partner] = known
            _ = try rule(known, outcome.type)
            try Self.check(outcome)
        }
        authority = who
        var answer = ExchangeReply()
        for outcome in outcomes {
            let key = ExchangeKey.outcome(outcome.partner, outcome.type, outcome.id)
            if state.exchange.owner(tenant: tenant, key, at: now) != nil { continue }
            guard let known = partners[outcome.partner] else { continue }
            try take(outcome, known, source: source, cause: 0)
            answer.taken += 1
        }
        reply(
            exchange: answer,
            "\(Counted.are(answer.taken, "outcome")) taken, "
                + "\(outcomes.count - answer.taken) known before")
    }

    /// Records an outcome, which waits for its file from then on.
    private mutating func take(
        _ outcome: NewOutcome, _ partner: PartnerDefinition, source: String, cause: UInt64
    ) throws {
        let number = try record(outcome, partner, source: source, cause: cause)
        let group = ExchangeIndex.Group(
            tenant: tenant, partner: partner.name, type: outcome.type)
        exchangeIndex.waiting[group, default: ExchangeIndex.Queue()].append(number)
    }

    /// Records an outcome: from when on it is assembled, and what it answers.
    ///
    /// - Returns: its number.
    mutating func record(
        _ outcome: NewOutcome, _ partner: PartnerDefinition, source: String, cause: UInt64
    ) throws -> UInt64 {
        let rule = try rule(partner, outcome.type)
        var event = OutcomeReceived()
        event.partner = partner.name
        event.transactionType = outcome.type
        event.outcomeId = outcome.id
        event.source = source
        event.path = outcome.path
        event.sha256 = outcome.sha256
        event.offset = outcome.offset
        event.byteCount = outcome.byteCount
        event.ingestion = outcome.ingestion
        event.windowEnd = now + Int64(clamping: rule.windowSeconds) * 1_000_000
        event.keyUntil = outcome.id.isEmpty ? 0 : now + Self.outcomeAge
        event.group = outcome.group
        return try emit(event, cause: cause)
    }

    // MARK: acknowledgments of what we sent

    /// Whether an acknowledgment is one that publishing is not to wait for any more: a partner may
    /// fetch a file as soon as it stands under its name, before anybody was told of it.
    private static func isEarly(_ answer: FileAcknowledged, of file: OutboundFileState) -> Bool {
        guard file.status == .acquired || file.status == .assembled else { return false }
        switch answer.kind {
        case "TA1":
            return !file.early.contains("TA1")
                || (answer.code == "R" && !file.groupsToCome.isEmpty)
        case "999":
            return UInt64(answer.controlNumber).map(file.groupsToCome.contains) ?? false
        default: return false
        }
    }

    /// Finds the file that a partner acknowledges, and tells people where it was not accepted.
    ///
    /// - Returns: whether there is one.
    private mutating func match(
        _ acknowledgment: ReceivedAcknowledgment, _ ingestion: UInt64,
        _ partner: PartnerDefinition
    ) throws -> Bool {
        // What they send to us answers what we sent to them.
        let (sender, receiver) = (acknowledgment.receiver, acknowledgment.sender)
        let number = UInt64(acknowledgment.controlNumber) ?? 0
        let file: UInt64 =
            switch acknowledgment.kind {
            case "TA1": exchangeIndex.file(ExchangeIndex.number(sender, receiver, number)) ?? 0
            case "999":
                exchangeIndex.file(
                    ExchangeIndex.group(
                        sender, receiver, acknowledgment.functionalID, number)) ?? 0
            default: UInt64(acknowledgment.reference) ?? 0
            }
        // Nobody acknowledges a file of somebody else, whatever number it names.
        let known = state.exchange.files[file].flatMap {
            $0.tenant == tenant && $0.partner == partner.name ? $0 : nil
        }
        var event = FileAcknowledged()
        event.file = known == nil ? 0 : file
        event.ingestion = ingestion
        event.kind = acknowledgment.kind
        event.code = Self.cut(acknowledgment.code, 3)
        event.note = Self.cut(acknowledgment.note, 16)
        event.controlNumber = Self.cut(acknowledgment.controlNumber, 16)
        event.isEarly = known.map { Self.isEarly(event, of: $0) } ?? false
        let cause = try emit(event, cause: known == nil ? ingestion : file)
        if let known {
            let left = state.exchange.files[file]
            if left == nil { exchangeIndex.forget(sent: known) }
            try clearOverdue(
                file, "it is acknowledged", cause: cause, but: left?.answers ?? [])
        }
        guard ["R", "P", "E", "X", "M", "W"].contains(event.code) else { return known != nil }
        try tell(
            about: known == nil ? "ingestion \(ingestion)" : "file \(file)",
            kind: "fileRejected", severity: "high", partner.contacts, cause: cause,
            "\(partner.name) answered \(known == nil ? "a file that is not known" : "file \(file)")"
                + " with "
                + [event.kind, event.code, event.note].filter { !$0.isEmpty }
                .joined(separator: " ") + "; look at received file \(ingestion)"
        )
        return known != nil
    }
}
