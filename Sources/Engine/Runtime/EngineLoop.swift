import EventLog
import Projections

/// The engine's thread: the only place where the core lives.
final class EngineLoop {
    /// What leaves when a sequence is durable, in order.
    private struct Departure {
        let through: UInt64?
        let effects: [Effect]
        /// Called with nil when it may leave, or with what kept it from becoming durable.
        let resume: (((any Error)?) -> Void)?
    }

    /// So many timers are handled before what is durable leaves: where ten thousand are due at one
    /// instant, the first are on their way while the last are decided.
    private static let ticksMax = 32
    /// While timers are due, so many of what came in are handled for each round of them: what is
    /// due goes before what is over.
    private static let itemsMaxWhileDue = 4
    /// But no longer than this, µs: where more is due than can be decided, both get on alike.
    private static let dueFirstMax: Int64 = 200_000
    /// While none is due, so many are handled before the next look at the clock and at what is
    /// durable.
    private static let itemsMax = 128

    private var core: EngineCore
    private let log: LogWriter
    private let mailbox: EngineMailbox
    private let clock: any WallClock
    private let port: any EffectPort
    private let onFatal: @Sendable (any Error) -> Void
    private let report: @Sendable (Command) -> Void
    private let onClosed: @Sendable (TreeHead) -> Void
    private let onSnapshot: @Sendable (ProjectedState) -> Void
    private var departures: [Departure] = []
    private var departed = 0
    /// What came in and is not handled yet.
    private var waiting: [EngineMailbox.Item] = []
    private var handled = 0
    /// Since when timers have been due without a pause, µs.
    private var dueSince: Int64?
    private var waitingForIdle: [CheckedContinuation<Void, Never>] = []
    private var isEnding = false
    /// How far the engine's time is from the machine's: not 0 while a step is not believed.
    private var clockOffset: Int64 = 0
    private var waitingForEnd: CheckedContinuation<Void, Never>?
    /// Decisions of this round, back to back, for one call of the log: a call for each would wake
    /// the writer for the first, and leave the others to the sync after it.
    private var gathered: [UInt8] = []
    private var gatheredCount = 0
    private var gatheredFirst: UInt64 = 0
    /// How many of them somebody waits for.
    private var gatheredCallers = 0
    /// As much is handed over at once.
    private static let gatheredByteCountMax = 1 << 18

    init(
        core: consuming EngineCore, log: LogWriter, mailbox: EngineMailbox,
        clock: any WallClock, port: any EffectPort,
        onSnapshot: @escaping @Sendable (ProjectedState) -> Void,
        onClosed: @escaping @Sendable (TreeHead) -> Void,
        onFatal: @escaping @Sendable (any Error) -> Void
    ) {
        self.onSnapshot = onSnapshot
        self.onClosed = onClosed
        self.core = core
        self.log = log
        self.mailbox = mailbox
        self.clock = clock
        self.port = port
        self.onFatal = onFatal
        self.report = { _ = mailbox.put(.command($0, nil)) }
    }

    /// Runs until the end is asked for, or the log fails.
    func run(startingWith first: [Decision]) {
        do {
            for decision in first { try append(decision, reply: nil) }
            try handOver()
            var guardian = ClockGuard(now: clock.now(), passed: clock.passed())
            while !isEnding || departed < departures.count {
                take()
                let reading = guardian.reading(now: clock.now(), passed: clock.passed())
                clockOffset = reading.time - clock.now()
                if let step = reading.step { try note(step, reading.time) }
                try handleTimers(reading.time)
                try handleItems(reading.time)
                try handOver()
                depart()
                resumeIdle()
            }
            onClosed(try log.close())
        } catch {
            fail(error)
        }
        abandon(waiting.dropFirst(handled) + mailbox.close())
        waitingForEnd?.resume()
    }

    /// Takes in what came, waiting for it where there is nothing to do.
    private func take() {
        let items = mailbox.take(waitingAtMost: pause())
        if handled == waiting.count {
            waiting = items
            handled = 0
        } else {
            if handled > 4_096 {
                waiting.removeFirst(handled)
                handled = 0
            }
            waiting += items
        }
    }

    /// Handles what is due, up to a bound.
    private func handleTimers(_ now: Int64) throws {
        for _ in 0..<Self.ticksMax {
            guard let decision = try core.tick(now: now) else {
                dueSince = nil
                return
            }
            try append(decision, reply: nil)
        }
        dueSince = dueSince ?? now
    }

    /// Handles what came in, up to a bound, which is lower while timers are due.
    private func handleItems(_ now: Int64) throws {
        var most = Self.itemsMax
        if let dueSince {
            most = now - dueSince < Self.dueFirstMax ? Self.itemsMaxWhileDue : Self.ticksMax
        }
        let end = min(waiting.count, handled + most)
        while handled < end {
            handled += 1
            try handle(waiting[handled - 1], now)
        }
    }

    /// How long there is nothing to do, µs.
    private func pause() -> Int64 {
        if handled < waiting.count { return 0 }
        if isEnding { return 100_000 }
        guard let next = core.nextTimer else { return 60_000_000 }
        // The clock is looked at at least each second, so that a step is seen.
        return min(max(next - clock.now() - clockOffset, 0), 1_000_000)
    }

    private func note(_ step: ClockGuard.Step, _ now: Int64) throws {
        let command = Command.clockStepped(
            kind: step.kind, expected: step.expected, seen: step.seen)
        try append(try core.handle(command, now: now), reply: nil)
    }

    private func handle(_ item: EngineMailbox.Item, _ now: Int64) throws {
        switch item {
        case .command(let command, let continuation):
            do {
                let decision = try core.handle(command, now: now)
                try append(decision, reply: continuation)
            } catch let rejection as Rejection {
                // A refusal, too, stands on a state: it waits for the sequence it was decided at.
                leave([]) { continuation?.resume(throwing: $0 ?? rejection) }
            } catch {
                continuation?.resume(throwing: error)
                throw error
            }
        case .read(let body):
            leave([], body(core.state))
        case .whenIdle(let continuation):
            waitingForIdle.append(continuation)
        case .end(let continuation):
            isEnding = true
            waitingForEnd = continuation
        }
    }

    /// Hands a decision to the log; what follows from it leaves when it is durable.
    private func append(
        _ decision: Decision, reply: CheckedContinuation<Reply, any Error>?
    ) throws {
        if decision.parts.count == 1 { try gather(decision) } else { try appendParts(decision) }
        if reply != nil { gatheredCallers += 1 }
        let (answer, refusal) = (decision.reply, decision.refusal)
        leave(
            decision.effects,
            reply.map { reply in
                { error in
                    if let error = error ?? refusal {
                        reply.resume(throwing: error)
                    } else {
                        reply.resume(returning: answer)
                    }
                }
            })
    }

    /// Adds a decision to those of this round.
    private func gather(_ decision: Decision) throws {
        if gathered.count + decision.body.count > Self.gatheredByteCountMax { try handOver() }
        if gatheredCount == 0 { gatheredFirst = decision.firstSequence }
        gathered += decision.body
        gatheredCount += decision.recordCount
    }

    /// Hands the decisions of this round to the log.
    private func handOver() throws {
        defer { gatheredCallers = 0 }
        guard gatheredCount > 0 else { return }
        var bodies: [UInt8] = []
        swap(&bodies, &gathered)
        try queue(bodies.span.bytes, gatheredCount, SequenceNumber(gatheredFirst))
        bodies.removeAll(keepingCapacity: true)
        swap(&bodies, &gathered)
        gatheredCount = 0
    }

    /// Hands a decision of many parts to the log, or one that has nothing to write.
    private func appendParts(_ decision: Decision) throws {
        if decision.parts.isEmpty { return }
        try handOver()
        var byte = 0
        var record = 0
        for part in decision.parts {
            let body = decision.body.span.bytes.extracting(byte..<part.byteCount)
            let first = SequenceNumber(decision.firstSequence + UInt64(record))
            try queue(body, part.recordCount - record, first)
            byte = part.byteCount
            record = part.recordCount
        }
    }

    /// Puts a part into the log's queue; where it is full, waits for the writer.
    private func queue(_ body: RawSpan, _ count: Int, _ first: SequenceNumber) throws {
        while true {
            do throws(EventLogError) {
                _ = try log.append(
                    body, recordCount: count, expectedFirst: first, callerCount: gatheredCallers)
                return
            } catch {
                guard error.code == .queueFull else { throw error }
                mailbox.waitForWriter()
            }
        }
    }

    private func leave(_ effects: [Effect], _ resume: (((any Error)?) -> Void)?) {
        if effects.isEmpty && resume == nil { return }
        departures.append(
            Departure(through: core.state.lastSequence, effects: effects, resume: resume))
    }

    /// Lets out what is durable.
    private func depart() {
        let durable = log.durableThrough?.rawValue
        while departed < departures.count {
            let next = departures[departed]
            if let through = next.through {
                guard let durable, through <= durable else { break }
            }
            // What it held may be large: a copy of the state must not stay behind here.
            departures[departed] = Departure(through: nil, effects: [], resume: nil)
            departed += 1
            next.resume?(nil)
            for effect in next.effects {
                if case .saveState(let state) = effect {
                    onSnapshot(state)
                } else {
                    port.carryOut(effect, report: report)
                }
            }
        }
        if departed == departures.count {
            departures.removeAll(keepingCapacity: true)
            departed = 0
        } else if departed > 4_096 {
            departures.removeFirst(departed)
            departed = 0
        }
    }

    private func resumeIdle() {
        guard !waitingForIdle.isEmpty, core.activeRunCount == 0 else { return }
        for continuation in waitingForIdle { continuation.resume() }
        waitingForIdle = []
    }

    /// The log failed, or the core has a defect: everybody who waits hears of it.
    private func fail(_ error: any Error) {
        onFatal(error)
        for departure in departures.dropFirst(departed) { departure.resume?(error) }
        departures.removeAll()
        for continuation in waitingForIdle { continuation.resume() }
    }

    private func abandon(_ items: some Sequence<EngineMailbox.Item>) {
        for item in items {
            switch item {
            case .command(_, let continuation): continuation?.resume(throwing: EngineUnavailable())
            case .whenIdle(let continuation): continuation.resume()
            case .read(let body): body(core.state)(EngineUnavailable())
            case .end(let continuation): continuation.resume()
            }
        }
    }
}
