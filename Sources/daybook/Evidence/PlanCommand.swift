import ArgumentParser
import Engine
import EventLog
import Events
import Replay
import Server
import Timetable

/// `daybook plan`: what applying a configuration would change.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what applying a configuration would change, and which runs.",
        discussion: """
            Compares the folder with the schedules, calendars, partners and blackouts that the log \
            has, field by field; then makes \
            two forecasts, without the change and with it, and shows where they differ, run by \
            run. Needs no engine, and changes nothing. Exit code 0: nothing changes; 1: something \
            does.

            EXAMPLE
              daybook plan --config config --data data --days 30
            """)

    @OptionGroup var folder: ConfigurationOption

    @OptionGroup var data: DataOption

    @Option(help: "How many days of 24 hours are compared, from 1 to \(ForecastOptions.daysMax).")
    var days = 14

    @Option(help: "How many runs to simulate each time, from 1 to \(ForecastLimit.max).")
    var limit = ForecastLimit.usual

    @Flag(name: .customLong("all"), help: "Give every run a line of its own.")
    var listsAll = false

    @OptionGroup var json: JSONOption

    func validate() throws { try ForecastLimit.check(days: days, runs: limit) }

    /// What applying would do.
    private struct Findings {
        let input: ConfigurationInput
        let plan: ConfigurationPlan
        /// Whether the settings that are recorded with a configuration are others, and nothing
        /// else is.
        let isOfSettings: Bool
        let before: Forecast
        let difference: ForecastDifference

        var isEmpty: Bool { plan.isEmpty && !isOfSettings && difference.isEmpty }
    }

    func run() async throws {
        let zones = try ZoneCatalog()
        let set = try folder.load(zones)
        let read = try PresentState.read(data.path, isQuiet: json.isWanted)
        let input = DaybookService.input(set)
        let plan = try ConfigurationPlan(input, read.state, zones)
        // The one place of the command that reads the clock.
        let now = LogSources.system.nowMicroseconds()
        var options = ForecastOptions(from: max(now, read.state.lastTime + 1), days: days)
        options.runsMax = limit
        var subject = ForecastSubject(
            state: read.state, zones: zones, settings: DaybookService.decisions(set.settings))
        subject.remarks = read.remarks
        let history = History(read.folder)
        var changed = subject
        changed.configuration = input
        let (before, after) = try ForecastMaking.pair(
            of: subject, and: changed, options, history: history)
        let digest = read.state.status.configurationDigest
        let findings = Findings(
            input: input, plan: plan, isOfSettings: plan.isEmpty && plan.digest != digest,
            before: before, difference: ForecastDifference(from: before, to: after))
        var output = Output()
        if json.isWanted {
            try output.json(Self.json(findings))
        } else {
            try write(findings, zones, &output)
        }
        try output.finish()
        if !json.isWanted { EngineRemark.tell(read.folder.isEngineRunning) }
        if let remark = before.remark ?? after.remark { ErrorOutput.line("daybook: \(remark)") }
        if !findings.isEmpty { throw ExitMapping.Answer.no.exitCode }
    }

    // MARK: for people

    private func write(
        _ findings: Findings, _ zones: ZoneCatalog, _ output: inout Output
    ) throws(CommandFailure) {
        try writePlan(findings, &output)
        let difference = findings.difference
        try output.line(
            "runs from \(UTCText.of(microseconds: findings.before.from)) to "
                + "\(UTCText.of(microseconds: difference.end)): "
                + "\(difference.onlyBefore.count) no longer, \(difference.onlyAfter.count) new, "
                + "\(difference.changed.count) otherwise, \(difference.unchangedCount) the same")
        let text = ForecastText(zones: zones, listsAll: listsAll)
        try output.table(Self.table(difference, text))
    }

    private func writePlan(
        _ findings: Findings, _ output: inout Output
    ) throws(CommandFailure) {
        let plan = findings.plan
        for place in plan.created {
            try output.line("+ schedule \(findings.input.definitions[place].jobId)")
        }
        for (place, changes) in plan.updated {
            try output.line("~ schedule \(findings.input.definitions[place].jobId)")
            for change in changes { try output.line(Self.line(change)) }
        }
        for key in plan.removed { try output.line("- schedule \(key.jobId)") }
        for (calendar, changes) in plan.calendars {
            try output.line("\(changes.isEmpty ? "+" : "~") calendar \(calendar.name)")
            for change in changes { try output.line(Self.line(change)) }
        }
        for name in plan.calendarsRemoved { try output.line("- calendar \(name)") }
        for (partner, changes) in plan.partners {
            try output.line("\(changes.isEmpty ? "+" : "~") partner \(partner.name)")
            for change in changes { try output.line(Self.line(change)) }
        }
        for name in plan.partnersRemoved { try output.line("- partner \(name)") }
        for (blackout, before) in plan.blackouts {
            try output.line("\(before == nil ? "+" : "~") blackout \(blackout.name)")
            for change in Self.changes(before, blackout) { try output.line(Self.line(change)) }
        }
        for name in plan.blackoutsLifted { try output.line("- blackout \(name)") }
        if findings.isOfSettings {
            try output.line("~ settings that are recorded with the configuration")
        }
        if plan.isEmpty && !findings.isOfSettings {
            try output.line("the configuration is the one in force")
        } else {
            try output.line("\(Words.count(plan.unchangedCount, "schedule")) unchanged")
        }
    }

    private static func changes(
        _ before: BlackoutDefinition?, _ after: BlackoutDefinition
    ) -> [FieldChange] {
        before.map { FieldChanges.between($0, after) } ?? []
    }

    private static func line(_ change: FieldChange) -> String {
        let before = change.before.isEmpty ? "nothing" : change.before
        let after = change.after.isEmpty ? "nothing" : change.after
        return "    \(change.field): \(before) -> \(after)"
    }

    /// The runs that differ, each with a mark before it, by scheduled time.
    private static func table(_ difference: ForecastDifference, _ text: ForecastText) -> Table {
        var lines: [(row: ForecastRow, cells: [String])] = []
        for line in text.lines(difference.onlyBefore) {
            lines.append((line.row, ["-", ForecastText.outcome(line.row), line.why]))
        }
        for line in text.lines(difference.onlyAfter) {
            lines.append((line.row, ["+", ForecastText.outcome(line.row), line.why]))
        }
        for change in difference.changed {
            let (before, after) = (change.before, change.after)
            let outcome =
                before.outcome == after.outcome
                ? after.outcome.rawValue : "\(before.outcome.rawValue) -> \(after.outcome.rawValue)"
            let what = change.fields.filter { $0 != "reason" && $0 != "outcome" }
            let fields = what.isEmpty ? "" : " (other: \(what.joined(separator: ", ")))"
            lines.append((after, ["~", outcome, after.reason + fields]))
        }
        lines.sort {
            if $0.row.scheduled != $1.row.scheduled { return $0.row.scheduled < $1.row.scheduled }
            return $0.row.jobId.utf8.lexicographicallyPrecedes($1.row.jobId.utf8)
        }
        var table = Table()
        for (row, cells) in lines {
            table.add(cells[0], row.scheduledLocal, row.jobId, cells[1], cells[2])
        }
        return table
    }

    // MARK: for programs

    private static func json(_ findings: Findings) -> String {
        let plan = findings.plan
        let definitions = findings.input.definitions
        var text = JSONText()
        text.member("created", json: names(plan.created.map { definitions[$0].jobId }))
        let updated = plan.updated.map { place, changes in
            var item = JSONText()
            item.member("jobId", text: definitions[place].jobId)
            item.member("changes", json: list(changes.map { JSONText.of($0) }))
            return item.object
        }
        text.member("updated", json: list(updated))
        text.member("removed", json: names(plan.removed.map(\.jobId)))
        text.member("unchanged", json: String(plan.unchangedCount))
        text.member("calendars", json: list(plan.calendars.map { json($0.0.name, $0.changes) }))
        text.member("calendarsRemoved", json: names(plan.calendarsRemoved))
        text.member("partners", json: list(plan.partners.map { json($0.0.name, $0.changes) }))
        text.member("partnersRemoved", json: names(plan.partnersRemoved))
        let blackouts = plan.blackouts.map { blackout, before in
            var item = JSONText()
            item.member("name", text: blackout.name)
            item.member("new", json: "\(before == nil)")
            item.member("changes", json: list(changes(before, blackout).map { JSONText.of($0) }))
            return item.object
        }
        text.member("blackouts", json: list(blackouts))
        text.member("blackoutsLifted", json: names(plan.blackoutsLifted))
        text.member("settingsChanged", json: "\(findings.isOfSettings)")
        text.member("from", text: UTCText.of(microseconds: findings.before.from))
        text.member(
            "assumptions", json: names(findings.before.assumptions))
        text.member("runs", json: findings.difference.json)
        return text.object
    }

    /// A calendar or a partner that is new, or says something else.
    private static func json(_ name: String, _ changes: [FieldChange]) -> String {
        var item = JSONText()
        item.member("name", text: name)
        item.member("new", json: "\(changes.isEmpty)")
        item.member("changes", json: list(changes.map { JSONText.of($0) }))
        return item.object
    }

    private static func names(_ texts: [String]) -> String { list(texts.map(JSONText.quoted)) }

    private static func list(_ items: [String]) -> String {
        "[" + items.joined(separator: ",") + "]"
    }
}
