/// Puts what an overlay says of a schedule over what the base says.
enum Overlay {
    /// Fields of which a schedule has one: the overlay's takes the place of the base's.
    private static let exclusive = [
        TriggerReader.kinds + ["triggers"], ["target", "targetPipeline"],
        ["retryDelays", "retryBackoff"],
    ]
    /// What belongs to a trigger, and goes with it.
    private static let triggerParts = TriggerReader.fields.map(\.name).filter {
        !TriggerReader.kinds.contains($0)
    }

    /// The schedule as the overlay changes it.
    ///
    /// Maps are merged key by key, everything else is replaced, and an empty value (`null`) takes
    /// the base's away. Each value keeps the place where it was written.
    static func merged(_ base: SourceNode, _ over: SourceNode) -> SourceNode {
        guard var members = base.members, let changes = over.members else { return over }
        let names = Set(changes.map(\.key))
        // A target in long form takes over the parameters that stand beside the short form.
        if names.contains("target"), base["targetPipeline"] != nil {
            members = longForm(members)
        } else if names.contains("targetPipeline") || names.contains("parameters"),
            base["target"] != nil
        {
            return merged(base, SourceNode(.map(longForm(changes)), over.place))
        }
        for pair in exclusive {
            guard let new = pair.first(where: { name in changes.contains { isSet($0, name) } })
            else { continue }
            let isOther = members.contains { pair.contains($0.key) && $0.key != new }
            members.removeAll { pair.contains($0.key) && $0.key != new }
            if isOther && pair.contains("triggers") {
                members.removeAll { triggerParts.contains($0.key) }
            }
        }
        return SourceNode(.map(deep(members, changes)), base.place)
    }

    private static func isSet(_ member: SourceMember, _ name: String) -> Bool {
        if case .null = member.value.value { false } else { member.key == name }
    }

    private static func deep(_ base: [SourceMember], _ changes: [SourceMember]) -> [SourceMember] {
        var result = base
        var positions: [String: Int] = [:]
        for (index, member) in base.enumerated() { positions[member.key] = index }
        var removed: Set<String> = []
        for change in changes {
            if case .null = change.value.value {
                removed.insert(change.key)
                continue
            }
            guard let index = positions[change.key] else {
                result.append(change)
                continue
            }
            if let inner = result[index].value.members, let over = change.value.members {
                result[index].value.value = .map(deep(inner, over))
            } else {
                result[index] = change
            }
        }
        result.removeAll { removed.contains($0.key) }
        return result
    }

    /// `targetPipeline` and `parameters` as `target`.
    private static func longForm(_ members: [SourceMember]) -> [SourceMember] {
        var target: [SourceMember] = []
        var rest: [SourceMember] = []
        for member in members {
            switch member.key {
            case "targetPipeline":
                target.append(
                    SourceMember(key: "name", place: member.place, value: member.value))
            case "parameters": target.append(member)
            default: rest.append(member)
            }
        }
        if let first = target.first {
            rest.append(
                SourceMember(
                    key: "target", place: first.place,
                    value: SourceNode(.map(target), first.value.place)))
        }
        return rest
    }
}
