import Engine
import Events
import Projections
import Timetable

/// An engine's core that lives through days, with what became of every occurrence: what a forecast
/// of the same days has to say.
///
/// It shares no code with the forecast but the core: it has its own loop, its own world, and reads
/// whole events.
struct LivedTime {
    /// What became of an occurrence, or of a range of them.
    struct Fate: Equatable {
        var jobId = ""
        var scheduled: Int64 = 0
        var local = ""
        var businessDate = ""
        /// `runs`, `held`, `moved`, `skipped`, `missed`, `fails`, `cancelled`.
        var outcome = "runs"
        /// Reason and detail as the engine recorded them, or the gate and what it said.
        var reasons: [String] = []
        var count: UInt64 = 1
        var start: Int64?
        var end: Int64?
        var alerts: Set<String> = []
        /// When it was held first.
        var heldAt: Int64?
    }

    private(set) var core: EngineCore
    private(set) var fates: [Fate] = []
    private var now: Int64
    private let duration: (AttemptRequest) -> Int64
    private var placeOfRun: [UInt64: Int] = [:]
    private var running: [(end: Int64, order: Int, request: AttemptRequest)] = []
    private var order = 0

    init(
        _ configuration: ConfigurationInput, from start: Int64, zones: ZoneCatalog,
        settings: DecisionSettings, duration: @escaping (AttemptRequest) -> Int64
    ) throws {
        core = EngineCore(state: ProjectedState(), zones: zones, settings: settings)
        now = start
        self.duration = duration
        try take(core.start(StartFacts(), now: now))
        try take(core.handle(.applyConfiguration(configuration), now: now))
    }

    /// Lets time pass until a moment, exclusive.
    mutating func live(until end: Int64) throws {
        while true {
            let next = running.indices.min {
                (running[$0].end, running[$0].order) < (running[$1].end, running[$1].order)
            }
            let ending = next.map { running[$0].end } ?? .max
            let timer = core.nextTimer ?? .max
            guard min(timer, ending) < end else { return }
            now = max(now, min(timer, ending))
            if timer <= ending {
                while let decision = try core.tick(now: now) { try take(decision) }
            } else if let next {
                let request = running.remove(at: next).request
                var result = AttemptResult()
                result.isSuccess = true
                result.exitCode = 0
                let command = Command.ended(
                    run: request.run, attempt: request.attempt, result)
                try take(core.handle(command, now: now))
            }
        }
    }

    private mutating func take(_ decision: Decision) throws {
        var bytes = decision.body[...]
        while !bytes.isEmpty {
            var length = 0
            var shift = 0
            while let byte = bytes.popFirst() {
                length |= Int(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            note(try Event(decoding: Array(bytes.prefix(length))))
            bytes = bytes.dropFirst(length)
        }
        for effect in decision.effects { try carryOut(effect) }
    }

    private mutating func carryOut(_ effect: Effect) throws {
        switch effect {
        case .deliver(let request):
            order += 1
            running.append((now + duration(request), order, request))
            try take(
                core.handle(
                    .processReady(
                        run: request.run, attempt: request.attempt, pid: 7, startTicks: 7,
                        bootId: "boot"), now: now))
        case .probe(let request, let name, _):
            try take(
                core.handle(
                    .dependencyAnswer(run: request.run, name: name, status: "READY", detail: ""),
                    now: now))
        case .notify(let request):
            try take(core.handle(.notified(NotificationOutcome(request)), now: now))
        default: break
        }
    }

    private mutating func note(_ event: Event) {
        let time = event.envelope.time
        switch event.payload {
        case let due as RunDue:
            var fate = Fate()
            fate.jobId = due.jobId
            fate.scheduled = due.scheduled
            fate.local = due.scheduledLocal
            fate.businessDate = due.businessDate
            if !due.rolledFrom.isEmpty {
                fate.outcome = "moved"
                fate.reasons = [due.rolledFrom]
            }
            placeOfRun[due.run] = fates.count
            fates.append(fate)
        case let skipped as RunSkipped where skipped.run == 0:
            var fate = Fate()
            fate.jobId = skipped.jobId
            fate.scheduled = skipped.last
            fate.local = skipped.scheduledLocal
            fate.businessDate = String(skipped.scheduledLocal.prefix(10))
            fate.outcome = "skipped"
            fate.reasons = [skipped.reason, skipped.detail]
            fate.count = skipped.count
            fates.append(fate)
        case let skipped as RunSkipped:
            change(skipped.run) {
                $0.outcome = "skipped"
                $0.reasons = [skipped.reason, skipped.detail]
            }
        case let held as RunHeld:
            change(held.run) {
                if $0.outcome != "moved" { $0.outcome = "held" }
                $0.reasons += [held.gate, held.detail]
                if $0.heldAt == nil { $0.heldAt = time }
            }
        case let deferred as RunDeferred:
            change(deferred.run) {
                $0.outcome = "moved"
                $0.reasons += [deferred.reason]
                if $0.heldAt == nil { $0.heldAt = time }
            }
        case let dispatched as RunDispatched:
            change(dispatched.run) {
                $0.start = time
                // Let through at once, it was never kept waiting.
                if $0.heldAt == time && $0.outcome == "held" { $0.outcome = "runs" }
            }
        case let succeeded as RunSucceeded: change(succeeded.run) { $0.end = time }
        case let dead as RunDead:
            change(dead.run) {
                $0.outcome = "fails"
                $0.reasons = [dead.reason, dead.message]
                $0.end = time
            }
        case let late as RunLate: change(late.run) { $0.alerts.insert("late") }
        case let missed as RunSlaMissed:
            let name = missed.clock == "finishBy" ? "sla" : "duration"
            change(missed.run) { $0.alerts.insert(name) }
        default: break
        }
    }

    private mutating func change(_ run: UInt64, _ body: (inout Fate) -> Void) {
        if let place = placeOfRun[run] { body(&fates[place]) }
    }
}
