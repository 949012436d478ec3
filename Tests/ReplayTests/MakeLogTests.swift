import Bench
import DaybookTestSupport
import EventLog
import Events
import Replay
import Testing

@Suite("Made logs")
struct MakeLogTests {
    private static func plan(
        days: Int, operations: Int, seed: UInt64, segmentByteCount: Int = 1 << 20
    ) -> MakeLogPlan {
        var plan = MakeLogPlan()
        plan.days = days
        plan.operationsPerDay = operations
        plan.seed = seed
        plan.segmentByteCount = segmentByteCount
        return plan
    }

    /// One identity, so that the logs of one plan are the same to the last record.
    private static let sources = LogSources(
        nowMicroseconds: { 1_774_000_000_000_000 },
        newIdentity: { LogIdentity(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908) },
        holder: "pid 7\nhost test\n")

    private func make(_ plan: MakeLogPlan, _ folder: String) throws -> MakeLogResult {
        try makeLog(plan, folder: folder, disk: RealDisk(), sources: Self.sources)
    }

    @Test(
        "the log of a random seed replays, every digest in it compares, and it verifies",
        arguments: 0..<3)
    func whole(_ number: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var plan = Self.plan(
            days: Int.random(in: 1...20), operations: Int.random(in: 10...2_000), seed: seed)
        plan.isSealing = number != 2
        let what = Comment(
            "seed \(seed), \(plan.days) days, \(plan.operationsPerDay) operations a day")
        try TemporaryFolder.with { folder in
            let made = try make(plan, folder)
            var options = Replayer.Options()
            options.comparison = .every
            let data = DataFolder(path: folder, disk: RealDisk(), trust: .everything)
            let result = try Replayer(data, options).run()
            #expect(result.outcome == ReplayResult.Outcome.agrees, what)
            #expect(result.checks.count >= plan.days, what)
            #expect(result.digest.hex == made.digest, what)
            #expect(result.events == UInt64(made.events), what)
            let verdict = LogVerifier.verify(folder: folder, disk: RealDisk())
            #expect(verdict.isGood, what)
            #expect(verdict.records == UInt64(made.events), what)
        }
    }

    @Test("the same plan gives the same tree, and another seed another one")
    func sameSeed() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        func root(_ seed: UInt64) throws -> String? {
            try TemporaryFolder.with { folder in
                let made = try make(Self.plan(days: 3, operations: 900, seed: seed), folder)
                let verdict = LogVerifier.verify(folder: folder, disk: RealDisk())
                #expect(verdict.isGood, "seed \(seed)")
                #expect(verdict.records == UInt64(made.events), "seed \(seed)")
                return verdict.root
            }
        }
        let (first, second, other) = (try root(seed), try root(seed), try root(seed &+ 1))
        #expect(first != nil && first == second, "seed \(seed)")
        #expect(first != other, "seed \(seed)")
    }

    @Test("the runs of a day are about as many as were asked for")
    func operations() throws {
        try TemporaryFolder.with { folder in
            let made = try make(Self.plan(days: 28, operations: 700, seed: 5), folder)
            #expect((650...800).contains(made.operationsPerDay), "\(made.operationsPerDay)")
        }
    }

    /// Forty days of 1,500 runs, some 300,000 events: a part of seven years that takes seconds.
    @Test("forty days hold what a company's days hold, and replay to the state they were made with")
    func variety() throws {
        try TemporaryFolder.with { folder in
            let made = try make(Self.plan(days: 40, operations: 1_500, seed: 3), folder)
            var seen: [EventType: Int] = [:]
            var reader = try LogReader.open(folder: folder, disk: RealDisk(), trust: .everything)
            try reader.forEach { _, record in
                guard let fields = try? EventFields(record) else { return true }
                if let type = fields.view.type { seen[type, default: 0] += 1 }
                return true
            }
            // Those that only other hands write: lost records, other zone data, checkpoints, whose
            // roots the deciding thread does not know; and what the made world does not have:
            // people who take alerts on or approve, channels that fail, contacts that hear of every
            // start, workers, callers of the API, partners, and files, which control numbers are
            // for.
            let others: Set<EventType> = [
                .lossAccepted, .zoneDataChanged, .checkpointSigned, .checkpointKeyChanged,
                .alertAcknowledged, .notificationFailed, .notificationRequested,
                .workerRegistered, .workerOffline, .workerLeaseGranted, .workerLeaseExpired,
                .jobTypeDefined, .jobTypeRemoved, .approvalRequested, .approvalGranted,
                .approvalRefused, .approvalExpired, .dependencyReported,
            ]
            let missing = EventType.allCases.filter {
                seen[$0] == nil && !others.contains($0) && !$0.isOfControlNumbers
                    && !$0.isOfExchange
            }
            #expect(missing.isEmpty, "\(missing)")
            let data = DataFolder(path: folder, disk: RealDisk(), trust: .everything)
            let replayed = try benchReplay(of: data)
            #expect(replayed.digest == made.digest && replayed.events == made.events)
            #expect(replayed.bytes > made.events && replayed.memoryBytesMax > 1 << 20)
        }
    }

    @Test("a folder that holds a log is refused, and left as it is")
    func occupied() throws {
        try TemporaryFolder.with { folder in
            let plan = Self.plan(days: 1, operations: 50, seed: 1)
            let made = try make(plan, folder)
            #expect(throws: (any Error).self) { try make(plan, folder) }
            let verdict = LogVerifier.verify(folder: folder, disk: RealDisk())
            #expect(verdict.isGood && verdict.records == UInt64(made.events))
        }
    }
}
