import ArgumentParser
import Bench

/// `daybook bench x12`: how fast claims are parsed, checked and answered, and files are assembled.
struct BenchX12Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "x12",
        abstract: "Parse, check and answer an 837, and assemble files of outcomes.",
        discussion: """
            The 837 is in memory, on one thread; beside it stands the rate of a bare count of \
            segment terminators over the same bytes. With --files an engine on a durable log is \
            given so many outcomes of 271s and makes a file of each: numbered, checked, durable. \
            Beside it stands how many such files the disk takes from a bare loop.

            EXAMPLE
              daybook bench x12 --megabytes 100 --json
              daybook bench x12 --files 100000 --json
            """)

    @Option(help: "How large the 837 is, in 10^6 bytes, from 1 to 4000.")
    var megabytes = 100

    @Option(help: "Assemble so many files too, from 1 to 10000000; 0 for none.")
    var files = 0

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1...4_000).contains(megabytes) {
            throw ValidationError("--megabytes is from 1 to 4000")
        }
        if !(0...10_000_000).contains(files) {
            throw ValidationError("--files is from 0 to 10000000")
        }
    }

    func run() async throws {
        let what = "answering an 837 of \(megabytes) MB"
        if files == 0 {
            return try BenchRun.run(what, json) { try benchX12(megabytes: megabytes) }
        }
        let (size, count) = (megabytes, files)
        let all = what + ", and assembling \(Words.count(files, "file"))"
        try await BenchRun.run(all, folder.path, json) {
            var result = try benchX12(megabytes: size)
            result.assembly = try await benchAssembly(files: count, folder: $0)
            return result
        }
    }
}
