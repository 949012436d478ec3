import ArgumentParser
import Bench
import Events
import Foundation
import Replay

/// `daybook bench replay`: events a second through all projections.
struct BenchReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Make a log of realistic days and measure its replay.",
        discussion: """
            Beside it stands the rate of checksums and iteration alone. The same number of events \
            gives the same digest. Where the folder of --folder holds a log, such as one that \
            make-log made, that one is replayed as it is, once, and nothing is written.

            EXAMPLE
              daybook bench replay --events 2000000 --json
              daybook bench replay --folder years --json
            """)

    @Option(help: "How many events, from 1 to \(Self.eventsMax).")
    var events = 2_000_000

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    /// Some 20 GB of log.
    private static let eventsMax = 100_000_000

    func validate() throws {
        if !(1...Self.eventsMax).contains(events) {
            throw ValidationError("--events is from 1 to \(Self.eventsMax)")
        }
    }

    func run() async throws {
        let progress = ProgressLine(isWanted: !json.isWanted)
        if FileManager.default.fileExists(atPath: folder.path + "/log") {
            return try replayExisting(progress)
        }
        progress.show("making and replaying a log of \(events) events")
        let place = folder.path + "/bench-replay-\(UInt64.random(in: 0...UInt64.max))"
        let result: ReplayBenchResult
        do {
            result = try benchReplay(events: events, folder: place)
        } catch {
            progress.clear()
            // The failure is what to tell; a log that could not be made may not be there at all.
            do { try FileManager.default.removeItem(atPath: place) } catch {}
            throw error
        }
        progress.clear()
        try FileManager.default.removeItem(atPath: place)
        var output = Output()
        if json.isWanted {
            try output.json(try BenchJSON.text(result))
        } else {
            try output.table(Self.table(result))
        }
        try output.finish()
    }

    /// Replays the log that is there.
    private func replayExisting(_ progress: ProgressLine) throws {
        progress.show("reading \(folder.path)")
        defer { progress.clear() }
        let data = try DataFolder.onThisMachine(folder.path)
        let result = try benchReplay(of: data) { state in
            progress.show(
                "\(state.records) events, \(Words.decimal(state.recordsPerSecond, places: 0)) "
                    + "a second, at \(UTCText.of(microseconds: state.time))")
        }
        progress.clear()
        try BenchRun.print(result, json)
    }

    private static func table(_ result: ReplayBenchResult) -> Table {
        var table = Table()
        table.add("events a second", String(result.eventsPerSecond))
        table.add("checksums and iteration alone", String(result.iterateEventsPerSecond))
        table.add("ratio", Words.decimal(result.ratio, places: 3))
        table.add("events", String(result.events))
        table.add("record bytes", String(result.bytes))
        table.add("made a second", String(result.makeEventsPerSecond))
        table.add("digest", result.digest)
        for (name, value) in result.machine.sorted(by: { $0.key < $1.key }) {
            table.add(name, value)
        }
        return table
    }
}
