import DaybookTestSupport
import Engine
import Events
import Projections
import Testing

/// Workers in random worlds: messages are lost, engines restart, workers die and come back; and a
/// plain model of leases says what each answer must be.
@Suite struct WorkerModelTests {
    /// A worker as it sees itself.
    private struct Worker {
        let name: String
        var session: UInt64 = 0
        var held: [HeldLease] = []
        var started: Set<UInt64> = []
        /// Leases that it had once: it may still speak of them.
        var past: [HeldLease] = []
    }

    private struct World {
        var fixture: CoreFixture
        var workers: [Worker]
        var random: SeededGenerator
        let seed: UInt64
        /// For each run the token that was granted last, and whether it is live: by the events.
        var live: [UInt64: UInt64] = [:]
        var seen = 0

        init(seed: UInt64) throws {
            self.seed = seed
            random = SeededGenerator(seed: seed)
            fixture = try CoreFixture()
            workers = (1...3).map { Worker(name: "w\($0)") }
            try fixture.apply(
                WorkerTests.job("a") { $0.cadence = "*/5 * * * *" },
                WorkerTests.job("b", needs: []) {
                    $0.cadence = "*/7 * * * *"
                    $0.overlap = "allowAll"
                    $0.retryDelaysSeconds = [30]
                })
        }

        /// Follows the events with the model: a run has one live lease at most, tokens rise, and
        /// nothing but its live token starts or ends it.
        mutating func follow() {
            for event in fixture.events.dropFirst(seen) {
                switch event.payload {
                case let granted as WorkerLeaseGranted:
                    #expect(live[granted.run] == nil, "seed \(seed)")
                    live[granted.run] = event.envelope.sequence
                case let expired as WorkerLeaseExpired:
                    #expect(live[expired.run] == expired.token, "seed \(seed)")
                    live[expired.run] = nil
                case let started as RunStarted:
                    #expect(live[started.run] != nil, "seed \(seed)")
                case let succeeded as RunSucceeded:
                    #expect(live[succeeded.run] != nil, "seed \(seed)")
                    live[succeeded.run] = nil
                case let failed as RunFailed: live[failed.run] = nil
                case let cancelled as RunCancelled: live[cancelled.run] = nil
                default: break
                }
            }
            seen = fixture.events.count
        }

        mutating func step() throws {
            let index = Int.random(in: workers.indices, using: &random)
            switch Int.random(in: 0..<12, using: &random) {
            case 0: try register(index)
            case 1...3: try heartbeat(index)
            case 4...5: try lease(index)
            case 6: try start(index)
            case 7: try complete(index)
            case 8: try speakOfThePast(index)
            case 9 where Int.random(in: 0..<8, using: &random) == 0:
                follow()
                fixture = try fixture.restarted(after: Int64.random(in: 0...600_000_000))
                seen = 0
            case 9 where Int.random(in: 0..<3, using: &random) == 0:
                let open = fixture.core.state.openRuns.sorted().filter { !$0.isCancelRequested }
                if let run = open.randomElement(using: &random) {
                    try fixture.handle(.cancel(run: run.run, reason: "chance", CoreFixture.who))
                }
            default:
                let pause = Int64.random(in: 0...40_000_000, using: &random)
                try fixture.advance(to: fixture.now + pause)
            }
            follow()
        }

        private mutating func register(_ index: Int) throws {
            let worker = workers[index]
            // It forgets what it held, or not.
            let held = Bool.random(using: &random) ? worker.held : []
            let reply = try fixture.handle(
                WorkerTests.registration(
                    worker.name, index == 0 ? [] : ["linux"], slots: 2, held: held))
            workers[index].session = reply.worker?.session ?? 0
            workers[index].past += worker.held.filter { !held.contains($0) }
            workers[index].held = held
        }

        private mutating func heartbeat(_ index: Int) throws {
            let worker = workers[index]
            do {
                let answer = try WorkerTests.beat(
                    worker.name, worker.session, worker.held, &fixture)
                for one in worker.held {
                    let isLive = live[one.run] == one.token
                    #expect(answer.lost.contains(one.token) == !isLive, "seed \(seed)")
                }
                workers[index].past += worker.held.filter { answer.lost.contains($0.token) }
                workers[index].held.removeAll { answer.lost.contains($0.token) }
            } catch is Rejection {
                workers[index].past += worker.held
                workers[index].held = []
            }
        }

        private mutating func lease(_ index: Int) throws {
            let worker = workers[index]
            do {
                let lease = try WorkerTests.lease(
                    worker.name, worker.session, &fixture, held: worker.held)
                // One answer in four is lost on its way.
                guard let lease, Int.random(in: 0..<4, using: &random) > 0 else { return }
                workers[index].held.append(lease)
            } catch is Rejection { return }
        }

        private mutating func start(_ index: Int) throws {
            guard let lease = workers[index].held.randomElement(using: &random) else { return }
            follow()
            let isLive = live[lease.run] == lease.token
            do {
                try WorkerTests.start(workers[index].name, lease, &fixture)
                #expect(isLive, "seed \(seed)")
            } catch is Rejection {
                let isEnding = fixture.core.state.openRuns[lease.run]?.isCancelRequested == true
                #expect(!isLive || isEnding, "seed \(seed)")
            }
        }

        private mutating func complete(_ index: Int) throws {
            guard let lease = workers[index].held.randomElement(using: &random) else { return }
            follow()
            let isLive = live[lease.run] == lease.token
            let succeeds = Int.random(in: 0..<3, using: &random) > 0
            do {
                let reply = try WorkerTests.complete(
                    workers[index].name, lease, &fixture, succeeds: succeeds)
                #expect((reply.worker?.isIgnored ?? false) == !isLive, "seed \(seed)")
            } catch is Rejection { #expect(!isLive, "seed \(seed)") }
            workers[index].held.removeAll { $0 == lease }
        }

        /// A worker comes back from the dead with what it once had.
        private mutating func speakOfThePast(_ index: Int) throws {
            guard let lease = workers[index].past.randomElement(using: &random) else { return }
            follow()
            guard live[lease.run] != lease.token else { return }
            let before = fixture.core.state.openRuns[lease.run]
            do {
                let reply = try WorkerTests.complete(workers[index].name, lease, &fixture)
                #expect(reply.worker?.isIgnored == true, "seed \(seed)")
            } catch is Rejection { return }
            let after = fixture.core.state.openRuns[lease.run]
            #expect(before?.status == after?.status && before?.attempt == after?.attempt)
        }
    }

    @Test("in a hundred random worlds a run has one live lease, and only its token counts")
    func worlds() throws {
        let first = UInt64.random(in: 0...UInt64(UInt32.max))
        for seed in first..<(first + 100) {
            var world = try World(seed: seed)
            for _ in 0..<150 { try world.step() }
            try WorkerTests.verify(world.fixture)
        }
    }
}
