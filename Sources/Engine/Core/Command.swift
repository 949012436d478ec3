import Events
import Projections

/// Who asks for something, and with what authority.
public struct Authority: Sendable, Equatable {
    /// `engine`, `user:…` or `config:<commit>`.
    public var actor: String
    /// The change ticket; empty for none.
    public var ticket: String
    /// The caller's idempotency key; empty for none.
    public var request: String

    /// An authority.
    public init(actor: String, ticket: String = "", request: String = "") {
        self.actor = actor
        self.ticket = ticket
        self.request = request
    }

    /// The engine's own.
    public static let engine = Authority(actor: "engine")
}

/// What a target reported of an attempt, in the engine's words.
public struct AttemptResult: Sendable, Equatable {
    /// Whether it ended well.
    public var isSuccess = false
    /// The program's exit code.
    public var exitCode: Int64?
    /// The answer's status.
    public var httpStatus: Int64?
    /// Where the output is kept.
    public var output: OutputReference?
    /// The JSON that the target left.
    public var result = ""
    /// A remark on it.
    public var note = ""
    /// The class of a failure.
    public var failureClass = ""
    /// One sentence on a failure; never the output's text.
    public var message = ""
    /// Whether the target certainly did not do the work.
    public var isDefinite = false
    /// How long the attempt took, µs.
    public var durationMicroseconds: UInt64 = 0

    /// A result with everything at its default: a failure.
    public init() {}
}

/// A configuration as the engine applies it: what the folder says, and who wrote it.
public struct ConfigurationInput: Sendable {
    /// The definitions, any order, each with `source` `config`.
    public var definitions: [ScheduleDefinition] = []
    /// The calendars.
    public var calendars: [CalendarDefinition] = []
    /// The trading partners.
    public var partners: [PartnerDefinition] = []
    /// The blackouts, each with `source` `config`.
    public var blackouts: [BlackoutDefinition] = []
    /// The settings that decisions depend on.
    public var settings: [KeyValue] = []
    /// The commit of the folder; empty where it is not a git checkout.
    public var commit = ""
    /// That commit's author.
    public var author = ""
    /// Whether the folder differs from the commit.
    public var isDirty = false
    /// The environment whose overlay was used.
    public var environment = ""
    /// The names of its job types.
    public var jobTypes: [String] = []
    /// Where schedules stand in its files, by id, for messages.
    public var places: [String: String] = [:]
    /// The tenant.
    public var tenant = "default"

    /// An empty configuration.
    public init() {}
}

/// Something that the engine is asked to do, or told.
public enum Command: Sendable {
    /// Make the schedules what a configuration says.
    case applyConfiguration(ConfigurationInput)
    /// Make schedules, or change them (where that is allowed): all of them, or none.
    case defineSchedules(
        [ScheduleDefinition], Authority, replaces: Bool = true, tenant: String = "default")
    /// Remove a schedule that came by the API.
    case removeSchedule(ScheduleKey, reason: String, Authority)
    /// End what a customer's reference stands for: schedules are removed, or paused, and runs
    /// cancelled.
    case cancelReference(
        String, pauses: Bool, reason: String, Authority, tenant: String = "default")
    /// Define a job type, by tenant and name: its fields as a JSON object.
    case defineJobType(ScheduleKey, fieldsJSON: String, Authority)
    /// Remove a job type that the API defined.
    case removeJobType(ScheduleKey, reason: String, Authority)
    /// Pause a schedule, until a moment (µs) or until it is resumed.
    case pause(ScheduleKey, until: Int64? = nil, reason: String, Authority)
    /// Resume it.
    case resume(ScheduleKey, reason: String, Authority)
    /// Run it now, for a scheduled time (µs) or for this moment; past a blackout only where that
    /// is said.
    case runNow(
        ScheduleKey, scheduled: Int64?, reason: String, Authority, passesBlackouts: Bool = false)
    /// Skip the next occurrence of a schedule.
    case skipNext(ScheduleKey, reason: String, Authority)
    /// Run the next occurrence of a schedule at another time, µs.
    case moveNext(ScheduleKey, to: Int64, reason: String, Authority)
    /// Try a failed run again now, or let one begin that waits for its turn.
    case retryNow(run: UInt64, reason: String, Authority)
    /// Make a run for each occurrence of a stretch of the past.
    case backfill(ScheduleKey, BackfillStretch, reason: String, Authority)
    /// End what is open of a backfill.
    case cancelBackfill(UInt64, reason: String, Authority)
    /// End a run.
    case cancel(run: UInt64, reason: String, Authority)
    /// Put a dead run in again.
    case requeue(run: UInt64, reason: String, Authority)
    /// Declare a blackout of a tenant, or change one that was declared so.
    case declareBlackout(BlackoutDefinition, tenant: String, Authority)
    /// End a blackout that was declared, by tenant and name.
    case liftBlackout(ScheduleKey, reason: String, Authority)
    /// A target's process stands ready behind its gate.
    case processReady(run: UInt64, attempt: UInt64, pid: UInt64, startTicks: UInt64, bootId: String)
    /// A target accepted the work and will call back.
    case accepted(run: UInt64, attempt: UInt64)
    /// An attempt ended.
    case ended(run: UInt64, attempt: UInt64, AttemptResult)
    /// A completion came from outside, its token checked.
    case complete(run: UInt64, attempt: UInt64, AttemptResult, Authority)
    /// An external dependency answered: `READY`, `WAIT` or `ERROR`.
    case dependencyAnswer(run: UInt64, name: String, status: String, detail: String)
    /// What is asked of control numbers, of a tenant.
    case control(ControlNumberCommand, tenant: String)
    /// What is asked of the exchange with partners, or told of it, of a tenant.
    case exchange(ExchangeCommand, tenant: String)
    /// A dependency, by tenant and name, has a status for a business date: `READY` or `WAIT`.
    case reportDependency(ScheduleKey, businessDate: String, status: String, Authority)
    /// Approve what waits for a person, or what another one asked for.
    case approve(UInt64, reason: String, Authority)
    /// Refuse it.
    case refuse(UInt64, reason: String, Authority)
    /// Take an alert on.
    case acknowledge(alert: UInt64, reason: String, Authority)
    /// What came of a notification by one channel.
    case notified(NotificationOutcome)
    /// The clock moved other than by passing: `back`, or `forward` beyond the limit.
    case clockStepped(kind: String, expected: Int64, seen: Int64)
    /// The room on the log's disk is `low`, `full` or `ample` from now on.
    case spaceChanged(space: String, free: UInt64, wanted: UInt64)
    /// A checkpoint was signed and stored.
    case checkpointSigned(CheckpointSigned)
    /// Checkpoints are signed by another key: its verifier key.
    case checkpointKeyChanged(String)
    /// All sealed segments were read again.
    case scrubCompleted(ScrubCompleted)
    /// A segment could not be sealed (`seal`), a checkpoint not be signed (`checkpoint`), or run
    /// records not be written (`records`).
    case logTrouble(kind: String, message: String)
    /// It was done: what kept it from being done is over.
    case logTroubleOver(kind: String, reason: String)
    /// Something that a worker says or asks for.
    case worker(WorkerCommand)
    /// Nothing new may start; what runs may end.
    case drain
    /// End what still runs: the grace period is over.
    case endActive(reason: String)
    /// The last event before the log is closed.
    case stop(reason: String)
}

/// What a backfill makes runs for.
public struct BackfillStretch: Sendable {
    /// The first moment, µs.
    public var from: Int64
    /// The last moment, µs.
    public var through: Int64
    /// So many of its runs are at their target at once.
    public var lanes: UInt64
    /// Whether it only says what it would make.
    public var isTrial: Bool

    /// A stretch.
    public init(from: Int64, through: Int64, lanes: UInt64 = 1, isTrial: Bool = false) {
        self.from = from
        self.through = through
        self.lanes = lanes
        self.isTrial = isTrial
    }
}

/// Why a command was refused: nothing was written for it.
public struct Rejection: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of refusal.
    public enum Code: String, Sendable {
        /// There is no such thing.
        case notFound
        /// It is not possible in the present state.
        case conflict
        /// The command lacks or has wrong parts.
        case invalid
        /// The engine is stopping.
        case stopping
        /// The disk is full: only what was begun is ended.
        case diskFull
        /// An allocator of control numbers has none left, and does not wrap.
        case rolloverRequired = "ROLLOVER_REQUIRED"
    }

    /// The kind of refusal.
    public let code: Code
    /// One sentence: what is wrong, and what to do.
    public let message: String

    /// A refusal.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

/// What a command came to.
public struct Reply: Sendable, Equatable {
    /// The first sequence that it wrote; nil where nothing had to be written.
    public var sequence: UInt64?
    /// The run that it made or concerned.
    public var run: UInt64?
    /// The approval that the act waits for, where it was not carried out yet.
    public var approval: UInt64?
    /// One sentence for people.
    public var message = ""
    /// What a worker is answered.
    public var worker: WorkerAnswer?
    /// The control numbers that it gave out, in the order of what was asked for.
    public var numbers: [IssuedNumbers] = []
    /// What came of it in the exchange with partners.
    public var exchange: ExchangeReply?
}

/// Something to do in the world, once the events that lead to it are durable.
///
/// What is large stands apart (`indirect`): an effect is copied some times on its way out.
public enum Effect: Sendable {
    /// Call the target of an attempt that was dispatched; that of a worker waits to be leased.
    indirect case deliver(AttemptRequest)
    /// Let the process behind its gate begin.
    case proceed(run: UInt64, attempt: UInt64)
    /// End an attempt that runs: its program has time to end well, or none.
    case terminate(run: UInt64, attempt: UInt64, isForced: Bool)
    /// Find out what became of an attempt of an engine that was killed.
    indirect case reconcile(
        AttemptRequest, status: RunStatus, pid: UInt64, startTicks: UInt64, bootId: String)
    /// Ask an external dependency.
    indirect case probe(AttemptRequest, name: String, TargetBinding)
    /// Tell people.
    indirect case notify(NotificationRequest)
    /// An alert is over: what failed of its notifications is not tried again.
    case withdraw(alert: UInt64)
    /// An attempt is over, durably: what was kept for it may go.
    case discard(run: UInt64, attempt: UInt64)
    /// Write a snapshot of the state that a digest was recorded of; the runtime itself does it.
    indirect case saveState(ProjectedState)
}

/// What a target is given.
public struct AttemptRequest: Sendable, Equatable {
    /// The tenant.
    public var tenant = ""
    /// The schedule's id.
    public var jobId = ""
    /// The run's number.
    public var run: UInt64 = 0
    /// The attempt, 1 for the first.
    public var attempt: UInt64 = 0
    /// The execution; the run key carries it.
    public var execution: UInt64 = 0
    /// The idempotency key.
    public var runKey = ""
    /// The scheduled time in the schedule's zone, ISO 8601 with offset.
    public var scheduled = ""
    /// The business date.
    public var businessDate = ""
    /// The environment's name.
    public var environmentName = ""
    /// What to call.
    public var binding = TargetBinding()
    /// The parameters, rendered.
    public var parameters: [KeyValue] = []
    /// The element that the run is for; empty where its job was not fanned out.
    public var element = ""
    /// The folders that it works in.
    public var folders: [WorkFolder] = []
    /// The files that it takes in.
    public var files: FileDiscovery?

    /// An empty delivery.
    public init() {}
}
