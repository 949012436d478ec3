import DaybookConfiguration
import Events
import Foundation
import Testing
import Timetable

/// What a schedule's file says of times, and blackouts.
@Suite struct TimesTests {
    private static let calendar = """
        {"weekend": ["SAT", "SUN"], "validThrough": "2030-12-31", "holidays": ["2026-12-25"]}
        """

    private func load(
        _ jobs: String, settings: String = "{}", blackouts: String? = nil
    ) throws -> LoadResult {
        let folder = try TemporaryFolder.with(jobs: jobs)
        try folder.write("daybook.yaml", settings)
        try folder.write("schedules/calendars/bank.json", Self.calendar)
        if let blackouts { try folder.write("schedules/blackouts.yaml", blackouts) }
        return try folder.load()
    }

    @Test("every kind of trigger is read, in a schedule and in a list; the short forms stay short")
    func kinds() throws {
        let result = try load(
            """
            jobs:
              - { jobId: a, cadence: "0 1 * * *", targetPipeline: run }
              - { jobId: b, cadence: "5 0 1 * * *", seconds: true, onGap: skip, targetPipeline: run }
              - { jobId: c, rrule: FREQ=DAILY, start: "2026-01-01T09:00:00", exdates: ["2026-01-02"],
                  targetPipeline: run }
              - { jobId: d, afterCompletion: 10m, targetPipeline: run }
              - { jobId: e, at: "2026-12-01T10:00:00", targetPipeline: run }
              - { jobId: f, businessDay: -1, time: "17:00", calendar: bank, targetPipeline: run }
              - { jobId: g, every: 90m, start: "2026-01-01T00:00:00+01:00", targetPipeline: run }
              - jobId: h
                timeZone: Europe/Berlin
                calendar: bank
                roll: modifiedFollowing
                triggers: [ { cadence: "0 9 * * *" }, { every: 1h } ]
                exclude: [ { date: "2026-05-01" }, { from: "2026-12-24", through: "2026-12-26" },
                           { cadence: "0 9 1 * *" } ]
                startsAt: "2026-03-01"
                endsAt: "2026-03-31"
                maxRuns: 9
                jitter: 5m
                catchUp: all
                catchUpMax: 7
                catchUpSpread: 1m
                grace: 20m
                targetPipeline: run
            """)
        #expect(result.errors == [])
        #expect(result.job("a")?.cadence == "0 1 * * *" && result.job("a")?.triggers == [])
        #expect(result.job("b")?.triggers.first?.hasSeconds == true)
        #expect(result.job("b")?.triggers.first?.onGap == "skip")
        #expect(result.job("c")?.triggers.first?.excluded == ["2026-01-02"])
        #expect(result.job("d")?.triggers.first?.text == "10m")
        #expect(result.job("e")?.triggers.first?.kind == "at")
        #expect(result.job("f")?.triggers.first?.text == "-1")
        #expect(result.job("g")?.triggers.first?.text == "90m")
        let whole = try #require(result.job("h"))
        #expect(whole.triggers.map(\.kind) == ["cadence", "every"])
        #expect(whole.exclusions.map(\.from) == ["2026-05-01", "2026-12-24", ""])
        #expect(whole.exclusions.last?.trigger?.text == "0 9 1 * *")
        #expect(whole.roll == "modifiedFollowing" && whole.runsMax == 9)
        #expect(whole.startsAt == (try Instant(parsing: "2026-03-01T00:00:00+01:00")).microseconds)
        // The whole last day belongs to it, and the clocks have changed meanwhile.
        #expect(
            whole.endsAt == (try Instant(parsing: "2026-04-01T00:00:00+02:00")).microseconds - 1)
        #expect(whole.jitterSeconds == 300 && whole.catchUp == "all")
        #expect(whole.misfire?.graceSeconds == 1_200 && whole.misfire?.runsMax == 7)
        #expect(whole.misfire?.spreadSeconds == 60)
    }

    @Test(
        "what cannot be is an error with its place",
        arguments: [
            ("cadence: \"0 1 * * *\", every: 5m", "jobs[0].every"),
            ("rrule: FREQ=DAILY", "jobs[0].rrule"),
            ("rrule: FREQ=NEVER, start: \"2026-01-01T00:00:00\"", "jobs[0].rrule"),
            ("rrule: FREQ=DAILY, start: soon", "jobs[0].rrule"),
            ("every: 5m, seconds: true", "jobs[0].seconds"),
            ("at: \"2026-13-01\"", "jobs[0].at"),
            ("businessDay: 1, time: \"09:00\"", "jobs[0].businessDay"),
            ("businessDay: 0, time: \"09:00\", calendar: bank", "jobs[0].businessDay"),
            ("businessDay: 1, time: \"9\", calendar: bank", "jobs[0].time"),
            ("triggers: []", "jobs[0].triggers"),
            ("triggers: [{ cadence: \"* * * *\" }]", "jobs[0].triggers[0].cadence"),
            ("triggers: [{ every: 5m }], every: 5m", "jobs[0].every"),
            ("every: 5m, exclude: [{ from: \"2026-01-02\" }]", "jobs[0].exclude[0]"),
            ("every: 5m, startsAt: \"2026-02-01\", endsAt: \"2026-01-01\"", "jobs[0].endsAt"),
            ("every: 5m, roll: following", "jobs[0].roll"),
            ("every: 5m, catchUpMax: 3", "jobs[0].catchUpMax"),
            ("every: 5m, onGap: jump", "jobs[0].onGap"),
        ])
    func refused(_ fields: String, _ field: String) throws {
        let result = try load("jobs:\n  - { jobId: a, \(fields), targetPipeline: run }\n")
        #expect(result.set == nil)
        let errors = result.problems.filter { $0.severity == .error }
        #expect(errors.first?.field == field, "\(errors.map(\.description))")
        #expect(errors.first?.line == 2)
    }

    @Test("dates are reckoned only where the switch is on, business days only with a calendar")
    func arithmetic() throws {
        let jobs = """
            jobs:
              - { jobId: a, every: 1d, calendar: bank, targetPipeline: run,
                  parameters: { d: "${scheduledDate + 1 business day}" } }
              - { jobId: b, every: 1d, targetPipeline: run, parameters: { d: "${scheduledDate}" } }
            """
        #expect(try load(jobs).errors.count == 1)
        let on = try load(jobs, settings: "dateArithmetic: on")
        #expect(on.errors == [])
        #expect(on.job("a")?.allowsDateArithmetic == true)
        #expect(on.job("b")?.allowsDateArithmetic == false)
        let bare = try load(
            jobs.replacingOccurrences(of: "calendar: bank, ", with: ""),
            settings: "dateArithmetic: on")
        #expect(bare.errors.count == 1)
        #expect(bare.errors.first?.contains("no calendar") == true)
        let unknown = try load(
            jobs.replacingOccurrences(of: "business day", with: "blue moon"),
            settings: "dateArithmetic: on")
        #expect(unknown.problems.first?.field == "jobs[0].parameters.d")
    }

    @Test("an overlay's trigger takes the place of the base's, with what belongs to it")
    func overlay() throws {
        let folder = try TemporaryFolder.with(
            jobs: """
                jobs:
                  - { jobId: a, rrule: FREQ=DAILY, start: "2026-01-01T09:00:00", targetPipeline: run }
                  - { jobId: b, rrule: FREQ=DAILY, start: "2026-01-01T09:00:00", targetPipeline: run }
                """)
        try folder.write(
            "environments/dev/schedules/dev.yaml",
            """
            overrides:
              - { jobId: a, every: 2m }
              - { jobId: b, start: "2026-02-01T09:00:00" }
            """)
        let result = try folder.load(environment: "dev")
        #expect(result.errors == [])
        #expect(result.job("a")?.every == "2m" && result.job("a")?.triggers == [])
        #expect(result.job("b")?.triggers.first?.start == "2026-02-01T09:00:00")
    }

    @Test("blackouts are read, once and recurring, and names that nobody has are warnings")
    func blackouts() throws {
        let jobs = "jobs:\n  - { jobId: nightly, every: 1d, targetPipeline: run }\n"
        let result = try load(
            jobs,
            blackouts: """
                blackouts:
                  - name: freeze
                    reason: month end
                    from: 2026-12-31T18:00:00
                    until: 2027-01-01T06:00:00
                    timeZone: Europe/Berlin
                    action: deferCoalesced
                    jobs: [nightly, nihgtly]
                    spread: 10m
                  - { name: patch, reason: patching, cadence: "0 2 * * SUN", duration: 2h }
                """)
        #expect(result.errors == [])
        #expect(result.places.contains { $0.hasSuffix("warning: blackouts[0].jobs") })
        let blackouts = try #require(result.set).blackouts
        #expect(blackouts.map(\.name) == ["freeze", "patch"])
        #expect(blackouts[0].until - blackouts[0].from == 12 * 3_600_000_000)
        #expect(blackouts[0].spreadSeconds == 600 && blackouts[0].source == "config")
        #expect(blackouts[1].trigger?.text == "0 2 * * SUN")
        #expect(blackouts[1].durationSeconds == 7_200 && blackouts[1].action == "defer")
    }

    @Test(
        "a blackout that cannot be is an error with its place",
        arguments: [
            ("reason: x", "blackouts[0]"),
            (
                "reason: x, from: 2026-01-02T00:00:00, until: 2026-01-01T00:00:00",
                "blackouts[0].until"
            ),
            ("reason: x, cadence: \"0 2 * * *\"", "blackouts[0].duration"),
            ("reason: x, cadence: \"0 2 * * *\", duration: 90d", "blackouts[0].duration"),
            ("reason: x, cadence: \"0 2 * *\", duration: 1h", "blackouts[0].cadence"),
            ("from: 2026-01-01T00:00:00, until: 2026-01-02T00:00:00", "blackouts[0].reason"),
            ("reason: x, from: 2026-01-01, until: 2026-01-02, action: stop", "blackouts[0].action"),
        ])
    func refusedBlackout(_ fields: String, _ field: String) throws {
        let result = try load(
            "jobs: []\n", blackouts: "blackouts:\n  - { name: a, \(fields) }\n")
        #expect(result.set == nil)
        #expect(
            result.problems.first { $0.severity == .error }?.field == field,
            "\(result.problems.map(\.description))")
    }
}
