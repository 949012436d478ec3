extension X12Partners {
    /// Qualifiers of ISA05 and ISA07 that the standard knows (element I05).
    public static let qualifiers: Set<String> = [
        "01", "02", "03", "04", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17",
        "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32",
        "33", "34", "35", "36", "37", "38", "AM", "NR", "SA", "SN", "ZZ",
    ]

    /// Who sends to whom.
    struct Pair: Hashable, Sendable {
        let sender: Identity
        let receiver: Identity
    }

    /// Partners with whom different things hold: each may send only what it is said to.
    ///
    /// An interchange of a sender and receiver that are none of these pairs is refused; what it is
    /// checked by until then is what holds for the sender, else what holds for any.
    ///
    /// - Parameter relations: one for each partner, with its one sender; of two with the same
    ///   sender and receiver the first counts. With none, every interchange is refused.
    /// - Complexity: O(relations).
    public init(relations: [X12Partners]) {
        let first = relations.first
        self.init(
            own: first?.own ?? Identity(qualifier: "", id: ""),
            ownGroupID: first?.ownGroupID ?? "", senders: [:], versions: [], supported: [:],
            authorizations: [], securities: [], usages: [])
        for relation in relations {
            senders.merge(relation.senders) { known, _ in known }
            versions.formUnion(relation.versions)
            supported.merge(relation.supported) { known, _ in known }
            authorizations.formUnion(relation.authorizations)
            securities.formUnion(relation.securities)
            usages.formUnion(relation.usages)
            for sender in relation.senders.keys {
                let pair = Pair(sender: sender, receiver: relation.own)
                if self.relations[pair] == nil { self.relations[pair] = relation }
            }
        }
    }

    /// What an interchange is checked by.
    ///
    /// - Complexity: O(1) for a pair that is known.
    func narrowed(to key: InterchangeKey) -> X12Partners {
        if relations.isEmpty { return self }
        let pair = Pair(sender: key.sender, receiver: key.receiver)
        if let relation = relations[pair] { return relation }
        // Of several the one whose receiver has the same id: then only the qualifier is wrong. Else
        // the first by name, so that the same bytes always have the same answer.
        let ofSender = relations.filter { $0.key.sender == key.sender }.sorted {
            let (one, two) = ($0.key.receiver, $1.key.receiver)
            if (one.id == key.receiver.id) != (two.id == key.receiver.id) {
                return one.id == key.receiver.id
            }
            return (one.id, one.qualifier) < (two.id, two.qualifier)
        }
        return ofSender.first?.value ?? self
    }
}
