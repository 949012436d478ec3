import ArgumentParser
import DaybookConfiguration
import EventLog

/// `daybook init`: a working sample.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a working sample: a configuration, programs, their data and a new key.",
        discussion: """
            Makes the folder where it is missing. Overwrites nothing: where one of its files stands \
            already, nothing is written, and the exit code is 1.

            EXAMPLE
              daybook init sample
            """)

    @Argument(help: "The folder to write to.")
    var folder: String

    func validate() throws {
        if folder.isEmpty { throw ValidationError("the folder is empty; give its path") }
    }

    func run() async throws {
        let signer = try NoteSigner.generate(name: KeyName(LogKeyCommand.randomName()))
        let key = SampleConfiguration.CheckpointKey(
            secret: signer.secretText, verifier: signer.verifierKey.text)
        let written = try SampleConfiguration.write(to: folder, key: key)
        var output = Output()
        for path in written { try output.line("wrote \(folder)/\(path)") }
        let config = Words.shell("\(folder)/config")
        try output.line()
        try output.line("Next:")
        try output.line("  daybook check --config \(config)")
        try output.line(
            "  daybook serve --config \(config) --data \(Words.shell("\(folder)/data"))")
        try output.finish()
    }
}
