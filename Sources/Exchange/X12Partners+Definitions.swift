import Events
import X12

extension X12Partners {
    /// What interchanges are checked by, and answered: each partner may send only what it is said
    /// to, to the identity of ours that its envelopes name.
    ///
    /// - Complexity: O(partners).
    public init(_ partners: [PartnerDefinition]) {
        self.init(
            relations: partners.compactMap { partner in
                guard let own = partner.own, let sender = partner.partner else { return nil }
                let types = partner.accepts.compactMap { TransactionType(rawValue: $0) }
                return X12Partners(
                    own: Identity(qualifier: own.qualifier, id: own.id), ownGroupID: own.group,
                    senders: [
                        Identity(qualifier: sender.qualifier, id: sender.id):
                            AcknowledgmentPolicy(rawValue: partner.acknowledgments) ?? .asRequested
                    ],
                    versions: Set(partner.versions),
                    supported: Dictionary(
                        types.compactMap { type in
                            guard let key = type.groupKey, let setID = type.setID else {
                                return nil
                            }
                            return (key, setID)
                        }, uniquingKeysWith: { first, _ in first }),
                    authorizations: Set(partner.authorizations),
                    securities: Set(partner.securities), usages: Set(partner.usages))
            })
    }
}
