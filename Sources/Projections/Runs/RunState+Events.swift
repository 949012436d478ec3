import Events

/// What an event does to a run that is open.
extension RunState {
    /// Applies an event, in place.
    ///
    /// - Returns: whether the run is over.
    mutating func apply(_ type: EventType, _ view: borrowing EventView) throws -> Bool {
        lastSequence = view.sequence
        switch type {
        case .runHeld, .runDeferred, .runDispatched, .runStarted, .runRetryScheduled:
            try advance(type, view)
        case .runFailed:
            try fail(view)
        case .runSucceeded:
            guard status.isActive || status == .retryScheduled else {
                throw refusal("succeed", view)
            }
            status = .succeeded
            return true
        case .runDead:
            guard status == .failed else { throw refusal("die", view) }
            status = .dead
            return true
        case .runCancelled:
            status = .cancelled
            cancelReason = try view.payload.text(4)
            return true
        default:
            try note(type, view)
        }
        return false
    }

    private func refusal(_ verb: String, _ view: borrowing EventView) -> ProjectionError {
        ProjectionError(
            .impossible, sequence: view.sequence, "run \(run) is \(statusText) and cannot \(verb)")
    }

    private mutating func advance(
        _ type: EventType, _ view: borrowing EventView
    ) throws {
        let payload = view.payload
        let isWaiting = status == .due || status == .held
        switch type {
        case .runHeld:
            guard isWaiting else { throw refusal("be held", view) }
            status = .held
            gate = try payload.text(3)
        case .runDeferred:
            guard isWaiting else { throw refusal("be deferred", view) }
            status = .held
            gate = "deferred"
            retryAt = payload.int(3)
        case .runDispatched:
            guard isWaiting || status == .retryScheduled, payload.uint(3) == attempt + 1
            else { throw refusal("be dispatched", view) }
            status = .dispatched
            gate = ""
            attempt = payload.uint(3)
            execution = payload.uint(4)
            runKey = try payload.text(5)
            dispatchedAt = view.time
            startedAt = 0
            retryAt = 0
            clearProcess()
        case .runStarted:
            guard status == .dispatched, payload.uint(3) == attempt else {
                throw refusal("start", view)
            }
            status = .started
            startedAt = view.time
            processId = payload.uint(4)
            processStartTicks = payload.uint(5)
            bootId = try payload.text(6)
            isWaitingForCallback = payload.bool(7)
            callbackBy = payload.int(8)
        default:
            guard status == .failed else { throw refusal("be retried", view) }
            status = .retryScheduled
            retryAt = payload.int(4)
            execution = payload.uint(5)
        }
    }

    private mutating func fail(_ view: borrowing EventView) throws {
        let isWaiting = status == .due || status == .held
        guard status.isActive || isWaiting else { throw refusal("fail", view) }
        status = .failed
        failureClass = try view.payload.text(4)
        failureMessage = try view.payload.text(5)
        if failureClass != "lost" { failures += 1 }
        clearProcess()
    }

    private mutating func clearProcess() {
        processId = 0
        processStartTicks = 0
        bootId = ""
        isWaitingForCallback = false
        callbackBy = 0
    }

    private mutating func note(
        _ type: EventType, _ view: borrowing EventView
    ) throws {
        switch type {
        case .runLate:
            guard !isLate else { throw refusal("be late twice", view) }
            isLate = true
        case .runSlaMissed:
            let clock = try view.payload.text(3)
            guard !clocksMissed.contains(clock) else {
                throw refusal("miss its \(clock) clock twice", view)
            }
            clocksMissed.append(clock)
        case .runCancelRequested:
            isCancelRequested = true
            cancelReason = try view.payload.text(4)
        case .dependencySatisfied:
            satisfied.append(try view.payload.text(3))
        default:
            return  // dependency failed, status read: the decision that follows says what it means
        }
    }
}
