import Events

/// The state that follows from the log: every projection, at one sequence.
///
/// `apply` is pure and total: the engine, the replay and the auditor run this same function. It
/// reads records in place, never a clock, never a zone.
public struct ProjectedState: Sendable {
    /// Schedules by key, removed ones too.
    public internal(set) var schedules = BucketedMap<ScheduleState>(
        bucketCount: 256, leafCount: 256)
    /// Definitions in force, or followed by open runs.
    public internal(set) var definitions = BucketedMap<DefinitionState>(
        bucketCount: 256, leafCount: 256)
    /// Blackouts that are declared.
    public internal(set) var blackouts = BucketedMap<BlackoutState>(bucketCount: 16)
    /// Approvals that are not decided yet.
    public internal(set) var approvals = BucketedMap<ApprovalState>(bucketCount: 16)
    /// Business calendars.
    public internal(set) var calendars = BucketedMap<CalendarState>(bucketCount: 16)
    /// Runs that are not over.
    public internal(set) var openRuns = BucketedMap<RunState>(
        bucketCount: 64, leafCount: 64)
    /// Runs that ended badly and were not put in again: the dead-letter queue.
    public internal(set) var deadRuns = BucketedMap<RunState>(
        bucketCount: 64, leafCount: 64)
    /// The last runs that ended otherwise.
    public internal(set) var finishedRuns = FinishedRuns()
    /// Alerts that are open, and notices whose notification is not settled.
    public internal(set) var alerts = BucketedMap<AlertState>(bucketCount: 16)
    /// Job types that the API defined.
    public internal(set) var jobTypes = BucketedMap<JobTypeState>(bucketCount: 16)
    /// What was reported of dependencies from outside.
    public internal(set) var dependencies = BucketedMap<DependencyState>(bucketCount: 16)
    /// The zones that schedules use.
    public internal(set) var zones = BucketedMap<ZoneState>(bucketCount: 16)
    /// Workers that registered: in digest and snapshots only where there is one, so that logs
    /// without workers keep the digests that they always had.
    public internal(set) var workers = BucketedMap<WorkerState>(bucketCount: 16)
    /// Control numbers.
    public internal(set) var control = ControlNumbers()
    /// Partners, and the files that are exchanged with them; each part of it in digest and
    /// snapshots only where there is something.
    public internal(set) var exchange = ExchangeState()
    /// The engine itself.
    public internal(set) var engine = BucketedMap<EngineStatus>(bucketCount: 1)
    /// The last sequence applied; nil for an empty log.
    public private(set) var lastSequence: UInt64?
    /// The last event's time, µs.
    public private(set) var lastTime: Int64 = 0
    private var stage: StagedRecords?
    /// What definitions share.
    var definitionPieces = DefinitionPieces()
    /// Which worker has the lease of a run: it follows from `workers`.
    var leaseHolders: [UInt64: String] = [:]

    /// The state of an empty log.
    public init() {}

    /// A state at a sequence, whose projections are to be put in (`ProjectedState+Snapshot.swift`).
    init(lastSequence: UInt64, lastTime: Int64) {
        self.lastSequence = lastSequence
        self.lastTime = lastTime
    }

    /// Whether records of a stage wait for the one that ends it: they are in no projection yet.
    package var isStageOpen: Bool { stage != nil }

    /// The sequence of the next record.
    public var nextSequence: UInt64 { lastSequence.map { $0 + 1 } ?? 0 }

    /// Every run that is known: open, dead, or ended lately; in no order that means anything.
    public func forEachRun(_ body: (RunState) -> Void) {
        openRuns.forEach(body)
        deadRuns.forEach(body)
        finishedRuns.forEach(body)
    }

    /// The engine's status.
    public var status: EngineStatus { engine["engine"] ?? EngineStatus() }

    /// The room on the log's disk (`EngineStatus.space`), without a copy of the rest.
    public var space: String { engine.place(of: "engine").map { engine[$0].space } ?? "" }

    /// Applies one record.
    ///
    /// An event of a stage is kept aside until the event that ends the stage; a new start of the
    /// engine drops a stage that was not ended.
    ///
    /// - Throws: `ProjectionError`; the state is then not to be used any more.
    /// - Complexity: O(bytes), and O(stage) for the event that ends one.
    public mutating func apply(_ record: RawSpan) throws(ProjectionError) {
        try apply { state in
            let fields = try EventFields(record)
            try state.advance(fields.view)
        }
    }

    /// Applies one record whose fields `EventFields.note` has noted; where it noted none, they are
    /// found here, with what is wrong with them.
    ///
    /// - Throws: as above.
    public mutating func apply(
        _ record: RawSpan, noted words: Span<UInt64>
    ) throws(ProjectionError) {
        if words.isEmpty { return try apply(record) }
        try apply { state in try state.advance(EventView(record, noted: words)) }
    }

    @inline(__always)
    private mutating func apply(
        _ step: (inout ProjectedState) throws -> Void
    ) throws(ProjectionError) {
        let sequence = nextSequence
        do {
            try step(&self)
        } catch let error as WireError {
            throw ProjectionError(error, sequence: sequence)
        } catch let error as ProjectionError {
            throw error
        } catch {
            throw ProjectionError(.malformed, sequence: sequence, "\(error)")
        }
    }

    private mutating func advance(_ view: borrowing EventView) throws {
        guard view.sequence == nextSequence else {
            throw ProjectionError(
                .outOfOrder, sequence: nextSequence,
                "the record says that it is sequence \(view.sequence)")
        }
        guard view.time >= lastTime else {
            throw ProjectionError(
                .timeWentBack, sequence: view.sequence,
                "its time \(UTCText.of(microseconds: view.time)) is before the last event's")
        }
        if view.stage != 0 {
            try keep(view)
        } else {
            let type = view.type
            try fold(type, view)
            if type == .configurationApplied && view.uint(9) != 0 {
                try release(view.uint(9), at: view.sequence)
            }
            if type == .engineStarted { stage = nil }
        }
        lastSequence = view.sequence
        lastTime = view.time
    }

    private mutating func keep(_ view: borrowing EventView) throws {
        if stage == nil && view.stage == view.sequence + 1 { stage = StagedRecords(view.stage) }
        guard stage?.number == view.stage else {
            throw ProjectionError(
                .impossible, sequence: view.sequence, "it belongs to stage \(view.stage), not open")
        }
        stage?.append(view.bytes)
    }

    private mutating func release(_ number: UInt64, at sequence: UInt64) throws {
        guard let ended = stage, ended.number == number else {
            throw ProjectionError(
                .impossible, sequence: sequence, "it ends stage \(number), which is not open")
        }
        stage = nil
        try ended.forEach { record in
            let fields = try EventFields(record)
            let view = fields.view
            try fold(view.type, view)
        }
    }

    private mutating func fold(_ type: EventType?, _ view: borrowing EventView) throws {
        guard let type else {
            throw ProjectionError(
                .unknownEventType, sequence: view.sequence,
                "event type \(view.payloadNumber) is not known to this build; "
                    + "use the daybook that wrote it, or a newer one")
        }
        switch type {
        case .engineStarted, .engineStopped, .engineRecovered, .engineAlive, .clockStepped,
            .zoneDataChanged, .digestRecorded, .spaceChanged, .scrubCompleted,
            .configurationApplied, .checkpointSigned, .checkpointKeyChanged, .lossAccepted:
            try applyEngine(type, view)
        case .calendarDefined, .calendarRemoved:
            try applyCalendar(type, view)
        case .jobTypeDefined, .jobTypeRemoved:
            try applyJobType(type, view)
        case .blackoutDeclared, .blackoutLifted:
            try applyBlackout(type, view)
        case .zoneRecorded:
            try applyZone(view)
        case .scheduleCreated, .scheduleUpdated, .scheduleEnabled, .scheduleDisabled,
            .scheduleRemoved:
            try applySchedule(type, view)
        case .runDue:
            try applyDue(view)
        case .runSkipped, .runMissed:
            try applyUnrun(type, view)
        case .runHeld, .runDeferred, .runDispatched, .runStarted, .runSucceeded, .runFailed,
            .runRetryScheduled, .runDead, .runRequeued, .runCancelled, .runCompletionIgnored,
            .runLate, .runSlaMissed, .runSlaAtRisk, .runCancelRequested, .dependencySatisfied,
            .dependencyFailed, .dependencyStatusRead:
            try applyRun(type, view)
        case .workerRegistered, .workerOffline, .workerLeaseGranted, .workerLeaseExpired:
            try applyWorker(type, view)
        case .controlAllocatorCreated, .controlNumbersIssued, .controlNumbersPersisted,
            .controlNumbersFailed, .controlNumbersExplained, .controlAllocatorWrapped,
            .controlAllocatorReset, .controlAllocatorNearLimit, .controlNumbersResent:
            try applyControl(type, view)
        case .partnerDefined, .partnerRemoved:
            try applyPartner(type, view)
        case .fileReceived, .interchangeReceived, .duplicateFound, .duplicateResolved,
            .outcomeReceived, .filesCollected, .fileGrouped, .fileBuilt, .fileChecked,
            .fileAssembled, .filePublished, .fileFailed, .fileQuarantined, .fileAcknowledged,
            .fileMoved:
            try applyExchange(type, view)
        case .legalHoldPlaced, .legalHoldReleased:
            try applyHold(type, view)
        case .dependencyReported:
            try applyReport(view)
        case .approvalRequested, .approvalGranted, .approvalRefused, .approvalExpired:
            try applyApproval(type, view)
        case .alertRaised, .alertCleared, .alertAcknowledged, .alertEscalated, .notificationSent,
            .notificationFailed, .notificationRequested:
            try applyAlert(type, view)
        }
    }

    /// An error of this record: the event cannot follow the present state.
    func impossible(_ view: borrowing EventView, _ message: String) -> ProjectionError {
        ProjectionError(.impossible, sequence: view.sequence, message)
    }

    /// The digest of the present state.
    ///
    /// - Complexity: O(entries in buckets that changed since the last digest).
    public mutating func digest() -> StateDigest {
        StateDigest(
            sequence: lastSequence, projections: projectionDigests(withEmptyOnes: false))
    }

    /// The digest of each projection, in the order of their names.
    ///
    /// - Parameter withEmptyOnes: whether those that came later stand in it while they are empty,
    ///   which a digest leaves out so that old logs keep theirs.
    mutating func projectionDigests(withEmptyOnes isWhole: Bool) -> [ProjectionDigest] {
        var digests = [
            StateDigest.projection("alerts", 1, alerts.bucketDigests()),
            StateDigest.projection("blackouts", 1, blackouts.bucketDigests()),
            StateDigest.projection("calendars", 1, calendars.bucketDigests()),
            StateDigest.projection("dead-letters", 2, deadRuns.bucketDigests()),
            StateDigest.projection("definitions", 2, definitions.bucketDigests()),
            StateDigest.projection("engine", 1, engine.bucketDigests()),
            StateDigest.projection("finished-runs", 2, finishedRuns.bucketDigests()),
            StateDigest.projection("open-runs", 2, openRuns.bucketDigests()),
            StateDigest.projection("schedules", 2, schedules.bucketDigests()),
            StateDigest.projection("zones", 1, zones.bucketDigests()),
        ]
        if isWhole || approvals.count > 0 {
            digests.append(StateDigest.projection("approvals", 1, approvals.bucketDigests()))
        }
        if isWhole || dependencies.count > 0 {
            digests.append(
                StateDigest.projection("dependencies", 1, dependencies.bucketDigests()))
        }
        if isWhole || jobTypes.count > 0 {
            digests.append(StateDigest.projection("job-types", 1, jobTypes.bucketDigests()))
        }
        if isWhole || workers.count > 0 {
            digests.append(StateDigest.projection("workers", 1, workers.bucketDigests()))
        }
        digests += isWhole ? control.allDigests() : control.digests()
        digests += exchange.digests(withEmptyOnes: isWhole)
        return digests.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Every entry of every projection: for comparison key by key.
    ///
    /// - Complexity: O(n log n).
    public func forEachEntry(_ body: (_ projection: String, _ key: String, [UInt8]) -> Void) {
        func visit<Entry: ProjectionEntry>(_ name: String, _ map: BucketedMap<Entry>) {
            for entry in map.sorted() { body(name, Entry.keyText(entry.key), entry.encoded()) }
        }
        visit("alerts", alerts)
        visit("approvals", approvals)
        visit("blackouts", blackouts)
        visit("calendars", calendars)
        visit("control-numbers", control.allocators)
        visit("control-ranges", control.pages)
        visit("control-requests", control.requests.map)
        visit("dead-letters", deadRuns)
        visit("definitions", definitions)
        visit("dependencies", dependencies)
        visit("duplicates", exchange.duplicates)
        visit("engine", engine)
        visit("exchange-keys", exchange.keys)
        visit("finished-runs", finishedRuns.settledMap)
        visit("job-types", jobTypes)
        visit("legal-holds", exchange.holds)
        visit("open-runs", openRuns)
        visit("outbound-files", exchange.files)
        visit("outcomes", exchange.outcomes)
        visit("partners", exchange.partners)
        visit("received-files", exchange.received)
        visit("schedules", schedules)
        visit("workers", workers)
        visit("zones", zones)
    }
}
