import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Replay
import Server
import Testing
import Timetable

/// A log in which schedules did not run for every reason there is: in two lives of an engine, the
/// second of which was killed.
struct WhyNotWorld {
    let disk = SimulatedDisk()
    static let folder = "/data"
    static let zones: ZoneCatalog = {
        do { return try ZoneCatalog() } catch { preconditionFailure("no zone data: \(error)") }
    }()
    static let who = Authority(actor: "user:anna", ticket: "CHG-1", request: "r-1")
    /// The log's end; the second life's last event is a minute before it at the most.
    static let end = "2026-03-29T06:05:00Z"

    static func moment(_ text: String) throws -> Int64 { try Instant(parsing: text).microseconds }

    static func definition(_ jobId: String, _ cadence: String) -> ScheduleDefinition {
        var definition = ScheduleDefinition()
        definition.jobId = jobId
        definition.isEnabled = true
        definition.cadence = cadence
        definition.zone = "UTC"
        var target = TargetBinding()
        target.name = "transfer"
        target.kind = "process"
        target.command = ["/usr/bin/true"]
        definition.target = target
        definition.startDelayMinutes = 1
        definition.catchUp = "latest"
        definition.overlap = "skip"
        definition.source = "config"
        return definition
    }

    private static func input(_ definitions: [ScheduleDefinition]) -> ConfigurationInput {
        var input = ConfigurationInput()
        input.definitions = definitions
        input.author = "an author"
        var calendar = CalendarDefinition()
        calendar.name = "bank"
        calendar.weekend = ["SAT", "SUN"]
        input.calendars = [calendar]
        var blackout = BlackoutDefinition()
        blackout.name = "freeze"
        blackout.reason = "the month is closed"
        blackout.action = "skip"
        blackout.from = 1_774_737_000_000_000  // 2026-03-28T22:30:00Z
        blackout.until = blackout.from + 3_600_000_000
        blackout.jobs = ["dark"]
        blackout.source = "config"
        input.blackouts = [blackout]
        return input
    }

    private static var first: [ScheduleDefinition] {
        var berlin = definition("berlin", "30 2 * * *")
        berlin.zone = "Europe/Berlin"
        var missed = definition("missed", "0 * * * *")
        missed.catchUp = "none"
        var off = definition("off", "0 * * * *")
        off.isEnabled = false
        var banked = definition("banked", "0 23 * * *")
        banked.calendar = "bank"
        banked.roll = "following"
        return [
            definition("one", "*/20 * * * *"), berlin, missed, off, banked,
            definition("slow", "0,30 23 * * *"), definition("dark", "0 * * * *"),
            definition("gone", "15 * * * *"),
            definition("beat", "* * * * *"),
        ]
    }

    private func maker(_ state: ProjectedState, at start: String) throws -> LogMaker {
        let sources = LogSources(
            nowMicroseconds: { 1_774_000_000_000_000 },
            newIdentity: { LogIdentity(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908) },
            holder: "pid 7\nhost test\n")
        return try LogMaker.start(
            folder: Self.folder, disk: disk,
            configuration: LogConfiguration(segmentByteCount: 16 * 4_096), sources: sources,
            state: state, now: try Self.moment(start), batchByteCount: 2_000, zones: Self.zones
        ) { request in
            if request.jobId == "slow" { return nil }
            var result = AttemptResult()
            result.isSuccess = true
            result.exitCode = 0
            result.durationMicroseconds = 250_000
            return result
        }
    }

    init() throws {
        let one = ScheduleKey("default", "one")
        var first = try maker(ProjectedState(), at: "2026-03-28T22:10:00Z")
        try first.handle(.applyConfiguration(Self.input(Self.first)))
        try first.advance(to: Self.moment("2026-03-28T23:05:00Z"))
        try first.handle(.pause(one, reason: "maintenance", Self.who))
        try first.advance(to: Self.moment("2026-03-28T23:45:00Z"))
        try first.handle(.resume(one, reason: "done", Self.who))
        try first.advance(to: Self.moment("2026-03-29T01:05:00Z"))
        try first.handle(.stop(reason: "SIGTERM"))
        try first.close()
        disk.killProcess()
        let state = try Replayer(data).run().state
        var second = try maker(state, at: "2026-03-29T05:10:00Z")
        try second.advance(to: Self.moment("2026-03-29T05:12:00Z"))
        var changed = Self.first.filter { $0.jobId != "gone" }
        changed[0].cadence = "*/30 * * * *"
        try second.handle(.applyConfiguration(Self.input(changed)))
        try second.advance(to: Self.moment(Self.end))
        try second.close()
        disk.killProcess()
    }

    var data: DataFolder { DataFolder(path: Self.folder, disk: disk, trust: .everything) }

    /// Seals every segment that is full.
    func seal() throws {
        for name in try SegmentSealing.pending(folder: Self.folder, disk: disk) {
            let outcome = try SegmentSealing(
                segment: name, folder: Self.folder, disk: disk, vocabulary: EventVocabulary()
            ).run()
            #expect(outcome.indexFailure == nil)
        }
    }

    func ask(
        _ job: String, _ at: String, now: String = "2026-03-29T08:00:00Z",
        recordsMax: Int = JobMoment.recordsMax
    ) throws -> WhyNot {
        let question = WhyNotQuestion(
            History(data), zones: Self.zones, now: try Self.moment(now), recordsMax: recordsMax)
        return try question.answer(job, at: at)
    }
}
