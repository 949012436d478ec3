import Engine
import Events
import Projections
import Testing

/// An engine's core with trading partners, under a hand-moved clock.
struct ExchangeWorld {
    static let second: Int64 = 1_000_000
    static let who = CoreFixture.who
    static let key = ScheduleKey("default", "assemble")

    var fixture: CoreFixture
    private var keyCount = 0

    /// - Parameter change: what is other about the partners `ALPHA` and `BETA`.
    init(
        settings: DecisionSettings = DecisionSettings(),
        _ change: (inout [PartnerDefinition]) -> Void = { _ in }
    ) throws {
        fixture = try CoreFixture(settings: settings)
        var partners = [Self.partner("ALPHA"), Self.partner("BETA")]
        change(&partners)
        try configure(partners)
    }

    /// Makes these the partners.
    mutating func configure(_ partners: [PartnerDefinition]) throws {
        var input = ConfigurationInput()
        input.definitions = [Self.job("assemble"), Self.job("other")]
        input.partners = partners
        try fixture.handle(.applyConfiguration(input))
    }

    /// Starts anew on the state that the log gives, as after a kill.
    mutating func restart(after pause: Int64 = 1_000_000) throws {
        fixture = try fixture.restarted(after: pause)
    }

    private static func job(_ name: String) -> ScheduleDefinition {
        CoreFixture.job(name, cadence: "0 3 1 1 *") { job in
            job.overlap = "skip"
            job.retriesMax = 0
            job.retryDelaysSeconds = []
            job.target?.kind = EngineCore.exchangeKind
            job.target?.command = ["assemble"]
        }
    }

    static func partner(
        _ name: String, _ change: (inout PartnerDefinition) -> Void = { _ in }
    ) -> PartnerDefinition {
        var partner = PartnerDefinition()
        partner.name = name
        partner.own = identity("US")
        partner.partner = identity(name)
        partner.delimiters = "*^:~"
        partner.usage = "T"
        partner.accepts = ["270"]
        partner.sends = ["TA1", "999", "271", "835"]
        partner.requestsAcknowledgment = true
        partner.duplicateDays = 30
        partner.contacts = ["edi"]
        for (type, window, sla, acknowledged, most): (String, UInt64, UInt64, UInt64, UInt64) in [
            ("TA1", 0, 300, 0, 100), ("999", 60, 900, 0, 100), ("271", 120, 3_600, 7_200, 5),
            ("835", 86_400, 0, 0, 100),
        ] {
            var rule = PartnerTypeRule()
            rule.type = type
            rule.windowSeconds = window
            rule.slaSeconds = sla
            rule.acknowledgedWithinSeconds = acknowledged
            rule.outcomesMax = most
            partner.rules.append(rule)
        }
        change(&partner)
        return partner
    }

    private static func identity(_ name: String) -> PartnerIdentity {
        var identity = PartnerIdentity()
        identity.qualifier = "ZZ"
        identity.id = name
        identity.group = name
        return identity
    }

    // MARK: what is told

    var exchange: ExchangeState { fixture.core.state.exchange }

    @discardableResult
    mutating func tell(_ command: ExchangeCommand) throws -> ExchangeReply {
        try fixture.handle(.exchange(command, tenant: "default")).exchange ?? ExchangeReply()
    }

    /// A file of one interchange that is accepted.
    mutating func file(
        _ number: String, from partner: String = "ALPHA", answers: [String] = ["TA1", "999"],
        outcomes: [String] = [], _ change: (inout ReceivedFile) -> Void = { _ in }
    ) -> ReceivedFile {
        keyCount += 1
        var interchange = ReceivedFile.Interchange()
        interchange.sender = "ZZ:\(partner)"
        interchange.receiver = "ZZ:US"
        interchange.controlNumber = number
        interchange.code = "A"
        interchange.note = "000"
        interchange.answers = answers
        var file = ReceivedFile()
        file.partner = partner
        file.source = "folder"
        file.path = "received/partner=\(partner)/\(keyCount).edi"
        file.sha256 = "content-\(keyCount)"
        file.byteCount = 500
        file.key = "key-\(keyCount)"
        file.segmentCount = 20
        file.interchanges = [interchange]
        file.outcomes = outcomes.map { Self.outcome($0, partner: partner) }
        change(&file)
        return file
    }

    @discardableResult
    mutating func receive(
        _ number: String, from partner: String = "ALPHA", answers: [String] = ["TA1", "999"],
        outcomes: [String] = [], _ change: (inout ReceivedFile) -> Void = { _ in }
    ) throws -> UInt64 {
        let file = file(number, from: partner, answers: answers, outcomes: outcomes, change)
        return try #require(try tell(.receive(file, .engine)).ingestion)
    }

    static func outcome(
        _ type: String, partner: String = "ALPHA", id: String = "", group: String = "",
        ingestion: UInt64 = 0
    ) -> NewOutcome {
        var outcome = NewOutcome()
        outcome.partner = partner
        outcome.type = type
        outcome.id = id
        outcome.path = "outcomes/date=2026-03-02/x.jsonl"
        outcome.sha256 = "00"
        outcome.byteCount = 200
        outcome.ingestion = ingestion
        outcome.group = group
        return outcome
    }

    /// So many outcomes of a type, with ids of their own.
    @discardableResult
    mutating func add(
        _ type: String, _ count: Int = 1, partner: String = "ALPHA", group: String = "",
        ingestion: UInt64 = 0
    ) throws -> Int {
        let outcomes = (0..<count).map { _ in
            keyCount += 1
            return Self.outcome(
                type, partner: partner, id: "outcome-\(keyCount)", group: group,
                ingestion: ingestion)
        }
        return try tell(.outcomes(outcomes, source: "api", .engine)).taken
    }

    // MARK: runs

    /// Begins a run by hand.
    @discardableResult
    mutating func run(_ job: String = "assemble") throws -> UInt64 {
        let reply = try fixture.handle(
            .runNow(ScheduleKey("default", job), scheduled: nil, reason: "a test", Self.who))
        let run = try #require(reply.run)
        try fixture.handle(
            .processReady(run: run, attempt: 1, pid: 9, startTicks: 9, bootId: "b"))
        return run
    }

    /// Ends a run.
    mutating func end(_ run: UInt64, isSuccess: Bool = true) throws {
        guard let known = fixture.core.state.openRuns[run] else { return }
        var result = AttemptResult()
        result.isSuccess = isSuccess
        result.isDefinite = true
        result.failureClass = isSuccess ? "" : "exchange"
        try fixture.handle(.ended(run: run, attempt: known.attempt, result))
    }

    @discardableResult
    mutating func collect(
        _ run: UInt64, types: [String] = [], partners: [String] = [], filesMax: Int = 100
    ) throws -> ExchangeReply {
        try tell(.collect(run: run, types: types, partners: partners, filesMax: filesMax))
    }

    /// One run that gathers, writes and publishes everything whose time has come.
    @discardableResult
    mutating func assemble() throws -> [AssemblyOrder] {
        let run = try run()
        let orders = try collect(run).orders
        try write(orders.filter { $0.file.status == .acquired })
        try publish(orders)
        try end(run)
        return orders
    }

    mutating func write(_ orders: [AssemblyOrder]) throws {
        guard !orders.isEmpty else { return }
        try tell(
            .written(
                orders.map {
                    WrittenFile(
                        file: $0.file.file, path: "outbound/\($0.file.file).edi", sha256: "ab",
                        byteCount: 900, segmentCount: 30, setCount: UInt64($0.outcomes.count))
                }))
    }

    mutating func publish(_ orders: [AssemblyOrder]) throws {
        guard !orders.isEmpty else { return }
        try tell(.published(orders.map(\.file.file), channel: "folder", attempts: 1))
    }

    /// An acknowledgment comes in, in a file of its own.
    mutating func acknowledge(
        _ kind: String, of number: UInt64, code: String = "A", from partner: String = "ALPHA",
        _ change: (inout ReceivedAcknowledgment) -> Void = { _ in }
    ) throws {
        var acknowledgment = ReceivedAcknowledgment()
        acknowledgment.kind = kind
        acknowledgment.sender = "ZZ:\(partner)"
        acknowledgment.receiver = "ZZ:US"
        acknowledgment.controlNumber = String(number)
        acknowledgment.functionalID = "HB"
        acknowledgment.code = code
        acknowledgment.note = "000"
        change(&acknowledgment)
        keyCount += 1
        try receive("\(800_000_000 + keyCount)", from: partner, answers: []) {
            $0.acknowledgments = [acknowledgment]
        }
    }

    // MARK: what came of it

    func alerts(_ kind: String) -> [AlertState] {
        fixture.core.state.openAlerts.filter { $0.kind == kind }
    }

    var files: [OutboundFileState] { exchange.files.sorted() }

    /// Expects a refusal that leaves nothing behind.
    mutating func refused(
        _ code: Rejection.Code, _ command: ExchangeCommand,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let count = fixture.records.count
        let error = #expect(throws: Rejection.self, sourceLocation: sourceLocation) {
            try tell(command)
        }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(fixture.records.count == count, sourceLocation: sourceLocation)
    }

    /// Expects that the log gives the state that is there.
    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        var replayed = ProjectedState()
        for record in fixture.records { try replayed.apply(record.span.bytes) }
        var live = fixture.core.state
        #expect(replayed.digest() == live.digest(), sourceLocation: sourceLocation)
    }
}
