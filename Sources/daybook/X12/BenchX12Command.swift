import ArgumentParser
import Bench

/// `daybook bench x12`: how fast claims are parsed, checked and answered.
struct BenchX12Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "x12",
        abstract: "Parse, check and answer an 837 in memory, on one thread.",
        discussion: """
            Beside it stands the rate of a bare count of segment terminators over the same bytes.

            EXAMPLE
              daybook bench x12 --megabytes 100 --json
            """)

    @Option(help: "How large the 837 is, in 10^6 bytes, from 1 to 4000.")
    var megabytes = 100

    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1...4_000).contains(megabytes) {
            throw ValidationError("--megabytes is from 1 to 4000")
        }
    }

    func run() async throws {
        try BenchRun.run("answering an 837 of \(megabytes) MB", json) {
            try benchX12(megabytes: megabytes)
        }
    }
}
