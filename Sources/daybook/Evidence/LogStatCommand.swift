import ArgumentParser
import Foundation
import Replay

/// `daybook log stat`: what a log holds, in numbers.
struct LogStatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat",
        abstract: "Count what the log holds: segments, batches, records, events of each type.",
        discussion: """
            Reads the whole log and checks every checksum. Exit code 1 where it is damaged.

            EXAMPLE
              daybook log stat --data data --json
            """)

    @OptionGroup var data: DataOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let statistics = try LogContents.gather(try data.open())
        var output = Output()
        if json.isWanted {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            try output.json(String(decoding: try encoder.encode(statistics), as: UTF8.self))
        } else {
            try output.table(Self.table(statistics))
            EngineRemark.tell(statistics.engineRunning)
        }
        try output.finish()
    }

    private static func table(_ statistics: LogContents) -> Table {
        var table = Table()
        table.add("log", statistics.logIdentity)
        table.add("term", String(statistics.term))
        table.add("segments", String(statistics.segments))
        table.add("bytes", String(statistics.bytes))
        table.add("record bytes", String(statistics.recordBytes))
        table.add("batches", String(statistics.batches))
        table.add("commit marks", String(statistics.commitMarks))
        table.add("records", String(statistics.records))
        table.add("records a batch", Words.decimal(statistics.recordsPerBatch, places: 2))
        if let first = statistics.firstSequence, let last = statistics.lastSequence {
            table.add("first", "\(first)  \(statistics.firstTime ?? "")")
            table.add("last", "\(last)  \(statistics.lastTime ?? "")")
        }
        for (name, count) in statistics.eventCounts.sorted(by: { $0.key < $1.key }) {
            table.add(name, String(count))
        }
        for (number, count) in statistics.unknownTypeCounts.sorted(by: { $0.key < $1.key }) {
            table.add("unknown type \(number)", String(count))
        }
        return table
    }
}
