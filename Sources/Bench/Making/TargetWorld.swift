import Engine
import Events

/// The targets of a made log: they take their time, fail now and then, call back, are lost.
///
/// What they do follows from the seed and the order of the attempts alone.
final class TargetWorld {
    /// How the targets of one pipeline behave.
    struct Profile {
        /// The shortest and the longest work, µs.
        var duration: ClosedRange<Int64>
        /// Attempts that fail, in a million.
        var failures: Int
        /// Runs that end in the dead-letter queue whatever is tried, in a million.
        var doomed: UInt64 = 300
        /// Whether it is an endpoint that takes the work and calls back, sometimes.
        var isEndpoint = false
    }

    /// What is to be told to the engine, and when.
    private struct Ending {
        enum Kind { case ended, terminated, accepted, completed, repeated }

        let time: Int64
        let order: UInt64
        let run: UInt64
        let attempt: UInt64
        let profile: Int
        let began: Int64
        let kind: Kind

        func isBefore(_ other: Ending) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    private let seed: UInt64
    private var random: BenchRandom
    private let profiles: [Profile]
    private let profileOfTarget: [String: Int]
    private var heap: [Ending] = []
    private var order: UInt64 = 0
    /// How often each external dependency of a run answered WAIT.
    private var waits: [UInt64: Int] = [:]

    /// Targets by pipeline; others behave as the first.
    init(seed: UInt64, _ profiles: [(target: String, Profile)]) {
        self.seed = seed
        random = BenchRandom(seed: seed ^ 0x5441_5247_4554_5331)
        self.profiles = profiles.map { $0.1 }
        profileOfTarget = Dictionary(
            profiles.enumerated().map { ($1.target, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// When something is to be told next, µs; nil for never.
    var nextTime: Int64? { heap.first?.time }

    /// What the world does at once about an effect.
    func react(_ effect: Effect, _ now: Int64) -> (Command?, Command?) {
        switch effect {
        case .deliver(let request):
            return (begin(request, now), nil)
        case .reconcile(let request, let status, _, _, _):
            // Most processes outlive their engine, and end as they would have.
            let isAdopted = status == .started && !random.happens(perMillion: 250_000)
            if isAdopted { return (nil, nil) }
            var lost = AttemptResult()
            lost.failureClass = "lost"
            lost.message = "the engine was gone, and no process of this attempt was found"
            return (.ended(run: request.run, attempt: request.attempt, lost), nil)
        case .terminate(let run, let attempt, _):
            add(.terminated, at: now + 300_000, run, attempt, 0, now)
        case .probe(let request, let name, _):
            return (probed(request.run, name), nil)
        case .notify, .withdraw, .proceed, .discard, .saveState:
            return (LogMaker.usual(effect), nil)
        }
        return (nil, nil)
    }

    /// Takes what is to be told first.
    func takeFirst() -> Command? {
        guard let first = pop() else { return nil }
        switch first.kind {
        case .ended:
            return .ended(run: first.run, attempt: first.attempt, result(first))
        case .terminated:
            var result = AttemptResult()
            result.failureClass = "signal"
            result.message = "the program was ended by SIGTERM"
            result.durationMicroseconds = UInt64(first.time - first.began)
            return .ended(run: first.run, attempt: first.attempt, result)
        case .accepted:
            return .accepted(run: first.run, attempt: first.attempt)
        case .completed, .repeated:
            return .complete(
                run: first.run, attempt: first.attempt, result(first),
                Authority(actor: "worker:claims-gateway"))
        }
    }

    /// An attempt begins: how it will end is known from here on.
    private func begin(_ request: AttemptRequest, _ now: Int64) -> Command? {
        let profile = profileOfTarget[request.binding.name] ?? 0
        let kind = profiles[profile]
        let end = now + random.within(kind.duration)
        guard kind.isEndpoint else {
            add(.ended, at: end, request.run, request.attempt, profile, now)
            return LogMaker.ready(request)
        }
        if random.happens(perMillion: 700_000) {
            // It answers at once: the request is the work.
            add(.ended, at: end, request.run, request.attempt, profile, now)
        } else {
            add(.accepted, at: now + 180_000, request.run, request.attempt, profile, now)
            if random.happens(perMillion: 4_000) { return nil }  // it never calls back
            let later = max(end, now + 200_000)
            add(.completed, at: later, request.run, request.attempt, profile, now)
            if random.happens(perMillion: 5_000) {
                add(.repeated, at: later + 2_000_000, request.run, request.attempt, profile, now)
            }
        }
        return nil
    }

    /// An external dependency is ready at the third asking at the latest.
    private func probed(_ run: UInt64, _ name: String) -> Command {
        let count = waits[run, default: 0]
        if count < 2 && random.happens(perMillion: 300_000) {
            waits[run] = count + 1
            return .dependencyAnswer(
                run: run, name: name, status: "WAIT", detail: "the file is not there yet")
        }
        waits[run] = nil
        return .dependencyAnswer(run: run, name: name, status: "READY", detail: "the file is there")
    }

    private func result(_ ending: Ending) -> AttemptResult {
        let profile = profiles[ending.profile]
        var result = AttemptResult()
        result.durationMicroseconds = UInt64(ending.time - ending.began)
        let isDoomed =
            BenchRandom.mixed(ending.run ^ seed) % 1_000_000 < profile.doomed
        if isDoomed || random.happens(perMillion: profile.failures) {
            let isDefinite = !random.happens(perMillion: 200_000)
            result.isDefinite = isDefinite
            if profile.isEndpoint {
                result.httpStatus = isDefinite ? 503 : nil
                result.failureClass = isDefinite ? "status" : "timeout"
                result.message =
                    isDefinite ? "the endpoint answered 503" : "no answer came within 30 seconds"
            } else {
                result.exitCode = isDefinite ? 1 : nil
                result.failureClass = isDefinite ? "exit" : "timeout"
                result.message =
                    isDefinite
                    ? "the program ended with exit code 1" : "it was ended after its timeout"
            }
            return result
        }
        result.isSuccess = true
        if profile.isEndpoint { result.httpStatus = 200 } else { result.exitCode = 0 }
        // A quarter leaves something new.
        if random.happens(perMillion: 250_000) {
            var output = OutputReference()
            output.sha256 = random.hex(byteCount: 32)
            output.path = "files/" + output.sha256
            output.byteCount = UInt64(random.within(200...60_000))
            result.output = output
        }
        return result
    }

    // MARK: a binary heap, by time and then by the order of adding

    private func add(
        _ kind: Ending.Kind, at time: Int64, _ run: UInt64, _ attempt: UInt64, _ profile: Int,
        _ began: Int64
    ) {
        heap.append(
            Ending(
                time: time, order: order, run: run, attempt: attempt, profile: profile,
                began: began, kind: kind))
        order += 1
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private func pop() -> Ending? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if heap.isEmpty { return first }
        heap[0] = last
        var index = 0
        while true {
            var smallest = index
            for child in (2 * index + 1)...(2 * index + 2) where child < heap.count {
                if heap[child].isBefore(heap[smallest]) { smallest = child }
            }
            if smallest == index { return first }
            heap.swapAt(index, smallest)
            index = smallest
        }
    }
}
