import ArgumentParser

/// The program.
struct Daybook: AsyncParsableCommand {
    /// What `--version` prints, and what the engine records at a start.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "daybook",
        abstract: "A scheduler whose log is the record.",
        discussion: """
            EXAMPLE
              daybook init sample
              daybook serve --config sample/config --data sample/data
              daybook runs --data sample/data

            Exit codes: 0 for yes, 1 for no, 2 for wrong use.
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "Operating:",
                subcommands: [
                    ServeCommand.self, SchedulesCommand.self, RunsCommand.self, WhyCommand.self,
                    PauseCommand.self, ResumeCommand.self, CancelCommand.self,
                    SkipNextCommand.self, MoveNextCommand.self, RunNowCommand.self,
                    RetryCommand.self, BackfillCommand.self, RequeueCommand.self,
                    DeadLettersCommand.self,
                    AlertsCommand.self, BlackoutCommand.self,
                    WorkerCommand.self, WorkersCommand.self,
                    AlertsCommand.self, BlackoutCommand.self, ControlCommand.self,
                    DependenciesCommand.self, ApprovalsCommand.self, ApproveCommand.self,
                    RefuseCommand.self,
                ]),
            CommandGroup(
                name: "Configuration:",
                subcommands: [
                    InitCommand.self, CheckCommand.self, PlanCommand.self, ForecastCommand.self,
                    NextCommand.self, CalendarCommand.self, ImportCommand.self,
                ]),
            CommandGroup(
                name: "Evidence:",
                subcommands: [
                    ReplayCommand.self, HistoryCommand.self, WhyNotCommand.self,
                    RecordsCommand.self, AvailabilityCommand.self,
                    ExportCommand.self, VerifyCommand.self, ProveCommand.self, LogCommand.self,
                ]),
            CommandGroup(name: "X12:", subcommands: [X12Command.self]),
            CommandGroup(name: "Measuring:", subcommands: [BenchCommand.self]),
        ])
}

@main
enum Main {
    static func main() async { await ExitMapping.run(Daybook.self) }
}
