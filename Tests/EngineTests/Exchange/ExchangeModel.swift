import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Testing
import Timetable

/// An engine's core, what exchanges files with it, and its log.
struct ExchangeModel {
    private static let log = LogIdentity(low: 5, high: 9)
    private static let folder = "/data"
    private static let types = ["TA1", "999", "271"]

    private var core: EngineCore
    private var now: Int64 = 1_772_409_600_000_000
    private let settings: DecisionSettings
    private let zones: ZoneCatalog
    private var random: SeededGenerator
    private var records: [[UInt8]] = []
    /// A snapshot of the state after some of the records.
    private var snapshot: (disk: SimulatedDisk, count: Int)?
    private var numberCount = 0
    /// Open runs by their schedules, with the orders that they have in hand.
    private var runs: [String: (run: UInt64, attempt: UInt64, orders: [AssemblyOrder])] = [:]
    /// The outcomes of every file that was not made, for whoever makes it anew.
    private var lost: [UInt64: AssemblyOrder] = [:]

    init(seed: UInt64, zones: ZoneCatalog) throws {
        random = SeededGenerator(seed: seed)
        var settings = DecisionSettings()
        settings.aliveInterval = 86_400_000_000
        settings.digestInterval = 86_400_000_000
        self.settings = settings
        self.zones = zones
        core = EngineCore(state: ProjectedState(), zones: zones, settings: settings)
        take(try core.start(StartFacts(), now: now))
        var input = ConfigurationInput()
        input.definitions = ["one", "two"].map { name in
            CoreFixture.job(name, cadence: "0 3 1 1 *") { job in
                job.retriesMax = 0
                job.retryDelaysSeconds = []
                job.target?.kind = EngineCore.exchangeKind
                job.target?.command = ["assemble"]
            }
        }
        let (a, b) = (UInt64.random(in: 3...9, using: &random), Bool.random(using: &random))
        input.partners = ["ALPHA", "BETA"].map { name in
            ExchangeWorld.partner(name) { partner in
                for index in partner.rules.indices { partner.rules[index].outcomesMax = a }
                guard b && name == "ALPHA" else { return }
                // One whose numbers come to an end, or begin anew.
                var range = PartnerNumberRange()
                range.kind = "ST"
                range.start = 1
                range.last = 25
                range.wrap = a % 2 == 0 ? "on" : "off"
                partner.numbers = [range]
            }
        }
        try handle(.applyConfiguration(input))
    }

    // MARK: what happens

    private mutating func take(_ decision: Decision) { records += ModelLog.records(of: decision) }

    /// Carries out a command; a refusal changes nothing, and anything else is a fault.
    @discardableResult
    private mutating func handle(_ command: Command) throws -> Reply? {
        do {
            let decision = try core.handle(command, now: now)
            take(decision)
            return decision.refusal == nil ? decision.reply : nil
        } catch is Rejection {
            return nil
        }
    }

    @discardableResult
    private mutating func tell(_ command: ExchangeCommand) throws -> ExchangeReply? {
        try handle(.exchange(command, tenant: "default"))?.exchange
    }

    mutating func step(_ comment: Comment) throws {
        now += Int64.random(in: 1...120_000_000, using: &random)
        if Int.random(in: 0..<60, using: &random) == 0 { now += 40 * 86_400_000_000 }
        while let decision = try core.tick(now: now) { take(decision) }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<20: try outcomes()
        case 20..<38: try receive()
        case 38..<52: try begin()
        case 52..<78: try work()
        case 78..<84: try finishRun()
        case 84..<89: try reassemble()
        case 89..<92: try person()
        case 92..<96: try kill(comment)
        default: try save()
        }
    }

    private mutating func partner() -> String {
        Bool.random(using: &random) ? "ALPHA" : "BETA"
    }

    private mutating func outcomes() throws {
        let type = Self.types.randomElement(using: &random) ?? "271"
        let partner = partner()
        let batch = (0..<Int.random(in: 1...8, using: &random)).map { _ in
            // Sometimes one that came before.
            numberCount += Int.random(in: 0..<5, using: &random) == 0 ? 0 : 1
            return ExchangeWorld.outcome(
                type, partner: partner, id: "o\(numberCount)",
                group: ["", "", "CLINIC"].randomElement(using: &random) ?? "",
                ingestion: core.state.exchange.received.sorted()
                    .randomElement(using: &random)?.ingestion ?? 0)
        }
        try tell(.outcomes(batch, source: "api", .engine))
    }

    private mutating func receive() throws {
        let partner = partner()
        var file = ReceivedFile()
        file.partner = partner
        file.source = "folder"
        numberCount += 1
        file.path = "received/\(numberCount).edi"
        file.sha256 = "c\(Int.random(in: 0..<60, using: &random))"
        file.key = "k\(Int.random(in: 0..<400, using: &random))"
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            var interchange = ReceivedFile.Interchange()
            interchange.sender = "ZZ:\(partner)"
            interchange.receiver = "ZZ:US"
            interchange.controlNumber = "\(Int.random(in: 1..<80, using: &random))"
            interchange.code = Int.random(in: 0..<4, using: &random) == 0 ? "R" : "A"
            interchange.answers = interchange.code == "R" ? ["TA1"] : ["TA1", "999", "271"]
            let key = ExchangeKey.interchange(
                interchange.sender, interchange.receiver, interchange.controlNumber)
            if let known = try tell(.lookUp([key]))?.known.first, known != 0 {
                interchange.isDuplicate = true
                interchange.code = "R"
                interchange.answers = ["TA1"]
            }
            file.outcomes += interchange.answers.filter { $0 != "271" }.map {
                ExchangeWorld.outcome($0, partner: partner)
            }
            file.interchanges.append(interchange)
        }
        if file.interchanges.isEmpty { file.trouble = "notX12" }
        for sent in core.state.exchange.files.sorted().prefix(2)
        where Bool.random(using: &random) {
            file.acknowledgments.append(acknowledgment(of: sent, partner))
        }
        try tell(.receive(file, .engine))
    }

    private mutating func acknowledgment(
        of sent: OutboundFileState, _ partner: String
    ) -> ReceivedAcknowledgment {
        var acknowledgment = ReceivedAcknowledgment()
        acknowledgment.kind = Bool.random(using: &random) ? "TA1" : "999"
        acknowledgment.sender = "ZZ:\(partner)"
        acknowledgment.receiver = "ZZ:US"
        acknowledgment.controlNumber =
            "\(sent.numbers(acknowledgment.kind == "TA1" ? "ISA" : "GS").first ?? 0)"
        acknowledgment.functionalID = "HB"
        acknowledgment.code = ["A", "A", "R"].randomElement(using: &random) ?? "A"
        return acknowledgment
    }

    // MARK: runs

    private mutating func begin() throws {
        let job = Bool.random(using: &random) ? "one" : "two"
        if runs[job] == nil {
            let reply = try handle(
                .runNow(
                    ScheduleKey("default", job), scheduled: nil, reason: "model",
                    Authority(actor: "user:model", ticket: "CHG-1")))
            // Or the one that is open: begun anew after a kill, or by its schedule.
            let open = core.state.openRuns.sorted().first { $0.jobId == job }
            guard let run = reply?.run ?? open?.run, let known = core.state.openRuns[run]
            else { return }
            try handle(
                .processReady(
                    run: run, attempt: known.attempt, pid: 9, startTicks: 9, bootId: "b"))
            runs[job] = (run, known.attempt, [])
        }
        guard let run = runs[job]?.run else { return }
        let reply = try tell(
            .collect(
                run: run, types: [], partners: [],
                filesMax: Int.random(in: 1...4, using: &random)))
        for order in reply?.orders ?? [] {
            for (name, other) in runs where name != job {
                // Nobody else has it in hand.
                #expect(!other.orders.contains { $0.file.file == order.file.file })
            }
        }
        runs[job]?.orders += reply?.orders ?? []
    }

    /// The next step of a file that a run has in hand.
    private mutating func work() throws {
        guard let job = runs.keys.sorted().randomElement(using: &random),
            let orders = runs[job]?.orders, let order = orders.randomElement(using: &random)
        else { return }
        let file = order.file.file
        let isWritten = core.state.exchange.files[file]?.status == .assembled
        let chance = Int.random(in: 0..<10, using: &random)
        var isDone = true
        switch (isWritten, chance) {
        case (true, 0...7): try tell(.published([file], channel: "folder", attempts: 1))
        case (true, _):
            try tell(
                .failed(
                    file: file, step: "publish", reason: "r", attempts: 5, isGivenUp: false))
        case (false, 0...6):
            try tell(
                .written([
                    WrittenFile(
                        file: file, path: "outbound/\(file).edi", sha256: "ab", byteCount: 1,
                        segmentCount: 1, setCount: 1)
                ]))
            isDone = false
        case (false, 7):
            lost[file] = order
            try tell(
                .setAside(
                    SetAsideFile(file: file, path: "q/\(file)", reason: "check", findings: [])))
        default:
            let isGivenUp = chance == 8
            if isGivenUp { lost[file] = order }
            try tell(
                .failed(
                    file: file, step: "write", reason: "r", attempts: 5, isGivenUp: isGivenUp))
        }
        if isDone { runs[job]?.orders.removeAll { $0.file.file == file } }
    }

    private mutating func finishRun() throws {
        guard let job = runs.keys.sorted().randomElement(using: &random),
            let (run, attempt, _) = runs.removeValue(forKey: job)
        else { return }
        var result = AttemptResult()
        result.isSuccess = Bool.random(using: &random)
        result.isDefinite = true
        result.failureClass = result.isSuccess ? "" : "exchange"
        try handle(.ended(run: run, attempt: attempt, result))
    }

    private mutating func reassemble() throws {
        guard let file = lost.keys.sorted().randomElement(using: &random),
            let order = lost[file],
            core.state.exchange.files[file].map({
                $0.status == .quarantined || $0.status == .failed
            }) == true
        else { return }
        let reply = try tell(
            .reassemble(
                file: file, partner: order.file.partner,
                outcomes: order.outcomes.map {
                    ExchangeWorld.outcome(
                        $0.transactionType, partner: $0.partner, group: $0.group,
                        ingestion: $0.ingestion)
                }, reason: "model", Authority(actor: "user:model", ticket: "CHG-1")))
        if reply?.file != nil { lost[file] = nil }
    }

    private mutating func person() throws {
        let who = Authority(actor: "user:model", ticket: "CHG-1")
        if let duplicate = core.state.exchange.duplicates.sorted().randomElement(using: &random) {
            try tell(
                .resolveDuplicate(
                    duplicate.duplicate, resolution: "ignored", reason: "model", who))
        }
        if let alert = core.state.openAlerts.randomElement(using: &random) {
            try handle(.acknowledge(alert: alert.alert, reason: "model", who))
        }
        let used = core.state.openAlerts.filter { $0.kind == "ROLLOVER_REQUIRED" }
        if let name = used.first?.subject, Bool.random(using: &random) {
            try handle(
                .control(
                    .reset(allocator: name, next: 1, reason: "model", who), tenant: "default"))
        }
    }

    // MARK: kills and snapshots

    private mutating func save() throws {
        guard !core.state.isStageOpen else { return }
        let disk = SimulatedDisk()
        _ = try disk.createFolder(Self.folder)
        try Snapshot.write(core.state, log: Self.log, dataFolder: Self.folder, disk: disk)
        snapshot = (disk, records.count)
    }

    /// The state of the last snapshot and what followed it.
    private func fromSnapshot() throws -> ProjectedState? {
        guard let snapshot else { return nil }
        var bound = Snapshot.Bound()
        bound.sequence = UInt64(snapshot.count)
        let found = try Snapshot.newest(
            log: Self.log, within: bound, dataFolder: Self.folder, disk: snapshot.disk)
        #expect(found.sequence == UInt64(snapshot.count - 1))
        var state = found.state
        for record in records[snapshot.count...] { try state.apply(record.span.bytes) }
        return state
    }

    private func replayed() throws -> ProjectedState {
        var state = ProjectedState()
        for record in records { try state.apply(record.span.bytes) }
        return state
    }

    private mutating func compare(_ comment: Comment) throws {
        var (live, whole) = (core.state, try replayed())
        #expect(live.digest() == whole.digest(), comment)
        if var state = try fromSnapshot() { #expect(state.digest() == whole.digest(), comment) }
    }

    private mutating func kill(_ comment: Comment) throws {
        try compare(comment)
        runs = [:]
        now += Int64.random(in: 0...600_000_000, using: &random)
        let state = try fromSnapshot() ?? replayed()
        core = EngineCore(state: state, zones: zones, settings: settings)
        take(try core.start(StartFacts(), now: now))
        for run in core.state.openRuns.sorted() {
            var result = AttemptResult()
            result.failureClass = "lost"
            try handle(.ended(run: run.run, attempt: run.attempt, result))
        }
    }

    // MARK: what must be so

    /// Everything that is begun comes to an end; then the log is read by itself.
    mutating func end(_ comment: Comment) throws {
        try kill(comment)
        for _ in 0..<200 where core.state.exchange.files.sorted().contains(where: Self.isOpen) {
            now += 60_000_000
            while let decision = try core.tick(now: now) { take(decision) }
            try begin()
            try work()
            try work()
            try finishRun()
        }
        #expect(!core.state.exchange.files.sorted().contains(where: Self.isOpen), comment)
        try compare(comment)
        try readLog(comment)
    }

    private static func isOpen(_ file: OutboundFileState) -> Bool {
        file.status == .acquired || file.status == .assembled
    }

    private func readLog(_ comment: Comment) throws {
        var reader = ExchangeLogReader()
        for record in records { reader.take(try Event(decoding: record)) }
        let waiting = Set(
            core.state.exchange.outcomes.sorted().filter { $0.file == 0 }.map(\.outcome))
        #expect(reader.problems.isEmpty, "\(reader.problems.prefix(5)); \(comment)")
        #expect(reader.waiting == waiting, comment)
        #expect(reader.openNumbers.isEmpty, comment)
        #expect(reader.published > 0, comment)
    }
}
