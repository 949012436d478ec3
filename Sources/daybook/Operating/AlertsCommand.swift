import ArgumentParser
import Foundation

/// Alerts: what somebody should look at.
struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "List the alerts that are open, or take one on.",
        discussion: """
            An alert that nobody takes on escalates; it is cleared by itself when its cause is over.

            EXAMPLE
              daybook alerts --data sample/data
              daybook alerts ack 1042 --ticket INC-88 --reason "source is down, vendor called"
            """,
        subcommands: [AlertsListCommand.self, AlertsAckCommand.self],
        defaultSubcommand: AlertsListCommand.self)
}

/// The alerts that are open.
struct AlertsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the alerts that are open, oldest first.",
        discussion: """
            EXAMPLE
              daybook alerts list --data sample/data
            """)

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    @Option(help: "How many at the most, the newest, 1 to 1000.")
    var limit = 1_000

    func run() async throws {
        let answer = try await engine.get("/v1/alerts?limit=\(limit)")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let items = answer.list("alerts")
        var table = Table()
        table.add("ALERT", "SEVERITY", "RAISED", "STANDS", "JOB", "KIND", "TOLD", "MESSAGE")
        for item in items {
            let job = item["jobId"] as? String ?? item["subject"] as? String ?? "-"
            table.add(
                item.cell("alert"), item.cell("severity"), item.cell("raisedAt"),
                Self.standing(item), job, item.cell("kind"), Self.told(item),
                item.cell("message"))
        }
        if items.isEmpty { try output.line("no open alerts") } else { try output.table(table) }
        try output.finish()
    }

    private static func standing(_ alert: [String: Any]) -> String {
        if alert["acknowledgedAt"] != nil { return "taken on by \(alert.cell("acknowledgedBy"))" }
        if alert["level"] != nil { return "escalated" }
        if alert["escalatesAt"] != nil { return "escalates \(alert.cell("escalatesAt"))" }
        return "open"
    }

    /// How its notifications stand: sent, tried again, and failed for good.
    private static func told(_ alert: [String: Any]) -> String {
        let deliveries = alert["deliveries"] as? [[String: Any]] ?? []
        let counts = ["sent", "retrying", "failed"].compactMap { status -> String? in
            let count = deliveries.count { $0["status"] as? String == status }
            return count == 0 ? nil : "\(count) \(status)"
        }
        return counts.isEmpty ? "-" : counts.joined(separator: ", ")
    }
}

/// Takes an alert on.
struct AlertsAckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Acknowledge an alert: somebody works on it, and it does not escalate.",
        discussion: """
            EXAMPLE
              daybook alerts ack 1042 --ticket INC-88 --reason "source is down, vendor called"
            """)

    @Argument(help: "The alert's number.")
    var alert: UInt64

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(engine, "/v1/alerts/\(alert)/ack", json)
    }
}
