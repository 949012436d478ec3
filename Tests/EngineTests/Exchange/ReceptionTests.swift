import Engine
import Events
import Projections
import Testing

/// People are told where files are not taken in.
@Suite struct ReceptionTests {
    @Test("a place where files are not taken in is one alert, through restarts, until it is over")
    func once() throws {
        var world = try ExchangeWorld()
        let stuck = ReceptionNotice(
            .stuck, "inbound/partner=ALPHA", partner: "ALPHA", "the disk is full")
        try world.tell(.reception(stuck))
        try world.tell(.reception(stuck))
        try world.restart()
        try world.tell(.reception(stuck))
        try world.tell(.reception(ReceptionNotice(.stuck, "spool", "the disk is full")))
        #expect(
            world.alerts("receptionStuck").map(\.subject) == ["inbound/partner=ALPHA", "spool"])
        #expect(world.alerts("receptionStuck").first?.recipients == ["edi"])
        try world.tell(.reception(ReceptionNotice(.stuck, "inbound/partner=ALPHA", nil)))
        #expect(world.alerts("receptionStuck").map(\.subject) == ["spool"])
        try world.tell(.reception(stuck))
        #expect(world.alerts("receptionStuck").count == 2)
        try world.check()
    }

    @Test("a person takes on a file that grew, or was refused; what is stuck stays open")
    func takenOn() throws {
        var world = try ExchangeWorld()
        for kind in [ReceptionNotice.Kind.grew, .refused, .stuck] {
            try world.tell(.reception(ReceptionNotice(kind, "spool", "something")))
            let alert = try #require(world.alerts(kind.rawValue).first)
            try world.fixture.handle(
                .acknowledge(alert: alert.alert, reason: "mine", ExchangeWorld.who))
        }
        #expect(world.alerts("fileGrew").isEmpty && world.alerts("outcomesRefused").isEmpty)
        #expect(world.alerts("receptionStuck").count == 1)
        try world.check()
    }
}
