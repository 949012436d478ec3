import ArgumentParser
import Bench

/// `daybook bench dispatch`: from the scheduled time to the call of the target, on a durable log.
struct BenchDispatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch",
        abstract: "Run schedules against a target that does nothing, and measure how late it is.",
        discussion: """
            An engine on a durable log; the target is in the same process and only says that all \
            went well. Each dispatch is durable before the target is called, and due, dispatched, \
            started and succeeded of each run stand in the log. Beside it stands what the disk \
            takes for one write and sync of a round's dispatches.

            EXAMPLE
              daybook bench dispatch --schedules 10000 --period 5 --rounds 4 --json
              daybook bench dispatch --schedules 500000 --period 60 --rounds 1 --rate 5000 \
            --bystanders 100 --json
            """)

    @Option(help: "How many schedules are due at one instant, from 1 to 1000000.")
    var schedules = 200

    @Option(help: "How often all of them are due, in seconds, from 1 to 3600.")
    var period = 1

    @Option(help: "For how many periods, from 1 to 3600.")
    var rounds = 10

    @Option(help: "So many runs begin in a second at most, 0 for no limit.")
    var rate = 0

    @Option(help: "Schedules beside them that no limit holds, each due each second; to 10000.")
    var bystanders = 0

    @Flag(help: "Start a real program, /bin/true, for each run.")
    var programs = false

    @Option(help: "Spread the schedules of a period evenly over so many seconds, 0 to the period.")
    var spread = 0

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1...1_000_000).contains(schedules) {
            throw ValidationError("--schedules is from 1 to 1000000")
        }
        if !(1...3_600).contains(period) { throw ValidationError("--period is from 1 to 3600") }
        if !(1...3_600).contains(rounds) { throw ValidationError("--rounds is from 1 to 3600") }
        if !(0...1_000_000).contains(rate) {
            throw ValidationError("--rate is from 0 to 1000000")
        }
        if !(0...period).contains(spread) {
            throw ValidationError("--spread is from 0 to the period")
        }
        if !(0...10_000).contains(bystanders) {
            throw ValidationError("--bystanders is from 0 to 10000")
        }
    }

    func run() async throws {
        var plan = DispatchBenchPlan()
        plan.schedules = schedules
        plan.periodSeconds = period
        plan.rounds = rounds
        plan.rate = rate
        plan.bystanders = bystanders
        plan.startsPrograms = programs
        plan.spreadSeconds = spread
        let made = plan
        try await BenchRun.run("running \(schedules) schedules", folder.path, json) {
            try await benchDispatch(made, folder: $0)
        }
    }
}
