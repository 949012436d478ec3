import Engine
import EventLog
import Projections
import Timetable

/// What log to make.
public struct MakeLogPlan: Sendable {
    /// How many days of an engine's life.
    public var days = 30
    /// Runs a day, on average over the years.
    public var operationsPerDay = 1_000
    /// The same seed gives the same events.
    public var seed: UInt64 = 1
    /// Whether full segments are sealed, and the last one at the end.
    public var isSealing = true
    /// How often the engine records the digest of its state, in minutes.
    ///
    /// An hour: a digest of some 5 KB that does not compress every five minutes would be a tenth of
    /// a large company's log.
    public var digestMinutes: Int64 = 60
    /// The size of a segment; from 1 MiB.
    public var segmentByteCount = 64 * 1_024 * 1_024
    /// The first moment, µs since 1970 UTC: 2026-01-01.
    public var start: Int64 = 1_767_225_600_000_000

    /// The least number of runs a day.
    public static let operationsPerDayMin = ScheduleMix.operationsMin

    /// A plan of a month.
    public init() {}
}

/// What was made.
public struct MakeLogResult: Codable, Sendable {
    /// Events in the log.
    public var events: Int
    /// Occurrences and manual runs that were decided.
    public var operations: UInt64
    /// The same for each day, on average.
    public var operationsPerDay: Int
    /// Days of the engine's life.
    public var days: Int
    /// The seed.
    public var seed: UInt64
    /// Schedules at the end.
    public var schedules: Int
    /// The digest of the state at the end, hex: the same for the same plan, on the same zone data.
    public var digest: String
    /// The release of the zone data.
    public var zoneData: String
    /// How long it took, sealing included.
    public var seconds: Double
    /// Events made a second.
    public var eventsPerSecond: Int

    enum CodingKeys: String, CodingKey {
        case events, operations
        case operationsPerDay = "operations_per_day"
        case days, seed, schedules, digest
        case zoneData = "zone_data"
        case seconds
        case eventsPerSecond = "events_per_second"
    }
}

/// How far the making has come.
public struct MakeLogProgress: Sendable {
    /// Events made.
    public let events: Int
    /// Days over.
    public let days: Int
    /// Events a second since the start.
    public let eventsPerSecond: Int
}

/// Makes a log of an engine's life: what its decide function writes, day by day, for a company's
/// schedules, their targets, and the people around them.
///
/// The folder must not hold a log. The batches are written by one thread and sealed by another, and
/// what is written follows from the plan and the machine's zone data alone (but for the times in
/// segment headers, the log's identity, and with it the digest of `engine started`).
///
/// Blocks for as long as it takes.
/// - Throws: what the log throws; the folder is then left as it is.
public func makeLog(
    _ plan: MakeLogPlan, folder: String, disk: any Disk,
    sources: LogSources = .system, progress: ((MakeLogProgress) -> Void)? = nil
) throws -> MakeLogResult {
    if try disk.list(folder + "/log")?.isEmpty == false {
        throw BenchFailure(
            description: "\(folder) holds a log; name a folder that is empty or not there")
    }
    let clock = ContinuousClock()
    let start = clock.now
    var configuration = LogConfiguration()
    configuration.segmentByteCount = plan.segmentByteCount
    let place = LogPlace(
        folder: folder, disk: disk, configuration: configuration, sources: sources)
    let zones = try ZoneCatalog()
    let sink = try BackgroundSink(place, seals: plan.isSealing)
    var maker = try DayMaker.start(
        plan, sink, zones, batchByteCount: min(1 << 20, configuration.decisionByteCountMax / 2))
    while try maker.day() {
        let seconds = start.duration(to: clock.now) / .seconds(1)
        progress?(
            MakeLogProgress(
                events: maker.log.eventCount, days: maker.dayCount,
                eventsPerSecond: Int(Double(maker.log.eventCount) / max(seconds, 1e-9))))
    }
    var state = maker.log.core.state
    let (events, schedules) = (maker.log.eventCount, maker.scheduleCount)
    try maker.close()
    let seconds = start.duration(to: clock.now) / .seconds(1)
    var operations: UInt64 = 0
    state.schedules.forEach { schedule in
        operations += schedule.succeeded + schedule.dead + schedule.skipped + schedule.missed
        operations += schedule.cancelled + schedule.open
    }
    return MakeLogResult(
        events: events, operations: operations,
        operationsPerDay: Int(operations) / max(plan.days, 1), days: plan.days, seed: plan.seed,
        schedules: schedules, digest: state.digest().hex, zoneData: zones.version,
        seconds: seconds, eventsPerSecond: Int(Double(events) / max(seconds, 1e-9)))
}
