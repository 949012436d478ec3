import Engine
import Events
import Projections
import Testing

@Suite("a worker's completion that is repeated after a restart of the engine")
struct WorkerRepetitionTests {
    private typealias Workers = WorkerTests

    /// A world in which a worker has ended an attempt and did not hear the answer.
    private static func ended(
        retries: UInt64, succeeds: Bool, starts: Bool = true
    ) throws -> (fixture: CoreFixture, lease: HeldLease) {
        var fixture = try Workers.waiting { $0.retriesMax = retries }
        let session = try Workers.register("w1", &fixture)
        let lease = try #require(try Workers.lease("w1", session, &fixture))
        if starts { try Workers.start("w1", lease, &fixture) }
        _ = try Workers.complete("w1", lease, &fixture, succeeds: succeeds)
        return (try fixture.restarted(after: CoreFixture.minute), lease)
    }

    @Test(
        "is answered as the first was, whether the run ended well, is dead, or waits for its retry",
        arguments: [(0, true), (0, false), (2, false)], [true, false])
    func taken(_ way: (retries: UInt64, succeeds: Bool), starts: Bool) throws {
        var (fixture, lease) = try Self.ended(
            retries: way.retries, succeeds: way.succeeds, starts: starts)
        let before = fixture.records.count
        let reply = try Workers.complete("w1", lease, &fixture, succeeds: way.succeeds)
        #expect(reply.worker?.isIgnored != true && fixture.records.count == before)
        // Another token is none that ended it.
        var other = lease
        other.token -= 1
        let stale = try Workers.complete("w1", other, &fixture)
        #expect(stale.worker?.isIgnored == true)
        #expect(fixture.all(RunCompletionIgnored.self).map(\.reason) == ["stale"])
    }

    @Test("only the end itself names the lease, and one that is over by itself is named by none")
    func named() throws {
        var fixture = try Workers.waiting()
        let session = try Workers.register("w1", &fixture)
        let lease = try #require(try Workers.lease("w1", session, &fixture))
        try Workers.start("w1", lease, &fixture)
        try fixture.handle(.worker(.leave(worker: "w1", session: session)))
        #expect(fixture.all(RunFailed.self).map(\.failureClass) == ["lease"])
        #expect(fixture.events.allSatisfy { $0.envelope.request.isEmpty })
        fixture = try fixture.restarted(after: CoreFixture.minute)
        #expect(try Workers.complete("w1", lease, &fixture).worker?.isIgnored == true)

        let (ended, token) = try Self.ended(retries: 2, succeeds: false)
        var named: [EventType] = []
        for record in ended.records {
            let event = try Event(decoding: record)
            if event.envelope.request == String(token.token) { named.append(event.type) }
        }
        #expect(named == [.runFailed])
    }
}
