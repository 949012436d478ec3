import ArgumentParser
import DaybookConfiguration
import Engine
import EventLog
import Events
import Timetable

/// `daybook next`: when a schedule fires.
struct NextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Show when an expression, a rule, an interval or a job fires next.",
        discussion: """
            First what it means in words, then local times with their offsets, and UTC. Changes \
            of the clock between two lines are marked. Of a job rolls and jitter are shown; days \
            that its calendar skips, blackouts and dependencies are what forecast is for.

            EXAMPLE
              daybook next '30 2 * * *' --tz Europe/Berlin --after 2026-03-28 --count 3
              daybook next --rrule 'FREQ=MONTHLY;BYDAY=-1FR' --start 20260101T090000
              daybook next --business-day -1 --time 17:00 --calendar holidays.ics
            """)

    @Argument(help: "Five cron fields in quotes, or a nickname such as @daily.")
    var expression: String?

    @OptionGroup var triggers: NextTriggerOptions

    @Option(help: "A job of a configuration instead; its zone applies.")
    var job: String?

    @Option(help: "The configuration's folder, for --job.")
    var config: String?

    @Option(help: "The environment whose overlay applies, for --job.")
    var environment: String?

    @Option(name: .customLong("tz"), help: "The zone, an IANA name. (default: UTC)")
    var zone: String?

    @Option(
        help: """
            List what comes strictly after this moment, such as 2026-03-29T01:00:00Z; without an \
            offset, in the zone. (default: now; for --rrule, from its start on)
            """)
    var after: String?

    @Option(help: "How many, from 1 to \(NextReport.countMax).")
    var count = 10

    @OptionGroup var json: JSONOption

    func validate() throws {
        if [expression, job].count(where: { $0 != nil }) + triggers.count != 1 {
            throw ValidationError(
                "give one of these: an expression in quotes, --every, --at, --rrule with --start, "
                    + "--business-day with --time, or --job with --config")
        }
        if expression == nil && triggers.seconds {
            throw ValidationError("--seconds goes with an expression in quotes")
        }
        if expression == nil && triggers.rrule == nil && triggers.hasClockRules {
            throw ValidationError(
                "--on-gap and --on-overlap go with an expression in quotes, or with --rrule")
        }
        if (job == nil) != (config == nil) || (job == nil && environment != nil) {
            throw ValidationError("--job needs --config, and --config and --environment need --job")
        }
        if job != nil && zone != nil {
            throw ValidationError("--tz does not go with --job; the job's own zone applies")
        }
        if !(1...NextReport.countMax).contains(count) {
            throw ValidationError("--count is from 1 to \(NextReport.countMax)")
        }
    }

    func run() async throws {
        let zones = try ZoneCatalog()
        let (set, zone) = try subject(zones)
        let report = NextReport(set: set, zone: zone, after: try start(set, zone), count: count)
        var output = Output()
        if json.isWanted {
            try output.json(Self.json(report))
        } else {
            for line in set.explained(in: zone) { try output.line("-- " + line) }
            try Self.write(report, zone, &output)
            if report.instants.count < count {
                try output.line(Self.end(of: set))
            }
        }
        try output.finish()
    }

    /// Why there are fewer than were asked for.
    private static func end(of set: TriggerSet) -> String {
        if set.followsCompletion { return "-- what comes next follows the end of a run" }
        let isBound = set.runsMax != nil || set.endsAt != nil
        return isBound
            ? "-- no more: its bounds are reached" : "-- no more until the end of the year 9999"
    }

    /// The moment to start from; the one place of the command that reads the clock.
    private func start(_ set: TriggerSet, _ zone: Zone) throws -> Instant {
        guard let after else {
            if job == nil, case .recurrence(let recurrence) = set.triggers.first {
                return recurrence.eve(in: zone)
            }
            return Instant(microseconds: LogSources.system.nowMicroseconds())
        }
        do {
            return try TimeArgument.instant(after, in: zone)
        } catch {
            throw CommandFailure.misuse("--after: \(error)")
        }
    }

    private func subject(_ zones: ZoneCatalog) throws -> (TriggerSet, Zone) {
        if let job { return try configured(job, zones) }
        let zone: Zone
        do throws(TimetableError) { zone = try zones.zone(self.zone ?? "UTC") } catch {
            throw CommandFailure.misuse("--tz: \(error.message)")
        }
        let trigger = try triggers.trigger(expression: expression ?? "", in: zone, zones)
        return (TriggerSet([trigger]), zone)
    }

    private func configured(_ job: String, _ zones: ZoneCatalog) throws -> (TriggerSet, Zone) {
        let folder = config ?? ""
        let set = try ConfigurationOption.load(folder, environment, zones)
        guard let found = set.definitions.first(where: { $0.jobId == job }) else {
            throw CommandFailure.no(
                "there is no job '\(job)' in \(folder), which has "
                    + "\(Words.count(set.definitions.count, "job")). Look into "
                    + "\(folder)/schedules for its jobId.")
        }
        let calendar = set.calendars.first { $0.name == found.calendar }
        let times = try ScheduleTimes(found, zones: zones, calendar: calendar)
        return (times.triggers, times.zone)
    }

    private static func json(_ report: NextReport) -> String {
        let instants = report.instants.map { entry in
            var text = JSONText()
            text.member("utc", text: entry.utc)
            text.member("local", text: entry.local)
            if entry.start != entry.occurrence.instant {
                text.member("start", text: ISO8601.utc(entry.start))
            }
            return text.object
        }
        var text = JSONText()
        text.member("zone", text: report.zone)
        text.member("instants", json: "[" + instants.joined(separator: ",") + "]")
        return text.object
    }

    private static func write(
        _ report: NextReport, _ zone: Zone, _ output: inout Output
    ) throws(CommandFailure) {
        for entry in report.instants where output.isOpen {
            for change in entry.clockChanges {
                let direction = change.offsetAfter > change.offsetBefore ? "forward" : "back"
                try output.line(
                    "-- clocks go \(direction) at \(zone.string(change.instant)): from "
                        + "\(Words.offset(change.offsetBefore)) to "
                        + Words.offset(change.offsetAfter))
            }
            let occurrence = entry.occurrence
            let note =
                occurrence.isGapEnd
                ? "  (for the times that the clock change leaves out)"
                : occurrence.fold == 1 ? "  (the second time on the clock)" : ""
            try output.line("\(entry.local)  \(entry.utc)\(note)")
        }
    }
}
