import Projections

/// After how long an alert that nobody acknowledged escalates, and who hears of it; 0 is never.
public struct EscalationRules: Sendable, Equatable {
    /// Of a critical alert, µs.
    public var critical: Int64 = 15 * 60_000_000
    /// Of a high one, µs.
    public var high: Int64 = 3_600_000_000
    /// Of a medium one, µs.
    public var medium: Int64 = 4 * 3_600_000_000
    /// Of a low one, µs.
    public var low: Int64 = 24 * 3_600_000_000
    /// The contact that hears of alerts for which nobody is named; empty for none.
    public var alertContact = ""
    /// The contact that hears of escalations, beside those who heard of the alert; empty for none.
    public var escalationContact = ""

    /// The defaults.
    public init() {}

    /// Nothing escalates.
    static var none: EscalationRules {
        var rules = EscalationRules()
        (rules.critical, rules.high, rules.medium, rules.low) = (0, 0, 0, 0)
        return rules
    }

    /// How long an alert of a severity may stand unacknowledged, µs; nil where it never escalates.
    public func delay(_ severity: String) -> Int64? {
        let delay =
            switch severity {
            case "critical": critical
            case "high": high
            case "medium": medium
            default: low
            }
        return delay > 0 ? delay : nil
    }

    /// When an alert escalates, µs: nil where it was acknowledged, has escalated, or never does.
    public func time(of alert: AlertState) -> Int64? {
        guard !alert.isNotice, alert.acknowledgedAt == 0, alert.level == 0,
            let delay = delay(alert.severity)
        else { return nil }
        let (moment, overflows) = alert.raisedAt.addingReportingOverflow(delay)
        return overflows ? nil : moment
    }
}
