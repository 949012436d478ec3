import ArgumentParser
import Replay

/// `daybook records`: run records from a log.
struct RecordsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records",
        abstract: "Print run records: a JSON line for each run or occurrence that ended.",
        discussion: """
            Makes the lines that a running engine writes to its file or sends to a collector \
            (setting runRecords), from the log alone; needs no engine, changes nothing. \
            docs/run-records.md says what a line holds. Give either sequences or times; the times \
            are those at which runs ended.

            EXAMPLE
              daybook records --data data --from 2026-03-28 --to 2026-03-28
              daybook records --data data --first 1042 --last 2000
            """)

    @OptionGroup var data: DataOption

    @Option(help: "The first sequence of a terminal event.")
    var first: UInt64?

    @Option(help: "The last sequence of a terminal event.")
    var last: UInt64?

    @Option(
        help: "The first moment, such as 2026-03-01 or 2026-03-29T03:00:00+02:00; dates are UTC.",
        transform: { try TimeArgument.moment($0, .first) })
    var from: Int64?

    @Option(
        help: "The last moment; a date means the end of that day in UTC.",
        transform: { try TimeArgument.moment($0, .last) })
    var to: Int64?

    @Flag(help: "Accepted as everywhere; the output is JSON lines in any case.")
    var json = false

    func validate() throws {
        if let first, let last, first > last {
            throw ValidationError("--first is after --last; exchange the two")
        }
        if let from, let to, from > to {
            throw ValidationError("--from is after --to; exchange the two")
        }
        if first != nil || last != nil, from != nil || to != nil {
            throw ValidationError("give sequences (--first, --last) or times (--from, --to)")
        }
    }

    func run() async throws {
        var range = RunRecords.Range()
        range.firstSequence = first
        range.lastSequence = last
        range.from = from
        range.to = to
        var output = Output()
        var failure: CommandFailure?
        let result = try RunRecords.run(try data.open(), range) { line in
            do throws(CommandFailure) { try output.json(line) } catch {
                failure = error
                return false
            }
            return output.isOpen
        }
        if let failure { throw failure }
        try output.finish()
        if !json { EngineRemark.tell(result.isEngineRunning) }
    }
}
