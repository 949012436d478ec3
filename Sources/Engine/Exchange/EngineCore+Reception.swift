import Events
import Projections

/// Files that are not taken in: people are told, and told of it no more when it is over.
extension EngineCore {
    /// Raises the alert of a notice, where none of its kind is open about its place; clears it
    /// where it is over.
    mutating func tell(_ notice: ReceptionNotice) throws {
        guard let message = notice.message else {
            try clearTold(
                notice.place, kind: notice.kind.rawValue, "files are taken in there again",
                cause: 0)
            return reply("it is over")
        }
        try checkRoom()
        let partner = state.exchange.partners[ScheduleKey(tenant, notice.partner)]?.partner
        try tell(
            about: notice.place, kind: notice.kind.rawValue,
            severity: notice.kind == .grew ? "medium" : "high", partner?.contacts ?? [], cause: 0,
            message)
        reply("people are told")
    }
}
