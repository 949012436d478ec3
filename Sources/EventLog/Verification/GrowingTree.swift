/// The tree over one segment's records, from the frontier that the segment states for its start.
///
/// It keeps the roots at the sizes that checkpoints have, and the hashes of tiles, so that whoever
/// joins the segments has them without the records.
struct GrowingTree {
    private(set) var frontier: TreeFrontier
    /// The tree at each wanted size that was passed.
    private(set) var heads: [TreeHead] = []
    /// The tile hashes that became known; none where they are not wanted.
    private(set) var subtrees: [TileSubtree] = []
    private let wanted: [UInt64]
    private var wantedIndex: Int
    private let keepsSubtrees: Bool

    /// A tree that begins here; `wanted` is ascending.
    init(from start: TreeFrontier, wanted: [UInt64], keepsSubtrees: Bool) {
        frontier = start
        self.wanted = wanted
        self.keepsSubtrees = keepsSubtrees
        wantedIndex = wanted.firstIndex { $0 > start.size } ?? wanted.count
    }

    /// Adds length-delimited records, all of them or, where they are not `count` or not well
    /// formed, none.
    mutating func append(recordsOf body: RawSpan, count: Int) -> Bool {
        guard RecordSplitter.holds(body, count: count) else { return false }
        var splitter = RecordSplitter(body)
        var next = wantedIndex < wanted.count ? wanted[wantedIndex] : .max
        while let place = splitter.nextChecked(in: body) {
            let leaf = TreeHash.leaf(body.extracting(place))
            if keepsSubtrees {
                frontier.append(leaf: leaf, collecting: &subtrees)
            } else {
                frontier.append(leaf: leaf)
            }
            if frontier.size == next {
                heads.append(TreeHead(size: next, root: frontier.root))
                wantedIndex += 1
                next = wantedIndex < wanted.count ? wanted[wantedIndex] : .max
            }
        }
        return true
    }
}
