import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Synchronization
import Testing
import Timetable

/// Whole engines, with thread and writer, that start from snapshots.
@Suite struct SnapshotStartTests {
    private static let folder = "/data"

    /// A port that does nothing.
    private struct NoPort: EffectPort {
        func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void) {}
    }

    private func open(_ disk: SimulatedDisk) throws -> EngineRuntime {
        var parts = EngineRuntime.Parts(
            folder: Self.folder, zones: try ZoneCatalog(), port: { _ in NoPort() },
            onFatal: { Issue.record("the engine failed: \($0)") })
        parts.disk = disk
        parts.logConfiguration.segmentByteCount = 1 << 20
        parts.scrubInterval = nil
        return try EngineRuntime.open(parts)
    }

    private func configure(_ runtime: EngineRuntime, jobs: Int) async throws {
        var input = ConfigurationInput()
        input.definitions = (0..<jobs).map { number in
            var definition = ScheduleDefinition()
            definition.jobId = "job-\(number)"
            definition.isEnabled = true
            definition.cadence = "0 3 1 1 *"
            definition.zone = "UTC"
            var target = TargetBinding()
            target.name = "transfer"
            target.kind = "process"
            target.command = ["/usr/bin/true"]
            definition.target = target
            definition.catchUp = "latest"
            definition.overlap = "skip"
            definition.source = "config"
            return definition
        }
        _ = try await runtime.submit(.applyConfiguration(input))
    }

    /// Does a little and stops cleanly.
    ///
    /// - Returns: the sequence of the snapshot that it started from.
    @discardableResult
    private func live(_ disk: SimulatedDisk, _ reason: String) async throws -> UInt64? {
        let runtime = try open(disk)
        if reason == "first" { try await configure(runtime, jobs: 40) }
        let who = Authority(actor: "user:anna", ticket: "CHG-1")
        let key = ScheduleKey("default", "job-\(reason.utf8.count)")
        _ = try await runtime.submit(.pause(key, reason: reason, who))
        let from = runtime.startedFrom
        let left = try await runtime.stop(reason: reason, grace: .seconds(10))
        #expect(left.isEmpty)
        return from
    }

    private func snapshots(_ disk: SimulatedDisk) throws -> [UInt64] {
        try Snapshot.sequences(dataFolder: Self.folder, disk: disk)
    }

    private func rebuilt(_ disk: SimulatedDisk) throws -> (StateDigest, from: UInt64?) {
        var reader = try LogReader.open(folder: Self.folder, disk: disk, trust: .everything)
        var whole = ProjectedState()
        while try reader.nextBatch() != nil {
            try reader.forEachRecord { _, bytes in try whole.apply(bytes) }
        }
        var (state, start) = try EngineStart.rebuild(
            log: reader.identity, end: whole.nextSequence, folder: Self.folder, disk: disk)
        #expect(state.digest() == whole.digest())
        return (state.digest(), start.snapshot)
    }

    @Test("A clean stop leaves a snapshot, the next start goes on from it, and three are kept")
    func cleanStops() async throws {
        let disk = SimulatedDisk()
        #expect(try await live(disk, "first") == nil)
        var last = try #require(try snapshots(disk).last)
        for reason in ["one", "four", "seven to eight", "nine and ten"] {
            #expect(try await live(disk, reason) == last)
            last = try #require(try snapshots(disk).last)
        }
        #expect(try snapshots(disk).count == Snapshot.keptCount)
        // The record of the digest stands right after the snapshot's sequence, and is the last.
        let (digest, from) = try rebuilt(disk)
        #expect(digest.sequence == last + 1)
        #expect(from == last)
        var audit = LogAudit()
        try audit.read(disk, folder: Self.folder)
        try audit.check()
        #expect(audit.lastDigest?.atSequence == last)
    }

    @Test("A start drops what it cannot use, and goes on from the newest good snapshot")
    func dropsTheBad() async throws {
        let disk = SimulatedDisk()
        for reason in ["first", "one", "four"] { try await live(disk, reason) }
        let there = try snapshots(disk)
        #expect(there.count == 3)
        // The newest has a bad byte, the one before it another version.
        let newest = Snapshot.path(dataFolder: Self.folder, sequence: there[2])
        disk.flipBit(3, at: 4_000, of: newest)
        let older = Snapshot.path(dataFolder: Self.folder, sequence: there[1])
        disk.flipBit(1, at: 8, of: older)
        let runtime = try open(disk)
        #expect(runtime.startedFrom == there[0])
        #expect(runtime.droppedSnapshots.map(\.code) == [.damaged, .foreign])
        #expect(runtime.droppedSnapshots.map(\.path) == [newest, older])
        #expect(try snapshots(disk) == [there[0]])
        _ = try await runtime.stop(reason: "a test", grace: .seconds(10))
        #expect(try snapshots(disk).count == 2)
        _ = try rebuilt(disk)
        // Without any, the whole log is read, to the same end.
        for sequence in try snapshots(disk) {
            disk.erase(Snapshot.path(dataFolder: Self.folder, sequence: sequence))
        }
        #expect(try await live(disk, "seventh") == nil)
        _ = try rebuilt(disk)
    }

    @Test("A snapshot of another log is dropped; a valid one that is later than the log refuses it")
    func foreignAndLater() async throws {
        let disk = SimulatedDisk()
        for reason in ["first", "one"] { try await live(disk, reason) }
        let other = SimulatedDisk()
        // So many lives that no sign of life, on a slow machine, brings this log as far.
        let more = (6..<15).map { String(repeating: "x", count: $0) }
        for reason in ["first", "one", "four"] + more { try await live(other, reason) }
        let foreign = try #require(try snapshots(other).last)
        let path = Snapshot.path(dataFolder: Self.folder, sequence: foreign)
        disk.setContents(of: path, try #require(other.contents(of: path)))
        let last = try #require(try snapshots(disk).filter { $0 != foreign }.last)
        let copy = disk.copy()
        // It is beyond this log's end and says nothing of it: not evidence, and not the start.
        let runtime = try open(disk)
        #expect(runtime.startedFrom == last)
        _ = try await runtime.stop(reason: "a test", grace: .seconds(10))
        // A later one of this log says that records are missing.
        let later = try #require(try snapshots(disk).filter { $0 != foreign }.last)
        try #require(last < later && later < foreign)
        let ahead = Snapshot.path(dataFolder: Self.folder, sequence: later)
        copy.setContents(of: ahead, try #require(disk.contents(of: ahead)))
        let error = #expect(throws: EventLogError.self) { _ = try open(copy) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("\(later)") == true)
    }

    @Test("A snapshot of a wrong state, with a right digest of it, does not keep an engine down")
    func wrongState() async throws {
        let disk = SimulatedDisk()
        for reason in ["first", "one"] { try await live(disk, reason) }
        for sequence in try snapshots(disk) {
            disk.erase(Snapshot.path(dataFolder: Self.folder, sequence: sequence))
        }
        // Signs of life in the place of everything up to the first pause.
        var wrong = ProjectedState()
        var reader = try LogReader.open(folder: Self.folder, disk: disk, trust: .everything)
        let identity = reader.identity
        try reader.forEach { _, bytes in
            let event = try? Event(decoding: bytes.withUnsafeBytes { Array($0) })
            guard let event, !(event.payload is ScheduleDisabled) else { return false }
            var alive = event.envelope
            alive.stage = 0
            do { try wrong.apply(Event(alive, EngineAlive()).encoded().span.bytes) } catch {
                Issue.record("\(error)")
            }
            return true
        }
        try Snapshot.write(wrong, log: identity, dataFolder: Self.folder, disk: disk)
        let path = Snapshot.path(
            dataFolder: Self.folder, sequence: try #require(wrong.lastSequence))
        let runtime = try open(disk)
        #expect(runtime.startedFrom == nil)
        #expect(runtime.droppedSnapshots.map(\.path) == [path])
        #expect(disk.contents(of: path) == nil)
        #expect(try await runtime.read { $0.schedules.count } == 40)
        _ = try await runtime.stop(reason: "a test", grace: .seconds(10))
        _ = try rebuilt(disk)
    }

    @Test("A snapshot that cannot be written is an alert, and the next that can clears it")
    func troubleIsAnAlert() async throws {
        let disk = SimulatedDisk()
        try await live(disk, "first")
        let runtime = try open(disk)
        runtime.tell(.logTrouble(kind: "snapshot", message: "no snapshot"))
        #expect(try await runtime.read { $0.alerts.count } == 1)
        runtime.tell(.logTroubleOver(kind: "snapshot", reason: "a snapshot was written"))
        #expect(try await runtime.read { $0.alerts.count } == 0)
        _ = try await runtime.stop(reason: "a test", grace: .seconds(10))
    }
}

/// When the core asks for snapshots.
@Suite struct SnapshotTimingTests {
    private func savedSequences(_ fixture: CoreFixture) -> [UInt64] {
        fixture.effects.compactMap { effect in
            if case .saveState(let state) = effect { return state.lastSequence }
            return nil
        }
    }

    @Test("Snapshots come each interval, after so many events, and at the stop, beside a digest")
    func when() throws {
        var settings = DecisionSettings()
        settings.digestInterval = 5 * CoreFixture.minute
        settings.snapshotInterval = 60 * CoreFixture.minute
        settings.aliveInterval = CoreFixture.minute
        var fixture = try CoreFixture(settings: settings)
        try fixture.advance(minutes: 185)
        #expect(savedSequences(fixture).count == 3)
        #expect(fixture.all(DigestRecorded.self).count > 30)
        let recorded = Set(fixture.all(DigestRecorded.self).map(\.atSequence))
        #expect(savedSequences(fixture).allSatisfy(recorded.contains))
        try fixture.handle(.stop(reason: "SIGTERM"))
        #expect(savedSequences(fixture).count == 4)
        #expect(savedSequences(fixture).last == fixture.all(DigestRecorded.self).last?.atSequence)

        // Twelve events (signs of life and digests) make one due long before the hour is over.
        settings.snapshotEventCount = 12
        var busy = try CoreFixture(settings: settings)
        try busy.advance(minutes: 59)
        let sequences = savedSequences(busy)
        #expect(sequences.count > 3)
        #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $1 - $0 >= 12 })

        // A short interval makes digests as frequent: a snapshot stands beside one, always.
        settings.snapshotInterval = CoreFixture.minute
        var quick = try CoreFixture(settings: settings)
        try quick.advance(minutes: 30)
        #expect(savedSequences(quick).count > 25)
    }

    @Test("After a start from an old snapshot the next digest brings a new one")
    func longTail() throws {
        var settings = DecisionSettings()
        settings.snapshotEventCount = 50
        var fixture = try CoreFixture(settings: settings)
        try fixture.advance(minutes: 45)
        var state = ProjectedState()
        for record in fixture.records { try state.apply(record.span.bytes) }
        for (snapshot, isDue) in [(UInt64?.none, true), (state.lastSequence, false)] {
            var core = EngineCore(
                state: state, zones: try ZoneCatalog(), settings: settings, snapshot: snapshot)
            _ = try core.start(StartFacts(), now: fixture.now)
            var saved = false
            let end = fixture.now + 6 * CoreFixture.minute
            while let next = core.nextTimer, next <= end {
                while let decision = try core.tick(now: next) {
                    for case .saveState in decision.effects { saved = true }
                }
            }
            #expect(saved == isDue)
        }
    }
}
