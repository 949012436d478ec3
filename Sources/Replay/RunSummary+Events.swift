import Events
import Projections

extension EventType {
    /// Whether field 1 of the payload is a run and field 2 its schedule.
    var isOfRun: Bool {
        (72...88).contains(rawValue) || (104...106).contains(rawValue)
            || (162...163).contains(rawValue)
    }

    /// Whether field 1 of the payload is a schedule's id.
    var isOfSchedule: Bool { (40...44).contains(rawValue) }

    /// Whether field 2 of the payload is a schedule's id, or may be.
    var namesScheduleSecond: Bool {
        switch self {
        case .alertRaised, .alertCleared, .alertAcknowledged, .alertEscalated,
            .notificationRequested, .approvalRequested, .approvalGranted, .approvalRefused,
            .approvalExpired:
            true
        default: isOfRun
        }
    }
}

extension EventView {
    /// The schedule that the event speaks of; empty for none.
    func jobId(_ type: EventType) throws(WireError) -> String {
        if type.isOfSchedule { return try text(1) }
        return type.namesScheduleSecond ? try text(2) : ""
    }
}

extension RunSummary {
    /// A run from its first event, or a range from its only one.
    init(_ type: EventType, _ view: borrowing EventView) throws(WireError) {
        firstSequence = view.sequence
        tenant = try view.tenant
        jobId = try view.text(2)
        if type == .runDue {
            run = view.uint(1)
            try applyDue(view)
        } else {
            try applyRange(view)
        }
        try apply(type, view)
    }

    private mutating func applyDue(_ view: borrowing EventView) throws(WireError) {
        scheduled = view.int(4)
        scheduledLocal = try view.text(5)
        zone = try view.text(6)
        fold = view.uint(7)
        fanOutKey = try view.text(8)
        businessDate = try view.text(9)
        trigger = try view.text(10)
        definition = view.uint(11)
        occurrences = max(view.uint(12), 1)
        firstScheduled = occurrences > 1 ? view.int(13) : scheduled
        originRun = view.uint(17)
        reference = try view.text(28)
        dueAt = view.time
        if trigger == "manual" || trigger == "requeue" || trigger == "backfill" {
            reason = try view.text(18)
            try noteActor(view)
        }
    }

    private mutating func applyRange(_ view: borrowing EventView) throws(WireError) {
        scheduled = view.int(13)
        scheduledLocal = try view.text(5)
        zone = try view.text(6)
        fanOutKey = try view.text(8)
        occurrences = max(view.uint(11), 1)
        firstScheduled = view.int(12)
        reference = try view.text(28)
    }

    private mutating func noteActor(_ view: borrowing EventView) throws(WireError) {
        let who = try view.actor
        // Who asked stays, where a worker only reports that it was done.
        if who == "engine" || who.hasPrefix("worker:") { return }
        actor = who
        ticket = try view.ticket
    }

    /// Takes in an event of the run.
    mutating func apply(_ type: EventType, _ view: borrowing EventView) throws(WireError) {
        lastSequence = view.sequence
        lastTime = view.time
        switch type {
        case .runHeld, .runDeferred: status = .held
        case .runDispatched: try applyDispatched(view)
        case .runStarted:
            status = .started
            startedAt = view.time
        case .runSucceeded:
            status = .succeeded
            try applyResult(view)
        case .runFailed:
            status = .failed
            failureClass = try view.text(4)
            failure = try view.text(5)
            advice = try view.text(28)
            try applyResult(view)
        case .runRetryScheduled:
            status = .retryScheduled
            retries += 1
        case .runDead:
            status = .dead
            reason = try view.text(4)
        case .runSkipped, .runMissed:
            status = type == .runSkipped ? .skipped : .missed
            reason = try view.text(3)
            detail = try view.text(10)
        case .runCancelled, .runCancelRequested:
            if type == .runCancelled { status = .cancelled }
            reason = try view.text(4)
            try noteActor(view)
        case .runLate: isLate = true
        case .runSlaMissed: clocksMissed.append(try view.text(3))
        case .runRequeued: requeuedAs = view.uint(3)
        default: break  // what a run waited for, and completions that changed nothing
        }
        if status.isTerminal && endedAt == 0 { endedAt = view.time }
    }

    private mutating func applyDispatched(_ view: borrowing EventView) throws(WireError) {
        status = .dispatched
        attempts = view.uint(3)
        runKey = try view.text(5)
        targetKind = try view.text(6)
        targetName = try view.text(7)
        if dispatchedAt == 0 { dispatchedAt = view.time }
        startedAt = 0
        exitCode = nil
        httpStatus = nil
        output = nil
        durationMicroseconds = nil
    }

    private mutating func applyResult(_ view: borrowing EventView) throws(WireError) {
        exitCode = view.has(8) ? view.int(8) : nil
        httpStatus = view.has(9) ? view.int(9) : nil
        output = view.has(10) ? try OutputReference(decoding: view.content(10)) : nil
        durationMicroseconds = attempts == 0 ? nil : view.uint(12)
    }
}

/// The runs that are open at a place of the log, as the events so far tell them.
package struct RunTracker {
    private(set) var open: [UInt64: RunSummary] = [:]

    package init() {}

    /// Takes in an event.
    ///
    /// - Returns: the run, where this event ended it, or the range that it tells of.
    package mutating func take(
        _ type: EventType, _ view: borrowing EventView
    ) throws(WireError) -> RunSummary? {
        guard type.isOfRun else { return nil }
        let number = view.uint(1)
        if type == .runDue {
            open[number] = try RunSummary(type, view)
            return nil
        }
        if number == 0 { return try RunSummary(type, view) }
        guard let index = open.index(forKey: number) else { return nil }
        try open.values[index].apply(type, view)
        guard open.values[index].status.isTerminal else { return nil }
        return open.remove(at: index).value
    }

    /// The open runs, by number.
    package var sorted: [RunSummary] {
        open.values.sorted { ($0.run ?? 0) < ($1.run ?? 0) }
    }
}
