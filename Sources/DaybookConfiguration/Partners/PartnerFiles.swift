import Events

/// Collects the partners of all files, base and overlay, and reads them.
struct PartnerFiles {
    /// The files by the name of their partner; those without a name by their path.
    private var nodes: [String: SourceNode] = [:]
    /// By name: the file of the overlay that changes it.
    private var overlaid: [String: SourcePlace] = [:]

    /// Adds one file.
    ///
    /// One of the overlay that names a partner of the base changes it: maps are merged key by key,
    /// everything else is replaced, and an empty value takes the base's away.
    mutating func add(_ node: SourceNode, isOverlay: Bool, _ log: inout ProblemLog) {
        var name = node.place.file
        var place = node.place
        switch node["partner"]?.value {
        case .text(let text)?, .number(let text)?:
            name = text
            place = node["partner"]?.place ?? place
        default: break
        }
        guard let base = nodes[name] else {
            nodes[name] = node
            if isOverlay { overlaid[name] = place }
            return
        }
        if !isOverlay || overlaid[name] != nil {
            log.error(
                place, "partner",
                "the partner \(shown(name)) stands twice, first in "
                    + (overlaid[name] ?? base.place).short,
                "rename one of the two, or put both into one file")
            return
        }
        overlaid[name] = place
        // A misspelt field that merely resets something would vanish in the merge.
        _ = FieldReader(
            node, "", PartnerFields.partner.map { FieldSpec($0.name, "", $0.summary) }, &log)
        nodes[name] = Overlay.merged(base, node)
    }

    /// Whether there is none.
    var isEmpty: Bool { nodes.isEmpty }

    /// The partners, sorted by name.
    ///
    /// - Parameter contacts: the names of the contacts; nil where there is no `contacts.yaml`.
    func definitions(
        settings: Settings, contacts: [String]?, _ log: inout ProblemLog
    ) -> [PartnerDefinition] {
        let reader = PartnerReader(settings: settings)
        var read: [PartnerRead] = []
        for (_, node) in nodes.sorted(by: { precedes($0.key, $1.key) }) {
            if let partner = reader.read(node, &log) { read.append(partner) }
        }
        checkIdentities(read, &log)
        checkContacts(read, contacts, &log)
        return read.map(\.definition)
    }

    /// No two share the sender and receiver of their envelopes: then nobody could say whose a file
    /// is, and both would give out the same control numbers.
    private func checkIdentities(_ partners: [PartnerRead], _ log: inout ProblemLog) {
        var known: [[String]: PartnerRead] = [:]
        for partner in partners {
            let pair = [partner.definition.own?.name ?? "", partner.definition.partner?.name ?? ""]
            guard let twin = known[pair] else {
                known[pair] = partner
                continue
            }
            log.error(
                partner.identityPlace, "identity",
                "\(shown(partner.definition.name)) and \(shown(twin.definition.name)) "
                    + "(\(twin.identityPlace.short)) have the same identity, and the same own",
                "give one of them another id, or keep one of the two files")
        }
    }

    private func checkContacts(
        _ partners: [PartnerRead], _ contacts: [String]?, _ log: inout ProblemLog
    ) {
        let named = partners.flatMap(\.contacts)
        guard let contacts else {
            if let first = named.first {
                log.warning(
                    first.place, first.path, "contacts are named, and there is no contacts.yaml",
                    "add contacts.yaml, or nobody will hear of it")
            }
            return
        }
        let known = Set(contacts)
        for contact in named where !known.contains(contact.text) {
            let hint = log.nearest(contact.text, among: contacts)
            log.error(
                contact.place, contact.path,
                "contacts.yaml does not say who \(shown(contact.text)) is",
                hint.map { "did you mean \($0)?" } ?? "add it under contacts:")
        }
    }
}
