import ArgumentParser
import Events
import Replay

/// `daybook availability`: how much of each month an engine worked.
struct AvailabilityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "availability",
        abstract: "Say how much of each month an engine worked, and how many runs were on time.",
        discussion: """
            Reads the log; needs no engine, changes nothing. Of a month it reads that month's \
            events and a day after it. The rules stand in docs/availability.md.

            EXAMPLE
              daybook availability --data data
              daybook availability --data data --month 2026-03 --job 834-nightly --json
            """)

    @OptionGroup var data: DataOption

    @Option(
        help: "The month, YYYY-MM, in UTC; default: every month of the log.",
        transform: { try UTCMonth(parsing: $0) })
    var month: UTCMonth?

    @Option(help: "Count only the runs of this job.")
    var job: String?

    @OptionGroup var json: JSONOption

    func run() async throws {
        let history = History(try data.open())
        var output = Output()
        if let month {
            let found = try history.availability(of: month, job: job)
            if json.isWanted {
                try output.json(found.json)
            } else {
                try Self.write([found], &output)
                try Self.write(found.outages, &output)
            }
        } else {
            var all: [Availability] = []
            for month in try history.months() {
                all.append(try history.availability(of: month, job: job))
            }
            if json.isWanted {
                let months = all.map(\.json).joined(separator: ",")
                try output.json("{\"months\":[\(months)]}")
            } else {
                try Self.write(all, &output)
            }
        }
        if !json.isWanted { EngineRemark.tell(history.folder.isEngineRunning) }
        try output.finish()
    }

    private static func write(
        _ months: [Availability], _ output: inout Output
    ) throws(CommandFailure) {
        var table = Table()
        table.add(
            "MONTH", "COVERED", "DOWN", "PLANNED", "UP %", "99.5", "99.99", "DUE", "ON TIME",
            "LATE",
            "MISSED", "SLA MISSED", "ON TIME %")
        for month in months {
            let goals = Availability.goals.map { goal in
                month.meets(goal).map { $0 ? "met" : "not met" } ?? "-"
            }
            let runs = month.runs
            table.add(
                month.month.description, seconds(month.coveredMicroseconds),
                seconds(month.downMicroseconds), seconds(month.plannedMicroseconds),
                month.percent ?? "-", goals[0], goals[1], String(runs.due), String(runs.onTime),
                String(runs.late), String(runs.missed + runs.coalesced), String(runs.slaMissed),
                month.onTimePercent ?? "-")
        }
        if months.isEmpty { try output.line("no months") } else { try output.table(table) }
    }

    private static func write(
        _ outages: [Outage], _ output: inout Output
    ) throws(CommandFailure) {
        if outages.isEmpty { return }
        var table = Table()
        table.add("DOWN FROM", "TO", "FOR", "CAUSE", "AFTER", "WHY")
        for outage in outages {
            table.add(
                UTCText.of(microseconds: outage.from), UTCText.of(microseconds: outage.to),
                seconds(outage.microseconds), outage.cause.rawValue,
                String(outage.lastSequence),
                outage.reason.isEmpty
                    ? outage.verdict.isEmpty ? "-" : "found \(outage.verdict)" : outage.reason)
        }
        try output.table(table)
    }

    private static func seconds(_ microseconds: Int64) -> String {
        "\(microseconds / 1_000_000) s"
    }
}
