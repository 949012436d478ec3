import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Testing
import Timetable

/// Random valid histories, random snapshot points, random batches, crashes: always one state.
@Suite struct SnapshotPropertyTests {
    private static let folder = "/data"
    private static let start: Int64 = 1_774_000_000_000_000
    private static let sources = LogSources(
        nowMicroseconds: { start }, newIdentity: { LogIdentity(low: 5, high: 9) },
        holder: "pid 7\nhost test\n")
    private static let configuration = LogConfiguration(segmentByteCount: 256 * 4_096)

    private static func definitions(_ random: inout SeededGenerator) -> [ScheduleDefinition] {
        (0..<(3 + Int(random.next() % 12))).map { number in
            var definition = ScheduleDefinition()
            definition.jobId = "job-\(number)"
            definition.description = String(repeating: "ä", count: Int(random.next() % 80))
            definition.isEnabled = random.next() % 8 != 0
            definition.cadence = ["* * * * *", "*/3 * * * *", "7 * * * *"][Int(random.next() % 3)]
            definition.zone = random.next() % 2 == 0 ? "UTC" : "America/New_York"
            var target = TargetBinding()
            target.name = "transfer"
            target.kind = "process"
            target.command = ["/usr/bin/true"]
            definition.target = target
            definition.retriesMax = random.next() % 3
            definition.retryDelaysSeconds = [30]
            definition.startDelayMinutes = 1
            definition.catchUp = "latest"
            definition.overlap = "skip"
            definition.source = "config"
            return definition
        }
    }

    private static func answer(_ random: inout SeededGenerator) -> AttemptResult? {
        var result = AttemptResult()
        result.durationMicroseconds = random.next() % 1_000_000
        switch random.next() % 20 {
        case 0: return nil  // it stays open
        case 1...3:
            result.failureClass = "exit"
            result.message = "the program ended with exit code 3"
            result.isDefinite = true
            result.exitCode = 3
        default: result.isSuccess = true
        }
        return result
    }

    /// The records of a random history: hours of jobs, changes of configuration, pauses, runs by
    /// hand, restarts.
    private static func history(_ random: inout SeededGenerator) throws -> [[UInt8]] {
        let disk = SimulatedDisk()
        var answers = SeededGenerator(seed: random.next())
        var settings = DecisionSettings()
        settings.aliveInterval = 600_000_000
        var maker = try LogMaker.start(
            folder: folder, disk: disk, configuration: configuration, sources: sources,
            settings: settings, now: start, batchByteCount: 1 << 16, zones: try ZoneCatalog()
        ) { _ in answer(&answers) }
        let who = Authority(actor: "user:anna", ticket: "CHG-1")
        for _ in 0..<(2 + Int(random.next() % 5)) {
            var input = ConfigurationInput()
            input.definitions = definitions(&random)
            try maker.handle(.applyConfiguration(input))
            let pause = Int64(random.next() % (4 * 3_600)) * 1_000_000
            try maker.advance(to: maker.now + pause)
            let key = ScheduleKey("default", "job-0")
            for command in [
                Command.pause(key, reason: "a test", who),
                .runNow(key, scheduled: nil, reason: "a test", who),
                .resume(key, reason: "a test", who),
            ] where random.next() % 2 == 0 {
                do { try maker.handle(command) } catch is Rejection { continue }
            }
        }
        try maker.close()
        return try read(disk)
    }

    private static func read(_ disk: SimulatedDisk) throws -> [[UInt8]] {
        var reader = try LogReader.open(folder: folder, disk: disk, trust: .everything)
        var found: [[UInt8]] = []
        try reader.forEach { _, bytes in
            found.append(bytes.withUnsafeBytes { Array($0) })
            return true
        }
        return found
    }

    private static func entries(_ state: ProjectedState) -> [StateEntry] {
        var found: [StateEntry] = []
        state.forEachStateEntry { found.append($0) }
        return found
    }

    /// Writes the records in random batches, with a snapshot after some of them, until the disk
    /// fails at one of its calls; then the machine goes down.
    ///
    /// - Returns: how many records were written.
    private static func write(
        _ records: [[UInt8]], to disk: SimulatedDisk, _ random: inout SeededGenerator
    ) throws {
        var store = try LogStore.open(
            folder: folder, disk: disk, configuration: configuration, sources: sources)
        var state = ProjectedState()
        var place = 0
        while place < records.count {
            let batch = records[place...].prefix(1 + Int(random.next() % 60))
            place += batch.count
            var writer = WireWriter()
            var body: [UInt8] = []
            for record in batch {
                writer.removeAll()
                writer.varint(UInt64(record.count))
                body += writer.bytes + record
                try state.apply(record.span.bytes)
            }
            _ = try store.write(body.span.bytes, recordCount: batch.count)
            guard random.next() % 40 == 0, !state.isStageOpen else { continue }
            let isLast = random.next() % 6 == 0
            if isLast { disk.failCall(1 + Int(random.next() % 12), .after) }
            do throws(SnapshotError) {
                try Snapshot.write(
                    state, log: LogIdentity(low: 5, high: 9), dataFolder: folder, disk: disk)
            } catch {
                guard error.code == .inputOutput, isLast else { throw error }
            }
            disk.heal()
            if isLast { break }
        }
        disk.crash(using: &random)
    }

    @Test(
        "a start from the newest snapshot and the tail has the state of a replay from nothing",
        arguments: 0..<12 as Range<UInt64>)
    func restart(number: UInt64) throws {
        let seed = 4_711_00 &+ number
        let comment: Comment = "seed \(seed)"
        var random = SeededGenerator(seed: seed)
        let records = try Self.history(&random)
        var fromSnapshot = 0
        for _ in 0..<6 {
            let disk = SimulatedDisk()
            try Self.write(records, to: disk, &random)
            let store = try LogStore.open(
                folder: Self.folder, disk: disk, configuration: Self.configuration,
                sources: Self.sources,
                evidence: try Snapshot.durabilityClaims(dataFolder: Self.folder, disk: disk))
            var (state, start) = try EngineStart.rebuild(
                log: store.identity, end: store.nextSequence.rawValue, folder: Self.folder,
                disk: disk)
            try store.close()
            fromSnapshot += start.snapshot == nil ? 0 : 1
            #expect(start.dropped.isEmpty, comment)
            let written = try Self.read(disk)
            #expect(written.elementsEqual(records.prefix(written.count)), comment)
            var whole = ProjectedState()
            for record in written { try whole.apply(record.span.bytes) }
            #expect(state.digest() == whole.digest(), comment)
            #expect(state.lastTime == whole.lastTime, comment)
            #expect(Self.entries(state) == Self.entries(whole), comment)
            // What is to come leads both to the same end: nothing hidden was left out.
            for record in records.dropFirst(written.count) {
                try state.apply(record.span.bytes)
                try whole.apply(record.span.bytes)
            }
            #expect(state.digest() == whole.digest(), comment)
        }
        if records.count > 2_000 { #expect(fromSnapshot > 0, comment) }
    }
}
