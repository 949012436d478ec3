import Engine
import Events
import Projections
import Testing

/// Acts that another person must approve.
@Suite struct FourEyesTests {
    typealias Fixture = CoreFixture

    private static let key = ScheduleKey("default", "job")
    private static let asker = Authority(actor: "user:anna", ticket: "CHG-1")
    private static let boss = Authority(actor: "user:boss", ticket: "CHG-2")

    private func fixture(_ acts: [String] = ActRequest.names) throws -> Fixture {
        var settings = DecisionSettings()
        settings.fourEyes = Set(acts)
        var fixture = try Fixture(settings: settings)
        // The second one leaves a dead run behind.
        try fixture.apply(
            Fixture.job("job", cadence: "0 * * * *"),
            Fixture.job("bad", cadence: "1 0 2 3 *") { $0.retriesMax = 0 })
        try fixture.advance(minutes: 1)
        try fixture.finish(false)
        fixture.forget()
        return fixture
    }

    private func ask(_ fixture: inout Fixture, _ command: Command) throws -> UInt64 {
        try #require(try fixture.handle(command).approval)
    }

    private func code(_ fixture: inout Fixture, _ command: Command) -> Rejection.Code? {
        do {
            try fixture.handle(command)
            return nil
        } catch {
            return (error as? Rejection)?.code
        }
    }

    @Test("an act that is chosen waits, and is carried out in the decision that approves it")
    func carriedOut() throws {
        var fixture = try fixture()
        let number = try ask(
            &fixture, .pause(Self.key, until: nil, reason: "an audit", Self.asker))
        #expect(fixture.events.map(\.type) == [.approvalRequested])
        #expect(fixture.core.state.schedules[Self.key]?.isPaused == false)
        #expect(code(&fixture, .approve(number, reason: "", Self.asker)) == .conflict)
        fixture.forget()
        try fixture.handle(.approve(number, reason: "yes", Self.boss))
        #expect(fixture.events.map(\.type) == [.scheduleDisabled, .approvalGranted])
        let (act, granted) = (fixture.events[0].envelope, fixture.events[1].envelope)
        #expect(act.actor == "user:anna" && act.ticket == "CHG-1")
        #expect(granted.actor == "user:boss" && granted.ticket == "CHG-2")
        #expect(fixture.all(ApprovalGranted.self).map(\.requester) == ["user:anna"])
        #expect(fixture.core.state.approvals.count == 0)
    }

    @Test("every act comes out as it was asked for")
    func everyAct() throws {
        var direct = try fixture([])
        var asked = try fixture()
        for name in ActRequest.names {
            let commands = [direct, asked].map { command(name, $0) }
            let isPossible = code(&direct, commands[0]) == nil
            guard let number = try asked.handle(commands[1]).approval else {
                Issue.record("\(name) was not asked for")
                continue
            }
            #expect((code(&asked, .approve(number, reason: "", Self.boss)) == nil) == isPossible)
            #expect(isPossible, "\(name)")
        }
        let kept = asked.events.filter {
            ![.approvalRequested, .approvalGranted].contains($0.type)
        }
        #expect(kept.map(\.type) == direct.events.map(\.type))
        #expect(kept.map(\.envelope.actor) == direct.events.map(\.envelope.actor))
    }

    /// Each act in the order of `ActRequest.names`, possible after those before it.
    private func command(_ name: String, _ fixture: Fixture) -> Command {
        let (key, who) = (Self.key, Self.asker)
        let open = fixture.core.state.openRuns.sorted()
        switch name {
        case "pause": return .pause(key, until: nil, reason: "r", who)
        case "resume": return .resume(key, reason: "r", who)
        case "run": return .runNow(key, scheduled: nil, reason: "r", who)
        case "skip-next": return .skipNext(key, reason: "r", who)
        case "move-next":
            return .moveNext(key, to: fixture.now + 200 * Fixture.minute, reason: "r", who)
        case "retry":
            let moved = open.first { $0.gate == "moved" }?.run ?? 0
            return .retryNow(run: moved, reason: "r", who)
        case "backfill":
            let stretch = BackfillStretch(
                from: fixture.now - 150 * Fixture.minute, through: fixture.now, lanes: 1)
            return .backfill(key, stretch, reason: "r", who)
        case "cancel-backfill":
            let number = open.first { $0.backfill != 0 }?.backfill ?? 0
            return .cancelBackfill(number, reason: "r", who)
        case "cancel":
            return .cancel(run: open.first { $0.backfill == 0 }?.run ?? 0, reason: "r", who)
        case "requeue":
            return .requeue(
                run: fixture.core.state.deadRuns.sorted().first?.run ?? 0, reason: "r", who)
        case "declare-blackout":
            var blackout = BlackoutDefinition()
            blackout.name = "freeze"
            blackout.reason = "r"
            blackout.action = "defer"
            blackout.from = fixture.now
            blackout.zone = "UTC"
            blackout.source = "api"
            return .declareBlackout(blackout, tenant: "default", who)
        default: return .liftBlackout(ScheduleKey("default", "freeze"), reason: "r", who)
        }
    }

    @Test("what cannot be carried out leaves the approval open, and nothing written")
    func rejected() throws {
        var fixture = try fixture(["cancel", "resume"])
        try fixture.handle(.runNow(Self.key, scheduled: nil, reason: "r", Self.asker))
        let run = try #require(fixture.all(RunDue.self).first?.run)
        let number = try ask(&fixture, .cancel(run: run, reason: "wrong", Self.asker))
        try fixture.finish(true)
        let before = fixture.core.state.nextSequence
        #expect(code(&fixture, .approve(number, reason: "", Self.boss)) == .conflict)
        #expect(fixture.core.state.nextSequence == before)
        #expect(fixture.core.state.approvals[number] != nil)
        // A day later it expires.
        try fixture.advance(minutes: 1_440)
        #expect(fixture.all(ApprovalExpired.self).map(\.approval) == [number])
        #expect(fixture.core.state.approvals.count == 0)
    }

    @Test(
        "what a reference stands for is cancelled by two people where a run or a pause needs two",
        arguments: ["cancel", "pause"], [false, true])
    func reference(word: String, pauses: Bool) throws {
        var fixture = try fixture([word])
        try fixture.handle(
            .defineSchedules(
                [
                    APIScheduleTests.transfer("own", minutes: 500) {
                        var rules = RunRules()
                        rules.reference = "C-1"
                        $0.rules = rules
                    }
                ], Self.asker))
        try fixture.handle(
            .runNow(ScheduleKey("default", "own"), scheduled: nil, reason: "r", Self.asker))
        let run = try #require(fixture.lastRequest?.run)
        fixture.forget()
        let none = Command.cancelReference("C-9", pauses: pauses, reason: "r", Self.asker)
        #expect(code(&fixture, none) == .notFound)
        let end = Command.cancelReference("C-1", pauses: pauses, reason: "closed", Self.asker)
        let number = try ask(&fixture, end)
        #expect(try ask(&fixture, end) == number)
        #expect(fixture.events.map(\.type) == [.approvalRequested])
        #expect(fixture.core.state.openRuns[run]?.isCancelRequested == false)
        #expect(code(&fixture, .approve(number, reason: "", Self.asker)) == .conflict)
        fixture = try fixture.restarted(after: Fixture.minute)
        fixture.forget()
        try fixture.handle(.approve(number, reason: "yes", Self.boss))
        let type: EventType = pauses ? .scheduleDisabled : .scheduleRemoved
        let done = try #require(fixture.events.first { $0.type == type })
        #expect(done.envelope.actor == "user:anna" && done.envelope.ticket == "CHG-1")
        #expect(fixture.all(RunCancelRequested.self).map(\.run) == [run])
        #expect(fixture.events.last?.type == .approvalGranted)
        #expect(fixture.core.state.approvals.count == 0)
    }

    @Test("the same name in other letters is no other person")
    func letters() throws {
        var fixture = try fixture(["pause"])
        let number = try ask(
            &fixture, .pause(Self.key, until: nil, reason: "an audit", Self.asker))
        let again = Authority(actor: "user:ANNA", ticket: "CHG-2")
        #expect(code(&fixture, .approve(number, reason: "", again)) == .conflict)
        #expect(fixture.core.state.approvals[number] != nil)
        try fixture.handle(.approve(number, reason: "", Self.boss))
    }

    @Test("a refusal is the end of it; asked again the same way, it is the same approval")
    func refused() throws {
        var fixture = try fixture()
        let pause = Command.pause(Self.key, until: nil, reason: "an audit", Self.asker)
        let number = try ask(&fixture, pause)
        #expect(try ask(&fixture, pause) == number)
        #expect(code(&fixture, .refuse(number, reason: "", Self.boss)) == .invalid)
        try fixture.handle(.refuse(number, reason: "not now", Self.boss))
        #expect(fixture.core.state.schedules[Self.key]?.isPaused == false)
        #expect(code(&fixture, .approve(number, reason: "", Self.boss)) == .notFound)
        #expect(try ask(&fixture, pause) != number)
    }

    @Test("what is not there cannot be asked for; other acts, and a trial, are carried out")
    func direct() throws {
        var fixture = try fixture(["cancel", "pause", "backfill"])
        let gone = ScheduleKey("default", "gone")
        #expect(code(&fixture, .pause(gone, until: nil, reason: "r", Self.asker)) == .notFound)
        #expect(code(&fixture, .cancel(run: 99_999, reason: "r", Self.asker)) == .notFound)
        let bare = Authority(actor: "user:anna")
        #expect(code(&fixture, .pause(Self.key, until: nil, reason: "r", bare)) == .invalid)
        #expect(fixture.events.isEmpty)
        let run = try fixture.handle(
            .runNow(Self.key, scheduled: nil, reason: "r", Self.asker))
        #expect(run.approval == nil && run.run != nil)
        let stretch = BackfillStretch(
            from: fixture.now - 150 * Fixture.minute, through: fixture.now, isTrial: true)
        let trial = try fixture.handle(.backfill(Self.key, stretch, reason: "r", Self.asker))
        #expect(trial.approval == nil && trial.message.contains("would make"))
    }

    @Test("after a restart it can be approved, and it expires")
    func restart() throws {
        var fixture = try fixture(["pause"])
        let number = try ask(
            &fixture, .pause(Self.key, until: nil, reason: "an audit", Self.asker))
        var other = try fixture.restarted(after: Fixture.minute)
        var late = other
        try other.handle(.approve(number, reason: "", Self.boss))
        #expect(other.core.state.schedules[Self.key]?.isPaused == true)
        try late.advance(minutes: 1_440)
        #expect(late.all(ApprovalExpired.self).map(\.approval) == [number])
    }

    @Test("a thousand acts wait at the most")
    func bounded() throws {
        var fixture = try fixture(["pause"])
        for number in 0..<1_000 {
            _ = try ask(
                &fixture, .pause(Self.key, until: nil, reason: "r\(number)", Self.asker))
        }
        #expect(
            code(&fixture, .pause(Self.key, until: nil, reason: "more", Self.asker)) == .conflict)
    }
}
