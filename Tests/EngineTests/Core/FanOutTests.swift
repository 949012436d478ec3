import Engine
import Events
import Projections
import Testing
import Timetable

@Suite("fan-out: one schedule for many")
struct FanOutTests {
    /// The schedule of an element of `load`, each hour.
    static func element(
        _ name: String, _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) -> ScheduleDefinition {
        CoreFixture.job(ElementId(job: "load", element: name).text, cadence: "0 * * * *") { job in
            var rules = RunRules()
            rules.fanOutOf = "load"
            rules.element = name
            job.rules = rules
            change(&job)
        }
    }

    private func apply(_ fixture: inout CoreFixture, _ names: String...) throws {
        var input = ConfigurationInput()
        input.definitions = names.map { Self.element($0) }
        try fixture.handle(.applyConfiguration(input))
    }

    @Test("each element has a run of its own, by key, and one that fails disturbs no other")
    func runs() throws {
        var fixture = try CoreFixture()
        try apply(&fixture, "north", "south")
        try fixture.advance(minutes: 60)
        let due = fixture.all(RunDue.self)
        #expect(due.map(\.jobId) == ["load[north]", "load[south]"])
        #expect(due.map(\.fanOutKey) == ["north", "south"])
        let keys = fixture.all(RunDispatched.self).map(\.runKey)
        #expect(
            keys == [
                "default/load/2026-03-02T01:00:00+00:00/north/1",
                "default/load/2026-03-02T01:00:00+00:00/south/1",
            ])
        try fixture.finish(false)
        #expect(fixture.all(RunFailed.self).map(\.jobId) == ["load[south]"])
        let north = fixture.core.state.schedules[ScheduleKey("default", "load[north]")]
        #expect(north?.open == 1 && north?.lastDecided == due[0].scheduled)
    }

    @Test("adding, removing and disabling an element reschedules only it")
    func changes() throws {
        var fixture = try CoreFixture()
        try apply(&fixture, "north", "south")
        try fixture.finishAll(minutes: 90)
        fixture.forget()
        try apply(&fixture, "north", "south", "west")
        #expect(fixture.all(ScheduleCreated.self).map(\.jobId) == ["load[west]"])
        #expect(fixture.all(ScheduleUpdated.self).isEmpty)
        try apply(&fixture, "north", "west")
        #expect(fixture.all(ScheduleRemoved.self).map(\.jobId) == ["load[south]"])
        #expect(fixture.all(ScheduleUpdated.self).isEmpty)
        var input = ConfigurationInput()
        input.definitions = [
            Self.element("north") { $0.isEnabled = false }, Self.element("west"),
        ]
        try fixture.handle(.applyConfiguration(input))
        #expect(fixture.all(ScheduleUpdated.self).map(\.jobId) == ["load[north]"])
        fixture.forget()
        try fixture.finishAll(minutes: 60)
        #expect(fixture.all(RunDue.self).map(\.fanOutKey) == ["west"])
        // What was decided for an element stays decided when it comes back.
        try apply(&fixture, "north", "south", "west")
        fixture.forget()
        try fixture.finishAll(minutes: 60)
        #expect(fixture.all(RunDue.self).map(\.fanOutKey).sorted() == ["north", "south", "west"])
    }

    @Test("a restart repeats no element's run, and what was missed says for which element")
    func restart() throws {
        var fixture = try CoreFixture()
        try apply(&fixture, "north", "south")
        try fixture.finishAll(minutes: 61)
        var other = try fixture.restarted(after: 3 * 60 * CoreFixture.minute)
        try other.finishAll(minutes: 1)
        let due = other.all(RunDue.self)
        #expect(due.map(\.fanOutKey).sorted() == ["north", "south"])
        #expect(due.allSatisfy { $0.scheduledLocal == "2026-03-02T04:00:00+00:00" })
        let skipped = other.all(RunSkipped.self)
        #expect(Set(skipped.map(\.fanOutKey)) == ["north", "south"])
        #expect(skipped.allSatisfy { $0.count == 2 })
        var again = try other.restarted(after: CoreFixture.minute)
        try again.finishAll(minutes: 1)
        #expect(again.all(RunDue.self).isEmpty)
    }

    @Test("a schedule that was none before keeps what it decided, and the other way round")
    func decided() throws {
        var fixture = try CoreFixture()
        try fixture.apply(CoreFixture.job("load[north]", cadence: "0 * * * *"))
        try fixture.finishAll(minutes: 60)
        try apply(&fixture, "north")
        try fixture.finishAll(minutes: 60)
        let known = fixture.core.state.schedules[ScheduleKey("default", "load[north]")]
        #expect(known?.decided.count == 2)
        let due = fixture.all(RunDue.self)
        #expect(due.map(\.fanOutKey) == ["", "north"])
        #expect(known?.lastDecided == due.last?.scheduled)
        var other = try fixture.restarted(after: CoreFixture.minute)
        try other.finishAll(minutes: 1)
        #expect(other.all(RunDue.self).isEmpty)
    }

    @Test("pause, run-now and blackouts by the job's name meet the element's schedule")
    func acts() throws {
        var fixture = try CoreFixture()
        try apply(&fixture, "north", "south")
        let key = ScheduleKey("default", "load[north]")
        try fixture.handle(.pause(key, until: nil, reason: "x", CoreFixture.who))
        try fixture.advance(minutes: 60)
        #expect(
            fixture.all(RunSkipped.self).map(\.fanOutKey) == ["north"]
                && fixture.all(RunDispatched.self).map(\.jobId) == ["load[south]"])
        try fixture.finish(true)
        try fixture.handle(
            .runNow(key, scheduled: nil, reason: "x", CoreFixture.who, passesBlackouts: false))
        let manual = try #require(fixture.lastRequest)
        #expect(manual.element == "north" && manual.jobId == "load[north]")
        try fixture.finish(true)
        var blackout = BlackoutDefinition()
        blackout.name = "b"
        blackout.reason = "b"
        blackout.action = "skip"
        blackout.from = fixture.now
        blackout.jobs = ["load"]
        blackout.source = "config"
        var input = ConfigurationInput()
        input.definitions = [Self.element("north"), Self.element("south")]
        input.blackouts = [blackout]
        try fixture.handle(.applyConfiguration(input))
        fixture.forget()
        try fixture.advance(minutes: 60)
        #expect(fixture.all(RunDispatched.self).isEmpty)
        #expect(fixture.all(RunSkipped.self).map(\.fanOutKey).contains("south"))
    }

    @Test("folders and patterns are rendered with the run, and pinned with it")
    func places() throws {
        var fixture = try CoreFixture()
        var folder = FolderTemplate()
        folder.name = "out"
        folder.path = "teams/north/${scheduledDate}"
        var files = FileDiscovery()
        files.folder = "out"
        files.pattern = "${scheduledDate + 1 day:yyyyMMdd}_*.csv"
        try fixture.apply(
            Self.element("north") { job in
                job.allowsDateArithmetic = true
                job.parameters = [KeyValue("Team", "north")]
                job.rules?.folders = [folder]
                job.rules?.files = files
            })
        try fixture.advance(minutes: 60)
        let due = try #require(fixture.all(RunDue.self).first)
        #expect(
            due.parameters.map(\.name) == ["Team", "folder.out", "files.pattern"]
                && due.parameters.map(\.value)
                    == ["north", "teams/north/2026-03-02", "20260303_*.csv"]
        )
        let request = try #require(fixture.lastRequest)
        #expect(request.parameters == [KeyValue("Team", "north")])
        #expect(
            request.folders
                == [WorkFolder(name: "out", path: "teams/north/2026-03-02", isDated: true)])
        #expect(request.files?.pattern == "20260303_*.csv")
    }

    @Test("a run without input fails, is tried again, or is skipped, as the definition says")
    func noInput() throws {
        for onNone in ["", "skip"] {
            var fixture = try CoreFixture()
            var files = FileDiscovery()
            files.onNone = onNone
            try fixture.apply(Self.element("north") { $0.rules?.files = files })
            try fixture.advance(minutes: 60)
            let request = try #require(fixture.lastRequest)
            var result = AttemptResult()
            result.failureClass = FileDiscovery.failureClass
            result.isDefinite = true
            result.message = "0 files"
            try fixture.handle(.ended(run: request.run, attempt: 1, result))
            let skipped = fixture.all(RunSkipped.self)
            if onNone == "skip" {
                #expect(skipped.map(\.reason) == ["noInput"] && skipped[0].fanOutKey == "north")
                #expect(fixture.core.state.openRuns.count == 0)
            } else {
                #expect(fixture.all(RunFailed.self).map(\.failureClass) == ["noInput"])
                #expect(fixture.all(RunRetryScheduled.self).count == 1 && skipped.isEmpty)
            }
            #expect(fixture.core.indexCounts["activeRuns"] == 0)
            let other = try fixture.restarted(after: 1)
            #expect(other.all(RunDue.self).isEmpty)
        }
    }

    @Test("what an earlier attempt may have taken does not make a run a skipped one")
    func noInputLater() throws {
        var fixture = try CoreFixture()
        var files = FileDiscovery()
        files.onNone = "skip"
        try fixture.apply(Self.element("north") { $0.rules?.files = files })
        try fixture.advance(minutes: 60)
        try fixture.finish(false)
        try fixture.advance(minutes: 6)
        let request = try #require(fixture.lastRequest)
        #expect(request.attempt == 2)
        var result = AttemptResult()
        result.failureClass = FileDiscovery.failureClass
        result.isDefinite = true
        try fixture.handle(.ended(run: request.run, attempt: 2, result))
        #expect(fixture.all(RunSkipped.self).isEmpty)
        #expect(fixture.all(RunFailed.self).map(\.failureClass) == ["exit", "noInput"])
    }
}
