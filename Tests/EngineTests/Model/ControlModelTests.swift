import DaybookTestSupport
import Engine
import Events
import Projections
import Testing
import Timetable

/// Random callers, outcomes, resets, wraps, kills and losses, against sets of numbers.
@Suite struct ControlModelTests {
    @Test(
        "no number is given out twice in a generation, and the gap view names every missing one",
        arguments: 0..<24)
    func model(world number: Int) throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max)) &+ UInt64(number)
        var world = try ControlWorld(seed: seed, zones: Self.zones.get())
        for _ in 0..<250 { try world.step() }
        try world.check("seed \(seed)")
    }

    private static let zones = Result { try ZoneCatalog() }
}

/// An engine's core that gives numbers out, and what a naive reader makes of its log.
struct ControlWorld {
    /// A number of an allocator's generation.
    struct Number: Hashable {
        let allocator: String
        let generation: UInt64
        let number: UInt64
    }

    enum Outcome: Equatable {
        case open(since: Int64)
        case persisted, failed, explained
    }

    private var core: EngineCore
    private var now: Int64 = 1_772_409_600_000_000
    private let settings: DecisionSettings
    private let zones: ZoneCatalog
    private var random: SeededGenerator
    private var records: [[UInt8]] = []
    private var pending: [Decision] = []
    /// What callers were told: never forgotten, not by a kill, not by a loss.
    private var told: Set<Number> = []
    private var losses: UInt64 = 0
    private var answers: [String: [IssuedNumbers]] = [:]
    /// What was found wrong.
    private var problems: [String] = []

    init(seed: UInt64, zones: ZoneCatalog) throws {
        var random = SeededGenerator(seed: seed)
        var settings = DecisionSettings()
        settings.controlNumbers.start = Bool.random(using: &random) ? 1 : 5
        settings.controlNumbers.max = [300, 2_500, 999_999_999].randomElement(using: &random) ?? 1
        settings.controlNumbers.wraps = Bool.random(using: &random)
        settings.controlNumbers.lossSkip = 4_000
        self.settings = settings
        self.random = random
        self.zones = zones
        core = EngineCore(state: ProjectedState(), zones: zones, settings: settings)
        try take(core.start(StartFacts(), now: now))
    }

    // MARK: what happens

    mutating func step() throws {
        now += Int64.random(in: 1...90_000_000, using: &random)
        while let decision = try core.tick(now: now) { try take(decision) }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<50: try issue()
        case 50..<70: try settle { .persist($0, file: "f", $1) }
        case 70..<80: try settle { .fail($0, reason: "r", $1) }
        case 80..<88: try settle { .explain($0, reason: "e", $1) }
        case 88..<90: try reset()
        case 90..<97: try kill()
        case 97: try lose()
        default: try again()
        }
    }

    private mutating func take(_ decision: Decision) throws {
        pending.append(decision)
        if Int.random(in: 0..<6, using: &random) > 0 { flush() }
    }

    /// What was decided becomes durable, and only then is anybody told.
    private mutating func flush() {
        for decision in pending {
            records += ModelLog.records(of: decision)
            for range in decision.reply.numbers { tell(range) }
        }
        pending = []
    }

    private mutating func tell(_ range: IssuedNumbers) {
        for number in range.first..<(range.first + range.count) {
            let number = Number(
                allocator: range.allocator, generation: range.generation, number: number)
            if !told.insert(number).inserted { problems.append("\(number) was told twice") }
        }
    }

    /// Carries out a command; a refusal changes nothing.
    private mutating func handle(_ command: ControlNumberCommand) throws -> Reply? {
        do {
            let decision = try core.handle(.control(command, tenant: "default"), now: now)
            try take(decision)
            return decision.refusal == nil ? decision.reply : nil
        } catch is Rejection {
            return nil
        }
    }

    private mutating func issue() throws {
        var wishes: [NumberRequest] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let kind = NumberRequest.Kind.allCases.randomElement(using: &random) ?? .set
            let most: UInt64 = Int.random(in: 0..<6, using: &random) > 0 ? 5 : 1_500
            wishes.append(
                try NumberRequest(
                    kind, sender: "ZZ:US", receiver: "ZZ:\(Int.random(in: 0...1, using: &random))",
                    group: "HN", partner: "P\(Int.random(in: 0...1, using: &random))",
                    transactionType: "277CA",
                    file: Bool.random(using: &random) ? "" : "f\(now)",
                    count: UInt64.random(in: 1...most, using: &random)))
        }
        let key = Bool.random(using: &random) ? "key-\(now)" : ""
        let who = Authority(actor: "worker:model", request: key)
        guard let reply = try handle(.issue(wishes, who)) else { return }
        guard !key.isEmpty, pending.isEmpty else { return }
        answers[key] = reply.numbers
        // Asked again at once, it is the same, and nothing is written.
        let again = try core.handle(.control(.issue(wishes, who), tenant: "default"), now: now)
        #expect(again.reply.numbers == reply.numbers && again.recordCount == 0)
    }

    /// A random stretch of what an allocator gave out gets an outcome.
    private mutating func settle(
        _ command: ([IssuedNumbers], Authority) -> ControlNumberCommand
    ) throws {
        let all = core.state.control.allocators(partner: "", transactionType: "")
        guard let allocator = all.randomElement(using: &random) else { return }
        let generation = UInt64.random(in: 1...allocator.generation, using: &random)
        guard let bounds = allocator.bounds(of: generation), !bounds.isEmpty else { return }
        // Sometimes it reaches beyond what was given out.
        let first = UInt64.random(in: bounds, using: &random)
        let range = IssuedNumbers(
            allocator: allocator.name, generation: generation, first: first,
            count: UInt64.random(in: 1...60, using: &random))
        let who = Authority(actor: "user:model", ticket: "CHG-1")
        _ = try handle(command([range], who))
    }

    private mutating func reset() throws {
        let all = core.state.control.allocators(partner: "", transactionType: "")
        guard let allocator = all.randomElement(using: &random) else { return }
        _ = try handle(
            .reset(
                allocator: allocator.name, next: UInt64.random(in: 0...20, using: &random),
                reason: "model", Authority(actor: "user:model", ticket: "CHG-1")))
        // A loss must not take it: what it allows again would be forbidden.
        flush()
        firstLosable = records.count
    }

    private var firstLosable = 0

    /// A killed engine comes back on what is durable.
    private mutating func kill() throws {
        pending = []
        try restart()
    }

    /// The last records are lost, though callers were told of them.
    private mutating func lose() throws {
        pending = []
        // Not more numbers than an allocator passes after it.
        var (most, numbers): (Int, UInt64) = (0, 0)
        while records.count - most > firstLosable + 1 {
            let event = try Event(decoding: records[records.count - 1 - most])
            numbers += (event.payload as? ControlNumbersIssued)?.count ?? 0
            if numbers > 3_000 { break }
            most += 1
        }
        records.removeLast(Int.random(in: 0...most, using: &random))
        var state = try replayed()
        losses = state.status.originOrdinal + 1
        var lost = LossAccepted()
        lost.ordinal = losses
        var envelope = Envelope()
        envelope.sequence = state.nextSequence
        envelope.time = now
        envelope.tenant = "default"
        envelope.actor = "user:model"
        let record = Event(envelope, lost).encoded()
        try state.apply(record.span.bytes)
        records.append(record)
        firstLosable = records.count
        answers = [:]
        try restart()
        // What passes the lost numbers is durable before anything else.
        flush()
        firstLosable = records.count
    }

    private mutating func restart() throws {
        now += Int64.random(in: 0...600_000_000, using: &random)
        core = EngineCore(state: try replayed(), zones: zones, settings: settings)
        try take(core.start(StartFacts(), now: now))
    }

    /// A caller that did not hear the answer asks again.
    private mutating func again() throws {
        guard let (key, numbers) = answers.randomElement(using: &random) else { return }
        let known = core.state.control.requests.answer(tenant: "default", request: key, at: now)
        let parts = known?.parts.map { [$0.first, $0.count, $0.generation] }
        #expect(parts == nil || parts == numbers.map { [$0.first, $0.count, $0.generation] })
    }

    private func replayed() throws -> ProjectedState {
        var state = ProjectedState()
        for record in records { try state.apply(record.span.bytes) }
        return state
    }

    // MARK: what must be so

    mutating func check(_ comment: Comment) throws {
        flush()
        let known = try outcomes()
        // Everything that a caller was told and that was not lost is in the log, once.
        if losses == 0 {
            #expect(told.allSatisfy { known[$0] != nil }, comment)
        }
        // After a loss, all that allocators pass may be more than they have.
        #expect(known.count > 100 || losses > 0, comment)
        var state = try replayed()
        var live = core.state
        #expect(state.digest() == live.digest(), comment)
        try checkState(state, known, comment)
        #expect(problems.isEmpty, "\(problems.prefix(5)); \(comment)")
    }

    /// What a naive reader makes of the log: a set of numbers.
    private mutating func outcomes() throws -> [Number: Outcome] {
        var known: [Number: Outcome] = [:]
        for record in records {
            let event = try Event(decoding: record)
            func each(
                _ name: String, _ generation: UInt64, _ first: UInt64, _ count: UInt64,
                _ body: (Number) -> Void
            ) {
                for number in first..<(first + count) {
                    body(Number(allocator: name, generation: generation, number: number))
                }
            }
            switch event.payload {
            case let e as ControlNumbersIssued:
                each(e.name, e.generation, e.first, e.count) { number in
                    if known[number] != nil { problems.append("\(number) stands twice") }
                    known[number] = .open(since: event.envelope.time)
                    // Numbers that pass a loss are told to nobody, but what was lost may have been.
                    if e.purpose.isEmpty && !told.contains(number) {
                        problems.append("nobody was told of \(number)")
                    }
                }
            case let e as ControlNumbersPersisted:
                each(e.name, e.generation, e.first, e.count) { known[$0] = .persisted }
            case let e as ControlNumbersFailed:
                each(e.name, e.generation, e.first, e.count) { known[$0] = .failed }
            case let e as ControlNumbersExplained:
                each(e.name, e.generation, e.first, e.count) { known[$0] = .explained }
            default: break
            }
        }
        return known
    }

    /// The state and its gap view say of every number what the naive reader does.
    private mutating func checkState(
        _ state: ProjectedState, _ known: [Number: Outcome], _ comment: Comment
    ) throws {
        var query = ControlGapQuery(now: now, persistWithin: 600_000_000)
        query.includesOpen = true
        var seen: [Number: ControlGap.Status] = [:]
        for gap in query.gaps(in: state.control) {
            for number in gap.first..<gap.end {
                let number = Number(
                    allocator: gap.name, generation: gap.generation, number: number)
                if seen.updateValue(gap.status, forKey: number) != nil {
                    problems.append("\(number) is in two gaps")
                }
            }
        }
        for (number, outcome) in known {
            let isRight =
                switch (outcome, seen[number]) {
                case (.persisted, nil), (.explained, .explained), (.failed, .failed),
                    (.failed, .mixed):
                    true
                // Those of one second stand under the time of the first of them.
                case (.open(let since), .open): now - since < 600_000_000
                case (.open(let since), .notPersisted), (.open(let since), .mixed):
                    now - since >= 599_000_000
                default: false
                }
            if !isRight {
                problems.append("\(number): \(outcome), \(String(describing: seen[number]))")
            }
        }
        #expect(seen.keys.allSatisfy { known[$0] != nil }, comment)
        for allocator in state.control.allocators(partner: "", transactionType: "") {
            let own = known.filter { $0.key.allocator == allocator.name }
            #expect(allocator.issued == UInt64(own.count), comment)
            #expect(
                allocator.persisted == UInt64(own.values.count { $0 == .persisted }), comment)
            #expect(
                allocator.issued == allocator.persisted + allocator.open + allocator.missing,
                comment)
        }
        #expect(!state.openAlerts.contains { $0.kind == "controlNumberSync" }, comment)
    }
}
