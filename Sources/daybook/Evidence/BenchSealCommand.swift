import ArgumentParser
import Bench
import Foundation

/// `daybook bench seal`: the size of sealed segments, and how fast they are made and read.
struct BenchSealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seal a log of realistic days: its size, and the rates of sealing and reading.",
        discussion: """
            Beside the rate of reading stands that of a C loop over liblz4 that does the same work.

            EXAMPLE
              daybook bench seal --events 2000000 --json
            """)

    @Option(help: "How many events, from 1000 to 100000000.")
    var events = 2_000_000

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1_000...100_000_000).contains(events) {
            throw ValidationError("--events is from 1000 to 100000000")
        }
    }

    func run() async throws {
        try await BenchRun.run(
            "making, sealing and reading a log of \(events) events", folder.path, json
        ) { try benchSeal(events: events, folder: $0) }
    }
}

/// `daybook bench open`: how long an opening takes after a kill.
struct BenchOpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open a large log as after a kill, and time it.",
        discussion: """
            Makes sealed segments of so many GB (which takes minutes) and an active one that is \
            half full.

            EXAMPLE
              daybook bench open --gigabytes 10 --json
            """)

    @Option(help: "The size of all sealed segments in 10^9 bytes, from 0.001 to 1000.")
    var gigabytes = 1.0

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(gigabytes >= 0.001 && gigabytes <= 1_000) {
            throw ValidationError("--gigabytes is from 0.001 to 1000")
        }
    }

    func run() async throws {
        try await BenchRun.run("making \(gigabytes) GB of sealed segments", folder.path, json) {
            try benchOpen(gigabytes: gigabytes, folder: $0)
        }
    }
}

/// `daybook bench verify`: how fast a whole log is verified.
struct BenchVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a log of sealed segments, with its whole tree, on one thread and two.",
        discussion: """
            Beside it stands the rate of the hashes alone that the tree needs.

            EXAMPLE
              daybook bench verify --records 4000000 --json
            """)

    @Option(help: "How many records, from 1000 to 100000000.")
    var records = 4_000_000

    @Option(help: "The size of a record, from 1 to 4000 bytes.")
    var recordBytes = 200

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1_000...100_000_000).contains(records) {
            throw ValidationError("--records is from 1000 to 100000000")
        }
        if !(1...4_000).contains(recordBytes) {
            throw ValidationError("--record-bytes is from 1 to 4000")
        }
    }

    func run() async throws {
        try await BenchRun.run(
            "making and verifying a log of \(records) records", folder.path, json
        ) { try benchVerify(records: records, recordBytes: recordBytes, folder: $0) }
    }
}

/// What all benchmarks that make a log of their own have in common.
enum BenchRun {
    /// Runs `body` on a new folder, removes it, and prints the figures.
    static func run<Result: Encodable>(
        _ what: String, _ folder: String, _ json: JSONOption,
        _ body: (String) async throws -> Result
    ) async throws {
        let progress = ProgressLine(isWanted: !json.isWanted)
        progress.show(what)
        let place = folder + "/daybook-bench-\(UInt64.random(in: 0...UInt64.max))"
        let result: Result
        do {
            result = try await body(place)
        } catch {
            progress.clear()
            // The failure is what to tell; a log that could not be made may not be there at all.
            do { try FileManager.default.removeItem(atPath: place) } catch {}
            throw error
        }
        progress.clear()
        try FileManager.default.removeItem(atPath: place)
        try print(result, json)
    }

    /// Runs `body`, which makes no folder, and prints the figures.
    static func run<Result: Encodable>(
        _ what: String, _ json: JSONOption, _ body: () throws -> Result
    ) throws {
        let progress = ProgressLine(isWanted: !json.isWanted)
        progress.show(what)
        let result: Result
        do { result = try body() } catch {
            progress.clear()
            throw error
        }
        progress.clear()
        try print(result, json)
    }

    /// Prints the figures, as JSON or as a table.
    static func print(_ result: some Encodable, _ json: JSONOption) throws {
        let text = try BenchJSON.text(result)
        var output = Output()
        if json.isWanted {
            try output.json(text)
        } else {
            try output.table(try table(text))
        }
        try output.finish()
    }

    /// The figures under their names.
    private static func table(_ text: String) throws -> Table {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        var table = Table()
        for (name, value) in (object as? [String: Any] ?? [:]).sorted(by: { $0.key < $1.key }) {
            let label = name.replacingOccurrences(of: "_", with: " ")
            guard let part = value as? [String: Any] else {
                table.add(label, "\(value)")
                continue
            }
            for (name, value) in part.sorted(by: { $0.key < $1.key }) {
                table.add(label + " " + name.replacingOccurrences(of: "_", with: " "), "\(value)")
            }
        }
        return table
    }
}
