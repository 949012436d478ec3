import Events

/// What became of one run, or of occurrences that ended without one: what a line of the run records
/// says.
///
/// docs/run-records.md has every field with its type and unit. Moments are µs since 1970 UTC, and 0
/// means that it never was, or is not known.
package struct RunRecord: Sendable, Equatable {
    /// What became of one dependency.
    package struct DependencyOutcome: Sendable, Equatable {
        /// The dependency's name.
        package var name = ""
        /// `satisfied` or `failed`.
        package var outcome = ""
        /// What satisfied it, or why it failed.
        package var detail = ""
        /// When.
        package var at: Int64 = 0
    }

    /// The sequence of the terminal event: with the log's identity, this line's own name.
    package var sequence: UInt64 = 0
    /// The terminal event's time.
    package var completed: Int64 = 0
    /// How the occurrence or the range ended; always terminal.
    package var status = RunStatus.succeeded
    /// The run's number; 0 for occurrences that never became a run.
    package var run: UInt64 = 0
    /// The tenant.
    package var tenant = ""
    /// The schedule's id.
    package var jobId = ""
    /// `schedule`, `catchUp`, `manual` or `requeue`.
    package var trigger = ""
    /// The scheduled time; of a range, the last one.
    package var scheduled: Int64 = 0
    /// The same in the zone, with its offset.
    package var scheduledLocal = ""
    /// The zone.
    package var zone = ""
    /// 1 in the second pass of a repeated hour.
    package var fold: UInt64 = 0
    /// The element of a fan-out.
    package var fanOutKey = ""
    /// The business date.
    package var businessDate = ""
    /// How many occurrences this line speaks of.
    package var count: UInt64 = 1
    /// The scheduled time of the first of them.
    package var first: Int64 = 0
    /// The scheduled time of the last of them.
    package var last: Int64 = 0
    /// When it became due.
    package var due: Int64 = 0
    /// When it was first dispatched.
    package var firstDispatched: Int64 = 0
    /// When an attempt first started.
    package var firstStarted: Int64 = 0
    /// When the last attempt started.
    package var started: Int64 = 0
    /// How long the last attempt took, µs; nil where there was none.
    package var duration: UInt64?
    /// The last attempt, 0 where there was none.
    package var attempts: UInt64 = 0
    /// How many times another attempt was scheduled.
    package var retries: UInt64 = 0
    /// The execution of the last attempt.
    package var execution: UInt64 = 0
    /// The idempotency key that the target received last.
    package var runKey = ""
    /// `process` or `http`.
    package var targetKind = ""
    /// The pipeline's name.
    package var targetName = ""
    /// The exit code of the last attempt.
    package var exitCode: Int64?
    /// The HTTP status of the last attempt.
    package var httpStatus: Int64?
    /// Where the last attempt's output is kept.
    package var output: OutputReference?
    /// The class of the last failure.
    package var failureClass = ""
    /// The last failure, in a sentence.
    package var failure = ""
    /// A start after this is late.
    package var startBy: Int64 = 0
    /// An end after this misses the SLA.
    package var finishBy: Int64 = 0
    /// A run longer than this is reported, µs; 0 for no such clock.
    package var durationMax: UInt64 = 0
    /// Whether its late start was reported.
    package var isLate = false
    /// The clocks that ran out: `finishBy`, `duration`.
    package var clocksMissed: [String] = []
    /// What became of its dependencies, in the order of the log; the first hundred.
    package var dependencies: [DependencyOutcome] = []
    /// Why it ended so, or was asked for.
    package var reason = ""
    /// More of that.
    package var detail = ""
    /// The run that this one stands for, for a requeue.
    package var originRun: UInt64 = 0
    /// The sequence of the definition that it follows; 0 where the log does not say.
    package var definition: UInt64 = 0
    /// The sequence that led to the terminal event.
    package var cause: UInt64 = 0
    /// Who made it a run: `engine`, `user:…`, `worker:…` or `config:<commit>`.
    package var actor = ""
    /// With which change ticket.
    package var ticket = ""
    /// With which idempotency key.
    package var request = ""
    /// Who ended it.
    package var endedBy = ""
    /// With which change ticket.
    package var endTicket = ""
    /// The customer's reference; empty for none.
    package var reference = ""
    /// Whether the log held the run's first event, so that nothing above is missing.
    package var isWhole = true

    /// More dependencies than these are not listed.
    package static let dependencyCountMax = 100

    init() {}
}

extension RunRecord {
    /// Whether the SLA was met: `missed` where any clock ran out, `met` where the run succeeded
    /// under a clock, and nil where there is nothing to say.
    package var sla: String? {
        if isLate || !clocksMissed.isEmpty { return "missed" }
        let hasClock = startBy != 0 || finishBy != 0 || durationMax != 0
        return status == .succeeded && hasClock ? "met" : nil
    }

    /// Takes in an event of the run before its end, as `RunRecordFold` kept it.
    mutating func apply(_ type: EventType, _ view: borrowing EventView) throws(WireError) {
        switch type {
        case .runDue: try applyDue(view)
        case .runDispatched: try applyDispatched(view)
        case .runStarted:
            started = view.time
            if firstStarted == 0 { firstStarted = view.time }
        case .runFailed:
            failureClass = try view.text(4)
            failure = try view.text(5)
            try applyResult(view)
        case .runRetryScheduled: retries += 1
        case .runLate: isLate = true
        case .runSlaMissed: clocksMissed.append(try view.text(3))
        case .runCancelRequested: try noteEnd(view)
        case .dependencySatisfied, .dependencyFailed:
            guard dependencies.count < Self.dependencyCountMax else { return }
            dependencies.append(
                DependencyOutcome(
                    name: try view.text(3),
                    outcome: type == .dependencySatisfied ? "satisfied" : "failed",
                    detail: try view.text(4), at: view.time))
        default: break  // the fold keeps no others
        }
    }

    /// Takes in the terminal event.
    mutating func end(
        _ ending: RunStatus, _ view: borrowing EventView
    ) throws(WireError) {
        sequence = view.sequence
        completed = view.time
        status = ending
        cause = view.cause
        if jobId.isEmpty { jobId = try view.text(2) }
        if tenant.isEmpty { tenant = try view.tenant }
        switch ending {
        case .succeeded:
            attempts = max(attempts, view.uint(3))
            try applyResult(view)
        case .dead:
            attempts = max(attempts, view.uint(3))
            reason = try view.text(4)
            if failure.isEmpty { failure = try view.text(5) }
        case .cancelled:
            attempts = max(attempts, view.uint(3))
            reason = try view.text(4)
        default: try applyUnrun(view)
        }
        try noteEnd(view)
    }

    private mutating func applyDue(_ view: borrowing EventView) throws(WireError) {
        run = view.uint(1)
        tenant = try view.tenant
        jobId = try view.text(2)
        due = view.time
        scheduled = view.int(4)
        scheduledLocal = try view.text(5)
        zone = try view.text(6)
        fold = view.uint(7)
        fanOutKey = try view.text(8)
        businessDate = try view.text(9)
        trigger = try view.text(10)
        definition = view.uint(11)
        count = max(view.uint(12), 1)
        first = count > 1 ? view.int(13) : scheduled
        last = scheduled
        startBy = view.int(15)
        finishBy = view.int(16)
        originRun = view.uint(17)
        reason = try view.text(18)
        durationMax = view.uint(19)
        actor = try view.actor
        ticket = try view.ticket
        request = try view.request
        reference = try view.text(28)
    }

    private mutating func applyDispatched(_ view: borrowing EventView) throws(WireError) {
        attempts = view.uint(3)
        execution = view.uint(4)
        runKey = try view.text(5)
        targetKind = try view.text(6)
        targetName = try view.text(7)
        if firstDispatched == 0 { firstDispatched = view.time }
        started = 0
        duration = nil
        exitCode = nil
        httpStatus = nil
        output = nil
    }

    private mutating func applyResult(_ view: borrowing EventView) throws(WireError) {
        exitCode = view.has(8) ? view.int(8) : nil
        httpStatus = view.has(9) ? view.int(9) : nil
        output = view.has(10) ? try OutputReference(decoding: view.content(10)) : nil
        duration = attempts == 0 ? nil : view.uint(12)
    }

    /// A skip or a miss says itself when it was scheduled.
    private mutating func applyUnrun(_ view: borrowing EventView) throws(WireError) {
        reason = try view.text(3)
        detail = try view.text(10)
        guard due == 0 else { return }
        count = max(view.uint(11), 1)
        let only = view.int(4)
        first = view.has(12) ? view.int(12) : only
        last = view.has(13) ? view.int(13) : only
        scheduled = only != 0 ? only : last
        scheduledLocal = try view.text(5)
        zone = try view.text(6)
        fold = view.uint(7)
        fanOutKey = try view.text(8)
        businessDate = try view.text(9)
        reference = try view.text(28)
    }

    /// A person who asked for the end is named, not the engine that carried it out.
    private mutating func noteEnd(_ view: borrowing EventView) throws(WireError) {
        if view.isActor("engine") && !endedBy.isEmpty { return }
        endedBy = try view.actor
        endTicket = try view.ticket
    }
}
