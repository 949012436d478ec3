import Engine
import Events

extension GoldenLog {
    private static let approver = Authority(actor: "user:ben", ticket: "CHG-2")

    /// What is reported from outside, and what a second person decides: a step of three runs, and
    /// an act.
    mutating func approvals() throws {
        try log.handle(.applyConfiguration(GoldenSchedules.withApproval))
        let report = Command.reportDependency(
            Self.key("bank-file"), businessDate: "2026-03-30", status: "READY",
            Authority(actor: "user:bank"))
        try log.handle(report)
        let (granted, refused) = (try signOff(1), try signOff(2))
        try log.handle(.approve(granted, reason: "checked", Self.approver))
        try log.handle(.refuse(refused, reason: "asked for twice", Self.approver))
        _ = try signOff(3)
        var blackout = BlackoutDefinition()
        blackout.name = "year-end"
        blackout.reason = "the books are closed"
        blackout.action = "defer"
        blackout.from = try Self.moment("2026-12-31T12:00:00Z")
        blackout.until = try Self.moment("2027-01-01T12:00:00Z")
        blackout.zone = "UTC"
        blackout.source = "api"
        let asked = try log.handle(.declareBlackout(blackout, tenant: "default", Self.who))
        try log.handle(.approve(asked.approval ?? 0, reason: "agreed", Self.approver))
        try advance("2026-03-30T05:37:00Z")
        _ = try signOff(4)
    }

    /// A run by hand that waits for its approval; returns the approval's number.
    private mutating func signOff(_ number: Int) throws -> UInt64 {
        var who = Self.who
        who.request = "sign-off-\(number)"
        try log.handle(
            .runNow(Self.key("ledger-post"), scheduled: nil, reason: "month end", who))
        return log.core.state.approvals.sorted().last?.approval ?? 0
    }
}

extension GoldenSchedules {
    /// The second configuration, with a schedule that waits for a report and for a person.
    static var withApproval: ConfigurationInput {
        var input = second
        guard var ledger = input.definitions.first(where: { $0.jobId == "yearly" }) else {
            return input
        }
        ledger.jobId = "ledger-post"
        ledger.overlap = "allowAll"
        var file = Dependency()
        file.kind = "pushed"
        file.name = "bank-file"
        file.delayMinutesMax = 60
        var signOff = Dependency()
        signOff.kind = "approval"
        signOff.name = "sign-off"
        signOff.delayMinutesMax = 5
        signOff.recipients = ["claims-team"]
        ledger.dependencies = [signOff, file]
        input.definitions.append(ledger)
        return input
    }
}
