import Engine
import Events
import Projections
import Testing

/// What the core makes of what the log says of itself.
@Suite struct LogHealthTests {
    typealias Fixture = CoreFixture

    static func space(_ space: String) -> Command {
        .spaceChanged(space: space, free: 3 << 20, wanted: 1 << 30)
    }

    @Test("on a full disk what runs is ended, nothing new begins, and all goes on by itself after")
    func fullDisk() throws {
        var fixture = try Fixture()
        try fixture.apply(
            Fixture.job("running", cadence: "0 1 * * *"),
            Fixture.job("later", cadence: "30 1 * * *"))
        try fixture.advance(minutes: 60)
        try fixture.handle(Self.space("full"))
        #expect(throws: Rejection.self) {
            try fixture.handle(
                .runNow(
                    ScheduleKey("default", "later"), scheduled: nil, reason: "now", Fixture.who))
        }
        try fixture.finish(true)
        #expect(fixture.all(RunSucceeded.self).count == 1)
        try fixture.advance(minutes: 40)
        #expect(fixture.all(RunDue.self).count == 1)
        let digests = fixture.all(DigestRecorded.self).count
        let alert = try #require(fixture.all(AlertRaised.self).last)
        #expect(alert.kind == "space" && alert.severity == "critical")

        try fixture.handle(Self.space("ample"))
        #expect(fixture.all(AlertCleared.self).map(\.alert) == [alert.alert])
        try fixture.advance(minutes: 10)
        #expect(fixture.all(RunDue.self).map(\.jobId) == ["running", "later"])
        #expect(fixture.all(DigestRecorded.self).count > digests)
        try fixture.finish(true)
        #expect(fixture.all(RunSucceeded.self).count == 2)
    }

    @Test("a retry and a held run that fall due on a full disk are taken up when there is room")
    func retryWaits() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("nightly", cadence: "0 1 * * *"))
        try fixture.advance(minutes: 60)
        try fixture.finish(false)
        try fixture.handle(Self.space("low"))
        try fixture.handle(Self.space("full"))
        try fixture.advance(minutes: 30)
        #expect(fixture.all(RunDispatched.self).count == 1)
        try fixture.handle(Self.space("ample"))
        try fixture.advance(minutes: 1)
        #expect(fixture.all(RunDispatched.self).count == 2)
        #expect(fixture.all(SpaceChanged.self).map(\.space) == ["low", "full", "ample"])
        #expect(fixture.core.state.alerts.sorted().allSatisfy { $0.kind != "space" })
    }

    @Test("a start knows that the disk was full, and the first look frees it")
    func restartOnFullDisk() throws {
        var fixture = try Fixture()
        try fixture.apply(Fixture.job("nightly", cadence: "0 1 * * *"))
        try fixture.handle(Self.space("full"))
        var next = try fixture.restarted(after: 90 * Fixture.minute)
        try next.apply(Fixture.job("nightly", cadence: "0 1 * * *"))
        try next.advance(minutes: 1)
        #expect(next.all(RunDue.self).isEmpty)
        try next.handle(Self.space("ample"))
        try next.advance(minutes: 1)
        #expect(next.all(RunDue.self).count == 1)
        // An ample disk that was never anything else is no news.
        var other = try Fixture()
        try other.handle(Self.space("ample"))
        #expect(other.all(SpaceChanged.self).isEmpty)
    }

    @Test("a key change is recorded once; a scrub's damage is an alert until a scrub finds none")
    func keysAndScrubs() throws {
        var fixture = try Fixture()
        for key in ["a", "a", "b"] { try fixture.handle(.checkpointKeyChanged(key)) }
        #expect(fixture.all(CheckpointKeyChanged.self).map(\.before) == ["", "a"])
        var scrub = ScrubCompleted()
        scrub.segmentCount = 3
        scrub.problems = ["log/7.lz4: frame 2"]
        scrub.problemCount = 1
        try fixture.handle(.scrubCompleted(scrub))
        #expect(fixture.core.state.status.scrubProblemCount == 1)
        let alert = try #require(fixture.all(AlertRaised.self).last)
        #expect(alert.kind == "scrub" && alert.message.contains("log repair"))
        scrub.problems = []
        scrub.problemCount = 0
        try fixture.handle(.scrubCompleted(scrub))
        #expect(fixture.core.state.alerts.count == 0)
    }
}
