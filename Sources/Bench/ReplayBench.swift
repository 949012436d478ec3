import Engine
import EventLog
import Events
import Projections
import Replay
import Timetable

/// What the replay benchmark measured.
public struct ReplayBenchResult: Codable, Sendable {
    /// Events a second through all projections.
    public var eventsPerSecond: Int
    /// Records a second with the batches' checksums verified and nothing applied.
    public var iterateEventsPerSecond: Int
    /// The first over the second.
    public var ratio: Double
    /// Events in the log.
    public var events: Int
    /// Bytes of their records.
    public var bytes: Int
    /// The digest of the rebuilt state, hex: the same for the same events.
    public var digest: String
    /// Events a second at which the log was made.
    public var makeEventsPerSecond: Int
    /// The kernel, the processor, how many of them.
    public var machine: [String: String]

    enum CodingKeys: String, CodingKey {
        case eventsPerSecond = "events_per_second"
        case iterateEventsPerSecond = "iterate_events_per_second"
        case ratio, events, bytes, digest
        case makeEventsPerSecond = "make_events_per_second"
        case machine
    }
}

/// Makes a log of realistic days in `folder` and replays it.
///
/// The log is made anew: `folder` must not hold one. It is in the page cache when it is read.
public func benchReplay(events: Int, folder: String) throws -> ReplayBenchResult {
    let clock = ContinuousClock()
    let start = clock.now
    let made = try makeLog(events: events, folder: folder, disk: RealDisk())
    let makeSeconds = (clock.now - start).inSeconds
    let folder = DataFolder(path: folder, disk: RealDisk(), trust: .everything)
    var iterateSeconds = Double.infinity
    var bytes = 0
    for _ in 0..<3 {
        let (seconds, counted) = try iterate(folder)
        iterateSeconds = min(iterateSeconds, seconds)
        bytes = counted
    }
    var replaySeconds = Double.infinity
    var digest = ""
    for _ in 0..<2 {
        let result = try Replayer(folder).run()
        replaySeconds = min(replaySeconds, result.seconds)
        digest = result.digest.hex
    }
    return ReplayBenchResult(
        eventsPerSecond: Int(Double(made) / replaySeconds),
        iterateEventsPerSecond: Int(Double(made) / iterateSeconds),
        ratio: (iterateSeconds / replaySeconds * 1_000).rounded() / 1_000, events: made,
        bytes: bytes, digest: digest, makeEventsPerSecond: Int(Double(made) / makeSeconds),
        machine: MachineFacts.read())
}

/// CRC check and iteration alone: the sum of the records' lengths is the trivial fold.
func iterate(_ folder: DataFolder) throws -> (seconds: Double, bytes: Int) {
    let clock = ContinuousClock()
    let start = clock.now
    var reader = try LogReader.open(folder: folder.path, disk: folder.disk, trust: folder.trust)
    var bytes = 0
    try reader.forEach { _, record in
        bytes += record.byteCount
        return true
    }
    return ((clock.now - start).inSeconds, bytes)
}

/// Makes a log of about so many events: 200 schedules at mixed cadences, one attempt in fifty
/// fails, a digest every five minutes.
///
/// The same count gives the same events.
///
/// - Returns: how many events there are.
public func makeLog(events: Int, folder: String, disk: any Disk) throws -> Int {
    var random: UInt64 = 0x2545_F491_4F6C_DD1D
    let zones = try ZoneCatalog()
    var maker = try LogMaker.start(
        folder: folder, disk: disk, now: 1_767_225_600_000_000, zones: zones
    ) { _ in
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return random % 50 == 0 ? failure() : success()
    }
    var input = ConfigurationInput()
    input.definitions = sampleDefinitions(count: 200)
    input.commit = "0123456789abcdef0123456789abcdef01234567"
    try maker.handle(.applyConfiguration(input))
    try maker.advance(to: .max, eventsMax: events)
    let count = maker.eventCount
    try maker.close()
    return count
}

private func success() -> AttemptResult {
    var result = AttemptResult()
    result.isSuccess = true
    result.exitCode = 0
    result.durationMicroseconds = 1_250_000
    var output = OutputReference()
    output.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    output.path = "files/" + output.sha256
    output.byteCount = 2_048
    result.output = output
    return result
}

private func failure() -> AttemptResult {
    var result = AttemptResult()
    result.exitCode = 1
    result.failureClass = "exit"
    result.message = "the program ended with exit code 1"
    result.isDefinite = true
    result.durationMicroseconds = 800_000
    return result
}

private func sampleDefinitions(count: Int) -> [ScheduleDefinition] {
    let cadences = ["*/5 * * * *", "*/15 * * * *", "7 * * * *", "*/10 6-20 * * MON-FRI"]
    let zones = ["UTC", "America/New_York", "Europe/Berlin"]
    return (0..<count).map { index in
        var definition = ScheduleDefinition()
        let digits = String(index)
        definition.jobId = "job-" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        definition.description = "moves the files of one partner"
        definition.isEnabled = true
        definition.cadence = cadences[index % cadences.count]
        definition.zone = zones[index % zones.count]
        var target = TargetBinding()
        target.name = "transfer"
        target.kind = "process"
        target.command = ["/usr/bin/true"]
        target.timeoutSeconds = 600
        definition.target = target
        definition.parameters = [KeyValue("date", "${scheduledDate}")]
        definition.retriesMax = 3
        definition.retryDelaysSeconds = [60, 300, 900]
        definition.slaMinutes = 60
        definition.startDelayMinutes = 1
        definition.catchUp = "latest"
        definition.overlap = "skip"
        definition.source = "config"
        return definition
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
