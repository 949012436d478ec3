import ArgumentParser
import EventLog
import Foundation
import Projections

/// `daybook log seal`: everything into its sealed form, without an engine.
struct LogSealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seal every segment of a log that no engine is writing.",
        discussion: """
            A running engine seals full segments by itself; this ends and seals the present one \
            too, for example before the folder is moved to another site.

            EXAMPLE
              daybook log seal --data data
            """)

    @Option(name: .customLong("data"), help: "The data folder.")
    var path: String

    @OptionGroup var json: JSONOption

    func run() async throws {
        guard FileManager.default.fileExists(atPath: path + "/log") else {
            throw CommandFailure.misuse("\(path) holds no log; name an engine's data folder")
        }
        let outcomes = try LogStore.sealAll(
            folder: path, disk: RealDisk(), vocabulary: EventVocabulary())
        var output = Output()
        if json.isWanted {
            try output.json(try BenchJSON.text(outcomes.map(Line.init)))
        } else {
            for outcome in outcomes {
                try output.line(
                    "sealed \(outcome.segment) to \(outcome.endSequence.rawValue - 1): "
                        + "\(outcome.rawByteCount) bytes became \(outcome.storedByteCount)")
            }
            if outcomes.isEmpty { try output.line("there was nothing to seal") }
        }
        try output.finish()
    }

    private struct Line: Encodable {
        let firstSequence: UInt64
        let lastSequence: UInt64
        let rawBytes: UInt64
        let sealedBytes: Int

        init(_ outcome: SegmentSealing.Outcome) {
            firstSequence = outcome.segment.rawValue
            lastSequence = outcome.endSequence.rawValue - 1
            rawBytes = outcome.rawByteCount
            sealedBytes = outcome.storedByteCount
        }
    }
}
