import Events
import Projections
import Timetable

/// What decisions depend on beside the log; each is recorded with the configuration.
public struct DecisionSettings: Sendable {
    /// How many attempts may run at once.
    public var activeRunsMax = 200
    /// Whether occurrences are decided.
    public var isSchedulingOn = true
    /// How often the state's digest is recorded, µs.
    public var digestInterval: Int64 = 300_000_000
    /// How often a snapshot of the state is written, µs.
    public var snapshotInterval: Int64 = 3_600_000_000
    /// After how many events one is written at the next digest, however soon: a start reads that
    /// many in about a second.
    public var snapshotEventCount: UInt64 = 4_000_000
    /// What manual acts need.
    public var tickets = TicketRule(isRequired: true, pattern: "[A-Za-z][A-Za-z0-9]*-[0-9]+")
    /// Whether making, changing, removing and cancelling schedules through the API needs a ticket
    /// too, where manual acts do.
    public var schedulesNeedTicket = true
    /// How often a sign of life is recorded, µs.
    public var aliveInterval: Int64 = 60_000_000
    /// When alerts escalate, and to whom.
    public var escalation = EscalationRules()
    /// Whether people hear of runs that start and succeed, where schedules say so; not in a
    /// forecast.
    public var tellsOfRuns = true
    /// After so long without a word from a worker, it is offline and its leases are over, µs.
    public var workerLease: Int64 = 60_000_000
    /// Whether workers are waited for no longer than that; not in a forecast.
    public var watchesWorkers = true

    /// What control numbers keep to.
    public var controlNumbers = ControlNumberRules()
    /// The acts that a person must approve beside the one who asks, by their names in the API.
    public var fourEyes: Set<String> = []
    /// How long an act waits for its approval, µs.
    public var approvalInterval: Int64 = 86_400_000_000
    /// What is taken for granted of reports and approvals: a status; nil outside a forecast.
    public var assumedStatus: String?

    /// The defaults.
    public init() {}
}

/// The engine decided what cannot be applied: a defect of this program.
///
/// Nothing of the decision was written. The state in memory is not to be used any more; a restart
/// rebuilds it from the log.
public struct EngineDefect: Error, Sendable, CustomStringConvertible {
    /// What could not be applied, and where.
    public let message: String
    /// The message, and what to do.
    public var description: String {
        "\(message); restart the engine, and report this defect with the log"
    }
}

/// One decision, ready for the log: all of its events are appended, or none.
public struct Decision: Sendable {
    /// Its records as they stand in a body: each with its length before it.
    public var body: [UInt8] = []
    /// How many records there are.
    public var recordCount = 0
    /// The sequence of the first; meaningless where there is none.
    public var firstSequence: UInt64 = 0
    /// What to do once they are durable.
    public var effects: [Effect] = []
    /// The ends of parts that may be written apart, as (byte, record) counts: more than one only
    /// for a staged decision.
    public var parts: [(byteCount: Int, recordCount: Int)] = []
    /// What the command came to.
    public var reply = Reply()
    /// Why the command is refused all the same, where its refusal itself has to be recorded.
    public var refusal: Rejection?
}

/// The engine without its world: it decides, and applies what it decided.
///
/// It reads no clock, no disk and no network: the same state, commands and times give the same
/// events, so a whole engine runs in a test under a virtual clock. Every event is encoded once,
/// applied to the state from those bytes, and handed out in a `Decision`; the caller appends it,
/// and carries out its effects when it is durable. The indexes beside the state (timers, compiled
/// schedules, who waits for whom) follow from the state and are made anew at a start.
public struct EngineCore: Sendable {
    /// The state, which may be ahead of what is durable.
    public internal(set) var state: ProjectedState
    let zones: ZoneCatalog
    let settings: DecisionSettings

    var timers = TimerQueue()
    var lanes = TimerLanes()
    var answeredActs = AnsweredActs()
    var tenants = TenantNumbers()
    var compiled = ScheduleCache()
    var triggers = TriggerCache()
    var calendars: [UInt64: BusinessCalendar] = [:]
    var activeRuns: Set<UInt64> = []
    var room: RoomBook
    var waitingForJob: [ScheduleKey: Set<UInt64>] = [:]
    /// For each run in `waitingForJob` the jobs under which it stands there.
    var upstreamsOfRun: [UInt64: Set<ScheduleKey>] = [:]
    /// Schedules whose timer came while the disk was full.
    var heldBack: [(definition: UInt64, tenant: UInt16)] = []
    /// What the external dependencies of each run answered last, by name.
    var lastAnswer: [UInt64: [String: KnownAnswer]] = [:]
    /// The approvals that each run waits for.
    var approvalsOfRun: [UInt64: Set<UInt64>] = [:]
    var alertsOfJob: [ScheduleKey: Set<UInt64>] = [:]
    /// The open runs of each schedule that has any.
    var openOfJob: [ScheduleKey: Set<UInt64>] = [:]
    /// The open reminders of each schedule that has any.
    var remindersOfJob: [ScheduleKey: Set<UInt64>] = [:]
    /// The definitions of customers' references.
    var references = ReferenceIndex()
    /// When the timer that holds comes, for definitions whose next moment may change (`armNext`).
    var armedAt: [UInt64: Int64] = [:]
    /// The schedules of elements, by the job that was fanned out, sorted by their ids.
    var elementsOfJob: [ScheduleKey: [Element]] = [:]
    /// Schedules that fire some time after a run of theirs has ended.
    var completionFollowers: Set<ScheduleKey> = []
    /// Schedules that are paused until a moment, by the number that a timer names them by.
    var pausesWithEnd: [ScheduleKey] = []
    /// Which open run has the values that must be unique.
    var uniqueRuns: [UniqueKey: UInt64] = [:]
    /// The blackouts that are declared, made ready.
    var blackouts: [CompiledBlackout] = []
    /// The runs that are with workers, or wait for one.
    var desk = WorkerDesk()
    /// What control numbers keep to: the ranges of partners, and the settings.
    var numberRules: ControlNumberRules
    /// Outcomes that wait, and files that are being made or acknowledged.
    var exchangeIndex = ExchangeIndex()
    /// Allocators of control numbers by tenant and name.
    var controlAllocators: [ScheduleKey: UInt64] = [:]
    var isDraining = false
    var digestSequence: UInt64 = 0
    /// How many records the newest snapshot covers.
    var snapshotEnd: UInt64
    /// When it was written, or the engine started.
    var snapshotTime: Int64 = 0

    private var decision = Decision()
    private var writer = WireWriter(reservingByteCount: EngineCore.bodyByteCount)
    var now: Int64 = 0
    var authority = Authority.engine
    var tenant = "default"

    /// An engine over a state that was rebuilt from the log.
    ///
    /// - Parameter snapshot: the sequence of the newest snapshot; nil where there is none.
    public init(
        state: ProjectedState, zones: ZoneCatalog, settings: DecisionSettings,
        snapshot: UInt64? = nil
    ) {
        snapshotEnd = snapshot.map { $0 + 1 } ?? 0
        room = RoomBook(lastTime: state.lastTime)
        self.state = state
        self.zones = zones
        self.settings = settings
        numberRules = settings.controlNumbers
    }

    /// When something is to be decided next, µs; nil for never.
    public var nextTimer: Int64? { timers.firstTime }

    /// How many attempts run here: those that wait for a completion from outside, or are with a
    /// worker, do not count.
    public var activeRunCount: Int {
        activeRuns.count {
            state.openRuns[$0]?.isWaitingForCallback != true && !desk.runs.contains($0)
        }
    }

    /// Carries out a command.
    ///
    /// - Returns: what to append and do; nothing to append where there is nothing to change.
    /// - Throws: `Rejection`, and then nothing was decided; `EngineDefect` where the engine decided
    ///   what cannot be applied: it must then stop without writing.
    public mutating func handle(_ command: Command, now: Int64) throws -> Decision {
        begin(now)
        do {
            try decide(command)
        } catch {
            throw verdict(on: error)
        }
        return finish()
    }

    /// A rejection stands only where nothing was decided before it; any other error is a defect.
    func verdict(on error: any Error) -> any Error {
        if error is Rejection && decision.recordCount == 0 { return error }
        return EngineDefect(
            message: "a decision at sequence \(decision.firstSequence) could not be applied: "
                + "\(error)")
    }

    /// Handles the first timer that is due, if any.
    ///
    /// - Returns: nil where no timer is due. Call again until it is.
    public mutating func tick(now: Int64) throws -> Decision? {
        guard let kind = timers.take(through: max(now, state.lastTime)) else { return nil }
        begin(now)
        do {
            try handleTimer(kind)
        } catch {
            throw verdict(on: error)
        }
        return finish()
    }

    mutating func begin(_ now: Int64) {
        // Event time never decreases: where the clock stepped back, it holds.
        self.now = max(now, state.lastTime)
        authority = .engine
        tenant = "default"
        decision = Decision()
        decision.firstSequence = state.nextSequence
        writer.removeAll()
    }

    /// The largest body that is copied out of the writer.
    private static let bodyCopiedByteCountMax = 1 << 16

    /// Makes room for a decision of about so many bytes, where nothing is decided yet.
    mutating func reserve(byteCount: Int) {
        if decision.recordCount == 0 { writer = WireWriter(reservingByteCount: byteCount) }
    }

    /// Hands the decision out, whole: a large one (a configuration of a million schedules) is gone
    /// from here at once, and so is its room.
    mutating func finish() -> Decision {
        var made = decision
        decision = Decision()
        if made.recordCount > 0 {
            if writer.bytes.count > EngineCore.bodyCopiedByteCountMax {
                made.body = writer.bytes
                writer = WireWriter(reservingByteCount: EngineCore.bodyByteCount)
            } else {
                // A copy of its own size: the writer's room, of which a decision fills little,
                // stays the writer's, whoever still holds the decision when the next one begins.
                made.body = writer.bytes.withUnsafeBufferPointer { [UInt8]($0) }
            }
            made.parts.append((made.body.count, made.recordCount))
            if made.reply.sequence == nil { made.reply.sequence = made.firstSequence }
        }
        return made
    }

    /// Encodes an event, applies it, and puts it into the decision.
    ///
    /// - Returns: its sequence.
    @discardableResult
    mutating func emit<P: EventPayload>(
        _ payload: P, cause: UInt64 = 0, stage: UInt64 = 0
    ) throws -> UInt64 {
        var envelope = Envelope()
        envelope.sequence = state.nextSequence
        envelope.time = now
        envelope.tenant = tenant
        envelope.actor = authority.actor
        envelope.ticket = authority.ticket
        envelope.request = authority.request
        envelope.cause = cause
        envelope.stage = stage
        let byteCount = Event.writeDelimited(envelope, payload, to: &writer)
        guard byteCount <= EngineCore.recordByteCountMax else {
            throw Rejection(
                .invalid,
                "the event \(P.type.name) would take \(byteCount) bytes; the limit is "
                    + "\(EngineCore.recordByteCountMax): make the configuration smaller")
        }
        try EngineCore.applyLast(byteCount, of: writer.bytes, to: &state)
        decision.recordCount += 1
        return envelope.sequence
    }

    /// The room of a usual decision.
    private static let bodyByteCount = 4_096

    /// The limit of a transparency log's entry (C2SP tlog-tiles).
    static let recordByteCountMax = 65_535

    private static func applyLast(
        _ byteCount: Int, of body: [UInt8], to state: inout ProjectedState
    ) throws {
        let bytes = body.span.bytes
        try state.apply(bytes.extracting((bytes.byteCount - byteCount)...))
    }

    /// Adds something to do once the decision is durable.
    mutating func act(_ effect: Effect) { decision.effects.append(effect) }

    /// Ends a part of a staged decision: what follows may be written apart.
    mutating func endPart() { decision.parts.append((writer.bytes.count, decision.recordCount)) }

    /// What the present part of the decision takes so far.
    var partByteCount: Int { writer.bytes.count - (decision.parts.last?.byteCount ?? 0) }

    /// Refuses the command, once what was decided of the refusal is durable.
    mutating func refuse(_ rejection: Rejection) { decision.refusal = rejection }

    /// Gives numbers to whoever asked.
    mutating func reply(_ numbers: [IssuedNumbers]) { decision.reply.numbers = numbers }

    /// Says what the command came to.
    mutating func reply(run: UInt64? = nil, approval: UInt64? = nil, _ message: String) {
        decision.reply.run = run
        decision.reply.approval = approval
        decision.reply.message = message
    }

    /// Answers whoever exchanges files with partners.
    mutating func reply(exchange answer: ExchangeReply, _ message: String) {
        decision.reply.exchange = answer
        decision.reply.message = message
    }

    /// Answers a worker.
    mutating func reply(worker answer: WorkerAnswer, _ message: String) {
        decision.reply.worker = answer
        decision.reply.message = message
    }

    /// What the command was said to come to so far.
    var lastMessage: String { decision.reply.message }
    /// What the command came to so far.
    var replySoFar: Reply { decision.reply }
}
