import DaybookTestSupport
import Engine
import EventLog
import Events
import Exchange
import Projections
import Testing
import Timetable

/// An engine's core over a log on a simulated disk, with the exchange folder on the real one: what
/// assembly needs of the world, and a hand that kills it.
actor OutboundWorld {
    /// 2026-03-02T00:00:00Z.
    static let start: Int64 = 1_772_409_600_000_000
    static let logFolder = "/sim/data"
    static let who = Authority(actor: "user:test", ticket: "CHG-1")
    static let schedule = ScheduleKey("default", "assembly")

    /// The exchange folder, and that of messages.
    nonisolated let root: String
    nonisolated let messages: String
    nonisolated let fate = Fate()
    private let disk = SimulatedDisk()
    private let zones: ZoneCatalog
    private var core: EngineCore?
    private var log: LogStore?
    private var now = OutboundWorld.start
    private var requests: [AttemptRequest] = []
    private var partners: [PartnerDefinition]
    /// How many attempts of runs there were.
    private(set) var attemptCount = 0

    init(folder: String, partners: [PartnerDefinition]) throws {
        root = folder + "/exchange"
        messages = folder + "/messages"
        self.partners = partners
        zones = try ZoneCatalog()
        _ = try disk.createFolder("/sim")
        try disk.syncFolder("/")
    }

    /// A program begins on what the last one left, and dies at a step.
    func begin(dyingAt step: Int = .max) throws {
        core = nil
        log = nil
        disk.killProcess()
        requests = []
        fate.begin(dyingAt: step)
        now += 60_000_000
        let clock = now
        let opened = try LogStore.open(
            folder: Self.logFolder, disk: disk, configuration: LogConfiguration(),
            sources: LogSources(
                nowMicroseconds: { clock }, newIdentity: { LogIdentity(low: 7, high: 11) },
                holder: "test"))
        let term = opened.term
        log = consume opened
        var core = EngineCore(
            state: try rebuilt(), zones: zones, settings: DecisionSettings())
        var facts = StartFacts()
        facts.version = "test"
        facts.term = term
        let decision = try core.start(facts, now: now)
        self.core = core
        try commit(decision)
        try configure(partners)
    }

    /// Partners, and a schedule that assembles, which runs when it is told to.
    func configure(_ partners: [PartnerDefinition]) throws {
        self.partners = partners
        var input = ConfigurationInput()
        input.partners = partners
        var job = ScheduleDefinition()
        job.jobId = Self.schedule.jobId
        job.isEnabled = true
        job.every = "1000h"
        job.zone = "UTC"
        job.catchUp = "none"
        job.overlap = "skip"
        job.retriesMax = 50
        job.retryDelaysSeconds = [1]
        job.source = "config"
        var target = TargetBinding()
        target.name = "assemble"
        target.kind = "exchange"
        target.command = ["assemble"]
        job.target = target
        input.definitions = [job]
        try decide(.applyConfiguration(input))
    }

    func rebuilt() throws -> ProjectedState {
        var state = ProjectedState()
        var reader = try LogReader.open(folder: Self.logFolder, disk: disk, trust: .everything)
        while try reader.nextBatch() != nil {
            try reader.forEachRecord { _, bytes in try state.apply(bytes) }
        }
        return state
    }

    var state: ProjectedState { core?.state ?? ProjectedState() }

    private func commit(_ decision: Decision) throws {
        if decision.recordCount > 0 {
            _ = try log?.write(decision.body.span.bytes, recordCount: decision.recordCount)
        }
        for effect in decision.effects {
            switch effect {
            case .deliver(let request): requests.append(request)
            case .reconcile(let request, _, _, _, _):
                var lost = AttemptResult()
                lost.failureClass = "lost"
                lost.message = "the engine was killed"
                try decide(.ended(run: request.run, attempt: request.attempt, lost))
            default: break
            }
        }
    }

    @discardableResult
    func decide(_ command: Command) throws -> Reply {
        guard let decision = try core?.handle(command, now: now) else { throw Fate.Dead() }
        try commit(decision)
        if let refusal = decision.refusal { throw refusal }
        return decision.reply
    }

    /// Gives the engine a command, as `EngineRuntime.submit` does.
    ///
    /// The program may be killed before it is decided, and after it is durable.
    func submit(_ command: Command) throws -> Reply {
        if fate.step() { throw Fate.Dead() }
        let reply = try decide(command)
        if fate.step() { throw Fate.Dead() }
        return reply
    }

    /// Time passes, timer by timer, until a run is to be delivered.
    private func nextRequest() throws -> AttemptRequest? {
        while requests.isEmpty, let next = core?.nextTimer,
            next < Self.start + 365 * 86_400_000_000
        {
            now = max(now, next)
            while let decision = try core?.tick(now: now) { try commit(decision) }
        }
        return requests.isEmpty ? nil : requests.removeFirst()
    }

    /// Lets the clock go on.
    func pass(seconds: Int64) { now += seconds * 1_000_000 }

    // MARK: what tests do

    nonisolated func store() throws -> ExchangeStore {
        try ExchangeStore(root: root, cipher: nil, pieceByteCount: 1 << 20, hook: fate.hook)
    }

    /// A target as the service makes it, with a publisher to a folder.
    nonisolated func target(
        publisher: Publisher? = nil, filesMax: Int = 8, store: ExchangeStore? = nil
    ) throws -> AssemblyTarget {
        let folder = try ExchangeStore(
            root: messages, cipher: nil, pieceByteCount: 1 << 20, hook: fate.hook)
        let store = try store ?? self.store()
        return AssemblyTarget(
            submit: { try await self.submit($0) }, store: store,
            publisher: publisher ?? Publisher(channels: [Publisher.folder(folder)]),
            clock: InstantClock(), filesMax: filesMax)
    }

    /// Gives outcomes, as reception does: their file is durable before the engine knows of it.
    func give(
        _ outcomes: [Outcome], ids: [String]? = nil, cipher: FileCipher? = nil
    ) throws {
        let store = try ExchangeStore(root: root, cipher: cipher)
        var bytes: [UInt8] = []
        var given: [NewOutcome] = []
        for (index, outcome) in outcomes.enumerated() {
            let line = outcome.encoded()
            var new = NewOutcome()
            new.partner = outcome.partner
            new.type = outcome.type.rawValue
            new.id = ids?[index] ?? outcome.id ?? ""
            new.offset = UInt64(bytes.count)
            new.byteCount = UInt64(line.count)
            new.group = outcome.group ?? ""
            given.append(new)
            bytes += line + [0x0A]
        }
        let sha256 = Digests.sha256(bytes)
        let path = try ExchangePath.outcomes(at: now, sha256: sha256)
        try store.write([PendingFile(path: path, content: bytes, metadata: nil)])
        for index in given.indices {
            given[index].path = path.text
            given[index].sha256 = sha256
        }
        try decide(
            .exchange(.outcomes(given, source: "test", Self.who), tenant: "default"))
    }

    /// Runs the schedule, once, and its retries until one succeeds or `attempts` are over.
    ///
    /// - Returns: how the last attempt ended; nil where nothing was to be delivered.
    @discardableResult
    func run(_ target: AssemblyTarget, attempts: Int = 1) async throws -> TargetOutcome? {
        if requests.isEmpty, state.openRuns.count == 0 {
            try decide(
                .runNow(Self.schedule, scheduled: nil, reason: "a test", Self.who))
        }
        var last: TargetOutcome?
        for _ in 0..<attempts {
            guard let request = try nextRequest() else { break }
            attemptCount += 1
            let outcome = await target.deliver(Self.delivery(request))
            if fate.isDead { throw Fate.Dead() }
            last = outcome
            var result = AttemptResult()
            switch outcome {
            case .succeeded(let completion):
                result.isSuccess = true
                result.result = completion.resultJSON
            case .failed(let failure):
                result.failureClass = failure.failureClass
                result.message = failure.message
                result.isDefinite = failure.isDefinite
            case .accepted: break
            }
            try decide(.ended(run: request.run, attempt: request.attempt, result))
            if result.isSuccess { break }
        }
        return last
    }

    private static func delivery(_ request: AttemptRequest) -> Delivery {
        Delivery(
            tenant: request.tenant, jobId: request.jobId, run: request.run,
            attempt: request.attempt, execution: request.execution, runKey: request.runKey,
            scheduled: request.scheduled, businessDate: request.businessDate,
            environmentName: request.environmentName, binding: request.binding,
            parameters: request.parameters, callbackToken: "", callbackURL: "", logIdentity: "")
    }

    /// Everything in the log.
    func events() throws -> [Event] {
        var events: [Event] = []
        var reader = try LogReader.open(folder: Self.logFolder, disk: disk, trust: .everything)
        while try reader.nextBatch() != nil {
            try reader.forEachRecord { _, bytes in
                var record: [UInt8] = []
                for index in 0..<bytes.byteCount {
                    record.append(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
                }
                events.append(try Event(decoding: record))
            }
        }
        return events
    }

    /// Stops, and verifies the log: whole, and its digests those of the state that follows from it.
    func verify() throws {
        try decide(.drain)
        try decide(.endActive(reason: "the test ends"))
        try decide(.stop(reason: "the test ends"))
        core = nil
        if let open = log.take() { try open.close() }
        var audit = LogAudit()
        try audit.read(disk, folder: Self.logFolder)
        try audit.check()
        let report = try LogInspection.inspect(folder: Self.logFolder, disk: disk)
        #expect(report.verdict == .clean)
    }
}
