import DaybookTestSupport
import Engine
import Events
import Projections

/// A worker as the world has it: what it was told, and what it runs.
struct ModelWorker {
    /// A lease that it was told of.
    struct Held {
        let lease: HeldLease
        var hasStarted = false
        var endsAt: Int64
        var isSuccess: Bool
    }

    let name: String
    let capabilities: [String]
    let slots: UInt64
    var instance = 1
    /// nil where it is to register.
    var session: UInt64?
    /// By their tokens.
    var held: [UInt64: Held] = [:]
    /// What lives on though it should not, and reports when it ends all the same.
    var strays: [HeldLease] = []
    /// When it does something next: a network that is gone or a stopped machine make it late.
    var nextAt: Int64

    static func make(_ count: Int, now: Int64, using random: inout SeededGenerator) -> [Self] {
        (0..<count).map { number in
            ModelWorker(
                name: "edge-\(number)", capabilities: Bool.random(using: &random) ? ["linux"] : [],
                slots: UInt64.random(in: 1...3, using: &random), nextAt: now)
        }
    }

    /// Lets go of a lease; its program may live on.
    mutating func drop(_ token: UInt64, livesOn: Bool) {
        guard let one = held.removeValue(forKey: token) else { return }
        if livesOn { strays.append(one.lease) }
    }

    mutating func dropAll(using random: inout SeededGenerator) {
        for token in held.keys.sorted() { drop(token, livesOn: Bool.random(using: &random)) }
    }
}

/// What workers do, sensible or not.
extension ModelWorld {
    mutating func moveWorkers() throws {
        for index in workers.indices where workers[index].nextAt <= now {
            workers[index].nextAt = now + Int64.random(in: 5...40, using: &random) * 1_000_000
            try move(index)
        }
    }

    private mutating func move(_ index: Int) throws {
        let worker = workers[index]
        switch Int.random(in: 0..<60, using: &random) {
        case 0, 1:
            // Nothing is heard of it for a while.
            workers[index].nextAt = now + Int64.random(in: 0...300, using: &random) * 1_000_000
        case 2:
            workers[index].dropAll(using: &random)
            workers[index].session = nil
        case 3:
            guard let session = worker.session else { return }
            workers[index].dropAll(using: &random)
            workers[index].session = nil
            _ = try ask(.leave(worker: worker.name, session: session))
        case 4: try registerStranger(worker)
        case 5...12: try reportStray(index)
        default:
            guard let session = worker.session else { return try register(index) }
            try report(index)
            try contact(index, session)
        }
    }

    private mutating func register(_ index: Int) throws {
        let worker = workers[index]
        var registration = WorkerRegistration()
        registration.name = worker.name
        registration.instance = "\(worker.name)-\(worker.instance)"
        registration.capabilities = worker.capabilities
        registration.slots = worker.slots
        registration.held = worker.held.values.map(\.lease).sorted { $0.token < $1.token }
        guard let answer = try ask(.register(registration)) else { return }
        workers[index].session = answer.session
        take(answer, index)
    }

    /// Another data folder under a name that is there.
    private mutating func registerStranger(_ worker: ModelWorker) throws {
        guard core.state.workers[worker.name]?.isOnline == true else { return }
        var registration = WorkerRegistration()
        registration.name = worker.name
        registration.instance = "stranger"
        if try ask(.register(registration)) != nil {
            throw ModelViolation("a stranger took the name of '\(worker.name)', which is there")
        }
    }

    /// A heartbeat, or a question for a run; both may forget what is held.
    private mutating func contact(_ index: Int, _ session: UInt64) throws {
        let worker = workers[index]
        var held = worker.held.values.map(\.lease).sorted { $0.token < $1.token }
        if Int.random(in: 0..<20, using: &random) == 0 { held = Array(held.dropFirst()) }
        let isFull = worker.held.count >= Int(worker.slots)
        let command: WorkerCommand =
            isFull || Int.random(in: 0..<4, using: &random) == 0
            ? .heartbeat(worker: worker.name, session: session, held)
            : .lease(worker: worker.name, session: session, held)
        if let answer = try ask(command) {
            take(answer, index)
            if let granted = answer.granted { try take(granted, index) }
        } else if wasRefused {
            workers[index].dropAll(using: &random)
            workers[index].session = nil
        }
    }

    private mutating func take(_ answer: WorkerAnswer, _ index: Int) {
        for token in answer.lost {
            workers[index].drop(token, livesOn: Bool.random(using: &random))
        }
        for ending in answer.endings {
            workers[index].held[ending.lease.token]?.endsAt = now
            workers[index].held[ending.lease.token]?.isSuccess = Bool.random(using: &random)
        }
    }

    private mutating func take(_ granted: WorkerAnswer.Granted, _ index: Int) throws {
        let run = granted.request.run
        guard granted.token >= tokens[run] ?? 0 else {
            throw ModelViolation("run \(run) is leased under an older token")
        }
        tokens[run] = granted.token
        if workers[index].held[granted.token] != nil { return }
        workers[index].held[granted.token] = ModelWorker.Held(
            lease: HeldLease(
                run: run, attempt: granted.request.attempt, token: granted.token),
            endsAt: now + Int64.random(in: 1...400, using: &random) * 1_000_000,
            isSuccess: Int.random(in: 0..<3, using: &random) > 0)
    }

    // MARK: Reports

    private mutating func report(_ index: Int) throws {
        let worker = workers[index]
        for (token, one) in worker.held.sorted(by: { $0.key < $1.key }) {
            // Some end before they start: the program is not there.
            if !one.hasStarted && Int.random(in: 0..<10, using: &random) > 0 {
                let answer = try ask(
                    .started(worker: worker.name, one.lease, pid: 7, startTicks: 7, bootId: "b"))
                if answer == nil && wasRefused {
                    if Bool.random(using: &random) {
                        workers[index].drop(token, livesOn: true)
                    } else {
                        workers[index].held[token]?.endsAt = now
                        workers[index].held[token]?.isSuccess = false
                    }
                    continue
                }
                workers[index].held[token]?.hasStarted = true
            }
            if one.endsAt <= now, try complete(worker, one.lease, one.isSuccess) {
                workers[index].held[token] = nil
            }
        }
    }

    /// Somebody reports an end that nobody may count: under a lease that is over, or for a second
    /// time.
    private mutating func reportStray(_ index: Int) throws {
        let worker = workers[index]
        if let stray = worker.strays.randomElement(using: &random) {
            _ = try complete(worker, stray, Bool.random(using: &random))
        }
        let known = taken.filter { $0.value.worker == worker.name }.keys.sorted()
        guard let run = known.randomElement(using: &random), let one = taken[run] else { return }
        // What was decided before takes effect before.
        try flush()
        let before = core.state.lastSequence
        let answer = try ask(.completed(worker: worker.name, one.lease, AttemptResult()))
        guard answer?.isIgnored != true, core.state.lastSequence == before else {
            throw ModelViolation(
                "the completion of run \(run) under lease \(one.lease.token) was taken, and its "
                    + "repetition was not")
        }
    }

    /// - Returns: whether the answer came.
    private mutating func complete(
        _ worker: ModelWorker, _ lease: HeldLease, _ isSuccess: Bool
    ) throws -> Bool {
        let known = taken.removeValue(forKey: lease.run)
        var result = AttemptResult()
        result.isSuccess = isSuccess
        if !isSuccess {
            result.failureClass = Bool.random(using: &random) ? "exit" : "timeout"
            result.isDefinite = Bool.random(using: &random)
        }
        guard let answer = try ask(.completed(worker: worker.name, lease, result)) else {
            return wasRefused
        }
        if answer.isIgnored { ignoredCount += 1 }
        // Of an older attempt the engine knows until it is killed, and promises no more.
        let isNewest = lease.token >= tokens[lease.run] ?? 0
        taken[lease.run] = !answer.isIgnored && isNewest ? (worker.name, lease) : known
        return true
    }

    /// - Returns: what the worker is answered; nil where it was refused, or the answer is lost:
    ///   what is not durable is told to nobody.
    private mutating func ask(_ command: WorkerCommand) throws -> WorkerAnswer? {
        wasRefused = false
        let before = core.state.lastSequence
        do {
            let reply = try handle(.worker(command))
            return isDurable ? reply.worker ?? WorkerAnswer() : nil
        } catch let rejection as Rejection {
            wasRefused = true
            guard core.state.lastSequence == before else {
                throw ModelViolation(
                    "refused (\(rejection.message)), and yet something was decided")
            }
            return nil
        }
    }
}
