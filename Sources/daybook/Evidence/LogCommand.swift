import ArgumentParser

/// `daybook log`: what looks into the log itself.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Look into the log itself; seal, publish or repair it.",
        discussion: """
            EXAMPLE
              daybook log stat --data data
            """,
        subcommands: [
            LogStatCommand.self, LogCatCommand.self, LogSealCommand.self, LogTilesCommand.self,
            LogRepairCommand.self, LogAcceptLossCommand.self, LogCosignCommand.self,
            LogKeyCommand.self,
        ])

    func run() async throws {
        throw CommandFailure.misuse(
            "log what? Give stat, cat, seal, tiles, repair, accept-loss, cosign or key; "
                + "see 'daybook log --help'."
        )
    }
}
