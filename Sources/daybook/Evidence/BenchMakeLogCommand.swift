import ArgumentParser
import Bench
import EventLog
import Foundation

/// `daybook bench make-log`: years of an engine's life, as its log.
struct BenchMakeLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-log",
        abstract: "Make the log of years of an engine's life, and keep it.",
        discussion: """
            The engine's own decide function lives through days of a company's schedules: nightly, \
            hourly, five-minute and monthly jobs in several zones, failures, retries and dead \
            letters, pauses, runs by hand, changes of the configuration, stops and crashes. The \
            same seed gives the same events.

            EXAMPLE
              daybook bench make-log --years 0.1 --ops-per-day 5000 --seed 7 --folder made
            """)

    @Option(help: "How many years, from 0.002 (a day) to 20.")
    var years = 1.0

    @Option(help: "Runs a day, from \(MakeLogPlan.operationsPerDayMin) to 1000000.")
    var opsPerDay = 1_000

    @Option(help: "The seed: a number.")
    var seed: UInt64 = 1

    @Option(help: "Minutes between recorded digests of the state, from 1 to 100000.")
    var digestMinutes: Int64 = 60

    @Option(help: "The data folder to make; it must not hold a log.")
    var folder: String

    @Flag(inversion: .prefixedNo, help: "Seal full segments as it goes, and the last at the end.")
    var seal = true

    @OptionGroup var json: JSONOption

    func validate() throws {
        if !(years >= 0.002 && years <= 20) { throw ValidationError("--years is from 0.002 to 20") }
        if !(MakeLogPlan.operationsPerDayMin...1_000_000).contains(opsPerDay) {
            throw ValidationError(
                "--ops-per-day is from \(MakeLogPlan.operationsPerDayMin) to 1000000")
        }
        if !(1...100_000).contains(digestMinutes) {
            throw ValidationError("--digest-minutes is from 1 to 100000")
        }
        if folder.isEmpty { throw ValidationError("--folder is empty; name a folder to make") }
    }

    func run() async throws {
        var plan = MakeLogPlan()
        plan.days = max(1, Int((years * 365.25).rounded()))
        plan.operationsPerDay = opsPerDay
        plan.seed = seed
        plan.digestMinutes = digestMinutes
        plan.isSealing = seal
        let progress = ProgressLine(isWanted: !json.isWanted)
        progress.show("making a log of \(plan.days) days")
        defer { progress.clear() }
        let days = plan.days
        let result = try makeLog(plan, folder: folder, disk: RealDisk()) { state in
            progress.show(
                "day \(state.days) of \(days), \(state.events) events, "
                    + "\(state.eventsPerSecond) a second")
        }
        progress.clear()
        try BenchRun.print(result, json)
    }
}

/// `daybook bench make-golden`: the golden folder of the present format version.
struct BenchMakeGoldenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-golden",
        abstract: "Make the golden folder of this format version, for a release.",
        discussion: """
            A small log of every event type, and what it replays to. snapshots/README.md says when \
            it is made. The same zone data give the same bytes.

            EXAMPLE
              daybook bench make-golden --out snapshots/v1
            """)

    @Option(name: .customLong("out"), help: "The folder to make; it must not hold a log.")
    var path: String

    func validate() throws {
        if path.isEmpty { throw ValidationError("--out is empty; name a folder to make") }
    }

    func run() async throws {
        try GoldenFolder.make(at: path, disk: RealDisk())
        var output = Output()
        try output.line("made \(path)")
        try output.finish()
    }
}
