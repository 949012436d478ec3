import Engine
import Events
import Projections
import Timetable

/// An engine's core under a hand-moved clock, whose events are kept decoded.
struct CoreFixture {
    /// 2026-03-02T00:00:00Z, a Monday.
    static let start: Int64 = 1_772_409_600_000_000
    static let minute: Int64 = 60_000_000
    static let who = Authority(actor: "user:test", ticket: "CHG-1")

    var core: EngineCore
    var now: Int64
    private(set) var events: [Event] = []
    private(set) var effects: [Effect] = []
    private(set) var records: [[UInt8]] = []
    /// Why the last command was refused, where that was a decision.
    private(set) var refusal: Rejection?
    private let settings: DecisionSettings

    init(
        state: ProjectedState = ProjectedState(), now: Int64 = CoreFixture.start,
        settings: DecisionSettings = DecisionSettings()
    ) throws {
        core = EngineCore(state: state, zones: try ZoneCatalog(), settings: settings)
        self.now = now
        self.settings = settings
        var facts = StartFacts()
        facts.version = "test"
        try take(try core.start(facts, now: now))
    }

    /// Starts anew on the state that the log gives, as after a kill; where `payload` is given, with
    /// an event of another hand before the start.
    func restarted(
        after pause: Int64, with payload: (any EventPayload)? = nil
    ) throws -> CoreFixture {
        var state = ProjectedState()
        var records = records
        if let payload {
            var envelope = Envelope()
            envelope.sequence = UInt64(records.count)
            envelope.time = now
            envelope.tenant = "default"
            records.append(Event(envelope, payload).encoded())
        }
        for record in records { try state.apply(record.span.bytes) }
        var other = try CoreFixture(state: state, now: now + pause, settings: settings)
        other.records = records + other.records
        return other
    }

    /// The state that the log gives where its events have other payloads.
    func state(_ change: (any EventPayload) -> any EventPayload) throws -> ProjectedState {
        var state = ProjectedState()
        for record in records {
            var event = try Event(decoding: record)
            event.payload = change(event.payload)
            try state.apply(event.encoded().span.bytes)
        }
        return state
    }

    private mutating func take(_ decision: Decision) throws {
        var bytes = decision.body[...]
        while let first = bytes.first {
            var length = Int(first & 0x7F)
            var shift = 7
            var byte = bytes.removeFirst()
            while byte >= 0x80 {
                byte = bytes.removeFirst()
                length |= Int(byte & 0x7F) << shift
                shift += 7
            }
            let record = Array(bytes.prefix(length))
            bytes = bytes.dropFirst(length)
            records.append(record)
            events.append(try Event(decoding: record))
        }
        effects += decision.effects
    }

    @discardableResult
    mutating func handle(_ command: Command) throws -> Reply {
        let decision = try core.handle(command, now: now)
        try take(decision)
        refusal = decision.refusal
        return decision.reply
    }

    /// Handles one timer that is due.
    ///
    /// - Returns: whether one was.
    mutating func tick() throws -> Bool {
        guard let decision = try core.tick(now: now) else { return false }
        try take(decision)
        return true
    }

    /// Moves the clock, timer by timer.
    mutating func advance(to end: Int64) throws {
        while let next = core.nextTimer, next <= end {
            now = max(now, next)
            while let decision = try core.tick(now: now) { try take(decision) }
        }
        now = end
    }

    mutating func advance(minutes: Int64) throws {
        try advance(to: now + minutes * Self.minute)
    }

    /// The payloads of a type, in order.
    func all<P: EventPayload>(_ type: P.Type) -> [P] { events.compactMap { $0.payload as? P } }

    /// Forgets what was seen so far.
    mutating func forget() {
        events = []
        effects = []
    }

    mutating func apply(_ jobs: ScheduleDefinition...) throws {
        var input = ConfigurationInput()
        input.definitions = jobs
        try handle(.applyConfiguration(input))
    }

    /// Answers the last delivery: started, and ended so.
    mutating func finish(_ isSuccess: Bool, definite: Bool = true) throws {
        guard let request = lastRequest else { return }
        try handle(
            .processReady(
                run: request.run, attempt: request.attempt, pid: 9, startTicks: 9, bootId: "b"))
        var result = AttemptResult()
        result.isSuccess = isSuccess
        result.isDefinite = definite
        result.failureClass = isSuccess ? "" : "exit"
        result.message = isSuccess ? "" : "it exited with 1"
        try handle(.ended(run: request.run, attempt: request.attempt, result))
    }

    /// Moves the clock, and ends every run well as soon as it is dispatched.
    mutating func finishAll(minutes: Int64) throws {
        let end = now + minutes * Self.minute
        var answered = effects.count
        while true {
            while answered < effects.count {
                let effect = effects[answered]
                answered += 1
                guard case .deliver(let request) = effect else { continue }
                try handle(
                    .processReady(
                        run: request.run, attempt: request.attempt, pid: 9, startTicks: 9,
                        bootId: "b"))
                var result = AttemptResult()
                result.isSuccess = true
                try handle(.ended(run: request.run, attempt: request.attempt, result))
            }
            guard let next = core.nextTimer, next <= end else { break }
            now = max(now, next)
            while let decision = try core.tick(now: now) { try take(decision) }
        }
        now = end
    }

    /// What the last delivery was given.
    var lastRequest: AttemptRequest? {
        for effect in effects.reversed() {
            if case .deliver(let request) = effect { return request }
        }
        return nil
    }

    static func job(
        _ jobId: String, cadence: String = "", every: String = "",
        _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) -> ScheduleDefinition {
        var job = ScheduleDefinition()
        job.jobId = jobId
        job.isEnabled = true
        job.cadence = cadence
        job.every = every
        job.zone = "UTC"
        job.catchUp = "latest"
        job.overlap = "skip"
        job.retriesMax = 2
        job.retryDelaysSeconds = [300, 900]
        job.source = "config"
        var target = TargetBinding()
        target.name = "pl"
        target.kind = "process"
        target.command = ["/bin/true"]
        job.target = target
        change(&job)
        return job
    }
}
