import Engine
import EventLog
import Events
import Projections
import Synchronization
import Timetable

/// What the benchmark of customers' schedules does.
public struct CustomersBenchPlan: Sendable {
    /// Schedules that are there before it begins, each due once a day, with a reminder.
    public var schedules = 10_000
    /// What customers and people ask for, a second: transfers made, changed, cancelled, looked at.
    public var operationsPerSecond = 500
    /// For how long, in seconds.
    public var seconds = 10

    /// The usual plan.
    public init() {}
}

/// What the benchmark of customers' schedules measured.
public struct CustomersBenchResult: Codable, Sendable {
    /// Schedules that were there before.
    public var schedules: Int
    /// How long making them took, in seconds.
    public var makingSeconds: Double
    /// What was asked for.
    public var operations: Int
    /// What was refused, or failed.
    public var failed: Int
    /// From the moment at which it was to be asked to the durable answer, ms: the middle one.
    public var p50Milliseconds: Double
    /// Ninety-nine in a hundred.
    public var p99Milliseconds: Double
    /// The longest.
    public var maxMilliseconds: Double
    /// Transfers that were carried out meanwhile.
    public var transfers: Int
    /// Reminders that were sent meanwhile.
    public var reminders: Int
    /// From the scheduled time of either to the call of its target, ms: ninety-nine in a hundred.
    public var lagP99Milliseconds: Double
    /// The longest.
    public var lagMaxMilliseconds: Double
    /// How long it was measured, in seconds.
    public var seconds: Double
    /// The part of one core that the process took meanwhile.
    public var processorShare: Double
    /// The memory that the process had at the most, bytes.
    public var memoryBytesMax: Int
    /// The kernel, the processor, how many of them.
    public var machine: [String: String]

    enum CodingKeys: String, CodingKey {
        case schedules, operations, failed, transfers, reminders, seconds, machine
        case makingSeconds = "making_seconds"
        case p50Milliseconds = "p50_ms"
        case p99Milliseconds = "p99_ms"
        case maxMilliseconds = "max_ms"
        case lagP99Milliseconds = "lag_p99_ms"
        case lagMaxMilliseconds = "lag_max_ms"
        case processorShare = "cpu_share"
        case memoryBytesMax = "memory_bytes_max"
    }
}

/// Makes schedules of customers with reminders, spread over the day, then asks for things at a
/// steady rate, whether or not the answers before have come.
///
/// Blocks for as long as the plan says, and for the making.
/// - Parameter folder: an existing folder on the disk to measure.
public func benchCustomers(
    _ plan: CustomersBenchPlan, folder: String
) async throws -> CustomersBenchResult {
    let target = CustomersBenchTarget()
    var parts = EngineRuntime.Parts(folder: folder, zones: try ZoneCatalog()) { _ in
        target
    } onFatal: { _ in
        // Every caller that waits is told of it, and the benchmark ends with that error.
    }
    parts.settings.activeRunsMax = .max
    let runtime = try EngineRuntime.open(parts)
    let clock = ContinuousClock()
    let making = clock.now
    for start in stride(from: 0, to: plan.schedules, by: 1_000) {
        let portion = (start..<min(start + 1_000, plan.schedules)).map(CustomersBench.daily)
        _ = try await runtime.submit(.defineSchedules(portion, CustomersBench.who))
    }
    let makingSeconds = making.duration(to: clock.now) / .seconds(1)
    let processor = SnapshotBenchTimes.processorSeconds()
    let start = clock.now
    let answers = try await ask(plan, runtime, from: start)
    let seconds = start.duration(to: clock.now) / .seconds(1)
    let share = (SnapshotBenchTimes.processorSeconds() - processor) / seconds
    _ = try await runtime.stop(reason: "the benchmark is over", grace: .seconds(5))
    let seen = target.seen
    return CustomersBenchResult(
        schedules: plan.schedules, makingSeconds: makingSeconds,
        operations: answers.times.count, failed: answers.failed,
        p50Milliseconds: answers.times.quantile(0.50) / 1_000,
        p99Milliseconds: answers.times.quantile(0.99) / 1_000,
        maxMilliseconds: answers.times.quantile(1) / 1_000, transfers: seen.transfers,
        reminders: seen.reminders, lagP99Milliseconds: seen.lags.quantile(0.99) / 1_000,
        lagMaxMilliseconds: seen.lags.quantile(1) / 1_000, seconds: seconds,
        processorShare: share, memoryBytesMax: ProcessMemory.read().peak,
        machine: MachineFacts.read())
}

private struct CustomersBenchAnswers {
    var times = LatencyHistogram()
    var failed = 0
}

/// Asks at the plan's rate, each second's questions from as many tasks.
private func ask(
    _ plan: CustomersBenchPlan, _ runtime: EngineRuntime, from start: ContinuousClock.Instant
) async throws -> CustomersBenchAnswers {
    let clock = ContinuousClock()
    let count = plan.operationsPerSecond * plan.seconds
    let step = Duration.seconds(1) / plan.operationsPerSecond
    return try await withThrowingTaskGroup(of: (Duration, Bool).self) { group in
        var answers = CustomersBenchAnswers()
        var open = 0
        for number in 0..<count {
            let moment = start + step * number
            if clock.now < moment { try await clock.sleep(until: moment) }
            // What has come is taken in between, so that nothing piles up here.
            while open > 4 * plan.operationsPerSecond, let (time, isGood) = try await group.next() {
                answers.times.add(time)
                if !isGood { answers.failed += 1 }
                open -= 1
            }
            open += 1
            group.addTask {
                let isGood = await CustomersBench.operate(number, runtime)
                return (moment.duration(to: clock.now), isGood)
            }
        }
        for try await (time, isGood) in group {
            answers.times.add(time)
            if !isGood { answers.failed += 1 }
        }
        return answers
    }
}

private enum CustomersBench {
    static let who = Authority(actor: "user:bench", ticket: "BENCH-1")

    /// Of ten operations four make a transfer, two change one, two cancel one, two look at one.
    static func operate(_ number: Int, _ runtime: EngineRuntime) async -> Bool {
        // What is changed, cancelled or looked at was made some seconds before.
        let earlier = number / 10 - 400
        do {
            switch number % 10 {
            case 0...3:
                let transfer = transfer("\(number / 10)-\(number % 10)", after: 3_600 + number % 60)
                _ = try await runtime.submit(.defineSchedules([transfer], who))
            case 4, 5:
                guard earlier >= 0 else { return true }
                let changed = transfer("\(earlier)-\(number % 10 - 4)", after: 5 + number % 3)
                _ = try await runtime.submit(.defineSchedules([changed], who))
            case 6, 7:
                guard earlier >= 0 else { return true }
                _ = try await runtime.submit(
                    .cancelReference(
                        "C-\(earlier)-\(number % 10 - 4)", pauses: false, reason: "bench", who))
            default:
                let key = ScheduleKey("default", "transfer-\(max(earlier, 0))-3")
                _ = try await runtime.read { $0.schedules[key]?.definitionSequence }
            }
            return true
        } catch {
            return false
        }
    }

    /// A transfer each day, at a time of its own, with a reminder an hour before.
    static func daily(_ number: Int) -> ScheduleDefinition {
        var definition = definition("daily-\(number)", reference: "D-\(number)")
        let minute = number % 1_440
        definition.cadence = "\(minute % 60) \(minute / 60) * * *"
        var rule = ReminderRule()
        rule.before = "PT1H"
        rule.seconds = 3_600
        rule.channel = "sms"
        rule.target = definition.target
        definition.rules?.reminders = [rule]
        return definition
    }

    /// One transfer, so many seconds from now.
    static func transfer(_ name: String, after seconds: Int) -> ScheduleDefinition {
        var definition = definition("transfer-\(name)", reference: "C-\(name)")
        var at = TriggerDefinition()
        at.kind = "at"
        at.text = UTCText.of(microseconds: SystemClock().now() + Int64(seconds) * 1_000_000)
        definition.triggers = [at]
        return definition
    }

    private static func definition(_ jobId: String, reference: String) -> ScheduleDefinition {
        var definition = ScheduleDefinition()
        definition.jobId = jobId
        definition.isEnabled = true
        definition.zone = "UTC"
        var target = TargetBinding()
        target.name = "transfer"
        target.kind = "http"
        target.url = "https://payments.example.org/transfers"
        target.timeoutSeconds = 30
        definition.target = target
        definition.catchUp = "none"
        definition.overlap = "skip"
        definition.source = "api"
        var rules = RunRules()
        rules.reference = reference
        definition.rules = rules
        return definition
    }
}

/// A target in this process that says that all is well, and notes how late it was called.
private final class CustomersBenchTarget: EffectPort {
    struct Seen {
        var transfers = 0
        var reminders = 0
        var lags = LatencyHistogram()
    }

    private let clock = SystemClock()
    private let state = Mutex(Seen())

    var seen: Seen { state.withLock { $0 } }

    func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void) {
        guard case .deliver(let request) = effect else { return }
        var result = AttemptResult()
        guard let scheduled = try? Instant(parsing: request.scheduled).microseconds else {
            result.message = "no time: \(request.scheduled)"
            return report(.ended(run: request.run, attempt: request.attempt, result))
        }
        let lag = Duration.microseconds(max(0, clock.now() - scheduled))
        let isReminder = request.parameters.contains { $0.name == "before" }
        state.withLock { seen in
            seen.lags.add(lag)
            if isReminder { seen.reminders += 1 } else { seen.transfers += 1 }
        }
        result.isSuccess = true
        report(.ended(run: request.run, attempt: request.attempt, result))
    }
}
