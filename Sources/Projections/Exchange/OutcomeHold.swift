import Events

/// Why an outcome is put in no file, however long it waits.
public enum OutcomeHold: String, Sendable {
    /// No partner of its name is defined any more.
    case partner
    /// Its partner is not sent its type any more.
    case type

    /// What holds outcomes of a type; nil where nothing does.
    ///
    /// - Parameter partner: as it is defined; nil where it is not.
    public init?(_ partner: PartnerDefinition?, type: String) {
        guard let partner else {
            self = .partner
            return
        }
        if partner.sends.contains(type) && partner.rule(for: type) != nil { return nil }
        self = .type
    }
}
