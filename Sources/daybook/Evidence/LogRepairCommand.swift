import ArgumentParser
import EventLog
import Foundation
import Projections
import Replay

/// `daybook log repair`: a damaged log made whole, or cut.
struct LogRepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Put damaged or missing segments back from a copy, or cut the log before them.",
        discussion: """
            --from takes what is damaged or missing from any copy of the log, checks it against \
            the tree, and installs it; a copy that does not match is refused, and nothing changes. \
            --cut is for when there is no copy: it keeps the longest valid beginning, moves the \
            rest to quarantine, and goes on under a successor origin with a record of the loss.

            EXAMPLE
              daybook log repair --data data --from /backup/data
            """)

    @Option(name: .customLong("data"), help: "The data folder; no engine may be running on it.")
    var path: String

    @Option(help: "A copy: a data folder, or a folder with segments.")
    var from: String?

    @Flag(help: "Cut the log behind its longest valid beginning.")
    var cut = false

    @Option(help: "The change ticket of a cut.")
    var ticket: String?

    @OptionGroup var json: JSONOption

    func validate() throws {
        if cut == (from != nil) {
            throw ValidationError("give --from COPY, or --cut with --ticket TICKET")
        }
        if cut { _ = try LossTicket.checked(ticket) }
        if from != nil && ticket != nil { throw ValidationError("--ticket is for --cut") }
    }

    func run() async throws {
        let report: RepairReport
        if let from {
            report = try LogRepair.repair(
                folder: path, from: from, disk: RealDisk(),
                evidence: try Snapshot.durabilityClaims(dataFolder: path, disk: RealDisk()))
        } else {
            let record = LossRecord(
                folder: path, ticket: try LossTicket.checked(ticket), actor: LossTicket.actor)
            var options = LogRepair.LossOptions()
            options.vocabulary = EventVocabulary()
            options.evidence = try Snapshot.durabilityClaims(dataFolder: path, disk: RealDisk())
            report = try LogRepair.cut(
                folder: path, disk: RealDisk(), options: options, record: record.make)
        }
        try RepairOutput.print(report, json)
    }
}

/// `daybook log accept-loss`: a log that is shorter than it was goes on.
struct LogAcceptLossCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-loss",
        abstract: "Go on with a log whose newest records are gone, where there is no copy of them.",
        discussion: """
            For a log that ends before what a checkpoint, an index or a snapshot says was durable: \
            it goes on under a successor origin, and its next record says what was lost. Where \
            something readable stands in the way, log repair --cut is the command.

            EXAMPLE
              daybook log accept-loss --data data --ticket CHG-1234
            """)

    @Option(name: .customLong("data"), help: "The data folder; no engine may be running on it.")
    var path: String

    @Option(help: "The change ticket.")
    var ticket: String

    @OptionGroup var json: JSONOption

    func validate() throws { _ = try LossTicket.checked(ticket) }

    func run() async throws {
        let record = LossRecord(folder: path, ticket: ticket, actor: LossTicket.actor)
        var options = LogRepair.LossOptions()
        options.vocabulary = EventVocabulary()
        options.evidence = try Snapshot.durabilityClaims(dataFolder: path, disk: RealDisk())
        let report = try LogRepair.acceptLoss(
            folder: path, disk: RealDisk(), options: options, record: record.make)
        try RepairOutput.print(report, json)
    }
}

/// The ticket of an accepted loss; its pattern is the configuration's, which is not read here.
enum LossTicket {
    /// Who runs the command, as the machine knows them.
    static var actor: String { "user:\(NSUserName())" }

    static func checked(_ ticket: String?) throws -> String {
        guard let ticket, (1...128).contains(ticket.utf8.count),
            !ticket.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            throw ValidationError("--ticket is needed: 1 to 128 bytes without control characters")
        }
        return ticket
    }
}

/// What was done, file by file.
enum RepairOutput {
    static func print(_ report: RepairReport, _ json: JSONOption) throws {
        var output = Output()
        if json.isWanted {
            try output.json(try BenchJSON.text(report))
        } else {
            for step in report.steps {
                let other = step.other.map { " (\($0))" } ?? ""
                try output.line("\(step.kind.rawValue): \(step.path)\(other)")
            }
            if let loss = report.loss {
                let last = loss.lastLost.map { "\($0)" } ?? "an unknown one"
                try output.line("lost: records \(loss.firstLost) to \(last); \(loss.found)")
            }
            for line in report.remaining { try output.line("still wrong: \(line)") }
            if report.steps.isEmpty && report.remaining.isEmpty {
                try output.line("nothing is wrong; nothing was changed")
            }
        }
        try output.finish()
        if !report.remaining.isEmpty { throw ExitMapping.Answer.no.exitCode }
    }
}
