import DaybookTestSupport
import Engine
import Events
import Exchange
import Foundation
import Projections
import Synchronization
import Testing
import X12

extension OutboundWorld: ExchangeEngine {
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (ProjectedState) -> Result
    ) throws -> Result {
        if fate.isDead { throw Fate.Dead() }
        return body(state)
    }
}

/// What tests of inbound files need beside an engine: partners, a service, a look at the folder.
enum InboundWorld {
    /// The moment at which everything is received.
    static let time = OutboundWorld.start + 3_600_000_000

    /// A partner that sends and is sent everything.
    static func partner(_ name: String, qualifier: String = "ZZ") -> PartnerDefinition {
        var partner = OutboundPartners.partner(name, outcomesMax: 100)
        partner.partner?.qualifier = qualifier
        partner.accepts = ["270", "276", "834", "835", "837P", "837I", "837D"]
        partner.usages = ["P", "T"]
        partner.authorizations = ["00", "03"]
        partner.securities = ["00", "01"]
        return partner
    }

    /// The senders of the vectors; that with a qualifier of its own is named otherwise.
    static var vectorPartners: [PartnerDefinition] {
        var partners = ["ABCDEFGHIJKLMNO", "CLINICA", "DENTALC", "HOSPB", "SPONSOR1"].map {
            partner($0)
        }
        var tax = partner("TAX-123456789", qualifier: "30")
        tax.partner?.id = "123456789"
        partners.append(tax)
        return partners
    }

    /// Lines that were told to people.
    final class Warnings: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// A service on a world, which takes files at their first sight.
    static func service(
        _ world: OutboundWorld, _ warnings: Warnings = Warnings(), cipher: FileCipher? = nil,
        at time: Int64 = InboundWorld.time,
        fault: (@Sendable (Ingestion.Step) throws -> Void)? = nil
    ) throws -> ExchangeService {
        var settings = ExchangeService.Settings(
            lifecycle: try LifecycleSettings(hotDays: 90, archiveDays: 365, deleteDays: 2_557))
        settings.settle = .zero
        let store = try ExchangeStore(
            root: world.root, cipher: cipher, pieceByteCount: 1 << 20, hook: world.fate.hook)
        return try ExchangeService(
            engine: world, store: store, assembly: try world.target(store: store),
            settings: settings, clock: InstantClock(), now: { time }, warn: { warnings.add($0) },
            fault: fault)
    }

    /// A world in which these partners are known.
    static func world(
        _ folder: String, _ partners: [PartnerDefinition], dyingAt step: Int = .max
    ) async throws -> OutboundWorld {
        let world = try OutboundWorld(folder: folder, partners: partners)
        try await world.begin(dyingAt: step)
        return world
    }

    static func drop(
        _ bytes: [UInt8], _ root: String, partner: String, name: String = "file.edi"
    ) throws {
        try write(bytes, "\(root)/inbound/partner=\(partner)", name)
    }

    static func write(_ bytes: [UInt8], _ folder: String, _ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    /// Files below a folder of the exchange, by their paths.
    static func files(_ root: String, below folder: String) -> [String] {
        filesOnDisk(root).keys.filter { $0.hasPrefix(folder + "/") }.sorted()
    }

    // MARK: interchanges

    /// Inquiries of eligibility: one interchange.
    static func inquiry(
        _ number: Int, from partner: String, groups: Int = 1, asksTA1: Bool = false
    ) -> [UInt8] {
        func padded(_ text: String) -> String {
            text + String(repeating: " ", count: 15 - text.utf8.count)
        }
        let digits = String(number)
        let isa13 = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        var text =
            "ISA*00*          *00*          *ZZ*\(padded(partner))*ZZ*\(padded("DAYBOOK"))"
            + "*260302*0100*^*00501*\(isa13)*\(asksTA1 ? 1 : 0)*P*:~"
        for group in 0..<groups {
            let gs06 = number * 10 + group
            text +=
                "GS*HS*\(partner)*DAYBOOK*20260302*0100*\(gs06)*X*005010X279A1~"
                + "ST*270*0001*005010X279A1~BHT*0022*13*REF\(number)*20260302*0100~"
                + "HL*1**20*1~NM1*PR*2*PAYER*****PI*12345~HL*2*1*21*1~"
                + "NM1*1P*2*CLINIC*****XX*1234567893~HL*3*2*22*0~TRN*1*TRACE\(number)*9012345678~"
                + "NM1*IL*1*MUSTERFRAU*ERIKA****MI*MEMBER0815~DMG*D8*19640812*F~"
                + "DTP*291*D8*20260302~EQ*30~SE*13*0001~GE*1*\(gs06)~"
        }
        return Array((text + "IEA*\(groups)*\(isa13)~").utf8)
    }

    /// What was recorded of a kind.
    static func events<Payload: EventPayload>(
        _ world: OutboundWorld, _ type: Payload.Type
    ) async throws -> [Payload] {
        try await world.events().compactMap { $0.payload as? Payload }
    }
}
