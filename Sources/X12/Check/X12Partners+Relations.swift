extension X12Partners {
    /// Qualifiers of ISA05 and ISA07 that the standard knows (element I05).
    public static let qualifiers: Set<String> = [
        "01", "02", "03", "04", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17",
        "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32",
        "33", "34", "35", "36", "37", "38", "AM", "NR", "SA", "SN", "ZZ",
    ]

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
                self.relations[sender, default: []].append(relation)
            }
        }
    }

    /// What an interchange is checked by.
    ///
    /// - Complexity: O(relations of its sender), which are as many as there are identities of ours.
    func narrowed(to key: InterchangeKey) -> X12Partners {
        guard let known = relations[key.sender] else { return self }
        // Where none is with this receiver, one with the same id tells that only its qualifier is
        // wrong.
        return known.first { $0.own == key.receiver }
            ?? known.first { $0.own.id == key.receiver.id } ?? known[0]
    }
}
