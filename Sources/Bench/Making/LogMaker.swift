import Engine
import EventLog
import Events
import Projections
import Timetable

/// Makes a valid log by driving the engine's core under a virtual clock: what an engine would have
/// written, had it run for those days.
///
/// Decisions are gathered into large batches. What a target answers is a parameter; an attempt
/// without an answer stays open until `end` is called for it.
public struct LogMaker: ~Copyable {
    /// What a target answers to an attempt; nil for no answer yet.
    public typealias Answer = (AttemptRequest) -> AttemptResult?

    /// What the world does about an effect, at a moment (µs): up to two commands that follow at
    /// once, in this order.
    typealias World = (Effect, _ now: Int64) -> (Command?, Command?)

    /// The engine.
    public private(set) var core: EngineCore
    /// The virtual clock, µs since 1970 UTC.
    public private(set) var now: Int64
    /// How many events were made.
    public private(set) var eventCount = 0
    private let sink: any BatchSink
    private let settings: DecisionSettings
    private let zones: ZoneCatalog
    private let batchByteCount: Int
    private let world: World
    private var body: [UInt8] = []
    private var recordCount = 0
    private var effects: [Effect] = []

    /// Opens or makes the log in `folder`, and starts an engine at `now` over `state`, which must
    /// be that of the log.
    ///
    /// - Parameter batchByteCount: decisions are gathered up to this size; 1 writes each alone.
    public static func start(
        folder: String, disk: any Disk, configuration: LogConfiguration = LogConfiguration(),
        sources: LogSources = .system, state: ProjectedState = ProjectedState(),
        settings: DecisionSettings = DecisionSettings(), now: Int64,
        batchByteCount: Int = 1 << 20, zones: ZoneCatalog, answer: @escaping Answer
    ) throws -> LogMaker {
        let sink = try DirectSink(
            LogPlace(folder: folder, disk: disk, configuration: configuration, sources: sources))
        return try start(
            sink, state: state, settings: settings, now: now, batchByteCount: batchByteCount,
            zones: zones, world: { effect, _ in Self.reaction(to: effect, answer) })
    }

    /// Starts an engine at `now` over `state`, which must be that of the sink's log.
    static func start(
        _ sink: any BatchSink, state: ProjectedState = ProjectedState(),
        settings: DecisionSettings, now: Int64, batchByteCount: Int = 1 << 20, zones: ZoneCatalog,
        world: @escaping World
    ) throws -> LogMaker {
        var maker = LogMaker(sink, state, settings, zones, now, batchByteCount, world)
        try maker.begin([])
        return maker
    }

    private init(
        _ sink: any BatchSink, _ state: ProjectedState, _ settings: DecisionSettings,
        _ zones: ZoneCatalog, _ now: Int64, _ batchByteCount: Int, _ world: @escaping World
    ) {
        self.sink = sink
        self.settings = settings
        self.zones = zones
        self.core = EngineCore(state: state, zones: zones, settings: settings)
        self.now = now
        self.batchByteCount = batchByteCount
        self.world = world
    }

    deinit {
        // Whoever made the log to its end has closed it, and heard of errors; where the making was
        // broken off, they are about the log that nobody wants any more.
        do { try sink.close() } catch {}
    }

    private mutating func begin(_ recovered: [EngineRecovered]) throws {
        var facts = StartFacts()
        facts.version = "made"
        facts.host = "virtual"
        facts.term = sink.term
        facts.verdict = recovered.first?.verdict ?? "clean"
        facts.logIdentity = sink.identity.description
        facts.recovered = recovered
        try take(core.start(facts, now: now))
    }

    /// The log's identity.
    public var identity: LogIdentity { sink.identity }

    /// Ends this engine where it stands, and starts another one over its state at a later moment:
    /// a crash, or what follows a stop.
    ///
    /// - Parameter between: events that no engine decides, written in between.
    mutating func restart(
        at moment: Int64, recovered: [EngineRecovered] = [], between: [any EventPayload] = []
    ) throws {
        try flush()
        var state = core.state
        now = max(now, moment)
        for payload in between { try write(payload, &state) }
        try sink.reopen()
        core = EngineCore(state: state, zones: zones, settings: settings)
        try begin(recovered)
    }

    /// Writes an event by hand, valid after a state.
    private mutating func write(_ payload: any EventPayload, _ state: inout ProjectedState) throws {
        var envelope = Envelope()
        envelope.sequence = state.nextSequence
        envelope.time = now
        envelope.tenant = "default"
        envelope.actor = "user:anna"
        envelope.ticket = "CHG-1"
        let event = Event(envelope, payload)
        try state.apply(event.encoded().span.bytes)
        var writer = WireWriter()
        event.writeDelimited(to: &writer)
        try sink.write(writer.bytes, recordCount: 1)
        eventCount += 1
    }

    /// Carries out a command now.
    @discardableResult
    public mutating func handle(_ command: Command) throws -> Reply {
        let decision = try core.handle(command, now: now)
        try take(decision)
        return decision.reply
    }

    /// Carries out a command at a moment, or now where that is past.
    @discardableResult
    mutating func handle(_ command: Command, at moment: Int64) throws -> Reply {
        now = max(now, moment)
        return try handle(command)
    }

    /// Lets time pass, with everything that falls due on the way, until a moment or until so many
    /// events were made.
    public mutating func advance(to moment: Int64, eventsMax: Int = .max) throws {
        while let next = core.nextTimer, next <= moment, eventCount < eventsMax {
            guard try step(to: next) else { break }
        }
        if eventCount < eventsMax { now = max(now, moment) }
    }

    /// Lets time pass to a moment, and handles the first timer that is due there.
    ///
    /// - Returns: whether there was one.
    mutating func step(to moment: Int64) throws -> Bool {
        now = max(now, moment)
        guard let decision = try core.tick(now: now) else { return false }
        try take(decision)
        return true
    }

    /// Ends an attempt that had no answer.
    public mutating func end(run: UInt64, attempt: UInt64, _ result: AttemptResult) throws {
        try handle(.ended(run: run, attempt: attempt, result))
    }

    /// Writes what is gathered.
    public mutating func flush() throws {
        if recordCount == 0 { return }
        let full = body
        body = []
        body.reserveCapacity(full.count + 4_096)
        try sink.write(full, recordCount: recordCount)
        recordCount = 0
    }

    /// Writes what is gathered, and waits until it is durable.
    ///
    /// - Returns: the tree over all records.
    mutating func settle() throws -> TreeHead {
        try flush()
        return try sink.settle()
    }

    /// Writes what is gathered and closes the log.
    public consuming func close() throws {
        try flush()
        try sink.close()
    }

    private mutating func take(_ decision: Decision) throws {
        try append(decision)
        if decision.effects.isEmpty { return }
        effects += decision.effects
        var index = 0
        while index < effects.count {
            let (first, second) = world(effects[index], now)
            index += 1
            if let first { try follow(first) }
            if let second { try follow(second) }
        }
        effects.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ decision: Decision) throws {
        if decision.recordCount == 0 { return }
        var start = (byteCount: 0, recordCount: 0)
        for part in decision.parts {
            // A decision is not divided among batches but at the ends of its parts.
            if body.count + part.byteCount - start.byteCount > batchByteCount { try flush() }
            body += decision.body[start.byteCount..<part.byteCount]
            recordCount += part.recordCount - start.recordCount
            start = part
            if body.count >= batchByteCount { try flush() }
        }
        eventCount += decision.recordCount
    }

    /// Carries out a command whose effects join those under way.
    private mutating func follow(_ command: Command) throws {
        let decision = try core.handle(command, now: now)
        try append(decision)
        effects += decision.effects
    }

    private static func reaction(
        to effect: Effect, _ answer: Answer
    ) -> (Command?, Command?) {
        switch effect {
        case .deliver(let request), .reconcile(let request, _, _, _, _):
            let result = answer(request)
            let ended = result.map { Command.ended(run: request.run, attempt: request.attempt, $0) }
            return (ready(request), ended)
        case .notify, .withdraw, .probe, .proceed, .terminate, .discard, .saveState:
            return (usual(effect), nil)
        }
    }

    /// What follows at once from any effect that is no attempt's: people are told, whoever is asked
    /// is ready.
    static func usual(_ effect: Effect) -> Command? {
        switch effect {
        case .notify(let request): .notified(NotificationOutcome(request))
        case .probe(let request, let name, _):
            .dependencyAnswer(run: request.run, name: name, status: "READY", detail: "")
        case .deliver, .reconcile, .withdraw, .proceed, .terminate, .discard, .saveState: nil
        }
    }

    /// A process stands ready behind its gate.
    static func ready(_ request: AttemptRequest) -> Command {
        .processReady(
            run: request.run, attempt: request.attempt, pid: 4_242, startTicks: 1_000,
            bootId: "8d1f2a60-0000-4000-8000-000000000000")
    }
}
