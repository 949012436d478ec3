import ArgumentParser
import Bench

/// `daybook bench control`: control numbers a second.
struct BenchControlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "control",
        abstract: "Measure control numbers a second, and a bare log's appends beside them.",
        discussion: """
            Each caller asks for one number, waits until it is durable, and asks for the next: one \
            number is one decision. The limit is what the log alone reaches with as many writers and \
            records of that size.

            EXAMPLE
              daybook bench control --callers 64 --counters 1 --json
            """)

    @Option(help: "Concurrent callers, from 1 to 4096.")
    var callers = 64

    @Option(help: "Calls that each caller has under way at once, from 1 to 64.")
    var depth = 1

    @Option(help: "Allocators, from 1 to 4096.")
    var counters = 1

    @Option(help: "How long to measure, up to 3600 seconds.")
    var seconds = 5.0

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1...4_096).contains(callers) {
            throw ValidationError("--callers is from 1 to 4096")
        }
        if !(1...64).contains(depth) { throw ValidationError("--depth is from 1 to 64") }
        if !(1...4_096).contains(counters) { throw ValidationError("--counters is from 1 to 4096") }
        // Written so that what is no number is refused as well.
        if !(seconds >= 0.01 && seconds <= 3_600) {
            throw ValidationError("--seconds is from 0.01 to 3600")
        }
    }

    func run() async throws {
        let progress = ProgressLine(isWanted: !json.isWanted)
        progress.show("measuring \(callers) callers for \(Words.decimal(seconds, places: 1)) s")
        let result: ControlBenchResult
        do {
            var plan = ControlBenchPlan()
            (plan.callers, plan.depth, plan.counters) = (callers, depth, counters)
            plan.seconds = seconds
            result = try await benchControl(plan, folder: folder.path)
        } catch {
            progress.clear()
            throw error
        }
        progress.clear()
        var output = Output()
        if json.isWanted {
            try output.json(try BenchJSON.text(result))
        } else {
            try output.table(Self.table(result))
        }
        try output.finish()
        if result.failures > 0 || result.wrongNumbers > 0 {
            throw CommandFailure.no(
                "\(result.failures) calls failed, and \(result.wrongNumbers) numbers are wrong")
        }
    }

    private static func table(_ result: ControlBenchResult) -> Table {
        var table = Table()
        table.add("numbers a second", Words.decimal(result.numbersPerSecond, places: 0))
        table.add("limit of the log", Words.decimal(result.limitPerSecond, places: 0))
        table.add("part of the limit", Words.decimal(result.ratio, places: 3))
        table.add("half within", "\(Words.decimal(result.p50Microseconds, places: 0)) µs")
        table.add("95 in 100 within", "\(Words.decimal(result.p95Microseconds, places: 0)) µs")
        table.add("99 in 100 within", "\(Words.decimal(result.p99Microseconds, places: 0)) µs")
        table.add("records a batch", Words.decimal(result.averageBatchRecords, places: 1))
        table.add("record bytes", String(result.recordByteCount))
        table.add("failures", String(result.failures))
        table.add("callers", String(result.callers))
        table.add("allocators", String(result.counters))
        table.add(
            "gap view",
            "\(Words.decimal(result.gapViewMilliseconds, places: 1)) ms for "
                + "\(result.gaps) gaps in \(result.gapNumbers) numbers")
        table.add("seconds", Words.decimal(result.seconds, places: 3))
        return table
    }
}
