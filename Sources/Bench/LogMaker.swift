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

    /// The engine.
    public private(set) var core: EngineCore
    /// The virtual clock, µs since 1970 UTC.
    public private(set) var now: Int64
    /// How many events were made.
    public private(set) var eventCount = 0
    private var store: LogStore
    private let batchByteCount: Int
    private let answer: Answer
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
        let store = try LogStore.open(
            folder: folder, disk: disk, configuration: configuration, sources: sources)
        let core = EngineCore(state: state, zones: zones, settings: settings)
        var maker = LogMaker(store, core, now, batchByteCount, answer)
        try maker.begin()
        return maker
    }

    private init(
        _ store: consuming LogStore, _ core: EngineCore, _ now: Int64, _ batchByteCount: Int,
        _ answer: @escaping Answer
    ) {
        self.store = store
        self.core = core
        self.now = now
        self.batchByteCount = batchByteCount
        self.answer = answer
    }

    private mutating func begin() throws {
        var facts = StartFacts()
        facts.version = "made"
        facts.host = "virtual"
        facts.term = store.term
        facts.logIdentity = store.identity.description
        try take(core.start(facts, now: now))
    }

    /// The log's identity.
    public var identity: LogIdentity { store.identity }

    /// Carries out a command now.
    @discardableResult
    public mutating func handle(_ command: Command) throws -> Reply {
        let decision = try core.handle(command, now: now)
        try take(decision)
        return decision.reply
    }

    /// Lets time pass, with everything that falls due on the way, until a moment or until so many
    /// events were made.
    public mutating func advance(to moment: Int64, eventsMax: Int = .max) throws {
        while let next = core.nextTimer, next <= moment, eventCount < eventsMax {
            now = max(now, next)
            guard let decision = try core.tick(now: now) else { break }
            try take(decision)
        }
        if eventCount < eventsMax { now = max(now, moment) }
    }

    /// Ends an attempt that had no answer.
    public mutating func end(run: UInt64, attempt: UInt64, _ result: AttemptResult) throws {
        try handle(.ended(run: run, attempt: attempt, result))
    }

    /// Writes what is gathered.
    public mutating func flush() throws {
        if recordCount == 0 { return }
        let pending = body
        let ticket = try store.write(pending.span.bytes, recordCount: recordCount)
        precondition(ticket.count == recordCount)
        body.removeAll(keepingCapacity: true)
        recordCount = 0
    }

    /// Writes what is gathered and closes the log.
    public consuming func close() throws {
        try flush()
        try store.close()
    }

    private mutating func take(_ decision: Decision) throws {
        try append(decision)
        effects += decision.effects
        var index = 0
        while index < effects.count {
            let effect = effects[index]
            index += 1
            try carryOut(effect)
        }
        effects.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ decision: Decision) throws {
        var start = (byteCount: 0, recordCount: 0)
        for part in decision.parts {
            body += decision.body[start.byteCount..<part.byteCount]
            recordCount += part.recordCount - start.recordCount
            start = part
            if body.count >= batchByteCount { try flush() }
        }
        eventCount += decision.recordCount
    }

    private mutating func carryOut(_ effect: Effect) throws {
        switch effect {
        case .deliver(let request), .reconcile(let request, _, _, _, _):
            let ready = Command.processReady(
                run: request.run, attempt: request.attempt, pid: 4_242, startTicks: 1_000,
                bootId: "8d1f2a60-0000-4000-8000-000000000000")
            try follow(ready)
            if let result = answer(request) {
                try follow(.ended(run: request.run, attempt: request.attempt, result))
            }
        case .notify(let alert):
            try follow(.notified(alert: alert.alert, channel: "log"))
        case .probe(let request, let name, _):
            try follow(
                .dependencyAnswer(run: request.run, name: name, status: "READY", detail: ""))
        case .proceed, .terminate, .discard, .saveState:
            break
        }
    }

    /// Carries out a command whose effects join those under way.
    private mutating func follow(_ command: Command) throws {
        let decision = try core.handle(command, now: now)
        try append(decision)
        effects += decision.effects
    }
}
