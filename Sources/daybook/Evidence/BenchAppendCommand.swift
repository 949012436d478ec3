import ArgumentParser
import Bench
import EventLog
import Foundation

/// `daybook bench append`: durable events a second.
struct BenchAppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Measure durable appends, and the limit of the disk beside them.",
        discussion: """
            Each writer appends one decision and waits until it is durable; one of several records \
            is appended while three before it are under way. The limit is what a bare loop of \
            writes and syncs of the same average size reaches, before and after.

            EXAMPLE
              daybook bench append --writers 64 --record-bytes 200 --seconds 5 --json
            """)

    @Option(help: "Concurrent writers, from 1 to \(Self.writersMax).")
    var writers = 64

    @Option(help: "The size of a record, from 1 to 65535 bytes.")
    var recordBytes = 200

    @Option(help: "Records in a decision, from 1 to 4096.")
    var batch = 1

    @Flag(help: "One caller that writes on its own thread, as a program with one thread would.")
    var direct = false

    @Option(help: "How long to measure, up to 3600 seconds.")
    var seconds = 5.0

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    /// Each is a task with a histogram of its own.
    private static let writersMax = 4_096

    func validate() throws {
        if !(1...Self.writersMax).contains(writers) {
            throw ValidationError("--writers is from 1 to \(Self.writersMax)")
        }
        if !(1...65_535).contains(recordBytes) {
            throw ValidationError("--record-bytes is from 1 to 65535")
        }
        if !(1...4_096).contains(batch) { throw ValidationError("--batch is from 1 to 4096") }
        if batch * (recordBytes + 3) > LogConfiguration().decisionByteCountMax {
            throw ValidationError("--batch of such records is more than one decision may have")
        }
        if direct && writers != 1 { throw ValidationError("--direct is for --writers 1") }
        // Written so that what is no number is refused as well.
        if !(seconds >= 0.01 && seconds <= 3_600) {
            throw ValidationError("--seconds is from 0.01 to 3600")
        }
    }

    func run() async throws {
        let progress = ProgressLine(isWanted: !json.isWanted)
        progress.show("measuring \(writers) writers for \(Words.decimal(seconds, places: 1)) s")
        let result: AppendBenchResult
        do {
            var plan = AppendBenchPlan()
            plan.writers = writers
            plan.recordBytes = recordBytes
            plan.decisionRecords = batch
            plan.isDirect = direct
            plan.seconds = seconds
            result = try await benchAppend(plan, folder: folder.path)
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
    }

    private static func table(_ result: AppendBenchResult) -> Table {
        var table = Table()
        table.add("events a second", Words.decimal(result.eventsPerSecond, places: 0))
        table.add("limit of the disk", Words.decimal(result.limitEventsPerSecond, places: 0))
        table.add("part of the limit", Words.decimal(result.ratio, places: 3))
        table.add("half within", "\(Words.decimal(result.p50Microseconds, places: 0)) µs")
        table.add("99 in 100 within", "\(Words.decimal(result.p99Microseconds, places: 0)) µs")
        table.add("records a batch", Words.decimal(result.averageBatchRecords, places: 1))
        table.add("batches", String(result.batches))
        table.add("writers", String(result.writers))
        table.add("record bytes", String(result.recordByteCount))
        table.add("seconds", Words.decimal(result.seconds, places: 3))
        return table
    }
}

/// Figures as JSON.
enum BenchJSON {
    /// One object, its keys sorted.
    static func text(_ figures: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(figures), as: UTF8.self)
    }
}
