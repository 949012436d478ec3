/// The envelope of one transaction set while it is read; `SetWalker` goes through its segments.
struct SetCheck {
    var result: SetResult
    /// What its segments are read by; none where they are not.
    private(set) var grammar: Grammar?

    /// What a set must know of its group.
    struct Group {
        let functionalID: String
        let version: String
        let isSupported: Bool
    }

    /// GS01 of the groups that a set belongs to.
    private static let functionalIDs: [String: String] = [
        "270": "HS", "271": "HB", "276": "HR", "277": "HN", "278": "HI", "820": "RA", "834": "BE",
        "835": "HP", "837": "HC", "999": "FA",
    ]

    init(
        _ segment: borrowing X12Segment, group: Group, partners: X12Partners,
        library: GrammarLibrary
    ) {
        let version = segment.text(3)
        result = SetResult(
            setID: segment.text(1), controlNumber: segment.text(2),
            version: version.isEmpty ? nil : version)
        let number = result.controlNumber.utf8
        if !(4...9).contains(number.count) || !number.allSatisfy({ (0x21..<0x7F).contains($0) }) {
            add("7")
        }
        grammar = select(group, partners, library)
    }

    /// The grammar to read the set by; none, and an error, where there is none to go by.
    private mutating func select(
        _ group: Group, _ partners: X12Partners, _ library: GrammarLibrary
    ) -> Grammar? {
        let setID = result.setID
        let isSetID = setID.utf8.count == 3 && setID.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isSetID else { return refuse("6") }
        let (functionalID, groupVersion) = (group.functionalID, group.version)
        if group.isSupported && Self.functionalIDs[setID] != functionalID { return refuse("18") }
        if group.isSupported
            && partners.supported["\(functionalID)/\(groupVersion)"] != setID
        {
            return refuse("1")
        }
        let version = result.version ?? groupVersion
        guard let grammar = library.grammar(setID: setID, version: version) else {
            // In a group that is refused, a set without ST03 has nothing to be read by.
            if result.version == nil && !group.isSupported {
                return library.grammars.first { $0.setID == setID }
            }
            return refuse(group.isSupported || result.version != nil ? "19" : "1")
        }
        if result.version == nil && grammar.hasVersionInHeader { return refuse("19") }
        if group.isSupported, result.version.map({ $0 != groupVersion }) ?? false {
            return refuse("19")
        }
        return grammar
    }

    private mutating func refuse(_ error: String) -> Grammar? {
        add(error)
        return nil
    }

    mutating func add(_ error: String) {
        if !result.errors.contains(error) { result.errors.append(error) }
    }

    /// Ends the set at its SE, or at what stands where it should, which has this position.
    mutating func finish(_ segment: borrowing X12Segment, _ position: Int) {
        if segment.id == Packed.se {
            if segment.text(2) != result.controlNumber { add("3") }
            if !InterchangeSink.isCount(segment.text(1), position) { add("4") }
        } else {
            add("2")
        }
        if !result.issues.isEmpty || result.droppedIssueCount > 0 { add("5") }
        if result.errors.isEmpty { return }
        result.errors.sort { (Int($0) ?? 99) < (Int($1) ?? 99) }
        result.errors = Array(result.errors.prefix(5))
        result.code = "R"
    }
}
