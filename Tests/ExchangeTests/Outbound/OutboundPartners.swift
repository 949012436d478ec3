import Events
import Exchange
import X12

/// Partners that everything is sent to.
enum OutboundPartners {
    static let types = ["TA1", "999", "271", "277CA", "834", "835"]

    static func partner(
        _ name: String, outcomesMax: UInt64 = 3, numbers: [PartnerNumberRange] = []
    ) -> PartnerDefinition {
        var partner = PartnerDefinition()
        partner.name = name
        partner.own = identity("DAYBOOK")
        partner.partner = identity(name)
        partner.delimiters = "*^:~"
        partner.usage = "P"
        partner.acknowledgments = "isa14"
        partner.versions = ["00501"]
        partner.sends = types
        partner.duplicateDays = 30
        partner.numbers = numbers
        partner.rules = types.map { type in
            var rule = PartnerTypeRule()
            rule.type = type
            rule.outcomesMax = outcomesMax
            return rule
        }
        return partner
    }

    private static func identity(_ name: String) -> PartnerIdentity {
        var identity = PartnerIdentity()
        identity.qualifier = "ZZ"
        identity.id = name
        identity.group = name
        return identity
    }

    /// An outcome of a kind, made up of a number.
    static func outcome(_ partner: String, kind: Int, _ number: Int) -> Outcome {
        let body: Outcome.Body =
            switch kind % 6 {
            case 0: Samples.interchange(number)
            case 1: Samples.acknowledgment(number)
            case 2: Samples.claims(number)
            case 3: .remittance(Samples.payment(number))
            case 4: Samples.enrollment(number)
            default: Samples.eligibility(number)
            }
        let isOwn = Outcome.ownTypes.contains(body.type)
        return Outcome(
            partner: partner, id: isOwn ? nil : "OUT-\(number)",
            group: kind % 6 == 1 && number % 3 == 0 ? "OTHERGROUP" : nil, body: body)
    }
}
