/// Every type of event that this build knows.
///
/// The raw value is the field number of its payload in the record (`docs/format/events.proto`).
/// Numbers are never used again for something else.
public enum EventType: Int, CaseIterable, Sendable {
    /// The engine took the log and rebuilt its state.
    case engineStarted = 16
    /// The engine stopped cleanly.
    case engineStopped = 17
    /// Recovery set bytes aside that were never acknowledged.
    case engineRecovered = 18
    /// A sign of life, each minute.
    case engineAlive = 19
    /// The clock moved other than by passing.
    case clockStepped = 20
    /// The zone data are of another release than before.
    case zoneDataChanged = 21
    /// The engine's own digest of its state, for replay to compare.
    case digestRecorded = 22
    /// The room on the log's disk became low, full or ample.
    case spaceChanged = 23
    /// Every byte of the sealed segments was read again.
    case scrubCompleted = 24
    /// The data of a zone that schedules use.
    case zoneRecorded = 25
    /// A configuration was applied, as one decision.
    case configurationApplied = 32
    /// A schedule was created.
    case scheduleCreated = 40
    /// A schedule says something else.
    case scheduleUpdated = 41
    /// A paused schedule was resumed.
    case scheduleEnabled = 42
    /// A schedule was paused.
    case scheduleDisabled = 43
    /// A schedule was removed.
    case scheduleRemoved = 44
    /// A job type was defined through the API, or defined anew.
    case jobTypeDefined = 45
    /// A job type that the API had defined was removed.
    case jobTypeRemoved = 46
    /// A business calendar was defined, or defined anew.
    case calendarDefined = 56
    /// A business calendar was removed.
    case calendarRemoved = 57
    /// A blackout was declared, or says something else.
    case blackoutDeclared = 60
    /// A blackout is over, or was taken back.
    case blackoutLifted = 61
    /// An occurrence became a run.
    case runDue = 72
    /// The run waits.
    case runHeld = 73
    /// The run was put off.
    case runDeferred = 74
    /// Occurrences ended without running, on purpose.
    case runSkipped = 75
    /// Occurrences ended because the engine was not there to run them.
    case runMissed = 76
    /// The target will be called: the intent.
    case runDispatched = 77
    /// The target has it; what is needed to find it again.
    case runStarted = 78
    /// The run ended well.
    case runSucceeded = 79
    /// An attempt failed.
    case runFailed = 80
    /// A failed run will be tried again.
    case runRetryScheduled = 81
    /// The run ended badly; it stands in the dead-letter queue.
    case runDead = 82
    /// A dead run was put in again, as a new run.
    case runRequeued = 83
    /// The run was ended by a person, a removal or a shutdown.
    case runCancelled = 84
    /// A completion came that changes nothing.
    case runCompletionIgnored = 85
    /// The run started later than it should.
    case runLate = 86
    /// A clock of the run ran out.
    case runSlaMissed = 87
    /// A running attempt is to be ended: the intent.
    case runCancelRequested = 88
    /// The run will probably miss its SLA.
    case runSlaAtRisk = 89
    /// A run waits for a person, or an act for another one.
    case approvalRequested = 96
    /// A person approved it.
    case approvalGranted = 97
    /// A person refused it.
    case approvalRefused = 98
    /// Nobody decided it in time, or what waited for it is over.
    case approvalExpired = 99
    /// What the run waited for is ready.
    case dependencySatisfied = 104
    /// What the run waited for did not come.
    case dependencyFailed = 105
    /// An external dependency gave another answer than before.
    case dependencyStatusRead = 106
    /// Somebody reported another status of a dependency for a business date.
    case dependencyReported = 107
    /// A trading partner was defined, or defined anew.
    case partnerDefined = 112
    /// A trading partner was removed.
    case partnerRemoved = 113
    /// An allocator of control numbers began.
    case controlAllocatorCreated = 120
    /// Numbers were given out, and are never given out again in their generation.
    case controlNumbersIssued = 121
    /// The file that holds the numbers is written.
    case controlNumbersPersisted = 122
    /// Numbers were not used: a gap, with its cause.
    case controlNumbersFailed = 123
    /// Somebody explained numbers that are missing; actor and ticket stand in the envelope.
    case controlNumbersExplained = 124
    /// The last number was given out: the next generation begins, since the allocator wraps.
    case controlAllocatorWrapped = 125
    /// A person began the next generation; actor and ticket stand in the envelope.
    case controlAllocatorReset = 126
    /// Few numbers are left in a generation.
    case controlAllocatorNearLimit = 127
    /// A file was sent again under its own numbers.
    case controlNumbersResent = 128
    /// A partner's file is here.
    case fileReceived = 136
    /// An interchange of a received file was checked.
    case interchangeReceived = 137
    /// What was received had been received before.
    case duplicateFound = 138
    /// A person settled a duplicate.
    case duplicateResolved = 139
    /// What a partner is to be told is here.
    case outcomeReceived = 140
    /// A run gathered the outcomes whose time has come.
    case filesCollected = 141
    /// Outcomes of one partner and type become a file.
    case fileGrouped = 142
    /// The bytes of a file were made.
    case fileBuilt = 143
    /// A file was checked as an inbound one is.
    case fileChecked = 144
    /// A file stands whole under its final name.
    case fileAssembled = 145
    /// Those who deliver files were told of one.
    case filePublished = 146
    /// A step of a file failed for good.
    case fileFailed = 147
    /// A file was set aside for a person.
    case fileQuarantined = 148
    /// A partner acknowledged a file, or something that we do not know.
    case fileAcknowledged = 149
    /// A file came to an age at which it is kept elsewhere, or not any more.
    case fileMoved = 150
    /// A worker said who it is, what it can do, and that it is there.
    case workerRegistered = 160
    /// A worker is not there any more.
    case workerOffline = 161
    /// A worker may work on an attempt, as long as it renews the lease.
    case workerLeaseGranted = 162
    /// A lease is over, and its attempt is not.
    case workerLeaseExpired = 163
    /// Somebody should look.
    case alertRaised = 176
    /// What the alert spoke of is over.
    case alertCleared = 177
    /// A person takes an alert on: actor and ticket stand in the envelope.
    case alertAcknowledged = 178
    /// Nobody acknowledged an alert in time: more people are told.
    case alertEscalated = 179
    /// A notification went out by one channel.
    case notificationSent = 180
    /// A notification did not go out by one channel.
    case notificationFailed = 181
    /// People are to hear of a run that goes as it should: the intent.
    case notificationRequested = 182
    /// A checkpoint of the log was signed.
    case checkpointSigned = 208
    /// Checkpoints are signed by another key from now on.
    case checkpointKeyChanged = 209
    /// Records were lost, and the log goes on under a successor origin.
    case lossAccepted = 210
    /// Files of a partner, or of all, are kept whatever their age.
    case legalHoldPlaced = 211
    /// A legal hold is over.
    case legalHoldReleased = 212

    /// Whether it is of control numbers: its payload's second field is an allocator's name.
    public var isOfControlNumbers: Bool { (120...128).contains(rawValue) }

    /// Whether it is of the exchange with trading partners: their definitions, files, legal holds.
    public var isOfExchange: Bool {
        (112...113).contains(rawValue) || (136...150).contains(rawValue)
            || (211...212).contains(rawValue)
    }

    /// The name in exports and on the command line, such as `scheduler.run.started`.
    public var name: String {
        switch self {
        case .engineStarted: "scheduler.engine.started"
        case .engineStopped: "scheduler.engine.stopped"
        case .engineRecovered: "scheduler.engine.recovered"
        case .engineAlive: "scheduler.engine.alive"
        case .clockStepped: "scheduler.engine.clock_stepped"
        case .zoneDataChanged: "scheduler.engine.zone_data_changed"
        case .digestRecorded: "scheduler.engine.digest_recorded"
        case .spaceChanged: "scheduler.engine.space_changed"
        case .scrubCompleted: "scheduler.engine.scrub_completed"
        case .zoneRecorded: "scheduler.engine.zone_recorded"
        case .configurationApplied: "scheduler.configuration.applied"
        case .scheduleCreated: "scheduler.schedule.created"
        case .scheduleUpdated: "scheduler.schedule.updated"
        case .scheduleEnabled: "scheduler.schedule.enabled"
        case .scheduleDisabled: "scheduler.schedule.disabled"
        case .scheduleRemoved: "scheduler.schedule.removed"
        case .jobTypeDefined: "scheduler.jobtype.defined"
        case .jobTypeRemoved: "scheduler.jobtype.removed"
        case .calendarDefined: "scheduler.calendar.defined"
        case .calendarRemoved: "scheduler.calendar.removed"
        case .blackoutDeclared: "scheduler.blackout.declared"
        case .blackoutLifted: "scheduler.blackout.lifted"
        case .runDue: "scheduler.run.due"
        case .runHeld: "scheduler.run.held"
        case .runDeferred: "scheduler.run.deferred"
        case .runSkipped: "scheduler.run.skipped"
        case .runMissed: "scheduler.run.missed"
        case .runDispatched: "scheduler.run.dispatched"
        case .runStarted: "scheduler.run.started"
        case .runSucceeded: "scheduler.run.succeeded"
        case .runFailed: "scheduler.run.failed"
        case .runRetryScheduled: "scheduler.run.retry_scheduled"
        case .runDead: "scheduler.run.dead"
        case .runRequeued: "scheduler.run.requeued"
        case .runCancelled: "scheduler.run.cancelled"
        case .runCompletionIgnored: "scheduler.run.completion_ignored"
        case .runLate: "scheduler.run.late"
        case .runSlaMissed: "scheduler.run.sla_missed"
        case .runCancelRequested: "scheduler.run.cancel_requested"
        case .runSlaAtRisk: "scheduler.run.sla_at_risk"
        case .dependencySatisfied: "scheduler.dependency.satisfied"
        case .dependencyFailed: "scheduler.dependency.failed"
        case .dependencyStatusRead: "scheduler.dependency.status_read"
        case .workerRegistered: "scheduler.worker.registered"
        case .workerOffline: "scheduler.worker.offline"
        case .workerLeaseGranted: "scheduler.worker.lease_granted"
        case .workerLeaseExpired: "scheduler.worker.lease_expired"
        case .controlAllocatorCreated: "scheduler.control_number.allocator_created"
        case .controlNumbersIssued: "scheduler.control_number.issued"
        case .controlNumbersPersisted: "scheduler.control_number.persisted"
        case .controlNumbersFailed: "scheduler.control_number.failed"
        case .controlNumbersExplained: "scheduler.control_number.explained"
        case .controlAllocatorWrapped: "scheduler.control_number.wrapped"
        case .controlAllocatorReset: "scheduler.control_number.reset"
        case .controlAllocatorNearLimit: "scheduler.control_number.near_limit"
        case .controlNumbersResent: "scheduler.control_number.resent"
        case .approvalRequested: "scheduler.approval.requested"
        case .approvalGranted: "scheduler.approval.granted"
        case .approvalRefused: "scheduler.approval.refused"
        case .approvalExpired: "scheduler.approval.expired"
        case .dependencyReported: "scheduler.dependency.reported"
        case .partnerDefined: "scheduler.partner.defined"
        case .partnerRemoved: "scheduler.partner.removed"
        case .fileReceived: "scheduler.file.received"
        case .interchangeReceived: "scheduler.file.interchange_received"
        case .duplicateFound: "scheduler.file.duplicate_found"
        case .duplicateResolved: "scheduler.file.duplicate_resolved"
        case .outcomeReceived: "scheduler.file.outcome_received"
        case .filesCollected: "scheduler.file.collected"
        case .fileGrouped: "scheduler.file.grouped"
        case .fileBuilt: "scheduler.file.built"
        case .fileChecked: "scheduler.file.checked"
        case .fileAssembled: "scheduler.file.assembled"
        case .filePublished: "scheduler.file.published"
        case .fileFailed: "scheduler.file.failed"
        case .fileQuarantined: "scheduler.file.quarantined"
        case .fileAcknowledged: "scheduler.file.acknowledged"
        case .fileMoved: "scheduler.file.moved"
        case .legalHoldPlaced: "scheduler.audit.legal_hold_placed"
        case .legalHoldReleased: "scheduler.audit.legal_hold_released"
        case .alertRaised: "scheduler.alert.raised"
        case .alertCleared: "scheduler.alert.cleared"
        case .alertAcknowledged: "scheduler.alert.acknowledged"
        case .alertEscalated: "scheduler.alert.escalated"
        case .notificationSent: "scheduler.notification.sent"
        case .notificationFailed: "scheduler.notification.failed"
        case .notificationRequested: "scheduler.notification.requested"
        case .checkpointSigned: "scheduler.audit.checkpoint_signed"
        case .checkpointKeyChanged: "scheduler.audit.checkpoint_key_changed"
        case .lossAccepted: "scheduler.audit.loss_accepted"
        }
    }

    /// The payload's message type.
    public var payload: any EventPayload.Type {
        switch self {
        case .engineStarted: EngineStarted.self
        case .engineStopped: EngineStopped.self
        case .engineRecovered: EngineRecovered.self
        case .engineAlive: EngineAlive.self
        case .clockStepped: ClockStepped.self
        case .zoneDataChanged: ZoneDataChanged.self
        case .digestRecorded: DigestRecorded.self
        case .spaceChanged: SpaceChanged.self
        case .scrubCompleted: ScrubCompleted.self
        case .zoneRecorded: ZoneRecorded.self
        case .configurationApplied: ConfigurationApplied.self
        case .scheduleCreated: ScheduleCreated.self
        case .scheduleUpdated: ScheduleUpdated.self
        case .scheduleEnabled: ScheduleEnabled.self
        case .scheduleDisabled: ScheduleDisabled.self
        case .scheduleRemoved: ScheduleRemoved.self
        case .jobTypeDefined: JobTypeDefined.self
        case .jobTypeRemoved: JobTypeRemoved.self
        case .calendarDefined: CalendarDefined.self
        case .calendarRemoved: CalendarRemoved.self
        case .blackoutDeclared: BlackoutDeclared.self
        case .blackoutLifted: BlackoutLifted.self
        case .runDue: RunDue.self
        case .runHeld: RunHeld.self
        case .runDeferred: RunDeferred.self
        case .runSkipped: RunSkipped.self
        case .runMissed: RunMissed.self
        case .runDispatched: RunDispatched.self
        case .runStarted: RunStarted.self
        case .runSucceeded: RunSucceeded.self
        case .runFailed: RunFailed.self
        case .runRetryScheduled: RunRetryScheduled.self
        case .runDead: RunDead.self
        case .runRequeued: RunRequeued.self
        case .runCancelled: RunCancelled.self
        case .runCompletionIgnored: RunCompletionIgnored.self
        case .runLate: RunLate.self
        case .runSlaMissed: RunSlaMissed.self
        case .runCancelRequested: RunCancelRequested.self
        case .runSlaAtRisk: RunSlaAtRisk.self
        case .dependencySatisfied: DependencySatisfied.self
        case .dependencyFailed: DependencyFailed.self
        case .dependencyStatusRead: DependencyStatusRead.self
        case .workerRegistered: WorkerRegistered.self
        case .workerOffline: WorkerOffline.self
        case .workerLeaseGranted: WorkerLeaseGranted.self
        case .workerLeaseExpired: WorkerLeaseExpired.self
        case .controlAllocatorCreated: ControlAllocatorCreated.self
        case .controlNumbersIssued: ControlNumbersIssued.self
        case .controlNumbersPersisted: ControlNumbersPersisted.self
        case .controlNumbersFailed: ControlNumbersFailed.self
        case .controlNumbersExplained: ControlNumbersExplained.self
        case .controlAllocatorWrapped: ControlAllocatorWrapped.self
        case .controlAllocatorReset: ControlAllocatorReset.self
        case .controlAllocatorNearLimit: ControlAllocatorNearLimit.self
        case .controlNumbersResent: ControlNumbersResent.self
        case .approvalRequested: ApprovalRequested.self
        case .approvalGranted: ApprovalGranted.self
        case .approvalRefused: ApprovalRefused.self
        case .approvalExpired: ApprovalExpired.self
        case .dependencyReported: DependencyReported.self
        case .partnerDefined: PartnerDefined.self
        case .partnerRemoved: PartnerRemoved.self
        case .fileReceived: FileReceived.self
        case .interchangeReceived: InterchangeReceived.self
        case .duplicateFound: DuplicateFound.self
        case .duplicateResolved: DuplicateResolved.self
        case .outcomeReceived: OutcomeReceived.self
        case .filesCollected: FilesCollected.self
        case .fileGrouped: FileGrouped.self
        case .fileBuilt: FileBuilt.self
        case .fileChecked: FileChecked.self
        case .fileAssembled: FileAssembled.self
        case .filePublished: FilePublished.self
        case .fileFailed: FileFailed.self
        case .fileQuarantined: FileQuarantined.self
        case .fileAcknowledged: FileAcknowledged.self
        case .fileMoved: FileMoved.self
        case .legalHoldPlaced: LegalHoldPlaced.self
        case .legalHoldReleased: LegalHoldReleased.self
        case .alertRaised: AlertRaised.self
        case .alertCleared: AlertCleared.self
        case .alertAcknowledged: AlertAcknowledged.self
        case .alertEscalated: AlertEscalated.self
        case .notificationSent: NotificationSent.self
        case .notificationFailed: NotificationFailed.self
        case .notificationRequested: NotificationRequested.self
        case .checkpointSigned: CheckpointSigned.self
        case .checkpointKeyChanged: CheckpointKeyChanged.self
        case .lossAccepted: LossAccepted.self
        }
    }
}
