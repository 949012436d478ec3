import DaybookTestSupport
import Engine
import Events
import Exchange
import Glibc
import Testing

/// Assembly is killed at every step, and goes on: each outcome in one file, each number settled.
@Suite struct AssemblyCrashTests {
    /// A seed from the environment, or a new one.
    static func seed() -> UInt64 {
        getenv("DAYBOOK_SEED").flatMap { UInt64(String(cString: $0)) }
            ?? UInt64.random(in: 0...UInt64(UInt32.max))
    }

    @Test("killed at any one step, of the disk or of the engine, the next program finishes it")
    func everyStep() async throws {
        let count = try await steps(dyingAt: .max)
        // The collection, the files, their record, their messages, and the record of those.
        #expect(count > 30)
        for step in 1...count { _ = try await steps(dyingAt: step) }
    }

    /// Makes three files, killed at a step; then finishes, and audits.
    ///
    /// - Returns: how many steps the first program took.
    private func steps(dyingAt step: Int) async throws -> Int {
        try await TemporaryFolder.with { folder in
            let comment: Comment = "killed at step \(step)"
            let world = try OutboundWorld(
                folder: folder, partners: [OutboundPartners.partner("PARTNERA", outcomesMax: 2)])
            try await world.begin(dyingAt: step)
            try await world.give(
                (0..<3).map { OutboundPartners.outcome("PARTNERA", kind: 5, $0) }
                    + [OutboundPartners.outcome("PARTNERA", kind: 0, 3)])
            do {
                try await world.run(try world.target(), attempts: 1)
            } catch is Fate.Dead {
                #expect(world.fate.isDead, comment)
            } catch is ExchangeError {
                #expect(world.fate.isDead, comment)  // killed where the stores were opened
            }
            let count = world.fate.stepCount
            try await finish(world, comment)
            return count
        }
    }

    private func finish(_ world: OutboundWorld, _ comment: Comment) async throws {
        try await world.begin()
        let store = try ExchangeStore(root: world.root, cipher: nil)
        try store.clearLeftovers()
        // What was lost with the program is repeated; and what came late is taken by another run.
        for _ in 0..<2 {
            let outcome = try await world.run(try world.target(), attempts: 10)
            guard case .succeeded? = outcome else {
                Issue.record("the run did not succeed: \(String(describing: outcome))")
                Issue.record(comment)
                return
            }
        }
        try await world.verify()
        var audit = OutboundAudit(try await world.events())
        audit.checkEvents()
        try audit.checkFiles(root: world.root, messages: world.messages)
        #expect(audit.problems.isEmpty, comment)
    }

    @Test(
        "random outcomes, partners and kills: every outcome in one file, every number settled",
        arguments: [AssemblyCrashTests.seed()])
    func property(seed: UInt64) async throws {
        let comment: Comment = "seed \(seed): set DAYBOOK_SEED=\(seed) to repeat it"
        var random = SeededGenerator(seed: seed)
        for _ in 0..<12 {
            let plan = Plan(using: &random)
            try await TemporaryFolder.with { folder in
                try await self.live(plan, folder, comment)
            }
        }
    }

    /// What happens in one world.
    private struct Plan: Sendable {
        struct Life: Sendable {
            var outcomes: [(partner: String, kind: Int)]
            var dyingAt: Int
            var filesMax: Int
        }

        var outcomesMax: [UInt64]
        var lives: [Life]

        init(using random: inout SeededGenerator) {
            outcomesMax = (0..<3).map { _ in UInt64.random(in: 1...4, using: &random) }
            lives = []
            for _ in 0..<Int.random(in: 2...5, using: &random) {
                var life = Life(
                    outcomes: [], dyingAt: Int.random(in: 1...150, using: &random),
                    filesMax: Int.random(in: 1...6, using: &random))
                for _ in 0..<Int.random(in: 0...12, using: &random) {
                    life.outcomes.append(
                        (
                            "PARTNER\(Int.random(in: 0..<3, using: &random))",
                            Int.random(in: 0..<6, using: &random)
                        ))
                }
                lives.append(life)
            }
        }
    }

    private func live(_ plan: Plan, _ folder: String, _ comment: Comment) async throws {
        let world = try OutboundWorld(
            folder: folder,
            partners: plan.outcomesMax.enumerated().map {
                OutboundPartners.partner("PARTNER\($0.offset)", outcomesMax: $0.element)
            })
        var number = 0
        for life in plan.lives {
            try await world.begin(dyingAt: life.dyingAt)
            try ExchangeStore(root: folder + "/exchange", cipher: nil).clearLeftovers()
            let first = number
            number += life.outcomes.count
            if !life.outcomes.isEmpty {
                try await world.give(
                    life.outcomes.enumerated().map {
                        OutboundPartners.outcome(
                            $0.element.partner, kind: $0.element.kind, first + $0.offset)
                    })
            }
            do {
                let target = try world.target(filesMax: life.filesMax)
                for _ in 0..<3 { try await world.run(target, attempts: 3) }
            } catch is Fate.Dead {
                continue
            } catch is ExchangeError {
                #expect(world.fate.isDead, comment)
            }
        }
        try await finish(world, comment)
    }
}
