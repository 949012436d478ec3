import Events
import Projections

/// Trading partners, as the configuration defines them, and what follows from them.
extension EngineCore {
    /// A partner that is defined.
    func partner(_ name: String) throws(Rejection) -> PartnerDefinition {
        guard let partner = state.exchange.partners[ScheduleKey(tenant, name)]?.partner else {
            throw Rejection(
                .notFound,
                "there is no partner '\(name)'; define it in partners/ of the configuration")
        }
        return partner
    }

    /// What holds for a type of a partner.
    func rule(_ partner: PartnerDefinition, _ type: String) throws(Rejection) -> PartnerTypeRule {
        guard partner.sends.contains(type), let rule = partner.rule(for: type) else {
            throw Rejection(
                .invalid,
                "partner '\(partner.name)' is not sent a \(type); name it under 'sends' of its "
                    + "configuration")
        }
        return rule
    }

    /// Refuses a partner for whom no control number could be asked for.
    static func check(_ partner: PartnerDefinition) throws(Rejection) {
        guard let own = partner.own?.name, let them = partner.partner?.name else {
            throw Rejection(
                .invalid, "partner '\(partner.name)' has no identifiers: 'us' and 'them'")
        }
        for type in ["TA1"] + partner.sends {
            for kind in NumberRequest.Kind.allCases {
                _ = try NumberRequest(
                    kind, sender: own, receiver: them, group: "FA", partner: partner.name,
                    transactionType: type)
            }
        }
    }

    /// Notes the ranges of control numbers that partners have of their own.
    mutating func notePartnerNumbers() {
        var rules = settings.controlNumbers
        rules.exceptions = ControlNumberRules.exceptions(of: state) + rules.exceptions
        numberRules = rules
    }
}

extension PartnerDefinition {
    /// Whether a text may be a partner's name.
    public static func isName(_ text: some StringProtocol) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 64 else {
            return false
        }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
    }
}

extension ControlNumberRules {
    /// The ranges of a state's partners, and after them the settings'.
    public func with(_ state: ProjectedState) -> ControlNumberRules {
        var rules = self
        rules.exceptions = Self.exceptions(of: state) + exceptions
        return rules
    }

    /// The ranges of all partners, the most special first.
    static func exceptions(of state: ProjectedState) -> [Exception] {
        var special: [Exception] = []
        var general: [Exception] = []
        for known in state.exchange.partners.sorted() {
            guard let partner = known.partner else { continue }
            for range in partner.numbers {
                guard let name = pattern(range, partner) else { continue }
                var exception = Exception(pattern: name.text)
                if range.start != 0 { exception.start = range.start }
                if range.last != 0 { exception.max = range.last }
                if !range.wrap.isEmpty { exception.wraps = range.wrap == "on" }
                if name.isSpecial { special.append(exception) } else { general.append(exception) }
            }
        }
        return special + general
    }

    private static func pattern(
        _ range: PartnerNumberRange, _ partner: PartnerDefinition
    ) -> (text: String, isSpecial: Bool)? {
        guard let own = partner.own?.name, let them = partner.partner?.name,
            let kind = NumberRequest.Kind(rawValue: range.kind)
        else { return nil }
        switch kind {
        case .interchange: return (NumberRequest.name(kind, [own, them]), true)
        case .group, .set:
            let base = NumberRequest.name(kind, kind == .group ? [own, them] : [partner.name])
            return range.type.isEmpty
                ? (base + "/*", false) : (base + "/" + range.type, true)
        }
    }
}
