import ArgumentParser
import Replay

/// `daybook export`: the immutable summary of a day.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the immutable summary of a day.",
        discussion: """
            Writes metadata/scheduler/YYYY/MM/DD/ with runs.jsonl, summary.json and manifest.json. \
            The same log gives the same bytes: where they are there already nothing changes, and \
            other bytes are never overwritten (exit code 1). A day is over when the log holds an \
            event after it.

            EXAMPLE
              daybook export --data data --day 2026-03-29 --out audit
            """)

    @OptionGroup var data: DataOption

    @Option(help: "The day in UTC, as YYYY-MM-DD.", transform: Self.day)
    var day: UTCDay

    @Option(help: "The folder to write to; made where it is missing.")
    var out: String

    @Flag(help: "Write a day that is not over to DD.incomplete-SEQUENCE/.")
    var allowOpenDay = false

    @OptionGroup var json: JSONOption

    func validate() throws {
        if out.isEmpty { throw ValidationError("--out is empty; give the folder to write to") }
    }

    func run() async throws {
        let result = try Exporter(try data.open(), out: out)
            .export(day: day, allowOpenDay: allowOpenDay)
        var output = Output()
        if json.isWanted {
            try output.json(result.json)
        } else {
            try output.line(result.folder + (result.isComplete ? "" : "  (the day is not over)"))
            var table = Table()
            for file in result.files {
                table.add(
                    file.sha256, String(file.byteCount), file.name,
                    file.wasThere ? "(was there)" : "")
            }
            try output.table(table)
            EngineRemark.tell(result.isEngineRunning)
        }
        try output.finish()
    }

    private static func day(_ text: String) throws -> UTCDay {
        do throws(ReplayError) { return try UTCDay(parsing: text) } catch {
            throw ValidationError(error.message)
        }
    }
}
