import DaybookTestSupport
import Engine
import Events

/// Programs of a simulated world: they outlive a crash of the engine, as real ones do.
///
/// It keeps count of what a run may never do: be alive twice, or begin without the engine's word.
struct VirtualTargets {
    /// One process, behind its gate or past it.
    struct Process {
        let request: AttemptRequest
        let pid: UInt64
        var began: Bool
        /// When it ends, µs; nil behind the gate.
        var endsAt: Int64?
        var willSucceed: Bool
    }

    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    /// Those that live, by run and attempt.
    private(set) var alive: [String: Process] = [:]
    /// Those that are over.
    private(set) var over: [String: Process] = [:]
    private(set) var beginnings = 0
    /// For each execution of a run: the keys that targets saw.
    private(set) var keys: [String: Set<String>] = [:]
    private var nextPid: UInt64 = 1_000
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private func name(_ run: UInt64, _ attempt: UInt64) -> String { "\(run)-\(attempt)" }

    /// A process is made, and waits behind its gate.
    mutating func launch(_ request: AttemptRequest) throws -> UInt64 {
        for process in alive.values where process.request.run == request.run {
            throw Violation(
                description: "run \(request.run) has two processes: attempts "
                    + "\(process.request.attempt) and \(request.attempt)")
        }
        nextPid += 1
        alive[name(request.run, request.attempt)] = Process(
            request: request, pid: nextPid, began: false, endsAt: nil,
            willSucceed: Int.random(in: 0..<20, using: &random) > 0)
        return nextPid
    }

    /// The gate opens.
    mutating func proceed(_ run: UInt64, _ attempt: UInt64, now: Int64) {
        guard var process = alive[name(run, attempt)] else { return }
        process.began = true
        process.endsAt = now + Int64.random(in: 1...1_200, using: &random) * 1_000_000
        alive[name(run, attempt)] = process
        beginnings += 1
        keys["\(run)/\(process.request.execution)", default: []].insert(process.request.runKey)
    }

    /// The engine died: who waited behind a gate sees its pipe close and goes.
    mutating func engineDied() {
        for process in alive.values where !process.began {
            end(process.request.run, process.request.attempt)
        }
    }

    mutating func end(_ run: UInt64, _ attempt: UInt64) {
        guard let process = alive.removeValue(forKey: name(run, attempt)) else { return }
        over[name(run, attempt)] = process
    }

    /// One that lives, with true, or that is over, with false.
    func process(_ run: UInt64, _ attempt: UInt64) -> (Process, isAlive: Bool)? {
        let key = name(run, attempt)
        return alive[key].map { ($0, true) } ?? over[key].map { ($0, false) }
    }

    /// The next end of a process, if any.
    var nextEnd: Int64? { alive.values.compactMap(\.endsAt).min() }

    /// Takes the processes that end through now, in a fixed order.
    mutating func takeEnded(through now: Int64) -> [Process] {
        let ended = alive.values
            .filter { ($0.endsAt ?? .max) <= now }
            .sorted { ($0.endsAt ?? 0, $0.pid) < ($1.endsAt ?? 0, $1.pid) }
        for process in ended { end(process.request.run, process.request.attempt) }
        return ended
    }
}
