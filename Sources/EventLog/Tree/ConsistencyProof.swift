/// The hashes that prove that one tree begins with another (RFC 6962 section 2.1.2).
public struct ConsistencyProof: Hashable, Sendable {
    /// The number of records in the older tree.
    public let oldSize: UInt64
    /// The number of records in the newer tree.
    public let newSize: UInt64
    /// The hashes, from the leaves up; none where one of the sizes is 0 or both are equal.
    public let path: [TreeHash]

    /// A proof of these parts; whether they fit each other is checked by `verify`.
    public init(oldSize: UInt64, newSize: UInt64, path: [TreeHash]) {
        self.oldSize = oldSize
        self.newSize = newSize
        self.path = path
    }

    /// Whether the proof leads to both roots (RFC 9162 section 2.1.4.2), and is as long as it must
    /// be.
    ///
    /// Every tree begins with the empty one, and with itself: both are proved by no hash at all,
    /// and the empty tree has only one root.
    /// - Complexity: two hashes for each element of the path, at most 65.
    public func verify(oldRoot: TreeHash, newRoot: TreeHash) -> Bool {
        guard oldSize <= newSize else { return false }
        if oldSize == 0 && oldRoot != TreeHash.ofNothing { return false }
        if oldSize == newSize { return path.isEmpty && oldRoot == newRoot }
        if oldSize == 0 { return path.isEmpty }
        guard let first = path.first else { return false }
        // A complete older tree is a node of the newer one, so the proof leaves it out.
        let isComplete = oldSize.nonzeroBitCount == 1
        let rest = isComplete ? path[...] : path.dropFirst()
        var old = isComplete ? oldRoot : first
        var new = old
        // The numbers of the last node of each tree, on the level of the proof's first hash.
        let level = (oldSize - 1).trailingOneBitCount
        var node = (oldSize - 1) >> level
        var last = (newSize - 1) >> level
        for hash in rest {
            if last == 0 { return false }
            if node & 1 == 1 || node == last {
                old = TreeHash.node(hash, old)
                new = TreeHash.node(hash, new)
                while node & 1 == 0 && node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                new = TreeHash.node(new, hash)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == newRoot
    }
}

extension UInt64 {
    /// How many of the lowest bits are one.
    fileprivate var trailingOneBitCount: Int { (~self).trailingZeroBitCount }
}
