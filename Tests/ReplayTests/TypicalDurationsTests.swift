import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Replay
import Testing

/// How long jobs usually take, from what is sealed and what is not.
@Suite struct TypicalDurationsTests {
    /// Three days of two jobs that take another time at each run and fail now and then, and of one
    /// that never succeeds; in small segments.
    private static func log() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        var random = SeededGenerator(seed: 11)
        var settings = DecisionSettings()
        settings.aliveInterval = 3_600_000_000
        settings.digestInterval = 3_600_000_000
        var maker = try LogMaker.start(
            folder: Fixture.folder, disk: disk,
            configuration: LogConfiguration(segmentByteCount: 8 * 4_096),
            sources: Fixture.sources, settings: settings,
            now: try Fixture.moment("2026-03-25T22:10:00Z"), batchByteCount: 2_000,
            zones: Fixture.zones
        ) { request in
            if request.jobId == "never" || random.next() % 5 == 0 { return Fixture.failure() }
            return Fixture.success(milliseconds: 100 + random.next() % 10_000)
        }
        try maker.handle(
            .applyConfiguration(
                Fixture.configuration([
                    Fixture.definition("often", "*/5 * * * *"),
                    Fixture.definition("rare", "0 */3 * * *"),
                    Fixture.definition("never", "0 * * * *"),
                    Fixture.definition("unborn", "0 0 1 1 *"),
                ])))
        try maker.advance(to: try Fixture.moment("2026-03-28T22:10:00Z"))
        try maker.close()
        return disk
    }

    /// The lower median of the last twenty successes of a job, by reading every record.
    private static func expected(_ disk: SimulatedDisk, _ jobId: String) throws -> Int64? {
        let last = try Fixture.records(disk).compactMap { record -> Int64? in
            let success = try Event(decoding: record).payload as? RunSucceeded
            return success?.jobId == jobId ? success.map { Int64($0.durationMicroseconds) } : nil
        }.suffix(20).sorted()
        return last.isEmpty ? nil : last[(last.count - 1) / 2]
    }

    @Test("the median of the last twenty successes is found, sealed or not")
    func median() throws {
        let disk = try Self.log()
        let jobs = ["often", "rare", "never", "unborn", "none"]
        let wanted = try jobs.map { try Self.expected(disk, $0) }
        #expect(wanted.map { $0 == nil } == [false, false, true, true, true])
        let pending = try SegmentSealing.pending(folder: Fixture.folder, disk: disk)
        #expect(pending.count > 5)
        for keeping in [pending.count, 2, 0] {
            let left = try SegmentSealing.pending(folder: Fixture.folder, disk: disk)
            for name in left.dropLast(keeping) {
                _ = try SegmentSealing(
                    segment: name, folder: Fixture.folder, disk: disk,
                    vocabulary: EventVocabulary()
                ).run()
            }
            let durations = TypicalDurations(History(Fixture.data(disk)))
            for (job, expected) in zip(jobs, wanted) {
                let found = try durations.duration(of: ScheduleKey("default", job))
                #expect(found == expected, "\(job), \(keeping) segments not sealed")
            }
        }
    }

    @Test("a folder without a log is an error, not a job without a history")
    func nothing() throws {
        let disk = SimulatedDisk()
        #expect(throws: ReplayError.self) {
            try TypicalDurations(History(Fixture.data(disk)))
                .duration(of: ScheduleKey("default", "often"))
        }
    }
}
