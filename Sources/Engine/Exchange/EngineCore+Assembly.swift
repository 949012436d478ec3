import Events
import Projections
import X12

/// Files for partners: chosen and numbered in one decision, then built, checked, written and
/// published by whoever ordered them, who says so step by step.
extension EngineCore {
    /// More files are not begun in one decision.
    private static let filesMax = 256
    /// More outcomes are not put in one file, whatever its rule says: the record of it is bounded.
    private static let fileOutcomesMax = 1_000
    /// More findings of a file are not recorded.
    private static let findingsMax = 100

    static func outcomesMax(_ rule: PartnerTypeRule) -> Int {
        min(Int(clamping: max(rule.outcomesMax, 1)), fileOutcomesMax)
    }

    // MARK: collect, group, acquire

    /// Hands out files that no run has in hand, then makes new ones of the outcomes whose window
    /// has ended.
    mutating func collect(
        run number: UInt64, types: [String], partners: [String], filesMax: Int
    ) throws {
        guard let run = state.openRuns[number] else {
            throw Rejection(.notFound, "run \(number) is not open, so it collects nothing")
        }
        if isDraining { throw Rejection(.stopping, "the engine is stopping") }
        try checkRoom()
        tenant = run.tenant
        let limit = min(max(filesMax, 1), Self.filesMax)
        let holder = ExchangeIndex.Holder(run: number, attempt: run.attempt)
        func isWanted(_ partner: String, _ type: String) -> Bool {
            (types.isEmpty || types.contains(type))
                && (partners.isEmpty || partners.contains(partner))
        }
        var answer = ExchangeReply()
        for file in exchangeIndex.unfinished.sorted() where answer.orders.count < limit {
            guard let known = state.exchange.files[file], known.tenant == tenant,
                isWanted(known.partner, known.transactionType), !isInHand(file, of: holder)
            else { continue }
            answer.orders.append(order(known))
            exchangeIndex.inHand[file] = holder
        }
        let resumed = answer.orders.count
        var outcomeCount = 0
        for group in readyGroups() where isWanted(group.partner, group.type) {
            while answer.orders.count < limit, let chosen = try nextOutcomes(of: group) {
                guard let file = try begin(group, chosen, run: number, &answer) else { break }
                exchangeIndex.inHand[file] = holder
                outcomeCount += chosen.count
            }
        }
        answer.hasMore = answer.orders.count >= limit
        var event = FilesCollected()
        event.run = number
        event.outcomeCount = UInt64(outcomeCount)
        event.fileCount = UInt64(answer.orders.count - resumed)
        event.resumedCount = UInt64(resumed)
        event.status = answer.orders.isEmpty && answer.exhausted.isEmpty ? "NO_DATA" : ""
        try emit(event, cause: run.lastSequence)
        let told = counted(answer.orders.count, "file", one: "is", many: "are")
        reply(exchange: answer, "\(told) to be made")
    }

    /// Whether an attempt that is still at work has a file, or this one.
    private func isInHand(_ file: UInt64, of holder: ExchangeIndex.Holder) -> Bool {
        guard let known = exchangeIndex.inHand[file] else { return false }
        if known == holder { return true }
        guard let run = state.openRuns[known.run] else { return false }
        return run.attempt == known.attempt && run.status.isActive
    }

    private func order(_ file: OutboundFileState) -> AssemblyOrder {
        AssemblyOrder(
            file: file,
            outcomes: file.status == .acquired
                ? file.outcomes.compactMap { state.exchange.outcomes[$0] } : [])
    }

    /// The groups of this tenant in which something waits, the ones with the shortest window first.
    private func readyGroups() -> [ExchangeIndex.Group] {
        exchangeIndex.waiting.filter { $0.key.tenant == tenant && $0.value.count > 0 }
            .map { ($0.key, window($0.key)) }
            .sorted { $0.1 == $1.1 ? $0.0.precedes($1.0) : $0.1 < $1.1 }
            .map(\.0)
    }

    private func window(_ group: ExchangeIndex.Group) -> UInt64 {
        let partner = state.exchange.partners[ScheduleKey(group.tenant, group.partner)]?.partner
        return partner?.rule(for: group.type)?.windowSeconds ?? 0
    }

    /// The outcomes of a group's next file, where it is full or its window has ended.
    private func nextOutcomes(of group: ExchangeIndex.Group) throws -> [UInt64]? {
        guard let queue = exchangeIndex.waiting[group], let first = queue.first,
            let oldest = state.exchange.outcomes[first]
        else { return nil }
        // A partner that is defined no more, or is sent this type no more, is told nothing.
        guard let partner = try? partner(group.partner), let rule = try? rule(partner, group.type)
        else { return nil }
        let limit = Self.outcomesMax(rule)
        guard oldest.windowEnd <= now || queue.count >= limit else { return nil }
        return queue.prefix(limit)
    }

    /// Begins a file of outcomes that wait: it gets all of its numbers in this decision.
    ///
    /// - Returns: its id; nil where an allocator has none left, of which people are told.
    private mutating func begin(
        _ group: ExchangeIndex.Group, _ chosen: [UInt64], run: UInt64,
        _ answer: inout ExchangeReply
    ) throws -> UInt64? {
        let partner = try partner(group.partner)
        let found = chosen.compactMap { state.exchange.outcomes[$0] }
        let requests = try numberRequests(partner, group.type, found.map(\.group))
        if let name = exhausted(by: requests) {
            try tellRollover(name)
            answer.exhausted.append("\(group.partner) \(group.type)")
            return nil
        }
        exchangeIndex.waiting[group]?.drop(chosen.count)
        let file = try open(found, partner, group.type, requests, run: run)
        if let known = state.exchange.files[file] { answer.orders.append(order(known)) }
        return file
    }

    /// One ISA13, a GS06 for each group, a ST02 for each outcome; a TA1 has neither group nor set.
    ///
    /// - Parameter groups: GS03 of each outcome; empty for the partner's.
    func numberRequests(
        _ partner: PartnerDefinition, _ type: String, _ groups: [String]
    ) throws(Rejection) -> [NumberRequest] {
        guard let own = partner.own, let them = partner.partner else {
            throw Rejection(.conflict, "partner '\(partner.name)' has no identifiers")
        }
        func request(
            _ kind: NumberRequest.Kind, group: String = "", count: UInt64
        ) throws(Rejection) -> NumberRequest {
            try NumberRequest(
                kind, sender: own.name, receiver: them.name, group: group, partner: partner.name,
                transactionType: type, count: count)
        }
        var requests = [try request(.interchange, count: 1)]
        guard let functionalID = TransactionType(rawValue: type)?.functionalID else {
            return requests
        }
        // Without one, an outcome stands in the group that others may name.
        let count = Set(groups.map { $0.isEmpty ? them.group : $0 }).count
        requests.append(try request(.group, group: functionalID, count: UInt64(count)))
        requests.append(try request(.set, count: UInt64(groups.count)))
        return requests
    }

    /// Opens a file of outcomes, with its numbers.
    mutating func open(
        _ outcomes: [OutcomeState], _ partner: PartnerDefinition, _ type: String,
        _ requests: [NumberRequest], run: UInt64, reassembles: UInt64 = 0
    ) throws -> UInt64 {
        var event = FileGrouped()
        event.run = run
        event.partner = partner.name
        event.transactionType = type
        event.outcomes = outcomes.map(\.outcome)
        event.ingestions = Array(Set(outcomes.map(\.ingestion)).subtracting([0])).sorted()
        event.sender = partner.own?.name ?? ""
        event.receiver = partner.partner?.name ?? ""
        event.senderGroup = partner.own?.group ?? ""
        event.receiverGroup = partner.partner?.group ?? ""
        event.usage = partner.usage
        event.requestsAcknowledgment = partner.requestsAcknowledgment && type != "TA1"
        event.delimiters = partner.delimiters
        event.reassembles = reassembles
        let file = try emit(event, cause: run == 0 ? reassembles : run)
        var cause = file
        for (item, request) in requests.enumerated() {
            let allocator = try allocator(request.allocator)
            var issued = ControlNumbersIssued()
            issued.partner = request.partner
            issued.transactionType = request.transactionType
            issued.file = String(file)
            issued.item = UInt64(item)
            var given: [IssuedNumbers] = []
            try giveOut(request.count, of: allocator, issued, &given, cause: &cause)
            try warnNearLimit(allocator)
        }
        exchangeIndex.unfinished.insert(file)
        if let known = state.exchange.files[file] { exchangeIndex.note(sent: known) }
        return file
    }

    // MARK: built, checked, written

    private func unwritten(_ number: UInt64) throws(Rejection) -> OutboundFileState {
        guard let file = state.exchange.files[number], file.status == .acquired else {
            throw Rejection(.conflict, "file \(number) is not being made")
        }
        return file
    }

    /// Files stand under their final names: their numbers are persisted.
    mutating func written(_ files: [WrittenFile]) throws {
        let known = try files.map { written throws(Rejection) in try unwritten(written.file) }
        guard Set(files.map(\.file)).count == files.count else {
            throw Rejection(.invalid, "a file is written once")
        }
        try Self.checkPaths(files.map(\.path))
        for (written, file) in zip(files, known) {
            tenant = file.tenant
            var built = FileBuilt()
            built.file = file.file
            built.sha256 = written.sha256
            built.byteCount = written.byteCount
            built.segmentCount = written.segmentCount
            built.setCount = written.setCount
            try emit(built, cause: file.file)
            var checked = FileChecked()
            checked.file = file.file
            checked.isGood = true
            try emit(checked, cause: file.file)
            var assembled = FileAssembled()
            assembled.file = file.file
            assembled.partner = file.partner
            assembled.transactionType = file.transactionType
            assembled.path = written.path
            assembled.sha256 = written.sha256
            assembled.byteCount = written.byteCount
            assembled.controlNumber = Self.isa13(file)
            let cause = try emit(assembled, cause: file.file)
            let numbers = self.known(Self.issued(file))
            if !numbers.isEmpty { try persist(numbers, written.path, .engine) }
            for ingestion in file.ingestions {
                try clearOverdue(
                    ingestion, "it is answered", cause: cause,
                    but: state.exchange.received[ingestion]?.answers ?? [])
            }
        }
        reply("\(counted(files.count, "file", one: "is", many: "are")) written")
    }

    static func issued(_ file: OutboundFileState) -> [IssuedNumbers] {
        file.numbers.map {
            IssuedNumbers(
                allocator: $0.allocator, generation: $0.generation, first: $0.first,
                count: $0.count)
        }
    }

    static func isa13(_ file: OutboundFileState) -> String {
        let digits = String(file.numbers("ISA").first ?? 0)
        return String(repeating: "0", count: max(0, 9 - digits.utf8.count)) + digits
    }

    /// A file did not pass its check.
    mutating func setAside(_ aside: SetAsideFile) throws {
        let file = try unwritten(aside.file)
        try Self.checkPaths([aside.path])
        tenant = file.tenant
        var checked = FileChecked()
        checked.file = file.file
        checked.findings = aside.findings.prefix(Self.findingsMax).map { Self.cut($0, 200) }
        try emit(checked, cause: file.file)
        var event = FileQuarantined()
        event.file = file.file
        event.path = aside.path
        event.reason = Self.cut(aside.reason, 200)
        event.findings = checked.findings
        let cause = try emit(event, cause: file.file)
        try failNumbers(of: file, "file \(file.file): \(aside.reason)")
        close(file)
        try tell(
            about: "file \(file.file)", kind: "fileQuarantined", severity: "high",
            contacts(of: file), cause: cause,
            "file \(file.file) (\(file.transactionType) for \(file.partner)) is in quarantine: "
                + "\(aside.reason). When its cause is mended: "
                + "daybook x12 reassemble \(file.file)")
        reply("file \(file.file) is set aside")
    }

    /// A step of a file failed, after all attempts at it.
    mutating func stepFailed(
        _ number: UInt64, _ step: String, _ reason: String, _ attempts: UInt64, isGivenUp: Bool
    ) throws {
        guard let file = state.exchange.files[number],
            file.status == .acquired || (file.status == .assembled && !isGivenUp)
        else { throw Rejection(.conflict, "file \(number) is not being made") }
        tenant = file.tenant
        var event = FileFailed()
        event.file = number
        event.step = Self.cut(step, 64)
        event.reason = Self.cut(reason, 500)
        event.attempts = attempts
        event.isGivenUp = isGivenUp
        let cause = try emit(event, cause: number)
        if isGivenUp {
            try failNumbers(of: file, "file \(number): \(step) failed")
            close(file)
        }
        // Else it stays in the hand of its run's attempt, which is not given it once more.
        try tell(
            about: "file \(number)", kind: "fileFailed", severity: "high", contacts(of: file),
            cause: cause,
            "file \(number) (\(file.transactionType) for \(file.partner)): \(step) failed "
                + counted(attempts, "time") + "; "
                + (isGivenUp
                    ? "its numbers are failed. Then: daybook x12 reassemble \(number)"
                    : "requeue the run when its cause is mended, and it goes on"))
        reply("step \(step) of file \(number) failed")
    }

    /// Nothing more is done with a file.
    private mutating func close(_ file: OutboundFileState) {
        exchangeIndex.unfinished.remove(file.file)
        exchangeIndex.inHand[file.file] = nil
        exchangeIndex.forget(sent: file)
    }

    func contacts(of file: OutboundFileState) -> [String] {
        state.exchange.partners[ScheduleKey(file.tenant, file.partner)]?.partner?.contacts ?? []
    }

    // MARK: published

    /// Those who deliver files know of these: their acknowledgment is waited for.
    mutating func published(_ numbers: [UInt64], _ channel: String, _ attempts: UInt64) throws {
        let files = try numbers.map { number throws(Rejection) in
            guard let file = state.exchange.files[number], file.status == .assembled else {
                throw Rejection(.conflict, "file \(number) is not written, or published already")
            }
            return file
        }
        guard Set(numbers).count == numbers.count else {
            throw Rejection(.invalid, "a file is published once")
        }
        for (number, file) in zip(numbers, files) {
            tenant = file.tenant
            var event = FilePublished()
            event.file = number
            event.partner = file.partner
            event.transactionType = file.transactionType
            event.channel = channel
            event.attempts = attempts
            event.answers = expectedAnswers(file)
            let cause = try emit(event, cause: number)
            exchangeIndex.unfinished.remove(number)
            exchangeIndex.inHand[number] = nil
            if let left = state.exchange.files[number] {
                armAnswer(number, left.answers.firstDue)
            } else {
                exchangeIndex.forget(sent: file)
            }
            try clearTold("file \(number)", kind: "fileFailed", "it is published", cause: cause)
        }
        reply("\(counted(numbers.count, "file", one: "is", many: "are")) published")
    }

    /// What a partner is to acknowledge a file with: a TA1 where we ask for it, a 999 for each
    /// group, but for groups of 999s.
    private func expectedAnswers(_ file: OutboundFileState) -> [ExpectedAnswer] {
        let partner = state.exchange.partners[ScheduleKey(file.tenant, file.partner)]?.partner
        func answer(_ type: String, _ sent: String) -> ExpectedAnswer? {
            let seconds = partner?.rule(for: sent)?.acknowledgedWithinSeconds ?? 0
            guard seconds > 0 else { return nil }
            var answer = ExpectedAnswer()
            answer.type = type
            answer.dueAt = now + Int64(clamping: seconds) * 1_000_000
            return answer
        }
        let type = file.transactionType
        // A 999 is acknowledged by a TA1 alone: its rule says within what time one is due.
        let interchange = file.requestsAcknowledgment ? answer("TA1", "999") : nil
        let groups = type == "999" ? [] : file.numbers("GS").compactMap { _ in answer("999", type) }
        return (interchange.map { [$0] } ?? []) + groups
    }
}
