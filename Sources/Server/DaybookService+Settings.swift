import DaybookConfiguration
import Engine
import Events

/// What the engine takes of a configuration and its settings.
extension DaybookService {
    /// What the engine's decisions depend on, as settings have it.
    public static func decisions(_ settings: Settings) -> DecisionSettings {
        var decisions = DecisionSettings()
        decisions.activeRunsMax = settings.concurrentRunsMax
        decisions.isSchedulingOn = settings.isScheduling
        decisions.digestInterval = Int64(settings.digestIntervalSeconds) * 1_000_000
        decisions.snapshotInterval = Int64(settings.snapshotIntervalSeconds) * 1_000_000
        decisions.tickets = TicketRule(
            isRequired: settings.requiresTicket, pattern: settings.ticketPattern)
        decisions.schedulesNeedTicket = settings.schedulesNeedTicket
        decisions.escalation = escalation(settings)
        decisions.workerLease = Int64(settings.workerLeaseSeconds) * 1_000_000
        decisions.controlNumbers = ControlNumberRules(settings)
        decisions.fourEyes = Set(settings.fourEyes)
        decisions.approvalInterval = Int64(settings.approvalMinutes) * 60_000_000
        return decisions
    }

    static func escalation(_ settings: Settings) -> EscalationRules {
        var rules = EscalationRules()
        rules.critical = Int64(settings.escalateCriticalSeconds) * 1_000_000
        rules.high = Int64(settings.escalateHighSeconds) * 1_000_000
        rules.medium = Int64(settings.escalateMediumSeconds) * 1_000_000
        rules.low = Int64(settings.escalateLowSeconds) * 1_000_000
        rules.alertContact = settings.alertContact
        rules.escalationContact = settings.escalationContact
        return rules
    }

    /// A configuration as the engine takes it.
    public static func input(_ set: ConfigurationSet) -> ConfigurationInput {
        var input = ConfigurationInput()
        input.definitions = set.definitions
        input.calendars = set.calendars
        input.blackouts = set.blackouts
        input.partners = set.partners
        input.commit = set.provenance.commit
        input.author = set.provenance.author
        input.isDirty = set.provenance.isDirty
        input.environment = set.settings.environment
        input.jobTypes = set.names.jobTypeNames
        input.places = set.places
        input.settings = [
            KeyValue("alertContact", set.settings.alertContact),
            KeyValue("approvalMinutes", String(set.settings.approvalMinutes)),
            KeyValue("escalateCriticalSeconds", String(set.settings.escalateCriticalSeconds)),
            KeyValue("escalateHighSeconds", String(set.settings.escalateHighSeconds)),
            KeyValue("escalateLowSeconds", String(set.settings.escalateLowSeconds)),
            KeyValue("escalateMediumSeconds", String(set.settings.escalateMediumSeconds)),
            KeyValue("escalationContact", set.settings.escalationContact),
            KeyValue("fourEyes", set.settings.fourEyes.joined(separator: ",")),
            KeyValue("maxConcurrentRuns", String(set.settings.concurrentRunsMax)),
            KeyValue("requireTicket", String(set.settings.requiresTicket)),
            KeyValue("scheduleTickets", String(set.settings.schedulesNeedTicket)),
            KeyValue("scheduling", String(set.settings.isScheduling)),
            KeyValue("ticketPattern", set.settings.ticketPattern),
            KeyValue("workerLeaseSeconds", String(set.settings.workerLeaseSeconds)),
        ]
        input.settings.insert(contentsOf: ControlNumberRules.recorded(set.settings), at: 1)
        return input
    }
}
