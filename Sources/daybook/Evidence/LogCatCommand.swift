import ArgumentParser
import Events
import Replay

/// `daybook log cat`: the records as JSON lines.
struct LogCatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Print records as JSON lines.",
        discussion: """
            A type that this build does not know is printed as such. A record that cannot be read \
            is printed as malformed, and the exit code is 1 then.

            EXAMPLE
              daybook log cat --data data --type run.failed --job 834-nightly
              daybook log cat --data data --from 1042 | head
            """)

    @OptionGroup var data: DataOption

    @Option(help: "The first sequence.")
    var from: UInt64?

    @Option(help: "The last sequence.")
    var to: UInt64?

    @Option(
        help: ArgumentHelp(
            "Only this type (run.started) or family (run); may be given several times.",
            valueName: "type"),
        transform: Self.types)
    var type: [Set<EventType>] = []

    @Option(help: "Only events that speak of this job.")
    var job: String?

    @Flag(help: "Accepted as everywhere; the output is JSON lines in any case.")
    var json = false

    func validate() throws {
        if let from, let to, from > to {
            throw ValidationError("--from is after --to; exchange the two")
        }
    }

    func run() async throws {
        var filter = LogCat.Filter()
        filter.from = from
        filter.to = to
        filter.types = type.reduce(into: []) { $0.formUnion($1) }
        filter.jobId = job
        var output = Output()
        var failure: CommandFailure?
        let result = try LogCat.run(try data.open(), filter) { line in
            do throws(CommandFailure) { try output.json(line) } catch {
                failure = error
                return false
            }
            return output.isOpen
        }
        if let failure { throw failure }
        try output.finish()
        if !json { EngineRemark.tell(result.isEngineRunning) }
        if result.malformed > 0 {
            throw CommandFailure.no(
                "\(Words.count(result.malformed, "record")) of \(data.path) cannot be read, though "
                    + "the checksums are right; look for \"type\":\"malformed\" in the output. "
                    + "Read the log with the version of daybook that wrote it.")
        }
    }

    private static func types(_ name: String) throws -> Set<EventType> {
        do throws(ReplayError) { return try LogCat.types(named: name) } catch {
            throw ValidationError(error.message)
        }
    }
}
