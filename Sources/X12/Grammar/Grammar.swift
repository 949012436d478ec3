/// The tables of one transaction set, laid out for walking: loops, their nodes, the elements of
/// each node, and codes, each in one array.
///
/// A loop's nodes stand in a row. The first is its header, the segment that begins it; a node is a
/// segment, or a loop by its header. Neighbours with the same segment id have one place in the
/// standard, so they form a *group*, within which any order is right.
final class Grammar: Sendable {
    /// ST01, and GS08, which the standard calls ST03 too.
    let setID: String
    let version: String
    /// GS01 of the groups that it stands in.
    let functionalID: String
    let nodes: FixedTable<GrammarNode>
    let loops: FixedTable<GrammarLoop>
    /// For each loop the nodes that must stand, in order.
    let required: FixedTable<Int32>
    let elements: FixedTable<GrammarElement>
    /// The codes of elements, as `CodeList` lays them out.
    let codeSlots: FixedTable<UInt64>
    /// The codes that tell nodes of one id apart, for each node in a row.
    let keys: FixedTable<UInt64>
    let relations: FixedTable<GrammarRelation>
    let loopNames: [String]
    let references: [String]
    /// Every segment id of the set.
    let segmentIDs: SegmentIDTable
    /// Where a segment can stand, for each id and key; those of a loop and an id in a row.
    let candidates: FixedTable<GrammarCandidate>
    /// Where those rows are: for each loop one for each id, by its number in `segmentIDs`.
    private let candidateRows: FixedTable<CandidateRow>
    /// Whether ST03 must repeat GS08.
    let hasVersionInHeader: Bool

    init(
        setID: String, version: String, functionalID: String, layout: GrammarLayout,
        hasVersionInHeader: Bool
    ) {
        self.setID = setID
        self.version = version
        self.functionalID = functionalID
        nodes = FixedTable(layout.nodes)
        loops = FixedTable(layout.loops)
        required = FixedTable(layout.required)
        elements = FixedTable(layout.elements)
        codeSlots = FixedTable(layout.codeSlots)
        keys = FixedTable(layout.keys)
        relations = FixedTable(layout.relations)
        loopNames = layout.loopNames
        references = layout.references
        segmentIDs = SegmentIDTable(layout.nodes.map(\.id))
        let (candidates, rows) = Self.candidates(layout, segmentIDs)
        self.candidates = FixedTable(candidates)
        candidateRows = FixedTable(rows)
        self.hasVersionInHeader = hasVersionInHeader
    }

    /// Where a segment can stand in a loop: its candidates, in the order of the nodes.
    ///
    /// - Parameter id: the number of its id in `segmentIDs`.
    @inline(__always)
    func candidates(ofLoop loop: Int32, id: Int) -> CandidateRow {
        // No overflow: both are small numbers of the tables; the row's index is checked.
        candidateRows[Int(loop) &* segmentIDs.count &+ id]
    }

    private static func candidates(
        _ layout: GrammarLayout, _ ids: SegmentIDTable
    ) -> ([GrammarCandidate], [CandidateRow]) {
        var candidates: [GrammarCandidate] = []
        var rows: [CandidateRow] = []
        for loop in layout.loops {
            // A loop's header begins it, and never stands in it again.
            var found = [[GrammarCandidate]](repeating: [], count: ids.count)
            var places = [KeyPlace](repeating: KeyPlace(), count: ids.count)
            for node in Int(loop.start)..<Int(loop.end) where node > Int(loop.start) {
                let id = ids.number(layout.nodes[node].id)
                found[id] += layout.candidates(node)
                if layout.nodes[node].keyCount > 0 { places[id] = layout.nodes[node].keyPlace }
            }
            for (row, place) in zip(found, places) {
                let start = Int32(candidates.count)
                candidates += row
                rows.append(
                    CandidateRow(start: start, end: Int32(candidates.count), place: place))
            }
        }
        return (candidates, rows)
    }

    /// The name of a loop; none for the set's own level.
    func name(ofLoop loop: Int) -> String? { loop == 0 ? nil : loopNames[loop] }
}

/// One place of a loop: a segment, or a loop by its header.
struct GrammarNode {
    var id: UInt32
    var isRequired: Bool
    /// Whether its key is no more than the codes of its first element: a segment with none of them
    /// is the node's too, where it is nothing else.
    var isKeyWeak = false
    /// Whether its id has a qualifier by which segments differ, and it takes any.
    var takesAnyQualifier = false
    var useCountMax: Int32
    /// The loop that it begins; below 0 for a segment.
    var loop: Int32 = -1
    /// Where its group starts, among all nodes.
    var group: Int32 = 0
    /// What tells it from its neighbours, and with which values.
    var keyPlace = KeyPlace()
    var keyStart: Int32 = 0
    var keyCount: Int32 = 0
    var elementStart: Int32 = 0
    var elementCount: Int32 = 0
    /// Bit n: element n + 1 must stand.
    var requiredMask: UInt64 = 0
    var relationStart: Int32 = 0
    var relationCount: Int32 = 0
}

/// A node for one value of its key.
struct GrammarCandidate {
    /// The value, packed; 0, which no key is, where any segment of the id is the node's.
    var key: UInt64
    var node: Int32
}

/// The element, and the component of it, that tells a node from its neighbours.
struct KeyPlace: Equatable {
    /// From 1; 0 where any segment of the id is the node's.
    var element: UInt8 = 0
    /// Only first components are keys: 1, or 0 for the whole element.
    var component: UInt8 = 0
}

/// A row of `Grammar.candidates`, and where their keys stand: in the same place for all.
struct CandidateRow {
    var start: Int32
    var end: Int32
    var place = KeyPlace()
}

/// A loop's nodes, its header first, and what of them must stand.
struct GrammarLoop {
    var start: Int32
    var end: Int32
    var requiredStart: Int32
    var requiredEnd: Int32
}

/// What an element's bytes must be.
enum ElementKind: UInt8 {
    case text, integer, decimal, date, time, composite
    /// A date or time whose format the element before it names.
    case formatted
}

/// One element of a node, or one component of a composite.
struct GrammarElement {
    var kind: ElementKind
    var byteCountMin: UInt16
    var byteCountMax: UInt16
    var isRequired = false
    var isUnused = false
    var repeatCountMax: UInt8 = 1
    /// Classes of bytes that send it to the slow check.
    var doubtful: UInt8
    var reference: Int32
    var codes = CodeList()
    var componentStart: Int32 = 0
    var componentCount: UInt8 = 0
    /// The last component that must stand, from 1; 0 where none must.
    var componentCountMin: UInt8 = 0
}

/// A relation between elements of a segment.
struct GrammarRelation {
    enum Kind: UInt8 { case pair, atLeastOne, atMostOne, conditional, listConditional }
    var kind: Kind
    /// Bit n: element n + 1 is part of it.
    var mask: UInt64
    /// The element that the condition hangs on, from 1.
    var first: Int32
}

/// What `GrammarReader` gathers.
struct GrammarLayout {
    var nodes: [GrammarNode] = []
    var loops: [GrammarLoop] = []
    var required: [Int32] = []
    var elements: [GrammarElement] = []
    var codeSlots: [UInt64] = []
    var keys: [UInt64] = []
    var relations: [GrammarRelation] = []
    var loopNames: [String] = []
    var references: [String] = []

    /// The candidates of a node: one for each value of its key, or one without.
    func candidates(_ index: Int) -> [GrammarCandidate] {
        let node = nodes[index]
        guard node.keyCount > 0 else {
            return [GrammarCandidate(key: 0, node: Int32(index))]
        }
        return keys[Int(node.keyStart)..<Int(node.keyStart + node.keyCount)].map {
            GrammarCandidate(key: $0, node: Int32(index))
        }
    }
}

/// The tables of every set.
public struct GrammarLibrary: Sendable {
    let grammars: [Grammar]
    /// Every segment id of the standard that is known.
    let knownIDs: Set<UInt32>

    /// The tables as they ship; read once.
    ///
    /// - Throws: `X12Error.grammarInvalid` with the table's line, where one cannot be read.
    public static func standard() throws(X12Error) -> GrammarLibrary { try shared.get() }

    private static let shared = Result { () throws(X12Error) in
        var reader = try GrammarReader()
        let texts = [
            Grammar837P.text, Grammar837I.text, Grammar837D.text, Grammar270.text, Grammar276.text,
            Grammar834.text, Grammar835.text, Grammar999.text,
        ]
        var grammars: [Grammar] = []
        for text in texts { grammars += try reader.read(text) }
        return GrammarLibrary(grammars: grammars, knownIDs: reader.knownIDs)
    }

    /// The grammar of a set under a version.
    func grammar(setID: String, version: String) -> Grammar? {
        grammars.first { $0.setID == setID && $0.version == version }
    }

    /// Every set as ST01, GS08 and GS01, in the order of the tables.
    public var sets: [(setID: String, version: String, functionalID: String)] {
        grammars.map { ($0.setID, $0.version, $0.functionalID) }
    }
}
