import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Testing

/// A whole engine lives through a month of crashes in seconds.
@Suite struct SimulatedMonthTests {
    /// 2026-03-01T00:00:00Z: the month has a clock change in most zones.
    static let start: Int64 = 1_772_323_200_000_000
    static let day: Int64 = 86_400_000_000

    @Test(
        "two hundred jobs live through a month with two crashes a day; nothing is lost or doubled",
        arguments: [SimulatedMonthTests.seed()])
    func month(seed: UInt64) throws {
        let comment: Comment = "seed \(seed): set DAYBOOK_SEED=\(seed) to repeat it"
        var audit = LogAudit()
        let engine: SimulatedEngine
        do {
            engine = try SimulatedEngine(seed: seed, start: Self.start)
            var random = SeededGenerator(seed: seed)
            let jobs = JobMix.make(200, using: &random)
            for day in 0..<30 {
                for half in 0..<2 {
                    try engine.start()
                    if day == 0 && half == 0 || day == 10 && half == 1 {
                        try engine.handle(.applyConfiguration(jobs))
                    }
                    let crashAt =
                        Self.start + Int64(day) * Self.day + Int64(half) * Self.day / 2
                        + Int64.random(in: 0..<(Self.day / 2), using: &random)
                    try engine.run(until: max(crashAt, engine.now))
                    try engine.crash()
                }
            }
            try engine.start()
            try engine.run(until: max(Self.start + 31 * Self.day, engine.now))
            try engine.stop()
            try audit.read(engine.disk, folder: SimulatedEngine.folder)
            try audit.check()
        } catch {
            Issue.record("\(error)", severity: .error)
            Issue.record(comment)
            return
        }
        #expect(audit.runs > 5_000, comment)
        #expect(audit.statuses["succeeded", default: 0] > 4_000, comment)
        #expect(engine.startsFromSnapshot > 40, comment)
        #expect(engine.droppedSnapshots.isEmpty, comment)
        #expect(engine.targets.keys.values.allSatisfy { $0.count == 1 }, comment)
        let report = try LogInspection.inspect(folder: SimulatedEngine.folder, disk: engine.disk)
        #expect(report.verdict == .clean, comment)
        var rebuilt = try SimulatedEngine.rebuild(engine.disk)
        let digest = rebuilt.digest()
        #expect(audit.lastDigest?.atSequence == (digest.sequence ?? 0) - 1, comment)
    }

    /// A seed from the environment, or a new one.
    static func seed() -> UInt64 {
        TestSeed.fromEnvironment() ?? UInt64.random(in: 0...UInt64(UInt32.max))
    }
}
