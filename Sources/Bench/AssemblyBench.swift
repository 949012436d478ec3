import CFiles
import Crypto
import Engine
import Events
import Exchange
import Foundation
import Projections
import Synchronization
import Timetable
import X12

/// What the benchmark of assembly measured.
public struct AssemblyBenchResult: Codable, Sendable {
    /// How many files were made, each of one 271.
    public var files: Int
    /// The bytes of all of them.
    public var byteCount: Int
    /// From the beginning of the run to its durable end, in seconds.
    public var seconds: Double
    /// Files a second in that time: numbered, made, checked, durable, told of in the log.
    public var filesPerSecond: Double
    /// How many files of that size, each with its sidecar, the disk takes a second from a bare loop
    /// with the same shared syncs.
    public var limitFilesPerSecond: Double
    /// By the limit.
    public var ratio: Double
    /// In how many seconds that is to be done.
    public var goalSeconds: Double
    /// Whether it was.
    public var isGoalMet: Bool
    /// How long the engine took to receive the outcomes before, in seconds.
    public var receptionSeconds: Double
    /// Events in the log for each file, that of its outcome too.
    public var eventsPerFile: Double
    /// The processor time of the whole process while files were made, in seconds.
    public var processorSeconds: Double

    enum CodingKeys: String, CodingKey {
        case files, seconds, ratio
        case byteCount = "bytes"
        case filesPerSecond = "files_per_second"
        case limitFilesPerSecond = "limit_files_per_second"
        case goalSeconds = "goal_seconds"
        case isGoalMet = "goal_met"
        case receptionSeconds = "reception_seconds"
        case eventsPerFile = "events_per_file"
        case processorSeconds = "cpu_seconds"
    }
}

/// Gives an engine on a durable log so many outcomes, and measures a run that makes a file of each.
///
/// Blocks until they are made.
/// - Parameter folder: a folder that is made, on the disk to measure.
/// - Throws: what the engine and the exchange throw, and where a file was not made.
public func benchAssembly(files: Int, folder: String) async throws -> AssemblyBenchResult {
    let port = AssemblyBenchPort()
    var parts = EngineRuntime.Parts(folder: folder, zones: try ZoneCatalog()) { _ in
        port
    } onFatal: {
        port.end(.failure($0))
    }
    parts.settings.digestInterval = 86_400_000_000
    parts.configuration = AssemblyBenchInput.configuration()
    let runtime = try EngineRuntime.open(parts)
    let store = try ExchangeStore(root: folder + "/exchange", cipher: nil)
    port.fill(
        AssemblyTarget(
            submit: { try await runtime.submit($0) }, store: store,
            publisher: try Publisher(folder: nil, webhook: nil), clock: ContinuousClock()))
    let clock = ContinuousClock()
    let receiving = clock.now
    try await AssemblyBenchInput.give(files, store, runtime)
    let reception = receiving.duration(to: clock.now)
    let before = runtime.log.nextSequence.rawValue
    let processor = SnapshotBenchTimes.processorSeconds()
    let began = clock.now
    _ = try await runtime.submit(
        .runNow(
            AssemblyBenchInput.schedule, scheduled: nil, reason: "the benchmark",
            Authority(actor: "user:bench", ticket: "BENCH-1")))
    let outcome = try await port.outcome()
    // A reading waits until everything that it shows is durable, the run's end too.
    let waiting = try await runtime.read { $0.exchange.outcomes.count }
    let seconds = (began.duration(to: clock.now) / .seconds(1))
    let used = SnapshotBenchTimes.processorSeconds() - processor
    let events = runtime.log.nextSequence.rawValue - before + UInt64(files)
    _ = try await runtime.stop(reason: "the benchmark is over", grace: .seconds(5))
    guard case .succeeded = outcome, waiting == 0 else {
        throw BenchFailure(description: "not every file was made: \(outcome)")
    }
    let (count, byteCount) = try AssemblyBenchInput.made(store)
    guard count == files else {
        throw BenchFailure(description: "of \(files) files \(count) were made")
    }
    let limit = try AssemblyBenchLimit.filesPerSecond(
        byteCount: byteCount / max(1, files), count: min(files, 20_000), folder: folder)
    let goal = 20 * Double(files) / 100_000
    let rate = Double(files) / seconds
    return AssemblyBenchResult(
        files: files, byteCount: byteCount, seconds: seconds, filesPerSecond: rate,
        limitFilesPerSecond: limit, ratio: rate / limit, goalSeconds: goal,
        isGoalMet: seconds <= goal, receptionSeconds: reception / .seconds(1),
        eventsPerFile: Double(events) / Double(max(1, files)), processorSeconds: used)
}

/// What is assembled.
private enum AssemblyBenchInput {
    static let schedule = ScheduleKey("default", "assembly")
    /// As many outcomes the engine takes at once.
    private static let portion = 10_000

    static func configuration() -> ConfigurationInput {
        var input = ConfigurationInput()
        var partner = PartnerDefinition()
        partner.name = "CLINICA"
        partner.own = identity("DAYBOOK")
        partner.partner = identity("CLINICA")
        partner.delimiters = "*^:~"
        partner.usage = "P"
        partner.acknowledgments = "isa14"
        partner.versions = ["00501"]
        partner.sends = ["271"]
        partner.duplicateDays = 30
        var rule = PartnerTypeRule()
        rule.type = "271"
        rule.outcomesMax = 1
        partner.rules = [rule]
        input.partners = [partner]
        var job = ScheduleDefinition()
        job.jobId = schedule.jobId
        job.isEnabled = true
        job.every = "1000h"
        job.zone = "UTC"
        job.catchUp = "none"
        job.overlap = "skip"
        job.source = "config"
        var target = TargetBinding()
        target.name = "assemble"
        target.kind = EngineCore.exchangeKind
        target.command = ["assemble"]
        job.target = target
        input.definitions = [job]
        return input
    }

    private static func identity(_ name: String) -> PartnerIdentity {
        var identity = PartnerIdentity()
        identity.qualifier = "ZZ"
        identity.id = name
        identity.group = name
        return identity
    }

    /// Writes the outcomes, a file for each portion, and gives them to the engine.
    static func give(_ count: Int, _ store: ExchangeStore, _ runtime: EngineRuntime) async throws {
        for start in stride(from: 0, to: count, by: portion) {
            var bytes: [UInt8] = []
            var outcomes: [NewOutcome] = []
            for number in start..<min(start + portion, count) {
                let line = outcome(number).encoded()
                var new = NewOutcome()
                new.partner = "CLINICA"
                new.type = "271"
                new.id = "OUT-\(number)"
                new.offset = UInt64(bytes.count)
                new.byteCount = UInt64(line.count)
                outcomes.append(new)
                bytes += line
                bytes.append(0x0A)
            }
            let sha256 = JSONText.hex(SHA256.hash(data: bytes))
            let path = try ExchangePath.outcomes(at: SystemClock().now(), sha256: sha256)
            try store.write([PendingFile(path: path, content: bytes, metadata: nil)])
            for index in outcomes.indices {
                outcomes[index].path = path.text
                outcomes[index].sha256 = sha256
            }
            _ = try await runtime.submit(
                .exchange(
                    .outcomes(outcomes, source: "spool", Authority(actor: "engine")),
                    tenant: "default"))
        }
    }

    private static func outcome(_ number: Int) -> Outcome {
        Outcome(
            partner: "CLINICA", id: "OUT-\(number)",
            body: .eligibility(
                EligibilityResponse(inquiries: [
                    EligibilityOutcome(
                        trace: "TRACE-\(number)", traceOriginator: "9877281234",
                        payer: X12Party(
                            name: "DAYBOOK HEALTH PLAN", qualifier: "PI", id: "842610001"),
                        provider: X12Party(
                            name: "BONE AND JOINT CLINIC", qualifier: "XX", id: "1234567893"),
                        subscriber: X12Party(
                            name: "LAST\(number % 1_000)", firstName: "FIRST", qualifier: "MI",
                            id: "M\(1_000_000 + number)"),
                        birth: ("19430519", "M"),
                        answer: .benefits(
                            [
                                .init(code: "1", serviceTypes: ["30"], plan: "GOLD PLAN"),
                                .init(
                                    code: "C", coverage: "IND", serviceTypes: ["30"],
                                    amount: Cents(50_000)),
                            ], planBegin: "20240101"))
                ])))
    }

    /// How many files were made, and their bytes.
    static func made(_ store: ExchangeStore) throws -> (count: Int, byteCount: Int) {
        var count = 0
        var byteCount = 0
        let type = try ExchangePath("outbound/partner=CLINICA/transaction=271")
        for day in try store.list(type, countMax: 10).entries {
            for entry in try store.list(day.path, countMax: 10_000_000).entries
            where entry.path.text.hasSuffix(".edi") {
                count += 1
                byteCount += entry.byteCount
            }
        }
        return (count, byteCount)
    }
}

/// What the disk takes from a bare loop: create, write, close and rename a file and its sidecar.
///
/// For each 256 files there is one sync of the file system before the renames, and one after them.
private enum AssemblyBenchLimit {
    private static let sidecarByteCount = 400

    static func filesPerSecond(byteCount: Int, count: Int, folder: String) throws -> Double {
        let place = folder + "/limit"
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true)
        let opened = open(place, O_RDONLY | O_DIRECTORY)
        guard opened >= 0 else { throw BenchFailure(description: "cannot open the folder") }
        defer { close(opened) }
        let content = [UInt8](repeating: 0x41, count: byteCount)
        let sidecar = [UInt8](repeating: 0x42, count: sidecarByteCount)
        let clock = ContinuousClock()
        let began = clock.now
        for start in stride(from: 0, to: count, by: AssemblyTarget.filesMax) {
            let numbers = start..<min(start + AssemblyTarget.filesMax, count)
            for number in numbers {
                try write(content, "\(place)/.new-\(number)")
                try write(sidecar, "\(place)/.new-\(number).json")
            }
            guard syncfs(opened) == 0 else { throw BenchFailure(description: "cannot sync") }
            for number in numbers {
                guard rename("\(place)/.new-\(number)", "\(place)/\(number)") == 0,
                    rename("\(place)/.new-\(number).json", "\(place)/\(number).json") == 0
                else { throw BenchFailure(description: "cannot rename") }
            }
            guard syncfs(opened) == 0 else { throw BenchFailure(description: "cannot sync") }
        }
        return Double(count) / (began.duration(to: clock.now) / .seconds(1))
    }

    private static func write(_ bytes: [UInt8], _ path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw BenchFailure(description: "cannot create a file") }
        defer { close(file) }
        guard Foundation.write(file, bytes, bytes.count) == bytes.count else {
            throw BenchFailure(description: "cannot write a file")
        }
    }
}

/// Delivers runs to the assembly, as the service's port does.
private final class AssemblyBenchPort: EffectPort {
    private struct State {
        var target: AssemblyTarget?
        var ended: Result<TargetOutcome, any Error>?
        var waiter: CheckedContinuation<TargetOutcome, any Error>?
    }

    private let state = Mutex(State())

    func fill(_ target: AssemblyTarget) { state.withLock { $0.target = target } }

    func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void) {
        guard case .deliver(let request) = effect, let target = state.withLock({ $0.target })
        else { return }
        let delivery = Delivery(
            tenant: request.tenant, jobId: request.jobId, run: request.run,
            attempt: request.attempt, execution: request.execution, runKey: request.runKey,
            scheduled: request.scheduled, businessDate: request.businessDate,
            environmentName: request.environmentName, binding: request.binding,
            parameters: request.parameters, callbackToken: "", callbackURL: "", logIdentity: "")
        Task {
            let outcome = await target.deliver(delivery)
            var result = AttemptResult()
            if case .succeeded(let completion) = outcome {
                result.isSuccess = true
                result.result = completion.resultJSON
            }
            report(.ended(run: request.run, attempt: request.attempt, result))
            end(.success(outcome))
        }
    }

    func end(_ result: Result<TargetOutcome, any Error>) {
        let waiter = state.withLock { state in
            state.ended = state.ended ?? result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: result)
    }

    /// How the run ended; waits for it.
    func outcome() async throws -> TargetOutcome {
        try await withCheckedThrowingContinuation { continuation in
            let ended = state.withLock { state in
                if state.ended == nil { state.waiter = continuation }
                return state.ended
            }
            if let ended { continuation.resume(with: ended) }
        }
    }
}
