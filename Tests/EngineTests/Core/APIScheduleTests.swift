import Engine
import Events
import Projections
import Testing

/// Schedules that come by the API: made, changed, removed, and gone when they are spent.
@Suite struct APIScheduleTests {
    typealias Fixture = CoreFixture

    static func key(_ jobId: String) -> ScheduleKey { ScheduleKey("default", jobId) }

    /// A transfer so many minutes after the fixture's start.
    static func transfer(
        _ jobId: String, minutes: Int64, _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) -> ScheduleDefinition {
        Fixture.job(jobId) { job in
            var at = TriggerDefinition()
            at.kind = "at"
            at.text = UTCText.of(microseconds: Fixture.start + minutes * Fixture.minute)
            job.triggers = [at]
            job.source = "api"
            job.catchUp = "none"
            change(&job)
        }
    }

    private func code(_ body: () throws -> Void) -> Rejection.Code? {
        do { try body() } catch { return (error as? Rejection)?.code }
        return nil
    }

    @Test("a transfer is made once, runs once, and leaves memory with its definition")
    func once() throws {
        var fixture = try Fixture()
        let definition = Self.transfer("t-1", minutes: 5)
        let made = try fixture.handle(.defineSchedules([definition], Fixture.who))
        #expect(made.sequence != nil && made.message.contains("created"))
        let again = try fixture.handle(.defineSchedules([definition], Fixture.who))
        #expect(again.sequence == nil && again.message.contains("stands so already"))
        #expect(fixture.all(ScheduleCreated.self).first?.definition?.source == "api")
        #expect(fixture.events.last { $0.type == .scheduleCreated }?.envelope.actor == "user:test")
        fixture = try fixture.restarted(after: Fixture.minute)
        try fixture.finishAll(minutes: 10)
        #expect(fixture.all(RunSucceeded.self).count == 1)
        #expect(fixture.all(ScheduleRemoved.self).map(\.reason) == ["it has no more occurrences"])
        #expect(fixture.events.last { $0.type == .scheduleRemoved }?.envelope.actor == "engine")
        let state = fixture.core.state
        #expect(state.schedules.count == 0 && state.definitions.count == 0)
        // The id is free, and its past does not come again; a time that is over is refused.
        #expect(
            code { try fixture.handle(.defineSchedules([definition], Fixture.who)) } == .invalid)
        let later = Self.transfer("t-1", minutes: 30)
        try fixture.handle(.defineSchedules([later], Fixture.who))
        try fixture.finishAll(minutes: 30)
        #expect(fixture.all(RunSucceeded.self).count == 2)
        fixture = try fixture.restarted(after: Fixture.minute)
        #expect(fixture.core.state.schedules.count == 0)
    }

    @Test("a batch is taken whole or not at all, and what is not new is a conflict where asked")
    func batch() throws {
        var fixture = try Fixture()
        let good = (0..<50).map { Self.transfer("t-\($0)", minutes: 5) }
        let over = Self.transfer("late", minutes: -1)
        #expect(
            code { try fixture.handle(.defineSchedules(good + [over], Fixture.who)) } == .invalid)
        #expect(
            code { try fixture.handle(.defineSchedules(good + [good[0]], Fixture.who)) }
                == .invalid)
        #expect(fixture.core.state.schedules.count == 0)
        try fixture.handle(.defineSchedules(good, Fixture.who, replaces: false))
        #expect(fixture.core.state.schedules.count == 50)
        let changed = Self.transfer("t-7", minutes: 6)
        #expect(
            code {
                try fixture.handle(.defineSchedules([changed], Fixture.who, replaces: false))
            } == .conflict)
        let reply = try fixture.handle(
            .defineSchedules(good.prefix(7) + [changed], Fixture.who))
        #expect(reply.message == "schedules: 0 created, 1 changed, 7 stand so already")
        #expect(fixture.all(ScheduleUpdated.self).first?.changes.map(\.field) == ["triggers"])
        try fixture.finishAll(minutes: 10)
        #expect(fixture.all(RunSucceeded.self).count == 50)
        #expect(fixture.core.state.schedules.count == 0)
        let many = (0..<1_001).map { Self.transfer("m-\($0)", minutes: 50) }
        #expect(code { try fixture.handle(.defineSchedules(many, Fixture.who)) } == .invalid)
    }

    @Test("configuration and API leave each other's schedules alone, and clashes name both")
    func apart() throws {
        var fixture = try Fixture()
        let hourly = Fixture.job("hourly", cadence: "0 * * * *")
        try fixture.apply(hourly)
        let mine = Self.transfer("t-1", minutes: 90)
        try fixture.handle(.defineSchedules([mine], Fixture.who))
        try fixture.apply(hourly)
        try fixture.apply()
        #expect(fixture.all(ScheduleRemoved.self).map(\.jobId) == ["hourly"])
        try fixture.apply(hourly)
        let taken = Self.transfer("hourly", minutes: 90)
        #expect(
            code { try fixture.handle(.defineSchedules([taken], Fixture.who)) } == .conflict)
        #expect(
            code {
                try fixture.handle(
                    .removeSchedule(Self.key("hourly"), reason: "x", Fixture.who))
            } == .conflict)
        var input = ConfigurationInput()
        input.definitions = [hourly, Fixture.job("t-1", cadence: "0 * * * *")]
        input.places = ["t-1": "schedules/a.yaml:7"]
        do {
            try fixture.handle(.applyConfiguration(input))
            Issue.record("it was applied")
        } catch let rejection as Rejection {
            #expect(rejection.code == .conflict)
            #expect(rejection.message.contains("schedules/a.yaml:7"))
            #expect(rejection.message.contains("event "))
        }
        try fixture.handle(.removeSchedule(Self.key("t-1"), reason: "", Fixture.who))
        #expect(fixture.core.state.schedules[Self.key("t-1")] == nil)
    }

    @Test("what waits of a removed schedule ends, what runs goes on, and then nothing is left")
    func removed() throws {
        var fixture = try Fixture()
        try fixture.handle(
            .defineSchedules([Self.transfer("t-1", minutes: 5)], Fixture.who))
        try fixture.advance(minutes: 6)
        let request = try #require(fixture.lastRequest)
        try fixture.handle(.removeSchedule(Self.key("t-1"), reason: "closed", Fixture.who))
        #expect(fixture.core.state.openRuns.count == 1)
        fixture = try fixture.restarted(after: Fixture.minute)
        var result = AttemptResult()
        result.isSuccess = true
        try fixture.handle(.ended(run: request.run, attempt: 1, result))
        #expect(fixture.core.state.schedules.count == 0)
        #expect(fixture.core.state.definitions.count == 0)
        #expect(fixture.core.state.finishedRuns.count == 1)
    }

    @Test("one that failed for good stays until it is put in again, or its alert is taken on")
    func dead() throws {
        var fixture = try Fixture()
        let definition = Self.transfer("t-1", minutes: 5) {
            $0.retriesMax = 0
            var rules = RunRules()
            rules.failureAdvice = [KeyValue("exit", "pay in")]
            $0.rules = rules
        }
        try fixture.handle(.defineSchedules([definition], Fixture.who))
        try fixture.advance(minutes: 6)
        try fixture.finish(false)
        #expect(fixture.all(RunFailed.self).map(\.advice) == ["pay in"])
        let dead = try #require(fixture.core.state.deadRuns.sorted().first)
        #expect(dead.failureAdvice == "pay in")
        #expect(fixture.core.state.schedules.count == 1)
        try fixture.handle(.requeue(run: dead.run, reason: "paid in", Fixture.who))
        try fixture.finish(true)
        #expect(fixture.core.state.schedules.count == 0)
        // An engine that was down: the transfer is missed, and gone when somebody has seen it.
        try fixture.handle(.defineSchedules([Self.transfer("t-2", minutes: 9)], Fixture.who))
        fixture = try fixture.restarted(after: 300 * Fixture.minute)
        try fixture.advance(minutes: 1)
        #expect(fixture.all(RunMissed.self).count == 1)
        #expect(fixture.core.state.schedules.count == 1)
        let alert = try #require(fixture.core.state.alerts.sorted().first)
        try fixture.handle(.acknowledge(alert: alert.alert, reason: "told them", Fixture.who))
        #expect(fixture.core.state.schedules.count == 0)
        #expect(fixture.all(AlertCleared.self).count == 1)
    }

    @Test("one whose occurrence was skipped or moved goes when that would have been")
    func ahead() throws {
        for isMoved in [false, true] {
            var fixture = try Fixture()
            try fixture.handle(
                .defineSchedules([Self.transfer("t-1", minutes: 60)], Fixture.who))
            if isMoved {
                let to = fixture.now + 10 * Fixture.minute
                try fixture.handle(
                    .moveNext(Self.key("t-1"), to: to, reason: "early", Fixture.who))
            } else {
                try fixture.handle(.skipNext(Self.key("t-1"), reason: "no", Fixture.who))
            }
            try fixture.finishAll(minutes: 30)
            #expect(fixture.all(RunSucceeded.self).count == (isMoved ? 1 : 0))
            #expect(fixture.core.state.schedules.count == 1)
            fixture = try fixture.restarted(after: Fixture.minute)
            try fixture.finishAll(minutes: 60)
            #expect(fixture.core.state.schedules.count == 0)
            #expect(fixture.all(RunDue.self).isEmpty)
        }
    }

    @Test("a reference ends its schedules and runs at once, and only those")
    func reference() throws {
        var fixture = try Fixture()
        func owned(_ reference: String) -> (inout ScheduleDefinition) -> Void {
            {
                var rules = RunRules()
                rules.reference = reference
                $0.rules = rules
            }
        }
        try fixture.apply(Fixture.job("monthly", cadence: "0 0 1 * *", owned("C-1")))
        try fixture.handle(
            .defineSchedules(
                [
                    Self.transfer("a", minutes: 5, owned("C-1")),
                    Self.transfer("b", minutes: 500, owned("C-1")),
                    Self.transfer("c", minutes: 500, owned("C-2")),
                ], Fixture.who))
        try fixture.advance(minutes: 6)
        let request = try #require(fixture.lastRequest)
        fixture = try fixture.restarted(after: Fixture.minute)
        let reply = try fixture.handle(
            .cancelReference("C-1", pauses: false, reason: "closed", Fixture.who))
        #expect(
            reply.message
                == "reference 'C-1': 2 schedules removed, 1 paused, 1 run cancelled or to end")
        #expect(fixture.all(RunCancelRequested.self).map(\.run) == [request.run])
        #expect(fixture.all(ScheduleRemoved.self).map(\.reference) == ["C-1", "C-1"])
        #expect(fixture.core.state.schedules[Self.key("monthly")]?.isPaused == true)
        #expect(fixture.core.state.schedules[Self.key("c")]?.isRemoved == false)
        #expect(fixture.core.state.openRuns[request.run]?.reference == "C-1")
        #expect(
            code {
                try fixture.handle(
                    .cancelReference("C-1", pauses: false, reason: "again", Fixture.who))
            } == .notFound)
        try fixture.handle(.cancelReference("C-2", pauses: true, reason: "hold", Fixture.who))
        #expect(fixture.core.state.schedules[Self.key("c")]?.isPaused == true)
    }

    @Test("tickets: schedules of the API need one unless the settings say that they do not")
    func tickets() throws {
        var settings = DecisionSettings()
        settings.schedulesNeedTicket = false
        for isNeeded in [true, false] {
            settings.schedulesNeedTicket = isNeeded
            var fixture = try Fixture(settings: settings)
            let who = Authority(actor: "user:bank")
            let refusal = code {
                try fixture.handle(.defineSchedules([Self.transfer("a", minutes: 5)], who))
            }
            #expect(refusal == (isNeeded ? .invalid : nil))
            let type = code {
                try fixture.handle(.defineJobType(Self.key("t"), fieldsJSON: "{}", who))
            }
            #expect(type == .invalid)
        }
    }

    @Test("what a schedule waits for is there, and no circle is closed")
    func dependencies() throws {
        var fixture = try Fixture()
        func waiting(_ names: String...) -> (inout ScheduleDefinition) -> Void {
            { job in
                job.dependencies = names.map { name in
                    var dependency = Dependency()
                    dependency.kind = "job"
                    dependency.name = name
                    return dependency
                }
            }
        }
        let lone = Self.transfer("a", minutes: 5, waiting("b"))
        #expect(code { try fixture.handle(.defineSchedules([lone], Fixture.who)) } == .invalid)
        try fixture.handle(
            .defineSchedules([lone, Self.transfer("b", minutes: 5)], Fixture.who))
        let circle = Self.transfer("b", minutes: 5, waiting("a"))
        #expect(code { try fixture.handle(.defineSchedules([circle], Fixture.who)) } == .invalid)
    }

    @Test("job types are kept and removed, and stand in the digest only while there are any")
    func jobTypes() throws {
        var fixture = try Fixture()
        func names() -> [String] { fixture.core.state.digestNames }
        #expect(!names().contains("job-types"))
        let key = Self.key("transfer")
        try fixture.handle(.defineJobType(key, fieldsJSON: #"{"maxRetries":5}"#, Fixture.who))
        #expect(names().contains("job-types"))
        let again = try fixture.handle(
            .defineJobType(key, fieldsJSON: #"{"maxRetries":5}"#, Fixture.who))
        #expect(again.sequence == nil)
        var input = ConfigurationInput()
        input.jobTypes = ["transfer"]
        #expect(code { try fixture.handle(.applyConfiguration(input)) } == .conflict)
        fixture = try fixture.restarted(after: Fixture.minute)
        #expect(fixture.core.state.jobTypes[key]?.fieldsJSON == #"{"maxRetries":5}"#)
        try fixture.handle(.removeJobType(key, reason: "unused", Fixture.who))
        #expect(!names().contains("job-types"))
        #expect(
            code { try fixture.handle(.removeJobType(key, reason: "", Fixture.who)) } == .notFound)
    }
}

extension ProjectedState {
    /// The names of the projections in its digest.
    fileprivate var digestNames: [String] {
        var copy = self
        return copy.digest().projections.map(\.name)
    }
}
