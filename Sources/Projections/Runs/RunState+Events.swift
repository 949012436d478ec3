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
            try take(.cancelReason, view, 4)
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
        let isWaiting = status == .due || status == .held
        switch type {
        case .runHeld:
            guard isWaiting else { throw refusal("be held", view) }
            status = .held
            try take(.gate, view, 3)
        case .runDeferred:
            // A retry that is put off stays one: its time is another.
            guard isWaiting || status == .retryScheduled else {
                throw refusal("be deferred", view)
            }
            if isWaiting { status = .held }
            try take(.gate, view, 5)
            if gate.isEmpty { gate = "deferred" }
            retryAt = view.int(3)
        case .runDispatched:
            guard isWaiting || status == .retryScheduled, view.uint(3) == attempt + 1
            else { throw refusal("be dispatched", view) }
            status = .dispatched
            clear(.gate)
            attempt = view.uint(3)
            execution = view.uint(4)
            try take(.runKey, view, 5)
            dispatchedAt = view.time
            startedAt = 0
            retryAt = 0
            clearProcess()
        case .runStarted:
            guard status == .dispatched, view.uint(3) == attempt else {
                throw refusal("start", view)
            }
            status = .started
            startedAt = view.time
            processId = view.uint(4)
            processStartTicks = view.uint(5)
            try take(.bootId, view, 6)
            isWaitingForCallback = view.bool(7)
            callbackBy = view.int(8)
        default:
            guard status == .failed else { throw refusal("be retried", view) }
            status = .retryScheduled
            retryAt = view.int(4)
            execution = view.uint(5)
        }
    }

    private mutating func fail(_ view: borrowing EventView) throws {
        let isWaiting = status == .due || status == .held
        guard status.isActive || isWaiting else { throw refusal("fail", view) }
        status = .failed
        try take(.failureClass, view, 4)
        try take(.failureMessage, view, 5)
        if view.has(28) { try take(.failureAdvice, view, 28) } else { clear(.failureAdvice) }
        if !view.isText(4, "lost") { failures += 1 }
        clearProcess()
    }

    private mutating func clearProcess() {
        processId = 0
        processStartTicks = 0
        clear(.bootId)
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
            let clock = try view.text(3)
            guard !clocksMissed.contains(clock) else {
                throw refusal("miss its \(clock) clock twice", view)
            }
            clocksMissed.append(clock)
        case .runSlaAtRisk:
            guard !isAtRisk else { throw refusal("be at risk twice", view) }
            isAtRisk = true
        case .runCancelRequested:
            isCancelRequested = true
            try take(.cancelReason, view, 4)
        case .dependencySatisfied:
            satisfied.append(try view.text(3))
        default:
            return  // dependency failed, status read: the decision that follows says what it means
        }
    }
}
