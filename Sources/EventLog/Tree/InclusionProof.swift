/// The hashes that prove that one record is in a tree (RFC 6962 section 2.1.1).
public struct InclusionProof: Hashable, Sendable {
    /// The record's place in the log, from 0.
    public let index: UInt64
    /// The number of records in the tree.
    public let treeSize: UInt64
    /// The hashes beside the way from the leaf to the root, the leaf's sibling first.
    public let path: [TreeHash]

    /// A proof of these parts; whether they fit each other is checked by `root(ofLeaf:)`.
    public init(index: UInt64, treeSize: UInt64, path: [TreeHash]) {
        self.index = index
        self.treeSize = treeSize
        self.path = path
    }

    /// The root that the proof leads to from this leaf (RFC 9162 section 2.1.3.2); nil where the
    /// index is not in the tree, or the path is not exactly as long as the way to the root.
    ///
    /// The caller compares it with a root that it trusts.
    /// - Complexity: one hash for each element of the path, at most 64.
    public func root(ofLeaf leaf: TreeHash) -> TreeHash? {
        guard index < treeSize else { return nil }
        var node = index
        var last = treeSize - 1
        var hash = leaf
        for sibling in path {
            // The root was reached before: the path is too long.
            if last == 0 { return nil }
            if node & 1 == 1 || node == last {
                hash = TreeHash.node(sibling, hash)
                // The last node of a level has no sibling to its right where its number is even:
                // it is passed up as it is.
                while node & 1 == 0 && node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = TreeHash.node(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }
}
