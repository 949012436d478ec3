import Synchronization

/// Whether a manual act needs a change ticket, and what a ticket looks like.
public struct TicketRule: Sendable, Equatable {
    /// Whether a manual act without a ticket is refused.
    public var isRequired: Bool
    /// A regular expression that the whole ticket must match.
    public var pattern: String { matcher.pattern }
    private let matcher: TicketMatcher

    private static let byteCountMax = 128

    /// A rule.
    public init(isRequired: Bool, pattern: String) {
        self.isRequired = isRequired
        matcher = TicketMatcher(pattern)
    }

    /// Whether two rules say the same.
    public static func == (left: TicketRule, right: TicketRule) -> Bool {
        left.isRequired == right.isRequired && left.pattern == right.pattern
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
        guard ticket.utf8.count <= Self.byteCountMax, try matcher.matches(ticket) else {
            throw Rejection(
                .invalid,
                "ticket '\(ticket.prefix(Self.byteCountMax))' does not match the pattern "
                    + pattern)
        }
    }
}

/// A regular expression that is read once, at its first use: reading it costs more than anything
/// else in an act that needs a ticket.
private final class TicketMatcher: Sendable {
    private struct Known {
        var regex: Regex<AnyRegexOutput>?
        /// Whoever acts a thousand times does so under one ticket.
        var lastMatch = ""
    }

    let pattern: String
    private let known = Mutex(Known())

    init(_ pattern: String) { self.pattern = pattern }

    func matches(_ ticket: String) throws(Rejection) -> Bool {
        do {
            return try known.withLock { known in
                if known.lastMatch == ticket { return true }
                let regex = try known.regex ?? Regex(pattern)
                known.regex = regex
                guard try regex.wholeMatch(in: ticket) != nil else { return false }
                known.lastMatch = ticket
                return true
            }
        } catch {
            throw Rejection(
                .invalid, "ticketPattern in daybook.yaml is no regular expression: \(pattern)")
        }
    }
}
