import ArgumentParser
import Engine
import EventLog
import Events
import Projections
import Replay
import Server
import Timetable

/// `daybook forecast`: every run that will happen, be held or not happen.
struct ForecastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "List every run that will happen, be held, moved or not happen, and why.",
        discussion: """
            The engine's own core lives through the days to come under a virtual clock: what it \
            decides is what an engine will decide. Needs no engine, and changes nothing. With \
            --data it starts from the state of that log, and attempts take as long as the last \
            successes did. A job's runs of one day that are merely on time share a line where they \
            are more than \(ForecastText.runsListedMax).

            EXAMPLE
              daybook forecast --config config --data data --days 30
              daybook forecast --config config --from 2026-03-28 --job 834-nightly --json
            """)

    @OptionGroup var folder: ConfigurationOption

    @Option(help: "The data folder whose state and history count; nothing in it is changed.")
    var data: String?

    @Option(help: "How many days of 24 hours, from 1 to \(ForecastOptions.daysMax).")
    var days = 7

    @Option(
        help: ArgumentHelp(
            "The first moment, such as 2026-03-29T03:00:00+02:00; a date is UTC. (default: now)",
            valueName: "time"),
        transform: { try TimeArgument.moment($0, .first) })
    var from: Int64?

    @Option(help: ArgumentHelp("Only this job; the load is still that of all.", valueName: "id"))
    var job: String?

    @Option(
        help: ArgumentHelp(
            "What external dependencies answer: ready or wait.", valueName: "answer"),
        transform: Self.answer)
    var external = ForecastOptions.ExternalAnswer.ready

    @Option(help: "How many runs to simulate, from 1 to \(ForecastLimit.max).")
    var limit = ForecastLimit.usual

    @Flag(name: .customLong("all"), help: "Give every run a line of its own.")
    var listsAll = false

    @OptionGroup var json: JSONOption

    func validate() throws {
        try ForecastLimit.check(days: days, runs: limit)
        if let data { try DataOption.check(data) }
        if job?.isEmpty == true { throw ValidationError("--job is empty; give a job's id") }
    }

    func run() async throws {
        let zones = try ZoneCatalog()
        let set = try folder.load(zones)
        // The one place of the command that reads the clock.
        let now = LogSources.system.nowMicroseconds()
        var options = ForecastOptions(from: from ?? now, days: days)
        options.runsMax = limit
        options.job = job.map { ScheduleKey("default", $0) }
        options.externalAnswer = external
        var subject = ForecastSubject(
            configuration: DaybookService.input(set), zones: zones,
            settings: DaybookService.decisions(set.settings))
        var history: History?
        if let data {
            let read = try PresentState.read(data, isQuiet: json.isWanted)
            subject.state = read.state
            subject.remarks = read.remarks
            history = History(read.folder)
            if let from, from < read.state.lastTime {
                throw CommandFailure.misuse(
                    "--from: the log in \(data) goes on to "
                        + "\(UTCText.of(microseconds: read.state.lastTime)), and a forecast begins "
                        + "after it. Give a later moment, or leave --data out.")
            }
            options.start = min(options.start, now - 1)
        }
        let forecast = try ForecastMaking.make(of: subject, options, history: history)
        var output = Output()
        if json.isWanted {
            try forecast.forEachJSONPart { part throws(CommandFailure) in
                try output.jsonPart(part)
            }
            try output.line()
        } else {
            try write(forecast, zones, &output)
        }
        try output.finish()
        if let remark = forecast.remark { ErrorOutput.line("daybook: \(remark)") }
    }

    private func write(
        _ forecast: Forecast, _ zones: ZoneCatalog, _ output: inout Output
    ) throws(CommandFailure) {
        let text = ForecastText(zones: zones, listsAll: listsAll)
        for sentence in forecast.assumptions { try output.line("-- \(sentence)") }
        if !forecast.rows.isEmpty { try output.table(text.table(forecast.rows)) }
        for line in text.summary(forecast.summary) { try output.line(line) }
    }

    private static func answer(_ text: String) throws -> ForecastOptions.ExternalAnswer {
        guard let answer = ForecastOptions.ExternalAnswer(rawValue: text.uppercased()) else {
            throw ValidationError("it is ready or wait")
        }
        return answer
    }
}

/// Bounds that both commands have.
enum ForecastLimit {
    /// How many runs are simulated where nothing is said.
    static let usual = 250_000
    /// How many are simulated at the most: some 500 MB.
    static let max = 1_000_000

    static func check(days: Int, runs: Int) throws {
        if !(1...ForecastOptions.daysMax).contains(days) {
            throw ValidationError("--days is from 1 to \(ForecastOptions.daysMax)")
        }
        if !(1...max).contains(runs) { throw ValidationError("--limit is from 1 to \(max)") }
    }
}

/// The state at the end of a log.
struct PresentState {
    /// The log.
    let folder: DataFolder
    /// The state.
    let state: ProjectedState

    /// What is to be said of it.
    var remarks: [String] {
        folder.isEngineRunning
            ? ["An engine is running: what its log does not prove durable yet was not read."] : []
    }

    /// Rebuilds it from the newest good snapshot and what follows it.
    ///
    /// Says on standard error what was wrong with snapshots.
    static func read(_ path: String, isQuiet: Bool) throws -> PresentState {
        let folder = try DataFolder.onThisMachine(path)
        var options = Replayer.Options()
        options.start = .snapshot
        let progress = ProgressLine(isWanted: !isQuiet)
        progress.show("reading \(path)")
        defer { progress.clear() }
        let result = try Replayer(folder, options).run()
        progress.clear()
        if !isQuiet {
            for unusable in result.unusableSnapshots { ErrorOutput.line("daybook: \(unusable)") }
        }
        return PresentState(folder: folder, state: result.state)
    }
}
