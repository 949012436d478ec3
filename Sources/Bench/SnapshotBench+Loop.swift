import Dispatch
import EventLog
import Events
import Projections
import Synchronization

/// A large state, made of events as an engine would have written them.
enum SnapshotBenchState {
    static let start: Int64 = 1_767_225_600_000_000

    /// A state of so many schedules with definitions of their own, the first of which have an open
    /// run each.
    static func make(schedules: Int, openRuns: Int) throws -> ProjectedState {
        var state = ProjectedState()
        var writer = WireWriter(reservingByteCount: 4_096)
        func apply(_ payload: some EventPayload) throws {
            var envelope = Envelope()
            envelope.sequence = state.nextSequence
            envelope.time = start
            envelope.tenant = "default"
            envelope.actor = "engine"
            writer.removeAll()
            let byteCount = Event(envelope, payload).writeDelimited(to: &writer)
            let bytes = writer.bytes.span.bytes
            try state.apply(bytes.extracting((bytes.byteCount - byteCount)...))
        }
        for number in 0..<schedules {
            var created = ScheduleCreated()
            created.jobId = jobId(number)
            created.definition = definition(number)
            try apply(created)
        }
        for number in 0..<min(openRuns, schedules) {
            var due = RunDue()
            due.run = state.nextSequence
            due.jobId = jobId(number)
            due.scheduled = start
            due.scheduledLocal = "2026-01-01T00:00:00+00:00"
            due.zone = "UTC"
            due.businessDate = "2026-01-01"
            due.trigger = "schedule"
            due.definition = UInt64(number)
            due.parameters = [KeyValue("date", "2026-01-01")]
            try apply(due)
        }
        return state
    }

    static func jobId(_ number: Int) -> String {
        let digits = String(number)
        return "job-" + String(repeating: "0", count: max(0, 7 - digits.utf8.count)) + digits
    }

    private static func definition(_ number: Int) -> ScheduleDefinition {
        var definition = ScheduleDefinition()
        definition.jobId = jobId(number)
        definition.description = "moves the files of one partner"
        definition.isEnabled = true
        definition.cadence = "\(number % 60) \(number % 24) * * *"
        definition.zone = ["UTC", "America/New_York", "Europe/Berlin"][number % 3]
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
        definition.catchUp = "latest"
        definition.overlap = "skip"
        definition.source = "config"
        return definition
    }
}

/// What an engine's thread does: decide, apply, append; and the wait until it is durable.
final class SnapshotBenchLoop {
    /// The log that it appends to.
    let log: LogWriter
    private(set) var state: ProjectedState
    private let durable = DispatchSemaphore(value: 0)
    private var writer = WireWriter(reservingByteCount: 4_096)
    private var number = 0
    private let jobCount: Int

    init(folder: String, disk: RealDisk, state: ProjectedState) throws {
        let durable = durable
        log = try LogWriter.open(
            folder: folder, disk: disk,
            callbacks: LogWriter.Callbacks(onDurable: { _ in durable.signal() }))
        self.state = state
        jobCount = max(state.schedules.count, 1)
    }

    func digest() -> StateDigest { state.digest() }

    /// Decides and appends, one after the other, while `goesOn` says so.
    ///
    /// A delay is that of an append until it is durable; a hold is what the thread did before it.
    func run(
        while goesOn: (ContinuousClock.Instant) -> Bool
    ) throws -> (appends: SnapshotBenchTimes, holds: SnapshotBenchTimes) {
        let clock = ContinuousClock()
        let began = clock.now
        var (appends, holds) = (SnapshotBenchTimes(), SnapshotBenchTimes())
        while goesOn(began) {
            let start = clock.now
            try decide()
            let decided = clock.now
            let body = writer.bytes
            let ticket = try log.append(body.span.bytes, recordCount: 1)
            // Ten seconds are what no disk takes; a log that failed never says that it is durable.
            while log.durableThrough.map({ $0 < ticket.last }) ?? true {
                if durable.wait(timeout: .now() + .seconds(10)) == .timedOut {
                    throw SnapshotBenchError(message: "an append was not durable in 10 seconds")
                }
            }
            appends.add((clock.now - decided).elapsedSeconds)
            holds.add((decided - start).elapsedSeconds)
        }
        return (appends, holds)
    }

    /// A schedule somewhere is paused, and resumed the next time round.
    private func decide() throws {
        let jobId = SnapshotBenchState.jobId((number / 2 * 7_919) % jobCount)
        number += 1
        if number % 2 == 1 {
            var payload = ScheduleDisabled()
            payload.jobId = jobId
            payload.reason = "a benchmark"
            try apply(payload)
        } else {
            var payload = ScheduleEnabled()
            payload.jobId = jobId
            payload.reason = "a benchmark"
            try apply(payload)
        }
    }

    private func apply(_ payload: some EventPayload) throws {
        var envelope = Envelope()
        envelope.sequence = state.nextSequence
        envelope.time = SnapshotBenchState.start
        envelope.tenant = "default"
        envelope.actor = "user:bench"
        writer.removeAll()
        let byteCount = Event(envelope, payload).writeDelimited(to: &writer)
        let body = writer.bytes
        let bytes = body.span.bytes
        try state.apply(bytes.extracting((bytes.byteCount - byteCount)...))
    }
}

/// The writing of one snapshot on a thread of its own, as an engine has it done.
final class SnapshotBenchWriting: Sendable {
    private let pending: Mutex<ProjectedState?>
    private let log: LogIdentity
    private let folder: String
    private let disk: RealDisk
    private let outcome: Mutex<Result<Written, any Error>?> = Mutex(nil)
    private let thread: Mutex<LogThread?> = Mutex(nil)

    /// What was written.
    struct Written: Sendable {
        var sequence: UInt64
        var seconds: Double
        var digest: String
    }

    init(_ state: ProjectedState, _ log: LogIdentity, _ folder: String, _ disk: RealDisk) {
        pending = Mutex(state)
        self.log = log
        self.folder = folder
        self.disk = disk
    }

    /// Starts the thread.
    func begin() throws {
        let started = try LogThread { [self] in
            LogThread.yieldToOthers()
            let result = Result { try write() }
            outcome.withLock { $0 = result }
        }
        thread.withLock { $0 = started }
    }

    /// Whether it came to an end.
    var isDone: Bool { outcome.withLock { $0 != nil } }

    /// Waits for the end.
    func finish() throws -> Written {
        let thread = thread.withLock { $0.take() }
        thread?.join()
        guard let result = outcome.withLock({ $0 }) else {
            throw SnapshotBenchError(message: "the snapshot was not written")
        }
        return try result.get()
    }

    private func write() throws -> Written {
        guard var state = pending.withLock({ $0.take() }) else {
            throw SnapshotBenchError(message: "there is no state to write")
        }
        let start = ContinuousClock.now
        try Snapshot.write(state, log: log, dataFolder: folder, disk: disk)
        let seconds = (ContinuousClock.now - start).elapsedSeconds
        return Written(
            sequence: state.lastSequence ?? 0, seconds: seconds, digest: state.digest().hex)
    }
}
