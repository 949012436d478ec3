import DaybookTestSupport
import EventLog
import Events
import Projections
import Testing

/// The line of each terminal state, as text: a collector may depend on every byte.
@Suite("Run records")
struct RunRecordTests {
    private static let log = LogIdentity(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)
    /// 2026-03-29T02:00:00Z, the scheduled time.
    private static let scheduled: Int64 = 1_774_749_600_000_000

    /// A fold, and events that are given to it.
    private struct Story {
        var fold = RunRecordFold()
        var ended: [RunRecord] = []

        /// Takes in an event, so many µs after the scheduled time.
        mutating func add(
            _ sequence: UInt64, _ after: Int64, _ payload: any EventPayload,
            actor: String = "engine", ticket: String = "", request: String = "", stage: UInt64 = 0
        ) throws {
            var envelope = Envelope()
            envelope.sequence = sequence
            envelope.time = RunRecordTests.scheduled + after
            envelope.tenant = "default"
            envelope.actor = actor
            envelope.ticket = ticket
            envelope.request = request
            envelope.stage = stage
            if payload is RunDue == false && sequence >= 50 { envelope.cause = sequence - 1 }
            if sequence == 43 { envelope.cause = 41 }
            let record = Event(envelope, payload).encoded()
            if let one = try fold.take(record.span.bytes, sequence: sequence) { ended.append(one) }
        }

        func line(tags: [String]? = nil) throws -> String {
            try #require(ended.last).json(log: RunRecordTests.log, tags: tags)
        }
    }

    private static func due(_ trigger: String = "schedule") -> RunDue {
        var due = RunDue()
        due.run = 41
        due.jobId = "834-nightly"
        due.scheduled = scheduled
        due.scheduledLocal = "2026-03-29T04:00:00+02:00"
        due.zone = "Europe/Berlin"
        due.businessDate = "2026-03-29"
        due.trigger = trigger
        due.definition = 7
        due.parameters = [KeyValue("MemberFile", "a value that may be private")]
        return due
    }

    private static func dispatched(_ attempt: UInt64, kind: String = "process") -> RunDispatched {
        var dispatched = RunDispatched()
        dispatched.run = 41
        dispatched.jobId = "834-nightly"
        dispatched.attempt = attempt
        dispatched.execution = attempt
        dispatched.runKey = "default/834-nightly/k//\(attempt)"
        dispatched.targetKind = kind
        dispatched.targetName = "pl_834"
        return dispatched
    }

    private static func started(_ attempt: UInt64) -> RunStarted {
        var started = RunStarted()
        started.run = 41
        started.jobId = "834-nightly"
        started.attempt = attempt
        return started
    }

    private static func success(_ attempt: UInt64) -> RunSucceeded {
        var succeeded = RunSucceeded()
        succeeded.run = 41
        succeeded.jobId = "834-nightly"
        succeeded.attempt = attempt
        succeeded.exitCode = 0
        succeeded.durationMicroseconds = 3_000_000
        succeeded.result = "{\"a\":\"result, which may be private\"}"
        return succeeded
    }

    @Test("A run that succeeded, with its dependency, its clocks and its tags")
    func succeeded() throws {
        var story = Story()
        var due = Self.due()
        due.startBy = Self.scheduled + 60_000_000
        due.finishBy = Self.scheduled + 3_600_000_000
        due.durationMicrosecondsMax = 600_000_000
        try story.add(41, 500, due)
        #expect(story.fold.oldestRun == 41)
        var satisfied = DependencySatisfied()
        satisfied.run = 41
        satisfied.name = "dw_refresh"
        satisfied.detail = "it succeeded for 2026-03-29"
        try story.add(42, 700, satisfied)
        try story.add(43, 1_000, Self.dispatched(1))
        try story.add(44, 2_000_000, Self.started(1))
        var succeeded = Self.success(1)
        succeeded.output = OutputReference()
        succeeded.output?.path = "files/ab"
        succeeded.output?.sha256 = "ab"
        succeeded.output?.byteCount = 12
        try story.add(50, 5_000_000, succeeded)
        #expect(try story.line(tags: ["834", "nightly"]) == RunRecordGolden.succeeded)
        #expect(story.fold.openCount == 0 && story.fold.oldestRun == nil)
    }

    @Test("A run that is dead after a retry, requeued by a person, with clocks that ran out")
    func dead() throws {
        var story = Story()
        var due = Self.due("requeue")
        due.startBy = Self.scheduled + 1_000_000
        due.finishBy = Self.scheduled + 300_000_000
        due.originRun = 30
        try story.add(41, 500, due, actor: "user:anna", ticket: "CHG-1", request: "r-1")
        try story.add(42, 1_000_000, Self.dispatched(1, kind: "http"))
        try story.add(43, 2_000_000, Self.started(1))
        var late = RunLate()
        late.run = 41
        try story.add(44, 2_000_000, late)
        var failed = RunFailed()
        failed.run = 41
        failed.attempt = 1
        failed.failureClass = "timeout"
        failed.message = "no complete answer within 60 s."
        try story.add(45, 62_000_000, failed)
        var retry = RunRetryScheduled()
        retry.run = 41
        try story.add(46, 62_000_000, retry)
        var missed = RunSlaMissed()
        missed.run = 41
        missed.clock = "finishBy"
        try story.add(47, 300_000_000, missed)
        try story.add(48, 301_000_000, Self.dispatched(2, kind: "http"))
        try story.add(49, 302_000_000, Self.started(2))
        failed.failureClass = "httpStatus"
        failed.message = "the target answered 503."
        failed.httpStatus = 503
        failed.durationMicroseconds = 8_000_000
        try story.add(59, 310_000_000, failed)
        var dead = RunDead()
        dead.run = 41
        dead.attempt = 2
        dead.reason = "retriesExhausted"
        dead.message = "the target answered 503."
        try story.add(60, 310_000_000, dead)
        #expect(try story.line() == RunRecordGolden.dead)
    }

    @Test("A run that a person asked for, and another one ended")
    func cancelled() throws {
        var story = Story()
        try story.add(41, 500, Self.due("manual"), actor: "user:bob", ticket: "CHG-2")
        try story.add(42, 1_000_000, Self.dispatched(1))
        try story.add(43, 2_000_000, Self.started(1))
        var requested = RunCancelRequested()
        requested.run = 41
        requested.reason = "wrong file"
        try story.add(51, 8_000_000, requested, actor: "user:anna", ticket: "CHG-3")
        var cancelled = RunCancelled()
        cancelled.run = 41
        cancelled.attempt = 1
        cancelled.reason = "wrong file"
        try story.add(52, 9_000_000, cancelled)
        #expect(try story.line() == RunRecordGolden.cancelled)
    }

    @Test("A run that was skipped for its dependency, an occurrence in a pause, and missed ones")
    func unrun() throws {
        var story = Story()
        try story.add(41, 500, Self.due())
        var failed = DependencyFailed()
        failed.run = 41
        failed.name = "feed"
        failed.reason = "expired"
        try story.add(42, 2_000_000, failed)
        var skipped = RunSkipped()
        skipped.run = 41
        skipped.jobId = "834-nightly"
        skipped.reason = "dependency"
        skipped.detail = "'dw_refresh' was skipped"
        try story.add(43, 3_000_000, skipped)
        #expect(try story.line() == RunRecordGolden.skippedRun)
        skipped = RunSkipped()
        skipped.jobId = "834-nightly"
        skipped.reason = "paused"
        skipped.scheduled = Self.scheduled
        skipped.scheduledLocal = "2026-03-29T04:00:00+02:00"
        skipped.zone = "Europe/Berlin"
        skipped.fanOutKey = "acme"
        skipped.businessDate = "2026-03-29"
        try story.add(44, 0, skipped)
        #expect(try story.line() == RunRecordGolden.occurrence)
        var missed = RunMissed()
        missed.jobId = "834-nightly"
        missed.reason = "engineDown"
        missed.detail = "no catch-up"
        missed.scheduledLocal = "2026-03-29T06:00:00+02:00"
        missed.zone = "Europe/Berlin"
        missed.count = 3
        missed.first = Self.scheduled
        missed.last = Self.scheduled + 7_200_000_000
        try story.add(45, 9_000_000_000, missed)
        #expect(try story.line() == RunRecordGolden.range)
    }

    @Test("A run whose beginning the log does not hold any more has a line that says so")
    func part() throws {
        var story = Story()
        try story.add(50, 5_000_000, Self.success(2))
        #expect(try story.line() == RunRecordGolden.part)
    }

    @Test("Parameters and results stand in no line, and a long text is cut between scalars")
    func privacy() throws {
        var story = Story()
        try story.add(41, 500, Self.due())
        try story.add(42, 1_000, Self.dispatched(1))
        var failed = RunFailed()
        failed.run = 41
        failed.message = "x" + String(repeating: "ü", count: 5_000)
        try story.add(43, 2_000, failed)
        try story.add(50, 5_000_000, Self.success(1))
        let line = try story.line()
        #expect(!line.contains("private") && line.contains("\"phi\":false"))
        #expect(line.contains("x" + String(repeating: "ü", count: 2_047) + "…\""))
        #expect(!line.contains(String(repeating: "ü", count: 2_048)))
    }

    @Test("A staged event of a run and bytes that are no record are refused, with the sequence")
    func refused() throws {
        var story = Story()
        let staged = #expect(throws: ProjectionError.self) {
            try story.add(41, 500, Self.due(), stage: 40)
        }
        #expect(staged?.code == .impossible && staged?.sequence == 41)
        var fold = RunRecordFold()
        let broken: [UInt8] = [0x08]
        let malformed = #expect(throws: ProjectionError.self) {
            _ = try fold.take(broken.span.bytes, sequence: 9)
        }
        #expect(malformed?.code == .malformed && malformed?.sequence == 9)
    }

    @Test("The numbers of runs that ended are forgotten while an old one stays open")
    func oldest() throws {
        var story = Story()
        for number in UInt64(1)...10_000 {
            var due = RunDue()
            due.run = number
            try story.add(number, 0, due)
            guard number > 1 else { continue }
            var cancelled = RunCancelled()
            cancelled.run = number
            try story.add(number, 0, cancelled)
        }
        #expect(story.fold.oldestRun == 1 && story.fold.openCount == 1)
        var cancelled = RunCancelled()
        cancelled.run = 1
        try story.add(10_001, 0, cancelled)
        #expect(story.fold.oldestRun == nil && story.ended.count == 10_000)
    }

    @Test("docs/run-records.md has every member of a line, in order")
    func documented() throws {
        let path = #filePath.replacing(
            "Tests/ProjectionsTests/RunRecordTests.swift", with: "docs/run-records.md")
        let bytes = try RealDisk().contents(of: path, byteCountMax: 1 << 20)
        let text = String(decoding: try #require(bytes), as: UTF8.self)
        let members = text.split(separator: "\n").compactMap { line -> Substring? in
            guard line.hasPrefix("| `"), line.contains("` | ") else { return nil }
            return line.dropFirst(3).prefix { $0 != "`" }
        }
        let plain = RunRecordGolden.occurrence
            .dropFirst().split(separator: ",\"").map { $0.drop { $0 == "\"" } }
            .map { $0.prefix { $0 != "\"" } }
        #expect(members == plain + ["reference", "redelivered"])
    }

    @Test("A customer's reference stands at a line's end, and in no line without one")
    func reference() throws {
        var story = Story()
        var due = Self.due()
        due.reference = "C-\"1\""
        try story.add(41, 500, due)
        try story.add(50, 5_000_000, Self.success(1))
        let line = try story.line()
        #expect(line.hasSuffix(",\"phi\":false,\"reference\":\"C-\\\"1\\\"\"}"), "\(line)")
        let place = RunRecordLine.place(in: Array(line.utf8))
        #expect(place?.sequence == 50)
        // An occurrence that never became a run says its reference itself.
        var skipped = RunSkipped()
        skipped.jobId = "834-nightly"
        skipped.reason = "blackout"
        skipped.reference = "C-2"
        try story.add(60, 6_000_000, skipped)
        #expect(try story.line().hasSuffix(",\"phi\":false,\"reference\":\"C-2\"}"))
        var missed = RunMissed()
        missed.jobId = "834-nightly"
        missed.reference = "C-3"
        try story.add(61, 7_000_000, missed)
        #expect(try story.line().hasSuffix(",\"phi\":false,\"reference\":\"C-3\"}"))
        try story.add(41, 500, Self.due())
        try story.add(71, 8_000_000, Self.success(1))
        #expect(try !story.line().contains("reference"))
    }

    @Test("A line is told from any other bytes, and from one that is not whole")
    func places() throws {
        let line = Array(RunRecordGolden.succeeded.utf8)
        let place = try #require(RunRecordLine.place(in: line))
        #expect(place.log == "\(Self.log)" && place.sequence == 50)
        for count in 0..<line.count where line.prefix(count).last != UInt8(ascii: "}") {
            #expect(RunRecordLine.place(in: line.prefix(count)) == nil)
        }
        for index in line.indices {
            var torn = line
            torn[index] = 0
            #expect(RunRecordLine.place(in: torn) == nil)
        }
    }
}
