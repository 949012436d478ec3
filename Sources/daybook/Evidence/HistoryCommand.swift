import ArgumentParser
import Events
import Projections
import Replay

/// `daybook history`: past runs.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List past runs or events, newest first, or the whole life of one run or file.",
        discussion: """
            Reads the log by its indexes; needs no engine, changes nothing. A line without a run \
            number stands for occurrences that ended together without a run, such as those missed \
            while the engine was down. With --actor, --ticket or --key it lists events: everything \
            that one person did, or that was done under one change ticket.

            EXAMPLE
              daybook history --data data --job 834-nightly --from 2026-03-01 --status dead
              daybook history --data data --run 1042
              daybook history --data data --file 2088
              daybook history --data data --ticket CHG-77 --json
            """)

    @OptionGroup var data: DataOption

    @Option(help: "The job's id, for a job that was fanned out all elements; default: all jobs.")
    var job: String?

    @OptionGroup var one: ElementOption

    @Option(help: "Only runs of this customer's reference.")
    var reference: String?

    @Option(help: "The tenant.")
    var tenant = "default"

    @Option(
        help: "The first moment, such as 2026-03-01 or 2026-03-29T03:00:00+02:00; dates are UTC.",
        transform: { try TimeArgument.moment($0, .first) })
    var from: Int64?

    @Option(
        help: "The last moment; a date means the end of that day in UTC.",
        transform: { try TimeArgument.moment($0, .last) })
    var to: Int64?

    @Option(
        help:
            "What --from, --to and the order go by: scheduled, or event (the last event's time).",
        transform: Self.clock)
    var by = History.Clock.scheduled

    @Option(
        help: ArgumentHelp(
            "Only runs that stand so; may be given several times. One of \(Self.statusNames).",
            valueName: "status"),
        transform: Self.status)
    var status: [RunStatus] = []

    @Option(help: "How many to list, from 1 to \(Self.limitMax); \(Self.limitUsual) by default.")
    var limit: Int?

    @Option(help: "Where to go on: what the page before gave.")
    var cursor: String?

    @Option(help: "The whole life of this run, by its number.")
    var run: UInt64?

    @Option(
        help:
            "The whole life of an exchanged file: ours, a received one, an outcome or a duplicate."
    )
    var file: UInt64?

    @Option(help: "Every event that somebody caused, such as user:anna.")
    var actor: String?

    @Option(help: "Every event under this change ticket.")
    var ticket: String?

    @Option(
        help: ArgumentHelp(
            "Every event with this key of the indexes, such as alert:1042 or job:default/nightly.",
            valueName: "key"))
    var key: String?

    @OptionGroup var json: JSONOption

    /// A page is held in memory, at about a kilobyte a run.
    private static let limitMax = 100_000
    private static let limitUsual = 100
    private static let statusNames = RunStatus.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        if let limit, !(1...Self.limitMax).contains(limit) {
            throw ValidationError("--limit is from 1 to \(Self.limitMax)")
        }
        let keys = [actor, ticket, key].compactMap(\.self)
        let isLife = run != nil || file != nil
        if keys.count > 1 || isLife && !keys.isEmpty || run != nil && file != nil {
            throw ValidationError("give one of --run, --file, --actor, --ticket and --key")
        }
        if keys.contains("") {
            throw ValidationError("--actor, --ticket or --key is empty; say what to look for")
        }
        if reference == "" {
            throw ValidationError("--reference is empty; say what to look for")
        }
        let isOfRuns =
            job != nil || one.element != nil || !status.isEmpty || reference != nil
        if isLife && (isOfRuns || from != nil || to != nil || cursor != nil || limit != nil) {
            throw ValidationError(
                "--run and --file are a whole life; leave --job, --element, --reference, --from, "
                    + "--to, --status, --limit and --cursor out")
        }
        if !keys.isEmpty && isOfRuns {
            throw ValidationError(
                "--actor, --ticket and --key list events; leave --job, --element, --reference "
                    + "and --status out")
        }
        if let from, let to, from > to {
            throw ValidationError("--from is after --to; exchange the two")
        }
    }

    func run() async throws {
        let history = History(try data.open())
        var output = Output()
        if let run {
            let life = try history.life(of: run)
            if json.isWanted { try output.json(life.json) } else { try write(life, &output) }
        } else if let file {
            let life = try history.life(ofFile: file)
            if json.isWanted { try output.json(life.json) } else { try write(life, &output) }
        } else if let events {
            let page = try history.events(events)
            if json.isWanted { try output.json(page.json) } else { try write(page, &output) }
        } else {
            let page = try history.runs(query)
            if json.isWanted { try output.json(page.json) } else { try write(page, &output) }
        }
        try output.finish()
    }

    private var query: History.Query {
        var query = History.Query()
        query.jobId = job
        query.reference = reference
        query.element = one.element
        query.tenant = tenant
        query.from = from
        query.to = to
        query.clock = by
        query.statuses = Set(status)
        query.limit = limit ?? Self.limitUsual
        query.cursor = cursor
        return query
    }

    /// What to ask where events are wanted.
    private var events: History.EventQuery? {
        let wanted =
            actor.map(EventVocabulary.key(actor:)) ?? ticket.map(EventVocabulary.key(ticket:))
            ?? key
        guard let wanted else { return nil }
        var query = History.EventQuery(key: wanted)
        query.from = from
        query.to = to
        query.limit = limit ?? Self.limitUsual
        query.cursor = cursor
        return query
    }

    private func write(_ page: History.EventPage, _ output: inout Output) throws(CommandFailure) {
        var table = Table()
        table.add("SEQUENCE", "TIME", "EVENT", "BY", "TICKET")
        for event in page.events {
            let envelope = event.envelope
            table.add(
                String(envelope.sequence), UTCText.of(microseconds: envelope.time),
                event.type.name, envelope.actor, envelope.ticket.isEmpty ? "-" : envelope.ticket)
        }
        if page.events.isEmpty { try output.line("no events") } else { try output.table(table) }
        if let cursor = page.nextCursor { try output.line("more: --cursor \(cursor)") }
        EngineRemark.tell(page.isEngineRunning)
    }

    private func write(_ page: History.Page, _ output: inout Output) throws(CommandFailure) {
        var table = Table()
        table.add("RUN", "JOB", "SCHEDULED", "STATUS", "ENDED", "TRIES", "MS", "WHY")
        for run in page.runs {
            table.add(
                run.run.map { String($0) } ?? "(\(run.occurrences))", run.jobId,
                run.scheduledLocal, run.status.rawValue,
                run.endedAt == 0 ? "-" : UTCText.of(microseconds: run.endedAt),
                String(run.attempts), run.durationMilliseconds.map { String($0) } ?? "-",
                Self.why(run))
        }
        if page.runs.isEmpty { try output.line("no runs") } else { try output.table(table) }
        if let cursor = page.nextCursor { try output.line("more: --cursor \(cursor)") }
        EngineRemark.tell(page.isEngineRunning)
    }

    private static func why(_ run: RunSummary) -> String {
        let parts = run.status == .dead ? [run.failure] : [run.reason, run.detail]
        let text = parts.filter { !$0.isEmpty }.joined(separator: ": ")
        return text.isEmpty ? run.trigger : text
    }

    private func write(_ life: RunLife, _ output: inout Output) throws(CommandFailure) {
        let why = Why(life)
        try output.line(why.headline)
        var table = Table()
        for sentence in why.sentences {
            table.add(
                String(sentence.sequence), UTCText.of(microseconds: sentence.time), sentence.text)
        }
        try output.table(table)
        EngineRemark.tell(life.isEngineRunning)
    }

    private func write(_ life: FileLife, _ output: inout Output) throws(CommandFailure) {
        var table = Table()
        for sentence in life.sentences {
            table.add(
                String(sentence.sequence), UTCText.of(microseconds: sentence.time), sentence.text)
        }
        try output.table(table)
        EngineRemark.tell(life.isEngineRunning)
    }

    private static func clock(_ text: String) throws -> History.Clock {
        guard let clock = History.Clock(rawValue: text) else {
            throw ValidationError("it is scheduled or event")
        }
        return clock
    }

    private static func status(_ text: String) throws -> RunStatus {
        guard let status = RunStatus(rawValue: text) else {
            throw ValidationError("a status is one of \(statusNames)")
        }
        return status
    }
}
