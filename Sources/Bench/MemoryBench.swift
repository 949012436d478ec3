import CBench
import Engine
import Events
import Projections
import Timetable

/// What the memory benchmark measured.
public struct MemoryBenchResult: Codable, Sendable {
    /// Schedules that were made.
    public var schedules: Int
    /// Resident bytes of the process at the end: program, state and engine.
    public var residentBytes: Int
    /// The same before the C library gave free pages back to the system.
    public var untrimmedBytes: Int
    /// The most that was resident at any time, while the configuration was applied (`VmHWM`).
    public var peakBytes: Int
    /// Resident bytes before anything was made.
    public var emptyBytes: Int
    /// Resident bytes of the configuration as it was handed over, beside the empty process.
    public var inputBytes: Int
    /// What each schedule takes: the difference between full and empty process.
    public var bytesPerSchedule: Double
    /// The bytes of the distinct data itself: see `MemoryBenchInput.distinctByteCount`.
    public var limitBytesPerSchedule: Double
    /// How many times the limit is taken.
    public var ratio: Double
    /// How long applying took, in seconds.
    public var applySeconds: Double
    /// How long a start over the same state takes, in seconds: all timers made anew.
    public var startSeconds: Double
    /// The digest of the state: the same for the same number of schedules.
    public var digest: String
    /// What the figures depend on.
    public var machine: [String: String]

    enum CodingKeys: String, CodingKey {
        case schedules
        case residentBytes = "resident_bytes"
        case untrimmedBytes = "untrimmed_bytes"
        case peakBytes = "peak_bytes"
        case emptyBytes = "empty_bytes"
        case inputBytes = "input_bytes"
        case bytesPerSchedule = "bytes_per_schedule"
        case limitBytesPerSchedule = "limit_bytes_per_schedule"
        case ratio
        case applySeconds = "apply_seconds"
        case startSeconds = "start_seconds"
        case digest
        case machine
    }
}

/// Applies a configuration of so many cron schedules to a new engine, and measures the memory of
/// the process.
///
/// - Throws: what the engine throws.
public func benchMemory(schedules count: Int) throws -> MemoryBenchResult {
    let clock = ContinuousClock()
    let zones = try ZoneCatalog()
    let empty = ProcessMemory.read()
    let distinct = MemoryBenchInput.distinctByteCount(count)
    var core = EngineCore(state: ProjectedState(), zones: zones, settings: DecisionSettings())
    _ = try core.start(StartFacts(), now: MemoryBenchInput.start)
    let began = clock.now
    let input = try applyInput(count, to: &core)
    let applySeconds = began.duration(to: clock.now) / .seconds(1)
    let untrimmed = ProcessMemory.read()
    daybook_bench_trim()
    let full = ProcessMemory.read()
    var again = EngineCore(state: core.state, zones: zones, settings: DecisionSettings())
    let restarted = clock.now
    _ = try again.start(StartFacts(), now: MemoryBenchInput.start + 1)
    let startSeconds = restarted.duration(to: clock.now) / .seconds(1)
    var state = core.state
    let perSchedule = Double(full.resident - empty.resident) / Double(max(count, 1))
    let limit = Double(distinct) / Double(max(count, 1))
    return MemoryBenchResult(
        schedules: core.state.schedules.count, residentBytes: full.resident,
        untrimmedBytes: untrimmed.resident, peakBytes: full.peak, emptyBytes: empty.resident,
        inputBytes: input - empty.resident,
        bytesPerSchedule: perSchedule, limitBytesPerSchedule: limit, ratio: perSchedule / limit,
        applySeconds: applySeconds, startSeconds: startSeconds, digest: state.digest().hex,
        machine: MachineFacts.read())
}

/// Makes the configuration and applies it; both it and the decision are gone at the end.
///
/// - Returns: the resident bytes once the configuration stands in memory.
private func applyInput(_ count: Int, to core: inout EngineCore) throws -> Int {
    let input = MemoryBenchInput.make(count)
    let resident = ProcessMemory.read().resident
    _ = try core.handle(.applyConfiguration(input), now: MemoryBenchInput.start + 1)
    // What a decision leaves behind goes with the next one.
    let moment = MemoryBenchInput.start + 2
    _ = try core.handle(.clockStepped(kind: "back", expected: moment, seen: moment), now: moment)
    return resident
}

/// The configuration of the memory benchmark: nightly jobs of many customers.
enum MemoryBenchInput {
    /// 2026-03-02T00:00:00Z, a Monday.
    static let start: Int64 = 1_772_409_600_000_000
    private static let zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]
    private static let targetCount = 50

    /// The schedule of a number: an id and a time of its own; target, zone, parameters, calendar
    /// and alerts are those of many.
    static func make(_ count: Int) -> ConfigurationInput {
        var input = ConfigurationInput()
        input.commit = "3f1c2a9e5b7d4c6a8e0f1b2d3c4a5e6f7a8b9c0d"
        input.author = "ops@example.com"
        var calendar = CalendarDefinition()
        calendar.name = "standard-business"
        calendar.weekend = ["SAT", "SUN"]
        calendar.validThrough = "2030-12-31"
        input.calendars = [calendar]
        input.definitions.reserveCapacity(count)
        for index in 0..<count { input.definitions.append(definition(index)) }
        return input
    }

    private static func definition(_ index: Int) -> ScheduleDefinition {
        var job = ScheduleDefinition()
        job.jobId = jobId(index)
        job.isEnabled = true
        job.cadence = cadence(index)
        job.zone = zones[index % zones.count]
        job.calendar = "standard-business"
        job.parameters = [
            KeyValue("RunDate", "${scheduledDate}"), KeyValue("Environment", "${environment}"),
        ]
        job.retriesMax = 3
        job.retryDelaysSeconds = [300, 900, 1_800]
        job.slaMinutes = 60
        job.startDelayMinutes = 5
        job.catchUp = "latest"
        job.overlap = "skip"
        var route = AlertRoute()
        route.event = "onFailure"
        route.recipients = ["ops-oncall", "billing"]
        job.alerts = [route]
        job.source = "config"
        job.environment = "production"
        job.target = target(index % targetCount)
        return job
    }

    private static func target(_ index: Int) -> TargetBinding {
        var target = TargetBinding()
        target.name = "pipeline_\(index)"
        target.kind = "http"
        target.url = "https://jobs.example.com/v1/pipelines/\(index)/runs"
        target.settings = [KeyValue("Authorization", "Bearer ${secret:PIPELINES}")]
        target.timeoutSeconds = 30
        target.callbackTimeoutSeconds = 7_200
        target.signingSecret = "${secret:SIGNING}"
        return target
    }

    private static func jobId(_ index: Int) -> String {
        let digits = String(index)
        return "customer-" + String(repeating: "0", count: max(0, 7 - digits.utf8.count)) + digits
            + "-nightly"
    }

    private static func cadence(_ index: Int) -> String {
        "\(index % 60) \(index / 60 % 24) * * \(1 + index / 1_440 % 7 % 5)"
    }

    /// The bytes of what is particular to each schedule, and of what they share once.
    ///
    /// For each its id, its cadence, and eight bytes each for the next time, for the time of its
    /// definition and for the definition's sequence; one definition for each target and zone.
    static func distinctByteCount(_ count: Int) -> Int {
        var total = 0
        for index in 0..<count {
            total += jobId(index).utf8.count + cadence(index).utf8.count + 3 * 8
        }
        for index in 0..<min(count, targetCount * zones.count) {
            total += definition(index).encoded().count
        }
        return total
    }
}
