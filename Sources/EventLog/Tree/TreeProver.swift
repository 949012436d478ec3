/// Where a prover takes the hashes of the tree from: tiles, frames, or memory.
package protocol TreeSource: ~Copyable {
    /// The root of the complete subtree over leaves `index << level` to
    /// `(index + 1) << level`, the last one excluded. It is only asked for subtrees that lie
    /// within the tree.
    mutating func hash(level: Int, index: UInt64) throws(EventLogError) -> TreeHash
}

/// Makes proofs and roots from the roots of complete subtrees.
///
/// Each needs at most 64 subtrees for each of at most 64 steps; what it costs to get them is the
/// source's affair. Nothing here recurses, and no size overflows.
package enum TreeProver {
    /// The root of the tree over the first `treeSize` leaves (RFC 6962 section 2.1).
    package static func root<Source: TreeSource & ~Copyable>(
        treeSize: UInt64, source: inout Source
    ) throws(EventLogError) -> TreeHash {
        if treeSize == 0 { return TreeHash.ofNothing }
        return try root(start: 0, count: treeSize, &source)
    }

    /// The proof that leaf `index` is in the tree over the first `treeSize` leaves (RFC 6962
    /// section 2.1.1).
    ///
    /// Throws `sequenceAbsent` where it is not in that tree.
    package static func inclusion<Source: TreeSource & ~Copyable>(
        index: UInt64, treeSize: UInt64, source: inout Source
    ) throws(EventLogError) -> InclusionProof {
        guard index < treeSize else {
            throw EventLogError(
                .sequenceAbsent,
                "record \(index) is not in a tree of \(treeSize) records; "
                    + "choose a later checkpoint, or a record below its size")
        }
        // From the root down: which half holds the leaf, and the other half's root.
        var path: [TreeHash] = []
        var start: UInt64 = 0
        var count = treeSize
        while count > 1 {
            let left = leftCount(of: count)
            if index - start < left {
                path.append(try root(start: start + left, count: count - left, &source))
                count = left
            } else {
                path.append(try root(start: start, count: left, &source))
                start += left
                count -= left
            }
        }
        return InclusionProof(index: index, treeSize: treeSize, path: path.reversed())
    }

    /// The proof that the tree over the first `new` leaves begins with the one over the first `old`
    /// (RFC 6962 section 2.1.2).
    ///
    /// Throws `sequenceAbsent` where `old` is larger than `new`.
    package static func consistency<Source: TreeSource & ~Copyable>(
        old: UInt64, new: UInt64, source: inout Source
    ) throws(EventLogError) -> ConsistencyProof {
        guard old <= new else {
            throw EventLogError(
                .sequenceAbsent,
                "a tree of \(new) records cannot begin with one of \(old); "
                    + "name the smaller tree first")
        }
        var path: [TreeHash] = []
        if old == 0 || old == new {
            return ConsistencyProof(oldSize: old, newSize: new, path: path)
        }
        // From the root down to the node at which the older tree ends.
        var start: UInt64 = 0
        var count = new
        while old - start != count {
            let left = leftCount(of: count)
            if old - start <= left {
                path.append(try root(start: start + left, count: count - left, &source))
                count = left
            } else {
                path.append(try root(start: start, count: left, &source))
                start += left
                count -= left
            }
        }
        // Where that node is the whole older tree, its root is known to who checks the proof.
        if start > 0 { path.append(try root(start: start, count: count, &source)) }
        return ConsistencyProof(oldSize: old, newSize: new, path: path.reversed())
    }

    /// The largest power of two that is less than `count`, which is at least 2.
    private static func leftCount(of count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }

    /// The root over `count` leaves from `start`, which is a multiple of the largest power of two
    /// within `count`, as in every split that RFC 6962 makes; `count` is not zero.
    private static func root<Source: TreeSource & ~Copyable>(
        start: UInt64, count: UInt64, _ source: inout Source
    ) throws(EventLogError) -> TreeHash {
        // The complete subtrees are the set bits of the count, the largest first. From the right:
        // the smallest stands last.
        var rest = count
        var hash: TreeHash?
        while rest != 0 {
            let level = rest.trailingZeroBitCount
            rest &= rest - 1
            let peak = try source.hash(level: level, index: (start + rest) >> UInt64(level))
            if let right = hash { hash = TreeHash.node(peak, right) } else { hash = peak }
        }
        return hash ?? TreeHash.ofNothing
    }
}
