import Events
import Projections

/// Outcomes of which no file is made: their partner is defined no more, or is sent their type no
/// more. They wait for its return, and people are told so.
extension EngineCore {
    private static let heldKind = "outcomesHeld"

    /// Tells of what is held, once for each partner and type; what is over is cleared.
    ///
    /// - Complexity: O(partners and types with outcomes that wait, and open alerts).
    mutating func tellHeld(cause: UInt64) throws {
        guard settings.tellsOfRuns else { return }
        var held: Set<String> = []
        for group in exchangeIndex.waiting.keys.filter({ $0.tenant == tenant })
            .sorted(by: { $0.precedes($1) })
        {
            let count = exchangeIndex.waiting[group]?.count ?? 0
            let partner = state.exchange.partners[ScheduleKey(tenant, group.partner)]?.partner
            guard count > 0, let hold = OutcomeHold(partner, type: group.type) else { continue }
            let subject = "outcomes \(group.partner) \(group.type)"
            held.insert(subject)
            try tell(
                about: subject, kind: Self.heldKind, severity: "medium", partner?.contacts ?? [],
                cause: cause, Self.sentence(hold, group, count))
        }
        guard state.alerts.count > 0 else { return }
        for alert in state.alerts.sorted()
        where alert.kind == Self.heldKind && alert.tenant == tenant
            && !held.contains(alert.subject)
        {
            try clear(alert, "no outcome is held any more", cause: cause)
        }
    }

    private static func sentence(
        _ hold: OutcomeHold, _ group: ExchangeIndex.Group, _ count: Int
    ) -> String {
        let what =
            "\(Counted.text(count, "outcome")) (\(group.type)) for \(group.partner) "
            + (count == 1 ? "waits" : "wait")
        switch hold {
        case .partner:
            return what + ": the configuration has no such partner any more. Define it again, "
                + "and what waits is sent"
        case .type:
            return what + ": the partner is not sent a \(group.type) any more. Name the type "
                + "under 'sends' again, and what waits is sent"
        }
    }
}
