import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Timetable

/// Logs on the real disk, as an engine would have left them.
enum LogFixture {
    private static let sources = LogSources(
        nowMicroseconds: { 1_774_000_000_000_000 },
        newIdentity: { LogIdentity(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908) },
        holder: "pid 7\nhost test\n")
    private static let configuration = LogConfiguration(segmentByteCount: 64 * 4_096)

    /// Six hours of two jobs around a change of clocks, over midnight: one dies, one is asked for
    /// by hand; then a clean stop, which records a digest.
    static func write(to folder: String) throws {
        var settings = DecisionSettings()
        settings.aliveInterval = 3_600_000_000
        settings.digestInterval = 3_600_000_000
        var failures = 2
        var maker = try LogMaker.start(
            folder: folder, disk: RealDisk(), configuration: configuration, sources: sources,
            settings: settings, now: try moment("2026-03-28T22:10:00Z"), batchByteCount: 1 << 14,
            zones: try ZoneCatalog()
        ) { request in
            var result = AttemptResult()
            result.durationMicroseconds = 250_000
            if request.jobId == "two", failures > 0 {
                failures -= 1
                result.exitCode = 3
                result.failureClass = "exit"
                result.message = "the program ended with exit code 3"
                result.isDefinite = true
            } else {
                result.isSuccess = true
                result.exitCode = 0
            }
            return result
        }
        var input = ConfigurationInput()
        input.definitions = [
            definition("one", "*/20 * * * *", zone: "UTC"),
            definition("two", "30 * * * *", zone: "Europe/Berlin"),
        ]
        try maker.handle(.applyConfiguration(input))
        try maker.advance(to: try moment("2026-03-29T02:00:30Z"))
        let who = Authority(actor: "user:anna", ticket: "CHG-1", request: "r-1")
        try maker.handle(
            .runNow(ScheduleKey("default", "two"), scheduled: nil, reason: "a test", who))
        try maker.advance(to: try moment("2026-03-29T04:05:00Z"))
        try maker.handle(.stop(reason: "SIGTERM"))
        try maker.close()
    }

    private static func moment(_ text: String) throws -> Int64 {
        try Instant(parsing: text).microseconds
    }

    private static func definition(
        _ jobId: String, _ cadence: String, zone: String
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
        definition.retriesMax = 1
        definition.retryDelaysSeconds = [60]
        definition.startDelayMinutes = 1
        definition.catchUp = "latest"
        definition.overlap = "skip"
        definition.source = "config"
        return definition
    }

    /// All records of a log.
    static func records(_ folder: String) throws -> [[UInt8]] {
        var reader = try LogReader.open(folder: folder, disk: RealDisk(), trust: .everything)
        var found: [[UInt8]] = []
        try reader.forEach { _, bytes in
            found.append(bytes.withUnsafeBytes { Array($0) })
            return true
        }
        return found
    }

    /// Writes records as they are.
    static func write(_ records: [[UInt8]], to folder: String) throws {
        var store = try LogStore.open(
            folder: folder, disk: RealDisk(), configuration: configuration, sources: sources)
        var bytes: [UInt8] = []
        for record in records { bytes += varint(record.count) + record }
        _ = try store.write(bytes.span.bytes, recordCount: records.count)
        try store.close()
    }

    /// The log of `folder` with another business date in the run that was asked for by hand, beside
    /// the digest and the snapshot of the log as it was.
    static func writeTampered(_ folder: String, to other: String) throws {
        let records = try records(folder)
        var state = ProjectedState()
        var changed: [[UInt8]] = []
        for record in records {
            var event = try Event(decoding: record)
            if event.envelope.sequence < UInt64(records.count - 1) {
                try state.apply(record.span.bytes)
            }
            if var due = event.payload as? RunDue, due.trigger == "manual" {
                due.businessDate = "1999-12-31"
                event.payload = due
            }
            changed.append(event.encoded())
        }
        try write(changed, to: other)
        try Snapshot.write(
            state, log: sources.newIdentity(), dataFolder: other, disk: RealDisk())
    }

    /// Writes the snapshot that the clean stop would have left: before the last record.
    static func writeSnapshot(_ folder: String) throws -> UInt64 {
        var state = ProjectedState()
        for record in try records(folder).dropLast() { try state.apply(record.span.bytes) }
        try Snapshot.write(
            state, log: sources.newIdentity(), dataFolder: folder, disk: RealDisk())
        return state.lastSequence ?? 0
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
