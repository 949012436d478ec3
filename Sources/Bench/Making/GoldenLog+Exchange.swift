import Engine
import Events
import Projections

/// The golden log's exchange with a partner: files received, answered, made, sent, kept.
extension GoldenLog {
    private static let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

    /// Half an hour in which a partner sends a file twice, is answered, and two files to it fail.
    mutating func exchange() throws {
        try log.handle(.applyConfiguration(Self.withPartners(["ALPHA", "OMEGA"])))
        try log.handle(.applyConfiguration(Self.withPartners(["ALPHA"])))
        var file = Self.receivedFile()
        let ingestion = try tell(.receive(file, .engine))?.ingestion ?? 0
        file.key = "again"
        file.interchanges[0].isDuplicate = true
        file.interchanges[0].code = "R"
        file.interchanges[0].note = "025"
        try tell(.receive(file, .engine))
        if let duplicate = log.core.state.exchange.duplicates.sorted().first?.duplicate {
            try tell(
                .resolveDuplicate(
                    duplicate, resolution: "ignored", reason: "the transfer tried twice",
                    Self.who))
        }
        try tell(
            .outcomes(
                [Self.outcome("TA1", ingestion), Self.outcome("271", ingestion)], source: "api",
                Authority(actor: "system:claims")))
        try files()
        try hold()
    }

    /// One file that is written, published and acknowledged, and one that fails twice.
    private mutating func files() throws {
        world.plans["assembly"] = [.runs]
        let reply = try log.handle(
            .runNow(Self.key("assembly"), scheduled: nil, reason: "a test", Self.who))
        let run = reply.run ?? 0
        let orders = try collect(run)
        for order in orders where order.file.transactionType == "TA1" {
            try tell(.written([Self.written(order)]))
            try tell(.published([order.file.file], channel: "folder", attempts: 1))
        }
        for order in orders where order.file.transactionType == "271" {
            try tell(
                .failed(
                    file: order.file.file, step: "write", reason: "the disk is full", attempts: 3,
                    isGivenUp: false))
            try tell(
                .setAside(
                    SetAsideFile(
                        file: order.file.file, path: "outbound/_quarantine/ALPHA_271.edi",
                        reason: "check", findings: ["SE01 at segment 9: 4"])))
            let outcomes = order.outcomes.map { Self.outcome($0.transactionType, $0.ingestion) }
            try tell(
                .reassemble(
                    file: order.file.file, partner: "ALPHA", outcomes: outcomes,
                    reason: "the cause is mended", Self.who))
        }
        for order in try collect(run) {
            try tell(.written([Self.written(order)]))
            try tell(.published([order.file.file], channel: "folder", attempts: 2))
            try acknowledged(order.file)
        }
        try collect(run)
        try log.end(run: run, attempt: 1, GoldenWorld.success())
    }

    private mutating func acknowledged(_ file: OutboundFileState) throws {
        var answer = Self.receivedFile()
        answer.key = "answer"
        answer.sha256 = String(Self.digest.reversed())
        answer.interchanges[0].controlNumber = "000000002"
        answer.interchanges[0].answers = []
        var acknowledgment = ReceivedAcknowledgment()
        acknowledgment.kind = "999"
        acknowledgment.sender = "ZZ:ALPHA"
        acknowledgment.receiver = "ZZ:US"
        acknowledgment.functionalID = "HB"
        acknowledgment.controlNumber = String(file.numbers("GS").first ?? 0)
        acknowledgment.code = "A"
        answer.acknowledgments = [acknowledgment]
        try tell(.receive(answer, .engine))
    }

    private mutating func hold() throws {
        var hold = LegalHoldPlaced()
        hold.name = "case-7"
        hold.partner = "ALPHA"
        hold.from = "2026-03-01"
        hold.reason = "a claim"
        try tell(.placeHold(hold, Self.who))
        var moved = FileMoved()
        moved.path = "outbound/partner=ALPHA/ALPHA_TA1.edi"
        moved.tier = "cool"
        moved.newPath = "cool/" + moved.path
        moved.sha256 = Self.digest
        moved.byteCount = 500
        try tell(.moved([moved]))
        try tell(.releaseHold("case-7", reason: "it is settled", Self.who))
    }

    @discardableResult
    private mutating func tell(_ command: ExchangeCommand) throws -> ExchangeReply? {
        try log.handle(.exchange(command, tenant: "default")).exchange
    }

    @discardableResult
    private mutating func collect(_ run: UInt64) throws -> [AssemblyOrder] {
        try tell(.collect(run: run, types: [], partners: [], filesMax: 10))?.orders ?? []
    }

    // MARK: what is exchanged

    private static func written(_ order: AssemblyOrder) -> WrittenFile {
        WrittenFile(
            file: order.file.file,
            path: "outbound/partner=ALPHA/\(order.file.transactionType)_\(order.file.file).edi",
            sha256: digest, byteCount: 500, segmentCount: 12,
            setCount: UInt64(order.outcomes.count))
    }

    private static func receivedFile() -> ReceivedFile {
        var group = ReceivedGroup()
        group.functionalID = "HS"
        group.version = "005010X279A1"
        group.controlNumber = "1"
        group.received = 1
        group.accepted = 1
        group.code = "A"
        var interchange = ReceivedFile.Interchange()
        interchange.sender = "ZZ:ALPHA"
        interchange.receiver = "ZZ:US"
        interchange.controlNumber = "000000001"
        interchange.code = "A"
        interchange.note = "000"
        interchange.groups = [group]
        interchange.answers = ["TA1", "271"]
        var file = ReceivedFile()
        file.partner = "ALPHA"
        file.source = "folder"
        file.path = "received/partner=ALPHA/date=2026-03-30/\(digest).edi"
        file.sha256 = digest
        file.byteCount = 700
        file.key = "first"
        file.segmentCount = 14
        file.interchanges = [interchange]
        return file
    }

    private static func outcome(_ type: String, _ ingestion: UInt64) -> NewOutcome {
        var outcome = NewOutcome()
        outcome.partner = "ALPHA"
        outcome.type = type
        outcome.path = "outcomes/date=2026-03-30/\(digest).jsonl"
        outcome.sha256 = digest
        outcome.byteCount = 250
        outcome.ingestion = ingestion
        return outcome
    }

    /// The present configuration, with partners and the job that makes their files.
    private static func withPartners(_ names: [String]) -> ConfigurationInput {
        var input = GoldenSchedules.second
        var job = ScheduleDefinition()
        job.jobId = "assembly"
        job.isEnabled = true
        job.cadence = "0 3 1 1 *"
        job.zone = "UTC"
        job.catchUp = "none"
        job.overlap = "skip"
        job.source = "config"
        var target = TargetBinding()
        target.name = "outbound"
        target.kind = EngineCore.exchangeKind
        target.command = ["assemble"]
        job.target = target
        input.definitions.append(job)
        input.partners = names.map(partner)
        return input
    }

    private static func partner(_ name: String) -> PartnerDefinition {
        var partner = PartnerDefinition()
        partner.name = name
        partner.own = identity("US")
        partner.partner = identity(name)
        partner.delimiters = "*^:~"
        partner.usage = "T"
        partner.acknowledgments = "isa14"
        partner.versions = ["00501"]
        partner.accepts = ["270"]
        partner.sends = ["TA1", "271"]
        partner.duplicateDays = 30
        for (type, window, acknowledged) in [("TA1", 0, 0), ("271", 0, 7_200)] {
            var rule = PartnerTypeRule()
            rule.type = type
            rule.windowSeconds = UInt64(window)
            rule.slaSeconds = 900
            rule.acknowledgedWithinSeconds = UInt64(acknowledged)
            rule.outcomesMax = 100
            partner.rules.append(rule)
        }
        return partner
    }

    private static func identity(_ name: String) -> PartnerIdentity {
        var identity = PartnerIdentity()
        identity.qualifier = "ZZ"
        identity.id = name
        identity.group = name
        return identity
    }
}
