import ArgumentParser
import Bench

/// `daybook bench customers`: schedules of customers, reminders, and what people ask for meanwhile.
struct BenchCustomersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customers",
        abstract: "Carry schedules of customers with reminders, and answer at a steady rate.",
        discussion: """
            Operations are asked for at their moments, whether or not answers have come: four of \
            ten make a transfer, two change one, two cancel one, two look at one.

            EXAMPLE
              daybook bench customers --schedules 500000 --operations 500 --seconds 3600 --json
            """)

    @Option(help: "Schedules with a reminder that are there before, from 1 to 1000000.")
    var schedules = 10_000

    @Option(help: "Operations a second, from 1 to 10000.")
    var operations = 500

    @Option(help: "How long to measure, from 1 to 86400 seconds.")
    var seconds = 10

    @OptionGroup var folder: BenchFolderOption
    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(1...1_000_000).contains(schedules) {
            throw ValidationError("--schedules is from 1 to 1000000")
        }
        if !(1...10_000).contains(operations) {
            throw ValidationError("--operations is from 1 to 10000")
        }
        if !(1...86_400).contains(seconds) {
            throw ValidationError("--seconds is from 1 to 86400")
        }
    }

    func run() async throws {
        var plan = CustomersBenchPlan()
        plan.schedules = schedules
        plan.operationsPerSecond = operations
        plan.seconds = seconds
        let chosen = plan
        try await BenchRun.run("carrying \(schedules) schedules of customers", folder.path, json) {
            try await benchCustomers(chosen, folder: $0)
        }
    }
}
