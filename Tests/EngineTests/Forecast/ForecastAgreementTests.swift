import DaybookTestSupport
import Engine
import Events
import Projections
import Testing
import Timetable

/// A forecast of a month, and an engine that lives through that month, agree.
@Suite struct ForecastAgreementTests {
    typealias Fixture = CoreFixture
    /// 2026-03-05T00:00:00Z: until April 9 the clocks change in New York, Berlin and Lord Howe.
    static let from: Int64 = 1_772_668_800_000_000
    static let days = 35

    /// Seeds of every run.
    static let fixedSeeds: [UInt64] = [1, 2, 3]
    /// These, and one more: from the environment, or a new one.
    static let seeds =
        fixedSeeds + [TestSeed.fromEnvironment() ?? UInt64.random(in: 0...UInt64(UInt32.max))]

    /// Schedules of all kinds, some with clocks that run out, and how long their attempts take.
    private static func month(
        _ seed: UInt64, _ count: Int
    ) -> (input: ConfigurationInput, durations: [String: Int64]) {
        var random = SeededGenerator(seed: seed)
        var input = JobMix.make(count, using: &random)
        var durations: [String: Int64] = [:]
        for place in input.definitions.indices {
            // Up to forty minutes, so that runs overlap, wait, and miss their SLA.
            let seconds = Int64.random(in: 1...2_400, using: &random)
            durations[input.definitions[place].jobId] = seconds * 1_000_000
            switch Int.random(in: 0..<8, using: &random) {
            case 0: input.definitions[place].durationMinutesMax = 30
            case 1: input.definitions[place].slaMinutes = 20
            case 2: input.definitions[place].isEnabled = place % 2 == 0
            case 3: input.definitions[place].overlap = "allowAll"
            case 4 where place > 0:
                var dependency = Dependency()
                dependency.kind = "job"
                dependency.name = "job-\(Int.random(in: 0..<place, using: &random))"
                dependency.delayMinutesMax = 90
                input.definitions[place].dependencies.append(dependency)
            default: break
            }
        }
        return (input, durations)
    }

    /// The same with blackouts, rolls, jitter, exclusions, and triggers of all kinds.
    private static func fullMonth(
        _ seed: UInt64, _ count: Int
    ) -> (input: ConfigurationInput, durations: [String: Int64]) {
        var random = SeededGenerator(seed: seed &+ 1_000)
        let (plain, durations) = month(seed, count)
        var input = plain
        // Rolls need to know the days after the last one.
        input.calendars[0].validThrough = "2027-12-31"
        for place in input.definitions.indices {
            var job = input.definitions[place]
            switch Int.random(in: 0..<10, using: &random) {
            case 0: job.jitterSeconds = 600
            case 1:
                job.calendar = "standard-business"
                job.roll = place % 2 == 0 ? "following" : "modifiedPreceding"
            case 2:
                job.triggers = [
                    TriggerTests.trigger("rrule", "FREQ=DAILY;INTERVAL=2;BYHOUR=2,14") {
                        $0.start = "2026-03-01T02:30:00"
                    }
                ]
            case 3:
                (job.cadence, job.every) = ("", "")
                job.triggers = [TriggerTests.trigger("afterCompletion", "3h")]
            case 4:
                job.calendar = "standard-business"
                job.triggers = [TriggerTests.trigger("businessDay", "-1") { $0.time = "17:00" }]
            case 5:
                var days = ExclusionDefinition()
                (days.from, days.through) = ("2026-03-10", "2026-03-12")
                job.exclusions = [days]
            case 6: job.tags = ["edi"]
            default: break
            }
            input.definitions[place] = job
        }
        input.blackouts = blackouts
        return (input, durations)
    }

    private static var blackouts: [BlackoutDefinition] {
        func blackout(
            _ name: String, _ action: String, _ change: (inout BlackoutDefinition) -> Void
        ) -> BlackoutDefinition {
            var made = BlackoutDefinition()
            made.name = name
            made.reason = "\(name) is maintained"
            made.action = action
            made.source = "config"
            change(&made)
            return made
        }
        let hour: Int64 = 3_600_000_000
        return [
            blackout("warehouse", "defer") {
                $0.trigger = TriggerTests.trigger("cadence", "0 3 * * 6")
                $0.durationSeconds = 7_200
                $0.zone = "Europe/Berlin"
                $0.spreadSeconds = 900
            },
            blackout("freeze", "skip") {
                ($0.from, $0.until) = (from + 200 * hour, from + 209 * hour)
                $0.tags = ["edi"]
                $0.jobs = ["job-1", "job-2", "job-3"]
            },
            blackout("line", "deferCoalesced") {
                ($0.from, $0.until) = (from + 300 * hour, from + 306 * hour)
                $0.jobs = ["job-0", "job-10", "job-11", "job-20", "job-21"]
            },
        ]
    }

    private static func expect(
        _ row: ForecastRow, _ fate: LivedTime.Fate, _ comment: Comment
    ) {
        #expect(row.jobId == fate.jobId, comment)
        #expect(row.scheduled == fate.scheduled, comment)
        #expect(row.scheduledLocal == fate.local, comment)
        #expect(row.businessDate == fate.businessDate, comment)
        #expect(row.outcome.rawValue == fate.outcome, comment)
        #expect(row.occurrences == fate.count, comment)
        #expect(row.expectedStart == fate.start, comment)
        #expect(row.expectedEnd == fate.end, comment)
        #expect(Set(row.alerts.map(\.rawValue)) == fate.alerts, comment)
        for reason in fate.reasons {
            // A forecast does not know the numbers that runs will have.
            let reason = reason.replacing(/run \d+/, with: "a run to come")
            #expect(row.reason.contains(reason), "\(row.reason) lacks '\(reason)'; \(comment)")
        }
    }

    private static func ordered(_ fates: [LivedTime.Fate], to: Int64) -> [LivedTime.Fate] {
        fates.filter { $0.scheduled < to }.sorted {
            $0.scheduled != $1.scheduled
                ? $0.scheduled < $1.scheduled
                : $0.jobId.utf8.lexicographicallyPrecedes($1.jobId.utf8)
        }
    }

    /// Forecasts the time, lives through it, and compares the two.
    private static func compare(
        _ input: ConfigurationInput, _ durations: [String: Int64], _ comment: Comment
    ) throws -> Forecast {
        var subject = ForecastSubject(configuration: input, zones: try ZoneCatalog())
        // Few enough that runs wait for room now and then.
        subject.settings.activeRunsMax = 12
        subject.settings.digestInterval = 3_600_000_000
        let options = ForecastOptions(from: from, days: days)
        let forecast = try Forecast.make(of: subject, options) { durations[$0.jobId] }
        #expect(!forecast.isCutShort, comment)
        var lived = try LivedTime(
            input, from: from - 1, zones: subject.zones, settings: subject.settings
        ) { durations[$0.jobId] ?? 0 }
        try lived.live(until: options.to + 86_400_000_000)
        let fates = ordered(lived.fates, to: options.to)
        #expect(forecast.rows.count == fates.count, comment)
        for (row, fate) in zip(forecast.rows, fates) {
            expect(row, fate, "\(fate.jobId) \(fate.local); \(comment)")
            if row.jobId != fate.jobId || row.scheduled != fate.scheduled { break }
        }
        #expect(forecast.summary.load.concurrencyMax <= 12, comment)
        return forecast
    }

    @Test(
        "a month that is lived goes as it was foretold, occurrence by occurrence",
        arguments: seeds)
    func month(seed: UInt64) throws {
        let comment: Comment = "seed \(seed): set DAYBOOK_SEED=\(seed) to repeat it"
        let (input, durations) = Self.month(seed, 80)
        let forecast = try Self.compare(input, durations, comment)
        // That much was compared, of every kind.
        guard Self.fixedSeeds.contains(seed) else { return }
        let counts = forecast.summary.counts
        #expect(counts[.runs, default: 0] > 4_000, comment)
        for outcome in [ForecastRow.Outcome.held, .skipped, .fails] {
            #expect(counts[outcome, default: 0] > 20, "\(outcome); \(comment)")
        }
        #expect(forecast.summary.alertCounts[.sla, default: 0] > 0, comment)
    }

    @Test(
        "so does a month with blackouts, rolls, jitter, exclusions and triggers of all kinds",
        arguments: seeds)
    func fullMonth(seed: UInt64) throws {
        let comment: Comment = "seed \(seed): set DAYBOOK_SEED=\(seed) to repeat it"
        let (input, durations) = Self.fullMonth(seed, 80)
        let forecast = try Self.compare(input, durations, comment)
        guard Self.fixedSeeds.contains(seed) else { return }
        let counts = forecast.summary.counts
        #expect(counts[.moved, default: 0] > 20, comment)
        let reasons = Set(forecast.rows.map { String($0.reason.prefix(24)) })
        #expect(reasons.contains("it is skipped (blackout)"), comment)
        #expect(reasons.contains { $0.hasPrefix("it is moved here from ") }, comment)
        #expect(forecast.rows.contains { $0.reason.contains("it is put off (") }, comment)
        #expect(forecast.rows.contains { $0.reason.hasSuffix("after its scheduled time") }, comment)
    }

    @Test("where attempts take other times than foretold, only starts and ends differ")
    func otherDurations() throws {
        var (input, durations) = Self.month(7, 60)
        // What a run's duration decides for others: overlaps, and dependencies that come too late.
        for place in input.definitions.indices {
            input.definitions[place].overlap = "allowAll"
            for number in input.definitions[place].dependencies.indices {
                input.definitions[place].dependencies[number].delayMinutesMax = 24 * 60
            }
        }
        let subject = ForecastSubject(configuration: input, zones: try ZoneCatalog())
        let options = ForecastOptions(from: Self.from, days: Self.days)
        let forecast = try Forecast.make(of: subject, options) { durations[$0.jobId] }
        durations = durations.mapValues { $0 * 3 / 2 + 17_000_000 }
        var lived = try LivedTime(
            input, from: Self.from - 1, zones: subject.zones, settings: subject.settings
        ) { durations[$0.jobId] ?? 0 }
        try lived.live(until: options.to + 2 * 86_400_000_000)
        let fates = Self.ordered(lived.fates, to: options.to)
        #expect(forecast.rows.count == fates.count)
        var otherStarts = 0
        for (row, fate) in zip(forecast.rows, fates) {
            #expect(row.jobId == fate.jobId && row.scheduledLocal == fate.local)
            let isRun = row.outcome == .runs || row.outcome == .held
            let comment: Comment = "\(fate.jobId) \(fate.local)"
            #expect(isRun == ["runs", "held"].contains(fate.outcome), comment)
            if !isRun {
                #expect(row.outcome.rawValue == fate.outcome, comment)
                for reason in fate.reasons { #expect(row.reason.contains(reason)) }
            }
            if row.expectedStart != fate.start { otherStarts += 1 }
        }
        #expect(otherStarts > 0)
    }

    @Test("a forecast changes nothing of the state that it is given, and is the same again")
    func pure() throws {
        var fixture = try Fixture(now: Self.from)
        let (input, _) = Self.month(5, 40)
        try fixture.handle(.applyConfiguration(input))
        try fixture.advance(minutes: 36 * 60)
        var state = fixture.core.state
        let before = state.digest()
        #expect(state.openRuns.count > 0)
        let subject = ForecastSubject(state: state, zones: try ZoneCatalog())
        let options = ForecastOptions(from: fixture.now, days: 5)
        let first = try Forecast.make(of: subject, options)
        let second = try Forecast.make(of: subject, options)
        #expect(first.rows == second.rows)
        #expect(first.json == second.json)
        #expect(state.digest() == before)
        var given = subject.state
        #expect(given.digest() == before)
    }
}
