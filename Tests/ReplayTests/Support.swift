import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Replay
import Timetable

/// What the tests of replay share: logs made by the engine's core on a simulated disk.
enum Fixture {
    static let folder = "/data"
    static let log = LogConfiguration(segmentByteCount: 64 * 4_096)
    static let zones: ZoneCatalog = {
        do { return try ZoneCatalog() } catch { preconditionFailure("no zone data: \(error)") }
    }()

    /// Sources that give the same log each time.
    static let sources = LogSources(
        nowMicroseconds: { 1_774_000_000_000_000 },
        newIdentity: { LogIdentity(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908) },
        holder: "pid 7\nhost test\n")

    /// µs since 1970 of `2026-03-28T22:00:00Z` and the like.
    static func moment(_ text: String) throws -> Int64 {
        try Instant(parsing: text).microseconds
    }

    static func definition(
        _ jobId: String, _ cadence: String, zone: String = "UTC", retries: UInt64 = 0
    ) -> ScheduleDefinition {
        var definition = ScheduleDefinition()
        definition.jobId = jobId
        definition.isEnabled = true
        definition.cadence = cadence
        definition.zone = zone
        var target = TargetBinding()
        target.name = "transfer"
        target.kind = "process"
        target.command = ["/usr/bin/true"]
        definition.target = target
        definition.retriesMax = retries
        definition.retryDelaysSeconds = [60]
        definition.startDelayMinutes = 1
        definition.catchUp = "latest"
        definition.overlap = "skip"
        definition.source = "config"
        return definition
    }

    static func configuration(_ definitions: [ScheduleDefinition]) -> ConfigurationInput {
        var input = ConfigurationInput()
        input.definitions = definitions
        input.commit = "0123456789abcdef0123456789abcdef01234567"
        input.author = "an author"
        return input
    }

    static func success(milliseconds: UInt64 = 250) -> AttemptResult {
        var result = AttemptResult()
        result.isSuccess = true
        result.exitCode = 0
        result.durationMicroseconds = milliseconds * 1_000
        return result
    }

    static func failure() -> AttemptResult {
        var result = AttemptResult()
        result.exitCode = 3
        result.failureClass = "exit"
        result.message = "the program ended with exit code 3"
        result.isDefinite = true
        result.durationMicroseconds = 90_000
        return result
    }

    static func maker(
        _ disk: SimulatedDisk, at start: String, batchByteCount: Int = 1,
        state: ProjectedState = ProjectedState(), digestMinutes: Int64 = 60,
        _ answer: @escaping LogMaker.Answer
    ) throws -> LogMaker {
        var settings = DecisionSettings()
        settings.aliveInterval = 3_600_000_000
        settings.digestInterval = digestMinutes * 60_000_000
        return try LogMaker.start(
            folder: folder, disk: disk, configuration: log, sources: sources, state: state,
            settings: settings, now: try moment(start), batchByteCount: batchByteCount,
            zones: zones, answer: answer)
    }

    static func data(_ disk: SimulatedDisk) -> DataFolder {
        DataFolder(path: folder, disk: disk, trust: .everything)
    }

    /// A small log with some of everything: two jobs for six hours, one failing once, a pause, a
    /// run by hand, a clean stop.
    static func smallLog(batchByteCount: Int = 1) throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        var failures = 2
        var maker = try maker(
            disk, at: "2026-03-28T22:10:00Z", batchByteCount: batchByteCount
        ) { request in
            if request.jobId == "two", failures > 0 {
                failures -= 1
                return failure()
            }
            return success()
        }
        try maker.handle(
            .applyConfiguration(
                configuration([
                    definition("one", "*/20 * * * *"),
                    definition("two", "30 * * * *", zone: "Europe/Berlin", retries: 1),
                ])))
        let who = Authority(actor: "user:anna", ticket: "CHG-1", request: "r-1")
        try maker.advance(to: try moment("2026-03-29T00:30:30Z"))
        try maker.handle(.pause(ScheduleKey("default", "one"), reason: "maintenance", who))
        try maker.advance(to: try moment("2026-03-29T02:00:30Z"))
        try maker.handle(.resume(ScheduleKey("default", "one"), reason: "done", who))
        try maker.handle(
            .runNow(ScheduleKey("default", "two"), scheduled: nil, reason: "a test", who))
        try maker.advance(to: try moment("2026-03-29T04:05:00Z"))
        try maker.handle(.stop(reason: "SIGTERM"))
        try maker.close()
        return disk
    }

    /// All records of a log.
    static func records(_ disk: SimulatedDisk) throws -> [[UInt8]] {
        var reader = try LogReader.open(folder: folder, disk: disk, trust: .everything)
        var found: [[UInt8]] = []
        try reader.forEach { _, bytes in
            found.append(bytes.withUnsafeBytes { Array($0) })
            return true
        }
        return found
    }

    /// Writes records as they are, so many in each batch.
    static func write(_ records: [[UInt8]], perBatch: Int, to disk: SimulatedDisk) throws {
        var store = try LogStore.open(
            folder: folder, disk: disk, configuration: log, sources: sources)
        var rest = records[...]
        while !rest.isEmpty {
            let batch = rest.prefix(perBatch)
            rest = rest.dropFirst(perBatch)
            let bytes = batch.flatMap { varint($0.count) + $0 }
            _ = try store.write(bytes.span.bytes, recordCount: batch.count)
        }
        try store.close()
    }

    static func varint(_ value: Int) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
