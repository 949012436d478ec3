import Events

extension ProjectedState {
    mutating func applyPartner(_ type: EventType, _ view: borrowing EventView) throws {
        let tenant = try view.tenant
        if type == .partnerRemoved {
            let name = try view.text(1)
            guard exchange.partners.remove(ScheduleKey(tenant, name)) != nil else {
                throw impossible(view, "partner '\(name)' is not defined")
            }
            return
        }
        var state = PartnerState()
        state.tenant = tenant
        state.sequence = view.sequence
        state.partner = try PartnerDefinition(decoding: view.content(1))
        exchange.partners.insert(state)
    }

    mutating func applyHold(_ type: EventType, _ view: borrowing EventView) throws {
        let key = ScheduleKey(try view.tenant, try view.text(1))
        if type == .legalHoldReleased {
            guard exchange.holds.remove(key) != nil else {
                throw impossible(view, "legal hold '\(key.jobId)' is not placed")
            }
            return
        }
        var hold = LegalHoldState()
        hold.tenant = key.tenant
        hold.name = key.jobId
        hold.partner = try view.text(2)
        hold.from = try view.text(3)
        hold.through = try view.text(4)
        hold.reason = try view.text(5)
        hold.actor = try view.actor
        hold.ticket = try view.ticket
        hold.placedAt = view.time
        exchange.holds.insert(hold)
    }

    mutating func applyExchange(_ type: EventType, _ view: borrowing EventView) throws {
        exchange.dropOld(at: view.time)
        switch type {
        case .fileReceived: try receive(view)
        case .interchangeReceived: try interchange(view)
        case .duplicateFound: try duplicate(view)
        case .duplicateResolved:
            guard exchange.duplicates.remove(view.uint(1)) != nil else {
                throw impossible(view, "duplicate \(view.uint(1)) is not open")
            }
        case .outcomeReceived: try outcome(view)
        case .fileGrouped: try group(view)
        case .fileAssembled: try assembled(view)
        case .filePublished: try published(view)
        case .fileFailed where view.bool(5): try giveUp(view.uint(1), .failed, view)
        case .fileQuarantined where view.uint(1) != 0:
            try giveUp(view.uint(1), .quarantined, view)
        case .fileAcknowledged: try acknowledged(view)
        default: break  // built, checked, moved and their like: facts that no state follows from
        }
    }

    // MARK: what comes

    private mutating func receive(_ view: borrowing EventView) throws {
        let event = try view.payload(FileReceived.self)
        let tenant = try view.tenant
        // What was rejected whole may be sent again as it is: its sender was told to.
        if !event.isRejected {
            exchange.note(
                ScheduleKey(tenant, ExchangeKey.content(event.partner, event.sha256)),
                view.sequence, until: event.keyUntil)
        }
        if !event.key.isEmpty {
            exchange.note(
                ScheduleKey(tenant, ExchangeKey.request(event.key)), view.sequence,
                until: event.keyUntil)
        }
        var state = ReceivedFileState()
        state.ingestion = view.sequence
        state.tenant = tenant
        state.partner = event.partner
        state.receivedAt = view.time
        state.path = event.path
        // Its interchanges follow, and say what is to be answered.
        guard event.interchangeCount > 0 else { return }
        exchange.received.insert(state)
        exchange.wheel.add(.received(view.sequence), at: ExchangeState.end(of: state))
    }

    private mutating func interchange(_ view: borrowing EventView) throws {
        let event = try view.payload(InterchangeReceived.self)
        if event.keyUntil != 0 {
            exchange.note(
                ScheduleKey(
                    try view.tenant,
                    ExchangeKey.interchange(event.sender, event.receiver, event.controlNumber)),
                event.ingestion, until: event.keyUntil)
        }
        guard var file = exchange.received[event.ingestion] else {
            throw impossible(view, "received file \(event.ingestion) is not open")
        }
        for answer in event.answers { file.answers.expect(answer) }
        // The last interchange of a file that nothing is to be answered of closes it.
        if event.isLast && file.answers.isEmpty {
            _ = exchange.received.remove(event.ingestion)
        } else {
            exchange.received.insert(file)
        }
    }

    private mutating func duplicate(_ view: borrowing EventView) throws {
        let event = try view.payload(DuplicateFound.self)
        var state = DuplicateState()
        state.duplicate = view.sequence
        state.tenant = try view.tenant
        state.ingestion = event.ingestion
        state.original = event.original
        state.kind = event.kind
        state.partner = event.partner
        state.controlNumber = event.controlNumber
        state.foundAt = view.time
        exchange.duplicates.insert(state)
        // A sweep does not find it once more, when it is settled either.
        exchange.note(
            ScheduleKey(
                state.tenant,
                ExchangeKey.duplicate(
                    event.ingestion, of: event.original, event.kind, event.controlNumber)),
            view.sequence, until: ExchangeState.end(ofDuplicateFoundAt: view.time))
    }

    private mutating func outcome(_ view: borrowing EventView) throws {
        let event = try view.payload(OutcomeReceived.self)
        var state = OutcomeState()
        state.outcome = view.sequence
        state.tenant = try view.tenant
        state.partner = event.partner
        state.transactionType = event.transactionType
        state.path = event.path
        state.sha256 = event.sha256
        state.offset = event.offset
        state.byteCount = event.byteCount
        state.ingestion = event.ingestion
        state.receivedAt = view.time
        state.windowEnd = event.windowEnd
        state.group = event.group
        exchange.outcomes.insert(state)
        if !event.outcomeId.isEmpty {
            let key = ExchangeKey.outcome(event.partner, event.transactionType, event.outcomeId)
            exchange.note(ScheduleKey(state.tenant, key), view.sequence, until: event.keyUntil)
        }
    }

    // MARK: what goes

    private mutating func group(_ view: borrowing EventView) throws {
        let event = try view.payload(FileGrouped.self)
        var file = OutboundFileState()
        file.file = view.sequence
        file.tenant = try view.tenant
        file.run = event.run
        file.partner = event.partner
        file.transactionType = event.transactionType
        file.statusText = OutboundFileState.Status.acquired.rawValue
        file.outcomes = event.outcomes
        file.ingestions = event.ingestions
        file.sender = event.sender
        file.receiver = event.receiver
        file.senderGroup = event.senderGroup
        file.receiverGroup = event.receiverGroup
        file.usage = event.usage
        file.requestsAcknowledgment = event.requestsAcknowledgment
        file.delimiters = event.delimiters
        file.acquiredAt = view.time
        file.reassembles = event.reassembles
        for number in event.outcomes {
            if exchange.outcomes.modify(number, { $0.file = view.sequence }) == nil {
                throw impossible(view, "outcome \(number) does not wait")
            }
        }
        exchange.files.insert(file)
        if let old = exchange.files[event.reassembles] { exchange.remove(old) }
    }

    /// Numbers were given out for a file: by the decision that opened it, which is their cause.
    ///
    /// What others call a file when they ask for numbers is a name of theirs.
    mutating func numbersIssued(_ view: borrowing EventView) throws {
        guard exchange.files.count > 0, let file = UInt64(try view.text(8)), view.cause == file
        else { return }
        var numbers = FileNumbers()
        numbers.allocator = try view.text(2)
        numbers.generation = view.uint(3)
        numbers.first = view.uint(4)
        numbers.count = view.uint(5)
        exchange.files.modify(file) { state in
            if state.status == .acquired && state.path.isEmpty { state.numbers.append(numbers) }
        }
    }

    private func open(
        _ number: UInt64, _ view: borrowing EventView
    ) throws -> OutboundFileState {
        guard let file = exchange.files[number] else {
            throw impossible(view, "file \(number) is not open")
        }
        return file
    }

    private mutating func assembled(_ view: borrowing EventView) throws {
        let event = try view.payload(FileAssembled.self)
        var file = try open(event.file, view)
        file.statusText = OutboundFileState.Status.assembled.rawValue
        file.path = event.path
        file.sha256 = event.sha256
        file.byteCount = event.byteCount
        exchange.files.insert(file)
        for number in file.outcomes {
            guard let outcome = exchange.outcomes.remove(number) else { continue }
            settle(outcome.ingestion, outcome.transactionType)
        }
    }

    /// An answer to a received file was written.
    private mutating func settle(_ ingestion: UInt64, _ type: String) {
        guard ingestion != 0, var file = exchange.received[ingestion] else { return }
        file.answers.settle(type)
        if file.answers.isEmpty {
            _ = exchange.received.remove(ingestion)
        } else {
            exchange.received.insert(file)
        }
    }

    private mutating func published(_ view: borrowing EventView) throws {
        let event = try view.payload(FilePublished.self)
        var file = try open(event.file, view)
        file.statusText = OutboundFileState.Status.published.rawValue
        file.publishedAt = view.time
        for answer in event.answers { file.answers.expect(answer) }
        file.early = []
        if file.answers.isEmpty { return exchange.remove(file) }
        exchange.files.insert(file)
        exchange.keep(file)
    }

    private mutating func giveUp(
        _ number: UInt64, _ status: OutboundFileState.Status, _ view: borrowing EventView
    ) throws {
        var file = try open(number, view)
        file.statusText = status.rawValue
        exchange.files.insert(file)
        exchange.keep(file)
    }

    private mutating func acknowledged(_ view: borrowing EventView) throws {
        let event = try view.payload(FileAcknowledged.self)
        guard event.file != 0, var file = exchange.files[event.file] else { return }
        if event.isEarly { file.early += file.acknowledged(by: event) }
        file.answers.settle(event.kind)
        // An interchange that was refused gets no other answer.
        if event.kind == "TA1" && event.code == "R" { file.answers = [] }
        if file.answers.isEmpty && file.status == .published { return exchange.remove(file) }
        exchange.files.insert(file)
    }
}
