/// Whether a manual act needs a change ticket, and what a ticket looks like.
public struct TicketRule: Sendable, Equatable {
    /// Whether a manual act without a ticket is refused.
    public var isRequired: Bool
    /// A regular expression that the whole ticket must match.
    public var pattern: String

    /// A rule.
    public init(isRequired: Bool, pattern: String) {
        self.isRequired = isRequired
        self.pattern = pattern
    }

    /// Refuses an act whose ticket is missing where one is needed, or does not look like one.
    func check(_ ticket: String) throws(Rejection) {
        if ticket.isEmpty {
            if isRequired {
                throw Rejection(
                    .invalid,
                    "this act needs a change ticket (--ticket, or \"ticket\" in the request)")
            }
            return
        }
        let matches: Bool
        do {
            matches = try ticket.wholeMatch(of: Regex(pattern)) != nil
        } catch {
            throw Rejection(
                .invalid, "ticketPattern in daybook.yaml is no regular expression: \(pattern)")
        }
        guard matches, ticket.utf8.count <= 128 else {
            throw Rejection(
                .invalid, "ticket '\(ticket.prefix(128))' does not match the pattern \(pattern)")
        }
    }
}
