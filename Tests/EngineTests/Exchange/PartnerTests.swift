import Engine
import Events
import Projections
import Testing

/// Trading partners, as the configuration defines them, and legal holds.
@Suite struct PartnerTests {
    private static func input(_ partners: [PartnerDefinition]) -> ConfigurationInput {
        var input = ConfigurationInput()
        input.partners = partners
        return input
    }

    @Test("partners are defined, changed with what changed, and removed; the same again is nothing")
    func defined() throws {
        var fixture = try CoreFixture()
        try fixture.handle(.applyConfiguration(Self.input([ExchangeWorld.partner("ALPHA")])))
        #expect(fixture.all(PartnerDefined.self).map(\.partner?.name) == ["ALPHA"])
        let count = fixture.records.count
        try fixture.handle(.applyConfiguration(Self.input([ExchangeWorld.partner("ALPHA")])))
        #expect(fixture.records.count == count)
        let changed = ExchangeWorld.partner("ALPHA") { $0.duplicateDays = 7 }
        try fixture.handle(
            .applyConfiguration(Self.input([ExchangeWorld.partner("BETA"), changed])))
        let events = fixture.all(PartnerDefined.self)
        #expect(events.map(\.partner?.name) == ["ALPHA", "ALPHA", "BETA"])
        #expect(events[1].changes.map(\.field) == ["duplicateDays"])
        let one = try fixture.handle(.applyConfiguration(Self.input([changed])))
        #expect(one.message.hasSuffix("unchanged; partners: 0 added, 0 changed, 1 removed"))
        #expect(fixture.all(PartnerRemoved.self).map(\.name) == ["BETA"])
        let all = [changed, ExchangeWorld.partner("BETA"), ExchangeWorld.partner("GAMMA")]
        let reply = try fixture.handle(.applyConfiguration(Self.input(all)))
        #expect(reply.message.hasSuffix("unchanged; partners: 2 added, 0 changed, 0 removed"))
        let other = ExchangeWorld.partner("ALPHA") { $0.duplicateDays = 8 }
        #expect(
            try fixture.handle(.applyConfiguration(Self.input([other]))).message
                .hasSuffix("unchanged; partners: 0 added, 1 changed, 2 removed"))
        try fixture.handle(.applyConfiguration(Self.input([changed])))
        let restarted = try fixture.restarted(after: 1_000_000)
        #expect(
            restarted.core.state.exchange.partners.sorted().compactMap(\.partner) == [changed])
    }

    @Test("a partner for whom no number could be asked for is refused before anything is written")
    func bad() throws {
        var fixture = try CoreFixture()
        let count = fixture.records.count
        for change: (inout PartnerDefinition) -> Void in [
            { $0.own = nil }, { $0.partner = nil },
            { $0.partner?.id = String(repeating: "x", count: 60) },
            { $0.partner?.id = "A\u{7}" }, { $0.sends = ["a type that is too long for it"] },
        ] {
            let partner = ExchangeWorld.partner("ALPHA", change)
            let error = #expect(throws: Rejection.self) {
                try fixture.handle(.applyConfiguration(Self.input([partner])))
            }
            #expect(error?.code == .invalid)
        }
        #expect(fixture.records.count == count)
    }

    @Test("partners of a configuration that is written in parts count only with all of it")
    func staged() throws {
        var fixture = try CoreFixture()
        var input = Self.input((0..<200).map { ExchangeWorld.partner("P\($0)") })
        input.definitions = (0..<6_000).map {
            CoreFixture.job("job-\($0)", cadence: "0 3 1 1 *")
        }
        try fixture.handle(.applyConfiguration(input))
        let stage = try #require(fixture.all(ConfigurationApplied.self).last?.stage)
        #expect(stage > 0)
        #expect(
            fixture.events.filter { $0.payload is PartnerDefined }
                .allSatisfy { $0.envelope.stage == stage })
        #expect(fixture.core.state.exchange.partners.count == 200)
        // The log ends within the parts: none of it holds.
        var state = ProjectedState()
        let end = try #require(fixture.events.firstIndex { $0.payload is ConfigurationApplied })
        for record in fixture.records.prefix(end) { try state.apply(record.span.bytes) }
        #expect(state.exchange.partners.count == 0)
        var whole = ProjectedState()
        for record in fixture.records { try whole.apply(record.span.bytes) }
        var live = fixture.core.state
        #expect(whole.digest() == live.digest())
    }

    @Test("a log without an exchange has no digest of one")
    func absent() throws {
        let names: Set<String> = [
            "duplicates", "exchange-keys", "legal-holds", "outbound-files", "outcomes",
            "partners", "received-files",
        ]
        var fixture = try CoreFixture()
        try fixture.apply(CoreFixture.job("nightly", cadence: "0 3 * * *"))
        var state = fixture.core.state
        #expect(names.isDisjoint(with: state.digest().projections.map(\.name)))
        try fixture.handle(.applyConfiguration(Self.input([ExchangeWorld.partner("ALPHA")])))
        state = fixture.core.state
        #expect(names.intersection(state.digest().projections.map(\.name)) == ["partners"])
    }

    @Test("a legal hold is placed once, by a person, for days that are days, and released once")
    func holds() throws {
        var world = try ExchangeWorld()
        var hold = LegalHoldPlaced()
        hold.name = "case-7"
        hold.partner = "ALPHA"
        hold.from = "2026-01-01"
        hold.through = "2026-02-28"
        hold.reason = "a claim"
        for change: (inout LegalHoldPlaced) -> Void in [
            { $0.name = "" }, { $0.name = String(repeating: "x", count: 65) },
            { $0.reason = "" }, { $0.from = "2026-02-30" }, { $0.through = "2026-2-28" },
            { $0.through = "2025-12-31" },
        ] {
            var bad = hold
            change(&bad)
            world.refused(.invalid, .placeHold(bad, ExchangeWorld.who))
        }
        var unknown = hold
        unknown.name = "case-8"
        unknown.partner = "GAMMA/.."
        world.refused(.invalid, .placeHold(unknown, ExchangeWorld.who))
        // One that was removed has files all the same.
        unknown.partner = "GAMMA"
        let reply = try world.fixture.handle(
            .exchange(.placeHold(unknown, ExchangeWorld.who), tenant: "default"))
        #expect(reply.message.contains("the configuration has no partner 'GAMMA'"))
        try world.tell(.releaseHold("case-8", reason: "settled", ExchangeWorld.who))
        try world.tell(.placeHold(hold, ExchangeWorld.who))
        world.refused(.conflict, .placeHold(hold, ExchangeWorld.who))
        try world.restart()
        let state = try #require(world.exchange.holds.sorted().first)
        #expect(state.actor == "user:test" && state.ticket == "CHG-1" && state.partner == "ALPHA")
        world.refused(.invalid, .releaseHold("case-7", reason: "", ExchangeWorld.who))
        try world.tell(.releaseHold("case-7", reason: "settled", ExchangeWorld.who))
        world.refused(.notFound, .releaseHold("case-7", reason: "again", ExchangeWorld.who))
        #expect(world.exchange.holds.count == 0)
        try world.check()
    }
}
